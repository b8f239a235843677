"""Offices with processes of their own."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers import Installation, new_database, unmigrated_database


class Offices:
    """Makes installations: of the kind of database that the tests run on."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack, self._number = folder, stack, 0

    def _new_folder(self) -> Path:
        self._number += 1
        folder = self._folder / f"office{self._number}"
        folder.mkdir()
        return folder

    def migrated(self) -> Installation:
        folder = self._new_folder()
        url = self._stack.enter_context(new_database(folder))
        return Installation(folder, url)

    def empty(self) -> Installation:
        """A machine on which nothing was done yet."""
        folder = self._new_folder()
        url = self._stack.enter_context(unmigrated_database(folder))
        return Installation(folder, url)


@pytest.fixture
def offices(
    tmp_path: Path, django_db_setup: None, django_db_blocker
) -> Iterator[Offices]:
    with django_db_blocker.unblock(), ExitStack() as stack:
        yield Offices(tmp_path, stack)
