"""The second step in a real browser: an app, and passkeys of a virtual device."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assurance.models import Event, User
from tests.factories import UserFactory
from tests.functional import checks, conftest
from tests.functional.conftest import OpenPage, arrived
from tests.second_step import app_code, with_app, wrong_code


@pytest.fixture
def real(transactional_db: None) -> User:
    return UserFactory(real=True, name="Ada Bell", administrator=True)


def give_password(page: Page, user: User) -> None:
    """And be asked for the second step, or to set one up."""
    page.goto("/accounts/login/")
    conftest.give_password(page, user)
    arrived(page, re.compile("second step", re.IGNORECASE))


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").last.click()
    arrived(page, "Sign in")


def is_in(page: Page, user: User) -> None:
    expect(page.get_by_text(f"{user.name}, Administrator")).to_be_visible()
    expect(page.get_by_role("navigation", name="Menu")).to_be_attached()


def device(page: Page) -> Any:
    """A device with a fingerprint reader that keeps passkeys, and always agrees."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return protocol, made["authenticatorId"]


def test_an_app_is_set_up_with_the_keyboard_alone_and_signs_in(
    open_page: OpenPage, real: User, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    give_password(page, real)
    expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()
    expect(page.get_by_role("navigation", name="Menu")).to_have_count(0)
    page.get_by_role("button", name="Set up an app").press("Enter")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    secret = page.locator(".app-key").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(wrong_code(secret))
    page.get_by_label("Code").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not the code that belongs")
    expect(page).to_have_title(re.compile("^Error: "))
    assert page.locator(".app-key").inner_text().replace(" ", "") == secret
    page.get_by_label("Code").fill(app_code(secret))
    page.get_by_label("Code").press("Enter")
    expect(page.locator(".app-codes li")).to_have_count(10)
    page.get_by_role("button", name="I have kept them").press("Enter")
    is_in(page, real)

    again = open_page(javascript=javascript)
    give_password(again, real)
    again.get_by_label("Code", exact=True).press_sequentially(app_code(secret, later=1))
    again.get_by_label("Code", exact=True).press("Enter")
    is_in(again, real)


def test_recovery_codes_can_be_saved_as_a_file(page: Page, real: User) -> None:
    give_password(page, real)
    page.get_by_role("button", name="Set up an app").click()
    secret = page.locator(".app-key").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(app_code(secret))
    page.get_by_role("button", name="Set up the app").click()
    expect(page.locator(".app-codes li")).to_have_count(10)
    codes = page.locator(".app-codes li").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download them").click()
    assert download.value.suggested_filename == "recovery-codes.txt"
    text = download.value.path().read_text()
    assert [line for line in text.splitlines() if line.isdecimal()] == codes
    page.reload()
    expect(page.get_by_text("cannot be shown again")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_alone(page: Page, real: User) -> None:
    device(page)
    give_password(page, real)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("Passkey Work laptop added")).to_be_visible()
    page.get_by_role("button", name="I have kept them").click()
    is_in(page, real)
    sign_out(page)

    page.goto("/accounts/login/?next=/meetings/")
    page.get_by_role("button", name="Sign in with a passkey").press("Enter")
    page.wait_for_url("**/meetings/")
    is_in(page, real)
    assert Event.objects.filter(kind="signed_in").first().what == "Passkey"

    # And as a second step, after the password
    sign_out(page)
    give_password(page, real)
    page.get_by_role("button", name="Use your passkey").click()
    is_in(page, real)


def test_a_passkey_that_is_not_given_says_what_to_do(page: Page, real: User) -> None:
    protocol, authenticator = device(page)
    give_password(page, real)
    page.get_by_role("button", name="Add a passkey").click()
    protocol.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": authenticator, "isUserVerified": False},
    )
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
    # One that nobody here knows
    page.goto("/accounts/logout/")
    sign_out(page)
    protocol.send(
        "WebAuthn.setUserVerified",
        {"authenticatorId": authenticator, "isUserVerified": True},
    )
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used")).to_be_visible()


def test_without_javascript_pages_say_that_passkeys_need_it(
    open_page: OpenPage, real: User
) -> None:
    page = open_page(javascript=False)
    give_password(page, real)
    page.goto("/accounts/second-step/passkey/")
    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Add the passkey")).to_have_count(0)


def test_every_page_of_the_second_step_is_accessible(page: Page, real: User) -> None:
    found = checks.Findings()

    def look(name: str) -> None:
        found.add(name, checks.everything(page))

    device(page)
    give_password(page, real)
    look("setting up")
    page.goto("/accounts/second-step/app/")
    look("app")
    page.get_by_role("button", name="Set up the app").click()
    expect(page).to_have_title(re.compile("^Error: "))
    look("app in error")
    page.goto("/accounts/second-step/passkey/")
    look("passkey")
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.locator(".app-codes")).to_be_visible()
    look("codes, once")
    page.goto("/accounts/second-step/codes/")
    look("codes")
    with_app(real)
    page.goto("/accounts/second-step/")
    look("list")
    page.get_by_role("link", name="Remove the authenticator app").click()
    arrived(page, "Remove")
    look("remove")
    other = UserFactory(real=True, name="Bea Cole")
    with_app(other)
    page.goto(f"/accounts/users/{other.pk}/second-step/")
    look("remove all of somebody")
    page.goto("/accounts/reauthenticate/passkey/")
    look("confirm by passkey")
    page.goto("/accounts/reauthenticate/code/")
    look("confirm by code")
    page.goto("/accounts/logout/")
    sign_out(page)
    look("sign in")
    give_password(page, real)
    look("second step")
    page.get_by_label("Code", exact=True).fill("nonsense")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_title(re.compile("^Error: "))
    look("second step in error")
    assert not found, str(found)
