"""Pages for everybody: they know no visitor, so that any cache on the way may keep
them. Their addresses are told apart before anybody is looked for.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

PATHS = ("/published/", "/accessibility/")
# Kept by any cache, and asked about each time (304 while nothing changed): what is
# withdrawn must be gone when the office has been told that it is.
CACHE = "public, no-cache"


class PublicPagesMiddleware:
    """No cookie comes in or goes out, so a visitor who is signed in is a stranger here
    and nothing can depend on who it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PATHS):
            return self.get_response(request)
        request.COOKIES = {}
        response = self.get_response(request)
        response.cookies.clear()
        varies = map(str.strip, response.headers.get("Vary", "").split(","))
        others = [name for name in varies if name.lower() not in ("", "cookie")]
        del response.headers["Vary"]
        if others:
            response.headers["Vary"] = ", ".join(others)
        return response


def render_public(
    template: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A page made without the request: a template has no visitor to ask about."""
    office = {
        "OFFICE_NAME": settings.OFFICE_NAME,
        "SERVICE_NAME": settings.SERVICE_NAME,
        "HOLDER_TITLE": settings.HOLDER_TITLE,
        "HOLDER": settings.HOLDER_ABBREVIATION,
    }
    return HttpResponse(
        render_to_string(template, office | (context or {})),
        status=status,
        headers={"Cache-Control": CACHE},
    )
