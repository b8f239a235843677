"""Whether a file would run something, or fetch something, when its reader opens it.

A PDF is looked through as bytes, its compressed objects included, and an office
document by the names, the beginnings and the relations of its parts. That finds what
the ordinary ways of making such a file leave in it. It is no virus scanner: what hides
behind a fault of a program, or is wrapped with more care, is not found here.

Each check raises ``Wrong`` with what was found and what to do about it, to follow the
file's name. Ask ``check_content`` before: a file is what its name says.
"""

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from lxml import etree

from assurance.contents import UNREADABLE, Kind, Wrong, check_parts, decoded

_OPENXML = (Kind.DOCX, Kind.XLSX, Kind.PPTX)
_OPEN_DOCUMENT = (Kind.ODT, Kind.ODS, Kind.ODP)
_AS_PDF = "Save it as PDF and choose that"
_PRINTED = "Print it to PDF and choose that"
# How much is unpacked to look through it, and how often something small is looked at:
# many times what the files of an office have.
_BYTES_MOST = 48 * 1024 * 1024
_TIMES_MOST = 50_000
_PIECE = 64 * 1024
_DEEPEST = 2
# As far back as a window is cut to end where something ends.
_LONGEST_TAG = 4096


@dataclass
class Work:
    """What may still be done for files that are handed in together."""

    bytes_left: int = _BYTES_MOST
    times_left: int = _TIMES_MOST

    def spend(self, size: int = 0) -> None:
        self.bytes_left -= size
        self.times_left -= not size
        if self.bytes_left < 0 or self.times_left < 0:
            raise Wrong(
                "holds far more inside than it seems, so it cannot be looked through. "
                "Choose it by itself, or print it to PDF and choose that"
            )


def check_inert(file: BinaryIO, kind: str, work: Work | None = None) -> None:
    """Refuse what would run; leaves the file at its beginning.

    Give the same ``work`` for all files of a form, so that many cost what one may.
    """
    work = work or Work()
    file.seek(0)
    try:
        if kind == Kind.PDF:
            _check_pdf(file.read(), work)
        elif kind == Kind.CSV:
            _check_csv(file.read())
        elif kind in (*_OPENXML, *_OPEN_DOCUMENT):
            with zipfile.ZipFile(file) as archive:
                _check_archive(archive, work)
    except UNREADABLE as error:
        raise Wrong(f"holds a part that cannot be read. {_AS_PDF}") from error
    finally:
        file.seek(0)


# PDF

_NAMES = {
    "JavaScript": f"holds JavaScript, which would run when it is opened. {_PRINTED}",
    "Launch": f"holds an action that starts a program. {_PRINTED}",
    "EmbeddedFiles?|FileAttachment|GoToE": (
        "has other files attached inside it. Save it as a PDF without attachments, "
        "choose that, and add each of them as a file of its own"
    ),
    "RichMedia|Rendition": f"holds a film or other media that run in it. {_PRINTED}",
    "XFA": f"holds a form that runs scripts. {_PRINTED}",
}


def _spelled(name: str) -> bytes:
    """As names of a PDF may be spelled: any letter by its number too."""
    letters = (
        f"(?:{letter}|#{ord(letter):x})" if letter.isalpha() else letter
        for letter in name
    )
    return re.sub(
        r"#(\d)([a-f])",
        lambda code: f"#{code[1]}[{code[2]}{code[2].upper()}]",
        "".join(letters),
    ).encode()


