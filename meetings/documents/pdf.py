"""A document as PDF/UA: tagged, so that a screen reader knows headings from text.

``document.typ`` lays it out. The tree goes there as JSON and is never read as markup.
"""

import json
import struct
import subprocess
import sys
import unicodedata
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from meetings.documents.tree import Document, Part

_TEMPLATE = Path(__file__).with_name("document.typ")
_TYPESETTER = Path(__file__).with_name("typeset.py")
# Three hundred actions take two.
_SECONDS = 60
# Built from npm: nothing needs to be installed on the machine that writes.
_FONTS = settings.BASE_DIR / "static" / "build" / "fonts"
# They steer how others are set: no glyph, and none needed.
_INVISIBLE = frozenset(
    {0xAD, 0x180E, *range(0x200B, 0x2010), *range(0x2060, 0x2070)}
    | {ord("\n"), 0xE0001, *range(0xE0020, 0xE0080), *range(0xE0100, 0xE01F0)}
)


def write_pdf(document: Document) -> bytes:
    """Raises ``CalledProcessError``, with a note that says why, if it cannot be set."""
    command = [sys.executable, "-I", *typesetter()]
    try:
        return subprocess.run(  # noqa: S603
            command,
            input=as_json(document),
            capture_output=True,
            check=True,
            timeout=_SECONDS,
        ).stdout
    except subprocess.CalledProcessError as failed:
        failed.add_note(failed.stderr.decode())
        raise


def typesetter() -> list[str]:
    """The program that lays a document out, with its arguments."""
    return [str(_TYPESETTER), str(_TEMPLATE), str(_FONTS)]


def as_json(document: Document) -> bytes:
    """What it reads."""
    return json.dumps(_as_data(document)).encode()


def _as_data(value: Any) -> Any:
    """The tree as JSON knows it, each part with its ``kind``."""
    if isinstance(value, Part):
        data = {f.name: _as_data(getattr(value, f.name)) for f in fields(value)}  # type: ignore[arg-type]
        return data | {"kind": type(value).__name__}
    if isinstance(value, tuple):
        return [_as_data(one) for one in value]
    if isinstance(value, str):
        return _printable(value)
    return value if isinstance(value, bool | int | float) else str(value)


def _printable(text: str) -> str:
    """The text with the names of characters for which the font has no glyph.

    PDF/UA knows no empty boxes, and a reader wants to know what was meant.
    """
    if text.isascii():
        return text
    return "".join(char if ord(char) in _glyphs() else _named(char) for char in text)


def _named(char: str) -> str:
    return f"[{unicodedata.name(char, f'U+{ord(char):04X}').lower()}]"


@cache
def _glyphs() -> frozenset[int]:
    """The characters it can show, in its plain style: that stands in for the others.

    From the font's table ``cmap`` (OpenType, subtable of format 12).
    """
    data = (_FONTS / "DejaVuSans.ttf").read_bytes()

    def table(tag: bytes) -> int:
        (count,) = struct.unpack_from(">H", data, 4)
        for entry in range(12, 12 + 16 * count, 16):
            if data[entry : entry + 4] == tag:
                return int(struct.unpack_from(">I", data, entry + 8)[0])
        raise ValueError(f"The font has no table {tag!r}")

    cmap = table(b"cmap")
    (count,) = struct.unpack_from(">H", data, cmap + 2)
    for entry in range(cmap + 4, cmap + 4 + 8 * count, 8):
        start = cmap + struct.unpack_from(">I", data, entry + 4)[0]
        if struct.unpack_from(">H", data, start) == (12,):
            (groups,) = struct.unpack_from(">I", data, start + 12)
            ranges = struct.iter_unpack(
                ">3I", data[start + 16 : start + 16 + 12 * groups]
            )
            found = _INVISIBLE.union(
                *(range(first, last + 1) for first, last, _ in ranges)
            )
            return found - {0x1680}  # a space of Ogham, which is a stroke
    raise ValueError("The font has no subtable of format 12")
