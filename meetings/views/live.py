"""The live minutes: a whole page without JavaScript, saved as it is typed with it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.views.decorators.http import require_POST

from actions.minuting import has_lines_to_take
from actions.spoken import LONGEST_TEXT, understand
from assurance.forms.base import saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, passive, requires
from assurance.sign_in.session_end import was_active
from assurance.templatetags.assurance import plural
from meetings.desk import Desk, Kept, keep_notes
from meetings.forms.agenda import NotesForm
from meetings.models import AgendaItem, Meeting
from meetings.models.agenda import WithheldReason
from meetings.notes import marks
from meetings.operations import mark_everyone_here
from meetings.pages import find_meeting, gone, render_page, warn
from meetings.presence import Mark, mark_presence

# A session in which shortcuts are switched off says so under this name.
SHORTCUTS_OFF = "minutes_shortcuts_off"
_AGAIN = "The line is action {} again."
EVERYONE = "everyone"


# The page


def write_page(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    """The item in ``?item=``, or the first one, with its form."""
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
    current.meeting = meeting
    desk = Desk(meeting, current, request.user)
    desk.agenda = agenda
    form = NotesForm(request.POST or None, instance=current)
    if request.POST.get("settle") == "both":
        form.with_both(AgendaItem.objects.get(pk=current.pk))
        return _render(request, desk, form, merging=True)

    def write() -> str:
        kept = keep_notes(meeting, form, by=request.user)
        _say(request, desk, kept)
        return _next_address(request, desk)

    answer = saved(request, form, write)
    if answer is None:
        return _render(request, desk, form)
    if attend := request.POST.get("attend"):
        _mark_in_page(request, desk, attend)
    return answer


def _next_address(request: SignedInRequest, desk: Desk) -> str:
    here = reverse("minutes", args=[desk.meeting.pk])
    item, then = desk.current, request.POST.get("then")
    if then == "action":
        return f"{reverse('action_new')}?item={item.pk}"
    if then == "next" and desk.following:
        return f"{here}?item={desk.following.pk}#id_notes"
    if request.POST.get("attend"):
        return f"{here}?item={item.pk}&attendance=open"
    return f"{here}?item={item.pk}"


def _say(request: SignedInRequest, desk: Desk, kept: Kept) -> None:
    """What became of lines and of the action added, in the banner."""
    raised = [*kept.taken.raised, *([kept.added] if kept.added else [])]
    for action in raised:
        messages.success(request, desk.said_of(action.reference))
    for action in kept.taken.again:
        messages.success(request, _AGAIN.format(action.reference))
    for left in kept.taken.left:
        messages.warning(request, _said_of(left))


def _said_of(left: tuple[str, str]) -> str:
    line, why = left
    return f"“{line}…” is no action yet. {why.rstrip('.')}."


def _render(
    request: SignedInRequest, desk: Desk, form: NotesForm, *, merging: bool = False
) -> HttpResponse:
    current = desk.current
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
        desk.meeting,
        "meetings/write.html",
        here="minutes",
        status=422 if form.errors and not merging else 200,
        form=form,
        desk=desk,
        current=current,
        papers=current.papers.select_related("file", "item"),
        marked=marks(form["notes"].value() or ""),
        notices=desk.notices(form["notes"].value() or ""),
        last_saved=last_saved,
        waiting=has_lines_to_take(current.notes),
        merging=merging,
        reasons=WithheldReason.choices,
        shortcuts=not request.session.get(SHORTCUTS_OFF),
        attendance_open=request.GET.get("attendance") == "open",
    )


# Saving while somebody types


@requires(Permission.EDIT_MEETINGS)
@passive
@require_POST
def minutes_save(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    """Save what is typed at an item and say what is stored now, as JSON.

    The same request sent again is answered with what it stored the first time, so one
    that got no answer may be repeated. ``in_hand`` is the number of the line being
    written, which is no action yet; ``finished`` says that no line is.
    """
    meeting = find_meeting(request, pk)
    item = meeting.agenda_items.filter(pk=item_pk).first()
    if item is None:
        said = "This item was taken off the agenda while you were writing"
        return JsonResponse({"refused": {"": [said]}}, status=409)
    item.meeting = meeting
    form = NotesForm(request.POST, instance=item)
    finished = request.POST.get("finished") == "1"
    if set(form.changed_data) & {*form.Meta.fields, "quick"}:
        was_active(request)
    left: list[tuple[str, str]] = []

    def write() -> str:
        kept = keep_notes(
            meeting,
            form,
            by=request.user,
            but_line=None if finished else _number(request.POST.get("in_hand")),
            but_last=not finished,
        )
        left.extend(kept.taken.left)
        added = kept.added.reference if kept.added else ""
        result = {
            "version": kept.item.version,
            "added": added,
            # No more than an address holds.
            "again": " ".join(one.reference for one in kept.taken.again[:15]),
        }
        return f"{request.path}?{urlencode(result)}"

    answer = saved(request, form, write)
    desk = Desk(meeting, item, request.user)
    if answer is None:
        return _refuse(request, desk, form)
    return _acknowledge(request, desk, form, answer["Location"], left)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 9 else None


def _refuse(request: SignedInRequest, desk: Desk, form: NotesForm) -> JsonResponse:
    """Why nothing was saved. A quarrel between two texts comes with both of them."""
    if form.differences:
        context = {"form": form, "live": True}
        html = render_to_string("meetings/_live_conflict.html", context, request)
        return JsonResponse({"conflict": html, "own": form.is_own}, status=409)
    refused = {
        name if name in form.fields and not form[name].is_hidden else "": list(errors)
        for name, errors in form.errors.items()
    }
    if "__all__" in refused:
        refused[""] = refused.pop("__all__")
    return JsonResponse({"refused": refused}, status=422)


def _acknowledge(
    request: SignedInRequest,
    desk: Desk,
    form: NotesForm,
    result: str,
    left: list[tuple[str, str]],
) -> JsonResponse:
    """What is stored, and the parts of the page that tell of it."""
    written = parse_qs(urlsplit(result).query)
    version = int(written["version"][0])
    stored = _as_stored(desk, version)
    notes = stored.notes
    sent = request.POST.get("notes", "")
    again = written.get("again", [""])[0].split()
    fresh = [mark for mark in marks(notes) if mark not in [*marks(sent), *again]]
    fresh += written.get("added", [])
    said = [
        *map(desk.said_of, fresh),
        *map(_AGAIN.format, again),
    ]
    return JsonResponse(
        {
            **_told(request, desk, form, stored, fresh, left),
            "saved": f"Saved {time_format(timezone.localtime(), 'H:i')}",
            "added": said,
        }
    )


def _told(
    request: SignedInRequest,
    desk: Desk,
    form: NotesForm,
    stored: Any,
    fresh: Sequence[str] = (),
    left: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """What is stored of an item, and the parts of the page that show it."""
    notes = stored.notes
    context = {
        "desk": desk,
        "meeting": desk.meeting,
        "current": desk.current,
        "marked": marks(notes),
        "notices": [*desk.notices(notes), *map(_said_of, left)],
        "fresh": fresh,
    }
    return {
        "version": stored.version,
        "seen": form.seen_in(stored),
        "stored": {
            name: getattr(stored, name) for name in ("notes", "decisions", "assurance")
        },
        "waiting": has_lines_to_take(notes),
        "parts": {
            part: render_to_string(f"meetings/_live_{part}.html", context, request)
            for part in ("agenda", "actions", "notices")
        },
    }


def _as_stored(desk: Desk, version: int) -> Any:
    """The item as that version of it was; others may have saved since."""
    item = desk.current
    if item.version != version:
        item = AgendaItem.objects.get(pk=item.pk)
    if item.version != version:
        item = item.history.filter(version=version).first() or item
    return item


@requires(Permission.EDIT_MEETINGS)
@passive
def minutes_state(request: SignedInRequest, pk: int) -> HttpResponse:
    """A fresh token for whoever signed in again in another tab.

    With ``?item=`` also what is stored of it: a page loaded again may be older than a
    save that was on its way. With ``?account=`` for that one alone: nobody's words are
    saved as those of somebody else who signed in in the same browser.
    """
    meeting = find_meeting(request, pk)
    if request.GET.get("account", str(request.user.pk)) != str(request.user.pk):
        raise PermissionDenied
    told: dict[str, Any] = {"token": get_token(request)}
    wanted = _number(request.GET.get("item"))
    if item := meeting.agenda_items.filter(pk=wanted).first():
        item.meeting = meeting
        desk = Desk(meeting, item, request.user)
        told["item"] = {
            **_told(request, desk, NotesForm(instance=item), item),
            "saved": f"Saved {time_format(timezone.localtime(), 'H:i')}",
        }
    return JsonResponse(told)


@requires(Permission.EDIT_MEETINGS)
@require_POST
def minutes_understood(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a line would be understood as, before it is added. Writes nothing."""
    meeting = find_meeting(request, pk)
    text = request.POST.get("quick", "").replace("\x00", "").strip()
    understood = None
    if text and len(text) <= LONGEST_TEXT:
        understood = understand(text, meeting=meeting)
    return render(request, "meetings/_live_understood.html", {"understood": understood})


