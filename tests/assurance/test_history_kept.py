"""A change and its history are kept together, or neither is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from actions.operations import set_owners
from assurance.models import User
from meetings.models import Meeting, Theme
from tests.conftest import with_password
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    ThemeFactory,
    UserFactory,
)

FUNCTION = """
    CREATE OR REPLACE FUNCTION full() RETURNS trigger AS $$
    BEGIN RAISE EXCEPTION 'full'; END $$ LANGUAGE plpgsql
"""


@contextmanager
def taking_no_history(table: str) -> Iterator[None]:
    """The database refuses any row more in this table, as when its disk is full."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
            does = "FOR EACH ROW EXECUTE FUNCTION full()"
        else:
            does = "BEGIN SELECT RAISE(ABORT, 'full'); END"
        cursor.execute(f"CREATE TRIGGER full_up BEFORE INSERT ON {table} {does}")
    try:
        yield
    finally:
        on = f" ON {table}" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER full_up{on}")


def rename(theme: Theme) -> None:
    theme.name = "Another name"
    theme.save()


def rename_many(theme: Theme) -> None:
    theme.name = "Another name"
    bulk_update_with_history([theme], Theme, ["name"])


WAYS: dict[str, Callable[[Theme], Any]] = {
    "saved": rename,
    "saved in part": lambda theme: Theme(pk=theme.pk, name="New").save(
        update_fields=["name"]
    ),
    "added": lambda theme: Theme.objects.create(name="New"),
    "got or created": lambda theme: Theme.objects.get_or_create(name="New"),
    "deleted": lambda theme: theme.delete(),
    "deleted by a query": lambda theme: Theme.objects.all().delete(),
    "many added": lambda theme: bulk_create_with_history([Theme(name="New")], Theme),
    "many changed": rename_many,
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", WAYS)
def test_what_leaves_no_history_did_not_happen(way: str) -> None:
    theme = ThemeFactory(name="Roads")
    before = list(Theme.objects.values())
    with (
        taking_no_history("meetings_historicaltheme"),
        pytest.raises(DatabaseError, match="full"),
    ):
        WAYS[way](theme)
    assert list(Theme.objects.values()) == before
    WAYS[way](Theme.objects.get())
    assert Theme.history.count() == 2


@pytest.mark.django_db(transaction=True)
def test_themes_of_a_meeting_stay_when_they_leave_no_history() -> None:
    meeting, theme = MeetingFactory(), ThemeFactory()
    with (
        taking_no_history("meetings_historicalmeeting_themes"),
        pytest.raises(DatabaseError, match="full"),
    ):
        meeting.themes.add(theme)
    assert not meeting.themes.exists()
    assert Meeting.history.count() == 1


@pytest.mark.django_db(transaction=True)
def test_owners_stay_when_they_leave_no_history() -> None:
    action = ActionFactory(organisation=UserFactory(liaison=True).organisation)
    with (
        taking_no_history("actions_historicalowner"),
        pytest.raises(DatabaseError, match="full"),
    ):
        set_owners(action, [])
    assert action.owners.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("table", "page", "sent"),
    [
        ("meetings_historicaltheme", "theme_edit", {"name": "New"}),
        ("assurance_historicaluser", "account_edit", {"name": "New", "version": 0}),
    ],
)
def test_a_page_saves_nothing_that_leaves_no_history(
    table: str, page: str, sent: dict[str, Any]
) -> None:
    administrator = UserFactory(administrator=True)
    thing = ThemeFactory() if page == "theme_edit" else UserFactory()
    if isinstance(thing, User):
        sent = {"email": thing.email, "role": "staff", "is_active": "on"} | sent
    browser = Client(raise_request_exception=False)
    browser.force_login(administrator)
    with_password(browser, administrator)
    url = reverse(page, args=[thing.pk])
    with taking_no_history(table):
        assert browser.post(url, sent).status_code in (500, 503)
    assert type(thing).objects.get(pk=thing.pk).name == thing.name
    browser.post(url, sent)
    assert type(thing).objects.get(pk=thing.pk).name == "New"
