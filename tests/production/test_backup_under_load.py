"""A backup while people work, put back on an empty machine."""

import hashlib
import json
import os
import re
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from assurance.backup.archive import DATABASE, Writer, opened
from tests.production.conftest import Offices
from tests.servers import Browser, Installation, wait_until

# It makes the database that offices are copied from.
pytestmark = pytest.mark.django_db
WRITERS = 3
IN_THE_DATABASE = """
import json
from django.apps import apps
from django.db import connection
from assurance import guards
from assurance.models import StoredFile
from meetings.models import Person
models = apps.get_models(include_auto_created=True)
print(json.dumps({
    "rows": {m._meta.db_table: m._base_manager.count() for m in models
             if m._meta.managed},
    "people": sorted(Person.objects.values_list("name", flat=True)),
    "histories": sorted(Person.history.values_list("name", flat=True)),
    "unguarded": guards.missing(),
    "files": [[s.name, s.content.name, s.sha256] for s in StoredFile.objects.all()],
}))
"""

OPENED = """
import datetime as dt
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone
from assurance.models import User
secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
for name in ("lowered", "readdressed", "lost", "untouched"):
    user = User.objects.create_user(
        f"{name}@office.example", "plum cake on sundays", name=name,
        role="administrator", link_made_at=timezone.now(),
    )
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    Client().force_login(user)
"""
CHANGED = """
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from assurance.models import Session, User
Session.objects.all().delete()
lowered = User.objects.get(email="lowered@office.example")
lowered.role = "commissioner"
lowered.set_password("another cake on mondays")
lowered.save()
User.objects.filter(email="readdressed@office.example").update(
    email="new@office.example"
)
lost = User.objects.get(email="lost@office.example")
Authenticator.objects.filter(user=lost, type="totp").delete()
TOTP.activate(lost, "KBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
codes = Authenticator.objects.get(user=lost, type="recovery_codes").wrap()
codes.validate_code(codes.get_unused_codes()[0])
SocialAccount.objects.create(user=lost, provider="x", uid="1")
untouched = User.objects.get(email="untouched@office.example")
untouched.authenticator_set.get(type="totp").record_usage()
"""
LIVE = """
from assurance.models import Session, User
links = User.objects.exclude(link_made_at=None)
print(Session.objects.exclude(user=None).count(), links.count())
"""
MAIL_WAITS = """
from django.core.mail import EmailMessage
EmailMessage("Subject", "Words", to=["a@b.example"]).send()
"""
LATER = """
from assurance.models import Removal, User
user = User.objects.get(email="staff@office.example")
Removal.objects.create(why="Asked for by letter", by=user, mark="Removed", places={})
user.is_active = False
user.save()
"""
MAIL_NOW = """
from post_office.models import Email
print([(email.get_status_display(), email.message) for email in Email.objects.all()])
"""
BACKUP_WITH_LITTLE_ROOM = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
sys.argv = ["manage.py", "backup"]
runpy.run_path("manage.py", run_name="__main__")
"""


def state_of(office: Installation) -> dict:
    said = office.manage("shell", "--no-imports", "-c", IN_THE_DATABASE)
    return json.loads(said.splitlines()[-1])


def seeded(offices: Offices) -> Installation:
    office = offices.migrated()
    office.run("-m", "tests.production.writing", "seed")
    return office


def manifest_of(backup: Path) -> dict:
    with zipfile.ZipFile(backup) as zipped:
        return json.loads(zipped.read("manifest.json"))


def as_of_an_older_version(backup: Path) -> Path:
    """The same, as if made before the last migration of actions was written."""
    path = backup.with_name("older.zip")
    with opened(backup) as archive, path.open("w+b") as file:
        writer = Writer(file)
        for name in archive.manifest.members:
            writer.add(name, archive.read(name), deflate=name == DATABASE)
        archive.manifest.migrations["actions"].pop()
        writer.seal(archive.manifest)
    return path


@contextmanager
def writing(office: Installation, *, writers: int = 1) -> Iterator[None]:
    """Somebody is at work all the while, and has kept something already."""
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                office.running(
                    *("-m", "tests.production.writing", str(n), "600", "100000", "500")
                )
            )
            for n in range(writers)
        ]
        for writer in started:
            assert writer.stdout
            said = writer.stdout.readline()
            assert said.startswith("kept "), said + writer.stdout.read()
        yield


def _unfinished(folder: Path) -> list[Path]:
    """What was begun and holds something, the database at least."""
    return [path for path in folder.glob(".unfinished-*.zip") if path.stat().st_size]


def the_backup(office: Installation) -> Path:
    (made,) = (office.folder / "backups").glob("assurance-*.zip")
    return made


def test_a_backup_under_load_is_of_one_moment_and_goes_back_whole(
    offices: Offices,
) -> None:
    office = seeded(offices)
    with writing(office, writers=WRITERS):
        time.sleep(1)
        office.manage("backup")
        backup = the_backup(office)
        there = manifest_of(backup)["tables"]["meetings_person"]["rows"]
        wait_until(lambda: len(state_of(office)["people"]) > there)

    empty = offices.empty()
    said = empty.manage("restore", str(backup))
    assert "You can start the application now" in said
    restored, manifest = state_of(empty), manifest_of(backup)
    # Every table has the rows and, compared row by row, the content of that moment.
    counted = {name: table["rows"] for name, table in manifest["tables"].items()}
    assert restored["rows"].items() <= counted.items()
    assert restored["unguarded"] == []
    again = empty.folder / "again.zip"
    empty.manage("backup", str(again))
    assert manifest_of(again)["tables"] == manifest["tables"]
    # Of each writer all that came before that moment and nothing that came after;
    # with each person their history, and the file of the same transaction.
    assert restored["people"] == restored["histories"]
    named = {name.removesuffix(".txt") for name, *_ in restored["files"]}
    for writer in range(WRITERS):
        numbers = sorted(
            int(match[1])
            for person in restored["people"]
            if (match := re.fullmatch(rf"Writer {writer} number (\d+)", person))
        )
        assert numbers == list(range(1, len(numbers) + 1))
        assert numbers
        stay = {f"Writer {writer} number {n}" for n in numbers[:-1] if n % 3}
        assert stay <= named
    assert len(restored["people"]) < len(state_of(office)["people"])
    # Each file that a row names is there, with its content, and no other.
    there = {
        path.relative_to(empty.files).as_posix()
        for path in empty.files.rglob("*")
        if path.is_file()
    }
    assert there == {content for _, content, _ in restored["files"]}
    for _, content, sha256 in restored["files"]:
        read = (empty.files / content).read_bytes()
        assert hashlib.sha256(read).hexdigest() == sha256
    # Nothing of the making is left.
    assert not list(office.files.glob(".held-*"))
    assert not list(backup.parent.glob(".unfinished-*"))
    assert backup.stat().st_mode & 0o777 == 0o600


def test_a_restored_office_lets_people_sign_in_and_opens_its_files(
    offices: Offices,
) -> None:
    office = seeded(offices)
    office.manage("backup")
    empty = offices.empty()
    said = empty.manage("restore", str(as_of_an_older_version(the_backup(office))))
    assert "of an older version of the application. Run manage.py migrate (1 " in said
    (file,) = state_of(empty)["files"]
    assert (empty.files / file[1]).read_bytes() == b"The first file"
    with empty.serve(workers=1) as server:
        browser = Browser(server.url)
        browser.sign_in("staff@office.example", "correct horse battery")
        assert "<h1" in browser.page("/meetings/")
        # And while somebody works with it, nothing is put in its place.
        with writing(empty):
            said = empty.manage(
                *("restore", str(the_backup(office)), "--replace"),
                typed="replace\n",
                fails=True,
            )
        assert "in use" in said
        assert "Stop the application" in said
        assert "<h1" in browser.page("/meetings/")
    assert state_of(empty)["people"]


def test_a_backup_that_is_killed_leaves_the_last_good_one(offices: Offices) -> None:
    office = seeded(offices)
    office.manage("backup")
    good = the_backup(office)
    # It waits at this file for as long as nobody writes into it.
    (file,) = (path for path in office.files.rglob("*") if path.is_file())
    aside = file.rename(office.folder / "aside")
    os.mkfifo(file)
    with office.running("manage.py", "backup") as process:
        wait_until(lambda: any(_unfinished(good.parent)) or process.poll() is not None)
        assert process.poll() is None
        process.kill()
    assert any(_unfinished(good.parent))
    aside.replace(file)
    assert list(good.parent.glob("assurance-*.zip")) == [good]
    assert "is whole" in office.manage("backup", "--verify", str(good))
    office.manage("backup", "--keep", "1")
    last = the_backup(office)
    assert last.name > good.name
    assert not list(good.parent.glob(".unfinished-*"))


def test_what_is_there_is_replaced_only_when_somebody_types_it_and_stays_aside(
    offices: Offices,
) -> None:
    office = seeded(offices)
    office.manage("backup")
    backup = str(the_backup(office))
    office.run("-m", "tests.production.writing", "7", "60", "2", "1")
    before = state_of(office)
    said = office.manage("restore", backup, fails=True)
    assert "The database holds rows" in said
    assert "--replace" in said
    said = office.manage("restore", backup, "--replace", typed="yes\n", fails=True)
    assert "Nothing was changed" in said
    assert state_of(office) == before
    said = office.manage("restore", backup, "--replace", typed="replace\n")
    after = state_of(office)
    assert after["people"] == []
    assert [name for name, *_ in after["files"]] == ["first.txt"]
    assert "The database as it was is" in said
    assert len(list(office.files.glob(".before-restore-*/*/*"))) == 2
    # A second backup after it holds neither.
    office.manage("backup", "--keep", "1")
    manifest = manifest_of(the_backup(office))
    assert [name for name in manifest["members"] if name.startswith("files/")] == [
        f"files/{after['files'][0][1]}"
    ]


def test_what_came_after_the_backup_is_said_and_its_mail_is_not_sent_again(
    offices: Offices,
) -> None:
    office = seeded(offices)
    office.manage("shell", "--no-imports", "-c", MAIL_WAITS)
    office.manage("backup")
    office.manage("shell", "--no-imports", "-c", LATER)
    backup = str(the_backup(office))
    said = office.manage("restore", backup, "--replace", typed="replace\n")
    assert "E-mails that waited in the backup and will not be sent: 1." in said
    assert "staff@office.example may sign in again, and was stopped since" in said
    assert re.search(r"what was removed at .* UTC: Asked for by letter", said)
    assert "'failed', ''" in office.manage("shell", "--no-imports", "-c", MAIL_NOW)


def test_a_restore_signs_everybody_out_and_names_the_accounts_it_sets_back(
    offices: Offices,
) -> None:
    office = seeded(offices)
    office.manage("shell", "--no-imports", "-c", OPENED)
    assert "4 4" in office.manage("shell", "--no-imports", "-c", LIVE)
    office.manage("backup")
    backup = str(the_backup(office))
    office.manage("shell", "--no-imports", "-c", CHANGED)
    said = office.manage("restore", backup, "--replace", typed="replace\n")
    assert "0 0" in office.manage("shell", "--no-imports", "-c", LIVE)
    assert "Everybody is signed out" in said
    again = "is again as in the backup in what was changed since"
    assert f"lowered@office.example {again} (role, password):" in said
    assert (
        "readdressed@office.example, until now new@office.example, is again as in the "
        "backup in what was changed since (e-mail address):"
    ) in said
    assert (
        f"lost@office.example {again} (second step, recovery codes, single sign-on):"
    ) in said
    assert "untouched@office.example" not in said


def test_without_room_it_says_so_and_leaves_nothing(offices: Offices) -> None:
    office = seeded(offices)
    with office.running("-c", BACKUP_WITH_LITTLE_ROOM) as process:
        said, _ = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "There is no room for the backup in" in said
    assert "Traceback" not in said
    assert [path.name for path in (office.folder / "backups").iterdir()] == [".lock"]


def test_a_file_that_is_lost_is_named_and_the_rest_is_kept(offices: Offices) -> None:
    office = seeded(offices)
    (_, content, _), *_ = state_of(office)["files"]
    (office.files / content).unlink()
    said = office.manage("backup", fails=True)
    assert "1 files that the record names are not in" in said
    assert content in said
    manifest = manifest_of(the_backup(office))
    assert manifest["missing"] == [content]


def test_a_file_that_is_not_what_was_kept_is_named_and_kept_as_it_is(
    offices: Offices,
) -> None:
    office = seeded(offices)
    (_, content, _), *_ = state_of(office)["files"]
    forged = b"F" * (office.files / content).stat().st_size
    (office.files / content).write_bytes(forged)
    said = office.manage("backup", fails=True)
    assert "The backup is made, but 1 files that the record names are not what" in said
    assert content in said
    with zipfile.ZipFile(the_backup(office)) as archive:
        assert archive.read(f"files/{content}") == forged
    assert "is whole" in office.manage("backup", "--verify", str(the_backup(office)))


@pytest.mark.parametrize("keep", ["0", "-1"])
def test_not_all_backups_can_be_pruned(offices: Offices, keep: str) -> None:
    office = offices.empty()
    assert "at least 1" in office.manage("backup", f"--keep={keep}", fails=True)
