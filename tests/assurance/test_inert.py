"""Files that would run or fetch something where they are opened are refused, with what
was found and what to do; ordinary ones are not.
"""

import io
import time
import tracemalloc
import zlib
from contextlib import suppress
from typing import Any

import pytest
import typst
import xlsxwriter
from django.core.exceptions import ValidationError
from django.urls import reverse
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from pypdf import PdfWriter

from assurance import files
from assurance.contents import Wrong
from assurance.forms.fields import UploadField, UploadsField
from assurance.inert import check_inert
from assurance.models import StoredFile
from tests import documents as made
from tests.factories import AgendaItemFactory, upload

Kind = StoredFile.Kind
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def pdf(objects: bytes) -> bytes:
    return made.PDF.replace(b"trailer", objects + b"\ntrailer")


def packed(objects: bytes, said: bytes = b"/Type/ObjStm/Filter/FlateDecode") -> bytes:
    """Objects as newer PDFs hold them: zipped, with their numbers before them."""
    stream = zlib.compress(b"11 0 12 30 " + objects)
    return pdf(b"9 0 obj<<%s>>stream\r\n%s\r\nendstream endobj" % (said, stream))


def relations(kind: str, target: str, mode: str = "External") -> bytes:
    return (
        f'<?xml version="1.0"?><r:Relationships xmlns:r="http://schemas.openxmlformats'
        f".org/package/2006/relationships\"><r:Relationship Id='a' Target='{target}' "
        f'TargetMode="{mode}" Type="{_TYPES}/{kind}"/></r:Relationships>'
    ).encode()


def word(**parts: bytes) -> bytes:
    return made.ooxml("docx", **parts)


def excel(**parts: bytes) -> bytes:
    return made.ooxml("xlsx", **parts)


def linked(kind: str, target: str, **more: str) -> bytes:
    return word(**{"word___rels__document.xml.rels": relations(kind, target, **more)})


def field(*pieces: str) -> bytes:
    code = "".join(
        f'<w:instrText xml:space="preserve">{one}</w:instrText>' for one in pieces
    )
    return f'<w:p><w:fldChar w:t="begin"/>{code}<w:fldChar w:t="end"/></w:p>'.encode()


_JS = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
_PRINT = "Print it to PDF and choose that"
_ATTACHED = "has other files attached inside it. Save it as a PDF without attachments"
_TEMPLATE = (
    "would fetch a template from elsewhere when it is opened. In Word, attach the "
    "template Normal to it (Developer, then Document Template) and save it, or save it "
    "as PDF, and choose that"
)
_OLE = "holds an embedded object (OLE). Save it as PDF and choose that"
_XLM = "holds Excel 4 macros. Save it as PDF"
_ACTIVEX = "holds ActiveX controls. Save it as PDF"
_DDE = "holds a field that starts another program (DDE). Save it as PDF"

