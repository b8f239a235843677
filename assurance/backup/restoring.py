"""Putting a backup back: all of it or nothing.

Files have random names and are never changed. So those of the backup are laid beside
those there are, then the database is exchanged at once, then what only the old one
named goes aside: whenever it is stopped, a database and all its files are there.
"""

import filecmp
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from assurance import grants, guards
from assurance.backup import Refused, postgresql, since, sqlite
from assurance.backup.archive import CHUNK, FILES, Archive, Manifest, Table, opened
from assurance.backup.making import database_of
from assurance.snapshot import files_folder

_LAID, ASIDE = ".restoring-", ".before-restore-"
# What is in an installation that nobody has used yet.
_ALWAYS_THERE = {
    "auth_permission",
    "cache",
    "django_content_type",
    "django_migrations",
}
_IN_WORDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    # Migrations of this version of the application that the backup has not run.
    to_run: list[str]
    # Where what was there before is now, as sentences.
    aside: list[str]
    # What somebody must do, or know, as sentences: it came after the backup.
    since: list[str]


def restore(path: Path, *, replace: bool = False) -> Restored:
    """Put the backup at ``path`` into our database and ``FILES_DIR``.

    What they hold is refused unless ``replace``, and then stays aside. Raises
    ``Refused`` with nothing changed.
    """
    stamp = f"{timezone.now():%Y%m%dt%H%M%S}"
    with opened(path) as archive:
        manifest = archive.manifest
        _check_kind(manifest)
        to_run = _check_migrations(manifest)
        in_use = what_is_there()
        before = since.known()
        if in_use and not replace:
            raise Refused(
                f"{in_use} Restore to an empty database and folder, or add --replace. "
                "Nothing was changed."
            )
        try:
            with (
                _laid_out(archive, stamp) as laid,
                database_of(archive, _folder_of_database()) as database,
            ):
                added = _add(laid)
                try:
                    aside = _exchange(database, manifest, stamp, keep=bool(in_use))
                except BaseException:
                    _take_away(added)
                    raise
        except OSError as error:
            why = error.strerror or str(error)
            raise Refused(
                f"The backup could not be put back: {why}. Nothing was changed."
            ) from error
    aside += _put_others_aside(manifest, stamp)
    _check_afterwards()
    later = since.end_what_was_live() + since.hold_mail_back()
    later += since.to_do_again(before)
    return Restored(manifest, to_run, aside, later)


def _check_kind(manifest: Manifest) -> None:
    if manifest.kind != connection.vendor:
        raise Refused(
            f"This backup is of {_IN_WORDS.get(manifest.kind, manifest.kind)}; the "
            f"database here is {_IN_WORDS[connection.vendor]}. A backup goes back to "
            "the kind of database it was made of. What any other system can read is "
            "the hand-over of the whole record (manage.py hand_over). Nothing was "
            "changed."
        )
    if manifest.kind == "postgresql":
        postgresql.refuse_older_server(manifest.dumped_by)


