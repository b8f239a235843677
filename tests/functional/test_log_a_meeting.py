"""A day of the office: a meeting is logged, and nothing agreed there is forgotten."""

import datetime as dt
import re
from dataclasses import dataclass

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from assurance.models import Organisation, User
from meetings.models import Kind
from tests.factories import (
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    StandingItemFactory,
    ThemeFactory,
)
from tests.functional.conftest import OpenPage

TYPE = "Assurance and accountability"
NOTES = """The Chief Constable set out the recruitment plan.

- 40 officers by September
- 12 of them detectives

> We will miss the first date.
"""
SOON, LATER, ON_THEME, BARE = (
    "Share the recruitment plan",
    "Publish the annual report",
    "Bring the results of the staff survey",
    "Find a room with a hearing loop",
)


@dataclass
class Days:
    """Today's meeting, the next one, and one on a theme that is planned later."""

    today: dt.date

    @property
    def next(self) -> dt.date:
        return self.today + dt.timedelta(days=30)

    @property
    def on_theme(self) -> dt.date:
        return self.today + dt.timedelta(days=60)

    @property
    def moved(self) -> dt.date:
        return self.today + dt.timedelta(days=75)


@pytest.fixture
def days() -> Days:
    return Days(timezone.localdate())


@pytest.fixture
def force() -> Organisation:
    return OrganisationFactory(name="West Mercia Police", short_names="Force, WMP")


@pytest.fixture
def office(staff: User, days: Days, force: Organisation) -> User:
    """An office that has held one meeting of this type, and knows its people."""
    type_ = MeetingTypeFactory(
        name=TYPE, usual_venue="Hindlip Hall", usual_start=dt.time(10)
    )
    for order, (heading, kind) in enumerate(
        [
            ("Minutes of the last meeting", Kind.LAST_MINUTES),
            ("Any other business", Kind.AOB),
            ("Summary of actions arising", Kind.SUMMARY),
            ("Confirmation of next meeting", Kind.NEXT_MEETING),
        ]
    ):
        StandingItemFactory(type=type_, order=order, heading=heading, kind=kind)
    ThemeFactory(name="Workforce")
    ThemeFactory(name="Mental health")
    last = MeetingFactory(
        type=type_, date=days.today - dt.timedelta(days=30), state="agreed"
    )
    for name, capacity in [
        ("John Marsh", "Police and Crime Commissioner"),
        ("Alex Reed", "Deputy Chief Constable"),
        ("Priya Shah", "Director of Finance"),
    ]:
        AttendeeFactory(
            meeting=last, person__name=name, capacity=capacity, organisation=force
        )
    return staff


def test_a_meeting_is_logged_and_the_next_one_looks_at_what_it_should(
    open_page: OpenPage,
    office: User,
    days: Days,
    javascript: bool,
) -> None:
    page = open_page(office, javascript=javascript)
    page.goto("/")

    plan_meeting(page, days.today, title="Diversity, equality and inclusion")
    write_agenda(page)
    press(page, "Start the meeting")
    expect(main(page)).to_contain_text("The meeting has started")
    mark_attendance(page)
    write_minutes(page, days)
    confirm_next_meeting(page, days.next)
    press(page, "Finish the meeting")
    expect(main(page)).to_contain_text("The meeting is over")
    read_minutes(page, days)

    assert set(listed(page, "unresolved")) == {SOON, LATER, ON_THEME, BARE}
    waits = "Waits for a meeting on Workforce; none is planned"
    due_soon = days.next - dt.timedelta(days=5)
    due_by = {SOON: [f"Due on {words(due_soon)}"]}
    incomplete = {ON_THEME: [waits], BARE: ["No due date", "No owner"]}
    assert for_review(page) == {
        "Due by this meeting (1)": due_by,
        "No date or no owner (2)": incomplete,
    }

    plan_meeting(page, days.on_theme, title="", theme="Workforce")
    theme_meeting = page.url
    assert due_of(page, ON_THEME) == f"{short(days.on_theme)}, at the meeting"
    assert for_review(page) == {
        "Due by this meeting (1)": due_by,
        "No date or no owner (1)": {BARE: incomplete[BARE]},
    }

    page.goto(theme_meeting)
    follow(page, "Give it another date")
    main(page).get_by_label("Date", exact=True).fill(typed(days.moved))
    press(page, "Change the date")
    expect(main(page)).to_contain_text("1 action due at it follows")
    assert due_of(page, ON_THEME) == f"{short(days.moved)}, at the meeting"

    page.goto(theme_meeting)
    follow(page, "Cancel this meeting")
    page.get_by_label("Reason").fill("The force asked for more time")
    press(page, "Cancel this meeting")
    expect(main(page)).to_contain_text("1 action that was due at it waits for another")
    assert due_of(page, ON_THEME) == "At the next meeting on Workforce"
    assert for_review(page)["No date or no owner (2)"] == incomplete


