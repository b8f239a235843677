"""Amending who agreed minutes say was there: the record, and the rows with it."""

import pytest
from django.core.exceptions import ValidationError

from actions.amending import amend_facts
from actions.publishing import prepare
from actions.record import record_of
from meetings.layout import sort_people
from meetings.models import Attendee, Person
from meetings.record import Record, Seat, from_json, to_json
from meetings.versions import agreed_version
from tests.factories import AttendeeFactory, PersonFactory
from tests.minutes import Minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def minutes(staff) -> Minutes:
    return Minutes(by=staff)


def amend(minutes: Minutes, **what) -> Record:
    version = amend_facts(
        minutes.meeting,
        changes={},
        **{"seats": {}} | what,
        why="The list was wrong",
        by=minutes.by,
        made_from=agreed_version(minutes.meeting).number,
    )
    return from_json(version.content)


def rows(minutes: Minutes) -> list[tuple[str, str]]:
    return [(row.person.name, row.capacity) for row in minutes.meeting.attendance()]


def changed(record: Record) -> list[tuple[str, str, str]]:
    return [(c.what, c.before, c.after) for c in record.amendments[-1].changes]


SWAPPED = {0: {"name": "Lee Liaison"}, 1: {"name": "John Campion"}}


def test_names_that_change_places_do_so_with_their_people(minutes):
    minutes.agreed()
    people = set(Person.objects.all())
    record = amend(minutes, seats=SWAPPED)
    assert [seat.name for seat in record.seats] == ["Lee Liaison", "John Campion"]
    assert rows(minutes) == [("Lee Liaison", "PCC"), ("John Campion", "Staff Officer")]
    assert set(Person.objects.all()) == people
    first, second = minutes.meeting.attendance()
    assert (first.person, second.person) == (minutes.seat.person, minutes.chair.person)
    assert changed(record) == [
        ("Name", "John Campion", "Lee Liaison"),
        ("Name", "Lee Liaison", "John Campion"),
    ]


def test_a_name_of_the_register_is_that_person(minutes):
    known = PersonFactory(name="Pat Ray")
    minutes.agreed()
    amend(minutes, seats={1: {"name": "pat ray"}})
    assert minutes.meeting.attendance()[1].person == known


def test_of_several_of_one_name_it_is_the_one_who_was_ever_in_that_capacity(minutes):
    PersonFactory(name="Pat Ray")
    known = PersonFactory(name="Pat Ray")
    AttendeeFactory(person=known, capacity="Staff Officer")
    minutes.agreed()
    amend(minutes, seats={1: {"name": "Pat Ray"}})
    assert minutes.meeting.attendance()[1].person == known


def test_who_stands_in_for_somebody_goes_on_doing_so_under_the_right_name(minutes):
    minutes.write(minutes.seat, standing_in_for=minutes.chair.person)
    minutes.agreed()
    record = amend(minutes, seats=SWAPPED)
    assert record.seats[1].standing_in_for == "Lee Liaison"
    row = minutes.meeting.attendance()[1]
    assert (str(row.person), str(row.standing_in_for)) == (
        "John Campion",
        "Lee Liaison",
    )


def test_nobody_is_amended_to_be_on_the_list_twice(minutes):
    minutes.agreed()
    with pytest.raises(ValidationError, match="on the list twice"):
        amend(minutes, seats={1: {"name": "john campion"}})
    with pytest.raises(ValidationError, match="on the list twice"):
        amend(minutes, added=[Seat("John Campion", attendance="present")])


def test_nobody_is_amended_to_stand_in_for_themselves(minutes):
    other = PersonFactory(name="Pat Ray")
    minutes.write(minutes.seat, standing_in_for=other)
    minutes.agreed()
    with pytest.raises(ValidationError, match="cannot stand in for themselves"):
        amend(minutes, seats={1: {"name": "Pat Ray"}})


