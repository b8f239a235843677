"""The whole record as an archive: all of it, nothing secret, and every flaw noticed."""

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import FileField
from django.test import Client
from django.urls import reverse

from assurance.handover.kinds import FIELDS_LEFT_OUT, LEFT_OUT, OWN_APPS, kinds
from assurance.handover.verifying import verify
from assurance.handover.writing import hand_over
from assurance.models import Event, Session, StoredFile, User
from meetings.models import Kind, Meeting
from meetings.models.agenda import Paper
from tests.assurance.removals import remove_all
from tests.factories import (
    PASSWORD,
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    MinutesVersionFactory,
    OrganisationFactory,
    ThemeFactory,
    UserFactory,
    decision,
    stored_file,
)

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "JBSWY3DPEHPK3PXP-totp-secret"
URL = "/record/hand-over/"


def an_office() -> User:
    """Something of most kinds: agreed minutes, an action, files, people signed in."""
    administrator = UserFactory(administrator=True, email="chief@office.example")
    staff = UserFactory()
    document = stored_file("minutes.txt")
    MinutesVersionFactory(by=staff, pdf=document, text="What was said")
    meeting = MeetingFactory(title="=cmd()|'!A1'", themes=[ThemeFactory()])
    item = AgendaItemFactory(meeting=meeting, kind=Kind.THEMED)
    Paper.objects.create(item=item, title="Plan", file=stored_file("plan.txt"))
    AttendeeFactory(meeting=meeting)
    action = ActionFactory(meeting=meeting, organisation=OrganisationFactory())
    action.close(by=staff, decision=decision())
    stored_file("A name: with / signs?.txt".replace(":", "").replace("/", ""))
    Authenticator.objects.create(
        user=administrator, type="totp", data={"secret": SECRET}
    )
    browser = Client()
    browser.force_login(administrator)
    Event.objects.create(
        kind=Event.Kind.SIGNED_IN, user=administrator, device="Mozilla/5.0 (X11)"
    )
    return administrator


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    an_office()
    path = tmp_path / "record.zip"
    path.write_bytes(b"".join(hand_over()))
    return path


_made: list[bytes] = []


