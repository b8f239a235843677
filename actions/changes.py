"""What changed since the last meeting that reviewed the tracker."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from actions.models import Action, Update
from meetings.models import Meeting

# What was decided of an action.
DECIDED = (
    Update.What.RETURNED,
    Update.What.CLOSED,
    Update.What.REPLACED,
    Update.What.WITHDRAWN,
    Update.What.HELD,
    Update.What.REOPENED,
    Update.What.REDATED,
)
# What a commissioner wants to have seen before the meeting.
WORTH_SEEING = (Update.What.UPDATE, Update.What.PROPOSED, *DECIDED)


def last_review_held(*, before: dt.date) -> Meeting | None:
    """The last meeting before that day that was held and reviews the tracker."""
    return (
        Meeting.objects.filter(date__lt=before, type__reviews_tracker=True)
        .exclude(state__in=[*Meeting.LIVE, Meeting.State.CANCELLED])
        .select_related("type")
        .latest_first()
        .first()
    )


def changes(
    user: Any, *, since: Meeting | None, what: Collection[str] = WORTH_SEEING
) -> QuerySet[Update]:
    """Entries of these kinds from the day of that meeting on, newest first.

    Without what was undone again at a review, and what was corrected.
    """
    found = (
        Update.objects.visible_to(user)
        .filter(action__in=Action.objects.visible_to(user), what__in=what)
        .filter(undoing=None, correction=None)
        .select_related("action", "author", "due_meeting", "due_theme", "due_type")
        .newest_first()
    )
    return found.filter(at__date__gte=since.date) if since else found
