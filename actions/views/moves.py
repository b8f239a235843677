"""The moves of the lifecycle, one page each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from actions.forms import moves as forms
from actions.lifecycle import Move
from actions.models import Action, Update
from actions.operations import replace_action
from actions.reviewing import bring_forward
from actions.tracker import due_in_words
from assurance.calendar import day_in_words
from assurance.forms.base import GovukForm, render_form, saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires


@dataclass(frozen=True)
class Page:
    """How a move looks: its form, what it does, what is said afterwards."""

    form: type[forms.MoveForm]
    make: Callable[[Action, Any, Any], Any]
    done: str
    lead: str = ""
    is_warning: bool = False
    # For an action that is the office's own still: no decision is asked for.
    before_issue: type[forms.MoveForm] | None = None
    template: str = "actions/move.html"


def _decided(name: str) -> Callable[[Action, Any, Any], Any]:
    """Call the action's method of this name with the form's text and decision."""

    def make(action: Action, form: Any, user: Any) -> Any:
        return getattr(action, name)(
            text=form.cleaned_data["text"], by=user, **_decision(form)
        )

    return make


def _decision(form: Any) -> dict[str, Any]:
    """Whose decision it is and where it was taken; none before an action is issued."""
    if isinstance(form, forms.DecisionForm):
        return {"decision": form.decision(), "meeting": form.cleaned_data["meeting"]}
    return {"decision": None}


def _hold(action: Action, form: Any, user: Any) -> Any:
    data = form.cleaned_data
    return action.hold(
        data["text"],
        until=data["until"],
        by=user,
        decision=form.decision(),
        meeting=data["meeting"],
    )


def _redate(action: Action, form: Any, user: Any) -> Any:
    data = form.cleaned_data
    return action.redate(
        form.due(after=data.get("decided_on")), data["text"], by=user, **_decision(form)
    )


def _replace(action: Action, form: Any, user: Any) -> Any:
    return replace_action(
        action,
        form.cleaned_data["replacements"],
        reason=form.cleaned_data["text"],
        by=user,
        decision=form.decision(),
        meeting=form.cleaned_data["meeting"],
    )


def _propose(action: Action, form: Any, user: Any) -> Any:
    data = form.cleaned_data
    return action.propose_closure(
        data["text"], by=user, provided_by=data["provided_by"]
    )


def _take_back(action: Action, form: Any, user: Any) -> Any:
    return action.take_back(form.cleaned_data["text"], by=user)


PAGES: dict[Move, Page] = {
    Move.PROPOSE: Page(
        forms.ProposeForm,
        _propose,
        "Closure proposed. The commissioner decides.",
        "Say what has been done. The action stays with you until the commissioner "
        "has decided.",
    ),
    Move.TAKE_BACK: Page(
        forms.MoveForm, _take_back, "Proposal taken back. The action is open again."
    ),
    Move.CLOSE: Page(forms.CloseForm, _decided("close"), "Action closed."),
    Move.RETURN: Page(
        forms.DecisionForm,
        _decided("return_to_owner"),
        "Action returned to its owner. It is open again.",
        "The owner sees the reason.",
    ),
    Move.REDATE: Page(
        forms.RedateForm,
        _redate,
        "Due date changed.",
        "The first due date is kept, and each change is counted.",
        template="actions/redate.html",
        before_issue=forms.MendDueForm,
    ),
    Move.HOLD: Page(
        forms.HoldForm,
        _hold,
        "Action put on hold.",
        "Until the date you give it is on no list and is not overdue.",
    ),
    Move.RESUME: Page(
        forms.DecisionForm,
        _decided("resume"),
        "Action taken off hold. It is open again.",
    ),
    Move.REPLACE: Page(
        forms.ReplaceForm,
        _replace,
        "Action replaced.",
        "Replace it by one action, or split it into several.",
    ),
    Move.WITHDRAW: Page(
        forms.DecisionForm,
        _decided("withdraw"),
        "Action withdrawn. Its reference will not be used again.",
        is_warning=True,
        before_issue=forms.MoveForm,
    ),
    Move.REOPEN: Page(
        forms.DecisionForm,
        _decided("reopen"),
        "Action reopened.",
        "It keeps its reference and its history.",
    ),
}


def find_action(request: SignedInRequest, year: int, number: int) -> Action:
    """The action of this reference, if the visitor may know of it."""
    return get_object_or_404(
        Action.objects.visible_to(request.user)
        .with_ties()
        .select_related("meeting", "item"),
        year=year,
        number=number,
    )


def trail(action: Action) -> list[tuple[str, str]]:
    return [
        ("Actions", reverse("tracker")),
        (action.reference, action.get_absolute_url()),
    ]


def form_about(
    request: SignedInRequest,
    form: GovukForm,
    action: Action,
    *,
    template: str = "actions/move.html",
    **page: Any,
) -> HttpResponse:
    """The page of a form about one action, with its due and latest word in sight."""
    words = action.updates.visible_to(request.user).filter(
        what__in=[Update.What.UPDATE, Update.What.PROPOSED]
    )
    return render_form(
        request,
        form,
        template=template,
        back=action.get_absolute_url(),
        trail=trail(action),
        action=action,
        **{"due": due_in_words(action), "latest": words.latest_word()} | page,
    )


@requires(Permission.SEND_UPDATE)
def action_move(
    request: SignedInRequest, year: int, number: int, move: str
) -> HttpResponse:
    action = find_action(request, year, number)
    if move not in Move.values:
        raise Http404
    wanted = Move(move)
    if not action.may(request.user, wanted):
        raise PermissionDenied
    page = PAGES[wanted]
    kind = page.form
    if page.before_issue and action.is_offices_own(wanted):
        kind = page.before_issue
    form = kind(request.POST or None, action=action, user=request.user)

    def write() -> Action:
        made = page.make(action, form, request.user)
        done = page.done
        if wanted == Move.REPLACE:
            done = f"Replaced by {', '.join(one.reference for one in made)}."
        messages.success(request, f"{action.reference}: {done}")
        return action

    return saved(request, form, write) or form_about(
        request,
        form,
        action,
        template=page.template,
        title=f"{wanted.label}: {action.reference}",
        button=wanted.label,
        lead=page.lead,
        is_warning=page.is_warning,
        is_possible=action.can(wanted),
    )


@requires(Permission.DECIDE_ACTIONS)
def action_answer(
    request: SignedInRequest, year: int, number: int, pk: int
) -> HttpResponse:
    action = find_action(request, year, number)
    asked = get_object_or_404(
        action.updates.exclude(asks__in=["", Update.Asks.CLOSURE]), pk=pk
    )
    form = forms.AnswerForm(
        request.POST or None,
        action=action,
        user=request.user,
        initial={"accepted": request.GET.get("accept")},
    )

    def write() -> Action:
        accepted = form.cleaned_data["accepted"] == "yes"
        action.answer(
            asked,
            form.cleaned_data["text"],
            accepted=accepted,
            by=request.user,
            decision=form.decision(),
            meeting=form.cleaned_data["meeting"],
        )
        messages.success(
            request,
            f"{action.reference}: request {'accepted' if accepted else 'refused'}.",
        )
        return action

    return saved(request, form, write) or form_about(
        request,
        form,
        action,
        title=f"Answer the request: {action.reference}",
        button="Send the answer",
        asked=asked,
        is_possible=asked.waits_for_answer,
    )


@requires(Permission.DECIDE_ACTIONS)
def action_bring_forward(
    request: SignedInRequest, year: int, number: int
) -> HttpResponse:
    action = find_action(request, year, number)
    form = forms.BringForwardForm(request.POST or None)

    def write() -> Action:
        meeting = form.cleaned_data["meeting"]
        bring_forward(
            action, meeting, because=form.cleaned_data["text"], by=request.user
        )
        messages.success(
            request,
            f"{action.reference} is on the list of the meeting on "
            f"{day_in_words(meeting.date)}.",
        )
        return action

    return saved(request, form, write) or form_about(
        request,
        form,
        action,
        title=f"Bring forward: {action.reference}",
        button="Bring forward",
        lead="It is then on that meeting’s list, and comes back if that meeting does "
        "not get to it.",
        is_possible=action.is_unresolved,
    )
