"""Answering for an action: an update, its draft, its correction, what shows it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from actions.answers import (
    Drafts,
    correct_update,
    delete_draft,
    draft_for,
    drafts_of,
    save_draft,
    send_draft,
    send_ready,
    sorted_drafts,
)
from actions.flags import as_at
from actions.forms.answers import AnswerForm, CorrectionForm, SendReadyForm
from actions.models import Action, DraftEvidence, Evidence, Update, UpdateDraft
from actions.reasons import reasons, times
from actions.tracker import due_in_words, next_review
from actions.views.moves import find_action, form_about
from assurance.calendar import day_in_words
from assurance.forms.base import GovukForm, render_form, saved
from assurance.http import SignedInRequest, send_file
from assurance.permissions import Permission, requires
from assurance.templatetags.assurance import plural


def _find_flagged(request: SignedInRequest, year: int, number: int) -> Action:
    """The action with why the next meeting looks at it."""
    today = timezone.localdate()
    return get_object_or_404(
        Action.objects.visible_to(request.user)
        .with_flags(today=today, meeting=next_review(today=today))
        .for_rows(),
        year=year,
        number=number,
    )


@requires(Permission.SEND_UPDATE)
def action_update(request: SignedInRequest, year: int, number: int) -> HttpResponse:
    """Answer for an action: keep a draft of it, or send it.

    ``?asks=closure`` chooses what it asks for, until something else is chosen.
    """
    action = _find_flagged(request, year, number)
    draft = draft_for(action, request.user)
    is_new = draft.pk is None
    initial = {"provided_by": _own_post(request, action)} if is_new else {}
    if is_new and request.GET.get("asks") in Update.Asks.values:
        initial["asks"] = request.GET["asks"]
    form = AnswerForm(
        request.POST or None, request.FILES or None, instance=draft, initial=initial
    )

    def write() -> str:
        save_draft(
            draft,
            save=form.save,
            by=request.user,
            attached=form.attached(),
            removed=form.cleaned_data.get("removed", ()),
        )
        if form.is_sending:
            send_draft(draft, by=request.user)
            messages.success(request, _thanks(request, action))
            return action.get_absolute_url()
        messages.success(request, _kept(draft))
        return reverse("action_update", args=[action.year, action.number])

    if done := saved(request, form, write):
        return done
    if form.is_bound:
        # As it stands, without what could not be saved.
        draft = draft_for(action, request.user)
    return form_about(
        request,
        form,
        action,
        template="actions/answer.html",
        title=f"Update on {action.reference}",
        button="Send to the office"
        if request.user.is_liaison
        else "Record this update",
        draft=draft,
        evidence=form.evidence_choices,
        whose=draft.organisation or "the office",
        is_possible=action.is_unresolved,
        is_shown=action.is_unresolved or form.is_bound or draft.pk,
        **_context(request, action),
    )


def _own_post(request: SignedInRequest, action: Action) -> str:
    """The post that owns the action in this account's organisation, if one does."""
    if not request.user.is_liaison:
        return ""
    posts = [
        owner.post
        for owner in action.owners.all()
        if owner.organisation_id == request.user.organisation_id
    ]
    return next(filter(None, posts), "")


def _context(request: SignedInRequest, action: Action) -> dict[str, object]:
    """What one must know of an action to answer for it."""
    now = timezone.now()
    today = timezone.localdate(now)
    meeting = next_review(today=today)
    wanted = (
        action.update_requests.with_answers(now=now)
        .wanted()
        .select_related("meeting__type", "organisation")
        .order_by("due_at")
    )
    if request.user.is_liaison:
        wanted = wanted.filter(organisation=request.user.organisation)
    words = action.updates.visible_to(request.user).filter(
        what__in=[Update.What.UPDATE, Update.What.PROPOSED, Update.What.RETURNED]
    )
    why = reasons(action, on=as_at(today, meeting), meeting=meeting)
    return {
        "due": due_in_words(action),
        "moved": times(action.times_moved),
        "first_due": action.first_due() if action.times_moved else None,
        "reasons": why if action.reason else [],
        "meeting": meeting,
        "wanted": wanted,
        "latest": words.with_whose().newest_first().first(),
    }


def _thanks(request: SignedInRequest, *actions: Action) -> str:
    """What was done with updates on these, and who sees them now."""
    if len(actions) == 1:
        what, it = f"Update on {actions[0].reference}", "it"
    else:
        what, it = plural(len(actions), "update,updates"), "them"
    if not request.user.is_liaison:
        # What was said before an action was issued stays with the office.
        is_seen = all(action.is_issued for action in actions)
        return f"{what} recorded." + (f" The owners see {it} too." if is_seen else "")
    meeting = next_review(today=timezone.localdate())
    if meeting is None:
        return f"{what} sent. The office sees {it} now."
    day = day_in_words(meeting.date)
    return f"{what} sent. The office will see {it} before the meeting on {day}."


