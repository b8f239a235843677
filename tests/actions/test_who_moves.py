"""Every move in every status by everybody, against a table written by hand.

"yes": it is made. "422": refused with a sentence, as the status does not allow it.
"403": not theirs to make. "404": they may not know of it; ``other`` is the liaison of
another organisation.
"""

import pytest
from django.db import transaction

from actions.lifecycle import Move, Status
from actions.models import Action
from tests.actions.pages import DECIDED, SOON, fields, move_url
from tests.factories import ActionFactory, UserFactory, decision, due_on

pytestmark = pytest.mark.django_db

ROLES = ["owner", "other", "commissioner", "staff", "administrator"]
TABLE = """
OPEN
propose     yes 404 yes yes yes
take-back   422 404 422 422 422
return      403 404 422 422 422
close       403 404 yes yes yes
redate      403 404 yes yes yes
hold        403 404 yes yes yes
resume      403 404 422 422 422
replace     403 404 yes yes yes
withdraw    403 404 yes yes yes
reopen      403 404 422 422 422

OPEN, not issued
propose     404 404 yes yes yes
take-back   404 404 422 422 422
return      404 404 422 422 422
close       404 404 yes yes yes
redate      404 404 403 yes yes
hold        404 404 yes yes yes
resume      404 404 422 422 422
replace     404 404 yes yes yes
withdraw    404 404 403 yes yes
reopen      404 404 422 422 422

PROPOSED
propose     422 404 422 422 422
take-back   yes 404 403 403 403
return      403 404 yes yes yes
close       403 404 yes yes yes
redate      403 404 yes yes yes
hold        403 404 yes yes yes
resume      403 404 422 422 422
replace     403 404 yes yes yes
withdraw    403 404 yes yes yes
reopen      403 404 422 422 422

ON_HOLD
propose     yes 404 yes yes yes
take-back   422 404 422 422 422
return      403 404 422 422 422
close       403 404 yes yes yes
redate      403 404 yes yes yes
hold        403 404 yes yes yes
resume      403 404 yes yes yes
replace     403 404 yes yes yes
withdraw    403 404 yes yes yes
reopen      403 404 422 422 422

CLOSED
propose     422 404 422 422 422
take-back   422 404 422 422 422
return      403 404 422 422 422
close       403 404 422 422 422
redate      403 404 422 422 422
hold        403 404 422 422 422
resume      403 404 422 422 422
replace     403 404 422 422 422
withdraw    403 404 422 422 422
reopen      403 404 yes yes yes

REPLACED
propose     422 404 422 422 422
take-back   422 404 422 422 422
return      403 404 422 422 422
close       403 404 422 422 422
redate      403 404 422 422 422
hold        403 404 422 422 422
resume      403 404 422 422 422
replace     403 404 422 422 422
withdraw    403 404 422 422 422
reopen      403 404 yes yes yes

WITHDRAWN
propose     422 404 422 422 422
take-back   422 404 422 422 422
return      403 404 422 422 422
close       403 404 422 422 422
redate      403 404 422 422 422
hold        403 404 422 422 422
resume      403 404 422 422 422
replace     403 404 422 422 422
withdraw    403 404 422 422 422
reopen      403 404 yes yes yes
"""
# What each move leads to.
LEADS_TO = {
    "propose": "proposed",
    "take-back": "open",
    "return": "open",
    "close": "closed",
    "hold": "on_hold",
    "resume": "open",
    "replace": "replaced",
    "withdraw": "withdrawn",
    "reopen": "open",
}


def read_table() -> dict[str, dict[str, list[str]]]:
    """Status to move to what each role gets."""
    found: dict[str, dict[str, list[str]]] = {}
    for block in TABLE.strip().split("\n\n"):
        status, *rows = block.splitlines()
        found[status] = {row.split()[0]: row.split()[1:] for row in rows}
    return found


CELLS = read_table()


def test_the_table_has_every_cell():
    assert {name.partition(",")[0] for name in CELLS} == set(Status.__members__)
    for rows in CELLS.values():
        assert set(rows) == set(Move.values)
        assert all(len(cells) == len(ROLES) for cells in rows.values())


def reach(status: str, *, owner, staff) -> Action:
    """An action of the owner's organisation in this status."""
    issued = "not issued" not in status
    action = ActionFactory(
        organisation=owner.organisation, due=due_on(2025, 9, 1), issued=issued
    )
    decided = {"by": staff, "decision": decision()}
    match Status[status.partition(",")[0]]:
        case Status.PROPOSED:
            action.propose_closure("Done", by=owner)
        case Status.ON_HOLD:
            action.hold("Wait", until=SOON, **decided)
        case Status.CLOSED:
            action.close(**decided)
        case Status.REPLACED:
            action.replace("Split", **decided)
        case Status.WITHDRAWN:
            action.withdraw("Overtaken", **decided)
    return action


def got(browser, action: Action, move: Move) -> str:
    """What happened, in the table's words; the action is left as it was."""
    before = Action.objects.get(pk=action.pk)
    sent = DECIDED | fields(move) | {"text": "Because"}
    with transaction.atomic():
        answer = browser.post(move_url(action, move), sent)
        now = Action.objects.get(pk=action.pk)
        entries = now.updates.filter(text="Because").count()
        transaction.set_rollback(True)
    if answer.status_code == 302:
        assert entries == 1
        assert now.status == LEADS_TO.get(move.value, before.status)
        return "yes"
    assert (entries, now.status, now.due) == (0, before.status, before.due)
    if answer.status_code == 422:
        assert "so this cannot be done" in answer.text
    return str(answer.status_code)


@pytest.mark.parametrize("status", CELLS)
def test_a_move_is_made_by_those_who_may_where_it_is_possible(
    as_, liaison, staff, commissioner, administrator, status
):
    browsers = [
        as_(user)
        for user in (
            liaison,
            UserFactory(liaison=True),
            commissioner,
            staff,
            administrator,
        )
    ]
    action = reach(status, owner=liaison, staff=staff)
    found = {
        move.value: [got(browser, action, move) for browser in browsers]
        for move in Move
    }
    assert found == CELLS[status]
