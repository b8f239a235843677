"""Publishing agreed minutes and taking them off the public site again.

What the public reads is made from the agreed version and, of the actions, from how they
stand now: their state, and whether they are withheld.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import transaction

from actions.models import Action
from assurance.files import store_made
from assurance.models import StoredFile, User
from meetings.models import AgendaItem, Meeting, MinutesVersion, Withdrawal
from meetings.models.agenda import number_agenda
from meetings.publication import (
    Publication,
    marked_as_withheld,
    public_record,
    withheld_items,
)
from meetings.record import Item, Record, from_json, to_json
from meetings.versions import agreed_version, keep_version

Kind = MinutesVersion.Kind
NOT_AGREED = "Only agreed minutes are published. Record first how these were agreed"
CHANGED = (
    "What the public would read has changed since you looked. Read the preview again"
)
NOTHING_NEW = "The public reads exactly this already, so there is nothing to publish"


@dataclass(frozen=True)
class Edition:
    """What would be published of a meeting now."""

    meeting: Meeting
    agreed: MinutesVersion
    # The version published before, withdrawn or not.
    last: MinutesVersion | None
    publication: Publication

    @property
    def record(self) -> Record:
        return self.publication.record

    @property
    def number(self) -> int:
        return self.last.number + 1 if self.last else 1

    @cached_property
    def digest(self) -> str:
        """Of all that the public would read, to tell whether it still is the same."""
        said = [self.number, to_json(self.record)]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @property
    def is_public_already(self) -> bool:
        return (
            self.last is not None
            and is_public(self.last)
            and from_json(self.last.content) == self.record
        )

    @property
    def can_be_published(self) -> bool:
        return not (self.publication.problems or self.is_public_already)


def last_published(meeting_pk: int) -> MinutesVersion | None:
    """The one published last, with its withdrawal if it was withdrawn."""
    versions = MinutesVersion.objects.published().filter(meeting_id=meeting_pk)
    found = versions.select_related("withdrawal", "pdf", "docx")
    return found.order_by("-number").first()


def is_public(last: MinutesVersion) -> bool:
    return not hasattr(last, "withdrawal")


def prepare(meeting: Meeting) -> Edition:
    """What would be published now. Refuses minutes that are not agreed."""
    agreed = agreed_version(meeting)
    if meeting.state != Meeting.State.AGREED or agreed is None:
        raise ValidationError(NOT_AGREED)
    record = from_json(agreed.content)
    actions = _actions_in(record)
    following = meeting.next_meeting
    publication = public_record(
        record,
        statuses={one.reference: one.get_status_display() for one in actions},
        withheld=_withheld_now(actions, meeting),
        links=[one.joining_link for one in (meeting, following) if one],
        elsewhere=_headings_withheld_elsewhere(meeting),
    )
    return Edition(meeting, agreed, last_published(meeting.pk), publication)


@transaction.atomic
def publish(
    edition: Edition,
    *,
    documents: Mapping[str, bytes],
    by: User,
    why: str = "",
    at: dt.datetime | None = None,
) -> MinutesVersion:
    """Put what was looked at before the public, as it was then.

    ``documents`` are its files by kind, "pdf" and "docx", made before anything is
    held. Refused when something changed since, or stops publication.
    """
    meeting = Meeting.objects.locked().get(pk=edition.meeting.pk)
    now = prepare(meeting)
    if problems := now.publication.problems:
        raise ValidationError([f"{one.where}: {one.sentence}" for one in problems])
    if now.is_public_already:
        raise ValidationError(NOTHING_NEW)
    if now.digest != edition.digest:
        raise ValidationError(CHANGED)
    if now.last and not why.strip():
        raise ValidationError({"why": "Say why the minutes are published again"})
    return keep_version(
        now.record,
        meeting=meeting,
        kind=Kind.PUBLISHED,
        by=by,
        at=at,
        made_from=now.agreed,
        why=why,
        **{
            kind: _keep(content, kind, edition, by)
            for kind, content in documents.items()
        },
    )


def _keep(content: bytes, kind: str, edition: Edition, by: User) -> StoredFile:
    """Named by the day alone: nothing of what is withheld can be in it."""
    name = f"minutes-{edition.record.date}-version-{edition.number}.{kind}"
    return store_made(content, name=name, kind=kind, by=by)


@transaction.atomic
def withdraw(
    version: MinutesVersion, *, why: str, by: User, at: dt.datetime | None = None
) -> Withdrawal:
    """Take it off the public site. It is kept."""
    if not why.strip():
        raise ValidationError({"why": "Say why they are withdrawn"})
    Meeting.objects.locked().get(pk=version.meeting_id)
    last = last_published(version.meeting_id)
    if last != version:
        raise ValidationError(
            "Another version was published meanwhile. Look at it before withdrawing"
        )
    if not is_public(last):
        raise ValidationError("These minutes are withdrawn already")
    when = {"at": at} if at else {}
    return Withdrawal.objects.create(version=version, why=why, by=by, **when)


# What the register of actions says now


def _actions_in(record: Record) -> list[Action]:
    """Every action that these minutes name. One query."""
    made = (action for one in record.reviewed for action in one.made)
    references = {
        *(action.reference for action in (*record.actions, *made)),
        *(one.reference for one in record.reviewed),
        *record.not_reached,
    }
    if not references:
        return []
    pairs = [tuple(map(int, reference.split("/"))) for reference in references]
    found = Action.objects.filter(
        year__in={year for year, _ in pairs}, number__in={n for _, n in pairs}
    ).select_related("item__parent__parent")
    return [action for action in found if action.reference in references]


def _withheld_now(actions: list[Action], meeting: Meeting) -> dict[str, str]:
    """The actions withheld at present, with the reason: by their own answer, with
    their item or one above it, or by a mark in a withheld passage of the minutes they
    were raised in. Those of this meeting are asked of its own record.
    """
    found: dict[str, str] = {}
    others = {one.meeting_id for one in actions if one.meeting_id} - {meeting.pk}
    for items in _agendas(others):
        found |= marked_as_withheld(items, withheld_items(items))
    for action in actions:
        item = action.item
        while item is not None:
            if item.withheld:
                found[action.reference] = item.withheld_reason
            item = item.parent
        if action.withheld:
            found[action.reference] = action.withheld_reason
    return found


def _headings_withheld_elsewhere(meeting: Meeting) -> list[str]:
    """Of the minutes that were agreed at this meeting: their outcome may name them."""
    agreed_here = meeting.agreements.values_list("meeting_id", flat=True)
    return [
        item.heading
        for items in _agendas(set(agreed_here))
        for item in items
        if item.key in withheld_items(items)
    ]


def _agendas(meetings: set[int]) -> Iterable[list[Item]]:
    """The items of each meeting, as agreed or else as they stand: two queries."""
    if not meetings:
        return
    agreed = MinutesVersion.objects.agreed().filter(meeting__in=meetings)
    latest = {one.meeting_id: one for one in agreed.order_by("number")}
    for version in latest.values():
        yield list(from_json(version.content).items)
    rest = meetings - latest.keys()
    rows: dict[int, list[AgendaItem]] = {}
    for row in AgendaItem.objects.filter(meeting__in=rest):
        rows.setdefault(row.meeting_id, []).append(row)
    for agenda in rows.values():
        yield [
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
            for row in number_agenda(agenda)
        ]
