"""One action: its page, writing it down, changing it, a note of the office."""

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from actions.answers import drafts_of
from actions.flags import as_at
from actions.forms.action import (
    EditActionForm,
    NewActionForm,
    NoteForm,
)
from actions.lifecycle import Status
from actions.models import Action
from actions.operations import edit_action, raise_action
from actions.reasons import days_in_words, reasons, times
from actions.timeline import read_timeline
from actions.tracker import due_in_words, next_review, raised_at, tags
from actions.views.moves import find_action, form_about, trail
from assurance.forms.base import render_form, saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires, user_can
from meetings.models import AgendaItem, Meeting


@requires(Permission.LIST_ACTIONS)
def action_page(request: SignedInRequest, year: int, number: int) -> HttpResponse:
    """One action with everything that happened to it, newest first."""
    today = timezone.localdate()
    meeting = next_review(today=today)
    action = get_object_or_404(
        Action.objects.visible_to(request.user)
        .with_flags(today=today, meeting=meeting)
        .for_rows()
        .select_related("office_lead", "replaces", "item__theme"),
        year=year,
        number=number,
    )
    timeline = read_timeline(action, request.user)
    people_only = request.GET.get("show") == "people"
    return render(
        request,
        "actions/action.html",
        {
            "action": action,
            "trail": [("Home", reverse("home")), ("Actions", reverse("tracker"))],
            "tags": tags(action),
            "due": due_in_words(action),
            "moved": times(action.times_moved),
            "days_late": days_in_words(today, action.due_date),
            "theme": _theme(action),
            "first_due": action.first_due() if action.times_moved else None,
            "raised": raised_at(
                action, reads_all=user_can(request.user, Permission.READ_MINUTES)
            ),
            "reasons": reasons(
                action,
                on=as_at(today, meeting),
                meeting=meeting,
            )
            if action.reason
            else [],
            "meeting": meeting,
            "moves": action.moves_for(request.user),
            "timeline": [u for u in timeline if u.is_by_people or not people_only],
            "people_only": people_only,
            "requests": [u for u in timeline if u.waits_for_answer],
            "successors": action.replaced_by.visible_to(request.user).exclude(
                status=Status.WITHDRAWN
            ),
            "following": _following(action, request, today, meeting),
            "may_update": action.is_unresolved
            and user_can(request.user, Permission.SEND_UPDATE),
            "draft": drafts_of(request.user)
            .filter(action=action)
            .select_related("changed_by")
            .first(),
        },
    )


def _following(
    action: Action, request: SignedInRequest, today: dt.date, meeting: Meeting | None
) -> Action | None:
    """For who decides: the action that comes after this one on the list for review."""
    if not user_can(request.user, Permission.DECIDE_ACTIONS):
        return None
    listed = list(
        Action.objects.visible_to(request.user)
        .for_review_at(meeting, today=today)
        .only("year", "number")
    )
    place = listed.index(action) if action in listed else -1
    rest = [*listed[place + 1 :], *listed[: max(place, 0)]]
    return next(iter(rest), None)


def _theme(action: Action) -> str:
    """The theme of its item, else those of its meeting."""
    if action.item and action.item.theme and not action.item.restricted:
        return action.item.theme.name
    if action.meeting:
        return ", ".join(theme.name for theme in action.meeting.themes.all())
    return ""


@requires(Permission.EDIT_ACTIONS)
def action_new(request: SignedInRequest) -> HttpResponse:
    """Write an action down: at the agenda item in ``?item=``, or from elsewhere."""
    item = None
    if "item" in request.GET:
        item = (
            AgendaItem.objects.filter(
                meeting__in=Meeting.objects.visible_to(request.user)
            )
            .select_related("meeting__type")
            .filter(pk=_number(request.GET["item"]))
            .first()
        )
    is_gone = item is None and "item" in request.GET
    if is_gone and request.method != "POST":
        raise Http404
    form = NewActionForm(request.POST or None, item=item)
    if is_gone:
        form.add_error(
            None,
            "The agenda item was deleted while you were writing, so nothing was saved. "
            "Copy your text to another item, or say here where the action comes from",
        )
    back = (
        f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}" if item else ""
    )

    def write() -> str:
        action = raise_action(
            by=request.user,
            text=form.cleaned_data["text"],
            due=form.due(),
            owners=form.owners(),
            **form.raised(),
            **form.details(),
        )
        messages.success(
            request,
            f"Action {action.reference} added. Its owners see it once it is issued.",
        )
        return back or action.get_absolute_url()

    return saved(request, form, write) or render_form(
        request,
        form,
        template="actions/action_form.html",
        title="Add an action",
        button="Add this action",
        back=back or reverse("tracker"),
        trail=[(str(item.meeting), item.meeting.get_absolute_url())]
        if item
        else [("Actions", reverse("tracker"))],
        item=item,
    )


def _number(text: str) -> int:
    """A number from a query, or one that nothing has."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


@requires(Permission.EDIT_ACTIONS)
def action_edit(request: SignedInRequest, year: int, number: int) -> HttpResponse:
    action = find_action(request, year, number)
    form = EditActionForm(request.POST or None, instance=action)
    # Mended while the minutes are written: back to where the writer was.
    back = (
        f"{reverse('minutes', args=[action.meeting_id])}?item={action.item_id}"
        if request.GET.get("from") == "minutes" and action.item_id
        else action.get_absolute_url()
    )

    def write() -> str:
        edit_action(
            action,
            save=form.save,
            by=request.user,
            owners=form.owners(),
            changed=form.changed_labels(),
        )
        messages.success(request, f"Action {action.reference} saved.")
        return back

    return saved(request, form, write) or render_form(
        request,
        form,
        template="actions/action_form.html",
        title=f"Edit action {action.reference}",
        button="Save",
        back=back,
        trail=trail(action),
        item=action.item,
        action=action,
    )


@requires(Permission.READ_ALL_ACTIONS)
def action_note(request: SignedInRequest, year: int, number: int) -> HttpResponse:
    action = find_action(request, year, number)
    form = NoteForm(request.POST or None)

    def write() -> Action:
        action.add_note(form.cleaned_data["text"], by=request.user)
        messages.success(request, f"Note on {action.reference} saved.")
        return action

    return saved(request, form, write) or form_about(
        request,
        form,
        action,
        title=f"Office note: {action.reference}",
        button="Save the note",
        is_possible=True,
    )
