"""What old minutes say of actions of earlier meetings, saved."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from actions.importing.plan import (
    AS_NEW,
    IN_NOTES,
)
from actions.models import Action, How, Update
from assurance.models import User
from tests.actions.old_minutes import (
    HELD,
    doubts_of,
    earlier,
    make_known,
    plan_of,
    save,
)
from tests.factories import (
    ActionFactory,
    MeetingFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def registers() -> dict[str, Any]:
    return make_known()


@pytest.mark.parametrize(
    ("reference", "text"),
    [("2024/01", "Other"), ("OLD 7", "Other"), ("", "write the PLAN.")],
)
def test_an_earlier_action_is_found_by_reference_or_words(
    staff: User, registers: dict[str, Any], reference: str, text: str
) -> None:
    known = ActionFactory(
        meeting=MeetingFactory(date=dt.date(2024, 1, 1), state="draft"),
        text=text,
        older_reference="old 7",
    )
    read = earlier(reference=reference, update="Half done")
    meeting = save(plan_of(read), staff)
    said = known.updates.last()
    assert (said.what, said.text, said.meeting) == ("note", "Half done", meeting)
    assert not meeting.actions.exists()
    assert "Write the plan" in meeting.agenda()[0].notes


@pytest.mark.parametrize(("reference", "text"), [("2026/01", "Other"), ("", "")])
def test_a_meeting_says_nothing_of_an_action_raised_after_it(
    staff: User, registers: dict[str, Any], reference: str, text: str
) -> None:
    held = MeetingFactory(date=dt.date(2026, 1, 1), state="draft")
    later = ActionFactory(meeting=held, text=text or "Write the plan")
    plan = plan_of(earlier(reference=reference, update="Half done"))
    assert plan.actions[0].becomes == IN_NOTES
    chosen = (replace(plan.actions[0], becomes=str(later.pk)),)
    with pytest.raises(ValidationError, match="raised on 1 January 2026, after this"):
        save(replace(plan, actions=chosen), staff)
    assert not later.updates.filter(text="Half done").exists()


def test_an_earlier_action_taken_for_another_wording_is_doubtful(
    registers: dict[str, Any],
) -> None:
    held = MeetingFactory(date=dt.date(2024, 1, 1), state="draft")
    ActionFactory(meeting=held, text="Something else")
    doubts = doubts_of(earlier(reference="2024/01"))
    assert doubts["actions-1"] == ["It is taken for 2024/01: “Something else”"]


def test_an_earlier_action_said_to_be_done_closes_as_decided_at_the_meeting(
    staff: User, registers: dict[str, Any]
) -> None:
    held = MeetingFactory(date=dt.date(2024, 1, 1), state="draft")
    known = ActionFactory(meeting=held, text="Write the plan")
    read = earlier(update="It is done", is_closed=True)
    assert len(doubts_of(read)["actions-1"]) == 1
    meeting = save(plan_of(read), staff)
    known.refresh_from_db()
    entry = known.updates.last()
    assert (known.status, entry.decided_on, entry.decided_how) == (
        "closed",
        HELD,
        How.MEETING,
    )
    assert entry.decided_by == "Anna Bell, Commissioner"
    assert entry.meeting == meeting


@pytest.mark.parametrize("is_closed", [True, False])
@pytest.mark.parametrize("becomes", ["known", AS_NEW])
def test_what_draft_minutes_say_of_an_earlier_action_only_the_office_sees(
    staff: User, registers: dict[str, Any], becomes: str, is_closed: bool
) -> None:
    held = MeetingFactory(date=dt.date(2024, 1, 1), state="draft")
    known = ActionFactory(meeting=held, text="Write the plan")
    plan = plan_of(earlier(update="Said in private", is_closed=is_closed))
    chosen = str(known.pk) if becomes == "known" else AS_NEW
    told = replace(plan.actions[0], becomes=chosen, raised_on=dt.date(2024, 1, 1))
    save(replace(plan, actions=(told,)), staff)
    said = [u for u in Update.objects.all() if "private" in u.text]
    assert [(u.what, u.office_only) for u in said] == [("note", True)]
    assert Action.objects.filter(status="closed").exists() is is_closed


def test_what_is_resolved_by_now_takes_a_note(
    staff: User, registers: dict[str, Any]
) -> None:
    held = MeetingFactory(date=dt.date(2024, 1, 1), state="draft")
    known = ActionFactory(meeting=held, text="Write the plan")
    known.withdraw("No need", by=staff, decision=None)
    save(plan_of(earlier(update="Half done")), staff)
    assert known.updates.last().what == Update.What.NOTE


def test_an_earlier_action_unknown_here_stays_in_the_notes(
    staff: User, registers: dict[str, Any]
) -> None:
    read = earlier(reference="03/20", update="Half done")
    plan = plan_of(read)
    assert plan.actions[0].becomes == IN_NOTES
    meeting = save(plan, staff)
    assert meeting.agenda()[0].notes == "03/20 – Write the plan – Half done"
    assert not Action.objects.exists()


def test_an_earlier_action_is_brought_in_with_the_day_it_was_raised(
    staff: User, registers: dict[str, Any]
) -> None:
    plan = plan_of(earlier(reference="03/20/04/2022", update="Half done"))
    action = replace(plan.actions[0], becomes=AS_NEW)
    assert action.raised_on == dt.date(2022, 4, 20)
    with pytest.raises(ValidationError) as refusal:
        save(replace(plan, actions=(replace(action, raised_on=None),)), staff)
    assert list(refusal.value.message_dict) == ["actions-1-raised_on"]
    meeting = save(replace(plan, actions=(action,)), staff)
    brought = Action.objects.get()
    assert (brought.reference, brought.older_reference) == ("2022/01", "03/20/04/2022")
    assert (brought.meeting, brought.source_kind) == (None, "other")
    assert brought.updates.last().meeting == meeting


def test_an_earlier_action_brought_in_as_done_is_closed_at_the_meeting(
    staff: User, registers: dict[str, Any]
) -> None:
    plan = plan_of(earlier(reference="03/20/04/2022", is_closed=True))
    save(replace(plan, actions=(replace(plan.actions[0], becomes=AS_NEW),)), staff)
    brought = Action.objects.get()
    entry = brought.updates.last()
    assert entry is not None
    assert (brought.status, entry.decided_how) == ("closed", How.MEETING)