def _check_migrations(manifest: Manifest) -> list[str]:
    """What has to run afterwards; refuses what this version knows nothing of."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    apps = {app for app, _ in known}
    run = {(app, name) for app, names in manifest.migrations.items() for name in names}
    newer = sorted(f"{app}.{name}" for app, name in run - known.keys() if app in apps)
    if newer:
        raise Refused(
            f"This backup was made by a newer version of the application: it knows "
            f"{', '.join(newer[:3])}. Install that version, then restore. Nothing was "
            "changed."
        )
    return sorted(f"{app}.{name}" for app, name in known.keys() - run)


def what_is_there() -> str:
    """A sentence about what a restore would replace; empty when there is nothing."""
    with connection.cursor() as cursor:
        names = {
            table.name
            for table in connection.introspection.get_table_list(cursor)
            if table.type in ("t", "p")
        }
        for name in sorted(names - _ALWAYS_THERE):
            cursor.execute(f'SELECT 1 FROM "{name}" LIMIT 1')  # noqa: S608
            if cursor.fetchone():
                return f"The database holds rows, for example in {name}."
    if any(_files_there()):
        return f"{files_folder()} holds files."
    return ""


def _files_there() -> Iterator[Path]:
    """What lies in ``FILES_DIR``, without what was put aside there."""
    root = files_folder()
    for folder, folders, files in os.walk(root):
        if Path(folder) == root:
            folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(folder) / file for file in files)


def _folder_of_database() -> Path:
    """Where a file can be renamed to the database at once."""
    if connection.vendor == "sqlite":
        return Path(connection.settings_dict["NAME"]).resolve().parent
    files_folder().mkdir(mode=0o750, parents=True, exist_ok=True)
    return files_folder()


@contextmanager
def _laid_out(archive: Archive, stamp: str) -> Iterator[Path]:
    """The files of the backup, checked, in a folder beside the others."""
    root = files_folder()
    root.mkdir(mode=0o750, parents=True, exist_ok=True)
    room = shutil.disk_usage(root).free
    if archive.manifest.size > room:
        raise Refused(
            f"There is no room for the backup in {root}: it takes "
            f"{archive.manifest.size // CHUNK} MB, and {room // CHUNK} MB are free. "
            "Nothing was changed."
        )
    for left_over in root.glob(f"{_LAID}*"):
        shutil.rmtree(left_over)
    laid = root / f"{_LAID}{stamp}"
    laid.mkdir(mode=0o700)
    try:
        for name in archive.manifest.files:
            target = laid / name.removeprefix(FILES)
            target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            with target.open("xb") as file:
                for chunk in archive.read(name):
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            target.chmod(0o640)
        yield laid
    finally:
        shutil.rmtree(laid, ignore_errors=True)


def _add(laid: Path) -> list[Path]:
    """Lay the files in their places; those that were not there are returned."""
    added, root = [], files_folder()
    for folder, _, files in os.walk(laid):
        for file in files:
            source = Path(folder) / file
            target = root / source.relative_to(laid)
            if target.exists() and filecmp.cmp(source, target, shallow=False):
                continue
            target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            if not target.exists():
                added.append(target)
            source.replace(target)
    return added


def _take_away(added: list[Path]) -> None:
    for path in added:
        path.unlink(missing_ok=True)


def _exchange(
    database: Path, manifest: Manifest, stamp: str, *, keep: bool
) -> list[str]:
    """The database of the backup in the place of ours, which is kept if need be."""
    if connection.vendor == "sqlite":
        return _exchange_sqlite(database, stamp, keep=keep)
    return _exchange_postgresql(database, manifest, stamp, keep=keep)


def _exchange_sqlite(database: Path, stamp: str, *, keep: bool) -> list[str]:
    path = Path(connection.settings_dict["NAME"])
    aside = path.with_name(f"{path.name}{ASIDE}{stamp}")
    connections.close_all()
    sqlite.replace(path, by=database, aside=aside if keep else None)
    return [f"The database as it was is {aside}."] if keep else []


def _exchange_postgresql(
    database: Path, manifest: Manifest, stamp: str, *, keep: bool
) -> list[str]:
    postgresql.refuse_when_in_use()
    has_tables = bool(connection.introspection.table_names())
    aside = f"{postgresql.ASIDE}{stamp}" if has_tables else None
    postgresql.load(database, dumped_by=manifest.dumped_by, aside=aside)
    connection.close()
    connection.ensure_connection()
    if _tables_now() != manifest.tables:
        postgresql.put_back(aside)
        raise Refused(
            "The database holds other rows than the backup once it was put back, so "
            "it was undone. Nothing was changed."
        )
    if aside and not keep:
        postgresql.drop(aside)
    if aside and keep:
        return [
            f"The database as it was is in its schema {aside}; "
            f'DROP SCHEMA "{aside}" CASCADE deletes it.'
        ]
    return []


def _tables_now() -> dict[str, Table]:
    with transaction.atomic():
        return postgresql.tables(using="default")


def _put_others_aside(manifest: Manifest, stamp: str) -> list[str]:
    """What only the old database named."""
    root, kept = files_folder(), set(manifest.files)
    aside = root / f"{ASIDE}{stamp}"
    for path in list(_files_there()):
        name = path.relative_to(root)
        if f"{FILES}{name.as_posix()}" not in kept:
            (aside / name).parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            path.replace(aside / name)
    return [f"Files that the backup does not name are in {aside}."] * aside.exists()


def _check_afterwards() -> None:
    """What keeps the record in order is there: guards, what the service may do, and
    numbers that go on.
    """
    try:
        unguarded = guards.missing(of_existing=True)
        if unguarded:
            guards.install()
            unguarded = guards.missing(of_existing=True)
        if grants.is_laid_for_another_role():
            grants.lay()
        if connection.vendor == "sqlite":
            wrong = sqlite.wrong_sequences(Path(connection.settings_dict["NAME"]))
        else:
            wrong = postgresql.wrong_sequences()
    except DatabaseError as error:
        raise Refused(f"The backup was put back and cannot be used: {error}") from error
    if unguarded or wrong:
        raise Refused(
            "The backup was put back, but is not in order: "
            f"{', '.join([*unguarded, *wrong])}. Run manage.py migrate, and look at "
            "what was put aside."
        )
