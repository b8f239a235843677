"""Database and files as they were at one moment, while others go on writing.

The content of a file is never changed, is written before its row and deleted after it.
So links to all contents are made first, then the database is looked at, and then what
it names and came meanwhile is linked: whatever is deleted from then on stays readable.
"""

import copy
import errno
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connections, transaction
from django.db.models import FileField

from assurance.models import StoredFile

_HELD = ".held-"
# Nobody is at work with it any longer: what held it was killed.
_LEFT_OVER_AFTER = 2 * 24 * 60 * 60
# How often a file may be deleted at the very moment it is looked for.
_TRIES = 20


class SlippedAway(Exception):
    """Files are deleted quicker than they can be held."""


def files_folder() -> Path:
    """Where files that were handed in lie."""
    return Path(default_storage.path(""))


@dataclass
class HeldFiles:
    """Links to contents in a folder beside them; copies where no links can be made."""

    folder: Path
    names: set[str] = field(default_factory=set)

    def hold_all(self) -> None:
        root = files_folder()
        for folder, folders, files in os.walk(root):
            if Path(folder) == root:
                folders[:] = [name for name in folders if not name.startswith(".")]
            for file in files:
                self.hold((Path(folder) / file).relative_to(root).as_posix())

    def hold(self, name: str) -> bool:
        """Whether the content is there to be held."""
        held = self.folder / name
        if name in self.names:
            return True
        if not files_folder().is_dir():
            return False
        held.parent.mkdir(parents=True, exist_ok=True)
        try:
            _link_or_copy(Path(default_storage.path(name)), held)
        except (FileNotFoundError, IsADirectoryError):
            return False
        self.names.add(name)
        return True

    def open(self, name: str) -> BinaryIO:
        return (self.folder / name).open("rb")

    def size(self, name: str) -> int:
        return (self.folder / name).stat().st_size


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        cannot = (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS)
        if error.errno not in cannot:
            raise
        shutil.copyfile(source, target)


@dataclass(frozen=True)
class Moment:
    """``using`` names a connection that sees the database as it was; ``missing`` are
    the files that it names and nobody finds any more.
    """

    using: str
    files: HeldFiles
    named: list[str]
    missing: list[str]


@contextmanager
def moment() -> Iterator[Moment]:
    """Hold the present. Raises ``SlippedAway`` where that cannot be done."""
    with _held_files() as files:
        for _ in range(_TRIES):
            with _one_view_of_the_database() as using:
                named = sorted(_named_files(using))
                missing = [name for name in named if not files.hold(name)]
                if not _named_now(missing):
                    continue
                yield Moment(using, files, named, missing)
                return
    raise SlippedAway


def _named_now(names: list[str]) -> bool:
    """Whether rows of the present still name all these: so they are not deleted, they
    are lost.
    """
    there = _named_files("default") if names else set()
    return there.issuperset(names)


def _named_files(using: str) -> set[str]:
    named: set[str] = set()
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, FileField):
                rows = model._base_manager.using(using).exclude(**{column.name: ""})
                if model is StoredFile:
                    rows = rows.filter(removal=None)  # else it was emptied
                named.update(filter(None, rows.values_list(column.name, flat=True)))
    return named


@contextmanager
def _held_files() -> Iterator[HeldFiles]:
    remove_left_overs()
    root = files_folder()
    folder = root / f"{_HELD}{uuid.uuid4().hex}"
    if root.is_dir():
        folder.mkdir(mode=0o700)
    held = HeldFiles(folder)
    try:
        held.hold_all()
        yield held
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_left_overs() -> None:
    """What a backup held that was killed: else it keeps contents that were deleted."""
    for folder in files_folder().glob(f"{_HELD}*"):
        if folder.stat().st_mtime < time.time() - _LEFT_OVER_AFTER:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _one_view_of_the_database() -> Iterator[str]:
    """A connection of its own, in one transaction that only reads."""
    original = connections["default"]
    alias = f"moment-{uuid.uuid4().hex}"
    settings = copy.deepcopy(original.settings_dict)
    options = settings["OPTIONS"]
    options.pop("pool", None)
    if original.vendor == "sqlite":
        # As elsewhere it would wait for writers, and they for it.
        options["transaction_mode"] = "DEFERRED"
        begin = "SELECT count(*) FROM sqlite_master"
    else:
        begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
    connections[alias] = type(original)(settings, alias)
    try:
        with transaction.atomic(using=alias):
            with connections[alias].cursor() as cursor:
                cursor.execute(begin)
            yield alias
    finally:
        connections[alias].close()
        del connections[alias]
