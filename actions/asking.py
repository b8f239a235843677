"""Asking organisations for word on their actions before a meeting.

West Mercia asks for updates seven days before the meeting, by 9am. What was asked is
kept, so that afterwards nobody need wonder who was asked, when, and who answered.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from actions.changes import last_review_held
from actions.models import Action, Update, UpdateRequest
from actions.reasons import days_in_words
from actions.recipients import liaisons
from actions.tracker import Row, Tag, due_in_words, rows
from assurance.calendar import day_in_words, moment_in_words
from assurance.models import Organisation, User
from meetings.models import Meeting
from meetings.withholding import worded_for

Pair = tuple[Action, Organisation]


def why_not(meeting: Meeting, *, now: dt.datetime) -> str:
    """Why nothing can be asked for this meeting now; blank when it can."""
    if meeting.state == Meeting.State.CANCELLED:
        return "This meeting is cancelled, so no updates are wanted for it"
    if not meeting.type.reviews_tracker:
        return (
            "This type of meeting does not review the action tracker, so no updates "
            "are asked for it"
        )
    if not meeting.is_live or meeting.date < timezone.localdate(now):
        return "The day of this meeting has passed, so no more updates are asked for it"
    if meeting.force_deadline <= now:
        return (
            f"The deadline, {moment_in_words(meeting.force_deadline)}, has passed. To "
            "ask for more, give the meeting a later deadline first"
        )
    return ""


# Asking


@transaction.atomic
def ask_for_updates(
    meeting: Meeting,
    pairs: Sequence[Pair],
    *,
    by: User,
    at: dt.datetime | None = None,
) -> int:
    """Ask each organisation for word on its action, all of them or none.

    What was asked before is not asked again; says how many are new. Refuses when
    something changed meanwhile, so that nobody is asked what they cannot answer.
    """
    now = at or timezone.now()
    meeting = Meeting.objects.locked().select_related("type").get(pk=meeting.pk)
    if refused := why_not(meeting, now=now):
        raise ValidationError(refused)
    _refuse_what_cannot_be_asked(pairs)
    asked = set(meeting.update_requests.values_list("action", "organisation"))
    new = {
        (action.pk, organisation.pk): UpdateRequest(
            meeting=meeting,
            action=action,
            organisation=organisation,
            asked_at=now,
            asked_by=by,
            due_at=meeting.force_deadline,
        )
        for action, organisation in pairs
        if (action.pk, organisation.pk) not in asked
    }
    if not new:
        raise ValidationError(
            "All of these were asked for already. Nothing was asked twice"
        )
    bulk_create_with_history(list(new.values()), UpdateRequest, default_user=by)
    return len(new)


def _refuse_what_cannot_be_asked(pairs: Sequence[Pair]) -> None:
    now = (
        Action.objects.filter(pk__in=[action.pk for action, _ in pairs])
        .prefetch_related("owners__organisation")
        .in_bulk()
    )
    refused = []
    for chosen, organisation in pairs:
        action = now[chosen.pk]
        reference = f"Action {action.reference}"
        if not action.is_unresolved:
            status = action.get_status_display().lower()
            refused.append(f"{reference} is {status} now")
        elif not action.is_issued:
            refused.append(f"{reference} is not issued, so its owners do not know it")
        elif organisation not in _asked_of(action):
            refused.append(f"{reference} is not owned by {organisation} now")
    if refused:
        raise ValidationError(
            [f"{sentence}. Nobody was asked anything" for sentence in refused]
        )


def _asked_of(action: Action) -> list[Organisation]:
    """Its owners' organisations but the office, which need not ask itself."""
    found: list[Organisation] = []
    for owner in action.owners.all():
        organisation = owner.organisation
        is_office = organisation.kind == Organisation.Kind.OFFICE
        if not is_office and organisation not in found:
            found.append(organisation)
    return found


def follow_deadline(meeting: Meeting, *, by: User) -> int:
    """What was asked for a meeting is due when its updates are; says how many moved."""
    if not meeting.is_live:
        return 0
    moved = list(meeting.update_requests.exclude(due_at=meeting.force_deadline))
    for request in moved:
        request.due_at = meeting.force_deadline
    if moved:
        bulk_update_with_history(moved, UpdateRequest, ["due_at"], default_user=by)
    return len(moved)


# What may be asked


@dataclass(frozen=True)
class Candidate:
    """An action that an organisation may be asked about."""

    key: str  # what its check box sends
    row: Row
    is_chosen: bool  # ticked to begin with


@dataclass(frozen=True)
class Group:
    organisation: Organisation
    candidates: list[Candidate]


