"""The lines of a text made ready to be understood: bullets, cells, joined lines.

What belongs to the page and not to the minutes (page numbers, markings, headers that
come again) is left out and said; so are passages that were copied twice by a scanner.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from meetings.reader.minutes import Warned
from meetings.reader.source import Line

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MOST_BLANKS = 200  # one after the other; more say nothing
_ENDLESS = re.compile(rf"([ \t])\1{{{_MOST_BLANKS},}}")
_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_BULLET = re.compile(r"(?P<mark>[•●▪◦‣·∙■□➢►✓٠*+–—-]|o(?=[ \t]))(?:[ \t]+|(?<=[•●▪]))")
_MARKDOWN = re.compile(r"(#{1,6})\s+(?=\S)")
_RULE = re.compile(r"[-=_–—~*]{3,}")
_PAGE = re.compile(
    r"(?:.{0,80}\s{3,})?(?:page|fage|pg)\.?\s*\|?\s*\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?"
    r"|[-–]\s*\d{1,3}\s*[-–]|\d{1,3}\s+of\s+\d{1,3}|\d{1,3}\s*\|\s*p\s?a\s?g\s?e",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"\d{1,3}")
_MARKING = re.compile(
    r"(?:official(?:\s*[-–:(]?\s*sensitive\)?)?|not protectively marked|unclassified"
    r"|restricted|confidential|protect)\W*",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[A-Z][\w’' /&-]{0,28}:(?:\s|$)")
_NUMBERED = re.compile(r"\(?(?:\d{1,2}(?:\.\d{1,2})*|[A-Za-z]|[ivxIVX]{1,4})[.)]\s")
_MARKED = re.compile(
    r"(?:actions?|decisions?|resolved|agreed|ref)\b\W{0,3}\S", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.?!:;]['\"’”)\]]*$")
_STILL_OPEN = re.compile(r"(?:,|\b(?:the|a|an|of|for|and|or|to|with|in|on|by|that))$")
_KEEPS_HYPHEN = re.compile(
    r"\b(?:under|self|non|co|multi|well|long|short|low|high|cross|follow|pre|post|mid"
    r"|part|year|anti|sub|re)-$",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.?!])['\"’”)]*\s+(?=[\"“'‘(]?[A-Z0-9•])")
# "... | Lead: MD | By: July 2024" is one sentence with what belongs to it.
_LABELLED_PARTS = re.compile(r"\|\s*[A-Z][a-z ]{1,12}:")
_WORD = re.compile(r"\w+")
# Some set two blanks behind a full stop; three are always columns.
_COLUMNS = re.compile(r"(?<![.?!:])\s{2,}|\s{3,}")

WIDEST_WRAP = 110  # characters; longer lines were not broken by hand
SHORT_TITLE = 30  # characters; a name in a cell of its own
SHORT = 45  # characters; a line that goes on in the next is longer


@dataclass(frozen=True)
class Row:
    """A paragraph, an item of a list or a row of a table.

    ``text`` has neither bullet nor outer blanks; ``cells`` are those of a row between
    tabs, else the text alone. ``place`` counts the rows, ``number`` is the line it
    begins on. ``heading`` is the level the file gives it, ``underlined`` that a rule
    stands under it, ``apart`` that a blank line stands before it.
    """

    place: int
    number: int
    text: str
    cells: tuple[str, ...]
    bullet: str = ""
    indent: int = 0
    heading: int = 0
    underlined: bool = False
    apart: bool = False
    page: int | None = None

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Cells, or what stands apart by two blanks or more."""
        if len(self.cells) > 1:
            return self.cells
        if _LABELLED_PARTS.search(self.text):
            return (self.text,)
        if " | " in self.text or self.text.startswith("| "):
            cells = re.split(r"\s*\|\s*", self.text.strip("| "))
            return tuple(cell.strip() for cell in cells)
        return tuple(_COLUMNS.split(self.text))

    @cached_property
    def words(self) -> str:
        """In one line, with single blanks."""
        return " ".join(" ".join(self.cells).split())


