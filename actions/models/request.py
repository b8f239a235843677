"""What the office asked of whom for a meeting."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils import timezone

from actions.lifecycle import RESOLVED
from actions.models.owner import Owner
from actions.models.update import Update
from assurance.models import Organisation
from assurance.models.history import HistoricalRecords
from meetings.models import Meeting

# Whose word an update is. Older ones name no organisation, only their author.
_OF_THAT_ORGANISATION = Q(organisation=OuterRef("organisation")) | Q(
    organisation__isnull=True, author__organisation=OuterRef("organisation")
)


def _flag(condition: Q) -> Case:
    return Case(
        When(condition, then=Value(True)),
        default=Value(False),
        output_field=models.BooleanField(),
    )


class UpdateRequestQuerySet(models.QuerySet["UpdateRequest"]):
    def with_answers(self, *, now: dt.datetime) -> "UpdateRequestQuerySet":
        """Add what became of each request. Nothing else defines answered and late.

        - ``answered_at``: when that organisation first sent word after it was asked
        - ``is_answered``
        - ``is_dropped``: no answer, and none can come any more: the meeting is
          cancelled, the action resolved in time, or owned by others now
        - ``is_late``: answered after it was due, or due before ``now`` and not answered
        - ``is_wanted``: not answered, late or not, and the meeting still to be held
        """
        answers = (
            Update.objects.filter(
                _OF_THAT_ORGANISATION,
                action=OuterRef("action"),
                what__in=[Update.What.UPDATE, Update.What.PROPOSED],
                at__gte=OuterRef("asked_at"),
            )
            # Better words for what was said before it was asked are no answer.
            .exclude(corrects__at__lt=OuterRef("asked_at"))
            .order_by("at")
            .values("at")[:1]
        )
        settled = (
            Update.objects.filter(action=OuterRef("action"), status__in=RESOLVED)
            .order_by("-at", "-id")
            .values("at")[:1]
        )
        owned = Owner.objects.filter(
            action=OuterRef("action"), organisation=OuterRef("organisation")
        )
        none_yet = Q(answered_at__isnull=True)
        resolved = Q(action__status__in=RESOLVED)
        cancelled = Q(meeting__state=Meeting.State.CANCELLED)
        in_time = resolved & Q(settled_at__lte=F("due_at"))
        dropped = none_yet & (cancelled | in_time | Q(is_owned=False))
        overdue = none_yet & Q(due_at__lt=now, is_dropped=False)
        rows: Any = self.annotate(answered_at=Subquery(answers))
        return (
            rows.alias(settled_at=Subquery(settled), is_owned=Exists(owned))
            .annotate(
                is_answered=_flag(Q(answered_at__isnull=False)),
                is_dropped=_flag(dropped),
            )
            .annotate(
                is_late=_flag(overdue | Q(answered_at__gt=F("due_at"))),
                is_wanted=_flag(
                    none_yet
                    & Q(is_dropped=False, meeting__state__in=Meeting.LIVE)
                    & ~resolved
                ),
            )
        )

    def wanted(self) -> "UpdateRequestQuerySet":
        """Those that wait for an answer. Needs ``with_answers``."""
        return self.filter(is_wanted=True)


class UpdateRequest(models.Model):
    """An organisation was asked for word on an action, for a meeting, by a moment.

    Whether it was answered, and late, is worked out from the timeline. The moment
    moves with the meeting.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="update_requests")
    action = models.ForeignKey(
        "actions.Action", models.PROTECT, related_name="update_requests"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="update_requests"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    due_at = models.DateTimeField()
    history = HistoricalRecords()

    objects = UpdateRequestQuerySet.as_manager()

    # Added by ``with_answers``; see there.
    answered_at: dt.datetime | None
    is_answered: bool
    is_dropped: bool
    is_late: bool
    is_wanted: bool

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "action", "organisation"],
                name="update_asked_once",
                violation_error_message="This was asked for that meeting already",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action_id} for {self.meeting_id}"
