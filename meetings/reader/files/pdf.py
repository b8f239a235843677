"""The lines of a PDF, from where its words stand on the page.

A PDF knows no lines: it places pieces of text. Words at one height are a line, and
those far apart in it are columns, which spaces keep apart as far as they are on paper.
"""

import ctypes
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import attrgetter
from statistics import median, quantiles
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from meetings.reader.files.cells import side_by_side
from meetings.reader.files.plain import (
    MOST_CHARACTERS,
    MOST_PAGES,
    checked,
    cleaned,
    too_many_pages,
)
from meetings.reader.files.ruled import NEAR, Band, bands_of
from meetings.reader.source import BULLET, Line, Refused, Source

_DAMAGED = "is damaged. Save it again in the program it was made with and choose that"
# In heights of a line: a wider gap parts columns. Two spaces of a typewriter do.
_COLUMN = 0.9
_SAME_LINE = 0.4
_SPACE = 0.2
_BLANK_LINE = 1.3  # in distances of two lines
_MOST_PADDING = 6.0  # in points, between the text of a cell and the line beside it
_LEAST_BETWEEN_COLUMNS = 3
_WIDEST = 200  # spaces; the blank of a page that is wider still says nothing more
# A hyphen at the end of a line, as PDFium gives it.
_HYPHENS = "\x02\ufffe"
_WORD = re.compile(rf"[^\s\x00{_HYPHENS}]+[{_HYPHENS}]?")
_BULLET = re.compile(rf"[{BULLET}●▪◦‣·o○■□➢–-]")
_NUMBER = re.compile(r"\(?(?:\d{1,2}(?:\.\d{1,2}){0,3}|[a-z]|[ivx]{1,4})[.):]?", re.I)
_PAGE_NUMBER = re.compile(
    r"[-–|\s]*(?:page\s*)?(\d{1,3})(?:\s*(?:of|/)\s*\d{1,3})?[-–|\s]*", re.IGNORECASE
)
_DIGITS = re.compile(r"\d+")


class _Word(NamedTuple):
    text: str
    left: float
    right: float
    middle: float
    height: float


def read_pdf(data: bytes) -> Source:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD:
            raise Refused(
                "is protected by a password. Save it without one, and choose that"
            ) from error
        raise Refused(_DAMAGED) from error
    try:
        return _read(document)
    except pypdfium2.PdfiumError as error:
        raise Refused(_DAMAGED) from error
    finally:
        document.close()


def _read(document: pypdfium2.PdfDocument) -> Source:
    count = len(document)
    if count > MOST_PAGES:
        raise Refused(too_many_pages(count))
    pages: list[list[str]] = []
    length = 0
    for number in range(count):
        pages.append(_lines_of_page(document, number))
        length += sum(map(len, pages[-1]))
        if length > 2 * MOST_CHARACTERS:
            break  # ``checked`` says so
    silent = [number for number, page in enumerate(pages, 1) if not page]
    if len(silent) == len(pages):
        raise Refused(
            "has no text in it: it is a scan. Run text recognition (OCR) on it and "
            "choose what comes out, or paste the text"
        )
    lines = checked(
        Line(0, text, page=number)
        for number, page in enumerate(_without_edges(pages), 1)
        for text in page
    )
    return Source(lines, tuple(_warning(silent)))


def _warning(silent: list[int]) -> Iterator[str]:
    if silent:
        some = ", ".join(map(str, silent[:10]))
        more = f" and {len(silent) - 10} more" if len(silent) > 10 else ""
        pages = "Page" if len(silent) == 1 else "Pages"
        have = "has" if len(silent) == 1 else "have"
        yield f"{pages} {some}{more} {have} no text: blank or a scan."


# A page


def _lines_of_page(document: pypdfium2.PdfDocument, number: int) -> list[str]:
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return []
    try:
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        page.close()
        return []
    try:
        rotation = page.get_rotation()
        if rotation:
            return _laid_out(_turned(text, rotation), [])
        return _laid_out(_words(text), bands_of(page))
    finally:
        text.close()
        page.close()


