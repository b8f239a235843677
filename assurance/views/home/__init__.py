"""Home: what needs you, by role."""

from django.http import HttpResponse
from django.utils import timezone

from actions.tracker import next_review
from assurance.http import SignedInRequest
from assurance.permissions import Permission, Role, requires
from assurance.views.home.commissioner import commissioner
from assurance.views.home.liaison import liaison
from assurance.views.home.office import office


@requires(Permission.SIGNED_IN)
def home(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    meeting = next_review(today=timezone.localdate(now))
    page = {
        Role.LIAISON: liaison,
        Role.COMMISSIONER: commissioner,
    }.get(Role(request.user.role), office)
    return page(request, now, meeting)
