"""Spreadsheets as rows of text: an Excel workbook, or CSV however it was saved.

Nothing is understood here. A cell is what the spreadsheet shows, formulas as they were
last worked out; a date is written 2012-05-30. Rows keep the numbers that people see.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from assurance.contents import Kind, Wrong, check_content, decoded
from meetings.reader.files.kinds import refuse_large, shown_name
from meetings.reader.source import Refused

MOST_ROWS = 10_000
MOST_COLUMNS = 60
MOST_SHEETS = 30
LONGEST_CELL = 32_767
ACCEPTED = ".xlsx,.csv"
# After so many rows without a word it is looked up whether any are below.
_BLANK_ROWS = 5_000

_ENDINGS = {"xlsx": Kind.XLSX, "csv": Kind.CSV, "tsv": Kind.CSV}
_INSTEAD = {
    "is a spreadsheet of another kind. Save it as XLSX or CSV, and choose that": (
        "xls xlsm xlsb xlt xltx xltm ods fods numbers"
    ),
    "is no spreadsheet. Minutes are read in from the page for minutes": (
        "doc docx pdf rtf odt txt md"
    ),
    "is an archive. Take the files out and choose each": "zip 7z rar gz tar",
}
_DELIMITERS = ",;\t|"
_SNIFFED = 64 * 1024
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MERGED = re.compile(
    rb"<mergeCell[^>]{0,100}?\bref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\""
)
_ROW_OR_VALUE = re.compile(
    rb"<(?:\w{1,20}:)?(?:row\b(?:[^>]{0,300}?\sr=\"(?P<row>\d{1,9})\")?"
    rb"|(?P<value>v|t)\b[^>]{0,100}>[^<])"
)
_NOT_WORKED_OUT = re.compile(rb"</f>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_CHUNK = 1024 * 1024
_OVERLAP = 300
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u00ad\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2069\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True)
class SheetRow:
    """One row, numbered as the spreadsheet numbers it; no blanks at its end."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The rows with words in them. ``name`` is "" in CSV, which has no sheets.
    ``notes`` are sentences on what to know of how it was read.
    """

    name: str
    rows: tuple[SheetRow, ...]
    is_hidden: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workbook:
    sheets: tuple[Sheet, ...]


def read_sheets(data: bytes, name: str) -> Workbook:
    """The sheets of a file that hold anything.

    Raises ``Refused`` with a sentence that begins with the name.
    """
    try:
        return _read(data, name)
    except (Wrong, Refused) as refused:
        raise Refused(f"“{shown_name(name)}” {refused}") from refused


def _read(data: bytes, name: str) -> Workbook:
    kind = _kind(name)
    if not data:
        raise Refused("is empty. Look at the file and choose it again")
    refuse_large(data, "sheets")
    sheets = _read_csv(data) if kind == Kind.CSV else _read_xlsx(data)
    filled = tuple(sheet for sheet in sheets if sheet.rows)
    if not filled:
        raise Refused("has no words in it. Look at the file and choose it again")
    return Workbook(filled)


def _kind(name: str) -> Kind:
    ending = name.rpartition(".")[2].strip().lower() if "." in name else ""
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    for sentence, endings in _INSTEAD.items():
        if ending in endings.split():
            raise Refused(sentence)
    raise Refused("is no spreadsheet. Choose a file that is XLSX or CSV")


# CSV


def _read_csv(data: bytes) -> list[Sheet]:
    from meetings.reader.files.plain import with_mark

    data = with_mark(data)
    check_content(io.BytesIO(data), Kind.CSV)
    text = decoded(data) or ""
    csv.field_size_limit(LONGEST_CELL * 4)
    delimiter, text = _delimiter(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [Sheet("", tuple(_kept(enumerate(lines, 1))))]
    except csv.Error as error:
        raise Refused(
            "cannot be cut into rows: a quotation mark is opened and not closed. Save "
            "it as XLSX, and choose that"
        ) from error


def _delimiter(text: str) -> tuple[str, str]:
    """What parts the cells: said by Excel in the first line, else what cuts most rows
    into the same number of cells.
    """
    if match := re.match(r"sep=([,;\t|])\r?\n", text):
        return match[1], text[match.end() :]
    head = text[:_SNIFFED]
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        try:
            rows = list(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        widths = [len(row) for row in rows if len(row) > 1]
        commonest = max(set(widths), key=widths.count, default=0)
        score = widths.count(commonest) * commonest
        if score > most:
            best, most = delimiter, score
    return best, text


# Excel


def _read_xlsx(data: bytes) -> list[Sheet]:
    check_content(io.BytesIO(data), Kind.XLSX)
    _refuse_declarations(data)
    # What its libraries raise on broken parts is as various as what breaks.
    try:
        return _sheets_of(data)
    except (Refused, Wrong, MemoryError):
        raise
    except Exception as error:
        raise Refused(
            "is damaged, or made by a program that writes workbooks of its own kind. "
            "Open it in Excel, save it as XLSX or CSV, and choose that"
        ) from error


def _refuse_declarations(data: bytes) -> None:
    """No office program writes them: they are there to make a reader work for ever."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.namelist():
            if part.endswith((".xml", ".rels")):
                with archive.open(part) as content:
                    if _DECLARATION.search(content.read(4096)):
                        raise Refused(
                            "holds declarations that no spreadsheet needs, so it is "
                            "not opened. Save it again in Excel, and choose that"
                        )