RUNNING: dict[str, tuple[str, bytes, str]] = {
    "script": (
        "a.pdf",
        pdf(b"5 0 obj<</OpenAction%s>>endobj" % _JS),
        "holds JavaScript",
    ),
    "escaped": ("a.pdf", pdf(b"5 0 obj<</S/#4aava#53cript/JS 6 0 R>>"), "JavaScript"),
    "by number": ("a.pdf", pdf(b"5 0 obj/JavaScript endobj"), "holds JavaScript"),
    "packed": ("a.pdf", packed(b"<</S/JavaScript>>"), f"it is opened. {_PRINT}"),
    "not said": ("a.pdf", packed(b"<</S /JavaScript>>", b"/Filter/Fl"), "JavaScript"),
    "program": ("a.pdf", pdf(b"5 0 obj<</S/Launch/F(cmd)>>"), "that starts a program"),
    "attached": ("a.pdf", pdf(b"5 0 obj<</EmbeddedFiles 6 0 R>>"), _ATTACHED),
    "a pin": ("a.pdf", packed(b"<</Subtype/FileAttachment>>"), _ATTACHED),
    "media": ("a.pdf", pdf(b"5 0 obj<</Subtype/RichMedia>>"), "film or other media"),
    "XFA": ("a.pdf", pdf(b"5 0 obj<</XFA 6 0 R>>"), "a form that runs scripts"),
    "odd": (
        "a.pdf",
        packed(b"", b"/Type/ObjStm/Filter[/ASCII85Decode]"),
        "is packed so",
    ),
    "locked": (
        "a.pdf",
        packed(b"").replace(b"/Root", b"/Encrypt 8 0 R/Root"),
        "is protected",
    ),
    "template": (
        "a.docx",
        linked("attachedTemplate", "https://a.example/b.dotm"),
        _TEMPLATE,
    ),
    "template of a share": (
        "a.docx",
        linked("attachedTemplate", r"\\a\b.dotm"),
        _TEMPLATE,
    ),
    "template by name": (
        "a.docx",
        linked("attachedTemplate", "file://a.example/b.dotm"),
        _TEMPLATE,
    ),
    "template in letters": (
        "a.docx",
        linked("attached&#84;emplate", "&#104;ttp://a.example/", mode="E&#120;ternal"),
        _TEMPLATE,
    ),
    "picture": ("a.docx", linked("image", "http://a.example/b.png"), "fetch a picture"),
    "frame": ("a.docx", linked("frame", "http://a.example/"), "fetch something from"),
    "object link": (
        "a.docx",
        linked("oleObject", r"file:///C:\a.exe"),
        "fetch an object",
    ),
    "object": ("a.docx", word(word__embeddings__o1=made.OLE), _OLE),
    "object said": ("a.docx", linked("oleObject", "x.dat", mode="Internal"), _OLE),
    "object in text": (
        "a.odt",
        made.archive(
            {
                "mimetype": b"application/vnd.oasis.opendocument.text",
                "Object 1": made.OLE,
            }
        ),
        _OLE,
    ),
    "RTF": ("a.docx", word(word__a__rtf=b"{\\rtf1}"), "an embedded document in RTF"),
    "ActiveX": ("a.docx", word(word__activeX__activeX1=b"<x/>"), _ACTIVEX),
    "control": (
        "a.xlsx",
        made.ooxml(
            "xlsx",
            xl___rels__a=b"",
            **{
                "xl__worksheets___rels__1.rels": relations(
                    "control", "../c.xml", "Internal"
                )
            },
        ),
        _ACTIVEX,
    ),
    "exe": (
        "a.docx",
        word(**{"payload.EXE": b""}),
        "macros inside (.exe). Save it as PDF",
    ),
    "MZ": ("a.docx", word(picture=made.EXE), "holds a program. Save it as PDF"),
    "macros in a file": (
        "a.docx",
        word(**{"word__embeddings__a.xlsm": b""}),
        "(.xlsm)",
    ),
    "in a file": (
        "a.docx",
        word(**{"word__embeddings__a.xlsx": excel(xl__macrosheets__a=b"")}),
        _XLM,
    ),
    "files in files": ("a.docx", word(a=word(b=word(c=word()))), "files within files"),
    "XLM": ("a.xlsx", excel(xl__macrosheets__sheet1=b"<x/>"), _XLM),
    "XLM elsewhere": (
        "a.xlsx",
        excel(
            **{
                "xl___rels__workbook.xml.rels": relations(
                    "xlMacrosheet", "s.xml", "Internal"
                )
            }
        ),
        _XLM,
    ),
    "DDE": (
        "a.xlsx",
        excel(
            **{
                "xl__externalLinks__1.xml": b"<e>"
                + b" " * 70_000
                + b'<ddeLink ddeService="cmd"/>'
            }
        ),
        "another program",
    ),
    "workbook": (
        "a.xlsx",
        excel(
            **{
                "xl__externalLinks___rels__1.rels": relations(
                    "externalLinkPath", "https://a.example/b.xlsx"
                )
            }
        ),
        "fetch another workbook",
    ),
    "DDE field": (
        "a.docx",
        word(**{"word__header1.xml": field(" DDEAUTO c:\\cmd ")}),
        _DDE,
    ),
    "DDE in pieces": (
        "a.docx",
        word(**{"word__a.xml": field(" D", "&#68;", "E cmd")}),
        _DDE,
    ),
    "DDE, wide": (
        "a.docx",
        word(**{"word__a.xml": field("DDE c").decode().encode("utf-16")}),
        _DDE,
    ),
    "DDE, simple": (
        "a.docx",
        word(**{"word__a.xml": b'<w:fldSimple w:instr=" dde x"/>'}),
        _DDE,
    ),
    "event": (
        "a.ods",
        made.archive(
            {
                "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                "content.xml": b"<a><script:event-listener x=''/>",
            }
        ),
        "another program",
    ),
    "CSV": (
        "a.csv",
        b"Month,Thefts\r\nMay,=cmd|' /C calc'!A0\r\n",
        "a formula that starts",
    ),
}


