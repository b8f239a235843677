"""The tracker as a table for other programs: every row of a list, in full.

However many rows there are, the number of queries is the same, and what is kept in
memory for a row is a few words.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Subquery
from django.db.models import Value as Constant
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from actions.flags import as_at
from actions.lifecycle import Status
from actions.models import Action, DueKind, Owner, Review, Update
from actions.models.queryset import ActionQuerySet
from actions.reasons import reasons
from actions.reviewing import Entry, ReviewList
from actions.tracker import tags, where_raised
from assurance.calendar import day_in_words
from assurance.models import Organisation, User
from assurance.permissions import Permission, user_can
from assurance.sheets import Column, Sheet, Value
from meetings.models import Meeting, Theme
from meetings.withholding import worded_for

# Rows that are fetched together.
CHUNK = 1000

_COLUMNS = [
    Column("Reference", 11),
    Column("Action", 60),
    Column("Raised at", 32),
    Column("Date raised", 13),
    Column("Theme", 24),
    Column("Owners", 32),
    Column("Due", 13),
    Column("Due as agreed", 26),
    Column("First due", 13),
    Column("Times moved", 9),
    Column("Status", 13),
    Column("Flags", 14),
    Column("Why it is on the list", 32),
    Column("Issued on", 13),
    Column("Last update on", 13),
    Column("Last update", 60),
    Column("Last update by", 24),
    Column("Older reference", 14),
    Column("Marking", 12),
]
# What was raised elsewhere is marked like a meeting nobody marked.
_NO_MEETING = Meeting()
# What a liaison's pages do not show either.
_OFFICE_COLUMNS = [Column("Office lead", 20)]


def tracker_sheet(
    actions: ActionQuerySet,
    *,
    user: Any,
    title: str,
    today: dt.date,
    meeting: Meeting | None,
) -> Sheet:
    """The actions of a list that carry ``with_flags``, as this account may see them."""
    sees_all = user_can(user, Permission.READ_ALL_ACTIONS)
    sensitive = actions.filter(meeting__marking=Meeting.Marking.SENSITIVE).exists()
    marking = Meeting.Marking.SENSITIVE if sensitive else Meeting.Marking.OFFICIAL
    return Sheet(
        title=f"{title}, {settings.OFFICE_NAME}",
        columns=[*_COLUMNS, *(_OFFICE_COLUMNS if sees_all else [])],
        rows=_rows(actions, user, as_at(today, meeting), meeting, sees_all=sees_all),
        marking=marking.label,
    )


def _rows(
    actions: ActionQuerySet,
    user: Any,
    on: dt.date,
    meeting: Meeting | None,
    *,
    sees_all: bool,
) -> Iterator[list[Value]]:
    visible = Action.objects.visible_to(user)
    owners, first_dues = _owners(visible), _first_dues(visible)
    # Few, and named by many actions: each is read once.
    meetings = Meeting.objects.select_related("type").in_bulk()
    themes, of_meetings = dict(Theme.objects.values_list("pk", "name")), _themes()
    leads = dict(User.objects.values_list("pk", "name"))
    reads_all = user_can(user, Permission.READ_MINUTES)
    found = _with_last_words(actions.for_rows(), user)
    found = found.select_related(None).prefetch_related(None)
    found = found.select_related("item", "due_theme", "due_type")
    for action in found.iterator(CHUNK):
        action.meeting = meetings.get(action.meeting_id)
        action.due_meeting = meetings.get(action.due_meeting_id)
        item = None if action.item and action.item.restricted else action.item
        row: list[Value] = [
            action.reference,
            worded_for(action.text, reads_all=reads_all),
            where_raised(action, reads_all=reads_all),
            action.raised_on,
            themes.get(item.theme_id if item else 0, "")
            or of_meetings.get(action.meeting_id),
            "\n".join(owners[action.pk]),
            action.due_date,
            _as_agreed(action),
            first_dues.get(action.pk) or action.due_date or _tie(action),
            action.times_moved,
            (Status.OPEN if action.hold_ended else Status(action.status)).label,
            ", ".join(tag.text for tag in tags(action)[1:]),
            "; ".join(reasons(action, on=on, meeting=meeting)) if action.reason else "",
            _day(action.issued_at),
            _day(action.last_said_at),
            action.last_said,
            action.last_said_by,
            action.older_reference,
            (action.meeting or _NO_MEETING).get_marking_display(),
        ]
        if sees_all:
            row.append(leads.get(action.office_lead_id))
        yield row


def _with_last_words(actions: Any, user: Any) -> Any:
    """Add the latest word on the work that this account may see."""
    latest = (
        Update.objects.visible_to(user)
        .filter(
            action=OuterRef("pk"), what__in=[Update.What.UPDATE, Update.What.PROPOSED]
        )
        .newest_first()
    )
    by = Coalesce(NullIf("provided_by", Constant("")), "author__name")
    return actions.annotate(
        last_said_at=Subquery(latest.values("at")[:1]),
        last_said=Subquery(latest.values("text")[:1]),
        last_said_by=Subquery(latest.values(name=by)[:1]),
    )


def _owners(actions: ActionQuerySet) -> dict[int, list[str]]:
    """Who owns each action as lists write it, the lead first."""
    organisations = Organisation.objects.in_bulk()
    found = defaultdict(list)
    owners = Owner.objects.filter(action__in=actions).values_list(
        "action_id", "organisation_id", "post", "person__name"
    )
    for action, organisation, post, person in owners.iterator(CHUNK):
        parts = (organisations[organisation].abbreviation, post, person)
        found[action].append(", ".join(filter(None, parts)))
    return found


def _first_dues(actions: ActionQuerySet) -> dict[int, Value]:
    """What actions whose due was moved were due at first: a day, or a tie in words."""
    redated = Update.objects.filter(action=OuterRef("action"), what=Update.What.REDATED)
    dues = (
        Update.objects.filter(Exists(redated), action__in=actions)
        .exclude(due_kind="")
        .select_related("due_meeting", "due_theme", "due_type")
        .order_by("action", "at", "id")
    )
    found: dict[int, Value] = {}
    moved = set()
    for update in dues.iterator(CHUNK):
        if update.what == Update.What.REDATED:
            moved.add(update.action_id)
        elif update.action_id not in moved:
            found[update.action_id] = update.due_on or update.due.in_words()
    return found


def _themes() -> dict[int, str]:
    """The themes of each meeting."""
    found = defaultdict(list)
    links = Meeting.themes.through.objects.order_by("theme__name")
    for meeting, name in links.values_list("meeting_id", "theme__name"):
        found[meeting].append(name)
    return {meeting: ", ".join(names) for meeting, names in found.items()}


def _tie(action: Action) -> str:
    """What it is due at, when that is no plain day: "at the next meeting on Mental
    health".
    """
    if action.due_kind in (DueKind.NONE, DueKind.DATE):
        return ""
    return action.due.in_words()


def _as_agreed(action: Action) -> str:
    """What it is tied to, and the words of the minutes."""
    minuted = f"“{action.due_words}”" if action.due_words else ""
    return ", ".join(filter(None, [_tie(action), minuted]))


def _day(moment: dt.datetime | None) -> dt.date | None:
    return timezone.localdate(moment) if moment else None


# The list of a meeting


_REVIEW_COLUMNS = [
    Column("Reference", 11),
    Column("Action", 60),
    Column("Listed under", 22),
    Column("Why it is on the list", 40),
    Column("Owners", 32),
    Column("Due", 13),
    Column("Due in words", 26),
    Column("Status then", 16),
    Column("Last update", 60),
    Column("Last update by", 24),
    Column("Outcome", 30),
    Column("Note", 40),
    Column("Recorded by", 20),
    Column("Recorded on", 13),
]


def review_sheet(listed: ReviewList) -> Sheet:
    """The list of a meeting as it was reviewed; what is not reviewed, as it stands."""
    meeting = listed.meeting
    return Sheet(
        title=f"Review of actions, {day_in_words(meeting.date)}, {meeting}",
        columns=_REVIEW_COLUMNS,
        rows=(_review_row(entry, listed) for entry in listed.entries),
        marking=meeting.get_marking_display(),
    )


def _review_row(entry: Entry, listed: ReviewList) -> list[Value]:
    action, review = entry.action, entry.review
    stood = review or Review(
        status_then=action.status,
        owners_then=entry.owners,
        due_then=entry.due,
        due_date_then=action.due_date,
        latest_then=listed.latest.get(action.pk),
    )
    latest = stood.latest_then
    recorded_at = review.recorded_at if review else None
    return [
        action.reference,
        worded_for(entry.text, reads_all=True),
        entry.reason.label if entry.reason else "",
        entry.why,
        stood.owners_then,
        stood.due_date_then,
        stood.due_then,
        stood.get_status_then_display(),
        latest.text if latest else "",
        latest.said_by if latest else "",
        review.in_words if review else "Not reviewed",
        review.note if review else "",
        str(review.recorded_by) if review else "",
        timezone.localdate(recorded_at) if recorded_at else None,
    ]
