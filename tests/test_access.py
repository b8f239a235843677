"""Every address of the application: who gets what, on reading and on sending.

One table, written by hand from who may do what. It fails when an address is missing
from it, so nobody adds a page without saying who it is for.
"""

import copy
import datetime as dt
import re
from functools import cached_property
from typing import Any

import pytest
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
from tests.addresses import Address, addresses
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
from tests.inline import inline_code

VISITORS = ["stranger", "liaison", "commissioner", "staff", "administrator"]
OK, SIGN_IN = "ok", "sign in"

# What each visitor gets, in the order above.
OPEN = (OK, OK, OK, OK, OK)
SIGNED_IN = (SIGN_IN, OK, OK, OK, OK)
HIDDEN = (SIGN_IN, 404, OK, OK, OK)  # a liaison may not know that it exists
READERS = (SIGN_IN, 403, OK, OK, OK)
OFFICE = (SIGN_IN, 403, 403, OK, OK)
ADMINISTRATORS = (SIGN_IN, 403, 403, 403, OK)
FORCES = (SIGN_IN, OK, 404, 404, 404)  # what only the organisation itself has
NOBODY = (SIGN_IN, 404, 404, 404, 404)

OWN, FOREIGN, NOT_ISSUED = "own action", "another's action", "action not issued"
ATTENDED = "circulated to those who were there"
NOBODYS, CLOSED = "nobody's action", "own closed action"
READ_IN = "old minutes to check"
SHEET = "tracker to check"
BY_ID = "an action by its id"
LINK = "link to set a password"
UNSENT = "what somebody else had typed"
STATES = [str(state) for state in Meeting.State]
OVER = ["draft", "circulated", "agreed", "cancelled"]

