"""A record as the page of minutes shows it, whoever reads it."""

from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from meetings.layout import Decision, Layout, Text, UnknownMark, lay_out
from meetings.notes import Headings, render_notes
from meetings.record import ActionLine, Item, Record

TOP_LEVEL = 2  # of headings; the page's own is 1


@dataclass
class Part:
    """A stretch of notes, an action or a decision at that point, or a mark of none."""

    html: SafeString | None = None
    action: ActionLine | None = None
    decision: str = ""
    unknown_mark: str = ""


@dataclass
class ReadItem:
    """One item as printed. ``shows`` is the kind of the list it has, if any."""

    item: Item
    level: int
    parts: list[Part] = field(default_factory=list)
    shows: str = ""


@dataclass
class Reading:
    """What ``meetings/_minutes.html`` prints."""

    record: Record
    layout: Layout
    items: list[ReadItem]


def read(record: Record) -> Reading:
    layout = lay_out(record)
    items = [
        ReadItem(
            item=laid.item,
            level=TOP_LEVEL + laid.item.depth,
            parts=_parts(laid.parts, laid.item),
            shows=laid.shows,
        )
        for laid in layout.items
    ]
    return Reading(record, layout, items)


def _parts(parts: list, item: Item) -> list[Part]:
    headings = Headings(under=TOP_LEVEL + item.depth)
    found = []
    for part in parts:
        match part:
            case Text(text):
                found.append(Part(html=render_notes(text, headings)))
            case ActionLine():
                found.append(Part(action=part))
            case Decision(text):
                found.append(Part(decision=text))
            case UnknownMark(mark):
                found.append(Part(unknown_mark=mark))
    return found
