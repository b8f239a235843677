"""Releasing actions to their owners."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse

from actions.forms.action import IssueForm
from actions.models import Action
from actions.operations import issue_actions
from actions.views.moves import find_action
from assurance.forms.base import render_form, saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires


@requires(Permission.EDIT_ACTIONS)
def action_issue(request: SignedInRequest, year: int, number: int) -> HttpResponse:
    action = find_action(request, year, number)
    return _issue(request, Action.objects.filter(pk=action.pk), back=action)


@requires(Permission.EDIT_ACTIONS)
def actions_issue(request: SignedInRequest) -> HttpResponse:
    """Everything not issued yet, of one meeting with ``?meeting=``."""
    waiting = Action.objects.visible_to(request.user)
    if "meeting" in request.GET:
        asked = request.GET["meeting"]
        waiting = waiting.filter(
            meeting_id=int(asked) if asked.isdecimal() and len(asked) < 19 else 0
        )
    return _issue(request, waiting, back=None)


def _issue(
    request: SignedInRequest, actions: object, *, back: Action | None
) -> HttpResponse:
    waiting = (
        actions.unresolved()  # type: ignore[attr-defined]
        .not_issued()
        .prefetch_related("owners__organisation", "owners__person")
        .order_by("year", "number")
    )
    form = IssueForm(request.POST or None, waiting=waiting)
    after = back.get_absolute_url() if back else reverse("tracker")

    def write() -> str:
        count = issue_actions(list(form.cleaned_data["actions"]), by=request.user)
        messages.success(
            request,
            f"{count} {'action' if count == 1 else 'actions'} issued. Liaisons of the "
            "owners see them from now on.",
        )
        return after

    return saved(request, form, write) or render_form(
        request,
        form,
        template="actions/issue.html",
        title="Issue actions",
        button="Issue",
        back=after,
        trail=[("Actions", reverse("tracker"))],
        waiting=waiting,
    )
