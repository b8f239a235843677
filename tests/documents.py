"""Small files of each kind that may be handed in, as bytes."""

import io
import struct
import zipfile
import zlib

from docx import Document
from openpyxl import Workbook

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\xd2\xff\x00\xcf\xff\xd0\x20"
    b"\xff\xd9"
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
EXE = b"MZ\x90\0\x03\0\0\0" + b"\0" * 200 + b"This program cannot be run in DOS mode"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.domain)</script>"

_ODF = "application/vnd.oasis.opendocument"


def png(text: bytes = b"", after: bytes = b"") -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        crc = zlib.crc32(name + body)
        return struct.pack(">L", len(body)) + name + body + struct.pack(">L", crc)

    header = struct.pack(">LLBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    if text:
        chunks.insert(2, (b"tEXt", b"Comment\0" + text))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks) + after


def archive(parts: dict[str, bytes], *, compressed: bool = True) -> bytes:
    made = io.BytesIO()
    how = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(made, "w", how) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return made.getvalue()


def ooxml(kind: str, **parts: bytes) -> bytes:
    """The least of an Office file; ``parts`` are added, "/" written as "__"."""
    main = {
        "docx": "word/document.xml",
        "xlsx": "xl/workbook.xml",
        "pptx": "ppt/presentation.xml",
    }[kind]
    return archive(
        {"[Content_Types].xml": b"<Types/>", main: b"<document/>"}
        | {name.replace("__", "/"): content for name, content in parts.items()}
    )


def odf(kind: str) -> bytes:
    of = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}[kind]
    media_type = f"{_ODF}.{of}".encode()
    return archive({"mimetype": media_type, "content.xml": b"<office/>"})


def word() -> bytes:
    made, document = io.BytesIO(), Document()
    document.add_paragraph("The plan is written")
    document.save(made)
    return made.getvalue()


def excel() -> bytes:
    made, workbook = io.BytesIO(), Workbook()
    workbook.active.append(["Month", "Thefts"])
    workbook.save(made)
    return made.getvalue()


GOOD = {
    "plan.pdf": PDF,
    "plan.docx": word(),
    "figures.xlsx": excel(),
    "talk.pptx": ooxml("pptx"),
    "plan.odt": odf("odt"),
    "figures.ods": odf("ods"),
    "talk.odp": odf("odp"),
    "poster.png": png(b"Made by the press office"),
    "street.jpg": JPEG,
    "street.JPEG": JPEG + b"\0" * 10,
    "notes.txt": "We began – at last. Is 3 < 5? <b@force.example>".encode(),
    "old.txt": "Caf\xe9 \x93open\x94".encode("latin-1"),
    "wide.txt": "Café".encode("utf-16"),
    "figures.csv": b"Month,Thefts\r\nMay,12\r\n",
}
