"""The list of meetings, one meeting and what may be done with it as a whole."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from actions.asking import follow_deadline, progress
from actions.models import Action
from actions.operations import cancel_meeting, reschedule_meeting
from actions.publishing import standing_of
from assurance.forms.base import render_form, saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires, user_can
from assurance.templatetags.assurance import plural
from meetings.forms.meeting import (
    CancelForm,
    ChooseTypeForm,
    ConfirmForm,
    FindMeetingsForm,
    LinkNextForm,
    MeetingForm,
    NewMeetingForm,
    NextMeetingForm,
    RescheduleForm,
)
from meetings.models import Agreement, Attendee, Comment, Meeting, MeetingType
from meetings.operations import (
    confirm_next_meeting,
    invite_as_at,
    last_of_type,
    lock_editable,
    start_agenda,
)
from meetings.pages import (
    find_meeting,
    frozen,
    render_meeting_form,
    render_page,
    trail,
    warn,
)
from meetings.record import Amendment, from_json
from meetings.standing import standings
from meetings.versions import agreed_version

PAST_ON_A_PAGE = 25


@requires(Permission.LIST_MEETINGS)
def meeting_list(request: SignedInRequest) -> HttpResponse:
    """Planned ones earliest first, past ones latest first and paged."""
    today = timezone.localdate()
    visible = Meeting.objects.visible_to(request.user)
    form = FindMeetingsForm(
        request.GET,
        meetings=visible,
        by_content=user_can(request.user, Permission.READ_MINUTES),
    )
    form.is_valid()
    rows = visible.select_related("type").prefetch_related("themes")
    found = form.apply(rows, today=today)
    planned = list(found.upcoming(today=today))
    past = Paginator(found.past(today=today), PAST_ON_A_PAGE)
    page = past.get_page(request.GET.get("page"))
    reads_all = user_can(request.user, Permission.READ_MINUTES)
    return render(
        request,
        "meetings/list.html",
        {
            "form": form,
            "is_filtering": form.is_filtering,
            "planned": planned,
            "page": page,
            "standings": standings(list(page)) if reads_all else {},
            "found": len(planned) + past.count,
            "total": visible.count() if form.is_filtering else 0,
            "trail": [("Home", reverse("home"))],
        },
        status=422 if form.errors else 200,
    )


@requires(Permission.LIST_MEETINGS)
def meeting(request: SignedInRequest, pk: int) -> HttpResponse:
    """The overview; for a liaison only what the force needs to know."""
    meeting = find_meeting(request, pk)
    if not user_can(request.user, Permission.READ_MINUTES):
        return _meeting_for_liaison(request, meeting)
    today = timezone.localdate()
    people = meeting.attendance()
    actions = Action.objects.visible_to(request.user).filter(meeting=meeting)
    return render_page(
        request,
        meeting,
        "meetings/meeting.html",
        here="meeting",
        themes=meeting.themes.all(),
        items=meeting.agenda(),
        people=people,
        invited=[a for a in people if a.attendance == Attendee.Attendance.INVITED],
        chairs=[a for a in people if a.role == Attendee.Role.CHAIR],
        minute_takers=[a for a in people if a.role == Attendee.Role.MINUTE_TAKER],
        actions_raised=actions.count(),
        not_issued=_to_issue(meeting).count(),
        due_here=_due_at(meeting).visible_to(request.user).count(),
        is_late=meeting.was_not_recorded(today=today),
        day_has_come=meeting.date <= today,
        following=_following(meeting),
        updates=progress(meeting, now=timezone.now())
        if meeting.type.reviews_tracker
        else None,
        came_from=meeting.confirmed_at.select_related("type").in_order().first(),
        agreement=Agreement.objects.filter(meeting=meeting)
        .select_related("at_meeting", "recorded_by")
        .first(),
        draft=meeting.versions.drafts().without_content().latest_first().first(),
        amendments=_amendments(meeting),
        unanswered=Comment.objects.filter(version__meeting=meeting, outcome="").count(),
        standing=standing_of(meeting),
    )


def _amendments(meeting: Meeting) -> tuple[Amendment, ...]:
    if meeting.state != Meeting.State.AGREED:
        return ()
    agreed = agreed_version(meeting)
    return from_json(agreed.content).amendments if agreed else ()


def _meeting_for_liaison(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    asked = []
    if meeting.agenda_sent_at and meeting.is_live:
        asked = [
            item
            for item in meeting.agenda()
            if item.asked_of_force and not item.restricted
        ]
    due = _due_at(meeting).visible_to(request.user).for_rows()
    return render_page(
        request,
        meeting,
        "meetings/meeting_liaison.html",
        here="meeting",
        asked=asked,
        actions=due.newest_first(),
    )


def _due_at(meeting: Meeting) -> Any:
    """The unresolved actions due at this meeting, by name or as the next of a kind."""
    return Action.objects.unresolved().with_ties().filter(due_at_id=meeting.pk)


def _to_issue(meeting: Meeting) -> Any:
    return meeting.actions.not_issued().unresolved()


def _following(meeting: Meeting) -> Meeting | None:
    if meeting.next_meeting_id is None:
        return None
    return Meeting.objects.select_related("type").get(pk=meeting.next_meeting_id)


# A new one


@requires(Permission.EDIT_MEETINGS)
def meeting_new(request: SignedInRequest) -> HttpResponse:
    """The type first, by its address; then the form with the type's usual values."""
    if request.method == "POST":
        form = NewMeetingForm(request.POST)
    else:
        choice = ChooseTypeForm(request.GET or None)
        if not choice.is_valid():
            return _choose_type(request, choice)
        form = NewMeetingForm(initial=_usual(choice.cleaned_data["type"]))

    def write() -> Meeting:
        meeting = form.save()
        start_agenda(meeting)
        source = last_of_type(meeting) if form.cleaned_data["people"] else None
        invited = invite_as_at(source, meeting) if source else 0
        messages.success(request, f"Meeting saved. {_started_with(meeting, invited)}")
        return meeting

    return saved(request, form, write) or render_form(
        request,
        form,
        title="New meeting",
        button="Save this meeting",
        back=reverse("meetings"),
        trail=trail(),
    )


