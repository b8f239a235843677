"""Home of the office: the next meeting, what is to do, and the most overdue."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from actions.asking import progress
from actions.changes import last_review_held
from actions.flags import Reason
from actions.models import Action
from actions.tracker import Numbers, numbers, rows
from assurance.http import SignedInRequest
from assurance.models import Organisation, User
from assurance.permissions import Permission, user_can
from meetings.comments import comments_to_answer
from meetings.models import Meeting, MeetingType, Person
from meetings.standing import never_published

MOST_OVERDUE = 5


@dataclass(frozen=True)
class Task:
    """Something of the office's to do: how many, and where."""

    text: str
    count: int
    url: str


@dataclass(frozen=True)
class Step:
    """Something to do once, before the first meeting."""

    text: str
    hint: str
    url: str  # blank when somebody else must do it
    is_done: bool


def office(
    request: SignedInRequest, now: dt.datetime, meeting: Meeting | None
) -> HttpResponse:
    if not Meeting.objects.exists():
        steps = _first_steps(request.user)
        return render(request, "assurance/home_first_steps.html", {"steps": steps})
    today = timezone.localdate(now)
    totals = numbers(request.user, today=today, meeting=meeting)
    overdue = (
        Action.objects.visible_to(request.user)
        .overdue(today=today, meeting=meeting)
        .order_by("due_date", "year", "number")
        .for_rows()
    )
    return render(
        request,
        "assurance/home_office.html",
        {
            "today": today,
            "meeting": meeting,
            "upcoming": Meeting.objects.upcoming(today=today)
            .select_related("type")
            .first(),
            "updates": progress(meeting, now=now) if meeting else None,
            "numbers": totals,
            "tasks": _tasks(today, meeting, totals),
            "rows": rows(
                overdue[:MOST_OVERDUE], user=request.user, today=today, meeting=meeting
            ),
        },
    )


def _first_steps(user: User) -> list[Step]:
    """What an empty installation needs, in the order in which it is needed."""
    administers = user_can(user, Permission.MANAGE_ACCOUNTS)
    return [
        Step(
            "Add the organisations",
            "The office, the force and the partners that own actions"
            + ("" if administers else ". An administrator adds them"),
            reverse("organisations") if administers else "",
            Organisation.objects.exists(),
        ),
        Step(
            "Give accounts to colleagues and to liaisons",
            "Liaisons of the force and of partners answer for its actions"
            + ("" if administers else ". An administrator makes accounts"),
            reverse("accounts") if administers else "",
            User.objects.exclude(pk=user.pk).exists(),
        ),
        Step(
            "Add the people who come to meetings",
            "Their posts are given at each meeting",
            reverse("people"),
            Person.objects.exists(),
        ),
        Step(
            "Add a meeting type",
            "With its usual time and the agenda it starts with",
            reverse("registers"),
            MeetingType.objects.exists(),
        ),
        Step(
            "Plan the first meeting",
            "One already held may be entered too",
            reverse("meeting_new"),
            False,
        ),
    ]


def _tasks(today: dt.date, meeting: Meeting | None, totals: Numbers) -> list[Task]:
    """What the office has to do, in the order in which it usually does it.

    Nobody marks an update as read, so those of the next meeting's list stay to be read
    until that meeting was held.
    """
    tracker = reverse("tracker")
    unresolved = Action.objects.unresolved()
    meetings = Meeting.objects.all()
    last = last_review_held(before=today)
    listed = Action.objects.for_review_at(meeting, today=today)
    return [
        Task(
            "Actions for review with updates since the last meeting",
            listed.with_word_since(last.date if last else None).order_by().count(),
            f"{tracker}?list=review&flag=updated",
        ),
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
            "Draft minutes not circulated",
            meetings.filter(state=Meeting.State.DRAFT).count(),
            f"{reverse('meetings')}?state={Meeting.State.DRAFT.value}",
        ),
        Task(
            "Comments on drafts to answer",
            comments_to_answer().count(),
            reverse("comments_waiting"),
        ),
        Task(
            "Agreed minutes not published",
            never_published(meetings).count(),
            f"{reverse('meetings')}?state=not-published",
        ),
        Task(
            "Actions without an owner",
            unresolved.filter(owners__isnull=True).count(),
            f"{tracker}?list=unresolved&flag=no-owner",
        ),
        Task(
            "Meetings held but not recorded",
            meetings.not_recorded(today=today).count(),
            f"{reverse('meetings')}?state=not-recorded",
        ),
    ]
