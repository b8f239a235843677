"""Who is here, as the minute-taker marks it in the meeting."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models, transaction

from meetings.models import AgendaItem, Attendee, Meeting
from meetings.operations import lock_editable


class Mark(models.TextChoices):
    """What one press says of somebody."""

    HERE = "here", "Here"
    APOLOGIES = "apologies", "Apologies"
    ABSENT = "absent", "Absent"
    JOINED = "joined", "Joined at this item"
    LEFT = "left", "Left at this item"


_STATES = {
    Mark.HERE: Attendee.Attendance.PRESENT,
    Mark.APOLOGIES: Attendee.Attendance.APOLOGIES,
    Mark.ABSENT: Attendee.Attendance.ABSENT,
    Mark.JOINED: Attendee.Attendance.PART,
    Mark.LEFT: Attendee.Attendance.PART,
}


@transaction.atomic
def mark_presence(
    meeting: Meeting,
    *,
    attendee_pk: int,
    mark: Mark,
    item: AgendaItem,
    version: int,
    today: dt.date,
) -> Attendee:
    """Say of somebody that they are here, or not, or came or went at this item.

    ``version`` is that of the row the marker looked at: when somebody else marked it
    otherwise since, it is refused, so that nobody's word is undone unseen.
    """
    held = lock_editable(meeting)
    rows = meeting.attendees.select_related("person").select_for_update(of=("self",))
    one = rows.filter(pk=attendee_pk).first()
    if one is None:
        raise ValidationError("This person was taken off the list meanwhile")
    if mark in (Mark.HERE, Mark.JOINED, Mark.LEFT) and not held.has_begun(today=today):
        raise ValidationError(
            "The meeting has not begun: start it first, then mark who is here"
        )
    before = _marked(one)
    one.attendance = _STATES[mark]
    if mark == Mark.JOINED:
        one.joined_item = item
    elif mark == Mark.LEFT:
        one.left_item = item
    else:
        one.joined_item = one.left_item = None
    if _marked(one) == before:
        return one
    if one.version != version:
        raise ValidationError(
            f"Somebody else changed {one.person} since you opened this page. Look at "
            "what it says now, then press again"
        )
    one.version += 1
    one.save()
    return one


def _marked(one: Attendee) -> tuple[str, int | None, int | None]:
    return one.attendance, one.joined_item_id, one.left_item_id
