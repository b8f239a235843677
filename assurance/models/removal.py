"""What data protection law takes out of the record, and what a court keeps in it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assurance.models.accounts import User
from assurance.models.append_only import AppendOnly
from assurance.models.history import HistoricalRecords


class LegalHold(models.Model):
    """While one is set nothing is removed from the record, for whatever reason."""

    why = models.TextField("reason")
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    lifted_because = models.TextField(blank=True)
    lifted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["-set_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="hold_has_a_reason"),
            models.CheckConstraint(
                condition=Q(
                    lifted_at__isnull=True, lifted_by__isnull=True, lifted_because=""
                )
                | (
                    Q(lifted_at__isnull=False, lifted_by__isnull=False)
                    & ~Q(lifted_because="")
                ),
                name="hold_lifted_by_at_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"Legal hold: {self.why}"


class Removal(AppendOnly):
    """Named content was taken out of records, their history, versions and files, and a
    mark put in its place. What it was is nowhere kept.
    """

    why = models.TextField("reason")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    mark = models.CharField(max_length=200)
    # Where: by table its columns, each with the keys of the rows that were changed; of
    # versions the checksums before and after; the files that were emptied; of what is
    # written once every row, see ``guards.WRITTEN_ONCE``.
    places = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "removal for data protection"
        verbose_name_plural = "removals for data protection"
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="removal_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"Removal: {self.why}"
