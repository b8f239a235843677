"""Reading old minutes in: handing files in, reading one after another, checking."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_POST

from actions.importing.known import Known
from actions.importing.propose import count_doubts, propose
from actions.importing.save import save_read_in
from assurance.forms.base import render_form, saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, passive_by_script, requires
from assurance.templatetags.assurance import plural
from meetings.forms.importing import Check, HandInForm, LaterForm, Theirs, typed
from meetings.forms.meeting import ConfirmForm
from meetings.models import Meeting, ReadIn
from meetings.pages import trail
from meetings.reader.apart import read_apart
from meetings.taking_in import (
    ChangedMeanwhile,
    Taken,
    TooLate,
    drop,
    keep_checked,
    read_waiting,
    take_in,
    understood,
    why_too_late,
)
from meetings.text_beside import text_lines

SHOWN = 50  # of what is done with, the latest
_TOO_LATE = {ReadIn.State.SAVED, ReadIn.State.DROPPED}
_NOT_TYPED = {"csrfmiddlewaretoken", "submission", "version", "do"}


@requires(Permission.READ_IN)
@passive_by_script
def imports(request: SignedInRequest) -> HttpResponse:
    """Hand files in; and how far those are that were."""
    form = HandInForm(request.POST or None, request.FILES or None)

    def write() -> str:
        taken = [
            take_in(content, name=name, by=request.user)
            for content, name in form.handed_in()
        ]
        return _say_taken(request, taken)

    return saved(request, form, write) or render_form(
        request,
        form,
        title="Read minutes in",
        button="Read these",
        trail=trail(),
        template="meetings/import/list.html",
        **_lists(request),
    )


def _say_taken(request: SignedInRequest, taken: list[Taken]) -> str:
    """Says what became of them; one file that is here already leads to where it is."""
    there = [one.read_in for one in taken if one.was_there]
    new = [one.read_in for one in taken if not one.was_there]
    for read_in in there:
        messages.info(request, _where_it_is(read_in))
    refused = [one for one in new if one.state == ReadIn.State.REFUSED]
    if waiting := len(new) - len(refused):
        messages.success(
            request,
            f"{plural(waiting, 'file is,files are')} here to be read. Nothing is saved "
            "as a meeting before you have checked it.",
        )
    if len(taken) == len(there) == 1 and there[0].state != ReadIn.State.WAITING:
        return there[0].get_absolute_url()
    return f"{reverse('imports')}#files" if waiting else reverse("imports")


def _where_it_is(read_in: ReadIn) -> str:
    match read_in.state:
        case ReadIn.State.SAVED:
            return f"“{read_in.name}” was read in before: this is the meeting it became"
        case ReadIn.State.TO_CHECK:
            return f"“{read_in.name}” was read in before, and is to be checked"
    return f"“{read_in.name}” is here already, and waits to be read"


def _lists(request: SignedInRequest) -> dict[str, Any]:
    """What is on the way and what is done with: one query for each."""
    visible = ReadIn.objects.visible_to(request.user).for_lists()
    state = ReadIn.State
    waiting = list(visible.waiting())
    batch = _batch(request, len(waiting))
    return {
        "waiting": waiting,
        "to_check": list(visible.filter(state=state.TO_CHECK).order_by("at", "id")),
        "done": list(
            visible.filter(state=state.SAVED).order_by("-at", "-id")[: SHOWN + 1]
        ),
        "refused": list(visible.filter(state=state.REFUSED)[: SHOWN + 1]),
        "repeats": list(
            visible.filter(state=state.DROPPED, same_as__isnull=False).select_related(
                "same_as__meeting"
            )[: SHOWN + 1]
        ),
        "shown": SHOWN,
        "read": batch - len(waiting),
        "batch": batch,
    }


def _batch(request: SignedInRequest, waiting: int) -> int:
    """How many files there were to read when this reading began."""
    begun = str(request.POST.get("batch") or request.GET.get("batch") or "")
    return max(int(begun) if begun.isdecimal() and len(begun) < 6 else 0, waiting)


@requires(Permission.READ_IN)
@passive_by_script
@require_POST
def import_read(request: SignedInRequest) -> HttpResponse:
    """Read the next file that waits; the page asks again until none does."""
    waiting = ReadIn.objects.visible_to(request.user).waiting()
    batch = _batch(request, waiting.count())
    if read_in := waiting.select_related("content").first():
        doubts = partial(count_doubts, today=timezone.localdate())
        read_waiting(read_in, reader=read_apart, doubts=doubts)
    return redirect(f"{reverse('imports')}?batch={batch}#files")


def _find(request: SignedInRequest, pk: int) -> ReadIn:
    visible = ReadIn.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("by", "same_as"), pk=pk)


@requires(Permission.READ_IN)
def import_check(request: SignedInRequest, pk: int) -> HttpResponse:
    """The text beside what was understood of it, to be mended and saved."""
    read_in = _find(request, pk)
    if request.method == "POST" and read_in.state in _TOO_LATE:
        return _too_late(request, read_in)
    if read_in.meeting_id:
        return redirect(read_in)
    if read_in.state != ReadIn.State.TO_CHECK:
        return _cannot_be_checked(request, read_in)
    check = _check(request, read_in)
    if request.method != "POST":
        return _render_check(request, read_in, check)
    if request.POST.get("do") != "save":
        return _keep(request, read_in, check)
    return _save(request, read_in, check) or _render_check(request, read_in, check)


def _check(request: SignedInRequest, read_in: ReadIn) -> Check:
    read, known = understood(read_in), Known()
    sent: MultiValueDict[str, Any] | None = None
    if request.method == "POST":
        sent = request.POST
    elif read_in.checked:
        sent = MultiValueDict(read_in.checked)
        sent["version"] = str(read_in.version)
    return Check(
        sent,
        read=read,
        proposal=propose(read, today=timezone.localdate(), known=known),
        known=known,
        version=read_in.version,
        is_quiet=request.POST.get("do") != "save",
    )


def _save(
    request: SignedInRequest, read_in: ReadIn, check: Check
) -> HttpResponse | None:
    def write() -> Meeting:
        version = check.cleaned_data["version"]
        today = timezone.localdate()
        try:
            meeting = save_read_in(
                read_in, check.plan(), by=request.user, version=version, today=today
            )
        except (ChangedMeanwhile, TooLate):
            raise
        except ValidationError as refusal:
            check.take_refusal(refusal)
            raise ValidationError([]) from refusal
        messages.success(
            request,
            f"{meeting} is saved as draft minutes. Read them through, then circulate "
            "them, or record that they were agreed.",
        )
        return meeting

    return saved(request, check, write)


def _keep(request: SignedInRequest, read_in: ReadIn, check: Check) -> HttpResponse:
    """Keep what is typed for later, right or not."""
    later = LaterForm(request.POST)
    adds = request.POST.get("do", "").removeprefix("add-")
    typed = {
        name: [str(value) for value in values]
        for name, values in request.POST.lists()
        if name not in _NOT_TYPED
    }
    for name, count in check.added.items():
        typed[f"added-{name}"] = [str(count)]

    def write() -> str:
        left = len(check.open_doubts)
        version = later.cleaned_data["version"]
        keep_checked(read_in, typed, doubts=left, version=version)
        if adds in check.added:
            row = f"{adds}-{_last_row(check, adds)}"
            return f"{reverse('import_check', args=[read_in.pk])}?open={row}#{row}"
        messages.success(request, f"Kept for later. {_left(left)}")
        return reverse("imports")

    return saved(request, later, write) or _render_check(
        request, read_in, check, refused=[str(e) for e in later.non_field_errors()]
    )


def _last_row(check: Check, name: str) -> int:
    rows: list[Any] = getattr(check, name)
    number = int(rows[-1].part.rpartition("-")[2])
    return number if rows[-1].is_blank else number + 1


def _left(doubts: int) -> str:
    if not doubts:
        return "Nothing is left to check: save the meeting when you are ready."
    return f"{plural(doubts, 'thing is,things are')} left to check."


def _render_check(
    request: SignedInRequest,
    read_in: ReadIn,
    check: Check,
    *,
    refused: Sequence[str] = (),
) -> HttpResponse:
    theirs: list[Theirs] = []
    check.opens = request.GET.get("open", "")
    now = _find(request, read_in.pk) if request.method == "POST" else read_in
    is_stale = (
        request.method == "POST"
        and now.state == ReadIn.State.TO_CHECK
        and str(check["version"].value()) != str(now.version)
    )
    if is_stale:
        theirs = check.compare(MultiValueDict(now.checked))
        check.as_opened(now.version)
    return render(
        request,
        "meetings/import/check.html",
        {
            "form": check,
            "read_in": read_in,
            "is_stale": is_stale,
            "theirs": theirs,
            "problems": [("main-content", said) for said in refused]
            or check.problems(),
            "open_doubts": check.open_doubts,
            "lines": text_lines(check.read, check.proposal),
            "names": sorted(
                {p.name for row in check.known.people.values() for p in row}
            ),
            "trail": [
                ("Home", reverse("home")),
                *trail(),
                ("Read minutes in", reverse("imports")),
            ],
        },
        status=422 if request.method == "POST" else 200,
    )


def _too_late(request: SignedInRequest, read_in: ReadIn) -> HttpResponse:
    """What was typed for a file that somebody else saved or dropped meanwhile; the
    same form sent twice leads to where the first went.
    """
    why = why_too_late(read_in)

    def write() -> str:
        raise TooLate(why)

    return saved(request, LaterForm(request.POST), write) or render(
        request,
        "meetings/import/late.html",
        {
            "read_in": read_in,
            "why": why,
            "typed": list(typed(request.POST)),
            "trail": [
                ("Home", reverse("home")),
                *trail(),
                ("Read minutes in", reverse("imports")),
            ],
        },
        status=422,
    )


def _cannot_be_checked(request: SignedInRequest, read_in: ReadIn) -> HttpResponse:
    if read_in.same_as is not None:
        messages.info(
            request,
            f"“{read_in.name}” has the same words as “{read_in.same_as.name}”, so "
            "there is nothing new to check",
        )
        return redirect(read_in.same_as)
    said = {
        ReadIn.State.WAITING: "waits to be read",
        ReadIn.State.REFUSED: f"could not be read. {read_in.refusal}",
    }.get(ReadIn.State(read_in.state), "was dropped. Hand it in again to go on with it")
    messages.warning(request, f"“{read_in.name}” {said}".rstrip(".") + ".")
    return redirect("imports")


@requires(Permission.READ_IN)
def import_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    read_in = _find(request, pk)
    form = ConfirmForm(request.POST or None)

    def write() -> str:
        drop(read_in)
        messages.success(
            request, f"“{read_in.name}” is dropped. Nothing of it was saved."
        )
        return reverse("imports")

    if read_in.meeting_id:
        return HttpResponseRedirect(read_in.get_absolute_url())
    return saved(request, form, write) or render_form(
        request,
        form,
        title=f"Drop “{read_in.name}”",
        button="Drop this file",
        is_warning=True,
        lead="It comes off the list with what was checked, and no meeting is made "
        "of it. The same file can be handed in again.",
        back=reverse("imports"),
        trail=[*trail(), ("Read minutes in", reverse("imports"))],
    )
