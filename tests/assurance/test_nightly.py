"""What is done once a day, and what it says when something is wrong."""

import datetime as dt
import io
import os
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from post_office.models import STATUS, Email

from assurance import guards
from assurance.alone import alone
from assurance.models import Session, StoredFile, Submission, Unsent, User
from meetings.models.agenda import Paper
from tests.factories import AgendaItemFactory, stored_file


@pytest.fixture(autouse=True)
def backups(tmp_path: Path, settings: Any) -> Path:
    """Where backups would be, and none was made."""
    settings.BACKUP_DIR = tmp_path / "backups"
    return settings.BACKUP_DIR


def run() -> str:
    out = io.StringIO()
    call_command("nightly", stdout=out)
    return out.getvalue()


def wrong() -> str:
    out = io.StringIO()
    with pytest.raises(CommandError, match="Wrong: 1 of 10"):
        call_command("nightly", stdout=out)
    return out.getvalue()


def test_on_an_empty_database_all_is_well_and_it_says_so_in_a_line_each(
    db: None,
) -> None:
    said = run().splitlines()
    assert len(said) == 10
    assert all(line.endswith(".") for line in said)
    assert said[-1] == "The database guards what is written once."


def test_what_nobody_needs_any_more_goes_and_the_rest_stays(
    as_: Any, staff: User, administrator: User
) -> None:
    browser = as_(staff)
    browser.get(reverse("home"))
    now = timezone.now()
    for days in (6, 8):
        at = now - dt.timedelta(days=days)
        Submission.objects.create(key=str(days), user=staff, result_url="/", at=at)
    for hours in (23, 25):
        Unsent.objects.create(
            token=str(hours),
            user=staff,
            path="/",
            sent=[],
            at=now - dt.timedelta(hours=hours),
        )
    with time_machine.travel(now - dt.timedelta(hours=13)):
        as_(administrator)
        cache.set("old", 1, 60)
    cache.set("new", 1, 60)
    said = run()
    assert [row.user for row in Session.objects.all()] == [staff]
    assert Submission.objects.get().key == "6"
    assert Unsent.objects.get().token == "23"
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache")
        keys = [key for (key,) in cursor.fetchall()]
    assert ":1:new" in keys
    assert ":1:old" not in keys
    assert "Sessions that were over, removed: 1." in said
    assert browser.get(reverse("home")).status_code == 200


def lay(folder: Path, name: str, *, days: float) -> Path:
    """A file that has been there for days, as far as its times say."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Said in confidence")
    at = time.time() - days * 86400
    os.utime(path, (at, at))
    return path


def test_files_that_no_row_names_go_once_they_are_a_day_old(
    db: None, files_dir: Path
) -> None:
    kept = stored_file()
    Paper.objects.create(item=AgendaItemFactory(), title="Figures", file=kept)
    token = uuid.uuid4().hex
    name = f"{token[:2]}/{token}"
    left_over = lay(files_dir, name, days=0)
    notes = lay(files_dir, "ab/readme.txt", days=0)
    assert "Files that nothing refers to, removed: 0." in run()
    with time_machine.travel(timezone.now() + dt.timedelta(days=2)):
        said = run()
    assert "Files that nothing refers to, removed: 1." in said
    assert not left_over.exists()
    # Nothing else in the folder is touched.
    assert notes.exists()
    assert StoredFile.objects.get() == kept
    assert kept.content.storage.exists(kept.content.name)


def test_what_a_killed_backup_held_goes_and_what_one_at_work_holds_stays(
    db: None, files_dir: Path
) -> None:
    killed = lay(files_dir, f".held-1/ab/{uuid.uuid4().hex}", days=3)
    at_work = lay(files_dir, f".held-2/ab/{uuid.uuid4().hex}", days=3)
    at = time.time() - 3 * 86400
    os.utime(files_dir / ".held-1", (at, at))
    run()
    assert not killed.exists()
    assert at_work.exists()


def test_a_file_put_back_with_its_old_time_is_a_new_one(
    db: None, files_dir: Path
) -> None:
    token = uuid.uuid4().hex
    put_back = lay(files_dir, f"{token[:2]}/{token}", days=300)
    run()
    assert put_back.exists()


def test_a_missing_file_is_said_by_number_and_never_by_name(
    db: None, files_dir: Path
) -> None:
    kept = stored_file()
    Paper.objects.create(item=AgendaItemFactory(), title="Figures", file=kept)
    (files_dir / kept.content.name).unlink()
    said = wrong()
    assert f"Files missing in FILES_DIR: 1 (stored files {kept.pk})." in said
    assert kept.name not in said


def test_a_file_that_is_not_what_was_kept_is_said_by_number_and_never_by_name(
    db: None, files_dir: Path
) -> None:
    item = AgendaItemFactory()
    grown, forged, lost, whole = (stored_file(f"figures {n}.txt") for n in range(4))
    for kept in (grown, forged, lost, whole):
        Paper.objects.create(item=item, title="Figures", file=kept)
    at = files_dir / forged.content.name
    at.write_bytes(b"F" * forged.size)
    with (files_dir / grown.content.name).open("ab") as content:
        content.write(b"\n")
    (files_dir / lost.content.name).unlink()
    said = wrong()
    assert f"Files missing in FILES_DIR: 1 (stored files {lost.pk})." in said
    numbers = f"{grown.pk}, {forged.pk}"
    assert (
        f"that are not what was kept in FILES_DIR: 2 (stored files {numbers})." in said
    )
    assert "Put them back from a backup." in said
    assert "figures" not in said


def test_a_table_that_lost_its_guards_is_wrong(db: None) -> None:
    guards.remove()
    said = wrong()
    guards.install()
    assert "The database would let" in said
    assert "assurance_event" in said
    assert "guards what is written once" in run()


def test_backups_that_end_are_wrong_once_there_was_one(db: None, backups: Path) -> None:
    assert "No backup was ever made" in run()
    backups.mkdir()
    (backups / ".lock").touch()
    assert f"The newest backup in {backups} is not there." in wrong()
    (backups / "assurance-20250301T011500Z.backup.zip").touch()
    (backups / "assurance-20250302T011500Z.backup.zip").touch()
    # Its name tells, not when it was copied there.
    with time_machine.travel(dt.datetime(2025, 3, 4, 1, 0, tzinfo=dt.UTC)):
        assert "The newest backup was made at 2025-03-02 01:15 UTC." in run()
    with time_machine.travel(dt.datetime(2025, 3, 4, 2, 15, tzinfo=dt.UTC)):
        said = wrong()
    assert "was made at 2025-03-02 01:15 UTC. See whether backup runs." in said


def test_emails_that_nobody_sends_are_wrong_where_there_is_a_mail_server(
    db: None, settings: Any
) -> None:
    settings.MAIL_IS_SENT = True
    Email.objects.create(
        from_email="a@b.example", to=["c@d.example"], status=STATUS.queued
    )
    run()
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):
        assert "Waiting to be sent: 1." in wrong()
        settings.MAIL_IS_SENT = False
        run()


def test_one_part_that_fails_does_not_keep_the_others_from_theirs(
    db: None, settings: Any
) -> None:
    settings.CACHES = {"default": {"LOCATION": "no_such_table"}}
    said = wrong()
    assert "Could not do this: empty cache (" in said
    assert "guards what is written once" in said


@pytest.mark.django_db(transaction=True)
def test_one_machine_does_it_at_a_time() -> None:
    with alone("nightly"):
        assert run() == "This is being done already.\n"
