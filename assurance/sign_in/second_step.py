"""The second step of signing in: every account of a real person has one.

Something they have, beside the password they know: an app that gives codes, or a
passkey. Recovery codes stand in for it when it is not at hand. A session whose account
must have one and which did not show it reaches nothing but setting one up; and if the
account has one, not even that.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from cryptography.fernet import InvalidToken
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.deprecation import MiddlewareMixin

from assurance.events import note
from assurance.http import SignedInRequest
from assurance.middleware import declared_permission, is_by_script, signed_out
from assurance.models import Event, User
from assurance.permissions import Permission
from assurance.sign_in.events import tell
from assurance.sign_in.sessions import end_sessions

APP, PASSKEY = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN
CODES = Authenticator.Type.RECOVERY_CODES
# Of single sign-on the provider asks for a second step.
WAYS = ("mfa", "socialaccount")
# What a session may reach while its account has no second step.
SETTING_UP = {
    "session_left",
    "second_step",
    "second_step_app",
    "second_step_passkey",
    "account_reauthenticate",
}


def steps(user: User) -> QuerySet[Authenticator]:
    """Recovery codes are none: they only stand in for one."""
    found = Authenticator.objects.filter(user=user).exclude(type=CODES)
    return found.order_by("type", "created_at", "pk")


def must_have_one(user: User) -> bool:
    return not user.is_demonstration


def was_shown(request: HttpRequest, user: User) -> bool:
    """Whether this session showed a second step, or set up the account's first."""
    records = get_authentication_records(request, user)
    return any(record["method"] in WAYS for record in records)


class SecondStepMiddleware(MiddlewareMixin):
    """For every view that is not public, before it is asked who may."""

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        name = (match.url_name if match else "") or ""
        permission = declared_permission(view, name, request.method or "GET")
        if permission == Permission.PUBLIC:
            return None
        user = request.user
        if not user.is_authenticated or not must_have_one(user):
            return None
        if was_shown(request, user):
            return None
        if steps(user).exists():
            return _end(request)
        request.is_setting_up = True  # type: ignore[attr-defined]
        if name in SETTING_UP:
            return None
        return signed_out() if is_by_script(request) else redirect("second_step")


def _end(request: HttpRequest) -> HttpResponseBase:
    """Somebody signed in here before the account had its second step."""
    logout(request)
    if is_by_script(request):
        return signed_out()
    messages.warning(
        request,
        "This account now has a second step, so you were signed out here. Sign in "
        "again with it.",
    )
    return redirect_to_login(request.get_full_path())


# Setting up


@transaction.atomic
def add_app(request: SignedInRequest, *, secret: str, counter: int) -> Authenticator:
    """The app with this secret, in place of the one before if there was any.

    ``counter`` is of the code that proved it: it lets nobody in any more.
    """
    _lock(request)
    Authenticator.objects.filter(user=request.user, type=APP).delete()
    app = TOTP.activate(request.user, secret).instance
    app.data["counter"] = counter
    app.save(update_fields=["data"])
    tell(request.user, "An authenticator app was set up")
    return _added(request, app)


@transaction.atomic
def add_passkey(
    request: SignedInRequest, *, name: str, credential: dict[str, Any]
) -> Authenticator:
    _lock(request)
    passkey = Authenticator.objects.create(
        user=request.user, type=PASSKEY, data={"name": name, "credential": credential}
    )
    tell(request.user, "A passkey was added")
    return _added(request, passkey)


def _lock(request: SignedInRequest) -> None:
    """One after another: of two sessions that set up the first step side by side, the
    second is one that did not show it.
    """
    _lock_signed_in(request)
    if steps(request.user).exists() and not was_shown(request, request.user):
        raise ValidationError(
            "A second step was set up for this account elsewhere meanwhile. Sign out, "
            "then sign in again with it"
        )


def _lock_signed_in(request: SignedInRequest) -> User:
    """The account, unless this session was ended while the request was on its way."""
    user = User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
    if not user.sessions.filter(pk=request.session.session_key).exists():
        raise ValidationError("You were signed out meanwhile. Sign in again")
    return user


def _added(request: SignedInRequest, step: Authenticator) -> Authenticator:
    user = request.user
    note(Event.Kind.STEP_ADDED, request=request, user=user, what=named(step))
    if not Authenticator.objects.filter(user=user, type=CODES).exists():
        _make_codes(request)
    record_authentication(request, user, "mfa", id=step.pk, type=step.type, added=True)
    _end_others(request, "A second step was added")
    return step


