"""What is withheld since minutes were kept, and where: it is read no more in a draft by
those who do not read all, nor in what is published.
"""

import datetime as dt
import unicodedata
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from actions import reviewing
from actions.amending import amend_facts, amend_item
from actions.models import Action
from actions.publishing import Edition, prepare, publish
from actions.withheld import as_withheld_now
from meetings.comments import comment
from meetings.models import Agreement, Attendee, Kind, Meeting
from meetings.record import Record, Reviewed, from_json
from meetings.versions import agreed_version, latest_draft
from tests.factories import (
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
)
from tests.meetings.published import agree_now
from tests.meetings.records import publish as publish_record
from tests.minutes import Minutes

pytestmark = pytest.mark.django_db

SECRET = "Quokka"


@pytest.fixture
def minutes(staff, liaison) -> Minutes:
    return Minutes(by=staff, liaison=liaison)


def public_page(client, meeting: Meeting, by) -> str:
    meeting.refresh_from_db()
    publish(prepare(meeting), documents={}, by=by)
    page = client.get(reverse("published_minutes", args=[meeting.pk]))
    assert page.status_code == 200
    return page.content.decode()


def copy_of(as_, minutes: Minutes) -> str:
    client = as_(minutes.liaison)
    page = client.get(reverse("draft", args=[minutes.meeting.pk]))
    assert page.status_code == 200
    return page.content.decode()


def mark_in_passage(minutes: Minutes) -> None:
    mark = f"[[action {minutes.action.reference}]]"
    minutes.write(minutes.open, notes=f"Open\n[[withhold s31]]\n{mark}\n[[/withhold]]")


def review(action: Action, at: Meeting, outcome: str, by, **how: Any) -> None:
    now = Action.objects.get(pk=action.pk)
    reviewing.record_review(now, at, outcome, by=by, note="Said", **how)


def later(month: int) -> Meeting:
    meeting: Meeting = MeetingFactory(
        date=dt.date(2025, month, 10), state="draft", type__reviews_tracker=True
    )
    return meeting


# Actions


@pytest.mark.parametrize("steps", [1, 2])
def test_what_replaces_a_withheld_action_is_withheld_at_every_later_meeting(
    staff, client, minutes, steps: int
) -> None:
    mark_in_passage(minutes)
    minutes.agreed()
    action, meetings = minutes.action, []
    for step in range(steps):
        meetings.append(later(6 + step))
        text = f"{SECRET} {step}"
        review(action, meetings[-1], "replaced", staff, replacements=[text])
        action = Action.objects.get(text=text)
    meetings.append(later(9))
    review(action, meetings[-1], "noted", staff)
    for meeting in meetings:
        agree_now(meeting, staff)
        page = public_page(client, meeting, staff)
        assert SECRET not in page
        assert action.reference not in page


@pytest.mark.parametrize("is_agreed", [True, False])
def test_a_liaison_does_not_read_what_a_passage_of_other_minutes_withholds(
    staff, as_, minutes, is_agreed: bool
) -> None:
    other = Minutes(by=staff)
    mark_in_passage(other)
    Action.objects.filter(pk=other.action.pk).update(text=f"{SECRET} text")
    if is_agreed:
        other.agreed()
    else:
        other.circulate()
    meeting = minutes.meeting
    meeting.type.reviews_tracker = True
    meeting.type.save()
    Meeting.objects.filter(pk=other.meeting.pk).update(date=dt.date(2025, 1, 8))
    review(other.action, meeting, "noted", staff)
    minutes.circulate()
    assert SECRET in str(latest_draft(meeting).content)
    assert SECRET not in copy_of(as_, minutes)


def test_references_of_withheld_actions_are_in_no_sentence_on_the_minutes(
    staff, client, minutes
) -> None:
    secret = minutes._action(minutes.withheld, "Secret")
    minutes.circulate()
    minutes.agree(changes=f"Action {secret.reference}: wording changed")
    amend_item(
        minutes.meeting,
        minutes.open.pk,
        changes={"notes": "New"},
        why=f"See {secret.reference}, and {minutes.action.reference}",
        by=staff,
        made_from=1,
    )
    page = public_page(client, minutes.meeting, staff)
    assert secret.reference not in page
    assert f"See an action that is withheld, and {minutes.action.reference}" in page


@pytest.mark.parametrize("number", ["2025/100", "2025/10/03", "12025/10"])
def test_a_reference_that_begins_another_number_is_left_in_it(number: str) -> None:
    record = Record(
        title="Board",
        date=dt.date(2025, 1, 1),
        reviewed=(
            Reviewed("2025/03", "x", f"Replaced by {number} and 2025/10"),
            Reviewed("2025/10", "y", "Noted", withheld=True, withheld_reason="s40"),
        ),
    )
    (reviewed,) = publish_record(record).record.reviewed
    assert reviewed.outcome == f"Replaced by {number} and an action that is withheld"


