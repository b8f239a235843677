"""The application as an office runs it: processes of its own, with a database and a
folder of files of its own.

``new_database`` makes a database of the kind that the tests run on. ``Installation``
is what one office has: its settings are environment variables, its commands are
``manage.py``, and ``serve`` starts gunicorn.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests import database
from tests.postgresql import TEMPLATE, free_port

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
# Seconds: both cores may be busy with other tests.
PATIENCE = 60


@dataclass
class Installation:
    """One office: ``folder`` holds its files, and its database where that is a file."""

    folder: Path
    database_url: str
    more: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> Path:
        return self.folder / "files"

    def environment(self) -> dict[str, str]:
        """Nothing of the caller's but where programs are."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "SECRET_KEY": "a-key-for-servers-in-tests-and-for-nothing-else-at-all",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "INSECURE_HTTP": "1",
            "DATABASE_URL": self.database_url,
            "FILES_DIR": str(self.files),
            "BACKUP_DIR": str(self.folder / "backups"),
        } | self.more

    def start(self, *arguments: str, **more: object) -> subprocess.Popen[str]:
        """A command of manage.py that runs on; its output is one text."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **more,  # type: ignore[call-overload]
        )

    def manage(
        self, *arguments: str, typed: str = "", fails: bool = False, **more: object
    ) -> str:
        """What a command of manage.py says; it ends well unless it ought to fail."""
        process = self.start(*arguments, **more)
        said, _ = process.communicate(typed, timeout=300)
        assert bool(process.returncode) == fails, said
        return said

    @contextmanager
    def serve(self, *, workers: int = 2, threads: int = 4) -> Iterator["Server"]:
        """A running server that answers; it is gone afterwards."""
        collect_static_files()
        server = Server(self, free_port(), workers=workers, threads=threads)
        try:
            server.wait_until_it_answers()
            yield server
        finally:
            server.kill()


class Server:
    """gunicorn as ``make run`` starts it, in a process group of its own."""

    def __init__(
        self, office: Installation, port: int, *, workers: int, threads: int
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = office.folder / f"server-{port}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(BIN / "gunicorn", "assurance.wsgi"),
                    *("--worker-class", "gthread", "--workers", str(workers)),
                    *("--threads", str(threads), "--bind", f"127.0.0.1:{port}"),
                    *("--log-level", "warning", "--no-control-socket"),
                ],
                cwd=ROOT,
                env=office.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_it_answers(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log.read_text()
            try:
                with urllib.request.urlopen(f"{self.url}/health/live", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError(f"It does not answer: {self.log.read_text()}")

    def kill(self) -> None:
        """SIGKILL to the master and all workers at once: a power cut."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def new_database(folder: Path) -> Iterator[str]:
    """The DATABASE_URL of an empty database with all tables, gone afterwards.

    On PostgreSQL it is in the cluster that the tests use; on SQLite a file in
    ``folder``. Needs the fixture ``django_db_setup``.
    """
    if connection.vendor == "sqlite":
        database.copy_to(folder / "db.sqlite3")
        yield f"sqlite:///{folder / 'db.sqlite3'}"
        return
    with _copy_of(TEMPLATE) as url:
        yield url


@contextmanager
def unmigrated_database(folder: Path) -> Iterator[str]:
    """The DATABASE_URL of a database without a table."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'db.sqlite3'}"
        return
    with _copy_of("template1") as url:
        yield url


@contextmanager
def _copy_of(template: str) -> Iterator[str]:
    name = f"office_{uuid.uuid4().hex[:12]}"
    host = connection.settings_dict
    with _outside_a_database() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield f"postgres://{host['USER']}@{host['HOST']}:{host['PORT']}/{name}"
    finally:
        with _outside_a_database() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def _outside_a_database() -> Iterator[object]:
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        yield cursor


def collect_static_files() -> None:
    """Once for all test processes: the folder is the one that ``make run`` fills."""
    done = ROOT / "var" / "static" / "staticfiles.json"
    built = max(p.stat().st_mtime for p in (ROOT / "static" / "build").iterdir())
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists() and done.stat().st_mtime > built:
            return
        office = Installation(Path(settings.BASE_DIR) / "var", "sqlite://:memory:")
        office.manage("collectstatic", "--no-input", "--verbosity", "0")
