"""Invited by an administrator, and signed in: the whole way, in two browsers."""

import re

from django.core import mail
from playwright.sync_api import expect

from assurance.models import User
from tests.functional import checks
from tests.functional.conftest import OpenPage
from tests.second_step import app_code

NEW = "plum cake on sundays"


def test_somebody_is_invited_sets_a_password_and_signs_in(
    open_page: OpenPage, administrator: User, javascript: bool
) -> None:
    office = open_page(administrator, javascript=javascript)
    office.goto("/accounts/users/new/")
    office.get_by_label("Full name").fill("Ada Newman")
    office.get_by_label("E-mail address").fill("ada@office.example")
    office.get_by_label("Office staff").check()
    office.get_by_role("button", name="Save and invite").click()
    expect(office.get_by_role("heading", name="Ada Newman is invited")).to_be_visible()
    link = office.get_by_label("link, to give in person").input_value()
    assert link in mail.outbox[0].body
    office.goto("/accounts/users/")
    expect(office.get_by_role("row", name=re.compile("Ada Newman"))).to_contain_text(
        "Invited"
    )

    page = open_page(javascript=javascript)
    page.goto(link)
    expect(page).to_have_url(re.compile("/now/"))
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("alert")).to_contain_text("at least 12 characters")
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password", exact=True).press("Enter")
    expect(page.get_by_text("Your password is set. Sign in with it.")).to_be_visible()
    page.get_by_label("E-mail").fill("ada@office.example")
    page.get_by_label("Password", exact=True).fill(NEW)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()
    page.goto("/accounts/second-step/app/")
    secret = page.locator(".app-key").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(app_code(secret))
    page.get_by_label("Code").press("Enter")
    expect(page.locator(".app-codes li")).to_have_count(10)
    page.goto("/")
    expect(page.get_by_text("Ada Newman, Office staff")).to_be_visible()

    again = open_page(javascript=javascript)
    again.goto(link)
    expect(again.get_by_role("heading", name="does not work any more")).to_be_visible()


def test_pages_around_a_link_can_be_used_by_everybody(
    open_page: OpenPage, administrator: User, staff: User
) -> None:
    office = open_page(administrator)
    office.goto(f"/accounts/users/{staff.pk}/invite/")
    assert checks.everything(office) == []
    office.get_by_role("button", name="Send the link").click()
    link = office.get_by_label("link, to give in person").input_value()
    assert checks.everything(office) == []
    page = open_page(width=375)
    for address in (link, "/accounts/password/forgotten/", "/accounts/login/"):
        page.goto(address)
        assert checks.everything(page) == []
    page.goto("/accounts/password/link-sent/")
    assert checks.everything(page) == []
