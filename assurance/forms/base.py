"""What every form does: GOV.UK markup, no double saves, no silent overwriting."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from functools import cached_property
from typing import Any

from crispy_forms_gds.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.forms.utils import pretty_name
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize

from assurance.http import SignedInRequest
from assurance.lengths import LONGEST_TEXT
from assurance.models import Submission

# Fields of Django's that are made of one for text and hold none.
_NO_TEXT = (forms.UUIDField, forms.JSONField)


class _Longest(MaxLengthValidator):
    """A line ends in one character, as it is kept, whatever a browser sends. And a text
    that is kept already may stay as it is, however long.
    """

    def __init__(self, limit: int, kept: Callable[[], str]) -> None:
        super().__init__(limit)
        self.kept = kept

    def __call__(self, value: Any) -> None:
        try:
            super().__call__(value)
        except ValidationError:
            if _one_line_end(value) != _one_line_end(self.kept()):
                raise

    def clean(self, x: Any) -> int:
        return len(x) - x.count("\r\n")


class PlainForm(forms.Form):
    """A form that says in plain words what to do about an error."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _say_plainly(field, str(field.label or pretty_name(name)).lower())
            if isinstance(field, forms.CharField) and not isinstance(field, _NO_TEXT):
                self._say_when_too_long(name, field)

    def _say_when_too_long(self, name: str, field: forms.CharField) -> None:
        """Nothing pasted is cut off unseen: a text that is too long is said to be."""
        if field.max_length is None:
            field.max_length = LONGEST_TEXT
            field.validators.append(
                _Longest(LONGEST_TEXT, lambda: self._kept(name, field))
            )
        field.error_messages.setdefault(
            "max_length",
            "Enter at most %(limit_value)d characters; this has %(show_value)d",
        )
        if isinstance(field.widget, forms.Textarea):
            field.widget.attrs.pop("maxlength", None)

    def _kept(self, name: str, field: forms.CharField) -> str:
        return field.to_python(self.get_initial_for_field(field, name)) or ""


class FilterForm(PlainForm):
    """What narrows down a list: no field of it required."""

    is_filter = True


class GovukForm(PlainForm):
    """A form in GOV.UK markup that knows when it is sent twice.

    Templates write the ``form`` element and its buttons themselves.
    """

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission"].initial = uuid.uuid4

    @cached_property
    def helper(self) -> FormHelper:
        """Made when a template asks for it: forms leave out fields as they begin."""
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        return helper


def _say_plainly(field: forms.Field, label: str) -> None:
    """Error messages that say what to do, naming the field; its own are kept."""
    plain = {"required": f"Enter the {label}"}
    if isinstance(field, forms.ModelChoiceField):
        plain = {
            "required": f"Choose the {label}",
            "invalid_choice": f"Choose the {label} again: what you chose is no longer "
            "there",
        }
    elif isinstance(field, forms.ChoiceField):
        plain = {
            "required": f"Choose the {label}",
            "invalid_choice": f"Choose the {label} from the list",
        }
    for code, message in plain.items():
        if field.error_messages[code] == _usual_message(field, code):
            field.error_messages[code] = message


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _usual_message(field: forms.Field, code: str) -> Any:
    """What Django says when nobody gave the field words of its own."""
    for kind in type(field).__mro__:
        messages = getattr(kind, "default_error_messages", {})
        if code in messages:
            return messages[code]
    return None


def unused_name(form: forms.ModelForm, refusal: str) -> str:
    """The name as sent, with single spaces, if no other record has it.

    "Mental Health" and "mental  health" are one name to whoever reads a list.
    """
    name = " ".join(form.cleaned_data["name"].split())
    others = form._meta.model._default_manager.exclude(pk=form.instance.pk)
    if others.filter(name__iexact=name).exists():
        raise ValidationError(refusal)
    return name


class Stale(ValidationError):
    """Somebody else saved meanwhile; nothing was overwritten."""


class GovukModelForm(GovukForm, forms.ModelForm):
    """The same for one record."""


