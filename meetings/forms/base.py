"""What the forms of meetings share."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from assurance.forms.base import VersionedModelForm


class PartForm(VersionedModelForm):
    """A form for some fields of a record that others may be working on as well.

    It refuses only when one of *its* fields was changed since it was opened: who
    writes notes is not stopped because somebody corrected the heading meanwhile, and
    what they corrected is kept.
    """

    def save(self, commit: bool = True) -> Any:
        model = type(self.instance)
        rows = model._default_manager.select_for_update(no_key=True)
        current = rows.filter(pk=self.instance.pk).first()
        if current is None:
            raise ValidationError(
                "Somebody deleted this while you were writing, so it cannot be saved. "
                "Copy what you want to keep"
            )
        mine = set(self._meta.fields or [])
        for field in model._meta.concrete_fields:
            if field.name not in mine:
                setattr(self.instance, field.attname, getattr(current, field.attname))
        if self._only_others_changed(current):
            self.cleaned_data["version"] = current.version
        return super().save(commit)

    def _only_others_changed(self, current: Any) -> bool:
        opened = current.history.filter(version=self.cleaned_data["version"]).first()
        return opened is not None and all(
            getattr(opened, field.attname) == getattr(current, field.attname)
            for field in current._meta.concrete_fields
            if field.name in (self._meta.fields or [])
        )


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