@dataclass(frozen=True)
class Impossible:
    """An action on the list that nobody can be asked about, and why."""

    row: Row
    why: str


@dataclass(frozen=True)
class Choice:
    """What staff choose from; what was asked already is not in it."""

    groups: list[Group]
    impossible: list[Impossible]

    def to_begin_with(self) -> list[str]:
        """The keys of what is ticked before anybody chose."""
        return [
            candidate.key
            for group in self.groups
            for candidate in group.candidates
            if candidate.is_chosen
        ]


def choice(
    meeting: Meeting, user: Any, *, today: dt.date, everything: bool = False
) -> Choice:
    """The flagged list of a meeting by organisation, most urgent first.

    With ``everything`` all unresolved actions that are issued. Ticked to begin with is
    what no organisation sent word on since the last meeting.
    """
    actions = Action.objects.visible_to(user)
    if everything:
        found = (
            actions.unresolved()
            .issued()
            .with_flags(today=today, meeting=meeting)
            .most_urgent_first()
        )
    else:
        found = actions.for_review_at(meeting, today=today)
    listed = list(found.for_rows())
    asked = set(meeting.update_requests.values_list("action", "organisation"))
    heard = _heard_since_last(meeting, listed)
    groups: dict[int, Group] = {}
    impossible = []
    for action, row in zip(
        listed,
        rows(listed, user=user, today=today, meeting=meeting),
        strict=True,
    ):
        if why := _why_impossible(action):
            impossible.append(Impossible(row, why))
            continue
        for organisation in _asked_of(action):
            pair = (action.pk, organisation.pk)
            if pair in asked:
                continue
            group = groups.setdefault(organisation.pk, Group(organisation, []))
            group.candidates.append(
                Candidate(
                    f"{action.pk}-{organisation.pk}",
                    row,
                    is_chosen=action.reason is not None and pair not in heard,
                )
            )
    return Choice(
        sorted(groups.values(), key=lambda group: group.organisation.name), impossible
    )


def _why_impossible(action: Action) -> str:
    if not action.is_issued:
        return "It is not issued, so its owners do not know of it"
    if not action.owners.all():
        return "It has no owner"
    if not _asked_of(action):
        return "The office itself owns it"
    return ""


def _heard_since_last(
    meeting: Meeting, actions: Iterable[Action]
) -> set[tuple[int, int | None]]:
    """Action and organisation of each word sent since the meeting before this one."""
    last = last_review_held(before=meeting.date)
    words = Update.objects.filter(
        action__in=[action.pk for action in actions],
        what__in=[Update.What.UPDATE, Update.What.PROPOSED],
    )
    if last:
        words = words.filter(at__date__gte=last.date)
    return {
        (action, organisation or of_author)
        for action, organisation, of_author in words.values_list(
            "action", "organisation", "author__organisation"
        )
    }


# What was asked


@dataclass(frozen=True)
class Progress:
    """How far the answers have come. What is not wanted any more is not counted."""

    asked: int = 0
    answered: int = 0
    answered_late: int = 0  # of those answered
    late: int = 0  # not answered, though due
    waiting: int = 0  # not answered, and there is time
    dropped: int = 0

    @property
    def in_words(self) -> str:
        """ "1 answered late, 2 not answered and late, 3 not answered yet"."""
        parts = [
            (self.answered_late, "answered late"),
            (self.late, "not answered and late"),
            (self.waiting, "not answered yet"),
            (self.dropped, "no longer wanted"),
        ]
        return ", ".join(f"{count} {words}" for count, words in parts if count)


def _progress(requests: Iterable[UpdateRequest]) -> Progress:
    found = list(requests)
    answered = [one for one in found if one.is_answered]
    late = sum(one.is_late for one in found if not one.is_answered)
    dropped = sum(one.is_dropped for one in found)
    asked = len(found) - dropped
    return Progress(
        asked=asked,
        answered=len(answered),
        answered_late=sum(one.is_late for one in answered),
        late=late,
        waiting=asked - len(answered) - late,
        dropped=dropped,
    )


def progress(meeting: Meeting, *, now: dt.datetime) -> Progress:
    """In one query."""
    return _progress(meeting.update_requests.with_answers(now=now))


@dataclass(frozen=True)
class Asked:
    """One request as the page shows it."""

    action: Action
    row: Row
    asked: str
    tag: Tag
    note: str
    is_wanted: bool


@dataclass(frozen=True)
class AskedOf:
    """Everything asked of one organisation for a meeting."""

    organisation: Organisation
    requests: list[Asked]
    progress: Progress
    accounts: list[User]
    letter: str  # blank when nothing is wanted any more


