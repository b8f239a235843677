"""A service that does not own its tables: what PostgreSQL lets it do to them.

A role is made in the transaction of each test and granted what ``migrate`` grants;
what follows ``become`` is asked of the database as that role.
"""

import datetime as dt
import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import Error, IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from assurance import grants, guards
from assurance.apps import service_may_do_little
from assurance.models import Removal, StoredFile, User
from meetings.documents.again import documents_of
from meetings.models import MinutesVersion, Theme, VersionRemoval
from tests.assurance.removals import NAME, fill, remove_all, where
from tests.assurance.test_guards import GUARDED, a_row_of_each, raw, tries_at
from tests.factories import UserFactory, WithdrawalFactory, stored_file

SERVICE = f"service_of_{os.getpid()}"
LIFT = "SELECT set_config('assurance.guards_lifted', 'yes', true)"
AT_THE_END = "SET CONSTRAINTS ALL IMMEDIATE"
NO_MARK = "No removal names row"


@pytest.fixture
def service(db: None, settings: Any) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no roles")
    settings.SERVICE_ROLE = SERVICE
    raw(f"CREATE ROLE {SERVICE}")
    grants.lay()


def become() -> None:
    raw(f"SET ROLE {SERVICE}")


def refused(*statements: str) -> str:
    """How PostgreSQL refuses one of these."""
    with pytest.raises(Error) as error, transaction.atomic():
        raw("; ".join(statements))
    return str(error.value)


@transaction.atomic
def at_once(attempt: Callable[[], Any], *, lifted: bool) -> None:
    if lifted:
        raw(LIFT)
    attempt()
    raw(AT_THE_END)


def guarded_models() -> list[type[Model]]:
    guarded = guards.refused()
    return [model for model in apps.get_models() if model._meta.db_table in guarded]


def test_the_service_changes_and_deletes_nothing_that_is_written_once(
    service: None,
) -> None:
    a_row_of_each()
    stored_file("figures.txt")
    become()
    for model in guarded_models():
        if model._meta.db_table not in GUARDED:
            continue
        before = list(model._base_manager.order_by("pk").values())
        for attempt in tries_at(model):
            for lifted in (False, True):
                with pytest.raises(Error, match=r"denied|written once|not-null"):
                    at_once(attempt, lifted=lifted)
        assert list(model._base_manager.order_by("pk").values()) == before


def test_lifting_the_guards_gains_nothing_without_a_removal_that_names_the_row(
    service: None,
) -> None:
    """Of every column that a removal may have to change, in every table."""
    a_row_of_each()
    by = stored_file("figures.txt").uploaded_by
    become()
    for model in guarded_models():
        table, pk = model._meta.db_table, model._base_manager.order_by("pk")[0].pk
        key = model._meta.pk.column
        for column in grants.columns_of_removals(table):
            change = f'UPDATE {table} SET "{column}" = "{column}" WHERE "{key}" = {pk}'
            assert "written once" in refused(change)
            assert f"{NO_MARK} {pk} of {table}" in refused(LIFT, change, AT_THE_END)
            with transaction.atomic():
                marked(by, {table: [pk + 1000], "another": [pk]})
                assert NO_MARK in refused(LIFT, change, AT_THE_END)
                marked(by, {table: [pk]})
                raw(LIFT)
                raw(change)
                raw(AT_THE_END)
                transaction.set_rollback(True)
            raw("SET CONSTRAINTS ALL DEFERRED")


def marked(by: User, rows: dict[str, list[int]], **more: Any) -> Removal:
    places = {guards.WRITTEN_ONCE: rows}
    return Removal.objects.create(
        why="Asked", by=by, mark="Removed", places=places, **more
    )


