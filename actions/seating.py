"""Who agreed minutes say was there, as an amendment has it, and the rows with them.

Whoever is taken out keeps a place in the record, which nothing prints, and whoever is
added comes last: so the places of agreed minutes and of all their amendments agree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from assurance.models import Organisation
from meetings.models import Attendee, Meeting, Person
from meetings.record import Change, Seat

# What may be amended of somebody on the list.
OF_SEAT = ("name", "capacity", "attendance", "role", "named_publicly")


def amended_seats(
    before: Sequence[Seat],
    changes: Mapping[int, Mapping[str, Any]],
    added: Sequence[Seat],
) -> tuple[Seat, ...]:
    """``changes`` are new values of ``OF_SEAT``, or ``taken_out``, by place in the
    list. Raises ``ValidationError``.
    """
    seats = [_seat(seat, changes.get(n, {})) for n, seat in enumerate(before)]
    renamed = {was.name: seat.name for was, seat in zip(before, seats, strict=True)}
    seats = [
        replace(seat, standing_in_for=renamed.get(seat.standing_in_for, ""))
        if seat.standing_in_for in renamed
        else seat
        for seat in seats
    ]
    for seat in added:
        if not seat.name.strip():
            raise ValidationError("Enter the name of whoever is added")
    seats += added
    _refuse_twice(before, seats)
    return tuple(seats)


def _seat(seat: Seat, changes: Mapping[str, Any]) -> Seat:
    new = replace(seat, **changes)
    if not new.name.strip():
        raise ValidationError(f"Enter the name of {seat.name}")
    if new.attendance != seat.attendance and new.attendance != "part":
        return replace(new, joined="", left="")
    return new


def _refuse_twice(before: Sequence[Seat], after: Sequence[Seat]) -> None:
    """Two of one name may have been there, but no amendment makes one into two."""
    names, were = _names(after), _names(before)
    for seat in after:
        name = seat.name.casefold()
        if names.count(name) > max(1, were.count(name)):
            raise ValidationError(f"{seat.name} would be on the list twice")
        if not seat.taken_out and name == seat.standing_in_for.casefold():
            raise ValidationError(f"{seat.name} cannot stand in for themselves")


def _names(seats: Sequence[Seat]) -> list[str]:
    return [seat.name.casefold() for seat in seats if not seat.taken_out]


def changed_of_seats(before: Sequence[Seat], after: Sequence[Seat]) -> list[Change]:
    """In the order of the list."""
    changes = []
    for was, seat in zip(before, after, strict=False):
        if seat.taken_out != was.taken_out:
            changes.append(Change("Attendance", _in_words(was), ""))
            continue
        for label, (old, new) in _compared(was, seat).items():
            if old != new:
                changes.append(Change(label, old, new))
    changes += [
        Change("Attendance", "", _in_words(seat)) for seat in after[len(before) :]
    ]
    return changes


def _compared(was: Seat, seat: Seat) -> dict[str, tuple[str, str]]:
    def both(said: Any) -> tuple[str, str]:
        return said(was), said(seat)

    of = f"of {was.name}"
    return {
        "Name": both(lambda one: one.name),
        f"Capacity {of}": both(lambda one: one.capacity),
        f"Attendance {of}": both(_attendance),
        f"Part of the meeting {of}": both(lambda one: one.for_how_long),
        f"Role {of}": both(_role),
        f"{was.name} in what is published": both(
            lambda one: "by name" if one.named_publicly else "by post only"
        ),
        f"Whom {was.name} stood in for": both(lambda one: one.standing_in_for),
    }


def _in_words(seat: Seat) -> str:
    """ "Lee Day, Staff Officer, West Mercia Police: present"."""
    who = ", ".join(filter(None, (str(seat), seat.organisation)))
    return f"{who}: {_attendance(seat)}"


def _attendance(seat: Seat) -> str:
    return str(Attendee.Attendance(seat.attendance).label).lower()


def _role(seat: Seat) -> str:
    return str(Attendee.Role(seat.role).label).lower() if seat.role else ""


# The rows


def bring_seats_along(
    meeting: Meeting, before: Sequence[Seat], after: Sequence[Seat]
) -> None:
    """The rows of the meeting say the same. Names that change places do so with their
    people; nobody of the register is renamed by what one meeting's minutes say.
    """
    rows = list(
        meeting.attendees.select_related("person").select_for_update(of=("self",))
    )
    pairs = [
        (was, seat)
        for was, seat in zip(before, after, strict=False)
        if not was.taken_out
    ]
    people = {row.person.name.casefold(): row.person for row in rows}
    for row, (was, _) in zip(rows, pairs, strict=True):
        people[was.name.casefold()] = row.person
    stay = []
    for row, (was, seat) in zip(rows, pairs, strict=True):
        is_renamed = seat.name not in (was.name, row.person.name)
        if seat.taken_out or is_renamed:
            # At once, as nobody is twice on the list even for a moment.
            pk = row.pk
            row.delete()
            row.pk = pk
        if is_renamed:
            row.person = _person(seat.name, seat.capacity, people)
        if was != seat and not seat.taken_out:
            stay.append((row, was, seat))
    for row, was, seat in stay:
        _write(row, was, seat, people)
    last = max((row.order for row in rows), default=0)
    for n, seat in enumerate(after[len(before) :], start=1):
        _add(meeting, seat, order=last + n, people=people)


def _write(row: Attendee, was: Seat, seat: Seat, people: Mapping[str, Person]) -> None:
    row.capacity, row.attendance = seat.capacity, seat.attendance
    row.role, row.named_publicly = seat.role, seat.named_publicly
    if not seat.joined and not seat.left:
        row.joined_item = row.left_item = None
    if seat.standing_in_for != was.standing_in_for:
        row.standing_in_for = _person(seat.standing_in_for, "", people)
    row.version += 1
    row.save()


def _add(
    meeting: Meeting, seat: Seat, *, order: int, people: Mapping[str, Person]
) -> None:
    Attendee.objects.create(
        meeting=meeting,
        person=_person(seat.name, seat.capacity, people),
        capacity=seat.capacity,
        organisation=Organisation.objects.filter(name=seat.organisation).first(),
        attendance=seat.attendance,
        order=order,
    )


def _person(name: str, capacity: str, people: Mapping[str, Person]) -> Person:
    """Whoever has this name: of those at the meeting, else of the register, among
    several the only one who ever was in that capacity. Nobody else is somebody new.
    """
    if there := people.get(name.casefold()):
        return there
    known = Person.objects.filter(name__iexact=name)
    in_capacity = known.filter(attendances__capacity__iexact=capacity).distinct()
    found = only_person(known) or (only_person(in_capacity) if capacity else None)
    return found or Person.objects.create(name=name)


def only_person(known: QuerySet[Person]) -> Person | None:
    found = list(known[:2])
    return found[0] if len(found) == 1 else None
