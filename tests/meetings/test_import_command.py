"""The command that reads old minutes in: what it says, saves, leaves for the page."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from assurance.models import User
from meetings.models import Meeting, ReadIn
from tests.factories import (
    MeetingTypeFactory,
    OrganisationFactory,
)
from tests.meetings.old_minutes import TEXT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registers() -> None:
    MeetingTypeFactory(name="Monthly board")
    OrganisationFactory(name="The office", short_names="OPCC")
    OrganisationFactory(name="The force", short_names="Force")


def command(capsys: Any, *args: str) -> str:
    try:
        call_command("import_minutes", *args)
    except CommandError as error:
        return capsys.readouterr().out + str(error)
    return capsys.readouterr().out


@pytest.fixture
def paths(tmp_path: Any) -> list[str]:
    found = []
    for name, content in {
        "plain.txt": TEXT,
        "doubtful.txt": TEXT.replace(b"PCC to", b"XYZ to"),
        "odd.doc": b"x",
    }.items():
        (tmp_path / name).write_bytes(content)
        found.append(str(tmp_path / name))
    return found


def test_without_yes_the_command_says_what_it_would_save(
    capsys: Any, paths: list[str]
) -> None:
    out = command(capsys, *paths)
    assert "plain.txt: Monthly board, 26 March 2025, 1 action" in out
    assert "Nothing was saved. Add --yes" in out
    assert "“odd.doc” cannot be read" in out
    assert not ReadIn.objects.exists()
    assert not Meeting.objects.exists()


def test_with_yes_it_saves_what_is_plain_and_names_what_waits(
    capsys: Any, paths: list[str], staff: User
) -> None:
    out = command(capsys, *paths, "--yes", "--by", staff.email.upper())
    states = dict(ReadIn.objects.values_list("name", "state"))
    assert states == {
        "plain.txt": "saved",
        "doubtful.txt": "to_check",
        "odd.doc": "refused",
    }
    assert "Saved as draft minutes: 1\n  plain.txt: Monthly board, 26 March 2025" in out
    assert "To be checked, on the page “Read minutes in”: 1\n  doubtful.txt: " in out
    assert "Not read: 1\n  “odd.doc” cannot be read" in out
    again = command(capsys, *paths[:2], "--yes", "--by", staff.email)
    assert "Read in before, nothing was added: 2" in again
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize("by", [(), ("--by", "nobody@office.example")])
def test_the_command_saves_for_an_account_that_may(
    paths: list[str], by: tuple[str, ...]
) -> None:
    with pytest.raises(CommandError):
        call_command("import_minutes", paths[0], "--yes", *by)
    assert not ReadIn.objects.exists()


def test_the_command_saves_for_no_commissioner(
    paths: list[str], commissioner: User
) -> None:
    with pytest.raises(CommandError, match="no active account of staff"):
        call_command("import_minutes", paths[0], "--yes", "--by", commissioner.email)