@dataclass
class _Reading:
    """Rows on the way, and what was noticed."""

    rows: list[Row] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)

    def warn(self, line: int, message: str) -> None:
        self.warnings.append(Warned(line, message))


def rows_of(lines: tuple[Line, ...]) -> tuple[tuple[Row, ...], list[Warned]]:
    """The rows of a text, and what was left out of them."""
    reading = _Reading()
    lines = _without_furniture(lines, reading)
    width = _wrapped_at(lines)
    before: Line | None = None
    apart = False
    for line in lines:
        bare = line.text.strip()
        if not bare:
            apart = True
            continue
        if _RULE.fullmatch(bare):
            if reading.rows and not apart and len(reading.rows[-1].words) < 120:
                reading.rows[-1] = replace(reading.rows[-1], underlined=True)
            apart = True
            continue
        for row in _pieces(line, apart=apart):
            if (
                before
                and reading.rows
                and _goes_on(reading.rows[-1], before, row, width)
            ):
                reading.rows[-1] = _joined(reading.rows[-1], row)
            else:
                reading.rows.append(row)
            apart = False
        before = line
    _leave_out_copies(reading)
    return tuple(
        replace(row, place=place) for place, row in enumerate(reading.rows)
    ), reading.warnings


def sentences(text: str) -> list[str]:
    return _SENTENCES.split(text)


def _plain(text: str) -> str:
    text = _BLANKS.sub(" ", _INVISIBLE.sub("", text)).rstrip()
    return _ENDLESS.sub(lambda match: match[1] * _MOST_BLANKS, text)


def _pieces(line: Line, *, apart: bool) -> Iterator[Row]:
    """One row, or several where bullets stand inside the line."""
    text = re.sub(r"^(?:>\s?)+", "", _plain(line.text))
    indent = len(text) - len(text.lstrip(" "))
    heading = line.heading
    if match := _MARKDOWN.match(text):
        heading, text = len(match[1]), text[match.end() :].strip("# ")
    parts = re.split(r"\s+[•●▪]\s+", text)
    for count, part in enumerate(parts):
        bare = part.strip(" ")
        bullet = "•" if count else ""
        if not count and (match := _BULLET.match(bare.lstrip("\t"))):
            bullet, bare = match["mark"], bare.lstrip("\t")[match.end() :]
        cells = tuple(cell.strip() for cell in bare.split("\t"))
        while len(cells) > 1 and not cells[-1]:
            cells = cells[:-1]
        if cells[0] in {"•", "●", "▪", "٠"} and len(cells) > 1:
            bullet, cells = cells[0], cells[1:]
        elif len(cells) > 1 and not cells[0] and (match := _BULLET.match(cells[1])):
            bullet = match["mark"]
            cells = ("", cells[1][match.end() :], *cells[2:])
        if not any(cells):
            continue
        yield Row(
            place=0,
            number=line.number,
            text=cells[0] if len(cells) == 1 else "\t".join(cells).strip(),
            cells=cells,
            bullet=bullet,
            indent=indent,
            heading=heading,
            apart=apart and not count,
            page=line.page,
        )


# Lines that were broken by hand or by a page


def _wrapped_at(lines: tuple[Line, ...]) -> int:
    """The width a text was broken at by hand, or 0."""
    lengths = sorted(len(_plain(line.text)) for line in lines if line.text.strip())
    if not lengths:
        return 0
    widest = lengths[int(len(lengths) * 0.97)] if len(lengths) > 40 else lengths[-1]
    near = sum(1 for length in lengths if widest * 0.8 <= length <= widest)
    if 40 <= widest <= WIDEST_WRAP and near >= max(4, len(lengths) * 0.12):
        return widest
    return 0


