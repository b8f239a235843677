"""Minutes: written item by item by staff, read by everybody who may."""

from django.http import HttpResponse, HttpResponseBase

from actions.record import record_of
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires, user_can
from meetings.models import Meeting
from meetings.pages import find_meeting, render_page
from meetings.reading import read
from meetings.views.documents import download_minutes
from meetings.views.live import write_page


@requires(Permission.READ_MINUTES, post=Permission.EDIT_MEETINGS)
def minutes(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """``?item=12`` writes that item, ``?view=read`` reads the whole, ``?format=pdf`` or
    ``docx`` gives it as a file.

    Without either, staff write at the first item as long as the minutes may change.
    """
    meeting = find_meeting(request, pk)
    if request.method == "POST":
        return write_page(request, meeting)
    if "format" in request.GET:
        return download_minutes(request, meeting)
    writes = user_can(request.user, Permission.EDIT_MEETINGS) and meeting.is_editable
    if request.GET.get("view") == "read" or not writes:
        return _read(request, meeting)
    return write_page(request, meeting)


def _read(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    """Under the title that the minutes have, whatever the meeting is called today."""
    record = record_of(meeting, request.user)
    return render_page(
        request,
        meeting,
        "meetings/read.html",
        here="minutes",
        heading=record.title,
        reading=read(record),
    )