def test_a_removal_of_another_time_is_no_mark_of_this_one(service: None) -> None:
    theme = Theme.objects.create(name="Named by mistake")
    table = Theme.history.model._meta.db_table
    (pk,) = Theme.history.values_list("pk", flat=True)
    yesterday = timezone.now() - dt.timedelta(days=1)
    marked(UserFactory(), {table: [pk]}, at=yesterday)
    become()
    change = f"UPDATE {table} SET name = 'Another'"
    assert NO_MARK in refused(LIFT, change, AT_THE_END)
    assert theme.history.get().name == "Named by mistake"


@pytest.mark.parametrize("is_kept", [True, False])
def test_no_stored_file_takes_the_number_of_another(
    service: None, is_kept: bool
) -> None:
    """Whatever refers to it, in a version or in history, means the one it meant."""
    stored = stored_file("figures.txt")
    if is_kept:
        version = WithdrawalFactory().version
        with guards.lifted():
            MinutesVersion.objects.filter(pk=version.pk).update(pdf=stored)
    raw(AT_THE_END)
    raw("SET CONSTRAINTS ALL DEFERRED")
    row = StoredFile.objects.values().get(pk=stored.pk)
    become()

    @transaction.atomic
    def exchange() -> None:
        StoredFile.objects.filter(pk=stored.pk)._raw_delete("default")
        StoredFile.objects.bulk_create([StoredFile(**row | {"sha256": "0" * 64})])
        raw(AT_THE_END)

    if is_kept:
        with pytest.raises(IntegrityError, match="violates foreign key"):
            exchange()
        assert StoredFile.objects.values().get(pk=stored.pk) == row
    else:
        exchange()
        assert StoredFile.objects.get().pk > stored.pk
    said = refused("SELECT setval('assurance_storedfile_id_seq', 1)")
    assert "permission denied" in said


def test_the_database_says_when_words_were_removed_and_keeps_the_mark(
    service: None,
) -> None:
    by = UserFactory()
    become()
    removal = marked(
        by, {"assurance_removal": [1]}, at=timezone.now() - dt.timedelta(9)
    )
    removal.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_timestamp()")
        assert (removal.at,) == cursor.fetchone()
    for column in ("id", "at", "by_id", "mark", "places"):
        said = refused(LIFT, f'UPDATE assurance_removal SET "{column}" = "{column}"')
        assert "permission denied" in said


FUNCTION = "refuse_to_change_what_is_written_once()"


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER meetings_agreement_keeps_rows ON meetings_agreement",
        "ALTER TABLE meetings_agreement DISABLE TRIGGER ALL",
        "ALTER TABLE meetings_agreement DISABLE TRIGGER meetings_agreement_keeps_rows",
        "ALTER TABLE meetings_agreement RENAME TO another",
        "ALTER TABLE meetings_agreement ALTER COLUMN by_id DROP NOT NULL",
        "CREATE RULE another AS ON INSERT TO assurance_event DO INSTEAD NOTHING",
        "CREATE TRIGGER another BEFORE INSERT ON assurance_event "
        f"EXECUTE FUNCTION {FUNCTION}",
        f"DROP FUNCTION {FUNCTION} CASCADE",
        f"CREATE OR REPLACE FUNCTION {FUNCTION} RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NEW; END'",
        f"ALTER FUNCTION {FUNCTION} RENAME TO another",
        "CREATE FUNCTION another() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE another (id int)",
        "CREATE TEMPORARY TABLE assurance_removal (id int)",
        "CREATE VIEW another AS SELECT 1",
        "CREATE TEMPORARY VIEW assurance_event AS SELECT 1",
        "CREATE SCHEMA another",
        "CREATE INDEX ON meetings_agreement (at)",
        "DROP TABLE cache",
        "TRUNCATE meetings_theme CASCADE",
        "LOCK TABLE meetings_agreement",
        "DELETE FROM django_migrations",
        "DELETE FROM actions_resolveddue",
        "SET session_replication_role = replica",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "ALTER TABLE meetings_agreement OWNER TO CURRENT_USER",
    ],
)
def test_the_service_makes_drops_and_takes_off_nothing(
    service: None, statement: str
) -> None:
    become()
    said = refused(statement)
    assert re.search("permission denied|must be|cannot delete from view", said), said


