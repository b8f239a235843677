"""The life of an action: moves, the timeline they write, and who may make them."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from actions.agreement import circulate_minutes
from actions.lifecycle import MOVE_NEEDS, RESOLVED, TRANSITIONS, Move, Status
from actions.models import Action, Due, Owner, Update
from actions.operations import (
    cancel_meeting,
    issue_actions,
    raise_action,
    replace_action,
    reschedule_meeting,
    send_update,
    set_owners,
)
from assurance.permissions import Permission
from meetings.models import Meeting
from tests.actions.pages import replayed
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    OrganisationFactory,
    PersonFactory,
    ThemeFactory,
    UserFactory,
    decision,
    due_on,
)

pytestmark = pytest.mark.django_db

LATER = timezone.localdate() + dt.timedelta(days=30)


def make(action: Action, move: Move, *, by) -> None:
    """Make any move with the least it needs."""
    decided = {"by": by, "decision": decision()}
    match move:
        case Move.PROPOSE:
            action.propose_closure("Done", by=by)
        case Move.TAKE_BACK:
            action.take_back("Not quite", by=by)
        case Move.CLOSE:
            action.close(**decided)
        case Move.RETURN:
            action.return_to_owner("Show it", **decided)
        case Move.REDATE:
            action.redate(Due.on_date(LATER), "Later", **decided)
        case Move.HOLD:
            action.hold("Audit", until=LATER, **decided)
        case Move.RESUME:
            action.resume("Audit done", **decided)
        case Move.REPLACE:
            action.replace("Split", **decided)
        case Move.WITHDRAW:
            action.withdraw("Overtaken", **decided)
        case Move.REOPEN:
            action.reopen("Not done after all", **decided)


# How each status is reached from open.
WAY = {
    Status.OPEN: [],
    Status.PROPOSED: [Move.PROPOSE],
    Status.ON_HOLD: [Move.HOLD],
    Status.CLOSED: [Move.CLOSE],
    Status.REPLACED: [Move.REPLACE],
    Status.WITHDRAWN: [Move.WITHDRAW],
}
# Written by hand from the table of the design, not from the code.
POSSIBLE = {
    Status.OPEN: {"propose", "close", "redate", "hold", "replace", "withdraw"},
    Status.PROPOSED: {
        "take-back",
        "return",
        "close",
        "redate",
        "hold",
        "replace",
        "withdraw",
    },
    Status.ON_HOLD: {
        "propose",
        "close",
        "redate",
        "resume",
        "hold",
        "replace",
        "withdraw",
    },
    Status.CLOSED: {"reopen"},
    Status.REPLACED: {"reopen"},
    Status.WITHDRAWN: {"reopen"},
}


def test_every_status_is_in_the_table_and_every_move_has_somebody_who_may_make_it():
    assert set(TRANSITIONS) == set(Status)
    assert set(MOVE_NEEDS) == set(Move)
    assert {m for moves in TRANSITIONS.values() for m in moves} == set(Move)


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("status", Status)
def test_a_move_is_made_where_the_table_allows_it_and_refused_elsewhere(
    status, move, staff
):
    action = ActionFactory(due=due_on(2025, 9, 1))
    for step in WAY[status]:
        make(action, step, by=staff)
    entries = action.updates.count()
    if move in POSSIBLE[status]:
        make(action, move, by=staff)
        assert action.updates.count() > entries
    else:
        with pytest.raises(ValidationError, match="so this cannot be done"):
            make(action, move, by=staff)
        assert action.updates.count() == entries
    action = Action.objects.get(pk=action.pk)
    assert replayed(action) == (action.status, action.due, action.look_again_on)


def test_a_decision_keeps_by_on_how_and_who_recorded_it(staff):
    action = ActionFactory()
    closed = action.close(by=staff, decision=decision(by="John Campion"), text="Seen")
    assert (closed.decided_by, closed.decided_how) == ("John Campion", "meeting")
    assert closed.decided_on == timezone.localdate()
    assert closed.author == staff


def test_a_move_works_on_the_action_as_it_is_now_not_as_it_was_read(staff):
    action = ActionFactory()
    stale = Action.objects.get(pk=action.pk)
    action.close(by=staff, decision=decision())
    with pytest.raises(ValidationError, match="is closed now"):
        stale.hold("Audit", until=LATER, by=staff, decision=decision())
    assert Action.objects.get(pk=action.pk).status == Status.CLOSED


def test_reopening_keeps_reference_and_history(staff):
    action = ActionFactory()
    reference = action.reference
    action.close(by=staff, decision=decision())
    action.reopen("Re-audit failed", by=staff, decision=decision())
    assert (action.reference, action.status) == (reference, Status.OPEN)
    assert [u.what for u in action.updates.all()] == [
        "raised",
        "issued",
        "closed",
        "reopened",
    ]


def test_closing_accepts_the_proposal_and_overtakes_other_requests(staff, liaison):
    action = ActionFactory(organisation=liaison.organisation)
    asked = send_update(
        action, "Late", by=liaison, asks=Update.Asks.DATE, asked_due_on=LATER
    )
    proposal = action.propose_closure("Done", by=liaison)
    action.close(by=staff, decision=decision())
    assert Update.objects.get(answers=proposal).accepted is True
    assert Update.objects.get(answers=asked).accepted is False
    assert not action.open_requests().exists()


def test_the_first_due_date_is_never_lost_and_each_change_is_counted(staff):
    action = ActionFactory(due=due_on(2025, 9, 1))
    for month in (10, 11):
        action.redate(due_on(2025, month, 1), "Late", by=staff, decision=decision())
    assert action.due == due_on(2025, 11, 1)
    assert action.first_due() == due_on(2025, 9, 1)
    assert Action.objects.with_moves_counted().get(pk=action.pk).times_moved == 2


def test_a_due_corrected_before_it_was_issued_is_not_counted(staff):
    action = ActionFactory(due=due_on(2025, 9, 1), issued=False)
    action.redate(due_on(2025, 9, 11), "Typed wrong", by=staff, decision=decision())
    assert action.first_due() == due_on(2025, 9, 11)
    assert Action.objects.with_moves_counted().get(pk=action.pk).times_moved == 0


def test_the_due_it_has_already_is_refused(staff):
    action = ActionFactory(due=due_on(2025, 9, 1))
    with pytest.raises(ValidationError, match="its due already"):
        action.redate(due_on(2025, 9, 1), "Same", by=staff, decision=decision())


def test_what_a_change_of_due_is_called_is_decided_on_the_action_as_it_is_now(staff):
    action = ActionFactory()
    stale = Action.objects.get(pk=action.pk)
    action.redate(due_on(2025, 9, 1), "Agreed", by=staff, decision=decision())
    stale.redate(due_on(2025, 10, 1), "Late", by=staff, decision=decision())
    assert Action.objects.with_moves_counted().get(pk=action.pk).times_moved == 1


def test_a_tie_says_so_when_the_next_meeting_of_its_kind_is_another_now(staff):
    theme = ThemeFactory()
    first = MeetingFactory(date=dt.date(2025, 6, 1), themes=[theme])
    MeetingFactory(date=dt.date(2025, 7, 1), themes=[theme])
    action = ActionFactory(due=Due.at_next_on(theme))
    moved = reschedule_meeting(
        first, date=dt.date(2025, 8, 1), start=None, end=None, by=staff
    )
    assert moved == 1
    entry = action.updates.get(what=Update.What.MEETING_MOVED)
    assert entry.text.endswith("due 1 July 2025 now")
    back = dt.date(2025, 5, 1)
    reschedule_meeting(first, date=back, start=None, end=None, by=staff)
    latest = action.updates.filter(what=Update.What.MEETING_MOVED).last()
    assert latest.text.endswith("due 1 May 2025 now")


def test_a_meeting_at_which_actions_were_raised_cannot_be_cancelled(staff):
    meeting = MeetingFactory()
    ActionFactory(meeting=meeting)
    with pytest.raises(ValidationError, match="it was held"):
        cancel_meeting(meeting, because="Election", by=staff)


@pytest.mark.parametrize("state", [Meeting.State.CANCELLED, Meeting.State.AGREED])
def test_nothing_is_raised_at_a_meeting_that_is_cancelled_or_agreed(staff, state):
    because = "Election" if state == Meeting.State.CANCELLED else ""
    meeting = MeetingFactory(state=state, cancelled_because=because)
    with pytest.raises(ValidationError):
        raise_action(by=staff, text="Share", meeting=meeting)


def test_a_replacement_is_withheld_as_what_it_replaces(staff):
    action = ActionFactory(withheld=True, withheld_reason="s40")
    (new,) = replace_action(
        action, ["Same"], reason="Wording", by=staff, decision=decision()
    )
    assert (new.withheld, new.withheld_reason) == (True, "s40")


def test_a_first_due_date_given_later_is_not_counted_as_a_change(staff):
    action = ActionFactory()
    action.redate(due_on(2025, 9, 1), "Agreed", by=staff, decision=decision())
    assert action.first_due() == due_on(2025, 9, 1)
    assert Action.objects.with_moves_counted().get(pk=action.pk).times_moved == 0


def test_a_moved_meeting_moves_what_is_due_at_it_and_says_so_uncounted(staff):
    meeting = MeetingFactory(date=dt.date(2025, 6, 1))
    action = ActionFactory(due=Due.at_meeting(meeting))
    other = ActionFactory(due=due_on(2025, 6, 1))
    count = reschedule_meeting(
        meeting, date=dt.date(2025, 6, 8), start=None, end=None, by=staff
    )
    assert count == 1
    moved = action.updates.get(what=Update.What.MEETING_MOVED)
    assert "from 1 June 2025 to 8 June 2025" in moved.text
    assert not other.updates.filter(what=Update.What.MEETING_MOVED).exists()
    assert Action.objects.with_moves_counted().get(pk=action.pk).times_moved == 0
    assert Action.objects.with_ties().get(pk=action.pk).due_date == dt.date(2025, 6, 8)


def test_a_cancelled_meeting_needs_a_reason_and_tells_what_was_due_there(staff):
    meeting = MeetingFactory(date=dt.date(2025, 6, 1))
    action = ActionFactory(due=Due.at_meeting(meeting))
    with pytest.raises(ValidationError):
        cancel_meeting(meeting, because=" ", by=staff)
    assert cancel_meeting(meeting, because="Election", by=staff) == 1
    assert action.updates.filter(text__contains="was cancelled").exists()


@pytest.mark.parametrize(
    "due", [due_on(2025, 3, 25), Due.at_next_on], ids=["date", "meeting"]
)
def test_a_due_before_the_action_was_raised_is_refused(staff, due):
    meeting = MeetingFactory(date=dt.date(2025, 3, 26))
    if callable(due):
        due = Due.at_meeting(MeetingFactory(date=dt.date(2025, 3, 1)))
    with pytest.raises(ValidationError, match="26 March 2025"):
        raise_action(by=staff, text="Share", meeting=meeting, due=due)
    assert not Action.objects.exists()


# Issuing


def test_issuing_twice_changes_nothing(staff):
    action = ActionFactory(issued=False)
    assert issue_actions([action], by=staff) == 1
    first = action.issued_at
    action.issue(by=staff)
    action.refresh_from_db()
    assert action.issued_at == first
    assert action.history.count() == 2
    assert action.updates.filter(what=Update.What.ISSUED).count() == 1


def test_circulating_the_minutes_issues_all_their_actions(staff):
    meeting = MeetingFactory(state=Meeting.State.DRAFT)
    actions = [ActionFactory(meeting=meeting, issued=False) for _ in range(2)]
    elsewhere = ActionFactory(issued=False)
    assert circulate_minutes(meeting, by=staff) == 2
    assert all(Action.objects.get(pk=a.pk).is_issued for a in actions)
    assert not Action.objects.get(pk=elsewhere.pk).is_issued


def test_circulating_leaves_what_was_dropped_before_it_was_issued(staff):
    meeting = MeetingFactory(state=Meeting.State.DRAFT)
    dropped = ActionFactory(meeting=meeting, issued=False)
    dropped.withdraw("Raised twice", by=staff, decision=decision())
    assert circulate_minutes(meeting, by=staff) == 0
    assert not Action.objects.get(pk=dropped.pk).is_issued


def test_another_time_of_a_meeting_moves_no_due_date(staff):
    meeting = MeetingFactory(date=dt.date(2025, 6, 1))
    action = ActionFactory(due=Due.at_meeting(meeting))
    assert not reschedule_meeting(
        meeting, date=meeting.date, start=dt.time(14), end=None, by=staff
    )
    assert not action.updates.filter(what=Update.What.MEETING_MOVED).exists()


def test_before_it_is_issued_staff_may_drop_an_action_afterwards_it_is_a_decision():
    action = ActionFactory(issued=False)
    assert action.needed_for(Move.WITHDRAW) == Permission.EDIT_ACTIONS
    assert ActionFactory().needed_for(Move.WITHDRAW) == Permission.DECIDE_ACTIONS


# References


def test_references_run_by_year_of_the_meeting_and_are_never_used_again(staff):
    of_2025 = MeetingFactory(date=dt.date(2025, 3, 26))
    of_2020 = MeetingFactory(date=dt.date(2020, 8, 4))
    first = ActionFactory(meeting=of_2025)
    first.withdraw("Raised by mistake", by=staff, decision=decision())
    second = ActionFactory(meeting=of_2025)
    old = ActionFactory(meeting=of_2020)
    assert [a.reference for a in (first, second, old)] == [
        "2025/01",
        "2025/02",
        "2020/01",
    ]


def test_a_refused_action_takes_no_number(staff):
    meeting = MeetingFactory()
    with pytest.raises(ValidationError):
        raise_action(by=staff, text="Late", meeting=meeting, due=due_on(2020, 1, 1))
    assert ActionFactory(meeting=meeting).number == 1


# The timeline


def test_an_entry_of_the_timeline_is_never_changed_or_deleted(staff):
    update = ActionFactory().add_update("We began", by=staff)
    update.text = "We finished"
    with pytest.raises(TypeError):
        update.save()
    with pytest.raises(TypeError):
        update.delete()
    assert Update.objects.get(pk=update.pk).text == "We began"


def test_an_action_with_a_timeline_cannot_be_deleted():
    with pytest.raises(IntegrityError):
        ActionFactory().delete()


def test_a_resolved_action_takes_no_update(staff):
    action = ActionFactory()
    action.close(by=staff, decision=decision())
    with pytest.raises(ValidationError, match="takes no more updates"):
        action.add_update("One more thing", by=staff)


def test_a_request_is_answered_once(staff, liaison):
    action = ActionFactory(organisation=liaison.organisation)
    asked = send_update(
        action, "Late", by=liaison, asks=Update.Asks.OTHER, evidence=[("Plan", "x")]
    )
    action.answer(asked, "No", accepted=False, by=staff, decision=decision())
    with pytest.raises(ValidationError, match="answered already"):
        action.answer(asked, "Yes", accepted=True, by=staff, decision=decision())
    assert [e.title for e in asked.evidence.all()] == ["Plan"]


# Owners


def test_owners_that_stay_keep_their_row_and_the_first_leads():
    force, partner = OrganisationFactory(), OrganisationFactory()
    action = ActionFactory(organisation=force)
    kept = action.owners.get()
    person = PersonFactory()
    assert set_owners(
        action,
        [
            Owner(organisation=partner, post="Director", person=person),
            Owner(organisation=force),
        ],
    )
    assert [(o.organisation, o.leads) for o in action.owners.all()] == [
        (partner, True),
        (force, False),
    ]
    assert action.owners.get(organisation=force).pk == kept.pk
    assert not set_owners(action, list(action.owners.all()))


def test_replacing_splits_an_action_and_links_both_ways(staff):
    theme = ThemeFactory()
    force = OrganisationFactory()
    item = AgendaItemFactory()
    action = ActionFactory(
        meeting=item.meeting,
        item=item,
        organisation=force,
        due=Due.at_next_on(theme),
    )
    later = due_on(2025, 9, 1)
    action.redate(later, "Agreed", by=staff, decision=decision())
    new = replace_action(
        action,
        ["First half", "Second half"],
        reason="Split",
        by=staff,
        decision=decision(),
    )
    assert action.status == Status.REPLACED
    assert list(action.replaced_by.all()) == new
    for one in new:
        assert (one.item, one.due, one.is_issued) == (item, later, True)
        assert one.first_due() == Due.at_next_on(theme)
        assert [o.organisation for o in one.owners.all()] == [force]


# Who may


def test_moves_are_offered_to_those_who_may_make_them(staff, commissioner, liaison):
    action = ActionFactory(organisation=liaison.organisation)
    assert action.moves_for(liaison) == [Move.PROPOSE]
    decisions = [Move.CLOSE, Move.REDATE, Move.HOLD, Move.REPLACE, Move.WITHDRAW]
    assert action.moves_for(commissioner) == decisions
    action.propose_closure("Done", by=liaison)
    assert action.moves_for(liaison) == [Move.TAKE_BACK]
    assert Move.RETURN in action.moves_for(staff)
    assert Move.TAKE_BACK not in action.moves_for(staff)
    action.close(by=commissioner, decision=decision())
    assert action.moves_for(liaison) == []
    assert action.moves_for(commissioner) == [Move.REOPEN]


def test_only_the_organisation_that_proposed_takes_its_proposal_back(liaison):
    other = UserFactory(liaison=True)
    action = ActionFactory(
        owners=[
            Owner(organisation=liaison.organisation),
            Owner(organisation=other.organisation),
        ]
    )
    action.propose_closure("Done", by=liaison)
    assert action.moves_for(other) == []
    assert not action.may(other, Move.TAKE_BACK)
    colleague = UserFactory(role="liaison", organisation=liaison.organisation)
    assert action.moves_for(colleague) == [Move.TAKE_BACK]


def test_a_liaison_sees_what_their_organisation_owns_once_it_is_issued(liaison):
    mine = ActionFactory(organisation=liaison.organisation)
    ActionFactory(organisation=liaison.organisation, issued=False)
    ActionFactory(organisation=OrganisationFactory())
    ActionFactory()
    assert list(Action.objects.visible_to(liaison)) == [mine]


def test_office_notes_are_not_in_a_liaisons_timeline(staff, liaison):
    action = ActionFactory(organisation=liaison.organisation)
    note = action.add_note("Ask the chief about this", by=staff)
    assert note in action.updates.visible_to(staff)
    assert note not in action.updates.visible_to(liaison)


def test_what_was_done_before_it_was_issued_is_not_in_a_liaisons_timeline(
    staff, liaison
):
    action = ActionFactory(organisation=liaison.organisation, issued=False)
    early = action.redate(
        due_on(2025, 9, 1), "PCC: hurry", by=staff, decision=decision()
    )
    action.issue(by=staff)
    action.add_update("Begun", by=liaison)
    seen = action.updates.visible_to(liaison)
    assert early not in seen
    assert [update.what for update in seen] == ["issued", "update"]


def test_resolved_statuses_are_those_that_only_reopen():
    assert {s for s in Status if set(TRANSITIONS[s]) == {Move.REOPEN}} == set(RESOLVED)
