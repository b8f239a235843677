"""What templates of both apps use."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django import template
from django.core.paginator import Page
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse

from assurance.calendar import moment_in_words
from assurance.files import size_in_words
from assurance.permissions import Permission, user_can

register = template.Library()


@dataclass
class Link:
    text: str
    url: str
    is_here: bool


# The service navigation: text, URL name and what an account needs to see it. An
# entry is marked as the current one on every page whose address begins with its own,
# if no longer one does: People is below Meetings.
NAVIGATION = [
    ("Home", "home", Permission.SIGNED_IN),
    ("Meetings", "meetings", Permission.LIST_MEETINGS),
    ("Actions", "tracker", Permission.LIST_ACTIONS),
    ("People", "people", Permission.READ_REGISTERS),
    ("Types and themes", "registers", Permission.READ_REGISTERS),
    ("Accounts", "accounts", Permission.MANAGE_ACCOUNTS),
]


# Pages of administrators whose addresses do not begin with that of Accounts.
_BESIDE_ACCOUNTS = ("organisations", "removals", "holds", "record_hand_over")


@register.simple_tag(takes_context=True)
def navigation(context: dict[str, Any]) -> list[Link]:
    """The main links this account may follow."""
    request = context["request"]
    links = [
        Link(text, reverse(name), is_here=False)
        for text, name, permission in NAVIGATION
        if user_can(request.user, permission)
    ]
    around = [link for link in links if request.path.startswith(link.url)]
    here = max(around, key=lambda link: len(link.url), default=None)
    if here and (here.url != reverse("home") or here.url == request.path):
        here.is_here = True
    elif _is_beside_accounts(request.path):
        for link in links:
            link.is_here = link.url == reverse("accounts")
    return links


def _is_beside_accounts(path: str) -> bool:
    """The history of one thing belongs to that thing."""
    return path == reverse("history") or any(
        path.startswith(reverse(name)) for name in _BESIDE_ACCOUNTS
    )


@register.filter
def plural(count: int, words: str) -> str:
    """``{{ 3|plural:"action,actions" }}`` gives "3 actions", 1200 "1,200 actions"."""
    one, many = words.split(",")
    return f"{count:,} {one if count == 1 else many}"


@register.filter
def file_size(size: int) -> str:
    """ "1.5 MB"."""
    return size_in_words(size)


@register.filter
def in_days(day: dt.date, today: dt.date) -> str:
    """ "today", "tomorrow", "in 9 days"."""
    days = (day - today).days
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


@register.filter
def moment(at: dt.datetime) -> str:
    """ "9am on Friday 23 May 2025"."""
    return moment_in_words(at)


@register.filter
def page_numbers(page: Page) -> list[int | None]:
    """The pages to link to: first, last and those around this one; None for a gap."""
    around = range(page.number - 1, page.number + 2)
    last = page.paginator.num_pages
    wanted = sorted({1, last, *(n for n in around if 1 <= n <= last)})
    numbers: list[int | None] = []
    for number in wanted:
        if numbers and numbers[-1] != number - 1:
            numbers.append(None)
        numbers.append(number)
    return numbers


@register.simple_tag(takes_context=True)
def page_at(context: dict[str, Any], number: int) -> str:
    """The query of this page for another page of its list. What the public reads knows
    no request, and gives its ``query``.
    """
    query = context["query"] if "query" in context else context["request"].GET
    query = query.copy()
    query["page"] = number
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def without(context: dict[str, Any], name: str) -> str:
    """The query of this page without one of its filters, from the first page."""
    query = context["request"].GET.copy()
    for key in (name, "page"):
        query.pop(key, None)
    return f"?{query.urlencode()}"


@register.filter
def as_json(value: Any) -> str:
    """For an attribute that a script reads."""
    return json.dumps(value, cls=DjangoJSONEncoder)
