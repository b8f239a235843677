"""Tests in a real Chromium, against the application on a port of its own.

Every page a test opens is watched: an error on the console, something the content
security policy refused, an address outside the application or a failed response ends
the test, whatever else it was about.

A click does not wait for the page it leads to. Before a test looks at something that is
not waited for (an address, a count, the database), ``expect`` something that is true
after the click alone. ``SLOW_BROWSER=1`` makes every answer and every script late, so
that a test which forgot fails.
"""

import os
import re
import shutil
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Response,
    expect,
    sync_playwright,
)

from assurance.models import User
from tests.conftest import with_password
from tests.factories import PASSWORD

HERE = Path(__file__).parent
NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
# No graphics card, no sandbox (tests may run as root), nothing of its own to the net.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Of a machine that is busy with other things; a test that passes does not wait.
PATIENCE_MS = 60_000
IS_SLOW = bool(os.environ.get("SLOW_BROWSER"))
LATE_S = 0.4
TIMES_SLOWER = 4


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        if os.environ.get("REQUIRE_ALL_TESTS"):
            pytest.fail("Chromium is not installed here, and every test is required.")
        pytest.skip("Chromium is not installed here: browser tests are skipped.")
    # Playwright keeps an event loop in this thread, for which Django would refuse
    # the database to the test itself.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        yield browser
        browser.close()


class Visitors:
    """Whoever is connected to the live server: each has a thread of their own there."""

    def __init__(self, address: str, httpd: Any) -> None:
        self._address, self._count, self._all_gone = address, 0, threading.Condition()
        self._answer, httpd.process_request_thread = (
            httpd.process_request_thread,
            self._count_and_answer,
        )
        self._let_in, httpd.process_request = httpd.process_request, self._come

    def _come(self, *connected: Any) -> None:
        with self._all_gone:
            self._count += 1
        self._let_in(*connected)

    def _count_and_answer(self, *connected: Any) -> None:
        try:
            self._answer(*connected)
        finally:
            with self._all_gone:
                self._count -= 1
                self._all_gone.notify_all()

    def wait_until_gone(self) -> None:
        """A browser that is closed may have sent what is still being read or saved,
        which must not go on in the database of the next test.
        """
        # The server lets in one after another: who came before has been let in by now.
        with urllib.request.urlopen(f"{self._address}/health/live", timeout=60):
            pass
        with self._all_gone:
            assert self._all_gone.wait_for(lambda: not self._count, timeout=60)


@pytest.fixture(scope="session")
def live_server(live_server: Any) -> Any:
    httpd = live_server.thread.httpd
    live_server.visitors = Visitors(live_server.url, httpd)
    if IS_SLOW:
        answer = httpd.get_app()

        def answer_late(*request: Any) -> Any:
            time.sleep(LATE_S)
            return answer(*request)

        httpd.set_app(answer_late)
    return live_server


@pytest.fixture(autouse=True)
def alone_at_the_end(request: pytest.FixtureRequest) -> Iterator[None]:
    """The database is emptied when nobody is at work in it any more."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    visitors = request.getfixturevalue("live_server").visitors
    yield
    visitors.wait_until_gone()


def slow_down(page: Page) -> None:
    protocol = page.context.new_cdp_session(page)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": TIMES_SLOWER})


class Watch:
    """What went wrong on a page without anybody looking at it."""

    def __init__(self, page: Page, address: str) -> None:
        self.address = address
        self.problems: list[str] = []
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("response", self.see)

    def hear(self, message: ConsoleMessage) -> None:
        # Refused pages and forms in error are the business of the test; a file that
        # is missing is seen below.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(f"console: {message.text}")

    def see(self, response: Response) -> None:
        is_page = response.request.resource_type in ("document", "fetch", "xhr")
        if response.status >= (500 if is_page else 400):
            self.problems.append(f"{response.status}: {response.url}")
        if not response.url.startswith((self.address, "data:")):
            self.problems.append(f"elsewhere: {response.url}")


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, live_server) -> Iterator[OpenPage]:
    """``open_page(user)`` is a new browser in which that account has signed in, at no
    page yet.

    Without an account it is a stranger's. Each has cookies of its own.
    """
    contexts, watches = [], []

    def open_(
        user: User | None = None, *, javascript: bool = True, width: int = 1280
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if IS_SLOW:
            context.on("page", slow_down)
        if user:
            context.add_cookies([signed_in(user, live_server.url)])
        page = context.new_page()
        watches.append(Watch(page, live_server.url))
        return page

    yield open_
    for context in contexts:
        context.close()
    problems = [problem for watch in watches for problem in watch.problems]
    assert not problems, "\n".join(problems)


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A stranger's browser."""
    return open_page()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """For what must work either way."""
    return request.param


def signed_in(user: User, address: str) -> Any:
    """What the browser keeps of a sign-in."""
    client = Client()
    client.force_login(user)
    with_password(client, user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    return {"name": cookie.key, "value": cookie.value, "url": address}


def arrived(page: Page, heading: str | re.Pattern[str]) -> None:
    """Where a click leads to: the page with that in its heading is there, all of it."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    page.wait_for_load_state()


def give_password(page: Page, user: User) -> None:
    """What everybody types on the page to sign in, which is open."""
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in(page: Page, user: User) -> None:
    """By the form, as everybody does."""
    page.goto("/accounts/login/")
    give_password(page, user)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.wait_for_load_state()
