"""Circulating and agreeing minutes: each draft is kept as it went round, and what is
agreed never changes any more.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.doubts import doubts_before_agreeing, not_reviewed
from actions.models import Action, Review, TrackerReview, Update
from actions.operations import issue_actions
from actions.reviewing import finish_review
from actions.since_draft import (
    Change,
    changes_since,
    digest_of,
    minutes_to_agree,
    next_draft_of,
)
from assurance.calendar import day_in_words
from assurance.models import User
from meetings.models import Agreement, Attendee, Meeting, MinutesVersion
from meetings.operations import hold_meetings, put_last_minutes
from meetings.publication import without_changes
from meetings.record import Record, from_json
from meetings.versions import keep_version, latest_draft

# The draft goes round


@transaction.atomic
def circulate_minutes(
    meeting: Meeting,
    *,
    by: User,
    at: dt.datetime | None = None,
    number: int | None = None,
) -> int:
    """Circulate the draft; all its actions are issued with it. Says how many were.

    The draft is kept as it goes round, under the next number; ``number`` is the one
    that was expected: refused when another draft went round meanwhile. The meeting that
    follows gets the minutes of this one on its agenda.
    """
    moment = at or timezone.now()
    _hold_with_next(meeting)
    meeting.circulate()
    if number is not None and number != next_draft(meeting):
        raise ValidationError(
            f"Draft {next_draft(meeting) - 1} went round meanwhile. Look at it, then "
            "circulate the next one if it is still needed"
        )
    waiting = list(meeting.actions.unresolved().not_issued())
    issued = issue_actions(waiting, by=by, at=moment)
    draft = keep_version(
        next_draft_of(meeting, by),
        meeting=meeting,
        kind=MinutesVersion.Kind.DRAFT,
        by=by,
        at=moment,
    )
    if draft.number == 1:
        put_last_minutes(meeting.next_meeting)
    return issued


def _hold_with_next(meeting: Meeting) -> None:
    """Hold a meeting and the one that follows before any action is held."""
    following = meeting.next_meeting
    now = hold_meetings(meeting, following)[meeting.pk]
    if now.next_meeting_id != (following and following.pk):
        raise ValidationError(
            "The next meeting was changed meanwhile. Look at the minutes, then "
            "circulate them"
        )


def next_draft(meeting: Meeting) -> int:
    """The number under which the draft goes round next."""
    last = latest_draft(meeting)
    return last.number + 1 if last else 1


# The agreement


def chair_of(meeting: Meeting) -> str:
    """Who had the chair, with their post; else the office's holder."""
    chair = (
        meeting.attendees.filter(role=Attendee.Role.CHAIR)
        .select_related("person")
        .first()
    )
    name = ", ".join(filter(None, [chair.person.name, chair.capacity])) if chair else ""
    return (name or settings.HOLDER_TITLE)[:150]


@transaction.atomic
def agree(
    meeting: Meeting,
    *,
    by: User,
    how: str,
    agreed_by: str = "",
    agreed_on: dt.date | None = None,
    at_meeting: Meeting | None = None,
    changes: str = "",
    overruled: Collection[str] = (),
    seen: str | None = None,
    at: dt.datetime | None = None,
) -> Agreement:
    """Agree the minutes that went round, and freeze them.

    By the chair: ``agreed_by`` and ``agreed_on``. At a meeting: ``at_meeting`` alone.
    ``changes`` is what they are subject to, blank when they are agreed as presented;
    that is refused when anything is another than in the draft. ``overruled`` are the
    sentences of the doubts that were accepted, all of them or it is refused. ``seen``
    is the digest of the changes that were looked at.
    """
    held = _hold(meeting, at_meeting)
    list(Action.objects.locked().filter(meeting=held))
    if how == Agreement.How.MEETING:
        if at_meeting is None:
            raise ValidationError({"at_meeting": "Choose the meeting"})
        agreed_by, agreed_on = chair_of(at_meeting), at_meeting.date
    else:
        at_meeting = None
    if not agreed_by.strip():
        raise ValidationError({"agreed_by": "Enter who agreed them"})
    if agreed_on is None or agreed_on < held.date:
        raise ValidationError(
            {
                "agreed_on": "Enter a date no earlier than the meeting, "
                f"{day_in_words(held.date)}"
            }
        )
    if agreed_on > timezone.localdate():
        raise ValidationError({"agreed_on": "Enter a date that is not in the future"})
    moment = at or timezone.now()
    draft, presented = minutes_to_agree(held, by)
    if draft is None:
        raise ValidationError("Circulate the minutes first: no draft went round yet")
    made = changes_since(from_json(draft.content), presented)
    _refuse_unseen(made, seen)
    _refuse_changed(made, changes, draft)
    missed = not_reviewed(held, by)
    passed = _refuse_doubtful(held, by, presented, overruled)
    _finish_review(held, by)
    issue_actions(list(held.actions.unresolved().not_issued()), by=by, at=moment)
    held.agree()
    agreement = Agreement.objects.create(
        meeting=held,
        how=how,
        at_meeting=at_meeting,
        agreed_by=agreed_by,
        agreed_on=agreed_on,
        changes=changes.strip().removesuffix("."),
        overruled="\n".join(passed),
        recorded_by=by,
        recorded_at=moment,
    )
    _, record = minutes_to_agree(held, by)
    _refuse_unlike(presented, record, missed)
    keep_version(
        record, meeting=held, kind=MinutesVersion.Kind.AGREED, by=by, at=moment
    )
    _say_what_changed(made, held, by=by, at=moment)
    meeting.state, meeting.version = held.state, held.version
    return agreement


