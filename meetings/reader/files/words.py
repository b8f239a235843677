"""All words of a file, in no order that matters: to look whether some are in it.

Headers, footnotes, comments, hidden sheets and what is said of the file itself are
looked at as well as its pages.
"""

import html
import io
import re
import zipfile

from assurance.contents import Kind, Wrong, check_content, decoded
from meetings.reader.source import Refused

_ZIPPED = (Kind.DOCX, Kind.XLSX, Kind.PPTX, Kind.ODT, Kind.ODS, Kind.ODP)
READABLE = (*_ZIPPED, Kind.PDF, Kind.TXT, Kind.CSV)
# What ends a line or parts two words; every other tag may stand within a word.
_PARTING = re.compile(
    r"<(?:/?(?:\w+:)?(?:p|h|si|is|row|c|tab|br|cr|s|list-item|table-cell|dc:\w+|t)"
    r"(?:\s[^>]*)?/?|/(?:cp|dc|dcterms|meta|vt|text):\w+(?:-\w+)*)>"
)
_WITHIN = re.compile(r"</?(?:\w+:)?t(?:\s[^>]*)?/?>")
_TAG = re.compile(r"<[^>]*>")
_HYPHENS = re.compile("[\x02\ufffe]\\s*")


def words_of(data: bytes, kind: str) -> str:
    """Raises ``Refused`` where no words can be read."""
    try:
        check_content(io.BytesIO(data), Kind(kind))
    except Wrong as wrong:
        raise Refused(str(wrong)) from wrong
    if kind in _ZIPPED:
        return _zipped(data)
    if kind == Kind.PDF:
        return _pdf(data)
    if kind in (Kind.TXT, Kind.CSV):
        return decoded(data) or ""
    raise Refused("is a picture")


def _zipped(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [
            archive.read(name)
            for name in archive.namelist()
            if name.lower().endswith((".xml", ".rels", ".vml"))
        ]
    return "\n".join(_text_of(part.decode("utf-8", "replace")) for part in parts)


def _text_of(xml: str) -> str:
    """Runs of one paragraph belong together, however they are cut."""
    plain = _TAG.sub("", _PARTING.sub("\n", _WITHIN.sub("", xml)))
    # Where links lead to, and the like, stands in the tags themselves.
    targets = re.findall(r'(?:Target|href|author|title|descr)="([^"]*)"', xml)
    return html.unescape("\n".join([plain, *targets]))


def _pdf(data: bytes) -> str:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        said = [str(value) for value in document.get_metadata_dict().values()]
        for page in document:
            said.append(page.get_textpage().get_text_bounded())
    except pypdfium2.PdfiumError as error:
        raise Refused("is damaged or locked") from error
    if not any(map(str.isalnum, "".join(said[-len(document) :]))):
        raise Refused("is a picture")
    return _HYPHENS.sub("", "\n".join(said))
