"""What a Word document prints is what is read from it."""

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from meetings.reader.files.kinds import source_of
from meetings.reader.files.word_lists import in_format
from tests.meetings.reader.writing import docx_of, saved, word_xml


def lines_of(data: bytes) -> list[str]:
    return [line.text for line in source_of(data, "a.docx").lines]


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text)}</w:p>"


def in_list(text: str, list_id: int, level: int = 0) -> str:
    numbered = (
        f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
    )
    return paragraph(text, numbered)


def numbering(*lists: list[tuple[str, str]], nums: str = "") -> str:
    """Lists of (format, text) for each level, each named by its place from 1."""
    made = ""
    for name, levels in enumerate(lists, 1):
        inside = "".join(
            f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
            f'<w:lvlText w:val="{text}"/></w:lvl>'
            for at, (form, text) in enumerate(levels)
        )
        made += f'<w:abstractNum w:abstractNumId="{name}">{inside}</w:abstractNum>'
    for name in range(1, len(lists) + 1):
        made += f'<w:num w:numId="{name}"><w:abstractNumId w:val="{name}"/></w:num>'
    return word_xml(made + nums, "numbering")


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"


def test_headings_are_marked_by_their_style():
    document = docx.Document()
    document.add_heading("Workforce", 1)
    document.add_heading("Vacancies", 2)
    document.add_paragraph("The paper was noted.")

    lines = source_of(saved(document), "a.docx").lines

    assert [(line.heading, line.text) for line in lines] == [
        (1, "Workforce"),
        (2, "Vacancies"),
        (0, "The paper was noted."),
    ]


def test_numbers_of_lists_are_worked_out():
    lists = numbering(
        [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "%3)")]
    )
    body = (
        in_list("Welcome", 1)
        + in_list("Workforce", 1)
        + in_list("Vacancies", 1, 1)
        + paragraph("The paper was noted.")
        + in_list("First", 1, 2)
        + in_list("Second", 1, 2)
        + in_list("Sickness", 1, 1)
        + in_list("Third", 1, 2)
        + in_list("AOB", 1)
        + in_list("None", 1, 1)
    )

    assert lines_of(docx_of(word_xml(body), numbering=lists)) == [
        "1. Welcome",
        "2. Workforce",
        "2.1 Vacancies",
        "The paper was noted.",
        "a) First",
        "b) Second",
        "2.2 Sickness",
        "a) Third",
        "3. AOB",
        "3.1 None",
    ]


def test_a_list_that_starts_again_does():
    again = (
        '<w:num w:numId="2"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num>'
    )
    lists = numbering([("decimal", "%1.")], nums=again)
    body = "".join(in_list("x", list_id) for list_id in (1, 1, 2, 2, 3))

    assert lines_of(docx_of(word_xml(body), numbering=lists)) == [
        "1. x",
        "2. x",
        "1. x",
        "2. x",
        "3. x",
    ]


def test_bullets_stand_two_spaces_further_in_for_each_level():
    lists = numbering([("bullet", "\uf0b7"), ("bullet", "o")])
    body = in_list("One", 1) + in_list("Two", 1, 1)

    assert lines_of(docx_of(word_xml(body), numbering=lists)) == ["• One", "  • Two"]


def test_lists_of_styles_are_lists():
    document = docx.Document()
    for style in ("List Bullet", "List Bullet 2", "List Number", "List Number"):
        document.add_paragraph("Point", style=style)

    assert lines_of(saved(document)) == [
        "• Point",
        "  • Point",
        "1. Point",
        "2. Point",
    ]


@pytest.mark.parametrize(
    ("number", "form", "expected"),
    [
        (3, "decimal", "3"),
        (3, "decimalZero", "03"),
        (3, "lowerLetter", "c"),
        (27, "upperLetter", "AA"),
        (4, "lowerRoman", "iv"),
        (49, "upperRoman", "XLIX"),
        (0, "upperRoman", "0"),
    ],
)
def test_numbers_are_written_in_the_form_of_the_list(number, form, expected):
    assert in_format(number, form) == expected


def test_cells_of_a_row_stand_between_tabs():
    body = f"<w:tbl>{row(paragraph('Name'), paragraph('Capacity'))}</w:tbl>"

    assert lines_of(docx_of(word_xml(body))) == ["Name\tCapacity", ""]


def test_a_cell_as_wide_as_two_is_said_once_and_columns_stay():
    wide = '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + paragraph("Both")
    below = "<w:tcPr><w:vMerge/></w:tcPr>" + paragraph("kept by Word, not printed")
    body = (
        f"<w:tbl>{row(wide, paragraph('Third'))}"
        f"{row(below, paragraph('Second'), paragraph('Third'))}</w:tbl>"
    )

    assert lines_of(docx_of(word_xml(body)))[:2] == ["Both\t\tThird", "\tSecond\tThird"]


