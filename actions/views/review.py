"""The review of the tracker at a meeting, one action after another."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.views.decorators.http import require_POST

from actions.exports import review_sheet
from actions.flags import Reason
from actions.forms.review import AddForm, ConfirmForm, OutcomeForm
from actions.models import Action, Review
from actions.reasons import shortened, times
from actions.reviewing import (
    ChangedMeanwhile,
    Entry,
    ReviewList,
    bring_forward,
    decision_at,
    finish_review,
    record_review,
    reopen_review,
    review_list,
    take_as_read,
    undo_review,
)
from actions.timeline import read_timeline
from actions.tracker import raised_at
from actions.views.moves import find_action
from assurance.forms.base import render_form, saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires, user_can
from assurance.sheets import FORMATS, respond
from meetings.models import Meeting
from meetings.pages import find_meeting, render_page, trail, warn
from meetings.withholding import worded_for

TEXT_SHOWN = 110


@dataclass(frozen=True)
class Line:
    """One action of the list as a row."""

    entry: Entry
    is_open: bool

    @property
    def action(self) -> Action:
        return self.entry.action

    @property
    def text(self) -> str:
        return shortened(worded_for(self.entry.text, reads_all=True), TEXT_SHOWN)

    @property
    def key(self) -> str:
        """What the button to undo it sends."""
        return _key(self.entry.review) if self.entry.review else ""


@dataclass(frozen=True)
class Group:
    """The rows under one reason."""

    reason: Reason | None
    lines: list[Line]


@requires(Permission.READ_MINUTES)
def meeting_review(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """``?open=2025/03`` opens that action, else the first one not reviewed.

    ``?format=csv`` or ``xlsx`` gives the list as a file. ``?done=``, ``?undone=`` and
    ``?read=`` say what was just recorded.
    """
    meeting = find_meeting(request, pk)
    kind = request.GET.get("format")
    if kind is None:
        return _page(request, meeting)
    if kind not in FORMATS:
        raise Http404
    listed = review_list(meeting, request.user, today=timezone.localdate())
    return respond(review_sheet(listed), kind, f"review-{meeting.date}")


@requires(Permission.DECIDE_ACTIONS)
def review_record(
    request: SignedInRequest, pk: int, year: int, number: int
) -> HttpResponse:
    """Record what was made of one action.

    Only fetched, as when a page with errors is loaded again, it leads to that action.
    """
    meeting = find_meeting(request, pk)
    action = find_action(request, year, number)
    if request.method != "POST":
        return redirect(_address(meeting, open=action.reference))
    form = OutcomeForm(request.POST, action=action)

    def write() -> str:
        _refuse_unless_listed(action, meeting)
        try:
            record_review(
                action,
                meeting,
                by=request.user,
                seen=form.cleaned_data["version"],
                instead_of=_instead_of(request, action, meeting),
                **form.outcome_and_more(),
            )
        except ChangedMeanwhile:
            form.look_again(find_action(request, year, number))
            raise
        return _address(meeting, done=action.reference)

    return saved(request, form, write) or _page(
        request, meeting, opened=action.reference, form=form
    )


def _refuse_unless_listed(action: Action, meeting: Meeting) -> None:
    listed = Action.objects.for_review_at(meeting, today=timezone.localdate())
    is_reviewed = Review.objects.filter(action=action, meeting=meeting).exists()
    if not is_reviewed and not listed.filter(pk=action.pk).exists():
        raise ValidationError(
            f"Action {action.reference} is not on the list of this meeting. Add it to "
            "the list first, with a reason"
        )


def _instead_of(
    request: SignedInRequest, action: Action, meeting: Meeting
) -> Review | None:
    """The outcome that was shown when somebody chose to record theirs instead."""
    recorded = Review.objects.filter(action=action, meeting=meeting).first()
    seen = request.POST.get("instead")
    is_seen = (
        recorded and recorded.recorded_at and recorded.recorded_at.isoformat() == seen
    )
    return recorded if is_seen else None


def _key(review: Review) -> str:
    """This outcome and no other: what was recorded since is not undone unseen."""
    assert review.recorded_at is not None
    return f"{review.action.reference} {review.recorded_at.isoformat()}"


@requires(Permission.DECIDE_ACTIONS)
@require_POST
def review_undo(request: SignedInRequest, pk: int) -> HttpResponse:
    meeting = find_meeting(request, pk)
    review = next(
        (
            review
            for review in Review.objects.filter(meeting=meeting)
            .exclude(outcome=Review.Outcome.WAITING)
            .select_related("action", "meeting")
            if _key(review) == request.POST.get("undo")
        ),
        None,
    )
    if review is None:
        messages.warning(
            request,
            "It was undone or recorded again meanwhile, so nothing was changed. "
            "Look at it again.",
        )
        return redirect(_address(meeting))
    try:
        undo_review(review, by=request.user)
    except ValidationError as refusal:
        warn(request, refusal)
        return redirect(_address(meeting))
    return redirect(_address(meeting, undone=review.action.reference))


@requires(Permission.DECIDE_ACTIONS)
@require_POST
def review_read(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the actions that were ticked as read: noted, all or none."""
    meeting = find_meeting(request, pk)
    # Each as reference and version, "2025/03 4".
    ticked = (value.partition(" ") for value in request.POST.getlist("read"))
    wanted = {reference: version for reference, _, version in ticked}
    listed = review_list(meeting, request.user, today=timezone.localdate())
    actions = [e.action for e in listed.entries if e.action.reference in wanted]
    if not wanted or len(actions) < len(wanted):
        messages.warning(
            request,
            "Tick what is to be taken as read."
            if not wanted
            else "The list has changed, so nothing was recorded. Look at it again.",
        )
        return redirect(_address(meeting))
    seen = {a.pk: _number(wanted[a.reference]) for a in actions}
    try:
        count = take_as_read(actions, meeting, by=request.user, seen=seen)
    except ValidationError as refusal:
        warn(request, refusal)
        return redirect(_address(meeting))
    return redirect(_address(meeting, read=str(count)))


