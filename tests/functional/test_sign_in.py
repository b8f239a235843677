"""Signing in, with the keyboard alone too."""

import re

from playwright.sync_api import Page, expect

from assurance.models import User
from tests.factories import PASSWORD
from tests.functional.conftest import OpenPage, sign_in


def test_somebody_signs_in_with_the_keyboard_alone(page: Page, staff: User) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    for _ in range(10):
        if page.evaluate("document.activeElement.name") == "login":
            break
        page.keyboard.press("Tab")
    page.keyboard.type(staff.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{staff.name}, Office staff")).to_be_visible()


def test_a_wrong_password_says_so_and_leads_back_to_the_field(
    page: Page, staff: User
) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(staff.email)
    page.get_by_label("Password", exact=True).fill("not this one at all")
    page.get_by_role("button", name="Sign in", exact=True).click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("There is a problem")
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("E-mail")).to_be_focused()


def test_signing_in_and_out_needs_no_javascript(
    open_page: OpenPage, staff: User
) -> None:
    page = open_page(javascript=False)
    sign_in(page, staff)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
