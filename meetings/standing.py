"""Whether the public reads the minutes of a meeting, in words for lists and pages."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone

from assurance.calendar import day_in_words
from meetings.models import Meeting, MinutesVersion
from meetings.models.meeting import MeetingQuerySet

Kind = MinutesVersion.Kind


@dataclass(frozen=True)
class Standing:
    """Of agreed minutes: not published, public, amended since then, or withdrawn."""

    number: int = 0  # of the version published last
    on: dt.date | None = None
    withdrawn_on: dt.date | None = None
    # Since it was published; changed too is how its actions stand, or what is withheld.
    is_amended: bool = False
    has_changed: bool = False

    @property
    def is_public(self) -> bool:
        return bool(self.number) and self.withdrawn_on is None

    @property
    def in_words(self) -> str:
        """ "Published version 2 on 3 May 2026", as a tag says it."""
        if not self.number or self.on is None:
            return "Not published"
        if self.withdrawn_on:
            withdrawn = day_in_words(self.withdrawn_on)
            return f"Version {self.number} withdrawn on {withdrawn}"
        return f"Published version {self.number} on {day_in_words(self.on)}"

    @property
    def since_then(self) -> str:
        """What a second tag says, if the public reads what is no longer so."""
        if not self.is_public:
            return ""
        if self.is_amended:
            return "Amended since publication"
        return "Changed since publication" if self.has_changed else ""

    @property
    def colour(self) -> str:
        """Of the tag; the words say it too."""
        if self.withdrawn_on:
            return "red"
        return "turquoise" if self.is_public else "grey"


def standings(meetings: Collection[Meeting]) -> dict[int, Standing]:
    """By the key of each meeting whose minutes are agreed. One query at most.

    What was amended is found; what else has changed is told of one meeting by
    ``actions.publishing.standing_of``.
    """
    agreed = [one.pk for one in meetings if one.state == Meeting.State.AGREED]
    if not agreed:
        return {}
    found = dict.fromkeys(agreed, Standing())
    last_agreed = dict.fromkeys(agreed, 0)
    versions = MinutesVersion.objects.filter(
        meeting__in=agreed, kind__in=[Kind.AGREED, Kind.PUBLISHED]
    )
    # Agreed ones come before published ones, and each kind in the order of its numbers.
    for pk, kind, number, at, made_from, withdrawn_at in versions.order_by(
        "kind", "number"
    ).values_list(
        "meeting", "kind", "number", "at", "made_from__number", "withdrawal__at"
    ):
        if kind == Kind.AGREED:
            last_agreed[pk] = number
        else:
            found[pk] = Standing(
                number=number,
                on=timezone.localdate(at),
                withdrawn_on=timezone.localdate(withdrawn_at) if withdrawn_at else None,
                is_amended=made_from < last_agreed[pk],
            )
    return found


def never_published(meetings: MeetingQuerySet) -> MeetingQuerySet:
    """Those whose minutes are agreed and wait to be published for the first time."""
    published = MinutesVersion.objects.published().filter(meeting=OuterRef("pk"))
    return meetings.filter(~Exists(published), state=Meeting.State.AGREED)
