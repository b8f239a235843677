"""An office whose tables are not the service's own, from the former release on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.postgresql import (
    OWNER,
    SERVICE,
    TEMPLATE,
    Cluster,
    cluster,
    make_template,
    programs,
)
from tests.production.accounts import make_accounts
from tests.servers import Installation

# Who may do what to which table, to which of its columns, and what is made later.
GRANTED = f"""
SELECT relname::text, relowner::regrole::text,
    ARRAY(SELECT unnest(relacl)::text ORDER BY 1),
    ARRAY(SELECT attname || ' ' || acl FROM pg_attribute, unnest(attacl) AS acl
        WHERE attrelid = c.oid AND acl::text LIKE '{SERVICE}=%' ORDER BY 1)
FROM pg_class c
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')
UNION ALL SELECT defaclobjtype::text, defaclrole::regrole::text,
    ARRAY(SELECT unnest(defaclacl)::text ORDER BY 1), '{{}}' FROM pg_default_acl
ORDER BY 1
"""
TRIGGERS = "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
AS_BEFORE = f"""
REASSIGN OWNED BY {OWNER} TO {SERVICE};
DROP OWNED BY {OWNER};
DROP ROLE {OWNER};
DROP FUNCTION refuse_to_change_without_a_mark() CASCADE;
"""
# As in the README.
UPGRADE = f"""
CREATE ROLE {OWNER} LOGIN PASSWORD 'secret';
REASSIGN OWNED BY {SERVICE} TO {OWNER};
"""
REMOVE = """
from assurance.models import Removal, User
from tests.assurance.removals import NAME, fill, remove_all, where
by = User.objects.get(role="administrator")
made = fill(NAME, by)
assert where(NAME)
remove_all(NAME, by=by, files=[made["file"].pk])
assert where(NAME) == set()
print(Removal.objects.get().mark)
"""
# Row by row, as whoever has stolen the environment of the service might.
ATTACK = """
BEGIN;
SELECT set_config('assurance.guards_lifted', 'yes', true);
UPDATE actions_update SET text = 'Nobody said so';
COMMIT;
"""


@pytest.fixture(scope="module")
def postgresql(django_db_setup: None) -> Iterator[Cluster]:
    """A server of its own: what a role owns is of all databases."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no roles")
    bin_ = programs()
    assert bin_
    with cluster(bin_) as server:
        make_template(server.port, bin_)
        yield server


def ask(server: Cluster, sql: str, *, as_: str = "app") -> list[Any]:
    url = f"postgres://{as_}@127.0.0.1:{server.port}/{TEMPLATE}"
    with psycopg.connect(url, autocommit=True) as asked:
        cursor = asked.execute(sql)
        return cursor.fetchall() if cursor.description else []


def office_of(server: Cluster, folder: Path) -> Installation:
    url = f"postgres://{SERVICE}@127.0.0.1:{server.port}/{TEMPLATE}"
    return Installation(folder, url)


def test_an_office_of_one_role_becomes_one_of_two(
    postgresql: Cluster, tmp_path: Path
) -> None:
    office = office_of(postgresql, tmp_path)
    check = ("check", "--deploy", "--tag", "security")
    granted, triggers = ask(postgresql, GRANTED), ask(postgresql, TRIGGERS)
    assert "(assurance.W003)" not in office.manage(*check)
    ask(postgresql, AS_BEFORE)
    make_accounts(office)
    said = office.manage(*check)
    assert "The service owns the tables" in said

    ask(postgresql, UPGRADE)
    office.manage("migrate")
    assert ask(postgresql, GRANTED) == granted
    assert ask(postgresql, TRIGGERS) == triggers
    assert "(assurance.W003)" not in office.manage(*check)
    everything_works(office)
    nothing_is_changed_quietly(postgresql)


def everything_works(office: Installation) -> None:
    """What no page does: of pages see the journeys."""
    assert "[removed" in office.manage("shell", "--no-imports", "-c", REMOVE)
    office.manage("send_mail")
    assert "guards what is written once" in office.manage("nightly")
    assert "read back" in office.manage("backup")
    office.manage("hand_over", str(office.folder / "all.zip"))


def nothing_is_changed_quietly(server: Cluster) -> None:
    before = ask(server, "SELECT id, text FROM actions_update ORDER BY id")
    assert before
    with pytest.raises(psycopg.Error, match="No removal names row"):
        ask(server, ATTACK, as_=SERVICE)
    assert ask(server, "SELECT id, text FROM actions_update ORDER BY id") == before
    for statement in (
        f"SET ROLE {OWNER}",
        "CREATE TEMPORARY TABLE assurance_removal (id int)",
        "CREATE TABLE another (id int)",
    ):
        with pytest.raises(psycopg.Error, match="permission denied"):
            ask(server, statement, as_=SERVICE)
