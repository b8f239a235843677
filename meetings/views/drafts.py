"""The draft that goes round, and what is said of it."""

import datetime as dt
from collections import defaultdict

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from actions.draft_copies import Copy, copy_for_attendees, draft_before, since_draft
from assurance.calendar import day_in_words
from assurance.forms.base import render_form, saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires, user_can
from meetings.comments import (
    AnsweredMeanwhile,
    answer,
    comment,
    comments_for,
    comments_to_answer,
    unanswered_first,
)
from meetings.documents.minutes import minutes_document
from meetings.documents.response import download
from meetings.drafts import may_comment_on
from meetings.forms.agreement import AnswerForm, CommentForm
from meetings.models import Attendee, Comment, Meeting, MinutesVersion
from meetings.pages import find_meeting, render_meeting_form, render_page, trail
from meetings.reading import Reading, ReadItem, read
from meetings.record import Record, from_json
from meetings.versions import latest_draft

ON_A_PAGE = 25


def _find_draft(
    request: SignedInRequest, pk: int
) -> tuple[Meeting, MinutesVersion, Copy]:
    """The draft that went round last."""
    meeting = find_meeting(request, pk)
    version = latest_draft(meeting)
    if version is None or not _may_read(request, meeting):
        raise Http404
    return meeting, version, _copy_of(request, version)


def _copy_of(request: SignedInRequest, version: MinutesVersion) -> Copy:
    record = from_json(version.content)
    if user_can(request.user, Permission.READ_MINUTES):
        return Copy(record)
    return copy_for_attendees(record, version.meeting)


def _may_read(request: SignedInRequest, meeting: Meeting) -> bool:
    if user_can(request.user, Permission.READ_MINUTES):
        return True
    return Meeting.objects.drafts_to_read(request.user).filter(pk=meeting.pk).exists()


@requires(Permission.COMMENT_DRAFT)
def draft(request: SignedInRequest, pk: int) -> HttpResponse:
    """The draft, with the comments under each item and the form for another.

    ``?format=pdf`` or ``docx`` is the copy that this account reads, as a file; with
    ``&copy=attendees`` the office gets the one for those who were there.
    """
    reads_all = user_can(request.user, Permission.READ_MINUTES)
    if reads_all and latest_draft(find_meeting(request, pk)) is None:
        messages.warning(
            request, "No draft is kept. These are the minutes as they are."
        )
        return redirect(f"{reverse('minutes', args=[pk])}?view=read")
    meeting, version, copy = _find_draft(request, pk)
    if "format" in request.GET:
        return _download(request, version, copy)
    found = list(comments_for(request.user, meeting))
    by_item: dict[int | None, list[Comment]] = defaultdict(list)
    for one in found:
        if one.version_id == version.pk:
            by_item[one.item_id].append(one)
    may_comment = meeting.state == Meeting.State.CIRCULATED
    reading, before = read(copy.record), draft_before(version)
    return render_page(
        request,
        meeting,
        "meetings/draft.html",
        here="minutes",
        version=version,
        reading=reading,
        reads_all=reads_all,
        left_out=copy.left_out,
        since=since_draft(before, from_json(version.content), reads_all=reads_all)
        if before
        else None,
        comments=by_item,
        earlier=_on_earlier(
            request, [one for one in found if one.version_id != version.pk]
        ),
        forms=_forms(request, reading, version) if may_comment else {},
        on_the_whole=_form(version) if may_comment else None,
        under_item="meetings/_comments_on_item.html",
        unanswered=sum(not one.outcome for one in found),
    )


def _download(
    request: SignedInRequest, version: MinutesVersion, copy: Copy
) -> HttpResponse:
    """Of those who read all, only who asks for it gets what others get."""
    reads_all = user_can(request.user, Permission.READ_MINUTES)
    is_theirs = not reads_all or request.GET.get("copy") == "attendees"
    if is_theirs:
        copy = copy_for_attendees(from_json(version.content), version.meeting)
    state = f"Draft {version.number}, circulated {day_in_words(_day_of(version))}"
    if copy.left_out:
        state += f". Left out of this copy: {', '.join(copy.left_out)}"
    return download(
        minutes_document(
            copy.record,
            state=state,
            on=_day_of(version),
            foot=f"Draft {version.number}",
        ),
        file_format=request.GET["format"],
        name=f"minutes-{version.held_on}-draft-{version.number}"
        + ("-copy" if is_theirs else ""),
    )


def _day_of(version: MinutesVersion) -> dt.date:
    return timezone.localdate(version.at)


def _on_earlier(
    request: SignedInRequest, comments: list[Comment]
) -> list[tuple[Comment, str]]:
    """Comments on drafts before this one, with what each calls the item, as far as this
    account may read it.
    """
    drafts = MinutesVersion.objects.filter(pk__in={one.version_id for one in comments})
    records = {
        draft.pk: _copy_of(request, draft).record
        for draft in drafts.select_related("meeting__type")
    }
    found = []
    for one in comments:
        item = records[one.version_id].item(one.item_id) if one.item_id else None
        left_out = f"item {item.number}".strip() if item else ""
        found.append((one, item.heading or left_out if item else ""))
    return found


