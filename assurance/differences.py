"""Two texts beside each other, with what only one of them has marked."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate

# Words are compared within lines that differ, unless they are seen at a glance, or so
# many that comparing would take long; then the lines are marked as a whole.
_FEWEST_WORDS, _MOST_WORDS = 16, 1500
# Steps of looking for what is the same, in one comparison: some tenths of a second.
# Texts of many equal lines may need far more; then they are marked as a whole.
_MOST_STEPS = 1_000_000
_AROUND = 2  # lines shown before and after what differs
_WORDS = re.compile(r"\s+|\S+")

# What it is, and from where to where in each text; as in ``difflib``.
_Opcode = tuple[str, int, int, int, int]


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


class _TooMuch(Exception):
    """Comparing takes more steps than there are."""


class _Steps:
    """How many steps are left for one comparison."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, number: int) -> None:
        """Raises ``_TooMuch`` when there are not so many left."""
        if number > self._left:
            raise _TooMuch
        self._left -= number


class _Matcher(SequenceMatcher[str]):
    """Finds what two lists have in common, as long as there are steps left."""

    def __init__(self, left: list[str], right: list[str], steps: _Steps) -> None:
        super().__init__(None, left, right, autojunk=False)
        self._steps = steps
        places: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]
        cost = [1 + len(places.get(one, ())) for one in left]
        # Of the first so many of the left.
        self._cost = [0, *accumulate(cost)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        self._steps.take(self._cost[-1 if ahi is None else ahi] - self._cost[alo])
        return super().find_longest_match(alo, ahi, blo, bhi)


def compare(
    name: str, label: str, mine: str, theirs: str, *, stored: str | None = None
) -> Difference:
    left, right = mine.splitlines(keepends=True), theirs.splitlines(keepends=True)
    stored = theirs if stored is None else stored
    work = _Steps(_MOST_STEPS)
    steps = _opcodes(left, right, work)
    found = Difference(name, label, [], [], stored, _both(left, right, steps))
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
            pieces.extend(_marked(text, against, work))
    return found


def steps_between(left: list[str], right: list[str]) -> list[_Opcode]:
    """How the one becomes the other, as in ``difflib`` and with little work."""
    return _opcodes(left, right, _Steps(_MOST_STEPS))


def _opcodes(left: list[str], right: list[str], work: _Steps) -> list[_Opcode]:
    """What is the same and what is not, from the beginning to the end of both.

    What is between the same beginning and the same end is one replacement when looking
    further into it takes too much work.
    """
    begin = _same_at_beginning(left, right)
    end = _same_at_beginning(left[begin:][::-1], right[begin:][::-1])
    a_end, b_end = len(left) - end, len(right) - end
    found: list[_Opcode] = [("equal", 0, begin, 0, begin)] if begin else []
    found += [
        (kind, begin + a1, begin + a2, begin + b1, begin + b2)
        for kind, a1, a2, b1, b2 in _between(
            left[begin:a_end], right[begin:b_end], work
        )
    ]
    if end:
        found.append(("equal", a_end, len(left), b_end, len(right)))
    return found


def _between(left: list[str], right: list[str], work: _Steps) -> Sequence[_Opcode]:
    if not left and not right:
        return []
    if left and right:
        with suppress(_TooMuch):
            return _Matcher(left, right, work).get_opcodes()
    return [("replace", 0, len(left), 0, len(right))]


def _same_at_beginning(left: list[str], right: list[str]) -> int:
    pairs = enumerate(zip(left, right, strict=False))
    different = (place for place, (one, other) in pairs if one != other)
    return next(different, min(len(left), len(right)))


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


def _marked(text: str, other: str, work: _Steps) -> list[Piece]:
    words, others = _WORDS.findall(text), _WORDS.findall(other)
    if not words:
        return []
    if not _FEWEST_WORDS <= len(words) + len(others) <= _MOST_WORDS:
        return [Piece(text, only=True)]
    pieces = []
    for kind, start, end, *_ in _opcodes(words, others, work):
        if start < end:
            pieces.append(Piece("".join(words[start:end]), only=kind != "equal"))
    return pieces


def _both(left: list[str], right: list[str], steps: list[_Opcode]) -> str:
    """What is the same once, and where the two differ mine before theirs."""
    lines = []
    for kind, a1, a2, b1, b2 in steps:
        mine, theirs = left[a1:a2], right[b1:b2]
        if kind != "equal" and mine and theirs and not mine[-1].endswith("\n"):
            mine = [*mine[:-1], mine[-1] + "\n"]
        lines += mine if kind == "equal" else [*mine, *theirs]
    return "".join(lines)
