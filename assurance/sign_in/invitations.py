"""Links with which somebody sets their own password: invited, or having forgotten it.

A link works once. It is dead after another one was made, when the account is stopped or
its address changed, and after its time. An administrator never knows a password.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import base36_to_int, int_to_base36

from assurance import mail
from assurance.events import note
from assurance.http import absolute
from assurance.models import Event, User
from assurance.sign_in.sessions import end_sessions

INVITATION_LASTS = dt.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
# Of an account that has a password, whoever asked for the link.
RESET_LASTS = dt.timedelta(days=1)
# Somebody who asks again and again for another account's link does not kill the one
# that was just sent.
RESET_STANDS = dt.timedelta(minutes=15)


class LinkTokens(PasswordResetTokenGenerator):
    """Django's tokens: dead when password, address or last sign-in change; and here
    when another link is made or the account is stopped.
    """

    key_salt = "assurance.sign_in.invitations.LinkTokens"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        made = user.link_made_at.timestamp() if user.link_made_at else None
        standing = super()._make_hash_value(user, timestamp)
        return f"{standing} {user.is_active} {made}"


tokens = LinkTokens()


def expires_at(account: User) -> dt.datetime | None:
    """When its last link dies by itself; None when there is none."""
    if account.link_made_at is None:
        return None
    has_password = account.has_usable_password()
    return account.link_made_at + (RESET_LASTS if has_password else INVITATION_LASTS)


@dataclass(frozen=True)
class Invitation:
    """What a page says of an account that nobody has set a password for."""

    made_at: dt.datetime | None
    expires_at: dt.datetime | None
    is_expired: bool


def invitation_of(account: User, *, now: dt.datetime) -> Invitation:
    end = expires_at(account)
    return Invitation(account.link_made_at, end, is_expired=bool(end and end <= now))


def has_link(account: User, *, now: dt.datetime) -> bool:
    """Whether one that was made for it still works: nobody has signed in since."""
    made, used = account.link_made_at, account.last_login
    return (
        made is not None
        and account.is_active
        and not invitation_of(account, now=now).is_expired
        and not (used and used > made)
    )


@transaction.atomic
def _make_link(account: User, request: HttpRequest | None) -> str:
    account.link_made_at = timezone.now()
    # Not a change of the account that its history tells: an event is noted.
    rows = User.objects.filter(pk=account.pk)
    rows.update(link_made_at=account.link_made_at)
    # As it stands now, which may be later than it was read.
    token = tokens.make_token(rows.get())
    path = reverse("password_set", args=[int_to_base36(account.pk), token])
    return absolute(path, request)


@transaction.atomic
def invite(
    account: User, *, by: User | None = None, request: HttpRequest | None = None
) -> str:
    """Make a link for this account, queue it as an e-mail, and give it.

    To an account with a password it is a link to set a new one; the old one counts
    until then. Raises ``ValidationError`` when the account may not sign in.
    """
    if not account.is_active:
        raise ValidationError(
            f"{account.name} may not sign in. Let them sign in first, then invite them"
        )
    if not account.may_sign_in:
        raise ValidationError(
            f"{account.name} is of the demonstration and cannot sign in here. Make an "
            "account for the person under their own e-mail address"
        )
    link = _make_link(account, request)
    note(Event.Kind.INVITED, user=account, by=by, request=request)
    _send(
        "set_another_password" if account.has_usable_password() else "invitation",
        account,
        link=link,
        by=by,
        request=request,
    )
    return link


@transaction.atomic
def send_reset_link(account: User, *, request: HttpRequest) -> None:
    """For somebody who says that they have forgotten their password.

    One that was made a moment ago stands, unless they have signed in since.
    """
    made, used = account.link_made_at, account.last_login
    if made and made > timezone.now() - RESET_STANDS and not (used and used > made):
        return
    link = _make_link(account, request)
    note(Event.Kind.RESET_ASKED, user=account, request=request)
    _send("password_forgotten", account, link=link, request=request)


def _send(
    template: str,
    account: User,
    *,
    link: str,
    request: HttpRequest | None,
    by: User | None = None,
) -> None:
    mail.send(
        template,
        to=account.email,
        context={
            "account": account,
            "link": link,
            "by": by,
            "expires_at": expires_at(account),
            "sign_in": absolute(reverse("account_login"), request),
            "OIDC_NAME": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        },
        expires_at=expires_at(account),
    )


def account_with(uid: str, token: str, *, lock: bool = False) -> User | None:
    """Whose link it is, if it still works."""
    try:
        pk = base36_to_int(uid)
    except ValueError:
        return None
    accounts = User.objects.all()
    if lock:
        accounts = accounts.select_for_update(no_key=True)
    try:
        account = accounts.filter(pk=pk).first()
    except OverflowError:  # SQLite, of a number that no row has
        return None
    if account is None or not account.may_sign_in:
        return None
    if not tokens.check_token(account, token):
        return None
    end = expires_at(account)
    return account if end and timezone.now() < end else None


def set_password(uid: str, token: str, password: str, *, request: HttpRequest) -> bool:
    """Use the link. False when it was used, or died, since the page was opened.

    Wherever the account is signed in, it is signed out; its second step stays.
    """
    # It takes its time, so the account is not held meanwhile.
    hashed = make_password(password)
    with transaction.atomic():
        return _set_password(uid, token, hashed, request)


def _set_password(uid: str, token: str, hashed: str, request: HttpRequest) -> bool:
    account = account_with(uid, token, lock=True)
    if account is None:
        return False
    had_password = account.has_usable_password()
    account.password = hashed
    # Nobody is signed in.
    account._history_user = account  # type: ignore[attr-defined]
    account.save(update_fields=["password"])
    User.objects.filter(pk=account.pk).update(link_made_at=None)
    end_sessions(account, why="Password set by a link", request=request)
    note(
        Event.Kind.PASSWORD_CHANGED,
        request=request,
        user=account,
        by=account,
        what="By a link",
    )
    mail.send(
        "password_set",
        to=account.email,
        context={
            "account": account,
            "had_password": had_password,
            "at": timezone.localtime(),
            "sign_in": absolute(reverse("account_login"), request),
        },
    )
    return True
