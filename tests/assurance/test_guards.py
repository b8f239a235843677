"""What is written once: the database refuses to change it, whoever asks."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test import Client

from actions.models import Evidence, TrackerReview, Update, UpdateDraft
from assurance import events, guards
from assurance.apps import guards_are_there
from assurance.models import Event, LegalHold, Removal, StoredFile
from meetings.models import Comment, DocumentsAgain, MinutesVersion, Paper, Theme
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AgreementFactory,
    AttendeeFactory,
    MeetingFactory,
    ReadInFactory,
    SheetInFactory,
    StandingItemFactory,
    ThemeFactory,
    UserFactory,
    WithdrawalFactory,
    stored_file,
)

# By hand: a table that is guarded no longer must not go unnoticed.
GUARDED = {
    "actions_evidence",
    "actions_historicalaction",
    "actions_historicalowner",
    "actions_historicalreview",
    "actions_historicalsheetin",
    "actions_historicaltrackerreview",
    "actions_historicalupdatedraft",
    "actions_historicalupdaterequest",
    "actions_update",
    "assurance_event",
    "assurance_historicallegalhold",
    "assurance_historicalorganisation",
    "assurance_historicaluser",
    "assurance_removal",
    "meetings_agreement",
    "meetings_documentsagain",
    "meetings_historicalagendaitem",
    "meetings_historicalattendee",
    "meetings_historicalcomment",
    "meetings_historicalmeeting",
    "meetings_historicalmeeting_themes",
    "meetings_historicalmeetingtype",
    "meetings_historicalpaper",
    "meetings_historicalperson",
    "meetings_historicalreadin",
    "meetings_historicalstandingitem",
    "meetings_historicaltheme",
    "meetings_minutesversion",
    "meetings_versionremoval",
    "meetings_withdrawal",
}
# Rows that may be deleted, but not changed.
NEVER_CHANGED = {"assurance_storedfile"}


def a_row_of_each() -> None:
    """At least one row in every guarded table."""
    by = UserFactory(liaison=True)
    theme = ThemeFactory()
    meeting = MeetingFactory(themes=[theme])
    action = ActionFactory(organisation=by.organisation, by=UserFactory())
    said = action.add_update("Half done", by=by)
    Evidence.objects.create(update=said, title="Figures", link="https://a.example")
    UpdateDraft.objects.create(action=action, text="More", changed_by=by)
    action.reviews.create(meeting=meeting, brought_by=by, status_then="open")
    TrackerReview.objects.create(meeting=meeting, finished_by=by)
    action.update_requests.create(
        meeting=meeting,
        organisation=by.organisation,
        asked_by=by,
        due_at=said.at,
    )
    SheetInFactory()
    ReadInFactory()
    StandingItemFactory()
    item = AgendaItemFactory(meeting=meeting)
    Paper.objects.create(item=item, title="Figures")
    AttendeeFactory(meeting=meeting)
    AgreementFactory()
    version = WithdrawalFactory().version
    Comment.objects.create(version=version, author=by, text="No")
    LegalHold.objects.create(why="A court asks", set_by=by)
    removal = Removal.objects.create(why="Asked", by=by, mark="Removed", places={})
    removed = version.removals.create(removal=removal, before="a" * 64, after="b" * 64)
    made = stored_file()
    DocumentsAgain.objects.create(removal=removed, pdf=made, docx=made)
    events.note(Event.Kind.SIGNED_IN, user=by)
    events.note(Event.Kind.SEARCHED, by=by)
    connection.check_constraints()


def raw(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def tries_at(model: type[models.Model]) -> list[Callable[[], Any]]:
    """Every way to change or delete a row that goes past the model."""
    table, row = model._meta.db_table, model._default_manager.last()
    assert row is not None, f"no row in {table}"
    pk = model._meta.pk
    field = [f for f in model._meta.concrete_fields if f != pk][-1]
    rows = model._base_manager.filter(pk=row.pk)
    columns = ", ".join(f'"{f.column}"' for f in model._meta.concrete_fields)
    again = f"INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE true"
    same = {field.attname: getattr(row, field.attname)}
    ways = [
        lambda: rows.update(**same),
        lambda: rows._raw_delete("default"),
        lambda: model._base_manager.bulk_update([row], [field.name]),
        lambda: models.Model.save(row),
        lambda: raw(
            f'UPDATE {table} SET "{field.column}" = NULL WHERE "{pk.column}" = {row.pk}'
        ),
        lambda: raw(f"DELETE FROM {table}"),
        lambda: raw(
            f'INSERT {again} ON CONFLICT ("{pk.column}") '
            f'DO UPDATE SET "{field.column}" = excluded."{field.column}"'
        ),
    ]
    if connection.vendor == "postgresql":
        return [*ways, lambda: raw(f"TRUNCATE {table} CASCADE")]
    return [*ways, lambda: raw(f"INSERT OR REPLACE {again}")]


def test_guarded_is_what_is_written_once_and_all_history(db: None) -> None:
    assert set(guards.guarded_tables()) == GUARDED | NEVER_CHANGED
    history = [m for m in apps.get_models() if m.__name__.startswith("Historical")]
    assert {model._meta.db_table for model in history} < GUARDED
    assert guards.missing() == []


def test_no_way_changes_or_deletes_a_kept_row(db: None) -> None:
    a_row_of_each()
    for model in apps.get_models():
        if model._meta.db_table not in GUARDED:
            continue
        before = list(model._base_manager.order_by("pk").values())
        for attempt in tries_at(model):
            refused = f"Rows of {model._meta.db_table} are written once"
            with (
                pytest.raises(IntegrityError, match=refused),
                transaction.atomic(),
            ):
                attempt()
        assert list(model._base_manager.order_by("pk").values()) == before


def test_a_stored_file_is_never_changed_and_may_be_deleted(db: None) -> None:
    stored = stored_file("figures.txt")
    rows = StoredFile.objects.filter(pk=stored.pk)
    before = rows.values().get()
    removal = Removal.objects.create(
        why="Asked", by=stored.uploaded_by, mark="Removed", places={}
    )
    for change in (
        {"content": "00/another"},
        {"sha256": "0" * 64},
        {"name": "another.txt"},
        {"size": 1},
        {"kind": "pdf"},
        {"removal": removal},
    ):
        refused = "Rows of assurance_storedfile are written once"
        with pytest.raises(IntegrityError, match=refused), transaction.atomic():
            rows.update(**change)
    assert rows.values().get() == before
    with guards.lifted():
        rows.update(removal=removal)
    assert rows.get().removal == removal
    stored.delete()
    assert not rows.exists()


@transaction.atomic
def delete_at_once(rows: models.QuerySet) -> None:
    rows._raw_delete("default")
    if connection.vendor == "postgresql":  # See ``test_grants`` for what it does.
        connection.check_constraints()


def test_a_stored_file_in_use_makes_no_room_for_another(db: None) -> None:
    """Not even for a moment: a reference is looked up when the transaction ends."""
    a_row_of_each()
    used = [stored_file(f"{number}.txt") for number in range(3)]
    version = WithdrawalFactory().version
    with guards.lifted():
        MinutesVersion.objects.filter(pk=version.pk).update(pdf=used[0])
    update = Update.objects.latest("pk")
    Evidence.objects.create(update=update, title="Figures", file=used[1])
    Paper.objects.create(item=AgendaItemFactory(), title="Figures", file=used[2])
    for stored in used:
        rows = StoredFile.objects.filter(pk=stored.pk)
        before = rows.values().get()
        with pytest.raises(IntegrityError):
            delete_at_once(rows)
        assert rows.values().get() == before


def test_a_row_that_is_written_once_says_so_before_the_database_does(db: None) -> None:
    a_row_of_each()
    for model in apps.get_models():
        if getattr(model, "is_append_only", False):
            row = model._default_manager.last()
            for attempt in (row.save, row.delete):
                with pytest.raises(TypeError, match="never"):
                    attempt()


def test_deleting_a_record_keeps_its_history(db: None) -> None:
    theme = ThemeFactory()
    pk = theme.pk
    theme.delete()
    assert [row.history_type for row in Theme.history.filter(id=pk)] == ["-", "+"]


def a_mended_theme() -> Any:
    theme = ThemeFactory(name="Named by mistake")
    rows = Theme.history.model.objects.filter(id=theme.pk)
    # What was written in the transaction, with checks that wait for its end.
    MeetingFactory(themes=[theme])
    with guards.lifted():
        rows.update(name="[removed]")
    return rows


def test_lifted_in_a_transaction_the_guards_let_through_and_stand_again(
    db: None,
) -> None:
    rows = a_mended_theme()
    assert rows.get().name == "[removed]"
    assert guards.missing() == []
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        rows.update(name="Named by mistake")


def test_what_fails_with_the_guards_lifted_is_undone_and_they_stand(db: None) -> None:
    theme = ThemeFactory(name="Kept")
    rows = Theme.history.model.objects.filter(id=theme.pk)

    def fail() -> None:
        with guards.lifted():
            rows.update(name="Lost")
            raise ValueError("Half-way")

    with pytest.raises(ValueError, match="Half-way"):
        fail()
    assert rows.get().name == "Kept"
    assert guards.missing() == []
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        rows.update(name="Lost")


@pytest.mark.django_db(transaction=True)
def test_lifted_outside_a_transaction_the_guards_stand_again() -> None:
    rows = a_mended_theme()
    assert rows.get().name == "[removed]"
    assert guards.missing() == []
    with pytest.raises(IntegrityError, match="written once"):
        rows.delete()


def test_lifting_the_guards_of_all_tables_takes_no_time(db: None) -> None:
    """Every test with transactions of its own does."""

    def seconds() -> float:
        began = time.perf_counter()
        with guards.lifted():
            pass
        return time.perf_counter() - began

    # The machine may be busy with something else, but hardly each time.
    assert any(seconds() < 1 for _ in range(5))


def test_saving_takes_no_query_more_for_the_guards(
    db: None, django_assert_num_queries: Any
) -> None:
    theme = ThemeFactory()
    with django_assert_num_queries(2):  # the row and its history
        theme.save()


def test_lost_guards_are_named_by_the_check_and_put_back_by_migrate(
    db: None, client: Client
) -> None:
    guards.remove()
    said = [error.msg for error in guards_are_there(["default"])]
    assert "The database would let meetings_minutesversion be changed" in said
    assert client.get("/health/ready").status_code == 503
    call_command("migrate", verbosity=0, skip_checks=False)
    assert guards_are_there(["default"]) == []
    assert client.get("/health/ready").content == b"ready"


@pytest.mark.django_db(transaction=True)
def test_a_table_still_to_be_made_is_no_reason_to_warn() -> None:
    """The first migration is looked at before it makes them."""
    guards.remove()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE meetings_agreement RENAME TO elsewhere")
    try:
        said = " ".join(warning.msg for warning in guards_are_there(["default"]))
        assert "meetings_minutesversion" in said
        assert "meetings_agreement" not in said
        assert "meetings_agreement" in guards.missing()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO meetings_agreement")
        guards.install()
