"""Reads a file in a process of its own, which cannot harm the one that asks.

A file is somebody else's work: it may be broken, or made so that whoever opens it
hangs or fills the memory. The process that opens it has neither settings nor secrets,
and limits on time and memory; whatever becomes of it, what comes back is what was
read, or a sentence.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from meetings.reader.files.kinds import made_simpler, refuse_large, shown_name
from meetings.reader.files.sheets import Workbook
from meetings.reader.minutes import ReadMinutes
from meetings.reader.source import Refused
from meetings.reader.wire import from_json, workbook_from_json

logger = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[2]
# What an interpreter may need to start; nothing that is secret.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONHOME")
_LOGGED = 2000  # bytes of what the process said last
_OUT_OF_TIME = (None, -signal.SIGXCPU, -signal.SIGKILL)


@dataclass(frozen=True)
class Limits:
    """Of one reading: seconds by the clock, and megabytes beyond an empty process."""

    seconds: float = 9.0
    megabytes: int = 180


LIMITS = Limits()


def read_apart(data: bytes, name: str, limits: Limits | None = None) -> ReadMinutes:
    """What is understood of a file. Raises ``Refused`` with a sentence."""
    return from_json(_answer("minutes", data, name, limits or LIMITS))


def read_sheets_apart(data: bytes, name: str, limits: Limits | None = None) -> Workbook:
    """The rows of a spreadsheet. Raises ``Refused`` with a sentence."""
    return workbook_from_json(_answer("sheets", data, name, limits or LIMITS))


def words_apart(data: bytes, kind: str, limits: Limits | None = None) -> str:
    """All words of a file, to look for some in it. Raises ``Refused``."""
    return str(json.loads(_answer("words", data, kind, limits or LIMITS)))


# What to save a file as that cannot be read.
_SAVE_DAMAGED_AS = {
    "minutes": "PDF or plain text",
    "sheets": "XLSX or CSV",
    "words": "PDF or plain text",
}


def _answer(what: str, data: bytes, name: str, limits: Limits) -> str:
    shown = shown_name(name)
    try:
        refuse_large(data, what)
    except Refused as refused:
        raise Refused(f"“{shown}” {refused}") from refused
    with (
        tempfile.TemporaryFile() as sent,
        tempfile.TemporaryFile() as answer,
        tempfile.TemporaryFile() as trouble,
    ):
        sent.write(json.dumps(name).encode() + b"\n")
        sent.write(data)
        sent.seek(0)
        code = _run(what, sent, answer, trouble, limits)
        if code in _OUT_OF_TIME:
            raise Refused(
                f"“{shown}” takes too long to read. {made_simpler(name, what)}"
            )
        if code:
            _log(code, trouble)
            raise Refused(
                f"“{shown}” cannot be read: it is damaged, or too large inside. Open "
                "it in the program it was made with, save it as "
                f"{_SAVE_DAMAGED_AS[what]} and choose that"
            )
        answer.seek(0)
        text = answer.read().decode()
    if text.startswith('{"refused": '):
        raise Refused(json.loads(text)["refused"])
    return text


def _run(
    what: str, sent: IO[bytes], answer: IO[bytes], trouble: IO[bytes], limits: Limits
) -> int | None:
    """How the process ended; None when its time was over."""
    arguments = (str(int(limits.seconds) + 1), str(limits.megabytes), what)
    process = subprocess.Popen(  # noqa: S603 - nothing of the file is in the command
        (sys.executable, "-m", "meetings.reader.child", *arguments),
        stdin=sent,
        stdout=answer,
        stderr=trouble,
        cwd=_ROOT,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        start_new_session=True,
    )
    try:
        return process.wait(limits.seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        process.kill()
        process.wait()


def _log(code: int, trouble: IO[bytes]) -> None:
    """A signal is the end of a file that does harm; anything else a fault of ours."""
    trouble.seek(max(0, trouble.seek(0, os.SEEK_END) - _LOGGED))
    said = trouble.read().decode(errors="replace")
    level = logging.WARNING if code < 0 else logging.ERROR
    logger.log(level, "The reader of files ended with %s: %s", code, said)
