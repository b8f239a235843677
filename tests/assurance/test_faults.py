"""What is said when the database takes nothing, or no file can be written."""

import errno
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError, OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

from assurance.models import StoredFile, User
from assurance.serving.faults import Typed, is_database_away, is_out_of_room
from meetings.models.agenda import Paper
from tests.factories import AgendaItemFactory, upload
from tests.servers import Installation, new_database

AWAY = "This service cannot answer just now"


class FullDisk(FileSystemStorage):
    """A folder on a disk that is full."""

    def _save(self, name: str, content: Any) -> str:
        raise OSError(errno.ENOSPC, "No space left on device", name)


@pytest.fixture
def add_paper(as_: Any, staff: User) -> Any:
    item = AgendaItemFactory()

    def send() -> Any:
        return as_(staff).post(
            reverse("paper_new", args=[item.meeting_id, item.pk]),
            {"title": "The plan of the year", "upload": upload("plan.txt")},
        )

    return send


def refused_with_a_sentence(page: Any) -> None:
    assert page.status_code == 422
    assert "“plan.txt” could not be kept" in page.text
    assert "Tell the office’s IT" in page.text
    assert "The plan of the year" in page.text
    assert not Paper.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_folder_that_cannot_be_written_to_is_said(
    add_paper: Any, files_dir: Path, client: Client
) -> None:
    files_dir.parent.mkdir(parents=True, exist_ok=True)
    files_dir.write_text("A file where the folder ought to be")
    refused_with_a_sentence(add_paper())
    answer = client.get(reverse("ready"))
    assert (answer.status_code, answer.content) == (503, b"unready: files")


def test_a_full_disk_is_said(add_paper: Any, settings: Any) -> None:
    full = {"default": {"BACKEND": f"{__name__}.FullDisk"}}
    settings.STORAGES = settings.STORAGES | full
    refused_with_a_sentence(add_paper())


def test_with_its_folder_it_is_ready(client: Client, db: None) -> None:
    assert client.get(reverse("ready")).content == b"ready"


def test_only_a_disk_that_takes_nothing_is_out_of_room() -> None:
    assert is_out_of_room(OSError(errno.ENOSPC, ""))
    assert is_out_of_room(OSError(errno.EROFS, ""))
    assert not is_out_of_room(FileNotFoundError())
    assert not is_out_of_room(None)


def sqlite_says(statement: str, folder: Path) -> DatabaseError:
    """What Django makes of what SQLite says."""
    raised = OperationalError()
    with (
        closing(sqlite3.connect(folder / "a.sqlite3")) as database,
        pytest.raises(sqlite3.Error) as told,
    ):
        database.execute(statement)
    raised.__cause__ = told.value
    return raised


def test_a_fault_in_a_statement_is_ours(tmp_path: Path) -> None:
    assert not is_database_away(sqlite_says("SELECT * FROM nothing", tmp_path))
    assert not is_database_away(sqlite_says("SELEKT", tmp_path))
    assert not is_database_away(ValueError())
    assert is_database_away(OperationalError("the server closed the connection"))


def test_what_is_typed_to_sign_in_is_not_shown_again() -> None:
    request = RequestFactory().post("/accounts/login/", {"password": "hunter2hunter2"})
    assert Typed.in_(request) == Typed()


def test_a_form_with_files_is_shown_to_be_copied() -> None:
    text = "We have done what was asked, in every district of the force."
    sent = {"text": text, "csrfmiddlewaretoken": "x" * 64, "file": upload("a.txt")}
    typed = Typed.in_(RequestFactory().post("/actions/2025/1/update/", sent))
    assert (typed.fields, typed.texts) == ((), (text,))


@pytest.fixture
def on_sqlite(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Any:
    """The file of a database, and a server of it that waits a second for others."""
    if connection.vendor != "sqlite":
        pytest.skip("What SQLite does is tested with SQLite")
    with django_db_blocker.unblock(), new_database(tmp_path) as url:
        office = Installation(tmp_path, f"{url}?timeout=1")
        with office.serve(workers=1) as server:
            yield tmp_path / "db.sqlite3", server


def test_a_file_of_sqlite_that_takes_nothing_is_said(on_sqlite: Any) -> None:
    file, server = on_sqlite
    sign_in = f"{server.url}/accounts/login/"
    browser = requests.Session()
    browser.get(sign_in)
    sent = {
        "csrfmiddlewaretoken": browser.cookies["csrf"],
        "login": "nobody@office.example",
        "password": "hunter2hunter2",
    }

    def is_said(answer: requests.Response) -> None:
        assert answer.status_code == 503
        assert AWAY in answer.text
        assert "sqlite" not in answer.text.lower()
        assert "hunter2" not in answer.text

    # Another process writes for longer than anybody waits.
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        is_said(browser.post(sign_in, data=sent))
        other.rollback()
    assert browser.post(sign_in, data=sent).status_code == 200

    kept = file.rename(file.with_suffix(".kept"))
    file.mkdir()
    is_said(browser.get(f"{server.url}/published/"))
    file.rmdir()
    for rest in ("-wal", "-shm"):
        Path(f"{file}{rest}").unlink(missing_ok=True)
    file.write_bytes(b"This is no database, and it is longer than a header." * 100)
    is_said(browser.get(f"{server.url}/published/"))
    file.unlink()
    shutil.move(kept, file)
    assert browser.get(f"{server.url}/published/").status_code == 200