# Address and what it is of: on reading, on sending.
TABLE: dict[tuple[str, str], tuple[tuple, tuple]] = {
    ("home", ""): (SIGNED_IN, SIGNED_IN),
    ("live", ""): (OPEN, OPEN),
    ("ready", ""): (OPEN, OPEN),
    ("accessibility", ""): (OPEN, OPEN),
    # What the public reads
    ("published", ""): (OPEN, OPEN),
    ("published_feed", ""): (OPEN, OPEN),
    ("published_minutes", "agreed"): (OPEN, OPEN),
    # Sign-in
    ("account_login", ""): (OPEN, OPEN),
    ("account_logout", ""): (OPEN, OPEN),
    ("account_inactive", ""): (OPEN, OPEN),
    ("account_change_password", ""): (SIGNED_IN, SIGNED_IN),
    ("password_forgotten", ""): (OPEN, OPEN),
    ("password_link_sent", ""): (OPEN, OPEN),
    ("account_set_password", ""): (SIGNED_IN, SIGNED_IN),
    ("password_set", LINK): (OPEN, OPEN),
    # Single sign-on is off unless an office sets it up.
    ("single_sign_on", ""): ((404,) * 5, (OK,) * 5),
    ("single_sign_on_back", ""): ((404,) * 5, (OK,) * 5),
    ("account_reauthenticate", ""): (SIGNED_IN, SIGNED_IN),
    # The second step: of oneself, and for administrators of others
    ("mfa_authenticate", ""): (OPEN, OPEN),
    ("mfa_login_webauthn", ""): (OPEN, OPEN),
    ("mfa_reauthenticate", ""): (SIGNED_IN, SIGNED_IN),
    ("mfa_reauthenticate_webauthn", ""): (SIGNED_IN, SIGNED_IN),
    ("second_step", ""): (SIGNED_IN, SIGNED_IN),
    ("second_step_app", ""): (SIGNED_IN, SIGNED_IN),
    ("second_step_passkey", ""): (SIGNED_IN, SIGNED_IN),
    ("second_step_codes", ""): (SIGNED_IN, SIGNED_IN),
    ("second_step_remove", "account"): (NOBODY, NOBODY),  # it is somebody else's
    ("account_second_step", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    # Accounts and organisations
    ("accounts", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_new", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_edit", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_invite", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_invited", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_unlink", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_events_of", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_sign_out_everywhere", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    # One's own account, and what nobody else had typed
    ("account", ""): (SIGNED_IN, SIGNED_IN),
    ("account_events", ""): (SIGNED_IN, SIGNED_IN),
    ("account_sign_out", ""): (SIGNED_IN, SIGNED_IN),
    ("session_left", ""): (SIGNED_IN, SIGNED_IN),
    ("unsent", UNSENT): (NOBODY, NOBODY),
    ("unsent_drop", UNSENT): ((SIGN_IN, OK, OK, OK, OK), NOBODY),
    ("organisations", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("organisation_new", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("organisation_edit", "organisation"): (ADMINISTRATORS, ADMINISTRATORS),
    ("record_hand_over", ""): (ADMINISTRATORS, ADMINISTRATORS),
    # History: of what somebody may read in full, and of everything
    ("history", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("history_of", "draft: meetings"): (READERS, READERS),
    ("history_of", f"{BY_ID}: actions"): (READERS, READERS),
    ("history_of", "draft: drafts"): ((SIGN_IN, 403, 404, 404, 404),) * 2,
    ("history_of", "person: people"): (READERS, READERS),
    ("history_of", "type: types"): (READERS, READERS),
    ("history_of", "theme: themes"): (READERS, READERS),
    ("history_of", f"{READ_IN}: old-minutes"): (OFFICE, OFFICE),
    ("history_of", f"{SHEET}: trackers"): (OFFICE, OFFICE),
    ("history_of", "account: accounts"): (ADMINISTRATORS, ADMINISTRATORS),
    ("history_of", "organisation: organisations"): (ADMINISTRATORS, ADMINISTRATORS),
    # Legal holds, and removals for data protection
    ("holds", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("hold_new", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("hold_lift", "hold"): (ADMINISTRATORS, ADMINISTRATORS),
    ("removals", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("removal_new", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("removal", "removal"): (ADMINISTRATORS, ADMINISTRATORS),
    ("removal_file", "stored file"): (ADMINISTRATORS, ADMINISTRATORS),
    # Registers
    ("people", ""): (READERS, READERS),
    ("person", "person"): (READERS, READERS),
    ("person_new", ""): (OFFICE, OFFICE),
    ("person_edit", "person"): (OFFICE, OFFICE),
    ("registers", ""): (READERS, READERS),
    ("type_new", ""): (OFFICE, OFFICE),
    ("type_edit", "type"): (OFFICE, OFFICE),
    ("standing_new", "type"): (OFFICE, OFFICE),
    ("standing_edit", "type"): (OFFICE, OFFICE),
    ("standing_move", "type"): (OFFICE, OFFICE),
    ("standing_delete", "type"): (OFFICE, OFFICE),
    ("theme_new", ""): (OFFICE, OFFICE),
    ("theme_edit", "theme"): (OFFICE, OFFICE),
    # Meetings: a liaison knows of those to come, and of nothing said there
    ("meetings", ""): (SIGNED_IN, SIGNED_IN),
    ("meeting_new", ""): (OFFICE, OFFICE),
    ("meeting", "planned"): (SIGNED_IN, SIGNED_IN),
    ("meeting", "in_progress"): (SIGNED_IN, SIGNED_IN),
    **{("meeting", state): (HIDDEN, HIDDEN) for state in OVER},
    ("meeting", ATTENDED): (SIGNED_IN, SIGNED_IN),
    # A draft that goes round, for a liaison who was there, and its agreement
    ("draft", "circulated"): (HIDDEN, HIDDEN),
    ("draft", ATTENDED): (SIGNED_IN, SIGNED_IN),
    ("draft_comment", "circulated"): (HIDDEN, HIDDEN),
    ("draft_comment", ATTENDED): (SIGNED_IN, SIGNED_IN),
    ("draft_comment_item", "circulated"): (HIDDEN, HIDDEN),
    ("draft_comment_item", ATTENDED): (SIGNED_IN, SIGNED_IN),
    ("comments", "circulated"): (READERS, READERS),
    ("comments", ATTENDED): (READERS, READERS),
    ("comments_waiting", ""): (OFFICE, OFFICE),
    ("comment_answer", "circulated"): (OFFICE, OFFICE),
    ("meeting_agree", ATTENDED): (READERS, READERS),
    ("meeting_amend", "agreed"): (OFFICE, OFFICE),
    ("amend_item", "agreed"): (OFFICE, OFFICE),
    ("amend_action", "agreed"): (OFFICE, OFFICE),
    ("agenda", "planned"): (READERS, READERS),
    ("agenda", "draft"): (READERS, READERS),
    ("attendance", "planned"): (READERS, READERS),
    ("attendance", "draft"): (READERS, READERS),
    ("minutes", "planned"): (READERS, OFFICE),
    ("minutes", "draft"): (READERS, OFFICE),
    ("minutes_save", "draft"): (OFFICE, OFFICE),
    ("minutes_attendance", "draft"): (OFFICE, OFFICE),
    ("minutes_action", "draft"): (OFFICE, OFFICE),
    ("minutes_understood", "draft"): (OFFICE, OFFICE),
    ("minutes_state", "draft"): (OFFICE, OFFICE),
    ("minutes_shortcuts", "draft"): (OFFICE, OFFICE),
    ("briefing", "planned"): (READERS, READERS),
    ("briefing", "draft"): (READERS, READERS),
    ("meeting_action_note", "draft"): (OFFICE, OFFICE),
    ("documents", "planned"): (READERS, READERS),
    ("documents", "draft"): (READERS, READERS),
    ("minutes_version", "draft"): (READERS, READERS),
    ("meeting_updates", "planned"): (READERS, OFFICE),
    ("meeting_updates", "draft"): (READERS, OFFICE),
    ("meeting_edit", "draft"): (OFFICE, OFFICE),
    ("publish", "agreed"): (READERS, OFFICE),
    ("published_withdraw", "agreed"): (OFFICE, OFFICE),
    ("meeting_reschedule", "draft"): (OFFICE, OFFICE),
    ("meeting_cancel", "draft"): (OFFICE, OFFICE),
    ("meeting_state", "draft"): (OFFICE, OFFICE),
    ("meeting_circulate", "draft"): (OFFICE, OFFICE),
    ("circulate_preview", "draft"): (OFFICE, OFFICE),
    ("meeting_agenda_sent", "draft"): (OFFICE, OFFICE),
    ("next_meeting", "draft"): (OFFICE, OFFICE),
    ("item_new", "draft"): (OFFICE, OFFICE),
    ("item_edit", "draft"): (OFFICE, OFFICE),
    ("item_move", "draft"): (OFFICE, OFFICE),
    ("item_delete", "draft"): (OFFICE, OFFICE),
    ("paper_new", "draft"): (OFFICE, OFFICE),
    ("paper_edit", "draft"): (OFFICE, OFFICE),
    ("paper_delete", "draft"): (OFFICE, OFFICE),
    ("paper_file", "draft"): (READERS, READERS),
    ("attendee_new", "draft"): (OFFICE, OFFICE),
    ("everyone_here", "draft"): (OFFICE, OFFICE),
    ("attendee_edit", "draft"): (OFFICE, OFFICE),
    ("attendee_move", "draft"): (OFFICE, OFFICE),
    ("attendee_remove", "draft"): (OFFICE, OFFICE),
    ("meeting_review", "draft"): (READERS, READERS),
    ("review_record", "draft"): (READERS, READERS),
    ("review_undo", "draft"): (READERS, READERS),
    ("review_read", "draft"): (READERS, READERS),
    ("review_add", "draft"): (READERS, READERS),
    ("review_finish", "draft"): (READERS, READERS),
    ("review_reopen", "draft"): (READERS, READERS),
    # Old minutes on their way in
    ("imports", ""): (OFFICE, OFFICE),
    ("import_read", ""): (OFFICE, OFFICE),
    ("import_check", READ_IN): (OFFICE, OFFICE),
    ("import_drop", READ_IN): (OFFICE, OFFICE),
    # Actions: a liaison knows of their organisation's, once issued
    ("tracker", ""): (SIGNED_IN, SIGNED_IN),
    ("action_new", ""): (OFFICE, OFFICE),
    ("actions_issue", ""): (OFFICE, OFFICE),
    ("bulk_owners", ""): (OFFICE, OFFICE),
    ("bulk_due", ""): (OFFICE, OFFICE),
    ("bulk_bring_forward", ""): (OFFICE, OFFICE),
    ("hand_over", ""): (OFFICE, OFFICE),
    ("tracker_import", ""): (OFFICE, OFFICE),
    ("tracker_columns", SHEET): (OFFICE, OFFICE),
    ("tracker_rows", SHEET): (OFFICE, OFFICE),
    ("tracker_row", SHEET): (OFFICE, OFFICE),
    ("tracker_drop", SHEET): (OFFICE, OFFICE),
    ("action", OWN): (SIGNED_IN, SIGNED_IN),
    ("action", CLOSED): (SIGNED_IN, SIGNED_IN),
    ("action", FOREIGN): (HIDDEN, HIDDEN),
    ("action", NOBODYS): (HIDDEN, HIDDEN),
    ("action", NOT_ISSUED): (HIDDEN, HIDDEN),
    ("action_update", OWN): (SIGNED_IN, SIGNED_IN),
    ("action_update", CLOSED): (SIGNED_IN, SIGNED_IN),
    ("action_update", FOREIGN): (HIDDEN, HIDDEN),
    ("action_update", NOBODYS): (HIDDEN, HIDDEN),
    ("action_update", NOT_ISSUED): (HIDDEN, HIDDEN),
    ("update_correct", OWN): ((SIGN_IN, 403, OK, OK, OK), (SIGN_IN, 403, OK, OK, OK)),
    ("update_correct", FOREIGN): (HIDDEN, HIDDEN),
    ("evidence_file", OWN): (SIGNED_IN, SIGNED_IN),
    ("evidence_file", FOREIGN): (HIDDEN, HIDDEN),
    ("drafts", ""): (SIGNED_IN, SIGNED_IN),
    # The draft is of the liaison's organisation; others look for the office's.
    ("draft_delete", OWN): (FORCES, FORCES),
    ("draft_delete", FOREIGN): (NOBODY, NOBODY),
    ("draft_evidence_file", OWN): (FORCES, FORCES),
    ("draft_evidence_file", FOREIGN): (NOBODY, NOBODY),
    ("action_note", OWN): (READERS, READERS),
    ("action_note", FOREIGN): (READERS, READERS),
    ("action_edit", OWN): (OFFICE, OFFICE),
    ("action_edit", FOREIGN): (OFFICE, OFFICE),
    ("action_issue", OWN): (OFFICE, OFFICE),
    ("action_issue", NOT_ISSUED): (OFFICE, OFFICE),
    ("action_bring_forward", OWN): (READERS, READERS),
    ("action_bring_forward", FOREIGN): (READERS, READERS),
    ("action_answer", OWN): (READERS, READERS),
    ("action_answer", FOREIGN): (READERS, READERS),
    ("action_move", f"{OWN}: propose"): (SIGNED_IN, SIGNED_IN),
    ("action_move", f"{OWN}: take-back"): (SIGNED_IN, SIGNED_IN),
    ("action_move", f"{FOREIGN}: propose"): (HIDDEN, HIDDEN),
    ("action_move", f"{NOT_ISSUED}: propose"): (HIDDEN, HIDDEN),
    **{
        ("action_move", f"{OWN}: {move}"): (READERS, READERS)
        for move in (
            "close",
            "return",
            "redate",
            "hold",
            "resume",
            "replace",
            "withdraw",
            "reopen",
        )
    },
    ("action_move", f"{FOREIGN}: close"): (HIDDEN, HIDDEN),
    # Before it is issued an action is the office's own.
    ("action_move", f"{NOT_ISSUED}: withdraw"): (
        (SIGN_IN, 404, 403, OK, OK),
        (SIGN_IN, 404, 403, OK, OK),
    ),
    ("action_move", f"{OWN}: dance"): (
        (SIGN_IN, 404, 404, 404, 404),
        (SIGN_IN, 404, 404, 404, 404),
    ),
}


class World:
    """One of everything, and an account of each role."""

    def __init__(self) -> None:
        self.force = OrganisationFactory()
        self.users: dict[str, User | None] = {"stranger": None} | {
            role: UserFactory(role=role, organisation=self.force)
            for role in Role.values
        }

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

    def browser(self, visitor: str) -> Client:
        browser = Client(raise_request_exception=False)
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


def outcome(response: HttpResponse) -> str | int:
    if response.status_code in (403, 404) or response.status_code >= 500:
        return response.status_code
    if "/accounts/login/?next=" in response.headers.get("Location", ""):
        return SIGN_IN
    return OK


def test_every_address_is_in_the_table() -> None:
    assert {name for name, _ in TABLE} == set(ADDRESSES)


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_visitor_gets_exactly_this(db: None, visitor: str) -> None:
    world = World()
    browser, column = world.browser(visitor), VISITORS.index(visitor)
    differences = {}
    for (name, thing), rows in TABLE.items():
        url = world.url(ADDRESSES[name], thing)
        for method, row in zip(("get", "post"), rows, strict=True):
            got = outcome(ask(browser, method, url))
            if got != row[column]:
                differences[method, name, thing] = f"{got}, not {row[column]}"
    assert differences == {}


@pytest.fixture
def world(db: None) -> World:
    return World()


def pages(world: World, visitor: str) -> dict[str, str]:
    """The pages this visitor may read, as HTML by address."""
    browser = world.browser(visitor)
    found = {}
    for name, thing in TABLE:
        url = world.url(ADDRESSES[name], thing)
        response = ask(browser, "get", url)
        html = response.headers.get("Content-Type", "").startswith("text/html")
        if response.status_code == 200 and html:
            found[url] = response.content.decode()
    return found


@pytest.mark.parametrize("visitor", ["stranger", "liaison", "administrator"])
def test_every_page_is_fit_for_the_policy_and_has_one_heading(
    world: World, visitor: str
) -> None:
    found = pages(world, visitor)
    blocked = {url: inline_code(page) for url, page in found.items()}
    headings = {url: page.count("<h1") for url, page in found.items()}
    assert {url: code for url, code in blocked.items() if code} == {}
    assert {url: count for url, count in headings.items() if count != 1} == {}
    said = [url for url, page in found.items() if "Said in confidence" in page]
    assert bool(said) == (visitor == "administrator")


# One of each address, for what is not a matter of rows.
ONCE = dict(reversed(TABLE))


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