def _number(text: str) -> int:
    """A version as sent, or one that nothing has."""
    return int(text) if text.isdecimal() and len(text) < 10 else -1


@requires(Permission.DECIDE_ACTIONS)
def review_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """Bring any action to this list, with a reason."""
    meeting = find_meeting(request, pk)
    visible = Action.objects.visible_to(request.user)
    wanted = {"reference": request.GET.get("reference", "")[:20]}
    form = AddForm(
        request.POST or None, initial=wanted, visible=visible, meeting=meeting
    )

    def write() -> str:
        action = form.cleaned_data["reference"]
        because = form.cleaned_data["text"]
        bring_forward(action, meeting, because=because, by=request.user)
        return _address(meeting, open=action.reference)

    return saved(request, form, write) or render_form(
        request,
        form,
        title="Add an action to the list",
        button="Add it to the list",
        lead=f"For {meeting}, {localize(meeting.date)}. It is listed under “Brought "
        "forward”.",
        back=_address(meeting),
        trail=trail(meeting, ("Review of actions", _address(meeting))),
    )


@requires(Permission.DECIDE_ACTIONS)
def review_finish(request: SignedInRequest, pk: int) -> HttpResponse:
    meeting = find_meeting(request, pk)
    form = ConfirmForm(request.POST or None)
    today = timezone.localdate()

    def write() -> str:
        left = finish_review(meeting, by=request.user, today=today)
        messages.success(
            request,
            "The review is finished."
            + (
                f" {_actions(left)} not reached: back at the next meeting." * bool(left)
            ),
        )
        return _address(meeting)

    listed = review_list(meeting, request.user, today=today)
    left = len(listed.entries) - listed.reviewed
    return saved(request, form, write) or render_form(
        request,
        form,
        title="Finish the review of actions?",
        button="Finish the review",
        lead=f"{listed.reviewed} of {_actions(len(listed.entries))} reviewed. "
        + (
            f"The other {left} are listed as not reached and come back. "
            if left
            else ""
        )
        + "The list is kept as it is; until the minutes are agreed it may be reopened.",
        back=_address(meeting),
        trail=trail(meeting, ("Review of actions", _address(meeting))),
    )


def _actions(count: int) -> str:
    return "1 action" if count == 1 else f"{count} actions"


@requires(Permission.DECIDE_ACTIONS)
@require_POST
def review_reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    meeting = find_meeting(request, pk)
    try:
        reopen_review(meeting, by=request.user)
        messages.success(
            request, "The review is open again. Finish it when it is done."
        )
    except ValidationError as refusal:
        warn(request, refusal)
    return redirect(_address(meeting))


