"""The lines of plain text, pasted or in a file, in whatever encoding it was saved."""

import re
import unicodedata
from collections.abc import Iterable

from assurance.contents import decoded
from meetings.reader.source import BULLET, MOST_LINES, Line, Refused, Source

# 500 pages, closely written.
MOST_CHARACTERS = 3_000_000
MOST_PAGES = 500
_TOO_LONG = (
    "is more than 500 pages of text. Make several files of it and choose each of them"
)

_BREAKS = re.compile("\r\n|[\r\x0b\x1c-\x1e\x85\u2028\u2029]")
_BYTE_ORDER_MARK = b"\xff\xfe"
# How bullets of the fonts Symbol and Wingdings come out.
_BULLETS = "".join(map(chr, (0xF0B7, 0xF0A7, 0xF0D8, 0xF0FC, 0xF076, 0xF06C, 0xF0A8)))
_SHOWN = str.maketrans(dict.fromkeys(_BULLETS, BULLET))


def with_mark(data: bytes) -> bytes:
    """The same bytes, with the mark of UTF-16 if they are that without it."""
    head = data[:1024]
    seconds = head[1::2]
    if (
        seconds
        and not data.startswith(_BYTE_ORDER_MARK)
        and seconds.count(0) * 10 > len(seconds) * 9
        and not any(head[::2].count(byte) for byte in b"\0")
    ):
        return _BYTE_ORDER_MARK + data
    return data


def read_plain(data: bytes) -> Source:
    return source_of_text(decoded(data) or "")


def source_of_text(text: str) -> Source:
    """A form feed begins a page, and a line too where it stands within one."""
    if len(text) > 2 * MOST_CHARACTERS or text.count("\n") > MOST_LINES:
        raise Refused(_TOO_LONG)
    text = _BREAKS.sub("\n", text)
    pages = text.split("\f")
    if len(pages) > MOST_PAGES + 1:
        raise Refused(too_many_pages(len(pages)))
    lines: list[tuple[str, int | None]] = []
    for number, page in enumerate(pages, 1):
        whole = page.removesuffix("\n") if number < len(pages) else page
        if whole or number == 1 or number == len(pages):
            at = number if len(pages) > 1 else None
            lines += [(line, at) for line in whole.split("\n")]
    return Source(checked(Line(0, text, page=page) for text, page in lines))


def too_many_pages(pages: int) -> str:
    return (
        f"has {pages:,} pages; the most is {MOST_PAGES}. Make several files of it and "
        "choose each of them"
    )


def checked(lines: Iterable[Line]) -> tuple[Line, ...]:
    """These lines, cleaned and numbered; refuses a text without words or end."""
    kept: list[Line] = []
    length = 0
    has_words = False
    for line in lines:
        text = cleaned(line.text)
        length += len(text)
        if len(kept) >= MOST_LINES or length > MOST_CHARACTERS:
            raise Refused(_TOO_LONG)
        has_words = has_words or any(map(str.isalnum, text))
        kept.append(Line(len(kept) + 1, text, line.heading, line.page))
    if not has_words:
        raise Refused("has no words in it. Look at the file and choose it again")
    return tuple(kept)


def cleaned(text: str) -> str:
    """Without marks that cannot be seen, and with bullets as bullets.

    Those that turn the direction of reading, join or part letters or allow a break
    are no part of a word, and would keep it from being found.
    """
    if text.replace("\t", " ").isprintable():
        return text
    return "".join(
        char
        for char in text.translate(_SHOWN)
        if char == "\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Cn")
    )
