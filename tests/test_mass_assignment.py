"""A form saves what it shows, whatever else is sent with it.

Each form of each page is sent twice as it is shown, filled in where it must be: once
alone, once with every column of every table beside. Both leave the same database.
"""

import copy
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django import forms
from django.apps import apps
from django.contrib.auth.hashers import BasePasswordHasher
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.test import Client

from assurance.forms.fields import DayField
from tests.access_table import ONCE
from tests.digest import BESIDE_THE_RECORD, digest
from tests.meetings.pages import as_shown
from tests.world import ADDRESSES, World

# What was sent is part of the key of its submission; a file has a name by chance.
LEFT_OUT = BESIDE_THE_RECORD | {"assurance_submission", "assurance_storedfile"}
# The whole form of old minutes is kept as it was sent, until it is saved.
KEPT_AS_SENT = {"import_check": {"meetings_readin"}}
SUBMISSION = str(uuid.UUID(int=7))
ROLES = ["liaison", "commissioner", "administrator"]
# Beside columns: what code elsewhere is known to call such things.
OTHER_NAMES = [
    *("is_staff", "is_superuser", "groups", "user_permissions", "permissions"),
    *("id", "pk", "owner", "by", "author", "history_user", "history_date"),
    *("office", "admin", "organisation_id", "created_by", "changed_by_id"),
]
# Sent by scripts to addresses without a page of their own; shown on the page of the
# minutes.
SHOWN_ELSEWHERE = {
    "minutes_save": {"notes", "decisions", "assurance", "version", "item"},
    "minutes_attendance": {"quick", "attend"},
    "minutes_action": {"text", "version", "due_words"},
    "minutes_understood": {"notes", "decisions", "version"},
    "minutes_shortcuts": {"item"},
    "import_check": {"text", "version"},
}


TODAY = "2026-06-10T10:00:00Z"


@pytest.fixture(scope="module")
def kept_world(once: Any) -> World:
    with time_machine.travel(TODAY, tick=False):
        return once(lambda: World().whole())


@pytest.fixture
def world(kept_world: World, db: None, monkeypatch: Any) -> Iterator[World]:
    # The same password is kept as the same text.
    monkeypatch.setattr(BasePasswordHasher, "salt", lambda hasher: "a" * 22)
    with time_machine.travel(TODAY, tick=False):
        yield copy.deepcopy(kept_world)


def every_column() -> dict[str, Any]:
    """A value for each column and each way to other rows, by its name."""
    found: dict[str, Any] = dict.fromkeys(OTHER_NAMES, "1")
    for model in apps.get_models():
        if model._meta.app_label not in ("assurance", "meetings", "actions", "mfa"):
            continue
        for field in model._meta.get_fields():
            for name in {field.name, getattr(field, "attname", field.name)}:
                found[name] = _other_value(field)
    return found


def _other_value(field: Any) -> str:
    if getattr(field, "choices", None):
        return str(field.choices[-1][0])
    match field:
        case models.BooleanField():
            return "on"
        case models.DateTimeField():
            return "2031-01-02 03:04"
        case models.DateField():
            return "2/1/2031"
        case models.IntegerField():
            return "77"
        case models.CharField() | models.TextField():
            return "Sent beside"
    if field.related_model is None:
        return "1"
    keys = field.related_model._base_manager.order_by("-pk").values_list("pk")
    return str(keys[0][0]) if keys else "1"


def forms_of(response: HttpResponse) -> list[forms.BaseForm]:
    """Those the page shows to be sent; a filter is asked by GET."""
    form = (response.context or {}).get("form")
    is_sent = isinstance(form, forms.BaseForm) and not hasattr(form, "is_filter")
    return [form] if is_sent else []


def filled_in(form: forms.BaseForm) -> dict[str, Any]:
    """As it is shown, with something in every field that must have it."""
    sent = as_shown(form)
    for bound in form:
        if bound.html_name in sent and sent[bound.html_name] not in ("", []):
            continue
        if bound.field.required or bound.name in ("text", "name", "notes"):
            sent[bound.html_name] = _filling(bound.field)
    return sent | {form.add_prefix("submission"): SUBMISSION}


def _filling(field: forms.Field) -> Any:
    if isinstance(field, forms.ModelChoiceField):
        row = field.queryset.first()
        return row.pk if row else ""
    if isinstance(field, forms.ChoiceField):
        values = [value for value, _ in field.choices if value]
        return values[0] if values else ""
    if isinstance(field, DayField):
        return "11/6/2026"
    if isinstance(field, forms.EmailField):
        return "somebody@office.example"
    if isinstance(field, forms.BooleanField):
        return "on"
    return "Tulips in March"


def sent(browser: Client, url: str, data: dict[str, Any]) -> tuple[int, dict[str, str]]:
    """The answer, and the database as it is then, which is undone."""
    cookies = browser.cookies.output()
    with transaction.atomic():
        _count_on_from_the_last_rows()
        response = browser.post(url, data)
        if response.streaming:
            response.getvalue()
        found = digest(leave_out=LEFT_OUT)
        transaction.set_rollback(True)
    if browser.cookies.output() != cookies:
        browser.cookies.load(cookies)
    return response.status_code, found


def _count_on_from_the_last_rows() -> None:
    """PostgreSQL counts on whatever was undone, so new rows had other numbers."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for line in connection.ops.sequence_reset_sql(
                no_style(), apps.get_models()
            ):
                cursor.execute(line)


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_saved_that_the_form_does_not_show(world: World, role: str) -> None:
    browser = world.browser(role)
    beside = every_column()
    differences, saved = {}, 0
    for name, thing in ONCE.items():
        url = world.url(ADDRESSES[name], thing)
        page = browser.get(url)
        text = "" if page.streaming else page.content.decode()
        if page.streaming:
            page.getvalue()
        if page.status_code in (403, 404, 302) or name == "account_logout":
            continue
        found = forms_of(page)
        data = filled_in(found[0]) if found else {}
        shown = set(re.findall(r'name="([^"]+)"', text)) | set(data)
        shown |= SHOWN_ELSEWHERE.get(name, set())
        more = {key: value for key, value in beside.items() if key not in shown}
        if found and found[0].prefix:
            more |= {
                f"{found[0].prefix}-{key}": value
                for key, value in more.items()
                if f"{found[0].prefix}-{key}" not in shown
            }
        status, alone = sent(browser, url, data)
        assert status < 500, url
        saved += status == 302
        other_status, together = sent(browser, url, more | data)
        tables = {table for table in alone if alone[table] != together[table]}
        tables -= KEPT_AS_SENT.get(name, set())
        if tables or other_status != status:
            differences[name, thing] = (tables, status, other_status)
    assert differences == {}
    assert saved >= {"liaison": 5, "commissioner": 10}.get(role, 40)