_NAME = rb"/(?:%s)(?![^\0\t\n\f\r ()<>\[\]{}/%%])"
_RUNS = {re.compile(_NAME % _spelled(name)): said for name, said in _NAMES.items()}
# What holds none of the names, in one go. What follows a parenthesis as far as it could
# be an address is skipped: addresses end in "/JavaScript" too.
_NO_NAME = re.compile(
    rb"[^/(]*+(?:(?:\([^\s\0()<>]*+|/(?!(?=[JLEFGRX#])(?:%s)))[^/(]*+)*+"
    % b"|".join(name.pattern[1:] for name in _RUNS)
)
# A name stands after another, after some other value, or after what is no letter.
_BEFORE_A_NAME = re.compile(
    rb"(?:/[^\0\t\n\f\r ()<>\[\]{}/%]*|(?:^|[\0\t\n\f\r ()<>\[\]{}%])"
    rb"(?:R|obj|true|false|null|[\d.+-]+)?)\Z"
)
_OBJECT_STREAM = re.compile(_NAME % _spelled("ObjStm"))
_ENCRYPTED = re.compile(_NAME % _spelled("Encrypt"))
# Ways to pack that programs use for pictures, not for objects.
_PACKED_ODDLY = re.compile(
    _NAME % b"ASCII85Decode|A85|ASCIIHexDecode|AHx|LZWDecode|LZW|RunLengthDecode|RL"
    rb"|Crypt|Predictor"
)
# The beginning of what zlib packed.
_STREAM = re.compile(
    rb"stream[ \t]{0,8}+(?:\r\n|\n|\r)?+(?=[\x08\x18\x28\x38\x48\x58\x68\x78])"
)
# Packed objects begin with the number and the place of each.
_NUMBERED = re.compile(rb"[\0\s]*+\d++[\0\s]++\d++[\0\s]")
_LAST_GAP = re.compile(rb"[\0\t\n\f\r ()<>][^\0\t\n\f\r ()<>]*+\Z")
# With each letter by its number, and what stands before it.
_LONGEST_NAME = 256


def _check_pdf(data: bytes, work: Work) -> None:
    _refuse_names(data, work)
    if _OBJECT_STREAM.search(data):
        _refuse_hidden_objects(data, work)
    for start in _STREAM.finditer(data):
        work.spend()
        for window in _objects_in_windows(data, start.end(), work):
            _refuse_names(window, work)


def _refuse_names(data: bytes, work: Work) -> None:
    at = 0
    while (clean := _NO_NAME.match(data, at)) and clean.end() < len(data):
        at = clean.end()
        work.spend()
        if _BEFORE_A_NAME.search(data[max(at - 128, 0) : at]):
            for name, said in _RUNS.items():
                if name.match(data, at):
                    raise Wrong(said)
        at += 1


def _refuse_hidden_objects(data: bytes, work: Work) -> None:
    if _ENCRYPTED.search(data):
        raise Wrong(
            "is protected, so it cannot be looked through. Save it without a password "
            "and without limits on printing or copying, and choose it again"
        )
    for found in _OBJECT_STREAM.finditer(data):
        work.spend()
        before = data[max(found.start() - 1024, 0) : found.start()]
        after = data[found.end() : found.end() + 1024]
        described = before.rpartition(b"obj")[2] + after.partition(b"stream")[0]
        if _PACKED_ODDLY.search(described):
            raise Wrong(f"is packed so that it cannot be looked through. {_PRINTED}")


def _objects_in_windows(data: bytes, at: int, work: Work) -> Iterator[bytes]:
    """What is packed there bit by bit, if that is objects and no picture or font.

    Each ends where neither a name nor an address goes on.
    """
    rest = b""
    for piece in _inflated_objects(data, at, work):
        window = rest + piece
        if gap := _LAST_GAP.search(window, max(len(window) - _LONGEST_TAG, 0)):
            yield window[: gap.start()]
            rest = window[gap.start() :]
        else:
            yield window
            rest = window[-_LONGEST_NAME:]
    yield rest


def _inflated_objects(data: bytes, at: int, work: Work) -> Iterator[bytes]:
    inflate = zlib.decompressobj()
    try:
        head = inflate.decompress(data[at : at + 1024], 1024)
        if not _NUMBERED.match(head):
            return
        yield head
        left = inflate.unconsumed_tail
        at += 1024
        while not inflate.eof and (left or at < len(data)):
            if not left:
                left = data[at : at + _PIECE]
                at += _PIECE
                work.spend(len(left))
            more = inflate.decompress(left, _PIECE)
            work.spend(len(more) or 1)
            yield more
            left = inflate.unconsumed_tail
    except zlib.error:
        pass  # as far as it goes


# CSV

# A cell that calls another program, =name|topic!item, with no blanks around the bar:
# =cmd|'/C calc'!A0 up to the last quoted topic of its line, or all of it in one word.
_CELL = r"(?:^|[,;\t\"])[ ]{0,9}+[=+@-]"
_CALLS_QUOTED = re.compile(_CELL + r"[^|,;\t]{0,100}+(?<=[\w)'.])\|'")
_CALLS = re.compile(_CELL + r"[^\s|,;\"]{1,100}+\|[^\s|,;\"'!]++![\w$']")


