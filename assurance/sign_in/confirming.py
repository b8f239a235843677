"""Whoever does what would be worth most to a thief has just shown that it is them.

django-allauth does not ask who has neither a password nor a second step here; they show
it with single sign-on.
"""

import time
from functools import wraps
from typing import Any, TypeVar

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from assurance.models import User
from assurance.sign_in.session_end import keep

View = TypeVar("View", bound=Any)


def is_stale(request: HttpRequest) -> bool:
    """Whether it is some minutes ago, or never was, that they showed who they are. To
    have just signed in counts; with single sign-on if the provider had just asked them.
    """
    records = get_authentication_records(request, request.user)
    since = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    return not any(record["at"] > since for record in records)


def require(request: HttpRequest) -> None:
    """Lead whoever has to show it anew to where they do, and then back, with what they
    were sending. Single sign-on begins another session: it waits outside of it.
    """
    if not is_stale(request):
        return
    is_left = _ways(request)[0]["id"] == "single_sign_on" and request.method == "POST"
    kept = is_left and keep(request, User.objects.get(pk=request.user.pk))
    if kept:
        then = reverse("unsent", args=[kept.token])
        raise ImmediateHttpResponse(redirect(address(request, then=then)))
    raise ReauthenticationRequired


def confirmed(view: View) -> View:
    """Of a view that asks for it before anything else, however it is asked."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        require(request)
        return view(request, *args, **kwargs)

    return wrapped  # type: ignore[return-value]


def address(request: HttpRequest, *, then: str) -> str:
    """Where they show it, to be led on from there."""
    return f"{_ways(request)[0]['url']}?{urlencode({REDIRECT_FIELD_NAME: then})}"


def _ways(request: HttpRequest) -> list[dict[str, Any]]:
    """How they can; who has no way left, say because the office has given up single
    sign-on, is signed out.
    """
    ways = get_adapter().get_reauthentication_methods(request.user)
    if not ways:
        logout(request)
        messages.warning(
            request,
            "You were signed out, because nothing is left here by which you could show "
            "that it is still you. Sign in again, or ask an administrator for help.",
        )
        raise ImmediateHttpResponse(redirect_to_login(request.get_full_path()))
    return ways
