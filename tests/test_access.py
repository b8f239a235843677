"""Every address of the application: who gets what, on reading and on sending.

One table, written by hand from who may do what. It fails when an address is missing
from it, so nobody adds a page without saying who it is for.
"""

from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from tests.access_table import OK, ONCE, OWN, SIGN_IN, STATES, TABLE, VISITORS
from tests.defended import browser_of, exposed
from tests.digest import changed_by
from tests.world import ADDRESSES, World, ask, names_in


def outcome(response: HttpResponse) -> str | int:
    if response.status_code in (403, 404) or response.status_code >= 500:
        return response.status_code
    if "/accounts/login/?next=" in response.headers.get("Location", ""):
        return SIGN_IN
    return OK


# Who may read what only the office may.
READ_ALL = {"staff", "commissioner", "administrator"}


def test_every_address_is_in_the_table() -> None:
    assert {name for name, _ in TABLE} == set(ADDRESSES)


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_visitor_gets_exactly_this(
    in_production: Any, world: World, visitor: str
) -> None:
    """Reading changes nothing in the record, every answer defends its visitor, and
    every page that is read has one heading.
    """
    browser, column = browser_of(world.users[visitor]), VISITORS.index(visitor)
    urls = {key: world.url(ADDRESSES[key[0]], key[1]) for key in TABLE}
    differences, undefended, pages = {}, {}, {}

    def look(method: str, key: tuple[str, str], response: HttpResponse) -> None:
        got, expected = outcome(response), TABLE[key][method == "post"][column]
        if got != expected:
            differences[method, *key] = f"{got}, not {expected}"
        if found := exposed(urls[key], response):
            undefended[method, *key] = found

    def read(key: tuple[str, str]) -> None:
        response = browser.get(urls[key])
        look("get", key, response)
        if response.streaming:
            response.getvalue()  # to its end, where the file is closed
        elif response.status_code == 200 and is_page(response):
            pages[key] = response.content.decode()

    assert changed_by(read, TABLE) == {}
    for key, url in urls.items():
        look("post", key, ask(browser, "post", url))
    assert differences == {}
    assert undefended == {}
    headings = {key: page.count("<h1") for key, page in pages.items()}
    assert {key: count for key, count in headings.items() if count != 1} == {}
    said = [key for key, page in pages.items() if "Said in confidence" in page]
    assert bool(said) == (visitor in READ_ALL)


def is_page(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")


def test_pages_of_a_meeting_answer_in_every_state(world: World) -> None:
    browser = world.browser("administrator")
    faults = {}
    for state in STATES:
        for name, thing in ONCE.items():
            # What stands in the table is tried above.
            if thing not in STATES or (name, state) in TABLE:
                continue
            for method in ("get", "post"):
                response = ask(browser, method, world.url(ADDRESSES[name], state))
                if outcome(response) != OK:
                    faults[method, name, state] = response.status_code
    assert faults == {}


@pytest.mark.parametrize("number", [10**9, 10**30])
def test_what_never_was_is_not_found_whatever_its_number(
    world: World, number: int
) -> None:
    browser = world.browser("administrator")
    differences = {}
    for name, thing in ONCE.items():
        names = names_in(ADDRESSES[name])
        label, _, kind = thing.partition(": ")
        told = {"move": "close", "kind": kind}
        known = world.numbers[OWN] | world.numbers[label] | told
        for key in set(names) - {"move", "number"}:
            kwargs = {other: known[other] for other in names} | {key: number}
            for method in ("get", "post"):
                response = ask(browser, method, reverse(name, kwargs=kwargs))
                # 409 shows what was typed for something removed meanwhile.
                if response.status_code not in (404, 405, 409):
                    differences[method, name, key] = response.status_code
    assert differences == {}


JUNK = ["\x00", "9" * 30, "x" * 100_000, "-1", "é\u202e<script>\n"]


def test_junk_in_a_form_is_never_a_fault_of_ours(world: World) -> None:
    browser = world.browser("administrator")
    faults, tried = {}, 0
    for name, thing in ONCE.items():
        url = world.url(ADDRESSES[name], thing)
        form = (ask(browser, "get", url).context or {}).get("form")
        if form is None:
            continue
        tried += 1
        for number, junk in enumerate(JUNK):
            # All of it junk, or only what would be left empty.
            filled = {form.add_prefix(f): form[f].value() for f in form.fields}
            data = {f: (number % 2 and value) or junk for f, value in filled.items()}
            status = ask(browser, "post", url, data).status_code
            if status >= 500:
                faults[name, junk[:10]] = status
    assert faults == {}
    assert tried > 20


# What pages read from their address, sent to all of them.
QUERY = [
    *("page", "q", "item", "type", "list", "sort", "status", "flag", "organisation"),
    *("owner", "theme", "meeting", "due_from", "due_to", "filters", "role", "active"),
    *("view", "show", "from", "to", "year", "next", "state", "format"),
]
READ_QUERIES = ["tracker", "meetings", "meeting_new", "minutes", "people", "accounts"]


@pytest.mark.parametrize("junk", JUNK[:2], ids=["nul", "huge"])
def test_junk_in_a_query_is_never_a_fault_of_ours(world: World, junk: str) -> None:
    browser = world.browser("administrator")
    faults = {}
    for name, thing in ONCE.items():
        queries = [dict.fromkeys(QUERY, junk)]
        if name in READ_QUERIES:
            queries += [{key: junk} for key in QUERY]
        for query in queries:
            url = world.url(ADDRESSES[name], thing)
            status = ask(browser, "get", url, query).status_code
            if status >= 500:
                faults[name, tuple(query)] = status
    assert faults == {}