def _forms(
    request: SignedInRequest, reading: Reading, version: MinutesVersion
) -> dict[int, CommentForm]:
    return {
        laid.item.key: _form(version, laid.item.key)
        for laid in reading.items
        if may_comment_on(laid.item, reading.record, request.user)
    }


def _form(
    version: MinutesVersion, key: int | None = None, data: object = None
) -> CommentForm:
    """Several are on one page, so each has a name of its own."""
    return CommentForm(
        data,
        prefix=f"item-{key}" if key else "whole",
        initial={"draft": version.number},
    )


@requires(Permission.COMMENT_DRAFT)
def draft_comment(
    request: SignedInRequest, pk: int, item_key: int | None = None
) -> HttpResponse:
    """A comment on one item of the draft, or on the whole."""
    try:
        meeting, version, copy = _find_draft(request, pk)
    except Http404:
        if request.method == "POST" and _read_a_draft_once(request, pk):
            return _too_late(request)
        raise
    record, item = copy.record, None
    if item_key is not None:
        item = record.item(item_key)
        if item is None or not may_comment_on(item, record, request.user):
            raise Http404
    form = _form(version, item_key, request.POST or None)
    back = reverse("draft", args=[pk])
    place = f"#item-{item_key}" if item_key else "#comments"

    def write() -> str:
        drafts = meeting.versions.drafts()
        was_read = drafts.filter(number=form.cleaned_data["draft"]).first()
        if was_read is None:
            raise ValidationError("Open the draft again: this one is not known")
        comment(was_read, by=request.user, text=form.cleaned_data["text"], key=item_key)
        messages.success(
            request,
            "Comment saved. The office answers it before the minutes are agreed.",
        )
        return f"{back}{place}"

    if done := saved(request, form, write):
        return done
    if form.is_bound:
        # Sending it again is said of the draft that is shown now.
        form.say_read(version.number)
    return render_meeting_form(
        request,
        meeting,
        form,
        title=f"Comment on {item.numbered_heading}" if item else "Comment on the whole",
        button="Send this comment",
        back=f"{back}{place}",
        template="meetings/comment.html",
        above=((f"Draft {version.number}", back),),
        read=_item_of(record, item_key),
    )


def _read_a_draft_once(request: SignedInRequest, pk: int) -> bool:
    """Whether this account was there, so that it had a copy while one went round."""
    seats = Attendee.objects.filter(meeting=pk, person__user=request.user)
    was_there = seats.filter(attendance__in=Attendee.WAS_THERE)
    drafts = MinutesVersion.objects.drafts().filter(meeting=pk)
    return was_there.exists() and drafts.exists()


def _too_late(request: SignedInRequest) -> HttpResponse:
    """The draft no longer goes round: give back what was written of it."""
    sent = (value for name, value in request.POST.items() if name.endswith("-text"))
    return render(
        request,
        "meetings/comment_too_late.html",
        {"typed": next(sent, ""), "trail": [("Home", reverse("home")), *trail()]},
        status=409,
    )


def _item_of(record: Record, key: int | None) -> ReadItem | None:
    found = (one for one in read(record).items if one.item.key == key)
    return next(found, None)


@requires(Permission.READ_MINUTES)
def comments(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything said of the drafts of a meeting, what waits for an answer first."""
    meeting = find_meeting(request, pk)
    found = unanswered_first(comments_for(request.user, meeting))
    return render_page(
        request,
        meeting,
        "meetings/comments.html",
        here="minutes",
        page=Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
        waiting=found.filter(outcome="").count(),
        draft=latest_draft(meeting),
    )


@requires(Permission.EDIT_MEETINGS)
def comments_waiting(request: SignedInRequest) -> HttpResponse:
    """What waits for an answer, of all meetings whose drafts can still be changed."""
    found = comments_to_answer()
    return render(
        request,
        "meetings/comments_waiting.html",
        {
            "page": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
            "found": found.count(),
            "trail": [("Home", reverse("home")), *trail()],
        },
    )


@requires(Permission.EDIT_MEETINGS)
def comment_answer(request: SignedInRequest, pk: int, comment_pk: int) -> HttpResponse:
    """Changed or not, and why."""
    meeting = find_meeting(request, pk)
    found = get_object_or_404(comments_for(request.user, meeting), pk=comment_pk)
    back = reverse("comments", args=[pk])
    form = AnswerForm(request.POST or None, comment=found)

    def write() -> str:
        try:
            answer(
                found,
                outcome=form.cleaned_data["outcome"],
                text=form.cleaned_data["answer"],
                by=request.user,
                seen=form.cleaned_data["seen"],
            )
        except AnsweredMeanwhile as refusal:
            form.show_theirs(refusal.comment)
            raise
        messages.success(request, f"Answer saved. {found.author.name} can read it.")
        return f"{back}#comment-{found.pk}"

    if not meeting.is_editable and request.method == "GET":
        messages.warning(request, "The minutes are agreed, so nothing is answered.")
        return redirect(back)
    return saved(request, form, write) or render_form(
        request,
        form,
        title="Answer a comment",
        button="Save this answer",
        back=back,
        trail=trail(meeting, ("Comments", back)),
        template="meetings/comment_answer.html",
        meeting=meeting,
        comment=found,
    )