def _end_others(request: SignedInRequest, why: str) -> None:
    key = request.session.session_key
    end_sessions(request.user, why=why, but=key, request=request)


@transaction.atomic
def make_codes(request: SignedInRequest) -> None:
    """New recovery codes; those before are void."""
    _lock_signed_in(request)
    _make_codes(request)
    tell(request.user, "New recovery codes were made")


def _make_codes(request: SignedInRequest) -> None:
    Authenticator.objects.filter(user=request.user, type=CODES).delete()
    RecoveryCodes.activate(request.user)
    note(Event.Kind.CODES_MADE, request=request, user=request.user)


# Taking away


@transaction.atomic
def remove(request: SignedInRequest, step: Authenticator) -> None:
    """One's own. Raises ``ValidationError`` for the last one that must be there."""
    user = _lock_signed_in(request)
    others = steps(user).exclude(pk=step.pk).exists()
    if must_have_one(user) and not others:
        raise ValidationError(
            "This is your only second step. Set up another one first, then remove this"
        )
    step.delete()
    if not others:
        Authenticator.objects.filter(user=user, type=CODES).delete()
    note(Event.Kind.STEP_REMOVED, request=request, user=user, what=named(step))
    tell(user, f"A second step ({named(step).lower()}) was removed")
    _end_others(request, "A second step was removed")


@transaction.atomic
def remove_all(request: SignedInRequest, account: User) -> None:
    """An administrator does it for somebody who has lost their device."""
    User.objects.select_for_update(no_key=True).get(pk=account.pk)
    Authenticator.objects.filter(user=account).delete()
    note(
        Event.Kind.STEP_REMOVED,
        request=request,
        user=account,
        what="All, by an administrator",
    )
    tell(account, "Your second steps were removed by an administrator")
    end_sessions(account, why="The second steps were removed", request=request)


def named(step: Authenticator) -> str:
    return "Authenticator app" if step.type == APP else "Passkey"


# Keys


@dataclass
class Renewed:
    """Of second steps with a secret: how many were encrypted anew, how many were so
    already, and the accounts of those that no known key opens.
    """

    renewed: int = 0
    as_they_were: int = 0
    lost: list[User] = field(default_factory=list)


@transaction.atomic
def renew_secrets() -> Renewed:
    """Encrypt with SECRET_KEY what was encrypted with a key before it; all or none."""
    found = Renewed()
    rows = Authenticator.objects.select_for_update(no_key=True, of=("self",))
    for row in rows.exclude(type=PASSKEY).select_related("user").order_by("pk"):
        name = "seed" if row.type == CODES else "secret"
        try:
            secret = get_adapter().with_present_key(row.data[name])
        except InvalidToken:
            found.lost.append(row.user)
            continue
        if secret == row.data[name]:
            found.as_they_were += 1
        else:
            row.data[name] = secret
            row.save(update_fields=["data"])
            found.renewed += 1
    return found


# Codes


def matching_counter(secret: str, code: str) -> int | None:
    """Which of the moments around now the app shows this code at: about half a minute
    early or late is allowed, for clocks that differ.
    """
    for counter in yield_hotp_counters_from_time():
        expected = format_hotp_value(hotp_value(secret, counter))
        if compare_user_code(actual=code, expected=expected):
            return counter
    return None


@transaction.atomic
def take_code(user: User, code: str) -> Authenticator | None:
    """What this code belongs to, if it lets this account in now; it does so once.

    Raises ``InvalidToken`` when the secret can no longer be decrypted. The library
    remembers codes that were used for half a minute, which is too short where clocks
    may differ: the app's row keeps the moment of the last one, and takes later ones.
    """
    rows = Authenticator.objects.select_for_update(no_key=True).filter(user=user)
    by_type = {row.type: row for row in rows.exclude(type=PASSKEY)}
    app, codes = by_type.get(APP), by_type.get(CODES)
    if app:
        counter = matching_counter(decrypt(app.data["secret"]), code)
        if counter is not None and counter > app.data.get("counter", -1):
            app.data["counter"] = counter
            app.save(update_fields=["data"])
            return app
    if codes and codes.wrap().validate_code(code):
        return codes
    return None
