"""Undo while minutes are typed: a line that became an action comes back, once."""

import re

from playwright.sync_api import Page, expect

from actions.models import Action
from assurance.models import User
from meetings.models import AgendaItem
from tests.functional.conftest import OpenPage
from tests.functional.test_live_minutes import (
    address,
    expect_saved,
    item,
    notes_of,
    stored,
    type_at_end,
)

__all__ = ["item"]

LINE = "ACTION: DBS to share the plan"


def marked(page: Page, text: str = f"{LINE}\nThe PCC asked") -> str:
    """Type that, wait for the mark of the action, and say what it is."""
    type_at_end(page, text)
    expect(notes_of(page)).to_have_value(re.compile(r"^\[\[action \d{4}/\d+\]\]\n"))
    return f"[[action {Action.objects.get().reference}]]"


def test_undo_brings_the_line_back_and_it_is_the_same_action_again(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    mark = marked(page)
    page.keyboard.press("Control+Z")
    expect(notes_of(page)).to_have_value(f"{LINE}\nThe PCC asked")
    expect(page.get_by_role("status").first).to_contain_text("stays as it was made")
    # Plain text as long as the cursor is in it, however often it is saved.
    page.keyboard.press("Home")
    page.keyboard.insert_text("  ")
    expect_saved(page)
    assert stored(item) == f"  {LINE}\nThe PCC asked"
    type_at_end(page, " why")
    expect(notes_of(page)).to_have_value(f"{mark}\nThe PCC asked why")
    expect(page.get_by_role("status").first).to_contain_text("again.")
    page.keyboard.insert_text(" it is late")
    expect_saved(page)
    assert stored(item) == f"{mark}\nThe PCC asked why it is late"
    assert Action.objects.count() == 1


def test_undo_and_redo_as_often_as_one_likes_make_one_action(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    mark = marked(page)
    for _ in range(3):
        page.keyboard.press("Control+Z")
        expect(notes_of(page)).to_have_value(f"{LINE}\nThe PCC asked")
        page.keyboard.press("Control+Shift+Z")
        expect(notes_of(page)).to_have_value(f"{mark}\nThe PCC asked")
    for _ in range(12):
        page.keyboard.press("Control+Z")
    expect(notes_of(page)).to_have_value("")
    expect_saved(page)
    for _ in range(12):
        page.keyboard.press("Control+Shift+Z")
    page.get_by_role("button", name="Save", exact=True).click()
    expect_saved(page)
    expect(notes_of(page)).to_have_value(f"{mark}\nThe PCC asked")
    assert stored(item) == f"{mark}\nThe PCC asked"
    assert Action.objects.count() == 1


def test_a_mark_moves_neither_the_cursor_nor_the_page(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    AgendaItem.objects.filter(pk=item.pk).update(notes="\n".join(map(str, range(150))))
    page = open_page(staff)
    page.goto(address(item))
    notes_of(page).focus()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text(LINE)
    page.keyboard.press("Enter")
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(" and")
    before = page.evaluate("window.scrollY")
    assert before > 1000
    expect(notes_of(page)).to_have_value(re.compile(r"^\[\[action"))
    assert page.evaluate("window.scrollY") == before
    page.keyboard.insert_text(" on")
    expect(notes_of(page)).to_have_value(re.compile("149 and on$"))
    # No further than what is said at the foot of the screen would cover the line.
    assert 0 <= page.evaluate("window.scrollY") - before <= 100
