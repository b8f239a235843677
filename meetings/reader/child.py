"""The process in which a file is read: ``python -m meetings.reader.child``.

It reads what it is told to: "minutes", "sheets" or "words". It gets the file's name, a
line feed and the file on its input, and writes what was read, or why not, as JSON on
its output.
It knows neither settings nor database, may not use the network, start or end a process
or, once it has a file, write to any; and it ends when it takes too much.

This stops what Python does. It is no jail: a fault in a library written in C that a
file makes use of is past it, and what the user of the server may read, it may read.
Where that matters the server is to run as a user who may do little.
"""

import contextlib
import json
import logging
import os
import resource
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

_FORBIDDEN = (
    *("socket.", "subprocess.", "pty.", "os.system", "os.exec", "os.fork", "os.spawn"),
    *("os.posix_spawn", "os.kill", "signal.pthread_kill"),
)
_WRITES = (
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.link"),
    *("os.symlink", "os.chmod", "os.chown", "os.utime", "os.setxattr", "shutil."),
)
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_OPEN_FILES = 64
_FRAMES = 20
_OUTPUT_MOST = 24 * 1024 * 1024
_WHAT = {"minutes": "minutes", "sheets": "trackers", "words": "files"}


def main(seconds: int, megabytes: int, what: str) -> None:
    sys.excepthook = _tell
    # What libraries have to say of a file may hold its words.
    warnings.simplefilter("ignore")
    logging.disable()
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_FSIZE, _OUTPUT_MOST)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    sys.addaudithook(_forbid)

    from meetings.reader.files.kinds import made_simpler, shown_name
    from meetings.reader.source import Refused

    name = json.loads(sys.stdin.buffer.readline())
    read = _reader(what, name)
    _limit(resource.RLIMIT_AS, _memory() + megabytes * 1024 * 1024)
    _limit(resource.RLIMIT_NPROC, 0)
    sys.addaudithook(_forbid_writing)
    try:
        answer = read(sys.stdin.buffer.read(), name)
    except Refused as refused:
        answer = json.dumps({"refused": str(refused)})
    except MemoryError:
        answer = ""
    if not answer:  # only now what filled the memory is let go
        said = (
            f"“{shown_name(name)}” takes more memory to read than {_WHAT[what]} do. "
            f"{made_simpler(name, what)}"
        )
        answer = json.dumps({"refused": said})
    sys.stdout.buffer.write(answer.encode())


def _reader(what: str, name: str) -> Callable[[bytes, str], str]:
    """What makes JSON of a file, loaded before memory and writing are limited."""
    from meetings.reader.wire import to_json, workbook_to_json

    if what == "sheets":
        import openpyxl  # noqa: F401

        from meetings.reader.files.sheets import read_sheets

        return lambda data, name: workbook_to_json(read_sheets(data, name))

    if what == "words":
        import pypdfium2  # noqa: F401

        from meetings.reader.files.words import words_of

        return lambda data, kind: json.dumps(words_of(data, kind))

    from meetings.reader.files.kinds import prepare, source_of
    from meetings.reader.read import read_minutes

    prepare(name)
    return lambda data, name: to_json(read_minutes(source_of(data, name)))


def _limit(what: int, most: int) -> None:
    """Systems that do not know a limit leave it to the clock of the parent."""
    try:
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, most))
    except (ValueError, OSError):
        return


def _tell(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """What broke and where, for the log; what it says may be words of the file."""
    with contextlib.suppress(Exception):
        frames = [
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(trace, limit=-_FRAMES)
        ]
        sys.stderr.write("\n".join([kind.__name__, *frames, ""]))


def _memory() -> int:
    """In bytes, what this process has reserved; a guess where the system won't say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 512 * 1024 * 1024
    return pages * resource.getpagesize()


def _forbid(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for the reader of files")


def _forbid_writing(event: str, arguments: tuple[Any, ...]) -> None:
    is_to_write = event == "open" and (arguments[2] or 0) & _TO_WRITE
    if is_to_write or event.startswith(_WRITES):
        raise PermissionError(f"{event} to write is not for the reader of files")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
