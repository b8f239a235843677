"""Minutes as they are read: facts, people, items, actions where they were agreed.

Gathered in a fixed number of queries, whatever the length of the agenda.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.safestring import SafeString

from actions.lifecycle import Status
from actions.models import Action, Owner, Review
from actions.reviewing import made_at, recorded_at
from meetings.models import AgendaItem, Attendee, Kind, Meeting
from meetings.notes import Mark, heading_levels, marks, render_notes, split_notes

TOP_LEVEL = 2  # of headings; the page's own is 1


@dataclass
class Part:
    """A stretch of notes, or an action agreed at that point, or a mark of none."""

    html: SafeString | None = None
    action: Action | None = None
    unknown_mark: str = ""


@dataclass
class ReadItem:
    """One item as printed: its notes in parts, then the actions without a mark."""

    item: AgendaItem
    level: int
    parts: list[Part]
    actions: list[Action]
    is_tracker: bool = False
    is_summary: bool = False
    is_next_meeting: bool = False


@dataclass
class People:
    """Who was there, sorted as minutes print it."""

    chairs: list[Attendee] = field(default_factory=list)
    minute_takers: list[Attendee] = field(default_factory=list)
    present: list[Attendee] = field(default_factory=list)
    apologies: list[Attendee] = field(default_factory=list)
    absent: list[Attendee] = field(default_factory=list)
    invited: list[Attendee] = field(default_factory=list)


@dataclass
class Reviewed:
    """What was made of an action on the list, and what took its place."""

    review: Review
    made: list[Action]


@dataclass
class Reading:
    people: People
    items: list[ReadItem]
    without_item: list[Action]  # raised at the meeting, at no item of it
    arising: list[Action]  # all of them, once more, in the summary
    not_used: set[int]  # withdrawn before they were issued
    reviewed: list[Reviewed]  # what was made of the tracker
    not_reached: list[Review]
    has_tracker_item: bool
    has_summary_item: bool
    has_next_item: bool


def actions_of(meeting: Meeting, user: Any) -> list[Action]:
    """The actions raised at a meeting with what minutes print of them. Two queries."""
    raised = Action.objects.visible_to(user).filter(meeting=meeting)
    return list(_printable(raised))


def _printable(actions: Any) -> Any:
    """Actions with what minutes print of them."""
    return actions.select_related(
        "due_meeting", "due_theme", "due_type"
    ).prefetch_related(
        Prefetch("owners", Owner.objects.select_related("organisation", "person"))
    )


def read(meeting: Meeting, user: Any) -> Reading:
    agenda = meeting.agenda()
    prefetch_related_objects(agenda, "papers")
    actions = actions_of(meeting, user)
    not_used = {
        a.pk for a in actions if a.status == Status.WITHDRAWN and not a.is_issued
    }
    printed = {a.reference: a for a in actions if a.pk not in not_used}
    marked = {reference for item in agenda for reference in marks(item.notes)}
    at_item: dict[int | None, list[Action]] = {}
    for reference, action in printed.items():
        if reference not in marked:
            at_item.setdefault(action.item_id, []).append(action)
    known = {a.reference for a in actions}
    waiting = dict(printed)
    items = [
        ReadItem(
            item=item,
            level=TOP_LEVEL + item.depth,
            parts=_parts(item, waiting, known),
            actions=at_item.pop(item.pk, []),
        )
        for item in agenda
    ]
    reviews = recorded_at(meeting, user)
    unreviewed = [r for r in reviews if r.outcome in Review.UNREVIEWED]
    _first(items, Kind.ACTION_TRACKER, "is_tracker")
    _first(items, Kind.SUMMARY, "is_summary")
    _first(items, Kind.NEXT_MEETING, "is_next_meeting")
    return Reading(
        people=sort_people(meeting.attendance()),
        items=items,
        without_item=[action for rows in at_item.values() for action in rows],
        arising=actions,
        not_used=not_used,
        reviewed=_reviewed(meeting, user, [r for r in reviews if r not in unreviewed]),
        not_reached=unreviewed,
        has_tracker_item=any(i.is_tracker for i in items),
        has_summary_item=any(i.is_summary for i in items),
        has_next_item=any(i.is_next_meeting for i in items),
    )


def _reviewed(meeting: Meeting, user: Any, reviews: list[Review]) -> list[Reviewed]:
    made: dict[int | None, list[Action]] = {}
    for action in _printable(made_at(meeting, user)):
        made.setdefault(action.replaces_id, []).append(action)
    return [Reviewed(review, made.get(review.action_id, [])) for review in reviews]


def _parts(item: AgendaItem, waiting: dict[str, Action], known: set[str]) -> list[Part]:
    """The notes in stretches. An action leaves ``waiting`` where it is printed first,
    so a mark written twice prints once.
    """
    levels = heading_levels(item.notes)
    parts = []
    for part in split_notes(item.notes):
        if not isinstance(part, Mark):
            html = render_notes(part, under=TOP_LEVEL + item.depth, levels=levels)
            parts.append(Part(html=html))
        elif part.reference in waiting:
            parts.append(Part(action=waiting.pop(part.reference)))
        elif part.reference not in known:
            parts.append(Part(unknown_mark=part.reference))
    return parts


def _first(items: Iterable[ReadItem], kind: str, flag: str) -> None:
    """Where a list is printed that the minutes hold once."""
    for read_item in items:
        if read_item.item.kind == kind:
            setattr(read_item, flag, True)
            return


def sort_people(attendance: list[Attendee]) -> People:
    """By status; a minute-taker outside the list is named in the heading only."""
    people = People()
    states = Attendee.Attendance
    lists = {
        states.PRESENT: people.present,
        states.PART: people.present,
        states.APOLOGIES: people.apologies,
        states.ABSENT: people.absent,
        states.INVITED: people.invited,
    }
    for attendee in attendance:
        if attendee.role == Attendee.Role.CHAIR:
            people.chairs.append(attendee)
        elif attendee.role == Attendee.Role.MINUTE_TAKER:
            people.minute_takers.append(attendee)
        if attendee.listed:
            lists[states(attendee.attendance)].append(attendee)
    return people
