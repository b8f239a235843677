"""The lines of a PDF, from where its words stand."""

import io

from pypdf import PdfReader, PdfWriter

from meetings.reader.files.kinds import source_of
from tests.meetings.reader.writing import Block, as_pdf, typeset

_TWO_NAMES = "Ann Lee\n\nBo Ray"


def lines_of(source: str) -> list[str]:
    return [line.text for line in source_of(typeset(source), "a.pdf").lines]


def test_each_line_knows_its_page():
    source = source_of(typeset("One\n#pagebreak()\nTwo"), "a.pdf")

    assert [(line.text, line.page) for line in source.lines] == [("One", 1), ("Two", 2)]


def test_paragraphs_are_parted_by_a_blank_line():
    lines = lines_of("#lorem(40)\n\n#lorem(40)\n\n#lorem(40)")

    assert lines.count("") == 2
    assert len([line for line in lines if line]) > 6


def test_a_bullet_stands_before_its_words():
    assert lines_of("- One point\n- Two points")[0] == "• One point"


def test_columns_are_apart_as_they_are_on_paper():
    lines = lines_of(
        "#table(stroke: none, columns: (5cm, 8cm), "
        "[Ann Lee], [Commissioner], [Bo Ray], [Treasurer])"
    )

    first, second = filter(None, lines)
    assert first.split("   ")[0].strip() == "Ann Lee"
    assert first.index("Commissioner") == second.index("Treasurer")


def test_a_number_before_a_heading_is_no_column():
    lines = lines_of(
        "#table(stroke: none, columns: (2cm, 8cm, 2cm), [1.], [Workforce], [ACTION])"
    )

    assert lines[0].split() == ["1.", "Workforce", "ACTION"]
    assert "1. Workforce   " in lines[0]


def test_what_stands_on_each_page_is_read_once_and_page_numbers_never():
    lines = lines_of(
        "#set page(header: [OFFICIAL – Board], "
        "footer: context [Page #counter(page).display() of 4])\n"
        + "#pagebreak()\n".join(f"Words of page {n} alone, {n}\n" for n in "ABCD")
    )

    assert lines.count("OFFICIAL – Board") == 1
    assert not [line for line in lines if "Page" in line]
    assert [line[14] for line in lines if line.startswith("Words")] == list("ABCD")


def test_a_page_on_its_side_is_read_the_way_up_it_is_shown():
    for turned in (90, 180, 270):
        writer = PdfWriter()
        page = writer.add_page(PdfReader(io.BytesIO(typeset(_TWO_NAMES))).pages[0])
        page.rotate(turned)
        page.transfer_rotation_to_content()
        page.rotate(-turned)
        buffer = io.BytesIO()
        writer.write(buffer)

        texts = [line.text for line in source_of(buffer.getvalue(), "a.pdf").lines]

        assert [text.strip() for text in texts if text] == ["Ann Lee", "Bo Ray"]


def test_minutes_come_out_in_their_order():
    blocks = [
        Block("title", "Minutes of the Board"),
        Block("text", "Date: 4 May 2026"),
        Block("table", rows=(("Ann Lee", "Chair"), ("Bo Ray", "Treasurer"))),
        Block("heading", "1. Workforce"),
        Block("item", "Vacancies", level=0),
        Block("text", "ACTION: Force to report"),
    ]

    lines = [line.text for line in source_of(as_pdf(blocks), "a.pdf").lines]

    assert [" ".join(line.split()) for line in lines if line] == [
        "Minutes of the Board",
        "Date: 4 May 2026",
        "Ann Lee Chair",
        "Bo Ray Treasurer",
        "1. Workforce",
        "• Vacancies",
        "ACTION: Force to report",
    ]


def test_cells_of_a_ruled_table_stand_between_tabs_and_their_lines_run_on():
    lines = lines_of(
        "Attendance\n#table(columns: (1.5cm, 4cm, 3cm),"
        "[1.], [Workforce and its culture in the force], [ACTION],"
        "[], [Noted.\n\nAgreed.], [DBS])\nAOB"
    )

    assert lines == [
        "Attendance",
        "",
        "1.\tWorkforce and its culture in the force\tACTION",
        "\tNoted.\tDBS",
        "\tAgreed.",
        "",
        "AOB",
    ]


def test_two_tables_one_under_the_other_are_two():
    table = "#table(columns: (3cm, 3cm), [Ann Lee], [Chair])"

    assert lines_of(f"{table}\n\n{table}") == ["Ann Lee\tChair", "", "Ann Lee\tChair"]


def test_a_frame_around_text_is_no_table():
    assert lines_of("#rect[Words in a frame]") == ["Words in a frame"]
