"""The briefing of a meeting: to read, to print and to download."""

from django.http import HttpResponse
from django.utils import timezone

from actions.briefing import briefing as gather
from actions.documents.briefing import briefing_document
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires
from meetings.documents.response import download
from meetings.pages import find_meeting, render_page


@requires(Permission.READ_MINUTES)
def briefing(request: SignedInRequest, pk: int) -> HttpResponse:
    """``?format=pdf`` or ``docx`` gives the same as a file."""
    meeting = find_meeting(request, pk)
    today = timezone.localdate()
    found = gather(meeting, user=request.user, today=today)
    if "format" in request.GET:
        return download(
            briefing_document(found, today=today),
            file_format=request.GET["format"],
            name=f"briefing-{meeting.date}",
        )
    return render_page(
        request,
        meeting,
        "actions/briefing.html",
        here="briefing",
        briefing=found,
        today=today,
    )
