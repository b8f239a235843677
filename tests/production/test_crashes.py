"""What was acknowledged is there after the worst, and nobody is told of a lock."""

import html
import json
import re
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection

from tests.production.conftest import Offices
from tests.servers import Browser, Installation, Server, hidden

# It makes the database that offices are copied from.
pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
WRITERS, ITEMS, SAVES = 5, 10, 10
WRITES = WRITERS * ITEMS * SAVES
SEED = """
import json, sys
from tests.factories import AgendaItemFactory, MeetingFactory
from tests.factories import OrganisationFactory, UserFactory
OrganisationFactory(name="West Mercia Police", short_names="Force, WMP")
seats = []
for number in range({writers}):
    user = UserFactory(email=f"writer{{number}}@office.example")
    meeting = MeetingFactory(state="in_progress")
    items = [AgendaItemFactory(meeting=meeting).pk for _ in range({items})]
    seats.append([user.email, meeting.pk, items])
print(json.dumps(seats))
"""
# Of each item: what its saves wrote, in the item, the actions and the history of both.
WHAT_STANDS = """
import json
from actions.models import Action
from meetings.models import AgendaItem
print(json.dumps({
    item.pk: {
        "notes": item.notes,
        "version": item.version,
        "saves": list(item.history.filter(history_type="~").order_by("history_id")
                      .values_list("notes", flat=True)),
        "actions": [
            [a.reference, a.text, a.history.count(), a.owners.count()]
            for a in Action.objects.filter(item=item).order_by("pk")
        ],
    }
    for item in AgendaItem.objects.all()
}))
"""


# Sign-ins are counted one after another, and one that waits long is refused.
_at_the_door = threading.Lock()


def signed_in(server: Server, email: str) -> Browser:
    browser = Browser(server.url)
    with _at_the_door:
        browser.sign_in(email, PASSWORD)
    return browser


def shell(office: Installation, code: str) -> Any:
    said = office.manage("shell", "--no-imports", "-c", code)
    return json.loads(said.splitlines()[-1])


@dataclass
class Minutes:
    """Somebody who types minutes. Each save adds a sentence, and a line that becomes an
    action.
    """

    email: str
    meeting: int
    items: list[int]
    # Of each item the numbers of the saves that were answered as kept.
    acknowledged: dict[int, list[int]] = field(default_factory=dict)
    failed: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    def work(self, server: Server) -> None:
        """Go on where they were, until all is written or the server is gone."""
        try:
            browser = signed_in(server, self.email)
            for item in self.items:
                done = self.acknowledged.setdefault(item, [])
                if len(done) < SAVES:
                    self._write(browser, item, done)
        except OSError:
            return

    def _write(self, browser: Browser, item: int, done: list[int]) -> None:
        page = browser.page(f"/meetings/{self.meeting}/minutes/?item={item}")
        fields, notes = hidden(page), _notes_in(page)
        while len(done) < SAVES:
            # One that was kept before anybody was told has its number already.
            number = max([*done, notes.count("Said ")]) + 1
            sent = {
                "csrfmiddlewaretoken": fields["csrfmiddlewaretoken"],
                "version": fields["version"],
                "seen": fields["seen"],
                "submission": str(uuid.uuid4()),
                "notes": f"{notes}Said {number}.\n"
                f"ACTION: Force to do {number} of {item}\nEnd of {number}.\n",
            }
            status, content = browser.post(
                f"/meetings/{self.meeting}/minutes/{item}/save/",
                sent,
                **{"HX-Request": "true"},
            )
            if status != 200:
                self.failed.append((status, content[:500]))
                return
            told = json.loads(content)
            fields |= {"version": str(told["version"]), "seen": told["seen"]}
            notes = told["stored"]["notes"]
            done.append(number)


def _notes_in(page: str) -> str:
    found = re.search(r'<textarea name="notes"[^>]*>\n?(.*?)</textarea>', page, re.S)
    assert found, page[:2000]
    return html.unescape(found[1])


def test_a_server_that_is_killed_loses_nothing_that_it_acknowledged(
    offices: Offices,
) -> None:
    """Killed twice in the course of 500 saves, and started again."""
    office = offices.migrated()
    seats = shell(office, SEED.format(writers=WRITERS, items=ITEMS))
    writers = [Minutes(*seat) for seat in seats]
    for kill_at in (WRITES // 4, WRITES // 2, None):
        with office.serve(workers=2) as server, ThreadPoolExecutor(WRITERS) as pool:
            working = [pool.submit(writer.work, server) for writer in writers]
            if kill_at:
                _wait_for(writers, kill_at)
                server.kill()
            for done in working:
                done.result()
        _nothing_is_lost_or_half(office, writers)
    assert [writer.failed for writer in writers] == [[]] * WRITERS
    assert sum(writer.count for writer in writers) >= WRITES
    _database_is_sound(office)


def _wait_for(writers: list[Minutes], count: int) -> None:
    tick = threading.Event()
    for _ in range(6000):
        if sum(writer.count for writer in writers) >= count:
            return
        tick.wait(0.02)
    raise AssertionError([writer.failed for writer in writers])


def _nothing_is_lost_or_half(office: Installation, writers: list[Minutes]) -> None:
    stands = shell(office, WHAT_STANDS)
    for writer in writers:
        for item, done in writer.acknowledged.items():
            found = stands[str(item)]
            said = found["notes"].count("Said ")
            # Each that was acknowledged, and at most those that were on their way.
            assert set(done) <= set(range(1, said + 1))
            assert found["notes"].count("End of ") == said
            assert found["version"] == said
            # Of each save all: the notes, the action they mark, the history of both.
            assert len(found["saves"]) == said
            assert (found["saves"] or [""])[-1] == found["notes"]
            texts = [text for _, text, *_ in found["actions"]]
            assert [text.split(" of ")[0].split()[-1] for text in texts] == [
                str(number) for number in range(1, said + 1)
            ]
            for reference, _, histories, owners in found["actions"]:
                assert found["notes"].count(f"[[action {reference}]]") == 1
                assert (histories >= 1, owners) == (True, 1)


def _database_is_sound(office: Installation) -> None:
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(office.folder / "db.sqlite3")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    said = office.manage("backup", str(office.folder / "after.zip"))
    assert "read back" in said


def _people(browser: Browser, writer: int) -> Iterator[int]:
    fields = hidden(browser.page("/meetings/people/new/"))
    for number in range(100):
        sent = fields | {"submission": str(uuid.uuid4())}
        sent |= {"name": f"Person {number} of {writer}"}
        status, _ = browser.post("/meetings/people/new/", sent, stay=True)
        yield status


def test_eight_writers_at_once_are_never_told_of_a_lock(offices: Offices) -> None:
    """Through four processes, 100 transactions each."""
    office = offices.migrated()
    seats = shell(office, SEED.format(writers=8, items=1))

    def write(seat: tuple[str, int, list[int]]) -> list[int]:
        return list(_people(browsers[seat[0]], seat[1]))

    with office.serve(workers=4, threads=2) as server, ThreadPoolExecutor(8) as pool:
        browsers = {email: signed_in(server, email) for email, *_ in seats}
        statuses = [status for told in pool.map(write, seats) for status in told]
    assert statuses == [302] * 800
    assert "locked" not in server.log.read_text()
    counted = "from meetings.models import Person; print(Person.objects.count())"
    assert shell(office, counted) == 800