def _check_csv(data: bytes) -> None:
    for line in io.StringIO(decoded(data) or "", newline=None):
        if "|" not in line:
            continue
        if _CALLS_QUOTED.search(line.rpartition("'!")[0]) or _CALLS.search(line):
            raise Wrong(
                "holds a formula that starts another program (DDE). Take it out and "
                "choose the file again"
            )


# Office documents

_PROGRAM = re.compile(
    r"\.(exe|dll|com|scr|pif|cpl|msi|bat|cmd|ps1|vbs|vbe|js|jse|wsf|wsh|hta|lnk|jar|"
    r"chm|reg|sct|scf|docm|dotm|xlsm|xltm|xlsb|xlam|pptm|potm|ppam|ppsm)$",
    re.IGNORECASE,
)
_BEGINS = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an embedded object (OLE)",
    b"{\\rt": "an embedded document in RTF",
    b"MZ": "a program",
}
_FOLDERS = {
    "macrosheets/": "Excel 4 macros",
    "activex/": "ActiveX controls",
}
# Relations by the end of their type; where they lead is within the file.
_WITHIN = {
    "xlmacrosheet": "Excel 4 macros",
    "xlintlmacrosheet": "Excel 4 macros",
    "control": "ActiveX controls",
    "activexcontrolbinary": "ActiveX controls",
    "oleobject": "an embedded object (OLE)",
}
# Other workbooks, as programs note them: by place, and by where Excel keeps its own.
_WORKBOOKS = {
    "externallinkpath",
    "externallinklongpath",
    "xlpathmissing",
    "xlstartup",
    "xlalternatestartup",
    "xllibrary",
}
# And where they lead out of it.
_ELSEWHERE = {
    "attachedtemplate": "a template",
    "image": "a picture",
    "audio": "a sound",
    "video": "a film",
    "media": "a film",
    "oleobject": "an object",
    "subdocument": "another document",
    "mailmergesource": "a list of addresses",
} | dict.fromkeys(_WORKBOOKS, "another workbook")
# What leads to a folder of the reader's own machine fetches nothing: Word notes the
# template and Excel the workbook so; on a Mac it begins without the letter of a drive.
_MAY_BE_LOCAL = {"attachedtemplate", "image"} | _WORKBOOKS
_LOCAL = re.compile(
    r"(?!.*%5c)(?:(?:file:/{1,3})?[a-z]:[\\/]"
    r"|file:///(?:Users|Applications|Library|private)/(?![\\/%])"
    r"|file://localhost/(?![\\/%])"
    r"|(?![\w+.-]+:|[\\/]{2}|[\\%]))",
    re.IGNORECASE,
)
_HOW = {
    "attachedtemplate": "In Word, attach the template Normal to it (Developer, then "
    "Document Template) and save it",
    "image": "Take out the picture, insert it again without linking to it, and save it",
} | dict.fromkeys(
    _WORKBOOKS, "In Excel, break the link (Data, then Edit Links) and save it"
)
_RELATIONS_MOST = 8 * 1024 * 1024
_RELATIONSHIP = "{*}Relationship"

_CALLING_PART = re.compile(
    rb"<(?:[\w-]{1,20}:)?(?:ddeLink|oleLink|dde-source|dde-connection-decl|applet|"
    rb"floating-frame|event-listener)[\s/>]"
)
_LOOKED_THROUGH = re.compile(r"externallinks/.*\.xml$|(?:^|/)(?:content|styles)\.xml$")
# The code of a field, in one piece or in several, and the marks between fields.
_FIELD = re.compile(
    rb"<(?:[\w.-]{1,30}:)?(?:instrText\b[^<>]*+>(?P<piece>[^<]*+)"
    rb"|fldSimple\b(?P<said>[^<>]*+)|fldChar\b)"
)
_CODE = re.compile(rb"\binstr\s*+=\s*+[\"'](.{0,100})", re.DOTALL)
_DDE = re.compile(r"[\s\"']*DDE(?:AUTO)?\b", re.IGNORECASE)


