"""Every address of the application with the number of every row, as one visitor asks.

The addresses come from the running application, so a new one is walked by itself. What
a request does is undone before the next.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponseBase
from django.urls import NoReverseMatch, reverse

from actions.lifecycle import Move
from actions.models import Action, DraftEvidence, Evidence, SheetIn, Update
from assurance.models import Organisation, Unsent, User
from meetings.models import (
    AgendaItem,
    Attendee,
    Comment,
    Meeting,
    MeetingType,
    MinutesVersion,
    Paper,
    Person,
    ReadIn,
    StandingItem,
    Theme,
)
from tests.addresses import Address
from tests.browser import Browser
from tests.opened import opened
from tests.world import names_in

# One of each kind: of liaisons, of who decides, and of the office before it is issued.
MOVES = [Move.PROPOSE, Move.CLOSE, Move.WITHDRAW]
# Rows by how their address begins, and where in a row the parts of the address are.
_MEETING, _ACTION = {"pk": "meeting_id"}, "actions/<int:year>/<number:number>/"
_OF = {"year": "action__year", "number": "action__number"}
_BY_NAME: dict[str, tuple[type[Model], dict[str, str]]] = {
    "paper_pk": (Paper, {"pk": "item__meeting_id", "item_pk": "item_id"}),
    "action_pk": (Action, _MEETING | {"item_pk": "item_id"}),
    "attendee_pk": (Attendee, _MEETING),
    "version_pk": (MinutesVersion, _MEETING),
    "comment_pk": (Comment, {"pk": "version__meeting_id"}),
    "item_key": (AgendaItem, _MEETING),
    "item_pk": (AgendaItem, _MEETING),
}
_BY_ROUTE: list[tuple[str, type[Model], dict[str, str]]] = [
    ("meetings/registers/types/<int:pk>/items/", StandingItem, {"pk": "type_id"}),
    ("meetings/registers/types/", MeetingType, {}),
    ("meetings/registers/themes/", Theme, {}),
    ("meetings/people/", Person, {}),
    ("meetings/import/", ReadIn, {}),
    ("meetings/<int:pk>/publish/<int:number>/", MinutesVersion, _MEETING),
    ("meetings/<int:pk>/review/<int:year>/", Action, _MEETING),
    ("meetings/<int:pk>/amend/action/", Action, _MEETING),
    ("meetings/", Meeting, {}),
    ("published/", Meeting, {}),
    ("accounts/users/", User, {}),
    ("accounts/organisations/", Organisation, {}),
    ("accounts/unsent/", Unsent, {}),
    ("actions/import/", SheetIn, {}),
    (
        f"{_ACTION}draft/evidence/",
        DraftEvidence,
        {"year": "draft__action__year", "number": "draft__action__number"},
    ),
    (
        f"{_ACTION}evidence/",
        Evidence,
        {"year": "update__action__year", "number": "update__action__number"},
    ),
    (f"{_ACTION}update/<", Update, _OF),
    (f"{_ACTION}answer/", Update, _OF),
    (_ACTION, Action, {}),
]


def numbers_of(address: Address) -> list[dict[str, Any]]:
    """What stands in the address for every row it can be of; where nothing is known of
    it, every key there is.
    """
    names = names_in(address)
    model, paths = None, {}
    if names:
        for beginning, one, where in _BY_ROUTE:
            if model is None and address.route.startswith(beginning):
                model, paths = one, where
        if names[-1] in _BY_NAME and model is not StandingItem:
            model, paths = _BY_NAME[names[-1]]
    places = [_place(name, names, model, paths) for name in names]
    if model is None or not all(places):
        keys = _any_keys()
        return [dict.fromkeys(names, key) for key in keys] if names else [{}]
    rows = model._base_manager.order_by("pk").values_list(*places).distinct()
    found = [dict(zip(names, row, strict=True)) for row in rows if None not in row]
    if "move" in names:
        return [known | {"move": move.value} for known in found for move in MOVES]
    return found


def _place(name: str, names: list[str], model: Any, paths: dict[str, str]) -> str:
    if name in paths:
        return paths[name]
    if name in ("move", "row"):
        return "pk"
    if name in (names[-1], "pk"):
        columns = {field.name for field in model._meta.fields} if model else ()
        return name if name in columns else "pk"
    return name if model is Action else ""


def _any_keys() -> list[Any]:
    """Keys of all rows of the application, as numbers and as texts."""
    keys = set()
    for model in apps.get_models():
        if model._meta.app_label in ("assurance", "meetings", "actions"):
            keys |= set(model._base_manager.values_list("pk", flat=True)[:40])
    return sorted(keys, key=str)


def urls(address: Address) -> list[str]:
    return _reversed(address, numbers_of(address))


def mismatched(address: Address) -> list[str]:
    """Addresses whose parts are of rows that do not belong together."""
    known = numbers_of(address)
    names = names_in(address)
    if len(names) < 2 or names[-1] in ("move", "number") or not known:
        return []
    last = names[-1]
    first = names[0] if names[0] != "year" else "number"
    found = []
    for row in known:
        for other in known:
            if other[first] != row[first] and other[last] != row[last]:
                found.append(row | {last: other[last]})
                break
    return _reversed(address, found)


def _reversed(address: Address, found: list[dict[str, Any]]) -> list[str]:
    made = []
    for kwargs in found:
        try:
            made.append(reverse(address.name, kwargs=kwargs))
        except NoReverseMatch:
            continue
    return made


@dataclass(frozen=True)
class Answer:
    """What came back, unpacked."""

    status: int
    headers: Mapping[str, str]
    text: str
    response: HttpResponseBase

    @property
    def goes_to(self) -> str:
        return self.headers.get("Location", "")

    @property
    def is_page(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("text/html")

    @property
    def is_at_the_door(self) -> bool:
        """Such pages are not for this visitor, whatever the row."""
        return self.status == 403 or "/accounts/login/" in self.goes_to


class Walker:
    """A browser of one visitor; what a request changes is undone before the next."""

    def __init__(self, user: User | None) -> None:
        self.browser = Browser(raise_request_exception=False)
        if user:
            self.browser.force_login(user)

    def ask(self, method: str, url: str, data: Any = None, **more: Any) -> Answer:
        """The answer; after what was sent, with the page that follows it, where what
        was said of it stands.
        """
        cookies = copy.deepcopy(self.browser.cookies)
        with transaction.atomic():
            response = getattr(self.browser, method)(url, data, **more)
            text = opened(response)
            following = response.headers.get("Location", "")
            if method == "post" and following and "/login/" not in following:
                text += opened(self.browser.get(urljoin(url, following)))
            transaction.set_rollback(True)
        self.browser.cookies = cookies
        return Answer(response.status_code, response.headers, text, response)