def test_everything_else_is_granted_and_no_more(service: None) -> None:
    """Of all tables there are, of libraries and the cache too."""
    every = ["DELETE", "INSERT", "SELECT", "UPDATE"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, array_remove(array_agg(CASE WHEN has_table_privilege"
            "(%s, c.oid, what) THEN what END ORDER BY what), NULL) FROM pg_class c, "
            "unnest(%s::text[]) AS what WHERE relkind IN ('r', 'v') "
            "AND relnamespace = 'public'::regnamespace GROUP BY 1",
            [SERVICE, [*every, "REFERENCES", "TRIGGER", "TRUNCATE"]],
        )
        found = cursor.fetchall()
    fewer = {table: ["INSERT", "SELECT"] for table in GUARDED} | {
        "assurance_storedfile": ["DELETE", "INSERT", "SELECT"],
        "actions_resolveddue": ["SELECT"],
        "django_migrations": ["SELECT"],
    }
    assert {"cache", "post_office_email", "assurance_user"} < {
        name for name, _ in found
    }
    for name, may in found:
        assert may == fewer.get(name, every), name


def test_words_are_removed_for_data_protection_as_the_service(
    service: None, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """From versions, history, files and what is not guarded, at once; and documents
    are made again.
    """
    settings.SITE_URL = "https://assurance.office.example"
    administrator = UserFactory(administrator=True)
    become()
    made = fill(NAME, administrator)
    with django_capture_on_commit_callbacks(execute=True):
        removal = remove_all(NAME, by=administrator, files=[made["file"].pk])
    raw(AT_THE_END)
    assert where(NAME) == set()
    assert VersionRemoval.objects.filter(removal=removal).exists()
    assert all(version.is_intact for version in MinutesVersion.objects.all())
    named = removal.places[guards.WRITTEN_ONCE]
    assert made["file"].pk in named["assurance_storedfile"]
    assert {"actions_update", "meetings_minutesversion"} < set(named)
    made["file"].refresh_from_db()
    assert made["file"].removal == removal
    assert documents_of(MinutesVersion.objects.get(pk=made["version"].pk))
    raw(AT_THE_END)
    for changed in Removal, StoredFile, MinutesVersion:
        assert "written once" in refused(
            f'UPDATE {changed._meta.db_table} SET "{column_of(changed)}" = NULL'
        )


def column_of(model: type[Model]) -> str:
    return grants.columns_of_removals(model._meta.db_table)[0]


def test_a_deployment_is_told_what_its_service_may_do_too_much(service: None) -> None:
    def said() -> str:
        return " ".join(warning.msg for warning in service_may_do_little())

    assert "owns the tables" in said()
    become()
    assert said() == ""
    raw("RESET ROLE")
    raw(f"GRANT CREATE ON SCHEMA public TO {SERVICE}")
    raw(f"GRANT DELETE ON meetings_agreement TO {SERVICE}")
    become()
    assert "may change what is written once" in said()
    assert "may make tables" in said()
    raw("RESET ROLE")
    grants.lay()
    become()
    assert said() == ""


@pytest.mark.parametrize(
    "column",
    [
        "meetings_minutesversion (number)",
        "assurance_event (id)",
        "assurance_storedfile (sha256)",
    ],
)
def test_a_deployment_is_told_of_one_column_too_much(
    service: None, column: str
) -> None:
    table, _, name = column.partition(" ")
    raw(f"GRANT UPDATE {name} ON {table} TO {SERVICE}")
    become()
    (said,) = service_may_do_little()
    assert "may change what is written once" in said.msg
    raw("RESET ROLE")
    grants.lay()
    become()
    assert service_may_do_little() == []
