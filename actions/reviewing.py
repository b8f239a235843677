"""The review of the tracker at a meeting: its list, what was made of each action, undo.

Until it is finished the list is worked out anew each time, and whatever was recorded
may be undone. Finishing keeps it as it was that day, with what was not reached.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from actions.flags import Reason, as_at
from actions.lifecycle import Status
from actions.models import (
    Action,
    Decision,
    Due,
    DueKind,
    How,
    Review,
    TrackerReview,
    Update,
)
from actions.operations import replace_action
from actions.reasons import reasons
from actions.tracker import due_in_words
from assurance.calendar import day_in_words
from assurance.models import User
from meetings.models import Attendee, Meeting
from meetings.operations import lock_editable

Outcome = Review.Outcome
# What a text is needed for: the reason of a decision that changes what was promised.
NEEDS_A_REASON = (Outcome.RETURNED, Outcome.ON_HOLD, Outcome.REPLACED)


class AlreadyReviewed(ValidationError):
    """Somebody else recorded an outcome first; nothing was overwritten."""

    def __init__(self, review: Review) -> None:
        self.review = review
        super().__init__(
            f"Action {review.action.reference} was reviewed at this meeting already: "
            f"{review.get_outcome_display().lower()}"
        )


class ChangedMeanwhile(ValidationError):
    """Something happened to the action since it was looked at."""


# The list


@dataclass(frozen=True)
class Entry:
    """One action on the list of a meeting: why, and what was made of it."""

    action: Action  # as it is now, with ``with_flags`` and ``for_rows``
    reason: Reason | None  # the one it is listed under
    reasons: tuple[str, ...]  # in words; once recorded, all in one
    review: Review | None  # None: not reviewed yet

    @property
    def why(self) -> str:
        return "; ".join(self.reasons)

    # What is recorded shows the action as it stood then.

    @property
    def text(self) -> str:
        return (self.review and self.review.text_then) or self.action.text

    @property
    def owners(self) -> str:
        if self.review:
            return self.review.owners_then
        return "; ".join(str(owner) for owner in self.action.owners.all())

    @property
    def due(self) -> str:
        return self.review.due_then if self.review else due_in_words(self.action)

    @property
    def is_reviewed(self) -> bool:
        return self.review is not None and self.review.outcome not in Review.UNREVIEWED


@dataclass(frozen=True)
class ReviewList:
    """The list of a meeting, each action once, most urgent reason first."""

    meeting: Meeting
    entries: list[Entry]
    finished: TrackerReview | None
    latest: dict[int, Update]  # the last word on each that is not reviewed, by action

    @property
    def reviewed(self) -> int:
        return sum(entry.is_reviewed for entry in self.entries)


def review_list(meeting: Meeting, user: Any, *, today: dt.date) -> ReviewList:
    """What this meeting looks at, as this account may see it.

    In a constant number of queries. Once the review is finished, what was kept.
    """
    finished = TrackerReview.objects.filter(meeting=meeting).first()
    visible = Action.objects.visible_to(user)
    recorded = {
        review.action_id: review
        for review in Review.objects.filter(meeting=meeting)
        .exclude(outcome=Outcome.WAITING)
        .for_words()
        .select_related(
            "recorded_by", "latest_then__author", "latest_then__organisation"
        )
    }
    reviewed = visible.filter(pk__in=recorded)
    entries = [
        Entry(action, _kept_reason(review), (review.why,), review)
        for action in reviewed.with_flags(today=today, meeting=meeting).for_rows()
        if (review := recorded[action.pk])
    ]
    if finished is None:
        waiting = (
            visible.for_review_at(meeting, today=today)
            .exclude(pk__in=list(recorded))
            .for_rows()
        )
        on = as_at(today, meeting)
        entries += [
            Entry(
                action,
                Reason(action.reason),
                tuple(reasons(action, on=on, meeting=meeting)),
                None,
            )
            for action in waiting
            if action.reason
        ]
    entries.sort(key=_urgency)
    return ReviewList(meeting, entries, finished, _latest(entries))


def _latest(entries: Iterable[Entry]) -> dict[int, Update]:
    """The last word on what is not reviewed yet; what is, keeps its own."""
    last = [e.action.last_update_id for e in entries if e.review is None]
    found = Update.objects.select_related("author", "organisation").filter(pk__in=last)
    return {update.action_id: update for update in found}


def _kept_reason(review: Review) -> Reason | None:
    return Reason(review.listed_under) if review.listed_under else None


def _urgency(entry: Entry) -> tuple:
    """By reason, then by the due date of the day, then by reference."""
    action = entry.action
    due_date = entry.review.due_date_then if entry.review else action.due_date
    return (
        entry.reason or len(Reason) + 1,
        due_date or dt.date.max,
        action.year,
        action.number,
    )


def recorded_at(meeting: Meeting, user: Any) -> list[Review]:
    """What a meeting made of its list, as its minutes print it, by reference."""
    return list(
        Review.objects.filter(
            meeting=meeting, action__in=Action.objects.visible_to(user)
        )
        .exclude(outcome=Outcome.WAITING)
        .for_words()
        .order_by("action__year", "action__number")
    )


def made_at(meeting: Meeting, user: Any) -> QuerySet[Action]:
    """The actions that took the place of others at a meeting's review."""
    split = Review.objects.filter(
        action=OuterRef("replaces"),
        meeting=meeting,
        outcome=Outcome.REPLACED,
        entry__at=OuterRef("raised_at"),
    )
    raised = Update.objects.filter(action=OuterRef("pk"), what=Update.What.RAISED)
    return (
        Action.objects.visible_to(user)
        .filter(replaces__isnull=False)
        .annotate(raised_at=Subquery(raised.values("at")[:1]))
        .filter(Exists(split))
        .order_by("year", "number")
    )


