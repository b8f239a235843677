"""Old minutes become meetings in a browser: handed in, read, checked, saved."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from playwright.sync_api import Page, expect

from actions.importing.known import bare
from actions.models import Action
from assurance.demonstration.real_meetings import make_real_meetings
from assurance.demonstration.registers import make_registers
from assurance.models import User
from meetings.models import Meeting, ReadIn
from tests.factories import MeetingTypeFactory, OrganisationFactory
from tests.functional import checks
from tests.functional.conftest import OpenPage, arrived

REAL = settings.BASE_DIR.parent / "shared" / "minutes"
AUGUST = REAL / "2020-08-04-monthly-assurance-meeting.txt"
MARCH = REAL / "2025-03-26-assurance-meeting.txt"
DEI = "Diversity, equality and inclusion"

TEXT = """Monthly board
26 March 2025 at 10am
Chair: Anna Bell

Present:
- Anna Bell (PCC), Commissioner, The office
- Ed Frost (CC), Chief Constable, The force

1. Custody
All is well in custody.
ACTION: CC to share the plan in a month.
ACTION: CC to write it down at next workforce meeting.

2. Any other business
None.
"""


@pytest.fixture
def real_texts() -> None:
    if not (AUGUST.exists() and MARCH.exists()):
        pytest.skip(
            "The two real texts are not part of this project: put them into "
            f"{REAL} to compare what is read of them with the demonstration."
        )


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "board.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def registers(transactional_db: None) -> None:
    OrganisationFactory(name="The office", short_names="OPCC")
    OrganisationFactory(name="The force", short_names="Force")
    MeetingTypeFactory(name="Monthly board")


def facts(meeting: Meeting) -> dict[str, Any]:
    """What minutes print of a meeting, whatever their prose."""
    following = meeting.next_meeting
    assert following is not None
    return {
        "when and where": (
            meeting.type.name,
            meeting.title,
            [theme.name for theme in meeting.themes.all()],
            meeting.date,
            meeting.start,
            meeting.end,
            meeting.venue,
            meeting.held,
        ),
        "people": [
            (
                seat.person.name,
                seat.capacity,
                seat.abbreviation,
                seat.organisation and seat.organisation.name,
                seat.attendance,
                seat.role,
                seat.listed,
            )
            for seat in meeting.attendance()
        ],
        "headings": [
            (item.number, bare(item.heading), item.depth) for item in meeting.agenda()
        ],
        "actions": [
            (
                action.item and bare(action.item.heading),
                [owner.described for owner in action.owners.all()],
                action.due.in_words(),
                action.due_words,
                action.status,
            )
            for action in meeting.actions.order_by("number")
        ],
        "next": (
            following.type.name,
            [theme.name for theme in following.themes.all()],
            following.date,
            following.start,
            following.end,
            following.venue,
        ),
    }


def meeting_on(day: dt.date) -> Meeting:
    return Meeting.objects.select_related("type", "next_meeting__type").get(date=day)


def in_the_demonstration() -> list[dict[str, Any]]:
    """The facts of its two real meetings, which are not there afterwards."""
    with transaction.atomic():
        make_real_meetings(make_registers())
        found = [facts(meeting_on(day)) for day in (AUGUST_4, MARCH_26)]
        transaction.set_rollback(True)
    return found


AUGUST_4, MARCH_26 = dt.date(2020, 8, 4), dt.date(2025, 3, 26)


def hand_in(page: Page, *files: Path) -> None:
    page.goto("/meetings/import/")
    page.get_by_label("Files").set_input_files(list(files))
    page.get_by_role("button", name="Read these").click()
    expect(
        page.get_by_text(re.compile("here to be read|read in before"))
    ).to_be_visible()


def check(page: Page, name: str) -> None:
    page.goto("/meetings/import/")
    page.get_by_role("link", name=name, exact=True).click()
    arrived(page, f"Check {name}")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save the meeting").click()
    expect(page.get_by_text("is saved as draft minutes")).to_be_visible()


def test_both_real_texts_become_the_meetings_of_the_demonstration(
    open_page: OpenPage, transactional_db: None, real_texts: None
) -> None:
    august, march = in_the_demonstration()
    known = make_registers()
    page = open_page(known.staff)
    hand_in(page, AUGUST, MARCH)
    expect(page.get_by_role("heading", name="Reading")).to_have_count(0)

    check(page, AUGUST.name)
    page.locator("#id_facts-theme").select_option(label=DEI)
    page.locator("#id_facts-title").fill(DEI)
    office, force = "OPCC", "WMP"
    for number, body in enumerate([office] * 3 + [force] * 3):
        page.locator(f"#id_seats-{number}-organisation").select_option(label=body)
    page.locator("#actions-1").get_by_label("It is right as it stands").check()
    page.get_by_label("I have looked at these places of the text").check()
    page.get_by_label("Open: it is followed in the tracker").check()
    save(page)

    check(page, MARCH.name)
    page.locator("#id_facts-type").select_option(label="Assurance and accountability")
    page.locator("#id_facts-theme").select_option(label=DEI)
    page.locator("#id_facts-title").fill(DEI)
    page.get_by_label("Open: it is followed in the tracker").check()
    for number in (0, 1):
        page.locator(f"#id_seats-{number}-organisation").select_option(label=office)
    page.locator("#id_next-theme").select_option(label="Performance")
    save(page)

    assert facts(meeting_on(MARCH_26)) == march
    assert facts(meeting_on(AUGUST_4)) == august


def test_minutes_are_read_and_checked_with_and_without_javascript(
    open_page: OpenPage, registers: None, staff: User, text: Path, javascript: bool
) -> None:
    page = open_page(staff, javascript=javascript)
    hand_in(page, text)
    if not javascript:
        page.get_by_role("button", name="Read the next file").click()
    page.get_by_role("link", name="board.txt", exact=True).click()

    save_now = page.get_by_role("button", name="Save the meeting")
    save_now.click()
    problem = page.get_by_role("link", name="Check: No due date is set")
    expect(problem).to_be_visible()
    problem.click()
    row = page.locator("#actions-2")
    expect(row).to_be_in_viewport()
    due = row.get_by_label("Due", exact=True)
    due.select_option(label="At the next on Workforce, a new theme")
    page.get_by_role("button", name="Save for later").click()
    expect(page.get_by_text("Nothing is left to check")).to_be_visible()
    assert ReadIn.objects.get().doubts == 0

    page.get_by_role("link", name="board.txt", exact=True).click()
    save_now.click()
    expect(page.get_by_text("is saved as draft minutes")).to_be_visible()
    meeting = meeting_on(MARCH_26)
    dues = [action.due.in_words() for action in Action.objects.order_by("number")]
    assert dues == ["26 April 2025", "at the next meeting on Workforce"]
    hand_in(page, text)
    expect(page.get_by_text("was read in before")).to_be_visible()
    expect(page).to_have_url(re.compile(f"{meeting.get_absolute_url()}$"))
    assert Meeting.objects.count() == 1


def test_a_line_leads_to_its_fact_and_back(
    open_page: OpenPage, registers: None, staff: User, text: Path
) -> None:
    page = open_page(staff)
    hand_in(page, text)
    page.get_by_role("link", name="board.txt", exact=True).click()
    line = page.locator("#line-11")
    line.get_by_role("link", name="Action").click()
    expect(page.locator("#actions-1")).to_be_in_viewport()
    page.locator("#actions-1").get_by_role("link", name="Line 11").click()
    expect(line).to_be_in_viewport()


def test_the_checking_page_is_accessible_and_fits(
    open_page: OpenPage, registers: None, staff: User, text: Path
) -> None:
    page = open_page(staff)
    hand_in(page, text)
    page.get_by_role("link", name="board.txt", exact=True).click()
    arrived(page, "Check board.txt")
    page.get_by_role("button", name="Save the meeting").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.wait_for_load_state()
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")
    assert checks.everything(page) == []
    page.set_viewport_size(checks.NARROW)
    assert checks.axe(page, checks.WCAG) == []
    for size in (checks.DESKTOP, checks.PHONE, checks.NARROW):
        page.set_viewport_size(size)
        assert checks.sideways_scrolling(page) == []