def _hold(meeting: Meeting, at_meeting: Meeting | None) -> Meeting:
    """The meeting, held until the transaction ends with the one it is agreed at."""
    found = hold_meetings(meeting, at_meeting)
    held = found[meeting.pk]
    if held.state == Meeting.State.AGREED:
        raise ValidationError(_agreed_already(held))
    if held.state != Meeting.State.CIRCULATED:
        raise ValidationError(
            f"{held.how_it_stands}: only minutes that went round are agreed"
        )
    if at_meeting:
        refuse_agreeing_at(held, found[at_meeting.pk])
    return held


def _agreed_already(meeting: Meeting) -> str:
    found = Agreement.objects.select_related("recorded_by", "at_meeting")
    done = found.filter(meeting=meeting).first()
    if done is None:  # before it was kept how minutes were agreed
        return "These minutes are agreed already"
    said = without_changes(done.in_words).rstrip(".")
    return f"These minutes are agreed already. {said}; recorded by {done.recorded_by}"


def refuse_agreeing_at(meeting: Meeting, other: Meeting) -> None:
    """Raises ``ValidationError`` where these minutes cannot be agreed at that one."""
    if other.pk == meeting.pk or other.date < meeting.date:
        raise ValidationError({"at_meeting": "Choose a meeting after this one"})
    if other.state == Meeting.State.PLANNED:
        raise ValidationError(
            {
                "at_meeting": "That meeting is still to be held, or nothing is "
                "recorded of it: choose one that was held"
            }
        )
    if not other.is_editable:
        raise ValidationError(
            {
                "at_meeting": "Nothing can be recorded in the minutes of that "
                "meeting: choose another, or say that the chair agreed them"
            }
        )


def _refuse_unseen(made: Sequence[Change], seen: str | None) -> None:
    if seen is not None and seen != digest_of(made):
        raise ValidationError(
            "The minutes were changed while you were reading. Look at what changed "
            "since the draft, then agree them"
        )


def _refuse_changed(
    made: Sequence[Change], changes: str, draft: MinutesVersion
) -> None:
    if made and not changes.strip():
        raise ValidationError(
            {
                "outcome": "They are not as presented any more: they were changed "
                f"after draft {draft.number} went round. Say which changes they are "
                "agreed subject to, or circulate them again"
            }
        )


def _refuse_unlike(seen: Record, record: Record, missed: Collection[str]) -> None:
    """Nothing is frozen but what was looked at: no name that was changed at this very
    moment, and no action as not reached that the doubts did not say.
    """
    if changes_since(seen, record) or set(record.not_reached) - set(missed):
        raise ValidationError(
            "The minutes were changed at this moment. Look at what changed since the "
            "draft, then agree them"
        )


def _refuse_doubtful(
    meeting: Meeting, by: User, record: Record, overruled: Collection[str]
) -> list[str]:
    """The doubts that were accepted. Refuses when there is another."""
    found = doubts_before_agreeing(meeting, by, record=record)
    if left := [doubt for doubt in found if doubt.sentence not in overruled]:
        raise ValidationError({doubt.key: doubt.refusal for doubt in left})
    return [doubt.sentence for doubt in found]


def _finish_review(meeting: Meeting, by: User) -> None:
    """A review that has begun ends here: what was not reached comes back later."""
    if TrackerReview.objects.filter(meeting=meeting).exists():
        return
    recorded = Review.objects.filter(meeting=meeting).exclude(
        outcome__in=Review.UNREVIEWED
    )
    if meeting.type.reviews_tracker and recorded.exists():
        finish_review(meeting, by=by, today=timezone.localdate())


def _say_what_changed(
    made: Iterable[Change], meeting: Meeting, *, by: User, at: dt.datetime
) -> None:
    """To the timeline of each action that the minutes print otherwise than the draft.

    The change itself wrote an entry of its own, when it was made.
    """
    changed = {one.reference: one.what for one in made if one.reference and one.what}
    if not changed:
        return
    for action in Action.objects.locked().filter(meeting=meeting):
        if what := changed.get(action.reference):
            Update.objects.create(
                action=action,
                what=Update.What.EDITED,
                author=by,
                at=at,
                meeting=meeting,
                text=f"The minutes of {meeting}, {day_in_words(meeting.date)}, were "
                f"agreed subject to changes: {what}",
            )
