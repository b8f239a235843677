"""Writes that span several records, each in one transaction."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.flags import as_at
from actions.models import (
    Action,
    Decision,
    Due,
    DueKind,
    Evidence,
    Owner,
    ReferenceCounter,
    Review,
    Update,
)
from actions.reasons import reasons
from assurance.calendar import day_in_words
from assurance.models import User
from meetings.models import Meeting
from meetings.operations import lock_editable


@transaction.atomic
def raise_action(
    *,
    by: User,
    text: str,
    due: Due | None = None,
    owners: Sequence[Owner] = (),
    at: dt.datetime | None = None,
    **fields: Any,
) -> Action:
    """Put a new action in the register, under the next reference of its year.

    ``fields`` say where it was raised: ``meeting`` and perhaps ``item``, or
    ``source_kind``, ``source`` and ``source_on``. The first owner leads. ``at`` is
    when it was written down, now unless said. Refused at a meeting that is cancelled
    or whose minutes are agreed.
    """
    meeting = fields.get("meeting")
    if meeting is not None:
        lock_editable(meeting)
    return _write_down(by=by, text=text, due=due, owners=owners, at=at, **fields)


def _write_down(
    *,
    by: User,
    text: str,
    due: Due | None,
    owners: Sequence[Owner],
    at: dt.datetime | None,
    **fields: Any,
) -> Action:
    action = Action(text=text, **fields)
    action.check_due(due or Due())
    action.due = due or Due()
    action.year = action.raised_on.year
    action.number = ReferenceCounter.next(action.year)
    action.save()
    set_owners(action, owners)
    raised = Update(
        action=action,
        what=Update.What.RAISED,
        author=by,
        at=at or timezone.now(),
        status=action.status,
        meeting=action.meeting,
    )
    raised.due = action.due
    raised.save()
    return action


def set_owners(action: Action, owners: Sequence[Owner]) -> bool:
    """Make these the owners, the first in the lead; True when that changed anything.

    Rows that stay are kept, so that history shows only what changed.
    """
    wanted = {(o.organisation_id, o.post, o.person_id): o for o in owners}
    kept: dict[tuple[Any, ...], Owner] = {}
    changed = False
    for owner in action.owners.all():
        key = (owner.organisation_id, owner.post, owner.person_id)
        if key in wanted:
            kept[key] = owner
        else:
            owner.delete()
            changed = True
    lead = next(iter(wanted), None)
    # One at a time may lead: take the lead away before it is given.
    for key, owner in kept.items():
        if owner.leads and key != lead:
            owner.leads = False
            owner.save(update_fields=["leads"])
            changed = True
    for key, new in wanted.items():
        owner = kept.get(key, new)
        if key in kept and owner.leads == (key == lead):
            continue
        owner.action = action
        owner.leads = key == lead
        owner.save()
        changed = True
    return changed


@transaction.atomic
def edit_action(
    action: Action,
    *,
    save: Callable[[], Any],
    by: User,
    owners: Sequence[Owner],
    changed: Sequence[str],
) -> None:
    """Save what staff changed of the wording and the like, and say so.

    ``save`` writes the row, refusing when somebody else did meanwhile; ``changed``
    names the fields. The due and the status have moves of their own, with a reason.
    """
    save()
    if changed:
        Update.objects.create(
            action=action,
            what=Update.What.EDITED,
            author=by,
            text="Changed: " + ", ".join(changed),
            office_only=True,
        )
    before = owner_names(action)
    if set_owners(action, owners):
        Update.objects.create(
            action=action,
            what=Update.What.OWNERS,
            author=by,
            text=f"From {before or 'nobody'} to {owner_names(action) or 'nobody'}",
        )


@transaction.atomic
def send_update(
    action: Action,
    text: str,
    *,
    by: User,
    provided_by: str = "",
    evidence: Sequence[tuple[str, str]] = (),
    asks: str = "",
    asked_due_on: dt.date | None = None,
) -> Update:
    """The owner's word on the work, with what shows it and what it asks for.

    ``evidence`` is pairs of title and link. Asking for closure proposes it.
    """
    if asks == Update.Asks.CLOSURE:
        update = action.propose_closure(text, by=by, provided_by=provided_by)
    else:
        update = action.add_update(
            text, by=by, provided_by=provided_by, asks=asks, asked_due_on=asked_due_on
        )
    for title, link in evidence:
        Evidence.objects.create(update=update, title=title, link=link)
    return update


def owner_names(action: Action) -> str:
    rows = action.owners.select_related("organisation", "person")
    return "; ".join(str(owner) for owner in rows)


@transaction.atomic
def issue_actions(
    actions: Sequence[Action], *, by: User, at: dt.datetime | None = None
) -> int:
    """Release these together; says how many were not issued before."""
    waiting = [action for action in actions if not action.is_issued]
    for action in waiting:
        action.issue(by=by, at=at or timezone.now())
    return len(waiting)


@transaction.atomic
def replace_action(
    action: Action,
    texts: Sequence[str],
    *,
    reason: str,
    by: User,
    decision: Decision,
    meeting: Meeting | None = None,
) -> list[Action]:
    """Replace an action by one or several that carry on its owners and its due.

    Each keeps where it was raised and the first due; each names what it replaces.
    """
    action.replace(reason, by=by, decision=decision, meeting=meeting)
    first = action.first_due()
    successors = []
    for text in texts:
        successor = _write_down(
            by=by,
            text=text,
            due=first,
            owners=[
                Owner(organisation=o.organisation, post=o.post, person=o.person)
                for o in action.owners.select_related("organisation", "person")
            ],
            at=None,
            meeting=action.meeting,
            item=action.item,
            source_kind=action.source_kind,
            source=action.source,
            source_on=action.source_on,
            due_words=action.due_words,
            office_lead=action.office_lead,
            withheld=action.withheld,
            withheld_reason=action.withheld_reason,
            replaces=action,
        )
        if action.is_issued:
            successor.issue(by=by)
        if action.due != successor.due:
            successor.redate(
                action.due, f"As {action.reference} stood", by=by, decision=decision
            )
        successors.append(successor)
    return successors


@transaction.atomic
def bring_forward(
    action: Action,
    meeting: Meeting,
    *,
    because: str,
    by: User,
    at: dt.datetime | None = None,
) -> Review:
    """Put an action on the list of a meeting that would not list it by itself.

    Refused where it could not be on that list: raised on its day or later, or on hold
    until after it.
    """
    action = Action.objects.select_for_update(of=("self",)).get(pk=action.pk)
    if not action.is_unresolved:
        raise ValidationError(
            f"Action {action.reference} is {action.get_status_display().lower()}; "
            "reopen it first"
        )
    if action.raised_on >= meeting.date:
        raise ValidationError(
            {
                "meeting": "Choose a meeting after the action was raised, "
                f"{day_in_words(action.raised_on)}"
            }
        )
    if action.look_again_on and action.look_again_on > meeting.date:
        raise ValidationError(
            f"Action {action.reference} is on hold until "
            f"{day_in_words(action.look_again_on)}; take it off hold first"
        )
    review, created = Review.objects.get_or_create(
        action=action,
        meeting=meeting,
        defaults={
            "reason": because,
            "status_then": action.status,
            "brought_by": by,
        },
    )
    if not created:
        raise ValidationError(
            f"Action {action.reference} is on the list of {meeting} already"
        )
    Update.objects.create(
        action=action,
        what=Update.What.BROUGHT_FORWARD,
        author=by,
        at=at or timezone.now(),
        text=because,
        meeting=meeting,
    )
    return review


@transaction.atomic
def record_review(
    action: Action,
    meeting: Meeting,
    outcome: str,
    *,
    by: User,
    note: str = "",
    to_a_date: bool = False,
    at: dt.datetime | None = None,
) -> Review:
    """Write down what a meeting made of an action: one review for the two.

    Moves that go with an outcome (closing, a new date) are made by the caller, after
    this and in the same transaction, so that the review keeps why the action was on
    the list and how it stood then.
    """
    action = Action.objects.select_for_update(of=("self",)).get(pk=action.pk)
    if not action.is_unresolved:
        raise ValidationError(
            f"Action {action.reference} is {action.get_status_display().lower()}; "
            "reopen it first"
        )
    review = Review.objects.filter(action=action, meeting=meeting).first() or Review(
        action=action, meeting=meeting
    )
    if review.outcome:
        raise ValidationError(
            f"Action {action.reference} was reviewed at this meeting already: "
            f"{review.get_outcome_display().lower()}"
        )
    review.outcome = outcome
    review.reason = _why_listed(action, meeting)
    review.status_then = action.status
    review.to_a_date = to_a_date
    review.note = note
    review.recorded_by = by
    review.recorded_at = at or timezone.now()
    review.save()
    Update.objects.create(
        action=action,
        what=Update.What.REVIEWED,
        author=by,
        at=review.recorded_at,
        text=f"{review.get_outcome_display()}. {note}".strip(),
        meeting=meeting,
    )
    return review


def _why_listed(action: Action, meeting: Meeting) -> str:
    """The reasons in words for which it was on the list; blank when it was not."""
    today = timezone.localdate()
    flagged = (
        Action.objects.with_flags(today=today, meeting=meeting)
        .for_rows()
        .get(pk=action.pk)
    )
    if flagged.reason is None:
        return ""
    return "; ".join(reasons(flagged, on=as_at(today, meeting), meeting=meeting))


def _tied_to_meetings() -> dict[int, Action]:
    """Unresolved actions whose due is a meeting, with what that comes to now."""
    tied = Action.objects.unresolved().exclude(
        due_kind__in=[DueKind.NONE, DueKind.DATE]
    )
    return {action.pk: action for action in tied.with_ties()}


def _say_what_moved(before: dict[int, Action], why: str, *, by: User) -> int:
    """Write to each action whose meeting or day is another now; says how many."""
    moved = 0
    for pk, action in _tied_to_meetings().items():
        was = before[pk]
        if (was.due_at_id, was.due_date) == (action.due_at_id, action.due_date):
            continue
        now = "it waits for another meeting"
        if action.due_date:
            now = f"due {day_in_words(action.due_date)} now"
        action.note_meeting_moved(f"{why}: {now}", by=by)
        moved += 1
    return moved


@transaction.atomic
def reschedule_meeting(
    meeting: Meeting,
    *,
    date: dt.date,
    start: dt.time | None,
    end: dt.time | None,
    by: User,
) -> int:
    """Give a meeting another date. Dues that follow it say so, uncounted.

    An action tied to "the next meeting on a theme" may now look at another one. Returns
    how many dues changed; another time of day seldom changes any.
    """
    held = Meeting.objects.select_for_update(no_key=True, of=("self",))
    was = held.get(pk=meeting.pk).date
    before = _tied_to_meetings()
    meeting.reschedule(date=date, start=start, end=end)
    why = f"{meeting} moved from {day_in_words(was)} to {day_in_words(date)}"
    return _say_what_moved(before, why, by=by)


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, because: str, by: User) -> int:
    """Cancel a meeting with a reason. Dues that hung on it say so; says how many.

    Refused where actions were raised at it: then it was held.
    """
    if Action.objects.filter(meeting=meeting).exists():
        raise ValidationError(
            "Actions were raised at this meeting, so it was held and cannot be "
            "cancelled"
        )
    before = _tied_to_meetings()
    meeting.cancel(because)
    why = f"{meeting} of {day_in_words(meeting.date)} was cancelled"
    return _say_what_moved(before, why, by=by)


@transaction.atomic
def circulate_minutes(
    meeting: Meeting, *, by: User, at: dt.datetime | None = None
) -> int:
    """Circulate the draft; all its actions are issued with it. Says how many were."""
    meeting.circulate()
    return issue_actions(list(meeting.actions.unresolved().not_issued()), by=by, at=at)
