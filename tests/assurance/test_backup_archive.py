"""An archive that is not what was kept is refused, with nothing changed."""

import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.db import connection

from assurance.backup import Refused, postgresql
from assurance.backup.archive import DATABASE, FILES, Manifest, Writer, opened
from assurance.backup.making import make, verify
from assurance.backup.restoring import restore
from assurance.models import StoredFile
from assurance.snapshot import files_folder
from tests.factories import stored_file

pytestmark = pytest.mark.django_db(transaction=True)

EVIL_NAMES = [
    "files/../../evil",
    "files/..",
    "../evil",
    "/etc/evil",
    "files//etc/evil",
    "files/a\\..\\evil",
    "files/C:evil",
    "files/.held-1/evil",
    "evil",
    "files/",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backups")


@pytest.fixture
def backup(folder: Path) -> Path:
    """Made once: the tests here only read it."""
    path = folder / "kept.zip"
    if not path.exists():
        stored_file("figures.txt")
        make(path)
    return path


def forged(path: Path, members: Iterable[tuple[str, bytes]], **changes: str) -> Path:
    """An archive whose seal and manifest are right, with whatever is in it."""
    manifest = Manifest(
        made_at="2025-05-30T09:00:00+00:00",
        kind=connection.vendor,
        version="1",
        dumped_by=3,
        migrations={},
        tables={},
        missing=[],
    )
    for name, value in changes.items():
        setattr(manifest, name, value)
    with path.open("w+b") as file:
        writer = Writer(file)
        for name, content in members:
            writer.add(name, [content], deflate=name == DATABASE)
        writer.seal(manifest)
    return path


def refused(path: Path) -> str:
    """What it says, to one who checks and to one who restores; nothing is touched."""
    stored_file("mine.txt")
    before = sorted(files_folder().rglob("*"))
    with pytest.raises(Refused) as to_check:
        verify(path)
    with pytest.raises(Refused):
        restore(path, replace=True)
    assert sorted(files_folder().rglob("*")) == before
    assert StoredFile.objects.filter(name="mine.txt").exists()
    assert list(path.parent.glob(".*-*")) == []
    return str(to_check.value)


def test_a_backup_that_is_whole_is_read_back(backup: Path) -> None:
    manifest = verify(backup)
    assert manifest.kind == connection.vendor
    assert manifest.tables["assurance_storedfile"].rows == 1
    assert len(manifest.files) == 1
    assert backup.stat().st_mode & 0o777 == 0o600


def test_it_is_checked_where_it_lies_and_nowhere_else(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders for temporary files are small, and not where its words belong."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    verify(backup)
    assert list(backup.parent.glob(".laid-out-*")) == []


def test_a_database_left_behind_goes_with_a_later_backup(tmp_path: Path) -> None:
    old, young = tmp_path / ".laid-out-1.database", tmp_path / ".laid-out-2.database"
    old.touch()
    young.touch()
    os.utime(old, (0, 0))
    make(tmp_path)
    assert not old.exists()
    assert young.exists()


def test_one_byte_changed_anywhere_is_noticed(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    places = {0, 4, 10, 30, len(whole) - 1, len(whole) - 64, len(whole) - 65}
    places |= set(range(0, len(whole), len(whole) // 40))
    places |= set(range(len(whole) - 400, len(whole), 23))
    damaged = tmp_path / "damaged.zip"
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 0x20
        damaged.write_bytes(changed)
        with pytest.raises(Refused, match="is damaged or not whole"):
            verify(damaged)
    assert "Take another backup" in refused(damaged)


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99, 1])
def test_a_backup_cut_short_or_with_more_behind_it_is_noticed(
    backup: Path, tmp_path: Path, share: float
) -> None:
    whole = backup.read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole[: int(len(whole) * share)] if share < 1 else whole + b"\0")
    assert "is damaged or not whole" in refused(cut)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as zipped:
        zipped.writestr("manifest.json", "{}")
    assert "the end that every backup has is not there" in refused(other)
    assert "cannot be read: No such file" in refused(tmp_path / "none.zip")
    assert "cannot be read: Is a directory" in refused(tmp_path)


@pytest.mark.parametrize("name", EVIL_NAMES)
def test_a_member_that_would_leave_the_folder_is_refused(
    tmp_path: Path, name: str
) -> None:
    path = forged(tmp_path / "evil.zip", [(DATABASE, b"x"), (name, b"evil")])
    assert "a member is called" in refused(path)
    assert not list(tmp_path.parent.rglob("evil"))


def test_a_member_twice_is_refused(tmp_path: Path) -> None:
    twice = [(DATABASE, b"x"), (f"{FILES}aa/bb", b"1"), (f"{FILES}aa/bb", b"2")]
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = forged(tmp_path / "twice.zip", twice)
    assert "it does not hold what its manifest names" in refused(path)


def test_a_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    path = forged(tmp_path / "bomb.zip", [(DATABASE, bytes(60_000_000))])
    assert path.stat().st_size < 100_000
    assert "would grow too much" in refused(path)


def test_a_backup_without_its_database_is_refused(tmp_path: Path) -> None:
    path = forged(tmp_path / "none.zip", [(f"{FILES}aa/bb", b"x")])
    assert "no database is in it" in refused(path)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = forged(tmp_path / "text.zip", [(DATABASE, b"not a database " * 500)])
    assert "The database in it is damaged" in refused(path)


def test_a_backup_goes_back_to_its_own_kind_of_database(tmp_path: Path) -> None:
    other = "postgresql" if connection.vendor == "sqlite" else "sqlite"
    path = forged(tmp_path / "other.zip", [(DATABASE, b"x")], kind=other)
    with pytest.raises(Refused, match="goes back to the kind of database it was made"):
        restore(path)


def test_a_backup_of_a_newer_application_is_refused(tmp_path: Path) -> None:
    newer = {"meetings": ["9999_from_the_future"]}
    path = forged(tmp_path / "newer.zip", [(DATABASE, b"x")], migrations=newer)
    with pytest.raises(Refused, match=r"newer version .* meetings.9999_from_the_fut"):
        restore(path)


def test_a_newer_form_of_archive_is_refused(tmp_path: Path) -> None:
    path = forged(tmp_path / "form.zip", [(DATABASE, b"x")], format=2)
    with pytest.raises(Refused, match="is of format 2"), opened(path):
        pass


def test_no_file_is_overwritten(backup: Path) -> None:
    with pytest.raises(Refused, match="is there already"):
        make(backup)


def test_a_program_that_is_not_installed_is_named_with_what_to_install() -> None:
    with pytest.raises(Refused, match=r"pg_dump of PostgreSQL 99 or newer is not"):
        postgresql.program("pg_dump", at_least=99)
