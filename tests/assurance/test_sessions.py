"""How sessions end: by time, by what changes of an account, and by hand.

And what counts as somebody being there.
"""

import datetime as dt
import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assurance.events import note
from assurance.models import Event, Session, User
from assurance.operations import save_account
from assurance.permissions import Role
from assurance.sign_in.session_end import COOKIE
from assurance.sign_in.sessions import end_abandoned, end_sessions
from tests.assurance.test_accounts import edit
from tests.factories import (
    PASSWORD,
    AgendaItemFactory,
    MeetingFactory,
    OrganisationFactory,
    UserFactory,
)

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
IDLE, WHOLE = dt.timedelta(minutes=30), dt.timedelta(hours=12)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(time.time(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser(clock: Any, as_: Any, staff: User) -> Client:
    """Signed in as staff this very moment."""
    return as_(staff)


def is_in(browser: Client) -> bool:
    """Without being there: the page asks by itself."""
    asked = browser.get(reverse("session_left"), headers={"HX-Request": "true"})
    assert asked.status_code in (200, 401)
    return asked.status_code == 200


def kinds(user: User) -> list[str]:
    return list(user.events.order_by("id").values_list("kind", flat=True))


# By time


def test_a_session_ends_when_nothing_was_done_for_half_an_hour(
    browser: Client, clock: Any, staff: User
) -> None:
    clock.shift(IDLE - SECOND)
    assert is_in(browser)
    clock.shift(SECOND)
    response = browser.get(reverse("people"))
    assert response.url == f"{reverse('account_login')}?next={reverse('people')}"
    assert not staff.sessions.exists()
    (event,) = staff.events.all()
    assert (event.kind, event.by) == (Event.Kind.TIMED_OUT, None)
    assert event.what == "Nothing was done for 30 minutes"
    page = browser.get(response.url).content.decode()
    assert (
        "You were signed out because nothing was done for 30 minutes. Sign in again to "
        "go on." in page
    )


def test_opening_pages_keeps_a_session_until_twelve_hours_after_signing_in(
    browser: Client, clock: Any, staff: User
) -> None:
    for _ in range(12 * 3 - 1):
        clock.shift(dt.timedelta(minutes=20))
        assert browser.get(reverse("account")).status_code == 200
    clock.shift(dt.timedelta(minutes=20) - SECOND)
    assert browser.get(reverse("account")).status_code == 200
    row = staff.sessions.get()
    assert row.expire_date == row.signed_in_at + WHOLE
    clock.shift(SECOND)
    assert browser.get(reverse("account")).status_code == 302
    assert staff.events.get().what == "Signed in 12 hours before"


def test_both_ends_are_settings(browser: Client, clock: Any, settings: Any) -> None:
    settings.SESSION_IDLE = dt.timedelta(minutes=5)
    clock.shift(dt.timedelta(minutes=5))
    assert not is_in(browser)


def test_an_ended_session_does_not_come_back_with_the_clock(
    browser: Client, clock: Any
) -> None:
    clock.shift(IDLE)
    assert not is_in(browser)
    clock.shift(-IDLE)
    assert not is_in(browser)


def test_what_nobody_comes_back_to_is_ended_by_night(
    browser: Client, clock: Any, staff: User, client: Client
) -> None:
    client.get(reverse("people"))
    clock.shift(IDLE)
    other = UserFactory()
    Client().force_login(other)
    assert end_abandoned() == 1
    assert (kinds(staff), kinds(other)) == (["timed_out"], [])
    assert end_abandoned() == 0


def test_a_session_that_says_nothing_of_its_times_is_over(
    browser: Client, staff: User
) -> None:
    staff.sessions.update(signed_in_at=None)
    session = browser.session
    session.pop("signed_in_at", None)
    session.save()
    assert browser.get(reverse("home")).status_code == 302


# What counts


def test_asking_how_long_is_left_is_nothing_done(browser: Client, clock: Any) -> None:
    for _ in range(3):
        clock.shift(dt.timedelta(minutes=9))
        told = browser.get(reverse("session_left")).json()
    assert told["left"] == 3 * 60
    assert told["why"] == "nothing was done here for 27 minutes"
    clock.shift(dt.timedelta(minutes=3))
    assert not is_in(browser)


def test_staying_signed_in_begins_the_half_hour_anew(
    browser: Client, clock: Any
) -> None:
    clock.shift(dt.timedelta(minutes=29))
    assert browser.post(reverse("session_left")).json()["left"] == 30 * 60
    clock.shift(dt.timedelta(minutes=29))
    assert is_in(browser)


def test_nobody_stays_longer_than_twelve_hours_by_asking(
    browser: Client, clock: Any
) -> None:
    for _ in range(36):
        clock.shift(dt.timedelta(minutes=20) - SECOND)
        told = browser.post(reverse("session_left")).json()
    assert told["left"] == 36
    assert told["can_stay"] is False
    assert told["why"] == "you signed in 12 hours before"


@pytest.fixture
def item(db: None) -> Any:
    return AgendaItemFactory(meeting=MeetingFactory(state="in_progress"), notes="")


def save_notes(browser: Client, item: Any, notes: str, **sent: Any) -> Any:
    item.refresh_from_db()
    return browser.post(
        reverse("minutes_save", args=[item.meeting_id, item.pk]),
        {
            "notes": notes,
            "decisions": "",
            "assurance": "",
            "version": item.version,
            "submission": uuid.uuid4(),
            **sent,
        },
        headers={"HX-Request": "true"},
    )


def test_an_autosave_counts_only_if_it_carries_changed_text(
    browser: Client, clock: Any, item: Any
) -> None:
    clock.shift(dt.timedelta(minutes=20))
    assert save_notes(browser, item, "They were told").status_code == 200
    clock.shift(dt.timedelta(minutes=20))
    assert save_notes(browser, item, "They were told").status_code == 200
    clock.shift(dt.timedelta(minutes=10) - SECOND)
    assert is_in(browser)
    clock.shift(SECOND)
    assert save_notes(browser, item, "They were told all").status_code == 401


def test_what_pages_ask_by_themselves_counts_for_nothing(
    browser: Client, clock: Any, item: Any
) -> None:
    by_script = {"HX-Request": "true"}
    clock.shift(dt.timedelta(minutes=29))
    state = reverse("minutes_state", args=[item.meeting_id])
    assert browser.get(state, headers=by_script).status_code == 200
    read = browser.post(reverse("import_read"), headers=by_script)
    assert browser.get(read.url, headers=by_script).status_code == 200
    clock.shift(dt.timedelta(minutes=1))
    assert not is_in(browser)


def test_live_minutes_give_a_fresh_token_to_no_other_account(
    as_: Any, staff: User, item: Any
) -> None:
    state = reverse("minutes_state", args=[item.meeting_id])
    page = as_(staff).get(reverse("minutes", args=[item.meeting_id]))
    own = f"{state}?account={staff.pk}"
    assert f'data-state="{own}"' in page.content.decode()
    assert as_(staff).get(own).json()["token"]
    assert as_(UserFactory()).get(own).status_code == 403


def test_reading_writes_nothing_more_often_than_each_half_minute(
    browser: Client, clock: Any
) -> None:
    def written() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("account"))
        return sum("UPDATE" in query["sql"] for query in queries)

    clock.shift(29 * SECOND)
    assert written() == 0
    clock.shift(SECOND)
    assert (written(), written()) == (1, 0)


def test_a_session_says_where_and_with_what_somebody_signed_in(
    client: Client, staff: User, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    client.post(
        reverse("account_login"),
        {"login": staff.email, "password": PASSWORD},
        headers={"user-agent": FIREFOX * 9, "x-forwarded-for": "10.0.0.9, 203.0.113.7"},
    )
    row = staff.sessions.get()
    assert row.address == "203.0.113.7"
    assert row.device == (FIREFOX * 9)[:300]
    assert row.signed_in_at == row.active_at


def test_an_event_says_who_did_what_from_where(
    staff: User, administrator: User, rf: Any
) -> None:
    request = rf.get("/", headers={"user-agent": FIREFOX}, REMOTE_ADDR="2001:db8::1")
    request.user = administrator
    event = note(Event.Kind.INVITED, request=request, user=staff, what="x" * 400)
    assert (event.user, event.by) == (staff, administrator)
    assert (event.address, event.device) == ("2001:db8::1", FIREFOX)
    assert len(event.what) == 300
    own = note(Event.Kind.DOWNLOADED, request=request)
    assert (own.user, own.by) == (administrator, administrator)
    by_night = note(Event.Kind.TIMED_OUT, user=staff)
    assert (by_night.by, by_night.address, by_night.device) == (None, None, "")


# By what changes


def _log_out(browser: Client, user: User, administrator: Client) -> None:
    browser.post(reverse("account_logout"))


def _change_password(browser: Client, user: User, administrator: Client) -> None:
    here = Client()
    here.force_login(User.objects.get(pk=user.pk))
    words = "seven purple otters dancing"
    here.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": words, "password2": words},
    )
    assert is_in(here)


def _change(**changes: Any) -> Callable:
    def change(browser: Client, user: User, administrator: Client) -> None:
        if changes.get("organisation"):
            changes["organisation"] = OrganisationFactory().pk
        edit(administrator, user, **changes)

    return change


def _sign_out_everywhere(browser: Client, user: User, administrator: Client) -> None:
    url = reverse("account_sign_out_everywhere", args=[user.pk])
    assert administrator.post(url).url == reverse("account_edit", args=[user.pk])


@pytest.mark.parametrize(
    ("end", "event"),
    [
        (_log_out, Event.Kind.SIGNED_OUT),
        (_change_password, Event.Kind.SESSIONS_ENDED),
        (_change(role="commissioner"), Event.Kind.SESSIONS_ENDED),
        (_change(organisation="other"), Event.Kind.SESSIONS_ENDED),
        (_change(is_active=None), Event.Kind.SESSIONS_ENDED),
        (_sign_out_everywhere, Event.Kind.SESSIONS_ENDED),
    ],
    ids=["signing out", "password", "role", "organisation", "activity", "by hand"],
)
def test_an_old_cookie_is_dead_for_good(
    as_: Any, staff: User, administrator: User, end: Callable, event: str
) -> None:
    """Wherever it was copied to, and also when what was changed is changed back."""
    began = {"role": staff.role, "organisation_id": None, "is_active": True}
    password = staff.password
    browser, office = as_(staff), as_(administrator)
    copied = browser.cookies[settings.SESSION_COOKIE_NAME].value
    end(browser, staff, office)
    User.objects.filter(pk=staff.pk).update(**began, password=password)
    elsewhere = Client()
    elsewhere.cookies[settings.SESSION_COOKIE_NAME] = copied
    for client in (browser, elsewhere):
        for address in ("home", "account", "people"):
            assert client.get(reverse(address)).status_code == 302
        assert not is_in(client)
    assert event in kinds(staff)
    assert is_in(office)


def test_a_change_that_ends_sessions_says_so(
    as_: Any, staff: User, administrator: User
) -> None:
    as_(staff)
    browser = as_(administrator)
    page = edit(browser, staff, role="commissioner")
    said = browser.get(page.url).content.decode()
    assert "They are signed out wherever they were signed in" in said
    event = staff.events.get()
    assert (event.by, event.what) == (administrator, "Role changed")
    edit(browser, staff, role="commissioner", name="New name")
    assert staff.events.count() == 1


def test_an_administrator_who_changes_their_own_organisation_stays(
    as_: Any, administrator: User
) -> None:
    browser, elsewhere = as_(administrator), as_(administrator)
    edit(browser, administrator, organisation=OrganisationFactory().pk)
    assert is_in(browser)
    assert not is_in(elsewhere)


def test_sessions_end_with_the_change_or_not_at_all(
    as_: Any, staff: User, administrator: User
) -> None:
    browser = as_(staff)

    def fail() -> None:
        raise RuntimeError

    staff.role = Role.COMMISSIONER
    with pytest.raises(RuntimeError):
        save_account(staff, by=administrator, save=fail)
    assert is_in(browser)


def test_ending_what_is_not_there_is_no_event(staff: User) -> None:
    assert end_sessions(staff, why="Nothing") == 0
    assert kinds(staff) == []


def test_health_asks_no_session(client: Client, db: None) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "x"
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("live"))
    assert len(queries) == 0


def test_signing_in_forgets_whose_session_ended_here(
    browser: Client, clock: Any
) -> None:
    clock.shift(IDLE)
    assert not is_in(browser)
    assert browser.cookies[COOKIE].value
    browser.force_login(UserFactory())
    browser.get(reverse("home"))
    assert browser.cookies[COOKIE].value == ""
    assert json.loads(browser.get(reverse("session_left")).content)["left"] > 0
    assert Session.objects.count() == 1
