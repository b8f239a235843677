"""Sessions in the database, each with the account that is signed in with it.

Django's way to add columns to a session (see its documentation, "Extending
database-backed session engines"): what they hold is read out of the session's own data.

A session ends ``SESSION_IDLE`` after somebody last did something with it, and
``SESSION_WHOLE`` after they signed in whatever they did. One that has ended is not
loaded, so nothing can be done with it anywhere; ``ended`` tells whose it was.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from allauth.account.signals import password_changed
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from assurance.events import address_of, device_of, note
from assurance.models import Event, Session, User

# What the session says of itself, beside the account.
SIGNED_IN_AT, ACTIVE_AT = "signed_in_at", "active_at"  # seconds since 1970
DEVICE, ADDRESS = "device", "address"
# Being active is written down no more often than this, so that reading stays reading.
STAMP_EVERY = dt.timedelta(seconds=30)
# What a stranger may need between two steps of signing in is kept no longer.
STRANGERS_LAST = dt.timedelta(hours=1)
_NEVER = dt.datetime.fromtimestamp(0, dt.UTC)


@dataclass(frozen=True)
class End:
    """When a session ends if nothing more is done with it, and why then."""

    at: dt.datetime
    is_idle: bool  # else it ends however much is done

    @classmethod
    def of(cls, session: Session) -> "End":
        idle = (session.active_at or _NEVER) + settings.SESSION_IDLE
        whole = (session.signed_in_at or _NEVER) + settings.SESSION_WHOLE
        return cls(min(idle, whole), is_idle=idle < whole)

    @property
    def why(self) -> str:
        if self.is_idle:
            return f"nothing was done for {in_words(settings.SESSION_IDLE)}"
        return f"you signed in {in_words(settings.SESSION_WHOLE)} before"


def in_words(span: dt.timedelta) -> str:
    """ "30 minutes", "12 hours"."""
    minutes = max(1, round(span.total_seconds() / 60))
    hours, odd = divmod(minutes, 60)
    number, unit = (minutes, "minute") if odd else (hours, "hour")
    return f"{number} {unit}{'' if number == 1 else 's'}"


class SessionStore(DatabaseStore):
    """Named by ``SESSION_ENGINE``."""

    # What this browser was signed in with until it ended.
    ended: Session | None = None

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
        if session.user_id is None:
            brief = timezone.now() + STRANGERS_LAST
            session.expire_date = min(session.expire_date, brief)
        if session.signed_in_at:
            whole = session.signed_in_at + settings.SESSION_WHOLE
            session.expire_date = min(session.expire_date, whole)
        return session

    def load(self) -> dict[str, Any]:
        """What is stored of it, with the time of its last activity, which has a column
        of its own; nothing if it has ended.
        """
        row = self._get_session_from_db()
        if row is None:
            return {}
        data = self.decode(row.session_data)
        if row.active_at:
            data[ACTIVE_AT] = row.active_at.timestamp()
            data[ADDRESS] = row.address
        return data

    def _get_session_from_db(self) -> Session | None:
        row = Session.objects.filter(session_key=self.session_key).first()
        now = timezone.now()
        if row and row.user_id and End.of(row).at <= now:
            self.ended = row
        elif row and row.expire_date > now:
            return row
        self._session_key = None
        return None

    @property
    def active_at(self) -> dt.datetime:
        return _time(self.get(ACTIVE_AT)) or _NEVER

    @property
    def end(self) -> End:
        """When this session ends, as it stands."""
        signed_in_at = _time(self.get(SIGNED_IN_AT))
        return End.of(Session(signed_in_at=signed_in_at, active_at=self.active_at))

    @property
    def seconds_left(self) -> int:
        return max(0, int((self.end.at - timezone.now()).total_seconds()))

    def stamp(self, request: HttpRequest, *, at_once: bool = False) -> None:
        """Somebody did something. Written beside the session's data, which a request
        that runs at the same time may be changing.
        """
        now = timezone.now()
        if not at_once and abs(now - self.active_at) < STAMP_EVERY:
            return
        address = address_of(request)
        Session.objects.filter(session_key=self.session_key).update(
            active_at=now, address=address
        )
        # Without marking it as changed: nothing else is to be written.
        data = self._session  # type: ignore[attr-defined]
        data[ACTIVE_AT], data[ADDRESS] = now.timestamp(), address


def _time(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)


def note_sign_in(request: HttpRequest, **kwargs: Any) -> None:
    """What a session says of itself from the moment somebody signs in with it."""
    now = timezone.now().timestamp()
    request.session[SIGNED_IN_AT] = request.session[ACTIVE_AT] = now
    request.session[DEVICE] = device_of(request)
    request.session[ADDRESS] = address_of(request)


def note_sign_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        note(Event.Kind.SIGNED_OUT, request=request, user=user)


def end_others(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever changes their own password stays signed in here and nowhere else."""
    key = request.session.session_key
    end_sessions(user, why="Password changed", but=key, request=request)


user_logged_in.connect(note_sign_in, dispatch_uid="assurance.note_sign_in")
user_logged_out.connect(note_sign_out, dispatch_uid="assurance.note_sign_out")
password_changed.connect(end_others, dispatch_uid="assurance.end_others")


# Sessions of an account


def live_sessions(user: User) -> QuerySet[Session]:
    """Where an account is signed in, the latest activity first."""
    return user.sessions.exclude(_over()).order_by("-active_at", "session_key")


def _over() -> Q:
    now = timezone.now()
    return (
        Q(active_at__lte=now - settings.SESSION_IDLE)
        | Q(signed_in_at__lte=now - settings.SESSION_WHOLE)
        | Q(active_at=None)
        | Q(signed_in_at=None)
    )


def end_sessions(
    user: User,
    *,
    why: str = "",
    only: str | None = None,
    but: str | None = None,
    by: User | None = None,
    request: HttpRequest | None = None,
) -> int:
    """Sign an account out wherever it is signed in, and say in how many places it was.

    ``only`` and ``but`` are keys of sessions: the one to end, the one to leave.
    """
    sessions = user.sessions.exclude(session_key=but or "")
    if only is not None:
        sessions = sessions.filter(session_key=only)
    with transaction.atomic():
        ended = sessions.delete()[0]
        if ended:
            kind = Event.Kind.SESSIONS_ENDED
            note(kind, request=request, user=user, by=by, what=why)
    return ended


def time_out(session: Session, request: HttpRequest | None = None) -> None:
    """Remove a session that has ended, and write it down, once."""
    with transaction.atomic():
        if session.user and Session.objects.filter(pk=session.pk).delete()[0]:
            why = End.of(session).why.replace("you signed in", "signed in")
            note(
                Event.Kind.TIMED_OUT,
                request=request,
                user=session.user,
                what=why.capitalize(),
            )


def end_abandoned() -> int:
    """Time out what nobody came back to, and drop what strangers left; how many."""
    over = Session.objects.filter(_over(), user__isnull=False).select_related("user")
    ended = 0
    for session in over.iterator():
        time_out(session)
        ended += 1
    strangers = Session.objects.filter(user=None, expire_date__lte=timezone.now())
    return ended + strangers.delete()[0]
