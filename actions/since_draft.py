"""What in minutes is another than in the draft that went round."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.utils.text import capfirst

from actions.models import Update
from actions.record import gather
from assurance.calendar import day_in_words
from meetings import record as parts
from meetings.models import Meeting, MinutesVersion
from meetings.notes import WITHHOLD
from meetings.record import Record, from_json
from meetings.versions import latest_draft


@dataclass(frozen=True)
class Change:
    """One thing that is another than in the draft.

    ``sentence`` may be printed in the minutes, so it has no heading and nobody's name;
    ``about`` and the texts are for whoever may read all of them.
    """

    sentence: str
    before: str = ""
    after: str = ""
    reference: str = ""  # of the action it is about
    what: str = ""  # "wording and owners"
    about: str = ""  # the heading of the item


_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_FACTS = {
    "title": "title",
    "date": "date",
    "start": "start",
    "end": "end",
    "venue": "venue",
    "held": "way it was held",
    "themes": "themes",
    "marking": "protective marking",
}
_OF_ITEMS = {
    "heading": "heading",
    "notes": "notes",
    "decisions": "decisions",
    "assurance": "assurance given",
    "lead": "lead",
    "papers": "papers",
}


def changes_since(draft: Record, now: Record) -> list[Change]:
    """What in the minutes is another than in the draft, in printed order.

    Not among it is how actions stand, and what is marked as withheld: that is of the
    public version, and no change of what was said.
    """
    return [
        *_changed_facts(draft, now),
        *_changed_items(draft, now),
        *_changed_actions(draft, now),
        *_changed_reviews(draft, now),
    ]


def _changed_facts(draft: Record, now: Record) -> Iterator[Change]:
    for name, label in _FACTS.items():
        before, after = _words(getattr(draft, name)), _words(getattr(now, name))
        if before != after:
            were = "were" if name == "themes" else "was"
            yield Change(f"The {label} {were} changed.", before, after)
    before, after = ("\n".join(map(_seat_in_words, one.seats)) for one in (draft, now))
    if before != after:
        yield Change("The list of who attended was changed.", before, after)
    before, after = "\n".join(draft.last_minutes), "\n".join(now.last_minutes)
    if before != after:
        yield Change("What was agreed of earlier minutes was changed.", before, after)
    before, after = _following(draft.following), _following(now.following)
    if before != after:
        yield Change("The next meeting was changed.", before, after)


def _words(value: Any) -> str:
    match value:
        case None:
            return ""
        case dt.date():
            return day_in_words(value)
        case dt.time():
            return f"{value:%H:%M}"
        case tuple():
            return "\n".join(map(str, value))
    return str(value)


def _seat_in_words(seat: parts.Seat) -> str:
    words = [
        str(seat),
        seat.organisation_short,
        seat.attendance,
        seat.for_how_long,
        seat.role.replace("_", "-"),
        f"standing in for {seat.standing_in_for}" if seat.standing_in_for else "",
        seat.note,
        "" if seat.listed else "not in the list",
    ]
    return ", ".join(filter(None, words))


def _following(following: parts.Following | None) -> str:
    if following is None:
        return ""
    when = [day_in_words(following.date), _words(following.start), following.venue]
    return ", ".join(filter(None, [following.title, *when]))


def _changed_items(draft: Record, now: Record) -> Iterator[Change]:
    before = {item.key: item for item in draft.items}
    after = {item.key: item for item in now.items}
    for key, item in before.items():
        if key not in after:
            name = name_of_item(draft, key)
            yield Change(
                f"{capfirst(name)} of the draft was taken out.",
                _in_full(item),
                about=item.heading,
            )
    for key, item in after.items():
        name = capfirst(name_of_item(now, key))
        if key not in before:
            yield Change(f"{name} was added.", "", _in_full(item), about=item.heading)
            continue
        was = before[key]
        fields = [
            name
            for name in _OF_ITEMS
            if _plain(getattr(was, name)) != _plain(getattr(item, name))
        ]
        if fields:
            what = joined_by_and([_OF_ITEMS[field] for field in fields])
            yield Change(
                f"{name}: {what} changed.",
                "\n".join(_words(getattr(was, field)) for field in fields),
                "\n".join(_words(getattr(item, field)) for field in fields),
                about=item.heading,
            )
    if before.keys() == after.keys() and _order(draft) != _order(now):
        yield Change(
            "The order of the agenda was changed.",
            "\n".join(_place(item) for item in draft.items),
            "\n".join(_place(item) for item in now.items),
        )


def joined_by_and(words: Sequence[str]) -> str:
    """ "heading, notes and papers"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _order(record: Record) -> list[tuple[int, str, int]]:
    return [(item.key, item.number, item.depth) for item in record.items]


