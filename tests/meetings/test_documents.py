"""Documents: what is in the tree is in the PDF and in the Word file, as text."""

import datetime as dt
from io import BytesIO
from subprocess import CalledProcessError
from typing import Any

import docx
import pytest
from django.http import Http404
from docx.oxml.ns import qn
from pypdf import PdfReader

from meetings.documents.pdf import write_pdf
from meetings.documents.response import download
from meetings.documents.tree import (
    Bullets,
    Document,
    Facts,
    Heading,
    Lead,
    Notice,
    Paragraph,
    Quotation,
    Run,
    Table,
    Together,
    plain,
    runs,
    strong,
)
from meetings.documents.word import write_word


def document(*blocks: Any, **fields: Any) -> Document:
    about: dict[str, Any] = {
        "title": "Briefing: Workforce",
        "subtitle": ("Friday 30 May 2025",),
        "marking": "OFFICIAL-SENSITIVE",
        "author": "Office of the Commissioner",
        "date": dt.date(2025, 5, 29),
    }
    return Document(**about | fields, blocks=blocks)


def pdf_of(*blocks: Any, **fields: Any) -> PdfReader:
    return PdfReader(BytesIO(write_pdf(document(*blocks, **fields))))


def word_of(*blocks: Any, **fields: Any) -> Any:
    return docx.Document(BytesIO(write_word(document(*blocks, **fields))))


def text_of_pdf(pdf: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in pdf.pages)


def text_of_word(word: Any) -> str:
    cells = (cell for table in word.tables for row in table.rows for cell in row.cells)
    paragraphs = [*word.paragraphs, *(p for cell in cells for p in cell.paragraphs)]
    return "\n".join(paragraph.text for paragraph in paragraphs)


EVERYTHING = (
    Lead("3 closures to decide"),
    Heading("1 Action tracker"),
    Paragraph(("Plain ", strong("strong "), Run("slanted", emphasis=True))),
    Paragraph("Beside the point", quiet=True),
    Bullets(("First bullet", ("Second ", strong("bullet")))),
    Bullets(("First step", "Second step"), numbered=True),
    Facts((("Owner", "Head of Custody"),)),
    Heading("Overdue", 2),
    Together((Heading("Action 2025/03", 3), Quotation("It is done", "Sergeant"))),
    Notice("Beware"),
    Table(
        "Decided",
        ("Action", "What"),
        (("2025/04", "Closed"), ("2025/05", "Held")),
        (1, 3),
    ),
    Paragraph(Run("The plan", link="https://force.example/plan")),
)
WORDS = [
    *("3 closures to decide", "1 Action tracker", "Plain strong slanted"),
    *("Beside the point", "First bullet", "Second bullet", "Second step"),
    *("Owner: Head of Custody", "Action 2025/03", "“It is done”", "Sergeant", "Beware"),
    *("Decided", "2025/04", "Closed", "Held", "The plan"),
]


def test_the_pdf_says_it_all_and_is_tagged_with_language_and_title() -> None:
    pdf = pdf_of(*EVERYTHING)
    root: Any = pdf.trailer["/Root"]
    text = text_of_pdf(pdf)
    assert [words for words in WORDS if words not in text] == []
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Briefing: Workforce"
    assert pdf.metadata.author == "Office of the Commissioner"
    assert "pdfuaid:part" in root["/Metadata"].get_data().decode()
    assert [mark["/Title"] for mark in _flat(pdf.outline)] == [
        *("1 Action tracker", "Overdue", "Action 2025/03")
    ]
    notes: Any = pdf.pages[0]["/Annots"]
    assert [note.get_object()["/A"]["/URI"] for note in notes] == [
        "https://force.example/plan"
    ]


def _flat(outline: Any) -> list[Any]:
    found = []
    for one in outline:
        found += _flat(one) if isinstance(one, list) else [one]
    return found