def _goes_on(row: Row, before: Line, following: Row, width: int) -> bool:
    """Whether a line is the rest of the one before it."""
    if following.bullet or following.heading or row.heading or row.underlined:
        return False
    if len(row.columns) > 1 or len(following.columns) > 1:
        return False
    text = following.text
    if _LABEL.match(text) or _NUMBERED.match(text) or _MARKED.match(text):
        return False
    is_open = not _SENTENCE_END.search(row.text)
    starts_small = text[0].islower() or (text[0] in "(&" and is_open)
    is_long = (
        len(row.text) >= SHORT
        or bool(_STILL_OPEN.search(row.text))
        or (text[0].islower() and bool(_NUMBERED.match(row.text)))
    )
    if _is_capital_heading(row.text, text) and not following.apart:
        return True
    if starts_small and is_open and is_long:
        return not following.apart or not _MARKED.match(row.text)
    if following.apart or not width:
        return False
    if _is_title(text) and (not is_open or len(text) < SHORT_TITLE):
        return False
    last = _plain(before.text)
    would_not_fit = len(last) + 1 + len(text.split()[0]) > width - 3
    return would_not_fit and following.indent >= row.indent


def _is_title(text: str) -> bool:
    """A few words in capitals that end no sentence: a post, a heading."""
    words = [word for word in re.findall(r"[A-Za-z][\w’'-]*", text) if len(word) > 3]
    return (
        len(text) < 60
        and not re.search(r"[.:]\s|\d", text)
        and not re.search(r"[.!?;,]$", text)
        and all(word[0].isupper() for word in words)
    )


def _is_capital_heading(text: str, more: str) -> bool:
    """A numbered heading in capitals, and more of it."""
    return (
        bool(_NUMBERED.match(text))
        and text.upper() == text
        and more.upper() == more
        and bool(re.search(r"[A-Z]{3}", more))
    )


def _joined(row: Row, following: Row) -> Row:
    text, more = row.text, following.text
    if re.search(r"[a-z]-$", text) and more[0].islower():
        text = text if _KEEPS_HYPHEN.search(text) else text[:-1]
    else:
        text += " "
    return replace(row, text=text + more, cells=(text + more,))


# What belongs to the page


def _without_furniture(lines: tuple[Line, ...], reading: _Reading) -> tuple[Line, ...]:
    """Page numbers, markings and headers that come again stay out.

    A running header is a line that stands beside a page number, or at the edge of
    several pages, and had stood at the top before.
    """
    texts = [_plain(line.text).strip() for line in lines]
    is_page = [_is_page_number(texts, place) for place in range(len(texts))]
    beside_pages = _beside_pages(texts, is_page)
    edges = _edges(lines, texts)
    top = {_key(text) for text in list(filter(None, texts))[:6]}
    seen: set[str] = set()
    kept: list[Line] = []
    broken = False  # by a page, in the middle of what is said
    for place, (line, text) in enumerate(zip(lines, texts, strict=True)):
        if is_page[place]:
            reading.warn(line.number, f"“{text}” is taken for a page number.")
            broken = True
            continue
        if text and _MARKING.fullmatch(text):
            broken = True
            continue
        beside = place in beside_pages
        again = (text in seen or _key(text) in seen) and (
            edges[text] > 2 or (beside and _key(text) in top)
        )
        if text and again:
            reading.warn(line.number, f"“{text[:60]}” is taken for a page header.")
            continue
        if broken and text:
            while text[0].islower() and kept and not kept[-1].text.strip():
                kept.pop()
            broken = False
        seen |= {text, _key(text)}
        kept.append(replace(line, text=_without_page_cell(line, reading)))
    return tuple(kept)


def _beside_pages(texts: list[str], is_page: list[bool]) -> set[int]:
    """The places of lines next to a page number, or next but one; blanks aside."""
    said = [place for place, text in enumerate(texts) if text]
    return {
        near
        for at, place in enumerate(said)
        if is_page[place]
        for near in said[max(0, at - 2) : at + 3]
    }


def _is_page_number(texts: list[str], place: int) -> bool:
    text = texts[place]
    if _PAGE.fullmatch(text):
        return True
    if not _BARE_NUMBER.fullmatch(text):
        return False
    # A number that heads the line below is that of an item.
    below = texts[place + 1] if place + 1 < len(texts) else ""
    above = texts[place - 1] if place else ""
    inside = below[:1].islower() and above and not _SENTENCE_END.search(above)
    return not below or bool(inside)


