"""How a database in a file is copied, checked and put back."""

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connections

from assurance.backup import Refused
from assurance.backup.archive import Table


def copy_to(path: Path, *, using: str) -> None:
    """The database as the connection ``using`` sees it, in one file without the rest
    of what was deleted.
    """
    with closing(sqlite3.connect(path)) as copy:
        connections[using].connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute("VACUUM")
    check(path)


def check(path: Path) -> None:
    with closing(_reading(path)) as database:
        try:
            found = database.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        raise Refused(f"The database in it is damaged: {found}. Nothing was changed.")


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def tables(path: Path) -> dict[str, Table]:
    """Rows and a digest of every table, by name."""
    with closing(_reading(path)) as database:
        names = [
            name
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
            if not name.startswith("sqlite_")
        ]
        return {name: _table(database, name) for name in names}


def _table(database: sqlite3.Connection, name: str) -> Table:
    columns = database.execute(f'PRAGMA table_info("{name}")').fetchall()
    key = [column[1] for column in sorted(columns, key=lambda c: c[5]) if column[5]]
    order = ", ".join(f'"{column}"' for column in key or [c[1] for c in columns])
    digest, rows = hashlib.sha256(), 0
    for row in database.execute(f'SELECT * FROM "{name}" ORDER BY {order}'):  # noqa: S608
        digest.update(repr(row).encode())
        rows += 1
    return Table(rows, digest.hexdigest())


def wrong_sequences(path: Path) -> list[str]:
    """Tables whose next number is one that was given already."""
    with closing(_reading(path)) as database:
        rows = database.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
        return [
            name
            for name, last in rows
            if last
            < database.execute(
                f'SELECT coalesce(max(rowid), 0) FROM "{name}"'  # noqa: S608
            ).fetchone()[0]
        ]


def refuse_when_in_use(path: Path) -> None:
    """Gathers what is in the file's journal, which only its last user can."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path, timeout=3, isolation_level=None)) as database:
        try:
            database.execute("PRAGMA journal_mode = DELETE")
            database.execute("BEGIN EXCLUSIVE")
            database.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise Refused(
                f"The database {path} is in use. Stop the application and restore "
                "again. Nothing was changed."
            ) from error


def replace(path: Path, *, by: Path, aside: Path | None) -> None:
    """Put a file in the place of the database at once; what was there goes aside."""
    refuse_when_in_use(path)
    if path.exists() and aside is not None:
        try:
            os.link(path, aside)
        except OSError:
            shutil.copyfile(path, aside)
    for rest in ("-wal", "-shm", "-journal"):
        Path(f"{path}{rest}").unlink(missing_ok=True)
    used = path.exists() and path.stat().st_size
    by.chmod(path.stat().st_mode & 0o777 if used else 0o600)
    by.replace(path)
