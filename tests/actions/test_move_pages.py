"""The moves of an action, each on a page of its own, and the other decisions."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from actions.lifecycle import Move, Status
from actions.models import Due, Owner, Review, Update
from actions.operations import send_update
from tests.actions.pages import DECIDED, SOON, TODAY, fields, move_url, url
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    UserFactory,
    decision,
    due_on,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(liaison):
    return ActionFactory(organisation=liaison.organisation, due=due_on(2025, 9, 1))


WAY = {Move.RETURN: "propose", Move.TAKE_BACK: "propose", Move.RESUME: "hold"}


@pytest.mark.parametrize("move", Move)
def test_each_move_is_made_from_its_page(as_, staff, liaison, action, move):
    if WAY.get(move) == "propose":
        action.propose_closure("Done", by=liaison)
    elif WAY.get(move) == "hold":
        action.hold("Wait", until=SOON, by=staff, decision=decision())
    elif move == Move.REOPEN:
        action.close(by=staff, decision=decision())
    user = liaison if move in (Move.PROPOSE, Move.TAKE_BACK) else staff
    page = as_(user).get(action.get_absolute_url())
    address = move_url(action, move)
    if move == Move.PROPOSE:  # is asked for on the page of an update
        address = f"{url('action_update', action)}?asks=closure"
    assert f'href="{address}"' in page.text
    sent = as_(user).post(
        move_url(action, move), DECIDED | fields(move) | {"text": "Because"}
    )
    assert sent.url == action.get_absolute_url()
    latest = action.updates.filter(text="Because").get()
    assert latest.author == user
    if user == staff:
        assert (latest.decided_by, latest.decided_how) == ("John Campion", "email")


@pytest.mark.parametrize("move", [m for m in Move if m != Move.CLOSE])
def test_every_move_but_closing_needs_a_text(as_, staff, action, move):
    if move == Move.REOPEN:
        action.close(by=staff, decision=decision())
    page = as_(staff).post(move_url(action, move), DECIDED | fields(move))
    assert page.status_code == 422
    assert "Enter the " in page.text


def test_a_move_made_meanwhile_by_somebody_else_is_refused_with_a_sentence(
    as_, staff, action
):
    client = as_(staff)
    client.get(move_url(action, Move.HOLD))
    action.close(by=staff, decision=decision())
    page = client.post(
        move_url(action, Move.HOLD), DECIDED | fields(Move.HOLD) | {"text": "Wait"}
    )
    assert page.status_code == 422
    assert "is closed now, so this cannot be done" in page.text
    action.refresh_from_db()
    assert action.status == Status.CLOSED


def test_two_new_dates_from_forms_opened_at_once_are_both_in_the_timeline(
    as_, staff, administrator, action
):
    for user, days in ((staff, 20), (administrator, 30)):
        on = TODAY + dt.timedelta(days=days)
        sent = {"due_kind": "date", "due_on": f"{on:%d/%m/%Y}", "text": user.name}
        answer = as_(user).post(move_url(action, Move.REDATE), DECIDED | sent)
        assert answer.status_code == 302
    said = action.updates.filter(text__in=[staff.name, administrator.name])
    assert [update.due_on - TODAY for update in said.order_by("id")] == [
        dt.timedelta(days=20),
        dt.timedelta(days=30),
    ]


def test_pressing_close_twice_closes_once(as_, staff, action):
    client = as_(staff)
    sent = DECIDED | {"submission": str(uuid.uuid4())}
    for _ in range(2):
        assert client.post(move_url(action, Move.CLOSE), sent).status_code == 302
    assert action.updates.filter(what=Update.What.CLOSED).count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"until": "1 January 2020"}, "Enter a date after today"),
        ({"decided_on": "1 January 2090"}, "not in the future"),
        ({"decided_on": "1 January 2020"}, "on or after the day the action was raised"),
        ({"decided_by": ""}, "Enter who decided it"),
        ({"decided_how": ""}, "Choose how it was decided"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(as_, staff, action, wrong, sentence):
    sent = DECIDED | fields(Move.HOLD) | {"text": "Wait"} | wrong
    page = as_(staff).post(move_url(action, Move.HOLD), sent)
    assert page.status_code == 422
    assert sentence in page.text
    assert "Wait</textarea>" in page.text


def test_replacing_makes_one_action_for_each_line(as_, staff, action):
    as_(staff).post(
        move_url(action, Move.REPLACE),
        DECIDED | fields(Move.REPLACE) | {"text": "Split"},
    )
    assert [a.text for a in action.replaced_by.all()] == ["First half", "Second half"]
    page = as_(staff).get(action.get_absolute_url())
    assert "Replaced by" in page.text


def test_bringing_forward_puts_it_on_the_list(as_, commissioner, action):
    meeting = MeetingFactory(date=SOON)
    as_(commissioner).post(
        url("action_bring_forward", action), {"meeting": meeting.pk, "text": "Ask why"}
    )
    assert Review.objects.get().reason == "Ask why"
    again = as_(commissioner).post(
        url("action_bring_forward", action), {"meeting": meeting.pk, "text": "Again"}
    )
    assert again.status_code == 422
    assert "already" in again.text


def test_a_request_is_answered_on_a_page_of_its_own(as_, commissioner, liaison, action):
    asked = send_update(
        action, "Late", by=liaison, asks=Update.Asks.DATE, asked_due_on=SOON
    )
    page = as_(commissioner).get(action.get_absolute_url())
    address = url("action_answer", action, asked.pk)
    assert address in page.text
    sent = as_(commissioner).post(
        address, DECIDED | {"accepted": "yes", "text": "Fine"}
    )
    assert sent.status_code == 302
    action.refresh_from_db()
    assert action.due == Due.on_date(SOON)
    other = ActionFactory()
    wrong = as_(commissioner).get(url("action_answer", other, asked.pk))
    assert wrong.status_code == 404


@pytest.mark.parametrize(
    "move", [m for m in Move if m not in (Move.PROPOSE, Move.TAKE_BACK)]
)
def test_a_liaison_decides_nothing(as_, liaison, action, move):
    sent = DECIDED | fields(move) | {"text": "x"}
    assert as_(liaison).post(move_url(action, move), sent).status_code == 403
    action.refresh_from_db()
    assert action.status == Status.OPEN


def test_a_co_owner_does_not_take_back_what_another_proposed(as_, liaison):
    other = UserFactory(liaison=True)
    action = ActionFactory(
        owners=[
            Owner(organisation=liaison.organisation),
            Owner(organisation=other.organisation),
        ]
    )
    action.propose_closure("Done", by=liaison)
    sent = as_(other).post(move_url(action, Move.TAKE_BACK), {"text": "No"})
    assert sent.status_code == 403
    action.refresh_from_db()
    assert action.status == Status.PROPOSED


def test_what_is_written_down_for_a_meeting_to_come_can_be_dropped_before_it(
    as_, staff
):
    action = ActionFactory(meeting=MeetingFactory(date=SOON), issued=False)
    sent = as_(staff).post(
        move_url(action, Move.WITHDRAW), DECIDED | {"text": "Not needed"}
    )
    assert sent.status_code == 302


def test_a_long_reason_for_bringing_forward_is_kept(as_, staff, action):
    meeting = MeetingFactory(date=SOON)
    sent = {"meeting": meeting.pk, "text": "x" * 2000}
    assert as_(staff).post(url("action_bring_forward", action), sent).status_code == 302
    assert as_(staff).get(reverse("tracker"), {"list": "review"}).status_code == 200


def test_more_replacements_than_anybody_means_are_refused(as_, staff, action):
    sent = DECIDED | {"replacements": "\n".join("abcdefghijklmnopqrstu"), "text": "x"}
    page = as_(staff).post(move_url(action, Move.REPLACE), sent)
    assert "Enter at most 20 new actions" in page.text


@pytest.mark.parametrize("move", [Move.CLOSE, Move.REPLACE, Move.WITHDRAW])
def test_the_meeting_a_decision_was_taken_at_is_kept(as_, staff, action, move):
    held = MeetingFactory(date=TODAY, state="draft")
    sent = DECIDED | fields(move) | {"text": "x", "meeting": held.pk}
    as_(staff).post(move_url(action, move), sent | {"decided_how": "meeting"})
    assert action.updates.exclude(meeting=None).last().meeting == held


def test_an_unknown_move_is_not_found(as_, staff, action):
    assert as_(staff).get(url("action_move", action, "explode")).status_code == 404


@pytest.mark.parametrize("move", [Move.REDATE, Move.WITHDRAW])
def test_before_it_is_issued_the_office_needs_nobodys_decision(as_, staff, move):
    action = ActionFactory(issued=False, due=due_on(2025, 9, 1))
    sent = fields(move) | {"text": "Typed wrong"}
    assert as_(staff).post(move_url(action, move), sent).status_code == 302
    assert action.updates.get(text="Typed wrong").decided_by == ""
    commissioner = UserFactory(commissioner=True)
    other = ActionFactory(issued=False)
    assert as_(commissioner).get(move_url(other, move)).status_code == 403
