"""The list of meetings: its order, what finds them, what it says when empty."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    AgendaItemFactory,
    MeetingFactory,
    MeetingTypeFactory,
    ThemeFactory,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
SOON = TODAY + dt.timedelta(days=20)
LATER = TODAY + dt.timedelta(days=50)
BEFORE = TODAY - dt.timedelta(days=20)


def test_planned_ones_come_earliest_first_and_past_ones_latest_first(as_, staff):
    for date, title in [(LATER, "Later"), (SOON, "Soon"), (TODAY, "Today")]:
        MeetingFactory(date=date, title=title)
    for days in (30, 5, 60):
        date = TODAY - dt.timedelta(days=days)
        MeetingFactory(date=date, state="draft", title=f"{days} days ago")
    page = as_(staff).get(reverse("meetings"))
    assert [m.title for m in page.context["planned"]] == ["Today", "Soon", "Later"]
    assert [m.title for m in page.context["page"]] == [
        "5 days ago",
        "30 days ago",
        "60 days ago",
    ]


def test_a_planned_meeting_whose_day_has_passed_is_said_to_be_not_recorded(as_, staff):
    MeetingFactory(date=BEFORE)
    page = as_(staff).get(reverse("meetings"))
    assert "Not recorded" in page.text
    assert "No meeting is planned" in page.text


def test_an_empty_list_says_what_to_do(as_, staff, commissioner):
    page = as_(staff).get(reverse("meetings"))
    assert "Plan the next one" in page.text
    assert "New meeting" not in as_(commissioner).get(reverse("meetings")).text


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_costs_the_same_for_one_meeting_and_for_thirty(as_, staff, many):
    for _ in range(many):
        theme = ThemeFactory()
        MeetingFactory(date=SOON, themes=[theme])
        MeetingFactory(date=BEFORE, state="draft", themes=[theme])
    client = as_(staff)
    client.get(reverse("meetings"))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("meetings"))
    assert len(queries) == 10


def test_past_meetings_are_paged_and_no_page_number_breaks_the_list(as_, staff):
    type_ = MeetingTypeFactory()
    for number in range(26):
        date = BEFORE - dt.timedelta(days=number)
        MeetingFactory(type=type_, date=date, state="draft")
    client = as_(staff)
    assert len(client.get(reverse("meetings"), {"page": 2}).context["page"]) == 1
    for strange in ("1" + "0" * 30, "-1", "x", "9" * 5000):
        page = client.get(reverse("meetings"), {"page": strange})
        assert page.status_code == 200
        assert page.context["page"].paginator.count == 26


def test_meetings_are_found_by_type_year_theme_and_words(as_, staff):
    theme = ThemeFactory(name="Rural crime")
    wanted = MeetingFactory(
        title="Barns and tractors", date=dt.date(2024, 5, 1), themes=[theme]
    )
    AgendaItemFactory(meeting=wanted, heading="Hare coursing")
    MeetingFactory(title="Custody", date=dt.date(2025, 5, 1))
    for query in (
        {"type": wanted.type_id},
        {"year": 2024},
        {"theme": theme.pk},
        {"q": "tractors BARNS"},
        {"q": "coursing"},
    ):
        page = as_(staff).get(reverse("meetings"), query)
        assert [m.pk for m in page.context["page"]] == [wanted.pk], query
        assert "<strong>1</strong> of 2 meetings" in page.text
    assert "No past or cancelled meeting matches" in (
        as_(staff).get(reverse("meetings"), {"q": "tractors custody"}).text
    )


def test_each_link_on_the_home_page_leads_to_as_many_meetings_as_it_says(as_, staff):
    for _ in range(2):
        MeetingFactory(date=BEFORE, state="draft")
    MeetingFactory(date=SOON, state="draft")
    MeetingFactory(date=BEFORE)
    for state, date in [("planned", SOON), ("planned", TODAY), ("in_progress", BEFORE)]:
        MeetingFactory(date=date, state=state)
    client = as_(staff)
    tasks = {
        task.url: task.count
        for task in client.get(reverse("home")).context["tasks"]
        if task.url.startswith(f"{reverse('meetings')}?")
    }
    assert sorted(tasks.values()) == [0, 1, 3]
    for url, count in tasks.items():
        page = client.get(url)
        assert page.context["found"] == count
        assert f"<strong>{count}</strong> of 7 meetings" in page.text
    planned = client.get(reverse("meetings"), {"state": "planned"})
    assert [m.date for m in planned.context["planned"]] == [TODAY, SOON]
    assert "Not recorded</strong>" not in planned.text


def test_a_liaison_is_not_told_the_state_of_a_meeting(as_, liaison):
    MeetingFactory(date=SOON)
    MeetingFactory(date=TODAY, state="in_progress")
    client = as_(liaison)
    everything = client.get(reverse("meetings"))
    assert "In progress" not in everything.text
    for state in ("planned", "in_progress", "not-recorded", "draft", "strange"):
        page = client.get(reverse("meetings"), {"state": state})
        assert page.status_code == 200
        assert page.context["planned"] == everything.context["planned"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"theme": "999"}, "Choose the theme again: what was asked for is not there"),
        ({"theme": "1" + "0" * 30}, "Choose the theme again"),
        ({"type": "x"}, "Choose the type again"),
        ({"year": "1900"}, "Choose the year again"),
        ({"state": "strange"}, "Choose the state again"),
        ({"q": "a\x00b"}, "Null characters are not allowed"),
        ({"q": "a" * 201}, "at most 200 characters"),
    ],
)
def test_a_query_that_is_not_understood_is_answered_with_a_sentence(
    as_, staff, query, sentence
):
    MeetingFactory(date=SOON, title="Still listed")
    page = as_(staff).get(reverse("meetings"), query)
    assert page.status_code == 422
    assert sentence in page.text
    assert "Still listed" in page.text


def test_the_filter_offers_types_of_meetings_that_the_visitor_may_know_of(
    as_, liaison, staff
):
    MeetingFactory(type__name="To come", date=timezone.localdate(), state="planned")
    MeetingFactory(type__name="Held in private", state="draft")

    def offered(user) -> set[str]:
        field = as_(user).get(reverse("meetings")).context["form"].fields["type"]
        return {type_.name for type_ in field.queryset}

    assert offered(liaison) == {"To come"}
    assert offered(staff) == {"To come", "Held in private"}
