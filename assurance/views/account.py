"""One's own account: where it is signed in, what it did, and how long it still is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.formats import time_format
from django.views.decorators.http import require_POST

from assurance.http import SignedInRequest
from assurance.models import Event, Session, Unsent, User
from assurance.permissions import Permission, passive, requires
from assurance.sign_in import devices, second_step
from assurance.sign_in.session_end import session_of
from assurance.sign_in.sessions import end_sessions, in_words, live_sessions
from assurance.templatetags.assurance import plural

RECENT = 30  # events on the page of an account
PER_PAGE = 50
LATEST = 10  # events on the page of somebody else's
SHOWN = 10  # places it is signed in at, unless all are asked for

# What somebody should look at twice: it need not have been them.
_DOUBTFUL = {
    Event.Kind.WRONG_PASSWORD: "Wrong try",
    Event.Kind.WRONG_CODE: "Wrong try",
    Event.Kind.STOPPED: "Too many wrong tries",
}


@dataclass(frozen=True)
class Place:
    """A browser the account is signed in with. ``key`` names it and opens nothing."""

    session: Session
    key: str
    device: str
    is_this: bool


def _places(user: User, this: str | None) -> list[Place]:
    """The one that asks comes first."""
    places = [
        Place(
            session,
            _key(session),
            devices.in_words(session.device),
            session.session_key == this,
        )
        for session in live_sessions(user).defer("session_data")
    ]
    return sorted(places, key=lambda place: not place.is_this)


def _key(session: Session) -> str:
    """The session's own key would let whoever reads the page in."""
    salt = "assurance.views.account"
    return salted_hmac(salt, session.session_key, algorithm="sha256").hexdigest()[:32]


@dataclass(frozen=True)
class Line:
    """An event as a page lists it."""

    event: Event
    device: str
    doubt: str
    by: str


def lines(events: Iterable[Event]) -> list[Line]:
    return [
        Line(
            event,
            devices.in_words(event.device) if event.device else "",
            _DOUBTFUL.get(Event.Kind(event.kind), ""),
            event.by.name if event.by and event.by_id != event.user_id else "",
        )
        for event in events
    ]


def events_of(user: User) -> QuerySet[Event]:
    return user.events.select_related("by").order_by("-at", "-id")


def sign_ins(user: User, *, session: str | None) -> dict[str, Any]:
    """For an administrator: what somebody's account did last, and where it is signed in
    but for the session that asks.
    """
    elsewhere = live_sessions(user).exclude(session_key=session or "")
    return {
        "events": lines(events_of(user)[:LATEST]),
        "signed_in_at": elsewhere.count(),
    }


@requires(Permission.SIGNED_IN)
def account(request: SignedInRequest) -> HttpResponse:
    user = User.objects.select_related("organisation").get(pk=request.user.pk)
    places = _places(user, request.session.session_key)
    shown = places if request.GET.get("places") == "all" else places[: SHOWN + 1]
    recent = lines(events_of(user)[: RECENT + 1])
    return render(
        request,
        "account/account.html",
        {
            "account": user,
            "places": shown,
            "others": len(places) - 1,
            "unshown": len(places) - len(shown),
            "unsent": Unsent.objects.filter(user=user).order_by("-at").defer("sent"),
            "events": recent[:RECENT],
            "has_more": len(recent) > RECENT,
            "steps": [second_step.named(step) for step in second_step.steps(user)],
            "trail": [("Home", reverse("home"))],
        },
    )


@requires(Permission.SIGNED_IN)
@require_POST
def account_sign_out(request: SignedInRequest) -> HttpResponse:
    """Sign out one other browser, or all others, by what was pressed."""
    this = request.session.session_key
    others = request.user.sessions.exclude(session_key=this)
    here, wanted = reverse("account"), request.POST.get("place", "")
    if wanted == "others":
        ended = end_sessions(
            request.user, why="All others, by themselves", but=this, request=request
        )
        said = f"Signed out in {plural(ended, 'other place,other places')}."
        if not ended:
            said = "You are signed in nowhere else."
        messages.success(request, said)
        return redirect(here)
    found = next(
        (one for one in others if constant_time_compare(_key(one), wanted)), None
    )
    if found is None:
        messages.warning(request, "It was signed out already.")
        return redirect(here)
    name = devices.in_words(found.device)
    end_sessions(
        request.user,
        why=f"{name}, by themselves",
        only=found.session_key,
        request=request,
    )
    messages.success(request, f"{name} is signed out.")
    return redirect(here)


@requires(Permission.SIGNED_IN)
def account_events(request: SignedInRequest) -> HttpResponse:
    """Everything one's own account did at sign-in, by pages."""
    trail = [("Home", reverse("home")), ("Your account", reverse("account"))]
    return _events(request, request.user, "Your sign-in history", trail)


@requires(Permission.MANAGE_ACCOUNTS)
def account_events_of(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same of somebody else, for an administrator."""
    user = get_object_or_404(User, pk=pk)
    trail = [
        ("Home", reverse("home")),
        ("Accounts", reverse("accounts")),
        (user.name, reverse("account_edit", args=[pk])),
    ]
    return _events(request, user, f"Sign-in history of {user.name}", trail)


def _events(
    request: SignedInRequest, user: User, title: str, trail: list[tuple[str, str]]
) -> HttpResponse:
    page = Paginator(events_of(user), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "account/events.html",
        {"page": page, "events": lines(page), "title": title, "trail": trail},
    )


@requires(Permission.MANAGE_ACCOUNTS)
@require_POST
def account_sign_out_everywhere(request: SignedInRequest, pk: int) -> HttpResponse:
    """An administrator ends every session of an account, say of a lost phone."""
    user = get_object_or_404(User, pk=pk)
    this = request.session.session_key if user == request.user else None
    ended = end_sessions(
        user, why="By an administrator", but=this, by=request.user, request=request
    )
    if ended:
        said = f"{user.name} is signed out in {plural(ended, 'place,places')}."
    else:
        said = f"{user.name} is signed in nowhere{' else' if this else ''}."
    messages.success(request, said)
    return redirect("account_edit", pk)


# How long a page may still be used


@requires(Permission.SIGNED_IN)
@passive
def session_left(request: SignedInRequest) -> HttpResponse:
    """How long this session lasts, for the warning on every page. A POST prolongs it.

    Also a fresh token for the forms of a page whose account signed in again.
    """
    session = session_of(request)
    if request.method == "POST":
        session.stamp(request, at_once=True)
    return JsonResponse(_told(request))


def _told(request: SignedInRequest) -> dict[str, Any]:
    session = session_of(request)
    end = session.end
    idle_for = in_words(timezone.now() - session.active_at)
    return {
        "left": session.seconds_left,
        "at": time_format(timezone.localtime(end.at), "H:i"),
        "why": f"nothing was done here for {idle_for}" if end.is_idle else end.why,
        "can_stay": end.is_idle,
        "account": request.user.pk,
        "token": get_token(request),
    }
