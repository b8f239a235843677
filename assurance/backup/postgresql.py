"""How a database of a PostgreSQL server is dumped and put back, by its own programs.

Password and host go to them by environment: other accounts of a machine can read what
stands on a command line.
"""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection, connections, transaction

from assurance.backup import Refused
from assurance.backup.archive import CHUNK, Table

# Seconds, as on SQLite.
_LEAVING_TAKES = 3
# Schemas in which a restore put aside what was there.
ASIDE = "before_restore_"
_INSTALLED = Path("/usr/lib/postgresql")
_ENVIRONMENT = {
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "host": "PGHOST",
    "port": "PGPORT",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "options": "PGOPTIONS",
    "service": "PGSERVICE",
    "passfile": "PGPASSFILE",
    **{
        name: f"PG{name.upper()}"
        for name in ("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl")
    },
}


def server_version() -> int:
    """The major version: 15."""
    connection.ensure_connection()
    return connection.pg_version // 10_000  # type: ignore[attr-defined]


def program(name: str, *, at_least: int) -> tuple[Path, int]:
    """Where the program is, and its major version: the oldest that is new enough."""
    found: dict[int, Path] = {}
    on_path = shutil.which(name)
    paths = [*_INSTALLED.glob(f"*/bin/{name}"), *([Path(on_path)] if on_path else [])]
    for path in paths:
        said = subprocess.run(  # noqa: S603
            [path, "--version"], capture_output=True, text=True, check=False
        ).stdout
        if version := re.search(r"\) (\d+)", said):
            found.setdefault(int(version[1]), path)
    fit = [version for version in sorted(found) if version >= at_least]
    if not fit:
        raise Refused(
            f"{name} of PostgreSQL {at_least} or newer is not installed on this "
            f"machine. Install it (Debian: apt-get install postgresql-client-"
            f"{at_least}) and try again."
        )
    return found[fit[0]], fit[0]


def environment() -> dict[str, str]:
    """What leads the programs to our database, and nothing of the caller's."""
    ours = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    parameters = connection.get_connection_params()
    for name, variable in _ENVIRONMENT.items():
        if parameters.get(name) not in (None, ""):
            ours[variable] = str(parameters[name])
    return ours | {"LC_ALL": "C.UTF-8"}


class Dump:
    """The database as a transaction sees it, in pieces."""

    def __init__(self, *, using: str) -> None:
        self._program, self.version = program("pg_dump", at_least=server_version())
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            (self._snapshot,) = cursor.fetchone()

    def chunks(self) -> Iterator[bytes]:
        command: list[Path | str] = [
            *(self._program, "--format=custom", "--no-owner", "--no-acl"),
            *("--no-password", f"--exclude-schema={ASIDE}*"),
            *("--lock-wait-timeout=60000", f"--snapshot={self._snapshot}"),
        ]
        with (
            tempfile.TemporaryFile() as said,
            subprocess.Popen(  # noqa: S603
                command, env=environment(), stdout=subprocess.PIPE, stderr=said
            ) as dump,
        ):
            assert dump.stdout
            try:
                while chunk := dump.stdout.read(CHUNK):
                    yield chunk
            finally:
                dump.stdout.close()
            if dump.wait():
                raise Refused(f"pg_dump could not go on: {_words(said)}")


def _words(said: Any) -> str:
    said.seek(0)
    return " ".join(said.read().decode(errors="replace").split())[:500]


def check(path: Path, *, dumped_by: int) -> None:
    """Whether pg_restore can read what is in the dump."""
    command, _ = program("pg_restore", at_least=dumped_by)
    listed = subprocess.run(  # noqa: S603
        [command, "--list", path], env=environment(), capture_output=True, check=False
    )
    if listed.returncode:
        why = " ".join(listed.stderr.decode(errors="replace").split())[:300]
        raise Refused(f"The database in it is damaged: {why}. Nothing was changed.")


def tables(*, using: str) -> dict[str, Table]:
    """Rows and a digest of every table that the transaction of ``using`` sees."""
    with connections[using].cursor() as cursor:
        for setting in (
            "TimeZone = 'UTC'",
            "DateStyle = 'ISO, YMD'",
            "IntervalStyle = 'postgres'",
            "bytea_output = 'hex'",
            "extra_float_digits = 1",
        ):
            cursor.execute(f"SET LOCAL {setting}")
        cursor.execute(
            "SELECT c.relname, (SELECT array_agg(quote_ident(a.attname) ORDER BY "
            "array_position(i.indkey::int2[], a.attnum)) FROM pg_index i "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) "
            "WHERE i.indrelid = c.oid AND i.indisprimary) FROM pg_class c "
            "WHERE c.relnamespace = current_schema()::regnamespace "
            "AND c.relkind IN ('r', 'p') ORDER BY 1"
        )
        found = cursor.fetchall()
    return {name: _table(name, key, using=using) for name, key in found}


