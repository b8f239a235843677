"""Publishing agreed minutes and taking them off the public site again.

What the public reads is made from the agreed version and, of the actions, from how they
stand now: their state, and whether they are withheld.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery

from actions.withheld import as_withheld_now
from assurance.files import store_made
from assurance.models import StoredFile, User
from meetings.models import Meeting, MinutesVersion, VersionRemoval, Withdrawal
from meetings.publication import Publication, public_record
from meetings.record import Record, from_json, to_json
from meetings.standing import Standing, standings
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
    """The one published last, with its withdrawal if it was withdrawn; ``removed_at``
    is when words were last removed from it for data protection.
    """
    versions = MinutesVersion.objects.published().filter(meeting_id=meeting_pk)
    removals = VersionRemoval.objects.filter(version=OuterRef("pk"))
    last = removals.order_by("-removal__at").values("removal__at")[:1]
    found = versions.select_related("withdrawal", "pdf", "docx")
    found = found.annotate(removed_at=Subquery(last))
    return found.order_by("-number").first()


def is_public(last: MinutesVersion) -> bool:
    return not hasattr(last, "withdrawal")


def prepare(meeting: Meeting) -> Edition:
    """What would be published now. Refuses minutes that are not agreed."""
    agreed = agreed_version(meeting)
    if meeting.state != Meeting.State.AGREED or agreed is None:
        raise ValidationError(NOT_AGREED)
    record, known = as_withheld_now(from_json(agreed.content), meeting)
    publication = public_record(record, known)
    return Edition(meeting, agreed, last_published(meeting.pk), publication)


def standing_of(meeting: Meeting) -> Standing | None:
    """Whether the public reads these minutes and, if so, whether it would read another
    thing if they were published now. None of minutes that are not agreed.
    """
    found = standings([meeting]).get(meeting.pk)
    if found is None or not found.is_public:
        return found
    return replace(found, has_changed=not prepare(meeting).is_public_already)


@transaction.atomic
def publish(
    edition: Edition,
    *,
    documents: Mapping[str, bytes],
    by: User,
    why: str = "",
    let_pass: Collection[str] = (),
    at: dt.datetime | None = None,
) -> MinutesVersion:
    """Put what was looked at before the public, as it was then.

    ``documents`` are its files by kind, "pdf" and "docx", made before anything is
    held; ``let_pass`` the keys of the doubts that somebody let pass. Refused when
    something changed since, is doubtful, or stops publication.
    """
    meeting = Meeting.objects.locked().get(pk=edition.meeting.pk)
    now = prepare(meeting)
    if problems := now.publication.problems:
        raise ValidationError([f"{one.where}: {one.sentence}" for one in problems])
    if doubts := [one for one in now.publication.doubts if one.key not in let_pass]:
        raise ValidationError([one.refusal for one in doubts])
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
