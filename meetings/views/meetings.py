"""Pages of meetings."""

from typing import Any

from django.http import Http404, HttpResponse

from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires


@requires(Permission.EDIT_MEETINGS)
def meeting_list(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def meeting_new(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def meeting(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def meeting_edit(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def meeting_reschedule(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def meeting_cancel(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def meeting_state(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def meeting_circulate(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def meeting_agenda_sent(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404


@requires(Permission.EDIT_MEETINGS)
def next_meeting(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404
