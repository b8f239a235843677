"""Where the office sees whether the public reads the minutes of a meeting."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.publishing import standing_of, withdraw
from assurance.calendar import day_in_words
from meetings.models import Meeting
from meetings.record import from_json
from meetings.standing import standings
from meetings.versions import agreed_version, keep_version
from tests.factories import ActionFactory, MeetingFactory, decision
from tests.meetings.published import agree_now, publish_now, published_meeting

pytestmark = pytest.mark.django_db

BEFORE = timezone.localdate() - dt.timedelta(days=20)
TODAY = day_in_words(timezone.localdate())


def amended(meeting: Meeting, by: Any) -> None:
    agreed = agreed_version(meeting)
    assert agreed
    record = replace(from_json(agreed.content), venue="Another room")
    keep_version(
        record,
        meeting=meeting,
        kind="agreed",
        by=by,
        made_from=agreed,
        what="The venue",
        why="It was wrong",
    )


def words_of(meeting: Meeting) -> list[str]:
    found = standings([meeting])[meeting.pk]
    return [found.in_words, found.since_then]


def test_agreed_minutes_are_said_to_be_published_amended_and_withdrawn(staff):
    meeting = MeetingFactory(date=BEFORE, state="draft")
    assert standings([meeting]) == {}
    assert standing_of(meeting) is None
    agree_now(meeting, staff)
    assert words_of(meeting) == ["Not published", ""]
    publish_now(meeting, staff)
    assert words_of(meeting) == [f"Published version 1 on {TODAY}", ""]
    amended(meeting, staff)
    assert words_of(meeting) == [
        f"Published version 1 on {TODAY}",
        "Amended since publication",
    ]
    second = publish_now(meeting, staff, why="The venue was wrong")
    assert words_of(meeting) == [f"Published version 2 on {TODAY}", ""]
    withdraw(second, why="Wrong", by=staff)
    assert words_of(meeting) == [f"Version 2 withdrawn on {TODAY}", ""]


def test_the_overview_tells_that_an_action_has_moved_on_since_publication(as_, staff):
    meeting = MeetingFactory(date=BEFORE, state="draft")
    action = ActionFactory(meeting=meeting)
    publish_now(meeting, staff)
    address = reverse("meeting", args=[meeting.pk])
    page = as_(staff).get(address).text
    assert f"Published version 1 on {TODAY}" in page
    assert "The public reads them." in page
    assert "Changed since publication" not in page
    action.close(by=staff, decision=decision())
    page = as_(staff).get(address).text
    assert "Changed since publication" in page
    assert "The public still reads them as they were on" in page


def test_the_overview_of_minutes_not_published_says_so(as_, staff, commissioner):
    meeting = MeetingFactory(date=BEFORE, state="draft")
    agree_now(meeting, staff)
    for account in (staff, commissioner):
        page = as_(account).get(reverse("meeting", args=[meeting.pk])).text
        assert "Not published" in page
        assert "The public cannot read them." in page


@pytest.mark.parametrize("many", [1, 20])
def test_the_list_says_it_of_each_in_one_query(as_, staff, many):
    for _ in range(many):
        published_meeting(staff, date=BEFORE)
    agree_now(MeetingFactory(date=BEFORE), staff)
    client = as_(staff)
    client.get(reverse("meetings"))
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("meetings")).text
    assert len(queries) == 10
    assert page.count(f"Published version 1 on {TODAY}") == many
    assert page.count("Not published") == 1


def test_a_liaison_is_told_nothing_of_it(as_, liaison, staff):
    published_meeting(staff, date=BEFORE)
    assert "Published version" not in as_(liaison).get(reverse("meetings")).text


def test_the_office_finds_from_home_what_is_agreed_and_not_published(as_, staff):
    published_meeting(staff, date=BEFORE, title="Out already")
    waiting = MeetingFactory(date=BEFORE, title="Waits")
    agree_now(waiting, staff)
    home = as_(staff).get(reverse("home"))
    task = next(
        one
        for one in home.context["tasks"]
        if one.text == "Agreed minutes not published"
    )
    assert task.count == 1
    assert list(as_(staff).get(task.url).context["page"]) == [waiting]


def test_home_tells_the_commissioner_which_of_the_last_minutes_are_public(
    as_, commissioner, staff
):
    published_meeting(staff, date=BEFORE, title="Out already")
    agree_now(MeetingFactory(date=BEFORE, title="Waits"), staff)
    page = as_(commissioner).get(reverse("home")).text
    assert "Minutes agreed last" in page
    assert f"Published version 1 on {TODAY}" in page
    assert "Not published" in page
