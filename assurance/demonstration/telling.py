"""Small words in which the demonstration is written down."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from actions.models import Action, Due, Owner
from actions.operations import raise_action
from assurance.models import User
from meetings.models import AgendaItem, Attendee, Meeting

Items = Mapping[str, AgendaItem]


def moment(day: dt.date, hour: int = 10) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


@dataclass(frozen=True)
class Item:
    """An agenda item with what is under it; ``fields`` are those of the model."""

    heading: str
    notes: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    children: Sequence["Item"] = ()


def item(heading: str, notes: str = "", *children: Item, **fields: Any) -> Item:
    return Item(heading, notes, fields, children)


def unnumbered(heading: str, notes: str = "", *children: Item, **fields: Any) -> Item:
    fields["numbering"] = AgendaItem.Numbering.NONE
    return Item(heading, notes, fields, children)


def write_agenda(
    meeting: Meeting, items: Sequence[Item], parent: AgendaItem | None = None
) -> dict[str, AgendaItem]:
    """Creates the items; they are found again by heading."""
    written = {}
    for order, told in enumerate(items):
        row = AgendaItem.objects.create(
            meeting=meeting,
            parent=parent,
            order=order,
            heading=told.heading,
            notes=told.notes,
            **told.fields,
        )
        written[told.heading] = row
        written |= write_agenda(meeting, told.children, row)
    return written


def write_attendance(meeting: Meeting, attendees: Sequence[Attendee]) -> None:
    for order, attendee in enumerate(attendees):
        attendee.meeting = meeting
        attendee.order = order
        attendee.save()


def agree(
    item: AgendaItem,
    text: str,
    *owners: Owner,
    by: User,
    due: Due | None = None,
    **fields: Any,
) -> Action:
    """An action agreed at an item, written down at noon of the day."""
    at = moment(item.meeting.date, 12)
    return raise_action(
        by=by,
        text=text,
        due=due,
        owners=owners,
        at=at,
        meeting=item.meeting,
        item=item,
        office_lead=by,
        created_at=at,
        **fields,
    )
