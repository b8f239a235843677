"""Sessions in the database, each with the account that is signed in with it.

Django's way to add columns to a session (see its documentation, "Extending
database-backed session engines"): what they hold is read out of the session's own data.
"""

import datetime as dt
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from assurance.models import Session

# What the session says of itself, beside the account.
SIGNED_IN_AT, ACTIVE_AT = "signed_in_at", "active_at"  # seconds since 1970
DEVICE, ADDRESS = "device", "address"


class SessionStore(DatabaseStore):
    """Named by ``SESSION_ENGINE``."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = super().create_model_instance(data)
        assert isinstance(session, Session)
        session.user_id = data.get(SESSION_KEY)
        session.signed_in_at = _time(data.get(SIGNED_IN_AT))
        session.active_at = _time(data.get(ACTIVE_AT))
        session.device = data.get(DEVICE, "")
        session.address = data.get(ADDRESS)
        return session


def _time(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)
