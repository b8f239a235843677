"""Asking for updates before a meeting, and seeing who answered."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from actions.asking import (
    ask_for_updates,
    choice,
    progress,
    what_was_asked,
    why_not,
)
from actions.forms.asking import AskForm
from actions.models import Action
from assurance.calendar import moment_in_words
from assurance.forms.base import saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires, user_can
from assurance.templatetags.assurance import plural
from meetings.pages import find_meeting, render_page


@requires(Permission.READ_ALL_ACTIONS, post=Permission.EDIT_ACTIONS)
def meeting_updates(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was asked of whom for a meeting; staff choose what else to ask."""
    meeting = find_meeting(request, pk)
    now = timezone.now()
    form = AskForm(
        request.POST or None, actions=Action.objects.visible_to(request.user)
    )

    def write() -> str:
        pairs = form.cleaned_data["asks"]
        new = ask_for_updates(meeting, pairs, by=request.user)
        asked = plural(new, "update is,updates are")
        before = plural(len(pairs) - new, "was asked for already.,were already.")
        messages.success(
            request,
            f"{asked} asked for by {moment_in_words(meeting.force_deadline)}. "
            + (f"{before} " if len(pairs) > new else "")
            + "Liaisons see it when they sign in. Copy the text below to send it by "
            "e-mail too.",
        )
        return reverse("meeting_updates", args=[meeting.pk])

    if done := saved(request, form, write):
        return done
    refusal = why_not(meeting, now=now)
    may_ask = user_can(request.user, Permission.EDIT_ACTIONS) and not refusal
    everything = request.GET.get("show") == "all"
    offered = (
        choice(
            meeting,
            request.user,
            today=timezone.localdate(now),
            everything=everything,
        )
        if may_ask
        else None
    )
    if offered and not form.is_bound:
        form.initial["asks"] = offered.to_begin_with()
    return render_page(
        request,
        meeting,
        "actions/asking.html",
        here="updates",
        form=form,
        ticked=set(form["asks"].value() or []),
        offered=offered,
        everything=everything,
        refusal=refusal,
        deadline=moment_in_words(meeting.force_deadline),
        progress=progress(meeting, now=now),
        asked_of=what_was_asked(
            meeting,
            request.user,
            now=now,
            site=request.build_absolute_uri("/").rstrip("/"),
        ),
        status=422 if form.errors else 200,
    )
