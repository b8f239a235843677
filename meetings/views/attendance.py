"""Pages of attendance."""

from typing import Any

from django.http import Http404, HttpResponse

from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires


@requires(Permission.EDIT_MEETINGS)
def attendance(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def attendee_new(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def everyone_here(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def attendee_edit(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def attendee_move(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def attendee_remove(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404
