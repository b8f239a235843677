"""The demonstration holds the facts of two real meetings, as published."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from actions.models import Action
from assurance.models import User
from meetings.models import Attendee, Meeting, MinutesVersion


@pytest.fixture(scope="module")
def said(once: Any) -> str:
    """What the command says of the demonstration it has made."""
    out = io.StringIO()
    once(lambda: call_command("demo_data", stdout=out))
    return out.getvalue()


@pytest.fixture
def demonstration(said: str, db: None) -> None:
    pass


def meeting_on(year: int, month: int, day: int) -> Meeting:
    return Meeting.objects.get(date=dt.date(year, month, day))


def attendance(meeting: Meeting) -> list[tuple[str, str, str]]:
    return [
        (attendee.person.name, attendee.capacity, attendee.abbreviation)
        for attendee in meeting.attendees.present()
    ]


# Making the demonstration takes seconds, so each test looks at much of it: the rules
# are the functions it calls.


@pytest.mark.usefixtures("demonstration")
def test_the_two_real_meetings_are_as_published() -> None:
    six_attended_in_august_2020_and_the_minute_taker_is_named_beside()
    the_agenda_of_august_2020_is_numbered_as_printed()
    the_work_plan_was_due_in_a_month()
    the_workforce_action_waits_and_is_not_tied_to_the_meeting_held_next()
    nine_attended_in_march_2025()
    three_actions_of_march_2025_have_no_due_and_one_has_no_owner()
    march_2025_confirms_the_performance_meeting_of_30_may()
    the_agenda_of_march_2025_has_sub_headings_and_no_numbers()
    every_mark_in_the_notes_is_an_action_of_that_item()
    both_are_published_with_their_documents()


@pytest.mark.usefixtures("demonstration")
def test_each_role_signs_in_with_the_password_of_the_demonstration() -> None:
    for role in ("administrator", "staff", "commissioner", "liaison"):
        answer = Client().post(
            "/accounts/login/",
            {"login": f"{role}@demo.example", "password": "assurance-demo"},
        )

        assert answer.status_code == 302
        assert User.objects.get(email=f"{role}@demo.example").role == role


def test_it_says_in_one_line_what_it_made(said: str, db: None) -> None:
    assert said == (
        f"Demonstration made: 4 accounts, {Meeting.objects.count()} meetings, "
        f"{Action.objects.count()} actions.\n"
    )


# The real meetings


def both_are_published_with_their_documents() -> None:
    public = MinutesVersion.objects.public()
    assert [version.held_on for version in public] == [
        dt.date(2025, 3, 26),
        dt.date(2020, 8, 4),
    ]
    for version in public:
        assert version.is_intact
        for stored in (version.pdf, version.docx):
            assert stored is not None
            assert stored.size > 5_000
        page = Client().get(f"/published/{version.meeting_id}/").content.decode()
        assert "ACTION" in page
        assert "edited" not in page


def six_attended_in_august_2020_and_the_minute_taker_is_named_beside() -> None:
    meeting = meeting_on(2020, 8, 4)

    assert attendance(meeting) == [
        ("John Campion", "Police and Crime Commissioner", "PCC"),
        ("Tracey Onslow", "Deputy Police and Crime Commissioner", "DPCC"),
        ("Natasha Noorbakhsh", "Policy Officer", "PO"),
        ("Anthony Bangham", "Chief Constable", "CC"),
        ("Rachel Hartland-Lane", "Director of Business Services", "DBS"),
        ("Catherine Allsopp", "Staff Officer", "SO"),
    ]
    taker = meeting.attendees.get(role=Attendee.Role.MINUTE_TAKER)
    assert (taker.person.name, taker.capacity) == (
        "Charity Pearce",
        "Assistant Policy Officer",
    )
    assert not taker.listed
    assert meeting.attendees.get(role="chair").person.name == "John Campion"
    assert meeting.held == Meeting.Held.HYBRID


def the_agenda_of_august_2020_is_numbered_as_printed() -> None:
    agenda = meeting_on(2020, 8, 4).agenda()

    assert [(item.number, item.depth) for item in agenda] == [
        ("1", 0),
        ("2", 0),
        ("", 1),
        ("2.1", 1),
        ("2.2", 1),
        ("2.3", 1),
        ("2.4", 1),
        ("", 0),
        ("", 0),
        ("", 0),
    ]
    assert agenda[2].heading == "Diversity, Equality and Inclusion (DEI)"
    assert agenda[6].heading == "Exit from service with dignity"


def the_work_plan_was_due_in_a_month() -> None:
    work_plan = meeting_on(2020, 8, 4).actions.get(number=1)

    assert work_plan.due_on == dt.date(2020, 9, 4)
    assert work_plan.due_words == "in a month"
    (owner,) = work_plan.owners.all()
    assert str(owner) == "WMP, Director of Business Services, Rachel Hartland-Lane"
    assert work_plan.item
    assert work_plan.item.heading == "Leadership and Culture"


def the_workforce_action_waits_and_is_not_tied_to_the_meeting_held_next() -> None:
    meeting = meeting_on(2020, 8, 4)
    assert meeting.actions.count() == 2
    assert meeting.next_meeting == meeting_on(2020, 9, 24)

    revisit = (
        Action.objects.with_flags(today=timezone.localdate(), meeting=None)
        .filter(meeting=meeting)
        .get(number=2)
    )

    assert revisit.due_words == "at next workforce meeting"
    assert revisit.waits
    assert revisit.due_at_id is None
    assert [str(owner) for owner in revisit.owners.all()] == [
        "OPCC, Police and Crime Commissioner, John Campion"
    ]


def nine_attended_in_march_2025() -> None:
    assert attendance(meeting_on(2025, 3, 26)) == [
        ("John Campion", "Police and Crime Commissioner", "PCC"),
        ("Marc Bayliss", "Deputy Police and Crime Commissioner", "DPCC"),
        ("Charity Pearce", "Senior Policy Officer", "CP"),
        ("Nicola Lowery", "Policy Officer", "NL"),
        ("Lucy Milner", "Business Support Officer", "LM"),
        ("Richard Cooper", "Temporary Chief Constable", "T/CC"),
        ("Rachel Jones", "Temporary Deputy Chief Constable", "T/DCC"),
        ("Grant Wills", "Assistant Chief Constable", "ACC"),
        ("Rachel Hartland-Lane", "Director of Business Services", "RHL"),
    ]


def three_actions_of_march_2025_have_no_due_and_one_has_no_owner() -> None:
    actions = meeting_on(2025, 3, 26).actions.all()

    assert [action.reference for action in actions] == ["2025/01", "2025/02", "2025/03"]
    assert {action.due_kind for action in actions} == {"none"}
    assert [[str(owner) for owner in action.owners.all()] for action in actions] == [
        ["WMP"],
        [],
        ["WMP"],
    ]
    assert "low-level" in actions[0].text
    assert "lower-level" in actions[0].other_wording


def march_2025_confirms_the_performance_meeting_of_30_may() -> None:
    following = meeting_on(2025, 3, 26).next_meeting

    assert following is not None
    assert following.date == dt.date(2025, 5, 30)
    assert (following.start, following.end) == (dt.time(10, 30), dt.time(12, 30))
    assert following.venue == "PCC Conference Room 12"


def the_agenda_of_march_2025_has_sub_headings_and_no_numbers() -> None:
    agenda = meeting_on(2025, 3, 26).agenda()

    assert {item.number for item in agenda} == {""}
    assert [item.depth for item in agenda] == [0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0]


def every_mark_in_the_notes_is_an_action_of_that_item() -> None:
    for action in Action.objects.filter(meeting__date__lt=dt.date(2026, 1, 1)):
        assert action.item is not None
        assert f"[[action {action.reference}]]" in action.item.notes