def _words(page: pypdfium2.PdfTextPage) -> list[_Word]:
    """Each word of a page with its place."""
    box, end = pdfium.FS_RECTF(), pdfium.FS_RECTF()
    at_box, at_end = ctypes.byref(box), ctypes.byref(end)
    get, raw = pdfium.FPDFText_GetLooseCharBox, page.raw
    found = []
    for match in _WORD.finditer(_characters(page)):
        first, after = match.span()
        if not get(raw, first, at_box) or not get(raw, after - 1, at_end):
            continue
        left, bottom, top = box.left, box.bottom, box.top
        height = max(top - bottom, 1.0)
        right = max(left, end.right)
        found.append(_Word(_text(match), left, right, (bottom + top) / 2, height))
    return found


def _turned(page: pypdfium2.PdfTextPage, rotation: int) -> list[_Word]:
    """The same of a page that is shown on its side: the way up that it is read.

    Boxes are asked for otherwise, since those above are only of upright letters.
    """
    x, y = ctypes.c_double(), ctypes.c_double()
    found = []
    for match in _WORD.finditer(_characters(page)):
        first, after = match.span()
        if not pdfium.FPDFText_GetCharOrigin(page.raw, first, x, y):
            continue
        _, middle = _turn(x.value, y.value, rotation)
        corners = [
            _turn(across, up, rotation)[0]
            for at in (first, after - 1)
            for left, bottom, right, top in [page.get_charbox(at)]
            for across, up in ((left, bottom), (right, top))
        ]
        height = max(pdfium.FPDFText_GetFontSize(page.raw, first), 1.0)
        found.append(_Word(_text(match), min(corners), max(corners), middle, height))
    return found


def _turn(x: float, y: float, rotation: int) -> tuple[float, float]:
    return {90: (y, -x), 180: (-x, -y), 270: (-y, x)}.get(rotation, (x, y))


def _text(match: re.Match[str]) -> str:
    text = match[0]
    return text[:-1] + "-" if text[-1] in _HYPHENS else text


def _characters(page: pypdfium2.PdfTextPage) -> str:
    """One character for each that PDFium counts, so that places can be asked for."""
    count = page.count_chars()
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = pdfium.FPDFText_GetText(page.raw, 0, count, buffer)
    if written == count + 1:
        text = bytes(buffer)[:-2].decode("utf-16-le", "replace")
        if len(text) == count:
            return text
    codes = (pdfium.FPDFText_GetUnicode(page.raw, at) for at in range(count))
    return "".join(chr(code) if code <= 0x10FFFF else " " for code in codes)


def _laid_out(words: list[_Word], bands: list[Band]) -> list[str]:
    if not words:
        return []
    free, in_bands = _by_band(words, bands)
    parts = [(row[0].middle, row) for row in _rows(free)]
    margin = min(word.left for word in words)
    width = median((word.right - word.left) / len(word.text) for word in words) or 1.0
    steps = [above - below for (above, _), (below, _) in pairwise(parts)]
    # Paragraphs of one line each are further apart than lines: most are not.
    step = quantiles(steps, n=4)[0] if len(steps) > 1 else 0.0
    # Of each: where it begins and ends, its lines, and whether it is a table's.
    written = [
        (middle, middle, [_line(row, margin, width)], False) for middle, row in parts
    ]
    for band, inside in in_bands:
        written.append((band.top, band.bottom, _lines_of_band(band, inside), True))
    written.sort(key=lambda part: -part[0])
    lines: list[str] = []
    end, in_table = 0.0, False
    for at, (begin, ends, texts, is_table) in enumerate(written):
        if is_table and in_table:
            is_apart = end - begin > NEAR
        else:
            is_apart = is_table != in_table or 0 < step * _BLANK_LINE < end - begin
        if at and is_apart:
            lines.append("")
        lines += texts
        end, in_table = ends, is_table
    return lines


def _by_band(
    words: list[_Word], bands: list[Band]
) -> tuple[list[_Word], list[tuple[Band, list[_Word]]]]:
    """Words that stand in no ruled table, and those of each of its rows."""
    if not bands:
        return words, []
    inside: list[list[_Word]] = [[] for _ in bands]
    free = []
    for word in words:
        for band, its in zip(bands, inside, strict=True):
            if band.holds(word.left, word.middle):
                its.append(word)
                break
        else:
            free.append(word)
    return free, [(band, its) for band, its in zip(bands, inside, strict=True) if its]


