"""Amending agreed minutes: who, when and why is printed in them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify

from actions.amending import (
    NOTHING_KEPT,
    AmendedMeanwhile,
    action_in,
    amend_action,
    amend_facts,
    amend_item,
)
from assurance.forms.base import saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires
from meetings.forms.amending import AmendActionForm, AmendFactsForm, AmendItemForm
from meetings.models import Meeting, MinutesVersion
from meetings.pages import find_meeting, render_meeting_form
from meetings.record import Record, from_json
from meetings.versions import agreed_version


def _agreed(request: SignedInRequest, pk: int) -> tuple[Meeting, MinutesVersion | None]:
    meeting = find_meeting(request, pk)
    if meeting.state != Meeting.State.AGREED:
        return meeting, None
    return meeting, agreed_version(meeting)


def _not_agreed(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    why = "Only agreed minutes are amended. These can still be edited"
    if meeting.state == Meeting.State.AGREED:
        why = NOTHING_KEPT
    messages.warning(request, f"{why}.")
    return redirect(meeting)


def _say(request: SignedInRequest, version: MinutesVersion) -> None:
    messages.success(
        request,
        f"Minutes amended. {version.what}. They say who amended them, when and why.",
    )


def _page(
    request: SignedInRequest, meeting: Meeting, form: Any, **context: Any
) -> HttpResponse:
    minutes = reverse("minutes", args=[meeting.pk])
    return render_meeting_form(
        request,
        meeting,
        form,
        button="Amend the minutes",
        above=(("Minutes", minutes),),
        **context,
    )


@requires(Permission.EDIT_MEETINGS)
def meeting_amend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where and when the meeting was, and who was there."""
    meeting, version = _agreed(request, pk)
    if version is None:
        return _not_agreed(request, meeting)
    record = from_json(version.content)
    form = AmendFactsForm(request.POST or None, record=record, number=version.number)
    back = reverse("minutes", args=[pk])

    def write() -> str:
        try:
            made = amend_facts(
                meeting,
                changes=form.changes,
                seats=form.seats,
                why=form.cleaned_data["why"],
                by=request.user,
                made_from=form.cleaned_data["made_from"],
            )
        except AmendedMeanwhile as refusal:
            theirs = form.values_of(from_json(refusal.version.content))
            form.show_theirs(
                theirs, number=refusal.version.number, by=refusal.version.by.name
            )
            raise
        _say(request, made)
        return back

    return saved(request, form, write) or _page(
        request,
        meeting,
        form,
        title="Amend the heading or the attendance",
        back=back,
        template="meetings/amend_facts.html",
    )


@requires(Permission.EDIT_MEETINGS)
def meeting_amend_item(
    request: SignedInRequest, pk: int, item_key: int
) -> HttpResponse:
    """One item: its heading, what was said and decided, and whether it is withheld."""
    meeting, version = _agreed(request, pk)
    if version is None:
        return _not_agreed(request, meeting)
    record: Record = from_json(version.content)
    item = record.item(item_key)
    if item is None:
        raise Http404
    form = AmendItemForm(request.POST or None, item=item, number=version.number)
    back = f"{reverse('minutes', args=[pk])}#item-{item_key}"

    def write() -> str:
        try:
            made = amend_item(
                meeting,
                item_key,
                changes=form.changes,
                why=form.cleaned_data["why"],
                by=request.user,
                made_from=form.cleaned_data["made_from"],
            )
        except AmendedMeanwhile as refusal:
            now = from_json(refusal.version.content).item(item_key)
            assert now is not None  # amendments take nothing out
            form.show_theirs(
                form.values_of(now),
                number=refusal.version.number,
                by=refusal.version.by.name,
            )
            raise
        _say(request, made)
        return back

    return saved(request, form, write) or _page(
        request,
        meeting,
        form,
        title=f"Amend {item.numbered_heading}",
        back=back,
        lead="The minutes keep what was agreed, and say that this was amended, by "
        "whom, when and why.",
    )


@requires(Permission.EDIT_MEETINGS)
def meeting_amend_action(
    request: SignedInRequest, pk: int, year: int, number: int
) -> HttpResponse:
    """One action as the minutes word it, and whether it is withheld."""
    meeting, version = _agreed(request, pk)
    if version is None:
        return _not_agreed(request, meeting)
    reference = f"{year}/{number:02d}"
    line = action_in(from_json(version.content), reference)
    if line is None:
        raise Http404
    form = AmendActionForm(request.POST or None, line=line, number=version.number)
    back = f"{reverse('minutes', args=[pk])}#action-{slugify(reference)}"

    def write() -> str:
        try:
            made = amend_action(
                meeting,
                reference,
                changes=form.changes,
                why=form.cleaned_data["why"],
                by=request.user,
                made_from=form.cleaned_data["made_from"],
            )
        except AmendedMeanwhile as refusal:
            now = action_in(from_json(refusal.version.content), reference)
            assert now is not None  # amendments take nothing out
            form.show_theirs(
                form.values_of(now),
                number=refusal.version.number,
                by=refusal.version.by.name,
            )
            raise
        _say(request, made)
        return back

    return saved(request, form, write) or _page(
        request,
        meeting,
        form,
        title=f"Amend action {reference}",
        back=back,
        lead="The minutes keep what was agreed, and say that this was amended, by "
        "whom, when and why. Its owners and its due date are changed on its own page.",
    )
