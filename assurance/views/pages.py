"""Health, and what is shown when something is wrong."""

import datetime as dt
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import conditional_page, require_safe

from assurance import guards
from assurance.middleware import is_by_script
from assurance.models import User
from assurance.permissions import Permission, requires
from assurance.public import render_public
from assurance.serving.faults import Typed, is_database_away, is_out_of_room
from assurance.serving.logs import reference
from assurance.sign_in.session_end import ACCOUNT_PAGES, keep, unkept
from assurance.views.unsent import show

logger = logging.getLogger(__name__)


@requires(Permission.PUBLIC)
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("live", content_type="text/plain")


@requires(Permission.PUBLIC)
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """The process can do all its work; else 503 and why not: the database does not
    answer, or would let be changed what is written once, or no file can be kept.
    """
    try:
        trouble = "guards" if guards.missing() else ""
    except DatabaseError:
        trouble = "database"
    if not trouble and not _can_keep_files():
        trouble = "files"
    if trouble:
        return HttpResponse(
            f"unready: {trouble}", content_type="text/plain", status=503
        )
    return HttpResponse("ready", content_type="text/plain")


def _can_keep_files() -> bool:
    """By trying: a disk can be full, or away, whatever is allowed on it."""
    folder = Path(default_storage.path(""))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"?")
    except OSError:
        return False
    return True


# Of the statement below: when it was written, and when the pages were last looked at.
PREPARED_ON = dt.date(2026, 11, 22)


@requires(Permission.PUBLIC)
@require_safe
@conditional_page
def accessibility(request: HttpRequest) -> HttpResponse:
    """How accessible this site is, and whom to ask for another format: the Public
    Sector Bodies (Websites and Mobile Applications) Accessibility Regulations 2018.
    """
    return render_public(
        "assurance/accessibility.html",
        {
            "email": settings.ACCESSIBILITY_EMAIL,
            "phone": settings.ACCESSIBILITY_PHONE,
            "prepared_on": PREPARED_ON,
        },
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without the token of this session: most often it was opened before
    signing in again in another tab. Whoever is signed in now sees what they typed on a
    page of this session, and sends it from there.

    Only what a page of this site sent: nobody is to press a button for another site.
    """
    is_ours = request.headers.get("Origin") == request.build_absolute_uri("/")[:-1]
    is_secret = request.path_info.startswith(ACCOUNT_PAGES)
    if is_ours and not is_secret and not is_by_script(request):
        user = User.objects.filter(pk=request.user.pk).first()
        if user and (kept := keep(request, user)):
            return redirect("unsent", kept.token)
        if user:
            return show(request, unkept(request, user), status=403)
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _bare("400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours, or of what we stand on: that passes, so it is another page.

    Django calls it while it handles the exception.
    """
    error = sys.exc_info()[1]
    no_room = is_out_of_room(error)
    if no_room or is_database_away(error):
        logger.error("No room for files" if no_room else "No database", exc_info=error)
        response = _away(request, no_room=no_room)
    else:
        logger.error("A fault", exc_info=error)
        response = _fault(request)
    # Django would write it down once more, or if a page of an error failed only there.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _fault(request: HttpRequest) -> HttpResponse:
    if is_by_script(request):
        return _by_script("There is a problem with this service", status=500)
    return _bare("500.html", status=500, reference=reference(request))


# Seconds after which a browser or a cache may ask again.
_AGAIN = "30"


def _away(request: HttpRequest, *, no_room: bool) -> HttpResponse:
    """The page while the database is away, or no file can be written."""
    if hasattr(request, "session"):
        # There is nowhere to save it, and trying would take as long again.
        request.session.modified = False
    if is_by_script(request):
        response = _by_script("The database is away. Try again in a minute", status=503)
    else:
        response = _bare(
            "503.html",
            status=503,
            typed=Typed.in_(request),
            is_reading=request.method in ("GET", "HEAD"),
            no_room=no_room,
            reference=reference(request),
        )
    response.headers["Retry-After"] = _AGAIN
    return response


def _by_script(words: str, *, status: int) -> HttpResponse:
    return HttpResponse(
        words,
        content_type="text/plain; charset=utf-8",
        status=status,
        headers={"Cache-Control": "no-store"},
    )


def _bare(template: str, *, status: int, **more: Any) -> HttpResponse:
    """A page that asks nothing of request, session or database: they may be broken."""
    names: dict[str, Any] = {
        "OFFICE_NAME": settings.OFFICE_NAME,
        "SERVICE_NAME": settings.SERVICE_NAME,
    }
    return HttpResponse(
        render_to_string(template, names | more),
        status=status,
        headers={"Cache-Control": "no-store"},
    )
