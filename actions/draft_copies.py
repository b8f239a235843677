"""What of a draft each reader gets, and what they are told has changed since the one
before.
"""

import re
from dataclasses import dataclass, field, replace

from actions.since_draft import Change, changes_since
from actions.withheld import as_withheld_now
from assurance.differences import Difference, compare
from meetings.drafts import for_attendee, stays_inside
from meetings.models import Meeting, MinutesVersion
from meetings.publication import Known
from meetings.record import Record, from_json
from meetings.withheld import withheld_items
from meetings.withholding import worded_for

Shown = tuple[Change, Difference]

_PLACE = re.compile(r"\[\[\s*(action|decision)\s+([\d/]+)\s*\]\]", re.IGNORECASE)


@dataclass(frozen=True)
class Copy:
    """A draft as an account may read it today, and in words what is left out of it."""

    record: Record
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Since:
    """What changed since the draft of that number. ``both`` texts are beside each other
    for who reads all; others have what it says now, with what is new in it marked.
    """

    number: int
    changes: list[Shown]
    both: bool


def copy_for_attendees(record: Record, meeting: Meeting) -> Copy:
    """What those get who were there, without what is withheld by now."""
    now, known = as_withheld_now(record, meeting)
    return Copy(for_attendee(now, known), stays_inside(now).in_words)


def draft_before(version: MinutesVersion) -> MinutesVersion | None:
    drafts = version.meeting.versions.drafts()
    return drafts.filter(number=version.number - 1).first()


def since_draft(before: MinutesVersion, now: Record, *, reads_all: bool) -> Since:
    """What a reader of a draft is told of the one before: never more of either than is
    in their copy of this one. So who does not read all is not shown what was taken out:
    it may have been taken out because it was not for them.
    """
    was = from_json(before.content)
    if reads_all:
        return Since(before.number, shown(changes_since(was, now)), both=True)
    pair = _both_copies(was, now, before.meeting)
    made = [_without_before(one) for one in shown(changes_since(*pair))]
    return Since(before.number, made, both=False)


def _both_copies(was: Record, now: Record, meeting: Meeting) -> tuple[Record, Record]:
    """The earlier copy leaves out whatever the later one does too: of that nothing is
    said, not even that it changed.
    """
    was, known_then = as_withheld_now(was, meeting)
    now, known = as_withheld_now(now, meeting)
    hidden = withheld_items(now.items)
    items = tuple(
        replace(item, withheld=True, withheld_reason=hidden[item.key])
        if item.key in hidden
        else item
        for item in was.items
    )
    withheld = {**known_then.withheld, **known.withheld}
    then: Known = replace(known_then, withheld=withheld)
    return for_attendee(replace(was, items=items), then), for_attendee(now, known)


def shown(changes: list[Change]) -> list[Shown]:
    """Each change with its two texts beside each other, without marks."""
    return [
        (one, compare("", "", _in_words(one.before), _in_words(one.after)))
        for one in changes
    ]


def _in_words(text: str) -> str:
    return _PLACE.sub(
        lambda mark: f"{mark[1].capitalize()} {mark[2]}",
        worded_for(text, reads_all=True),
    )


def _without_before(one: Shown) -> Shown:
    change, difference = one
    about = change.about if change.after else ""
    return (
        replace(change, before="", about=about),
        replace(difference, mine=[], both="", stored=""),
    )
