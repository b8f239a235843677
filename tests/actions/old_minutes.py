"""Old minutes as a reader gives them, and the registers that know what they name."""

import datetime as dt
from dataclasses import replace
from typing import Any

from actions.importing.plan import (
    Plan,
)
from actions.importing.propose import propose
from actions.importing.save import save_read_in
from assurance.models import User
from meetings.models import (
    Meeting,
    ReadIn,
)
from meetings.reader.minutes import (
    Day,
    Facts,
    ReadAction,
    ReadAttendee,
    ReadItem,
    ReadMinutes,
    ReadNext,
    Words,
)
from meetings.reader.phrases.due_phrases import DueSense
from tests.factories import (
    MeetingTypeFactory,
    OrganisationFactory,
    PersonFactory,
    ReadInFactory,
    ThemeFactory,
)

TODAY = dt.date(2025, 6, 1)
HELD = dt.date(2025, 3, 26)

READ = ReadMinutes(
    lines=tuple(f"Line {number}" for number in range(1, 40)),
    facts=Facts(
        title=Words("Monthly Board minutes March 2025", 1),
        type=Words("Monthly Board", 1),
        theme=Words("Mental Health", 2),
        date=Day(HELD, 3),
        venue=Words("Room 1 and Teams", 4),
        chairs=(Words("Anna Bell", 5),),
        minute_taker=Words("Carl Dunn", 6),
    ),
    attendees=(
        ReadAttendee("Anna Bell", 10, "Commissioner", "PCC", "OPCC"),
        ReadAttendee("Ed Frost", 11, "Temporary Chief Constable", "T/CC", "Force"),
        ReadAttendee("Gina Hart", 12, "Inspector", "", "Force", status="apologies"),
    ),
    items=(
        ReadItem("Review of Action Tracker", 20, "1"),
        ReadItem("Holding to account", 21, "2"),
        ReadItem("Custody", 22, "2.1", 1, "Said\n\n[[action #1]]\n\nMore"),
    ),
    actions=(
        ReadAction(
            "Share the plan",
            23,
            owner="T/CC",
            due_text="in a month",
            due_kind=DueSense.DATE,
            due_on=dt.date(2025, 4, 26),
            item=2,
        ),
        ReadAction(
            "Report back",
            24,
            alternative_text="Report again",
            alternative_line=30,
            owner="Force",
            due_text="at next workforce meeting",
            due_kind=DueSense.NAMED_MEETING,
            due_name="workforce",
            item=2,
        ),
    ),
    next_meeting=ReadNext(35, "Performance", dt.date(2025, 5, 30), dt.time(10, 30)),
)


def make_known() -> dict[str, Any]:
    """What the office has registered of what is named in these minutes."""
    return {
        "office": OrganisationFactory(name="The office", short_names="OPCC"),
        "force": OrganisationFactory(name="The force", short_names="Force, WMP"),
        "type": MeetingTypeFactory(name="Monthly board"),
        "mental": ThemeFactory(name="Mental health"),
        "workforce": ThemeFactory(name="Workforce"),
        "performance": ThemeFactory(name="Performance"),
        "person": PersonFactory(name="Anna Bell"),
    }


def doubts_of(read: ReadMinutes) -> dict[str, list[str]]:
    return propose(read, today=TODAY).doubts


def plan_of(read: ReadMinutes = READ, **meeting: Any) -> Plan:
    plan = propose(read, today=TODAY).plan
    return replace(plan, meeting=replace(plan.meeting, **meeting))


def save(plan: Plan, by: User, read_in: ReadIn | None = None) -> Meeting:
    return save_read_in(read_in or ReadInFactory(), plan, by=by, version=0, today=TODAY)


def earlier(**fields: Any) -> ReadMinutes:
    action = ReadAction("Write the plan", 25, item=0, earlier=True, **fields)
    return replace(READ, actions=(action,))
