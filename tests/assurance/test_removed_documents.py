"""Documents of published minutes after words were removed: gone at once with the words,
made again of what is left when somebody asks for one, or at night.
"""

import io
import os
import re
import signal
import warnings
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assurance import guards
from assurance.backup.making import make
from assurance.handover.verifying import Report, verify
from assurance.handover.writing import hand_over
from assurance.models import Removal, StoredFile, User
from meetings.documents.again import documents_of
from meetings.models import DocumentsAgain, Meeting, MinutesVersion
from meetings.reader.apart import words_apart
from meetings.removal import files_to_look_into, keep_documents
from tests.assurance.removals import (
    MARK,
    NAME,
    fill,
    publish,
    record_of,
    remove_all,
    where,
)
from tests.factories import MeetingFactory, MinutesVersionFactory, UserFactory

SITE = "https://assurance.office.example"


@pytest.fixture(autouse=True)
def site(settings: Any, tmp_path: Path) -> None:
    settings.SITE_URL = SITE
    settings.BACKUP_DIR = tmp_path / "backups"


def publish_for(administrator: User) -> MinutesVersion:
    """With documents that nobody opens."""
    meeting = MeetingFactory(state=Meeting.State.AGREED)
    documents = {kind: NAME.encode() for kind in ("pdf", "docx")}
    return publish(meeting, record_of(NAME), administrator, documents)


@pytest.fixture
def published(administrator: User) -> MinutesVersion:
    return publish_for(administrator)


def now(version: MinutesVersion) -> MinutesVersion:
    return MinutesVersion.objects.get(pk=version.pk)


def said_in(stored: StoredFile) -> str:
    with stored.content.open("rb") as content:
        return " ".join(words_apart(content.read(), stored.kind).split())


def sent(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def nightly() -> str:
    out = io.StringIO()
    call_command("nightly", stdout=out)
    return out.getvalue()


def test_whoever_asks_first_has_it_made_and_all_after_them_get_the_same(
    published: MinutesVersion, administrator: User, staff: User, as_: Any
) -> None:
    remove_all(NAME, by=administrator)
    url = reverse("published_minutes", args=[published.meeting_id])
    public = Client()
    before = public.get(url).content.decode()
    assert "These minutes as PDF</a></li>" in before
    first = public.get(url, {"format": "pdf"})
    assert first.headers["Content-Type"] == "application/pdf"
    pdf = sent(first)
    version = reverse("minutes_version", args=[published.meeting_id, published.pk])
    for browser, address in ((public, url), (as_(staff), version)):
        assert sent(browser.get(address, {"format": "pdf"})) == pdf
    assert re.search(r"as PDF</a> \(\d+ KB\)", public.get(url).content.decode())
    for stored in now(published).documents().values():
        said = said_in(stored)
        assert "Wilma" not in said
        assert MARK in said
        assert "Words were removed from it for data protection" in said
    assert DocumentsAgain.objects.count() == 1
    assert public.get(url, {"format": "odt"}).status_code == 404
    assert now(published).is_intact


def test_words_that_are_removed_later_are_not_in_documents_made_again_either(
    published: MinutesVersion, administrator: User, django_capture_on_commit_callbacks
) -> None:
    remove_all(NAME, by=administrator)
    made = documents_of(now(published))
    assert not files_to_look_into().exists()
    with django_capture_on_commit_callbacks(execute=True):
        removal = remove_all("Roads", by=administrator)
    assert removal.places["documents"] == sorted(one.pk for one in made.values())
    for stored in made.values():
        stored.refresh_from_db()
        assert stored.removal == removal
        assert not default_storage.exists(stored.content.name)
    assert now(published).documents() == {}
    assert "Roads" not in said_in(documents_of(now(published))["docx"])


def test_what_was_made_while_words_were_removed_is_written_nowhere(
    published: MinutesVersion, administrator: User, files_dir: Path
) -> None:
    remove_all(NAME, by=administrator)
    late = now(published)
    last = late.last_removal()
    assert last
    remove_all("Roads", by=administrator)
    files = sorted(files_dir.rglob("*"))
    made = {"pdf": b"Roads", "docx": b"Roads"}
    assert keep_documents(last, made, checksum=late.checksum) is None
    assert sorted(files_dir.rglob("*")) == files
    # Who holds it as it was makes it again as it is.
    assert "Roads" not in said_in(documents_of(late)["docx"])


def test_the_night_makes_those_that_nobody_asked_for_and_names_what_it_cannot(
    published: MinutesVersion, administrator: User
) -> None:
    MinutesVersionFactory(kind="draft", why=NAME)
    remove_all(NAME, by=administrator)
    assert "documents were made again: 1." in nightly()
    assert set(now(published).documents()) == {"pdf", "docx"}
    assert "documents were made again: 0." in nightly()
    agreed = MinutesVersionFactory(kind="agreed")
    odd = MinutesVersionFactory(
        kind="published", made_from=agreed, why="Seen by Otto", content={}
    )
    remove_all("Otto", by=administrator)
    out = io.StringIO()
    with pytest.raises(CommandError, match="Wrong: 1 of"):
        call_command("nightly", stdout=out)
    assert f"a removal for data protection: 1 (versions {odd.pk})" in out.getvalue()


def test_without_an_address_of_the_service_they_are_made_when_somebody_asks(
    published: MinutesVersion, administrator: User, settings: Any
) -> None:
    settings.SITE_URL = ""
    remove_all(NAME, by=administrator)
    assert "no SITE_URL is set" in nightly()
    assert now(published).documents() == {}
    url = reverse("published_minutes", args=[published.meeting_id])
    assert sent(Client().get(url, {"format": "docx"}))


def taken(folder: Path) -> tuple[Report, zipfile.ZipFile]:
    path = folder / f"record{len(list(folder.iterdir()))}.zip"
    path.write_bytes(b"".join(hand_over()))
    return verify(path), zipfile.ZipFile(path)


@pytest.mark.django_db(transaction=True)
def test_a_hand_over_taken_meanwhile_says_which_documents_are_not_in_it(
    tmp_path: Path,
) -> None:
    administrator = UserFactory(administrator=True)
    published = publish_for(administrator)
    remove_all(NAME, by=administrator)
    report, archive = taken(tmp_path)
    assert (report.problems, report.lost, report.without_documents) == ([], [], 1)
    assert b"documents of 1 published versions" in archive.read("README.txt")
    for name in archive.namelist():
        assert b"Wilma" not in archive.read(name)
    out = io.StringIO()
    call_command("verify_hand_over", archive.filename, stdout=out)
    assert (
        "still to be made again after a removal, and of which it has the words: 1."
        in out.getvalue()
    )

    documents_of(now(published))
    report, archive = taken(tmp_path)
    assert (report.problems, report.without_documents) == ([], 0)
    assert [
        name[-3:] for name in archive.namelist() if "/Published minutes 1." in name
    ] == [
        "pdf",
        "ocx",
    ]


def test_a_page_that_lists_versions_asks_as_often_for_many_as_for_one(
    published: MinutesVersion,
    administrator: User,
    staff: User,
    as_: Any,
    django_assert_num_queries: Any,
) -> None:
    url = reverse("documents", args=[published.meeting_id])
    browser = as_(staff)
    remove_all(NAME, by=administrator)
    documents_of(now(published))
    with CaptureQueriesContext(connection) as one:
        assert b" KB)" in browser.get(url).content
    for number in range(2, 6):
        MinutesVersionFactory(
            meeting=published.meeting,
            kind="published",
            number=number,
            made_from=published.made_from,
            why="Wrong about Otto",
        )
    remove_all("Otto", by=administrator)
    with django_assert_num_queries(len(one)):
        browser.get(url)


# Full stops


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_get_one_and_the_same() -> None:
    administrator = UserFactory(administrator=True)
    version = publish_for(administrator)
    remove_all(NAME, by=administrator)

    def ask(_: int) -> int:
        try:
            return documents_of(now(version))["pdf"].pk
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(ask, range(3)))) == 1
    assert DocumentsAgain.objects.count() == 1
    assert StoredFile.objects.filter(removal=None).count() == 2


