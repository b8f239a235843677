"""What happens when somebody signs in, or tries to, is written down here.

The signals of Django and django-allauth, all in one place; ``AssuranceConfig`` connects
them.
"""

from typing import Any

from allauth.account import signals as account
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_login_failed
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from assurance import mail
from assurance.events import note
from assurance.models import Event, User


def tell(account: User, what: str, *, to: str = "") -> None:
    """Write to them that something about how they sign in has changed: if it was not
    they who did it, they must know. ``to`` is an address that was theirs until now.
    Call it in the transaction of the change.
    """
    if not account.is_demonstration:
        mail.send(
            "sign_in_changed",
            to=to or account.email,
            context={"account": account, "what": what, "at": timezone.now()},
        )


def connect() -> None:
    for signal, receiver in (
        (account.authentication_step_completed, shown),
        (account.user_logged_in, signed_in),
        (user_login_failed, wrong_password),
        (account.password_changed, password_changed),
        (mfa.authentication_failed, wrong_code),
        (mfa.authenticator_used, code_used),
    ):
        signal.connect(receiver, dispatch_uid=f"assurance.{receiver.__name__}")


def shown(request: HttpRequest, user: User, method: str, **kwargs: Any) -> None:
    """With single sign-on they showed who they are when they did so at the provider,
    which may be hours before they came back from there.
    """
    if method == "socialaccount":
        records = get_authentication_records(request, user)
        records[-1]["at"] = getattr(request, "shown_at", 0)
        request.session.modified = True


def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    ways = [way_of(record) for record in get_authentication_records(request, user)]
    what = " and ".join(dict.fromkeys(ways)).capitalize()
    note(Event.Kind.SIGNED_IN, request=request, user=user, what=what)


def way_of(record: dict[str, Any]) -> str:
    """In words, how somebody showed who they are."""
    if record["method"] == "mfa":
        return {
            Authenticator.Type.TOTP: "code of an app",
            Authenticator.Type.WEBAUTHN: "passkey",
            Authenticator.Type.RECOVERY_CODES: "recovery code",
        }[record["type"]]
    return {"password": "password", "socialaccount": "single sign-on"}.get(
        record["method"], ""
    )


def wrong_password(
    credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Only of accounts that there are: what was typed for another may be a password."""
    account = User.objects.filter(email=str(credentials.get("email")).lower()).first()
    if account:
        note(Event.Kind.WRONG_PASSWORD, request=request, user=account)
    else:
        # Takes about as long, so the answer does not tell which it was.
        cache.set("wrong_password_of_nobody", True)


def password_changed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(Event.Kind.PASSWORD_CHANGED, request=request, user=user)
    tell(user, "Your password was changed")


def wrong_code(request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(Event.Kind.WRONG_CODE, request=request, user=user)
    if kwargs.get("stopped"):
        note(Event.Kind.STOPPED, request=request, user=user)


def code_used(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        authenticator.refresh_from_db()
        left = len(authenticator.wrap().get_unused_codes())
        note(Event.Kind.CODE_USED, request=request, user=user, what=f"{left} left")
        tell(user, f"A recovery code was used, and {left} are left,")
