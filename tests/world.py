"""One of everything, the accounts that ask for it, and the addresses it is at."""

import copy
import datetime as dt
import re
from functools import cached_property
from typing import Any, Self

from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from actions.models import Action, DraftEvidence, Evidence, Update, UpdateDraft
from assurance.models import User
from assurance.permissions import Role
from assurance.sign_in.invitations import invite
from meetings.models import Comment, Meeting
from meetings.models.agenda import Paper
from meetings.record import ActionLine, Item, Record, to_json
from tests.access_table import (
    ATTENDED,
    BY_ID,
    CLOSED,
    FOREIGN,
    LINK,
    NOBODYS,
    NOT_ISSUED,
    OVER,
    OWN,
    READ_IN,
    SHEET,
    STATES,
    UNSENT,
)
from tests.addresses import Address, addresses
from tests.browser import Browser
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    LegalHoldFactory,
    MeetingFactory,
    MinutesVersionFactory,
    OrganisationFactory,
    PersonFactory,
    ReadInFactory,
    RemovalFactory,
    SheetInFactory,
    StandingItemFactory,
    ThemeFactory,
    UnsentFactory,
    UserFactory,
    decision,
    stored_file,
)


class World:
    """One of everything, and an account of each role."""

    def __init__(self) -> None:
        self.force = OrganisationFactory()
        self.users: dict[str, User | None] = {"stranger": None} | {
            role: UserFactory(role=role, organisation=self.force)
            for role in Role.values
        }

    def whole(self) -> Self:
        """With all its rows in the database, which else are made when first asked."""
        self.numbers  # noqa: B018
        return self

    @cached_property
    def numbers(self) -> dict[str, dict[str, Any]]:
        """What stands in the address of each thing."""
        standing = StandingItemFactory()
        return {
            "": {},
            "account": {"pk": UserFactory().pk},
            "organisation": {"pk": self.force.pk},
            "hold": {"pk": LegalHoldFactory(lifted=True).pk},
            "removal": {"pk": RemovalFactory().pk},
            "stored file": {"pk": stored_file().pk},
            "person": {"pk": PersonFactory().pk},
            "theme": {"pk": ThemeFactory().pk},
            "type": {"pk": standing.type_id, "item_pk": standing.pk},
            **{state: self._meeting(state) for state in STATES},
            ATTENDED: self._meeting("circulated", there=True),
            READ_IN: {"pk": ReadInFactory().pk},
            LINK: self._link(),
            SHEET: {"pk": SheetInFactory().pk, "row": 2},
            UNSENT: {"token": UnsentFactory().token},
            OWN: self._action(organisation=self.force),
            CLOSED: self._action(closed=True, organisation=self.force),
            FOREIGN: self._action(organisation=OrganisationFactory()),
            NOBODYS: self._action(),
            NOT_ISSUED: self._action(organisation=self.force, issued=False),
            BY_ID: {"pk": ActionFactory().pk},
        }

    def _link(self) -> dict[str, Any]:
        link = invite(UserFactory(), request=RequestFactory().get("/"))
        uid, token = link.rstrip("/").split("/")[-2:]
        return {"uid": uid, "token": token}

    def _meeting(self, state: str, *, there: bool = False) -> dict[str, Any]:
        date = timezone.localdate()
        if state in OVER:
            date -= dt.timedelta(days=30)
        because = "Nobody can come" if state == Meeting.State.CANCELLED else ""
        meeting = MeetingFactory(state=Meeting.State.DRAFT, date=date)
        item = AgendaItemFactory(meeting=meeting, notes="Said in confidence")
        action = ActionFactory(meeting=meeting, item=item, issued=False)
        Meeting.objects.filter(pk=meeting.pk).update(
            state=state, cancelled_because=because
        )
        meeting.refresh_from_db()
        AgendaItemFactory(meeting=meeting)
        said = to_json(Record("Board", meeting.date))
        whole = to_json(
            Record(
                "Board",
                meeting.date,
                actions=(ActionLine("2025/01", "Share the plan"),),
                items=(
                    Item(item.pk, "Roads", notes="Said to all who were there"),
                    Item(
                        0,
                        "A secret",
                        notes="Said in confidence",
                        restricted=True,
                        withheld=True,
                        withheld_reason="s31",
                    ),
                ),
            )
        )
        if not there:  # else they are still to be agreed
            MinutesVersionFactory(
                published=True, meeting=meeting, content=said, made_from__content=whole
            )
        draft = MinutesVersionFactory(meeting=meeting, content=whole)
        if there:
            AttendeeFactory(meeting=meeting, person__user=self.users[Role.LIAISON])
        return {
            "pk": meeting.pk,
            "number": 1,
            "item_pk": item.pk,
            "action_pk": action.pk,
            "paper_pk": Paper.objects.create(
                item=item, title="Figures", file=stored_file()
            ).pk,
            "attendee_pk": AttendeeFactory(meeting=meeting).pk,
            "item_key": item.pk,
            "version_pk": draft.pk,
            "comment_pk": Comment.objects.create(
                version=draft, author=UserFactory(), text="Said in confidence"
            ).pk,
        }

    def _action(self, *, closed: bool = False, **fields: Any) -> dict[str, Any]:
        action: Action = ActionFactory(**fields)
        asked = action.add_update(
            "We need longer",
            by=UserFactory(),
            asks=Update.Asks.DATE,
            asked_due_on=dt.date(2030, 1, 1),
        )
        self._show(asked)
        if closed:
            action.close(by=UserFactory(), decision=decision(), text="Done")
        return {"year": action.year, "number": action.number, "pk": asked.pk}

    def _show(self, update: Update) -> None:
        """A file with the update and one in the force's draft, under its number."""
        draft = UpdateDraft.objects.create(
            action=update.action,
            organisation=self.force,
            changed_by=self.users[Role.LIAISON],
        )
        for evidence in (Evidence(update=update), DraftEvidence(draft=draft)):
            evidence.pk, evidence.title, evidence.file = update.pk, "A", stored_file()
            evidence.save(force_insert=True)

    def url(self, address: Address, thing: str) -> str:
        label, _, move = thing.partition(": ")
        known = self.numbers[OWN] | self.numbers[label] | {"move": move, "kind": move}
        return reverse(
            address.name, kwargs={name: known[name] for name in names_in(address)}
        )

    def browser(self, visitor: str) -> Browser:
        browser = Browser(raise_request_exception=False)
        user = self.users[visitor]
        if user:
            browser.force_login(user)
        return browser


def names_in(address: Address) -> list[str]:
    """The names of what stands in a route: ``<int:pk>`` gives "pk"."""
    return re.findall(r"<(?:\w+:)?(\w+)>", address.route)


ADDRESSES = {address.name: address for address in addresses()}


def ask(browser: Client, method: str, url: str, data: Any = None) -> HttpResponse:
    """The answer; what it changed, in the database or in the browser, is undone."""
    cookies = copy.deepcopy(browser.cookies)
    with transaction.atomic():
        response = getattr(browser, method)(url, data)
        if response.streaming:
            response.getvalue()  # to its end, where the file is closed
        transaction.set_rollback(True)
    browser.cookies = cookies
    return response
