"""Meeting types with the agenda they start with, and themes."""

from django.db import models, transaction
from django.db.models import F, Max, Q
from django.urls import reverse

from assurance.models.history import HistoricalRecords


class Theme(models.Model):
    """What a meeting or an item is about: Workforce, Mental health, Performance."""

    name = models.CharField(max_length=120, unique=True)
    is_active = models.BooleanField("offered in forms", default=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="theme_named")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("theme_edit", args=[self.pk])


class MeetingType(models.Model):
    """A kind of meeting the office holds again and again, and how it usually starts."""

    name = models.CharField(max_length=120, unique=True)
    usual_venue = models.CharField(max_length=200, blank=True)
    usual_start = models.TimeField(null=True, blank=True)
    usual_end = models.TimeField(null=True, blank=True)
    reviews_tracker = models.BooleanField(
        "reviews the action tracker",
        default=True,
        help_text="Overdue and other flagged actions go to the next meeting of such "
        "a type",
    )
    is_active = models.BooleanField("offered in forms", default=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="type_named"),
            models.CheckConstraint(
                condition=Q(usual_end__isnull=True)
                | Q(usual_start__isnull=True)
                | Q(usual_end__gt=F("usual_start")),
                name="type_ends_after_start",
                violation_error_message="The usual end must be after the usual start",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("type_edit", args=[self.pk])

    @transaction.atomic
    def add_standing_item(self, item: "StandingItem") -> None:
        """Put an item at the end of the agenda that new meetings start with."""
        item.type = self
        item.order = (self._standing().aggregate(last=Max("order"))["last"] or 0) + 1
        item.save()

    @transaction.atomic
    def move_standing_item(self, item: "StandingItem", *, up: bool) -> bool:
        """Swap an item with the one above or below it; False when there is none."""
        items = list(self._standing().order_by("order", "id"))
        place = items.index(item)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(items):
            return False
        items[place], items[other] = items[other], items[place]
        for order, row in enumerate(items, start=1):
            if row.order != order:
                row.order = order
                row.save(update_fields=["order"])
        return True

    def _standing(self) -> "models.QuerySet[StandingItem]":
        """Its items, held until the transaction ends: one change at a time."""
        MeetingType.objects.select_for_update().get(pk=self.pk)
        return self.standing_items.all()


class Kind(models.TextChoices):
    """What an item is for. All but the first are standing items."""

    THEMED = "themed", "Themed item"
    LAST_MINUTES = "last_minutes", "Minutes of the last meeting"
    ACTION_TRACKER = "action_tracker", "Review of action tracker"
    INSPECTION = "inspection", "Inspection programme and improvement board"
    AOB = "aob", "Any other business"
    SUMMARY = "summary", "Summary of actions arising"
    NEXT_MEETING = "next_meeting", "Confirmation of next meeting"


class StandingItem(models.Model):
    """An item that every new meeting of a type starts with."""

    type = models.ForeignKey(MeetingType, models.CASCADE, related_name="standing_items")
    order = models.PositiveIntegerField()
    heading = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.THEMED)
    is_numbered = models.BooleanField("numbered", default=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["type", "order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(heading=""), name="standing_item_headed"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values), name="standing_item_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.heading
