"""The log of what accounts did beside changing records.

Views call it with their request, operations without; the network address and the
device are of the browser that asked.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from assurance.models import Event, User


def note(
    kind: Event.Kind,
    *,
    request: HttpRequest | None = None,
    user: User | None = None,
    by: User | None = None,
    what: str = "",
) -> Event:
    """Write down that something happened to the account ``user``.

    Who did it is whoever is signed in, unless said; what somebody did with no other
    account in it is about their own. ``what`` names a thing and quotes nothing of it:
    never a text, never what somebody typed.
    """
    if by is None:
        by = _signed_in(request)
    return Event.objects.create(
        kind=kind,
        user=user or by,
        by=by,
        what=what[:300],
        device=device_of(request),
        address=address_of(request),
    )


def device_of(request: HttpRequest | None) -> str:
    """As the browser names itself. A database takes no NUL, so it is left out."""
    agent = request.headers.get("User-Agent", "") if request else ""
    return agent.replace("\0", "")[:300]


def address_of(request: HttpRequest | None) -> str | None:
    """The visitor's network address, not the one of a proxy we stand behind."""
    if request is None:
        return None
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return None


def _signed_in(request: Any) -> User | None:
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None
