"""Which columns of the database hold words, found from the models themselves.

A new model or column is covered without a word here. What is left out is named, with
the reason; a test holds this list against all columns there are.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Model
from post_office.fields import CommaSeparatedEmailField
from simple_history.models import HistoricalChanges

_CHECKSUM = "a checksum, worked out anew where its text changes"
_SECRET = "opens an account; nobody writes words in it"  # noqa: S105
_CODE = "one of the codes of the program"
_NOT_OURS = "written by the program when it is installed"

# Models of which no column is looked at.
LEFT_OUT_MODELS = {
    "auth.Permission": _NOT_OURS,
    "auth.Group": _NOT_OURS,
    "contenttypes.ContentType": _NOT_OURS,
    "sessions.Session": "not used: see assurance.Session",
    "socialaccount.SocialApp": _NOT_OURS,
    "socialaccount.SocialToken": _SECRET,
    "account.EmailConfirmation": _SECRET,
    "meetings.VersionRemoval": _CHECKSUM,
}
# Columns that are not looked at, by the model that has them; of its history as well.
LEFT_OUT = {
    "assurance.User.password": _SECRET,
    "assurance.StoredFile.content": "where the content lies: a random name",
    "assurance.StoredFile.sha256": _CHECKSUM,
    "assurance.Removal.places": "tables, columns and numbers of rows",
    "assurance.Removal.mark": "what takes the place of words",
    "assurance.Session.session_key": _SECRET,
    "assurance.Session.session_data": "not to be read; gone within 12 hours",
    "assurance.Submission.key": _CHECKSUM,
    "assurance.Unsent.token": _SECRET,
    "meetings.ReadIn.sha256": _CHECKSUM,
    "meetings.ReadIn.words_sha256": _CHECKSUM,
    "meetings.MinutesVersion.checksum": _CHECKSUM,
    "actions.Update.due_kind": _CODE,
    "actions.SheetIn.sha256": _CHECKSUM,
    "actions.SheetIn.meanings": _CODE,
    "actions.ColumnsKnown.key": _CHECKSUM,
    "actions.ColumnsKnown.meanings": _CODE,
    "post_office.Email.backend_alias": _CODE,
    "post_office.Email.message_id": "a random name",
    "post_office.Log.exception_type": _CODE,
    "post_office.Attachment.file": "where the content lies",
    "post_office.Attachment.mimetype": _CODE,
}
# Columns of JSON of which one key holds words, and the rest what opens an account.
_ONE_KEY = {"mfa.Authenticator.data": "name"}
# Text in the database, of which not all are fields for text in Django's eyes.
_TEXT = (models.CharField, models.TextField, models.JSONField, models.FileField)


@dataclass(frozen=True)
class Column:
    """A column with words, and how they may be replaced there."""

    name: str
    label: str
    kind: str  # "text", "json", "link", "address" or "addresses"
    longest: int | None = None
    is_unique: bool = False
    # The one key of it that holds words, if it is not all of it.
    key: str = ""

    def words_of(self, value: Any) -> Any:
        """What of its value is looked at."""
        return value.get(self.key) if self.key else value


@dataclass(frozen=True)
class Table:
    """A model with its columns of words. Of a history ``base`` is what it is of, and
    ``of`` the column that says of which row; else both are its own.
    """

    model: type[Model]
    base: type[Model]
    of: str
    columns: tuple[Column, ...]

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def thing(self) -> str:
        """What a row of it belongs to, by its model."""
        return self.base._meta.label

    @property
    def is_history(self) -> bool:
        return self.model is not self.base

    @property
    def has_version(self) -> bool:
        """Whether a form opened before its row changed is refused."""
        names = {field.name for field in self.model._meta.get_fields()}
        return "version" in names and not self.is_history and self._counts_version()

    def _counts_version(self) -> bool:
        field = self.model._meta.get_field("version")
        return isinstance(field, models.PositiveIntegerField)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


@cache
def tables() -> tuple[Table, ...]:
    """All models with a column of words, those of the program's own first."""
    found = [
        _table(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    return tuple(table for table in found if table.columns)


def text_columns(model: type[Model]) -> "list[models.Field[Any, Any]]":
    """Every column of a model in which the database keeps text."""
    return [
        field
        for field in model._meta.local_concrete_fields
        if isinstance(field, _TEXT) and not field.is_relation
    ]


def why_left_out(model: type[Model], name: str) -> str:
    """Why a column is not looked at; blank when it is."""
    base = base_of(model)
    field = model._meta.get_field(name)
    return (
        LEFT_OUT_MODELS.get(base._meta.label)
        or LEFT_OUT.get(f"{base._meta.label}.{name}")
        or (_CODE if getattr(field, "choices", None) else "")
    )


def base_of(model: type[Model]) -> type[Model]:
    """What a history is the history of; any other model itself."""
    if issubclass(model, HistoricalChanges):
        return getattr(model, "instance_type", model)
    return model


def _table(model: type[Model]) -> Table:
    base = base_of(model)
    return Table(
        model=model,
        base=base,
        of=base._meta.pk.attname,
        columns=tuple(
            _column(model, field)
            for field in text_columns(model)
            if not why_left_out(model, field.name)
        ),
    )


def _column(model: type[Model], field: "models.Field[Any, Any]") -> Column:
    match field:
        case models.JSONField():
            kind = "json"
        case models.URLField():
            kind = "link"
        case models.EmailField():
            kind = "address"
        case CommaSeparatedEmailField():
            kind = "addresses"
        case _:
            kind = "text"
    constraints = (
        constraint
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
    )
    return Column(
        name=field.name,
        label=str(field.verbose_name),
        kind=kind,
        longest=getattr(field, "max_length", None),
        is_unique=field.unique or any(field.name in c.fields for c in constraints),
        key=_ONE_KEY.get(f"{base_of(model)._meta.label}.{field.name}", ""),
    )
