"""Agreed minutes are not changed by any form, address or role, save by an amendment.

Every form is opened while the minutes still go round, filled with something else, and
sent once they are agreed, by everybody who has an account.
"""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse

from actions.models import Action, Owner, Review, TrackerReview
from actions.operations import raise_action, reschedule_meeting
from actions.record import record_of
from actions.reviewing import bring_forward, finish_review, record_review, undo_review
from assurance.models import User
from assurance.permissions import Role
from meetings.comments import comment
from meetings.models import (
    AgendaItem,
    Agreement,
    Attendee,
    Comment,
    Meeting,
    MinutesVersion,
    Paper,
)
from meetings.operations import confirm_next_meeting, delete_item, lock_editable
from meetings.versions import agreed_version, latest_draft
from tests.addresses import Address, addresses
from tests.browser import Browser
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    MeetingTypeFactory,
    ThemeFactory,
    UserFactory,
    decision,
    due_on,
)
from tests.minutes import HELD_ON, NEXT_ON, Minutes
from tests.world import names_in

pytestmark = pytest.mark.django_db

# Amending is what is left; it is tested in its own file.
AMENDMENTS = {"meeting_amend", "amend_item"}
OTHER = "Changed behind everybody's back"
MOVES = ["start", "finish", "reopen", "undo-start", "take-back"]
# What stands in a form beside its fields, or is sent by a button.
BUTTONS: list[dict[str, str]] = [
    *({"move": move} for move in MOVES),
    {"direction": "up"},
    {"direction": "down"},
    {"then": "next", "what": "new", "keep": "yes"},
    {"what": "link"},
    {"what": "remove"},
]


class Frozen(Minutes):
    """A meeting with one of everything, whose minutes are agreed in the end."""

    def __init__(self, *, by: User, liaison: User) -> None:
        theme = ThemeFactory()
        super().__init__(
            by=by,
            liaison=liaison,
            themes=[theme],
            type=MeetingTypeFactory(reviews_tracker=True),
        )
        self.write(self.open, theme=theme)
        self.paper = Paper.objects.create(item=self.open, title="Figures")
        early = MeetingFactory(date=HELD_ON.replace(year=2024), state="draft")
        owners = [Owner(organisation=self.organisation)]
        self.reviewed, self.waiting = (
            ActionFactory(meeting=early, owners=owners, due=due_on(2025, 3, day))
            for day in (1, 2)
        )
        record_review(
            self.reviewed, self.meeting, Review.Outcome.NOTED, by=by, note="Well"
        )
        self.circulate()
        draft = latest_draft(self.meeting)
        assert draft is not None
        self.comment = comment(draft, by=liaison, text="Not so", key=self.open.pk)
        self.numbers = {
            "pk": self.meeting.pk,
            "item_pk": self.open.pk,
            "item_key": self.open.pk,
            "attendee_pk": self.seat.pk,
            "paper_pk": self.paper.pk,
            "comment_pk": self.comment.pk,
            "version_pk": draft.pk,
        }

    def urls(self) -> dict[str, str]:
        """Every address that concerns the meeting or its actions, by its name."""
        found = {}
        for address in addresses():
            for label, known in self._known(address):
                if set(names_in(address)) <= set(known):
                    kwargs = {name: known[name] for name in names_in(address)}
                    found[f"{address.name} {label}"] = reverse(
                        address.name, kwargs=kwargs
                    )
        return found

    def _known(self, address: Address) -> Iterator[tuple[str, dict[str, Any]]]:
        """What stands in such an address; nothing where it concerns something else."""
        if address.name in AMENDMENTS or address.route.startswith("accounts/"):
            return
        if address.route.startswith("meetings/people/"):
            yield "chair", {"pk": self.chair.person_id}
        elif address.route.startswith("meetings/registers/themes/"):
            yield "theme", {"pk": self.meeting.themes.get().pk}
        elif address.route.startswith("meetings/registers/"):
            yield "type", {"pk": self.meeting.type_id}
        elif address.route.startswith(("meetings/", "actions/")):
            actions = {"raised": self.action, "reviewed": self.reviewed}
            actions["waiting"] = self.waiting
            is_of_action = "number" in names_in(address)
            for label, action in actions.items() if is_of_action else [("", None)]:
                numbers = dict(self.numbers)
                if action:
                    numbers |= {"year": action.year, "number": action.number}
                for move in ("close", "redate", "withdraw", "replace"):
                    yield f"{label} {move}", numbers | {"move": move}
                    if "move" not in names_in(address):
                        break