def _sheets_of(data: bytes) -> list[Sheet]:
    from openpyxl import load_workbook

    book = load_workbook(
        io.BytesIO(data), read_only=True, data_only=True, keep_links=False
    )
    if len(book.worksheets) > MOST_SHEETS:
        raise Refused(
            f"has {len(book.worksheets)} sheets; the most is {MOST_SHEETS}. Keep those "
            "with actions, and choose that"
        )
    sheets, total = [], 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for page in book.worksheets:
            part = page._worksheet_path
            last = cache(partial(_last_row_with_words, archive, part))
            rows = tuple(_kept(_rows_of(page, last)))
            total += len(rows)
            if total > MOST_ROWS:
                raise Refused(_too_many_rows())
            spans, is_not_worked_out = _looked_over(archive, part)
            rows, was_filled = _filled_down(rows, spans)
            notes = []
            if was_filled:
                notes.append(
                    "Cells merged over several rows count for each of those rows"
                )
            if is_not_worked_out:
                notes.append(
                    "Some cells hold formulas that were never worked out, so they are "
                    "empty here. Open the file in Excel, save it, and choose it again "
                    "if they matter"
                )
            is_hidden = page.sheet_state != "visible"
            sheets.append(Sheet(page.title, rows, is_hidden, tuple(notes)))
    return sheets


def _rows_of(page: Any, last: Callable[[], int]) -> Iterator[tuple[int, list[str]]]:
    """To its last row with words, however many that are formatted and empty follow."""
    page.reset_dimensions()  # what the file says of its size may be wrong
    blank = 0
    for number, values in enumerate(page.iter_rows(values_only=True), 1):
        cells = [_said(value) for value in values]
        blank = 0 if any(cells) else blank + 1
        if blank >= _BLANK_ROWS and number >= last():
            return
        yield number, cells


def _last_row_with_words(archive: zipfile.ZipFile, part: str) -> int:
    """Told by the text of the sheet, without making cells of it."""
    row = last = 0
    with archive.open(part) as content:
        kept = b""
        while chunk := content.read(_CHUNK):
            piece, begun, rest = (kept + chunk).rpartition(b"<")
            kept = begun + rest
            for match in _ROW_OR_VALUE.finditer(piece):
                if match["value"]:
                    last = row
                else:
                    row = int(match["row"] or row + 1)
    return last


def _said(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case dt.datetime():
            return value.date().isoformat()
        case dt.date():
            return value.isoformat()
        case dt.time():
            return f"{value:%H:%M}"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
    return str(value)


def _looked_over(
    archive: zipfile.ZipFile, part: str
) -> tuple[list[tuple[str, int, int]], bool]:
    """What the reader of rows does not tell: the cells that are merged down a column,
    as column, first and last row; and whether formulas have no value.
    """
    spans: set[tuple[str, int, int]] = set()
    is_not_worked_out = False
    with archive.open(part) as content:
        kept = b""
        while chunk := content.read(_CHUNK):
            piece = kept + chunk
            for match in _MERGED.finditer(piece):
                first, last = int(match[2]), int(match[4])
                if first < last and len(spans) < MOST_ROWS:
                    spans.add((match[1].decode(), first, last))
            is_not_worked_out = is_not_worked_out or bool(_NOT_WORKED_OUT.search(piece))
            kept = piece[-_OVERLAP:]
    return sorted(spans), is_not_worked_out


def _filled_down(
    rows: tuple[SheetRow, ...], spans: Sequence[tuple[str, int, int]]
) -> tuple[tuple[SheetRow, ...], bool]:
    """The rows with what is merged down in each; others that are blank stay away."""
    place_of = {row.number: place for place, row in enumerate(rows)}
    found = list(rows)
    was_filled = False
    for letters, first, last in spans:
        column = _column(letters)
        if first not in place_of or column >= MOST_COLUMNS:
            continue
        cells = found[place_of[first]].cells
        value = cells[column] if column < len(cells) else ""
        if not value:
            continue
        for place in range(place_of[first] + 1, len(found)):
            row = found[place]
            if row.number > last:
                break
            wide = [*row.cells, *[""] * (column + 1 - len(row.cells))]
            if not wide[column]:
                wide[column] = value
                found[place] = replace(row, cells=tuple(wide))
                was_filled = True
    return tuple(found), was_filled


def _column(letters: str) -> int:
    """ "A" is 0, "AA" is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


# Both


def _kept(rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[SheetRow]:
    """Those with words in them, cleaned."""
    count = 0
    for number, row in rows:
        cells = [_cleaned(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if max(map(len, cells)) > LONGEST_CELL:
            raise Refused(
                f"has more than {LONGEST_CELL:,} characters in a cell of row "
                f"{number:,}. Shorten it, or close the quotation mark that it opens "
                "with, and choose it again"
            )
        count += 1
        if count > MOST_ROWS:
            raise Refused(_too_many_rows())
        if len(cells) > MOST_COLUMNS:
            raise Refused(
                f"has {len(cells)} columns in row {number:,}; the most is "
                f"{MOST_COLUMNS}. Take out those that say nothing of the actions, and "
                "choose it again"
            )
        yield SheetRow(number, tuple(cells))


def _too_many_rows() -> str:
    return (
        f"has more than {MOST_ROWS:,} rows. Make several files of it and choose each "
        "of them"
    )


def _cleaned(cell: str) -> str:
    """With single line ends and without what cannot be seen."""
    text = cell.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "")
    if not text.isprintable():
        text = _UNSEEN.sub("", text)
    return text.replace("\u00a0", " ").strip()