def check(name: str, content: bytes) -> None:
    files.check(upload(name, content))


@pytest.mark.parametrize("what", RUNNING)
def test_a_file_that_would_run_or_fetch_something_is_refused_by_what_it_holds(
    what: str,
) -> None:
    name, content, sentence = RUNNING[what]
    with pytest.raises(ValidationError) as refused:
        UploadField().clean(upload(name, content))
    assert refused.value.messages[0].startswith(f"“{name}” ")
    assert sentence in refused.value.messages[0]


def test_the_sentence_stands_beside_the_field_and_nothing_is_kept(
    as_: Any, staff: Any, files_dir: Any
) -> None:
    item = AgendaItemFactory()
    page = as_(staff).post(
        reverse("paper_new", args=[item.meeting_id, item.pk]),
        {"title": "Plan", "upload": upload(*RUNNING["template"][:2])},
    )
    assert page.status_code == 422
    assert page.text.count(f"“a.docx” {_TEMPLATE}") == 2  # on top and at the field
    assert not StoredFile.objects.exists()
    assert not [path for path in files_dir.rglob("*") if path.is_file()]


# What people really hand in

_ADDRESS = "https://developer.mozilla.org/docs/Web/JavaScript"
_TYPST = f"""
#set document(title: "Plan")
= Launch and JavaScript
#link("{_ADDRESS}")[Where] #link("https://force.example/a/EmbeddedFiles")[else] /Launch
#outline()
"""


def word_of_an_office() -> bytes:
    kept, document = io.BytesIO(), Document()
    to = document.part.relate_to
    to(_ADDRESS, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    to(
        r"file:///C:\Templates\Force.dotx",
        f"{_TYPES}/attachedTemplate",
        is_external=True,
    )
    document.add_picture(io.BytesIO(made.png()))
    document.add_paragraph("DDE is what we call it, and OLE, and JavaScript")
    document.save(kept)
    return kept.getvalue()


def excel_with_a_chart() -> bytes:
    kept, book = io.BytesIO(), Workbook()
    sheet = book.active
    for row in (["Month", "Thefts"], ["May", 12], ["=SUM(B2:B2)", "ddeLink"]):
        sheet.append(row)
    sheet["D1"].hyperlink = _ADDRESS
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2))
    sheet.add_chart(chart, "F5")
    book.save(kept)
    return kept.getvalue()


def excel_of_another_program() -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept) as book:
        sheet = book.add_worksheet()
        sheet.write_url("A1", _ADDRESS)
        sheet.write_comment("A2", "Seen")
        sheet.insert_image("B3", "a.png", {"image_data": io.BytesIO(made.png())})
    return kept.getvalue()


def pdf_packed_again(plain: bytes) -> bytes:
    """As other programs write it, with its objects compressed."""
    kept, writer = io.BytesIO(), PdfWriter(clone_from=io.BytesIO(plain))
    writer.add_metadata({"/Title": "Web/JavaScript", "/Subject": "HTML/JavaScript"})
    writer.write(kept)
    return kept.getvalue()


def test_what_people_hand_in_is_taken() -> None:
    printed = typst.compile(_TYPST.encode())
    assert b"JavaScript" in printed  # the address of a link
    check("plan.pdf", printed)
    check("plan.pdf", pdf_packed_again(printed))
    check("plan.pdf", packed(b"<</URI(https://a.example/S/JavaScript)/S/URI>>"))
    check("plan.pdf", packed(b"<</Title(HTML, CSS/JavaScript)/Launcher 1 0 R>>"))
    check("plan.docx", word_of_an_office())
    check("figures.xlsx", excel_with_a_chart())
    check("figures.xlsx", excel_of_another_program())
    # A chart in a document has its numbers with it, as a workbook.
    check("plan.docx", word(**{"word__embeddings__a.xlsx": excel_with_a_chart()}))
    check(
        "plan.docx", word(**{"word__document2.xml": field(" PAGE ") + field(" DATE ")})
    )
    check("figures.csv", b'Change,Note\r\n-12,"=A1|B1"\r\n+3,"a|b!"\r\n-,-\r\n')
    for name, content in made.GOOD.items():
        check(name, content)