def _lines_of_band(band: Band, words: list[_Word]) -> list[str]:
    """A row of a ruled table: its cells between tabs, the lines in each run on."""
    cells: list[list[_Word]] = [[] for _ in band.edges[1:]]
    for word in words:
        cells[band.cell(word.left)].append(word)
    paragraphs = [
        [Line(0, text) for text in _run_on(cell, right)]
        for cell, right in zip(cells, band.edges[1:], strict=True)
    ]
    return [line.text for line in side_by_side(paragraphs)]


def _run_on(words: list[_Word], right: float) -> list[str]:
    """The paragraphs of a cell that ends there. A line runs on in the next when that
    one's first word found no room in it any more.
    """
    if not words:
        return []
    texts: list[str] = []
    above: list[_Word] = []
    for row in _rows(words):
        text = _line(row, row[0].left, 1.0)
        room = right - _MOST_PADDING - above[-1].right if above else 0.0
        needed = row[0].right - row[0].left + _SPACE * row[0].height
        begins = _BULLET.fullmatch(cleaned(row[0].text)) and len(row) > 1
        if above and needed > room and not begins:
            texts[-1] += f" {text}"
        else:
            texts.append(text)
        above = row
    return texts


def _rows(words: list[_Word]) -> list[list[_Word]]:
    """Words by line, from the top; in each from the left."""
    rows: list[list[_Word]] = []
    for word in sorted(words, key=lambda word: -word.middle):
        if rows:
            first = rows[-1][0]
            most = _SAME_LINE * max(first.height, word.height)
            if first.middle - word.middle < most:
                rows[-1].append(word)
                continue
        rows.append([word])
    for row in rows:
        row.sort(key=attrgetter("left"))
    return rows


def _line(row: list[_Word], margin: float, width: float) -> str:
    parted = [
        after.left - before.right > _COLUMN * max(before.height, after.height)
        for before, after in pairwise(row)
    ]
    # The space after a bullet or a number is no column, unless more columns follow.
    if parted and (
        _BULLET.fullmatch(cleaned(row[0].text))
        or (_NUMBER.fullmatch(row[0].text) and sum(parted) <= 2)
    ):
        parted[0] = False
    line = " " * min(_column(row[0], margin, width), _WIDEST) + row[0].text
    for word, is_column in zip(row[1:], parted, strict=True):
        if is_column:
            least = len(line) + _LEAST_BETWEEN_COLUMNS
            line = line.ljust(
                min(max(_column(word, margin, width), least), least + 200)
            )
        else:
            line += " "
        line += word.text
    return line


def _column(word: _Word, margin: float, width: float) -> int:
    return max(0, round((word.left - margin) / width))


# What stands on every page


def _without_edges(pages: list[list[str]]) -> Iterable[list[str]]:
    """Pages without their numbers, and without the running line after its first time.

    The first line or the last of a page runs when the same stands there on half of
    the pages, and three at least.
    """
    for edge in (0, -1):
        for _ in range(3):
            pages = _without_edge(pages, edge)
    return pages


def _without_edge(pages: list[list[str]], edge: int) -> list[list[str]]:
    at_edge = [_DIGITS.sub("#", page[edge].strip()) if page else "" for page in pages]
    running = {
        text
        for text, times in Counter(at_edge).items()
        if text and times >= 3 and times * 2 >= len(pages)
    }
    seen: set[str] = set()
    left = []
    for number, (page, text) in enumerate(zip(pages, at_edge, strict=True), 1):
        numbered = _PAGE_NUMBER.fullmatch(page[edge].strip()) if page else None
        drop = bool(numbered and int(numbered[1]) == number)
        if text in running:
            drop = drop or text in seen or edge == -1
            seen.add(text)
        if drop:
            page = page[1:] if edge == 0 else page[:-1]
            while page and not page[edge].strip():
                page = page[1:] if edge == 0 else page[:-1]
        left.append(page)
    return left
