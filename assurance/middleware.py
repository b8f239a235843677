"""Deny by default: no view runs unless the visitor may do what it declares.

A number that no row can have is not found, like any other that no row has. And what is
handed in is measured before it is read, and its names are kept as they were sent.
"""

import html
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.http.multipartparser import MultiPartParser
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.deprecation import MiddlewareMixin
from django.views.defaults import page_not_found

from assurance.http import FileDiffers, FileRemoved
from assurance.permissions import Permission, user_can

# Views of libraries cannot carry our decorator; they are declared here by URL name.
# What is not named, of a library or of ours, is refused.
LIBRARY_VIEWS = {
    "account_login": Permission.PUBLIC,
    "account_logout": Permission.PUBLIC,
    "account_inactive": Permission.PUBLIC,
    "account_change_password": Permission.SIGNED_IN,
    "account_reauthenticate": Permission.SIGNED_IN,
    # Between the password and being signed in; the view sees to it.
    "mfa_authenticate": Permission.PUBLIC,
    "mfa_login_webauthn": Permission.PUBLIC,
    "mfa_reauthenticate": Permission.SIGNED_IN,
    "mfa_reauthenticate_webauthn": Permission.SIGNED_IN,
}


def declared_permission(view: Callable, url_name: str, method: str) -> str | None:
    """The permission a request needs, or None when nobody declared one."""
    if method in ("GET", "HEAD", "OPTIONS"):
        declared = getattr(view, "permission", None)
    else:
        declared = getattr(view, "permission_to_post", None)
    return declared or LIBRARY_VIEWS.get(url_name)


class PermissionMiddleware(LoginRequiredMiddleware):
    """Checks the declared permission before the view; strangers are led to sign in.

    What is public is never asked who visits, so health answers without a database.
    """

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        name = match.url_name if match else ""
        permission = declared_permission(view, name or "", request.method or "GET")
        if permission == Permission.PUBLIC:
            return None
        to_sign_in = super().process_view(request, view, args, kwargs)
        if to_sign_in is not None:
            return signed_out() if is_by_script(request) else to_sign_in
        if permission is None or not user_can(request.user, Permission(permission)):
            raise PermissionDenied
        return None


def is_by_script(request: HttpRequest) -> bool:
    """Sent by a script of a page, which can do nothing with the page to sign in."""
    return request.headers.get("HX-Request") == "true"


def signed_out() -> HttpResponse:
    return HttpResponse(
        "You are signed out. Sign in again in another tab",
        content_type="text/plain; charset=utf-8",
        status=401,
        headers={"Cache-Control": "no-store"},
    )


class HugeNumberMiddleware(MiddlewareMixin):
    """SQLite refuses a number of more than 64 bits where others find no row for it.

    Only somebody who alters addresses or forms sends one; the answer is 404.
    """

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if isinstance(exception, OverflowError) and "SQLite" in str(exception):
            return page_not_found(request, exception)
        return None


class FileMiddleware(MiddlewareMixin):
    """Says why a file is not sent: that it was removed for data protection, when, and
    to who reads all of the record by whom and why; or that what lies on the server is
    not what was kept.
    """

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if isinstance(exception, FileDiffers):
            response = _bare("assurance/file_differs.html", status=500)
            # ``send_file`` has said which; Django would say that a page failed.
            response._has_been_logged = True  # type: ignore[attr-defined]
            return response
        if not isinstance(exception, FileRemoved):
            return None
        context = {"stored": exception.stored, "removal": exception.stored.removal}
        return render(request, "assurance/file_removed.html", context, status=410)


class _FormParser(MultiPartParser):
    """Keeps the names of files as they were sent.

    Django cuts "../plan.pdf" to "plan.pdf" without a word; whoever sends such a name
    is told instead (see ``assurance.files``). While the form is read each file goes by
    a number, so that nothing of its name reaches the file system.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names: list[str] = []

    def sanitize_file_name(self, file_name: str) -> str:
        self._names.append(html.unescape(file_name))
        return str(len(self._names) - 1)

    def parse(self) -> tuple[QueryDict, MultiValueDict]:
        sent, files = super().parse()
        for uploads in dict(files.lists()).values():
            for upload in uploads:
                name = self._names[int(upload.name)]
                upload.sent_name = name
                last = name.replace("\\", "/").rpartition("/")[2]
                upload.name = "file" if last in ("", ".", "..") else last
        return sent, files


# What a form says beside its files, and the lines between them.
_FORM_BESIDE_FILES = 6 * 1024 * 1024


class UploadMiddleware(MiddlewareMixin):
    """Refuses what is too large before it is read, and reads names as they were sent.

    Before anything that looks at what was posted, the check of its token included.
    """

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        most = settings.MAX_FILES_MB * 1024 * 1024 + _FORM_BESIDE_FILES
        if _content_length(request) > most:
            return _bare("413.html", status=413, most=settings.MAX_FILES_MB)

        def parse(meta: Any, post_data: Any) -> tuple[QueryDict, MultiValueDict]:
            handlers = request.upload_handlers
            return _FormParser(meta, post_data, handlers, request.encoding).parse()

        request.parse_file_upload = parse  # type: ignore[method-assign, assignment]
        return None


def _bare(template: str, *, status: int, **context: Any) -> HttpResponse:
    """A page that asks nobody who they are."""
    office = {
        "OFFICE_NAME": settings.OFFICE_NAME,
        "SERVICE_NAME": settings.SERVICE_NAME,
    }
    page = render_to_string(template, office | context)
    return HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
