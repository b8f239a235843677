"""Every address of the application, nested includes too."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from assurance.middleware import declared_permission


@dataclass(frozen=True)
class Address:
    route: str
    name: str
    view: Callable[..., Any]

    @property
    def is_declared(self) -> bool:
        """For reading and for sending both."""
        return all(
            declared_permission(self.view, self.name, method)
            for method in ("GET", "POST")
        )


def addresses(urlconf: str | None = None) -> list[Address]:
    return list(_walk(get_resolver(urlconf), ""))


def _walk(resolver: URLResolver, prefix: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route)
        elif isinstance(entry, URLPattern):
            yield Address(route, entry.name or "", entry.callback)
