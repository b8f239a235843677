"""What every page of a meeting does: find it, head it, refuse with a sentence."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from assurance.forms.base import GovukForm, render_form
from assurance.http import SignedInRequest
from meetings.models import AgendaItem, Attendee, Meeting, Paper
from meetings.operations import why_frozen

Trail = list[tuple[str, str]]


def find_meeting(request: SignedInRequest, pk: int) -> Meeting:
    visible = Meeting.objects.visible_to(request.user).select_related("type")
    return get_object_or_404(visible, pk=pk)


def find_item(request: SignedInRequest, pk: int, item_pk: int) -> AgendaItem:
    """An item of a meeting this account may know of, numbered."""
    meeting = find_meeting(request, pk)
    return get_object_or_404(
        meeting.agenda_items.select_related("theme", "lead"), pk=item_pk
    )


def trail(meeting: Meeting | None = None, *more: tuple[str, str]) -> Trail:
    """The breadcrumbs after Home down to the page above this one."""
    steps = [("Meetings", reverse("meetings"))]
    if meeting is not None:
        steps.append((str(meeting), meeting.get_absolute_url()))
    return [*steps, *more]


def render_page(
    request: SignedInRequest,
    meeting: Meeting,
    template: str,
    *,
    here: str = "",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page of a meeting with its heading; ``here`` is where its navigation stands."""
    above = trail() if here == "meeting" else trail(meeting)
    return render(
        request,
        template,
        {
            "meeting": meeting,
            "here": here,
            "trail": [("Home", reverse("home")), *above],
            **context,
        },
        status=status,
    )


def render_meeting_form(
    request: SignedInRequest,
    meeting: Meeting,
    form: GovukForm,
    *,
    back: str,
    above: tuple[tuple[str, str], ...] = (),
    **context: Any,
) -> HttpResponse:
    """A form about a meeting on a page of its own."""
    return render_form(
        request,
        form,
        trail=trail(meeting, *above),
        back=back,
        meeting=meeting,
        **context,
    )


def frozen(request: SignedInRequest, meeting: Meeting) -> HttpResponse | None:
    """Where to go instead of a form for what may no longer be changed.

    A form that was sent is not turned away here: saving it refuses with the same
    sentence, and what was typed stays on the page.
    """
    if meeting.is_editable or request.method == "POST":
        return None
    messages.warning(request, f"{why_frozen(meeting)}.")
    return redirect(meeting)


def warn(request: SignedInRequest, refusal: ValidationError) -> None:
    """Say after a button why nothing happened."""
    for sentence in refusal.messages:
        messages.warning(request, f"{sentence.rstrip('.')}.")


# Names of what was typed, in the order of the forms, for a page that shows it again.
_TYPED = {
    "heading": AgendaItem,
    "asked_of_force": AgendaItem,
    "lines_of_enquiry": AgendaItem,
    "notes": AgendaItem,
    "decisions": AgendaItem,
    "title": Paper,
    "provided_by": Paper,
    "link": Paper,
    "capacity": Attendee,
    "abbreviation": Attendee,
    "note": Attendee,
}


def gone(
    request: SignedInRequest, meeting: Meeting, what: str, *, back: str
) -> HttpResponse:
    """What somebody was writing about was deleted meanwhile: give the text back."""
    typed = {
        str(model._meta.get_field(name).verbose_name).capitalize(): text  # type: ignore[union-attr]
        for name, model in _TYPED.items()
        if (text := request.POST.get(name, "").strip())
    }
    return render_page(
        request,
        meeting,
        "meetings/gone.html",
        status=409,
        what=what,
        typed=typed,
        back=back,
    )