HERE = (
    ("xlsx", "xlPathMissing", "Budget%202024.xlsx"),
    ("xlsx", "xlStartup", "PERSONAL.XLSB"),
    ("xlsx", "externalLinkLongPath", r"file:///C:\Budget\2024.xlsx"),
    ("xlsx", "externalLinkPath", "/Users/me/Budget%202024.xlsx"),
    ("xlsx", "externalLinkPath", "file:///Users/me/Budget.xlsx"),
    ("docx", "attachedTemplate", "file://localhost/Users/me/Normal.dotm"),
    ("docx", "attachedTemplate", "file:///Applications/Office/Force.dotx"),
)
ELSEWHERE = (
    *(
        (kind, target)
        for kind in ("xlPathMissing", "externalLinkLongPath", "externalLinkPath")
        for target in (
            "https://a.example/b.xlsx",
            r"\\share\b.xlsx",
            r"file:///\\share\b",
        )
    ),
    ("xlPathMissing", "//share/b.xlsx"),
    ("externalLinkPath", "file:////share/b.xlsx"),
    ("externalLinkPath", "file:///share/b.xlsx"),
    ("externalLinkPath", "file:///Users//share/b.xlsx"),
    ("externalLinkPath", "file:///%2fshare/b.xlsx"),
    ("externalLinkPath", "file:///Users/%5c%5cshare/b.xlsx"),
    ("externalLinkPath", "file://localhost//share/b.xlsx"),
    ("externalLinkPath", "file://localhost.example/b.xlsx"),
    ("externalLinkPath", "file://localhost@a.example/b.xlsx"),
)


def linked_from(ending: str, kind: str, target: str) -> bytes:
    return made.ooxml(ending, **{"a___rels__b.xml.rels": relations(kind, target)})


@pytest.mark.parametrize(("ending", "kind", "target"), HERE)
def test_a_link_to_the_machine_it_was_written_on_is_taken(
    ending: str, kind: str, target: str
) -> None:
    check(f"a.{ending}", linked_from(ending, kind, target))