# What staff do


def plan_meeting(
    page: Page, day: dt.date, *, title: str, theme: str | None = None
) -> None:
    navigate(page, "Meetings")
    follow(page, "New meeting")
    page.get_by_label(TYPE).check()
    press(page, "Continue")
    expect(page.get_by_label("Venue")).to_have_value("Hindlip Hall")
    page.get_by_label("Title").fill(title)
    if theme:
        page.get_by_label(theme).check()
    page.get_by_label("Date", exact=True).fill(typed(day))
    page.get_by_label("End").fill("12:30")
    press(page, "Save this meeting")
    expect(main(page)).to_contain_text("Meeting saved")


def write_agenda(page: Page) -> None:
    tab(page, "Agenda")
    follow(page, "Add an item")
    page.get_by_label("Heading").fill("Leadership and culture")
    press(page, "Add this item")
    for heading in ("Recruitment", "Retention"):
        follow(page, "Add a sub-item under Leadership and culture")
        page.get_by_label("Heading").fill(heading)
        press(page, "Add this item")
    press(page, re.compile("^Up.*Retention$"))
    expect(main(page).get_by_role("heading", level=3)).to_have_text(
        [
            "1 Minutes of the last meeting",
            "2 Leadership and culture",
            "2.1 Retention",
            "2.2 Recruitment",
            "3 Any other business",
            "4 Summary of actions arising",
            "5 Confirmation of next meeting",
        ]
    )
    tab(page, "Overview")


def mark_attendance(page: Page) -> None:
    tab(page, "Attendance")
    press(page, "Everyone is here")
    expect(main(page)).to_contain_text("3 people are marked as present")
    follow(page, "Edit Priya Shah")
    page.get_by_label("Apologies").check()
    press(page, "Save")
    page.get_by_label("or a new name").fill("Sam Okafor")
    page.get_by_label("Capacity").fill("T/Director of People")
    page.get_by_label("Organisation").select_option(label="West Mercia Police")
    press(page, "Add")
    expect(main(page)).to_contain_text(
        "Sam Okafor, T/Director of People is on the list"
    )


def write_minutes(page: Page, days: Days) -> None:
    tab(page, "Minutes")
    go_to_item(page, "2 Leadership and culture")
    page.get_by_label("Notes").fill(NOTES)
    press(page, "Save and go to 2.1")
    is_at_item(page, "2.1 Retention")
    page.get_by_label("Notes").fill("Fewer officers leave in their first year.")
    press(page, "Save")
    expect(page.locator("#saved-state")).to_have_text(re.compile("^Saved "))
    go_to_item(page, "2.2 Recruitment")
    add_action(page, SOON, date=days.next - dt.timedelta(days=5))
    add_action(page, LATER, date=days.next + dt.timedelta(days=90))
    add_action(page, ON_THEME, theme="Workforce")
    go_to_item(page, "3 Any other business")
    add_action(page, BARE, owner=None)


