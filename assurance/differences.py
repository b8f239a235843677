"""Two texts beside each other, with what only one of them has marked."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# Words are compared within lines that differ, unless they are seen at a glance, or so
# many that comparing would take long; then the lines are marked as a whole.
_FEWEST_WORDS, _MOST_WORDS = 16, 1500
_AROUND = 2  # lines shown before and after what differs
_WORDS = re.compile(r"\s+|\S+")


@dataclass(frozen=True)
class Piece:
    """A stretch of text; ``only`` when the other text does not have it.

    ``skipped`` counts lines that are the same in both and not shown.
    """

    text: str = ""
    only: bool = False
    skipped: int = 0


@dataclass(frozen=True)
class Difference:
    """One field of two versions: mine, theirs, and both in one text to be mended.

    ``stored`` is theirs as the record has it, where a page says it in other words.
    """

    name: str
    label: str
    mine: list[Piece]
    theirs: list[Piece]
    stored: str
    both: str


def compare(
    name: str, label: str, mine: str, theirs: str, *, stored: str | None = None
) -> Difference:
    left, right = mine.splitlines(keepends=True), theirs.splitlines(keepends=True)
    stored = theirs if stored is None else stored
    found = Difference(name, label, [], [], stored, _both(left, right))
    steps = _steps(left, right)
    for place, (kind, a1, a2, b1, b2) in enumerate(steps):
        if kind == "equal":
            same = _shortened(
                left[a1:a2], first=place == 0, last=place == len(steps) - 1
            )
            found.mine.extend(same)
            found.theirs.extend(same)
            continue
        one, other = "".join(left[a1:a2]), "".join(right[b1:b2])
        for pieces, text, against in (
            (found.mine, one, other),
            (found.theirs, other, one),
        ):
            pieces.extend(_marked(text, against))
    return found


def _steps(left: list[str], right: list[str]) -> list[tuple[str, int, int, int, int]]:
    return list(SequenceMatcher(None, left, right, autojunk=False).get_opcodes())


def _shortened(lines: list[str], *, first: bool, last: bool) -> list[Piece]:
    """The lines next to what differs; those in between only counted."""
    before = 0 if first else _AROUND
    after = 0 if last else _AROUND
    if len(lines) <= before + after + 1:
        return [Piece("".join(lines))]
    left_out = len(lines) - before - after
    pieces = [
        Piece("".join(lines[:before])),
        Piece(skipped=left_out),
        Piece("".join(lines[len(lines) - after :])),
    ]
    return [piece for piece in pieces if piece.text or piece.skipped]


def _marked(text: str, other: str) -> list[Piece]:
    words, others = _WORDS.findall(text), _WORDS.findall(other)
    if not words:
        return []
    if not _FEWEST_WORDS <= len(words) + len(others) <= _MOST_WORDS:
        return [Piece(text, only=True)]
    pieces = []
    for kind, start, end, *_ in _steps(words, others):
        if start < end:
            pieces.append(Piece("".join(words[start:end]), only=kind != "equal"))
    return pieces


def _both(left: list[str], right: list[str]) -> str:
    """What is the same once, and where the two differ mine before theirs."""
    lines = []
    for kind, a1, a2, b1, b2 in _steps(left, right):
        mine, theirs = left[a1:a2], right[b1:b2]
        if kind != "equal" and mine and theirs and not mine[-1].endswith("\n"):
            mine = [*mine[:-1], mine[-1] + "\n"]
        lines += mine if kind == "equal" else [*mine, *theirs]
    return "".join(lines)
