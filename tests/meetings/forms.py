"""Sending a form as a browser would: what it shows, with some of it changed."""

from typing import Any

from django.forms import Form


def as_shown(form: Form, **changes: Any) -> dict[str, Any]:
    """What a browser sends when only these fields are changed; None leaves one out."""
    sent = {}
    for field in form:
        value = field.value()
        if value is True:
            value = "on"
        elif hasattr(field.field.widget, "format_value"):
            value = field.field.widget.format_value(value)
        if value not in (None, False):
            sent[field.html_name] = value
    sent |= {form.add_prefix(name): value for name, value in changes.items()}
    return {name: value for name, value in sent.items() if value is not None}