def add_action(
    page: Page,
    text: str,
    *,
    owner: str | None = "West Mercia Police (Force, WMP)",
    date: dt.date | None = None,
    theme: str | None = None,
) -> None:
    page.get_by_role("button", name="Save and add an action").click()
    page.get_by_label("What is to be done").fill(text)
    if owner:
        page.get_by_label("Lead owner").select_option(label=owner)
    if date:
        page.get_by_label("On a date").check()
        page.get_by_label("Due date", exact=True).fill(typed(date))
    elif theme:
        page.get_by_label("At the next meeting on a theme").check()
        page.get_by_label("Theme", exact=True).select_option(label=theme)
    press(page, "Add this action")
    expect(main(page)).to_contain_text(re.compile(r"Action \d{4}/\d+ added"))


def confirm_next_meeting(page: Page, day: dt.date) -> None:
    go_to_item(page, "5 Confirmation of next meeting")
    follow(page, "Confirm the next meeting")
    page.get_by_label("Date", exact=True).fill(typed(day))
    press(page, "Plan this meeting")
    expect(main(page)).to_contain_text("Next meeting confirmed")
    # Somebody who sent apologies this time is invited again.
    expect(main(page)).to_contain_text("4 people are invited to it")


def read_minutes(page: Page, days: Days) -> None:
    """The minutes read as the office prints them."""
    tab(page, "Minutes")
    follow(page, "Read the minutes")
    minutes = page.get_by_role("article")
    expect(minutes.get_by_role("table").first).to_contain_text("T/Director of People")
    expect(minutes).to_contain_text("Apologies: Priya Shah, Director of Finance")
    expect(minutes.get_by_role("listitem").first).to_have_text(
        "40 officers by September"
    )
    expect(minutes.get_by_role("blockquote")).to_have_text(
        "We will miss the first date."
    )
    actions = minutes.get_by_text(re.compile(r"^ACTION \d{4}/\d+ "))
    expect(actions).to_have_count(4)
    expect(actions.nth(3)).to_contain_text(BARE)
    summary = minutes.get_by_role("table", name="Summary of actions arising")
    expect(summary.get_by_role("row")).to_have_count(5)
    expect(minutes).to_contain_text(words(days.next))


# What the tracker says


def listed(page: Page, name: str) -> dict[str, Locator]:
    """The rows of one of the tracker's lists, by what is to be done."""
    page.goto(f"/actions/?list={name}")
    rows = page.locator("main tbody tr").all()
    return {first_line(row.locator("[data-label=Action]")): row for row in rows}


def for_review(page: Page) -> dict[str, dict[str, list[str]]]:
    """The list for the next meeting: under each heading its actions and why."""
    page.goto("/actions/?list=review")
    found = {}
    for table in page.get_by_role("table").all():
        heading = table.locator("xpath=preceding::h2[1]").inner_text()
        found[heading] = {
            first_line(row.locator("[data-label=Action]")): row.locator(
                "[data-label=Status] .app-table__small"
            ).all_inner_texts()
            for row in table.locator("tbody tr").all()
        }
    return found


def due_of(page: Page, action: str) -> str:
    return first_line(listed(page, "unresolved")[action].locator("[data-label=Due]"))


def first_line(cell: Locator) -> str:
    return cell.inner_text().strip().split("\n")[0]


# Moving about


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def navigate(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Menu").get_by_role("link", name=name).click()


def tab(page: Page, name: str) -> None:
    pages = page.get_by_role("navigation", name="This meeting")
    pages.get_by_role("link", name=name).click()


def go_to_item(page: Page, heading: str) -> None:
    agenda = page.get_by_role("navigation", name="Agenda")
    agenda.get_by_role("link", name=heading).click()
    is_at_item(page, heading)


def is_at_item(page: Page, heading: str) -> None:
    expect(main(page).get_by_role("heading", name=heading)).to_be_visible()
    page.wait_for_load_state()


def follow(page: Page, name: str) -> None:
    main(page).get_by_role("link", name=name, exact=True).click()


def press(page: Page, name: str | re.Pattern[str]) -> None:
    main(page).get_by_role("button", name=name, exact=True).click()


# Dates as they are typed and as they are shown


def typed(day: dt.date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def words(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def short(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"
