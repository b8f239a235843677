"""Which actions the next meeting must look at, and why.

``with_flags`` is the only definition of overdue, of due soon, and of the five reasons
for which an action is on a meeting's list. Every page, mail and document uses it.

The order of the reasons follows how offices review a tracker: what waits for the
commissioner first, then what is late, then what this meeting was promised, then what
somebody asked to see again, then what nobody can chase.
"""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    IntegerChoices,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    TimeField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from actions.lifecycle import UNRESOLVED, Status
from actions.models.due import DueKind
from actions.models.owner import Owner
from actions.models.review import Review
from actions.models.update import Update
from meetings.models import Meeting

if TYPE_CHECKING:
    from actions.models.action import ActionQuerySet

DUE_SOON_DAYS = 14


class Reason(IntegerChoices):
    """Why an action is on the list; the first that applies is where it is listed."""

    AWAITING = 1, "Awaiting a decision"
    OVERDUE = 2, "Overdue"
    DUE_BY = 3, "Due by this meeting"
    BROUGHT_FORWARD = 4, "Brought forward"
    INCOMPLETE = 5, "No date or no owner"

    @property
    def meaning(self) -> str:
        """One sentence for the heading of the list."""
        return _MEANINGS[self]


_MEANINGS = {
    Reason.AWAITING: "The owner proposes closure or asks for a change, and nobody has "
    "answered yet.",
    Reason.OVERDUE: "The due date has passed and the action is still open.",
    Reason.DUE_BY: "Due at this meeting, or on a date up to it.",
    Reason.BROUGHT_FORWARD: "Somebody asked for it to be looked at here, the last "
    "review carried it here or did not get to it, or its hold has ended.",
    Reason.INCOMPLETE: "It has no owner or no due date, or it waits for a meeting that "
    "is not planned, so nobody can be asked for it.",
}


def as_at(today: dt.date, meeting: Meeting | None) -> dt.date:
    """The day a list is of: the earlier of today and the meeting's own."""
    return min(today, meeting.date) if meeting else today


