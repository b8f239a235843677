"""What the forms of meetings share."""

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

from assurance.differences import Difference, compare
from assurance.forms.base import Stale, VersionedModelForm, in_words
from assurance.models import User

_STALE = (
    "Somebody else changed this while you were writing. Nothing of theirs or yours was "
    "lost: compare the two, then save again"
)
_OWN_STALE = (
    "You changed this on another page while you were writing. Nothing was lost: "
    "compare the two, then save again"
)
_DIGEST = 12  # characters of each field's digest; it tells texts apart, no more


class PartForm(VersionedModelForm):
    """A form for some fields of a record that others may be working on as well.

    Each field is settled on its own. What only others changed since it was opened is
    kept, what only this form changed is written, and it refuses when a field was
    changed by both. ``seen`` is what was opened: a digest of each field. After a
    refusal ``differences`` compares the two texts, and the form holds theirs wherever
    it had changed nothing.

    Sent with ``settle=theirs`` it gives way in the fields named in ``disputed``.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.seen_in(self.instance)
        self.differences: list[Difference] = []
        # Whether the other text is from another page of the same hand.
        self.is_own = False

    @property
    def _parts(self) -> list[Field]:
        names = [name for name in self._meta.fields or [] if name in self.fields]
        return [self.instance._meta.get_field(name) for name in names]

    def seen_in(self, record: Any) -> str:
        """The digests of this form's fields as the record has them."""
        return " ".join(f"{f.name}:{_digest(f, record)}" for f in self._parts)

    def save(self, commit: bool = True) -> Any:
        self.merge()
        return forms.ModelForm.save(self, commit)

    def merge(self, by: User | None = None) -> Any:
        """The record, locked, with what this form and others changed; not yet saved.

        ``by`` is whoever sends the form, to be told when both texts are their own.
        Raises ``Stale``. Call it in a transaction.
        """
        model = type(self.instance)
        rows = model._default_manager.select_for_update(no_key=True)
        current = rows.filter(pk=self.instance.pk).first()
        if current is None:
            raise ValidationError(
                "Somebody deleted this while you were writing, so it cannot be saved. "
                "Copy what you want to keep"
            )
        parts = {field.name for field in self._parts}
        for field in model._meta.concrete_fields:
            if field.name not in parts:
                setattr(self.instance, field.attname, getattr(current, field.attname))
        both = self._settle(current)
        disputed = [field for field in self._parts if field.name in both]
        if disputed or self._disputed_beside(current):
            self._show_both(current, disputed)
            writers = {_writer(field, current) for field in disputed}
            self.is_own = by is not None and writers == {by.pk}
            raise Stale(_OWN_STALE if self.is_own else _STALE)
        self.instance.version = current.version + 1
        return self.instance

    def _settle(self, current: Any) -> set[str]:
        """Take over what only others changed; the names of what both did."""
        seen = dict(
            word.split(":", 1)
            for word in self.cleaned_data["seen"].split()
            if ":" in word
        )
        is_same = self.cleaned_data["version"] == current.version
        gives_way = (
            str(self.data.get("disputed", "")).split()
            if self.data.get("settle") == "theirs"
            else []
        )
        both, taken = set(), False
        for field in self._parts:
            now, mine = _digest(field, current), _digest(field, self.instance)
            opened = seen.get(field.name, now if is_same else None)
            if now == mine:
                continue
            if field.name in gives_way or (mine == opened and now != opened):
                self._take_theirs(field, current)
                taken = True
            elif now != opened:
                both.add(field.name)
        if taken and not both:
            # Each was right on its own; together they may not be.
            self.instance.validate_constraints()
        return both

    def _take_theirs(self, field: Field, current: Any) -> None:
        setattr(self.instance, field.attname, getattr(current, field.attname))
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        name, widget = self.add_prefix(field.name), self.fields[field.name].widget
        value = self.fields[field.name].prepare_value(field.value_from_object(current))
        if isinstance(widget, forms.CheckboxInput):
            value = "on" if value else None
        sent.pop(name, None)
        if value is not None:
            sent[name] = widget.format_value(value) if _is_one(widget) else value
        self.data = sent

    def _disputed_beside(self, current: Any) -> dict[str, str]:
        """What else both changed, in words by label: a form may have more than fields
        of its record.
        """
        return {}

    def _show_both(self, current: Any, disputed: list[Field]) -> None:
        for field in disputed:
            label = str(self.fields[field.name].label)
            mine, theirs = _in_words(field, self.instance), _in_words(field, current)
            stored = field.value_to_string(current)
            self.differences.append(
                compare(field.name, label, mine, theirs, stored=stored)
            )
            self.theirs[label] = theirs
        for label, theirs in self._disputed_beside(current).items():
            self.differences.append(compare("", label, "", theirs))
            self.theirs[label] = theirs
        latest = current.history.select_related("history_user").first()
        if latest and latest.history_user:
            self.theirs_by = latest.history_user.name
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent[self.add_prefix("version")] = str(current.version)
        sent[self.add_prefix("seen")] = self.seen_in(current)
        self.data = sent


def _digest(field: Field, record: Any) -> str:
    text = field.value_to_string(record)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]


def _writer(field: Field, record: Any) -> int | None:
    """Whose text the field holds."""
    now, writer = getattr(record, field.attname), None
    rows = record.history.order_by("-history_id")
    for text, user in rows.values_list(field.attname, "history_user_id").iterator():
        if text != now:
            break
        writer = user
    return writer


def _is_one(widget: forms.Widget) -> bool:
    """Whether a widget sends one text as it shows it, and not one choice of some."""
    return not isinstance(widget, forms.widgets.ChoiceWidget)


def _in_words(field: Field, record: Any) -> str:
    display = getattr(record, f"get_{field.name}_display", None)
    return in_words(display() if display else getattr(record, field.name))


def look(form: forms.BaseForm) -> None:
    """Classes of the design system for fields that a template writes one by one."""
    for bound in form:
        kinds = {
            forms.Textarea: "textarea",
            forms.Select: "select",
            forms.TextInput: "input",
        }
        for widget, kind in kinds.items():
            if isinstance(bound.field.widget, widget):
                bound.field.widget.attrs["class"] = f"govuk-{kind}"


def one_kind_of_line_end(text: str) -> str:
    """Browsers send \\r\\n; kept as \\n, so that a text is equal to itself."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def offered(model: type[Model], *kept: int | None) -> QuerySet[Any]:
    """The types or themes in use, and those chosen here though offered no longer."""
    return model._default_manager.filter(Q(is_active=True) | Q(pk__in=kept))
