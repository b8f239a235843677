"""The tracker is reviewed at a meeting, printed in its minutes, and goes on."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from actions.models import Action, Due
from actions.reviewing import bring_forward
from actions.tracker import next_review
from assurance.models import User
from meetings.models import Attendee, Kind, Meeting
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    UserFactory,
)
from tests.functional.conftest import OpenPage

RETURNED, CLOSED, CARRIED, HELD, SPLIT, LATE, BROUGHT = (
    "Publish the custody figures",
    "Share the work plan",
    "Train the call takers",
    "Buy the new radios",
    "Review both front counters",
    "Answer the parish councils",
    "Report on the survey",
)


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()


@pytest.fixture
def meeting(staff: User, today: dt.date) -> Meeting:
    """Under way, with all seven actions on its list."""
    held = MeetingFactory(date=today, state=Meeting.State.IN_PROGRESS)
    AgendaItemFactory(
        meeting=held, heading="Review of action tracker", kind=Kind.ACTION_TRACKER
    )
    AttendeeFactory(
        meeting=held,
        person__name="John Marsh",
        capacity="PCC",
        role=Attendee.Role.CHAIR,
    )
    force = OrganisationFactory(name="West Mercia Police", short_names="WMP")
    liaison = UserFactory(liaison=True, organisation=force)
    far = Due.on_date(today + dt.timedelta(days=300))
    raised = MeetingFactory(date=dt.date(2025, 3, 26), state=Meeting.State.DRAFT)

    def agree(text: str, due: Due) -> Action:
        return ActionFactory(text=text, meeting=raised, organisation=force, due=due)

    agree(RETURNED, far).propose_closure("All published", by=liaison)
    for day, text in enumerate([CLOSED, CARRIED, HELD, SPLIT, LATE], start=1):
        agree(text, Due.on_date(dt.date(2025, 5, day)))
    bring_forward(agree(BROUGHT, far), held, because="The panel asked", by=staff)
    return held


def test_a_review_goes_from_the_flagged_list_to_the_printed_minutes(
    open_page: OpenPage,
    staff: User,
    meeting: Meeting,
    today: dt.date,
    javascript: bool,
) -> None:
    following = MeetingFactory(
        date=today + dt.timedelta(days=30), type=meeting.type, title="The next one"
    )
    page = open_page(staff, javascript=javascript)
    page.goto(f"/meetings/{meeting.pk}/review/")
    so_far(page, "0 of 7 reviewed")

    is_open(page, RETURNED)
    record(page, "Return it to the owner", note="Where are they?")
    so_far(page, "1 of 7 reviewed")
    is_open(page, CLOSED, has_focus=True)
    record(page, "Close it")
    is_open(page, CARRIED, has_focus=True)
    refused(page)
    new_due = following.date - dt.timedelta(days=2)
    record(
        page,
        "Carry it forward to a new date",
        note="The course is full",
        fields={"New due date": f"{new_due:%d/%m/%Y}"},
    )
    is_open(page, HELD, has_focus=True)
    until = following.date + dt.timedelta(days=10)
    record(
        page,
        "Put it on hold",
        note="Wait for the budget",
        fields={"Look again on": f"{until:%d/%m/%Y}"},
    )
    is_open(page, SPLIT, has_focus=True)
    record(
        page,
        "Replace or split it",
        note="Two owners",
        fields={"New actions": "Review the north counter\nReview the south counter"},
    )
    is_open(page, LATE, has_focus=True)
    undo_and_record_again(page, CLOSED, "Close it", now="5 of 7 reviewed")

    page.get_by_role("button", name="Finish the review").click()
    expect(page.get_by_text("5 of 7 actions reviewed")).to_be_visible()
    page.get_by_role("button", name="Finish the review").click()
    expect(page.get_by_text("2 actions not reached").first).to_be_visible()

    assert printed(page, meeting) == [
        ("Publish the custody figures", "Returned Where are they?"),
        ("Share the work plan", "Closed"),
        (
            "Train the call takers",
            f"Carried forward, due {words(new_due)} The course is full",
        ),
        ("Buy the new radios", f"On hold until {words(until)} Wait for the budget"),
        (
            "Review both front counters",
            "Replaced by 2025/08, 2025/09 Two owners",
        ),
    ]
    minutes = page.locator("article")
    expect(minutes).to_contain_text("Not reached: 2025/06, 2025/07")
    expect(minutes).to_contain_text("ACTION 2025/08 Review the north counter")

    meeting.finish()
    assert next_review(today=today) == following
    page.goto("/actions/?list=review")
    assert on_the_list(page) == {
        "Overdue": [
            "Review the north counter",
            "Review the south counter",
            LATE,
        ],
        "Due by this meeting": [CARRIED],
        "Brought forward": [BROUGHT],
    }


def test_the_second_of_two_reviewers_is_told_and_chooses(
    open_page: OpenPage, staff: User, meeting: Meeting
) -> None:
    first, second = open_page(staff), open_page(UserFactory(name="Jane Smith"))
    for page in (first, second):
        page.goto(f"/meetings/{meeting.pk}/review/")
        is_open(page, RETURNED)
    record(first, "Close it", note="Seen them")
    is_open(first, CLOSED)
    record(second, "Return it to the owner", note="Where are they?")
    expect(
        second.get_by_text(f"{staff.name} recorded “closed” at").first
    ).to_be_visible()
    expect(second.get_by_label("Note or reason")).to_have_value("Where are they?")
    action = Action.objects.get(text=RETURNED)
    assert action.status == "closed"
    second.get_by_role("button", name="Record mine instead").click()
    is_open(second, CLOSED, has_focus=True)
    action.refresh_from_db()
    assert action.status == "open"
    assert action.reviews.get().outcome == "returned"


def so_far(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", name=text)).to_be_visible()


def is_open(page: Page, text: str, *, has_focus: bool = False) -> None:
    heading = page.locator("#open h3")
    expect(heading).to_contain_text(text)
    if has_focus:
        expect(heading).to_be_focused()


def record(
    page: Page, outcome: str, *, note: str = "", fields: dict[str, str] | None = None
) -> None:
    page.get_by_label(outcome, exact=True).check()
    for label, value in (fields or {}).items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Note or reason").fill(note)
    page.get_by_role("button", name="Record and go on").click()


def refused(page: Page) -> None:
    """Nothing is recorded without what the outcome needs, and the page says what."""
    record(page, "Carry it forward to a new date")
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_contain_text("Enter the new due date")
    expect(summary).to_contain_text("Enter the reason")
    so_far(page, "2 of 7 reviewed")


def undo_and_record_again(page: Page, text: str, outcome: str, *, now: str) -> None:
    reference = Action.objects.get(text=text).reference
    page.get_by_role("button", name=f"Undo {reference}").click()
    expect(page.locator("#said")).to_contain_text(f"{reference} is not reviewed")
    is_open(page, text, has_focus=True)
    record(page, outcome)
    expect(page.locator("#said")).to_have_text(f"{reference} closed, {now}.")


def words(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def printed(page: Page, meeting: Meeting) -> list[tuple[str, str]]:
    """The outcomes under the action-tracker item of the minutes: action, outcome."""
    page.goto(f"/meetings/{meeting.pk}/minutes/?view=read")
    item = page.locator("section", has_text="Review of action tracker")
    rows = item.locator(".app-reviewed tbody tr").all()
    cells = [
        [" ".join(text.split()) for text in row.locator("td").all_inner_texts()]
        for row in rows
    ]
    return [(action, outcome) for _, action, outcome in cells]


def on_the_list(page: Page) -> dict[str, list[str]]:
    """The texts of the actions under each heading of the list for review."""
    found: dict[str, list[str]] = {}
    for heading in page.locator("#results h2").all():
        table = heading.locator("xpath=following-sibling::table[1]")
        cells = table.locator("td[data-label=Action]").all_inner_texts()
        name = heading.inner_text().rsplit(" (", 1)[0]
        found[name] = [cell.split("\n")[0] for cell in cells]
    return found
