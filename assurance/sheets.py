"""Tables as files: CSV for other programs, XLSX for people.

What people typed ends up in cells. A cell that begins like a formula could run on the
reader's machine, so such text gets an apostrophe in front, in headings too and in both
formats alike: what is safe in one stays safe when it is saved as the other.
"""

import csv
import datetime as dt
import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.worksheet import Worksheet

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
# The rows' part of a workbook, and what says there how many there are: left out.
_SHEET = "xl/worksheets/sheet1.xml"
_DIMENSION = re.compile(rb"<dimension [^>]*/>")
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

    openpyxl writes all of it but the rows: a cell of its own costs it so much that
    10,000 actions would take twice as long. They go to disk as they come, so memory
    does not grow with them.
    """
    book = Workbook()
    page = book.active
    page.append([column.heading for column in sheet.columns])
    for cell in page[1]:
        _style(cell, "@")
        cell.value, cell.data_type = _cell_text(cell.value), "s"
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E8EBEE")
    with tempfile.TemporaryFile() as rows:
        count = _write_rows(rows, sheet.rows, _Styles(page))
        _finish(book, sheet, count)
        rows.seek(0)
        return _joined(book, rows)


def _style(cell: Cell, number_format: str) -> int:
    """Wrapped text from the top; says the number by which the file knows the style."""
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.number_format = number_format
    return cell.style_id


class _Styles:
    """The styles of a workbook's cells, by what is in them."""

    def __init__(self, page: Worksheet) -> None:
        self.word, self.text, self.day, self.amount = (
            _style(Cell(page), form) for form in ("@", "General", DATE_FORMAT, "0")
        )


def _write_rows(
    file: BinaryIO, rows: Iterable[Sequence[Value]], styles: _Styles
) -> int:
    """The rows below the headings as SpreadsheetML; says how many there are."""
    number = 1
    for number, row in enumerate(rows, start=2):
        cells = "".join(
            f'<c r="{get_column_letter(column)}{number}" {_xml(value, styles)}</c>'
            for column, value in enumerate(row, start=1)
            if value not in (None, "")
        )
        file.write(f'<row r="{number}">{cells}</row>'.encode())
    return number - 1


def _xml(value: Value, styles: _Styles) -> str:
    """A cell behind its address. Text is marked as text, whatever it looks like."""
    if isinstance(value, str):
        style = styles.word if len(value) <= LONGEST_WORD else styles.text
        text = escape(_cell_text(value))
        return f's="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'
    if isinstance(value, dt.date):
        return f's="{styles.day}"><v>{to_excel(value)}</v>'
    return f's="{styles.amount}"><v>{value}</v>'


def _finish(book: Workbook, sheet: Sheet, count: int) -> None:
    """What helps to read it, on screen and on paper."""
    book.properties.title = safe(sheet.title)
    book.properties.creator = settings.OFFICE_NAME
    book.properties.category = sheet.marking
    page = book.active
    page.title = _tab(sheet.title)
    for number, column in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{count + 1}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"
    page.oddHeader.center.text = sheet.marking
    page.oddFooter.left.text = sheet.title.replace("&", "&&")
    page.oddFooter.right.text = "Page &P of &N"


def _joined(book: Workbook, rows: BinaryIO) -> BinaryIO:
    """The workbook with its rows in place."""
    frame = io.BytesIO()
    book.save(frame)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whom it is given to
    with ZipFile(frame) as parts, ZipFile(file, "w", ZIP_DEFLATED) as whole:
        for name in parts.namelist():
            part = parts.read(name)
            if name != _SHEET:
                whole.writestr(name, part)
                continue
            head, end, tail = _DIMENSION.sub(b"", part).partition(b"</sheetData>")
            with whole.open(name, "w") as target:
                target.write(head)
                shutil.copyfileobj(rows, target)
                target.write(end + tail)
    file.seek(0)
    return file


def _tab(title: str) -> str:
    """The title as the name of a sheet may be: short, without some signs."""
    return _NOT_IN_A_TAB.sub(" ", safe(title))[:31].strip() or "Sheet"


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
