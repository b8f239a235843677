"""Writes that span several records, each in one transaction."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.asking import follow_deadline
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
from assurance.calendar import day_in_words
from assurance.models import Organisation, StoredFile, User
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
    While the minutes of its meeting are not agreed, other owners are a correction of
    them: the entry names the meeting. See ``actions.since_draft``.
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
    meeting = action.meeting
    corrected = meeting if meeting is not None and meeting.is_editable else None
    change_owners(action, owners, by=by, meeting=corrected)


def change_owners(
    action: Action,
    owners: Sequence[Owner],
    *,
    by: User,
    meeting: Meeting | None = None,
) -> bool:
    """Make these the owners and say so; True when that changed anything.

    ``meeting`` is the one in whose minutes that is a correction.
    """
    before = owner_names(action)
    changed = set_owners(action, owners)
    if changed:
        action.version += 1
        action.save(update_fields=["version"])
        Update.objects.create(
            action=action,
            what=Update.What.OWNERS,
            author=by,
            text=f"From {before or 'nobody'} to {owner_names(action) or 'nobody'}",
            meeting=meeting,
        )
    return changed


@transaction.atomic
def send_update(
    action: Action,
    text: str,
    *,
    by: User,
    provided_by: str = "",
    organisation: Organisation | None = None,
    evidence: Sequence[tuple[str, str | StoredFile]] = (),
    asks: str = "",
    asked_due_on: dt.date | None = None,
) -> Update:
    """The owner's word on the work, with what shows it and what it asks for.

    ``organisation`` is whose word the office writes down when it is not its own; a
    liaison's is always their organisation's. ``evidence`` is pairs of a title and a
    link or file. Asking for closure proposes it.
    """
    word: dict[str, Any] = {
        "by": by,
        "provided_by": provided_by,
        "organisation": organisation,
    }
    if asks == Update.Asks.CLOSURE:
        update = action.propose_closure(text, **word)
    else:
        update = action.add_update(text, asks=asks, asked_due_on=asked_due_on, **word)
    show_evidence(update, evidence)
    return update


def show_evidence(
    update: Update, evidence: Sequence[tuple[str, str | StoredFile]]
) -> None:
    for title, what in evidence:
        where = {"link": what} if isinstance(what, str) else {"file": what}
        Evidence.objects.create(update=update, title=title, **where)


def owner_names(action: Action) -> str:
    rows = action.owners.select_related("organisation", "person")
    return "; ".join(str(owner) for owner in rows)


@transaction.atomic
def issue_actions(
    actions: Sequence[Action],
    *,
    by: User,
    at: dt.datetime | None = None,
    as_read: Mapping[int, int] | None = None,
) -> int:
    """Release these together, all of them or none; says how many.

    Refused when one was issued or dropped meanwhile. ``as_read`` gives the version of
    each that somebody looked at, by id: refused too when one was changed since.
    """
    locked = Action.objects.locked()
    held = locked.filter(pk__in=[action.pk for action in actions])
    if refused := [
        f"{why}. Nothing was issued"
        for action in held
        if (why := _why_not_issued(action, as_read or {}))
    ]:
        raise ValidationError(refused)
    for action in actions:
        action.issue(by=by, at=at or timezone.now())
    return len(actions)


def _why_not_issued(action: Action, as_read: Mapping[int, int]) -> str:
    if action.is_issued:
        return f"Action {action.reference} is issued already"
    if not action.is_unresolved:
        return f"Action {action.reference} is {action.get_status_display().lower()} now"
    if as_read.get(action.pk, action.version) != action.version:
        return f"Action {action.reference} was changed meanwhile: look at it again"
    return ""


@transaction.atomic
def replace_action(
    action: Action,
    texts: Sequence[str],
    *,
    reason: str,
    by: User,
    decision: Decision,
    due: Due | None = None,
    meeting: Meeting | None = None,
    at: dt.datetime | None = None,
) -> list[Action]:
    """Replace an action by one or several that carry on its owners and its due.

    Each keeps where it was raised and the first due; each names what it replaces.
    ``due`` is theirs when another was agreed with the replacement.
    """
    moment = at or timezone.now()
    action.replace(reason, by=by, decision=decision, meeting=meeting, at=moment)
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
            at=moment,
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
            successor.issue(by=by, at=moment)
        if (due or action.due) != successor.due:
            successor.redate(
                due or action.due,
                reason if due else f"As {action.reference} stood",
                by=by,
                decision=decision,
                at=moment,
            )
        successors.append(successor)
    return successors


def _tied_to_meetings() -> dict[int, Action]:
    """Unresolved actions whose due is a meeting, with what that comes to now."""
    tied = (
        Action.objects.unresolved()
        .exclude(due_kind__in=[DueKind.NONE, DueKind.DATE])
        .order_by("pk")  # as everybody locks them
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


def _refuse_reviewed(meeting: Meeting, what: str) -> None:
    """What was decided at a meeting was decided there, on that day."""
    if Review.objects.filter(meeting=meeting).exclude(outcome="").exists():
        raise ValidationError(
            "Actions were reviewed at this meeting, so it was held and cannot be "
            f"{what}"
        )


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

    Updates asked for are due by its new deadline. An action tied to "the next meeting
    on a theme" may now look at another one. Returns how many dues changed; another time
    of day seldom changes any.
    """
    was = Meeting.objects.locked().get(pk=meeting.pk).date
    _refuse_reviewed(meeting, "given another date")
    before = _tied_to_meetings()
    meeting.reschedule(date=date, start=start, end=end)
    follow_deadline(meeting, by=by)
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
    Meeting.objects.locked().get(pk=meeting.pk)
    _refuse_reviewed(meeting, "cancelled")
    before = _tied_to_meetings()
    meeting.cancel(because)
    why = f"{meeting} of {day_in_words(meeting.date)} was cancelled"
    return _say_what_moved(before, why, by=by)
