"""The lines of a Word document: paragraphs, lists with their numbers, tables.

A document of Word is an archive of XML. The main part is read a piece at a time and
let go of again, so that a huge one takes no more memory than a small one. Nothing it
refers to is ever fetched, and a part that declares entities is refused.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from lxml import etree

from meetings.reader.files.cells import inner, side_by_side
from meetings.reader.files.plain import checked, cleaned
from meetings.reader.files.word_lists import Lists, Styles, W, value, whole_number
from meetings.reader.source import BULLET, Line, Refused, Source

MOST_XML = 64 * 1024 * 1024
MOST_ROWS = 30_000
_MOST_SIDE_XML = 8 * 1024 * 1024

_MAIN_PART = re.compile(r"word/document\d*\.xml")
_FOOTNOTES = "word/footnotes.xml"
_HEADER = re.compile(r"word/header\d*\.xml")
_PARAGRAPH, _ROW, _CELL, _TABLE = W + "p", W + "tr", W + "tc", W + "tbl"
_TEXT_BOX = W + "txbxContent"
# What is not printed: deletions, the place text was moved from, codes of fields, and
# the second version of a drawing, for older programs.
_LEFT_OUT = {
    W + "del",
    W + "moveFrom",
    W + "instrText",
    W + "delText",
    W + "pPr",
    W + "rPr",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_STAND_FOR = {
    W + "tab": "\t",
    W + "br": "\n",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
    W + "sym": BULLET,
}
_TITLE = re.compile(
    r"\b(?:minutes|notes|meeting|board)\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b",
    re.IGNORECASE,
)


@dataclass
class _Paragraph:
    """Its lines, and those of the text boxes that hang on it."""

    lines: list[str]
    heading: int = 0
    boxes: list["_Paragraph"] = field(default_factory=list)

    def all_lines(self) -> Iterator[Line]:
        for text in self.lines:
            yield Line(0, text, self.heading if text.strip() else 0)
        for box in self.boxes:
            yield from box.all_lines()


def read_word(data: bytes) -> Source:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    except (etree.XMLSyntaxError, zipfile.BadZipFile, KeyError, EOFError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise Refused(
            "is damaged. Open it in Word, save it again and choose that"
        ) from error


def _read(archive: zipfile.ZipFile) -> Source:
    names = archive.namelist()
    main = next(name for name in names if _MAIN_PART.fullmatch(name))
    reader = _Reader(
        Styles(_tree(archive, "word/styles.xml")),
        Lists(_tree(archive, "word/numbering.xml")),
    )
    _check_size(archive, main, MOST_XML)
    with archive.open(main) as part:
        lines = checked(reader.lines_of(part))
    notes = [
        Line(0, f"Footnote {number}: {text}")
        for number, text in enumerate(reader.notes(_tree(archive, _FOOTNOTES)), 1)
    ]
    top = [
        Line(0, text)
        for text in _standing_only_there(
            (
                text
                for name in sorted(names)
                if _HEADER.fullmatch(name)
                for text in reader.notes(_tree(archive, name))
            ),
            lines,
        )
    ]
    warnings: tuple[str, ...] = ()
    if top:
        warnings = (
            "The first lines stand in the header of the pages, not in the text: "
            + "; ".join(line.text for line in top)
            + ".",
        )
    if top or notes:
        lines = checked([*top, *lines, *notes])
    return Source(lines, warnings)


def _standing_only_there(texts: Iterable[str], lines: tuple[Line, ...]) -> list[str]:
    """Of a page header the title and the date, where the text has them not."""
    body = {" ".join(line.text.split()).lower() for line in lines[:200]}
    found: dict[str, None] = {}
    for text in texts:
        one = " ".join(cleaned(text).split())
        if _TITLE.search(one) and not any(one.lower() in line for line in body):
            found[one] = None
    return list(found)[:5]


def _check_size(archive: zipfile.ZipFile, name: str, most: int) -> None:
    if archive.getinfo(name).file_size > most:
        raise Refused(
            "is far larger inside than minutes are. Save it as PDF, or make several "
            "files of it, and choose that"
        )


def _tree(archive: zipfile.ZipFile, name: str) -> etree._Element | None:
    if name not in archive.namelist():
        return None
    _check_size(archive, name, _MOST_SIDE_XML)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    root = etree.fromstring(archive.read(name), parser)
    _refuse_entities(root)
    return root


def _refuse_entities(root: etree._Element) -> None:
    if root.getroottree().docinfo.doctype:
        raise Refused(
            "refers to text outside itself, which Word never does. Open it in Word, "
            "save it again and choose that"
        )


class _Reader:
    def __init__(self, styles: Styles, lists: Lists) -> None:
        self.styles = styles
        self.lists = lists

    def lines_of(self, part: IO[bytes]) -> Iterator[Line]:
        """Of the main part, as it is read. Each piece is emptied when it was used."""
        events = etree.iterparse(
            part,
            events=("start", "end"),
            tag=(W + "document", _PARAGRAPH, _ROW, _TABLE),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
        )
        depth = rows = 0
        for event, element in events:
            if element.tag == W + "document":
                _refuse_entities(element)
                continue
            if element.tag == _TABLE:
                if event == "end" and not depth:
                    yield Line(0, "")
                continue
            depth += 1 if event == "start" else -1
            if event == "start" or depth:
                continue
            if element.tag == _ROW:
                rows += 1
                if rows > MOST_ROWS:
                    raise Refused(
                        f"has tables of more than {MOST_ROWS:,} rows. Make several "
                        "files of it and choose each of them"
                    )
                yield from self.row(element)
            elif not _is_left_out(element):
                yield from self.paragraph(element).all_lines()
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        root = events.root
        if root is None or root.tag != W + "document":
            raise Refused(
                "is not a Word file as Word writes it. Open it in Word, save it again "
                "and choose that"
            )

    def notes(self, root: etree._Element | None) -> Iterator[str]:
        """The text of each footnote, or of each paragraph of a page header."""
        if root is None:
            return
        for one in root:
            if value(one, "type") in ("separator", "continuationSeparator"):
                continue
            paragraphs = [one] if one.tag == _PARAGRAPH else one.iter(_PARAGRAPH)
            texts = (
                " ".join(" ".join(self.paragraph(paragraph).lines).split())
                for paragraph in paragraphs
            )
            if text := " ".join(filter(None, texts)):
                yield text

    def paragraph(self, element: etree._Element) -> _Paragraph:
        pieces: list[str] = []
        boxes: list[_Paragraph] = []
        self._gather(element, pieces, boxes)
        lines = "".join(pieces).strip(" \t").split("\n")
        properties = element.find(W + "pPr")
        style = self.styles.of(properties)
        if any(line.strip() for line in lines):
            mark = self.lists.mark(properties, style)
            if mark:
                lines[0] = mark + lines[0].lstrip()
            heading = style.heading
        else:
            heading = 0
        return _Paragraph(lines, heading, boxes)

    def _gather(
        self, element: etree._Element, pieces: list[str], boxes: list[_Paragraph]
    ) -> None:
        for child in element:
            tag = child.tag
            if tag == W + "t":
                pieces.append(child.text or "")
            elif tag in _STAND_FOR:
                pieces.append(_STAND_FOR[tag])
            elif tag == _TEXT_BOX:
                boxes += self._paragraphs(child)
            elif tag == W + "r" and _is_hidden(child):
                continue
            elif tag not in _LEFT_OUT and len(child):
                self._gather(child, pieces, boxes)

    def _paragraphs(self, element: etree._Element) -> list[_Paragraph]:
        """Those of a cell or a text box; a table in it gives a line for each row."""
        found: list[_Paragraph] = []
        for child in element:
            if child.tag == _PARAGRAPH:
                found.append(self.paragraph(child))
            elif child.tag == _TABLE:
                for row in child.iter(_ROW):
                    if row.getparent() is child:
                        found += [
                            _Paragraph([inner(line.text)]) for line in self.row(row)
                        ]
            elif child.tag not in _LEFT_OUT and len(child):
                found += self._paragraphs(child)
        return found

    def row(self, row: etree._Element) -> Iterator[Line]:
        """A line of its cells between tabs. Where cells hold several paragraphs more
        lines follow, in which the other cells are empty.
        """
        properties = row.find(W + "trPr")
        if properties is not None and properties.find(W + "del") is not None:
            return
        cells: list[list[Line]] = []
        for cell in _cells(row):
            properties = cell.find(W + "tcPr")
            merged = properties.find(W + "vMerge") if properties is not None else None
            lines: list[Line] = []
            if merged is None or value(merged) == "restart":
                for paragraph in self._paragraphs(cell):
                    lines += paragraph.all_lines()
            cells.append(lines)
            # A cell as wide as several is one with empty ones after it.
            span = properties.find(W + "gridSpan") if properties is not None else None
            cells += [[] for _ in range(1, min(whole_number(span, 1), 64))]
        yield from side_by_side(cells)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for child in row:
        if child.tag == _CELL:
            yield child
        elif child.tag in (W + "sdt", W + "sdtContent", W + "customXml"):
            yield from _cells(child)


def _is_left_out(element: etree._Element) -> bool:
    return any(parent.tag in _LEFT_OUT for parent in element.iterancestors())


def _is_hidden(run: etree._Element) -> bool:
    properties = run.find(W + "rPr")
    hidden = properties.find(W + "vanish") if properties is not None else None
    return hidden is not None and value(hidden) not in ("0", "false", "off")
