"""Whatever a file is, its lines come out, or a sentence that says what to do."""

import io
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from meetings.reader.files.kinds import MOST_MEGABYTES, source_of
from meetings.reader.source import Refused, Source
from tests.meetings.reader.measuring import measured
from tests.meetings.reader.writing import docx_of, saved, typeset, word_xml

MINUTES = "Minutes of the Board\nDate: 4 May 2026\n\nACTION: Force to report back\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64)


def texts(source: Source) -> list[str]:
    return [line.text for line in source.lines]


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(Refused) as refused:
        source_of(data, name)
    return str(refused.value)


def a_docx(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return saved(document)


def a_pdf(text: str = "Minutes of the Board") -> bytes:
    return typeset('#set page(paper: "a4")\n#sys.inputs.text', text=text)


def blank_pages(count: int) -> PdfWriter:
    writer = PdfWriter()
    for _ in range(count):
        writer.add_blank_page(100, 100)
    return writer


def written(writer: PdfWriter) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


# Text


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"]
)
def test_text_is_read_in_every_encoding_it_is_saved_in(encoding):
    text = "Minutes of the Board\nVenue: Café Müller, £20\n"

    assert texts(source_of(text.encode(encoding), "a.txt")) == [
        "Minutes of the Board",
        "Venue: Café Müller, £20",
        "",
    ]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\u2028", "\x85"])
def test_lines_end_as_each_system_ends_them(end):
    data = f"One{end}Two{end}{end}Four".encode()

    assert texts(source_of(data, "a.txt")) == ["One", "Two", "", "Four"]


def test_a_form_feed_begins_a_page():
    source = source_of(b"One\n\x0cTwo\nThree\x0cFour", "a.txt")

    assert [(line.text, line.page) for line in source.lines] == [
        ("One", 1),
        ("Two", 2),
        ("Three", 2),
        ("Four", 3),
    ]
    assert [line.number for line in source.lines] == [1, 2, 3, 4]


def test_text_without_form_feeds_has_no_pages():
    assert {line.page for line in source_of(MINUTES.encode(), "a.txt").lines} == {None}


def test_marks_that_cannot_be_seen_are_no_part_of_the_words():
    text = "\u202bACTION\u200b: Chief\u00ad Con\u200dstable\u200f to report\ufeff"

    source = source_of(text.encode(), "a.txt")

    assert texts(source) == ["ACTION: Chief Constable to report"]


def test_right_to_left_text_is_read_in_the_order_it_is_spoken():
    text = "\u200fמועצת המשטרה\u200e – Minutes\nالإجراءات: تقرير"

    assert texts(source_of(text.encode("utf-16"), "a.txt")) == [
        "מועצת המשטרה – Minutes",
        "الإجراءات: تقرير",
    ]


def test_bullets_of_symbol_fonts_are_bullets():
    assert texts(source_of("\uf0b7 One point".encode(), "a.txt")) == ["• One point"]


def test_text_of_500_pages_is_read_and_more_is_refused():
    page = "A line of the minutes\n" * 40

    assert source_of("\f".join([page] * 500).encode(), "a.txt").lines[-1].page == 500
    assert refusal("\f".join([page] * 502).encode(), "a.txt") == (
        "“a.txt” has 502 pages; the most is 500. Make several files of it and choose "
        "each of them"
    )
    assert "more than 500 pages of text" in refusal(b"word\n" * 100_001, "a.txt")


