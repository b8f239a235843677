"""Writes on accounts that concern more than the account itself."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import transaction

from assurance.models import User
from assurance.permissions import Role
from assurance.sign_in.events import tell
from assurance.sign_in.sessions import end_sessions

# What a change of makes every session of an account begin anew, in words.
_ENDING = {
    "role": "Role changed",
    "organisation_id": "Organisation changed",
    "is_active": "Stopped from signing in",
    "email": "E-mail address changed",
}


@transaction.atomic
def save_account(user: User, *, by: User, save: Callable[[], Any]) -> bool:
    """Save an account as an administrator changed it, and nobody is locked out.

    ``save`` writes the row, refusing when somebody else did meanwhile. Raises
    ``ValidationError`` by field. An account whose role, organisation, activity or
    e-mail address changes is signed out everywhere, and stays so when it changes back;
    whether that was so is returned. A new address is told to the one before. With it an
    account of the demonstration becomes one like others: what anybody could sign in
    with ends, and its owner is to be invited.
    """
    if user.pk == by.pk and not user.is_active:
        raise ValidationError(
            {
                "is_active": "You cannot stop your own account from signing in. Ask "
                "another administrator"
            }
        )
    if user.pk == by.pk and user.role != Role.ADMINISTRATOR:
        raise ValidationError(
            {
                "role": "You cannot give up being an administrator yourself. Ask "
                "another administrator"
            }
        )
    # Two administrators may change each other at the same moment: one waits here.
    others = User.objects.select_for_update(no_key=True).active_administrators()
    has_another = any(other.pk != user.pk for other in others)
    if not has_another and not user.is_active_administrator:
        raise ValidationError(
            {
                "role": "Nobody else could administer accounts. Make another account "
                "an administrator first"
            }
        )
    before = User.objects.filter(pk=user.pk).values(*_ENDING).first()
    is_readdressed = bool(before and user.email != before["email"])
    becomes_real = is_readdressed and user.is_demonstration
    if becomes_real and user.pk == by.pk:
        raise ValidationError(
            {
                "email": "Your password is known to everybody and would end with this "
                "address. Make a new account for yourself under your own"
            }
        )
    user.is_demonstration = user.is_demonstration and not becomes_real
    save()
    if becomes_real:
        _end_what_everybody_knows(user)
    elif before and is_readdressed:
        tell(
            user,
            f"The e-mail address you sign in with was changed to {user.email}",
            to=before["email"],
        )
    if before and (not user.is_active or is_readdressed):
        # Links that let somebody set its password are dead, and stay so.
        User.objects.filter(pk=user.pk).update(link_made_at=None)
    changed = [
        why
        for name, why in _ENDING.items()
        if before and before[name] != getattr(user, name)
    ]
    return bool(changed and end_sessions(user, why=", ".join(changed), by=by))


def why_no_office() -> str:
    """What forbids to use this database as an office's; empty when nothing does."""
    found = User.objects.made_up().values_list("email", flat=True)[:5]
    if not found:
        return ""
    return (
        "The database holds accounts of the demonstration, whose password anybody "
        f"can know: {', '.join(found)}"
    )


@transaction.atomic
def stop_the_demonstration() -> int:
    """Stop all its accounts from signing in, for an office that began with it; how
    many. An administrator may do the same to each of them, but has to be let in first.
    """
    accounts = list(User.objects.select_for_update(no_key=True).made_up())
    for account in accounts:
        account.is_active = False
        account.link_made_at = None
        account.version += 1
        account.save(update_fields=["is_active", "link_made_at", "version"])
        end_sessions(account, why=_ENDING["is_active"])
    return len(accounts)


def _end_what_everybody_knows(user: User) -> None:
    """Of an account of the demonstration: its password, and whatever somebody who
    signed in with that has set up.
    """
    user.set_unusable_password()
    # Of no version that a form compares, and of no history.
    User.objects.filter(pk=user.pk).update(password=user.password)
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
