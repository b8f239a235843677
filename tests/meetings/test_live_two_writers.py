"""Two people write the same thing: every path keeps both texts, whoever saves last."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import Model
from django.urls import reverse

from assurance.differences import compare
from meetings.models import AgendaItem, Attendee, Meeting, Paper
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    PersonFactory,
)
from tests.meetings.pages import as_shown

pytestmark = pytest.mark.django_db


@dataclass
class Path:
    """A form two people open at once, and three of its fields: which both change and
    which one of them changes.
    """

    make: Callable[[], Model]
    url: Callable[[Any], str]
    both: str
    mine: tuple[str, Any]
    theirs: tuple[str, Any]


def minutes_of(item: AgendaItem) -> str:
    return f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"


def meeting() -> Meeting:
    return MeetingFactory(state="draft")


PATHS = {
    "minutes": Path(
        lambda: AgendaItemFactory(meeting=meeting(), notes="As it was"),
        minutes_of,
        "notes",
        ("assurance", "partly"),
        ("decisions", "Agreed"),
    ),
    "decisions": Path(
        lambda: AgendaItemFactory(meeting=meeting(), decisions="As it was"),
        minutes_of,
        "decisions",
        ("notes", "Mine alone"),
        ("assurance", "assured"),
    ),
    "agenda": Path(
        lambda: AgendaItemFactory(meeting=meeting()),
        lambda item: reverse("item_edit", args=[item.meeting_id, item.pk]),
        "heading",
        ("asked_of_force", "Mine alone"),
        ("lines_of_enquiry", "Theirs alone"),
    ),
    "attendance": Path(
        lambda: AttendeeFactory(meeting=meeting()),
        lambda one: reverse("attendee_edit", args=[one.meeting_id, one.pk]),
        "note",
        ("capacity", "Mine alone"),
        ("attendance", "apologies"),
    ),
    "papers": Path(
        lambda: Paper.objects.create(
            item=AgendaItemFactory(meeting=meeting()), title="Figures"
        ),
        lambda paper: reverse(
            "paper_edit", args=[paper.item.meeting_id, paper.item_id, paper.pk]
        ),
        "title",
        ("provided_by", "Mine alone"),
        ("link", "https://example.org/"),
    ),
    "actions": Path(
        lambda: ActionFactory(),
        lambda action: reverse("action_edit", args=[action.year, action.number]),
        "text",
        ("other_wording", "Mine alone"),
        ("due_words", "soon"),
    ),
}


@pytest.fixture(params=PATHS, ids=str)
def path(request: pytest.FixtureRequest) -> Path:
    return PATHS[request.param]


def opened(client: Any, url: str) -> Any:
    return client.get(url).context["form"]


def test_what_both_changed_is_refused_with_both_texts(
    as_, staff, administrator, path
) -> None:
    row = path.make()
    url, mine, theirs = path.url(row), as_(staff), as_(administrator)
    form = opened(mine, url)
    theirs.post(url, as_shown(opened(theirs, url), **{path.both: "Theirs first"}))
    page = mine.post(url, as_shown(form, **{path.both: "Mine second"}))
    assert page.status_code == 422
    assert "<ins>" in page.text
    assert "<del>" in page.text
    assert f"Saved by {administrator.name}" in page.text
    assert "Mine second" in page.text
    row.refresh_from_db()
    assert getattr(row, path.both) == "Theirs first"
    again = mine.post(url, as_shown(page.context["form"]))
    assert again.status_code == 302
    row.refresh_from_db()
    assert getattr(row, path.both) == "Mine second"


def test_what_they_changed_and_i_did_not_stays_theirs(
    as_, staff, administrator, path
) -> None:
    row = path.make()
    url, mine, theirs = path.url(row), as_(staff), as_(administrator)
    form = opened(mine, url)
    theirs.post(url, as_shown(opened(theirs, url), **dict([path.theirs])))
    assert mine.post(url, as_shown(form, **dict([path.mine]))).status_code == 302
    row.refresh_from_db()
    for name, value in (path.mine, path.theirs):
        assert getattr(row, name) == value


def test_a_refusal_shows_theirs_where_i_changed_nothing(
    as_, staff, administrator, path
) -> None:
    row = path.make()
    url, mine, theirs = path.url(row), as_(staff), as_(administrator)
    form = opened(mine, url)
    their_changes = {path.both: "Theirs first"} | dict([path.theirs])
    theirs.post(url, as_shown(opened(theirs, url), **their_changes))
    page = mine.post(url, as_shown(form, **{path.both: "Mine second"}))
    assert page.status_code == 422
    assert mine.post(url, as_shown(page.context["form"])).status_code == 302
    row.refresh_from_db()
    for name, value in {path.both: "Mine second", **dict([path.theirs])}.items():
        assert getattr(row, name) == value


def test_a_third_change_in_between_is_refused_too(
    as_, staff, administrator, path
) -> None:
    row = path.make()
    url, mine, theirs = path.url(row), as_(staff), as_(administrator)
    form = opened(mine, url)
    theirs.post(url, as_shown(opened(theirs, url), **{path.both: "Theirs first"}))
    page = mine.post(url, as_shown(form, **{path.both: "Mine second"}))
    theirs.post(url, as_shown(opened(theirs, url), **{path.both: "Theirs third"}))
    page = mine.post(url, as_shown(page.context["form"]))
    assert page.status_code == 422
    assert "Theirs third" in page.text
    row.refresh_from_db()
    assert getattr(row, path.both) == "Theirs third"


def test_both_changing_it_to_the_same_is_no_quarrel(
    as_, staff, administrator, path
) -> None:
    row = path.make()
    url, mine, theirs = path.url(row), as_(staff), as_(administrator)
    form = opened(mine, url)
    for client, shown in ((theirs, opened(theirs, url)), (mine, form)):
        sent = client.post(url, as_shown(shown, **{path.both: "The same"}))
        assert sent.status_code == 302


def test_what_came_without_having_seen_anything_overwrites_nothing_newer(
    as_, staff, administrator, path
) -> None:
    row = path.make()
    url, mine, theirs = path.url(row), as_(staff), as_(administrator)
    form = opened(mine, url)
    theirs.post(url, as_shown(opened(theirs, url), **{path.both: "Theirs first"}))
    page = mine.post(url, as_shown(form, seen=None))
    assert page.status_code == 422
    row.refresh_from_db()
    assert getattr(row, path.both) == "Theirs first"


def test_two_halves_that_do_not_fit_together_are_refused_in_words(
    as_, staff, administrator
) -> None:
    row = AttendeeFactory(meeting=meeting())
    url = reverse("attendee_edit", args=[row.meeting_id, row.pk])
    item = AgendaItemFactory(
        meeting=row.meeting, withheld=True, withheld_reason="s40", restricted=False
    )
    url = reverse("item_edit", args=[row.meeting_id, item.pk])
    mine, theirs = as_(staff), as_(administrator)
    form = opened(mine, url)
    theirs.post(url, as_shown(opened(theirs, url), withheld=None, withheld_reason=None))
    page = mine.post(url, as_shown(form, withheld_reason="s31"))
    assert page.status_code == 422
    item.refresh_from_db()
    assert (item.withheld, item.withheld_reason) == (False, "")


def test_an_organisation_and_a_stand_in_chosen_meanwhile_stay(
    as_, staff, administrator
) -> None:
    row = AttendeeFactory(meeting=meeting())
    url = reverse("attendee_edit", args=[row.meeting_id, row.pk])
    force, person = OrganisationFactory(), PersonFactory()
    mine, theirs = as_(staff), as_(administrator)
    form = opened(mine, url)
    theirs.post(
        url,
        as_shown(
            opened(theirs, url),
            organisation=force.pk,
            standing_in_for=person.pk,
            listed=None,
            note="Theirs",
        ),
    )
    page = mine.post(url, as_shown(form, note="Mine"))
    assert page.status_code == 422
    assert mine.post(url, as_shown(page.context["form"])).status_code == 302
    row = Attendee.objects.get(pk=row.pk)
    assert (row.organisation, row.standing_in_for) == (force, person)
    assert (row.listed, row.note) == (False, "Mine")


# The comparison itself


def text_of(pieces: list) -> str:
    return "".join(piece.text for piece in pieces)


def marked(pieces: list) -> list[str]:
    return [piece.text for piece in pieces if piece.only]


def test_only_the_words_that_differ_are_marked() -> None:
    mine = "One line.\nThe PCC asked the force about response times in the north.\n"
    theirs = "One line.\nThe PCC asked the office about response times in the south.\n"
    found = compare("notes", "Notes", mine, theirs)
    assert marked(found.mine) == ["force", "north."]
    assert marked(found.theirs) == ["office", "south."]
    assert text_of(found.mine) == mine
    assert text_of(found.theirs) == theirs


def test_long_stretches_that_are_the_same_are_counted() -> None:
    same = "".join(f"Line {n}\n" for n in range(20))
    found = compare("notes", "Notes", f"{same}Mine\n{same}", f"{same}Theirs\n{same}")
    assert [piece.skipped for piece in found.mine if piece.skipped] == [18, 18]
    assert marked(found.theirs) == ["Theirs\n"]


def test_both_texts_in_one_hold_every_line_once() -> None:
    found = compare("notes", "Notes", "A\nMine", "A\nTheirs\nB")
    assert found.both == "A\nMine\nTheirs\nB"


def test_a_huge_text_is_compared_at_once() -> None:
    mine, theirs = "word " * 30_000, "other " * 30_000
    found = compare("notes", "Notes", mine, theirs)
    assert marked(found.mine) == [mine]
