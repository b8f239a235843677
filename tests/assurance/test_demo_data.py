"""The demonstration: the facts of two real meetings, and something of everything."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from actions.flags import Reason
from actions.lifecycle import Status
from actions.models import Action, Review, Update, UpdateRequest
from assurance.demonstration.made_up_meetings import LABEL
from assurance.models import User
from assurance.permissions import Role
from meetings.models import Attendee, Meeting, MinutesVersion
from tests.factories import UserFactory

# A Wednesday, a Saturday before Christmas, days before Easter, a leap day, a Sunday.
DAYS = ["2026-05-13", "2026-12-19", "2026-03-25", "2028-02-29", "2027-01-03"]


@pytest.fixture
def demonstration(db: None) -> None:
    call_command("demo_data")


@pytest.fixture(params=DAYS)
def made_on(db: None, request: pytest.FixtureRequest) -> Iterator[dt.date]:
    """The demonstration as somebody sees it who makes it on that day."""
    with time_machine.travel(f"{request.param} 09:30", tick=False):
        call_command("demo_data")
        yield timezone.localdate()


def meeting_on(year: int, month: int, day: int) -> Meeting:
    return Meeting.objects.get(date=dt.date(year, month, day))


def attendance(meeting: Meeting) -> list[tuple[str, str, str]]:
    return [
        (attendee.person.name, attendee.capacity, attendee.abbreviation)
        for attendee in meeting.attendees.present()
    ]


# Making the demonstration takes a second, so each test looks at much of it: the rules
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


def test_on_whatever_day_it_is_made_something_of_everything_can_be_seen(
    made_on: dt.date,
) -> None:
    every_reason_and_every_status_can_be_seen(made_on)
    every_way_to_be_on_the_list_can_be_seen(made_on)
    the_next_meeting_is_nine_days_ahead_and_made_ready(made_on)
    the_states_of_a_meeting_can_be_seen(made_on)
    every_timeline_is_in_order_and_adds_up()
    reviews_were_recorded_at_their_meetings()
    every_way_to_answer_what_was_asked_can_be_seen()
    whatever_is_made_up_says_so()


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


# The made-up ones


def every_reason_and_every_status_can_be_seen(made_on: dt.date) -> None:
    meeting = Meeting.objects.for_review(today=made_on)[0]
    listed = Action.objects.for_review_at(meeting, today=made_on)

    assert {action.reason for action in listed} == set(Reason)
    assert {action.status for action in Action.objects.all()} == set(Status)


def every_way_to_be_on_the_list_can_be_seen(made_on: dt.date) -> None:
    meeting = Meeting.objects.for_review(today=made_on)[0]
    listed = list(
        Action.objects.for_review_at(meeting, today=made_on).with_moves_counted()
    )

    for flag in (
        *("is_proposed", "asks_something", "is_overdue", "is_due_by", "is_due_soon"),
        *("is_brought", "is_carried", "hold_ended"),
        *("has_no_owner", "has_no_due", "waits"),
    ):
        assert any(getattr(action, flag) for action in listed), flag
    due = [action for action in listed if action.reason == Reason.DUE_BY]
    assert {action.due_kind for action in due} == {"date", "type"}
    overdue = [action for action in listed if action.reason == Reason.OVERDUE]
    assert {action.times_moved for action in overdue} == {0, 1, 2}
    assert any(not action.is_issued for action in listed)
    assert any(
        action.updates.filter(what=Update.What.RETURNED).exists() for action in listed
    )
    assert Action.objects.not_started().exists()


def the_next_meeting_is_nine_days_ahead_and_made_ready(made_on: dt.date) -> None:
    meeting = Meeting.objects.for_review(today=made_on)[0]

    assert 9 <= (meeting.date - made_on).days <= 13
    items = meeting.agenda()
    assert any(item.asked_of_force for item in items)
    assert any(item.lines_of_enquiry for item in items)
    papers = [paper for item in items for paper in item.papers.all()]
    assert {paper.came_late for paper in papers} == {True, False}
    assert {a.attendance for a in meeting.attendance()} == {"invited"}


def the_states_of_a_meeting_can_be_seen(made_on: dt.date) -> None:
    assert {meeting.state for meeting in Meeting.objects.all()} >= {
        Meeting.State.PLANNED,
        Meeting.State.DRAFT,
        Meeting.State.CIRCULATED,
        Meeting.State.CANCELLED,
    }
    assert any(m.was_not_recorded(today=made_on) for m in Meeting.objects.all())


def every_timeline_is_in_order_and_adds_up() -> None:
    now = timezone.now()
    for action in Action.objects.prefetch_related("updates"):
        updates = list(action.updates.all())
        assert updates[0].what == Update.What.RAISED
        # One that replaces another is written down later than that was raised.
        assert action.replaces or timezone.localdate(updates[0].at) == action.raised_on
        assert updates[-1].at <= now
        assert [u.status for u in updates if u.status][-1] == action.status
        dues = [u.due for u in updates if u.due_kind]
        assert dues[-1] == action.due
        issued = [u.at for u in updates if u.what == Update.What.ISSUED]
        said = [u.at for u in updates if u.author.role == Role.LIAISON]
        assert issued == ([action.issued_at] if action.issued_at else [])
        assert not said or min(said) > issued[0]


def reviews_were_recorded_at_their_meetings() -> None:
    recorded = Review.objects.exclude(outcome="")
    assert {review.outcome for review in recorded} == {"closed", "carried", "returned"}
    for review in recorded:
        assert review.recorded_at
        assert timezone.localdate(review.recorded_at) == review.meeting.date


def every_way_to_answer_what_was_asked_can_be_seen() -> None:
    requests = UpdateRequest.objects.with_answers(now=timezone.now())
    for_next = requests.filter(meeting__state="planned")
    assert {one.is_answered for one in for_next} == {True, False}
    assert len({one.asked_at for one in for_next}) == 2
    assert all(one.is_wanted or one.is_answered for one in for_next)
    last = requests.exclude(meeting__state="planned")
    assert {(one.is_answered, one.is_late) for one in last} == {
        (True, False),
        (True, True),
        (False, True),
    }


def whatever_is_made_up_says_so() -> None:
    real = {dt.date(2020, 8, 4), dt.date(2020, 9, 24)}
    real |= {dt.date(2025, 3, 26), dt.date(2025, 5, 30)}
    for meeting in Meeting.objects.exclude(date__in=real):
        assert LABEL in meeting.title
    for action in Action.objects.exclude(meeting__date__in=real):
        assert LABEL in action.text


# The command


@pytest.mark.usefixtures("demonstration")
def test_each_role_signs_in_with_the_password_of_the_demonstration() -> None:
    for role in ("administrator", "staff", "commissioner", "liaison"):
        answer = Client().post(
            "/accounts/login/",
            {"login": f"{role}@demo.example", "password": "assurance-demo"},
        )

        assert answer.status_code == 302
        assert User.objects.get(email=f"{role}@demo.example").role == role


def test_running_it_again_changes_nothing_not_even_on_another_day(db: None) -> None:
    with time_machine.travel("2026-05-13 09:30", tick=False):
        call_command("demo_data")
        before = rows()
        call_command("demo_data")
        assert rows() == before
    with time_machine.travel("2026-06-20 09:30", tick=False):
        call_command("demo_data")
        assert rows() == before


def rows() -> dict[str, list]:
    """All rows of the three applications, histories too."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values_list())
        for label in ("assurance", "meetings", "actions")
        for model in apps.get_app_config(label).get_models()
    }


def test_it_says_in_one_line_what_it_made(db: None, capsys) -> None:
    call_command("demo_data")
    made = capsys.readouterr().out
    call_command("demo_data")
    again = capsys.readouterr().out

    assert made == (
        f"Demonstration made: 4 accounts, {Meeting.objects.count()} meetings, "
        f"{Action.objects.count()} actions.\n"
    )
    assert "nothing was changed" in again


def test_a_database_in_use_is_left_alone(db: None) -> None:
    UserFactory()

    with pytest.raises(CommandError, match="in use"):
        call_command("demo_data")

    assert User.objects.count() == 1
