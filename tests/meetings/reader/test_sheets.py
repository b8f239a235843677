"""Spreadsheets become rows of text, or a sentence says why not."""

import datetime as dt
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from meetings.reader.apart import Limits, read_sheets_apart
from meetings.reader.files.columns import (
    find_headings,
    headings_of,
    held_on,
    is_group,
    keys_of,
    remembered,
)
from meetings.reader.files.sheets import MOST_ROWS, SheetRow, read_sheets
from meetings.reader.source import Refused

ROOMY = Limits(seconds=60)
HEAD = ["Ref", "Action", "Lead", "Target date", "RAG"]


def xlsx(*rows, title="Live", **more) -> bytes:
    book = Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    for name, others in more.items():
        added = book.create_sheet(name)
        for row in others:
            added.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells(data: bytes, name: str = "a.xlsx") -> list[tuple[str, ...]]:
    return [row.cells for row in read_sheets(data, name).sheets[0].rows]


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(Refused) as refused:
        read_sheets(data, name)
    return str(refused.value)


# What cells become


def test_cells_are_what_people_see_and_rows_keep_their_numbers():
    data = xlsx(
        ["Tracker"],
        [],
        HEAD,
        [3, "Share", None, dt.date(2012, 9, 30), 1.5],
        [
            None,
            "Ring\u00a0them\r\nback",
            True,
            dt.datetime.combine(dt.date(2012, 5, 1), dt.time(9)),
            2.0,
        ],
    )
    rows = read_sheets(data, "a.xlsx").sheets[0].rows
    assert [row.number for row in rows] == [1, 3, 4, 5]
    assert rows[2].cells == ("3", "Share", "", "2012-09-30", "1.5")
    assert rows[3].cells == ("", "Ring them\nback", "Yes", "2012-05-01", "2")


def test_formulas_are_read_as_they_were_last_worked_out():
    book = Workbook()
    book.active.append(HEAD)
    book.active["B2"] = "=1+1"
    sheet = read_sheets(saved(book), "a.xlsx").sheets[0]
    assert [row.number for row in sheet.rows] == [1]
    assert "formulas that were never worked out" in sheet.notes[0]


def test_a_cell_that_looks_like_a_formula_in_csv_is_text():
    assert cells(b"Ref,Action\r\n1,=1+1\r\n", "a.csv")[1] == ("1", "=1+1")


def test_what_is_merged_down_counts_for_each_row():
    book = Workbook()
    for row in (HEAD, [1, "Share", "DBS"], [2, "Ring", None], [3, "Ask", None]):
        book.active.append(row)
    book.active.merge_cells("C2:C3")
    sheet = read_sheets(saved(book), "a.xlsx").sheets[0]
    assert [row.cells[2:3] for row in sheet.rows[1:]] == [("DBS",), ("DBS",), ()]
    assert "merged" in sheet.notes[0]


