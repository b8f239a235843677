"""What the office asked of whom for a meeting."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from assurance.models import Organisation
from meetings.models import Meeting


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
