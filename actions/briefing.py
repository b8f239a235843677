"""What the commissioner reads the evening before a meeting, as data.

The page, the PDF and the Word document say the same, from the same values. Notes for
the office only are never among them.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import OuterRef, Subquery, prefetch_related_objects
from django.utils import timezone
from django.utils.formats import time_format

from actions.changes import DECIDED, changes, last_review_held
from actions.flags import Reason, as_at
from actions.models import Action, Evidence, Update, UpdateRequest
from actions.models.update import first_due_of
from actions.reasons import shortened, times
from actions.reviewing import Entry, review_list
from actions.tracker import due_in_words
from assurance.calendar import day_in_words, moment_in_words
from meetings.models import AgendaItem, Kind, Meeting, Paper
from meetings.withholding import worded_for

TEXT_OF_A_CHANGE = 120


@dataclass(frozen=True)
class Shown:
    """A paper or a piece of evidence: its title, where it is, how it stands."""

    title: str
    link: str
    note: str = ""
    tag: str = ""
    file: str = ""  # its address here, for those who sign in


@dataclass(frozen=True)
class Word:
    """What somebody said of the work, and what they ask for with it."""

    text: str
    said_by: str
    on: dt.date
    asks: str
    evidence: tuple[Shown, ...]

    @property
    def source(self) -> str:
        return f"{self.said_by}, {day_in_words(self.on)}"


@dataclass(frozen=True)
class Block:
    """One action on the list of the meeting."""

    reference: str
    url: str
    text: str
    is_issued: bool
    owners: str
    due: str
    reasons: tuple[str, ...]
    words: tuple[Word, ...]  # the latest and what waits for an answer, newest first
    silence: str  # what is missing of it: "No update received, asked 23 May"


@dataclass(frozen=True)
class Section:
    """The actions that are on the list for one reason."""

    heading: str
    meaning: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Item:
    """One item of the agenda: what the office asked and wants to know."""

    heading: str
    depth: int
    lead: str
    is_restricted: bool
    asked: str
    enquiry: str
    papers: tuple[Shown, ...]
    has_list: bool  # the actions to review are printed below it


@dataclass(frozen=True)
class Change:
    """Something decided of an action since the last meeting."""

    reference: str
    url: str
    text: str
    what: str
    on: dt.date


@dataclass(frozen=True)
class Briefing:
    title: str
    date: dt.date
    facts: str  # when and where
    marking: str
    as_at: str  # as at which day, and by when the force was asked for word
    decide: str  # in one sentence, what the meeting must decide
    is_cancelled: bool
    items: tuple[Item, ...]
    reviews: bool  # whether there is a list of actions, at an item or at the start
    sections: tuple[Section, ...]
    since: dt.date | None
    changes: tuple[Change, ...]

    @property
    def list_stands_first(self) -> bool:
        """No item of the agenda is for the list."""
        return self.reviews and not any(item.has_list for item in self.items)


def briefing(meeting: Meeting, *, user: Any, today: dt.date) -> Briefing:
    """In a constant number of queries, however long agenda and list are."""
    on = as_at(today, meeting)
    is_cancelled = meeting.state == Meeting.State.CANCELLED
    agenda = [] if is_cancelled else _agenda(meeting)
    tracker = next((i for i in agenda if i.kind == Kind.ACTION_TRACKER), None)
    reviews = not is_cancelled and (tracker is not None or meeting.type.reviews_tracker)
    listed = review_list(meeting, user, today=today).entries if reviews else []
    requests = _open_requests(listed)
    since = last_review_held(before=meeting.date) if reviews else None
    return Briefing(
        title=str(meeting),
        date=meeting.date,
        facts=_facts(meeting),
        marking=meeting.get_marking_display(),
        as_at=_as_at(meeting, on, reviews=reviews),
        decide=_decide(meeting, listed, requests, reviews=reviews),
        is_cancelled=is_cancelled,
        items=tuple(_item(item, on, has_list=item is tracker) for item in agenda),
        reviews=reviews,
        sections=_sections(listed, _blocks(meeting, listed, requests, on)),
        since=since.date if since else None,
        changes=_changes(user, since, meeting, today),
    )


def _facts(meeting: Meeting) -> str:
    """ "Friday 30 May 2025, 10:00 to 12:00; Hindlip Hall, online"."""
    when = f"{meeting.date:%A} {day_in_words(meeting.date)}"
    if meeting.start:
        when += f", {time_format(meeting.start)}"
        if meeting.end:
            when += f" to {time_format(meeting.end)}"
    where = [meeting.venue]
    if meeting.held != Meeting.Held.IN_PERSON:
        where.append(meeting.get_held_display().lower())
    return "; ".join(filter(None, [when, ", ".join(filter(None, where))]))


def _as_at(meeting: Meeting, on: dt.date, *, reviews: bool) -> str:
    said = f"As at {day_in_words(on)}"
    if not reviews:
        return said
    return (
        f"{said}; updates from the force by {moment_in_words(meeting.force_deadline)}"
    )


# What the meeting must decide


def _decide(
    meeting: Meeting, listed: list[Entry], requests: list[Update], *, reviews: bool
) -> str:
    """ "3 closures and 1 new date to decide; 5 actions are overdue." """
    if meeting.state == Meeting.State.CANCELLED:
        because = meeting.cancelled_because.rstrip(".")
        return f"This meeting was cancelled, so there is nothing to decide: {because}."
    if not reviews:
        return "This meeting does not review the action tracker."
    if not listed:
        return "No action needs a decision, and none is overdue."
    asked = [request.asks for request in requests]
    counts = [
        _count(asked.count(Update.Asks.CLOSURE), "closure", "closures"),
        _count(asked.count(Update.Asks.DATE), "new date", "new dates"),
        _count(asked.count(Update.Asks.OTHER), "other change", "other changes"),
    ]
    *others, last = [count for count in counts if count] or ["Nothing"]
    to_decide = f"{', '.join(others)} and {last}" if others else last
    overdue = sum(one.action.is_overdue for one in listed)
    late = {0: "no action is overdue", 1: "1 action is overdue"}
    return (
        f"{to_decide} to decide; {late.get(overdue, f'{overdue} actions are overdue')}."
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def _open_requests(listed: list[Entry]) -> list[Update]:
    """What the owners of the listed actions ask for and nobody answered."""
    return list(
        Update.objects.open_requests()
        .filter(action__in=[one.action.pk for one in listed], office_only=False)
        .select_related("author", "action")
        .prefetch_related("evidence")
        .newest_first()
    )


# The agenda


def _agenda(meeting: Meeting) -> list[AgendaItem]:
    agenda = meeting.agenda()
    prefetch_related_objects(agenda, "papers")
    return agenda


def _item(item: AgendaItem, on: dt.date, *, has_list: bool) -> Item:
    return Item(
        heading=item.numbered_heading,
        depth=item.depth,
        lead=str(item.lead or ""),
        is_restricted=item.restricted,
        asked=item.asked_of_force.strip(),
        enquiry=item.lines_of_enquiry.strip(),
        papers=tuple(_paper(paper, on) for paper in item.papers.all()),
        has_list=has_list,
    )


def _paper(paper: Paper, on: dt.date) -> Shown:
    """ "from the force, received 23 May 2025", and whether that is late."""
    due = f"due {day_in_words(paper.due_on)}" if paper.due_on else ""
    tag = ""
    if paper.received_on:
        state = f"received {day_in_words(paper.received_on)}"
        if paper.came_late:
            tag, state = "Late", f"{state}, {due}"
    elif paper.link or paper.file_id:
        state = ""
    else:
        late = paper.due_on is not None and paper.due_on < on
        tag, state = "Late" if late else "Awaited", f"not received, {due}".rstrip(", ")
    provided_by = f"from {paper.provided_by}" if paper.provided_by else ""
    note = ", ".join(filter(None, [provided_by, state]))
    return Shown(paper.title, paper.link, note, tag)


# The list of actions


def _sections(listed: list[Entry], blocks: dict[int, Block]) -> tuple[Section, ...]:
    found = []
    for reason in Reason:
        of_reason = [one.action.pk for one in listed if one.reason == reason]
        if of_reason:
            inside = tuple(blocks[pk] for pk in of_reason)
            found.append(Section(reason.label, reason.meaning, inside))
    return tuple(found)


def _blocks(
    meeting: Meeting, listed: list[Entry], requests: list[Update], on: dt.date
) -> dict[int, Block]:
    """By the key of the action. Three queries, and one for the evidence."""
    latest = {word.action_id: word for word in _latest_words(listed, on)}
    unanswered = _unanswered(meeting)
    first_dues = _first_dues(listed)
    asking = set(requests)
    waiting: dict[int, list[Update]] = {}
    for request in requests:
        waiting.setdefault(request.action_id, []).append(request)
    blocks = {}
    for one in listed:
        action = one.action
        word = latest.get(action.pk)
        said = {*waiting.get(action.pk, []), *([word] if word else [])}
        blocks[action.pk] = Block(
            reference=action.reference,
            url=action.get_absolute_url(),
            text=worded_for(action.text, reads_all=True),
            is_issued=action.is_issued,
            owners="; ".join(str(owner) for owner in action.owners.all()),
            due=_due(action, first_dues.get(action.pk, "")),
            reasons=(*one.reasons, *_outcome(one)),
            words=tuple(
                _word(update, asks=update in asking)
                for update in sorted(said, key=attrgetter("at", "pk"), reverse=True)
            ),
            silence=_silence(word, unanswered.get(action.pk, [])),
        )
    return blocks


def _outcome(one: Entry) -> list[str]:
    """What the meeting made of it, if it has got to it."""
    return [f"At this meeting: {one.review.in_words}"] if one.review else []


def _due(action: Action, first: str) -> str:
    """ "4 September 2025; moved twice, first due 31 July 2025"."""
    moved = [f"moved {times(action.times_moved)}"] if action.times_moved else []
    if moved and first:
        moved.append(f"first due {first}")
    return "; ".join(filter(None, [due_in_words(action), ", ".join(moved)]))


def _latest_words(listed: list[Entry], on: dt.date) -> Iterable[Update]:
    """The latest word on each action by the end of that day."""
    end = timezone.make_aware(dt.datetime.combine(on, dt.time.max))
    said = (
        Update.objects.filter(
            action=OuterRef("pk"),
            what__in=[Update.What.UPDATE, Update.What.PROPOSED],
            office_only=False,
            correction__isnull=True,
            at__lte=end,
        )
        .newest_first()
        .values("pk")[:1]
    )
    actions = Action.objects.filter(pk__in=[one.action.pk for one in listed])
    return (
        Update.objects.filter(pk__in=actions.values_list(Subquery(said)))
        .select_related("author", "action")
        .prefetch_related("evidence")
    )


def _word(update: Update, *, asks: bool) -> Word:
    wanted = ""
    if asks:
        wanted = f"Asks for {update.get_asks_display().lower()}"
        if update.asked_due_on:
            wanted += f", {day_in_words(update.asked_due_on)}"
    return Word(
        text=update.text.strip(),
        said_by=update.said_by,
        on=timezone.localdate(update.at),
        asks=wanted,
        evidence=tuple(
            Shown(one.title, one.link, file=_file(update, one))
            for one in update.evidence.all()
        ),
    )


def _file(update: Update, evidence: Evidence) -> str:
    if evidence.file_id is None:
        return ""
    return f"{update.action.get_absolute_url()}evidence/{evidence.pk}/"


def _unanswered(meeting: Meeting) -> dict[int, list[UpdateRequest]]:
    """What was asked for this meeting and not answered, by the key of the action."""
    unanswered: dict[int, list[UpdateRequest]] = {}
    for request in (
        meeting.update_requests.with_answers(now=timezone.now())
        .filter(is_answered=False, is_dropped=False)
        .select_related("organisation")
    ):
        unanswered.setdefault(request.action_id, []).append(request)
    return unanswered


def _silence(word: Update | None, unanswered: list[UpdateRequest]) -> str:
    """ "No update received, asked 23 May"; blank where everybody asked has answered.

    Where others spoke since, it names who did not.
    """
    if not unanswered:
        return "" if word else "No update received"
    asked_at = unanswered[0].asked_at
    day = timezone.localdate(asked_at)
    asked = f"asked {day.day} {day:%B}"
    if word is None:
        return f"No update received, {asked}"
    if word.at < asked_at:
        return f"No update received since, {asked}"
    names = " and ".join(one.organisation.abbreviation for one in unanswered)
    return f"No update received from {names}, {asked}"


def _first_dues(listed: list[Entry]) -> dict[int, str]:
    """What each action was first due, of those whose due was moved by decision."""
    moved = [one.action.pk for one in listed if one.action.times_moved]
    entries = Update.objects.filter(action__in=moved).dues()
    return {
        pk: first.in_words()
        for pk, of_action in groupby(
            entries.order_by("action", "at", "id"), key=attrgetter("action_id")
        )
        if (first := first_due_of(of_action))
    }


# What changed


def _changes(
    user: Any, since: Meeting | None, meeting: Meeting, today: dt.date
) -> tuple[Change, ...]:
    """What was decided since the last meeting, before the day of one that is past."""
    if since is None:
        return ()
    found = changes(user, since=since, what=DECIDED).filter(
        action__issued_at__isnull=False
    )
    if meeting.date < today:
        found = found.filter(at__date__lt=meeting.date)
    return tuple(
        Change(
            reference=update.action.reference,
            url=update.action.get_absolute_url(),
            text=shortened(
                worded_for(update.action.text, reads_all=True), TEXT_OF_A_CHANGE
            ),
            what=_what(update),
            on=timezone.localdate(update.at),
        )
        for update in found
    )


def _what(update: Update) -> str:
    """ "Closed", or "Due date changed: 4 September 2025"."""
    what = update.get_what_display()
    if update.due_kind:
        return f"{what}: {update.due.in_words()}"
    if update.look_again_on:
        return f"{what} until {day_in_words(update.look_again_on)}"
    return what
