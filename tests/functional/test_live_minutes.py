"""Minutes typed while people talk: nothing typed is lost, and nothing made twice."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Browser, Locator, Page, Route, expect

from actions.models import Action
from assurance.models import Session, User
from meetings.models import AgendaItem, Attendee, Meeting
from tests.factories import (
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
)
from tests.functional.conftest import PATIENCE_MS, OpenPage, sign_in
from tests.postgresql import free_port
from tests.servers import wait_until

ROOT = Path(__file__).parents[2]
SAVE = re.compile(r"/minutes/\d+/save/$")
# More than the page waits before it saves, and before it tries to once more.
SAVED_AFTER_MS, TRIED_AGAIN_AFTER_MS = 2_500, 10_500


@pytest.fixture
def item(transactional_db: None) -> AgendaItem:
    """The first of two items of a meeting that is being held."""
    meeting = MeetingFactory(state="in_progress")
    force = OrganisationFactory(name="West Mercia Police", short_names="Force, WMP")
    AttendeeFactory(
        meeting=meeting,
        person__name="Rachel Jones",
        capacity="Director of Business Services",
        abbreviation="DBS",
        organisation=force,
    )
    first = AgendaItemFactory(meeting=meeting, heading="Leadership")
    AgendaItemFactory(meeting=meeting, heading="Recruitment")
    return first


def address(item: AgendaItem) -> str:
    return f"/meetings/{item.meeting_id}/minutes/?item={item.pk}"


def notes_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Notes", exact=True)


def type_at_once(page: Page, text: str) -> None:
    """All in one save, however slow the machine."""
    notes_of(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def type_at_end(page: Page, text: str) -> None:
    """As fast as a browser takes it, each line end as a key of its own."""
    notes_of(page).focus()
    page.keyboard.press("Control+End")
    lines = text.split("\n")
    for number, line in enumerate(lines):
        page.keyboard.insert_text(line)
        if number < len(lines) - 1:
            page.keyboard.press("Enter")


def state_of(page: Page) -> Locator:
    return page.locator("#saved-state")


def expect_saved(page: Page) -> None:
    expect(state_of(page)).to_have_text(re.compile(r"^Saved"))


def hold_the_first(page: Page) -> list[Route]:
    """The first save waits until it is let go; those after it pass."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(SAVE, hold)
    return held


def stored(item: AgendaItem) -> str:
    return AgendaItem.objects.get(pk=item.pk).notes


# A whole meeting, with a server that dies