def test_somebody_left_out_is_added_at_the_end(minutes):
    known = PersonFactory(name="Pat Ray")
    minutes.agreed()
    organisation = minutes.organisation
    record = amend(
        minutes,
        added=[
            Seat("Pat Ray", "Planner", "", organisation.name, attendance="present"),
            Seat("Somebody New", attendance="apologies"),
        ],
    )
    people = sort_people(record.seats)
    assert [seat.name for seat in people.present][-1] == "Pat Ray"
    assert [seat.name for seat in people.apologies] == ["Somebody New"]
    pat, new = minutes.meeting.attendance()[-2:]
    assert (pat.person, pat.capacity, pat.organisation) == (
        known,
        "Planner",
        organisation,
    )
    assert (new.person.name, new.attendance) == ("Somebody New", "apologies")
    assert changed(record) == [
        ("Attendance", "", f"Pat Ray, Planner, {organisation.name}: present"),
        ("Attendance", "", "Somebody New: apologies"),
    ]
    assert record.amendments[-1].what == "Attendance"


def test_somebody_wrongly_listed_is_printed_nowhere_any_more(minutes):
    minutes.agreed()
    record = amend(minutes, seats={1: {"taken_out": True}})
    assert rows(minutes) == [("John Campion", "PCC")]
    assert Person.objects.filter(name="Lee Liaison").exists()
    assert [seat.name for seat in sort_people(record.seats).present] == ["John Campion"]
    assert "Lee Liaison" not in record.words()
    public = prepare(minutes.meeting).record
    assert [seat.name for seat in public.seats] == ["John Campion"]
    assert changed(record) == [
        ("Attendance", "Lee Liaison, Staff Officer: present", "")
    ]


def test_places_still_agree_after_somebody_was_taken_out_and_others_were_added(minutes):
    minutes.agreed()
    amend(minutes, seats={0: {"taken_out": True}})
    amend(minutes, added=[Seat("Pat Ray", attendance="present")])
    record = amend(
        minutes,
        seats={1: {"capacity": "Officer"}, 2: {"name": "Pat Roy"}},
        added=[Seat("John Campion", "PCC", attendance="present")],
    )
    names = ["Lee Liaison", "Pat Roy", "John Campion"]
    assert [name for name, _ in rows(minutes)] == names
    assert minutes.meeting.attendance()[2].person == minutes.chair.person
    assert [seat.name for seat in record.seats if not seat.taken_out] == names
    assert record_of(minutes.meeting, minutes.by) == record


def test_whoever_is_shown_by_post_stays_so_after_another_was_taken_out(minutes):
    minutes.write(minutes.open, notes="Lee Liaison spoke.")
    minutes.agreed()
    amend(minutes, seats={0: {"taken_out": True}})
    Attendee.objects.filter(person__name="Lee Liaison").update(named_publicly=False)
    public = prepare(minutes.meeting).record
    assert "Lee Liaison" not in public.words()
    assert [seat.capacity for seat in public.seats] == ["Staff Officer"]


def test_minutes_kept_before_amendments_said_from_what_to_what_can_be_read(minutes):
    minutes.agreed()
    record = amend(minutes, seats={1: {"capacity": "Officer"}})
    kept = to_json(record)
    for amendment in kept["amendments"]:
        del amendment["changes"]
    for seat in kept["seats"]:
        del seat["taken_out"]
    read = from_json(kept)
    assert read.seats == record.seats
    assert read.amendments[0].changes == ()
    assert read.amendments[0].what == "Attendance"


def test_what_was_amended_from_what_to_what_is_kept(minutes):
    minutes.agreed()
    record = amend(minutes, seats={1: {"capacity": "", "attendance": "apologies"}})
    assert from_json(to_json(record)) == record
    assert changed(record) == [
        ("Capacity of Lee Liaison", "Staff Officer", ""),
        ("Attendance of Lee Liaison", "present", "apologies"),
    ]
