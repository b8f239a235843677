"""What a meeting made of an action on its list."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from actions.lifecycle import Status
from assurance.calendar import day_in_words
from assurance.models.history import HistoricalRecords
from meetings.models import Meeting


class ReviewQuerySet(models.QuerySet["Review"]):
    def for_words(self) -> "ReviewQuerySet":
        """With what ``in_words`` reads."""
        return self.select_related("action", "entry")


class Review(models.Model):
    """One action at one meeting: why it was on the list, and the outcome.

    Without an outcome it waits: somebody brought the action forward to that meeting.
    """

    class Outcome(models.TextChoices):
        WAITING = "", "Not reviewed yet"
        CLOSED = "closed", "Closed"
        CARRIED = "carried", "Carried forward"
        RETURNED = "returned", "Returned"
        ON_HOLD = "on_hold", "Put on hold"
        REPLACED = "replaced", "Replaced"
        NOTED = "noted", "Noted"
        NOT_REACHED = "not_reached", "Not reached"

    # What a meeting made of an action; the rest say that it did not get to it.
    UNREVIEWED = (Outcome.WAITING, Outcome.NOT_REACHED)

    action = models.ForeignKey("actions.Action", models.PROTECT, related_name="reviews")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="reviews")
    # Why somebody brought it forward, if somebody did.
    reason = models.TextField("why it was brought forward", blank=True)
    # The list as it was: why it was on it and under which ``Reason``, how the action
    # stood, its last word.
    why = models.TextField("why it was on the list", blank=True)
    listed_under = models.PositiveSmallIntegerField(null=True, blank=True)
    status_then = models.CharField(max_length=10, choices=Status)
    text_then = models.TextField(blank=True)
    owners_then = models.TextField(blank=True)
    due_then = models.CharField(max_length=250, blank=True)
    due_date_then = models.DateField(null=True, blank=True)
    latest_then = models.ForeignKey(
        "actions.Update", models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=11, choices=Outcome, blank=True)
    # Carried forward to a date comes back by that date, not at the next meeting.
    to_a_date = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    # The references of what took its place, when that was the outcome.
    replaced_by = models.TextField(blank=True)
    # The first entry that it wrote to the timeline.
    entry = models.OneToOneField(
        "actions.Update", models.PROTECT, null=True, blank=True, related_name="review"
    )
    brought_at = models.DateTimeField(null=True, blank=True)
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    recorded_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status_then__in=Status.values),
                name="review_status_then_known",
            ),
            models.UniqueConstraint(
                fields=["action", "meeting"],
                name="review_once",
                violation_error_message="This action is on that meeting's list already",
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome__in=[
                        "",
                        "closed",
                        "carried",
                        "returned",
                        "on_hold",
                        "replaced",
                        "noted",
                        "not_reached",
                    ]
                ),
                name="review_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome="",
                    recorded_by__isnull=True,
                    recorded_at__isnull=True,
                    brought_by__isnull=False,
                )
                | (
                    ~Q(outcome="")
                    & Q(recorded_by__isnull=False)
                    & Q(recorded_at__isnull=False)
                ),
                name="review_recorded_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(to_a_date=False) | Q(outcome="carried"),
                name="review_date_only_when_carried",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} at {self.meeting}"

    @property
    def in_words(self) -> str:
        """The outcome with what it led to: "On hold until 3 May 2027"."""
        words = self.get_outcome_display()
        if self.entry is None:
            return words
        if self.outcome == self.Outcome.CARRIED and self.to_a_date:
            return f"{words}, due {self.entry.due.in_words()}"
        if self.outcome == self.Outcome.ON_HOLD and self.entry.look_again_on:
            return f"On hold until {day_in_words(self.entry.look_again_on)}"
        if self.outcome == self.Outcome.REPLACED:
            return f"{words} by {self.replaced_by}"
        return words


class TrackerReview(models.Model):
    """A meeting's review of the tracker was finished. Without a row it goes on."""

    meeting = models.OneToOneField(
        Meeting, models.PROTECT, related_name="tracker_review"
    )
    finished_at = models.DateTimeField(default=timezone.now)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    history = HistoricalRecords()

    def __str__(self) -> str:
        return f"{self.meeting_id}"
