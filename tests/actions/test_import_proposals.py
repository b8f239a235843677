"""What is proposed of old minutes, and what is doubtful about it."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from actions.importing.plan import (
    CLOSED,
    OPEN,
)
from actions.importing.propose import kind_of, propose
from assurance.models import User
from meetings.models import (
    Kind,
)
from meetings.reader.minutes import (
    Day,
    Facts,
    ReadAttendee,
)
from tests.actions.old_minutes import (
    READ,
    TODAY,
    doubts_of,
    make_known,
    plan_of,
    save,
)
from tests.factories import (
    AttendeeFactory,
    PersonFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def registers() -> dict[str, Any]:
    return make_known()


# What is proposed


def test_what_is_plain_is_proposed_without_doubts_but_for_who_was_not_listed(
    registers: dict[str, Any],
) -> None:
    proposal = propose(READ, today=TODAY)
    assert proposal.doubts == {
        "seats-3": ["Carl Dunn is named as minute-taker and not in the list"]
    }
    meeting = proposal.plan.meeting
    assert (meeting.type, meeting.theme) == (
        str(registers["type"].pk),
        str(registers["mental"].pk),
    )
    assert (meeting.title, meeting.held) == ("Mental health", "hybrid")
    seats = proposal.plan.seats
    assert [seat.role for seat in seats] == ["chair", "", "", "minute_taker"]
    assert seats[0].person == str(registers["person"].pk)
    assert not seats[3].listed
    first, second = proposal.plan.actions
    assert (first.owners, first.due) == (("seat:1",), "date")
    assert second.owners == (f"org:{registers['force'].pk}",)
    assert second.due == f"theme:{registers['workforce'].pk}"


def test_each_part_knows_the_line_it_came_from(registers: dict[str, Any]) -> None:
    proposal = propose(READ, today=TODAY)
    assert proposal.lines["facts-date"] == 3
    assert proposal.lines["actions-2"] == 24
    words = {(one.line, one.word) for one in proposal.became}
    assert {(30, "Second wording"), (5, "Chair"), (12, "Apologies")} <= words


def test_what_no_register_knows_is_doubtful_and_may_be_new() -> None:
    doubts = doubts_of(READ)
    assert doubts["facts-type"] == [
        "No type of meeting is called “Monthly Board” yet: it will be new"
    ]
    assert "No organisation is called “Force” yet: it will be new" in doubts["seats-1"]
    assert doubts["actions-2"] == [
        "No due date is set from “at next workforce meeting”. No theme or type of "
        "meeting is called “workforce”"
    ]


def test_a_date_or_type_that_is_not_printed_is_asked_for() -> None:
    doubts = doubts_of(replace(READ, facts=Facts()))
    assert {"facts-type", "facts-date"} <= set(doubts)


def test_a_reader_s_doubt_is_kept_with_its_part(registers: dict[str, Any]) -> None:
    action = replace(READ.actions[0], doubt="The text says another date before.")
    doubts = doubts_of(replace(READ, actions=(action,)))
    assert doubts["actions-1"] == ["The text says another date before"]


def test_an_owner_without_an_organisation_is_doubtful_where_it_is_missing(
    registers: dict[str, Any],
) -> None:
    people = (READ.attendees[0], replace(READ.attendees[1], organisation=""))
    doubts = doubts_of(replace(READ, attendees=people))
    assert doubts["seats-1"] == [
        "Choose the organisation of Ed Frost, who owns an action"
    ]


def test_an_organisation_not_printed_is_that_of_the_same_post_before(
    registers: dict[str, Any],
) -> None:
    AttendeeFactory(
        person=registers["person"],
        capacity="Commissioner",
        organisation=registers["office"],
    )
    people = (replace(READ.attendees[0], organisation=""),)
    same = propose(replace(READ, attendees=people), today=TODAY).plan.seats[0]
    assert same.organisation == str(registers["office"].pk)
    other = (replace(people[0], capacity="Deputy Commissioner"),)
    another = propose(replace(READ, attendees=other), today=TODAY).plan.seats[0]
    assert another.organisation == ""


@pytest.mark.parametrize(
    ("name", "doubt"),
    [("A Bell", "A Bell may be Anna Bell"), ("Anna Bell", ""), ("Zoe Bell", "")],
)
def test_a_person_is_known_by_name_and_a_like_name_is_asked(
    registers: dict[str, Any], name: str, doubt: str
) -> None:
    people = (ReadAttendee(name, 10, organisation="OPCC"),)
    read = replace(READ, attendees=people, actions=(), facts=Facts())
    assert doubts_of(read).get("seats-0", []) == ([doubt] if doubt else [])


@pytest.mark.parametrize(
    ("capacity", "organisation", "is_doubtful"),
    [
        ("Commissioner", "OPCC", False),
        ("Deputy Commissioner", "OPCC", False),
        ("Commissioner", "", False),
        ("Inspector", "Force", True),
        ("Inspector", "", True),
        ("", "", False),
    ],
)
def test_a_known_name_elsewhere_is_asked_and_a_new_post_in_one_place_is_not(
    registers: dict[str, Any], capacity: str, organisation: str, is_doubtful: bool
) -> None:
    AttendeeFactory(
        person=registers["person"],
        capacity="Commissioner",
        organisation=registers["office"],
    )
    people = (ReadAttendee("Anna Bell", 10, capacity, "", organisation),)
    read = replace(READ, attendees=people, actions=(), facts=Facts())
    said = "Somebody of this name was last Anna Bell, Commissioner"
    doubts = doubts_of(read).get("seats-0", [])
    assert any(one.startswith(said) for one in doubts) is is_doubtful


def test_two_people_of_one_name_have_to_be_told_apart(
    staff: User, registers: dict[str, Any]
) -> None:
    PersonFactory(name="Anna Bell")
    assert "Several people are called Anna Bell" in doubts_of(READ)["seats-0"]
    with pytest.raises(ValidationError, match="Several people"):
        save(plan_of(), staff)


@pytest.mark.parametrize(
    ("on", "stands"),
    [(dt.date(2024, 6, 1), OPEN), (dt.date(2024, 5, 31), CLOSED), (TODAY, OPEN)],
)
def test_actions_of_a_meeting_over_a_year_ago_come_in_closed(
    on: dt.date, stands: str
) -> None:
    read = replace(READ, facts=replace(READ.facts, date=Day(on, 3)))
    assert propose(read, today=TODAY).plan.meeting.old_actions == stands


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Outstanding matters / items brought forward", Kind.ACTION_TRACKER),
        ("Review of Action Tracker", Kind.ACTION_TRACKER),
        ("AOB", Kind.AOB),
        ("Confirmation of Next Meeting Type / Date", Kind.NEXT_MEETING),
        ("Summary of Actions Arising – OPCC", Kind.SUMMARY),
        ("Minutes of the last meeting", Kind.LAST_MINUTES),
        ("HMICFRS inspection programme", Kind.INSPECTION),
        ("Positive action in recruitment", Kind.THEMED),
    ],
)
def test_a_heading_says_what_it_is_for(heading: str, kind: str) -> None:
    assert kind_of(heading) == kind
