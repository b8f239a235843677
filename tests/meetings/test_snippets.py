"""Where the words of a search stand, out of what the public reads alone."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from meetings.snippets import snippet
from tests.factories import ActionFactory, AgendaItemFactory, MeetingFactory
from tests.meetings.published import publish_now, published_meeting

LIST = "/published/"


def shown(text: str, *words: str, besides: str = "") -> str:
    """With what is found between brackets."""
    pieces = snippet(text, words, besides=besides)
    return "".join(f"<{one.text}>" if one.found else one.text for one in pieces)


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Roads\nOfficers stay longer", ["STAY"], "Officers <stay> longer"),
        ("Roads\nOfficers stay", ["away"], ""),
        ("Roads", [], ""),
        ("", ["a"], ""),
        ("one two", ["one", "two"], "<one> <two>"),
        ("one here\nthen one two", ["one", "two"], "then <one> <two>"),
        ("one here\nnothing\ntwo there", ["two", "one"], "<one> here … <two> there"),
        ("a.c and abc", ["a.c"], "<a.c> and abc"),
        ("workforce", ["work", "workforce"], "<workforce>"),
        ("- **Speed** cameras", ["speed"], "<Speed> cameras"),
        ("[[action 2025/03]]\nAn action", ["action"], "An <action>"),
        ("[[action 2025/03]]", ["action"], ""),
        ("Title\nSaid", ["title"], ""),
    ],
)
def test_the_lines_that_have_the_words_are_shown(
    text: str, words: list[str], found: str
) -> None:
    assert shown(text, *words, besides="Title") == found


def test_a_long_line_is_cut_from_word_to_word_around_what_is_found() -> None:
    text = f"{'before ' * 60}needle {'after ' * 60}".strip()
    found = shown(text, "needle")
    assert found.startswith("…before ")
    assert " <needle> after " in found
    assert found.endswith("after…")
    assert len(found) < 190
    assert shown(f"needle {'after ' * 60}", "needle").startswith("<needle> after")
    assert not shown(f"{'before ' * 60}needle", "needle").endswith("…")


@given(
    st.text(alphabet="ab <&\n[]*İß", max_size=400),
    st.lists(st.text(alphabet="abß<İ", min_size=1, max_size=3), max_size=4),
)
def test_whatever_is_looked_for_only_the_text_is_shown(
    text: str, words: list[str]
) -> None:
    pieces = snippet(text, words)
    assert all(one.text for one in pieces)
    said = "".join(text.replace("*", "").split())
    for piece in pieces:
        if piece.found:
            assert piece.text in said


# On the page


@pytest.mark.django_db
def test_what_is_found_is_shown_with_the_words_marked_and_escaped(
    client: Any, staff: Any
) -> None:
    meeting = MeetingFactory(title="Workforce")
    item = AgendaItemFactory(
        meeting=meeting, heading="Retention", notes="Officers <b>stay</b> & leave"
    )
    ActionFactory(meeting=meeting, item=item, text="Share the plan")
    publish_now(meeting, staff)
    page = client.get(LIST, {"q": "OFFICERS <b>stay plan"}).text
    assert "Share the <mark>plan</mark>" in page
    found = "<mark>Officers</mark> <mark>&lt;b&gt;stay</mark>&lt;/b&gt; &amp; leave"
    assert found in page
    assert "<b>" not in page
    assert "<mark>" not in client.get(LIST).text
    assert "<mark>" not in client.get(LIST, {"year": meeting.date.year}).text


@pytest.mark.django_db
def test_nothing_that_is_withheld_or_not_published_is_shown(
    client: Any, staff: Any
) -> None:
    meeting = MeetingFactory(title="Workforce")
    item = AgendaItemFactory(
        meeting=meeting, notes="Officers met [[withhold s40]]Xylo[[/withhold]] there"
    )
    AgendaItemFactory(
        meeting=meeting, notes="Officers Xylo", withheld=True, withheld_reason="s31"
    )
    publish_now(meeting, staff)
    item.notes = "Officers Xylo"
    item.save()
    page = client.get(LIST, {"q": "officers"}).text
    assert (
        "<mark>Officers</mark> met [Withheld: personal information (section 40)] there"
        in page
    )
    assert "Xylo" not in page
    assert "<mark>" not in client.get(LIST, {"q": "officers xylo"}).text


@pytest.mark.django_db
def test_a_search_takes_one_query_more_however_many_are_found(
    client: Any, staff: Any
) -> None:
    counts = []
    for count in (1, 4):
        for _ in range(count):
            published_meeting(staff, venue="Hindlip Hall")
        with CaptureQueriesContext(connection) as asked:
            page = client.get(reverse("published"), {"q": "hindlip"}).text
        assert "<mark>Hindlip</mark> Hall" in page
        counts.append(len(asked))
    assert counts == [6, 6]
