"""Who reads a draft that goes round, and what of it.

The office and the commissioner read all. A liaison who was there reads what the public
may read of it, with the names of all who were there: an item that is for the office
only or withheld is a line that says so, and a withheld passage is its reason.
"""

from dataclasses import dataclass, field, replace

from assurance.models import User
from assurance.permissions import Permission, Role, user_can
from meetings.models import Attendee, Meeting
from meetings.publication import Known, public_record
from meetings.record import Item, Record
from meetings.withheld import withheld_items
from meetings.withholding import redact

LEFT_OUT = "This item is not in your copy."


def for_attendee(record: Record, known: Known) -> Record:
    """The record as a liaison reads it who was at the meeting, with the actions as they
    stood when it went round.
    """
    hidden = withheld_items(record.items)
    everybody = tuple(replace(seat, named_publicly=True) for seat in record.seats)
    copy = public_record(
        replace(record, seats=everybody), replace(known, statuses={})
    ).record
    restricted = {item.key for item in record.items if item.restricted}
    return replace(
        copy,
        items=tuple(
            replace(item, notes=LEFT_OUT, restricted=item.key in restricted)
            if item.key in hidden
            else item
            for item in copy.items
        ),
        marking=record.marking,
        edited=(),
    )


@dataclass(frozen=True)
class StaysInside:
    """What of a draft a liaison does not get, counted."""

    restricted: int
    withheld: int
    passages: int

    @property
    def in_words(self) -> list[str]:
        counts = [
            (self.restricted, "item for the office only", "items for the office only"),
            (self.withheld, "withheld item", "withheld items"),
            (self.passages, "withheld passage", "withheld passages"),
        ]
        return [f"{n} {one if n == 1 else many}" for n, one, many in counts if n]


def stays_inside(record: Record) -> StaysInside:
    hidden = withheld_items(record.items)
    restricted = sum(item.restricted for item in record.items)
    return StaysInside(
        restricted=restricted,
        withheld=len(hidden) - restricted,
        passages=sum(
            len(redact(text).passages)
            for item in record.items
            if item.key not in hidden
            for text in (item.notes, item.decisions)
        ),
    )


def may_comment_on(item: Item, record: Record, user: User) -> bool:
    """Nobody comments on what is left out of their copy."""
    all_of_it = user_can(user, Permission.READ_MINUTES)
    return all_of_it or item.key not in withheld_items(record.items)


@dataclass
class Readers:
    """Who can read a draft once it goes round."""

    office: list[User] = field(default_factory=list)
    commissioners: list[User] = field(default_factory=list)
    # Those who were there, with an account that reads a copy, and with none at all.
    attendees: list[Attendee] = field(default_factory=list)
    by_hand: list[Attendee] = field(default_factory=list)
    # Those who sent apologies: they read no draft here, so it is sent to them too.
    apologies: list[Attendee] = field(default_factory=list)


def readers_of(meeting: Meeting) -> Readers:
    """Two queries, however many were there."""
    readers = Readers()
    for user in User.objects.filter(is_active=True).exclude(role=Role.LIAISON):
        is_commissioner = user.role == Role.COMMISSIONER
        (readers.commissioners if is_commissioner else readers.office).append(user)
    wanted = [*Attendee.WAS_THERE, Attendee.Attendance.APOLOGIES]
    seats = meeting.attendees.filter(attendance__in=wanted)
    for seat in seats.select_related("person__user__organisation", "organisation"):
        user = seat.person.user
        if seat.attendance == Attendee.Attendance.APOLOGIES:
            if user is None or not user.is_active or user.is_liaison:
                readers.apologies.append(seat)
            continue
        if user is None or not user.is_active:
            readers.by_hand.append(seat)
        elif user.is_liaison:
            readers.attendees.append(seat)
    return readers
