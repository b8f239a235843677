"""A tracker becomes actions in a browser; each of its pages is accessible."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from actions.models import Action
from assurance.models import User
from tests.factories import OrganisationFactory, UserFactory
from tests.functional import checks
from tests.functional.conftest import OpenPage, arrived

LONG = "Report how long the public waits to be answered, at each hour of the day. " * 8


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    book = Workbook()
    rows = (
        ["Action tracker"],
        ["Ref", "Action required", "Lead", "Target date", "RAG", "Progress", "Cost"],
        ["Meeting of 4 July 2012"],
        [1, "Share the plan", "WMP", "30 Sept", "Green", "Begun", 5],
        [2, LONG, "Bob", "June", "Closed", "", 6],
        [3, "", "WMP", "", "", "", 7],
    )
    for row in rows:
        book.active.append(row)
    path = tmp_path / "Tracker.xlsx"
    book.save(path)
    return path


@pytest.fixture
def office(transactional_db: None) -> User:
    OrganisationFactory(name="West Mercia Police", short_names="WMP")
    return UserFactory()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_tracker_is_read_in(
    open_page: OpenPage, office: User, tracker: Path, scripts: bool
) -> None:
    page = open_page(office, javascript=scripts)
    found = checks.Findings()

    def look(where: str) -> None:
        if scripts:
            found.add(where, checks.everything(page))

    page.goto("/actions/import/")
    press(page, "Read this")
    expect(page.get_by_role("link", name="Choose a spreadsheet")).to_be_visible()
    look("no file")
    page.get_by_label("Spreadsheet").set_input_files(tracker)
    press(page, "Read this")
    expect(page.get_by_label("Action required is")).to_have_value("action")
    expect(page.get_by_label("Cost is")).to_have_value("")
    look("columns")
    press(page, "Go on to the rows")
    expect(page.get_by_text("1 row has an error.", exact=False).first).to_be_visible()
    look("rows")
    page.get_by_role("link", name="Row 6").click()
    arrived(page, "Row 6")
    look("row")
    press(page, "Save this row")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    look("row in error")
    page.get_by_role("textbox", name="Action", exact=True).fill("Ring them")
    press(page, "Save this row")
    arrived(page, "Check Tracker.xlsx")
    press(page, "Save 3 actions")
    expect(page.get_by_text("3 actions are in the register")).to_be_visible()
    look("saved")
    assert set(Action.objects.values_list("status", flat=True)) == {"open", "closed"}
    assert Action.objects.count() == 3
    assert not found, str(found)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