# Attendance at a press


@requires(Permission.EDIT_MEETINGS)
@require_POST
def minutes_attendance(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    """Mark somebody or everyone, and answer with the list as it is now."""
    meeting = find_meeting(request, pk)
    item = meeting.agenda_items.filter(pk=item_pk).first()
    refusals: list[str] = []
    if item is None:
        return HttpResponse("This item was taken off the agenda", status=409)
    said = ""
    try:
        said = _mark(request, meeting, item, request.POST.get("attend", ""))
    except ValidationError as refusal:
        refusals = refusal.messages
    return render(
        request,
        "meetings/_live_attendance.html",
        {
            "desk": Desk(meeting, item, request.user),
            "meeting": meeting,
            "current": item,
            "attendance_open": True,
            "said": said if request.POST.get("attend") == EVERYONE else "",
            "refusals": refusals,
        },
        status=422 if refusals else 200,
    )


def _mark_in_page(request: SignedInRequest, desk: Desk, press: str) -> None:
    try:
        messages.success(request, _mark(request, desk.meeting, desk.current, press))
    except ValidationError as refusal:
        warn(request, refusal)


def _mark(
    request: SignedInRequest, meeting: Meeting, item: AgendaItem, press: str
) -> str:
    """``press`` is "12:here:3": of whom, what, and the version that was looked at.

    Or it is of everyone who is only invited: they are here.
    """
    if press == EVERYONE:
        here = mark_everyone_here(meeting, by=request.user, today=timezone.localdate())
        return f"{plural(here, 'person is marked,people are marked')} as present."
    pk, _, rest = press.partition(":")
    mark, _, version = rest.partition(":")
    if mark not in Mark.values or _number(pk) is None:
        raise ValidationError("Choose somebody on the list")
    one = mark_presence(
        meeting,
        attendee_pk=int(pk),
        mark=Mark(mark),
        item=item,
        version=_number(version) or 0,
        today=timezone.localdate(),
    )
    return f"{one.person}: {Mark(mark).label.lower()}."


@requires(Permission.EDIT_MEETINGS)
@require_POST
def minutes_shortcuts(request: SignedInRequest, pk: int) -> HttpResponse:
    """Switch the keyboard shortcuts off or on, until this account signs out."""
    meeting = find_meeting(request, pk)
    if request.POST.get("shortcuts") == "off":
        request.session[SHORTCUTS_OFF] = True
    else:
        request.session.pop(SHORTCUTS_OFF, None)
    item = _number(request.POST.get("item"))
    query = f"?item={item}" if item else ""
    return redirect(f"{reverse('minutes', args=[meeting.pk])}{query}")
