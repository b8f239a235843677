"""Publishing agreed minutes and taking them off the public site again.

What the public reads is made from the agreed version and, of the actions, from how they
stand now: their state, and whether they are withheld.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery

from actions.withheld import as_withheld_now
from assurance.files import store_made
from assurance.models import StoredFile, User
from meetings.doubtful import LEAVE, REPLACE, Choices, Doubt, chosen_for
from meetings.models import Meeting, MinutesVersion, VersionRemoval, Withdrawal
from meetings.publication import Known, Publication, public_record
from meetings.record import Record, from_json, to_json
from meetings.standing import Standing, standings
from meetings.versions import agreed_version, keep_version

Kind = MinutesVersion.Kind
NOT_AGREED = "Only agreed minutes are published. Record first how these were agreed"
NOT_SHOWN = (
    "The preview did not show yet what you chose. It does now: read it, then publish"
)
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
    # What it is made from.
    source: Record
    known: Known
    publication: Publication
    # What is chosen of the doubts, and what was of those that the version has which is
    # public now.
    chosen: Choices = field(default_factory=dict)
    chosen_before: Choices = field(default_factory=dict)

    @property
    def record(self) -> Record:
        return self.publication.record

    @property
    def number(self) -> int:
        return self.last.number + 1 if self.last else 1

    @cached_property
    def digest(self) -> str:
        """Of all that the public would read, and of what is to be chosen, to tell
        whether it still is the same.
        """
        doubts = [one.key for one in self.publication.doubts]
        said = [self.number, to_json(self.record), doubts]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @cached_property
    def digest_unchosen(self) -> str:
        """The same before anything is chosen: it is another when the minutes are."""
        return self.with_choices({}).digest

    def with_choices(self, chosen: Choices) -> "Edition":
        """With the post in the place of what is to be replaced."""
        before, now = self._replaced(self.chosen), self._replaced(chosen)
        if before != now:
            publication = public_record(self.source, self.known, now)
            return replace(self, publication=publication, chosen=chosen)
        return replace(self, chosen=chosen)

    def _replaced(self, chosen: Choices) -> list[Doubt]:
        return [
            one for one in self.publication.doubts if chosen.get(one.key) == REPLACE
        ]

    @property
    def undecided(self) -> list[Doubt]:
        return [one for one in self.publication.doubts if one.key not in self.chosen]

    @property
    def let_pass(self) -> str:
        """What is left as it stands, a line each."""
        return "\n".join(
            one.line
            for one in self.publication.doubts
            if self.chosen.get(one.key) == LEAVE
        )

    @property
    def replaced(self) -> str:
        """What gives way to the post, a line each."""
        return "\n".join(one.line_replaced for one in self._replaced(self.chosen))

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
    """What would be published now, with what was chosen of doubts for the version that
    is public. Refuses minutes that are not agreed.
    """
    agreed = agreed_version(meeting)
    if meeting.state != Meeting.State.AGREED or agreed is None:
        raise ValidationError(NOT_AGREED)
    record, known = as_withheld_now(from_json(agreed.content), meeting)
    publication = public_record(record, known)
    last = last_published(meeting.pk)
    edition = Edition(meeting, agreed, last, record, known, publication)
    if last is None or not is_public(last):
        return edition
    before = chosen_for(last, publication.doubts)
    return replace(edition.with_choices(before), chosen_before=before)


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
    at: dt.datetime | None = None,
) -> MinutesVersion:
    """Put what was looked at before the public, as it was then.

    ``documents`` are its files by kind, "pdf" and "docx", made before anything is
    held. Refused when something changed since, stops publication, or is doubtful and
    nothing was chosen of it. What was chosen is kept with the version.
    """
    meeting = Meeting.objects.locked().get(pk=edition.meeting.pk)
    now = prepare(meeting).with_choices(edition.chosen)
    if problems := now.publication.problems:
        raise ValidationError([f"{one.where}: {one.sentence}" for one in problems])
    if now.undecided:
        raise ValidationError([one.refusal for one in now.undecided])
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
        let_pass=now.let_pass,
        replaced=now.replaced,
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
