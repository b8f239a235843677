"""The cards of actions beside the notes: what was not understood, and changing it."""

import datetime as dt
import re
from html import unescape

import pytest
from django.urls import reverse

from actions.models import Action, Update
from actions.spoken import raise_spoken
from meetings.models import AgendaItem, Meeting
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
)
from tests.meetings.pages import as_shown, said

pytestmark = pytest.mark.django_db
UNKNOWN = "“RC” was not recognised as an owner"
COST = 12  # queries of the page
BESIDE = {"HX-Request": "true"}


@pytest.fixture
def item() -> AgendaItem:
    meeting = MeetingFactory(state="in_progress", date=dt.date(2025, 8, 4))
    force = OrganisationFactory(name="West Mercia Police", short_names="Force, WMP")
    AttendeeFactory(
        meeting=meeting,
        person__name="Rachel Jones",
        capacity="Director of Business Services",
        abbreviation="DBS",
        organisation=force,
    )
    return AgendaItemFactory(meeting=meeting, heading="Leadership")


@pytest.fixture
def action(item, staff) -> Action:
    text = "DBS and RC to share the plan by next Tuesday"
    return raise_spoken(meeting=item.meeting, item=item, text=text, by=staff)


def page_of(item: AgendaItem) -> str:
    return f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"


def change_of(action: Action) -> str:
    return reverse(
        "minutes_action", args=[action.meeting_id, action.item_id, action.pk]
    )


def change(client, action: Action, *, beside: bool = False, **changes):
    url = change_of(action)
    data = as_shown(client.get(url).context["form"], **changes)
    return client.post(url, data, headers=BESIDE if beside else {})


# What was not understood


def test_the_card_says_who_was_not_recognised_until_owners_are_chosen(
    as_, staff, item, action
) -> None:
    client = as_(staff)
    assert UNKNOWN in client.get(page_of(item)).text
    council = OrganisationFactory(short_names="Council")
    owner = action.owners.get()
    change(client, action, owner_2=f"organisation-{council.pk}")
    assert action.owners.count() == 2
    assert owner in action.owners.all()
    assert UNKNOWN not in client.get(page_of(item)).text


def test_who_is_on_the_list_later_is_no_owner_unsaid(as_, staff, item, action) -> None:
    AttendeeFactory(
        meeting=item.meeting,
        person__name="Ron Cope",
        abbreviation="RC",
        organisation=OrganisationFactory(short_names="FRS"),
    )
    page = as_(staff).get(page_of(item)).text
    assert UNKNOWN not in page
    assert re.search(r"“FRS, .*Ron Cope” is named in it, and is no owner yet", page)


def test_other_wording_that_names_nobody_unknown_says_nothing(
    as_, staff, item, action
) -> None:
    change(as_(staff), action, text="DBS to share the plan")
    assert "was not recognised" not in as_(staff).get(page_of(item)).text


def test_owners_that_were_never_those_of_the_words_are_not_doubted(
    as_, staff, item, action
) -> None:
    council = OrganisationFactory(short_names="Council")
    ActionFactory(
        meeting=item.meeting, item=item, text="XY to do it", organisation=council
    )
    page = as_(staff).get(page_of(item)).text
    assert UNKNOWN in page
    assert "“XY”" not in page


def test_why_a_due_stays_unset_is_on_the_card_until_one_is_set(
    as_, staff, item
) -> None:
    raise_spoken(
        meeting=item.meeting, item=item, text="DBS to act by next Friday", by=staff
    )
    action = Action.objects.get()
    why = "No due date is set from “by next Friday”. It may mean that of this week"
    assert why in as_(staff).get(page_of(item)).text
    change(as_(staff), action, due_kind="date", due_on="15/8/2025")
    action.refresh_from_db()
    assert action.due_on == dt.date(2025, 8, 15)
    assert why not in as_(staff).get(page_of(item)).text


def test_what_was_understood_is_said_in_a_line_when_it_is_saved(
    as_, staff, item
) -> None:
    client = as_(staff)
    form = client.get(page_of(item)).context["form"]
    data = as_shown(form, quick="DBS and RC to share the plan in a month")
    sent = client.post(page_of(item), data)
    reference = Action.objects.get().reference
    line = f"Action {reference} added: DBS, due 4 September 2025. {UNKNOWN}"
    assert line in said(sent)


# Changing it


def test_wording_owners_and_due_are_changed_at_once_without_a_reason(
    as_, staff, item, action
) -> None:
    client = as_(staff)
    council = OrganisationFactory(short_names="Council")
    sent = change(
        client,
        action,
        text="Share the plan",
        owner_1=f"organisation-{council.pk}",
        due_kind="date",
        due_on="30/9/2025",
        due_words="by the end of September",
    )
    assert sent.url == f"{page_of(item)}#actions"
    action.refresh_from_db()
    assert action.text == "Share the plan"
    assert [str(owner) for owner in action.owners.all()] == ["Council"]
    assert (action.due_on, action.due_words) == (
        dt.date(2025, 9, 30),
        "by the end of September",
    )
    assert "saved: Council, due 30 September 2025" in said(sent)
    assert {row.what for row in action.updates.all()} == {
        Update.What.RAISED,
        Update.What.EDITED,
        Update.What.OWNERS,
        Update.What.DUE_SET,
    }


