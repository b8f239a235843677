"""What a document says, whatever format it is written in.

A document is a small tree of these values. ``pdf`` and ``word`` write it; neither
knows what a meeting is, and no text in it is ever read as markup. What no document can
hold (control characters and the like) is dropped as the tree is made.
"""

import datetime as dt
import re
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

# What XML cannot hold: control characters, halves of pairs and non-characters. What
# it could, but is no text either: marks of byte order and of annotations, and those
# that turn the direction of all that follows.
_NOT_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u202a-\u202e\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    + "".join(
        chr(plane + last)
        for plane in range(0x10000, 0x110000, 0x10000)
        for last in (0xFFFE, 0xFFFF)
    )
    + "]"
)
_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")


def plain(text: str) -> str:
    """A text without what no document can hold; lines end in a line feed."""
    return _NOT_TEXT.sub("", _LINE_END.sub("\n", text)).expandtabs(4)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    return tuple(map(_cleaned, value)) if isinstance(value, tuple) else value


class Part:
    """Of a tree: holds text that every format can hold."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            object.__setattr__(self, field.name, _cleaned(getattr(self, field.name)))


@dataclass(frozen=True)
class Run(Part):
    """A stretch of text of one look. A link that is no web address is left out."""

    text: str
    strong: bool = False
    emphasis: bool = False
    link: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "link", _web_address(self.link))


def _web_address(link: str) -> str:
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme in ("http", "https") and parts.netloc else ""


def strong(text: str) -> Run:
    return Run(text, strong=True)


# What a line of text may be: one text, one run, or several of them.
Text = str | Run | tuple[str | Run, ...]


def runs(text: Text) -> list[Run]:
    """The runs of a line of text; empty ones are left out."""
    parts = text if isinstance(text, tuple) else (text,)
    found = (Run(part) if isinstance(part, str) else part for part in parts)
    return [run for run in found if run.text]


@dataclass(frozen=True)
class Heading(Part):
    """Level 1 stands right below the title, as far as 6; none is left out between.

    It stays with what follows. An accessible document has no empty one.
    """

    text: str
    level: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "text", self.text.strip() or "Untitled")


@dataclass(frozen=True)
class Paragraph(Part):
    """``quiet`` is smaller: a remark beside what matters."""

    text: Text
    quiet: bool = False


@dataclass(frozen=True)
class Lead(Part):
    """The sentence that a document is read for, larger than the rest."""

    text: Text


@dataclass(frozen=True)
class Point(Part):
    """A point of a list with what stands below it: more text, a list of its own."""

    text: Text
    below: "tuple[Block, ...]" = ()


@dataclass(frozen=True)
class Bullets(Part):
    """A list, with numbers when the order matters."""

    items: tuple[Text | Point, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Table(Part):
    """The header is said again on each page. ``widths`` are shares of the line."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    widths: tuple[float, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(len(row) != len(self.header) for row in (*self.rows, self.widths)):
            raise ValueError(f"Every row of {self.caption!r} needs as many cells")


@dataclass(frozen=True)
class Facts(Part):
    """What is known in short: a name and its value on each line."""

    rows: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class Quotation(Part):
    """Somebody's own words, without quotation marks, and whose they are."""

    text: str
    said_by: str


@dataclass(frozen=True)
class SetOff(Part):
    """Text that was typed as a quotation, as it is."""

    blocks: "tuple[Block, ...]"


@dataclass(frozen=True)
class Outcome(Part):
    """What is to be done, or was ``decided``: to be found at a glance.

    The label stands first ("ACTION 2025/03"), the details on lines below.
    """

    label: str
    text: Text
    details: tuple[Text, ...] = ()
    decided: bool = False


@dataclass(frozen=True)
class Notice(Part):
    """Something that must not be overlooked, set off from the text."""

    text: Text


@dataclass(frozen=True)
class Together(Part):
    """Blocks that no page end comes between, unless a page cannot hold them."""

    blocks: "tuple[Block, ...]"


Block = (
    Heading
    | Paragraph
    | Lead
    | Bullets
    | Table
    | Facts
    | Quotation
    | SetOff
    | Outcome
    | Notice
    | Together
)


@dataclass(frozen=True)
class Document(Part):
    """All of it. The subtitle is lines below the title. Each page has the marking and
    what stands at its ``foot`` ("Draft 2"), if there are any.
    """

    title: str
    subtitle: tuple[str, ...]
    marking: str
    author: str
    date: dt.date
    blocks: tuple[Block, ...]
    language: str = "en-GB"
    foot: str = ""
