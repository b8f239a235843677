"""How much time and memory reading a file takes, in a process that does nothing else.

``python -m tests.meetings.reader.measuring FILE`` prints it as JSON.
"""

import json
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Measured:
    """Of both processes together: the time of the processor, since other tests take
    turns with it, and the memory at its most.
    """

    answer: str  # the refusal, or how many lines were read
    seconds: float
    megabytes: float


def measured(path: Path) -> Measured:
    ran = subprocess.run(
        (sys.executable, "-m", "tests.meetings.reader.measuring", str(path)),
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    return Measured(**json.loads(ran.stdout))


def _measure(path: Path) -> Measured:
    from meetings.reader.apart import Limits, read_apart
    from meetings.reader.source import Refused

    try:
        read = read_apart(path.read_bytes(), path.name, Limits(seconds=100))
        answer = f"{len(read.lines)} lines"
    except Refused as refused:
        answer = str(refused)
    used = [
        resource.getrusage(who)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    megabytes = (_own_most() + used[1].ru_maxrss) / 1024
    return Measured(answer, seconds, megabytes)


def _own_most() -> int:
    """Kilobytes of this process at its most. What the system says of the processor's
    time says it too, but with what the process that started this one had.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (most,) = re.findall(r"VmHWM:\s*(\d+)", status.read_text())
    return int(most)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(vars(_measure(Path(sys.argv[1])))))