# What is recorded


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
    until after it; and where that list cannot change any more.
    """
    _refuse_finished(lock_editable(meeting))
    action = Action.objects.locked().get(pk=action.pk)
    _refuse_resolved(action)
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
            "brought_at": at or timezone.now(),
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


def decision_at(meeting: Meeting) -> Decision:
    """A decision taken at a meeting: that of its chair, else of the office's holder."""
    chair = (
        meeting.attendees.filter(role=Attendee.Role.CHAIR)
        .select_related("person")
        .first()
    )
    by = settings.HOLDER_TITLE
    if chair:
        by = ", ".join(filter(None, [chair.person.name, chair.capacity]))
    return Decision(by=by[:150], on=meeting.date, how=How.MEETING)


@transaction.atomic
def record_review(
    action: Action,
    meeting: Meeting,
    outcome: str,
    *,
    by: User,
    note: str = "",
    due: Due | None = None,
    until: dt.date | None = None,
    replacements: Sequence[str] = (),
    at: dt.datetime | None = None,
    seen: int | None = None,
    instead_of: Review | None = None,
) -> Review:
    """Write down what a meeting made of an action, and make the move that goes with it.

    ``due`` is the new one of what is carried forward to a date or of what takes its
    place, ``until`` the end of a hold, ``replacements`` the texts of what takes its
    place. ``seen`` is the version of
    the action that was looked at: raises ``ChangedMeanwhile`` if something happened
    since. Raises ``AlreadyReviewed`` when an outcome is recorded, unless that one is
    ``instead_of``: it is undone first.
    """
    held = lock_editable(meeting)
    _refuse_finished(held)
    _refuse_not_begun(held)
    action = Action.objects.locked().get(pk=action.pk)
    recorded = Review.objects.filter(action=action, meeting=held).first()
    if recorded and recorded.outcome not in Review.UNREVIEWED:
        is_seen = instead_of and instead_of.recorded_at == recorded.recorded_at
        if not is_seen:
            raise AlreadyReviewed(recorded)
        if not _is_unresolved_since(recorded, action):
            undo_review(recorded, by=by)
        recorded = Review.objects.filter(action=action, meeting=held).first()
        action.refresh_from_db()
    elif seen is not None and seen != action.version:
        raise ChangedMeanwhile(
            f"Something happened to action {action.reference} after you opened it. "
            "Read what is new, then record the outcome again"
        )
    _refuse_resolved(action)
    _refuse_incomplete(outcome, note=note, until=until, replacements=replacements)

    moment = at or timezone.now()
    review = recorded or Review(action=action, meeting=held)
    if not review.why:  # else it is kept already
        _keep_how_it_stood(review, _flagged(action, held), held)
    before = action.updates.order_by("-pk").values_list("pk", flat=True).first() or 0
    _make_the_move(
        action,
        outcome,
        note=note,
        due=due,
        until=until,
        replacements=replacements,
        decision=decision_at(held),
        entry={"by": by, "meeting": held, "at": moment},
    )
    review.outcome = outcome
    review.to_a_date = outcome == Outcome.CARRIED and due is not None
    review.note = note
    review.recorded_by = by
    review.recorded_at = moment
    review.entry = action.updates.filter(pk__gt=before).order_by("pk")[0]
    review.replaced_by = ", ".join(one.reference for one in _made_by(review))
    review.save()
    return review


