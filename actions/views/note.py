"""The action note of a meeting: what was agreed, to go round the same day."""

from django.http import HttpResponse
from django.utils import timezone

from actions.agreed import action_note
from actions.documents.note import note_document
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires
from meetings.documents.response import download
from meetings.pages import find_meeting, render_page


@requires(Permission.EDIT_ACTIONS)
def meeting_action_note(request: SignedInRequest, pk: int) -> HttpResponse:
    """``?format=pdf`` or ``docx`` gives the same as a file."""
    meeting = find_meeting(request, pk)
    note = action_note(meeting, user=request.user)
    if "format" in request.GET:
        return download(
            note_document(note, today=timezone.localdate()),
            file_format=request.GET["format"],
            name=f"actions-{meeting.date}",
        )
    return render_page(request, meeting, "actions/action_note.html", note=note)
