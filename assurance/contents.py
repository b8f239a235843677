"""Whether the bytes of a file are what the ending of its name says.

Nothing here opens a document: signatures, tables of contents and sizes are read, so
that a file made to harm whoever opens or unpacks it does no harm while it is looked
at. A file that is two things at once (an image that a browser could also take for a
page) is refused as well.

Each check raises ``Wrong`` with what is the matter, to follow the file's name.
"""

import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from django.db.models.enums import TextChoices


class Kind(TextChoices):
    """What may be handed in, by the ending of its name."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "Word document"
    XLSX = "xlsx", "Excel workbook"
    PPTX = "pptx", "PowerPoint presentation"
    ODT = "odt", "OpenDocument text"
    ODS = "ods", "OpenDocument spreadsheet"
    ODP = "odp", "OpenDocument presentation"
    PNG = "png", "PNG image"
    JPEG = "jpeg", "JPEG image"
    TXT = "txt", "Text"
    CSV = "csv", "CSV"


# What a browser could take for a page or run. Three letters at least: shorter names
# turn up in images by chance. No ends of elements: a PDF begins with "<</Title".
_MARKUP = (
    rb"!--|!doctype|(?:html|head|body|title|meta|base|link|style|script|svg|"
    rb"math|iframe|frame|frameset|object|embed|applet|img|image|video|audio|form|input|"
    rb"button|details|table|template|div|span|marquee|foreignobject)\b"
)
# What holds none of it, in one go: to begin again at each "<" of many takes minutes.
_NO_MARKUP = re.compile(
    rb"[^<]*+(?:<[<\s]*+(?!" + _MARKUP + rb")[^<]*+)*+", re.IGNORECASE
)
# What makes a file another kind of file as well when it follows the end of this one.
_ANOTHER_FILE = re.compile(rb"PK\x03\x04|PK\x05\x06|%PDF-")
_STREAM = re.compile(rb"(?<!\w)stream[ \t]*+(?:\r\n?|\n)")
_HEAD = 1024
_TWO_THINGS = "holds a web page or a script besides, so it is not safe to pass on"

# Office documents are ZIP archives. A large one has some hundred parts.
PARTS_MOST = 5000
EXPANDED_MOST = 200 * 1024 * 1024
_DIRECTORY_MOST = 2 * 1024 * 1024
_END_OF_ZIP = struct.Struct("<4s4H2LH")

_MAIN_PART = {
    Kind.DOCX: re.compile(r"word/document\d*\.xml"),
    Kind.XLSX: re.compile(r"xl/workbook\d*\.xml"),
    Kind.PPTX: re.compile(r"ppt/presentation\d*\.xml"),
}
_MEDIA_TYPE = {
    Kind.ODT: b"application/vnd.oasis.opendocument.text",
    Kind.ODS: b"application/vnd.oasis.opendocument.spreadsheet",
    Kind.ODP: b"application/vnd.oasis.opendocument.presentation",
}
_MACROS = re.compile(r"(?:^|/)vba(?:project|data)[^/]*$|^(?:Basic|Scripts)/", re.I)
_HAS_MACROS = "holds macros. Save it without macros and choose it again"

# Of an image: the largest have some thousand.
_SEGMENTS_MOST, _CHUNKS_MOST = 10_000, 100_000

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_PADDING = re.compile(rb"\xff++")
# Escaped bytes and restart marks belong to a picture's data.
_SCAN = re.compile(rb"[^\xff]*+(?:\xff++[\x00\xd0-\xd7][^\xff]*+)*+")
# Tab, line feed, form feed and carriage return are text; other control bytes are not.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


# What reading a damaged archive may end in.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    KeyError,
    RuntimeError,  # of zipfile too, for an archive it cannot read
    EOFError,
    ValueError,
    OverflowError,
    OSError,
)


class Wrong(Exception):
    """The content is not what the name says, or does harm."""


def check_content(file: BinaryIO, kind: str) -> None:
    """Refuse content that is not of this kind; leaves the file at its beginning."""
    file.seek(0)
    try:
        head = file.read(_HEAD)
        if head.startswith(_OLD_OFFICE):
            raise Wrong(
                "is protected by a password or of an old version of Office. Save it "
                "without a password, in today's format or as PDF, and choose that"
            )
        if kind not in (Kind.TXT, Kind.CSV) and _has_markup(head):
            raise Wrong(_TWO_THINGS)
        file.seek(0)
        if kind in _MAIN_PART or kind in _MEDIA_TYPE:
            _check_office(file, Kind(kind))
        else:
            _CHECKS[Kind(kind)](file.read())
    finally:
        file.seek(0)


def _not_a(what: str) -> Wrong:
    return Wrong(
        f"is not {what}, whatever its name says, or it is damaged. Save it again in "
        "the program it was made with and choose that"
    )


def _has_markup(data: bytes, start: int = 0, end: int = sys.maxsize) -> bool:
    clean = _NO_MARKUP.match(data, start, end)
    return clean is not None and clean.end() < min(end, len(data))


def _refuse_after_end(rest: bytes) -> None:
    if _has_markup(rest) or _ANOTHER_FILE.search(rest):
        raise Wrong(_TWO_THINGS)


def _check_pdf(data: bytes) -> None:
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-_HEAD:]:
        raise _not_a("a PDF")
    # A PDF that was changed afterwards has more after its first end; a page has not.
    is_past_end = False
    for start, end in _outside_streams(data):
        if not is_past_end:
            start = data.find(b"%%EOF", start, end)
            is_past_end = start >= 0
        if is_past_end and _has_markup(data, start, end):
            raise Wrong(_TWO_THINGS)
    _refuse_after_end(data[data.rindex(b"%%EOF") :])


def _outside_streams(data: bytes) -> Iterator[tuple[int, int]]:
    """Where something stands that is no picture or font; those hold any letters."""
    at = 0
    while stream := _STREAM.search(data, at):
        end = data.find(b"endstream", stream.end())
        if end < 0:
            break
        yield at, stream.end()
        at = end
    yield at, len(data)


def _check_png(data: bytes) -> None:
    """Each chunk, with its checksum, from the header to the end and nothing after."""
    if not data.startswith(_PNG + b"\x00\x00\x00\rIHDR"):
        raise _not_a("a PNG image")
    at, seen = len(_PNG), set()
    for _ in range(_CHUNKS_MOST):
        if at + 12 > len(data):
            break
        (length,) = struct.unpack_from(">L", data, at)
        end = at + 12 + length
        if end > len(data):
            break
        name, body = data[at + 4 : at + 8], data[at + 8 : end - 4]
        if zlib.crc32(name + body) != struct.unpack_from(">L", data, end - 4)[0]:
            break
        if name in (b"tEXt", b"iTXt", b"zTXt") and _has_markup(body):
            raise Wrong(_TWO_THINGS)
        seen.add(name)
        at = end
        if name == b"IEND" and b"IDAT" in seen:
            _refuse_after_end(data[end:])
            if data[end:].strip(b"\x00\r\n"):
                break
            return
    raise _not_a("a PNG image")


def _check_jpeg(data: bytes) -> None:
    """Each segment up to the end of the image; cameras write some more after it."""
    if not data.startswith(_JPEG):
        raise _not_a("a JPEG image")
    at, has_scan = 2, False
    for _ in range(_SEGMENTS_MOST):
        at = _last_of_padding(data, at)
        if data[at : at + 2] == b"\xff\xd9" and has_scan:
            _refuse_after_end(data[at + 2 :])
            return
        if at + 4 > len(data) or data[at] != 0xFF:
            break
        marker = data[at + 1]
        (length,) = struct.unpack_from(">H", data, at + 2)
        if length < 2:
            break
        if marker == 0xFE and _has_markup(data, at, at + 2 + length):  # a comment
            raise Wrong(_TWO_THINGS)
        at += 2 + length
        if marker == 0xDA:
            has_scan = True
            picture = _SCAN.match(data, at)
            at = picture.end() if picture else len(data)
    raise _not_a("a JPEG image")


def _last_of_padding(data: bytes, at: int) -> int:
    """Any number of 0xFF may stand before a marker; its own is the last."""
    padding = _PADDING.match(data, at)
    return padding.end() - 1 if padding else at


def _check_text(data: bytes) -> None:
    """Text in UTF-8, UTF-16 with its mark, or the Western European encoding."""
    text = decoded(data)
    if text is None or _CONTROLS.search(text):
        raise _not_a("a text file")
    if data.startswith(b"%PDF-"):
        raise _not_a("a text file")
    if _has_markup(text.encode("utf-8", "replace")):
        raise Wrong(
            "holds a web page or a script. Take that out, or save it as PDF, and "
            "choose it again"
        )


def decoded(data: bytes) -> str | None:
    """The text of these bytes, or None when they are in no encoding known here."""
    is_utf_16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if is_utf_16 else ["utf-8-sig", "cp1252"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


_CHECKS = {
    Kind.PDF: _check_pdf,
    Kind.PNG: _check_png,
    Kind.JPEG: _check_jpeg,
    Kind.TXT: _check_text,
    Kind.CSV: _check_text,
}


def _check_office(file: BinaryIO, kind: Kind) -> None:
    what = {Kind.DOCX: "a Word", Kind.XLSX: "an Excel", Kind.PPTX: "a PowerPoint"}
    wrong = _not_a(f"{what.get(kind, 'an OpenDocument')} file")
    if file.read(4) != b"PK\x03\x04":
        raise wrong
    _check_directory(file, wrong)
    try:
        with zipfile.ZipFile(file) as archive:
            check_parts(archive)
            names = set(archive.namelist())
            if kind in _MEDIA_TYPE:
                if archive.read("mimetype").strip() != _MEDIA_TYPE[kind]:
                    raise wrong
            elif "[Content_Types].xml" not in names or not any(
                _MAIN_PART[kind].fullmatch(name) for name in names
            ):
                raise wrong
            elif b"macroenabled" in archive.read("[Content_Types].xml").lower():
                raise Wrong(_HAS_MACROS)
            # Reads each part to the size it declares and no further.
            if archive.testzip() is not None:
                raise wrong
    except UNREADABLE as error:
        raise wrong from error


def _check_directory(file: BinaryIO, wrong: Wrong) -> None:
    """The list of an archive's parts stands at its very end, and is not endless."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_OF_ZIP.size))
    end = file.read()
    if len(end) != _END_OF_ZIP.size or end[:4] != b"PK\x05\x06":
        raise wrong
    _, _, _, _, parts, directory, _, comment = _END_OF_ZIP.unpack(end)
    if comment:
        raise wrong
    if parts > PARTS_MOST or directory > _DIRECTORY_MOST:
        raise Wrong(f"has more than {PARTS_MOST} parts, so it is not opened")
    file.seek(max(0, size - _END_OF_ZIP.size - 20))
    if file.read(4) == b"PK\x06\x07":  # for archives of 4 GB; these lists are longer
        raise wrong
    file.seek(0)


def check_parts(archive: zipfile.ZipFile) -> None:
    """Names, sizes and ways of packing: what can be said before anything is read."""
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > EXPANDED_MOST:
        raise Wrong(
            "is far larger inside than it looks, so it is not opened. Save it as PDF "
            "and choose that"
        )
    if not parts or min(part.header_offset for part in parts) != 0:
        raise ValueError("something stands before the archive")
    names = [part.filename for part in parts]
    if len(set(names)) != len(names):
        raise ValueError("two parts have one name")
    for part in parts:
        name = part.orig_filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            raise Wrong("would write outside its own folder when unpacked")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("compressed in a way no office program uses")
        if part.flag_bits & 0x1:
            raise Wrong(
                "is protected by a password. Take the password off and choose it again"
            )
        if _MACROS.search(name):
            raise Wrong(_HAS_MACROS)
