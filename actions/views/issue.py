"""Releasing actions to their owners: first shown who is told what, then at once."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse

from actions.forms.issuing import IssueForm
from actions.models import Action
from actions.models.queryset import ActionQuerySet
from actions.operations import issue_actions
from actions.recipients import who_is_told
from actions.views.moves import find_action
from assurance.forms.base import render_form, saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires
from assurance.templatetags.assurance import plural
from meetings.models import Meeting

# In the session: what somebody left out when they issued others.
LEFT_OUT = "actions_left_out"


@requires(Permission.EDIT_ACTIONS)
def action_issue(request: SignedInRequest, year: int, number: int) -> HttpResponse:
    action = find_action(request, year, number)
    actions = Action.objects.visible_to(request.user).filter(pk=action.pk)
    return _issue(request, actions, after=action.get_absolute_url(), is_one=True)


@requires(Permission.EDIT_ACTIONS)
def actions_issue(request: SignedInRequest) -> HttpResponse:
    """Everything not issued yet; of one meeting with ``?meeting=``, then its note."""
    actions = Action.objects.visible_to(request.user)
    if "meeting" not in request.GET:
        return _issue(request, actions, after=reverse("tracker"))
    asked = request.GET["meeting"]
    meeting = (
        Meeting.objects.visible_to(request.user)
        .select_related("type")
        .filter(pk=int(asked) if asked.isdecimal() and len(asked) < 19 else 0)
        .first()
    )
    after = reverse("tracker")
    if meeting:
        after = reverse("meeting_action_note", args=[meeting.pk])
    return _issue(
        request, actions.filter(meeting=meeting), after=after, meeting=meeting
    )


def _issue(
    request: SignedInRequest,
    actions: ActionQuerySet,
    *,
    after: str,
    meeting: Meeting | None = None,
    is_one: bool = False,
) -> HttpResponse:
    """Tick what waits, but for what was left out before: the Back button shows the
    page anew, and pressing again must not issue that.
    """
    form = IssueForm(request.POST or None, actions=actions)

    def write() -> str:
        count = issue_actions(
            form.cleaned_data["actions"], by=request.user, as_read=form.as_read
        )
        if not is_one:
            left = actions.unresolved().not_issued().values_list("pk", flat=True)
            request.session[LEFT_OUT] = list(left)
        issued = plural(count, "action,actions")
        messages.success(
            request,
            f"{issued} issued. Liaisons of the owners see them from now on."
            + (" This note can go round." if meeting else ""),
        )
        return after

    if done := saved(request, form, write):
        return done
    waiting = list(
        actions.unresolved().not_issued().for_rows().order_by("year", "number")
    )
    ids = {action.pk for action in waiting}
    left_out = set() if is_one else ids & set(request.session.get(LEFT_OUT, []))
    back = meeting.get_absolute_url() if meeting else after
    above = (str(meeting), back) if meeting else ("Actions", reverse("tracker"))
    return render_form(
        request,
        form,
        template="actions/issue.html",
        title=f"Issue actions of {meeting}" if meeting else "Issue actions",
        button="Issue these actions" if waiting else "",
        back=back,
        trail=[above],
        waiting=waiting,
        ticked=form.ticked() if form.is_bound else ids - left_out,
        left_out=left_out,
        told=who_is_told(waiting),
    )
