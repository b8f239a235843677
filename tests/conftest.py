"""What every test may ask for."""

import copy
import gc
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import time_machine
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.test import TransactionTestCase, override_settings

from assurance import guards
from assurance.models import User
from meetings.reader import apart
from tests import clock, database
from tests.browser import Browser
from tests.factories import UserFactory
from tests.forces import Forces
from tests.servers import collect_static_files
from tests.world import World

# How long an example takes depends on what else the machine does. The same examples are
# tried each time, so that nobody's change fails for what chance found just then; chance
# looks for more with --hypothesis-profile=search.
hypothesis.settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=True,
)
hypothesis.settings.register_profile(
    "search",
    hypothesis.settings.get_profile("untimed"),
    derandomize=False,
    max_examples=1000,
)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings, django_db_createdb: bool) -> bool:
    """Whether the database need not be made: a copy of one is there."""
    return not django_db_createdb and database.lay_down()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """Sign-in limits are counted in the database cache, so its table is needed."""
    with django_db_blocker.unblock():
        call_command("createcachetable", verbosity=0)
        database.keep()
    keep_out_of_garbage()


def keep_out_of_garbage() -> None:
    """What is loaded by now stays for good: looking through it again and again for
    garbage would take a fifth of the time of all tests.
    """
    gc.collect()
    gc.freeze()


# Each has tests of many seconds, which nobody should still be at when the others rest.
LONG = {
    "test_access.py",
    "test_backup_under_load.py",
    "test_crashes.py",
    "test_frozen.py",
    "test_migrations.py",
    "test_properties.py",
}


def pytest_configure(config: pytest.Config) -> None:
    noon = clock.at_noon()
    noon.start()
    config.add_cleanup(noon.stop)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_collection_finish() -> None:
    gc.set_threshold(100_000)
    keep_out_of_garbage()


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
        # Its table is of no model; it counts what was tried from this address.
        cache.clear()

    patch.setattr(TransactionTestCase, "_fixture_teardown", lift_and_empty)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def read_without_haste() -> Iterator[None]:
    """Nine seconds by the clock are few where the machine is busy with other tests;
    those of the limits bring their own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "LIMITS", replace(apart.LIMITS, seconds=90))
        yield


@pytest.fixture(autouse=True)
def files_dir(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    settings: Any,
) -> Path:
    """Where files that are handed in lie: a folder of the test's own, or of its file
    where what was made ``once`` has files.

    Few tests hand in any, so it is made with the first.
    """
    if "once" in request.fixturenames:
        location: Path = request.getfixturevalue("files_of_all")
    else:
        location = _a_folder(tmp_path_factory)
    settings.STORAGES = _files_in(location)
    return location


def _a_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "files" / uuid.uuid4().hex


def _files_in(location: Path) -> dict[str, Any]:
    default = django_settings.STORAGES["default"]
    options = {"OPTIONS": default["OPTIONS"] | {"location": location}}
    return django_settings.STORAGES | {"default": default | options}


@pytest.fixture(scope="module")
def files_of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _a_folder(tmp_path_factory)


@pytest.fixture(scope="module")
def once(django_db_setup, django_db_blocker, files_of_all: Path) -> Iterator[Any]:
    """``once(make)`` is what ``make`` makes in the database, there for every test of a
    file: what takes long to make is made once, and each test undoes its own changes.

    Not for files with tests that have transactions of their own. Rows are read again or
    copied deeply by each test, since another may have changed the object it was given.
    """
    around = transaction.atomic()
    with django_db_blocker.unblock():
        around.__enter__()

    def make_once(make: Callable[[], Any]) -> Any:
        here = override_settings(STORAGES=_files_in(files_of_all))
        with django_db_blocker.unblock(), here:
            return make()

    yield make_once
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture(scope="module")
def kept_world(once: Any) -> World:
    return once(lambda: World().whole())


@pytest.fixture
def world(kept_world: World, db: None) -> World:
    return copy.deepcopy(kept_world)


FORCES_MET = "2026-06-10T10:00:00Z"


@pytest.fixture(scope="module")
def kept_forces(once: Any) -> Forces:
    with time_machine.travel(FORCES_MET, tick=False):
        return once(Forces)


@pytest.fixture
def forces(kept_forces: Forces, db: None) -> Iterator[Forces]:
    with time_machine.travel(FORCES_MET, tick=False):
        yield copy.deepcopy(kept_forces)


@pytest.fixture
def in_production(settings: Any) -> Any:
    """The settings that an installation has and other tests do without."""
    collect_static_files()
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME = "__Host-session"
    settings.CSRF_COOKIE_NAME = "__Host-csrf"
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {
            "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        }
    }
    return settings


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


def with_password(browser: Browser, user: User) -> None:
    """As if it had signed in by the page, with a password, a moment ago."""
    session = browser.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": time.time()}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


@pytest.fixture
def client() -> Browser:
    return Browser()


@pytest.fixture
def as_(client: Browser):
    """``as_(user)`` is a browser signed in as that account."""

    def sign_in(user: User) -> Browser:
        signed_in = Browser()
        signed_in.force_login(user)
        with_password(signed_in, user)
        return signed_in

    return sign_in
