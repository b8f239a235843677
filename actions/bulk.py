"""The same change to several actions at once: all of them, or none.

Each gets its own entry in its timeline. Where one cannot be changed, nothing is, and
the refusal names every action that stands in the way.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from simple_history.utils import bulk_update_with_history

from actions.lifecycle import Move
from actions.models import Action, Decision, Due, Owner, Update
from actions.operations import change_owners
from actions.reviewing import bring_forward
from assurance.models import User
from assurance.permissions import Permission, user_can
from meetings.models import Meeting
from meetings.operations import lock_editable

# How each action stood when somebody chose it: ``state`` by its number.
Seen = Mapping[int, str]


@dataclass(frozen=True)
class Done:
    """How many actions were changed, and how many were so already."""

    changed: int
    already: int


def state(action: Action) -> str:
    """What bulk work looks at, as one word: another word means that it changed."""
    owners = [
        (owner.organisation_id, owner.post, owner.person_id, owner.leads)
        for owner in action.owners.all()
    ]
    due = [action.due_kind, action.due_on, action.due_meeting_id]
    due += [action.due_theme_id, action.due_type_id]
    known = (action.status, action.is_issued, due, owners)
    return hashlib.sha256(repr(known).encode()).hexdigest()[:12]


@transaction.atomic
def re_own(
    actions: Iterable[Action], owners: Sequence[Owner], *, by: User, seen: Seen
) -> Done:
    """Give them all these owners instead of those they have. The first leads."""

    def change(action: Action) -> bool:
        if not action.is_unresolved:
            raise ValidationError(
                f"Action {action.reference} is {action.get_status_display().lower()} "
                "now, so its owners stay"
            )
        copies = [
            Owner(organisation=o.organisation, post=o.post, person=o.person)
            for o in owners
        ]
        return change_owners(action, copies, by=by)

    return _each(actions, change, seen=seen)


@transaction.atomic
def re_date(
    actions: Iterable[Action],
    due: Due,
    text: str,
    *,
    by: User,
    decision: Decision | None,
    meeting: Meeting | None,
    seen: Seen,
) -> Done:
    """Give them all this due, for one reason.

    ``decision`` is None where every one of them is the office's own still; an action
    that is not issued keeps none, because nothing was promised yet.
    """

    def change(action: Action) -> bool:
        if action.can(Move.REDATE) and action.due == due:
            return False
        if action.is_offices_own(Move.REDATE):
            action.redate(due, text, by=by, decision=None)
        elif decision is None:
            raise ValidationError(
                f"Action {action.reference} was issued meanwhile, so another due date "
                "needs a decision"
            )
        else:
            action.redate(due, text, by=by, decision=decision, meeting=meeting)
        return True

    return _each(actions, change, seen=seen)


@transaction.atomic
def bring_all_forward(
    actions: Iterable[Action], meeting: Meeting, *, because: str, by: User
) -> Done:
    """Put them all on the list of a meeting, for one reason."""
    lock_editable(meeting)

    def change(action: Action) -> bool:
        bring_forward(action, meeting, because=because, by=by)
        return True

    return _each(actions, change, seen={})


def _each(
    actions: Iterable[Action], change: Callable[[Action], bool], *, seen: Seen
) -> Done:
    """Change each in turn; raises all the refusals together, and nothing is changed.

    All rows are locked first, always in the same order, so that two who change the
    same ones wait for each other instead of standing in each other's way.
    """
    wanted = {action.pk for action in actions}
    rows = (
        Action.objects.locked()
        .filter(pk__in=wanted)
        .select_related("meeting")
        .prefetch_related("owners")
        .order_by("pk")
    )
    changed, refusals = 0, []
    for action in rows:
        try:
            _refuse_if_stale(action, seen)
            changed += change(action)
        except ValidationError as error:
            refusals += [_naming(action, text) for text in error.messages]
    if refusals:
        raise ValidationError([*refusals, "Nothing was changed"])
    return Done(changed=changed, already=len(wanted) - changed)


def _refuse_if_stale(action: Action, seen: Seen) -> None:
    if action.is_unresolved and seen.get(action.pk, state(action)) != state(action):
        raise ValidationError(
            "somebody else changed its owners, its due date or its status since you "
            "chose it. How it stands now is shown below"
        )


def _naming(action: Action, text: str) -> str:
    """A refusal that says which action it is about."""
    text = text.removesuffix(" Nothing was changed.").rstrip(".")
    return text if action.reference in text else f"{action.reference}: {text}"


@transaction.atomic
def hand_over(*, giver: User, taker: User, by: User) -> int:
    """Make somebody else the office lead of all that one leads; says how many.

    Of unresolved actions only: who led one that is closed stays on record.
    """
    if taker == giver:
        raise ValidationError({"taker": "Choose somebody else to hand over to"})
    if not user_can(taker, Permission.EDIT_ACTIONS):
        raise ValidationError({"taker": f"{taker.name} cannot lead an action"})
    actions = list(
        Action.objects.unresolved().locked().filter(office_lead=giver).order_by("pk")
    )
    if not actions:
        raise ValidationError(
            {"giver": f"{giver.name} leads no unresolved action any more"}
        )
    for action in actions:
        action.office_lead = taker
        action.version += 1
    bulk_update_with_history(
        actions, Action, ["office_lead", "version"], default_user=by
    )
    Update.objects.bulk_create(
        Update(
            action=action,
            what=Update.What.EDITED,
            author=by,
            text=f"Office lead from {giver.name} to {taker.name}",
            office_only=True,
        )
        for action in actions
    )
    return len(actions)
