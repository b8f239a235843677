"""Home, health and what is shown when something is wrong."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from assurance.permissions import Permission, requires


@requires(Permission.SIGNED_IN)
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "assurance/home.html")


@requires(Permission.PUBLIC)
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("live", content_type="text/plain")


@requires(Permission.PUBLIC)
def ready(request: HttpRequest) -> HttpResponse:
    """The process and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ready", content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without the token of this session: most often after signing out."""
    return render(request, "403_csrf.html", status=403)
