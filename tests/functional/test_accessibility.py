"""Every page of every role, and every form with errors in it."""

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from actions.publishing import withdraw
from assurance.models import User
from assurance.permissions import Role
from meetings.models import MinutesVersion
from tests.factories import PASSWORD
from tests.functional import checks
from tests.functional.conftest import OpenPage
from tests.functional.crawl import crawl
from tests.meetings.published import published_meeting


@pytest.fixture
def demonstration(transactional_db: None) -> None:
    call_command("demo_data")


def account(role: Role) -> User:
    """The demonstration's account of a role, with the password of all tests."""
    user = User.objects.get(email=f"{role}@demo.example")
    user.set_password(PASSWORD)
    user.save()
    return user


def test_every_page_and_every_form_in_error_is_accessible(
    open_page: OpenPage, demonstration: None
) -> None:
    """Each page as it is; then each form is sent empty, and looked at if that is wrong.

    On a desktop, a phone and the narrowest screen. An administrator has every page but
    the homes of others.
    """
    user = account(Role.ADMINISTRATOR)
    page = open_page(user)
    # A form with unsaved text asks before it is left.
    page.on("dialog", lambda dialog: dialog.accept())
    found, forms = checks.Findings(), []
    for address in crawl(user):
        page.goto(address)
        found.add(address, checks.everything(page))
        if page.locator(FORM).count():
            forms.append(address)
    for address in forms:
        page.goto(address)
        # One that was sent before may have left nothing to send here.
        if page.locator(FORM).count() and send_empty(page) == 422:
            found.add(address, look_at_errors(page))
    assert forms
    assert not found, str(found)


@pytest.mark.parametrize("role", [Role.COMMISSIONER, Role.LIAISON])
def test_what_others_see_of_the_pages_is_accessible_too(
    open_page: OpenPage, demonstration: None, role: Role
) -> None:
    user = account(role)
    page = open_page(user)
    found = checks.Findings()
    for address in crawl(user):
        page.goto(address)
        found.add(address, [*checks.structure(page), *checks.axe(page)])
        page.set_viewport_size(checks.NARROW)
        found.add(address, checks.sideways_scrolling(page))
        page.set_viewport_size(checks.DESKTOP)
    assert not found, str(found)


def test_the_sign_in_page_is_accessible(page: Page, transactional_db: None) -> None:
    page.goto("/accounts/login/")
    assert checks.everything(page) == []


def test_what_the_public_reads_is_accessible(page: Page, demonstration: None) -> None:
    meeting = MinutesVersion.objects.public().values_list("meeting", flat=True)[0]
    gone = published_meeting()
    version = gone.versions.published().get()
    withdraw(version, why="A name was left in it", by=version.by)
    found = checks.Findings()
    for address in (
        "/published/",
        "/published/?q=nothing+that+is+there",
        "/published/?year=none",
        f"/published/{meeting}/",
        f"/published/{gone.pk}/",
        "/published/99999/",
        "/accessibility/",
    ):
        page.goto(address)
        found.add(address, checks.everything(page))
    assert not found, str(found)
    assert page.context.cookies() == []


# The live page saves by itself, and is looked at in error by its own tests.
FORM = (
    "main form[method=post]:not([data-save])"
    ":has(input:visible, textarea:visible, select:visible)"
)


def send_empty(page: Page) -> int:
    """Clear the first form, send it, and give the status of the answer."""
    form = page.locator(FORM).first
    # What htmx sends changes the page; any other form leads to another.
    is_fetched = form.get_attribute("hx-post") is not None
    wait = (
        page.expect_response(lambda sent: sent.request.method == "POST")
        if is_fetched
        else page.expect_navigation()
    )
    with wait as answer:
        form.evaluate(
            """form => {
                for (const field of form.querySelectorAll("[type=text], textarea"))
                    field.value = "";
                const buttons = [...form.querySelectorAll("button")];
                // Not one that keeps a draft, for which less is an error.
                const main = buttons.filter(
                    button => !button.matches("[type=button], .govuk-button--secondary")
                );
                form.requestSubmit((main.length ? main : buttons).at(-1));
            }"""
        )
    return answer.value.status


def look_at_errors(page: Page) -> list[str]:
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    found = [*checks.structure(page), *checks.axe(page, checks.WCAG)]
    if not page.title().startswith("Error: "):
        found.append("the title does not begin with Error:")
    led_astray = summary.get_by_role("link").evaluate_all(
        """links => links.filter(link => {
            link.click();
            return document.activeElement.id !== link.hash.slice(1);
        }).map(link => link.textContent)"""
    )
    return found + [f"“{text}” does not lead to its field" for text in led_astray]
