"""Accounts with a second step, and signing in with it."""

import time
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from assurance.models import User
from tests.factories import PASSWORD

LOGIN, CODE = "/accounts/login/", "/accounts/login/code/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def with_app(user: User, secret: str = SECRET) -> Authenticator:
    """Give the account an authenticator app, and ten recovery codes."""
    RecoveryCodes.activate(user)
    return TOTP.activate(user, secret).instance


def app_code(secret: str = SECRET, *, later: int = 0) -> str:
    """What the app shows now, or so many times 30 seconds later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def wrong_code(secret: str = SECRET) -> str:
    """Six digits that the app shows neither now nor a minute before or after."""
    near = {app_code(secret, later=later) for later in range(-2, 3)}
    return next(f"{n:06}" for n in range(10) if f"{n:06}" not in near)


def recovery_codes(user: User) -> list[str]:
    """Those not used yet."""
    codes = Authenticator.objects.get(user=user, type="recovery_codes")
    return codes.wrap().get_unused_codes()


def sign_in_fully(user: User, browser: Client | None = None) -> Client:
    """With password and code, by the pages, as everybody does.

    The account has the app of ``with_app``; its code of now is used up.
    """
    browser = browser or Client()
    browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    response = browser.post(reverse("mfa_authenticate"), {"code": app_code()})
    assert response.url == reverse("home"), response
    return browser


def fully_signed_in(user: User) -> Client:
    """A browser whose session says that a second step was shown; no page is asked."""
    browser = Client()
    browser.force_login(user)
    session = browser.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "at": time.time(), "type": "totp", "id": 0}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return browser


def give_password(user: User, browser: Client | None = None) -> Client:
    browser = browser or Client()
    browser.post(LOGIN, {"login": user.email, "password": PASSWORD})
    return browser


def give_code(browser: Client, code: str) -> Any:
    return browser.post(CODE, {"code": code})


def said(response: Any) -> list[str]:
    return response.context["form"].errors["code"]


def kinds(user: User) -> list[str]:
    return list(user.events.order_by("id").values_list("kind", flat=True))
