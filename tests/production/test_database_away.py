"""The server goes on while PostgreSQL is away, and works again once it is back."""

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
import requests
from django.db import connection
from django.urls import reverse

from tests.postgresql import TEMPLATE, Cluster, cluster, make_template, programs
from tests.production.accounts import PASSWORD, make_accounts
from tests.servers import PATIENCE, Installation, Server, hidden, wait_until

AWAY = "This service cannot answer just now"


@pytest.fixture(scope="module")
def postgresql(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cluster]:
    """A server that may be stopped: not the one that all tests use."""
    if connection.vendor != "postgresql":
        pytest.skip("What PostgreSQL does is tested with PostgreSQL")
    bin_ = programs()
    assert bin_
    with cluster(bin_) as server:
        make_template(server.port, bin_)
        yield server


@pytest.fixture(scope="module")
def office(postgresql: Cluster, tmp_path_factory: Any) -> Installation:
    url = f"{postgresql.url.rpartition('/')[0]}/{TEMPLATE}"
    office = Installation(tmp_path_factory.mktemp("office"), url)
    make_accounts(office)
    return office


@pytest.fixture(scope="module")
def server(office: Installation) -> Iterator[Server]:
    with office.serve() as server:
        yield server


@pytest.fixture
def staff(server: Server, postgresql: Cluster) -> Iterator[requests.Session]:
    with requests.Session() as browser:
        login = f"{server.url}/accounts/login/"
        fields = hidden(browser.get(login).text)
        typed = {"login": "staff@office.example", "password": PASSWORD}
        assert browser.post(login, data=fields | typed).status_code == 200
        yield browser
    if not _is_ready(server):  # the test stopped it and failed
        postgresql.start()


def _is_ready(server: Server) -> bool:
    return requests.get(f"{server.url}/health/ready").status_code == 200


def themes(office: Installation) -> list[str]:
    with psycopg.connect(office.database_url) as database:
        found = database.execute("SELECT name FROM meetings_theme").fetchall()
    return [name for (name,) in found]


def test_each_page_says_so_and_what_was_typed_can_be_sent_again(
    office: Installation, server: Server, staff: requests.Session, postgresql: Cluster
) -> None:
    form = server.url + reverse("theme_new")
    typed = hidden(staff.get(form).text) | {"name": "Roads & <rural> crime"}
    postgresql.stop()

    pages = [staff.get(server.url + path) for path in ("/", "/actions/", "/published/")]
    # None waits; that the machine is busy for so long just with each is not to be.
    assert min(page.elapsed for page in pages) < dt.timedelta(seconds=2)
    for page in pages:
        assert page.status_code == 503
        assert AWAY in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert int(page.headers["Retry-After"]) > 0
        assert page.headers["X-Request-ID"] in page.text
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        for trace in ("Traceback", "psycopg", "127.0.0.1", "OperationalError"):
            assert trace not in page.text
    lost = staff.post(form, data=typed)
    assert lost.status_code == 503
    assert "Send it again" in lost.text
    assert "Roads &amp; &lt;rural&gt; crime" in lost.text
    by_script = staff.get(f"{server.url}/actions/", headers={"HX-Request": "true"})
    assert by_script.status_code == 503
    assert by_script.headers["Content-Type"].startswith("text/plain")
    assert "Try again" in by_script.text
    sign_in = staff.post(
        f"{server.url}/accounts/login/",
        data=typed | {"login": "staff@office.example", "password": PASSWORD},
    )
    assert PASSWORD not in sign_in.text
    assert requests.get(f"{server.url}/health/live").status_code == 200
    unready = requests.get(f"{server.url}/health/ready")
    assert (unready.status_code, unready.text) == (503, "unready: database")

    postgresql.start()

    assert _is_ready(server)
    # Every process answers, with the connections that it had.
    assert {staff.get(server.url).status_code for _ in range(20)} == {200}
    for _ in range(2):
        saved = staff.post(form, data=typed)
        assert saved.status_code == 200
    assert "Roads &amp; &lt;rural&gt; crime" in saved.text
    assert themes(office) == ["Roads & <rural> crime"]
    log = server.log.read_text()
    assert "No database" in log
    assert "Roads" not in log
    assert "<rural>" not in log


def test_it_goes_away_in_the_middle_of_a_form(
    office: Installation,
    server: Server,
    staff: requests.Session,
    postgresql: Cluster,
) -> None:
    form = server.url + reverse("theme_new")
    typed = hidden(staff.get(form).text) | {"name": "Custody"}
    answers: list[requests.Response] = []

    def send() -> None:
        answers.append(staff.post(form, data=typed))

    # Who holds the lock is thrown out as well.
    with suppress(psycopg.OperationalError), psycopg.connect(office.database_url) as db:
        db.execute("LOCK TABLE meetings_theme IN ACCESS EXCLUSIVE MODE")
        sending = threading.Thread(target=send)
        sending.start()
        _wait_for_a_lock(office.database_url)
        postgresql.stop()
        sending.join(PATIENCE)
    assert answers[0].status_code == 503
    assert "Send it again" in answers[0].text
    postgresql.start()
    saved = staff.post(form, data=typed)
    assert saved.status_code == 200
    assert "Custody" in saved.text


def _wait_for_a_lock(url: str) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with psycopg.connect(url, autocommit=True) as watch:
        wait_until(lambda: watch.execute(waiting).fetchone() != (0,))
