"""What the office asked for before two of the made-up meetings, and who answered."""

import datetime as dt

from actions.asking import ask_for_updates
from actions.models import Action, UpdateRequest
from assurance.demonstration.made_up_meetings import MadeUp
from assurance.demonstration.registers import Registers
from assurance.demonstration.telling import moment
from assurance.models import Organisation

# How the texts of the actions begin.
DRIVERS = "Set out what is done for drivers under 25"
ASKED_LAST_TIME = ["Tell every victim of the right", "Check fifty cases", DRIVERS]
ASKED_FIRST = [
    "Show what marking farm machinery",
    "Equip the 12 speed watch groups",
    "Publish the rural crime action plan",
    "Report when the wait on 101",
    "Rewrite the letters",
]
ASKED_OF_COUNCIL = ["Agree with the council where children"]
ADDED_LATER = [DRIVERS]


def make_made_up_requests(known: Registers, meetings: MadeUp, today: dt.date) -> None:
    def days_ago(days: int) -> dt.datetime:
        return moment(today - dt.timedelta(days=days), 14)

    # For the last meeting: one answered in time, one late, one not at all.
    for action in _beginning(ASKED_LAST_TIME):
        UpdateRequest.objects.create(
            meeting=meetings.violence,
            action=action,
            organisation=known.force,
            asked_at=days_ago(33),
            asked_by=known.staff,
            due_at=meetings.violence.force_deadline,
        )
    # For the next, some are answered; one was asked later than the others.
    for texts, organisation, days in (
        (ASKED_FIRST, known.force, 8),
        (ASKED_OF_COUNCIL, known.council, 8),
        (ADDED_LATER, known.force, 4),
    ):
        ask_for_updates(
            meetings.next,
            _pairs(texts, organisation),
            by=known.staff,
            at=days_ago(days),
        )


def _pairs(
    texts: list[str], organisation: Organisation
) -> list[tuple[Action, Organisation]]:
    return [(action, organisation) for action in _beginning(texts)]


def _beginning(texts: list[str]) -> list[Action]:
    return [Action.objects.get(text__startswith=text) for text in texts]