def _is_unresolved_since(review: Review, action: Action) -> bool:
    """Whether what the review did was taken back by a later move, such as reopening:
    then there is nothing to undo before another outcome.
    """
    assert review.entry is not None
    later = action.updates.filter(pk__gt=review.entry.pk).exclude(at=review.entry.at)
    return action.is_unresolved and later.exclude(status="").exists()


def _made_by(review: Review) -> QuerySet[Action]:
    """The actions that took its place at this review, and no others."""
    assert review.entry is not None
    raised = Update.objects.filter(
        action=OuterRef("pk"), what=Update.What.RAISED, at=review.entry.at
    )
    return review.action.replaced_by.filter(Exists(raised)).order_by("year", "number")


def _refuse_finished(meeting: Meeting) -> None:
    if TrackerReview.objects.filter(meeting=meeting).exists():
        raise ValidationError(
            "The review of this meeting is finished. Reopen it to change an outcome"
        )


def _refuse_not_begun(meeting: Meeting) -> None:
    if not meeting.has_begun(today=timezone.localdate()):
        raise ValidationError("The meeting has not begun, so nothing is reviewed yet")


def _refuse_resolved(action: Action) -> None:
    if not action.is_unresolved:
        raise ValidationError(
            f"Action {action.reference} is {action.get_status_display().lower()}; "
            "reopen it first"
        )


def _refuse_incomplete(
    outcome: str, *, note: str, until: dt.date | None, replacements: Sequence[str]
) -> None:
    if outcome in NEEDS_A_REASON and not note.strip():
        raise ValidationError({"note": "Enter the reason"})
    if outcome == Outcome.ON_HOLD and until is None:
        raise ValidationError({"until": "Enter the day to look at it again"})
    if outcome == Outcome.REPLACED and not replacements:
        raise ValidationError({"replacements": "Enter at least one new action"})


def _flagged(action: Action, meeting: Meeting) -> Action:
    """The action as the list of the meeting shows it."""
    return (
        Action.objects.with_flags(today=timezone.localdate(), meeting=meeting)
        .for_rows()
        .get(pk=action.pk)
    )


def _keep_how_it_stood(review: Review, action: Action, meeting: Meeting) -> None:
    """Keep why it was on the list and how it stood; ``action`` carries its flags."""
    if action.reason is not None:
        on = as_at(timezone.localdate(), meeting)
        review.why = "; ".join(reasons(action, on=on, meeting=meeting))
        review.listed_under = action.reason
    review.status_then = action.status
    review.text_then = action.text
    review.due_then = due_in_words(action)
    review.due_date_then = action.due_date
    review.owners_then = "; ".join(str(owner) for owner in action.owners.all())
    review.latest_then_id = action.last_update_id


def _make_the_move(
    action: Action,
    outcome: str,
    *,
    note: str,
    due: Due | None,
    until: dt.date | None,
    replacements: Sequence[str],
    decision: Decision,
    entry: dict[str, Any],
) -> None:
    """Change the action as the outcome says. All that it writes has one moment."""
    decided = {"decision": decision, **entry}
    match outcome:
        case Outcome.CLOSED:
            action.close(text=note, **decided)
        case Outcome.CARRIED if due is not None:
            _carry_to(action, due, note, decided)
        case Outcome.RETURNED:
            _return(action, note, decided)
        case Outcome.ON_HOLD:
            assert until is not None
            action.hold(note, until=until, **decided)
        case Outcome.REPLACED:
            replace_action(action, replacements, reason=note, due=due, **decided)
        case _:
            action.note_review(f"{Outcome(outcome).label}. {note}".strip(), **entry)


def _carry_to(action: Action, due: Due, note: str, decided: dict[str, Any]) -> None:
    """Give it the new due, which answers whatever other date was asked for."""
    asked = list(action.open_requests().filter(asks=Update.Asks.DATE))
    granted = next((r for r in asked if due == Due(DueKind.DATE, r.asked_due_on)), None)
    if granted:
        action.answer(granted, note, accepted=True, **decided)
    else:
        action.redate(due, note, **decided)
    for request in asked:
        if request != granted:
            text = f"Carried forward, due {due.in_words()} instead"
            action.answer(request, text, accepted=False, **decided)