def _place(item: parts.Item) -> str:
    return f"{'  ' * item.depth}{item.numbered_heading}"


def _plain(value: Any) -> Any:
    """A text without the marks of what is withheld from the public, nor the lines that
    had nothing else.
    """
    if not isinstance(value, str):
        return value
    lines = [(line, WITHHOLD.sub("", line)) for line in value.splitlines()]
    left = [bare for line, bare in lines if bare.strip() or bare == line]
    return _BLANK_LINES.sub("\n\n", "\n".join(left)).strip()


def name_of_item(record: Record, key: int) -> str:
    """How a sentence that anybody may read names an item: "item 3", or "the 4th item".

    Never by its heading: it may be withheld, if not now then by a later amendment.
    """
    place = next(n for n, item in enumerate(record.items, start=1) if item.key == key)
    number = record.items[place - 1].number
    return f"item {number}" if number else f"the {ordinal(place)} item"


def _in_full(item: parts.Item) -> str:
    return "\n".join(filter(None, [item.heading, item.notes, item.decisions]))


def _changed_actions(draft: Record, now: Record) -> Iterator[Change]:
    before = {line.reference: line for line in draft.actions}
    for line in now.actions:
        was = before.pop(line.reference, None)
        action = f"Action {line.reference}"
        if was is None:
            if not line.not_used:
                yield Change(
                    f"{action} was added.", "", _line(line), line.reference, "added"
                )
            continue
        if line.not_used != was.not_used:
            yield Change(f"{action} was dropped.", _line(was), "", line.reference)
            continue
        what = [
            label
            for label, one, other in (
                (
                    "wording",
                    (_plain(was.text), _plain(was.other_wording)),
                    (_plain(line.text), _plain(line.other_wording)),
                ),
                ("owners", was.owners, line.owners),
                ("due date", was.due_in_full, line.due_in_full),
                ("item", was.item, line.item),
            )
            if one != other
        ]
        if what:
            words = joined_by_and(what)
            yield Change(
                f"{action}: {words} changed.",
                _line(was),
                _line(line),
                line.reference,
                words,
            )
    for line in before.values():
        yield Change(f"Action {line.reference} was taken out.", _line(line), "")


def _line(line: parts.ActionLine) -> str:
    owners = "; ".join(map(str, line.owners)) or "Nobody"
    words = [line.text, line.other_wording, f"Owner: {owners}"]
    return "\n".join(filter(None, [*words, f"Due: {line.due_in_full or 'not said'}"]))


def _changed_reviews(draft: Record, now: Record) -> Iterator[Change]:
    before = {one.reference: _reviewed(one) for one in draft.reviewed}
    after = {one.reference: _reviewed(one) for one in now.reviewed}
    for reference in dict.fromkeys([*before, *after]):
        was, is_now = before.get(reference, ""), after.get(reference, "")
        if was != is_now:
            yield Change(
                f"Review of action {reference}: what was recorded changed.",
                was,
                is_now,
            )


