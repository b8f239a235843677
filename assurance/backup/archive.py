"""The archive of a backup: a ZIP of the database, the files and a manifest.

The last 64 bytes, at the end of the archive's comment, are the SHA-256 of all that is
before them, so that no byte of it changes unseen. The manifest says size and SHA-256 of
every member. That tells of damage; it is no signature, so keep archives where nobody
else can write.
"""

import datetime as dt
import hashlib
import json
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from assurance.backup import Refused

FORMAT = 1
MANIFEST, DATABASE, FILES = "manifest.json", "database", "files/"
CHUNK = 1024 * 1024
_SEAL = b"Backup, format 1. SHA-256 of what is before: "
_HEX = 64
_MOST_OF_A_MANIFEST = 256 * CHUNK
# A database grows to so many times what it is in the archive, and no more.
_MOST_GROWTH = 200
_PART = re.compile(r"[^/\\:\x00-\x1f.][^/\\:\x00-\x1f]*")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,
    OverflowError,
)


@dataclass
class Table:
    rows: int
    sha256: str


@dataclass
class Member:
    size: int
    sha256: str


@dataclass
class Manifest:
    """What an archive says of itself."""

    made_at: str
    # "sqlite" or "postgresql", its version, and the major version of what dumped it.
    kind: str
    version: str
    dumped_by: int
    # Names of the migrations that had run, by app.
    migrations: dict[str, list[str]]
    tables: dict[str, Table]
    # Files that the database names and that were gone before the backup was made.
    missing: list[str]
    members: dict[str, Member] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    @property
    def files(self) -> list[str]:
        return [name for name in self.members if name.startswith(FILES)]

    @property
    def size(self) -> int:
        return sum(member.size for member in self.members.values())

    @property
    def made(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.made_at)


class Writer:
    """Fills an archive. What is written last seals it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._zip = zipfile.ZipFile(file, "w")
        self.members: dict[str, Member] = {}

    def add(self, name: str, chunks: Iterable[bytes], *, deflate: bool = False) -> None:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self.members[name] = Member(size, digest.hexdigest())

    def seal(self, manifest: Manifest) -> None:
        manifest.members = dict(self.members)
        text = json.dumps(asdict(manifest), indent=1, sort_keys=True)
        self.add(MANIFEST, [text.encode()], deflate=True)
        self._zip.comment = _SEAL + b"0" * _HEX
        self._zip.close()
        end = self._file.seek(0, os.SEEK_END) - _HEX
        digest = _digest_of_start(self._file, end)
        self._file.seek(end)
        self._file.write(digest.encode())
        self._file.flush()
        os.fsync(self._file.fileno())

    def abandon(self) -> None:
        """Without an end: the file is not used. What is full cannot be written to."""
        self._zip.fp = None


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _digest_of_start(file: BinaryIO, length: int) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while length > 0 and (chunk := file.read(min(CHUNK, length))):
        digest.update(chunk)
        length -= len(chunk)
    return digest.hexdigest()


@dataclass(frozen=True)
class Archive:
    """An archive whose seal and list of members are right."""

    path: Path
    manifest: Manifest
    _zip: zipfile.ZipFile

    def read(self, name: str) -> Iterator[bytes]:
        """A member's content; raises ``Refused`` at its end when it is another."""
        wanted = self.manifest.members[name]
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as member:
                while chunk := member.read(CHUNK):
                    size += len(chunk)
                    if size > wanted.size:
                        break
                    digest.update(chunk)
                    yield chunk
        except _DAMAGE as error:
            raise _damaged(self.path, f"{name} cannot be read") from error
        if (size, digest.hexdigest()) != (wanted.size, wanted.sha256):
            raise _damaged(self.path, f"{name} is not what was kept")

    def check_members(self) -> None:
        for name in self.manifest.members:
            for _ in self.read(name):
                pass


def _damaged(path: Path, why: str) -> Refused:
    return Refused(
        f"{path} is damaged or not whole: {why}. Nothing was changed. Take another "
        "backup."
    )


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive at ``path``. Raises ``Refused`` when it is none, or is damaged."""
    try:
        file = path.open("rb")
    except OSError as error:
        why = error.strerror or str(error)
        raise Refused(f"{path} cannot be read: {why}.") from error
    with file:
        try:
            _check_seal(path, file)
        except OSError as error:
            raise _damaged(path, error.strerror or str(error)) from error
        try:
            with zipfile.ZipFile(file) as zipped:
                manifest = _manifest(path, zipped)
                _check_members(path, zipped, manifest)
                yield Archive(path, manifest, zipped)
        except _DAMAGE as error:
            raise _damaged(path, "it cannot be read as a backup") from error


def _check_seal(path: Path, file: BinaryIO) -> None:
    size = file.seek(0, os.SEEK_END)
    start = size - _HEX - len(_SEAL)
    file.seek(max(start, 0))
    tail = file.read()
    if start < 0 or not tail.startswith(_SEAL):
        raise _damaged(path, "the end that every backup has is not there")
    if tail[-_HEX:].decode(errors="replace") != _digest_of_start(file, size - _HEX):
        raise _damaged(path, "its checksum is not the one it was kept with")


def _manifest(path: Path, zipped: zipfile.ZipFile) -> Manifest:
    info = zipped.getinfo(MANIFEST)
    if info.file_size > _MOST_OF_A_MANIFEST:
        raise _damaged(path, "its manifest is too large")
    with zipped.open(info) as member:
        read: dict[str, Any] = json.loads(member.read(_MOST_OF_A_MANIFEST))
    if read.get("format") != FORMAT:
        raise Refused(
            f"{path} is of format {read.get('format')}; this version of the "
            f"application reads format {FORMAT}. Use the version that made it."
        )
    read["tables"] = {name: Table(**table) for name, table in read["tables"].items()}
    members = {name: Member(**member) for name, member in read["members"].items()}
    return Manifest(**read | {"members": members})


def _check_members(path: Path, zipped: zipfile.ZipFile, manifest: Manifest) -> None:
    """Exactly what the manifest names, each as large as it says and where it may be."""
    infos = zipped.infolist()
    names = [info.filename for info in infos]
    if sorted(names) != sorted([*manifest.members, MANIFEST]):
        raise _damaged(path, "it does not hold what its manifest names")
    if DATABASE not in manifest.members:
        raise _damaged(path, "no database is in it")
    if sum(info.compress_size for info in infos) > path.stat().st_size:
        raise _damaged(path, "its members lie over each other")
    for info in infos:
        if not _is_name(info.filename):
            raise _damaged(path, f"a member is called {info.filename!r}")
        if info.flag_bits & 0x1 or stat.S_ISLNK(info.external_attr >> 16):
            raise _damaged(path, f"{info.filename} is encrypted or a link")
        if info.filename == MANIFEST:
            continue
        if info.file_size != manifest.members[info.filename].size:
            raise _damaged(path, f"{info.filename} is of another size")
        most = max(info.compress_size, 64) * (
            _MOST_GROWTH if info.filename == DATABASE else 1
        )
        if info.file_size > most:
            raise _damaged(path, f"{info.filename} would grow too much")


def _is_name(name: str) -> bool:
    if name in (MANIFEST, DATABASE):
        return True
    parts = name.removeprefix(FILES).split("/")
    return name.startswith(FILES) and all(_PART.fullmatch(part) for part in parts)
