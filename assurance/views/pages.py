"""Health, and what is shown when something is wrong."""

import datetime as dt

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import conditional_page, require_safe

from assurance import guards
from assurance.permissions import Permission, requires
from assurance.public import render_public


@requires(Permission.PUBLIC)
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("live", content_type="text/plain")


@requires(Permission.PUBLIC)
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """The process and its database answer; 503 when the database does not, or would
    let be changed what is written once.
    """
    try:
        is_ready = not guards.missing()
    except DatabaseError:
        is_ready = False
    if not is_ready:
        return HttpResponse("unready", content_type="text/plain", status=503)
    return HttpResponse("ready", content_type="text/plain")


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
    """The form came without the token of this session: most often after signing out."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _bare("400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    return _bare("500.html", status=500)


def _bare(template: str, *, status: int) -> HttpResponse:
    """A page that asks nothing of request, session or database: they may be broken."""
    names = {"OFFICE_NAME": settings.OFFICE_NAME, "SERVICE_NAME": settings.SERVICE_NAME}
    return HttpResponse(
        render_to_string(template, names),
        status=status,
        headers={"Cache-Control": "no-store"},
    )
