"""Where in a text the words of a search stand, cut short, for the list of what was
found.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# Of the lines of a text: together they have as many of the words as they can.
_MOST_LINES = 3
# Characters of a line: those before the first word that is found, and all of them.
_BEFORE, _SHOWN = 50, 180
_CUT = "…"
_MARK = re.compile(r"\[\[[^\[\]\n]*\]\]")
_TYPED = re.compile(r"^[\s>#*+-]+|\*\*|__")


@dataclass(frozen=True)
class Piece:
    """A stretch of text; ``found`` when it is what was asked for."""

    text: str
    found: bool = False


def snippet(text: str, words: Sequence[str], *, besides: str = "") -> list[Piece]:
    """Lines of the text with the words in them, as pieces; none where no line has any.
    ``besides`` is a line that is shown already.
    """
    if not words:
        return []
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
    shown: list[Piece] = []
    for line in _lines(_plain(text, besides), words):
        if shown:
            shown.append(Piece(f" {_CUT} "))
        shown += _pieces(_cut(line, pattern), pattern)
    return shown


def _plain(text: str, besides: str) -> Iterator[str]:
    """Its lines without what only says how they are printed."""
    for line in text.splitlines():
        plain = " ".join(_TYPED.sub("", _MARK.sub("", line)).split())
        if plain and plain != besides:
            yield plain


def _lines(lines: Iterable[str], words: Sequence[str]) -> list[str]:
    """The fewest and first that have the most of the words."""
    wanted = {word.casefold() for word in words}
    found = [
        (number, line, {word for word in wanted if word in line.casefold()})
        for number, line in enumerate(lines)
    ]
    chosen: list[tuple[int, str]] = []
    while wanted and len(chosen) < _MOST_LINES:
        number, line, has = max(
            found, key=lambda one: len(one[2] & wanted), default=(0, "", set())
        )
        if not has & wanted:
            break
        chosen.append((number, line))
        wanted -= has
    return [line for _, line in sorted(chosen)]


def _cut(line: str, pattern: re.Pattern[str]) -> str:
    """What is around the first of the words, from word to word."""
    first = pattern.search(line)
    if first is None or len(line) <= _SHOWN:
        return line
    start = max(min(first.start() - _BEFORE, len(line) - _SHOWN), 0)
    end = max(start + _SHOWN, first.end())
    if start:
        start = min(line.find(" ", start) + 1 or start, first.start())
    if end < len(line):
        end = max(line.rfind(" ", start, end), first.end())
    return f"{_CUT if start else ''}{line[start:end]}{_CUT if end < len(line) else ''}"


def _pieces(line: str, pattern: re.Pattern[str]) -> Iterator[Piece]:
    position = 0
    for match in pattern.finditer(line):
        if position < match.start():
            yield Piece(line[position : match.start()])
        yield Piece(match[0], found=True)
        position = match.end()
    if position < len(line):
        yield Piece(line[position:])
