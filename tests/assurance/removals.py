"""What tests of removing words share."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db import connection
from post_office.models import Email

from actions.models import Evidence
from assurance.files import store, store_made
from assurance.models import Removal, Unsent, User
from assurance.removing.columns import text_columns
from assurance.removing.search import find
from assurance.removing.words import Words
from meetings.documents.published import published_documents
from meetings.models import Meeting, MinutesVersion, Paper
from meetings.record import ActionLine, Item, Record, Seat, to_json
from meetings.removal import Order, digest_of, remove
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    MinutesVersionFactory,
    PersonFactory,
    ReadInFactory,
    SheetInFactory,
    ThemeFactory,
    UserFactory,
    upload,
)

NAME = "Wilma Zander"
MARK = "[removed for data protection on 3 May 2026]"


def words(*variants: str) -> Words:
    return Words.read("\n".join(variants), mark=MARK)


def remove_all(
    *variants: str, by: User, why: str = "Request for erasure", **more: Any
) -> Removal:
    """Everything that is found, as the page does with all ticked."""
    sought = words(*variants)
    things = find(sought)
    fields = {
        "seen": digest_of(things),
        "keys": {thing.key for thing in things},
    }
    return remove(Order(words=sought, why=why, by=by, mark=MARK, **(fields | more)))


def all_text() -> Iterator[tuple[str, str]]:
    """Every text in the database as the database has it, by table and column."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if not model._meta.managed:
                continue
            for field in text_columns(model):
                cursor.execute(
                    f'SELECT CAST("{field.column}" AS text) FROM '
                    f'"{model._meta.db_table}"'
                )
                for (text,) in cursor.fetchall():
                    yield f"{model._meta.label}.{field.name}", text or ""


def where(text: str) -> set[str]:
    """The columns that hold this, in capitals or not."""
    return {name for name, kept in all_text() if text.lower() in kept.lower()}


def publish(
    meeting: Meeting,
    record: Record,
    by: User,
    documents: Mapping[str, bytes] | None = None,
) -> MinutesVersion:
    if documents is None:
        documents = published_documents(record, number=1, on=dt.date(2025, 5, 1))
    agreed = MinutesVersionFactory(
        meeting=meeting, kind="agreed", content=to_json(record), text=record.words()
    )
    files = {
        kind: store_made(content, name=f"minutes.{kind}", kind=kind, by=by)
        for kind, content in documents.items()
    }
    return MinutesVersionFactory(
        meeting=meeting,
        kind="published",
        made_from=agreed,
        content=to_json(record),
        text=record.words(),
        **files,
    )


def record_of(name: str) -> Record:
    return Record(
        "Monthly meeting",
        dt.date(2025, 3, 26),
        start=dt.time(10),
        seats=(Seat(name, "Analyst", attendance="present"),),
        items=(Item(1, "Roads", notes=f"Heard {name}.\n\n*{name}* left."),),
        actions=(ActionLine("2025/01", f"{name} shares the plan", item=1),),
    )


def fill(name: str, by: User) -> dict[str, Any]:
    """A record that holds a name wherever one may be written."""
    user = UserFactory(name=name, email=f"{'.'.join(name.lower().split())}@f.example")
    person = PersonFactory(name=name, user=user)
    meeting = MeetingFactory(state="draft", title=f"On {name}", venue=name)
    item = AgendaItemFactory(
        meeting=meeting, heading=f"Letter of {name}", notes=f"Read out: {name}"
    )
    item.notes = "Nothing"
    item.version += 1
    item.save()
    AttendeeFactory(meeting=meeting, person=person, abbreviation=name[:20])
    themes = [ThemeFactory(name=name), ThemeFactory(name=name.replace(" ", "  "))]
    action = ActionFactory(meeting=meeting, text=f"Ask {name}", by=by)
    update = action.add_update(f"{name} agrees", by=by, provided_by=name)
    Evidence.objects.create(
        update=update,
        title="A link",
        link=f"https://x.example/{name.replace(' ', '%20')}",
    )
    file = store(upload(f"{name}.txt", f"By {name}".encode()), by=by)
    Paper.objects.create(item=item, title=f"Paper of {name}", file=file)
    ReadInFactory(name=f"{name}.txt", summary=name)
    SheetInFactory(rows=((f"Ask {name}", name, "4 May 2025"),))
    Email.objects.bulk_create(
        [Email(from_email="a@b.example", to=[user.email], subject=name, message=name)]
    )
    Unsent.objects.create(
        token="t", user=by, path="/", sent=[["notes", [f"Said by {name}"]]]
    )
    version = publish(meeting, record_of(name), by)
    return {
        "user": user,
        "person": person,
        "item": item,
        "themes": themes,
        "action": action,
        "update": update,
        "file": file,
        "version": version,
    }
