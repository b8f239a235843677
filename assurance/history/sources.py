"""Where history is kept, and what a page says of each kind of it.

Left out: drafts of updates, which are their organisation's own until they are sent,
and what waits to be read in row by row, which becomes an action or nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.urls import reverse
from simple_history.models import HistoricalChanges

from actions.forms.action import EditActionForm
from actions.models import (
    Action,
    Owner,
    Review,
    SheetIn,
    TrackerReview,
    Update,
    UpdateRequest,
)
from assurance.forms.accounts import AccountForm, OrganisationForm
from assurance.models import Event, LegalHold, Organisation, Removal, User
from assurance.permissions import Permission
from meetings.forms.agenda import ItemForm, PaperForm
from meetings.forms.attendance import AttendeeForm
from meetings.forms.meeting import MeetingForm
from meetings.forms.registers import (
    MeetingTypeForm,
    PersonForm,
    StandingItemForm,
    ThemeForm,
)
from meetings.models import (
    AgendaItem,
    Agreement,
    Attendee,
    Comment,
    Meeting,
    MeetingType,
    MinutesVersion,
    Paper,
    Person,
    ReadIn,
    StandingItem,
    Theme,
    Withdrawal,
)

# What a row says happened, as history names it; the last three are of rows that are
# written once.
ADDED, CHANGED, REMOVED, SAID, DID, TOOK = "+", "~", "-", "s", "e", "d"

# Of use to the application only.
_NEVER_SHOWN = {"id", "version", "sha256", "words_sha256", "meanings", "headings"}


@dataclass(frozen=True)
class Kind:
    """A thing with a page of its own and a history; who may read it in full."""

    name: str
    model: type[models.Model]
    permission: Permission
    page: str = ""  # where it is shown, if not at its own address

    def url_of(self, thing: Any) -> str:
        return reverse(self.page) if self.page else thing.get_absolute_url()


KINDS = {
    "meetings": Kind("Meeting", Meeting, Permission.READ_MINUTES),
    "actions": Kind("Action", Action, Permission.READ_ALL_ACTIONS),
    "people": Kind("Person", Person, Permission.READ_REGISTERS),
    "types": Kind("Meeting type", MeetingType, Permission.READ_REGISTERS, "registers"),
    "themes": Kind("Theme", Theme, Permission.READ_REGISTERS, "registers"),
    "accounts": Kind("Account", User, Permission.MANAGE_ACCOUNTS),
    "organisations": Kind(
        "Organisation", Organisation, Permission.MANAGE_ACCOUNTS, "organisations"
    ),
    "old-minutes": Kind("Old minutes", ReadIn, Permission.READ_IN),
    "trackers": Kind("Tracker from a spreadsheet", SheetIn, Permission.READ_IN),
}


@dataclass(frozen=True)
class Source:
    """One table of history, or of what is written once.

    ``of`` says which of its rows belong to the thing of a kind; ``form`` is where its
    fields have their labels; ``names`` are the fields that say which row it is.
    """

    key: str
    label: str
    model: type[models.Model]
    of: Mapping[str, Callable[[int], Q]] = field(default_factory=dict)
    form: Any = None
    names: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    at: str = "history_date"
    by: str = "history_user_id"
    what: Any = None
    about: str = "id"
    joined: str = ", "  # what stands between its names

    @cached_property
    def rows(self) -> QuerySet:
        """All of its rows, in no order."""
        history = getattr(self.model, "history", None)
        model = history.model if history is not None else self.model
        return model._base_manager.order_by()

    @property
    def is_history(self) -> bool:
        return issubclass(self.rows.model, HistoricalChanges)

    @cached_property
    def fields(self) -> list[models.Field]:
        """What a page shows of a row."""
        hidden = {*_NEVER_SHOWN, *self.hidden}
        return [
            f
            for f in self.rows.model._meta.concrete_fields
            if f.name not in hidden and not f.name.startswith("history_")
        ]

    @cached_property
    def texts(self) -> list[str]:
        """Where words are looked for."""
        return [
            f.name
            for f in self.fields
            if isinstance(f, models.CharField | models.TextField) and not f.choices
        ]

    def label_of(self, column: models.Field) -> str:
        """As the form calls it in which it is changed."""
        if column.name == "order":
            return "Place in the list"
        fields = self.form.base_fields if self.form else {}
        label = fields[column.name].label if column.name in fields else None
        words = str(label or column.verbose_name)
        return words[:1].upper() + words[1:]

    def light(self, number: int, rows: QuerySet) -> QuerySet:
        """``rows`` as what every source has: which it is, when, which row, what
        happened, by whom and to which record.
        """
        what = F("history_type") if self.is_history else self.what
        columns = {
            "light_source": Value(number, output_field=models.IntegerField()),
            "light_at": F(self.at),
            "light_row": F("history_id" if self.is_history else "pk"),
            "light_what": what,
            "light_by": F(self.by),
            "light_record": F(self.about),
        }
        return rows.annotate(**columns).values_list(*columns)


def _is(name: str) -> Callable[[int], Q]:
    return lambda pk: Q(**{name: pk})


def _of_items(pk: int) -> Q:
    """Of those once on the agenda too."""
    return Q(item_id__in=AgendaItem.history.filter(meeting_id=pk).values("id"))


def _of_versions(pk: int) -> Q:
    return Q(version_id__in=MinutesVersion.objects.filter(meeting=pk).values("pk"))


def _constant(what: str) -> Any:
    return Value(what, output_field=models.CharField())


_IN_MEETING = {"meetings": _is("meeting_id")}
_IN_ACTION = {"actions": _is("action_id")}

SOURCES: list[Source] = [
    Source("meeting", "Meeting", Meeting, {"meetings": _is("id")}, MeetingForm),
    Source(
        "attendance",
        "Attendance",
        Attendee,
        _IN_MEETING,
        AttendeeForm,
        ("person",),
        ("meeting",),
    ),
    Source(
        "item",
        "Agenda item",
        AgendaItem,
        _IN_MEETING,
        ItemForm,
        ("heading",),
        ("meeting",),
    ),
    Source("paper", "Paper", Paper, {"meetings": _of_items}, PaperForm, ("title",)),
    Source(
        "comment",
        "Comment on a draft",
        Comment,
        {"meetings": _of_versions},
        names=("version",),
        hidden=("version",),
    ),
    Source(
        "version",
        "Version of minutes",
        MinutesVersion,
        _IN_MEETING,
        names=("kind", "number"),
        hidden=(
            *("meeting", "kind", "number", "content", "text", "by", "at", "checksum"),
            *("pdf", "docx", "themes", "title", "held_on", "made_from"),
        ),
        at="at",
        by="by_id",
        what=_constant(ADDED),
        about="meeting_id",
        joined=" ",
    ),
    Source(
        "agreement",
        "Agreement of minutes",
        Agreement,
        _IN_MEETING,
        hidden=("meeting", "recorded_by", "recorded_at"),
        at="recorded_at",
        by="recorded_by_id",
        what=_constant(ADDED),
        about="meeting_id",
    ),
    Source(
        "withdrawal",
        "Withdrawal from the public site",
        Withdrawal,
        {"meetings": _of_versions},
        names=("version",),
        hidden=("version", "by", "at"),
        at="at",
        by="by_id",
        what=_constant(ADDED),
        about="version__meeting_id",
    ),
    Source(
        "action",
        "Action",
        Action,
        {"actions": _is("id")},
        EditActionForm,
        hidden=("year", "number", "created_at"),
    ),
    Source(
        "owner",
        "Owner",
        Owner,
        _IN_ACTION,
        names=("post", "person", "organisation"),
        hidden=("action",),
    ),
    Source(
        "update",
        "Entry of the timeline",
        Update,
        _IN_ACTION,
        names=("what",),
        hidden=("action", "at", "author", "what"),
        at="at",
        by="author_id",
        what=_constant(SAID),
        about="action_id",
    ),
    Source(
        "review",
        "Review",
        Review,
        _IN_MEETING | _IN_ACTION,
        names=("meeting", "action"),
        hidden=("meeting", "action", "recorded_at", "brought_at"),
    ),
    Source(
        "finished",
        "Review of the tracker finished",
        TrackerReview,
        _IN_MEETING,
        hidden=("meeting",),
    ),
    Source(
        "request",
        "Request for an update",
        UpdateRequest,
        _IN_MEETING | _IN_ACTION,
        names=("organisation", "action", "meeting"),
        hidden=("action", "meeting"),
    ),
    Source("person", "Person", Person, {"people": _is("id")}, PersonForm),
    Source("type", "Meeting type", MeetingType, {"types": _is("id")}, MeetingTypeForm),
    Source(
        "standing-item",
        "Standing item",
        StandingItem,
        {"types": _is("type_id")},
        StandingItemForm,
        ("heading",),
        ("type",),
    ),
    Source("theme", "Theme", Theme, {"themes": _is("id")}, ThemeForm),
    Source("account", "Account", User, {"accounts": _is("id")}, AccountForm),
    Source(
        "event",
        "Event of an account",
        Event,
        {"accounts": _is("user_id")},
        names=("kind",),
        hidden=("kind", "at", "user", "by"),
        at="at",
        by="by_id",
        what=Case(
            When(
                kind__in=[Event.Kind.DOWNLOADED, Event.Kind.HANDED_OVER],
                then=_constant(TOOK),
            ),
            default=_constant(DID),
        ),
        about="user_id",
    ),
    Source(
        "organisation",
        "Organisation",
        Organisation,
        {"organisations": _is("id")},
        OrganisationForm,
    ),
    Source("old-minutes", "Old minutes", ReadIn, {"old-minutes": _is("id")}),
    Source("tracker", "Tracker from a spreadsheet", SheetIn, {"trackers": _is("id")}),
    Source("hold", "Legal hold", LegalHold, names=("why",)),
    Source(
        "removal",
        "Removal for data protection",
        Removal,
        names=("mark",),
        hidden=("by", "at", "places"),
        at="at",
        by="by_id",
        what=_constant(REMOVED),
        about="pk",
    ),
]
NUMBERS = {source.key: number for number, source in enumerate(SOURCES)}
