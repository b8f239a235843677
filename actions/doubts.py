"""What looks unfinished about minutes; none of it is forbidden."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from actions.record import gather
from actions.reviewing import ReviewList, review_list
from meetings import record as parts
from meetings.layout import UnknownMark, lay_out
from meetings.models import Attendee, Comment, Kind, Meeting
from meetings.record import Record
from meetings.withholding import redact

_DIGEST = 16  # characters; it tells sentences apart, no more


@dataclass(frozen=True)
class Doubt:
    """Something that looks unfinished, in a sentence; none of it is forbidden."""

    sentence: str

    @property
    def key(self) -> str:
        """What is ticked to let it pass: this doubt, in these words."""
        digest = hashlib.sha256(self.sentence.encode()).hexdigest()
        return f"doubt_{digest[:_DIGEST]}"

    @property
    def refusal(self) -> str:
        """What is said when nobody let it pass."""
        return (
            f"{self.sentence.rstrip('.')}: put it right, or tick to agree all the same"
        )


def doubts(meeting: Meeting, record: Record) -> list[Doubt]:
    """What looks unfinished about a draft before it goes round.

    A mark that is not understood would let whoever gets a copy read what it was to
    withhold. Actions without an owner are among who is told what.
    """
    people, agenda = meeting.attendance(), meeting.agenda()
    parents = {item.parent_id for item in agenda}
    silent = [
        item.numbered_heading
        for item in agenda
        if item.kind == Kind.THEMED and not item.has_notes and item.pk not in parents
    ]
    bare = [str(one.person) for one in people if one.listed and not one.capacity]
    found = _doubtful_attendance(people)
    if bare:
        found.append(f"No capacity is given for: {', '.join(bare)}.")
    if silent:
        found.append(f"Nothing is noted under: {'; '.join(silent)}.")
    found += _doubtful_marks(record)
    return [Doubt(sentence) for sentence in found]


def _doubtful_attendance(people: Sequence[Attendee]) -> list[str]:
    found = []
    states = Attendee.Attendance
    if not any(one.attendance in Attendee.WAS_THERE for one in people):
        found.append("Nobody is recorded as present.")
    if invited := [str(a.person) for a in people if a.attendance == states.INVITED]:
        found.append(f"Still only invited: {', '.join(invited)}.")
    if not any(one.role == Attendee.Role.CHAIR for one in people):
        found.append("No chair is recorded.")
    return found


def doubts_before_agreeing(
    meeting: Meeting, user: Any, *, record: Record | None = None
) -> list[Doubt]:
    """What looks unfinished about minutes that are about to be frozen."""
    record = record or gather(meeting, user)
    found = [
        *(doubt.sentence for doubt in doubts(meeting, record)),
        *_doubtful_actions(record),
        *_doubtful_review(meeting, user),
        *_unanswered(meeting),
    ]
    if record.following is None:
        found.append("The next meeting is not confirmed.")
    return [Doubt(sentence) for sentence in dict.fromkeys(found)]


def _doubtful_actions(record: Record) -> Iterator[str]:
    used = [line for line in record.actions if not line.not_used]
    if nobodys := [line.reference for line in used if not line.owners]:
        yield f"Actions without an owner: {', '.join(nobodys)}."
    if undated := [line.reference for line in used if not line.due]:
        yield f"Actions without a due date: {', '.join(undated)}."


def _doubtful_review(meeting: Meeting, user: Any) -> Iterator[str]:
    if not meeting.type.reviews_tracker:
        return
    listed = review_list(meeting, user, today=timezone.localdate())
    missed = _not_reviewed(listed)
    if not missed:
        return
    names = ", ".join(missed)
    how_many = f"{len(missed)} {'is' if len(missed) == 1 else 'are'}"
    if listed.finished:
        yield f"Not reached in the review of actions: {names}."
    elif listed.reviewed:
        yield (
            "The review of actions is not finished, and agreeing the minutes ends it. "
            f"{how_many} not reached: {names}."
        )
    else:
        yield f"No action was reviewed; {how_many} on the list of this meeting."


def not_reviewed(meeting: Meeting, user: Any) -> list[str]:
    """The references of what is on the list of a meeting and was not reached yet."""
    return _not_reviewed(review_list(meeting, user, today=timezone.localdate()))


def _not_reviewed(listed: ReviewList) -> list[str]:
    return [one.action.reference for one in listed.entries if not one.is_reviewed]


def _unanswered(meeting: Meeting) -> Iterator[str]:
    waiting = Comment.objects.filter(version__meeting=meeting, outcome="")
    authors = list(waiting.values_list("author__name", flat=True))
    if authors:
        names = ", ".join(dict.fromkeys(authors))
        are = "comment is" if len(authors) == 1 else "comments are"
        yield f"{len(authors)} {are} not answered: {names}."


def _doubtful_marks(record: Record) -> Iterator[str]:
    for laid in lay_out(record).items:
        for part in laid.parts:
            if isinstance(part, UnknownMark):
                yield f"{part.mark} under {_heading(laid.item)} marks nothing."
    for where, text in _texts(record):
        for problem in redact(text).problems:
            yield f"{problem}, in {where}."


def _texts(record: Record) -> Iterator[tuple[str, str]]:
    """Everything in which somebody may have marked a passage, and where it stands."""
    for item in record.items:
        yield _heading(item), item.notes
        yield _heading(item), item.decisions
    for line in record.actions:
        yield f"action {line.reference}", f"{line.text}\n{line.other_wording}"
    for one in record.reviewed:
        yield f"the review of {one.reference}", one.note


def _heading(item: parts.Item) -> str:
    return f"“{item.numbered_heading}”"
