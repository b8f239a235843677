"""Filtering the tracker where JavaScript runs: the list changes, the form stays."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from actions.models import Due
from tests.factories import ActionFactory, OrganisationFactory, UserFactory


@pytest.fixture
def late_and_not(transactional_db) -> tuple[str, str]:
    """The references of an action that is overdue and of one that is not."""
    day = timezone.localdate()
    due = [day - dt.timedelta(days=9), day + dt.timedelta(days=90)]
    late, other = (
        ActionFactory(due=Due.on_date(day), organisation=OrganisationFactory())
        for day in due
    )
    return late.reference, other.reference


def test_applying_a_filter_changes_the_list_and_keeps_the_form(
    open_page, late_and_not, javascript
):
    late, other = late_and_not
    page = open_page(UserFactory(), javascript=javascript)
    page.goto("/actions/?list=unresolved")
    page.get_by_role("link", name="Show filter").click()
    page.get_by_label("Flag").select_option("Overdue")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_role("link", name=other)).to_have_count(0)
    expect(page.get_by_role("link", name=late)).to_be_visible()
    expect(page.locator("#count")).to_contain_text("1 of 2 actions")
    expect(page).to_have_url(re.compile("flag=overdue"))
    if javascript:
        expect(page.get_by_role("button", name="Apply filters")).to_be_focused()
    page.get_by_role("link", name="Remove this filter: Flag: Overdue").click()
    expect(page.get_by_role("link", name=other)).to_be_visible()


def test_a_filter_that_cannot_be_is_explained_beside_its_field(
    open_page, late_and_not, javascript
):
    page = open_page(UserFactory(), javascript=javascript)
    page.goto("/actions/?list=unresolved&filters=show")
    page.get_by_label("Due from").fill("31/2/2025")
    page.get_by_role("button", name="Apply filters").click()
    summary = page.locator(".govuk-error-summary")
    summary.get_by_role("link", name="Enter a real date").click()
    expect(page.get_by_label("Due from")).to_be_focused()
    expect(page.get_by_label("Due from")).to_have_value("31/2/2025")
