"""What every test may ask for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, TransactionTestCase

from assurance import guards
from assurance.models import User
from tests.factories import UserFactory


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """Sign-in limits are counted in the database cache, so its table is needed."""
    with django_db_blocker.unblock():
        call_command("createcachetable")


@pytest.fixture(scope="session", autouse=True)
def emptied_under_guard() -> Iterator[None]:
    """Tests with transactions of their own empty the database behind them, which its
    guards would refuse.
    """
    patch = pytest.MonkeyPatch()
    empty = TransactionTestCase._fixture_teardown

    def lift_and_empty(case: TransactionTestCase) -> None:
        with guards.lifted():
            empty(case)

    patch.setattr(TransactionTestCase, "_fixture_teardown", lift_and_empty)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def files_dir(tmp_path: Path, settings: Any) -> Path:
    """Where files that are handed in lie: a folder of the test's own."""
    location = tmp_path / "files"
    here = {"OPTIONS": settings.STORAGES["default"]["OPTIONS"] | {"location": location}}
    default = settings.STORAGES["default"] | here
    settings.STORAGES = settings.STORAGES | {"default": default}
    return location


@pytest.fixture
def staff(db: None) -> User:
    return UserFactory()


@pytest.fixture
def administrator(db: None) -> User:
    return UserFactory(administrator=True)


@pytest.fixture
def commissioner(db: None) -> User:
    return UserFactory(commissioner=True)


@pytest.fixture
def liaison(db: None) -> User:
    return UserFactory(liaison=True)


@pytest.fixture
def as_(client: Client):
    """``as_(user)`` is a browser signed in as that account."""

    def sign_in(user: User) -> Client:
        signed_in = Client()
        signed_in.force_login(user)
        return signed_in

    return sign_in
