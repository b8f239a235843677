"""The text of old minutes as the checking page shows it."""

from dataclasses import dataclass, field

from actions.importing.plan import Proposal
from meetings.reader.minutes import ReadMinutes

MOST_LINES = 3000  # shown whole; of a longer text, what became something
_AROUND = 3


@dataclass
class TextLine:
    """One line. ``became`` is what it became and where that is on the page."""

    number: int
    text: str
    became: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    left_out: int = 0  # lines before this one that are not shown

    @property
    def is_marked(self) -> bool:
        return bool(self.became or self.warnings)


def text_lines(read: ReadMinutes, proposal: Proposal) -> list[TextLine]:
    lines = [TextLine(number, text) for number, text in enumerate(read.lines, 1)]
    for one in proposal.became:
        if 0 < one.line <= len(lines):
            lines[one.line - 1].became.append((one.word, one.part))
    for warned in read.warnings:
        if 0 < warned.line <= len(lines):
            lines[warned.line - 1].warnings.append(warned.message)
    return lines if len(lines) <= MOST_LINES else _marked(lines)


def _marked(lines: list[TextLine]) -> list[TextLine]:
    """Those that became something, with a few lines around each."""
    near = {
        number
        for line in lines
        if line.is_marked
        for number in range(line.number - _AROUND, line.number + _AROUND + 1)
    }
    shown, before = [], 0
    for line in lines:
        if line.number in near:
            line.left_out = line.number - before - 1
            before = line.number
            shown.append(line)
    return shown