# The page


def _address(meeting: Meeting, **query: str) -> str:
    return reverse("meeting_review", args=[meeting.pk], query=query or None)


def _page(
    request: SignedInRequest,
    meeting: Meeting,
    *,
    opened: str = "",
    form: OutcomeForm | None = None,
) -> HttpResponse:
    """The whole list with one action open; 422 when its form has errors."""
    today = timezone.localdate()
    listed = review_list(meeting, request.user, today=today)
    records = (
        listed.finished is None
        and meeting.is_editable
        and meeting.has_begun(today=today)
        and user_can(request.user, Permission.DECIDE_ACTIONS)
    )
    entries = listed.entries
    opened = opened or request.GET.get("open", "")
    entry = _to_open(listed, opened, after=request.GET.get("done", ""))
    if entry is None and form is not None:
        # It left the list meanwhile: what was typed is shown all the same.
        action = Action.objects.visible_to(request.user).with_ties().for_rows()
        entry, records = Entry(action.get(pk=form.action.pk), None, (), None), False
        entries = [entry, *entries]
    return render_page(
        request,
        meeting,
        "actions/review.html",
        here="review",
        status=422 if form is not None and form.errors else 200,
        listed=listed,
        total=len(listed.entries),
        records=records,
        has_begun=meeting.has_begun(today=today),
        groups=_groups(entries, entry),
        said=_said(request, listed),
        has_moved=bool({"open", "done", "undone", "read"} & set(request.GET)) or form,
        **_opened(request, meeting, entry, form, records=records),
    )


def _to_open(listed: ReviewList, reference: str, *, after: str) -> Entry | None:
    """The action asked for; else the next one not reviewed, from the top at the end."""
    entries = listed.entries
    if reference:
        return next((e for e in entries if e.action.reference == reference), None)
    if listed.finished:
        return None
    place = next((n for n, e in enumerate(entries) if e.action.reference == after), -1)
    waiting = [*entries[place + 1 :], *entries[: place + 1]]
    return next((e for e in waiting if not e.is_reviewed), None)


def _groups(entries: list[Entry], opened: Entry | None) -> list[Group]:
    groups: list[Group] = []
    for entry in entries:
        if not groups or groups[-1].reason != entry.reason:
            groups.append(Group(entry.reason, []))
        groups[-1].lines.append(Line(entry, is_open=entry is opened))
    return groups


def _said(request: SignedInRequest, listed: ReviewList) -> str:
    """What was just recorded, and how far the review has come."""
    so_far = f"{listed.reviewed} of {len(listed.entries)} reviewed"
    by_reference = {e.action.reference: e for e in listed.entries}
    done = by_reference.get(request.GET.get("done", ""))
    undone = by_reference.get(request.GET.get("undone", ""))
    read = request.GET.get("read", "")
    if done and done.review:
        outcome = done.review.get_outcome_display().lower()
        return f"{done.action.reference} {outcome}, {so_far}."
    if undone:
        return f"{undone.action.reference} is not reviewed any more, {so_far}."
    if read.isdecimal() and len(read) < 5:
        return f"{_actions(int(read))} taken as read, {so_far}."
    return ""


def _opened(
    request: SignedInRequest,
    meeting: Meeting,
    entry: Entry | None,
    form: OutcomeForm | None,
    *,
    records: bool,
) -> dict[str, Any]:
    """What the page shows of the action that is open."""
    if entry is None:
        return {"entry": None}
    action = entry.action
    is_sent = form is not None
    if form is None and records:
        form = OutcomeForm(action=action, anew=entry.is_reviewed)
    timeline = read_timeline(action, request.user)
    entries = [update for update in timeline if not update.office_only]
    return {
        "entry": entry,
        "form": form,
        "decided_by": decision_at(meeting).by,
        "undo_key": _key(entry.review) if entry.review else "",
        "is_conflict": is_sent and entry.is_reviewed,
        "latest": entry.review.latest_then
        if entry.review
        else next((u for u in entries if u.pk == action.last_update_id), None),
        "requests": [u for u in entries if u.waits_for_answer],
        "timeline": entries,
        "due": entry.due,
        "moved": times(action.times_moved),
        "first_due": action.first_due() if action.times_moved else None,
        "raised": raised_at(action, reads_all=True),
    }
