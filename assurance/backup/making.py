"""Making a backup: all of it at one moment, or nothing."""

import contextlib
import datetime as dt
import errno
import fcntl
import os
import re
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from assurance.backup import Refused, postgresql, sqlite
from assurance.backup.archive import (
    DATABASE,
    FILES,
    Archive,
    Manifest,
    Member,
    Writer,
    chunks_of,
    opened,
)
from assurance.models import StoredFile
from assurance.snapshot import Moment, SlippedAway, moment

_NAME = re.compile(r"assurance-\d{8}T\d{6}Z\.backup\.zip")
_STAMPED = "assurance-%Y%m%dT%H%M%SZ.backup.zip"
_UNFINISHED, _LAID_OUT = ".unfinished-", ".laid-out-"
_DAY = 86_400
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Made:
    path: Path
    size: int
    manifest: Manifest
    # Files whose content is not what their row says; they are in it as they are.
    differing: list[str]
    pruned: list[Path]


def make(target: Path, *, keep: int | None = None) -> Made:
    """Make a backup in a folder, or at a file that is not there yet.

    ``keep`` is how many of a folder's backups stay. Raises ``Refused``; then no other
    backup was touched.
    """
    path = target if target.suffix == ".zip" else _new_path(target)
    if path.exists():
        raise Refused(f"{path} is there already. Name another file.")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(path.parent), _partial(path.parent, ".zip") as partial:
            manifest, differing = _write(partial)
            _check(partial)
            os.rename(partial, path)
            _sync_folder(path.parent)
            pruned = _prune(path.parent, keep=keep) if keep else []
    except OSError as error:
        raise Refused(_in_words(error, path.parent)) from error
    except SlippedAway as error:
        raise Refused(
            "Files are being deleted all the time, so no moment could be kept. Try "
            "again later."
        ) from error
    return Made(path, path.stat().st_size, manifest, differing, pruned)


def _new_path(folder: Path) -> Path:
    """Named by the second: where another was made in this one, in the next."""
    while (path := folder / timezone.now().strftime(_STAMPED)).exists():
        time.sleep(0.1)
    return path


def _in_words(error: OSError, folder: Path) -> str:
    if error.errno in _NO_ROOM:
        return (
            f"There is no room for the backup in {folder}. Make room, or name another "
            "folder. Earlier backups are as they were."
        )
    return f"The backup could not be written to {folder}: {error.strerror or error}."


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder, so what is unfinished there is left over."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(
                f"Another backup is being made in {folder}. Wait until it is done."
            ) from error
        for left_over in folder.glob(f"{_UNFINISHED}*"):
            left_over.unlink()
        for left_over in folder.glob(f"{_LAID_OUT}*"):
            # A younger one may be read by somebody who checks a backup meanwhile.
            if time.time() - left_over.stat().st_mtime > _DAY:
                left_over.unlink()
        yield


@contextmanager
def _partial(folder: Path, ending: str, *, kind: str = _UNFINISHED) -> Iterator[Path]:
    """A file that only its owner reads, gone unless it was given another name."""
    path = folder / f"{kind}{secrets.token_hex(8)}{ending}"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(partial: Path) -> tuple[Manifest, list[str]]:
    with moment() as now, partial.open("r+b") as file:
        writer = Writer(file)
        try:
            if connection.vendor == "sqlite":
                manifest = _write_sqlite(writer, now, partial.parent)
            else:
                manifest = _write_postgresql(writer, now)
            for name in now.named:
                if name in now.files.names:
                    with now.files.open(name) as content:
                        writer.add(f"{FILES}{name}", chunks_of(content))
            differing = _differing(writer.members, using=now.using)
            writer.seal(manifest)
        except BaseException:
            writer.abandon()
            raise
    return manifest, differing


def _differing(members: dict[str, Member], *, using: str) -> list[str]:
    """Files in the archive that are not what was handed in."""
    rows = StoredFile.objects.using(using).filter(removal=None).order_by("content")
    return [
        name
        for name, *kept in rows.values_list("content", "size", "sha256")
        if (member := members.get(f"{FILES}{name}"))
        and [member.size, member.sha256] != kept
    ]


def _write_sqlite(writer: Writer, now: Moment, folder: Path) -> Manifest:
    with _partial(folder, ".sqlite3") as copy:
        try:
            sqlite.copy_to(copy, using=now.using)
        except sqlite3.OperationalError as error:
            if "full" in str(error) or "disk I/O" in str(error):
                raise OSError(errno.ENOSPC, str(error)) from error
            raise
        with copy.open("rb") as content:
            writer.add(DATABASE, chunks_of(content), deflate=True)
        return Manifest(
            made_at=timezone.now().isoformat(),
            kind="sqlite",
            version=sqlite3.sqlite_version,
            dumped_by=3,
            migrations=_migrations(now.using),
            tables=sqlite.tables(copy),
            missing=now.missing,
        )


def _write_postgresql(writer: Writer, now: Moment) -> Manifest:
    made_at = timezone.now().isoformat()
    dump = postgresql.Dump(using=now.using)
    writer.add(DATABASE, dump.chunks())
    return Manifest(
        made_at=made_at,
        kind="postgresql",
        version=str(connection.pg_version),  # type: ignore[attr-defined]
        dumped_by=dump.version,
        migrations=_migrations(now.using),
        tables=postgresql.tables(using=now.using),
        missing=now.missing,
    )


def _migrations(using: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connections[using]).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


def verify(path: Path) -> Manifest:
    """Read a backup through, as a restore does before it begins. Raises ``Refused``.

    Its database is laid out beside it for that, and taken away again.
    """
    try:
        return _check(path)
    except OSError as error:
        raise Refused(
            f"{path} cannot be checked, for its database cannot be laid out beside it: "
            f"{error.strerror or error}."
        ) from error


def _check(path: Path) -> Manifest:
    with opened(path) as archive:
        archive.check_members()
        with database_of(archive, path.parent):
            return archive.manifest


@contextmanager
def database_of(archive: Archive, folder: Path) -> Iterator[Path]:
    """The database of an archive as a file, checked; it is gone afterwards."""
    manifest = archive.manifest
    with _partial(folder, ".database", kind=_LAID_OUT) as path:
        with path.open("wb") as file:
            for chunk in archive.read(DATABASE):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if manifest.kind == "sqlite":
            sqlite.check(path)
            if sqlite.tables(path) != manifest.tables:
                raise Refused(
                    f"{archive.path} holds other rows than its manifest says. Nothing "
                    "was changed. Take another backup."
                )
        else:
            postgresql.check(path, dumped_by=manifest.dumped_by)
        yield path


def backups_in(folder: Path) -> list[Path]:
    """Oldest first."""
    return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))


def newest_in(folder: Path) -> dt.datetime | None:
    """When the last backup that is there was made, by its name."""
    if not (there := backups_in(folder)):
        return None
    return dt.datetime.strptime(there[-1].name, _STAMPED).replace(tzinfo=dt.UTC)


def _prune(folder: Path, *, keep: int) -> list[Path]:
    old = backups_in(folder)[:-keep]
    for path in old:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
    return old
