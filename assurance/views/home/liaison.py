"""Home of a liaison: the organisation's own actions, and what is wanted by when."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from actions.answers import drafts_of
from actions.flags import Reason
from actions.models import Action, UpdateRequest
from actions.tracker import Row, rows
from assurance.calendar import moment_in_words
from assurance.http import SignedInRequest
from meetings.models import Meeting


@dataclass(frozen=True)
class Part:
    """A part of the list under one heading."""

    heading: str
    rows: list[Row]


def liaison(
    request: SignedInRequest, now: dt.datetime, meeting: Meeting | None
) -> HttpResponse:
    """Late first, then what is wanted by when, then what came back."""
    today = timezone.localdate(now)
    mine = list(
        Action.objects.visible_to(request.user)
        .unresolved()
        .with_flags(today=today, meeting=meeting)
        .most_urgent_first()
        .for_rows()
    )
    asked = list(
        UpdateRequest.objects.with_answers(now=now)
        .filter(
            organisation=request.user.organisation_id,
            action__in=[action.pk for action in mine],
            meeting__state__in=Meeting.LIVE,
        )
        .order_by("due_at", "id")
    )
    wanted: dict[int, UpdateRequest] = {}
    for one in asked:
        if one.is_wanted:
            wanted.setdefault(one.action_id, one)
    drafts = Counter(
        drafts_of(request.user)
        .filter(action__in=[action.pk for action in mine])
        .values_list("is_ready", flat=True)
    )
    shown = rows(mine, user=request.user, today=today, meeting=meeting)
    return render(
        request,
        "assurance/home_liaison.html",
        {
            "meeting": meeting,
            "count": len(mine),
            "wanted": _wanted_in_words(wanted.values()),
            "is_asked": bool(asked),
            "ready": drafts[True],
            "unfinished": drafts[False],
            "parts": _parts(mine, shown, wanted),
            "minutes_to_read": Meeting.objects.drafts_to_read(request.user)
            .with_draft_number()
            .select_related("type")
            .latest_first(),
        },
    )


def _wanted_in_words(wanted: Iterable[UpdateRequest]) -> list[str]:
    """ "9 updates wanted by 9am on Friday 23 May 2025", for each moment."""
    found = []
    counts = Counter((one.due_at, one.is_late) for one in wanted)
    for (due_at, is_late), count in sorted(counts.items()):
        moment = moment_in_words(due_at)
        if is_late and count == 1:
            found.append(f"1 update is late: it was wanted by {moment}")
        elif is_late:
            found.append(f"{count} updates are late: they were wanted by {moment}")
        else:
            updates = "1 update" if count == 1 else f"{count} updates"
            found.append(f"{updates} wanted by {moment}")
    return found


def _parts(
    actions: Iterable[Action], shown: Iterable[Row], wanted: dict[int, UpdateRequest]
) -> list[Part]:
    moments = sorted({one.due_at for one in wanted.values()})
    order = [
        "Overdue",
        *(_heading(moment) for moment in moments),
        "Returned to you",
        "Due by the next meeting",
        "Waiting for the commissioner",
        "Others",
    ]
    parts: dict[str, list[Row]] = {heading: [] for heading in order}
    for action, row in zip(actions, shown, strict=True):
        request = wanted.get(action.pk)
        words = {tag.text for tag in row.tags}
        if request:
            late = "Late: an" if request.is_late else "An"
            asked = f"{late} update is wanted by {moment_in_words(request.due_at)}"
            row = replace(row, reasons=[asked, *row.reasons])
        if "Overdue" in words:
            parts["Overdue"].append(row)
        elif request:
            parts[_heading(request.due_at)].append(row)
        elif "Returned" in words:
            parts["Returned to you"].append(row)
        elif row.reason == Reason.AWAITING:
            parts["Waiting for the commissioner"].append(row)
        elif row.reason == Reason.DUE_BY:
            parts["Due by the next meeting"].append(row)
        else:
            parts["Others"].append(row)
    return [Part(heading, found) for heading, found in parts.items() if found]


def _heading(due_at: dt.datetime) -> str:
    return f"Wanted by {moment_in_words(due_at)}"
