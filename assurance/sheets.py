"""Tables as files: CSV for other programs, XLSX for people.

What people typed ends up in cells. A cell that begins like a formula could run on the
reader's machine, so such text gets an apostrophe in front, in headings too and in both
formats alike: what is safe in one stays safe when it is saved as the other.
"""

import csv
import datetime as dt
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

Value = str | int | dt.date | None

# The most that a cell of a spreadsheet holds, in UTF-16 code units.
LONGEST_CELL = 32_767
# Typed into again, "2025/03" would turn into a month unless its cell is for text; but
# Excel shows nothing of a long text in such a cell.
LONGEST_WORD = 100
CUT = " [cut: too long for a cell]"
DATE_FORMAT = "d mmm yyyy"
# Rows of a CSV that are sent together.
ROWS_AT_ONCE = 200

# XML has no way to write these, and no reader misses them.
_NOT_IN_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# What makes a program read a cell as a formula, full-width forms included, behind
# whatever it skips first: spaces, quotation marks, marks nobody sees.
_LIKE_A_FORMULA = re.compile(
    '[\\s"\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]*[=+\\-@＝＋－＠]|[\t\r\n]'
)
A4 = 9  # as Excel numbers its sizes of paper
_NOT_IN_A_TAB = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class Column:
    """A heading, and how wide the column is, in characters."""

    heading: str
    width: int = 14


@dataclass(frozen=True)
class Sheet:
    """A table to be written. ``rows`` is gone through once, as it is written.

    ``marking`` is the protective marking; it heads every printed page.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]] = field(repr=False)
    marking: str = ""


def safe(text: str) -> str:
    """Text that no program takes for a formula, with one kind of line end."""
    text = _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return f"'{text}" if _LIKE_A_FORMULA.match(text) else text


def as_csv(sheet: Sheet) -> Iterator[bytes]:
    """UTF-8 with the mark by which Excel knows it; dates as 2020-09-04."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([safe(column.heading) for column in sheet.columns])
    yield "\ufeff".encode()
    for number, row in enumerate(sheet.rows, start=1):
        writer.writerow([safe(v) if isinstance(v, str) else v for v in row])
        if number % ROWS_AT_ONCE == 0:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> bytes:
    written = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return written


def as_xlsx(sheet: Sheet) -> BinaryIO:
    """A workbook of one sheet, in a temporary file that is gone once closed.

    Rows go to disk as they come, so memory does not grow with them. Text is written as
    text, whatever it looks like.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whom it is given to
    with Workbook(file, {"constant_memory": True}) as book:
        book.set_properties(
            {
                "title": safe(sheet.title),
                "author": settings.OFFICE_NAME,
                "category": sheet.marking,
            }
        )
        page = book.add_worksheet(_tab(sheet.title))
        for number, column in enumerate(sheet.columns):
            page.set_column(number, number, column.width)
        count = _write_rows(book, page, sheet)
        page.autofilter(0, 0, count, len(sheet.columns) - 1)
        _make_readable(page, sheet)
    file.seek(0)
    return file


def _write_rows(book: Workbook, page: Worksheet, sheet: Sheet) -> int:
    """The headings and all that is below them; says how many rows that is."""
    wrapped = {"text_wrap": True, "valign": "top"}
    heading = book.add_format(wrapped | {"bold": True, "bg_color": "#E8EBEE"})
    word = book.add_format(wrapped | {"num_format": "@"})
    text = book.add_format(wrapped)
    day = book.add_format(wrapped | {"num_format": DATE_FORMAT})
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, _cell_text(column.heading), heading)
    number = 0
    for number, row in enumerate(sheet.rows, start=1):
        for place, value in enumerate(row):
            match value:
                case str() if value:
                    style = word if len(value) <= LONGEST_WORD else text
                    page.write_string(number, place, _cell_text(value), style)
                case dt.date():
                    page.write_datetime(number, place, value, day)
                case int():
                    page.write_number(number, place, value, text)
    return number


def _make_readable(page: Worksheet, sheet: Sheet) -> None:
    """What helps to read it, on screen and on paper."""
    page.freeze_panes(1, 1)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_header(f"&C{sheet.marking}")
    page.set_footer("&L{}&RPage &P of &N".format(sheet.title.replace("&", "&&"))[:255])


def _tab(title: str) -> str:
    """What of the title fits the name of a sheet: whole parts, without some signs."""
    text = _NOT_IN_A_TAB.sub(" ", safe(title))
    while len(text) > 31 and ", " in text:
        text = text.rpartition(", ")[0]
    return text[:31].strip() or "Sheet"


def _cell_text(text: str) -> str:
    return _cut(safe(text))


def _cut(text: str) -> str:
    """As much as a cell holds, with a mark where something is missing."""
    units = text.encode("utf-16-le") if len(text) > LONGEST_CELL // 2 else b""
    if len(units) <= 2 * LONGEST_CELL:
        return text
    kept = units[: 2 * (LONGEST_CELL - len(CUT))]
    return kept.decode("utf-16-le", errors="ignore") + CUT


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _csv_response(sheet: Sheet) -> StreamingHttpResponse:
    return StreamingHttpResponse(as_csv(sheet), content_type="text/csv; charset=utf-8")


def _xlsx_response(sheet: Sheet) -> FileResponse:
    return FileResponse(as_xlsx(sheet), content_type=_XLSX)


# The kinds of file, by what ``?format=`` calls them.
FORMATS: dict[str, Callable[[Sheet], HttpResponseBase]] = {
    "csv": _csv_response,
    "xlsx": _xlsx_response,
}


def respond(sheet: Sheet, kind: str, name: str) -> HttpResponseBase:
    """The table as a file to keep, called by its name and the ending of its kind.

    ``kind`` is one of ``FORMATS``; ``name`` is plain ASCII.
    """
    response = FORMATS[kind](sheet)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
