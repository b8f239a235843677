"""Using pages as a browser would: sending a form as it is shown, reading the banner."""

import datetime as dt
from html.parser import HTMLParser
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


class Fields(HTMLParser):
    """What a browser sends of a page's fields when nothing is touched, ``sent``.

    Texts of several lines go with the ends of lines that browsers send.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._select: str | None = None
        self._text: str | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in given or self._select not in self.sent:
                self.sent[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._text, self.sent[name] = name, ""
        elif kind in ("checkbox", "radio") and "checked" not in given:
            return
        elif tag == "input" and name and kind != "file":
            unsaid = "on" if kind == "checkbox" else ""
            self.sent[name] = given.get("value", unsaid)

    def handle_data(self, data: str) -> None:
        if self._text:
            self.sent[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea" and self._text:
            text = self.sent[self._text].removeprefix("\n")
            self.sent[self._text] = text.replace("\r", "").replace("\n", "\r\n")
            self._text = None
