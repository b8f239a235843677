"""Minutes: written item by item by staff, read by everybody who may."""

from collections import Counter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from actions.record import actions_of, record_of
from assurance.forms.base import saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires, user_can
from meetings.forms.agenda import NotesForm
from meetings.models import AgendaItem, Meeting
from meetings.notes import marks
from meetings.operations import lock_editable
from meetings.pages import find_meeting, gone, render_page
from meetings.reading import read


@requires(Permission.READ_MINUTES, post=Permission.EDIT_MEETINGS)
def minutes(request: SignedInRequest, pk: int) -> HttpResponse:
    """``?item=12`` writes that item, ``?view=read`` reads the whole.

    Without either, staff write at the first item as long as the minutes may change.
    """
    meeting = find_meeting(request, pk)
    if request.method == "POST":
        return _write(request, meeting)
    writes = user_can(request.user, Permission.EDIT_MEETINGS) and meeting.is_editable
    if request.GET.get("view") == "read" or not writes:
        return _read(request, meeting)
    return _write(request, meeting)


def _read(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    return render_page(
        request,
        meeting,
        "meetings/read.html",
        here="minutes",
        reading=read(record_of(meeting, request.user)),
    )


def _write(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    agenda = meeting.agenda()
    here = reverse("minutes", args=[meeting.pk])
    asked_for = request.GET.get("item")
    current = next((item for item in agenda if str(item.pk) == asked_for), None)
    if current is None and request.method == "POST":
        return gone(request, meeting, "This item", back=here)
    if current is None and asked_for:
        messages.warning(request, "That item is not on the agenda.")
        return redirect(here)
    current = current or (agenda[0] if agenda else None)
    if current is None:
        return render_page(request, meeting, "meetings/write.html", here="minutes")
    place = agenda.index(current)
    following = agenda[place + 1] if place + 1 < len(agenda) else None
    form = NotesForm(request.POST or None, instance=current)

    def write() -> str:
        lock_editable(meeting)
        item = form.save()
        if request.POST.get("then") == "action":
            return f"{reverse('action_new')}?item={item.pk}"
        goes_on_to = following if request.POST.get("then") == "next" else None
        return f"{here}?item={(goes_on_to or item).pk}"

    return saved(request, form, write) or _write_page(
        request, meeting, form, agenda=agenda, current=current, following=following
    )


def _write_page(
    request: SignedInRequest,
    meeting: Meeting,
    form: NotesForm,
    *,
    agenda: list[AgendaItem],
    current: AgendaItem,
    following: AgendaItem | None,
) -> HttpResponse:
    actions = actions_of(meeting, request.user)
    counts = Counter(action.item_id for action in actions)
    known = {action.reference for action in actions}
    marked = marks(form["notes"].value() or "")
    # What wrote this version; being moved up or down writes no new one.
    last_saved = (
        current.history.filter(version=current.version)
        .select_related("history_user")
        .order_by("history_id")
        .first()
        if current.version
        else None
    )
    return render_page(
        request,
        meeting,
        "meetings/write.html",
        here="minutes",
        status=422 if form.errors else 200,
        form=form,
        links=[(item, counts[item.pk]) for item in agenda],
        current=current,
        following=following,
        papers=current.papers.select_related("file", "item"),
        actions=[action for action in actions if action.item_id == current.pk],
        marked=marked,
        unknown_marks=[reference for reference in marked if reference not in known],
        last_saved=last_saved,
    )
