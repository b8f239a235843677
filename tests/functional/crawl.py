"""Every page an account can reach by following links, one of each kind."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urljoin, urlsplit

from django.urls import resolve
from playwright.sync_api import Page

# Addresses with these in the query are files, or the same page in another order.
NOT_PAGES = {"format", "sort", "page"}


def kind(address: str) -> tuple[str | None, ...]:
    """The name of an address with the names in its query; values do not matter."""
    parts = urlsplit(address)
    return (resolve(parts.path).url_name, *sorted(parse_qs(parts.query)))


def crawl(page: Page, start: str = "/") -> Iterator[str]:
    """Open one page of each kind, and give its address while it is open.

    Whoever asks may resize the page or move the focus; the links are read first.
    """
    waiting, seen = [start], {kind(start)}
    while waiting:
        address = waiting.pop(0)
        page.goto(address)
        for link in _links(page):
            if kind(link) not in seen and not NOT_PAGES & set(kind(link)):
                seen.add(kind(link))
                waiting.append(link)
        yield address


def _links(page: Page) -> list[str]:
    """Where the links of this page lead within the application."""
    found = page.locator("a[href]").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    here = urlsplit(page.url)
    absolute = [urlsplit(urljoin(page.url, href)) for href in found]
    return [
        link.path + (f"?{link.query}" if link.query else "")
        for link in absolute
        if link.netloc == here.netloc and not link.path.startswith("/static/")
    ]