def _check_archive(archive: zipfile.ZipFile, work: Work, depth: int = 0) -> None:
    for part in archive.infolist():
        work.spend()
        name = part.filename.lower()
        _refuse_by_name(name)
        with archive.open(part) as content:
            head = content.read(8)
        for beginning, what in _BEGINS.items():
            # A font of an office document is scrambled, so it may begin with anything.
            if head.startswith(beginning) and not name.endswith(".odttf"):
                raise Wrong(f"holds {what}. {_AS_PDF}")
        if name.endswith(".rels"):
            _check_relations(archive, part, work)
        elif head.startswith(b"PK\x03\x04"):
            _check_package(archive, part, work, depth)
        elif name.startswith("word/") and name.endswith(".xml"):
            _check_fields(_windows(archive, part, work), work)
        elif _LOOKED_THROUGH.search(name):
            for window in _windows(archive, part, work):
                if _CALLING_PART.search(window):
                    raise Wrong(
                        "is linked to another program or runs something by itself "
                        f"(DDE, OLE or an event). {_AS_PDF}"
                    )


def _refuse_by_name(name: str) -> None:
    if program := _PROGRAM.search(name):
        raise Wrong(f"holds a program or macros inside (.{program[1]}). {_AS_PDF}")
    for folder, what in _FOLDERS.items():
        if f"/{folder}" in f"/{name}":
            raise Wrong(f"holds {what}. {_AS_PDF}")


def _check_package(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, work: Work, depth: int
) -> None:
    """A file within the file, as the numbers behind a chart are."""
    if depth == _DEEPEST:
        raise Wrong(f"holds files within files. {_AS_PDF}")
    work.spend(part.file_size)
    with zipfile.ZipFile(io.BytesIO(archive.read(part))) as inner:
        check_parts(inner)
        _check_archive(inner, work, depth + 1)


def _check_relations(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, work: Work
) -> None:
    if part.file_size > _RELATIONS_MOST:
        raise Wrong(f"is linked to far more than any document is. {_AS_PDF}")
    work.spend(part.file_size)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        relations = etree.fromstring(archive.read(part), parser)
    except etree.XMLSyntaxError as error:
        raise Wrong(f"holds a part that cannot be read. {_AS_PDF}") from error
    if relations.getroottree().docinfo.doctype:
        raise Wrong(f"holds declarations that no document needs. {_AS_PDF}")
    for relation in relations.iter(_RELATIONSHIP):
        _check_relation(
            relation.get("Type", "").rpartition("/")[2].strip().lower(),
            relation.get("Target", "").strip(),
            leads_out=relation.get("TargetMode", "").strip().lower() == "external",
        )


def _check_relation(kind: str, target: str, *, leads_out: bool) -> None:
    if leads_out:
        if kind == "hyperlink" or (kind in _MAY_BE_LOCAL and _LOCAL.match(target)):
            return
        what = _ELSEWHERE.get(kind, "something")
        raise Wrong(
            f"would fetch {what} from elsewhere when it is opened. "
            f"{_HOW.get(kind, 'Take out the link to it')}, or save it as PDF, and "
            "choose that"
        )
    if within := _WITHIN.get(kind):
        raise Wrong(f"holds {within}. {_AS_PDF}")
    if kind == "externallink" and "externallinks/" not in target.lower():
        raise Wrong(f"has a link to another workbook in an odd place. {_AS_PDF}")


def _windows(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, work: Work
) -> Iterator[bytes]:
    """A part bit by bit, each ending before a tag so that no tag is cut."""
    rest = b""
    with archive.open(part) as content:
        while piece := content.read(_PIECE):
            work.spend(len(piece))
            piece = rest + piece.replace(b"\0", b"")  # wide characters become narrow
            end = piece.rfind(b"<")
            if end < 0 or len(piece) - end > _LONGEST_TAG:
                end = len(piece)
            yield piece[:end]
            rest = piece[end:]
    yield rest


def _check_fields(windows: Iterator[bytes], work: Work) -> None:
    code = b""
    for window in windows:
        for found in _FIELD.finditer(window):
            work.spend()
            if found["piece"] is not None:
                code += found["piece"][: 100 - len(code)]
                continue
            _refuse_dde(code)
            code = b""
            if said := _CODE.search(found["said"] or b""):
                _refuse_dde(said[1])
    _refuse_dde(code)


def _refuse_dde(code: bytes) -> None:
    if _DDE.match(html.unescape(code.decode("utf-8", "replace"))):
        raise Wrong(f"holds a field that starts another program (DDE). {_AS_PDF}")
