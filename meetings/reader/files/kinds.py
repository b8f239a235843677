"""Old minutes as files: which can be read, and the lines of those that can.

What comes in may be anything, made in ignorance or to do harm. Whatever it is, either
its lines come out or ``Refused`` says in plain words what to do instead. Reading takes
time and memory, so pages and commands call ``apart.read_apart``, which keeps both
within limits.
"""

import contextlib
import io
from collections.abc import Callable

from assurance.contents import Kind, Wrong, check_content
from meetings.reader.files.plain import read_plain, with_mark
from meetings.reader.source import Refused, Source

MOST_MEGABYTES = 25

_ENDINGS = {
    "txt": Kind.TXT,
    "text": Kind.TXT,
    "md": Kind.TXT,
    "docx": Kind.DOCX,
    "pdf": Kind.PDF,
}
ACCEPTED = ".docx,.pdf,.txt"
_SAVE_AGAIN = "cannot be read. Save it as DOCX, PDF or text, and choose that"
_RECOGNISE = (
    "is a picture, so there is no text to read in it. Make it a PDF with text "
    "recognition, or paste its text"
)
_INSTEAD = {
    ending: advice
    for endings, advice in (
        ("doc dot docm dotx dotm rtf odt ott pages wpd htm html", _SAVE_AGAIN),
        ("png jpg jpeg gif bmp tif tiff webp heic", _RECOGNISE),
        ("zip 7z rar gz tar", "is an archive. Take the files out and choose each"),
        ("msg eml", "is an e-mail. Save what is attached to it, and choose that"),
    )
    for ending in endings.split()
}

_SMALLER = {
    "minutes": "Take the pictures out of it, or make several files of it, and choose "
    "it again",
    "sheets": "Keep the sheet with the actions alone, and choose that",
    "words": "Look at it by eye",
}
_SIMPLEST = {
    "minutes": ("plain text", (".txt", ".text", ".md")),
    "sheets": ("CSV", (".csv", ".tsv")),
    "words": ("plain text", ()),
}


def source_of(data: bytes, name: str) -> Source:
    """The lines of a file; ``name`` says what kind of file it claims to be.

    Raises ``Refused`` with a sentence that begins with the name.
    """
    shown = shown_name(name)
    try:
        return _read(data, name)
    except Wrong as wrong:
        raise Refused(f"“{shown}” {wrong}") from wrong
    except Refused as refused:
        raise Refused(f"“{shown}” {refused}") from refused


def shown_name(name: str) -> str:
    """The name as a sentence can hold it: short, and with nothing unseen."""
    visible = "".join(char for char in name if char.isprintable())
    return visible if len(visible) <= 80 else f"{visible[:60]}…"


def refuse_large(data: bytes, what: str) -> None:
    """What is said of it wants the name before it."""
    if len(data) > MOST_MEGABYTES * 1024 * 1024:
        raise Refused(f"is larger than {MOST_MEGABYTES} MB. {_SMALLER[what]}")


def made_simpler(name: str, what: str) -> str:
    """What to do with a file that takes too much to read, as "minutes" or "sheets"."""
    simplest, endings = _SIMPLEST[what]
    if name.lower().endswith(endings):
        return "Make several files of it and choose each of them"
    return f"Save it as {simplest}, or make several files of it, and choose that"


def _read(data: bytes, name: str) -> Source:
    kind = _kind(name)
    if not data:
        raise Refused("is empty. Look at the file and choose it again")
    refuse_large(data, "minutes")
    if kind == Kind.TXT:
        data = with_mark(data)
    check_content(io.BytesIO(data), kind)
    return _reader_of(kind)(data)


def prepare(name: str) -> None:
    """Load what reading a file of this name needs."""
    with contextlib.suppress(Refused):
        _reader_of(_kind(name))


def _reader_of(kind: Kind) -> Callable[[bytes], Source]:
    """Loaded when it is needed: starting is most of reading a short text."""
    if kind == Kind.TXT:
        return read_plain
    if kind == Kind.DOCX:
        from meetings.reader.files.word import read_word

        return read_word
    from meetings.reader.files.pdf import read_pdf

    return read_pdf


def _kind(name: str) -> Kind:
    ending = name.rpartition(".")[2].strip().lower() if "." in name else ""
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    raise Refused(
        _INSTEAD.get(ending)
        or "is not minutes in Word, PDF or text. Choose a file that is DOCX, PDF or TXT"
    )
