"""What readers of a draft are told of the one before, and the preview of their copy."""

import re
from typing import Any

import pytest
from django.urls import reverse

from meetings.models import Meeting
from tests.factories import ActionFactory, AgendaItemFactory, UserFactory
from tests.meetings.pages import said
from tests.minutes import Minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def minutes(staff: Any, liaison: Any) -> Minutes:
    return Minutes(by=staff, liaison=liaison)


def address(minutes: Minutes, name: str = "draft") -> str:
    return reverse(name, args=[minutes.meeting.pk])


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# The draft


def test_the_first_draft_has_nothing_before_it(as_: Any, minutes: Minutes) -> None:
    minutes.circulate()
    page = as_(minutes.by).get(address(minutes))
    assert page.context["since"] is None
    assert "changed since" not in page.text


def test_everybody_is_told_what_changed_since_the_draft_before(
    as_: Any, minutes: Minutes, liaison: Any
) -> None:
    minutes.circulate()
    minutes.write(minutes.open, notes="Parking was discussed.")
    minutes.circulate()
    minutes.write(minutes.open, notes="Typed after draft 2.")
    for reader in (minutes.by, UserFactory(commissioner=True), liaison):
        html = as_(reader).get(address(minutes)).text
        assert "1 thing has changed since draft 1" in words(html)
        assert "Item 1: notes changed. (Roads policing)" in words(html)
        assert "<ins>" in html
        assert "Typed after draft 2." not in html
        has_both = "Speeding was discussed." in html
        assert has_both is (reader != liaison)
        assert ("<del>" in html) is has_both


def test_nothing_changed_is_said_too(as_: Any, minutes: Minutes, liaison: Any) -> None:
    minutes.circulate().circulate()
    for reader in (minutes.by, liaison):
        text = words(as_(reader).get(address(minutes)).text)
        assert "Nothing has changed since draft 1" in text


def test_each_draft_is_compared_with_the_one_before_it(
    as_: Any, minutes: Minutes
) -> None:
    for notes in ("One.", "Two.", "Three."):
        minutes.write(minutes.open, notes=notes)
        minutes.circulate()
    page = as_(minutes.by).get(address(minutes))
    assert page.context["since"].number == 2
    assert "Two." in page.text
    assert "One." not in page.text


def test_no_mark_is_shown_raw(as_: Any, minutes: Minutes) -> None:
    minutes.circulate()
    mark = f"[[action {minutes.action.reference}]]"
    minutes.write(
        minutes.open, notes=f"Of [[withhold s40]]Ann[[/withhold]]\n\n{mark}\n\nMore"
    )
    minutes.circulate()
    client = as_(minutes.by)
    text = client.get(address(minutes)).text
    assert "[[" not in text
    assert f"Action {minutes.action.reference}" in text
    assert "[Withheld," in text
    minutes.write(minutes.open, notes=f"Of nobody\n\n{mark}")
    assert "[[" not in client.get(address(minutes, "meeting_agree")).text


def told(client: Any, minutes: Minutes) -> str:
    """What a page says changed, without the draft itself."""
    html = client.get(address(minutes)).text
    return html.split('id="since"')[1].split("</section>")[0]


def test_what_is_withheld_in_the_later_draft_is_not_told_from_the_earlier_one(
    as_: Any, minutes: Minutes, liaison: Any
) -> None:
    secret: Any = AgendaItemFactory(
        meeting=minutes.meeting, heading="Zebraheading", notes="Zebranotes"
    )
    hidden: Any = ActionFactory(
        meeting=minutes.meeting, item=minutes.open, text="Zebraaction"
    )
    minutes.write(
        minutes.open, notes="It was Zebraname.\n\nZebraline said too much.\n\nGood."
    )
    minutes.circulate()
    minutes.write(secret, withheld=True, withheld_reason="s31", notes="Walrusnotes")
    hidden.withheld, hidden.withheld_reason = True, "s40"
    hidden.save()
    minutes.write(
        minutes.open,
        notes="It was [[withhold s40]]Zebraname[[/withhold]].\n\nGood.",
    )
    minutes.circulate()
    client = as_(liaison)
    html = client.get(address(minutes)).text
    assert "Zebra" not in html
    assert "Walrus" not in html
    changed = words(told(client, minutes))
    assert "Item 1: notes changed." in changed
    assert "Item 4" not in changed
    assert hidden.reference not in changed


