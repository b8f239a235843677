"""What is written down of requests and faults, and that nobody's words are in it."""

import datetime as dt
import gzip
import json
import logging
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from assurance.models import User
from assurance.permissions import Permission, requires
from assurance.serving.logs import SparingFormatter
from tests.access_table import ONCE
from tests.factories import ThemeFactory
from tests.servers import Installation
from tests.world import ADDRESSES, World, ask

SECRET = "Zanzibar"


@requires(Permission.SIGNED_IN)
def fails(request: HttpRequest, token: str) -> HttpResponse:
    said = f"{SECRET} in a local variable, {token}"
    try:
        raise IntegrityError(f"DETAIL: Key (name)=({said}) already exists")
    except IntegrityError as error:
        raise ValueError(f"{said} {request.POST}") from error


@requires(Permission.PUBLIC)
def fails_in_public(request: HttpRequest, token: str) -> HttpResponse:
    return fails(request, token)


@requires(Permission.SIGNED_IN)
def away(request: HttpRequest, token: str) -> HttpResponse:
    raise OperationalError(f"{SECRET} {token}")


handler500 = "assurance.views.pages.server_error"
urlpatterns = [
    path("fails/<str:token>/", fails, name="fails"),
    path("public/<str:token>/", fails_in_public),
    path("away/<str:token>/", away, name="away"),
    path("", include("assurance.urls")),
]