def test_beside_the_notes_the_form_comes_alone_and_the_cards_come_back(
    as_, staff, item, action
) -> None:
    client = as_(staff)
    alone = client.get(change_of(action), headers=BESIDE)
    assert "<html" not in alone.text
    assert "change_text" in alone.text
    answer = change(client, action, beside=True, text="Share it all").json()
    assert "Share it all" in answer["cards"]
    assert answer["said"].startswith(f"Action {action.reference} saved: DBS")
    refused = change(client, action, beside=True, due_kind="date", due_on="yesterday")
    assert refused.status_code == 422
    assert "<html" not in refused.text
    assert "yesterday" in refused.text


def test_a_due_before_the_meeting_is_refused_and_nothing_is_saved(
    as_, staff, item, action
) -> None:
    page = change(
        as_(staff), action, text="Other words", due_kind="date", due_on="1/1/2025"
    )
    assert page.status_code == 422
    assert "after the meeting date, 4 August 2025" in page.text
    assert "Other words" in page.text
    action.refresh_from_db()
    assert action.text.startswith("DBS and RC")


@pytest.mark.parametrize(
    ("which", "theirs"),
    [
        ("owners", "Choose the owner again"),
        ("due", "1 October 2025"),
        ("text", "Theirs"),
    ],
)
def test_what_somebody_else_chose_meanwhile_is_not_undone_unseen(
    as_, staff, administrator, item, action, which, theirs
) -> None:
    client = as_(staff)
    data = as_shown(client.get(change_of(action)).context["form"])
    council = OrganisationFactory(short_names="Council")
    if which == "owners":
        change(as_(administrator), action, owner_1=f"organisation-{council.pk}")
    elif which == "due":
        change(as_(administrator), action, due_kind="date", due_on="1/10/2025")
    else:
        change(as_(administrator), action, text="Theirs")
    page = as_(staff).post(change_of(action), data | {"text": "Mine"})
    assert page.status_code == 422
    assert theirs in page.text
    assert "Mine" in page.text
    action.refresh_from_db()
    assert action.text != "Mine"


def test_once_it_is_issued_the_full_form_and_a_reason_are_needed(
    as_, staff, item, action
) -> None:
    client = as_(staff)
    data = as_shown(client.get(change_of(action)).context["form"])
    Action.objects.update(issued_at="2025-08-05T12:00Z")
    assert "/edit/?from=minutes" in client.get(change_of(action)).url
    page = client.post(
        change_of(action), data | {"due_kind": "date", "due_on": "1/10/2025"}
    )
    assert page.status_code == 422
    assert "issued or settled" in page.text
    action.refresh_from_db()
    assert action.due_on is None


def test_what_is_frozen_stays(as_, staff, item, action) -> None:
    client = as_(staff)
    data = as_shown(client.get(change_of(action)).context["form"])
    Meeting.objects.update(state="agreed")
    assert client.get(change_of(action)).status_code == 302
    page = client.post(change_of(action), data | {"text": "Other"})
    assert page.status_code == 422
    assert "agreed" in page.text
    action.refresh_from_db()
    assert action.text.startswith("DBS")


def test_only_the_office_changes_it_and_only_at_its_item(
    as_, client, liaison, commissioner, staff, item, action
) -> None:
    for user in (liaison, commissioner):
        assert as_(user).get(change_of(action)).status_code == 403
        assert as_(user).post(change_of(action), {"text": "x"}).status_code == 403
    other = AgendaItemFactory(meeting=item.meeting)
    elsewhere = reverse("minutes_action", args=[item.meeting_id, other.pk, action.pk])
    assert as_(staff).get(elsewhere).status_code == 404
    client.logout()
    assert "login" in client.get(change_of(action)).url


# Choosing owners


def test_nobody_is_offered_twice_as_an_owner(as_, staff, item, action) -> None:
    page = unescape(as_(staff).get(change_of(action)).text)
    first = page.partition('name="owner_1"')[2].partition("</select>")[0]
    labels = re.findall(r"<option[^>]*>([^<]*)", first)
    assert sum("Rachel Jones" in label for label in labels) == 1
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("many", [1, 30])
def test_many_cards_cost_what_one_does(
    as_, staff, item, many, django_assert_num_queries
) -> None:
    for _ in range(many):
        raise_spoken(meeting=item.meeting, item=item, text="DBS to act", by=staff)
    client = as_(staff)
    client.get(page_of(item))
    with django_assert_num_queries(COST):
        client.get(page_of(item))
