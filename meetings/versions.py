"""Keeping a record as a version that is never changed."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from assurance.models import User
from meetings.models import Meeting, MinutesVersion
from meetings.record import Record, to_json

Kind = MinutesVersion.Kind


@transaction.atomic
def keep_version(
    record: Record,
    *,
    meeting: Meeting,
    kind: str,
    by: User,
    at: dt.datetime | None = None,
    **more: Any,
) -> MinutesVersion:
    """The next version of this kind. ``more`` is ``made_from``, ``what``, ``why``,
    ``pdf``, ``docx`` and, of what is published, ``let_pass`` and ``replaced``.
    """
    held = Meeting.objects.locked().get(pk=meeting.pk)
    last = held.versions.filter(kind=kind).aggregate(last=Max("number"))["last"]
    return MinutesVersion.objects.create(
        meeting=held,
        kind=kind,
        number=(last or 0) + 1,
        title=record.title,
        held_on=record.date,
        themes="".join(f"\n{name}" for name in _themes(record)) + "\n",
        content=to_json(record),
        text=record.words(),
        by=by,
        at=at or timezone.now(),
        **more,
    )


def _themes(record: Record) -> list[str]:
    """Those of the meeting, then those of its items."""
    themes = [*record.themes, *(item.theme for item in record.items)]
    return [name for name in dict.fromkeys(themes) if name]


def agreed_version(meeting: Meeting) -> MinutesVersion | None:
    """The agreed minutes with all amendments, if they are agreed."""
    return meeting.versions.agreed().latest_first().first()


def latest_draft(meeting: Meeting) -> MinutesVersion | None:
    """The draft that went round last."""
    return meeting.versions.drafts().latest_first().first()
