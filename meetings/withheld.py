"""What of minutes is withheld: which items, and which actions with them."""

import re
from collections.abc import Iterable, Iterator, Mapping

from meetings.record import ActionLine, Item, Record
from meetings.withholding import redact

# A mark wherever it stands: in a withheld passage it need not be on its own line.
ACTION_MARK = re.compile(r"\[\[\s*action\s+(\d{4})/(\d{1,6})\s*\]\]", re.IGNORECASE)
# Within a sentence; neither a part of a date nor the beginning of a longer one.
IN_A_SENTENCE = re.compile(r"(?<!\d)(?<!\d/)(\d{4})/(\d{1,6})(?!\d)(?!/\d)")


def withheld_items(items: Iterable[Item]) -> dict[int, str]:
    """The keys of the withheld ones of an agenda, with the reason. What is below one is
    withheld too, for the same reason unless it has its own.
    """
    found: dict[int, str] = {}
    above: list[tuple[int, str]] = []  # depth and reason of those around
    for item in items:
        while above and above[-1][0] >= item.depth:
            above.pop()
        if item.withheld or item.restricted or above:
            found[item.key] = item.withheld_reason or (above[-1][1] if above else "")
            above.append((item.depth, found[item.key]))
    return found


def withheld_actions(record: Record) -> dict[str, str]:
    """The actions that minutes withhold, with the reason: themselves, with their item,
    or where their mark is withheld.
    """
    items = withheld_items(record.items)
    lines = list(_lines(record))
    reasons = {one.reference: one.withheld_reason for one in lines if one.withheld}
    reasons |= {
        one.reference: one.withheld_reason for one in record.reviewed if one.withheld
    }
    reasons |= {one.reference: items[one.item] for one in lines if one.item in items}
    return reasons | marked_as_withheld(record.items, items)


def references_in(record: Record) -> set[str]:
    """Of every action that the minutes list, or that a sentence on them names."""
    sentences = [
        record.agreement,
        *record.last_minutes,
        *(review.outcome for review in record.reviewed),
        *(text for one in record.amendments for text in (one.what, one.why)),
    ]
    said = IN_A_SENTENCE.finditer("\n".join(sentences))
    return {*references(record), *map(reference_of, said)}


def references(record: Record) -> Iterator[str]:
    """Of the actions that the minutes list."""
    yield from (one.reference for one in _lines(record))
    yield from (one.reference for one in record.reviewed)
    yield from record.not_reached


def _lines(record: Record) -> Iterator[ActionLine]:
    yield from record.actions
    for review in record.reviewed:
        yield from review.made


def marked_as_withheld(
    items: Iterable[Item], withheld: Mapping[int, str]
) -> dict[str, str]:
    """The actions whose mark is in a withheld passage or in a withheld item, with the
    reason.
    """
    found: dict[str, str] = {}
    for item in items:
        if item.key in withheld:
            hidden = [(item.notes, withheld[item.key])]
        else:
            hidden = [
                (passage.text, passage.reasons[0])
                for text in (item.notes, item.decisions)
                for passage in redact(text).passages
            ]
        for text, reason in hidden:
            for mark in ACTION_MARK.finditer(text):
                found.setdefault(reference_of(mark), reason)
    return found


def reference_of(mark: re.Match[str]) -> str:
    return f"{mark[1]}/{int(mark[2]):02d}"
