"""What the server writes down: a line of JSON for each request and for each fault.

Nobody's words are in it. A request is told by the name and the pattern of its address,
for addresses may hold tokens; a fault by its type and where it happened, for the
message of an exception may quote a row. Of what libraries say only the part that they
wrote themselves is kept.
"""

import datetime as dt
import logging
import re
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from pythonjsonlogger.json import JsonFormatter

logger = logging.getLogger(__name__)

_OURS = ("assurance", "meetings", "actions")
_ROOT = Path(__file__).resolve().parents[2]
_LOOKS_LIKE_AN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


class RequestMiddleware:
    """Gives each request an id, and writes one line when it is answered.

    The id of a proxy is taken if it looks like one, so that its log and ours can be
    read together; visitors cannot choose theirs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.id = _id_for(request)  # type: ignore[attr-defined]
        before = _request.set(request)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request.id  # type: ignore[attr-defined]
            took = round((time.perf_counter() - began) * 1000, 1)
            logger.info("request", extra=_about(request, response) | {"ms": took})
        finally:
            _request.reset(before)
        return response


def _id_for(request: HttpRequest) -> str:
    sent = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
    return sent if _LOOKS_LIKE_AN_ID.fullmatch(sent) else uuid.uuid4().hex


def reference(request: HttpRequest) -> str:
    """What finds a request in the log; empty for one that came to no middleware."""
    return getattr(request, "id", "")


def address_of(request: HttpRequest) -> str:
    """The pattern of its address, with what stands in it left open."""
    if request.resolver_match:
        return request.resolver_match.route
    return "static" if request.path_info.startswith(settings.STATIC_URL) else ""


def _about(request: HttpRequest, response: HttpResponseBase) -> dict[str, Any]:
    match = request.resolver_match
    return {
        "method": request.method if request.method in _METHODS else "other",
        "route": address_of(request),
        "view": (match.view_name or "") if match else "",
        # The numbers of an address; words in it may be a token.
        "of": {
            name: value
            for name, value in (match.kwargs if match else {}).items()
            if isinstance(value, int)
        },
        "status": response.status_code,
    }


def account_of(request: HttpRequest) -> int | None:
    """Who is signed in, if somebody asked already: the log asks no database."""
    user = request.__dict__.get("_cached_user")
    return getattr(user, "pk", None)


def request_in_hand() -> HttpRequest | None:
    return _request.get()


class SparingFormatter(JsonFormatter):
    """One JSON object a line, with times in UTC."""

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        request = request_in_hand()
        log_data |= {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": said(record),
            "request_id": reference(request) if request else None,
            "account": account_of(request) if request else None,
        }
        if record.name == __name__:
            log_data |= {name: getattr(record, name, None) for name in _ABOUT_REQUESTS}
        if record.exc_info and record.exc_info[1] is not None:
            log_data["error"] = fault(record.exc_info[1])
        for name in [name for name, value in log_data.items() if value is None]:
            del log_data[name]

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Nothing: what Python says of an exception has its words in it."""
        return ""


_ABOUT_REQUESTS = ("method", "route", "view", "of", "status", "ms")


def said(record: logging.LogRecord) -> str:
    """The message; of a library's only what it wrote itself, never what was put in."""
    if is_ours(record.name) or _tells_of_its_start(record):
        return record.getMessage()
    args = record.args or ()
    values = args.values() if isinstance(args, Mapping) else args
    if not values:  # they may be in the words already
        return f"{record.module}:{record.lineno}"
    if all(isinstance(value, int | float) for value in values):
        return record.getMessage()
    return str(record.msg)


def _tells_of_its_start(record: logging.LogRecord) -> bool:
    """What gunicorn says of a request is a warning or worse."""
    return record.name == "gunicorn.error" and record.levelno < logging.WARNING


def is_ours(name: str) -> bool:
    return name.split(".")[0] in _OURS


def fault(error: BaseException) -> dict[str, Any]:
    """An exception and what led to it: types and places, no message."""
    found: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": _frames(error.__traceback__),
    }
    cause = error.__cause__ or (
        None if error.__suppress_context__ else error.__context__
    )
    if cause is not None and cause is not error:
        found["because_of"] = fault(cause)
    return found


def _frames(trace: TracebackType | None) -> list[str]:
    return [  # without a look at the source, which nobody is told
        f"{_short(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(trace)
    ]


def _short(path: str) -> str:
    """From the project's folder, or from that of the packages."""
    inside = path.rpartition("site-packages/")[2]
    return inside.removeprefix(f"{_ROOT}/")