def _return(action: Action, note: str, decided: dict[str, Any]) -> None:
    """Refuse the closure proposed, or whatever change was asked for."""
    refused = action.open_requests().exclude(asks=Update.Asks.CLOSURE)
    if action.status != Status.PROPOSED and not refused:
        raise ValidationError(
            f"Nothing is proposed or asked for on action {action.reference}, so there "
            "is nothing to return"
        )
    if action.status == Status.PROPOSED:
        action.return_to_owner(note, **decided)
    for request in refused:
        action.answer(request, note, accepted=False, **decided)


@transaction.atomic
def take_as_read(
    actions: Iterable[Action], meeting: Meeting, *, by: User, seen: Mapping[int, int]
) -> int:
    """Note each of these, all or none; says how many.

    ``seen`` is the version of each that was looked at, by id. Refuses where one has an
    outcome already or changed since, naming it.
    """
    count = 0
    for action in sorted(actions, key=lambda action: action.pk):
        record_review(
            action,
            meeting,
            Outcome.NOTED,
            by=by,
            note="Taken as read",
            seen=seen[action.pk],
        )
        count += 1
    return count


# Undo


@transaction.atomic
def undo_review(review: Review, *, by: User) -> None:
    """Take an outcome back: the action stands as it did, and waits for its review.

    Refused once the review is finished, and where the action was changed since.
    """
    meeting = lock_editable(review.meeting)
    _refuse_finished(meeting)
    action = Action.objects.locked().get(pk=review.action_id)
    review = Review.objects.select_related("entry").get(pk=review.pk)
    if not review.outcome or review.entry is None:
        raise ValidationError(
            f"There is nothing to undo for action {action.reference}. Nothing was "
            "changed"
        )
    for successor in _made_by(review):
        _undo_successor(successor, review.entry, by=by)
    action.undo(
        review.entry,
        f"{review.get_outcome_display()} at this meeting was undone",
        by=by,
        meeting=meeting,
    )
    if review.brought_by_id is None:
        review.delete()
        return
    review.outcome = Outcome.WAITING
    review.to_a_date = False
    review.note = review.why = review.replaced_by = ""
    review.entry = review.recorded_by = review.recorded_at = None
    review.save()


def _undo_successor(successor: Action, entry: Update, *, by: User) -> None:
    """What took an action's place goes with the undone replacement, if untouched."""
    if successor.updates.exclude(at=entry.at).exists():
        raise ValidationError(
            f"Action {successor.reference}, which took its place, has gone on since, "
            "so this cannot be undone"
        )
    successor.withdraw("The replacement that made it was undone", by=by, decision=None)


# The end


@transaction.atomic
def finish_review(meeting: Meeting, *, by: User, today: dt.date) -> int:
    """Keep the list as it is, with what was not reached; says how many were not.

    What was not reached comes back at the next meeting. What a review that was reopened
    had kept stays as it was kept.
    """
    held = lock_editable(meeting)
    _refuse_finished(held)
    _refuse_not_begun(held)
    brought = {
        review.action_id: review
        for review in Review.objects.filter(meeting=held, outcome=Outcome.WAITING)
    }
    moment = timezone.now()
    new = []
    listed = review_list(held, by, today=today).entries
    not_reached = [entry.action for entry in listed if entry.review is None]
    for action in not_reached:
        review = brought.get(action.pk) or Review(action=action, meeting=held)
        _keep_how_it_stood(review, action, held)
        review.outcome = Outcome.NOT_REACHED
        review.recorded_by, review.recorded_at = by, moment
        if review.pk:
            review.save()
        else:
            new.append(review)
    bulk_create_with_history(new, Review, default_user=by)
    TrackerReview.objects.create(meeting=held, finished_by=by, finished_at=moment)
    return len(not_reached)


@transaction.atomic
def reopen_review(meeting: Meeting, *, by: User) -> None:
    """Go on with a review that was finished, as long as its minutes are not agreed.

    What was not reached stays on the list as it stood, to be recorded.
    """
    held = lock_editable(meeting)
    finished = TrackerReview.objects.filter(meeting=held).first()
    if finished is None:
        raise ValidationError("This review goes on already")
    finished.delete()
