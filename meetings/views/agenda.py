"""Pages of agenda."""

from typing import Any

from django.http import Http404, HttpResponse

from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires


@requires(Permission.EDIT_MEETINGS)
def agenda(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def item_new(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def item_edit(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def item_move(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def item_delete(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def paper_new(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def paper_edit(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def paper_delete(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404