def _choose_type(request: SignedInRequest, choice: ChooseTypeForm) -> HttpResponse:
    return render(
        request,
        "meetings/choose_type.html",
        {
            "form": choice,
            "has_types": MeetingType.objects.filter(is_active=True).exists(),
            "trail": [("Home", reverse("home")), *trail()],
        },
        status=422 if choice.errors else 200,
    )


def _usual(type_: MeetingType) -> dict[str, Any]:
    return {
        "type": type_,
        "venue": type_.usual_venue,
        "start": type_.usual_start,
        "end": type_.usual_end,
    }


def _started_with(meeting: Meeting, invited: int) -> str:
    items = plural(meeting.agenda_items.count(), "item,items")
    people = plural(invited, "person is invited,people are invited")
    return f"Its agenda has {items} and {people}: check both next."


# What changes it


@requires(Permission.EDIT_MEETINGS)
def meeting_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    meeting = find_meeting(request, pk)
    if refused := frozen(request, meeting):
        return refused
    form = MeetingForm(request.POST or None, instance=find_meeting(request, pk))

    def write() -> Meeting:
        lock_editable(meeting)
        saved_now = form.save()
        moved = follow_deadline(saved_now, by=request.user)
        follow = plural(
            moved,
            "update asked for it is due by its new deadline.,"
            "updates asked for it are due by its new deadline.",
        )
        messages.success(request, f"Meeting saved. {follow if moved else ''}".strip())
        return meeting

    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        title="Edit this meeting",
        button="Save this meeting",
        back=meeting.get_absolute_url(),
        lead="To change the date, give the meeting another date instead: what is due "
        "at it then follows."
        if meeting.is_live
        else "",
    )


@requires(Permission.EDIT_MEETINGS)
def meeting_reschedule(request: SignedInRequest, pk: int) -> HttpResponse:
    """Says first how many actions are due at the meeting, and so move with it."""
    meeting = find_meeting(request, pk)
    if not meeting.is_live and request.method == "GET":
        messages.warning(
            request, f"{meeting.how_it_stands}, so it cannot be given another date."
        )
        return redirect(meeting)
    form = RescheduleForm(request.POST or None, instance=find_meeting(request, pk))

    def write() -> Meeting:
        form.save(commit=False)  # refuses what somebody else changed meanwhile
        times = form.cleaned_data
        moved = reschedule_meeting(
            Meeting.objects.get(pk=pk),
            date=times["date"],
            start=times["start"],
            end=times["end"],
            by=request.user,
        )
        follow = plural(moved, "action due at it follows.,actions due at it follow.")
        messages.success(
            request,
            f"Meeting moved to {date_format(times['date'])}. {follow if moved else ''}",
        )
        return meeting

    due_here = _due_at(meeting).count()
    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        title="Give this meeting another date",
        button="Change the date",
        back=meeting.get_absolute_url(),
        lead=_due_here_in_words(due_here, "It follows.", "They follow."),
    )


