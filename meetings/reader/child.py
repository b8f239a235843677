"""The process in which a file is read: ``python -m meetings.reader.child``.

It reads what it is told to, "minutes" or "sheets". It gets the file's name, a line feed
and the file on its input, and writes what was read, or why not, as JSON on its output.
It knows neither settings nor database, may not use the network or start anything, and
ends when it takes too much.
"""

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.spawn")
_OUTPUT_MOST = 24 * 1024 * 1024
_NEEDS_LESS = {
    "minutes": "minutes do. Save it as plain text",
    "sheets": "trackers do. Save it as CSV",
}


def main(seconds: int, megabytes: int, what: str) -> None:
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_FSIZE, _OUTPUT_MOST)
    _limit(resource.RLIMIT_CORE, 0)
    sys.addaudithook(_forbid)

    from meetings.reader.files.kinds import shown_name
    from meetings.reader.source import Refused

    read = _reader(what)
    _limit(resource.RLIMIT_AS, _memory() + megabytes * 1024 * 1024)
    name = json.loads(sys.stdin.buffer.readline())
    try:
        answer = read(sys.stdin.buffer.read(), name)
    except Refused as refused:
        answer = json.dumps({"refused": str(refused)})
    except MemoryError:
        answer = json.dumps(
            {
                "refused": f"“{shown_name(name)}” takes more memory to read than "
                f"{_NEEDS_LESS[what]}, or make several files of it, and choose that"
            }
        )
    sys.stdout.buffer.write(answer.encode())


def _reader(what: str) -> Callable[[bytes, str], str]:
    """What makes JSON of a file, loaded before the memory is limited."""
    from meetings.reader.wire import to_json, workbook_to_json

    if what == "sheets":
        import openpyxl  # noqa: F401

        from meetings.reader.files.sheets import read_sheets

        return lambda data, name: workbook_to_json(read_sheets(data, name))

    from meetings.reader.files.kinds import source_of
    from meetings.reader.read import read_minutes

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


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