# What is no text, Word or PDF, or has nothing in it


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "a.txt", "is empty"),
        (b"", "a.pdf", "is empty"),
        (b" \n\n\t\n", "a.txt", "has no words in it"),
        (b"\xef\xbb\xbf", "a.txt", "has no words in it"),
        ("\u200b\u200f".encode(), "a.txt", "has no words in it"),
        (bytes(range(256)), "a.txt", "is not a text file, whatever its name says"),
        (b"Minutes\x00of the board", "a.txt", "is not a text file"),
        (PNG, "a.txt", "is not a text file"),
        (PNG, "a.pdf", "is not a PDF, whatever its name says"),
        (PNG, "a.docx", "is not a Word file, whatever its name says"),
        (b"%PDF-1.7 but no more", "a.pdf", "is not a PDF"),
        (b"%PDF-1.7\nnothing\n%%EOF", "a.pdf", "is damaged"),
        (b"PK\x03\x04 but no more", "a.docx", "is not a Word file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.docx", "protected by a password or"),
        (b"{\\rtf1 Minutes}", "a.rtf", "cannot be read. Save it as DOCX, PDF or text"),
        (b"anything", "Minutes.doc", "cannot be read. Save it as DOCX, PDF or text"),
        (b"anything", "a.odt", "cannot be read. Save it as DOCX, PDF or text"),
        (PNG, "a.png", "is a picture, so there is no text to read in it"),
        (b"anything", "a.msg", "is an e-mail"),
        (b"anything", "minutes", "is not minutes in Word, PDF or text"),
        (b"anything", "a.xlsx", "is not minutes in Word, PDF or text"),
        (b"anything", "", "is not minutes in Word, PDF or text"),
        (b" " * (MOST_MEGABYTES * 1024 * 1024 + 1), "a.txt", "larger than 25 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(data, name, why):
    said = refusal(data, name)

    assert said.startswith(f"“{name}” ")
    assert why in said
    assert len(said) < 260


def test_one_kind_of_file_under_the_name_of_another_is_refused():
    assert "is not a PDF, whatever its name says" in refusal(a_docx("Minutes"), "a.pdf")
    assert "is not a Word file, whatever its name says" in refusal(a_pdf(), "a.docx")
    assert "is not a text file, whatever its name says" in refusal(a_pdf(), "a.txt")
    assert "is not a text file" in refusal(a_docx("Minutes"), "a.txt")


def test_a_name_cannot_make_a_sentence_unreadable():
    said = refusal(b"", "\u202e" + "a" * 500 + "\n.txt")

    assert said.startswith(f"“{'a' * 60}…” is empty")


# PDF


def test_a_pdf_with_a_password_is_refused():
    writer = blank_pages(1)
    writer.encrypt("secret", algorithm="RC4-128")

    assert refusal(written(writer), "a.pdf") == (
        "“a.pdf” is protected by a password. Save it without one, and choose that"
    )


def test_a_scan_is_said_to_be_one():
    scan = typeset("#rect(width: 5cm, height: 5cm, fill: gray)")

    assert refusal(scan, "a.pdf").startswith(
        "“a.pdf” has no text in it: it is a scan. Run text recognition"
    )


def test_a_page_without_text_is_said():
    source = source_of(typeset("Minutes\n#pagebreak()\n#pagebreak()\nAOB"), "a.pdf")

    assert source.warnings == ("Page 2 has no text: blank or a scan.",)


def test_a_pdf_of_more_than_500_pages_is_refused():
    assert "has 501 pages; the most is 500" in refusal(
        written(blank_pages(501)), "a.pdf"
    )


# Word files made to do harm


def test_a_word_file_without_words_is_refused():
    assert "has no words in it" in refusal(a_docx(), "a.docx")


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY leak SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE x [<!ENTITY leak SYSTEM "http://127.0.0.1:9/">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY leak "words">]>',
        '<!DOCTYPE x [<!ENTITY a "words words"><!ENTITY leak "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>',
    ],
)
@pytest.mark.parametrize("part", ["document", "styles", "numbering", "header1"])
def test_a_word_file_with_entities_is_refused_and_fetches_nothing(declared, part):
    body = "<w:p><w:r><w:t>Minutes{}</w:t></w:r></w:p>"
    parts = {"document": word_xml(body.format(""))}
    leak = body.format("" if "% p" in declared else "&leak;")
    parts[part] = declared + word_xml(leak, part.rstrip("1"))

    said = refusal(docx_of(parts.pop("document"), **parts), "a.docx")

    assert "refers to text outside itself, which Word never does" in said


@pytest.mark.parametrize(
    "document",
    ["", "<w:p/>", "<html/>", word_xml("<w:p>")[:-4], "\ufffe", "<a/>" * 3],
)
def test_a_word_file_of_other_xml_is_refused(document):
    assert refusal(docx_of(document), "a.docx").startswith("“a.docx” ")


def test_a_table_in_a_table_without_end_is_refused():
    deep = "<w:tbl><w:tr><w:tc>" * 200 + "</w:tc></w:tr></w:tbl>" * 200

    assert refusal(docx_of(word_xml(deep)), "a.docx").startswith("“a.docx” is damaged")


