"""What becomes of a visitor whose session has ended, and of what they were sending.

``assurance.sign_in.sessions`` says when a session ends; nothing loads one that has.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from assurance.middleware import declared_permission, is_by_script
from assurance.models import Session, Unsent, User
from assurance.permissions import Permission
from assurance.sign_in.sessions import End, SessionStore, time_out
from assurance.sign_in.unsent import FIELD, forget, keep_unsent, unsent_of

# Says whose session ended in this browser, so that a form that comes even later is kept
# for them as well. It opens nothing.
COOKIE = "__Host-ended" if settings.TLS else "ended"
_SALT = "assurance.sign_in.session_end"
COOKIE_SECONDS = 60 * 60
# Passwords and codes are typed there: nothing of it is kept.
ACCOUNT_PAGES = "/accounts/"


class SessionEndMiddleware:
    """Ends on the server what has ended, keeps a form that came too late, and notes
    when somebody did something.

    Views that pages ask by themselves say so: ``passive``. What is public is never
    asked who visits.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        token = getattr(request, "unsent", "")
        is_taken = getattr(request, "is_answered_by_view", False)
        is_taken = is_taken and response.status_code < 400
        if token and is_taken and request.user.is_authenticated:
            forget(request.user, token)
        if ended := ended_session(request):
            time_out(ended, request)
            if not request.user.is_authenticated:
                _remember(response, ended)
        elif COOKIE in request.COOKIES and request.user.is_authenticated:
            # Somebody is signed in again, and it may be somebody else.
            response.delete_cookie(COOKIE)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        name = (match and match.url_name) or ""
        permission = declared_permission(view, name, request.method or "GET")
        if permission == Permission.PUBLIC:
            return None
        if request.user.is_authenticated:
            if not _is_passive(request, view):
                session_of(request).stamp(request)
            _take_token(request)
            return None
        return None if is_by_script(request) else _lead_to_sign_in(request)


class AnsweredMiddleware(MiddlewareMixin):
    """Innermost: says whether the view itself answered, not one of those before it,
    which may lead somewhere else first.
    """

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> None:
        request.is_answered_by_view = True  # type: ignore[attr-defined]

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        request.is_answered_by_view = False  # type: ignore[attr-defined]


def session_of(request: HttpRequest) -> SessionStore:
    session = request.session
    assert isinstance(session, SessionStore)
    return session


def was_active(request: HttpRequest) -> None:
    """For a passive view that found out that somebody is there after all."""
    session_of(request).stamp(request)


def ended_session(request: HttpRequest) -> Session | None:
    """What this browser was signed in with until it ended, if it did just now."""
    return getattr(request.session, "ended", None)


def _is_passive(request: HttpRequest, view: Callable) -> bool:
    return hasattr(view, "is_passive") or (
        hasattr(view, "is_passive_by_script") and is_by_script(request)
    )


def _take_token(request: HttpRequest) -> None:
    """That a form was kept and is now sent is no business of its view."""
    if request.method == "POST" and FIELD in request.POST:
        sent = request.POST.copy()
        request.unsent = sent.pop(FIELD)[-1]  # type: ignore[attr-defined]
        request.POST = sent  # type: ignore[assignment]


def _lead_to_sign_in(request: HttpRequest) -> HttpResponseBase | None:
    """With a word on what happened; what was being sent waits behind the sign-in."""
    ended = ended_session(request)
    because = f" because {End.of(ended).why}" if ended else ""
    user = ended.user if ended else _was_signed_in(request)
    if user is None:
        return None
    if request.method != "POST" or request.path_info.startswith(ACCOUNT_PAGES):
        if ended:
            messages.info(
                request, f"You were signed out{because}. Sign in again to go on."
            )
        return None
    kept = keep(request, user)
    then = "Sign in again to see it and save it." if kept else _LOST
    messages.info(
        request,
        f"You were signed out{because}. What you typed is not saved yet. {then}",
    )
    return redirect_to_login(
        reverse("unsent", args=[kept.token]) if kept else request.get_full_path(),
        reverse("account_login"),
    )


_LOST = (
    "It could not be kept here: go back with the browser and copy it before you sign "
    "in again."
)


def keep(request: HttpRequest, user: User) -> Unsent | None:
    """What is being sent, so that this account sees it later and sends it again."""
    return keep_unsent(user, **_sent(request))


def unkept(request: HttpRequest, user: User) -> Unsent:
    """The same, of no row: for a page that shows it at once."""
    return unsent_of(user, **_sent(request))


def _sent(request: HttpRequest) -> dict[str, Any]:
    files = {
        name: [upload.name or "" for upload in uploads]
        for name, uploads in request.FILES.lists()
    }
    sent = request.POST.lists()
    return {"path": request.get_full_path(), "sent": sent, "files": files}


def _remember(response: HttpResponseBase, ended: Session) -> None:
    response.set_cookie(
        COOKIE,
        signing.dumps(ended.user_id, salt=_SALT),
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _was_signed_in(request: HttpRequest) -> User | None:
    try:
        pk = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=COOKIE_SECONDS
        )
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk, is_active=True).first()
