"""Every page of every role, and every form with errors in it."""

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from assurance.models import User
from assurance.permissions import Role
from tests.factories import PASSWORD
from tests.functional import checks
from tests.functional.conftest import OpenPage
from tests.functional.crawl import crawl


@pytest.fixture
def demonstration(transactional_db: None) -> None:
    call_command("demo_data")


def account(role: Role) -> User:
    """The demonstration's account of a role, with the password of all tests."""
    user = User.objects.get(email=f"{role}@demo.example")
    user.set_password(PASSWORD)
    user.save()
    return user


# Staff have the pages of an administrator but for accounts.
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.COMMISSIONER, Role.LIAISON])
def test_every_page_is_accessible_and_fits_a_phone(
    open_page: OpenPage, demonstration: None, role: Role
) -> None:
    page = open_page(account(role))
    found = checks.Findings()
    for address in crawl(page):
        found.add(address, checks.everything(page))
    assert not found, str(found)


def test_the_sign_in_page_is_accessible(page: Page, transactional_db: None) -> None:
    page.goto("/accounts/login/")
    assert checks.everything(page) == []


def test_every_form_says_what_is_wrong_and_leads_there(
    open_page: OpenPage, demonstration: None
) -> None:
    """Each form is sent empty; those that then have errors are looked at."""
    page = open_page(account(Role.ADMINISTRATOR))
    forms = [address for address in crawl(page) if has_form(page)]
    found = checks.Findings()
    for address in forms:
        page.goto(address)
        if send_empty(page) == 422:
            found.add(address, look_at_errors(page))
    assert not found, str(found)


FORM = "main form[method=post]:has(input:visible, textarea:visible, select:visible)"


def has_form(page: Page) -> bool:
    return page.locator(FORM).count() > 0


def send_empty(page: Page) -> int:
    """Clear the first form, send it, and give the status of the answer."""
    form = page.locator(FORM).first
    for field in form.locator("input[type=text]:visible, textarea:visible").all():
        field.fill("")
    with page.expect_navigation() as answer:
        form.get_by_role("button").last.click()
    return answer.value.status


def look_at_errors(page: Page) -> list[str]:
    found = checks.everything(page)
    page.reload()
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    if not page.title().startswith("Error: "):
        found.append("the title does not begin with Error:")
    for link in summary.get_by_role("link").all():
        target = page.locator(f"[id='{(link.get_attribute('href') or '#')[1:]}']")
        link.click()
        if not target.evaluate("field => field === document.activeElement"):
            found.append(f"“{link.text_content()}” does not lead to its field")
    return found
