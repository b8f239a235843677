"""A meeting whose minutes can go round, with as little as is not doubtful."""

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from actions.agreement import agree, circulate_minutes
from actions.doubts import doubts_before_agreeing
from actions.models import Action, Owner
from assurance.models import User
from meetings.models import AgendaItem, Agreement, Attendee, Meeting
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    UserFactory,
    due_on,
)

HELD_ON = dt.date(2025, 3, 26)
NEXT_ON = dt.date(2025, 5, 30)


class Minutes:
    """A meeting in draft with three items, two of them not for everybody, an action at
    each, a chair, and the meeting that follows. ``liaison`` was there.
    """

    def __init__(self, *, by: User, liaison: User | None = None, **fields: Any) -> None:
        self.by = by
        self.next = MeetingFactory(date=NEXT_ON)
        self.meeting: Meeting = MeetingFactory(
            date=HELD_ON, state="draft", next_meeting=self.next, **fields
        )
        self.chair = AttendeeFactory(
            meeting=self.meeting,
            person__name="John Campion",
            capacity="PCC",
            role=Attendee.Role.CHAIR,
        )
        self.liaison = liaison
        self.seat = AttendeeFactory(
            meeting=self.meeting,
            person__name="Lee Liaison",
            person__user=liaison,
            capacity="Staff Officer",
        )
        self.open = self._item("Roads policing", "Speeding was discussed.")
        self.restricted = self._item(
            "A live operation",
            "Nobody else may know.",
            restricted=True,
            withheld=True,
            withheld_reason="s31",
        )
        self.withheld = self._item(
            "A named officer",
            "It concerns one person.",
            withheld=True,
            withheld_reason="s40",
        )
        self.organisation = (
            liaison.organisation if liaison else None
        ) or OrganisationFactory()
        self.action = self._action(self.open, "Share the plan")

    def _item(self, heading: str, notes: str, **fields: Any) -> AgendaItem:
        return AgendaItemFactory(
            meeting=self.meeting, heading=heading, notes=notes, **fields
        )

    def _action(self, item: AgendaItem, text: str) -> Action:
        return ActionFactory(
            text=text,
            meeting=self.meeting,
            item=item,
            issued=False,
            owners=[Owner(organisation=self.organisation)],
            due=due_on(2025, 6, 1),
        )

    def circulate(self) -> "Minutes":
        self.meeting.refresh_from_db()
        circulate_minutes(self.meeting, by=self.by)
        return self

    def agree(self, **how: Any) -> Agreement:
        """By the chair, as presented, whatever looks unfinished, unless said."""
        found = doubts_before_agreeing(self.meeting, self.by)
        usual = {
            "by": self.by,
            "how": Agreement.How.CHAIR,
            "agreed_by": "John Campion, PCC",
            "agreed_on": dt.date(2025, 4, 2),
            "overruled": [doubt.sentence for doubt in found],
        }
        if how.get("how") == Agreement.How.MEETING:
            usual |= {"agreed_by": "", "agreed_on": None}
        return agree(self.meeting, **usual | how)

    def agreed(self) -> "Minutes":
        self.circulate().agree()
        self.meeting.refresh_from_db()
        return self

    def write(self, item: AgendaItem, **fields: Any) -> None:
        """Change an item behind everybody's back."""
        for name, value in fields.items():
            setattr(item, name, value)
        item.save()


def made_once(make: Callable[[User, User], Minutes]) -> tuple[Any, Any, Any, Any]:
    """The fixtures ``kept_minutes``, ``minutes``, ``staff`` and ``liaison`` of a file
    whose tests begin with the same minutes, made for both of them.
    """

    @pytest.fixture(scope="module")
    def kept_minutes(once: Any) -> Minutes:
        return once(lambda: make(UserFactory(), UserFactory(liaison=True)))

    @pytest.fixture
    def minutes(kept_minutes: Minutes, db: None) -> Minutes:
        return copy.deepcopy(kept_minutes)

    @pytest.fixture
    def staff(minutes: Minutes) -> User:
        return minutes.by

    @pytest.fixture
    def liaison(minutes: Minutes) -> User | None:
        return minutes.liaison

    return kept_minutes, minutes, staff, liaison
