"""What templates of both apps use."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse

from assurance.permissions import Permission, user_can

register = template.Library()


@dataclass
class Link:
    text: str
    url: str
    is_here: bool


# The service navigation: text, URL name and what an account needs to see it. An
# entry is marked as the current one on every page whose address begins with its own.
NAVIGATION = [
    ("Home", "home", Permission.SIGNED_IN),
]


@register.simple_tag(takes_context=True)
def navigation(context: dict[str, Any]) -> list[Link]:
    """The main links this account may follow."""
    request = context["request"]
    links = []
    for text, name, permission in NAVIGATION:
        if user_can(request.user, permission):
            url = reverse(name)
            here = (
                request.path == url
                if name == "home"
                else (request.path.startswith(url))
            )
            links.append(Link(text, url, here))
    return links


@register.filter
def plural(count: int, words: str) -> str:
    """``{{ 3|plural:"action,actions" }}`` gives "3 actions"."""
    one, many = words.split(",")
    return f"{count} {one if count == 1 else many}"