@requires(Permission.EDIT_MEETINGS)
def meeting_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Says first how many actions then wait for another meeting."""
    meeting = find_meeting(request, pk)
    if not meeting.can_become(Meeting.State.CANCELLED) and request.method == "GET":
        messages.warning(
            request, f"{meeting.how_it_stands}, so it cannot be cancelled."
        )
        return redirect(meeting)
    if request.method == "GET" and Action.objects.filter(meeting=meeting).exists():
        messages.warning(
            request,
            "Actions were raised at this meeting, so it was held and cannot be "
            "cancelled.",
        )
        return redirect(meeting)
    form = CancelForm(request.POST or None)

    def write() -> Meeting:
        waiting = cancel_meeting(
            find_meeting(request, pk),
            because=form.cleaned_data["because"],
            by=request.user,
        )
        wait = plural(
            waiting,
            "action that was due at it waits for another.,"
            "actions that were due at it wait for another.",
        )
        messages.success(request, f"Meeting cancelled. {wait if waiting else ''}")
        return meeting

    due_here = _due_at(meeting).count()
    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        title="Cancel this meeting",
        button="Cancel this meeting",
        is_warning=True,
        back="",
        template="meetings/cancel.html",
        lead=_due_here_in_words(
            due_here, "It will wait for another.", "They will wait for another."
        ),
    )


def _due_here_in_words(count: int, one: str, many: str) -> str:
    if not count:
        return "No action is due at this meeting."
    due = plural(count, "action is due,actions are due")
    return f"{due} at this meeting. {one if count == 1 else many}"


@requires(Permission.EDIT_MEETINGS)
@require_POST
def meeting_state(request: SignedInRequest, pk: int) -> HttpResponse:
    """Start, finish, and the way back from each: one button each."""
    meeting = find_meeting(request, pk)
    steps = {
        "start": (
            Meeting.start_minutes,
            "minutes",
            "The meeting has started. Write its notes here, item by item.",
        ),
        "finish": (
            Meeting.finish,
            "meeting",
            "The meeting is over. Its minutes are a draft: read them, then circulate "
            "them.",
        ),
        "reopen": (Meeting.reopen_notes, "minutes", "The notes are open again."),
        "undo-start": (
            Meeting.undo_start,
            "meeting",
            "The meeting is planned again. Nothing that was written is lost.",
        ),
        "take-back": (
            Meeting.take_back_draft,
            "meeting",
            "The minutes are a draft again. Actions that were issued stay issued.",
        ),
    }
    if request.POST.get("move") not in steps:
        messages.warning(request, "Choose what to do with this meeting.")
        return redirect(meeting)
    step, name, done = steps[request.POST["move"]]
    try:
        step(meeting)
    except ValidationError as refusal:
        warn(request, refusal)
        return redirect(meeting)
    messages.success(request, done)
    return redirect(name, pk)


@requires(Permission.EDIT_MEETINGS)
@require_POST
def meeting_agenda_sent(request: SignedInRequest, pk: int) -> HttpResponse:
    meeting = find_meeting(request, pk)
    if not meeting.is_live:
        messages.warning(
            request, f"{meeting.how_it_stands}, so its agenda is not sent any more."
        )
        return redirect(meeting)
    meeting.mark_agenda_sent(at=timezone.now())
    messages.success(
        request,
        "Agenda marked as sent. Liaisons now see what is asked of the force.",
    )
    return redirect(meeting)


# The next meeting


@requires(Permission.EDIT_MEETINGS)
def next_meeting(request: SignedInRequest, pk: int) -> HttpResponse:
    """Confirm the next meeting: one that is planned, or a new one."""
    meeting = find_meeting(request, pk)
    if refused := frozen(request, meeting):
        return refused
    what = request.POST.get("what")
    link = LinkNextForm(
        request.POST if what == "link" else None, meeting=meeting, prefix="link"
    )
    new = NextMeetingForm(
        request.POST if what == "new" else None,
        prefix="new",
        initial=_usual(meeting.type),
    )
    remove = ConfirmForm(request.POST if what == "remove" else None, prefix="remove")

    def say(following: Meeting, invited: int) -> None:
        people = plural(invited, "person is invited to it,people are invited to it")
        messages.success(
            request,
            f"Next meeting confirmed: {following}, {date_format(following.date)}. "
            + (f"{people}." if invited else ""),
        )

    def write_link() -> Meeting:
        following = link.cleaned_data["next_meeting"]
        confirm_next_meeting(meeting, following)
        say(following, 0)
        return meeting

    def write_new() -> Meeting:
        following = new.save()
        start_agenda(following)
        confirm_next_meeting(meeting, following)
        people = new.cleaned_data["people"]
        say(following, invite_as_at(meeting, following) if people else 0)
        return meeting

    def write_none() -> Meeting:
        confirm_next_meeting(meeting, None)
        messages.success(request, "No next meeting is confirmed in these minutes now.")
        return meeting

    form = {"link": link, "remove": remove}.get(what or "", new)
    write = {"link": write_link, "remove": write_none}.get(what or "", write_new)
    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        title="Confirm the next meeting",
        button="Plan this meeting",
        back=meeting.get_absolute_url(),
        template="meetings/next_meeting.html",
        link=link,
        new=new,
        remove=remove,
        following=_following(meeting),
    )
