"""Using pages as a browser would: sending a form as it is shown, reading the banner."""

import datetime as dt
from typing import Any

from django.contrib.messages import get_messages
from django.forms import Form
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from meetings.models import MeetingType


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


def day(date: dt.date) -> str:
    """A day as people type it."""
    return f"{date.day}/{date.month}/{date.year}"


def said(response: HttpResponse) -> str:
    """What the banner of the next page will say."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def new_meeting(client: Client, type_: MeetingType, **changes: Any) -> HttpResponse:
    """Choose the type, fill the form as shown, send it."""
    url = reverse("meeting_new")
    form = client.get(url, {"type": type_.pk}).context["form"]
    return client.post(url, as_shown(form, **changes))
