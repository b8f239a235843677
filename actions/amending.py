"""Amending agreed minutes: a new version made from the last one, which is kept.

The record is never gathered anew: what was agreed stays, but for what is amended. The
rows that search and pages read are brought along.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst

from actions.models import Action
from actions.since_draft import joined_by_and, name_of_item
from assurance.models import User
from meetings.models import AgendaItem, Attendee, Meeting, MinutesVersion, Person
from meetings.models.agenda import WithheldReason
from meetings.record import ActionLine, Amendment, Item, Record, Seat, from_json
from meetings.versions import agreed_version, keep_version

# What of an item and of a seat may be amended, and how a sentence names it.
OF_ITEM = {
    "heading": "heading",
    "notes": "notes",
    "decisions": "decisions",
    "assurance": "assurance given",
    "withheld": "whether it is withheld",
    "withheld_reason": "reason for withholding",
}
OF_MEETING = {"venue": "venue", "start": "start", "end": "end"}
OF_SEAT = {"name": "name", "capacity": "capacity", "attendance": "attendance"}


NOTHING_KEPT = (
    "These minutes were agreed before agreed minutes were kept here, so there is "
    "nothing to amend"
)


class AmendedMeanwhile(ValidationError):
    """Somebody amended the minutes since they were opened; nothing was changed."""

    def __init__(self, version: MinutesVersion) -> None:
        self.version = version
        super().__init__(
            "Somebody else amended these minutes while you were writing. Nothing of "
            "theirs or yours was lost: compare the two, then save again"
        )


@dataclass(frozen=True)
class Amended:
    """A record as amended, what was in a sentence, and what else has to be written."""

    record: Record
    what: str
    bring_along: Callable[[Meeting], None]
    item: int | None = None


@transaction.atomic
def amend_item(
    meeting: Meeting,
    key: int,
    *,
    changes: Mapping[str, Any],
    why: str,
    by: User,
    made_from: int,
    at: dt.datetime | None = None,
) -> MinutesVersion:
    """Amend an item of agreed minutes. ``changes`` are new values of ``OF_ITEM``;
    assurance is a value of ``AgendaItem.Assurance``. ``made_from`` is the number of
    the version that was read: ``AmendedMeanwhile`` if there is a newer one.
    """

    def make(record: Record) -> Amended:
        was = record.item(key)
        if was is None:
            raise ValidationError("This item is not in the minutes")
        values = dict(changes)
        if "assurance" in values:
            values["assurance"] = _assurance_in_words(values["assurance"])
        item = replace(was, **values)
        _check(item)
        what = [OF_ITEM[n] for n in OF_ITEM if getattr(was, n) != getattr(item, n)]
        if not what:
            raise _nothing_changed()
        new = _follow(record.with_item(item), was, item)
        return Amended(
            new,
            f"{capfirst(name_of_item(record, key))}: {joined_by_and(what)}",
            lambda held: _bring_items_along(held, record, new),
            item=key,
        )

    return _amend(meeting, make, why=why, by=by, made_from=made_from, at=at)


@transaction.atomic
def amend_facts(
    meeting: Meeting,
    *,
    changes: Mapping[str, Any],
    seats: Mapping[int, Mapping[str, str]],
    why: str,
    by: User,
    made_from: int,
    at: dt.datetime | None = None,
) -> MinutesVersion:
    """Amend the heading of agreed minutes or who was there. ``changes`` are new values
    of ``OF_MEETING``, ``seats`` new values of ``OF_SEAT`` by place in the list.
    """

    def make(record: Record) -> Amended:
        new = replace(
            record,
            **changes,
            seats=tuple(
                _seat(seat, seats.get(place, {}))
                for place, seat in enumerate(record.seats)
            ),
        )
        if new.end and (new.start is None or new.end <= new.start):
            raise ValidationError({"end": "Enter an end after the start"})
        what = [
            label
            for name, label in OF_MEETING.items()
            if getattr(new, name) != getattr(record, name)
        ]
        if new.seats != record.seats:
            what.append("attendance")
        if not what:
            raise _nothing_changed()
        return Amended(
            new,
            capfirst(joined_by_and(what)),
            lambda held: _bring_facts_along(held, record, new),
        )

    return _amend(meeting, make, why=why, by=by, made_from=made_from, at=at)


def _amend(
    meeting: Meeting,
    make: Callable[[Record], Amended],
    *,
    why: str,
    by: User,
    made_from: int,
    at: dt.datetime | None,
) -> MinutesVersion:
    held = Meeting.objects.locked().get(pk=meeting.pk)
    last = agreed_version(held)
    if held.state != Meeting.State.AGREED:
        raise ValidationError(
            "Only agreed minutes are amended; these can still be edited"
        )
    if last is None:
        raise ValidationError(NOTHING_KEPT)
    if not why.strip():
        raise ValidationError({"why": "Enter why the minutes are amended"})
    if last.number != made_from:
        raise AmendedMeanwhile(last)
    amended = make(from_json(last.content))
    moment = at or timezone.now()
    amendment = Amendment(
        what=amended.what,
        why=why.strip(),
        by=by.name,
        on=timezone.localdate(moment),
        item=amended.item,
    )
    version = keep_version(
        replace(amended.record, amendments=(*amended.record.amendments, amendment)),
        meeting=held,
        kind=MinutesVersion.Kind.AGREED,
        by=by,
        at=moment,
        made_from=last,
        what=amended.what,
        why=why.strip(),
    )
    amended.bring_along(held)
    return version


def _nothing_changed() -> ValidationError:
    return ValidationError(
        "Nothing was changed: change what is wrong, or leave the minutes as they are"
    )


def _assurance_in_words(value: str) -> str:
    return AgendaItem.Assurance(value).label if value else ""


def _check(item: Item) -> None:
    if not item.heading.strip():
        raise ValidationError({"heading": "Enter the heading"})
    if item.restricted and not item.withheld:
        raise ValidationError(
            {"withheld": "This item is for the office only, so it stays withheld"}
        )
    if item.withheld and item.withheld_reason not in WithheldReason.values:
        raise ValidationError({"withheld_reason": "Choose a reason for withholding"})
    if item.withheld_reason and not item.withheld:
        raise ValidationError({"withheld_reason": "It is not withheld: choose none"})


# What goes with an item


def _follow(record: Record, was: Item, item: Item) -> Record:
    """The record with what hangs on an item as the item is now: what stands under it,
    its actions, and when people came and went.
    """
    items = list(record.items)
    if item.withheld:
        for below in _below(items, item):
            if not below.withheld:
                items[items.index(below)] = replace(
                    below, withheld=True, withheld_reason=item.withheld_reason
                )
    withheld = {one.key: one for one in items if one.withheld}
    headings = {was.numbered_heading: item.numbered_heading}
    return replace(
        record,
        items=tuple(items),
        seats=tuple(
            replace(
                seat,
                joined=headings.get(seat.joined, seat.joined),
                left=headings.get(seat.left, seat.left),
            )
            for seat in record.seats
        ),
        actions=_withheld_with_item(record.actions, was, withheld),
    )


def _below(items: Sequence[Item], item: Item) -> Iterator[Item]:
    """The items under this one, in printed order."""
    place = next(n for n, one in enumerate(items) if one.key == item.key)
    for one in items[place + 1 :]:
        if one.depth <= item.depth:
            return
        yield one


def _withheld_with_item(
    lines: tuple[ActionLine, ...], was: Item, withheld: Mapping[int, Item]
) -> tuple[ActionLine, ...]:
    """Actions are withheld with their item, and with it released, unless somebody
    said of one by itself that it is or is not.
    """
    own = {
        action.reference: action.withheld
        for action in Action.objects.filter(
            item__in=[line.item for line in lines if line.item is not None]
        )
    }

    def as_item(line: ActionLine) -> ActionLine:
        if line.item is None or own.get(line.reference) is not None:
            return line
        if item := withheld.get(line.item):
            return replace(line, withheld=True, withheld_reason=item.withheld_reason)
        if line.item == was.key:
            return replace(line, withheld=False, withheld_reason="")
        return line

    return tuple(map(as_item, lines))


def _bring_items_along(meeting: Meeting, before: Record, after: Record) -> None:
    assurance = {str(label): value for value, label in AgendaItem.Assurance.choices}
    rows = {row.pk: row for row in meeting.agenda_items.select_for_update(of=("self",))}
    for was, item in zip(before.items, after.items, strict=True):
        row = rows.get(item.key)
        if was == item or row is None:
            continue
        row.heading, row.notes, row.decisions = item.heading, item.notes, item.decisions
        row.assurance = assurance.get(item.assurance, "") if item.assurance else ""
        row.withheld, row.withheld_reason = item.withheld, item.withheld_reason
        row.version += 1
        row.save()


# Who was there


def _seat(seat: Seat, changes: Mapping[str, Any]) -> Seat:
    new = replace(seat, **changes)
    if not new.name.strip():
        raise ValidationError(f"Enter the name of {seat.name}")
    if new.attendance != seat.attendance and new.attendance != "part":
        return replace(new, joined="", left="")
    return new


def _bring_facts_along(meeting: Meeting, before: Record, after: Record) -> None:
    named = [n for n in OF_MEETING if getattr(before, n) != getattr(after, n)]
    for name in named:
        setattr(meeting, name, getattr(after, name))
    if named:
        meeting.version += 1
        meeting.save(update_fields=[*named, "version"])
    rows = list(meeting.attendees.select_for_update(of=("self",)))
    for row, was, seat in zip(rows, before.seats, after.seats, strict=True):
        if was != seat:
            _bring_seat_along(row, was, seat)


def _bring_seat_along(row: Attendee, was: Seat, seat: Seat) -> None:
    row.capacity, row.attendance = seat.capacity, seat.attendance
    if not seat.joined and not seat.left:
        row.joined_item = row.left_item = None
    if seat.name not in (was.name, row.person.name):
        row.person = _person(seat.name, row.meeting)
    row.version += 1
    row.save()


def _person(name: str, meeting: Meeting) -> Person:
    """Whoever has this name and was not at the meeting already, else somebody new: a
    person of the register is not renamed by what one meeting's minutes say.
    """
    known = Person.objects.filter(name__iexact=name).exclude(
        attendances__meeting=meeting
    )
    found = list(known[:2])
    return found[0] if len(found) == 1 else Person.objects.create(name=name)
