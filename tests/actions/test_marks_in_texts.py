"""Marks of what is withheld, in texts that are no notes: nobody reads them raw."""

from typing import Any

import pytest
from django.urls import reverse

from actions.models import Action
from meetings.withholding import worded_for
from tests.factories import ActionFactory
from tests.minutes import Minutes

pytestmark = pytest.mark.django_db

MARKED = "Ask [[withhold s40]]QUOKKA[[/withhold]] for the plan"
REASON = "personal information (section 40)"


@pytest.fixture
def marked(staff: Any, liaison: Any) -> Action:
    """As it was saved before marks were refused there."""
    action = ActionFactory(organisation=liaison.organisation, by=staff)
    Action.objects.filter(pk=action.pk).update(text=MARKED)
    action.refresh_from_db()
    return action


def test_whoever_reads_all_has_the_passage_in_brackets_and_others_its_reason() -> None:
    assert worded_for("Plain [1]", reads_all=False) == "Plain [1]"
    assert (
        worded_for(MARKED, reads_all=True)
        == f"Ask [Withheld, {REASON}: QUOKKA] for the plan"
    )
    assert (
        worded_for(MARKED, reads_all=False) == f"Ask [Withheld: {REASON}] for the plan"
    )
    assert "QUOKKA" not in worded_for("A [[withhold s40]]QUOKKA", reads_all=False)


@pytest.mark.parametrize("name", ["tracker", "action", "home", "sheet"])
def test_no_page_of_actions_shows_a_mark(
    as_: Any, staff: Any, liaison: Any, marked: Action, name: str
) -> None:
    address = {
        "tracker": reverse("tracker") + "?list=unresolved",
        "sheet": reverse("tracker") + "?list=unresolved&format=csv",
        "action": marked.get_absolute_url(),
        "home": reverse("home"),
    }[name]
    for account, reads_all in ((staff, True), (liaison, False)):
        page = as_(account).get(address)
        text = (
            b"".join(page.streaming_content) if page.streaming else page.content
        ).decode()
        assert "[[" not in text
        if name != "home" or not reads_all:
            assert ("QUOKKA" in text) is reads_all
            assert REASON in text


def test_the_note_that_goes_round_has_the_reason_alone(
    as_: Any, staff: Any, marked: Action
) -> None:
    address = reverse("meeting_action_note", args=[marked.meeting_id])
    page = as_(staff).get(address).text
    assert "[[" not in page
    assert "QUOKKA" not in page
    assert f"[Withheld: {REASON}]" in page


def test_what_minutes_were_agreed_subject_to_shows_no_mark(
    as_: Any, staff: Any
) -> None:
    minutes = Minutes(by=staff).circulate()
    minutes.agree(changes=f"{MARKED}")
    meeting = minutes.meeting
    for address in (
        reverse("meeting", args=[meeting.pk]),
        reverse("minutes", args=[meeting.pk]),
    ):
        page = as_(staff).get(address).text
        assert "[[" not in page
        assert "QUOKKA" in page
        assert '<span class="app-withheld">Withheld: Personal information' in page
