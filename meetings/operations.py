"""Writes to the parts of a meeting: its agenda, its attendance, its next meeting."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, ProtectedError, Q
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from assurance import files
from assurance.models import StoredFile, User
from meetings.models import AgendaItem, Attendee, Kind, Meeting, Paper, Person
from meetings.models.meeting import MeetingQuerySet
from meetings.models.people import PostKey, post_holders

LAST_MINUTES = "Minutes of the last meeting"


def lock_editable(meeting: Meeting) -> Meeting:
    """The meeting as it is now, held until the transaction ends.

    Refuses with a sentence what may no longer be changed. Whoever adds to a meeting
    holds it, so that two people adding at once wait for each other.
    """
    held = Meeting.objects.locked().get(pk=meeting.pk)
    if not held.is_editable:
        raise ValidationError(why_frozen(held))
    return held


def hold_meetings(*meetings: Meeting | None) -> dict[int, Meeting]:
    """These as they are now, by id, held until the transaction ends.

    Whoever changes several meetings, or some and their actions, holds all the meetings
    first, always in the same order, and then the actions: so nobody waits for somebody
    who waits for them.
    """
    wanted = {meeting.pk for meeting in meetings if meeting is not None}
    rows = Meeting.objects.locked().select_related("type").filter(pk__in=wanted)
    return {row.pk: row for row in rows.order_by("pk")}


def why_frozen(meeting: Meeting) -> str:
    if meeting.state == Meeting.State.CANCELLED:
        return "This meeting is cancelled, so nothing about it can be changed"
    return "The minutes of this meeting are agreed, so nothing in them can be changed"


# Papers


def keep_paper(
    paper: Paper,
    *,
    save: Callable[[], Any],
    by: User,
    upload: UploadedFile | None = None,
    without_file: bool = False,
) -> None:
    """Save a paper with the file that was handed in for it, received today unless
    another day is given. A file that it replaces, or that is taken off, is deleted.

    ``save`` fills the row, refusing when somebody else changed it meanwhile. Call it
    in a transaction.
    """
    meeting = lock_editable(paper.item.meeting)
    save()
    before = paper.file
    if upload:
        there = StoredFile.objects.filter(papers__item__meeting=meeting)
        if before:
            there = there.exclude(pk=before.pk)
        files.check_total([upload], already=files.size_of(there), where="this meeting")
        paper.file = files.store(upload, by=by)
        paper.received_on = paper.received_on or timezone.localdate()
    elif without_file:
        paper.file = None
    paper.save()
    if before and before != paper.file:
        files.discard(before)


def delete_paper(paper: Paper) -> None:
    """Delete a paper and its file. Call it in a transaction."""
    lock_editable(paper.item.meeting)
    stored = paper.file
    paper.delete()
    if stored:
        files.discard(stored)


# A new meeting


@transaction.atomic
def start_agenda(meeting: Meeting) -> None:
    """Give a new meeting the standing items of its type, and the minutes of the last
    one to agree if they went round.
    """
    numbering = {
        True: AgendaItem.Numbering.AUTO,
        False: AgendaItem.Numbering.NONE,
    }
    for order, standing in enumerate(meeting.type.standing_items.all()):
        AgendaItem.objects.create(
            meeting=meeting,
            order=order,
            heading=standing.heading,
            kind=standing.kind,
            numbering=numbering[standing.is_numbered],
        )
    if minutes_to_agree_at(meeting).exists():
        put_last_minutes(meeting)


def minutes_to_agree_at(meeting: Meeting) -> MeetingQuerySet:
    """The meetings whose draft went round and that this one follows: as they confirm
    it, or as a meeting of their type when they confirm none.
    """
    follows = Q(next_meeting=meeting.pk) | Q(
        next_meeting__isnull=True, type=meeting.type_id
    )
    return (
        Meeting.objects.filter(
            follows, state=Meeting.State.CIRCULATED, date__lte=meeting.date
        )
        .exclude(pk=meeting.pk)
        .select_related("type")
        .latest_first()
    )


@transaction.atomic
def put_last_minutes(following: Meeting | None) -> AgendaItem | None:
    """Put the minutes of the last meeting first on the agenda of a planned one that
    does not have them. An agenda that was sent keeps its numbers.
    """
    if following is None:
        return None
    held = Meeting.objects.locked().get(pk=following.pk)
    rows = list(held.agenda_items.filter(parent=None))
    if held.state != Meeting.State.PLANNED:
        return None
    if held.agenda_items.filter(kind=Kind.LAST_MINUTES).exists():
        return None
    auto, no_number = AgendaItem.Numbering.AUTO, AgendaItem.Numbering.NONE
    is_numbered = not rows or rows[0].numbering == auto
    item = AgendaItem.objects.create(
        meeting=held,
        heading=LAST_MINUTES,
        kind=Kind.LAST_MINUTES,
        numbering=auto if is_numbered and not held.agenda_sent_at else no_number,
    )
    _put_in_order([item, *rows])
    return item


def last_of_type(meeting: Meeting) -> Meeting | None:
    """The meeting of its type before this one that has an attendance to start from."""
    listed = Attendee.objects.filter(meeting=OuterRef("pk"))
    return (
        Meeting.objects.not_cancelled()
        .filter(Exists(listed), type=meeting.type_id, date__lte=meeting.date)
        .exclude(pk=meeting.pk)
        .latest_first()
        .first()
    )


def last_attendances(meeting: Meeting) -> dict[int, Attendee]:
    """What each person was when they last attended before this meeting, by person.

    Two queries: the ids of the whole attendance, a few thousand, then one row each.
    """
    latest_last = (
        Attendee.objects.filter(meeting__date__lte=meeting.date)
        .exclude(meeting=meeting.pk)
        .latest_first()
        .reverse()
        .values_list("person_id", "pk")
    )
    rows = Attendee.objects.select_related("person", "organisation").filter(
        pk__in=dict(latest_last).values()
    )
    return {attendee.person_id: attendee for attendee in rows}


def shared_posts() -> set[PostKey]:
    """Posts of which two people at one meeting had one each."""
    held = Attendee.objects.exclude(capacity="").only(
        "meeting_id", "organisation_id", "capacity"
    )
    at_once = Counter((seat.meeting_id, seat.post_key) for seat in held)
    return {post for (_, post), count in at_once.items() if count > 1}


@transaction.atomic
def invite_as_at(source: Meeting, meeting: Meeting) -> int:
    """Invite to a meeting whoever ``source`` says should come; says how many.

    A seat goes to whoever holds its post now, unless several people hold that post at
    once. Somebody who was only standing in gives way to the person they stood in for.
    Everybody comes with the capacity they had last, a chair stays chair, and a
    minute-taker outside the list stays outside it.
    """
    seats = source.attendance()
    invited = {a.person_id for a in meeting.attendees.all()}
    named = {seat.person_id for seat in seats}
    shared = shared_posts()
    holders = {
        post: holder
        for post, holder in post_holders(before=meeting).items()
        if post not in shared
    }
    last = last_attendances(meeting)
    order = _next_order(meeting)
    count = 0
    for seat in seats:
        person, was = _who_sits(seat, named, holders, last)
        if person is None or person.pk in invited:
            continue
        invited.add(person.pk)
        Attendee.objects.create(
            meeting=meeting,
            person=person,
            capacity=was.capacity if was else "",
            abbreviation=was.abbreviation if was else "",
            organisation=was.organisation if was else seat.organisation,
            role=seat.role,
            listed=seat.listed,
            order=order + count,
        )
        count += 1
    return count


def _who_sits(
    seat: Attendee,
    named: set[int],
    holders: dict[PostKey, Attendee],
    last: dict[int, Attendee],
) -> tuple[Person | None, Attendee | None]:
    """The person to invite for a seat, and what they last were."""
    if seat.standing_in_for is not None:
        if seat.standing_in_for_id in named:
            return None, None
        return seat.standing_in_for, last.get(seat.standing_in_for.pk)
    holder = holders.get(seat.post_key) if seat.capacity else None
    if holder and holder.person_id not in named:
        return holder.person, holder
    return seat.person, last.get(seat.person_id, seat)


# Attendance


def _next_order(meeting: Meeting) -> int:
    highest = meeting.attendees.aggregate(highest=Max("order"))["highest"]
    return 0 if highest is None else highest + 1


@transaction.atomic
def add_attendee(
    meeting: Meeting, *, person: Person | None, name: str = "", attendee: Attendee
) -> Attendee:
    """Put a known person, or a new one by name, at the end of the list.

    What ``attendee`` leaves blank of a known person is what they last were. A name
    that one known person has is that person.
    """
    lock_editable(meeting)
    person = person or _known_by(name)
    if person is not None:
        if meeting.attendees.filter(person=person).exists():
            raise ValidationError({"person": f"{person} is on the list already"})
        if was := last_attendances(meeting).get(person.pk):
            attendee.capacity = attendee.capacity or was.capacity
            attendee.abbreviation = attendee.abbreviation or was.abbreviation
            attendee.organisation = attendee.organisation or was.organisation
    attendee.meeting = meeting
    attendee.person = person or Person.objects.create(name=name)
    attendee.order = _next_order(meeting)
    attendee.save()
    return attendee


def _known_by(name: str) -> Person | None:
    known = list(Person.objects.filter(name__iexact=name)[:2])
    if len(known) > 1:
        raise ValidationError(
            {"name": f"Several people are called {name}. Choose one of them instead"}
        )
    return known[0] if known else None


@transaction.atomic
def mark_everyone_here(meeting: Meeting, *, by: User, today: dt.date) -> int:
    """Everybody still only invited is present; says how many. Others stay as they are.

    Raises ``ValidationError`` while the meeting is still to be held.
    """
    if not lock_editable(meeting).has_begun(today=today):
        raise ValidationError(
            "The meeting has not begun: start it first, then mark who is here"
        )
    invited = list(
        meeting.attendees.select_for_update().filter(
            attendance=Attendee.Attendance.INVITED
        )
    )
    for attendee in invited:
        attendee.attendance = Attendee.Attendance.PRESENT
        attendee.version += 1
    bulk_update_with_history(
        invited, Attendee, ["attendance", "version"], default_user=by
    )
    return len(invited)


@transaction.atomic
def move_attendee(attendee: Attendee, *, up: bool) -> None:
    """One place up or down the list; at its end nothing happens."""
    lock_editable(attendee.meeting)
    rows = list(attendee.meeting.attendees.all())
    if attendee not in rows:
        raise ValidationError("This row of the list was removed meanwhile")
    _swap(rows, rows.index(attendee), up=up)
    _put_in_order(rows)


# The agenda


@transaction.atomic
def move_item(item: AgendaItem, *, up: bool) -> None:
    """One place up or down among the items beside it."""
    lock_editable(item.meeting)
    item = _as_it_is_now(item)
    rows = list(item.meeting.agenda_items.filter(parent=item.parent_id))
    _swap(rows, rows.index(item), up=up)
    _put_in_order(rows)


def _as_it_is_now(item: AgendaItem) -> AgendaItem:
    """The item, read again once its meeting is locked."""
    now = item.meeting.agenda_items.filter(pk=item.pk).first()
    if now is None:
        raise ValidationError(f"“{item.heading}” was taken off the agenda meanwhile")
    return now


Place = tuple[AgendaItem | None, AgendaItem | None]


@transaction.atomic
def save_item(
    item: AgendaItem, *, save: Callable[[], Any], place: Place | None
) -> list[AgendaItem]:
    """Save an item with all below it at ``place``: its parent, and the item before it.

    ``save`` writes the row, refusing when somebody else did meanwhile. Without a
    ``place`` the item stays where it is. Returns the items that became for the office
    only, or withheld, because what they stand under is.
    """
    lock_editable(item.meeting)
    if item.pk is None:
        _place(item, *(place or (None, None)))
        save()
    else:
        save()
        if place is not None:
            _place(item, *place)
    return _hand_down(item)


def _hand_down(item: AgendaItem) -> list[AgendaItem]:
    """What is for the office only or withheld is so with all below it.

    Lifting it from an item leaves those below as they are: somebody decides on each.
    """
    agenda = item.meeting.agenda()
    by_pk: dict[int | None, AgendaItem] = {row.pk: row for row in agenda}
    concerned = {item.pk, *_below(item, agenda)}
    changed = []
    for row in agenda:
        above = by_pk.get(row.parent_id)
        if row.pk not in concerned or above is None:
            continue
        restricts = above.restricted and not row.restricted
        withholds = above.withheld and not row.withheld
        if restricts or withholds:
            row.restricted = row.restricted or above.restricted
            if withholds:
                row.withheld, row.withheld_reason = True, above.withheld_reason
            row.version += 1
            row.save(
                update_fields=["restricted", "withheld", "withheld_reason", "version"]
            )
            changed.append(row)
    return changed


def _place(
    item: AgendaItem, parent: AgendaItem | None, after: AgendaItem | None
) -> None:
    """Put an item, with all below it, under ``parent`` behind ``after``.

    Without ``parent`` it stands at the top level, without ``after`` it comes first.
    An unsaved item is only given its place.
    """
    agenda = item.meeting.agenda()
    depth = {row.pk: row.depth for row in agenda}
    moved_meanwhile = ValidationError(
        {"place": "Choose the place again: the agenda was changed meanwhile"}
    )
    if parent is not None and parent.pk not in depth:
        raise moved_meanwhile
    below = _below(item, agenda)
    if parent is not None and (parent.pk == item.pk or parent.pk in below):
        raise ValidationError({"place": "An item cannot be under itself"})
    top = 0 if parent is None else depth[parent.pk] + 1
    height = max((depth[pk] for pk in below), default=0) - depth.get(item.pk, 0)
    if top + max(height, 0) >= AgendaItem.MAX_DEPTH:
        raise ValidationError(
            {"place": f"An agenda has at most {AgendaItem.MAX_DEPTH} levels"}
        )
    parent_id = parent.pk if parent else None
    rows = [r for r in agenda if r.parent_id == parent_id and r.pk != item.pk]
    if after is not None and after not in rows:
        raise moved_meanwhile
    rows.insert(rows.index(after) + 1 if after is not None else 0, item)
    item.parent = parent
    if item.pk:
        item.save(update_fields=["parent"])
    _put_in_order(rows)


def _below(item: AgendaItem, agenda: Sequence[AgendaItem]) -> set[int]:
    """The ids of all items under this one. ``agenda`` is in printed order."""
    found: set[int] = set()
    for row in agenda:
        if item.pk and row.parent_id in {item.pk, *found}:
            found.add(row.pk)
    return found


@transaction.atomic
def delete_item(item: AgendaItem) -> None:
    """Take an item off the agenda, unless something would be lost with it."""
    lock_editable(item.meeting)
    item = _as_it_is_now(item)
    if refusal := why_not_deleted(item):
        raise ValidationError(refusal)
    stored = list(StoredFile.objects.filter(papers__item=item))
    _nobody_came_or_went_at(item)
    try:
        item.delete()
    except ProtectedError:
        raise ValidationError(
            f"Actions were raised at “{item.heading}”, so it stays on the agenda"
        ) from None
    for file in stored:
        files.discard(file)


def _nobody_came_or_went_at(item: AgendaItem) -> None:
    """Deleting it would empty these fields too, but leave no history of that."""
    moved = item.meeting.attendees.filter(Q(joined_item=item) | Q(left_item=item))
    for attendee in moved:
        if attendee.joined_item_id == item.pk:
            attendee.joined_item = None
        if attendee.left_item_id == item.pk:
            attendee.left_item = None
        attendee.version += 1
        attendee.save()


def why_not_deleted(item: AgendaItem) -> str:
    """A sentence, or nothing when the item itself does not stand in the way."""
    if item.has_notes or item.assurance:
        return f"“{item.heading}” has notes. Clear them first if it is not needed"
    if item.children.exists():
        return f"There are items under “{item.heading}”. Move or delete them first"
    if item.comments.exists():
        return (
            f"Somebody commented on “{item.heading}” in a draft, so it stays on the "
            "agenda"
        )
    return ""


# The next meeting


@transaction.atomic
def confirm_next_meeting(meeting: Meeting, following: Meeting | None) -> None:
    """Say in these minutes which meeting comes next, or that none is confirmed."""
    hold_meetings(meeting, following)
    held = lock_editable(meeting)
    if following is not None and following.date <= held.date:
        raise ValidationError(
            {"date": f"Enter a date after this meeting, {_day(held)}"}
        )
    is_another = following is not None and following.pk != held.next_meeting_id
    held.next_meeting = following
    held.version += 1
    held.save(update_fields=["next_meeting", "version"])
    if is_another:
        put_last_minutes(following)


def _day(meeting: Meeting) -> str:
    return f"{meeting.date.day} {meeting.date:%B %Y}"


# Order


def _swap(rows: list, place: int, *, up: bool) -> None:
    other = place - 1 if up else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]


def _put_in_order(rows: Sequence[Any]) -> None:
    """Number items or attendees from 0, writing only those that change.

    Their ``version`` stays: moving something is no change to what somebody may be
    writing there at the moment.
    """
    moved: list[Any] = []
    for order, row in enumerate(rows):
        if row.order != order:
            row.order = order
            if row.pk:
                moved.append(row)
    if moved:
        bulk_update_with_history(moved, type(moved[0]), ["order"])
