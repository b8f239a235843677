"""Where an action was raised: at a meeting, or elsewhere on some day."""

import datetime as dt

from django.db import models
from django.db.models import Q

from meetings.models import AgendaItem, Meeting


class RaisedFields(models.Model):
    """The columns of it on an action."""

    class Source(models.TextChoices):
        """Where an action comes from when it was not raised at a meeting."""

        LETTER = "letter", "Letter or e-mail"
        INSPECTION = "inspection", "Inspection"
        ONE_TO_ONE = "one_to_one", "One-to-one with the chief officer"
        OTHER = "other", "Something else"

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="actions"
    )
    item = models.ForeignKey(
        AgendaItem, models.PROTECT, null=True, blank=True, related_name="actions"
    )
    source_kind = models.CharField(
        "where it comes from", max_length=15, choices=Source, blank=True
    )
    source = models.CharField(
        "which one", max_length=200, blank=True, help_text="For example: letter of ..."
    )
    source_on = models.DateField("date raised", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def raised_on(self) -> dt.date:
        if self.meeting is not None:
            return self.meeting.date
        assert self.source_on is not None
        return self.source_on


def raised_constraint(name: str) -> models.CheckConstraint:
    """Either at a meeting, or elsewhere with the day and the kind of source."""
    return models.CheckConstraint(
        condition=Q(
            meeting__isnull=False,
            source_on__isnull=True,
            source_kind="",
            source="",
        )
        | Q(
            meeting__isnull=True,
            item__isnull=True,
            source_on__isnull=False,
            source_kind__in=["letter", "inspection", "one_to_one", "other"],
        ),
        name=name,
    )