def test_hidden_sheets_are_said_and_empty_ones_left_out():
    book = Workbook()
    book.active.append(HEAD)
    book.create_sheet("Old").append(HEAD)
    book["Old"].sheet_state = "hidden"
    book.create_sheet("Empty")
    found = read_sheets(saved(book), "a.xlsx").sheets
    assert [(sheet.name, sheet.is_hidden) for sheet in found] == [
        ("Sheet", False),
        ("Old", True),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_in_any_encoding_and_with_any_delimiter(encoding, delimiter):
    text = delimiter.join(["Ref", "Action"]) + "\r\n"
    text += delimiter.join(["1", '"Share, the café’s\nplan; all"']) + "\r\n"
    assert cells(text.encode(encoding), "a.csv") == [
        ("Ref", "Action"),
        ("1", "Share, the café’s\nplan; all"),
    ]


def test_utf_16_without_its_mark_and_the_line_of_excel():
    assert cells("sep=;\r\nRef;Action\r\n1;Share\r\n".encode("utf-16-le"), "a.csv") == [
        ("Ref", "Action"),
        ("1", "Share"),
    ]


@pytest.mark.parametrize("gap", [100, 4_999, 5_000, 20_000])
def test_rows_below_many_that_are_blank_are_read(gap):
    book = Workbook()
    book.active.append(HEAD)
    book.active.cell(2 + gap, 2, "Share the plan")
    book.active.cell(40_000, 3, None).number_format = "0.00"
    rows = read_sheets(saved(book), "a.xlsx").sheets[0].rows
    assert [(row.number, row.cells[1]) for row in rows] == [
        (1, "Action"),
        (2 + gap, "Share the plan"),
    ]


def test_a_row_that_is_formatted_and_far_below_takes_no_time():
    below = b'<row r="900000000"><c r="A900000000" s="1"/></row></sheetData>'
    data = rewritten(
        xlsx(HEAD),
        "xl/worksheets/sheet1.xml",
        lambda c: c.replace(b"</sheetData>", below),
    )
    assert read_sheets_apart(data, "a.xlsx", ROOMY) == read_sheets(xlsx(HEAD), "a.xlsx")


# What is refused


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "a.xlsx", "is empty"),
        (b"Ref,Action", "a.xlsx", "is not an Excel file, whatever its name says"),
        (b"PK\x03\x04" + b"x" * 50, "a.csv", "is not a text file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "a.xlsx", "a password"),
        (b"Ref", "a.xls", "Save it as XLSX or CSV"),
        (b"Ref", "a.docx", "is no spreadsheet. Minutes are read in"),
        (b"Ref", "a.exe", "Choose a file that is XLSX or CSV"),
        (b",,\r\n,,\r\n", "a.csv", "has no words in it"),
        (b",".join([b"x"] * 61), "a.csv", "has 61 columns in row 1; the most is 60"),
        (b"x\r\n" * (MOST_ROWS + 1), "a.csv", "has more than 10,000 rows"),
        (b"Ref\r\n" + b"x" * 32_768, "a.csv", "32,767 characters in a cell of row 2"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(data, name, sentence):
    said = refusal(data, name)
    assert said.startswith(f"“{name}” ")
    assert sentence in said


def rewritten(data: bytes, part: str, change) -> bytes:
    """The archive with one part changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(
                name,
                change(content) if name == part else content,
                zipfile.ZIP_DEFLATED,
            )
    return file.getvalue()


def test_declarations_in_a_part_are_not_followed():
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    data = rewritten(xlsx(HEAD), "xl/worksheets/sheet1.xml", lambda c: bomb + c)
    assert "holds declarations that no spreadsheet needs" in refusal(data, "a.xlsx")


def test_a_workbook_that_is_far_larger_inside_is_not_opened():
    data = rewritten(
        xlsx(HEAD), "xl/worksheets/sheet1.xml", lambda c: c + b" " * 210_000_000
    )
    assert len(data) < 1_000_000
    assert "is far larger inside than it looks" in refusal(data, "a.xlsx")


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_damaged_part_is_a_sentence(part):
    data = rewritten(xlsx(HEAD), part, lambda c: c[: len(c) // 2])
    assert "is damaged" in refusal(data, "a.xlsx")


def test_it_is_read_in_a_process_of_its_own():
    data = xlsx(HEAD, [1, "Share"], Closed=[HEAD])
    assert read_sheets_apart(data, "a.xlsx", ROOMY) == read_sheets(data, "a.xlsx")
    with pytest.raises(Refused, match=r"“a\.csv” is empty"):
        read_sheets_apart(b"", "a.csv", ROOMY)


def test_a_sheet_of_many_cells_is_stopped_when_it_takes_too_much_memory():
    row = b"<row>" + b'<c t="inlineStr"><is><t>word</t></is></c>' * 16_000 + b"</row>"
    data = rewritten(
        xlsx(HEAD),
        "xl/worksheets/sheet1.xml",
        lambda c: c.replace(b"<sheetData>", b"<sheetData>" + row * 100),
    )
    with pytest.raises(Refused, match="columns in row 1"):
        read_sheets_apart(data, "a.xlsx", ROOMY)


@given(st.binary(max_size=3000), st.sampled_from(["a.csv", "a.xlsx"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_rows_or_a_sentence(data, name):
    rows, said = rows_or_sentence(data, name)
    assert said.startswith(f"“{name}” ") if said else all(any(row) for row in rows)


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=20)


@given(st.lists(st.lists(WORDS, max_size=5), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_words_in_a_workbook_are_read(table):
    book = Workbook()
    for number, row in enumerate(table, 1):
        for column, text in enumerate(row, 1):
            book.active.cell(number, column, text).data_type = "s"
    rows, said = rows_or_sentence(saved(book), "a.xlsx")
    assert rows or "no words" in said


def rows_or_sentence(data: bytes, name: str) -> tuple[list[tuple[str, ...]], str]:
    try:
        return cells(data, name), ""
    except Refused as refused:
        return [], str(refused)


# Headings


def meaning(heading: str) -> str:
    return headings_of(SheetRow(1, (heading,))).meanings[0]


@pytest.mark.parametrize(
    ("column", "headings"),
    [
        ("reference", ["Ref", "Ref No.", "Action ref", "No", "#", "ID", "Action No"]),
        ("action", ["Action", "Actions agreed", "Action required", "Task", "What"]),
        ("owner", ["Owner", "Lead", "Who", "By whom", "Responsible", "Lead officer"]),
        ("due", ["Due", "Target date", "Deadline", "By when", "Date due (original)"]),
        ("new_due", ["Revised date", "New due date", "Revised target date"]),
        ("status", ["Status", "RAG", "RAG rating", "BRAG", "Open or closed"]),
        ("update", ["Progress", "Latest update", "Comments", "Update May 2012"]),
        ("raised_on", ["Date raised", "Date", "Meeting date", "Date of meeting"]),
        ("item", ["Meeting", "Agenda item", "Theme", "Subject"]),
        ("closed_on", ["Date closed", "Closed on", "Date completed"]),
        ("", ["Priority", "", "Cost", "Column 7"]),
    ],
)
def test_headings_of_many_offices_are_understood(column, headings):
    assert {name: meaning(name) for name in headings} == dict.fromkeys(headings, column)


def test_the_headings_are_found_below_a_title():
    rows = (
        read_sheets(
            xlsx(["Action tracker: the board"], ["As at", dt.date(2012, 5, 30)], HEAD),
            "a.xlsx",
        )
        .sheets[0]
        .rows
    )
    found = find_headings(rows)
    assert (found.row, found.names) == (3, tuple(HEAD))
    assert found.meanings == ("reference", "action", "owner", "due", "status")


def test_without_anything_like_headings_none_are_found():
    assert (
        find_headings([SheetRow(1, ("Milk", "2")), SheetRow(2, ("Eggs", "6"))]) is None
    )


def test_each_of_ours_is_one_column_but_updates_may_be_several():
    row = SheetRow(
        1, ("Action", "Actions", "Update May", "Update June", "Due", "Due by")
    )
    assert headings_of(row).meanings == ("action", "", "update", "update", "due", "")


def test_columns_are_remembered_by_their_headings_in_any_order():
    keys = keys_of(["Who?", "Thing", "Thing"])
    known = dict(zip(keys, ["owner", "action", "update"], strict=True))
    assert remembered(["Thing", "WHO", "thing"], known) == ("action", "owner", "update")
    assert remembered(["Thing", "Who"], known) is None


@pytest.mark.parametrize(
    ("words", "day", "first"),
    [
        ("Meeting of 4 July 2012", dt.date(2012, 7, 4), False),
        ("May 2012", dt.date(2012, 5, 1), True),
        ("Actions from May 2012", dt.date(2012, 5, 1), True),
        ("30-Sep-12", dt.date(2012, 9, 30), False),
    ],
)
def test_a_row_that_heads_others_says_when_the_meeting_was(words, day, first):
    found = held_on(words)
    assert (found.day, found.first_of_month) == (day, first)
    assert is_group((words,), ("action", "owner"))


def test_a_row_with_only_an_action_is_no_heading():
    assert held_on("Share the plan") is None
    assert not is_group(("", "Share the plan in May 2012 with all"), ("", "action"))
    assert is_group(("Performance",), ("reference", "action"))