def test_the_word_file_says_it_all_in_real_styles() -> None:
    word = word_of(*EVERYTHING)
    text = text_of_word(word)
    styles = {p.text: p.style.name for p in word.paragraphs}
    about = word.core_properties
    assert [words for words in WORDS if words not in text] == []
    assert (about.title, about.language) == ("Briefing: Workforce", "en-GB")
    assert (about.author, about.comments) == ("Office of the Commissioner", "")
    assert styles["Briefing: Workforce"] == "Title"
    assert styles["1 Action tracker"] == "Heading 1"
    assert styles["Overdue"] == "Heading 2"
    assert styles["First bullet"] == "List Bullet"
    assert styles["Second step"] == "List Number"
    assert styles["“It is done”"] == "Quote"
    languages = {
        lang.get(qn("w:val")) for lang in word.styles.element.iter(qn("w:lang"))
    }
    assert languages == {"en-GB"}
    assert [link.address for p in word.paragraphs for link in p.hyperlinks] == [
        "https://force.example/plan"
    ]


LONG_TABLE = Table(
    "Decided",
    ("Reference", "Wording"),
    tuple((f"{n}", "words " * 40) for n in range(40)),
    (1, 3),
)


def test_each_page_has_the_marking_and_its_number_and_the_tables_header() -> None:
    pages = [page.extract_text() for page in pdf_of(LONG_TABLE).pages]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert page.startswith("OFFICIAL-SENSITIVE")
        assert f"Page {number} of {len(pages)}" in page
        assert "Reference" in page


def test_word_repeats_marking_number_and_the_tables_header() -> None:
    word = word_of(LONG_TABLE)
    section, rows = word.sections[0], word.tables[0].rows
    foot = section.footer.paragraphs[0]._p
    assert section.header.paragraphs[0].text == "OFFICIAL-SENSITIVE"
    assert [field.get(qn("w:instr")) for field in foot.iter(qn("w:fldSimple"))] == [
        *("PAGE", "NUMPAGES")
    ]
    assert rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert rows[1]._tr.trPr.find(qn("w:tblHeader")) is None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)


def test_no_page_ends_inside_what_stays_together() -> None:
    blocks = [
        Together(
            (Heading(f"Action {n}"), Paragraph("text " * 150), Paragraph(f"End {n}"))
        )
        for n in range(12)
    ]
    pages = [page.extract_text() for page in pdf_of(*blocks).pages]
    assert len(pages) > 2
    for n in range(12):
        inside = [page for page in pages if f"Action {n}\n" in page]
        assert [f"End {n}" in page for page in inside] == [True]
    paragraphs = word_of(*blocks).paragraphs[2:5]
    assert [p.paragraph_format.keep_with_next for p in paragraphs] == [True, True, None]
    assert all(p.paragraph_format.keep_together for p in paragraphs)


def test_what_no_page_can_hold_goes_on_to_the_next() -> None:
    pdf = pdf_of(Together((Paragraph("words " * 3000), Paragraph("The end"))))
    assert len(pdf.pages) > 2
    assert "The end" in pdf.pages[-1].extract_text()


def test_each_numbered_list_begins_at_one() -> None:
    two = [Bullets(("One", "Two"), numbered=True)] * 2
    text = text_of_pdf(pdf_of(*two))
    assert text.count("1. One") == 2
    used = [
        p._p.pPr.numPr.numId.val for p in word_of(*two).paragraphs if p.text == "One"
    ]
    assert len(set(used)) == 2


MARKUP = [
    '#import "secret.typ": *',
    "#sys.inputs $x^2$ *bold* _slanted_ `code` <label> @label",
    "= Not a heading",
    "<w:p>&amp;</w:p> ]]> <script>alert(1)</script>",
    "{{ settings.SECRET_KEY }} {% now %}",
    "=HYPERLINK(1)",
]


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_text(text: str) -> None:
    everywhere = (
        Heading(text),
        Lead(text),
        Paragraph((text, strong(text))),
        Bullets((text,)),
        Facts(((text, text),)),
        Quotation(text, text),
        Notice(text),
        Table(text, (text,), ((text,),), (1,)),
    )
    about: dict[str, Any] = {
        "title": text,
        "marking": text,
        "author": text,
        "subtitle": (text,),
    }
    pdf, word = pdf_of(*everywhere, **about), word_of(*everywhere, **about)
    # A line may break inside it.
    said = "".join(text_of_pdf(pdf).split())
    assert said.count("".join(text.split())) >= 14
    assert text_of_word(word).count(text) >= 13
    assert pdf.metadata is not None
    assert pdf.metadata.title == word.core_properties.title == text


