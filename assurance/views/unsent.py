"""What somebody was sending when their session had ended, for them alone."""

import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.forms.utils import pretty_name
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_POST

from assurance.forms.base import PlainForm
from assurance.http import SignedInRequest
from assurance.models import Unsent
from assurance.permissions import Permission, requires
from assurance.sign_in.unsent import FIELD, forget

# Of the fields of a very long form; all of them are sent.
READABLE = 200
_OF_EVERY_FORM = {"submission", "version"}


@dataclass(frozen=True)
class Typed:
    """A field with what was typed into it, as somebody reads it."""

    label: str
    text: str


@requires(Permission.SIGNED_IN)
def unsent(request: SignedInRequest, token: str) -> HttpResponse:
    """What was typed, with a button that sends it to where it was going.

    There it is a form like any other: whoever may not do it now is refused, and what
    somebody else saved meanwhile is compared.
    """
    kept = get_object_or_404(Unsent, pk=token, user=request.user)
    return show(request, kept)


def show(request: HttpRequest, kept: Unsent, *, status: int = 200) -> HttpResponse:
    """Also what could not be kept: it is on this page alone then."""
    typed = list(_typed(kept))
    return render(
        request,
        "account/unsent.html",
        {
            "kept": kept,
            "is_here_alone": kept._state.adding,
            "field": FIELD,
            "typed": typed[:READABLE],
            "more": max(0, len(typed) - READABLE),
            "sent": [(name, value) for name, values in kept.sent for value in values],
            "trail": [("Home", reverse("home"))],
        },
        status=status,
    )


@requires(Permission.SIGNED_IN)
@require_POST
def unsent_drop(request: SignedInRequest, token: str) -> HttpResponse:
    kept = get_object_or_404(Unsent, pk=token, user=request.user)
    forget(request.user, kept.token)
    messages.success(request, "What you had typed is discarded. Nothing was saved.")
    return redirect("home")


def _typed(kept: Unsent) -> Iterator[Typed]:
    fields = _form_with({name for name, _ in kept.sent}, kept.path)
    for name, values in kept.sent:
        field = fields.get(name)
        if field and field.widget.is_hidden:
            continue
        said = [_said(field, value) for value in values if value.strip()]
        if said and not (field is None and all(map(_is_technical, values))):
            label = field.label if field else None
            yield Typed(str(label or pretty_name(name)), "\n".join(said))


def _said(field: forms.Field | None, value: str) -> str:
    """A choice in its own words. Of a record only that one was chosen: its number is
    what a browser sends, and whoever reads here need not be allowed to know its name.
    """
    if isinstance(field, forms.ModelChoiceField):
        return "Chosen from the list"
    if isinstance(field, forms.BooleanField):
        return "Yes"
    if isinstance(field, forms.ChoiceField):
        return str(_words(field).get(value, value))
    return value


def _words(field: forms.ChoiceField) -> dict[str, str]:
    words: dict[str, str] = {}
    choices: Any = field.choices
    for value, label in choices:
        group = label if isinstance(label, list | tuple) else [(value, label)]
        words |= {str(one): str(said) for one, said in group}
    return words


def _is_technical(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return value.isdecimal()
    return True


def _form_with(names: set[str], path: str) -> dict[str, Any]:
    """The fields of the form that fits these names best; none if no form does.

    A form that was sent does not say which it is, and labels are all it is needed for.
    Those that the view's own module knows are looked through first.
    """
    for forms_there in (_forms_of_view(path), _forms_below(PlainForm)):
        best: dict[str, Any] = {}
        best_fit = (0, 0)
        for form in forms_there:
            fields = form.base_fields
            fit = (len(names & set(fields)), -len(set(fields) - names))
            if fit > best_fit:
                best, best_fit = fields, fit
        if set(best) & names - _OF_EVERY_FORM:
            return best
    return {}


def _forms_of_view(path: str) -> Iterator[Any]:
    try:
        view: Any = resolve(path.partition("?")[0]).func
    except Resolver404:
        return
    for known in vars(sys.modules[view.__module__]).values():
        if isinstance(known, type) and issubclass(known, PlainForm):
            yield known


def _forms_below(form: type[PlainForm]) -> Iterator[Any]:
    for below in form.__subclasses__():
        yield below
        yield from _forms_below(below)
