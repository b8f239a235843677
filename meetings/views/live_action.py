"""An action beside the notes, changed where it stands."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse

from actions.forms.action import ChangeActionForm
from actions.lifecycle import Status
from actions.models import Action
from actions.operations import edit_action
from assurance.forms.base import saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires
from meetings.desk import Desk
from meetings.notes import marks
from meetings.operations import lock_editable
from meetings.pages import find_item, frozen, render_meeting_form


def _is_unsettled(action: Action) -> bool:
    """Nobody was told of it, so all of it may be changed without a reason."""
    return action.status == Status.OPEN and not action.is_issued


@requires(Permission.EDIT_ACTIONS)
def minutes_action(
    request: SignedInRequest, pk: int, item_pk: int, action_pk: int
) -> HttpResponse:
    """Wording, owners and due of an action nobody was told of yet, in one form.

    A whole page; beside the notes only the form, and then the cards as they are now.
    Once it is issued its due is moved by a decision, with a reason.
    """
    item = find_item(request, pk, item_pk)
    meeting = item.meeting
    rows = Action.objects.visible_to(request.user).select_related("meeting")
    action = get_object_or_404(rows, pk=action_pk, item=item)
    if refused := frozen(request, meeting):
        return refused
    full = f"{reverse('action_edit', args=[action.year, action.number])}?from=minutes"
    if request.method != "POST" and not _is_unsettled(action):
        return redirect(full)
    back = f"{reverse('minutes', args=[meeting.pk])}?item={item.pk}"
    form = ChangeActionForm(request.POST or None, instance=action, auto_id="change_%s")
    is_beside = request.headers.get("HX-Request") == "true"

    def write() -> str:
        lock_editable(meeting)
        due = form.due()
        edit_action(
            action,
            save=form.save,
            by=request.user,
            owners=form.owners(),
            changed=form.changed_labels(),
        )
        if not _is_unsettled(action):
            raise ValidationError(
                "It was issued or settled while you were writing, so its due needs a "
                f"reason now. Change it on the page of action {action.reference}"
            )
        if due != action.due:
            action.redate(due, "", by=request.user, decision=None)
        if not is_beside:
            desk = Desk(meeting, item, request.user)
            messages.success(request, desk.said_of(action.reference, "saved"))
        return f"{back}#actions"

    answer = saved(request, form, write)
    if answer is not None:
        if not is_beside:
            return answer
        desk = Desk(meeting, item, request.user)
        context = {
            "desk": desk,
            "meeting": meeting,
            "current": item,
            "marked": marks(item.notes),
        }
        cards = render_to_string("meetings/_live_actions.html", context, request)
        said = desk.said_of(action.reference, "saved")
        return JsonResponse({"cards": cards, "said": said})
    return render_meeting_form(
        request,
        meeting,
        form,
        template=f"meetings/{'_live_change' if is_beside else 'change_action'}.html",
        title=f"Change action {action.reference}",
        button="Save",
        back=f"{back}#actions",
        above=(("Minutes", back),),
        full=full,
        here_url=request.path,
    )
