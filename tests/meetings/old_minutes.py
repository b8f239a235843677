"""Old minutes for tests of the pages on which they are read in."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from meetings.models import ReadIn
from meetings.reader.minutes import (
    Day,
    Facts,
    ReadAction,
    ReadAttendee,
    ReadItem,
    ReadMinutes,
    Warned,
    Words,
)

HELD = dt.date(2025, 3, 26)
READ = ReadMinutes(
    lines=(
        "Monthly board",
        "26 March 2025",
        "Present: Anna Bell (OPCC), Ed Frost (Force)",
        "1 Custody",
        "Said that <b>all</b> is well",
        "ACTION: Force to share the plan",
    ),
    facts=Facts(type=Words("Monthly board", 1), date=Day(HELD, 2)),
    attendees=(
        ReadAttendee("Anna Bell", 3, "Commissioner", "PCC", "OPCC"),
        ReadAttendee("Ed Frost", 3, "Chief Constable", "CC", "Force"),
    ),
    items=(ReadItem("Custody", 4, "1", notes="All is well\n\n[[action #1]]"),),
    actions=(ReadAction("Share the plan", 6, owner="Force", item=0),),
)
DOUBTFUL = replace(
    READ,
    actions=(replace(READ.actions[0], doubt="The owner is not plain"),),
    warnings=(Warned(5, "A page number in the text is left out."),),
)
TEXT = b"""Monthly board
26 March 2025 at 10am
Chair: Anna Bell

Present:
- Anna Bell (PCC), Commissioner, The office

1. Custody
All is well.
ACTION: PCC to share the plan.
"""


def hand_in(client: Client, *files: tuple[str, bytes], **fields: Any) -> HttpResponse:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    fields.setdefault("submission", uuid.uuid4())
    return client.post(reverse("imports"), {"minutes": sent, **fields})


def read_next(client: Client) -> HttpResponse:
    return client.post(reverse("import_read"))


def page_of(read_in: ReadIn) -> str:
    return reverse("import_check", args=[read_in.pk])
