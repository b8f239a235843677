"""Pages of minutes."""

from typing import Any

from django.http import Http404, HttpResponse

from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires


@requires(Permission.EDIT_MEETINGS)
def minutes(request: SignedInRequest, **where: Any) -> HttpResponse:
    raise Http404
