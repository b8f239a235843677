"""Minutes of the last meeting on the next agenda, and amendments of agreed ones."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from actions.amending import AmendedMeanwhile, amend_facts, amend_item
from actions.record import record_of
from actions.since_draft import changes_since, minutes_to_agree
from meetings.models import Attendee, Kind, Meeting
from meetings.operations import confirm_next_meeting, delete_item, start_agenda
from meetings.record import from_json
from meetings.versions import agreed_version
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    decision,
)
from tests.minutes import NEXT_ON, Minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def minutes(staff) -> Minutes:
    return Minutes(by=staff)


def changed(minutes: Minutes) -> list[str]:
    draft, now = minutes_to_agree(minutes.meeting, minutes.by)
    return [one.sentence for one in changes_since(from_json(draft.content), now)]


def kept(minutes: Minutes):
    return from_json(agreed_version(minutes.meeting).content)


def refusal(call, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as refused:
        call(*args, **kwargs)
    return " ".join(refused.value.messages)


# The minutes of the last meeting


def headings(meeting: Meeting) -> list[str]:
    return [item.numbered_heading for item in meeting.agenda()]


def test_the_next_meeting_gets_the_minutes_of_the_last_once(minutes):
    AgendaItemFactory(meeting=minutes.next, heading="Tracker")
    minutes.circulate()
    assert headings(minutes.next) == ["1 Minutes of the last meeting", "2 Tracker"]
    minutes.circulate()
    confirm_next_meeting(minutes.meeting, None)
    confirm_next_meeting(minutes.meeting, minutes.next)
    assert len(headings(minutes.next)) == 2


def test_it_is_not_put_back_by_the_next_draft_once_taken_off(minutes):
    minutes.circulate()
    delete_item(minutes.next.agenda_items.get())
    minutes.circulate()
    assert headings(minutes.next) == []


def test_a_meeting_planned_after_the_draft_went_round_starts_with_it(minutes):
    minutes.meeting.next_meeting = None
    minutes.meeting.save()
    minutes.circulate()
    planned = MeetingFactory(type=minutes.meeting.type, date=NEXT_ON)
    start_agenda(planned)
    assert headings(planned) == ["1 Minutes of the last meeting"]
    other = MeetingFactory(date=NEXT_ON)
    start_agenda(other)
    assert headings(other) == []


def test_an_agenda_that_was_sent_keeps_its_numbers(minutes):
    AgendaItemFactory(meeting=minutes.next, heading="Tracker")
    minutes.next.mark_agenda_sent(at=timezone.now())
    minutes.circulate()
    assert headings(minutes.next) == ["Minutes of the last meeting", "1 Tracker"]


@pytest.mark.parametrize("state", ["in_progress", "draft", "agreed"])
def test_a_meeting_under_way_or_frozen_keeps_its_agenda(minutes, state):
    minutes.next.state = state
    minutes.next.save()
    minutes.circulate()
    assert headings(minutes.next) == []


# Amendments


def test_an_amendment_is_a_new_version_that_says_who_when_and_why(minutes):
    minutes.agreed()
    version = amend_item(
        minutes.meeting,
        minutes.open.pk,
        changes={"notes": "Speeding was not discussed."},
        why="It was another meeting",
        by=minutes.by,
        made_from=1,
    )
    assert (version.number, version.made_from.number) == (2, 1)
    assert version.what == "Item 1: notes"
    (amendment,) = kept(minutes).amendments
    assert (amendment.what, amendment.why, amendment.by, amendment.on) == (
        "Item 1: notes",
        "It was another meeting",
        minutes.by.name,
        timezone.localdate(),
    )
    first = minutes.meeting.versions.agreed().get(number=1)
    assert from_json(first.content).item(minutes.open.pk).notes == (
        "Speeding was discussed."
    )


def test_an_amendment_brings_the_row_along(minutes):
    minutes.agreed()
    amend_item(
        minutes.meeting,
        minutes.open.pk,
        changes={
            "heading": "Roads",
            "decisions": "None.",
            "assurance": "partly",
            "withheld": True,
            "withheld_reason": "s36",
        },
        why="Wrong",
        by=minutes.by,
        made_from=1,
    )
    row = minutes.meeting.agenda_items.get(pk=minutes.open.pk)
    assert (row.heading, row.decisions, row.assurance) == ("Roads", "None.", "partly")
    assert (row.withheld, row.withheld_reason) == (True, "s36")
    item = kept(minutes).item(row.pk)
    assert (item.assurance, item.withheld) == ("Partly assured", True)


def test_an_amendment_is_made_from_what_was_agreed_not_gathered_anew(minutes, staff):
    minutes.agreed()
    minutes.action.refresh_from_db()
    minutes.action.close(by=staff, decision=decision(), text="Done")
    minutes.meeting.type.name = "Renamed"
    minutes.meeting.type.save()
    before = kept(minutes)
    amend_item(
        minutes.meeting,
        minutes.open.pk,
        changes={"notes": "No."},
        why="Wrong",
        by=staff,
        made_from=1,
    )
    after = kept(minutes)
    assert (after.title, after.actions) == (before.title, before.actions)


def test_an_amendment_of_something_withheld_never_names_its_heading(minutes):
    minutes.agreed()
    for item in (minutes.restricted, minutes.withheld, minutes.open):
        version = amend_item(
            minutes.meeting,
            item.pk,
            changes={"heading": "Another secret"},
            why="Wrong",
            by=minutes.by,
            made_from=agreed_version(minutes.meeting).number,
        )
        assert "secret" not in version.what
        assert item.heading not in version.what


def test_withholding_an_item_withholds_what_is_under_it_and_its_actions(minutes):
    below = AgendaItemFactory(
        meeting=minutes.meeting, parent=minutes.open, heading="Below", notes="Deep"
    )
    late = ActionFactory(meeting=minutes.meeting, item=below)
    own = ActionFactory(meeting=minutes.meeting, item=below, withheld=False)
    minutes.agreed()

    def amend(made_from: int, **changes) -> set[str]:
        amend_item(
            minutes.meeting,
            minutes.open.pk,
            changes=changes,
            why="A name",
            by=minutes.by,
            made_from=made_from,
        )
        return {line.reference for line in kept(minutes).actions if line.withheld}

    withheld = amend(1, withheld=True, withheld_reason="s40")
    assert withheld == {minutes.action.reference, late.reference}
    assert own.reference not in withheld
    assert kept(minutes).item(below.pk).withheld
    below.refresh_from_db()
    assert below.withheld
    assert amend(2, withheld=False, withheld_reason="") == {late.reference}


def test_who_joined_at_an_item_still_joined_at_it_when_its_heading_is_amended(minutes):
    minutes.write(minutes.seat, attendance="part", joined_item=minutes.open)
    minutes.agreed()
    amend_item(
        minutes.meeting,
        minutes.open.pk,
        changes={"heading": "Roads"},
        why="Wrong",
        by=minutes.by,
        made_from=1,
    )
    assert kept(minutes).seats[1].joined == "1 Roads"


@pytest.mark.parametrize(
    ("changes", "why", "said"),
    [
        ({"notes": "Speeding was discussed."}, "Wrong", "Nothing was changed"),
        ({"notes": "No."}, " ", "Enter why"),
        ({"heading": " "}, "Wrong", "Enter the heading"),
        ({"withheld": True}, "Wrong", "Choose a reason"),
        ({"withheld_reason": "s40"}, "Wrong", "not withheld"),
    ],
)
def test_an_amendment_that_makes_no_sense_is_refused(minutes, changes, why, said):
    minutes.agreed()
    how = {"changes": changes, "why": why, "by": minutes.by, "made_from": 1}
    assert said in refusal(amend_item, minutes.meeting, minutes.open.pk, **how)
    assert agreed_version(minutes.meeting).number == 1


def test_what_is_for_the_office_only_stays_withheld(minutes):
    minutes.agreed()
    how = {"changes": {"withheld": False, "withheld_reason": ""}, "why": "x"}
    said = refusal(
        amend_item,
        minutes.meeting,
        minutes.restricted.pk,
        by=minutes.by,
        made_from=1,
        **how,
    )
    assert "for the office only" in said


def test_an_amendment_of_a_version_that_was_amended_is_refused(minutes):
    minutes.agreed()
    how = {"why": "Wrong", "by": minutes.by, "made_from": 1}
    amend_item(minutes.meeting, minutes.open.pk, changes={"notes": "A"}, **how)
    with pytest.raises(AmendedMeanwhile):
        amend_item(minutes.meeting, minutes.open.pk, changes={"notes": "B"}, **how)
    assert kept(minutes).item(minutes.open.pk).notes == "A"


def test_minutes_that_are_not_agreed_are_edited_not_amended(minutes):
    minutes.circulate()
    how = {"changes": {"notes": "A"}, "why": "x", "by": minutes.by, "made_from": 1}
    assert "can still be edited" in refusal(
        amend_item, minutes.meeting, minutes.open.pk, **how
    )


def test_minutes_agreed_before_versions_were_kept_are_not_amended(minutes):
    minutes.meeting.state = "agreed"
    minutes.meeting.save()
    how = {"changes": {"notes": "A"}, "why": "x", "by": minutes.by, "made_from": 1}
    said = refusal(amend_item, minutes.meeting, minutes.open.pk, **how)
    assert said == (
        "These minutes were agreed before agreed minutes were kept here, so there is "
        "nothing to amend"
    )


def test_heading_facts_and_attendance_are_amended_together(minutes):
    minutes.agreed()
    version = amend_facts(
        minutes.meeting,
        changes={"venue": "Room 12", "start": dt.time(11)},
        seats={0: {"capacity": "Commissioner"}, 1: {"attendance": "apologies"}},
        why="Wrong",
        by=minutes.by,
        made_from=1,
    )
    assert version.what == "Venue, start and attendance"
    minutes.meeting.refresh_from_db()
    assert (minutes.meeting.venue, minutes.meeting.start) == ("Room 12", dt.time(11))
    rows = minutes.meeting.attendance()
    assert rows[0].capacity == "Commissioner"
    assert rows[1].attendance == Attendee.Attendance.APOLOGIES
    assert record_of(minutes.meeting, minutes.by).venue == "Room 12"


def test_a_name_that_is_amended_renames_nobody_of_the_register(minutes):
    person = minutes.seat.person
    minutes.agreed()
    amend_facts(
        minutes.meeting,
        changes={},
        seats={1: {"name": "Leigh Liaison"}},
        why="Wrong",
        by=minutes.by,
        made_from=1,
    )
    person.refresh_from_db()
    assert person.name == "Lee Liaison"
    assert minutes.meeting.attendance()[1].person.name == "Leigh Liaison"
    assert kept(minutes).seats[1].name == "Leigh Liaison"


def test_an_end_before_the_start_is_not_amended_in(minutes):
    minutes.agreed()
    how = {"seats": {}, "why": "x", "by": minutes.by, "made_from": 1}
    said = refusal(amend_facts, minutes.meeting, changes={"end": dt.time(9)}, **how)
    assert "after the start" in said


def test_the_item_of_the_last_minutes_has_its_kind(minutes):
    minutes.circulate()
    assert minutes.next.agenda_items.get().kind == Kind.LAST_MINUTES
