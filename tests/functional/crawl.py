"""Every page an account can reach by following links, one of each kind."""

import html
import re
from collections import Counter
from urllib.parse import parse_qs, urljoin, urlsplit

from django.test import Client
from django.urls import resolve

from assurance.models import User

LINK = re.compile(r'<a\s[^>]*href="([^"#]+)')
# Addresses with these in the query are files, or the same page in another order.
NOT_PAGES = {"format", "sort", "page"}
# How many of a kind are opened: a page shows more in some states than in others.
OF_A_KIND = 8


def kind(address: str) -> tuple[str, ...]:
    """What sort of page it is: its name, and the names in its query. Numbers do not
    matter, words do.
    """
    parts = urlsplit(address)
    match = resolve(parts.path)
    words = [value for value in match.kwargs.values() if isinstance(value, str)]
    return (match.url_name or "", *words, *sorted(parse_qs(parts.query)))


def crawl(user: User) -> list[str]:
    """Addresses of the fullest page of each kind, in the order they were found."""
    client = Client()
    client.force_login(user)
    waiting, seen = ["/"], {"/"}
    opened: Counter[tuple[str, ...]] = Counter()
    fullest: dict[tuple[str, ...], tuple[int, str]] = {}
    while waiting:
        address = waiting.pop(0)
        its_kind = kind(address)
        if opened[its_kind] == OF_A_KIND or NOT_PAGES & set(its_kind):
            continue
        response = client.get(address)
        if response.status_code == 302:  # says why not, on the page it came from
            continue
        assert response.status_code == 200, f"{response.status_code}: {address}"
        if not response.headers["Content-Type"].startswith("text/html"):
            continue
        opened[its_kind] += 1
        page = response.content.decode()
        fullest[its_kind] = max(fullest.get(its_kind, (0, "")), (len(page), address))
        for link in _links(page, address):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return [address for _, address in fullest.values()]


def _links(page: str, address: str) -> list[str]:
    """Where the links of a page lead within the application."""
    found = [urljoin(address, html.unescape(href)) for href in LINK.findall(page)]
    return [link for link in found if link.startswith("/")]
