"""What the record is made of: a kind for each model, and what is left out and why."""

import datetime as dt
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Field, ForeignKey, Model

OWN_APPS = ("assurance", "meetings", "actions")

# Models that are no part of the record, by name. Every other of our own is in it.
LEFT_OUT = {
    "assurance.session": "who is signed in at this moment; its keys are as good as "
    "passwords",
    "assurance.submission": "digests of forms, by which one sent twice is saved once",
    "assurance.unsent": "unfinished forms of people whose session ended; gone after "
    "a night",
    "actions.resolveddue": "a view: worked out from actions and meetings each time",
    "auth.permission": "of the framework; this application uses none",
    "auth.group": "of the framework; this application uses none",
    "auth.group_permissions": "of the framework; this application uses none",
    "contenttypes.contenttype": "the framework's list of tables",
    "sessions.session": "of the framework; this application keeps its own",
    "account.emailaddress": "addresses are those of the accounts",
    "account.emailconfirmation": "links by which addresses are confirmed: as good as "
    "passwords",
    "mfa.authenticator": "secrets of second steps and recovery codes",
    "socialaccount.socialapp": "the secret shared with the sign-in of the office",
    "socialaccount.socialaccount": "names of accounts at the sign-in of the office",
    "socialaccount.socialtoken": "secrets of the sign-in of the office",
    "post_office.email": "mail waiting to be sent; it may hold links as good as "
    "passwords",
    "post_office.log": "whether mail was sent",
    "post_office.emailtemplate": "of a library; this application uses none",
    "post_office.attachment": "what is attached to mail waiting to be sent",
    "post_office.attachment_emails": "what is attached to mail waiting to be sent",
}
FIELDS_LEFT_OUT = {
    "assurance.user": {"password": "a digest of the password, of use only to attackers"}
}

# What a column means that its own words do not tell.
_MEANINGS = {
    "id": "The number of the row; others refer to it",
    "version": "Counts the changes, so that nobody overwrites another's",
    "history_id": "The number of this entry of the history",
    "history_date": "When the row became what this entry says",
    "history_type": "+ made, ~ changed, - deleted",
    "history_user_id": "Whose account did it",
    "history_change_reason": "Why, where somebody said so",
    "history_relation_id": "The row that this entry is about",
    "m2m_history_id": "The number of this entry of the history",
    "order": "Its place among its neighbours, the lowest first",
    "at": "When it happened",
    "by_id": "Whose account did it",
    "year": "The reference of an action is year/number, as 2025/03",
    "number": "Its number among its like; of an action with the year its reference",
    "held_on": "The day of the meeting",
    "made_from_id": "The version that it was made from",
    "older_reference": "The reference in an older register",
    "leads": "Whether this owner leads the others",
    "asks": "What the update asks the office for",
    "asked_due_on": "The due date that it asks for",
    "answers_id": "The update that it answers",
    "accepted": "Whether what was asked for was granted",
    "corrects_id": "The update whose words it corrects",
    "undoes_id": "The entry that it takes back",
    "look_again_on": "On hold until this day",
    "provided_by": "Who says so: their post",
    "due_after": "The day after which that meeting is looked for",
    "parent_id": "The item that it is below",
    "places": "Where: by table its columns, each with the keys of the rows",
    "checksum": "SHA-256 of all that the version says, its documents included",
    "content": "The whole record of the meeting as it stood then",
}
_TYPES = {
    "AutoField": "integer",
    "BigAutoField": "integer",
    "BigIntegerField": "integer",
    "IntegerField": "integer",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "integer",
    "SmallIntegerField": "integer",
    "CharField": "text",
    "FileField": "text",
    "GenericIPAddressField": "text",
    "TextField": "text",
    "BooleanField": "boolean",
    "DateField": "day",
    "DateTimeField": "moment",
    "TimeField": "time",
    "JSONField": "json",
}
TYPES_IN_WORDS = {
    "integer": "a whole number",
    "text": "text in Unicode",
    "boolean": "true or false",
    "day": "a day, as 2020-09-04",
    "moment": "a moment in UTC, as 2020-09-04T09:30:00.000000+00:00",
    "time": "a time of day in London, as 09:30:00",
    "json": "a structure in JSON",
}


@dataclass(frozen=True)
class Column:
    """One field of a kind. ``refers_to`` is the kind whose key it holds; where
    ``may_be_gone``, that row may have been deleted since.
    """

    name: str
    type: str
    meaning: str
    may_be_null: bool
    choices: dict[str, str]
    refers_to: str
    may_be_gone: bool


@dataclass(frozen=True)
class Kind:
    model: type[Model]

    @property
    def name(self) -> str:
        return self.model._meta.label_lower

    @property
    def path(self) -> str:
        return f"data/{self.name}.jsonl"

    @property
    def key(self) -> str:
        return self._pk.attname

    @property
    def _pk(self) -> Field:
        pk = self.model._meta.pk
        assert pk is not None
        return pk

    @property
    def about(self) -> str:
        instance_type = getattr(self.model, "instance_type", None)
        if instance_type is not None:
            plural = instance_type._meta.verbose_name_plural
            return f"History: each entry is one of the {plural} as it was from then on."
        if self.model._meta.auto_created:
            return "Which rows of two other kinds belong together."
        said = inspect.getdoc(self.model) or ""
        if said.startswith(f"{self.model.__name__}("):
            return f"The {self.model._meta.verbose_name_plural}."
        return " ".join(said.split())

    def columns(self) -> list[Column]:
        left_out = FIELDS_LEFT_OUT.get(self.name, {})
        return [
            _column(column)
            for column in self.model._meta.concrete_fields
            if column.attname not in left_out
        ]

    def count(self, *, using: str) -> int:
        return self.model._base_manager.using(using).count()

    def rows(self, *, using: str) -> Iterator[dict[str, Any]]:
        """Every row, as JSON takes it."""
        names = [column.name for column in self.columns()]
        found = self.model._base_manager.using(using).order_by("pk").values_list(*names)
        for row in found.iterator(chunk_size=500):
            yield {name: _plain(value) for name, value in zip(names, row, strict=True)}


def _column(column: Field) -> Column:
    target = column.target_field if isinstance(column, ForeignKey) else column
    related = column.related_model if column.is_relation else None
    refers_to = related._meta.label_lower if isinstance(related, type) else ""
    return Column(
        name=column.attname,
        type=_TYPES[target.get_internal_type()],
        meaning=_meaning(column),
        may_be_null=column.null,
        choices={str(value): str(words) for value, words in column.flatchoices},
        refers_to="" if refers_to in LEFT_OUT else refers_to,
        may_be_gone=not getattr(column, "db_constraint", True),
    )


def _meaning(column: Field) -> str:
    words = str(column.verbose_name)
    said = f"{words[:1].upper()}{words[1:]}"
    if column.help_text:
        return f"{said}. {column.help_text}"
    return _MEANINGS.get(column.attname, said)


def _plain(value: Any) -> Any:
    """To the microsecond: checksums of versions are made with it."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value


def kinds() -> list[Kind]:
    """All of the record, by name."""
    ours = [
        Kind(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OWN_APPS
    ]
    return sorted(
        (kind for kind in ours if kind.name not in LEFT_OUT), key=lambda kind: kind.name
    )