@pytest.fixture
def copied(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """One that was made before, for who does not look at the database beside it."""
    if not _made:
        _made.append(request.getfixturevalue("archive").read_bytes())
    path = tmp_path / "copied.zip"
    path.write_bytes(_made[0])
    return path


def rows(archive: Path, kind: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(archive) as zipped:
        lines = zipped.read(f"data/{kind}.jsonl").splitlines()
    return [json.loads(line) for line in lines]


def test_a_browser_is_handed_over_as_it_named_itself(copied: Path) -> None:
    devices = {row["device"] for row in rows(copied, "assurance.event")}
    assert "Mozilla/5.0 (X11)" in devices


def test_every_model_is_in_the_record_or_left_out_by_name() -> None:
    every = {model._meta.label_lower for model in apps.get_models(True)}
    handed = {kind.name for kind in kinds()}
    assert every - handed - LEFT_OUT.keys() == set()
    assert LEFT_OUT.keys() - every == set()
    assert all(LEFT_OUT.values())
    assert handed == {
        name for name in every - LEFT_OUT.keys() if name.split(".")[0] in OWN_APPS
    }
    for kind, names in FIELDS_LEFT_OUT.items():
        columns = {c.attname for c in apps.get_model(kind)._meta.concrete_fields}
        assert names.keys() <= columns


def test_the_archive_holds_every_row_and_every_file(archive: Path) -> None:
    filled = 0
    for kind in kinds():
        there = rows(archive, kind.name)
        keys = kind.model._base_manager.values_list("pk", flat=True)
        assert sorted(str(row[kind.key]) for row in there) == sorted(map(str, keys))
        left_out = FIELDS_LEFT_OUT.get(kind.name, {}).keys()
        columns = {c.attname for c in kind.model._meta.concrete_fields} - left_out
        assert all(row.keys() == columns for row in there)
        filled += bool(there)
    assert filled > 20
    with zipfile.ZipFile(archive) as zipped:
        contents = {
            hashlib.sha256(zipped.read(name)).hexdigest()
            for name in zipped.namelist()
            if name.startswith(("files/", "documents/"))
        }
        assert "files/" in " ".join(zipped.namelist())
    files = StoredFile.objects.all()
    assert len(files) >= 2
    assert {stored.sha256 for stored in files} <= contents
    # And no other model keeps files that would be forgotten.
    with_files = {
        model
        for model in apps.get_models()
        if any(isinstance(field, FileField) for field in model._meta.fields)
    }
    assert {m._meta.label_lower for m in with_files} <= {
        "assurance.storedfile",
        "post_office.attachment",
    }


def test_no_secret_is_anywhere_in_the_archive(archive: Path) -> None:
    secrets = [SECRET, PASSWORD]
    secrets += list(User.objects.values_list("password", flat=True))
    keys = list(Session.objects.values_list("session_key", flat=True))
    assert keys
    with zipfile.ZipFile(archive) as zipped:
        for name in zipped.namelist():
            content = zipped.read(name)
            for secret in [*secrets, *keys]:
                assert secret.encode() not in content, name
            assert b"chief@office.example" in content or name != (
                "data/assurance.user.jsonl"
            )


def test_a_stranger_can_check_it_with_sha256sum_alone(
    copied: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(copied) as zipped:
        zipped.extractall(folder)
    said = subprocess.run(
        ["sha256sum", "--check", "--quiet", "checksums.sha256"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    listed = (folder / "checksums.sha256").read_text().splitlines()
    there = [path for path in folder.rglob("*") if path.is_file()]
    assert len(listed) == len(there) - 1


def test_it_explains_itself(copied: Path) -> None:
    with zipfile.ZipFile(copied) as zipped:
        text = zipped.read("README.txt").decode()
        schema = json.loads(zipped.read("schema.json"))["kinds"]
        fields = list(csv.reader(io.StringIO(zipped.read("fields.csv").decode()[1:])))
    for kind, why in LEFT_OUT.items():
        assert f"{kind}: {why}" in text
    assert "sha256sum" in text
    for name, kind in schema.items():
        assert kind["about"], name
        assert all(column["meaning"] for column in kind["fields"]), name
    item = {
        column["name"]: column for column in schema["meetings.agendaitem"]["fields"]
    }
    assert item["meeting_id"]["refers_to"] == "meetings.meeting"
    assert ["meetings.agendaitem", "meeting_id"] in [row[:2] for row in fields]


def test_lists_for_spreadsheets_hold_no_formula(archive: Path) -> None:
    with zipfile.ZipFile(archive) as zipped:
        text = zipped.read("lists/meetings.csv").decode()
    table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    titles = [row[2] for row in table[1:]]
    assert "'=cmd()|'!A1'" in titles
    assert len(titles) == Meeting.objects.count()


def test_an_archive_as_it_was_made_verifies(archive: Path, capsys: Any) -> None:
    report = verify(archive)
    assert report.problems == []
    assert report.files == StoredFile.objects.count()
    assert report.versions >= 1
    call_command("verify_hand_over", str(archive))
    assert "is whole" in capsys.readouterr().out


def test_it_verifies_without_a_database(copied: Path, django_db_blocker) -> None:
    connection.close()
    with django_db_blocker.block():
        assert verify(copied).problems == []


def altered(
    archive: Path, change: Callable[[dict[str, bytes]], None], *, sums: bool = True
) -> Path:
    """The archive with something changed; ``sums``: by one who mends the checksums."""
    with zipfile.ZipFile(archive) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist()}
    change(members)
    if sums:
        members["checksums.sha256"] = "".join(
            f"{hashlib.sha256(content).hexdigest()}  {name}\n"
            for name, content in members.items()
            if name != "checksums.sha256"
        ).encode()
    path = archive.with_name("altered.zip")
    with zipfile.ZipFile(path, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return path


def _first_file(members: dict[str, bytes]) -> str:
    return next(name for name in members if name.startswith("files/"))


def _lose_a_file(members: dict[str, bytes]) -> None:
    del members[_first_file(members)]


def _add_a_file(members: dict[str, bytes]) -> None:
    members["files/99 more.txt"] = b"more"


def _change_a_file(members: dict[str, bytes]) -> None:
    members[_first_file(members)] = b"something else"


def _lose_a_line(members: dict[str, bytes]) -> None:
    lines = members["data/meetings.meeting.jsonl"].splitlines(keepends=True)
    members["data/meetings.meeting.jsonl"] = b"".join(lines[1:])


def _reword_agreed_minutes(members: dict[str, bytes]) -> None:
    name = "data/meetings.minutesversion.jsonl"
    first, *others = members[name].splitlines(keepends=True)
    row = json.loads(first)
    row["text"] += " and more"
    members[name] = b"".join([json.dumps(row).encode() + b"\n", *others])


def _change_a_type(members: dict[str, bytes]) -> None:
    name = "data/meetings.meeting.jsonl"
    changed = re.sub(rb'"date": "[^"]*"', b'"date": "soon"', members[name], count=1)
    members[name] = changed


def _lose_a_field(members: dict[str, bytes]) -> None:
    name = "data/assurance.user.jsonl"
    members[name] = re.sub(rb'"role": "[^"]*", ', b"", members[name], count=1)


@pytest.mark.parametrize(
    ("change", "problem", "sums"),
    [
        (_lose_a_file, "is missing", False),
        (_add_a_file, "is in the archive and not in checksums.sha256", False),
        (_change_a_file, "is not what it was", False),
        (_lose_a_line, "is not what it was", False),
        # By somebody who mends the checksums too.
        (_change_a_file, "is not the file that was handed in", True),
        (_lose_a_file, "is not the file that was handed in", True),
        (_lose_a_line, "and the manifest says", True),
        (_lose_a_line, "refers to rows of meetings.meeting that are missing", True),
        (_reword_agreed_minutes, "is not the version that was kept", True),
        (_change_a_type, "date is not a day, as 2020-09-04", True),
        (_lose_a_field, "role is missing", True),
    ],
)
def test_what_was_changed_is_noticed(
    copied: Path,
    change: Callable[[dict[str, bytes]], None],
    problem: str,
    sums: bool,
) -> None:
    report = verify(altered(copied, change, sums=sums))
    assert any(problem in told for told in report.problems), report.problems


def test_one_byte_changed_in_any_member_is_noticed(copied: Path) -> None:
    whole = copied.read_bytes()
    with zipfile.ZipFile(copied) as zipped:
        infos = [i for i in zipped.infolist() if i.compress_size > 10]
    damaged = copied.with_name("damaged.zip")
    for info in infos[:: max(1, len(infos) // 12)]:
        changed = bytearray(whole)
        at = info.header_offset
        more = int.from_bytes(whole[at + 28 : at + 30], "little")
        start = at + 30 + len(info.filename.encode()) + more
        changed[start + info.compress_size // 2] ^= 0x10
        damaged.write_bytes(changed)
        assert verify(damaged).problems, info.filename
    damaged.write_bytes(whole[: len(whole) // 2])
    assert "cannot be read" in verify(damaged).problems[0]
    with pytest.raises(CommandError, match="is not as it was handed over"):
        call_command("verify_hand_over", str(damaged))


def test_the_command_writes_one_that_verifies_and_notes_it(
    tmp_path: Path, capsys: Any
) -> None:
    an_office()
    path = tmp_path / "record.zip"
    call_command("hand_over", str(path))
    assert hashlib.sha256(path.read_bytes()).hexdigest() in capsys.readouterr().out
    assert path.stat().st_mode & 0o777 == 0o600
    assert verify(path).problems == []
    assert Event.objects.filter(kind=Event.Kind.HANDED_OVER).count() == 1
    with pytest.raises(CommandError, match="is there already"):
        call_command("hand_over", str(path))


def test_a_place_that_cannot_be_read_or_written_is_said_in_a_sentence(
    tmp_path: Path, db: None
) -> None:
    (tmp_path / "file").touch()
    within = str(tmp_path / "file" / "record.zip")
    with pytest.raises(CommandError, match="could not be written: Not a directory"):
        call_command("hand_over", within)
    with pytest.raises(CommandError, match="could not be read: Not a directory"):
        call_command("verify_hand_over", within)


def test_a_lost_file_is_named_and_the_rest_is_whole(tmp_path: Path) -> None:
    an_office()
    lost = StoredFile.objects.latest("pk")
    lost.content.storage.delete(lost.content.name)
    path = tmp_path / "record.zip"
    path.write_bytes(b"".join(hand_over()))
    report = verify(path)
    assert (report.problems, report.lost) == ([], [lost.name])
    with zipfile.ZipFile(path) as zipped:
        assert "1 files whose content was lost" in zipped.read("README.txt").decode()


def confirmed(administrator: User) -> Client:
    """A browser of theirs in which they just gave their password again."""
    browser = Client()
    browser.force_login(administrator)
    answer = browser.get(URL)
    where = re.search(r'href="([^"]*reauthenticate[^"]*)"', answer.content.decode())
    assert where
    path = where[1].replace("&amp;", "&")
    answer = browser.post(path, {"password": PASSWORD, "next": URL})
    assert (answer.status_code, answer.url) == (302, URL), answer.content[-2000:]
    return browser


def test_an_administrator_takes_it_after_confirming_that_it_is_them(
    tmp_path: Path,
) -> None:
    an_office()
    administrator = UserFactory(administrator=True)
    browser = confirmed(administrator)
    page = browser.get(URL).content.decode()
    assert "Download the whole record" in page
    assert f"<strong>{StoredFile.objects.count()} files</strong>" in page
    answer = browser.post(URL)
    assert answer.streaming
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store"
    path = tmp_path / "record.zip"
    path.write_bytes(b"".join(answer.streaming_content))
    assert verify(path).problems == []
    event = Event.objects.get(kind=Event.Kind.HANDED_OVER)
    assert (event.user, event.by) == (administrator, administrator)
    assert "Nobody has taken it yet" not in browser.get(URL).content.decode()


def test_nobody_takes_it_without_confirming_that_it_is_them() -> None:
    browser = Client()
    browser.force_login(UserFactory(administrator=True))
    page = browser.get(URL).content.decode()
    assert "Confirm that it is you" in page
    assert "Download the whole record" not in page
    answer = browser.post(URL)
    assert answer.status_code == 302
    assert "reauthenticate" in answer.url
    assert not Event.objects.filter(kind=Event.Kind.HANDED_OVER).exists()


def test_a_file_that_a_removal_emptied_is_whole_and_not_lost(tmp_path: Path) -> None:
    administrator = UserFactory(administrator=True)
    item = AgendaItemFactory()
    kept, emptied = stored_file("kept.txt"), stored_file("emptied.txt")
    for file in (kept, emptied):
        Paper.objects.create(item=item, title="Figures", file=file)
    remove_all("Wilma Zander", by=administrator, files={emptied.pk})
    assert not default_storage.exists(emptied.content.name)
    path = tmp_path / "record.zip"
    path.write_bytes(b"".join(hand_over()))
    report = verify(path)
    assert (report.problems, report.lost) == ([], [])
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("files/")]
    assert len(names) == 1
    assert "kept" in names[0]


@pytest.mark.parametrize("trait", ["commissioner", "liaison", None])
def test_it_is_for_administrators(trait: str | None) -> None:
    browser = Client()
    browser.force_login(UserFactory(**{trait: True} if trait else {}))
    assert browser.get(reverse("record_hand_over")).status_code == 403
    assert browser.post(URL).status_code == 403


def test_a_download_that_is_broken_off_leaves_nothing_behind() -> None:
    an_office()
    stream = hand_over()
    next(stream)
    stream.close()
    (folder,) = {Path(s.content.path).parents[1] for s in StoredFile.objects.all()}
    assert not list(folder.glob(".held-*"))
    shutil.rmtree(folder)