def _edges(lines: tuple[Line, ...], texts: list[str]) -> Counter[str]:
    """How many pages each line is the first or the last of."""
    edges: Counter[str] = Counter()
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for place, line in enumerate(lines):
        if line.page is not None and texts[place]:
            first.setdefault(line.page, place)
            last[line.page] = place
    for place in {*first.values(), *last.values()}:
        edges[texts[place]] += 1
    return edges


def _without_page_cell(line: Line, reading: _Reading) -> str:
    cells = line.text.split("\t")
    kept = [cell for cell in cells if not _PAGE.fullmatch(cell.strip())]
    if len(kept) < len(cells):
        reading.warn(line.number, "A page number in the text is left out.")
    return "\t".join(kept)


# What a scanner copied twice or cut off


def _leave_out_copies(reading: _Reading) -> None:
    """A passage whose sentences mostly stood before, or that is pieced together from
    several rows before it, is a copy; only what is new of it stays.
    """
    seen = _Seen()
    kept: list[Row] = []
    for row in reading.rows:
        cells, said = [], []
        for cell in row.cells:
            said.append(seen.has(cell))
            cells.append(seen.fresh(cell))
            seen.remember(cell, row.number)
        if cells != list(row.cells):
            # What stands beside a copy is one too, if it was said before.
            cells = [c for c, old in zip(cells, said, strict=True) if c and not old]
            reading.warn(
                row.number,
                "This passage repeats text above it, as a scanner does. "
                "The repeated part is left out.",
            )
        if any(cells):
            kept.append(_unclipped(replace(row, cells=tuple(cells)), reading))
    reading.rows[:] = [
        replace(row, text="\t".join(row.cells).strip("\t ")) for row in kept
    ]


_RUN = 5  # words that are the same by chance only seldom
_MOST_COMMON = 30  # characters; short sentences come again in any minutes


@dataclass
class _Seen:
    """What the rows before said: sentences, and runs of words with their line."""

    sentences: set[str] = field(default_factory=set)
    runs: dict[int, int] = field(default_factory=dict)

    def has(self, sentence: str) -> bool:
        return _key(sentence) in self.sentences

    def remember(self, cell: str, line: int) -> None:
        self.sentences.update(_key(sentence) for sentence in sentences(cell))
        for run in _runs(cell):
            self.runs.setdefault(run, line)

    def fresh(self, cell: str) -> str:
        """What a cell says that was not said before, if most of it was."""
        if len(cell) < 60:
            return cell
        parts = sentences(cell)
        keys = [_key(part) for part in parts if len(_key(part)) > _MOST_COMMON]
        known = sum(key in self.sentences for key in keys)
        is_copy = known >= 2 and known * 2 >= len(keys)
        if not is_copy and not self._is_pieced_together(cell):
            return cell
        return " ".join(part for part in parts if not self._was_said(part))

    def _was_said(self, part: str) -> bool:
        if self.has(part):
            return True
        runs = _runs(part)
        said = sum(run in self.runs for run in runs)
        return said * 10 >= len(runs) * 4 if runs else part[:1].islower()

    def _is_pieced_together(self, cell: str) -> bool:
        runs = _runs(cell)
        lines = Counter(self.runs[run] for run in runs if run in self.runs)
        return (
            len(runs) > 20
            and lines.total() * 10 >= len(runs) * 7
            and lines.total() - max(lines.values()) > 3
        )


def _runs(text: str) -> list[int]:
    words = _WORD.findall(text.casefold())
    return [hash(tuple(words[at : at + _RUN])) for at in range(len(words) - _RUN + 1)]


def _key(sentence: str) -> str:
    return " ".join(_WORD.findall(sentence.casefold()))


def _unclipped(row: Row, reading: _Reading) -> Row:
    """Half words in the column of numbers are the cut margin of the text beside it."""
    if len(row.cells) < 2 or not row.cells[0] or len(row.cells[1]) < 60:
        return row
    margin = row.cells[0].split()
    is_cut = len(margin) <= 12 and all(re.fullmatch(r"[A-Za-z]+", w) for w in margin)
    if not is_cut or not (row.cells[0][0].islower() or len(margin) > 2):
        return row
    reading.warn(row.number, "The left margin of this passage is cut off.")
    return replace(row, cells=("", *row.cells[1:]))
