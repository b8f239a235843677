"""The tracker: its numbers, lists, filters and the row of an action."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from actions.models import Due, Owner, Update
from actions.operations import send_update
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    PersonFactory,
    ThemeFactory,
    UserFactory,
    decision,
)

pytestmark = pytest.mark.django_db

URL = reverse("tracker")


def days(count: int) -> Due:
    """Due so many days from today."""
    return Due.on_date(timezone.localdate() + dt.timedelta(days=count))


def past_meeting(**kwargs):
    kwargs.setdefault("date", timezone.localdate() - dt.timedelta(days=60))
    return MeetingFactory(state="draft", **kwargs)


@pytest.fixture
def next_meeting():
    return MeetingFactory(date=timezone.localdate() + dt.timedelta(days=9))


@pytest.fixture
def raised_at():
    return past_meeting()


@pytest.fixture
def action(raised_at):
    def make(due=None, **kwargs):
        kwargs.setdefault("meeting", raised_at)
        kwargs.setdefault("organisation", OrganisationFactory())
        return ActionFactory(due=due, **kwargs)

    return make


def references(response) -> list[str]:
    return [row.reference for group in response.context["groups"] for row in group.rows]


def test_the_title_has_the_answer_in_it(as_, staff, action):
    action(days(-3))
    action(days(30))
    page = as_(staff).get(URL)
    assert "<title>Actions: 2 unresolved, 1 overdue" in page.text


def test_the_list_for_review_is_grouped_by_reason_each_action_once(
    as_, commissioner, action, next_meeting
):
    late = action(days(-3))
    action(days(-5)).propose_closure("Done", by=commissioner)
    due = action(days(5))
    action(days(30))
    undated = action()
    page = as_(commissioner).get(URL, {"list": "review"})
    groups = page.context["groups"]
    assert [(g.reason.label, g.total) for g in groups] == [
        ("Awaiting a decision", 1),
        ("Overdue", 1),
        ("Due by this meeting", 1),
        ("No date or no owner", 1),
    ]
    assert references(page)[1:] == [late.reference, due.reference, undated.reference]
    assert "3 days overdue" in page.text


def test_it_says_so_when_no_meeting_is_planned(as_, staff, action):
    action(days(-3))
    page = as_(staff).get(URL, {"list": "review"})
    assert "No meeting that reviews the action tracker is planned" in page.text
    assert len(references(page)) == 1


def test_the_most_urgent_come_first(as_, staff, action):
    later, undated, late, latest = (
        action(days(30)),
        action(),
        action(days(-1)),
        action(days(-9)),
    )
    expected = [latest, late, undated, later]
    assert references(as_(staff).get(URL)) == [a.reference for a in expected]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("due", [0, 1, 2]), ("-due", [1, 0, 2]), ("reference", [2, 0, 1])],
)
def test_headings_sort_and_say_so(as_, staff, action, sort, order):
    third, first, second = action(), action(days(1)), action(days(2))
    page = as_(staff).get(URL, {"sort": sort})
    made = [first, second, third]
    assert references(page) == [made[n].reference for n in order]
    assert page.text.count("aria-sort=") == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [("unresolved", 2), ("resolved", 1), ("all", 3), ("nonsense", 2), ("review", 1)],
)
def test_each_tab_lists_what_its_number_says(as_, staff, action, name, expected):
    action(days(-3))
    action(days(30))
    action(days(3)).close(by=staff, decision=decision())
    page = as_(staff).get(URL, {"list": name})
    assert len(references(page)) == expected == page.context["tab"].count


# Filters


@pytest.fixture
def sample(action, raised_at):
    """One action that each filter of the tests below finds, and one it does not."""
    workforce = ThemeFactory(name="Workforce")
    meeting = past_meeting(themes=[workforce])
    wanted = action(
        days(-3),
        meeting=meeting,
        item=AgendaItemFactory(meeting=meeting),
        text="Share the vetting plan",
        organisation=None,
        owners=[owner(OrganisationFactory(name="West Mercia Police"))],
        issued=False,
        other_wording="Vetting, once more",
    )
    action(days(40), text="Report on speeding").add_update("Begun", by=UserFactory())
    return wanted


def owner(organisation):

    return Owner(
        organisation=organisation,
        post="Director of Business Services",
        person=PersonFactory(name="Rachel Hartland-Lane"),
    )


@pytest.mark.parametrize(
    "query",
    [
        {"q": "VETTING share"},
        {"flag": "overdue"},
        {"flag": "not-issued"},
        {"flag": "not-started"},
        {"flag": "reason-2"},
        {"owner": "business services"},
        {"owner": "hartland"},
        {"due_to": "today"},
        {"organisation": "theirs"},
        {"theme": "theirs"},
        {"meeting": "theirs"},
        {"q": "reference"},
    ],
)
def test_each_filter_finds_what_it_says_and_nothing_else(as_, staff, sample, query):
    theirs = {
        "organisation": sample.owners.get().organisation_id,
        "meeting": sample.meeting_id,
        "theme": sample.meeting.themes.get().pk,
        "q": sample.reference,
        "due_to": f"{timezone.localdate():%d/%m/%Y}",
    }
    sent = {
        name: theirs[name] if value in ("theirs", "reference", "today") else value
        for name, value in query.items()
    }
    page = as_(staff).get(URL, sent)
    assert references(page) == [sample.reference]
    assert "<strong>1</strong> of 2 actions" in page.text
    assert page.text.count("Remove this filter") == 1


def test_the_theme_of_its_item_finds_an_action_too(as_, staff, sample):
    sample.item.theme = ThemeFactory(name="Vetting")
    sample.item.save()
    page = as_(staff).get(URL, {"theme": sample.item.theme.pk})
    assert references(page) == [sample.reference]


def test_filters_survive_sorting_and_paging(as_, staff, action):
    for _ in range(55):
        action(days(-3))
    page = as_(staff).get(URL, {"flag": "overdue", "list": "unresolved"})
    assert "flag=overdue&amp;list=unresolved&amp;page=2" in page.text
    assert "flag=overdue&amp;list=unresolved&amp;sort=due" in page.text
    second = as_(staff).get(URL, {"flag": "overdue", "list": "unresolved", "page": 2})
    assert len(references(second)) == 5
    assert "Showing 51 to 55" in second.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"theme": "999999"}, "Choose the theme again"),
        ({"theme": "1" + "0" * 30}, "Choose the theme again"),
        ({"flag": "lost"}, "Choose the flag from the list"),
        ({"due_from": "31/2/2025"}, "Enter a real date, like 4 September 2025"),
        ({"q": "a\0b"}, "Null characters are not allowed"),
        ({"organisation": "x\0"}, "Null characters are not allowed"),
    ],
)
def test_what_cannot_be_filtered_by_is_said_and_kept(
    as_, staff, sample, query, sentence
):
    page = as_(staff).get(URL, query)
    assert page.status_code == 422
    assert sentence in page.text
    assert 'class="moj-filter' in page.text


@pytest.mark.parametrize("number", ["1" + "0" * 30, "-1", "x", "0", "٣"])
def test_an_impossible_page_gives_the_nearest_one(as_, staff, action, number):
    action(days(-3))
    assert len(references(as_(staff).get(URL, {"page": number}))) == 1


# What a row says


def test_a_row_says_where_raised_who_owns_it_when_due_and_the_latest_word(
    as_, staff, sample
):
    send_update(
        sample, "The plan is with the chief", by=staff, provided_by="Staff Officer"
    )
    sample.issue(by=staff)
    sample.redate(days(-2), "Late", by=staff, decision=decision())
    page = as_(staff).get(URL, {"flag": "overdue"})
    for words in (
        sample.item.heading,
        "Director of Business Services, Rachel Hartland-Lane",
        "moved once",
        "2 days overdue; date moved once",
        "The plan is with the chief",
    ):
        assert words in page.text


def test_office_notes_are_not_the_latest_word(as_, staff, action):
    action(days(3)).add_note("Between ourselves", by=staff)
    page = as_(staff).get(URL)
    assert "Between ourselves" not in page.text
    assert "Not started" in page.text


def test_a_returned_action_says_so(as_, staff, action):
    one = action(days(3))
    one.propose_closure("Done", by=staff)
    one.return_to_owner("Not enough", by=staff, decision=decision())
    assert ">Returned<" in as_(staff).get(URL).text


# Who sees what


def test_a_stranger_signs_in_first(client):
    assert client.get(URL).url.startswith(reverse("account_login"))


def test_a_liaison_sees_own_actions_and_no_other_names(as_, liaison, action):
    own = action(days(3), organisation=liaison.organisation)
    secret = OrganisationFactory(name="Secret Partner")
    action(
        days(3), organisation=secret, text="Hush", meeting=past_meeting(title="Sealed")
    )
    page = as_(liaison).get(URL, {"filters": "show"})
    assert references(page) == [own.reference]
    assert "Secret Partner" not in page.text
    assert "Sealed" not in page.text
    assert "Add an action" not in page.text


def test_a_liaison_gets_no_actions_by_guessing_a_filter(as_, liaison, action):
    secret = OrganisationFactory()
    action(days(3), organisation=secret)
    page = as_(liaison).get(URL, {"organisation": secret.pk})
    assert page.status_code == 422
    assert references(page) == []


def test_a_liaison_does_not_search_what_they_do_not_see(as_, liaison, action):
    theme = ThemeFactory(name="Covert")
    meeting = past_meeting()
    hidden = AgendaItemFactory(
        meeting=meeting,
        theme=theme,
        restricted=True,
        withheld=True,
        withheld_reason="s31",
    )
    own = {"organisation": liaison.organisation, "meeting": meeting}
    action(item=hidden, text="Plan", other_wording="misconduct", **own)
    shown = action(item=AgendaItemFactory(meeting=meeting, theme=theme), **own)
    found = as_(liaison).get(URL, {"q": "misconduct"})
    assert references(found) == []
    found = as_(liaison).get(URL, {"theme": theme.pk})
    assert references(found) == [shown.reference]


def test_a_reason_counts_what_is_found_on_all_pages(as_, staff, action, monkeypatch):
    monkeypatch.setattr("actions.views.tracker.PER_PAGE", 2)
    for _ in range(5):
        action(days(-3))
    page = as_(staff).get(URL, {"list": "review", "flag": "overdue"})
    assert [(len(g.rows), g.total) for g in page.context["groups"]] == [(2, 5)]


def test_what_is_on_no_list_gives_no_reasons(as_, staff, action, next_meeting):
    one = action(due=days(3))
    until = timezone.localdate() + dt.timedelta(days=90)
    one.hold("Audit", until=until, by=staff, decision=decision())
    page = as_(staff).get(URL)
    assert page.context["groups"][0].rows[0].reasons == []


@pytest.mark.parametrize("name", ["review", "unresolved", "all"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    as_, staff, action, next_meeting, django_assert_max_num_queries, name
):
    client = as_(staff)

    def fill(count):
        for _ in range(count):
            one = action(
                days(-3), owners=[owner(OrganisationFactory())], organisation=None
            )
            one.add_update("Begun", by=UserFactory())
            AttendeeFactory(meeting=one.meeting)

    def queries():
        with django_assert_max_num_queries(15) as found:
            client.get(URL, {"list": name, "filters": "show"})
        return len(found)

    fill(1)
    one_row = queries()
    fill(29)
    assert queries() == one_row


def test_updates_asking_for_a_date_show_under_awaiting(as_, staff, action):
    one = action(days(-3))
    send_update(
        one,
        "Late supplier",
        by=staff,
        asks=Update.Asks.DATE,
        asked_due_on=timezone.localdate() + dt.timedelta(days=20),
    )
    page = as_(staff).get(URL, {"list": "review"})
    assert page.context["groups"][0].reason.label == "Awaiting a decision"


def test_a_liaison_does_not_see_a_word_from_before_it_was_issued(as_, liaison, staff):
    action = ActionFactory(organisation=liaison.organisation, issued=False)
    action.add_update("Talked it over with the chief", by=staff)
    action.issue(by=staff)
    for page in ("tracker", "home"):
        assert "Talked it over" not in as_(liaison).get(reverse(page)).text
    assert "Talked it over" in as_(staff).get(reverse("tracker")).text