def _reviewed(one: parts.Reviewed) -> str:
    made = [f"{line.reference} {_plain(line.text)}" for line in one.made]
    return "\n".join(filter(None, [one.outcome, _plain(one.note), *made]))


def ordinal(number: int) -> str:
    """ "1st", "2nd", "11th"."""
    teens = 10 < number % 100 < 20
    return f"{number}{'th' if teens else _ENDINGS.get(number % 10, 'th')}"


def digest_of(changes: Iterable[Change]) -> str:
    """What somebody looked at before agreeing: another digest, and it was changed."""
    texts = [text for c in changes for text in (c.sentence, c.before, c.after)]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def minutes_to_agree(
    meeting: Meeting, user: Any
) -> tuple[MinutesVersion | None, Record]:
    """The draft that went round last, and the record as it would be agreed.

    Actions go on after a draft went round, and the minutes still say what was agreed:
    their owners and due dates stay as they were presented, unless they were corrected
    in these minutes. An action's owners are corrected by editing it, its due date by
    giving it another one as decided at this very meeting, or a first one. What is
    decided elsewhere, and owners given to many actions at once, is no correction.
    Another wording always is: what is decided later is another action.

    The next meeting stays as presented too, if it is the same one and only moved.
    """
    now, draft = gather(meeting, user), latest_draft(meeting)
    if draft is None:
        return None, now
    presented = from_json(draft.content)
    following = now.following
    if presented.following and _is_same_next(meeting, since=draft.at):
        following = presented.following
    actions = _as_presented(meeting, presented, now, since=draft.at)
    return draft, replace(actions, following=following)


def next_draft_of(meeting: Meeting, user: Any) -> Record:
    """What goes round next: corrected as it would be agreed, but for the next meeting,
    which may still be read to attend it.
    """
    _, record = minutes_to_agree(meeting, user)
    return replace(record, following=gather(meeting, user).following)


def _as_presented(
    meeting: Meeting, presented: Record, now: Record, *, since: dt.datetime
) -> Record:
    """The record with the owners and dues of actions as presented or corrected."""
    corrections = _corrections(meeting, since=since)
    re_owned = {one.action.reference for one in corrections if not one.due_kind}
    dues = {
        one.action.reference: one.due.in_words() for one in corrections if one.due_kind
    }
    before = {line.reference: line for line in _lines(presented)}

    def corrected(line: parts.ActionLine) -> parts.ActionLine:
        was = before.get(line.reference)
        if was is None:
            return line
        owners = line.owners if line.reference in re_owned else was.owners
        return replace(line, owners=owners, due=dues.get(line.reference, was.due))

    return replace(
        now,
        actions=tuple(map(corrected, now.actions)),
        reviewed=tuple(
            replace(one, made=tuple(map(corrected, one.made))) for one in now.reviewed
        ),
    )


def _lines(record: Record) -> list[parts.ActionLine]:
    return [*record.actions, *(line for one in record.reviewed for line in one.made)]


def _corrections(meeting: Meeting, *, since: dt.datetime) -> list[Update]:
    """The entries since that moment that correct an owner or a due in the minutes of a
    meeting, in the order they were made.
    """
    corrects = Q(
        meeting=meeting,
        what__in=[Update.What.OWNERS, Update.What.REDATED, Update.What.DUE_SET],
    )
    first_due = Q(meeting=None, action__meeting=meeting, what=Update.What.DUE_SET)
    return list(
        Update.objects.filter(corrects | first_due, at__gt=since, answers=None)
        .select_related("action", "due_meeting__type", "due_theme", "due_type")
        .order_by("at", "id")
    )


def _is_same_next(meeting: Meeting, *, since: dt.datetime) -> bool:
    if meeting.next_meeting_id is None:
        return False
    then = (
        meeting.history.filter(history_date__lte=since)
        .order_by("-history_date", "-history_id")
        .first()
    )
    return then is None or then.next_meeting_id == meeting.next_meeting_id
