"""Notes, and other words with marks of what is withheld, as blocks of a document."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from meetings.documents import tree
from meetings.documents.tree import Block, Run
from meetings.models import WithheldReason
from meetings.notes import WITHHOLD, Headings, parse
from meetings.withholding import reason_in_words

# Each mark is one character while Markdown is read, so that it takes none for its own.
_FIRST = 0xE010
_REASONS = ["", *WithheldReason.values]
_ENDS = chr(_FIRST + len(_REASONS))
_MARKS = re.compile(f"([{chr(_FIRST)}-{_ENDS}])")


class NotesWriter:
    """Writes the stretches of one item's notes, which stand under a heading.

    Their own headings come below that one without a gap, whatever the number of # signs
    and in whatever order they are used.
    """

    def __init__(self, *, under: int) -> None:
        self._headings = Headings(under=under)

    def write(self, text: str) -> list[Block]:
        root = SyntaxTreeNode(parse(_as_characters(text)))
        return [
            self._heading(n) if n.type == "heading" else _block(n)
            for n in root.children
        ]

    def _heading(self, node: SyntaxTreeNode) -> Block:
        text = "".join(run.text for run in _inline(node))
        return tree.Heading(text, self._headings.level(int(node.tag[1])))


def with_marks(text: str) -> tuple[Run, ...]:
    """Words that are no Markdown; what is withheld in them is marked."""
    return tuple(_runs(_as_characters(text)))


def _as_characters(text: str) -> str:
    def character(mark: re.Match[str]) -> str:
        if mark["end"]:
            return _ENDS
        code = (mark["reason"] or "").lower()
        return chr(_FIRST + (_REASONS.index(code) if code in _REASONS else 0))

    return WITHHOLD.sub(character, _MARKS.sub("", text))


def _runs(text: str) -> Iterator[Run]:
    """A mark keeps its distance from what it encloses."""
    parts = _MARKS.split(text)
    for before, part, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
        if part == _ENDS:
            gap = " " if before and not before[-1].isspace() else ""
            yield tree.strong(f"{gap}[End of what is withheld]")
        elif _MARKS.fullmatch(part):
            gap = " " if after and not after[0].isspace() else ""
            why = reason_in_words(_REASONS[ord(part) - _FIRST])
            yield tree.strong(f"[Withheld from here: {why}]{gap}")
        elif part:
            yield Run(part)


def _block(node: SyntaxTreeNode) -> Block:
    match node.type:
        case "bullet_list":
            return tree.Bullets(tuple(map(_point, node.children)))
        case "blockquote":
            return tree.SetOff(tuple(map(_block, node.children)))
        case "heading":
            # A heading belongs to no outline inside a list or a quotation.
            return tree.Paragraph(tuple(replace(r, strong=True) for r in _inline(node)))
    return tree.Paragraph(tuple(_inline(node)))


def _point(node: SyntaxTreeNode) -> tree.Point:
    """Its text is its first paragraph."""
    first, *others = [*map(_block, node.children)] or [tree.Paragraph("")]
    if isinstance(first, tree.Paragraph):
        return tree.Point(first.text, tuple(others))
    return tree.Point("", (first, *others))


def _inline(node: SyntaxTreeNode) -> list[Run]:
    """The words of a heading or paragraph, each stretch in its look."""
    tokens = (token for inline in node.children for token in inline.to_tokens())
    return [*_styled(child for token in tokens for child in token.children or [])]


def _styled(tokens: Iterable[Token]) -> Iterator[Run]:
    strong = emphasis = 0
    for token in tokens:
        if token.type.startswith("strong"):
            strong += token.nesting
        elif token.type.startswith("em_"):
            emphasis += token.nesting
        elif token.type in ("softbreak", "hardbreak"):
            yield Run("\n")
        else:
            for run in _runs(token.content):
                yield replace(
                    run, strong=run.strong or strong > 0, emphasis=emphasis > 0
                )
