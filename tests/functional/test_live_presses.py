"""Attendance and actions beside the notes, at a press."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from assurance.models import User
from meetings.models import AgendaItem, Attendee
from tests.factories import (
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
)
from tests.functional.conftest import OpenPage


@pytest.fixture
def item(transactional_db: None) -> AgendaItem:
    """An item of a meeting that is being held, with a long list of people invited."""
    meeting = MeetingFactory(state="in_progress")
    for number in range(1, 13):
        AttendeeFactory(
            meeting=meeting,
            person__name=f"Person {number:02d}",
            attendance="invited",
            order=number,
        )
    return AgendaItemFactory(meeting=meeting, heading="Leadership")


def address(item: AgendaItem) -> str:
    return f"/meetings/{item.meeting_id}/minutes/?item={item.pk}&attendance=open"


def button(page: Page, what: str, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"^{what}\s*: {name}$"))


def attendance_of(name: str) -> str:
    return Attendee.objects.get(person__name=name).attendance


def test_enter_pressed_twice_says_the_same_twice(
    item: AgendaItem, open_page: OpenPage, staff: User
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    here = button(page, "Here", "Person 02")
    here.focus()
    page.keyboard.press("Enter")
    expect(here).to_have_attribute("aria-pressed", "true")
    expect(here).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    button(page, "Absent", "Person 03").press("Enter")
    expect(page.get_by_text("Person 03, Policy Officer: absent")).to_be_visible()
    assert attendance_of("Person 02") == "present"


def test_presses_in_quick_succession_are_all_recorded(
    item: AgendaItem, open_page: OpenPage, staff: User
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    page.evaluate(
        """() => {
            const named = (name) => [...document.querySelectorAll("[name=attend]")]
                .find((button) => button.textContent === name);
            named("Apologies: Person 01").click();
            named("Here: Person 01").click();
            named("Absent: Person 02").click();
        }"""
    )
    expect(page.get_by_text("Person 02, Policy Officer: absent")).to_be_visible()
    expect(page.get_by_text("Person 01, Policy Officer: present")).to_be_visible()


def test_a_press_at_the_edge_of_the_screen_scrolls_nothing(
    item: AgendaItem, open_page: OpenPage, staff: User
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    here = button(page, "Here", "Person 08")
    box = here.bounding_box()
    assert box is not None
    # Its upper half alone is in sight, at the foot of the screen.
    page.evaluate("top => window.scrollTo(0, top)", box["y"] - 900 + 12)
    before = page.evaluate("window.scrollY")
    seen = here.bounding_box()
    assert seen is not None
    page.mouse.click(seen["x"] + 10, seen["y"] + 4)
    expect(page.get_by_text("Person 08, Policy Officer: present")).to_be_attached()
    assert page.evaluate("window.scrollY") == before
    assert here.bounding_box() == seen


def test_everyone_is_here_at_one_press(
    item: AgendaItem, open_page: OpenPage, staff: User
) -> None:
    Attendee.objects.filter(person__name="Person 05").update(attendance="apologies")
    page = open_page(staff)
    page.goto(address(item))
    everyone = page.get_by_role("button", name="Everyone is here")
    everyone.press("Enter")
    expect(page.get_by_text("11 people are marked as present.")).to_be_focused()
    page.keyboard.press("Enter")
    expect(everyone).to_have_count(0)
    assert attendance_of("Person 05") == "apologies"


def test_an_action_is_changed_beside_the_notes(
    item: AgendaItem, open_page: OpenPage, staff: User
) -> None:
    person = Attendee.objects.get(person__name="Person 01")
    Attendee.objects.filter(pk=person.pk).update(
        abbreviation="DBS",
        organisation=OrganisationFactory(name="West Mercia Police", short_names="WMP"),
    )
    page = open_page(staff)
    page.goto(address(item))
    notes = page.get_by_role("textbox", name="Notes", exact=True)
    notes.fill("Said before\n" * 40)
    notes.focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("ACTION: DBS and RC to share the plan")
    page.keyboard.press("Enter")
    line = page.get_by_text(re.compile(r"^Action \d{4}/\d+ added: DBS, no due date"))
    expect(line).to_be_in_viewport()
    expect(line).to_contain_text("“RC” was not recognised as an owner")
    expect(notes).to_be_focused()
    page.keyboard.insert_text("Typed on")
    page.get_by_role("link", name="Change action").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("What is to be done")).to_be_focused()
    dialog.get_by_label("On a date").check()
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(dialog.get_by_text("Enter the due date").first).to_be_visible()
    dialog.get_by_label("Due date", exact=True).fill("1 September 2099")
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(dialog).to_be_hidden()
    card = page.locator("#live-actions")
    expect(card).to_contain_text("Due: 1 September 2099")
    expect(page.get_by_role("link", name="Change action")).to_be_focused()
    expect(notes).to_have_value(re.compile(r"Typed on$"))
    page.get_by_role("link", name="Change action").press("Enter")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Change action")).to_be_focused()
