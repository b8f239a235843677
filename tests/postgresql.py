"""Run a command against a throw-away PostgreSQL: python -m tests.postgresql COMMAND.

Starts a cluster of its own in a temporary folder on a free port and removes it
afterwards; a cluster that is already running is never touched. Where PostgreSQL is not
installed it says so and leaves; with REQUIRE_ALL_TESTS=1 that is a failure.

The migrations are run once, in a database that those of the tests are copies of
(TEST_TEMPLATE), and what they made is kept until they are others.
"""

import os
import pwd
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.database import migrations

ROOT = Path(__file__).parent.parent
TEMPLATE = "migrated"
# The role that owns the tables of the template, and the one that a service has.
OWNER, SERVICE = "owner", "service"


def programs() -> Path | None:
    """The folder of the newest installed server, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


# Not of those that a system gives to whoever connects or asks for any port at all.
PORTS = range(20_000, 32_000)
# Nothing speaks UDP here, so whoever holds it at a port has the port put aside.
_put_aside: list[socket.socket] = []


def free_port() -> int:
    """A port for a server that is to start: until this process ends nobody who asks
    here is given it too, also while the server is being started or is away.
    """
    for port in random.sample(PORTS, len(PORTS)):
        holder = socket.socket(type=socket.SOCK_DGRAM)
        try:
            holder.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            holder.close()
            continue
        _put_aside.append(holder)
        return port
    raise OSError("No port is free")


class Cluster:
    """A server of its own, for one who may stop it and start it again."""

    def __init__(self, bin_: Path, folder: str) -> None:
        self.port = free_port()
        self.url = f"postgres://app@127.0.0.1:{self.port}/postgres"
        self._bin, self._folder = bin_, folder
        # The server refuses to run as root.
        self._as_server = {"user": "postgres"} if os.getuid() == 0 else {}
        if self._as_server:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        self._do("initdb", "-A", "trust", "-U", "app", "--locale=C.UTF-8", "--no-sync")

    def start(self) -> None:
        options = (
            f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 "
            "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        )
        log = f"{self._folder}/log"
        self._do("pg_ctl", "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """At once, whoever is connected."""
        self._do("pg_ctl", "-m", "fast", "stop")

    def _do(self, program: str, *args: str) -> None:
        subprocess.run(
            [self._bin / program, "-D", f"{self._folder}/data", *args],
            check=True,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            **self._as_server,
        )


@contextmanager
def cluster(bin_: Path) -> Iterator[Cluster]:
    """A new server, running."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = Cluster(bin_, folder)
        server.start()
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):  # a test stopped it
                server.stop()


def run(command: list[str]) -> int:
    """The command's exit code, run with DATABASE_URL set to a new server."""
    bin_ = programs()
    if bin_ is None and os.environ.get("REQUIRE_ALL_TESTS"):
        print("PostgreSQL is not installed here, and every test is required.")
        return 1
    if bin_ is None:
        print("PostgreSQL is not installed here: its tests are skipped.")
        return 0
    with cluster(bin_) as server:
        make_template(server.port, bin_)
        ours = environment(server.port) | {"TEST_TEMPLATE": TEMPLATE}
        return subprocess.run(command, env=ours).returncode


def make_template(port: int, bin_: Path) -> None:
    """A database with all tables and no rows: from what is kept, else by migrating. It
    is its owner's, and the service may do what ``migrate`` lets it.
    """
    url = f"postgres://app@127.0.0.1:{port}"
    kept = ROOT / "var" / f"migrated-{migrations()}.dump"

    def client(program: str, *args: str | Path) -> None:
        subprocess.run([bin_ / program, *args], check=True)

    roles = (f"CREATE ROLE {role} LOGIN" for role in (OWNER, SERVICE))
    for make in (*roles, f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}"):
        client("psql", "-q", "-c", make, f"{url}/postgres")
    if kept.exists():
        client("pg_restore", "-d", f"{url}/{TEMPLATE}", kept)
        return
    ours = environment(port) | {
        "DATABASE_URL": f"postgres://{SERVICE}@127.0.0.1:{port}/{TEMPLATE}",
        "DATABASE_OWNER_URL": f"postgres://{OWNER}@127.0.0.1:{port}/{TEMPLATE}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    for task in ("migrate", "createcachetable"):
        subprocess.run(
            [sys.executable, "manage.py", task, "--verbosity", "0"],
            check=True,
            cwd=ROOT,
            env=ours,
        )
    kept.parent.mkdir(exist_ok=True)
    for other in set(kept.parent.glob("migrated-*.dump")) - {kept}:
        other.unlink(missing_ok=True)
    mine = kept.with_suffix(f".{os.getpid()}")
    client("pg_dump", "-Fc", "-f", mine, f"{url}/{TEMPLATE}")
    mine.replace(kept)


def environment(port: int) -> dict[str, str]:
    """Ours without what would lead the client to another server."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if name[:2] != "PG" and name != "DATABASE_OWNER_URL"
    }
    return ours | {"DATABASE_URL": f"postgres://app@127.0.0.1:{port}/postgres"}


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