def filled(form: forms.BaseForm) -> dict[str, Any]:
    """The form as a browser sends it, with every text another than it was."""
    sent = {}
    for field in form:
        value = field.value()
        is_text = isinstance(field.field, forms.CharField) and not field.is_hidden
        if isinstance(field.field, forms.BooleanField):
            value = "on" if value else None
        elif is_text and not isinstance(field.field, forms.URLField | forms.UUIDField):
            value = OTHER[: field.field.max_length]  # type: ignore[attr-defined]
        elif hasattr(field.field.widget, "format_value"):
            value = field.field.widget.format_value(value)
        if value is not None and not isinstance(field.field, forms.FileField):
            sent[field.html_name] = value
    return sent


def forms_on(response: Any) -> list[dict[str, Any]]:
    """What a browser would send of every form on a page."""
    found: dict[int, forms.BaseForm] = {}
    for context in response.context or []:
        for values in context.dicts if hasattr(context, "dicts") else [context]:
            for value in values.values():
                nested = value.values() if isinstance(value, dict) else [value]
                found |= {id(v): v for v in nested if isinstance(v, forms.BaseForm)}
    return [filled(form) for form in found.values()]


def rows(minutes: Minutes) -> dict[str, list[dict[str, Any]]]:
    """All that the minutes are made of, row by row."""
    meeting = minutes.meeting.pk
    of: dict[type[models.Model], dict[str, Any]] = {
        Meeting: {"pk": meeting},
        AgendaItem: {"meeting": meeting},
        Attendee: {"meeting": meeting},
        Paper: {"item__meeting": meeting},
        Review: {"meeting": meeting},
        TrackerReview: {"meeting": meeting},
        Comment: {"version__meeting": meeting},
        Agreement: {"meeting": meeting},
        MinutesVersion: {"meeting": meeting, "kind__in": ["draft", "agreed"]},
    }
    found = {
        model.__name__: list(
            model._default_manager.filter(**which).order_by("pk").values()
        )
        for model, which in of.items()
    }
    raised = Action.objects.filter(meeting=meeting).order_by("pk")
    return found | {"Action": list(raised.values("pk", "meeting", "item"))}


def printed(minutes: Minutes, client: Browser) -> str:
    page = client.get(reverse("minutes", args=[minutes.meeting.pk]))
    return page.text.split('<article class="app-read">')[1].split("</article>")[0]


@pytest.fixture(scope="module")
def kept(once) -> tuple[Frozen, dict[str, list[dict[str, Any]]]]:
    """The meeting, and its forms while the minutes still go round: no test changes
    what is on them.
    """

    def make() -> tuple[Frozen, dict[str, list[dict[str, Any]]]]:
        minutes = Frozen(by=UserFactory(), liaison=UserFactory(liaison=True))
        client = Browser()
        client.force_login(minutes.by)
        return minutes, opened(minutes, client)

    return once(make)


@pytest.fixture
def minutes(kept, db) -> Frozen:
    return copy.deepcopy(kept[0])


@pytest.fixture
def found(kept, minutes) -> dict[str, list[dict[str, Any]]]:
    return kept[1]


def opened(minutes: Frozen, client: Browser) -> dict[str, list[dict[str, Any]]]:
    """Every form that concerns the meeting, by address, filled with something else."""
    found: dict[str, list[dict[str, Any]]] = {}
    for url in minutes.urls().values():
        response = client.get(url)
        if response.streaming:
            response.getvalue()
        found[url] = forms_on(response)
    new = f"{reverse('action_new')}?item={minutes.open.pk}"
    found[new] = forms_on(client.get(new))
    return found


def test_every_form_is_found_so_that_the_next_test_means_something(minutes, found):
    names = {key.split()[0] for key in minutes.urls()}
    assert names >= {
        *("meeting_edit", "meeting_state", "meeting_cancel", "meeting_reschedule"),
        *(
            "item_new",
            "item_edit",
            "item_move",
            "item_delete",
            "minutes",
            "next_meeting",
        ),
        *("paper_new", "paper_edit", "paper_delete", "meeting_updates"),
        *("attendee_new", "attendee_edit", "attendee_move", "everyone_here"),
        *("review_record", "review_undo", "review_finish", "review_reopen"),
        *("meeting_circulate", "meeting_agree", "draft_comment", "comment_answer"),
        *("action_edit", "action_bring_forward", "action_move", "type_edit"),
    }
    assert sum(bool(forms) for forms in found.values()) > 30