class Lines(logging.Handler):
    """Every line that would be written, of whatever level."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(SparingFormatter())
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.text.append(self.format(record))

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text]

    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.all() if line["message"] == "request"]


@pytest.fixture
def log() -> Iterator[Lines]:
    lines = Lines()
    root, django = logging.getLogger(), logging.getLogger("django")
    before = root.level, django.level, root.handlers
    root.handlers = [lines]  # the others would put all of it into words too
    root.setLevel(logging.DEBUG)
    django.setLevel(logging.DEBUG)
    yield lines
    root.setLevel(before[0])
    django.setLevel(before[1])
    root.handlers = before[2]


def test_a_request_is_one_line_that_says_who_what_and_how_long(
    as_: Any, staff: User, log: Lines
) -> None:
    theme = ThemeFactory()
    response = as_(staff).get(reverse("theme_edit", args=[theme.pk]), {"q": SECRET})
    (line,) = log.requests()
    assert line == {
        "time": line["time"],
        "level": "info",
        "logger": "assurance.serving.logs",
        "message": "request",
        "request_id": response["X-Request-ID"],
        "account": staff.pk,
        "method": "GET",
        "route": "meetings/registers/themes/<int:pk>/",
        "view": "theme_edit",
        "of": {"pk": theme.pk},
        "status": 200,
        "ms": line["ms"],
    }
    assert line["time"].endswith("Z")
    at = dt.datetime.fromisoformat(line["time"])
    assert abs(dt.datetime.now(dt.UTC) - at) < dt.timedelta(minutes=1)
    assert line["ms"] > 0


def test_a_stranger_has_no_account_and_what_is_nowhere_no_route(
    client: Client, db: None, log: Lines
) -> None:
    client.get(f"/{SECRET}/")
    (line,) = log.requests()
    assert "account" not in line
    assert (line["route"], line["view"], line["status"]) == ("", "", 404)
    assert SECRET not in "".join(log.text)


def test_the_log_asks_no_database(
    client: Client, db: None, log: Lines, django_assert_num_queries: Any
) -> None:
    client.cookies["session"] = "of-somebody"
    with django_assert_num_queries(0):
        client.get(reverse("live"))
    assert len(log.requests()) == 1


@pytest.mark.parametrize(
    ("trusts", "sent", "is_taken"),
    [
        (True, "a1b2c3d4-e5f6", True),
        (False, "a1b2c3d4-e5f6", False),
        (True, "short", False),
        (True, "x" * 65, False),
        (True, 'a1b2c3d4"}\n{"', False),
    ],
)
def test_the_id_of_a_request_is_taken_from_a_proxy_alone(
    client: Client, settings: Any, log: Lines, trusts: bool, sent: str, is_taken: bool
) -> None:
    settings.BEHIND_PROXY = trusts
    response = client.get(reverse("live"), headers={"x-request-id": sent})
    found = response["X-Request-ID"]
    assert (found == sent) is is_taken
    assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}", found)
    assert log.requests()[0]["request_id"] == found


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("name", "status"), [("fails", 500), ("away", 503)])
def test_a_fault_is_told_by_type_and_place_without_its_words(
    as_: Any, staff: User, log: Lines, name: str, status: int
) -> None:
    browser = as_(staff)
    browser.raise_request_exception = False
    page = browser.post(reverse(name, args=[SECRET]), {"text": SECRET})
    assert page.status_code == status
    assert page["X-Request-ID"] in page.text
    assert SECRET not in "".join(log.text)
    faults = [line for line in log.all() if "error" in line]
    assert len(faults) == 1
    assert faults[0]["request_id"] == page["X-Request-ID"]
    assert faults[0]["account"] == staff.pk
    error = faults[0]["error"]
    if name == "fails":
        assert error["type"] == "builtins.ValueError"
        assert error["because_of"]["type"] == "django.db.utils.IntegrityError"
    (here,) = [frame for frame in error["frames"] if "test_logs" in frame]
    assert re.fullmatch(rf"tests/assurance/test_logs\.py:\d+ {name}", here)


def test_a_real_refusal_of_the_database_keeps_its_row_out(log: Lines, db: None) -> None:
    ThemeFactory(name=SECRET)
    try:
        ThemeFactory(name=SECRET)
    except IntegrityError:
        logging.getLogger("assurance.test").exception("Not saved")
    assert '"django.db.utils.IntegrityError"' in log.text[-1]
    assert SECRET not in "".join(log.text)


def test_nothing_typed_anywhere_is_written_down(db: None, log: Lines) -> None:
    world = World()
    for visitor in ("stranger", "liaison", "administrator"):
        browser = world.browser(visitor)
        for name, thing in ONCE.items():
            url = world.url(ADDRESSES[name], thing)
            form = (ask(browser, "get", url).context or {}).get("form")
            names = [form.add_prefix(f) for f in form.fields] if form else []
            data = dict.fromkeys([*names, "text", "notes", "q"], SECRET)
            ask(browser, "post", f"{url}?q={SECRET}", data)
    sign_in = {"login": f"{SECRET}@office.example", "password": f"{SECRET}-{SECRET}"}
    Client().post(f"{reverse('account_login')}?next=/{SECRET}/", sign_in)
    Client().get("/", headers={"host": f"{SECRET}.example"})
    Client().get("/", headers={"user-agent": SECRET, "referer": f"http://x/{SECRET}"})
    assert len(log.requests()) > 300
    assert SECRET.lower() not in "".join(log.text).lower()


def test_libraries_say_only_what_they_wrote_themselves(log: Lines) -> None:
    library = logging.getLogger("library")
    library.warning("Sent to %s", f"{SECRET}@office.example")
    library.warning(f"Sent to {SECRET}@office.example")
    library.warning("Sent %d of %d", 2, 3)
    library.warning("Sent %(n)s", {"n": SECRET})
    assert SECRET not in "".join(log.text)
    said = [line["message"] for line in log.all()]
    assert said[0] == "Sent to %s"
    assert said[1].startswith("test_logs:")
    assert said[2:] == ["Sent 2 of 3", "Sent %(n)s"]


def printed(tmp_path: Path, code: str, **environment: str) -> str:
    office = Installation(tmp_path, "sqlite://:memory:", environment)
    return office.run("-c", f"import django; django.setup()\n{code}")


ASK = """
from django.test import Client
Client(SERVER_NAME="localhost").get("/health/live")
"""


def test_a_person_at_a_terminal_is_told_of_trouble_alone(tmp_path: Path) -> None:
    (line,) = printed(tmp_path, ASK).splitlines()
    assert json.loads(line)["route"] == "health/live"
    assert printed(tmp_path, ASK, LOG_FORMAT="plain") == ""
    assert " INFO " in printed(tmp_path, ASK, LOG_FORMAT="plain", LOG_LEVEL="info")
    assert printed(tmp_path, ASK, LOG_LEVEL="error") == ""


class Sink(BaseHTTPRequestHandler):
    """Takes what is reported, as a Sentry would."""

    got: list[str] = []

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        match self.headers["Content-Encoding"]:
            case "br":
                sent = brotli.decompress(sent)
            case "gzip":
                sent = gzip.decompress(sent)
        self.got.append(sent.decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def sink() -> Iterator[str]:
    """The SENTRY_DSN of a server that takes all."""
    Sink.got = []
    with HTTPServer(("127.0.0.1", 0), Sink) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://key@127.0.0.1:{server.server_port}/1"
        finally:
            server.shutdown()


REPORTED = f"""
import tests.assurance.test_logs
from django.conf import settings
settings.ROOT_URLCONF = "tests.assurance.test_logs"
from django.test import Client
browser = Client(
    raise_request_exception=False,
    headers={{"referer": "http://{SECRET}/", "host": "localhost"}},
)
browser.cookies["session"] = "{SECRET}"
browser.post("/public/{SECRET}/?q={SECRET}", {{"text": "{SECRET}"}})
import sentry_sdk
sentry_sdk.flush(timeout=60)
"""


def test_a_report_of_a_fault_leaves_the_house_without_words(
    sink: str, tmp_path: Path
) -> None:
    office = Installation(tmp_path, "sqlite://:memory:", {"SENTRY_DSN": sink})
    said = office.run("-c", f"import django; django.setup()\n{REPORTED}")
    request_id = json.loads(said.splitlines()[-1])["request_id"]
    (report,) = [got for got in Sink.got if '"exception"' in got]
    assert "ValueError" in report
    assert "IntegrityError" in report
    assert "test_logs.py" in report
    assert "public/<str:token>/" in report
    assert request_id in report
    assert SECRET not in report


def test_without_its_address_nothing_is_reported(tmp_path: Path) -> None:
    show = "import sentry_sdk; print(sentry_sdk.get_client().is_active())"
    assert printed(tmp_path, show) == "False\n"