def _flag(condition: Q) -> Case:
    """A condition as a column that is true or false, never null."""
    return Case(
        When(condition, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )


def _start(of: Any) -> Coalesce:
    """When in the day a meeting starts; one without a time comes first."""
    return Coalesce(of, Value(dt.time.min), output_field=TimeField())


def _at_an_earlier_meeting(meeting: Meeting) -> Q:
    """Reviews at meetings before this one: by date, start and id."""
    same_day = Q(meeting__start__isnull=True)
    if meeting.start is None:
        same_day &= Q(meeting_id__lt=meeting.pk)
    else:
        same_day |= Q(meeting__start__lt=meeting.start)
        same_day |= Q(meeting__start=meeting.start, meeting_id__lt=meeting.pk)
    return Q(meeting__date__lt=meeting.date) | (
        Q(meeting__date=meeting.date) & same_day
    )


# A review that settles one that waits: at a later meeting, or recorded later where the
# meeting that should have looked at it was cancelled.
_WAITING_START = _start(OuterRef("meeting__start"))
_SINCE = (
    Q(meeting__date__gt=OuterRef("meeting__date"))
    | Q(meeting__date=OuterRef("meeting__date"), start__gt=_WAITING_START)
    | Q(
        meeting__date=OuterRef("meeting__date"),
        start=_WAITING_START,
        meeting_id__gt=OuterRef("meeting_id"),
    )
    | Q(
        Exact(OuterRef("meeting__state"), Value(Meeting.State.CANCELLED.value)),
        recorded_at__gt=OuterRef("brought_at"),
    )
)


def with_ties(actions: Any) -> "ActionQuerySet":
    """Add what a due comes to: ``due_at_id``, the meeting it is tied to if one is
    planned, and ``due_date``, the day if there is one (see ``ResolvedDue``).
    """
    return actions.annotate(
        due_at_id=F("resolved_due__due_at_id"), due_date=F("resolved_due__due_date")
    )


def with_flags(
    actions: Any, *, today: dt.date, meeting: Meeting | None
) -> "ActionQuerySet":
    """Add to each action what is true of it for this meeting.

    The list of a meeting is as at ``on``, the earlier of today and its day, so that a
    meeting entered late gets the list of its day. With no meeting planned it is as at
    today. Adds, beside what ``with_ties`` adds:

    - ``is_held``: on hold until after ``on``; a hold ends by itself on its date
    - ``hold_ended``: on hold, and that date has come
    - ``is_proposed`` and ``asks_something``: what waits for a decision
    - ``is_overdue``, ``is_due_soon`` (within 14 days)
    - ``is_due_by``: on a date from ``on`` to the meeting, or at the meeting
    - ``brought_because``: why a review waits here, or at a meeting that went by without
      an outcome or was cancelled; null: none waits
    - ``left_over``: the outcome of the last review where that carried it here or did
      not get to it; else null
    - ``has_no_owner``, ``has_no_due``, ``waits`` (tied to a meeting not planned)
    - ``reason``: the first ``Reason`` that applies, or null: not on the list
    """
    on = as_at(today, meeting)
    until = meeting.date if meeting else today
    soon = on + dt.timedelta(days=DUE_SOON_DAYS)

    # What a meeting does with an action it raised itself comes later, so the list
    # holds what was raised on an earlier day.
    raised_before = Q()
    # Brought forward to this meeting, or to one that was cancelled or went by without
    # an outcome.
    cancelled = Q(meeting__state=Meeting.State.CANCELLED, brought_at__date__lte=on)
    brought_to = cancelled | Q(meeting__date__lt=on)
    reviewed = Review.objects.filter(action=OuterRef("pk")).exclude(outcome="")
    carried_here = Q(outcome=Review.Outcome.CARRIED, to_a_date=False)
    not_reached = Q(outcome=Review.Outcome.NOT_REACHED)
    if meeting:
        raised_before = Q(meeting__date__lt=meeting.date) | Q(
            meeting__isnull=True, source_on__lt=meeting.date
        )
        earlier = _at_an_earlier_meeting(meeting)
        brought_to |= Q(meeting=meeting) | (
            earlier & ~Q(meeting__state__in=Meeting.LIVE)
        )
        # What took an action's place at this meeting comes up at the next.
        split_here = Review.objects.filter(
            action=OuterRef("replaces"),
            meeting=meeting,
            outcome=Review.Outcome.REPLACED,
        )
        raised_before &= ~Q(Exists(split_here))
        reviewed = reviewed.filter(earlier)
    reviewed_since = (
        Review.objects.alias(start=_start("meeting__start"))
        .filter(_SINCE, action=OuterRef("action"))
        .exclude(outcome__in=Review.UNREVIEWED)
    )
    waiting_here = (
        Review.objects.filter(
            brought_to,
            action=OuterRef("pk"),
            outcome__in=Review.UNREVIEWED,
            brought_by__isnull=False,
        )
        .exclude(Exists(reviewed_since))
        .order_by("-meeting__date", "-pk")
    )
    last_review = reviewed.order_by(
        "-meeting__date", F("meeting__start").desc(nulls_last=True), "-meeting_id"
    ).values_list(
        Case(When(carried_here | not_reached, then=F("outcome")), default=Value(None))
    )
    requests = Update.objects.open_requests().filter(action=OuterRef("pk"))
    owners = Owner.objects.filter(action=OuterRef("pk"))

    unresolved = Q(status__in=UNRESOLVED)
    is_held = Q(status=Status.ON_HOLD, look_again_on__gt=on)
    hold_ended = Q(status=Status.ON_HOLD, look_again_on__lte=on)
    active = Q(status=Status.OPEN) | hold_ended
    is_proposed = Q(status=Status.PROPOSED)
    is_overdue = active & Q(due_date__lt=on)
    # What is due at the meeting is due on its day.
    is_due_by = unresolved & Q(due_date__range=(on, until))
    has_no_due = Q(due_kind=DueKind.NONE)
    tied = Q(due_kind__in=[DueKind.MEETING, DueKind.THEME, DueKind.TYPE])
    waits = tied & Q(due_at_id__isnull=True)
    rows: Any = with_ties(actions)
    # ``reason`` writes each column that it reads into the query once more, so what
    # needs a look at other tables is as few columns as can be.
    return rows.annotate(
        is_held=_flag(is_held),
        hold_ended=_flag(hold_ended),
        is_proposed=_flag(is_proposed),
        asks_something=Exists(requests.exclude(asks=Update.Asks.CLOSURE)),
        is_overdue=_flag(is_overdue),
        is_due_soon=_flag(active & Q(due_date__range=(on, soon))),
        is_due_by=_flag(is_due_by),
        brought_because=Subquery(waiting_here.values("reason")[:1]),
        left_over=Subquery(last_review[:1]),
        has_no_owner=~Exists(owners),
        has_no_due=_flag(has_no_due),
        waits=_flag(waits),
    ).annotate(
        reason=Case(
            When(~unresolved | is_held | ~raised_before, then=Value(None)),
            When(is_proposed | Q(asks_something=True), then=Reason.AWAITING),
            When(is_overdue, then=Reason.OVERDUE),
            When(is_due_by, then=Reason.DUE_BY),
            When(
                Q(brought_because__isnull=False)
                | Q(left_over__isnull=False)
                | hold_ended,
                then=Reason.BROUGHT_FORWARD,
            ),
            When(has_no_due | Q(has_no_owner=True) | waits, then=Reason.INCOMPLETE),
            default=Value(None),
            output_field=IntegerField(),
        )
    )
