"""Home: what needs you, by role."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from actions.flags import Reason
from actions.models import Action, Update
from actions.tracker import Numbers, Row, next_review, numbers, rows
from assurance.http import SignedInRequest
from assurance.permissions import Permission, Role, requires
from meetings.models import Meeting

MOST_OVERDUE = 5
LATEST_CHANGES = 20
LATEST_MINUTES = 3
# What a commissioner wants to have seen before the meeting.
CHANGES = [
    Update.What.UPDATE,
    Update.What.PROPOSED,
    Update.What.RETURNED,
    Update.What.CLOSED,
    Update.What.REPLACED,
    Update.What.WITHDRAWN,
    Update.What.HELD,
    Update.What.REOPENED,
    Update.What.REDATED,
]


@dataclass(frozen=True)
class Task:
    """Something of the office's to do: how many, and where."""

    text: str
    count: int
    url: str


@dataclass(frozen=True)
class Part:
    """A part of a liaison's list under one heading."""

    heading: str
    rows: list[Row]


@requires(Permission.SIGNED_IN)
def home(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    meeting = next_review(today=today)
    totals = numbers(request.user, today=today, meeting=meeting)
    page = {
        Role.LIAISON: _liaison,
        Role.COMMISSIONER: _commissioner,
    }.get(Role(request.user.role), _office)
    return page(request, today, meeting, totals)


def _office(
    request: SignedInRequest,
    today: dt.date,
    meeting: Meeting | None,
    totals: Numbers,
) -> HttpResponse:
    """The next meeting, what waits for the office, and the most overdue actions."""
    overdue = (
        Action.objects.visible_to(request.user)
        .overdue(today=today, meeting=meeting)
        .order_by("due_date", "year", "number")
        .for_rows()
    )
    upcoming = Meeting.objects.upcoming(today=today).select_related("type").first()
    return render(
        request,
        "assurance/home_office.html",
        {
            "today": today,
            "meeting": meeting,
            "upcoming": upcoming,
            "numbers": totals,
            "tasks": _tasks(today, totals),
            "rows": rows(overdue[:MOST_OVERDUE], today=today, meeting=meeting),
        },
    )


def _tasks(today: dt.date, totals: Numbers) -> list[Task]:
    """What the office has to do, in the order in which it usually does it."""
    tracker = reverse("tracker")
    unresolved = Action.objects.unresolved()
    meetings = Meeting.objects.all()
    return [
        Task(
            "Closures and requests to decide",
            totals.awaiting,
            f"{tracker}?list=review&flag=reason-{Reason.AWAITING.value}",
        ),
        Task(
            "Actions not issued yet",
            unresolved.not_issued().count(),
            reverse("actions_issue"),
        ),
        Task(
            "Actions without an owner",
            unresolved.filter(owners__isnull=True).count(),
            f"{tracker}?list=unresolved&flag=no-owner",
        ),
        Task(
            "Draft minutes not circulated",
            meetings.filter(state=Meeting.State.DRAFT).count(),
            f"{reverse('meetings')}?state={Meeting.State.DRAFT.value}",
        ),
        Task(
            "Meetings held but not recorded",
            meetings.filter(state=Meeting.State.PLANNED, date__lt=today).count(),
            f"{reverse('meetings')}?state=not-recorded",
        ),
    ]


def _commissioner(
    request: SignedInRequest,
    today: dt.date,
    meeting: Meeting | None,
    totals: Numbers,
) -> HttpResponse:
    """What the next meeting must decide, and what changed since the last one."""
    last = (
        Meeting.objects.filter(date__lt=today, type__reviews_tracker=True)
        .exclude(state__in=[*Meeting.LIVE, Meeting.State.CANCELLED])
        .select_related("type")
        .latest_first()
        .first()
    )
    changes = (
        Update.objects.visible_to(request.user)
        .filter(
            action__in=Action.objects.visible_to(request.user),
            what__in=CHANGES,
        )
        .select_related("action", "author", "due_meeting", "due_theme", "due_type")
        .newest_first()
    )
    if last:
        changes = changes.filter(at__date__gte=last.date)
    return render(
        request,
        "assurance/home_commissioner.html",
        {
            "today": today,
            "meeting": meeting,
            "numbers": totals,
            "last": last,
            "changes": changes[:LATEST_CHANGES],
            "circulated": Meeting.objects.filter(state=Meeting.State.CIRCULATED)
            .select_related("type")
            .latest_first()[:LATEST_MINUTES],
        },
    )


def _liaison(
    request: SignedInRequest,
    today: dt.date,
    meeting: Meeting | None,
    totals: Numbers,
) -> HttpResponse:
    """The organisation's own actions, what is late or wanted first."""
    mine = (
        Action.objects.visible_to(request.user)
        .unresolved()
        .with_flags(today=today, meeting=meeting)
        .most_urgent_first()
        .for_rows()
    )
    shown = rows(mine, today=today, meeting=meeting)
    parts: dict[str, list[Row]] = {
        "Overdue": [],
        "Returned to you": [],
        "Due by the next meeting": [],
        "Waiting for the commissioner": [],
        "Others": [],
    }
    for row in shown:
        words = {tag.text for tag in row.tags}
        if "Overdue" in words:
            parts["Overdue"].append(row)
        elif "Returned" in words:
            parts["Returned to you"].append(row)
        elif row.reason == Reason.AWAITING:
            parts["Waiting for the commissioner"].append(row)
        elif row.reason == Reason.DUE_BY:
            parts["Due by the next meeting"].append(row)
        else:
            parts["Others"].append(row)
    return render(
        request,
        "assurance/home_liaison.html",
        {
            "meeting": meeting,
            "numbers": totals,
            "parts": [Part(text, found) for text, found in parts.items() if found],
        },
    )
