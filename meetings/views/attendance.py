"""Who is invited, who was here, and as what."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assurance.forms.base import saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires, user_can
from assurance.templatetags.assurance import plural
from meetings.forms.attendance import AddAttendeeForm, AttendeeForm
from meetings.forms.meeting import ConfirmForm
from meetings.models import Attendee, Meeting
from meetings.operations import (
    add_attendee,
    lock_editable,
    mark_everyone_here,
    move_attendee,
)
from meetings.pages import (
    find_meeting,
    frozen,
    gone,
    render_meeting_form,
    render_page,
    warn,
)


def _list_of(meeting: Meeting) -> str:
    return reverse("attendance", args=[meeting.pk])


def _find(
    request: SignedInRequest, pk: int, attendee_pk: int
) -> tuple[Meeting, Attendee]:
    meeting = find_meeting(request, pk)
    rows = meeting.attendees.select_related("person", "organisation")
    return meeting, get_object_or_404(rows, pk=attendee_pk)


def _page(
    request: SignedInRequest, meeting: Meeting, form: AddAttendeeForm | None
) -> HttpResponse:
    people = meeting.attendance()
    invited = sum(a.attendance == Attendee.Attendance.INVITED for a in people)
    return render_page(
        request,
        meeting,
        "meetings/attendance.html",
        here="attendance",
        people=people,
        form=form,
        may_edit=form is not None,
        invited=invited if meeting.has_begun(today=timezone.localdate()) else 0,
        status=422 if form is not None and form.errors else 200,
    )


@requires(Permission.READ_MINUTES)
def attendance(request: SignedInRequest, pk: int) -> HttpResponse:
    """The printed list, and below it the row that adds to it."""
    meeting = find_meeting(request, pk)
    may_edit = user_can(request.user, Permission.EDIT_MEETINGS) and meeting.is_editable
    return _page(
        request, meeting, AddAttendeeForm(meeting=meeting) if may_edit else None
    )


@requires(Permission.EDIT_MEETINGS)
def attendee_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same page, where the row that adds somebody is sent."""
    meeting = find_meeting(request, pk)
    if refused := frozen(request, meeting):
        return refused
    form = AddAttendeeForm(request.POST or None, meeting=meeting)

    def write() -> str:
        attendee = add_attendee(
            meeting,
            person=form.cleaned_data["person"],
            name=form.cleaned_data["name"],
            attendee=form.attendee(),
        )
        messages.success(request, f"{attendee} is on the list.")
        return f"{_list_of(meeting)}#add"

    return saved(request, form, write) or _page(request, meeting, form)


@requires(Permission.EDIT_MEETINGS)
@require_POST
def everyone_here(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whoever is only invited is present; apologies and absences stay."""
    meeting = find_meeting(request, pk)
    try:
        here = mark_everyone_here(meeting, by=request.user, today=timezone.localdate())
    except ValidationError as refusal:
        warn(request, refusal)
    else:
        marked = plural(here, "person is marked,people are marked")
        messages.success(request, f"{marked} as present.")
    return redirect("attendance", pk)


@requires(Permission.EDIT_MEETINGS)
def attendee_edit(request: SignedInRequest, pk: int, attendee_pk: int) -> HttpResponse:
    meeting = find_meeting(request, pk)
    if request.method == "POST" and not meeting.attendees.filter(pk=attendee_pk):
        return gone(request, meeting, "This row of the list", back=_list_of(meeting))
    meeting, attendee = _find(request, pk, attendee_pk)
    if refused := frozen(request, meeting):
        return refused
    form = AttendeeForm(request.POST or None, instance=attendee)
    person = attendee.person

    def write() -> str:
        lock_editable(meeting)
        form.save()
        messages.success(request, f"{person} is saved.")
        return f"{_list_of(meeting)}#person-{attendee_pk}"

    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        title=f"{person} at this meeting",
        button="Save",
        back=_list_of(meeting),
        above=(("Attendance", _list_of(meeting)),),
    )


@requires(Permission.EDIT_MEETINGS)
@require_POST
def attendee_move(request: SignedInRequest, pk: int, attendee_pk: int) -> HttpResponse:
    meeting, attendee = _find(request, pk, attendee_pk)
    try:
        move_attendee(attendee, up=request.POST.get("direction") == "up")
    except ValidationError as refusal:
        warn(request, refusal)
    return redirect(f"{_list_of(meeting)}#person-{attendee_pk}")


@requires(Permission.EDIT_MEETINGS)
def attendee_remove(
    request: SignedInRequest, pk: int, attendee_pk: int
) -> HttpResponse:
    meeting, attendee = _find(request, pk, attendee_pk)
    if refused := frozen(request, meeting):
        return refused
    form = ConfirmForm(request.POST or None)

    def write() -> str:
        lock_editable(meeting)
        attendee.delete()
        messages.success(request, f"{attendee.person} is off the list.")
        return _list_of(meeting)

    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        title=f"Take {attendee.person} off the list?",
        button="Take off the list",
        is_warning=True,
        back=_list_of(meeting),
        above=(("Attendance", _list_of(meeting)),),
        lead="Somebody who sent apologies stays on the list, with that status.",
    )
