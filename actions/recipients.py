"""Who is told of an action: the person's account, else the organisation's liaisons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from actions.models import Action, Owner
from assurance.models import Organisation, User
from assurance.permissions import Role


@dataclass(frozen=True)
class Recipient:
    """One person or organisation, and what they are told.

    ``accounts`` sign in and see it; without any, somebody must tell them otherwise.
    """

    name: str
    accounts: list[User]
    is_person: bool
    is_office: bool
    actions: list[Action] = field(default_factory=list)

    @property
    def must_be_sent(self) -> bool:
        """Nobody there has an account, so the office sends it by hand."""
        return not self.accounts and not self.is_office


@dataclass(frozen=True)
class Told:
    """Everybody who is told, and the actions of which nobody is."""

    recipients: list[Recipient]
    nobodys: list[Action]


def liaisons(organisations: Iterable[int]) -> dict[int, list[User]]:
    """The accounts that answer for each organisation, by its id. One query."""
    found: dict[int, list[User]] = {}
    for user in User.objects.filter(
        role=Role.LIAISON, is_active=True, organisation__in=set(organisations)
    ):
        assert user.organisation_id is not None
        found.setdefault(user.organisation_id, []).append(user)
    return found


def who_is_told(actions: Sequence[Action]) -> Told:
    """Recipients by name, the office last; an action with several owners is under each.

    Two queries, if the actions' owners and organisations were fetched with them.
    """
    owners = [owner for action in actions for owner in action.owners.all()]
    accounts = _own_accounts(owners)
    of_organisation = liaisons(owner.organisation_id for owner in owners)
    found: dict[tuple[str, int], Recipient] = {}
    for action in actions:
        for owner in action.owners.all():
            user = accounts.get(owner.person_id or 0)
            if user and _may_answer(user, owner.organisation_id):
                key, name, told = ("account", user.pk), str(owner.person), [user]
            else:
                key = ("organisation", owner.organisation_id)
                name = owner.organisation.name
                told = of_organisation.get(owner.organisation_id, [])
            recipient = found.setdefault(
                key,
                Recipient(
                    name,
                    told,
                    is_person=key[0] == "account",
                    is_office=owner.organisation.kind == Organisation.Kind.OFFICE,
                ),
            )
            if action not in recipient.actions:
                recipient.actions.append(action)
    return Told(
        sorted(found.values(), key=lambda one: (one.is_office, one.name)),
        [action for action in actions if not action.owners.all()],
    )


def _own_accounts(owners: Iterable[Owner]) -> dict[int, User]:
    """The active account of each person named, by the person's id."""
    people = {owner.person_id for owner in owners if owner.person_id}
    return {
        user.person.pk: user
        for user in User.objects.filter(
            is_active=True, person__in=people
        ).select_related("person")
    }


def _may_answer(user: User, organisation_id: int) -> bool:
    """A liaison of another organisation would not find the action."""
    return user.role != Role.LIAISON or user.organisation_id == organisation_id
