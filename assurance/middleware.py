"""Deny by default: no view runs unless the visitor may do what it declares.

And a number that no row can have is not found, like any other that no row has.
"""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.views.defaults import page_not_found

from assurance.permissions import Permission, user_can

# Views of libraries cannot carry our decorator; they are declared here by URL name.
# What is not named, of a library or of ours, is refused.
LIBRARY_VIEWS = {
    "account_login": Permission.PUBLIC,
    "account_logout": Permission.PUBLIC,
    "account_inactive": Permission.PUBLIC,
    "account_change_password": Permission.SIGNED_IN,
    "account_reauthenticate": Permission.SIGNED_IN,
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
    Signed-in pages must not stay in a shared computer's cache, so they are marked
    ``no-store``.
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
            return to_sign_in
        if permission is None or not user_can(request.user, Permission(permission)):
            raise PermissionDenied
        return None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if "Cache-Control" not in response and request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        return response


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
