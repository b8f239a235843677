"""Amending agreed minutes: a new version made from the last one, which is kept.

The record is never gathered anew: what was agreed stays, but for what is amended. The
rows that search and pages read are brought along.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.text import capfirst

from actions.models import Action, Update
from actions.seating import (
    amended_seats,
    bring_seats_along,
    changed_of_seats,
    only_person,
)
from actions.since_draft import joined_by_and, name_of_item
from assurance.models import User
from meetings.models import (
    AgendaItem,
    Meeting,
    MinutesVersion,
    Person,
    Theme,
)
from meetings.models.agenda import WithheldReason
from meetings.record import (
    ActionLine,
    Amendment,
    Change,
    Item,
    Record,
    Seat,
    from_json,
)
from meetings.versions import agreed_version, keep_version
from meetings.withholding import reason_in_words, refuse_marks

# What may be amended, and how a sentence names it.
OF_ITEM = {
    "heading": "heading",
    "lead": "lead",
    "notes": "notes",
    "decisions": "decisions",
    "assurance": "assurance given",
    "withheld": "whether it is withheld",
    "withheld_reason": "reason for withholding",
}
OF_MEETING = {
    "title": "title",
    "themes": "themes",
    "venue": "venue",
    "start": "start",
    "end": "end",
}
OF_ACTION = {
    "text": "wording",
    "other_wording": "wording in the summary",
    "owners": "owners",
    "due": "due",
    "due_words": "due as minuted",
    "withheld": "whether it is withheld",
    "withheld_reason": "reason for withholding",
}

NOTHING_KEPT = (
    "These minutes were agreed before agreed minutes were kept here, so there is "
    "nothing to amend"
)


class AmendedMeanwhile(ValidationError):
    """Somebody amended the minutes since they were opened; nothing was changed."""

    def __init__(self, version: MinutesVersion) -> None:
        self.version = version
        super().__init__(
            "Somebody else amended these minutes while you were writing. Nothing of "
            "theirs or yours was lost: compare the two, then save again"
        )


@dataclass(frozen=True)
class Amended:
    """A record as amended, what was in a sentence, and what else has to be written."""

    record: Record
    what: str
    changes: tuple[Change, ...]
    bring_along: Callable[[Meeting], None]
    item: int | None = None


@transaction.atomic
def amend_item(
    meeting: Meeting,
    key: int,
    *,
    changes: Mapping[str, Any],
    why: str,
    by: User,
    made_from: int,
    at: dt.datetime | None = None,
) -> MinutesVersion:
    """Amend an item of agreed minutes. ``changes`` are new values of ``OF_ITEM``;
    assurance is a value of ``AgendaItem.Assurance``. ``made_from`` is the number of
    the version that was read: ``AmendedMeanwhile`` if there is a newer one.
    """

    def make(record: Record) -> Amended:
        was = record.item(key)
        if was is None:
            raise ValidationError("This item is not in the minutes")
        values = dict(changes)
        if "assurance" in values:
            values["assurance"] = _assurance_in_words(values["assurance"])
        item = replace(was, **values)
        _check(item)
        what = [OF_ITEM[n] for n in OF_ITEM if getattr(was, n) != getattr(item, n)]
        if not what:
            raise _nothing_changed()
        new = _follow(record.with_item(item), was, item)
        return Amended(
            new,
            f"{capfirst(name_of_item(record, key))}: {joined_by_and(what)}",
            _changes(_of_item(was), _of_item(item)),
            lambda held: _bring_items_along(held, record, new),
            item=key,
        )

    return _amend(meeting, make, why=why, by=by, made_from=made_from, at=at)


@transaction.atomic
def amend_action(
    meeting: Meeting,
    reference: str,
    *,
    changes: Mapping[str, Any],
    why: str,
    by: User,
    made_from: int,
    at: dt.datetime | None = None,
) -> MinutesVersion:
    """Amend an action as agreed minutes print it, where it was raised or where it took
    the place of another. ``changes`` are new values of ``OF_ACTION``.

    Owners and due are amended as minuted and no further: who owns the action now, and
    when it is due, is decided on its own page, with the rules of that. Its timeline
    says what the minutes were mended to, so that the office sees whether it has to.
    """

    def make(record: Record) -> Amended:
        was = action_in(record, reference)
        if was is None:
            raise ValidationError("This action is not in the minutes")
        line = replace(was, **changes)
        what = [OF_ACTION[n] for n in OF_ACTION if getattr(was, n) != getattr(line, n)]
        if not what:
            raise _nothing_changed()
        _check_action(record, was, line)

        def amended(lines: tuple[ActionLine, ...]) -> tuple[ActionLine, ...]:
            return tuple(line if one == was else one for one in lines)

        return Amended(
            replace(
                record,
                actions=amended(record.actions),
                reviewed=tuple(
                    replace(one, made=amended(one.made)) for one in record.reviewed
                ),
            ),
            f"Action {reference}: {joined_by_and(what)}",
            _changes(_of_action(was), _of_action(line)),
            lambda held: _bring_action_along(held, was, line, by=by, at=at),
            item=line.item,
        )

    return _amend(meeting, make, why=why, by=by, made_from=made_from, at=at)


def action_in(record: Record, reference: str) -> ActionLine | None:
    """An action as the minutes print it."""
    made = (line for one in record.reviewed for line in one.made)
    lines = (*record.actions, *made)
    return next((line for line in lines if line.reference == reference), None)


@transaction.atomic
def amend_facts(
    meeting: Meeting,
    *,
    changes: Mapping[str, Any],
    seats: Mapping[int, Mapping[str, Any]],
    added: Sequence[Seat] = (),
    why: str,
    by: User,
    made_from: int,
    at: dt.datetime | None = None,
) -> MinutesVersion:
    """Amend the heading of agreed minutes or who was there. ``changes`` are new values
    of ``OF_MEETING``, ``seats`` new values of ``OF_SEAT`` by place in the list, where
    ``taken_out`` is somebody who was wrongly on it. ``added`` are those left out of it.
    """

    def make(record: Record) -> Amended:
        new = replace(
            record,
            **changes,
            seats=amended_seats(record.seats, seats, added),
        )
        _check_title(new)
        if new.end and (new.start is None or new.end <= new.start):
            raise ValidationError({"end": "Enter an end after the start"})
        what = [
            label
            for name, label in OF_MEETING.items()
            if getattr(new, name) != getattr(record, name)
        ]
        of_seats = changed_of_seats(record.seats, new.seats)
        what += _in_short(record.seats, new.seats)
        if not what:
            raise _nothing_changed()
        return Amended(
            new,
            capfirst(joined_by_and(what)),
            (*_changes(_of_meeting(record), _of_meeting(new)), *of_seats),
            lambda held: _bring_facts_along(held, record, new),
        )

    return _amend(meeting, make, why=why, by=by, made_from=made_from, at=at)


def _amend(
    meeting: Meeting,
    make: Callable[[Record], Amended],
    *,
    why: str,
    by: User,
    made_from: int,
    at: dt.datetime | None,
) -> MinutesVersion:
    held = Meeting.objects.locked().get(pk=meeting.pk)
    last = agreed_version(held)
    if held.state != Meeting.State.AGREED:
        raise ValidationError(
            "Only agreed minutes are amended; these can still be edited"
        )
    if last is None:
        raise ValidationError(NOTHING_KEPT)
    if not why.strip():
        raise ValidationError({"why": "Enter why the minutes are amended"})
    if last.number != made_from:
        raise AmendedMeanwhile(last)
    amended = make(from_json(last.content))
    moment = at or timezone.now()
    amendment = Amendment(
        what=amended.what,
        why=why.strip(),
        by=by.name,
        on=timezone.localdate(moment),
        item=amended.item,
        changes=amended.changes,
    )
    version = keep_version(
        replace(amended.record, amendments=(*amended.record.amendments, amendment)),
        meeting=held,
        kind=MinutesVersion.Kind.AGREED,
        by=by,
        at=moment,
        made_from=last,
        what=amended.what,
        why=why.strip(),
    )
    amended.bring_along(held)
    return version


def _nothing_changed() -> ValidationError:
    return ValidationError(
        "Nothing was changed: change what is wrong, or leave the minutes as they are"
    )


# From what to what


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    return tuple(
        Change(label, said, after[label])
        for label, said in before.items()
        if said != after[label]
    )


def _of_item(item: Item) -> dict[str, str]:
    return {
        "Heading": item.heading,
        "Lead": item.lead,
        "Notes": item.notes,
        "Decisions": item.decisions,
        "Assurance given": item.assurance.lower(),
        "Publication": _publication(item),
    }


def _of_action(line: ActionLine) -> dict[str, str]:
    return {
        "Wording": line.text,
        "Wording in the summary": line.other_wording,
        "Owners": "; ".join(map(str, line.owners)),
        "Due": line.due,
        "Due as minuted": line.due_words,
        "Publication": _publication(line),
    }


def _of_meeting(record: Record) -> dict[str, str]:
    return {
        "Title": record.title,
        "Themes": "; ".join(record.themes),
        "Venue": record.venue,
        "Start": time_format(record.start) if record.start else "",
        "End": time_format(record.end) if record.end else "",
    }


def _publication(what: Item | ActionLine) -> str:
    if not what.withheld:
        return "not withheld"
    return f"withheld: {reason_in_words(what.withheld_reason)}"


def _in_short(before: Sequence[Seat], after: Sequence[Seat]) -> list[str]:
    """What of the attendance was amended, without a name."""
    pairs = list(zip(before, after, strict=False))
    named = any(was.named_publicly != seat.named_publicly for was, seat in pairs)
    other = len(after) > len(before) or any(
        replace(was, named_publicly=seat.named_publicly) != seat for was, seat in pairs
    )
    what = {"attendance": other, "who is named in what is published": named}
    return [label for label, is_so in what.items() if is_so]


def _assurance_in_words(value: str) -> str:
    return AgendaItem.Assurance(value).label if value else ""


def _check(item: Item) -> None:
    if not item.heading.strip():
        raise ValidationError({"heading": "Enter the heading"})
    if item.restricted and not item.withheld:
        raise ValidationError(
            {"withheld": "This item is for the office only, so it stays withheld"}
        )
    if item.withheld and item.withheld_reason not in WithheldReason.values:
        raise ValidationError({"withheld_reason": "Choose a reason for withholding"})
    if item.withheld_reason and not item.withheld:
        raise ValidationError({"withheld_reason": "It is not withheld: choose none"})


def _check_action(record: Record, was: ActionLine, line: ActionLine) -> None:
    if not line.text.strip():
        raise ValidationError({"text": "Enter what is to be done"})
    for name in ("text", "other_wording"):
        try:
            refuse_marks(getattr(line, name))
        except ValidationError as refusal:
            raise ValidationError({name: refusal.messages}) from None
    if line.withheld and line.withheld_reason not in WithheldReason.values:
        raise ValidationError({"withheld_reason": "Choose a reason for withholding"})
    if line.withheld_reason and not line.withheld:
        raise ValidationError({"withheld_reason": "It is not withheld: choose none"})
    item = record.item(line.item) if line.item is not None else None
    if was.withheld and not line.withheld and item and item.withheld:
        raise ValidationError(
            {"withheld": "Its item is withheld, so it stays withheld with it"}
        )


def _check_title(record: Record) -> None:
    if not record.title.strip():
        raise ValidationError({"title": "Enter the title"})
    longest = Meeting._meta.get_field("title").max_length or 0
    if len(_own_title(record)) > longest:
        raise ValidationError(
            {"title": f"Enter a title of at most {longest} characters"}
        )


def _own_title(record: Record) -> str:
    """The title without the type of the meeting that is printed before it."""
    if record.title == record.type:
        return ""
    return record.title.removeprefix(f"{record.type}: ")


# What goes with an item


def _follow(record: Record, was: Item, item: Item) -> Record:
    """The record with what hangs on an item as the item is now: what stands under it,
    its actions, and when people came and went.
    """
    items = list(record.items)
    if item.withheld:
        for below in _below(items, item):
            if not below.withheld:
                items[items.index(below)] = replace(
                    below, withheld=True, withheld_reason=item.withheld_reason
                )
    withheld = {one.key: one for one in items if one.withheld}
    headings = {was.numbered_heading: item.numbered_heading}
    return replace(
        record,
        items=tuple(items),
        seats=tuple(
            replace(
                seat,
                joined=headings.get(seat.joined, seat.joined),
                left=headings.get(seat.left, seat.left),
            )
            for seat in record.seats
        ),
        actions=_withheld_with_item(record.actions, was, withheld),
    )


def _below(items: Sequence[Item], item: Item) -> Iterator[Item]:
    """The items under this one, in printed order."""
    place = next(n for n, one in enumerate(items) if one.key == item.key)
    for one in items[place + 1 :]:
        if one.depth <= item.depth:
            return
        yield one


def _withheld_with_item(
    lines: tuple[ActionLine, ...], was: Item, withheld: Mapping[int, Item]
) -> tuple[ActionLine, ...]:
    """Actions are withheld with their item, and with it released, unless somebody
    said of one by itself that it is or is not.
    """
    own = {
        action.reference: action.withheld
        for action in Action.objects.filter(
            item__in=[line.item for line in lines if line.item is not None]
        )
    }

    def as_item(line: ActionLine) -> ActionLine:
        if line.item is None or own.get(line.reference) is not None:
            return line
        if item := withheld.get(line.item):
            return replace(line, withheld=True, withheld_reason=item.withheld_reason)
        if line.item == was.key:
            return replace(line, withheld=False, withheld_reason="")
        return line

    return tuple(map(as_item, lines))


def _bring_items_along(meeting: Meeting, before: Record, after: Record) -> None:
    assurance = {str(label): value for value, label in AgendaItem.Assurance.choices}
    rows = {row.pk: row for row in meeting.agenda_items.select_for_update(of=("self",))}
    for was, item in zip(before.items, after.items, strict=True):
        row = rows.get(item.key)
        if was == item or row is None:
            continue
        row.heading, row.notes, row.decisions = item.heading, item.notes, item.decisions
        if was.lead != item.lead:
            row.lead = only_person(Person.objects.filter(name__iexact=item.lead))
        row.assurance = assurance.get(item.assurance, "") if item.assurance else ""
        row.withheld, row.withheld_reason = item.withheld, item.withheld_reason
        row.version += 1
        row.save()


# What goes with an action


def _bring_action_along(
    meeting: Meeting,
    was: ActionLine,
    line: ActionLine,
    *,
    by: User,
    at: dt.datetime | None,
) -> None:
    """Its row says the same, save a wording that has gone on since, and its owners and
    due; its timeline says that the minutes were amended.
    """
    year, number = map(int, line.reference.split("/"))
    row = Action.objects.locked().filter(year=year, number=number).first()
    if row is None:
        return
    for name in ("text", "other_wording", "due_words"):
        if getattr(row, name) == getattr(was, name):
            setattr(row, name, getattr(line, name))
    if (was.withheld, was.withheld_reason) != (line.withheld, line.withheld_reason):
        row.withheld, row.withheld_reason = line.withheld, line.withheld_reason
    row.version += 1
    row.save()
    Update.objects.create(
        action=row,
        what=Update.What.EDITED,
        author=by,
        at=at or timezone.now(),
        meeting=meeting,
        text=_on_the_timeline(was, line),
        office_only=True,
    )


def _on_the_timeline(was: ActionLine, line: ActionLine) -> str:
    """In full where the action itself stays as it is."""
    text = "The agreed minutes were amended"
    for change in _changes(_of_action(was), _of_action(line)):
        if change.what in ("Owners", "Due"):
            before, after = change.before or "none", change.after or "none"
            text += f". {change.what} in the minutes: from {before} to {after}"
    return text


# What goes with the heading


def _bring_facts_along(meeting: Meeting, before: Record, after: Record) -> None:
    named = [n for n in OF_MEETING if getattr(before, n) != getattr(after, n)]
    if "themes" in named:
        named.remove("themes")
        meeting.themes.remove(*_themes(set(before.themes) - set(after.themes)))
        meeting.themes.add(*_themes(set(after.themes) - set(before.themes)))
    for name in named:
        value = _own_title(after) if name == "title" else getattr(after, name)
        setattr(meeting, name, value)
    if named:
        meeting.version += 1
        meeting.save(update_fields=[*named, "version"])
    bring_seats_along(meeting, before.seats, after.seats)


def _themes(names: set[str]) -> QuerySet[Theme]:
    """Those of the register; what only the minutes call a theme is in them alone."""
    return Theme.objects.filter(name__in=names)