@pytest.mark.parametrize(("kind", "target"), ELSEWHERE)
def test_a_link_to_a_workbook_on_the_network_is_refused_and_said_how_to_break_it(
    kind: str, target: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        check("a.xlsx", linked_from("xlsx", kind, target))
    assert refused.value.messages == [
        "“a.xlsx” would fetch another workbook from elsewhere when it is opened. In "
        "Excel, break the link (Data, then Edit Links) and save it, or save it as PDF, "
        "and choose that"
    ]


# What is made to be laborious

_MUCH = 19_000_000
LABORIOUS = {
    "names": (Kind.PDF, made.PDF + b"/" * _MUCH),
    "half names": (Kind.PDF, made.PDF + b"/JavaScrip(/Launc" * (_MUCH // 17)),
    "escapes": (Kind.PDF, made.PDF + b"/#4a" * (_MUCH // 4)),
    "addresses": (Kind.PDF, made.PDF + b"(" * _MUCH),
    "streams": (Kind.PDF, made.PDF + b"stream\nx\x9c" * (_MUCH // 9)),
    "objects": (Kind.PDF, made.PDF + b"/ObjStm " * (_MUCH // 8)),
    "bomb": (Kind.PDF, packed(b"/" * 400_000_000)),
    "bombs": (
        Kind.PDF,
        made.PDF + (b"stream\n" + zlib.compress(b"1 0 " + b" " * 9_000_000)) * 500,
    ),
    "commas": (Kind.CSV, b",=" * 2_500_000),
    "bars": (Kind.CSV, b",=|" * 1_700_000),
    "calls": (Kind.CSV, b",=a|'" * 1_000_000 + b"'!"),
    "names in cells": (Kind.CSV, b'"=' + b'"=a|b' * 1_000_000),
    "fields": (Kind.DOCX, word(**{"word__a.xml": b"<w:fldChar" * 10_000_000})),
    "pieces": (
        Kind.DOCX,
        word(**{"word__a.xml": b"<instrText <fldSimple instr=" * 3_000_000}),
    ),
    "tags": (Kind.ODT, made.archive({"content.xml": b"<" * 40_000_000})),
    "boxes": (
        Kind.DOCX,
        word(**{f"a{n}": word(b=b" " * 9_000_000) for n in range(30)}),
    ),
    "relations": (Kind.DOCX, word(**{"_rels__.rels": b"<a>" * 2_000_000})),
}


@pytest.mark.parametrize("what", LABORIOUS)
def test_looking_for_what_runs_costs_little_whatever_is_handed_in(what: str) -> None:
    kind, content = LABORIOUS[what]
    file = upload("a", content).file
    began = time.process_time()
    with suppress(Wrong):
        check_inert(file, kind)
    assert time.process_time() - began < 15
    assert file.tell() == 0


# What is packed is looked at in pieces; the first two end here.
_PLACES = range(1024 + 65_536 - 80, 1024 + 65_536 + 10)


@pytest.mark.parametrize("before", [b"  ", b"/A"], ids=["with gaps", "without a gap"])
def test_a_name_is_found_wherever_it_stands_in_what_is_packed(before: bytes) -> None:
    for place in _PLACES:
        filled = (before * place)[:place]
        with pytest.raises(ValidationError, match="JavaScript"):
            check("a.pdf", packed(filled + b"/JavaScript/JS 5 0 R>>"))


def test_an_address_that_goes_on_in_the_next_piece_is_still_an_address() -> None:
    address = b"(https://a.example/docs/Web/JavaScript)"
    for place in _PLACES:
        check("a.pdf", packed(b" " * place + b"<</URI" + address + b">>"))


CALLS = (
    "=cmd|'/C calc'!A0",
    "x, =cmd|'/C calc, it''s; done'!A0",
    "x;+cmd|'/C calc'!A0",
    "x\t-2+cmd|'/C calc'!A0",
    '"@SUM(1+1)*cmd|\'/C ""calc""\'!A0"',
    "=1 + 'cmd'|' /C calc'!'A 0'",
    "=excel|book!R1C1",
    "1\r=MSEXCEL|..\\..\\cmd.exe!$A$0",
)
NOTES = (
    "1,- Discussed | agreed!",
    "Name|Score|Comment\r\nA|-5|Well done!\r\n-5|Well done!",
    "-a | b, c!",
    "+44 20 7946 | call!",
    "@home | ok!\n@home|ok!",
    'x,"- one | two",Thanks!',
    'a,"=A1&""|""&B1&""!"""',
    "- burglary|robbery! Both fell",
    "=A1 | 'it' | 'that'!",
)


@pytest.mark.parametrize("text", CALLS)
def test_a_cell_that_calls_another_program_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="starts another program"):
        check("a.csv", text.encode())


@pytest.mark.parametrize("text", NOTES)
def test_a_cell_with_a_bar_and_a_mark_of_exclamation_is_taken(text: str) -> None:
    check("a.csv", text.encode())


def test_what_is_packed_is_never_in_memory_as_a_whole() -> None:
    file = upload("a.pdf", packed(b"<</A 1>> " * 4_000_000)).file
    tracemalloc.start()
    try:
        check_inert(file, Kind.PDF)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_files_chosen_together_may_cost_what_one_may() -> None:
    large = packed(b"<</A 1>> " * 4_000_000)
    alone = UploadsField().clean([upload("a.pdf", large)])
    assert [one.name for one in alone] == ["a.pdf"]
    with pytest.raises(ValidationError) as refused:
        UploadsField().clean([upload(f"{n}.pdf", large) for n in "abc"])
    b, c = refused.value.messages
    assert b.startswith("“b.pdf” holds far more inside")
    assert c.startswith("“c.pdf” holds far more inside")
    assert "Choose it by itself" in c
