"""A draft as somebody may read it who was there and is not of the office.

Deny by default: an item that is for the office only or withheld is a line that says
so, and a withheld passage is its reason.
"""

from dataclasses import replace

from meetings.record import ActionLine, Item, Record, Reviewed, Seat
from meetings.withholding import in_place_of, redact

LEFT_OUT = "This item is not in your copy."


def is_hidden(item: Item) -> bool:
    return item.restricted or item.withheld


def hidden_items(record: Record) -> int:
    return sum(is_hidden(item) for item in record.items)


def for_attendee(record: Record) -> Record:
    """The record as a liaison reads it who was at the meeting."""
    hidden = {item.key: item for item in record.items if is_hidden(item)}
    headings = {item.numbered_heading for item in hidden.values()}
    left_out = {line.reference for line in record.actions if _is_left_out(line, hidden)}
    for item in record.items:
        left_out |= redact(item.notes).withheld_actions
    return replace(
        record,
        seats=tuple(_seat(seat, headings) for seat in record.seats),
        items=tuple(
            _left_out(item) if item.key in hidden else _readable(item)
            for item in record.items
        ),
        actions=tuple(
            _line(line) for line in record.actions if line.reference not in left_out
        ),
        reviewed=tuple(
            _reviewed(one)
            for one in record.reviewed
            if not one.withheld and one.reference not in left_out
        ),
        # A reference says nothing of why it is not for them.
        not_reached=(),
        last_minutes=tuple(redact(one).text for one in record.last_minutes),
        agreement=redact(record.agreement).text,
    )


def _is_left_out(line: ActionLine, hidden: dict[int, Item]) -> bool:
    return line.withheld or line.item in hidden


def _left_out(item: Item) -> Item:
    return Item(
        key=item.key,
        heading="",
        number=item.number,
        depth=item.depth,
        kind=item.kind,
        restricted=item.restricted,
        withheld=True,
        withheld_reason="" if item.restricted else item.withheld_reason,
        notes=LEFT_OUT,
    )


def _readable(item: Item) -> Item:
    notes = redact(item.notes)
    return replace(
        item,
        heading=redact(item.heading).text,
        notes=notes.text,
        decisions=_decisions(item, notes.withheld_decisions),
        papers=tuple(redact(title).text for title in item.papers),
    )


def _decisions(item: Item, withheld: set[int]) -> str:
    """One on each line as before, so that marks in the notes still count them."""
    lines = item.decision_lines
    texts = [
        in_place_of([]) if number in withheld else line
        for number, line in enumerate(lines, start=1)
    ]
    return redact("\n".join(texts)).text


def _seat(seat: Seat, hidden: set[str]) -> Seat:
    """When somebody came may be at an item whose heading is not for all."""
    return replace(
        seat,
        joined="" if seat.joined in hidden else seat.joined,
        left="" if seat.left in hidden else seat.left,
        note=redact(seat.note).text,
    )


def _line(line: ActionLine) -> ActionLine:
    return replace(
        line,
        text=redact(line.text).text,
        other_wording=redact(line.other_wording).text,
        due_words=redact(line.due_words).text,
    )


def _reviewed(one: Reviewed) -> Reviewed:
    return replace(
        one,
        text=redact(one.text).text,
        note=redact(one.note).text,
        made=tuple(_line(line) for line in one.made if not line.withheld),
    )