def test_a_zip_bomb_is_not_opened():
    bomb = docx_of(bytes(210 * 1024 * 1024))

    assert len(bomb) < 300_000
    assert "is far larger inside than it looks" in refusal(bomb, "a.docx")


# Time and memory


def _huge_table() -> bytes:
    row = f"<w:tr>{'<w:tc><w:p><w:r><w:t>Cell</w:t></w:r></w:p></w:tc>' * 3}</w:tr>"
    return docx_of(word_xml(f"<w:tbl>{row * 250_000}</w:tbl>"))


def _huge_row() -> bytes:
    cell = "<w:tc><w:p><w:r><w:t>Words</w:t></w:r></w:p></w:tc>"
    return docx_of(word_xml(f"<w:tbl><w:tr>{cell * 1_000_000}</w:tr></w:tbl>"))


def _huge_part() -> bytes:
    return docx_of(word_xml("<w:p/>"), numbering=" " * (150 * 1024 * 1024))


def _pages_500() -> bytes:
    return typeset(
        '#set page(paper: "a4")\n'
        "#for n in range(1, 501) [== #n. Heading\n#lorem(420)\n\n"
        "ACTION: Force to report\n#pagebreak(weak: true)]"
    )


_HEAVY = {
    "huge_table.docx": (_huge_table, "has tables of more than 30,000 rows"),
    "huge_row.docx": (_huge_row, "memory"),
    "huge_part.docx": (_huge_part, "is far larger inside than minutes are"),
    "bomb.docx": (lambda: docx_of(bytes(190 * 1024 * 1024)), "is far larger inside"),
    "pages.pdf": (_pages_500, " lines"),
    "pages.txt": (lambda: b"The board noted what it was told.\n" * 22_500, " lines"),
    "too_long.txt": (lambda: b"word\n" * 5_000_000, "is more than 500 pages of text"),
}


@pytest.fixture(scope="module")
def least(tmp_path_factory: pytest.TempPathFactory) -> float:
    """Megabytes that reading next to nothing takes."""
    path = tmp_path_factory.mktemp("least") / "nothing.txt"
    path.write_bytes(b"Minutes")
    return measured(path).megabytes


@pytest.mark.parametrize("name", _HEAVY)
def test_whatever_it_is_takes_less_than_ten_seconds_and_200_megabytes(
    tmp_path: Path, name: str, least: float
):
    make, expected = _HEAVY[name]
    path = tmp_path / name
    path.write_bytes(make())

    took = measured(path)

    assert expected in took.answer
    assert took.seconds < 10
    assert took.megabytes - least < 200


# Anything at all


def _is_read_or_refused(data: bytes, name: str) -> None:
    try:
        lines = source_of(data, name).lines
    except Refused:
        return
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert not any(set(line.text) & set("\n\r\f\0") for line in lines)


@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.pdf", "a.docx", "a"]))
def test_any_bytes_are_read_or_refused(data, name):
    _is_read_or_refused(data, name)


@given(st.text(max_size=400), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_text_is_read_or_refused(text, encoding):
    _is_read_or_refused(text.encode(encoding, "replace"), "a.txt")


@settings(max_examples=60)
@given(st.data())
def test_a_pdf_or_word_file_with_any_bytes_changed_is_read_or_refused(data):
    name, whole = data.draw(st.sampled_from([("a.docx", _DOCX), ("a.pdf", _PDF)]))
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at] = data.draw(st.integers(0, 255))

    _is_read_or_refused(bytes(changed), name)


_TAGS = "p r tbl tr tc sdt sdtContent ins del pPr rPr txbxContent tcPr hyperlink"
_XML = st.recursive(
    st.sampled_from(
        ["<w:t>One</w:t>", "<w:tab/>", "<w:br/>", '<w:sym w:char="F0B7"/>', "<w:t/>"]
    ),
    lambda inner: st.builds(
        lambda tag, children: f"<w:{tag}>{''.join(children)}</w:{tag}>",
        st.sampled_from(_TAGS.split()),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)


@given(_XML)
def test_word_xml_in_any_order_is_read_or_refused(body):
    _is_read_or_refused(docx_of(word_xml(body)), "a.docx")


_DOCX = docx_of(word_xml("<w:p><w:r><w:t>Minutes of the Board</w:t></w:r></w:p>"))
_PDF = a_pdf()
