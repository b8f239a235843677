"""Coming to the notes, leaving them and being disturbed in them, without losing a word
or one's place.
"""

import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

from assurance.models import User
from meetings.models import AgendaItem, Meeting
from tests.factories import AgendaItemFactory
from tests.functional.conftest import PATIENCE_MS, OpenPage
from tests.functional.test_live_minutes import (
    address,
    expect_saved,
    item,
    notes_of,
    state_of,
    stored,
    type_at_end,
)

__all__ = ["item"]

LONG = "\n".join(f"Line {number}" for number in range(120))


def expect_caret(page: Page, at: int) -> None:
    expect(notes_of(page)).to_have_js_property("selectionStart", at)


def expect_foot_in_view(page: Page) -> None:
    """Soon: the browser scrolls to the field first, then the page to its end."""
    is_in_view = (
        "field => field.getBoundingClientRect().bottom <= innerHeight + 1 &&"
        " field.getBoundingClientRect().bottom > 0"
    )
    end = time.monotonic() + PATIENCE_MS / 1000
    while not notes_of(page).evaluate(is_in_view):
        assert time.monotonic() < end, "The end of the notes is out of sight"
        page.wait_for_timeout(50)


def top_of(page: Page) -> float:
    return notes_of(page).evaluate("field => field.getBoundingClientRect().top")


# Leaving


def test_loading_again_in_mid_sentence_loses_and_disputes_nothing(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    said = ""
    for words in ("The PCC asked", " why it was late", " and what was done."):
        type_at_end(page, words)
        said += words
        page.reload()
        expect(notes_of(page)).to_have_value(said)
    type_at_end(page, " The T/CC answered.")
    expect_saved(page)
    expect(page.get_by_role("alert")).to_be_empty()
    assert stored(item) == f"{said} The T/CC answered."


def test_a_page_older_than_the_save_that_was_on_its_way_catches_up(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    before = page.request.get(address(item)).text()

    def older(route: Route) -> None:
        """The page as it was made before the save was written."""
        route.fulfill(body=before, content_type="text/html")

    type_at_end(page, "ACTION: DBS to share the plan\nMore")
    expect_saved(page)
    pattern = re.compile(r"/minutes/\?item=\d+$")
    page.route(pattern, older)
    page.reload()
    page.unroute(pattern)
    expect(notes_of(page)).to_have_value(re.compile(r"^\[\[action .*\]\]\nMore$"))
    expect(page.get_by_role("heading", name="Actions agreed here (1)")).to_be_visible()
    type_at_end(page, " words")
    expect_saved(page)
    expect(page.get_by_role("alert")).to_be_empty()
    assert stored(item).endswith("]]\nMore words")


def test_two_pages_of_ones_own_are_not_somebody_else(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    other = page.context.new_page()
    other.goto(address(item))
    type_at_end(other, "There")
    expect_saved(other)
    other.close()
    type_at_end(page, "Here")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("you changed this text on another page too")
    quarrel = page.get_by_role("region", name="Saved by you on another page")
    expect(quarrel).to_contain_text("On this page")
    expect(page.locator("main")).not_to_contain_text(
        re.compile("somebody else|theirs", re.IGNORECASE)
    )
    quarrel.get_by_role("button", name="Keep what is on this page").click()
    expect(page.get_by_text("What is on this page is kept.")).to_be_visible()
    expect_saved(page)
    assert stored(item) == "Here"


# Disturbed


@pytest.mark.parametrize("width", [1280, 375])
def test_two_texts_are_compared_beneath_the_field_that_stays_where_it_is(
    open_page: OpenPage, staff: User, administrator: User, item: AgendaItem, width: int
) -> None:
    page, theirs = open_page(staff, width=width), open_page(administrator)
    page.goto(address(item))
    theirs.goto(address(item))
    type_at_end(theirs, f"{LONG} theirs")
    theirs.get_by_role("button", name="Save", exact=True).click()
    expect_saved(theirs)
    type_at_end(page, "\n".join(LONG.split("\n")[:25]))
    before = top_of(page)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("somebody else changed")
    assert abs(top_of(page) - before) <= 1
    expect(notes_of(page)).to_be_focused()
    type_at_end(page, "\nand on")
    covered = page.evaluate(
        "document.querySelector('#live-alert').getBoundingClientRect().top -"
        " document.querySelector('#id_notes').getBoundingClientRect().bottom"
    )
    assert covered >= 0
    alert.get_by_role("link", name="Compare the two texts below").click()
    heading = page.get_by_role("heading", name=re.compile("^Saved by"))
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    below = page.evaluate(
        "document.querySelector('#conflict').getBoundingClientRect().top -"
        " document.querySelector('#id_notes').getBoundingClientRect().bottom"
    )
    assert below >= 0


def test_saved_again_is_not_said_beside_not_saved(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    page.context.set_offline(True)
    type_at_end(page, "Typed without a connection")
    expect(state_of(page)).to_have_text("Not saved")
    page.context.set_offline(False)
    again = page.get_by_text("Saved again.")
    expect(again).to_be_visible()
    Meeting.objects.update(state="agreed")
    type_at_end(page, " and too late")
    expect(again).to_have_count(0)
    expect(state_of(page)).to_have_text("Not saved")


# Coming


def test_every_way_to_an_item_leads_to_the_end_of_its_notes(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    first = AgendaItem.objects.get(pk=item.pk)
    second = item.meeting.agenda_items.get(heading="Recruitment")
    third = AgendaItemFactory(meeting=item.meeting, heading="Estates")
    AgendaItem.objects.update(notes=LONG)
    page = open_page(staff)

    def expect_at_end(of: AgendaItem) -> None:
        heading = page.get_by_role("heading", level=2, name=of.heading)
        expect(heading).to_be_attached()
        expect(notes_of(page)).to_be_focused()
        expect_caret(page, len(LONG))
        expect_foot_in_view(page)

    page.goto(address(first))
    page.get_by_role("navigation", name="Agenda").get_by_role(
        "link", name="Recruitment"
    ).click()
    expect_at_end(second)
    page.keyboard.press("Alt+Shift+KeyN")
    expect_at_end(third)
    page.keyboard.press("Alt+Shift+KeyP")
    expect_at_end(second)
    page.get_by_role("button", name="Save and go to").click()
    expect_at_end(third)
    page.goto(address(first))
    page.keyboard.press("Alt+Shift+KeyO")
    expect_at_end(first)
    page.goto(address(first))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to notes")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect_at_end(first)
    page.keyboard.insert_text(" and so on")
    expect_saved(page)
    assert stored(first) == f"{LONG} and so on"


def test_going_back_to_the_notes_is_going_to_where_one_was(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    AgendaItem.objects.update(notes="One two")
    page = open_page(staff)
    page.goto(address(item))
    notes_of(page).focus()
    notes_of(page).evaluate("field => field.setSelectionRange(3, 3)")
    page.keyboard.press("Alt+Shift+KeyA")
    page.keyboard.press("Alt+Shift+KeyO")
    expect(notes_of(page)).to_be_focused()
    expect_caret(page, 3)