def test_what_no_document_can_hold_is_dropped() -> None:
    text = "a\x00b\x0bc\x1bd\ud800e\ufffef\ufeffg\u202eh\r\ni\x85j"
    assert plain(text) == "abcdefgh\ni\nj"
    assert "abcdefgh" in text_of_pdf(pdf_of(Paragraph(text), title=f"{text} title"))
    assert "abcdefgh\ni\nj" in text_of_word(word_of(Paragraph(text), title=text))
    table = Table(text, (text,), ((text,),), (1,))
    assert [text_of_word(word_of(table)).count("abcdefgh")] == [3]


def test_words_of_other_scripts_are_shown_or_named() -> None:
    text = "Łódź – “ok” שלום مرحبا Ελλάδα 😀 ✓"
    pdf = text_of_pdf(pdf_of(Paragraph(text), Paragraph(strong(text))))
    assert "Łódź – “ok”" in pdf
    assert "Ελλάδα 😀 ✓" in pdf
    assert text in text_of_word(word_of(Paragraph(text)))
    # No glyph in the font that comes along: better its name than an empty box.
    assert "[thumbs up sign]" in text_of_pdf(pdf_of(Paragraph("👍")))
    assert "[cjk unified ideograph-4e2d]" in text_of_pdf(pdf_of(Heading("中")))


def test_a_word_of_5000_letters_stays_on_the_page_and_is_copied_whole() -> None:
    word = "W" * 5000
    table = Table("Table", ("A", "B"), (("short", word),), (1, 3))
    pdf = pdf_of(Heading(word[:500]), Paragraph(f"x {word}"), table)
    lines = text_of_pdf(pdf).split("\n")
    assert max(line.count("W") for line in lines) < 80
    assert sum(line.count("W") for line in lines) >= 10_500
    assert not any("W W" in line for line in lines)
    assert text_of_word(word_of(table)).count(word) == 1


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "//host", "http://[", "x\x00"]
)
def test_only_a_web_address_becomes_a_link(link: str) -> None:
    paragraph = Paragraph(Run("here", link=link))
    assert "/Annots" not in pdf_of(paragraph).pages[0]
    assert not any(p.hyperlinks for p in word_of(paragraph).paragraphs)
    assert "here" in text_of_word(word_of(paragraph))


def test_empty_and_very_long_things_are_written() -> None:
    long = "T" * 400
    blocks = (Paragraph(""), Bullets(()), Facts(()), Table("None", ("A",), (), (1,)))
    assert len(pdf_of(*blocks, title=long, subtitle=()).pages) == 1
    assert word_of(*blocks, title=long).core_properties.title == "T" * 255
    assert runs(("", Run(""))) == []
    empty = (Heading("\u202e "), Quotation("", ""), Lead(""), Notice(""))
    assert "Untitled" in text_of_pdf(pdf_of(*empty))
    assert "Untitled" in text_of_word(word_of(*empty))


def test_a_table_with_a_cell_too_few_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="needs as many cells"):
        Table("Decided", ("A", "B"), (("one",),), (1, 1))


def test_what_would_not_be_accessible_is_refused_and_says_why() -> None:
    with pytest.raises(CalledProcessError) as refused:
        write_pdf(document(Heading("Too deep", 2)))
    assert "the first heading must be of level 1" in "".join(refused.value.__notes__)


@pytest.mark.parametrize("file_format", ["pdf", "docx"])
def test_a_download_is_an_attachment_that_nobody_keeps(file_format: str) -> None:
    response = download(
        document(), file_format=file_format, name="Übersicht of\r\n2025-05-30"
    )
    start = {"pdf": b"%PDF-", "docx": b"PK"}[file_format]
    assert response.content.startswith(start)
    assert response["Content-Disposition"] == (
        f'attachment; filename="ubersicht-of-2025-05-30.{file_format}"'
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("file_format", ["", "PDF", "html", "../pdf", "\x00"])
def test_there_is_no_other_format(file_format: str) -> None:
    with pytest.raises(Http404):
        download(document(), file_format=file_format, name="briefing")
