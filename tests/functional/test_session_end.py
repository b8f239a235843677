"""The end of a session as somebody sees it who is writing: warned, and nothing lost."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assurance.models import Event, Unsent, User
from assurance.sign_in.sessions import SIGNED_IN_AT, SessionStore, end_sessions
from meetings.models import Theme
from tests.factories import AgendaItemFactory, MeetingFactory, UserFactory
from tests.functional.conftest import OpenPage, arrived, give_password

NEW_THEME = "/meetings/registers/themes/new/"
WARNED = "You will be signed out at"
STAY = "Stay signed in"


def quiet_for(user: User, **time: float) -> None:
    """Nothing was done in any browser of this account for so long."""
    user.sessions.update(active_at=timezone.now() - dt.timedelta(**time))


def signed_in_ago(user: User, **time: float) -> None:
    session = SessionStore(user.sessions.get().session_key)
    session[SIGNED_IN_AT] = (timezone.now() - dt.timedelta(**time)).timestamp()
    session.save()


@pytest.fixture
def writing(open_page: OpenPage, staff: User) -> Page:
    """Somebody is in the middle of a form."""
    page = open_page(staff)
    page.clock.install()
    page.goto(NEW_THEME)
    page.get_by_label("Name").fill("Roads, half written")
    return page


def pass_by(page: Page, minutes: float) -> None:
    page.clock.run_for(int(minutes * 60_000))


def warn(page: Page, user: User) -> None:
    quiet_for(user, minutes=28, seconds=1)
    pass_by(page, 28.1)
    expect(page.get_by_text(WARNED).last).to_be_visible()


def banner(page: Page) -> Any:
    return page.get_by_role("region", name="Your sign-in")


def test_the_warning_says_when_and_why_and_leaves_the_focus(
    writing: Page, staff: User
) -> None:
    expect(banner(writing)).to_be_hidden()
    warn(writing, staff)
    end = timezone.localtime(staff.sessions.get().active_at) + dt.timedelta(minutes=30)
    said = f"{WARNED} {end:%H:%M} because nothing was done here for 28 minutes."
    expect(banner(writing)).to_contain_text(said)
    expect(writing.locator("#session [role=status]")).to_have_text(said)
    expect(writing.get_by_label("Name")).to_be_focused()
    expect(writing.get_by_label("Name")).to_have_value("Roads, half written")


def test_staying_goes_on_where_one_was(writing: Page, staff: User) -> None:
    warn(writing, staff)
    writing.get_by_role("button", name=STAY).click()
    expect(banner(writing)).to_be_hidden()
    expect(writing.get_by_label("Name")).to_be_focused()
    expect(writing.locator("#session [role=status]")).to_have_text(
        "You stay signed in."
    )
    assert timezone.now() - staff.sessions.get().active_at < dt.timedelta(minutes=1)


def test_work_in_another_tab_counts(writing: Page, staff: User) -> None:
    quiet_for(staff, minutes=10)
    with writing.expect_response("**/session/") as asked:
        pass_by(writing, 28.1)
    asked.value.finished()
    expect(banner(writing)).to_be_hidden()
    warn(writing, staff)
    other = writing.context.new_page()
    other.goto("/actions/")
    pass_by(writing, 0.3)
    expect(banner(writing)).to_be_hidden()


def test_after_twelve_hours_nobody_is_offered_to_stay(
    writing: Page, staff: User
) -> None:
    signed_in_ago(staff, hours=11, minutes=59)
    pass_by(writing, 28.1)
    expect(banner(writing)).to_contain_text("because you signed in 12 hours before")
    expect(banner(writing)).to_contain_text("Save what you are writing")
    expect(writing.get_by_role("button", name=STAY)).to_be_hidden()


def end(page: Page, user: User) -> None:
    warn(page, user)
    quiet_for(user, minutes=30)
    pass_by(page, 2)
    expect(banner(page)).to_contain_text("You were signed out at")


def sign_in_beside(page: Page, user: User) -> None:
    """By the link of the banner, in a tab of its own."""
    with page.context.expect_page() as opened:
        banner(page).get_by_role("link").click()
    other = opened.value
    give_password(other, user)
    other.get_by_role("button", name="Sign out").wait_for()
    other.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def test_signing_in_again_beside_it_saves_what_was_typed(
    writing: Page, staff: User
) -> None:
    end(writing, staff)
    assert not staff.sessions.exists()
    assert staff.events.get().kind == Event.Kind.TIMED_OUT
    field = writing.get_by_label("Name")
    expect(field).to_be_focused()
    field.press_sequentially(" then more")
    sign_in_beside(writing, staff)
    expect(banner(writing)).to_contain_text("You are signed in again.")
    expect(field).to_have_value("Roads, half written then more")
    writing.get_by_role("button", name="Save").click()
    expect(writing.get_by_text("Roads, half written then more").first).to_be_visible()
    assert Theme.objects.get().name == "Roads, half written then more"


def test_another_account_is_not_taken_for_the_one_that_wrote(
    writing: Page, staff: User
) -> None:
    end(writing, staff)
    sign_in_beside(writing, UserFactory())
    expect(banner(writing)).to_contain_text("Somebody else is signed in")
    expect(writing.get_by_label("Name")).to_have_value("Roads, half written")
    writing.get_by_role("button", name="Save").click()
    expect(writing.get_by_role("heading", level=1)).to_contain_text("not saved")
    assert not Theme.objects.exists()


def test_a_form_sent_after_the_end_is_there_again(
    open_page: OpenPage, staff: User, javascript: bool
) -> None:
    page = open_page(staff, javascript=javascript)
    page.goto(NEW_THEME)
    page.get_by_label("Name").fill("Roads, half written")
    quiet_for(staff, minutes=30)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("What you typed is not saved yet")
    give_password(page, staff)
    arrived(page, "What you typed is not saved yet")
    expect(page.locator("dd").first).to_have_text("Roads, half written")
    page.get_by_role("button", name="Save it now").click()
    expect(page.get_by_role("row", name="Roads, half written")).to_be_visible()
    assert Theme.objects.get().name == "Roads, half written"
    assert not Unsent.objects.exists()


def test_the_live_minutes_and_the_banner_say_the_same(
    open_page: OpenPage, staff: User
) -> None:
    item = AgendaItemFactory(meeting=MeetingFactory(state="in_progress"), notes="")
    page = open_page(staff)
    page.goto(f"/meetings/{item.meeting_id}/minutes/")
    end_sessions(staff, why="By hand")
    notes = page.get_by_label("Notes", exact=True)
    notes.fill("Said while nobody was signed in")
    expect(page.locator("#live-alert")).to_contain_text("You are signed out")
    with page.context.expect_page() as opened:
        page.locator("#live-alert").get_by_role("link").click()
    other = opened.value
    give_password(other, staff)
    other.get_by_role("button", name="Sign out").wait_for()
    other.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#live-status")).to_contain_text("Saved again")
    item.refresh_from_db()
    assert item.notes.strip() == "Said while nobody was signed in"
