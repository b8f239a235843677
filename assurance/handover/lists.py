"""The main lists as tables that a spreadsheet opens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from actions.models import Action, Owner, Update
from assurance.models import Organisation, StoredFile, User
from assurance.sheets import Column, Sheet
from meetings.models import AgendaItem, Attendee, Meeting, MinutesVersion, Person


@dataclass(frozen=True)
class Listing:
    """``columns`` are headings, each with the way to its value from the row."""

    name: str
    rows: QuerySet[Any]
    columns: Sequence[tuple[str, str]]

    @property
    def path(self) -> str:
        return f"lists/{self.name}.csv"

    def sheet(self, *, using: str) -> Sheet:
        return Sheet(
            title=self.name,
            columns=[Column(heading) for heading, _ in self.columns],
            rows=self._values(using),
        )

    def _values(self, using: str) -> Iterator[list[Any]]:
        words = _choices(self.rows.model)
        ways = [way for _, way in self.columns]
        for row in self.rows.using(using).values_list(*ways).iterator(chunk_size=500):
            yield [
                _readable(words.get(way, {}).get(value, value))
                for way, value in zip(ways, row, strict=True)
            ]


def _choices(model: Any) -> dict[str, dict[Any, str]]:
    return {column.name: dict(column.flatchoices) for column in model._meta.fields}


def _readable(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "tzinfo") and hasattr(value, "date"):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if hasattr(value, "hour"):
        return f"{value:%H:%M}"
    return value


_WHICH = [("Year", "action__year"), ("Number in the year", "action__number")]
_AT = [("Date of meeting", "meeting__date"), ("Meeting", "meeting__title")]


def listings() -> list[Listing]:
    return [
        Listing(
            "meetings",
            Meeting._base_manager.order_by("date", "pk"),
            [
                ("Number", "pk"),
                ("Date", "date"),
                ("Title", "title"),
                ("Type", "type__name"),
                ("Start", "start"),
                ("End", "end"),
                ("Venue", "venue"),
                ("State", "state"),
                ("Marking", "marking"),
            ],
        ),
        Listing(
            "agenda",
            AgendaItem._base_manager.order_by("meeting__date", "meeting_id", "order"),
            [
                *_AT,
                ("Heading", "heading"),
                ("Theme", "theme__name"),
                ("Asked of the force", "asked_of_force"),
                ("Lines of enquiry", "lines_of_enquiry"),
                ("Notes", "notes"),
                ("Decisions", "decisions"),
                ("Restricted", "restricted"),
                ("Withheld", "withheld"),
            ],
        ),
        Listing(
            "attendance",
            Attendee._base_manager.order_by("meeting__date", "meeting_id", "order"),
            [
                *_AT,
                ("Name", "person__name"),
                ("Capacity", "capacity"),
                ("Organisation", "organisation__name"),
                ("Attendance", "attendance"),
                ("Role", "role"),
            ],
        ),
        Listing(
            "versions of minutes",
            MinutesVersion._base_manager.order_by("held_on", "meeting_id", "pk"),
            [
                ("Date of meeting", "held_on"),
                ("Title", "title"),
                ("Kind", "kind"),
                ("Number", "number"),
                ("By", "by__name"),
                ("At", "at"),
                ("What was changed", "what"),
                ("Why", "why"),
                ("SHA-256", "checksum"),
            ],
        ),
        Listing(
            "actions",
            Action._base_manager.order_by("year", "number"),
            [
                ("Year", "year"),
                ("Number in the year", "number"),
                ("Older reference", "older_reference"),
                ("Action", "text"),
                ("Raised at the meeting of", "meeting__date"),
                ("Raised on", "source_on"),
                ("Due", "due_on"),
                ("Due as minuted", "due_words"),
                ("Status", "status"),
                ("Issued", "issued_at"),
                ("Withheld", "withheld"),
            ],
        ),
        Listing(
            "owners of actions",
            Owner._base_manager.order_by("action__year", "action__number", "pk"),
            [
                *_WHICH,
                ("Organisation", "organisation__name"),
                ("Post", "post"),
                ("Person", "person__name"),
                ("Leads", "leads"),
            ],
        ),
        Listing(
            "updates on actions",
            Update._base_manager.order_by("action__year", "action__number", "pk"),
            [
                *_WHICH,
                ("At", "at"),
                ("What", "what"),
                ("Text", "text"),
                ("Provided by", "provided_by"),
                ("Organisation", "organisation__name"),
                ("Recorded by", "author__name"),
                ("Office only", "office_only"),
                ("Status from then on", "status"),
                ("Decided by", "decided_by"),
                ("Decided on", "decided_on"),
            ],
        ),
        Listing(
            "people",
            Person._base_manager.order_by("name", "pk"),
            [("Number", "pk"), ("Name", "name"), ("Account", "user__email")],
        ),
        Listing(
            "organisations",
            Organisation._base_manager.order_by("name"),
            [("Name", "name"), ("Short names", "short_names"), ("Kind", "kind")],
        ),
        Listing(
            "accounts",
            User._base_manager.order_by("name", "pk"),
            [
                ("Name", "name"),
                ("E-mail address", "email"),
                ("Role", "role"),
                ("Organisation", "organisation__name"),
                ("May sign in", "is_active"),
                ("Last signed in", "last_login"),
            ],
        ),
        Listing(
            "files",
            StoredFile._base_manager.order_by("pk"),
            [
                ("Number", "pk"),
                ("Name", "name"),
                ("Kind", "kind"),
                ("Bytes", "size"),
                ("SHA-256", "sha256"),
                ("Handed in by", "uploaded_by__name"),
                ("Handed in at", "uploaded_at"),
            ],
        ),
    ]
