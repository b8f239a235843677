"""What a reader missed, misread or invented of a text whose facts are known.

The truth is in the shape that ``samples/README.md`` describes; what was read is in that
of ``read_minutes``. Small differences of spelling count as read.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

ALIKE = 0.88  # of 1: a word more or less in a sentence
SAME = 0.8  # alike enough to be meant for the same

Row = Mapping[str, Any]


def truth_of(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))["truth"]


def differences(truth: Row, read: Row) -> list[str]:
    """One sentence each; empty when all was read and nothing invented."""
    return [
        *_meeting(truth, read["meeting"]),
        *_people(truth["attendees"], read["attendees"]),
        *_headings(truth["headings"], read["agenda"]),
        *_actions(truth["actions"], read["actions"]),
        *_fields("next", truth.get("next") or {}, read["next_meeting"] or {}),
    ]


def _meeting(truth: Row, read: Row) -> Iterator[str]:
    chairs = [re.sub(r"\s*\(.*\)", "", name) for name in truth.get("chair") or ()]
    told = {name: truth.get(name) for name in ("date", "start", "end", "venue")}
    told["chair"] = chairs[0] if chairs else None
    if "minute_taker" in truth:
        told["minute_taker"] = truth["minute_taker"]
    yield from _fields("meeting", told, read)


def _people(truth: Sequence[Row], read: Sequence[Row]) -> Iterator[str]:
    pairs, extra = _pairs(truth, read, "name")
    for told, seen in pairs:
        if seen is None:
            yield f"person missed: {told['name']}"
            continue
        names = ("capacity", "abbreviation")
        yield from _fields(told["name"], {n: told.get(n) for n in names}, seen)
        is_away = (told.get("status") or "").startswith("apologies")
        if "lost" not in told.get("status", "") and (
            is_away != (seen["status"] == "apologies")
        ):
            yield f"{told['name']} status: {seen['status']}"
    yield from (f"person invented: {person['name']}" for person in extra)


def _headings(truth: Sequence[str], read: Sequence[Row]) -> Iterator[str]:
    pairs, extra = _pairs([{"heading": words} for words in truth], read, "heading")
    yield from (f"heading missed: {t['heading']}" for t, seen in pairs if seen is None)
    yield from (f"heading invented: {item['heading']}" for item in extra)


def _actions(truth: Sequence[Row], read: Sequence[Row]) -> Iterator[str]:
    told = [a for a in truth if not {"status", "updates"} & set(a)]
    pairs, extra = _pairs(told, [a for a in read if not a["earlier"]], "text")
    for action, seen in pairs:
        if seen is None:
            yield f"action missed: {action['text']}"
            continue
        start = action["text"][:40]
        wanted = {"text": action["text"], "due_text": action.get("due_text")}
        yield from _fields(start, wanted, seen)
        if _plain(action.get("owner")) != _plain(seen["owner"]):
            yield f"{start} owner: {action.get('owner')}, read {seen['owner']}"
        due = action.get("due_resolved")
        if due and due != seen["due_on"]:
            yield f"{start} due: {due}, read {seen['due_on']}"
    yield from (f"action invented: {action['text']}" for action in extra)


def _fields(what: str, truth: Row, read: Row) -> Iterator[str]:
    for name, value in truth.items():
        seen = read.get(name)
        if value in (None, ""):
            if seen not in (None, ""):
                yield f"{what} {name} invented: {seen}"
        elif not _alike(value, seen, ALIKE):
            yield f"{what} {name}: {value}, read {seen}"


def _pairs(
    truth: Sequence[Row], read: Sequence[Row], key: str
) -> tuple[list[tuple[Row, Row | None]], list[Row]]:
    """Each truth with what is most like it, once; and what is left."""
    left = list(read)
    pairs: list[tuple[Row, Row | None]] = []
    for told in truth:
        best = max(left, key=lambda row: _likeness(told[key], row[key]), default=None)
        if best is not None and _alike(told[key], best[key], SAME):
            left.remove(best)
        else:
            best = None
        pairs.append((told, best))
    return pairs, left


def _alike(truth: Any, read: Any, least: float) -> bool:
    if re.fullmatch(r"[\d:-]+", str(truth)):
        return str(truth) == str(read)
    return bool(read) and _likeness(truth, read) >= least


def _likeness(truth: Any, read: Any) -> float:
    return SequenceMatcher(None, _plain(truth), _plain(read)).ratio()


def _plain(value: Any) -> str:
    text = str(value or "").replace("&", " and ").replace("’", "'")
    return " ".join(re.findall(r"[a-z0-9]+", text.casefold()))
