"""One change to many actions at once, for the office."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from actions.bulk import Done, bring_all_forward, hand_over, re_date, re_own
from actions.forms import bulk as forms
from actions.forms.moves import DecisionForm
from actions.models import Action
from assurance.forms.base import render_form, saved
from assurance.http import SignedInRequest
from assurance.models import User
from assurance.permissions import Permission, requires

# As many as a page of the tracker shows.
MOST = 50
# Longer ones are forgotten: the address must fit where repeats are recognised.
LONGEST_WAY_BACK = 250


@dataclass(frozen=True)
class Page:
    """How a change of many looks: its form, what it does, what is said afterwards."""

    title: str
    form: Callable[..., Any]
    make: Callable[[Any, User], Done]
    done: str
    lead: str
    template: str


def _change_owners(form: Any, by: User) -> Done:
    return re_own(
        form.cleaned_data["actions"], form.owners(), by=by, seen=form.seen_states()
    )


def _change_due(form: Any, by: User) -> Done:
    data = form.cleaned_data
    decides = isinstance(form, DecisionForm)
    return re_date(
        data["actions"],
        form.due(after=data.get("decided_on")),
        data["text"],
        by=by,
        decision=form.decision() if decides else None,
        meeting=data.get("meeting") if decides else None,
        seen=form.seen_states(),
    )


def _bring_forward(form: Any, by: User) -> Done:
    data = form.cleaned_data
    return bring_all_forward(
        data["actions"], data["meeting"], because=data["text"], by=by
    )


def _due_form(*args: Any, chosen: Any, user: User, **kwargs: Any) -> Any:
    """Before they are issued a due is mended; afterwards somebody decides."""
    kind: Any = forms.BulkMendDueForm
    if any(action.is_issued for action in chosen):
        kind = forms.BulkRedateForm
    return kind(*args, chosen=chosen, user=user, **kwargs)


def _without_user(kind: Any) -> Callable[..., Any]:
    def make(*args: Any, user: User, **kwargs: Any) -> Any:
        return kind(*args, **kwargs)

    return make


OWNERS = Page(
    "Change owners",
    _without_user(forms.BulkOwnersForm),
    _change_owners,
    "has new owners|have new owners",
    "The new owners replace all those they have now.",
    "actions/bulk_owners.html",
)
DUE = Page(
    "Change the due date",
    _due_form,
    _change_due,
    "has a new due date|have a new due date",
    "Each keeps its first due date. The change is counted for those that are issued.",
    "actions/bulk_due.html",
)
BRING_FORWARD = Page(
    "Bring forward",
    _without_user(forms.BulkBringForwardForm),
    _bring_forward,
    "is on the list of that meeting|are on the list of that meeting",
    "They are then on that meeting’s list, and come back if it does not get to them.",
    "form_page.html",
)


@requires(Permission.EDIT_ACTIONS)
def bulk_owners(request: SignedInRequest) -> HttpResponse:
    return _bulk(request, OWNERS)


@requires(Permission.EDIT_ACTIONS)
def bulk_due(request: SignedInRequest) -> HttpResponse:
    return _bulk(request, DUE)


@requires(Permission.EDIT_ACTIONS)
def bulk_bring_forward(request: SignedInRequest) -> HttpResponse:
    return _bulk(request, BRING_FORWARD)


def _bulk(request: SignedInRequest, page: Page) -> HttpResponse:
    """The actions in ``?action=``; those left out of the form stay as they are."""
    back = _way_back(request)
    numbers = set(request.GET.getlist("action"))
    if not 0 < len(numbers) <= MOST:
        messages.warning(
            request,
            f"Choose at most {MOST} actions at a time."
            if numbers
            else f"Tick at least one action first, then press “{page.title}” again.",
        )
        return redirect(back)
    form = page.form(
        request.POST or None, chosen=_chosen(request, numbers), user=request.user
    )

    def write() -> str:
        try:
            done = page.make(form, request.user)
        except ValidationError:
            form.look_again()
            raise
        messages.success(request, _said(done, page))
        return back

    return saved(request, form, write) or render_form(
        request,
        form,
        template=page.template,
        title=page.title,
        button=page.title,
        lead=page.lead,
        back=back,
        trail=[("Actions", reverse("tracker"))],
    )


def _way_back(request: SignedInRequest) -> str:
    """The list the actions were chosen in, with its filters."""
    query = QueryDict(request.GET.get("back", "")[:LONGEST_WAY_BACK]).urlencode()
    if not query or len(query) > LONGEST_WAY_BACK:
        return reverse("tracker")
    return f"{reverse('tracker')}?{query}"


def _chosen(request: SignedInRequest, numbers: set[str]) -> QuerySet[Action]:
    """The actions of these numbers; not found when one of them is nobody's."""
    if not all(number.isdecimal() and len(number) < 19 for number in numbers):
        raise Http404
    found = (
        Action.objects.visible_to(request.user)
        .filter(pk__in=numbers)
        .with_ties()
        .select_related("meeting", "due_meeting", "due_theme", "due_type")
        .prefetch_related("owners__organisation", "owners__person")
        .order_by("year", "number")
    )
    if len(found) != len(numbers):
        raise Http404
    return found


def _said(done: Done, page: Page) -> str:
    one, several = page.done.split("|")
    said = (
        f"1 action {one}."
        if done.changed == 1
        else f"{done.changed} actions {several}."
    )
    if done.already:
        said += f" {done.already} had it so already."
    return said


@requires(Permission.EDIT_ACTIONS)
def actions_hand_over(request: SignedInRequest) -> HttpResponse:
    """All that one colleague leads goes to another; ``?from=`` names the first."""
    form = forms.HandOverForm(
        request.POST or None, initial={"giver": request.GET.get("from")}
    )

    def write() -> str:
        giver, taker = form.cleaned_data["giver"], form.cleaned_data["taker"]
        count = hand_over(giver=giver, taker=taker, by=request.user)
        actions = "1 action" if count == 1 else f"{count} actions"
        messages.success(
            request, f"{actions} handed over from {giver.name} to {taker.name}."
        )
        return reverse("tracker")

    return saved(request, form, write) or render_form(
        request,
        form,
        template="actions/hand_over.html",
        title="Hand over actions",
        button="Hand over",
        back=reverse("tracker"),
        trail=[("Actions", reverse("tracker"))],
    )