class Server:
    """The application in a process of its own, on the database of the test."""

    def __init__(self, log: Path) -> None:
        self.port, self.log = free_port(), log
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [
            *(sys.executable, "-m", "gunicorn", "assurance.wsgi"),
            *("--worker-class", "gthread", "--threads", "4"),
            *("--bind", f"127.0.0.1:{self.port}", "--no-control-socket"),
        ]
        own = {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url(),
            "PATH": os.environ["PATH"],
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=own,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_until(self.answers)
        except AssertionError:
            self.kill()
            raise AssertionError(self.log.read_text()) from None

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/live", timeout=5):
                return True
        except OSError:
            return False

    def kill(self) -> None:
        """Unless it is gone: its number may be that of another process by now."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def database_url() -> str:
    is_ = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{is_['NAME']}"
    return f"postgres://{is_['USER']}@{is_['HOST']}:{is_['PORT']}/{is_['NAME']}"


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "server.log")
    yield running
    running.kill()


def test_a_whole_meeting_is_typed_and_a_server_that_dies_loses_nothing(
    chromium: Browser, server: Server, staff: User
) -> None:
    meeting = MeetingFactory(state="in_progress")
    force = OrganisationFactory(short_names="Force")
    AttendeeFactory(meeting=meeting, abbreviation="DBS", organisation=force)
    items = [AgendaItemFactory(meeting=meeting) for _ in range(10)]
    words = iter([f"word{n}" for n in range(3000)])
    tasks = {1: "the plan", 3: "figures", 4: "names", 5: "dates", 8: "costs", 9: "all"}
    context = chromium.new_context(base_url=server.url, viewport=None)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    sign_in(page, staff)
    page.goto(address(items[0]))
    for number, item in enumerate(items):
        agenda = page.get_by_role("navigation", name="Agenda")
        if number:
            agenda.get_by_role("link", name=item.heading).click()
        heading = page.get_by_role("heading", level=2, name=item.heading)
        expect(heading).to_be_visible()
        for paragraph in range(6):
            said = " ".join(next(words) for _ in range(50))
            type_at_end(page, f"{said}\n")
            task = f"ACTION: DBS to share {tasks.get(number)} in a month\n"
            if number in (3, 5) and paragraph == 2:
                # While a save is under way, more often than not.
                with page.expect_request(SAVE):
                    type_at_end(page, task)
                server.kill()
            elif number in tasks and paragraph == 2:
                type_at_end(page, task)
            if number in (3, 5) and paragraph == 4:
                expect(page.get_by_role("alert")).to_contain_text("connection is gone")
                server.start()
                expect_saved(page)
                expect(page.get_by_role("alert")).to_be_empty()
    page.get_by_role("button", name="Save", exact=True).click()
    expect_saved(page)
    context.close()

    texts = [stored(item) for item in items]
    found = re.findall(r"word\d+", " ".join(texts))
    assert found == [f"word{n}" for n in range(3000)]
    raised = Action.objects.order_by("number")
    assert [(a.item, a.text) for a in raised] == [
        (items[number], f"DBS to share {task} in a month")
        for number, task in tasks.items()
    ]
    for action in raised:
        lines = stored(action.item).split("\n")
        assert lines.index(f"[[action {action.reference}]]") == 3
        assert len(lines) == 8
        assert action.owners.count() == 1
    assert "ACTION" not in "".join(texts)


# When it cannot be saved


def test_a_save_whose_answer_is_lost_is_not_made_twice(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    sent = []

    def lose_the_first(route: Route) -> None:
        sent.append(route.request.post_data)
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(SAVE, lose_the_first)
    page.goto(address(item))
    type_at_end(page, "ACTION: DBS to share the plan\nMore")
    expect(page.get_by_role("alert")).to_contain_text("connection is gone")
    type_at_end(page, " words")
    expect(page.get_by_role("status").first).to_contain_text("Saved again.")
    expect_saved(page)
    assert sent[0] == sent[1]
    action = Action.objects.get()
    assert stored(item) == f"[[action {action.reference}]]\nMore words"
    expect(notes_of(page)).to_have_value(stored(item))


def test_signed_out_it_waits_until_one_signs_in_in_another_tab(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    Session.objects.all().delete()
    type_at_end(page, "Typed after the session ended")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("You are signed out. Your text is still here.")
    expect(state_of(page)).to_have_text("Not saved")
    type_at_end(page, " and before the next")
    with page.context.expect_page() as opened:
        alert.get_by_role("link").click()
    sign_in(opened.value, staff)
    expect_saved(page)
    expect(alert).to_be_empty()
    expect(page.get_by_text("Saved again.")).to_be_visible()
    assert stored(item) == "Typed after the session ended and before the next"


def test_offline_it_says_so_once_and_goes_on_by_itself(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    page.clock.install()
    page.goto(address(item))
    page.context.set_offline(True)
    type_at_end(page, "Typed without a connection")
    page.clock.run_for(SAVED_AFTER_MS)
    alert = page.get_by_role("alert")
    expect(alert).to_have_text(
        "Not saved: the connection is gone. Your text is still here, and saving goes "
        "on by itself."
    )
    expect(notes_of(page)).to_be_focused()
    page.evaluate(
        "window.alerts = 0; new MutationObserver(() => window.alerts++).observe("
        "document.getElementById('live-alert'), {childList: true})"
    )
    for _ in range(2):
        with page.expect_event("requestfailed"):
            page.clock.run_for(TRIED_AGAIN_AFTER_MS)
        expect(state_of(page)).to_have_text("Not saved")
    assert page.evaluate("window.alerts") == 0
    page.context.set_offline(False)
    expect_saved(page)
    expect(alert).to_be_empty()
    assert stored(item) == "Typed without a connection"
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_what_may_no_longer_be_written_says_why_and_keeps_the_text(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    Meeting.objects.update(state="agreed")
    type_at_end(page, "Too late")
    expect(page.get_by_role("alert").first).to_contain_text("are agreed")
    expect(notes_of(page)).to_have_value("Too late")
    assert stored(item) == ""


# Two writers


CHOICES = {
    "Keep mine": "As it was\nMine, and more",
    "Keep theirs": "As it was\nTheirs",
    "Merge by hand": "As it was\nMine\nTheirs, and more",
}


def test_two_writers_see_both_texts_and_choose(
    open_page: OpenPage, staff: User, administrator: User, item: AgendaItem
) -> None:
    page, theirs = open_page(staff), open_page(administrator)
    for choice, kept in CHOICES.items():
        row = AgendaItemFactory(meeting=item.meeting, notes="As it was")
        page.goto(address(row))
        theirs.goto(address(row))
        type_at_end(theirs, "\nTheirs")
        theirs.get_by_label("Assurance given").select_option("Partly assured")
        expect_saved(theirs)
        type_at_end(page, "\nMine")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("somebody else changed")
        quarrel = page.get_by_role("region", name=f"Saved by {administrator.name}")
        expect(quarrel.locator("del")).to_contain_text("Mine")
        expect(quarrel.locator("ins")).to_contain_text("Theirs")
        expect(notes_of(page)).to_have_value("As it was\nMine")
        type_at_end(page, ", and more")
        quarrel.get_by_role("button", name=choice).click()
        expect_saved(page)
        expect(notes_of(page)).to_have_value(kept)
        expect(quarrel).to_have_count(0)
        expect(page.get_by_role("alert")).to_be_empty()
        type_at_end(page, ".")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_label("Assurance given")).to_have_value("partly")
        expect_saved(page)
        row.refresh_from_db()
        assert (row.notes, row.assurance) == (f"{kept}.", "partly")


# Quiet hands


def test_nothing_is_sent_when_nothing_changed(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    page.clock.install()
    page.goto(address(item))
    sent: list[str] = []
    page.on("request", lambda r: r.method == "POST" and sent.append(r.url))
    notes_of(page).focus()
    page.keyboard.press("Tab")
    type_at_end(page, "x")
    page.keyboard.press("Backspace")
    page.get_by_role("button", name="Save", exact=True).click()
    page.clock.run_for(SAVED_AFTER_MS)
    assert sent == []
    type_at_end(page, "A first word")
    expect_saved(page)
    page.get_by_role("button", name="Save", exact=True).click()
    notes_of(page).focus()
    page.get_by_label("Decisions").focus()
    page.clock.run_for(SAVED_AFTER_MS)
    assert len(sent) == 1


def test_a_line_changed_while_it_becomes_an_action_keeps_its_words(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    first = hold_the_first(page)
    page.goto(address(item))
    with page.expect_request(SAVE):
        type_at_once(page, "First\nACTION: DBS to share\nLast")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    page.keyboard.insert_text(" the plan")
    first[0].continue_()
    expect(page.get_by_text("Your words are kept below its mark")).to_be_visible()
    page.keyboard.insert_text(" soon")
    action = Action.objects.get()
    expect(notes_of(page)).to_have_value(
        f"First\n[[action {action.reference}]]\nDBS to share the plan soon\nLast"
    )
    page.get_by_role("button", name="Save", exact=True).click()
    expect_saved(page)
    assert stored(item) == notes_of(page).input_value()
    assert Action.objects.count() == 1


def test_typing_goes_on_where_it_is_while_a_line_becomes_an_action(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    first = hold_the_first(page)
    page.goto(address(item))
    with page.expect_request(SAVE):
        type_at_once(page, "ACTION: DBS to share\nThe PCC ")
    page.keyboard.insert_text("asked ")
    first[0].continue_()
    expect(page.get_by_role("link", name=re.compile(r"^\d{4}.\d+$"))).to_be_visible()
    page.keyboard.insert_text("why.")
    reference = Action.objects.get().reference
    expect(notes_of(page)).to_have_value(f"[[action {reference}]]\nThe PCC asked why.")


def test_the_helpers_for_the_hand(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff)
    page.goto(address(item))
    page.get_by_role("button", name="The PCC asked").click()
    page.keyboard.insert_text("why.")
    expect(notes_of(page)).to_have_value("The PCC asked why.")
    page.keyboard.press("Control+A")
    page.get_by_label("Reason for withholding").select_option("s31")
    page.get_by_role("button", name="Withhold what is marked").click()
    withheld = "[[withhold s31]]The PCC asked why.[[/withhold]]"
    expect(notes_of(page)).to_have_value(withheld)
    page.keyboard.press("Alt+Shift+KeyA")
    line = page.get_by_label("Add an action")
    expect(line).to_be_focused()
    page.keyboard.insert_text("DBS to share the plan in a month")
    understood = page.get_by_text("Director of Business Services, Rachel Jones. Due")
    expect(understood).to_be_visible()
    page.keyboard.press("Enter")
    expect(line).to_have_value("")
    added = page.get_by_text(re.compile(r"^Action \d{4}/\d+ added: DBS, due .+\.$"))
    expect(added).to_be_in_viewport()
    page.get_by_text("Attendance: 1 of 1 here").click()
    page.get_by_role("button", name=re.compile("^Left.*Rachel Jones$")).click()
    expect(page.get_by_text("present for part, left at this item")).to_be_visible()
    page.keyboard.press("Alt+Shift+KeyN")
    heading = page.get_by_role("heading", level=2, name="Recruitment")
    expect(heading).to_be_visible()
    expect(notes_of(page)).to_be_focused()
    assert stored(item) == withheld
    assert Attendee.objects.get().left_item == item
    assert Action.objects.get().item == item


def test_without_javascript_buttons_do_it(
    open_page: OpenPage, staff: User, item: AgendaItem
) -> None:
    page = open_page(staff, javascript=False)
    page.goto(address(item))
    notes_of(page).fill("Said\nACTION: DBS to share the plan")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(notes_of(page)).to_have_value(re.compile(r"^Said\n\[\[action .*\]\]$"))
    page.get_by_label("Add an action").fill("Force to report")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Actions agreed here (2)")).to_be_visible()
    notes_of(page).fill("Changed")
    page.get_by_text("Attendance: 1 of 1 here").click()
    page.get_by_role("button", name=re.compile("^Apologies.*Rachel Jones$")).click()
    expect(page.get_by_text("Attendance: 0 of 1 here")).to_be_visible()
    expect(notes_of(page)).to_have_value("Changed")
    assert Action.objects.count() == 2
