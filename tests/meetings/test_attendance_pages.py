"""Who is on the list, as what, and whether they were there."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from meetings.models import Attendee, Meeting, Person
from meetings.operations import mark_everyone_here, move_attendee
from tests.factories import (
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    PersonFactory,
)
from tests.meetings.pages import as_shown, said

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
SOON = TODAY + dt.timedelta(days=20)


@pytest.fixture
def meeting():
    return MeetingFactory(date=TODAY, state="in_progress")


def url_of(meeting) -> str:
    return reverse("attendance", args=[meeting.pk])


def at(name: str, attendee: Attendee) -> str:
    return reverse(name, args=[attendee.meeting_id, attendee.pk])


def add(client, meeting, **changes):
    form = client.get(url_of(meeting)).context["form"]
    url = reverse("attendee_new", args=[meeting.pk])
    return client.post(url, as_shown(form, **changes))


def edit(client, attendee, **changes):
    url = at("attendee_edit", attendee)
    return client.post(url, as_shown(client.get(url).context["form"], **changes))


def names(meeting) -> list[str]:
    return [a.person.name for a in meeting.attendance()]


def test_somebody_new_is_added_in_one_row(as_, staff, meeting):
    force = OrganisationFactory(name="West Mercia Police", short_names="WMP")
    sent = add(
        as_(staff),
        meeting,
        name="  Rachel   Hartland-Lane ",
        capacity="Director of Business Services",
        abbreviation="DBS",
        organisation=force.pk,
    )
    assert sent.url == f"{url_of(meeting)}#add"
    attendee = meeting.attendance()[0]
    assert str(attendee) == "Rachel Hartland-Lane, Director of Business Services"
    assert (attendee.abbreviation, attendee.organisation) == ("DBS", force)
    assert attendee.attendance == Attendee.Attendance.PRESENT
    page = as_(staff).get(url_of(meeting)).text
    assert "Director of Business Services (DBS)" in page
    assert "WMP" in page


def test_somebody_known_comes_with_what_they_last_were(as_, staff, meeting):
    force = OrganisationFactory(short_names="WMP")
    person = PersonFactory(name="Rachel Jones")
    for days, capacity in [(40, "Assistant Chief Constable"), (10, "T/DCC")]:
        AttendeeFactory(
            meeting=MeetingFactory(date=TODAY - dt.timedelta(days=days)),
            person=person,
            capacity=capacity,
            abbreviation="RJ",
            organisation=force,
        )
    client = as_(staff)
    assert "Rachel Jones – T/DCC, WMP" in client.get(url_of(meeting)).text
    add(client, meeting, person=person.pk)
    attendee = meeting.attendance()[0]
    assert (attendee.capacity, attendee.abbreviation, attendee.organisation) == (
        "T/DCC",
        "RJ",
        force,
    )
    assert "Rachel Jones – T/DCC" not in client.get(url_of(meeting)).text


def test_what_is_typed_goes_before_what_somebody_last_was(as_, staff, meeting):
    earlier = AttendeeFactory(meeting__date=TODAY - dt.timedelta(days=10))
    add(as_(staff), meeting, person=earlier.person_id, capacity="Deputy")
    assert meeting.attendance()[0].capacity == "Deputy"


def test_a_late_entry_is_not_told_what_somebody_became_afterwards(as_, staff):
    meeting = MeetingFactory(date=dt.date(2020, 8, 4))
    later = AttendeeFactory(
        meeting__date=dt.date(2025, 3, 26), capacity="Senior Policy Officer"
    )
    assert "Senior Policy Officer" not in as_(staff).get(url_of(meeting)).text
    add(as_(staff), meeting, person=later.person_id)
    assert meeting.attendance()[0].capacity == ""


def test_a_name_that_one_known_person_has_is_that_person(as_, staff, meeting):
    person = PersonFactory(name="Grant Wills")
    add(as_(staff), meeting, name="grant wills")
    assert meeting.attendance()[0].person == person
    assert Person.objects.count() == 1


def test_adding_somebody_twice_adds_one(as_, staff, meeting):
    client = as_(staff)
    form = client.get(url_of(meeting)).context["form"]
    url = reverse("attendee_new", args=[meeting.pk])
    sent = as_shown(form, name="Grant Wills")
    assert client.post(url, sent).url == client.post(url, sent).url
    assert names(meeting) == ["Grant Wills"]


def test_what_is_wrong_with_the_row_is_said_and_what_was_typed_is_kept(
    as_, staff, meeting
):
    here = AttendeeFactory(meeting=meeting, person__name="Already Here")
    for _ in range(2):
        PersonFactory(name="John Smith")
    known = PersonFactory()
    for changes, sentence in [
        ({}, "Choose a person, or enter the name of a new one"),
        ({"person": known.pk, "name": "New"}, "not both"),
        ({"person": here.person_id}, "Choose somebody else"),
        ({"person": "9" * 30}, "Choose somebody else"),
        ({"name": "already here"}, "Already Here is on the list already"),
        ({"name": "John Smith"}, "Several people are called John Smith"),
        ({"name": "a\x00b"}, "Null characters are not allowed"),
        ({"name": "a" * 151}, "at most 150 characters"),
        ({"name": "New", "organisation": "999"}, "Choose the organisation again"),
        ({"name": "New", "attendance": "late"}, "Choose the status from the list"),
    ]:
        page = add(as_(staff), meeting, capacity="Typed and kept", **changes)
        assert page.status_code == 422
        assert sentence in page.text
        assert "Typed and kept" in page.text
    assert names(meeting) == ["Already Here"]


def test_everyone_is_here_in_one_press_and_apologies_stay(as_, staff, meeting):
    for status in ("invited", "invited", "apologies", "absent", "part"):
        AttendeeFactory(meeting=meeting, attendance=status)
    client = as_(staff)
    assert "2 people are only invited so far" in client.get(url_of(meeting)).text
    url = reverse("everyone_here", args=[meeting.pk])
    assert "2 people are marked as present" in said(client.post(url))
    assert [a.attendance for a in meeting.attendance()] == [
        "present",
        "present",
        "apologies",
        "absent",
        "part",
    ]
    assert meeting.attendance()[0].history.first().history_user == staff
    assert "Everyone is here" not in client.get(url_of(meeting)).text


def test_nobody_is_here_before_the_day(as_, staff):
    meeting = MeetingFactory(date=SOON)
    row = AttendeeFactory(meeting=meeting, attendance="invited")
    client = as_(staff)
    assert "Everyone is here" not in client.get(url_of(meeting)).text
    sent = client.post(reverse("everyone_here", args=[meeting.pk]))
    assert "The meeting has not begun" in said(sent)
    row.refresh_from_db()
    assert row.attendance == Attendee.Attendance.INVITED
    add(client, meeting, name="Grant Wills")
    assert meeting.attendance()[1].attendance == Attendee.Attendance.INVITED


def test_a_row_keeps_all_that_is_said_of_it(as_, staff, meeting):
    row = AttendeeFactory(meeting=meeting, person__name="Rachel Jones")
    chief = PersonFactory(name="Richard Cooper")
    sent = edit(
        as_(staff),
        row,
        capacity="T/DCC",
        attendance="part",
        standing_in_for=chief.pk,
        role="chair",
        listed=None,
        note="Joined at 10:40",
    )
    assert sent.url == f"{url_of(meeting)}#person-{row.pk}"
    row.refresh_from_db()
    assert (row.capacity, row.attendance, row.role) == ("T/DCC", "part", "chair")
    assert (row.standing_in_for, row.listed, row.note) == (
        chief,
        False,
        "Joined at 10:40",
    )
    page = as_(staff).get(url_of(meeting)).text
    for text in ("for Richard Cooper", "Chair, not in the printed list", "10:40"):
        assert text in page


def test_nobody_stands_in_for_themselves(as_, staff, meeting):
    row = AttendeeFactory(meeting=meeting)
    page = edit(as_(staff), row, standing_in_for=row.person_id, note="Kept")
    assert page.status_code == 422
    assert "Choose the standing in for again" in page.text
    assert "Kept" in page.text


def test_a_stale_row_is_refused_and_shows_both(as_, staff, administrator, meeting):
    row = AttendeeFactory(meeting=meeting, attendance="invited", capacity="DBS")
    mine, theirs, url = as_(staff), as_(administrator), at("attendee_edit", row)
    opened = mine.get(url).context["form"]
    edit(theirs, row, capacity="Their capacity")
    page = mine.post(url, as_shown(opened, capacity="My capacity"))
    assert page.status_code == 422
    assert "Their capacity" in page.text
    assert f"Saved by {administrator.name}" in page.text
    assert "My capacity" in page.text
    row.refresh_from_db()
    assert row.capacity == "Their capacity"
    mine.post(url, as_shown(page.context["form"]))
    row.refresh_from_db()
    assert row.capacity == "My capacity"


def test_nobody_is_here_before_the_meeting_has_begun(staff):
    meeting = MeetingFactory(date=SOON)
    seat = AttendeeFactory(meeting=meeting, attendance="invited")
    with pytest.raises(ValidationError, match="The meeting has not begun"):
        mark_everyone_here(meeting, by=staff, today=TODAY)
    seat.refresh_from_db()
    assert seat.attendance == "invited"
    assert mark_everyone_here(meeting, by=staff, today=SOON) == 1


def test_a_row_removed_meanwhile_is_not_moved(meeting):
    seat = AttendeeFactory(meeting=meeting)
    Attendee.objects.filter(pk=seat.pk).delete()
    with pytest.raises(ValidationError, match="removed meanwhile"):
        move_attendee(seat, up=True)


def test_marking_everyone_here_makes_an_open_row_stale(as_, staff, meeting):
    row = AttendeeFactory(meeting=meeting, attendance="invited")
    client, url = as_(staff), at("attendee_edit", row)
    opened = client.get(url).context["form"]
    client.post(reverse("everyone_here", args=[meeting.pk]))
    page = client.post(url, as_shown(opened, attendance="apologies"))
    assert page.status_code == 422
    row.refresh_from_db()
    assert row.attendance == Attendee.Attendance.PRESENT


def test_a_row_removed_meanwhile_gives_the_text_back(as_, staff, meeting):
    row = AttendeeFactory(meeting=meeting)
    client, url = as_(staff), at("attendee_edit", row)
    opened = client.get(url).context["form"]
    row.delete()
    page = client.post(url, as_shown(opened, note="Typed and kept"))
    assert page.status_code == 409
    assert "Typed and kept" in page.text


def test_rows_move_and_are_removed(as_, staff, meeting):
    rows = [
        AttendeeFactory(meeting=meeting, person__name=name) for name in ("A", "B", "C")
    ]
    client = as_(staff)
    client.post(at("attendee_move", rows[2]), {"direction": "up"})
    client.post(at("attendee_move", rows[0]), {"direction": "up"})
    assert names(meeting) == ["A", "C", "B"]
    client.post(at("attendee_move", rows[0]), {"direction": "down"})
    assert names(meeting) == ["C", "A", "B"]
    url = at("attendee_remove", rows[2])
    client.post(url, as_shown(client.get(url).context["form"]))
    assert names(meeting) == ["A", "B"]
    assert Person.objects.filter(name="C").exists()


def test_the_list_of_agreed_minutes_is_not_changed(as_, staff, meeting):
    row = AttendeeFactory(meeting=meeting, attendance="invited")
    Meeting.objects.update(state="agreed")
    client = as_(staff)
    assert "Add somebody" not in client.get(url_of(meeting)).text
    for name in ("everyone_here", "attendee_new"):
        client.post(reverse(name, args=[meeting.pk]), {"name": "New"})
    for name in ("attendee_move", "attendee_edit", "attendee_remove"):
        client.post(at(name, row), {"attendance": "present", "version": "0"})
    assert len(names(meeting)) == 1
    row.refresh_from_db()
    assert row.attendance == Attendee.Attendance.INVITED


@pytest.mark.parametrize("many", [1, 100])
def test_the_list_costs_the_same_for_one_person_and_for_a_hundred(
    as_, staff, meeting, many
):
    for _ in range(many):
        AttendeeFactory(meeting=meeting, organisation=OrganisationFactory())
        AttendeeFactory(organisation=OrganisationFactory())
    client = as_(staff)
    client.get(url_of(meeting))
    with CaptureQueriesContext(connection) as queries:
        client.get(url_of(meeting))
    assert len(queries) == 8
