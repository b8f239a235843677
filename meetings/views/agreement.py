"""Sending a draft round, and agreeing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from actions.agreement import agree, chair_of, circulate_minutes, next_draft
from actions.doubts import doubts, doubts_before_agreeing
from actions.draft_copies import copy_for_attendees, shown, since_draft
from actions.recipients import who_is_told
from actions.record import gather
from actions.since_draft import (
    Change,
    changes_since,
    minutes_to_agree,
    next_draft_of,
)
from assurance.forms.base import saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires
from assurance.templatetags.assurance import plural
from meetings.drafts import readers_of, stays_inside
from meetings.forms.agreement import AgreeForm, CirculateForm
from meetings.models import Agreement, Meeting, MinutesVersion
from meetings.pages import find_meeting, render_meeting_form, render_page
from meetings.publication import without_changes
from meetings.reading import read
from meetings.record import Record, from_json
from meetings.versions import latest_draft


def _changes(draft: MinutesVersion | None, now: Record) -> list[Change]:
    return changes_since(from_json(draft.content), now) if draft else []


@requires(Permission.EDIT_MEETINGS)
def meeting_circulate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Says first what goes to whom, and what looks unfinished."""
    meeting = find_meeting(request, pk)
    if request.method == "GET" and (away := _not_to_circulate(request, meeting)):
        return away
    number = next_draft(meeting)
    form = CirculateForm(request.POST or None, initial={"number": number})

    def write() -> Meeting:
        sent = form.cleaned_data["number"]
        issued = circulate_minutes(meeting, by=request.user, number=sent)
        went = plural(issued, "action was issued to its owners,actions were issued")
        messages.success(
            request,
            f"Draft {sent} went round: who was there and has an account can read it "
            f"and comment. {went if issued else 'No action was issued'}.",
        )
        return meeting

    if done := saved(request, form, write):
        return done
    actions = list(meeting.actions.not_issued().unresolved().for_rows())
    draft, now = minutes_to_agree(meeting, request.user)
    return render_meeting_form(
        request,
        meeting,
        form,
        title=f"Circulate draft {number} of these minutes",
        button=f"Circulate draft {number}",
        back=meeting.get_absolute_url(),
        template="meetings/circulate.html",
        number=number,
        draft=draft,
        changes=_changes(draft, now),
        readers=readers_of(meeting),
        stays_inside=stays_inside(now).in_words,
        actions=actions,
        told=who_is_told(actions),
        doubts=doubts(meeting, gather(meeting, request.user)),
    )


def _not_to_circulate(
    request: SignedInRequest, meeting: Meeting
) -> HttpResponse | None:
    if meeting.can_become(Meeting.State.CIRCULATED):
        return None
    messages.warning(
        request, f"{meeting.how_it_stands}, so its minutes cannot be circulated."
    )
    return redirect(meeting)


@requires(Permission.EDIT_MEETINGS)
def circulate_preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """Exactly the copy that those get who were there, before it goes round."""
    meeting = find_meeting(request, pk)
    if away := _not_to_circulate(request, meeting):
        return away
    record, before = next_draft_of(meeting, request.user), latest_draft(meeting)
    copy = copy_for_attendees(record, meeting)
    return render_page(
        request,
        meeting,
        "meetings/circulate_preview.html",
        here="minutes",
        number=next_draft(meeting),
        reading=read(copy.record),
        left_out=copy.left_out,
        since=since_draft(before, record, reads_all=False) if before else None,
    )


@requires(Permission.AGREE_MINUTES)
def meeting_agree(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows first what looks unfinished and what changed since the draft.

    ``?at=12`` is the meeting at which they are agreed.
    """
    meeting = find_meeting(request, pk)
    if request.method == "GET" and meeting.state != Meeting.State.CIRCULATED:
        messages.warning(
            request, f"{meeting.how_it_stands}, so there is no draft to agree."
        )
        return redirect(meeting)
    draft, now = minutes_to_agree(meeting, request.user)
    made = _changes(draft, now)
    form = AgreeForm(
        request.POST or None,
        meeting=meeting,
        made=made,
        doubts=doubts_before_agreeing(meeting, request.user, record=now),
    )
    form.initial = _as_it_usually_is(request, meeting, form)

    def write() -> Meeting:
        fields = form.cleaned_data
        agreement = agree(
            meeting,
            by=request.user,
            how=fields["how"],
            agreed_by=fields["agreed_by"],
            agreed_on=fields["agreed_on"],
            at_meeting=fields["at_meeting"],
            changes=fields["changes"],
            overruled=form.overruled,
            seen=fields["seen"],
        )
        messages.success(
            request,
            f"{without_changes(agreement.in_words).rstrip('.')}. Nothing in these "
            "minutes changes any more, except by an amendment.",
        )
        return meeting

    if done := saved(request, form, write):
        return done
    if form.is_bound:
        form.say_seen(made)
    return render_meeting_form(
        request,
        meeting,
        form,
        title="Agree these minutes",
        button="Agree these minutes",
        back=meeting.get_absolute_url(),
        template="meetings/agree.html",
        draft=draft,
        changes=shown(made),
        not_issued=meeting.actions.not_issued().unresolved().count(),
    )


def _as_it_usually_is(
    request: SignedInRequest, meeting: Meeting, form: AgreeForm
) -> dict[str, Any]:
    """Nothing is chosen beforehand, as it cannot be undone, unless somebody comes from
    the meeting they are agreed at.
    """
    held: Any = form.fields["at_meeting"]
    asked = request.GET.get("at", "")
    wanted = int(asked) if asked.isdecimal() and len(asked) < 19 else None
    found = {one.pk: one for one in held.queryset}
    return {
        "how": Agreement.How.MEETING if wanted in found else "",
        "agreed_by": chair_of(meeting),
        "agreed_on": timezone.localdate(),
        "at_meeting": found.get(wanted or meeting.next_meeting_id),
    }
