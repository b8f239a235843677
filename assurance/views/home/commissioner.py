"""Home of the commissioner: what the next meeting must decide, and what changed."""

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from actions.changes import changes, last_review_held
from actions.tracker import numbers
from assurance.http import SignedInRequest
from meetings.models import Meeting
from meetings.standing import standings

LATEST_CHANGES = 20
LATEST_MINUTES = 5


def commissioner(
    request: SignedInRequest, now: dt.datetime, meeting: Meeting | None
) -> HttpResponse:
    today = timezone.localdate(now)
    last = last_review_held(before=today)
    circulated = Meeting.objects.filter(state=Meeting.State.CIRCULATED)
    agreed = list(
        Meeting.objects.filter(state=Meeting.State.AGREED)
        .select_related("type")
        .latest_first()[:LATEST_MINUTES]
    )
    found = standings(agreed)
    return render(
        request,
        "assurance/home_commissioner.html",
        {
            "today": today,
            "meeting": meeting,
            "numbers": numbers(request.user, today=today, meeting=meeting),
            "last": last,
            "changes": changes(request.user, since=last)[:LATEST_CHANGES],
            "circulated": circulated.with_draft_number()
            .select_related("type")
            .latest_first()[:LATEST_MINUTES],
            "waiting": circulated.count(),
            "agreed": [(one, found[one.pk]) for one in agreed],
        },
    )
