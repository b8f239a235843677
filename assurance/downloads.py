"""Files taken away by somebody signed in are written down, whichever view gives them.

Whatever leaves as a file counts as withheld material unless it is what the public
reads: what is not published holds what the public may not read, or not yet.
"""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from assurance.events import note
from assurance.middleware import declared_permission
from assurance.models import Event
from assurance.permissions import Permission

Response = TypeVar("Response", bound=HttpResponseBase)

# They write down themselves what was taken.
_NOTED_BY_THEMSELVES = {"record_hand_over", "removal_file"}


def not_withheld(response: Response) -> Response:
    """Say of a file that it holds nothing but what may be sent out or is published."""
    response.is_not_withheld = True  # type: ignore[attr-defined]
    return response


class DownloadMiddleware:
    """Notes each file as it leaves: without the note it does not leave."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if _takes_away(request, response):
            note(
                Event.Kind.DOWNLOADED,
                request=request,
                what=f"{_file_name(response)} from {request.path}",
            )
        return response


def _takes_away(request: HttpRequest, response: HttpResponseBase) -> bool:
    match = request.resolver_match
    if match is None or request.method == "HEAD" or response.status_code != 200:
        return False
    if not response.headers.get("Content-Disposition", "").startswith("attachment"):
        return False
    name = match.url_name or ""
    permission = declared_permission(match.func, name, request.method or "GET")
    return (
        permission != Permission.PUBLIC
        and name not in _NOTED_BY_THEMSELVES
        and not getattr(response, "is_not_withheld", False)
    )


def _file_name(response: HttpResponseBase) -> str:
    """The one it is saved under; a file that was handed in has its own."""
    _, _, name = response.headers["Content-Disposition"].partition("filename")
    name = name.lstrip("*=").removeprefix("utf-8''").strip('"')
    return unquote(name)
