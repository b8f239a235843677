"""The application as an office runs it: processes of its own, with a database and a
folder of files of its own.

``new_database`` makes a database of the kind that the tests run on. ``Installation``
is what one office has: its settings are environment variables, its commands are
``manage.py``, and ``serve`` starts gunicorn.
"""

import fcntl
import html
import http.client
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests import database
from tests.postgresql import OWNER, SERVICE, TEMPLATE, free_port

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CONFIGURATION = ROOT / "assurance" / "deploy" / "gunicorn_conf.py"
# Seconds: both cores may be busy with other tests.
PATIENCE = 60
# As in assurance/deploy/manage: commands that are run as the owner of the tables.
OF_OWNER = {"createcachetable", "migrate", "restore"}


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


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

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Python at work: "manage.py", "-m" or "-c" first. Its output is one text; when
        it is no longer wanted it is killed.
        """
        owner = {}
        if arguments[0] == "manage.py" and arguments[1] in OF_OWNER:
            url = self.database_url.replace(f"//{SERVICE}@", f"//{OWNER}@")
            owner = {"DATABASE_OWNER_URL": url}
        with subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment()
            | owner
            | {"DJANGO_SETTINGS_MODULE": "assurance.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def manage(self, *arguments: str, typed: str = "", fails: bool = False) -> str:
        """What a command of manage.py says; it ends well unless it ought to fail."""
        with self.running("manage.py", *arguments) as process:
            said, _ = process.communicate(typed, timeout=300)
        assert bool(process.returncode) == fails, said
        return said

    def run(self, *arguments: str) -> str:
        """What other Python says that ends well."""
        with self.running(*arguments) as process:
            said, _ = process.communicate(timeout=300)
        assert not process.returncode, said
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
    """gunicorn as in production, in a process group of its own."""

    def __init__(
        self, office: Installation, port: int, *, workers: int, threads: int
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = office.folder / f"server-{port}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [BIN / "gunicorn", "-c", CONFIGURATION, "assurance.wsgi"],
                cwd=ROOT,
                env=office.environment()
                | {
                    "BIND": f"127.0.0.1:{port}",
                    "WEB_CONCURRENCY": str(workers),
                    "WEB_THREADS": str(threads),
                },
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

    def stop(self) -> int:
        """SIGTERM, as systemd sends it; how the process ended."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """SIGKILL to the master and all workers at once: a power cut."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class _Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere: whoever sent a form is told the status of that."""

    def redirect_request(self, *args: object) -> None:
        return None


class Browser:
    """Cookies and forms, as little as it takes to sign in and save."""

    def __init__(self, url: str) -> None:
        self.url = url
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._open = urllib.request.build_opener(cookies).open
        self._open_and_stay = urllib.request.build_opener(cookies, _Stay).open

    def get(self, path: str) -> tuple[int, bytes]:
        return self._send(path, None, {})

    def page(self, path: str) -> str:
        status, content = self.get(path)
        assert status == 200, (path, status, content[-500:])
        return content.decode()

    def post(
        self, path: str, fields: dict[str, str], *, stay: bool = False, **headers: str
    ) -> tuple[int, bytes]:
        """``fields`` hold the token of a page, see ``hidden``; ``stay``: where it leads
        is not asked for.
        """
        sent = urllib.parse.urlencode(fields).encode()
        return self._send(path, sent, {"Referer": self.url} | headers, stay=stay)

    def _send(
        self,
        path: str,
        sent: bytes | None,
        headers: dict[str, str],
        *,
        stay: bool = False,
    ) -> tuple[int, bytes]:
        request = urllib.request.Request(self.url + path, sent, headers)
        opened = self._open_and_stay if stay else self._open
        try:
            try:
                answer = opened(request, timeout=PATIENCE)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(f"The answer to {path} broke off") from error

    def sign_in(self, email: str, password: str) -> None:
        fields = hidden(self.page("/accounts/login/"))
        status, page = self.post(
            "/accounts/login/", fields | {"login": email, "password": password}
        )
        assert status == 200, (status, page[-500:])
        assert b'name="password"' not in page, page[-2000:]


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page: its token, what was seen of a row."""
    found = {}
    for element in re.findall(r'<input type="hidden"[^>]*>', page):
        name = re.search(r'name="([^"]*)"', element)
        value = re.search(r'value="([^"]*)"', element)
        if name:
            found[name[1]] = html.unescape(value[1]) if value else ""
    return found


@contextmanager
def new_database(folder: Path) -> Iterator[str]:
    """The DATABASE_URL of an empty database with all tables, gone afterwards.

    On PostgreSQL it is in the cluster that the tests use, and the tables are another
    role's; on SQLite a file in ``folder``. Needs the fixture ``django_db_setup``.
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
        cursor.execute(f'CREATE DATABASE "{name}" OWNER {OWNER} TEMPLATE "{template}"')
    try:
        yield f"postgres://{SERVICE}@{host['HOST']}:{host['PORT']}/{name}"
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
        if done.exists() and done.stat().st_mtime >= built:
            return
        office = Installation(Path(settings.BASE_DIR) / "var", "sqlite://:memory:")
        office.manage("collectstatic", "--no-input", "--verbosity", "0")