def test_what_was_withheld_since_the_later_draft_is_not_told_either(
    as_: Any, minutes: Minutes, liaison: Any
) -> None:
    item: Any = AgendaItemFactory(
        meeting=minutes.meeting, heading="Zebraheading", notes="Before"
    )
    minutes.circulate()
    minutes.write(item, notes="Zebranotes")
    minutes.write(minutes.open, notes="Parking.")
    minutes.circulate()
    client = as_(liaison)
    assert "Zebranotes" in told(client, minutes)
    minutes.write(item, withheld=True, withheld_reason="s31")
    assert "Zebra" not in client.get(address(minutes)).text
    assert "Item 4" not in told(client, minutes)


def test_what_was_withheld_and_changed_is_told_to_the_office_alone(
    as_: Any, minutes: Minutes, liaison: Any
) -> None:
    minutes.circulate()
    minutes.write(minutes.restricted, notes="Zebranotes")
    minutes.circulate()
    assert "Zebranotes" in told(as_(minutes.by), minutes)
    text = as_(liaison).get(address(minutes)).text
    assert "Nothing has changed since draft 1 in your copy" in words(text)


def test_an_item_that_was_taken_out_is_named_by_its_number_alone(
    as_: Any, minutes: Minutes, liaison: Any
) -> None:
    gone: Any = AgendaItemFactory(
        meeting=minutes.meeting, heading="Zebraheading", notes="Zebranotes"
    )
    minutes.circulate()
    gone.delete()
    minutes.circulate()
    assert "Zebraheading" in told(as_(minutes.by), minutes)
    client = as_(liaison)
    assert "Item 4 of the draft was taken out." in words(told(client, minutes))
    assert "Zebra" not in client.get(address(minutes)).text


@pytest.mark.parametrize("role", ["liaison", "commissioner"])
def test_home_leads_to_what_changed_in_the_next_draft(
    as_: Any, minutes: Minutes, liaison: Any, role: str
) -> None:
    reader = liaison if role == "liaison" else UserFactory(commissioner=True)
    link = f"{address(minutes)}#since"
    minutes.circulate()
    assert link not in as_(reader).get(reverse("home")).text
    minutes.circulate()
    page = as_(reader).get(reverse("home")).text
    assert link in page
    assert "what changed in draft 2" in page


# The preview


def test_the_preview_is_the_copy_that_goes_round(
    as_: Any, minutes: Minutes, liaison: Any
) -> None:
    minutes.write(minutes.open, notes="It was [[withhold s40]]Smith[[/withhold]].")
    minutes.circulate()
    minutes.write(minutes.open, notes="It is [[withhold s40]]Smith[[/withhold]] now.")
    ActionFactory(meeting=minutes.meeting, item=minutes.open, issued=False)
    office = as_(minutes.by)
    before = office.get(address(minutes, "circulate_preview"))
    assert "Nothing has gone round yet" in before.text
    assert "Preview of draft 2" in before.text
    for secret in ("Smith", "Nobody else may know.", "It concerns one person."):
        assert secret not in before.text
    assert minutes.meeting.versions.drafts().count() == 1
    assert minutes.meeting.actions.not_issued().count() == 1
    minutes.circulate()
    after = as_(liaison).get(address(minutes))
    for name in ("reading", "left_out", "since"):
        assert before.context[name] == after.context[name], name


def test_the_circulate_page_leads_to_the_preview(as_: Any, minutes: Minutes) -> None:
    page = as_(minutes.by).get(address(minutes, "meeting_circulate"))
    assert address(minutes, "circulate_preview") in page.text


def test_only_the_office_sees_the_preview(
    as_: Any, client: Any, minutes: Minutes, liaison: Any, commissioner: Any
) -> None:
    url = address(minutes, "circulate_preview")
    assert "/accounts/login/" in client.get(url).url
    assert as_(commissioner).get(url).status_code == 403
    minutes.circulate()
    assert as_(liaison).get(url).status_code == 403
    assert (
        as_(minutes.by).get(reverse("circulate_preview", args=[0])).status_code == 404
    )


@pytest.mark.parametrize("state", ["planned", "agreed"])
def test_what_cannot_go_round_has_no_preview(
    as_: Any, minutes: Minutes, state: str
) -> None:
    Meeting.objects.filter(pk=minutes.meeting.pk).update(state=state)
    sent = as_(minutes.by).get(address(minutes, "circulate_preview"))
    assert "cannot be circulated" in said(sent)