# Since the draft went round, or the minutes were agreed


def restrict(minutes: Minutes) -> None:
    flags = {"restricted": True, "withheld": True, "withheld_reason": "s31"}
    minutes.write(minutes.open, **flags)


def withhold(minutes: Minutes) -> None:
    minutes.write(minutes.open, withheld=True, withheld_reason="s40")


def put_below_a_withheld_item(minutes: Minutes) -> None:
    minutes.write(minutes.open, parent=minutes.withheld)


@pytest.mark.parametrize("hide", [restrict, withhold, put_below_a_withheld_item])
def test_an_item_withheld_after_it_went_round_leaves_the_copy_at_once(
    as_, minutes, hide
) -> None:
    minutes.circulate()
    assert "Speeding was discussed" in copy_of(as_, minutes)
    hide(minutes)
    page = copy_of(as_, minutes)
    for words in ("Speeding was discussed", "Roads policing", "Share the plan"):
        assert words not in page
    item = reverse("draft_comment_item", args=[minutes.meeting.pk, minutes.open.pk])
    assert as_(minutes.liaison).get(item).status_code == 404


@pytest.mark.parametrize("marked", [True, False])
def test_an_action_withheld_after_it_went_round_leaves_the_copy_at_once(
    as_, minutes, marked: bool
) -> None:
    minutes.circulate()
    if marked:
        mark_in_passage(minutes)
    else:
        action = Action.objects.filter(pk=minutes.action.pk)
        action.update(withheld=True, withheld_reason="s40")
    page = copy_of(as_, minutes)
    assert "Share the plan" not in page
    assert "Speeding was discussed" in page


@pytest.mark.parametrize("hide", [restrict, withhold, put_below_a_withheld_item])
def test_an_item_withheld_after_it_was_agreed_is_not_published(
    staff, client, minutes, hide
) -> None:
    minutes.agreed()
    hide(minutes)
    page = public_page(client, minutes.meeting, staff)
    for words in ("Speeding was discussed", "Roads policing", "Share the plan"):
        assert words not in page


def test_a_name_hidden_after_it_was_agreed_is_not_published(
    staff, client, minutes
) -> None:
    minutes.write(minutes.open, notes="Lee Liaison spoke")
    minutes.agreed()
    Attendee.objects.filter(pk=minutes.seat.pk).update(named_publicly=False)
    page = public_page(client, minutes.meeting, staff)
    assert "Lee Liaison" not in page
    assert "John Campion" in page


def test_a_name_hidden_when_somebody_is_called_otherwise_by_now_is_not_published(
    staff, client, minutes
) -> None:
    minutes.agreed()
    person = minutes.seat.person
    person.name = "Lee Newname"
    person.save()
    Attendee.objects.filter(pk=minutes.seat.pk).update(named_publicly=False)
    assert "Lee Liaison" not in public_page(client, minutes.meeting, staff)


def test_a_comment_on_an_earlier_draft_does_not_name_an_item_left_out_since(
    as_, staff, minutes
) -> None:
    minutes.circulate()
    draft = latest_draft(minutes.meeting)
    comment(draft, by=minutes.liaison, text="Well", key=minutes.open.pk)
    minutes.circulate()
    assert "Draft 1, Roads policing." in copy_of(as_, minutes)
    minutes.write(minutes.open, heading=SECRET)
    restrict(minutes)
    minutes.circulate()
    page = copy_of(as_, minutes)
    assert "Draft 1, item 1." in page
    assert SECRET not in page
    assert "Roads policing" not in page


# What was said before


def test_what_was_changed_of_other_minutes_is_not_told_in_these(
    staff, client, minutes
) -> None:
    minutes.circulate()
    following = minutes.next
    Meeting.objects.filter(pk=following.pk).update(state="draft")
    AgendaItemFactory(meeting=following, heading="Last", kind=Kind.LAST_MINUTES)
    changes = f"{SECRET} spoke at item 1"
    how = Agreement.How.MEETING
    minutes.agree(how=how, at_meeting=following, changes=changes)
    following.refresh_from_db()
    agree_now(following, staff)
    page = public_page(client, following, staff)
    assert "were agreed subject to changes." in page
    assert SECRET not in page
    assert "told in those minutes" in {
        one.why for one in prepare(following).publication.withheld
    }