def killed(act: Callable[[], Any]) -> None:
    """Do this in a process of its own, which kills itself as a power cut would."""
    connection.close()
    with warnings.catch_warnings():
        # Of threads that might hold something: there are none.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        try:
            act()
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def contents_in(folder: Path) -> set[str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in files}


@pytest.mark.django_db(transaction=True)
def test_a_power_cut_at_any_point_leaves_all_as_it_was_or_nothing_of_the_words(
    files_dir: Path, tmp_path: Path
) -> None:
    administrator = UserFactory(administrator=True)
    made = fill(NAME, administrator)
    version, paper = made["version"], made["file"]
    contents = {stored.content.name for stored in (version.pdf, version.docx, paper)}
    before = where(NAME)

    def remove() -> None:
        remove_all(NAME, by=administrator, files={paper.pk})

    # All is done, and nothing committed.
    def die_before() -> None:
        with transaction.atomic():
            remove()
            die()

    killed(die_before)
    assert where(NAME) == before
    assert contents_in(files_dir) == contents
    assert set(now(version).documents().values()) == {version.pdf, version.docx}
    assert not Removal.objects.exists()

    # It is committed, and the contents are still to be deleted.
    def die_after() -> None:
        with transaction.atomic():
            transaction.on_commit(die)
            remove()

    killed(die_after)
    assert where(NAME) == set()
    assert contents_in(files_dir) == contents
    assert guards.missing() == []
    report, archive = taken(tmp_path)
    assert (report.problems, report.lost, report.without_documents) == ([], [], 1)
    with zipfile.ZipFile(make(tmp_path / "backup.zip").path) as backup:
        assert not any(name.startswith("files/") for name in backup.namelist())
        archives = [archive, backup]
        for one in archives:
            assert not any(b"Wilma" in one.read(name) for name in one.namelist())

    # The document is written, and its row is not committed.
    def die_making() -> None:
        with transaction.atomic():
            documents_of(now(version))
            die()

    killed(die_making)
    assert now(version).documents() == {}
    left_over = contents_in(files_dir) - contents
    assert len(left_over) == 2

    said = nightly()
    assert "Files that nothing refers to, removed: 3." in said
    assert "documents were made again: 1." in said
    made_now = now(version).documents()
    assert contents_in(files_dir) == {
        *left_over,
        *(stored.content.name for stored in made_now.values()),
    }
    assert MARK in said_in(made_now["docx"])
