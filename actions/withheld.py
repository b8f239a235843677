"""What of minutes is withheld at present, whatever they said when they were kept.

The office may withhold an item, an action or a name after minutes went round or were
agreed: whoever reads them without what is withheld reads no more from then on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from django.db.models import QuerySet

from actions.models import Action
from meetings.models import AgendaItem, Attendee, Meeting, MinutesVersion
from meetings.models.agenda import number_agenda
from meetings.publication import Known
from meetings.record import Item, Record, Seat, from_json
from meetings.spelling import fold
from meetings.withheld import (
    marked_as_withheld,
    references_in,
    withheld_actions,
    withheld_items,
)


def as_withheld_now(record: Record, meeting: Meeting) -> tuple[Record, Known]:
    """The record with what was withheld since, and what else is known today. In a fixed
    number of queries, but for one more for each time that actions were replaced.
    """
    agenda = _agenda(meeting.agenda_items.all())
    record = replace(
        record,
        items=tuple(_items_now(record.items, agenda)),
        seats=_seats_now(record.seats, meeting.attendees.select_related("person")),
    )
    actions = _actions_in(record)
    known = Known(
        statuses={one.reference: one.get_status_display() for one in actions},
        withheld=_withheld_now(actions, record, meeting, agenda),
        links=_links_in(record),
        earlier=_kept_before(meeting),
    )
    return record, known


def _items_now(items: Iterable[Item], agenda: list[Item]) -> Iterator[Item]:
    rows = {row.key: row for row in agenda}
    marked = [_withheld_with(item, rows.get(item.key)) for item in items]
    # What was moved below a withheld item goes with it.
    now, then = withheld_items(agenda), withheld_items(marked)
    for item in marked:
        if item.key in now and item.key not in then:
            item = replace(item, withheld=True, withheld_reason=now[item.key])
        yield item


def _withheld_with(item: Item, row: Item | None) -> Item:
    if row is None or not (row.withheld or row.restricted):
        return item
    return replace(
        item,
        restricted=item.restricted or row.restricted,
        withheld=True,
        withheld_reason=item.withheld_reason or row.withheld_reason,
    )


def _seats_now(seats: Sequence[Seat], rows: Iterable[Attendee]) -> tuple[Seat, ...]:
    """By name, or by place where somebody is called otherwise by now."""
    places: dict[str, list[int]] = {}
    for place, seat in enumerate(seats):
        places.setdefault(fold(seat.name).casefold(), []).append(place)
    hidden: set[int] = set()
    listed = [place for place, seat in enumerate(seats) if not seat.taken_out]
    for n, row in enumerate(rows):
        if not row.named_publicly:
            by_place = listed[n : n + 1]
            hidden |= {*places.get(fold(row.person.name).casefold(), by_place)}
    return tuple(
        replace(seat, named_publicly=False) if place in hidden else seat
        for place, seat in enumerate(seats)
    )


def _kept_before(meeting: Meeting) -> list[Record]:
    kept = meeting.versions.exclude(kind=MinutesVersion.Kind.PUBLISHED)
    return [from_json(content) for content in kept.values_list("content", flat=True)]


def _links_in(record: Record) -> list[str]:
    """The links to join any meeting, at present or once, that the record may have in
    it. One query.
    """
    now = Meeting.objects.exclude(joining_link="").order_by()
    once = Meeting.history.exclude(joining_link="").order_by()
    links = now.values_list("joining_link", flat=True).union(
        once.values_list("joining_link", flat=True)
    )
    words = record.words().lower()
    return sorted(
        (link for link in links if _without_scheme(link) in words),
        key=len,
        reverse=True,
    )


def _without_scheme(link: str) -> str:
    return link.lower().partition("://")[2].rstrip("/")


# Actions


def _actions_in(record: Record) -> list[Action]:
    """Every action that these minutes name. One query."""
    references = references_in(record)
    if not references:
        return []
    pairs = [tuple(map(int, reference.split("/"))) for reference in references]
    found = _with_items().filter(
        year__in={year for year, _ in pairs}, number__in={n for _, n in pairs}
    )
    return [action for action in found if action.reference in references]


def _with_items() -> QuerySet[Action]:
    return Action.objects.select_related("item__parent__parent")


def _withheld_now(
    actions: list[Action], record: Record, meeting: Meeting, agenda: list[Item]
) -> dict[str, str]:
    """The actions withheld at present, with the reason: by their own answer, with
    their item or one above it, by a mark in a withheld passage of the minutes they
    were raised in, or because they took the place of one that is.
    """
    family = _with_what_they_replaced(actions)
    found = withheld_actions(record)
    meetings = {one.meeting_id for one in family.values() if one.meeting_id}
    for items in (agenda, *_agendas(meetings - {meeting.pk})):
        found |= marked_as_withheld(items, withheld_items(items))
    for action in family.values():
        found |= _by_itself_or_its_item(action)
    for action in actions:
        for replaced in _line_of(action, family):
            if reason := found.get(replaced.reference):
                found.setdefault(action.reference, reason)
    return found


def _by_itself_or_its_item(action: Action) -> dict[str, str]:
    if action.withheld:
        return {action.reference: action.withheld_reason}
    item = action.item
    while item is not None:
        if item.withheld:
            return {action.reference: item.withheld_reason}
        item = item.parent
    return {}


def _with_what_they_replaced(actions: Iterable[Action]) -> dict[int, Action]:
    """By key, with all that they replaced, and what that replaced."""
    family = {action.pk: action for action in actions}
    while missing := {one.replaces_id for one in family.values()} - {None, *family}:
        family |= _with_items().in_bulk(missing)
    return family


def _line_of(action: Action, family: Mapping[int, Action]) -> Iterator[Action]:
    while action.replaces_id:
        action = family[action.replaces_id]
        yield action


def _agendas(meetings: set[int]) -> Iterator[list[Item]]:
    """The items of each meeting, as agreed and as they stand: two queries."""
    if not meetings:
        return
    agreed = MinutesVersion.objects.agreed().filter(meeting__in=meetings)
    latest = {one.meeting_id: one for one in agreed.order_by("number")}
    for version in latest.values():
        yield list(from_json(version.content).items)
    rows: dict[int, list[AgendaItem]] = {}
    for row in AgendaItem.objects.filter(meeting__in=meetings):
        rows.setdefault(row.meeting_id, []).append(row)
    yield from map(_agenda, rows.values())


def _agenda(rows: Iterable[AgendaItem]) -> list[Item]:
    return [
        Item(
            key=row.pk,
            heading=row.heading,
            depth=row.depth,
            restricted=row.restricted,
            withheld=row.withheld,
            withheld_reason=row.withheld_reason,
            notes=row.notes,
            decisions=row.decisions,
        )
        for row in number_agenda(rows)
    ]