def what_was_asked(
    meeting: Meeting, user: Any, *, now: dt.datetime, site: str
) -> list[AskedOf]:
    """By organisation, in the order it was asked; a constant number of queries.

    ``site`` begins the addresses in the text to copy: ``https://tracker.example``.
    """
    requests = list(
        meeting.update_requests.with_answers(now=now).select_related(
            "organisation", "action"
        )
    )
    for request in requests:
        request.meeting = meeting
    today = timezone.localdate(now)
    actions = list(
        Action.objects.visible_to(user)
        .filter(pk__in={request.action_id for request in requests})
        .with_flags(today=today, meeting=meeting)
        .for_rows()
    )
    shown = {
        action.pk: row
        for action, row in zip(
            actions,
            rows(actions, user=user, today=today, meeting=meeting),
            strict=True,
        )
    }
    flagged = {action.pk: action for action in actions}
    by_organisation: dict[int, list[UpdateRequest]] = {}
    for request in requests:
        request.action = flagged[request.action_id]
        by_organisation.setdefault(request.organisation_id, []).append(request)
    accounts = liaisons(by_organisation)
    found = []
    for pk, theirs in by_organisation.items():
        first = theirs[0].asked_at
        asked = [
            _asked(one, shown[one.action_id], first=first, now=now) for one in theirs
        ]
        found.append(
            AskedOf(
                theirs[0].organisation,
                asked,
                _progress(theirs),
                accounts.get(pk, []),
                _letter(meeting, theirs[0].organisation, asked, site=site),
            )
        )
    return sorted(found, key=lambda one: one.organisation.name)


def _asked(
    request: UpdateRequest, row: Row, *, first: dt.datetime, now: dt.datetime
) -> Asked:
    day = day_in_words(timezone.localdate(request.asked_at))
    asked = day
    if request.asked_at > first:
        asked = f"Added on {day}, after the first request"
    tag, note = _answer_in_words(request, now)
    return Asked(request.action, row, asked, tag, note, request.is_wanted)


def _answer_in_words(request: UpdateRequest, now: dt.datetime) -> tuple[Tag, str]:
    if request.answered_at:
        day = day_in_words(timezone.localdate(request.answered_at))
        if request.is_late:
            late = _late_by(request.due_at, request.answered_at)
            return Tag("Answered late", "orange"), f"{day}. {late}"
        return Tag("Answered", "green"), day
    if request.is_dropped:
        return Tag("No longer wanted", "grey"), _why_dropped(request)
    if not request.meeting.is_live:
        return Tag("Not answered", "red"), ""
    if request.is_late:
        return Tag("Not answered", "red"), _late_by(request.due_at, now)
    return Tag("Not answered yet", "blue"), ""


def _late_by(due: dt.datetime, at: dt.datetime) -> str:
    """ "Late by 2 days"; on the day itself, "Late by less than a day"."""
    since, day = timezone.localdate(due), timezone.localdate(at)
    if since == day:
        return "Late by less than a day"
    return f"Late by {days_in_words(day, since)}"


def _why_dropped(request: UpdateRequest) -> str:
    if request.meeting.state == Meeting.State.CANCELLED:
        return "The meeting is cancelled"
    if not request.action.is_unresolved:
        return f"The action is {request.action.get_status_display().lower()}"
    return f"{request.organisation} does not own it any more"


def _letter(
    meeting: Meeting,
    organisation: Organisation,
    requests: Sequence[Asked],
    *,
    site: str,
) -> str:
    """Text for an e-mail that asks for what is still wanted."""
    wanted = [one for one in requests if one.is_wanted]
    if not wanted:
        return ""
    deadline = moment_in_words(meeting.force_deadline)
    count = "1 action" if len(wanted) == 1 else f"{len(wanted)} actions"
    lines = [
        f"Subject: Updates on {count} wanted by {deadline}",
        "",
        meeting.get_marking_display(),
        "",
        f"{settings.OFFICE_NAME} asks {organisation} for an update on {count} by "
        f"{deadline}, for the meeting on {meeting.date:%A} "
        f"{day_in_words(meeting.date)} ({meeting}).",
    ]
    for one in wanted:
        row = one.row
        lines += [
            "",
            f"{row.reference}: {worded_for(one.action.text, reads_all=False)}",
            f"Due: {due_in_words(one.action)}",
        ]
        if row.reasons:
            lines.append(f"Why we ask: {'; '.join(row.reasons)}")
        lines.append(f"Answer at: {site}{row.url}update/")
    lines += ["", "If you have no account, answer this e-mail instead.", ""]
    return "\n".join(lines)
