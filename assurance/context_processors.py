"""What every template knows: the office and what this visitor may do."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from assurance.permissions import Permission, user_can


class Can:
    """``{% if can.EDIT_ACTIONS %}`` in a template."""

    def __init__(self, user: Any) -> None:
        self._may = partial(user_can, user)

    def __getitem__(self, name: str) -> bool:
        return self._may(Permission[name])


def office(request: HttpRequest) -> dict[str, Any]:
    return {
        "OFFICE_NAME": settings.OFFICE_NAME,
        "SERVICE_NAME": settings.SERVICE_NAME,
        "HOLDER_TITLE": settings.HOLDER_TITLE,
        "HOLDER": settings.HOLDER_ABBREVIATION,
        # What single sign-on is called here; empty where there is none.
        "OIDC_NAME": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        # A broken request may come here before anybody was recognised.
        "can": Can(request.user) if hasattr(request, "user") else {},
    }
