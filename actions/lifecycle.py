"""The life of an action as one table: status, move, what it leads to.

*Who* may make a move is in ``MOVE_NEEDS``; *whether it is possible now* is whether
``TRANSITIONS`` has it for the action's status.
"""

from django.db.models import TextChoices

from assurance.permissions import Permission


class Status(TextChoices):
    """Where an action stands. Overdue, due soon and the like are worked out."""

    OPEN = "open", "Open"
    PROPOSED = "proposed", "Closure proposed"
    ON_HOLD = "on_hold", "On hold"
    CLOSED = "closed", "Closed"
    REPLACED = "replaced", "Replaced"
    WITHDRAWN = "withdrawn", "Withdrawn"


UNRESOLVED = (Status.OPEN, Status.PROPOSED, Status.ON_HOLD)
RESOLVED = (Status.CLOSED, Status.REPLACED, Status.WITHDRAWN)


class Move(TextChoices):
    """What somebody may do to an action. The label is the button's."""

    CLOSE = "close", "Close this action"
    PROPOSE = "propose", "Propose closure"
    TAKE_BACK = "take-back", "Take the proposal back"
    RETURN = "return", "Return to the owner"
    REDATE = "redate", "Change the due date"
    HOLD = "hold", "Put on hold"
    RESUME = "resume", "Take off hold"
    REPLACE = "replace", "Replace this action"
    WITHDRAW = "withdraw", "Withdraw this action"
    REOPEN = "reopen", "Reopen this action"

    @property
    def is_primary(self) -> bool:
        """Whether its button stands out."""
        return self == Move.CLOSE


_RESOLVE = {
    Move.CLOSE: Status.CLOSED,
    Move.REPLACE: Status.REPLACED,
    Move.WITHDRAW: Status.WITHDRAWN,
}
TRANSITIONS: dict[str, dict[Move, Status]] = {
    Status.OPEN: {
        Move.PROPOSE: Status.PROPOSED,
        Move.REDATE: Status.OPEN,
        Move.HOLD: Status.ON_HOLD,
        **_RESOLVE,
    },
    Status.PROPOSED: {
        Move.TAKE_BACK: Status.OPEN,
        Move.RETURN: Status.OPEN,
        Move.REDATE: Status.PROPOSED,
        Move.HOLD: Status.ON_HOLD,
        **_RESOLVE,
    },
    Status.ON_HOLD: {
        Move.PROPOSE: Status.PROPOSED,
        Move.RESUME: Status.OPEN,
        Move.HOLD: Status.ON_HOLD,
        Move.REDATE: Status.ON_HOLD,
        **_RESOLVE,
    },
    Status.CLOSED: {Move.REOPEN: Status.OPEN},
    Status.REPLACED: {Move.REOPEN: Status.OPEN},
    Status.WITHDRAWN: {Move.REOPEN: Status.OPEN},
}

MOVE_NEEDS: dict[Move, Permission] = dict.fromkeys(Move, Permission.DECIDE_ACTIONS) | {
    Move.PROPOSE: Permission.SEND_UPDATE,
    Move.TAKE_BACK: Permission.SEND_UPDATE,
}
# Before it is issued, an action is the office's own: dropping it, or mending its due,
# is no decision of the commissioner's.
OFFICES_OWN_BEFORE_ISSUE = {Move.WITHDRAW, Move.REDATE}
