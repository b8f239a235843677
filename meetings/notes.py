"""What is typed as notes, as it is printed: a small safe Markdown.

Headings, paragraphs, bullets, quotations and emphasis; nothing else. Numbers at the
beginning of a line stay as they were typed.
A line that is only ``[[action 2025/03]]`` marks where an action was agreed, and
``[[decision 2]]`` where the second decision of the item was taken. What stands between
``[[withhold s40]]`` and ``[[/withhold]]`` is not for the public: see
``meetings.withholding``.
"""

import re
from dataclasses import dataclass

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from meetings.models.agenda import WithheldReason

_RULES = ["heading", "list", "blockquote", "emphasis", "escape", "newline"]
_TAGS = {"p", "br", "ul", "li", "blockquote", "strong", "em"} | {
    f"h{level}" for level in range(1, 7)
}
# What is nested deeper than the parser goes would be left out without a word.
_MARKDOWN = MarkdownIt("zero", {"breaks": True, "maxNesting": 100}).enable(_RULES)
_DEEP_MARKS = re.compile(r"^((?:[ \t]*(?:>|[-*+](?=\s))){8})[ \t]*(?=(?:>|[-*+]\s))")
_DEEP_INDENT = re.compile(r"^([\s>]{16})[ \t]+")
_MARK = re.compile(r"\s*\[\[\s*action\s+(\d{4})/(\d{1,6})\s*\]\]\s*", re.IGNORECASE)
_DECISION = re.compile(r"\s*\[\[\s*decision\s+(\d{1,3})\s*\]\]\s*", re.IGNORECASE)
# The beginning or the end of what is not for the public. No blank is tried twice: what
# is typed may be very long.
WITHHOLD = re.compile(
    r"\[\[\s*+"
    r"(?:(?P<end>/\s*+withhold)|withhold(?:\s++(?P<reason>[^\s\]]++))?)"
    r"\s*+\]\]",
    re.IGNORECASE,
)
# They stand for those marks while Markdown is read: nobody types them.
_BEGINS, _ENDS = "\ue000", "\ue001"
_SHOWN = re.compile(f"{_BEGINS}(.*?){_BEGINS}|{_ENDS}")
# Bullets as word processors paste them.
_PASTED_BULLET = re.compile(r"^(\s*)[•●▪◦‣·]\s+")
_STARTS_BLOCK = re.compile(r"^\s*(?:[-*+]\s|>|#{1,6}\s)")
# Markdown would count such lines itself: "2020. A year" after "1." becomes "2.".
_TYPED_NUMBER = re.compile(r"^((?:\s|[-*+>]\s)*\d{1,9})([.)])(?=\s|$)")
_LAST_LEVEL = 6


@dataclass(frozen=True)
class Mark:
    """Where an action was agreed."""

    reference: str


@dataclass(frozen=True)
class DecisionMark:
    """Where a decision was taken: the first line of the item's decisions is 1."""

    number: int


def split_notes(notes: str) -> list[str | Mark | DecisionMark]:
    """Stretches of text and the marks between them, in order; no empty stretches."""
    parts: list[str | Mark | DecisionMark] = []
    lines: list[str] = []

    def end_stretch() -> None:
        if text := "\n".join(lines).strip("\n"):
            parts.append(text)
        lines.clear()

    for line in notes.splitlines():
        if match := _MARK.fullmatch(line):
            end_stretch()
            parts.append(Mark(f"{match[1]}/{int(match[2]):02d}"))
        elif match := _DECISION.fullmatch(line):
            end_stretch()
            parts.append(DecisionMark(int(match[1])))
        else:
            lines.append(line)
    end_stretch()
    return parts


def marks(notes: str) -> list[str]:
    """The references marked in these notes, each once, in order."""
    found = (part.reference for part in split_notes(notes) if isinstance(part, Mark))
    return list(dict.fromkeys(found))


class Headings:
    """The levels of the headings in one item's notes, in the order they come.

    They stand below the item's own heading without a gap, whatever the number of #
    signs. The stretches between marks share one.
    """

    def __init__(self, *, under: int) -> None:
        self._under = under
        self._signs: list[int] = []  # of the headings that this place is under

    def level(self, signs: int) -> int:
        while self._signs and self._signs[-1] >= signs:
            self._signs.pop()
        self._signs.append(signs)
        return min(self._under + len(self._signs), _LAST_LEVEL)


def render_notes(text: str, headings: Headings) -> SafeString:
    """HTML of one stretch of notes."""
    tokens = parse(_set_apart(text))
    for token in tokens:
        if token.type == "heading_open":
            token.tag = level = f"h{headings.level(int(token.tag[1]))}"
        elif token.type == "heading_close":
            token.tag = level
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    # Sanitised by the line itself: only the tags above, without attributes.
    clean = nh3.clean(html, tags=_TAGS, attributes={})
    return mark_safe(_tagged(clean))  # noqa: S308


def marked(text: str) -> SafeString:
    """HTML of a text that is no Markdown, with tags where something is withheld."""
    return mark_safe(_tagged(escape(_set_apart(text))))  # noqa: S308


def _set_apart(text: str) -> str:
    """The text with marks of what is withheld as characters that Markdown leaves."""
    plain = text.replace(_BEGINS, "").replace(_ENDS, "")
    return WITHHOLD.sub(
        lambda mark: _ENDS if mark["end"] else f"{_BEGINS}{_reason(mark)}{_BEGINS}",
        plain,
    )


def _reason(mark: re.Match[str]) -> str:
    code = (mark["reason"] or "").lower()
    return code if code in WithheldReason.values else ""


def _tagged(html: str) -> str:
    """Each mark as a tag of its own, so that it may begin here and end anywhere."""

    def tag(mark: re.Match[str]) -> str:
        if mark[0] == _ENDS:
            return ' <span class="app-withheld">End of what is withheld</span>'
        why = WithheldReason(mark[1]).label if mark[1] else "no reason of the list"
        return f'<span class="app-withheld">Withheld: {why}</span> '

    return _SHOWN.sub(tag, html)


def parse(text: str) -> list[Token]:
    """The tokens of one stretch of notes, for whoever writes it in another format."""
    return _MARKDOWN.parse(_as_meant(text))


def _as_meant(text: str) -> str:
    """The text with pasted bullets made bullets, numbers kept as typed, and an ordinary
    line after a list or a quotation made a paragraph: Markdown would make it part of
    the last bullet. Bullets and quotations go eight levels deep; what is typed deeper
    stays on the eighth.
    """
    lines: list[str] = []
    in_block = False
    for line in text.splitlines():
        line = _DEEP_MARKS.sub(r"\1 \\", _DEEP_INDENT.sub(r"\1", line))
        line = _TYPED_NUMBER.sub(r"\1\\\2", _PASTED_BULLET.sub(r"\1- ", line))
        if not line.strip():
            in_block = False
        elif _STARTS_BLOCK.match(line):
            in_block = True
        elif in_block and not line[0].isspace():
            lines.append("")
            in_block = False
        lines.append(line)
    return "\n".join(lines)
