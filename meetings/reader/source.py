"""The text that is read: lines, however the file wrote them down."""

from collections.abc import Iterable
from dataclasses import dataclass

BULLET = "•"
MOST_LINES = 100_000


class Refused(Exception):
    """A file that cannot be read; the message is one sentence for whoever chose it."""


@dataclass(frozen=True)
class Line:
    """One line, numbered from 1 as people see it.

    Cells of a table's row stand between tabs. A list's item begins with a bullet,
    two spaces further in for each level. ``heading`` is the level of a heading that
    the file itself marks as one (Word's styles), else 0. ``page`` is that of a PDF.
    """

    number: int
    text: str
    heading: int = 0
    page: int | None = None


@dataclass(frozen=True)
class Source:
    """All lines of one file, and what to know about how they were got."""

    lines: tuple[Line, ...]
    warnings: tuple[str, ...] = ()


def lines_of(text: str) -> tuple[Line, ...]:
    """The lines of plain text, blank ones as well, so that numbers agree with it."""
    return numbered(text.split("\n"))


def numbered(texts: Iterable[str]) -> tuple[Line, ...]:
    return tuple(Line(number, text) for number, text in enumerate(texts, 1))