@pytest.mark.parametrize("wide", ["²", "9" * 5000, "-4", "two", ""], ids=len)
def test_a_cell_that_says_nonsense_of_its_width_is_one(wide):
    cell = f'<w:tcPr><w:gridSpan w:val="{wide}"/></w:tcPr>' + paragraph("Name")
    body = f"<w:tbl>{row(cell, paragraph('Capacity'))}</w:tbl>"

    assert lines_of(docx_of(word_xml(body))) == ["Name\tCapacity", ""]


def test_paragraphs_of_a_cell_are_lines_with_the_other_cells_empty():
    text = paragraph("Workforce") + paragraph("Noted.") + paragraph("Agreed.")
    action = paragraph("") + paragraph("") + paragraph("DBS")
    body = f"<w:tbl>{row(paragraph('2.'), text, action)}</w:tbl>"

    assert lines_of(docx_of(word_xml(body)))[:3] == [
        "2.\tWorkforce",
        "\tNoted.",
        "\tAgreed.\tDBS",
    ]


def test_names_and_posts_in_two_long_cells_stay_side_by_side():
    names = paragraph("") + paragraph("Ann Lee") + paragraph("Bo Ray")
    posts = paragraph("") + paragraph("Chair") + paragraph("Treasurer")
    body = f"<w:tbl>{row(names, posts)}</w:tbl>"

    assert lines_of(docx_of(word_xml(body)))[:2] == [
        "Ann Lee\tChair",
        "Bo Ray\tTreasurer",
    ]


def test_a_table_in_a_cell_gives_a_line_for_each_row():
    inner = f"<w:tbl>{row(paragraph('a'), paragraph('b'))}</w:tbl>"
    body = f"<w:tbl>{row(paragraph('1.'), paragraph('Costs') + inner)}</w:tbl>"

    assert lines_of(docx_of(word_xml(body)))[:2] == ["1.\tCosts", "\ta   b"]


def test_what_was_deleted_or_hidden_is_not_read_and_what_was_inserted_is():
    body = (
        "<w:p>"
        + run("Force ")
        + f"<w:del>{run('must ').replace('w:t>', 'w:delText>')}</w:del>"
        + f"<w:ins>{run('to ')}</w:ins>"
        + "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secretly </w:t></w:r>"
        + f"<w:hyperlink>{run('report')}</w:hyperlink>"
        + "<w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
    )

    assert lines_of(docx_of(word_xml(body))) == ["Force to report"]


def test_a_line_break_in_a_paragraph_is_one():
    body = f"<w:p>{run('Date: 4 May')}<w:r><w:br/></w:r>{run('Venue: Room 1')}</w:p>"

    assert lines_of(docx_of(word_xml(body))) == ["Date: 4 May", "Venue: Room 1"]


def test_a_text_box_is_read_once():
    box = f"<w:txbxContent>{paragraph('In the box')}</w:txbxContent>"
    compatible = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    drawing = (
        f'<mc:AlternateContent xmlns:mc="{compatible}"><mc:Choice>{box}</mc:Choice>'
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    )
    body = f"<w:p>{run('Beside it')}<w:r>{drawing}</w:r></w:p>"

    assert lines_of(docx_of(word_xml(body))) == ["Beside it", "In the box"]


def test_a_title_that_only_the_page_header_has_is_the_first_line():
    document = docx.Document()
    header = document.sections[0].header
    header.paragraphs[0].text = "Minutes of the Board, 4 May 2026"
    header.add_paragraph("OFFICIAL")
    document.add_paragraph("Chair: Ann Lee")

    source = source_of(saved(document), "a.docx")

    assert [line.text for line in source.lines] == [
        "Minutes of the Board, 4 May 2026",
        "Chair: Ann Lee",
    ]
    assert source.warnings == (
        "The first lines stand in the header of the pages, not in the text: Minutes of "
        "the Board, 4 May 2026.",
    )


def test_a_page_header_that_repeats_the_title_is_left_out():
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Minutes of the Board"
    document.add_paragraph("MINUTES OF THE BOARD – 4 May 2026")

    assert lines_of(saved(document)) == ["MINUTES OF THE BOARD – 4 May 2026"]


def test_footnotes_stand_at_the_end():
    note = '<w:footnote w:id="1">' + paragraph("Since corrected.") + "</w:footnote>"
    line = '<w:footnote w:type="separator">' + paragraph("") + "</w:footnote>"
    data = docx_of(
        word_xml(paragraph("The figure was 12.")),
        footnotes=word_xml(line + note, "footnotes"),
    )

    assert lines_of(data) == ["The figure was 12.", "Footnote 1: Since corrected."]


def test_a_form_field_is_read_where_it_stands():
    document = docx.Document()
    paragraph_before = document.add_paragraph("Before")
    paragraph_before._p.addnext(
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent>{paragraph('Chosen')}"
            "</w:sdtContent></w:sdt>"
        )
    )
    document.add_paragraph("After")

    assert lines_of(saved(document)) == ["Before", "Chosen", "After"]
