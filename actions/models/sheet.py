"""Trackers from spreadsheets on their way into the register."""

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from actions.models.action import Action
from assurance.models.history import HistoricalRecords
from assurance.permissions import Permission, user_can


class SheetInQuerySet(models.QuerySet["SheetIn"]):
    def visible_to(self, user: Any) -> "SheetInQuerySet":
        return self if user_can(user, Permission.READ_IN) else self.none()

    def open(self) -> "SheetInQuerySet":
        """Not saved yet, first come first."""
        return self.filter(state__in=SheetIn.OPEN).order_by("at", "id")

    def standing(self) -> "SheetInQuerySet":
        """Those the same sheet may not be handed in beside."""
        return self.exclude(state=SheetIn.State.DROPPED)

    def locked(self) -> "SheetInQuerySet":
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")


class SheetIn(models.Model):
    """One sheet of a spreadsheet, from handing it in to the actions it becomes.

    ``headings`` is the row with the headings, ``meanings`` what each column is: one of
    ``meetings.reader.files.columns.COLUMNS`` or "". A row without a date was raised on
    ``raised_on``; one without a status is ``closed`` or not.
    """

    class State(models.TextChoices):
        TO_MATCH = "to_match", "Columns to be matched"
        TO_CHECK = "to_check", "Rows to be checked"
        SAVED = "saved", "Saved"
        DROPPED = "dropped", "Dropped"

    OPEN = (State.TO_MATCH, State.TO_CHECK)

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="sheets_in"
    )
    at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=150)
    sheet = models.CharField(max_length=150, blank=True)
    is_hidden = models.BooleanField(default=False)
    sha256 = models.CharField("SHA-256 of the file", max_length=64)
    notes = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.TO_MATCH)
    headings_row = models.PositiveIntegerField(null=True, blank=True)
    headings = models.JSONField(default=list, blank=True)
    meanings = models.JSONField(default=list, blank=True)
    raised_on = models.DateField(null=True, blank=True)
    closed = models.BooleanField(default=False)
    saved_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    history = HistoricalRecords()

    objects = SheetInQuerySet.as_manager()

    class Meta:
        verbose_name = "tracker from a spreadsheet"
        verbose_name_plural = "trackers from spreadsheets"
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["to_match", "to_check", "saved", "dropped"]),
                name="sheet_in_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(sha256=""), name="sheet_in_named"
            ),
            models.CheckConstraint(
                condition=Q(state="saved", saved_at__isnull=False)
                | (~Q(state="saved") & Q(saved_at__isnull=True)),
                name="sheet_in_saved_at",
            ),
            models.UniqueConstraint(
                fields=["sha256", "sheet"],
                condition=Q(state__in=["to_match", "to_check", "saved"]),
                name="sheet_in_content_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.sheet}" if self.sheet else self.name

    def get_absolute_url(self) -> str:
        """Where to go on with it."""
        if self.state == self.State.TO_MATCH:
            return reverse("tracker_columns", args=[self.pk])
        return reverse("tracker_rows", args=[self.pk])


class SheetLineQuerySet(models.QuerySet["SheetLine"]):
    def of_actions(self) -> "SheetLineQuerySet":
        return self.filter(is_action=True)

    def skipped(self) -> "SheetLineQuerySet":
        """In the register already, or said twice in the file."""
        return self.filter(SKIPPED)

    def wanted(self) -> "SheetLineQuerySet":
        """What is to be saved, right or not."""
        return self.of_actions().filter(left_out=False).exclude(SKIPPED)

    def with_errors(self) -> "SheetLineQuerySet":
        return self.wanted().filter(has_error=True)

    def with_doubts(self) -> "SheetLineQuerySet":
        return self.wanted().filter(has_doubt=True)

    def counted(self) -> dict[str, int]:
        """How many rows there are of each kind: one query."""
        wanted = Q(left_out=False) & ~SKIPPED
        return self.of_actions().aggregate(
            all=Count("pk"),
            wanted=Count("pk", filter=wanted),
            errors=Count("pk", filter=wanted & Q(has_error=True)),
            doubts=Count("pk", filter=wanted & Q(has_doubt=True)),
            closed=Count("pk", filter=wanted & Q(is_closed=True)),
            left_out=Count("pk", filter=Q(left_out=True) & ~SKIPPED),
            skipped=Count("pk", filter=SKIPPED),
        )


SKIPPED = Q(there__isnull=False) | Q(is_repeat=True)


class SheetLine(models.Model):
    """One row of a sheet, and what was understood of it.

    ``plan`` is an ``actions.importing.tracker.LinePlan`` as JSON; ``mended`` what
    somebody wrote instead of the cells, by column. ``there`` is the action that the
    register has of it already, ``action`` the one it became.
    """

    sheet_in = models.ForeignKey(SheetIn, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    is_action = models.BooleanField(default=False)
    mended = models.JSONField(default=dict, blank=True)
    left_out = models.BooleanField(default=False)
    is_closed = models.BooleanField(default=False)
    is_repeat = models.BooleanField(default=False)
    has_error = models.BooleanField(default=False)
    has_doubt = models.BooleanField(default=False)
    plan = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    there = models.ForeignKey(
        Action, models.PROTECT, null=True, blank=True, related_name="+"
    )
    action = models.OneToOneField(
        Action, models.PROTECT, null=True, blank=True, related_name="read_from"
    )
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = SheetLineQuerySet.as_manager()

    class Meta:
        ordering = ["sheet_in", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet_in", "number"], name="sheet_line_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet_in}, row {self.number}"


class ColumnsKnown(models.Model):
    """How somebody matched the columns of a spreadsheet with these headings.

    ``key`` stands for the set of headings; ``meanings`` has one of our columns, or "",
    for each.
    """

    key = models.CharField(max_length=64, unique=True)
    meanings = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "columns known"
        ordering = ["-at"]

    def __str__(self) -> str:
        return ", ".join(self.meanings)
