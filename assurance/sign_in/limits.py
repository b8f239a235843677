"""Wrong tries are counted by account: the fifth stops it for 15 minutes.

django-allauth counts them, each before it is looked at and under a lock, so that tries
sent side by side count like tries sent one after another. But it forgets each 15
minutes after it was made, and so would let somebody in whose first was long ago right
after their fifth. What was stopped is therefore kept here beside it, in the same cache.
"""

import hashlib

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

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


def _key(counted_by: str) -> str:
    return f"stopped:{hashlib.sha256(counted_by.encode()).hexdigest()}"
