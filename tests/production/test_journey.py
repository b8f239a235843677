"""A whole journey as in production: the environment alone says what it is, TLS ends at
a proxy, and two processes on one PostgreSQL take turns, request by request.
"""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connection
from django.utils import timezone

from tests.production.accounts import make_accounts
from tests.production.proxy import Proxy, in_front_of
from tests.production.visitor import Visitor
from tests.servers import Installation, Server, new_database

NOTES = "The Chief Constable set out the plan for the roads."
ACTION = "ACTION: Mercia Police to share the plan of the roads by {day}"
MAKE_TYPE = """
from meetings.models import MeetingType
from meetings.models import Kind
type_ = MeetingType.objects.create(name="Holding to account", reviews_tracker=True)
for order, (heading, kind) in enumerate([
    ("Roads", Kind.THEMED),
    ("Review of actions", Kind.ACTION_TRACKER),
    ("Summary", Kind.SUMMARY),
]):
    type_.standing_items.create(order=order, heading=heading, kind=kind)
"""
MAKE_ACTION = """
import datetime as dt
from actions.models import Owner
from actions.operations import raise_action
from assurance.models import Organisation, User
staff = User.objects.get(role="staff")
raise_action(
    by=staff, text="Publish the figures of custody", source_kind="letter",
    source="Letter of the commissioner", source_on=dt.date(2025, 1, 5),
    owners=[Owner(organisation=Organisation.objects.get(kind="force"))],
).issue(by=staff)
"""


@dataclass
class Production:
    proxy: Proxy
    servers: list[Server]

    def visitor(self) -> Visitor:
        return Visitor(self.proxy.url, self.proxy.verify)


@pytest.fixture(scope="module")
def production(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[Production]:
    if connection.vendor != "postgresql":
        pytest.skip("Production runs on PostgreSQL, and is tested there")
    folder: Path = tmp_path_factory.mktemp("production")
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        url = stack.enter_context(new_database(folder))
        more = {"INSECURE_HTTP": "0", "BEHIND_PROXY": "1"}
        office = Installation(folder, url, more)
        make_accounts(office, real=True)
        office.manage("shell", "--no-imports", "-c", MAKE_TYPE + MAKE_ACTION)
        servers = [
            stack.enter_context(office.serve(workers=1, threads=4)) for _ in range(2)
        ]
        ports = [int(server.url.rpartition(":")[2]) for server in servers]
        yield Production(stack.enter_context(in_front_of(ports, folder)), servers)


def written(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def plan(staff: Visitor, day: dt.date) -> str:
    """A meeting of that day; its address."""
    (kind,) = staff.open("/meetings/new/").page.xpath("//input[@name='type']/@value")
    staff.press("Continue", type=kind)
    staff.press("Save this meeting", date=written(day), venue="Hall")
    return re.match(r"/meetings/\d+/", staff.path)[0]


def test_a_whole_journey_over_tls_with_two_processes_taking_turns(
    production: Production,
) -> None:
    today = timezone.localdate()
    staff = production.visitor().sign_in("staff")
    meeting = plan(staff, today)
    staff.open(meeting).press("Start the meeting")

    staff.open(f"{meeting}minutes/")
    line = ACTION.format(day=written(today + dt.timedelta(days=20)))
    staff.press("Save", notes=f"{NOTES}\n{line}\n")
    assert NOTES in staff.open(f"{meeting}minutes/?view=read").text
    action = f"/actions/{today.year}/01/"
    assert "share the plan of the roads" in staff.open(action).text.lower()
    staff.open(f"{action}issue/").press("Issue these actions")

    liaison = production.visitor().sign_in("liaison")
    liaison.open(f"{action}update/")
    liaison.press("Send to the office", text="The plan was shared with the office.")
    assert "The plan was shared" in staff.open(action).text

    # One process is told to end; whoever is at work notices nothing.
    first, _ = production.servers
    assert set(production.proxy.answered) == {
        int(server.url.rpartition(":")[2]) for server in production.servers
    }
    assert first.stop() == 0

    staff.open(f"{meeting}review/")
    assert "Publish the figures of custody" in staff.text
    staff.press("Record and go on", outcome="noted", note="The figures are out.")
    staff.open(f"{meeting}review/finish/").press("Finish the review")
    assert "The figures are out." in staff.open("/actions/2025/01/").text
    staff.open(meeting).press("Finish the meeting")
    staff.open(f"{meeting}circulate/").press("Circulate draft 1")

    commissioner = production.visitor().sign_in("commissioner")
    commissioner.open(f"{meeting}draft/")
    assert NOTES in commissioner.text
    commissioner.open(f"{meeting}agree/")
    commissioner.press(
        "Agree these minutes",
        how="chair",
        agreed_by="The PCC",
        agreed_on=written(today),
        outcome="presented",
        **dict.fromkeys(
            commissioner.page.xpath("//main//input[@type='checkbox']/@name"), "on"
        ),
    )
    staff.open(f"{meeting}publish/").press("Publish version 1")

    public = production.visitor()
    public.open("/published/")
    assert "Holding to account" in public.text
    public.open(public.page.xpath("//main//a[contains(@href,'/published/')]/@href")[0])
    assert NOTES in public.text
    assert not public.session.cookies

    staff.open("/").press("Sign out")
    left = staff.session.get(f"{staff.url}{meeting}", allow_redirects=False)
    assert left.status_code == 302
    assert "/accounts/login/" in left.headers["Location"]


def test_what_leaves_is_as_it_ought_to_be(production: Production) -> None:
    staff = production.visitor().sign_in("staff")
    cookies = {cookie.name: cookie for cookie in staff.session.cookies}
    assert set(cookies) == {"__Host-session", "__Host-csrf"}
    for cookie in cookies.values():
        assert cookie.secure
        assert cookie.path == "/"
        assert not cookie.domain_specified
        assert "HttpOnly" in cookie._rest
    headers = staff.answer.headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-ID"].startswith("proxy-")
    assert "'unsafe" not in headers["Content-Security-Policy"]
    assert "Server" not in headers
    for address in staff.page.xpath("//link/@href | //script/@src"):
        static = staff.session.get(staff.url + address)
        assert static.status_code == 200
        assert "immutable" in static.headers["Cache-Control"]
        assert re.search(r"\.[0-9a-f]{12}\.", address)
        assert "Server" not in static.headers


def test_plain_http_is_led_to_https(production: Production) -> None:
    answer = requests.get(
        f"{production.servers[1].url}/actions/", allow_redirects=False
    )
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith("https://")