def hide_somebody(minutes: Minutes, name: str) -> None:
    AttendeeFactory(
        meeting=minutes.meeting,
        person__name=name,
        capacity="Clerk",
        named_publicly=False,
    )


SPELLINGS = [
    ("Sam O'Brien", "Sam O\u2019Brien"),
    ("Sam O\u2019Brien", "SAM O'BRIEN"),
    ("Sam Lee-Jones", "Sam Lee\u2011Jones"),
    ("Sam Lee Jones", "Sam Lee\u2013Jones"),
    ("Sam Jos\u00e9 Ray", unicodedata.normalize("NFD", "Sam Jos\u00e9 Ray")),
    (unicodedata.normalize("NFD", "Zo\u00eb Ray"), "Zo\u00eb Ray"),
    ("Ray Jos\u00e9", unicodedata.normalize("NFD", "Ray Jos\u00e9")),
    ("Sam Ray", "Sam\u00a0Ray"),
    ("Sam Ray", "Sam \u00adRa\u200by"),
    ("Sam Ray", "**Sam** Ray"),
]


@pytest.mark.parametrize(("kept", "typed"), SPELLINGS)
def test_a_name_shown_by_post_is_found_in_every_common_spelling(
    staff, minutes, kept: str, typed: str
) -> None:
    hide_somebody(minutes, kept)
    minutes.write(minutes.open, notes=f"He said: {typed} did \u00e9.")
    minutes.agreed()
    (item, *_) = prepare(minutes.meeting).record.items
    assert item.notes.replace("**", "") == "He said: [Clerk] did \u00e9."


def test_a_name_as_it_was_spelled_before_an_amendment_is_not_published(
    staff, client, minutes
) -> None:
    hide_somebody(minutes, "Jane Quokker")
    minutes.write(minutes.open, notes="Jane Quokker spoke to Lee Liaison")
    minutes.agreed()
    seats = from_json(agreed_version(minutes.meeting).content).seats
    place = [seat.name for seat in seats].index("Jane Quokker")
    amend_facts(
        minutes.meeting,
        changes={},
        seats={place: {"name": "Jane Quokka"}},
        why="A slip",
        by=staff,
        made_from=1,
    )
    page = public_page(client, minutes.meeting, staff)
    assert "Quokk" not in page
    assert "[Clerk] spoke to Lee Liaison" in page


def test_what_a_withheld_item_was_called_before_is_not_published(
    staff, client, minutes
) -> None:
    minutes.write(minutes.open, heading=f"{SECRET} matter")
    minutes.circulate()
    minutes.agree(changes=f"The notes of {SECRET} matter were corrected")
    amend_item(
        minutes.meeting,
        minutes.open.pk,
        changes={"heading": "A case", "withheld": True, "withheld_reason": "s40"},
        why="Personal",
        by=staff,
        made_from=1,
    )
    page = public_page(client, minutes.meeting, staff)
    assert SECRET not in page
    assert "The notes of [heading withheld] were corrected" in page


# Links and titles


@pytest.mark.parametrize("typed", ["https://", "HTTPS://", "http://", ""])
def test_the_link_to_join_any_meeting_is_not_published_nor_one_it_had_before(
    staff, client, minutes, typed: str
) -> None:
    other = MeetingFactory(joining_link="https://meet.example/Quokka-1")
    other.joining_link = "https://meet.example/Other/"
    other.save()
    minutes.write(
        minutes.open,
        notes=f"Join {typed}meet.example/quokka-1 or {typed}meet.example/Other then.",
    )
    minutes.agreed()
    page = public_page(client, minutes.meeting, staff)
    assert "Join [link not published] or [link not published] then." in page


def test_a_title_that_is_too_long_without_its_withheld_passages_stops_publication(
    staff, minutes
) -> None:
    title = "[[withhold s36]]a[[/withhold]]" * 6
    Meeting.objects.filter(pk=minutes.meeting.pk).update(title=title)
    minutes.agreed()
    edition: Edition = prepare(minutes.meeting)
    assert [one.where for one in edition.publication.problems] == ["Title"]
    with pytest.raises(ValidationError, match="too long"):
        publish(edition, documents={}, by=staff)


def test_what_is_withheld_now_is_found_in_a_fixed_number_of_queries(
    staff, django_assert_num_queries
) -> None:
    for count in (1, 30):
        meeting = later(6)
        for _ in range(count):
            other = Minutes(by=staff)
            review(other.action, meeting, "noted", staff)
        kept = agree_now(meeting, staff)
        with django_assert_num_queries(7):
            as_withheld_now(from_json(kept.content), meeting)
