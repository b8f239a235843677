"""Wrong tries are counted by account: the fifth stops it for 15 minutes.

django-allauth counts them, each before it is looked at and under a lock, so that tries
sent side by side count like tries sent one after another. But it forgets each 15
minutes after it was made, and so would let somebody in whose first was long ago right
after their fifth. What was stopped is therefore kept here beside it, in the same cache.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.core.internal.ratelimit import consume_or_429
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

SECONDS = 15 * 60


def refuse_if_stopped(counted_by: str) -> None:
    """Raises ``ValidationError``, even for a right password or code."""
    if cache.get(_key(counted_by)):
        raise get_adapter().validation_error("too_many_login_attempts")


def is_stopped_by_failure(request: HttpRequest, counted_by: str) -> bool:
    """Call it after each wrong try; true once, of the one that was too many."""
    has_more = ratelimit.consume(
        request, action="login_failed", key=counted_by, dry_run=True
    )
    return not has_more and cache.add(_key(counted_by), True, SECONDS)


def too_many(request: HttpRequest) -> HttpResponse | None:
    """The answer to a network address from which too many begin to sign in.

    Whoever only reads counts too: something is kept for them. The library counts what
    is sent alone.
    """
    return consume_or_429(
        request, app="allauth.account", action="login", limit_get=True
    )


def begins_sign_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Of a view of the library that keeps something for any stranger who reads it."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        refused = None if request.method == "POST" else too_many(request)
        return refused or view(request, *args, **kwargs)

    return wrapped


def _key(counted_by: str) -> str:
    return f"stopped:{hashlib.sha256(counted_by.encode()).hexdigest()}"
