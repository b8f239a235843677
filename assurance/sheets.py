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
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

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

    Rows are written to disk as they come, so memory does not grow with them.
    """
    book = Workbook(write_only=True)
    book.properties.title = safe(sheet.title)
    book.properties.creator = settings.OFFICE_NAME
    book.properties.category = sheet.marking
    page = book.create_sheet(_tab(sheet.title))
    for number, column in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.freeze_panes = "A2"
    page.append([_heading(page, column) for column in sheet.columns])
    word, text, day, amount = (
        _cell(page, form) for form in ("@", "General", DATE_FORMAT, "0")
    )

    def cells(row: Sequence[Value]) -> Iterator[WriteOnlyCell | None]:
        # Each cell is written before the next is asked for, so four of them do.
        for value in row:
            if value is None or value == "":
                yield None
            elif isinstance(value, str):
                cell = word if len(value) <= LONGEST_WORD else text
                _write(cell, value)
                yield cell
            else:
                cell = day if isinstance(value, dt.date) else amount
                cell.value = value
                yield cell

    count = 0
    for row in sheet.rows:
        page.append(cells(row))
        count += 1
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{count + 1}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"
    page.oddHeader.center.text = sheet.marking
    page.oddFooter.left.text = sheet.title.replace("&", "&&")
    page.oddFooter.right.text = "Page &P of &N"
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whom it is given to
    book.save(file)
    file.seek(0)
    return file


def _tab(title: str) -> str:
    """The title as the name of a sheet may be: short, without some signs."""
    return _NOT_IN_A_TAB.sub(" ", safe(title))[:31].strip() or "Sheet"


def _cell(page: object, number_format: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(page)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.number_format = number_format
    return cell


def _heading(page: object, column: Column) -> WriteOnlyCell:
    cell = _cell(page, "@")
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="E8EBEE")
    _write(cell, column.heading)
    return cell


def _write(cell: WriteOnlyCell, text: str) -> None:
    """Text and nothing but text, whatever it looks like."""
    cell.value = _cut(safe(text))
    cell.data_type = "s"


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
