"""By hand, for each kind of thing: changed in its page, its history says it all."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions.models import Action
from assurance.models import Event, User
from assurance.permissions import Role
from meetings.models import AgendaItem, Attendee, Comment, Paper
from meetings.operations import delete_item
from tests.actions.pages import DECIDED, url
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    MinutesVersionFactory,
    OrganisationFactory,
    PersonFactory,
    StandingItemFactory,
    ThemeFactory,
    UserFactory,
)
from tests.meetings.pages import as_shown

TODAY = timezone.localdate()
SOON = TODAY + dt.timedelta(days=20)


@dataclass
class Case:
    """What is sent where, and the entry that the history of which thing then has."""

    thing: Callable[[], Any]
    page: Callable[[Any], str]
    sent: dict[str, Any]
    history: Callable[[Any], tuple[str, int]]
    title: str
    changes: list[tuple[str, str, str]] | None = None
    fills: bool = True  # the form as shown, with what is sent


def of(kind: str, attribute: str = "pk") -> Callable[[Any], tuple[str, int]]:
    return lambda thing: (kind, getattr(thing, attribute))


def at(name: str, *attributes: str) -> Callable[[Any], str]:
    return lambda thing: reverse(
        name, args=[getattr(thing, attribute) for attribute in attributes]
    )


def paper() -> Paper:
    item = AgendaItemFactory(meeting__state="planned", meeting__date=SOON)
    return Paper.objects.create(item=item, title="Figures")


def comment() -> Comment:
    meeting = MeetingFactory(state="circulated")
    draft = MinutesVersionFactory(meeting=meeting)
    return Comment.objects.create(version=draft, author=UserFactory(), text="No")


def open_action() -> Action:
    return ActionFactory(organisation=OrganisationFactory(name="Mercia Police"))


def in_progress() -> AgendaItem:
    meeting = MeetingFactory(state="in_progress", date=TODAY)
    return AgendaItemFactory(meeting=meeting, heading="Leadership")


def seat() -> Attendee:
    return AttendeeFactory(
        meeting__state="in_progress",
        meeting__date=TODAY,
        person__name="Anna Bell",
        attendance="invited",
    )


CASES = {
    "meeting": Case(
        lambda: MeetingFactory(venue="Hindlip Hall", date=SOON),
        at("meeting_edit", "pk"),
        {"venue": "Online"},
        of("meetings"),
        "Meeting changed",
        [("Venue", "Hindlip Hall", "Online")],
    ),
    "meeting's state": Case(
        lambda: MeetingFactory(date=SOON),
        at("meeting_cancel", "pk"),
        {"because": "Nobody can come", "confirm": "yes"},
        of("meetings"),
        "Meeting changed",
        [
            ("State", "Planned", "Cancelled"),
            ("Reason for cancelling", "", "Nobody can come"),
        ],
    ),
    "attendance": Case(
        seat,
        at("attendee_edit", "meeting_id", "pk"),
        {"attendance": "apologies", "note": "Ill"},
        of("meetings", "meeting_id"),
        "Attendance changed: Anna Bell",
        [("Status", "Invited", "Apologies"), ("Note", "", "Ill")],
    ),
    "all attendance": Case(
        seat,
        at("everyone_here", "meeting_id"),
        {},
        of("meetings", "meeting_id"),
        "Attendance changed: Anna Bell",
        [("Status", "Invited", "Present")],
        fills=False,
    ),
    "attendee removed": Case(
        seat,
        at("attendee_remove", "meeting_id", "pk"),
        {},
        of("meetings", "meeting_id"),
        "Attendance removed: Anna Bell",
    ),
    "agenda item": Case(
        in_progress,
        at("item_edit", "meeting_id", "pk"),
        {"heading": "Roads", "restricted": "on", "withheld_reason": "s31"},
        of("meetings", "meeting_id"),
        "Agenda item changed: Roads",
    ),
    "notes": Case(
        in_progress,
        at("minutes_save", "meeting_id", "pk"),
        {"notes": "Said", "version": "0"},
        of("meetings", "meeting_id"),
        "Agenda item changed: Leadership",
        [("Notes", "", "Said")],
        fills=False,
    ),
    "paper": Case(
        paper,
        lambda one: reverse(
            "paper_edit", args=[one.item.meeting_id, one.item_id, one.pk]
        ),
        {"title": "Final figures", "provided_by": "WMP"},
        lambda one: ("meetings", one.item.meeting_id),
        "Paper changed: Final figures",
        [("Title", "Figures", "Final figures"), ("From whom", "", "WMP")],
    ),
    "comment": Case(
        comment,
        lambda one: reverse("comment_answer", args=[one.version.meeting_id, one.pk]),
        {"outcome": "not_changed", "answer": "It was said so"},
        lambda one: ("meetings", one.version.meeting_id),
        "Comment on a draft changed: Circulated draft 1",
    ),
    "action": Case(
        open_action,
        lambda action: url("action_edit", action),
        {"text": "Share the plan"},
        of("actions"),
        "Action changed",
    ),
    "action closed": Case(
        open_action,
        lambda action: url("action_move", action, "close"),
        {"text": "Done", **DECIDED},
        of("actions"),
        "Action changed",
        [("Status", "Open", "Closed")],
    ),
    "due": Case(
        open_action,
        lambda action: url("action_move", action, "redate"),
        {
            "text": "It takes longer",
            "due_kind": "date",
            "due_on": f"{SOON:%d/%m/%Y}",
            **DECIDED,
        },
        of("actions"),
        "Action changed",
        [
            ("Due", "No due date", "On a date"),
            ("Due date", "", f"{SOON.day} {SOON:%B %Y}"),
        ],
    ),
    "update": Case(
        open_action,
        lambda action: url("action_update", action),
        {"text": "Half of it is done", "send": "send"},
        of("actions"),
        "Update, written to the timeline",
    ),
    "person": Case(
        PersonFactory,
        at("person_edit", "pk"),
        {"name": "Anna Bell"},
        of("people"),
        "Person changed",
    ),
    "type": Case(
        lambda: MeetingTypeFactory(usual_venue="Hindlip Hall"),
        at("type_edit", "pk"),
        {"usual_venue": ""},
        of("types"),
        "Meeting type changed",
        [("Usual venue", "Hindlip Hall", "")],
    ),
    "standing item": Case(
        lambda: StandingItemFactory(heading="Roads"),
        at("standing_edit", "type_id", "pk"),
        {"heading": "Custody"},
        of("types", "type_id"),
        "Standing item changed: Custody",
        [("Heading", "Roads", "Custody")],
    ),
    "theme": Case(
        lambda: ThemeFactory(name="Roads"),
        at("theme_edit", "pk"),
        {"name": "Custody"},
        of("themes"),
        "Theme changed",
        [("Name", "Roads", "Custody")],
    ),
    "role": Case(
        lambda: UserFactory(name="Lee", email="lee@office.example"),
        at("account_edit", "pk"),
        {"role": Role.COMMISSIONER.value},
        of("accounts"),
        "Account changed",
        [("Role", "Office staff", "Commissioner or deputy")],
    ),
    "account's organisation and activity": Case(
        UserFactory,
        at("account_edit", "pk"),
        {"name": "Lee", "is_active": ""},
        of("accounts"),
        "Account changed",
    ),
    "organisation": Case(
        lambda: OrganisationFactory(name="Mercia Police", short_names="Force"),
        at("organisation_edit", "pk"),
        {"short_names": "Force, WMP"},
        of("organisations"),
        "Organisation changed",
        [("Short names", "Force", "Force, WMP")],
    ),
}


def entries(browser: Client, kind: str, pk: int) -> list[Any]:
    return browser.get(reverse("history_of", args=[kind, pk])).context["entries"]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_changed_in_a_page_is_in_its_history(
    as_: Any, administrator: User, case: Case
) -> None:
    thing, browser = case.thing(), as_(administrator)
    where = case.page(thing)
    sent = case.sent
    if case.fills:
        sent = as_shown(browser.get(where).context["form"], **sent)
        sent = {name: value for name, value in sent.items() if value != ""}
    before = timezone.now()
    assert browser.post(where, sent).status_code in (200, 302)
    found = [e for e in entries(browser, *case.history(thing)) if e.at >= before]
    mine = [entry for entry in found if entry.title == case.title]
    assert mine, [entry.title for entry in found]
    assert mine[0].by == administrator.name
    if case.changes is not None:
        said = [(c.label, c.before, c.after) for c in mine[0].changes]
        assert said == case.changes


def test_who_came_in_at_an_item_that_is_deleted_has_it_in_their_history(
    as_: Any, staff: User
) -> None:
    item = in_progress()
    one = AttendeeFactory(
        meeting=item.meeting,
        person__name="Anna Bell",
        attendance="part",
        joined_item=item,
        left_item=AgendaItemFactory(meeting=item.meeting, heading="Roads"),
    )
    delete_item(item)
    found = entries(as_(staff), "meetings", item.meeting_id)
    (change,) = [e for e in found if e.title == "Attendance changed: Anna Bell"]
    assert [(c.label, c.before, c.after) for c in change.changes] == [
        ("Joined item", "Leadership", "")
    ]
    one.refresh_from_db()
    assert one.left_item is not None


def test_signing_in_and_out_is_in_the_history_of_the_account(
    as_: Any, administrator: User, staff: User
) -> None:
    Client().post(
        reverse("account_login"),
        {"login": staff.email, "password": "correct horse battery"},
    )
    found = entries(as_(administrator), "accounts", staff.pk)
    assert (Event.Kind.SIGNED_IN.label, staff.name) in [(e.title, e.by) for e in found]