class VersionedModelForm(GovukModelForm):
    """Refuses to save over somebody else's change.

    After a refusal ``theirs`` holds what they saved, by label, and the form keeps
    what was typed; sending it again is a decision to replace theirs.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
        self.theirs: dict[str, str] = {}
        self.theirs_by = ""

    def save(self, commit: bool = True) -> Any:
        """Save under a lock if nobody else did since the form was opened.

        Raises ``Stale``. Call it in a transaction.
        """
        model = type(self.instance)
        current = model._default_manager.select_for_update(no_key=True).get(
            pk=self.instance.pk
        )
        if current.version != self.cleaned_data["version"]:
            self._show(current)
            raise Stale(
                "Somebody else changed this while you were writing. Nothing of theirs "
                "or yours was lost: compare the two, then save again"
            )
        self.instance.version = current.version + 1
        return super().save(commit)

    def _show(self, current: Any) -> None:
        """Keep what they changed since this form was opened, and where it stands."""
        opened = current.history.filter(version=self.cleaned_data["version"]).first()
        for name in self._meta.fields or []:
            if name not in self.fields or self.fields[name].disabled:
                continue
            theirs = getattr(current, name)
            if isinstance(theirs, models.Manager):
                continue
            if opened and getattr(opened, name, theirs) == theirs:
                continue
            if theirs != self.cleaned_data.get(name):
                display = getattr(current, f"get_{name}_display", lambda t=theirs: t)
                self.theirs[str(self.fields[name].label)] = in_words(display())
        latest = current.history.select_related("history_user").first()
        if latest and latest.history_user:
            self.theirs_by = latest.history_user.name
        sent: Any = self.data.copy()  # type: ignore[attr-defined]
        sent[self.add_prefix("version")] = str(current.version)
        self.data = sent


def in_words(value: Any) -> str:
    """A value of a record as a page writes it."""
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case dt.datetime():
            return localize(timezone.localtime(value))
        case dt.date() | dt.time():
            return localize(value)
    return str(value)


def saved(
    request: SignedInRequest, form: GovukForm, write: Callable[[], Any]
) -> HttpResponse | None:
    """Run ``write`` once for this form and go to what it returns; None to show errors.

    ``write`` returns an address or something that has one. It runs in a transaction
    with a record of the form, so the same form sent twice is written once and leads
    to the same page. A ``ValidationError`` it raises is shown in the form.
    """
    if request.method != "POST":
        return None
    key = _digest(request, form)
    # Before asking whether it is valid: a name just taken was taken by this form.
    earlier = Submission.objects.filter(key=key).first()
    if earlier:
        return HttpResponseRedirect(earlier.result_url)
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            submission, is_new = Submission.objects.get_or_create(
                key=key, defaults={"user": request.user}
            )
            if is_new:
                submission.result_url = resolve_url(write())
                submission.save(update_fields=["result_url"])
    except ValidationError as error:
        _show_refusal(form, error)
        return None
    return HttpResponseRedirect(submission.result_url)


def _digest(request: SignedInRequest, form: GovukForm) -> str:
    """What was sent, by whom and where. The token in it is new with each form opened,
    so text changed after going back is another submission, not a repeat; and what
    came without a token repeats nothing.
    """
    token = request.POST.get(form.add_prefix("submission")) or uuid.uuid4().hex
    sent = hashlib.sha256(f"{request.user.pk} {request.path} {token}".encode())
    for name, values in sorted(request.POST.lists()):
        if name != "csrfmiddlewaretoken":
            sent.update(repr((name, values)).encode())
    for name, uploads in sorted(request.FILES.lists()):
        for upload in uploads:
            sent.update(repr((name, upload.name, upload.size)).encode())
            for chunk in upload.chunks():
                sent.update(chunk)
            upload.seek(0)
    return sent.hexdigest()


def _show_refusal(form: GovukForm, error: ValidationError) -> None:
    """Put each message beside its field when the form has it, else on top."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def render_form(
    request: HttpRequest,
    form: GovukForm,
    *,
    title: str,
    button: str,
    back: str = "",
    trail: list[tuple[str, str]] | None = None,
    template: str = "form_page.html",
    **context: Any,
) -> HttpResponse:
    """A page with one form on it; 422 when it is shown again with errors.

    ``trail`` is the breadcrumbs after Home, as pairs of text and address.
    """
    _ask_for_files_again(form)
    return render(
        request,
        template,
        {
            "form": form,
            "title": title,
            "button": button,
            "back": back,
            "trail": [("Home", reverse("home")), *(trail or [])],
            **context,
        },
        status=422 if form.errors else 200,
    )


def _ask_for_files_again(form: GovukForm) -> None:
    """A browser forgets the files it sent when the page is shown again."""
    if not form.errors:
        return
    for bound in form:
        is_upload = getattr(bound.field.widget, "is_upload", False)
        if is_upload and bound.data and not bound.errors:
            form.add_error(
                bound.name,
                "Choose the file again: it could not be kept while something else is "
                "put right",
            )
