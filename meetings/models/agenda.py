"""The agenda: a tree of items with what was asked, said and decided at each."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Q

from assurance.models import StoredFile
from assurance.models.history import HistoricalRecords
from meetings.models.people import Person
from meetings.models.types import Kind, Theme


class WithheldReason(models.TextChoices):
    """Why text is left out of the public version (Freedom of Information Act 2000)."""

    S40 = "s40", "Personal information (section 40)"
    S31 = "s31", "Law enforcement (section 31)"
    S36 = "s36", "Would prejudice effective conduct of public affairs (section 36)"
    S43 = "s43", "Commercial interests (section 43)"


class AgendaItem(models.Model):
    """A heading of the agenda and, afterwards, of the minutes."""

    class Numbering(models.TextChoices):
        AUTO = "auto", "Worked out from its place"
        FIXED = "fixed", "Fixed"
        NONE = "none", "No number"

    class Assurance(models.TextChoices):
        NONE = "", "Not recorded"
        ASSURED = "assured", "Assured"
        PARTLY = "partly", "Partly assured"
        NOT_ASSURED = "not_assured", "Not assured"

    MAX_DEPTH = 3

    meeting = models.ForeignKey(
        "meetings.Meeting", models.CASCADE, related_name="agenda_items"
    )
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children"
    )
    order = models.PositiveIntegerField(default=0)
    numbering = models.CharField(
        max_length=5, choices=Numbering, default=Numbering.AUTO
    )
    fixed_number = models.CharField(
        max_length=20, blank=True, help_text="For example 5.1 for a late item"
    )
    heading = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.THEMED)
    theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, blank=True, related_name="agenda_items"
    )
    lead = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="items_led"
    )
    asked_of_force = models.TextField(
        "what is asked of the force", blank=True, help_text="Printed on the agenda"
    )
    lines_of_enquiry = models.TextField(
        blank=True, help_text="For the office only, never published"
    )
    notes = models.TextField(blank=True)
    decisions = models.TextField(blank=True)
    assurance = models.CharField(
        "assurance given", max_length=12, choices=Assurance, blank=True
    )
    restricted = models.BooleanField(
        "for the office only", default=False, help_text="Also withheld from publication"
    )
    withheld = models.BooleanField("withheld from publication", default=False)
    withheld_reason = models.CharField(
        "reason for withholding", max_length=3, choices=WithheldReason, blank=True
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(heading=""), name="item_headed"),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values), name="item_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(numbering__in=["auto", "none"], fixed_number="")
                | (Q(numbering="fixed") & ~Q(fixed_number="")),
                name="item_fixed_number",
                violation_error_message="Enter the fixed number",
            ),
            models.CheckConstraint(
                condition=Q(restricted=False) | Q(withheld=True),
                name="item_restricted_is_withheld",
            ),
            models.CheckConstraint(
                condition=Q(withheld=True, withheld_reason__in=WithheldReason.values)
                | Q(withheld=False, withheld_reason=""),
                name="item_withheld_with_reason",
                violation_error_message="Choose a reason for withholding",
            ),
            models.CheckConstraint(
                condition=Q(assurance__in=["", "assured", "partly", "not_assured"]),
                name="item_assurance_known",
            ),
        ]

    def __str__(self) -> str:
        return self.heading

    # Set by ``number_agenda``; an item on its own has neither.
    number: str = ""
    depth: int = 0

    @property
    def numbered_heading(self) -> str:
        return f"{self.number} {self.heading}".strip()

    @property
    def has_notes(self) -> bool:
        return bool(self.notes or self.decisions)


def number_agenda(items: Iterable[AgendaItem]) -> list[AgendaItem]:
    """Items in printed order with ``number`` ("2.1", or "") and ``depth`` (0 at top).

    An item without a number is not counted; under one, numbers begin at 1 again, as
    nothing printed stands above them. A fixed number is printed as it is and carries
    to what is below.
    """
    below: dict[int | None, list[AgendaItem]] = {}
    for item in sorted(items, key=lambda item: (item.order, item.pk)):
        below.setdefault(item.parent_id, []).append(item)
    printed: list[AgendaItem] = []

    def walk(parent_id: int | None, prefix: str, depth: int) -> None:
        count = 0
        for item in below.get(parent_id, []):
            item.depth = depth
            if item.numbering == AgendaItem.Numbering.FIXED:
                item.number = item.fixed_number
            elif item.numbering == AgendaItem.Numbering.AUTO:
                count += 1
                item.number = f"{prefix}{count}"
            else:
                item.number = ""
            printed.append(item)
            walk(item.pk, f"{item.number}." if item.number else "", depth + 1)

    walk(None, "", 0)
    return printed


class Paper(models.Model):
    """A paper for an item: from whom it was due when, and where it is."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="papers")
    title = models.CharField(max_length=200)
    provided_by = models.CharField("from whom", max_length=150, blank=True)
    link = models.URLField(max_length=500, blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="papers"
    )
    due_on = models.DateField("due", null=True, blank=True)
    received_on = models.DateField("received", null=True, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="paper_titled")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def came_late(self) -> bool:
        return bool(self.due_on and self.received_on and self.received_on > self.due_on)