def _kept(draft: UpdateDraft) -> str:
    whose = draft.organisation or "the office"
    said = f"Draft saved. Only {whose} sees it until it is sent."
    if draft.is_ready:
        said += " It is ready: send it here, or with the other drafts that are."
    return said


@requires(Permission.SEND_UPDATE)
def draft_delete(request: SignedInRequest, year: int, number: int) -> HttpResponse:
    action = find_action(request, year, number)
    draft = get_object_or_404(drafts_of(request.user), action=action)
    form = GovukForm(request.POST or None)

    def write() -> str:
        delete_draft(draft)
        messages.success(request, f"The draft on {action.reference} is deleted.")
        return action.get_absolute_url()

    return saved(request, form, write) or form_about(
        request,
        form,
        action,
        title=f"Delete the draft on {action.reference}?",
        button="Delete this draft",
        lead="What was written and the files that were added are gone then. What was "
        "sent stays.",
        is_warning=True,
        is_possible=True,
    )


@requires(Permission.SEND_UPDATE)
def drafts(request: SignedInRequest) -> HttpResponse:
    """The organisation's drafts; those that are ready are sent together."""
    found = sorted_drafts(request.user)
    form = SendReadyForm(
        request.POST or None, ready=drafts_of(request.user).filter(is_ready=True)
    )

    def write() -> str:
        sent = send_ready(list(form.cleaned_data["drafts"]), by=request.user)
        messages.success(request, _thanks(request, *(one.action for one in sent)))
        return reverse("home" if len(sent) == len(found.ready) else "drafts")

    return saved(request, form, write) or render_form(
        request,
        form,
        template="actions/drafts.html",
        title="Drafts of updates",
        button="Send the ticked drafts",
        trail=[("Actions", reverse("tracker"))],
        drafts=found,
        ticked=_ticked(found, form),
        whose=request.user.organisation if request.user.is_liaison else "the office",
    )


def _ticked(found: Drafts, form: SendReadyForm) -> set[int]:
    """What was ticked; to begin with all that can be sent."""
    if not form.is_bound:
        return {one.draft.pk for one in found.ready if not one.refusal}
    sent = form["drafts"].value() or []
    return {one.draft.pk for one in found.ready if str(one.draft.pk) in sent}


@requires(Permission.SEND_UPDATE)
def update_correct(
    request: SignedInRequest, year: int, number: int, pk: int
) -> HttpResponse:
    """Say better what one's organisation sent; the old words stay, folded."""
    action = find_action(request, year, number)
    words = action.updates.visible_to(request.user).filter(
        what__in=[Update.What.UPDATE, Update.What.PROPOSED]
    )
    old = get_object_or_404(words.with_whose(), pk=pk)
    if not old.is_word_of(request.user):
        raise PermissionDenied
    form = CorrectionForm(request.POST or None, request.FILES or None, old=old)
    is_possible = action.is_unresolved and not old.is_corrected

    def write() -> Action:
        correct_update(
            old,
            form.cleaned_data["text"],
            by=request.user,
            provided_by=form.cleaned_data["provided_by"],
            asked_due_on=form.cleaned_data.get("asked_due_on"),
            kept=form.cleaned_data.get("kept", ()),
            attached=form.attached(),
        )
        messages.success(request, f"Update on {action.reference} corrected.")
        return action

    return saved(request, form, write) or form_about(
        request,
        form,
        action,
        template="actions/correct.html",
        title=f"Correct an update on {action.reference}",
        button="Send the correction" if is_possible else "",
        old=old,
        is_possible=is_possible,
    )


@requires(Permission.LIST_ACTIONS)
def evidence_file(
    request: SignedInRequest, year: int, number: int, pk: int
) -> FileResponse:
    """A file that came with an update this account may read."""
    action = find_action(request, year, number)
    shown = Evidence.objects.exclude(file=None).select_related("file")
    updates = action.updates.visible_to(request.user)
    evidence = get_object_or_404(shown, update__in=updates, pk=pk)
    assert evidence.file
    return send_file(evidence.file)


@requires(Permission.SEND_UPDATE)
def draft_evidence_file(
    request: SignedInRequest, year: int, number: int, pk: int
) -> FileResponse:
    """A file in a draft of this account's own organisation."""
    action = find_action(request, year, number)
    shown = DraftEvidence.objects.exclude(file=None).select_related("file")
    mine = drafts_of(request.user).filter(action=action)
    evidence = get_object_or_404(shown, draft__in=mine, pk=pk)
    assert evidence.file
    return send_file(evidence.file)
