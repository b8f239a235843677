"""When an action is due: a date, a meeting, the next of a kind, or not at all."""

import datetime as dt
from dataclasses import dataclass, fields

from django.db import models
from django.db.models import Q

from assurance.calendar import day_in_words
from meetings.models import Meeting, MeetingType, Theme


class DueKind(models.TextChoices):
    NONE = "none", "No due date"
    DATE = "date", "On a date"
    MEETING = "meeting", "At a meeting"
    THEME = "theme", "At the next meeting on a theme"
    TYPE = "type", "At the next meeting of a type"


@dataclass(frozen=True)
class Due:
    """A due as one value.

    A tie to a theme or type means the first such meeting after the action was raised,
    or after the day ``after`` when it was agreed later than that.
    """

    kind: str = DueKind.NONE
    on: dt.date | None = None
    meeting: Meeting | None = None
    theme: Theme | None = None
    type: MeetingType | None = None
    after: dt.date | None = None

    @classmethod
    def on_date(cls, day: dt.date) -> "Due":
        return cls(DueKind.DATE, on=day)

    @classmethod
    def at_meeting(cls, meeting: Meeting) -> "Due":
        return cls(DueKind.MEETING, meeting=meeting)

    @classmethod
    def at_next_on(cls, theme: Theme, *, after: dt.date | None = None) -> "Due":
        return cls(DueKind.THEME, theme=theme, after=after)

    @classmethod
    def at_next_of(cls, type_: MeetingType, *, after: dt.date | None = None) -> "Due":
        return cls(DueKind.TYPE, type=type_, after=after)

    @property
    def is_set(self) -> bool:
        return self.kind != DueKind.NONE

    def in_words(self) -> str:
        """ "4 September 2020", "at the meeting of 3 May 2026", "No due date"."""
        match self.kind:
            case DueKind.DATE:
                assert self.on is not None
                return day_in_words(self.on)
            case DueKind.MEETING:
                assert self.meeting is not None
                return f"at the meeting of {day_in_words(self.meeting.date)}"
            case DueKind.THEME:
                return f"at the next meeting on {self.theme}"
            case DueKind.TYPE:
                return f"at the next {self.type}"
        return "no due date"


class DueFields(models.Model):
    """The columns of a ``Due``, on an action and on each update that set one."""

    due_kind = models.CharField("due", max_length=10, choices=DueKind)
    due_on = models.DateField("due date", null=True, blank=True)
    due_meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="%(class)ss_due"
    )
    due_theme = models.ForeignKey(
        Theme, models.PROTECT, null=True, blank=True, related_name="+"
    )
    due_type = models.ForeignKey(
        MeetingType, models.PROTECT, null=True, blank=True, related_name="+"
    )
    due_after = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def due(self) -> Due:
        return Due(
            self.due_kind or DueKind.NONE,
            self.due_on,
            self.due_meeting,
            self.due_theme,
            self.due_type,
            self.due_after,
        )

    @due.setter
    def due(self, due: Due) -> None:
        for field in fields(due):
            setattr(self, f"due_{field.name}", getattr(due, field.name))


def due_constraint(name: str, *, may_be_blank: bool) -> models.CheckConstraint:
    """The kind of a due and its one value go together."""
    empty = {
        "due_on__isnull": True,
        "due_meeting__isnull": True,
        "due_theme__isnull": True,
        "due_type__isnull": True,
    }
    kinds = ["none", ""] if may_be_blank else ["none"]
    allowed = Q(due_kind__in=kinds, due_after__isnull=True, **empty)
    for kind, column in {
        "date": "due_on",
        "meeting": "due_meeting",
        "theme": "due_theme",
        "type": "due_type",
    }.items():
        values = empty | {f"{column}__isnull": False}
        if kind in ("date", "meeting"):
            values["due_after__isnull"] = True
        allowed |= Q(due_kind=kind, **values)
    return models.CheckConstraint(condition=allowed, name=name)