def _table(name: str, key: list[str] | None, *, using: str) -> Table:
    order = ", ".join(f"t.{column}" for column in key or []) or 't::text COLLATE "C"'
    digest, rows = hashlib.sha256(), 0
    with connections[using].chunked_cursor() as cursor:
        cursor.execute(f'SELECT t::text FROM "{name}" AS t ORDER BY {order}')  # noqa: S608
        while found := cursor.fetchmany(500):
            for (row,) in found:
                digest.update(row.encode() + b"\n")
            rows += len(found)
    return Table(rows, digest.hexdigest())


def wrong_sequences() -> list[str]:
    """Sequences whose next number is one that was given already."""
    wrong = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.oid::regclass::text, t.oid::regclass::text, "
            "quote_ident(a.attname) FROM pg_class s "
            "JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i') "
            "JOIN pg_class t ON t.oid = d.refobjid "
            "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid "
            "WHERE s.relkind = 'S' AND s.relnamespace = current_schema()::regnamespace"
        )
        for sequence, table, column in cursor.fetchall():
            cursor.execute(
                f"SELECT (SELECT coalesce(max({column}), 0) FROM {table}) "  # noqa: S608
                f"<= (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 "
                f"END FROM {sequence})"
            )
            if not cursor.fetchone()[0]:
                wrong.append(sequence)
    return wrong


def refuse_when_in_use() -> None:
    """Somebody who has just left may still be there for a moment."""
    until = time.monotonic() + _LEAVING_TAKES
    while others := _other_connections():
        if time.monotonic() > until:
            raise Refused(
                f"The database is in use by {others} other connections. Stop the "
                "application and restore again. Nothing was changed."
            )
        time.sleep(0.1)


def _other_connections() -> int:
    """Of another role's connections PostgreSQL says only that they are there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND usesysid IS NOT NULL "
            "AND coalesce(backend_type, 'client backend') = 'client backend'"
        )
        count: int = cursor.fetchone()[0]
    return count


def refuse_older_server(dumped_by: int) -> None:
    if server_version() < dumped_by:
        raise Refused(
            f"This backup was made with PostgreSQL {dumped_by}; the server here is "
            f"{server_version()}. Restore it on PostgreSQL {dumped_by} or newer. "
            "Nothing was changed."
        )


def load(dump: Path, *, dumped_by: int, aside: str | None) -> None:
    """Put the dump into the database, all or nothing. ``aside`` is the name of a schema
    that what is there now is moved to.
    """
    restore, version = program("pg_restore", at_least=dumped_by)
    psql, _ = program("psql", at_least=version)
    begin = "BEGIN;\n"
    if aside:
        begin += f'ALTER SCHEMA public RENAME TO "{aside}";\nCREATE SCHEMA public;\n'
    # pg_restore writes what psql does; the end of the transaction comes from us, once
    # all of it is there, and without that nothing of it stays.
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603
            [psql, "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        ) as reader,
        subprocess.Popen(  # noqa: S603
            [restore, "--no-owner", "--no-acl", "--file=-", dump],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=said,
        ) as writer,
    ):
        assert reader.stdin
        assert writer.stdout
        try:
            reader.stdin.write(begin.encode())
            shutil.copyfileobj(writer.stdout, reader.stdin, CHUNK)
            if writer.wait():
                reader.kill()
            else:
                reader.stdin.write(b"\nCOMMIT;\n")
                reader.stdin.flush()
        except BrokenPipeError:
            writer.kill()
        finally:
            _close(reader.stdin)
        if reader.wait() or writer.wait():
            raise Refused(
                f"The database could not be put back: {_words(said)}. Nothing was "
                "changed."
            )


def _close(pipe: Any) -> None:
    with contextlib.suppress(BrokenPipeError):
        pipe.close()


def put_back(aside: str | None) -> None:
    """Undo ``load``."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute(
            f'ALTER SCHEMA "{aside}" RENAME TO public'
            if aside
            else "CREATE SCHEMA public"
        )


def drop(aside: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{aside}" CASCADE')
