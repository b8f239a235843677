"""Amending agreed minutes: who, when and why, and from what to what, is printed."""

from collections.abc import Callable
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

_LEAD = (
    "The minutes keep what was agreed, and say that this was amended, from what to "
    "what, by whom, when and why."
)


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
        f"Minutes amended. {version.what}. They say who amended them, when and why, "
        "and from what to what.",
    )


def _answer(
    request: SignedInRequest,
    meeting: Meeting,
    form: Any,
    *,
    amend: Callable[..., MinutesVersion],
    values_now: Callable[[Record], dict[str, Any]],
    back: str,
    **context: Any,
) -> HttpResponse:
    """The form, or what it says is written and leads ``back``. Where somebody amended
    the minutes meanwhile it shows what theirs say, which ``values_now`` reads.
    """

    def write() -> str:
        try:
            made = amend(
                why=form.cleaned_data["why"],
                by=request.user,
                made_from=form.cleaned_data["made_from"],
            )
        except AmendedMeanwhile as refusal:
            theirs = refusal.version
            values = values_now(from_json(theirs.content))
            form.show_theirs(values, number=theirs.number, by=theirs.by.name)
            raise
        _say(request, made)
        return back

    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        button="Amend the minutes",
        above=(("Minutes", reverse("minutes", args=[meeting.pk])),),
        back=back,
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

    def amend(**how: Any) -> MinutesVersion:
        return amend_facts(
            meeting, changes=form.changes, seats=form.seats, added=form.added, **how
        )

    return _answer(
        request,
        meeting,
        form,
        amend=amend,
        values_now=form.values_of,
        title="Amend the heading or the attendance",
        back=reverse("minutes", args=[pk]),
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
    item = from_json(version.content).item(item_key)
    if item is None:
        raise Http404
    form = AmendItemForm(request.POST or None, item=item, number=version.number)
    back = f"{reverse('minutes', args=[pk])}#item-{item_key}"

    def amend(**how: Any) -> MinutesVersion:
        return amend_item(meeting, item_key, changes=form.changes, **how)

    def values_now(record: Record) -> dict[str, Any]:
        now = record.item(item_key)
        assert now is not None  # amendments take nothing out
        return form.values_of(now)

    return _answer(
        request,
        meeting,
        form,
        amend=amend,
        values_now=values_now,
        title=f"Amend {item.numbered_heading}",
        back=back,
        lead=_LEAD,
    )


@requires(Permission.EDIT_MEETINGS)
def meeting_amend_action(
    request: SignedInRequest, pk: int, year: int, number: int
) -> HttpResponse:
    """One action as the minutes print it, and whether it is withheld."""
    meeting, version = _agreed(request, pk)
    if version is None:
        return _not_agreed(request, meeting)
    reference = f"{year}/{number:02d}"
    line = action_in(from_json(version.content), reference)
    if line is None:
        raise Http404
    form = AmendActionForm(request.POST or None, line=line, number=version.number)
    back = f"{reverse('minutes', args=[pk])}#action-{slugify(reference)}"

    def amend(**how: Any) -> MinutesVersion:
        return amend_action(meeting, reference, changes=form.changes, **how)

    def values_now(record: Record) -> dict[str, Any]:
        now = action_in(record, reference)
        assert now is not None  # amendments take nothing out
        return form.values_of(now)

    return _answer(
        request,
        meeting,
        form,
        amend=amend,
        values_now=values_now,
        title=f"Amend action {reference}",
        back=back,
        lead=_LEAD,
        reference=reference,
        template="meetings/amend_action.html",
    )
