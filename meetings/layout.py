"""A record in printed order: what stands where on a page or in a document."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from meetings.models import Kind
from meetings.notes import Mark, marks, split_notes
from meetings.record import ActionLine, Item, Record, Seat


@dataclass(frozen=True)
class Text:
    """A stretch of notes between marks."""

    text: str


@dataclass(frozen=True)
class Decision:
    text: str


@dataclass(frozen=True)
class UnknownMark:
    """A mark of an action that was not raised here, or of no decision: as typed."""

    mark: str


Part = Text | Decision | ActionLine | UnknownMark


@dataclass
class LaidItem:
    """An item as printed: its parts in order, then what it lists if it is standing.

    ``shows`` is the kind of list printed here, of which minutes have each once.
    """

    item: Item
    parts: list[Part] = field(default_factory=list)
    shows: str = ""


@dataclass
class People:
    """Who was there, sorted as minutes print it."""

    chairs: list[Seat] = field(default_factory=list)
    minute_takers: list[Seat] = field(default_factory=list)
    present: list[Seat] = field(default_factory=list)
    apologies: list[Seat] = field(default_factory=list)
    absent: list[Seat] = field(default_factory=list)
    invited: list[Seat] = field(default_factory=list)


@dataclass
class Layout:
    """A record in printed order. An action is printed where its mark is, else at the
    end of its item, and once more in the summary.
    """

    record: Record
    people: People
    items: list[LaidItem]
    without_item: list[ActionLine]  # raised at the meeting, at no item of it
    shown: set[str]  # the kinds of list that some item shows


_LISTS = (Kind.LAST_MINUTES, Kind.ACTION_TRACKER, Kind.SUMMARY, Kind.NEXT_MEETING)


def lay_out(record: Record) -> Layout:
    waiting = {a.reference: a for a in record.actions if not a.not_used}
    known = {action.reference for action in record.actions}
    marked = {reference for item in record.items for reference in marks(item.notes)}
    keys = {item.key for item in record.items}
    items = []
    shown: set[str] = set()
    for item in record.items:
        laid = LaidItem(item, parts=_parts(item, waiting, known))
        if item.kind in _LISTS and item.kind not in shown:
            laid.shows = item.kind
            shown.add(item.kind)
        items.append(laid)
    for laid in items:
        laid.parts += [
            action
            for reference, action in waiting.items()
            if action.item == laid.item.key and reference not in marked
        ]
    elsewhere = [
        action
        for reference, action in waiting.items()
        if action.item not in keys and reference not in marked
    ]
    return Layout(record, sort_people(record.seats), items, elsewhere, shown)


def _parts(item: Item, waiting: dict[str, ActionLine], known: set[str]) -> list[Part]:
    """The notes in stretches, then the decisions without a mark. An action leaves
    ``waiting`` where it is printed first, so a mark written twice prints once.
    """
    decisions = dict(enumerate(item.decision_lines, start=1))
    parts: list[Part] = []
    for part in split_notes(item.notes):
        if isinstance(part, str):
            parts.append(Text(part))
        elif isinstance(part, Mark):
            if part.reference in waiting:
                parts.append(waiting.pop(part.reference))
            elif part.reference not in known:
                parts.append(UnknownMark(f"[[action {part.reference}]]"))
        elif part.number in decisions:
            parts.append(Decision(decisions.pop(part.number)))
        elif part.number > len(item.decision_lines):
            parts.append(UnknownMark(f"[[decision {part.number}]]"))
    if decisions:
        parts.append(Decision("\n".join(decisions.values())))
    return parts


def sort_people(seats: Iterable[Seat]) -> People:
    """By status; a minute-taker outside the list is named in the heading only."""
    people = People()
    lists = {
        "present": people.present,
        "part": people.present,
        "apologies": people.apologies,
        "absent": people.absent,
        "invited": people.invited,
    }
    for seat in seats:
        if seat.taken_out:
            continue
        if seat.role == "chair":
            people.chairs.append(seat)
        elif seat.role == "minute_taker":
            people.minute_takers.append(seat)
        if seat.listed:
            lists[seat.attendance].append(seat)
    return people
