"""Writes that span several records, each in one transaction."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import (
    Action,
    Decision,
    Due,
    Evidence,
    Owner,
    ReferenceCounter,
    Review,
    Update,
)
from assurance.models import User
from meetings.models import Meeting


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
    when it was written down, now unless said.
    """
    action = Action(text=text, **fields)
    action.check_due(due or Due())
    action.due = due or Due()
    action.year = action.raised_on.year
    action.number = ReferenceCounter.next(action.year)
    action.save()
    set_owners(action, owners)
    Update.objects.create(
        action=action,
        what=Update.What.RAISED,
        author=by,
        at=at or timezone.now(),
        status=action.status,
        meeting=action.meeting,
        **_due_columns(action.due),
    )
    return action


def _due_columns(due: Due) -> dict[str, Any]:
    return {
        "due_kind": due.kind,
        "due_on": due.on,
        "due_meeting": due.meeting,
        "due_theme": due.theme,
        "due_type": due.type,
        "due_after": due.after,
    }


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
) -> list[Action]:
    """Replace an action by one or several that carry on its owners and its due.

    Each keeps where it was raised and the first due; each names what it replaces.
    """
    action.replace(reason, by=by, decision=decision)
    first = action.first_due()
    successors = []
    for text in texts:
        successor = raise_action(
            by=by,
            text=text,
            due=first or Due(),
            owners=[
                Owner(organisation=o.organisation, post=o.post, person=o.person)
                for o in action.owners.select_related("organisation", "person")
            ],
            meeting=action.meeting,
            item=action.item,
            source_kind=action.source_kind,
            source=action.source,
            source_on=action.source_on,
            due_words=action.due_words,
            office_lead=action.office_lead,
            replaces=action,
        )
        if first is not None and action.due != first:
            successor.redate(
                action.due, f"As {action.reference} stood", by=by, decision=decision
            )
        if action.is_issued:
            successor.issue(by=by)
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
    """Put an action on the list of a meeting that would not list it by itself."""
    if not action.is_unresolved:
        raise ValidationError(
            f"Action {action.reference} is {action.get_status_display().lower()}; "
            "reopen it first"
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
    reason: str = "",
    to_a_date: bool = False,
    at: dt.datetime | None = None,
) -> Review:
    """Write down what a meeting made of an action: one review for the two.

    Moves that go with an outcome (closing, a new date) are made by the caller in the
    same transaction.
    """
    Action.objects.select_for_update().get(pk=action.pk)
    review = (Review.objects.filter(action=action, meeting=meeting).first()) or Review(
        action=action, meeting=meeting, reason=reason
    )
    if review.outcome:
        raise ValidationError(
            f"Action {action.reference} was reviewed at this meeting already: "
            f"{review.get_outcome_display().lower()}"
        )
    review.outcome = outcome
    review.status_then = review.status_then or action.status
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


def _due_at(meeting: Meeting) -> list[Action]:
    """The unresolved actions due at a meeting, by name or by the next of its kind."""
    return list(Action.objects.unresolved().with_ties().filter(due_at_id=meeting.pk))


@transaction.atomic
def reschedule_meeting(
    meeting: Meeting,
    *,
    date: dt.date,
    start: dt.time | None,
    end: dt.time | None,
    by: User,
) -> int:
    """Give a meeting another date. What is due at it follows, and says so.

    Returns how many due dates that changed; another time of day changes none.
    """
    was = Meeting.objects.select_for_update().get(pk=meeting.pk).date
    due_there = _due_at(meeting) if date != was else []
    meeting.reschedule(date=date, start=start, end=end)
    for action in due_there:
        action.note_meeting_moved(
            f"{meeting} moved from {_day(was)} to {_day(date)}", by=by, meeting=meeting
        )
    return len(due_there)


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, because: str, by: User) -> int:
    """Cancel a meeting with a reason. What was due there waits for another one."""
    due_there = _due_at(meeting)
    meeting.cancel(because)
    for action in due_there:
        action.note_meeting_moved(
            f"{meeting} of {_day(meeting.date)} was cancelled", by=by, meeting=meeting
        )
    return len(due_there)


@transaction.atomic
def circulate_minutes(
    meeting: Meeting, *, by: User, at: dt.datetime | None = None
) -> int:
    """Circulate the draft; all its actions are issued with it. Says how many were."""
    meeting.circulate()
    return issue_actions(list(meeting.actions.unresolved().not_issued()), by=by, at=at)


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"