def test_while_they_go_round_such_forms_do_change_them(as_, minutes, found):
    client = as_(minutes.by)
    before = rows(minutes)
    for url, sent in found.items():
        if "edit" in url:
            for data in sent:
                client.post(url, data)
    after = rows(minutes)
    changed = {name for name in before if before[name] != after[name]}
    assert changed >= {"AgendaItem", "Attendee", "Paper", "Meeting"}


def test_agreed_minutes_are_not_changed_by_any_form_or_address(as_, minutes, found):
    everything: dict[str, Any] = {}
    for sent in found.values():
        for data in sent:
            everything |= data
    minutes.agree()
    minutes.meeting.refresh_from_db()
    reader = as_(UserFactory(administrator=True))
    before, text = rows(minutes), printed(minutes, reader)
    for role in Role.values:
        with transaction.atomic():
            user = minutes.liaison if role == Role.LIAISON else UserFactory(role=role)
            faults, tried = send_all(found, everything, as_(user))
            assert (role, faults) == (role, {})
            assert tried > 100
            after = rows(minutes)
            changed = {name for name in after if after[name] != before[name]}
            assert (role, changed) == (role, set())
            assert printed(minutes, reader) == text
            assert agreed_version(minutes.meeting).is_intact
            transaction.set_rollback(True)  # the next role finds what this one found


def send_all(
    found: dict[str, list[dict[str, Any]]], everything: dict[str, Any], client: Browser
) -> tuple[dict[str, int], int]:
    """Each form to its address and all of them to each: faults, and how many sent."""
    faults, tried = {}, 0
    for url, sent in found.items():
        buttons = BUTTONS if url.endswith(("/state/", "/next/", "/move/")) else []
        for data in (*sent, everything, *buttons):
            response = client.post(url, data)
            tried += 1
            if response.status_code >= 500:
                faults[url] = response.status_code
    return faults, tried


def test_the_domain_refuses_what_a_form_might_forget(minutes, staff):
    minutes.agree()
    meeting = Meeting.objects.get(pk=minutes.meeting.pk)
    review = Review.objects.get(meeting=meeting, action=minutes.reviewed)
    other = ActionFactory(meeting=MeetingFactory(date=HELD_ON.replace(year=2024)))
    refused = [
        lambda: lock_editable(meeting),
        lambda: raise_action(by=staff, text="Late", meeting=meeting),
        lambda: delete_item(minutes.open),
        lambda: confirm_next_meeting(meeting, None),
        lambda: undo_review(review, by=staff),
        lambda: finish_review(meeting, by=staff, today=NEXT_ON),
        lambda: bring_forward(other, meeting, because="Look", by=staff),
        lambda: record_review(other, meeting, Review.Outcome.NOTED, by=staff),
        lambda: reschedule_meeting(
            meeting, date=NEXT_ON, start=None, end=None, by=staff
        ),
        meeting.take_back_draft,
        meeting.reopen_notes,
        meeting.circulate,
        meeting.finish,
        meeting.agree,
        lambda: meeting.cancel("Snow"),
    ]
    before = rows(minutes)
    for write in refused:
        with pytest.raises(ValidationError):
            write()
    assert rows(minutes) == before


def test_what_an_action_does_later_leaves_the_minutes_as_they_are(as_, minutes, staff):
    minutes.agree()
    reader = as_(staff)
    text = printed(minutes, reader)
    action = Action.objects.get(pk=minutes.action.pk)
    action.add_update("Half done", by=staff)
    action.redate(due_on(2026, 1, 1), "Longer", by=staff, decision=decision())
    action.close(by=staff, decision=decision(), text="Done")
    reviewed = Action.objects.get(pk=minutes.reviewed.pk)
    reviewed.close(by=staff, decision=decision(), text="Done")
    assert printed(minutes, reader) == text
    record = record_of(Meeting.objects.get(pk=minutes.meeting.pk), staff)
    assert [line.due for line in record.actions] == ["1 June 2025"]
