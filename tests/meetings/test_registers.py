"""Meeting types, the agenda they start with, and themes."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assurance.models import User
from meetings.models import Kind, MeetingType, StandingItem, Theme
from tests.factories import (
    AgendaItemFactory,
    MeetingFactory,
    MeetingTypeFactory,
    StandingItemFactory,
    ThemeFactory,
)


def send(browser: Client, page: str, /, *args: int, **data: Any) -> Any:
    data["submission"] = uuid.uuid4()
    return browser.post(reverse(page, args=args), data)


def agenda(type_: MeetingType) -> list[str]:
    return [item.heading for item in type_.standing_items.all()]


@pytest.fixture
def monthly(db: None) -> MeetingType:
    type_ = MeetingTypeFactory(name="Monthly assurance meeting")
    for order, heading in enumerate(("Minutes", "Tracker", "AOB")):
        StandingItemFactory(type=type_, order=order, heading=heading)
    return type_


# The page of both registers


def test_registers_show_what_each_type_starts_with(
    as_: Any, commissioner: User, monthly: MeetingType
) -> None:
    MeetingFactory(type=monthly)
    MeetingTypeFactory(name="One to one", reviews_tracker=False, is_active=False)
    response = as_(commissioner).get(reverse("registers"))
    page = " ".join(response.content.decode().split())
    assert [
        (type_.name, type_.meetings_count) for type_ in response.context["types"]
    ] == [("Monthly assurance meeting", 1), ("One to one", 0)]
    assert "3 items" in page
    assert "<li>Minutes</li> <li>Tracker</li> <li>AOB</li>" in page
    assert page.count("No longer offered") == 1


def test_registers_count_what_is_on_each_theme(as_: Any, commissioner: User) -> None:
    workforce = ThemeFactory(name="Workforce")
    ThemeFactory(name="Mental health")
    for _ in range(2):
        MeetingFactory(themes=[workforce])
    AgendaItemFactory.create_batch(3, theme=workforce)
    themes = as_(commissioner).get(reverse("registers")).context["themes"]
    assert [(t.name, t.meetings_count, t.items_count) for t in themes] == [
        ("Mental health", 0, 0),
        ("Workforce", 2, 3),
    ]


def test_empty_registers_say_what_to_do(as_: Any, staff: User) -> None:
    page = as_(staff).get(reverse("registers")).content.decode()
    assert "Add one before the first meeting" in page
    assert "There are no themes yet" in page


def test_registers_ask_the_same_of_the_database_at_any_length(
    as_: Any, staff: User, django_assert_num_queries: Any
) -> None:
    browser = as_(staff)
    for count in (1, 30):
        for _ in range(count):
            StandingItemFactory()
            ThemeFactory()
        # Session, account, types, their items, themes.
        with django_assert_num_queries(5):
            browser.get(reverse("registers"))


# Meeting types


def test_a_new_type_leads_to_the_agenda_it_starts_with(as_: Any, staff: User) -> None:
    browser = as_(staff)
    response = send(
        browser,
        "type_new",
        name="Assurance  and accountability",
        usual_venue="Hindlip Hall",
        usual_start="10am",
        usual_end="12.30",
        reviews_tracker="on",
        is_active="on",
    )
    type_ = MeetingType.objects.get()
    assert response.url == reverse("type_edit", args=[type_.pk])
    assert type_.name == "Assurance and accountability"
    assert (type_.usual_start, type_.usual_end) == (dt.time(10), dt.time(12, 30))
    assert type_.reviews_tracker
    page = browser.get(response.url).content.decode()
    assert "Add the items its agenda always starts with" in page
    assert "start with an empty agenda" in page


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": ""}, "name", "Enter the name"),
        (
            {"name": "MONTHLY assurance  meeting"},
            "name",
            "There is a meeting type with this name already",
        ),
        ({"usual_start": "25:00"}, "usual_start", "Enter a time, like 10am or 14:30"),
        ({"usual_end": "9am"}, "usual_end", "Enter an end after the start, 10:00"),
        ({"usual_end": "10:00"}, "usual_end", "Enter an end after the start, 10:00"),
        ({"name": "x" * 121}, "name", "at most 120 characters"),
        ({"usual_venue": "x\x00"}, "usual_venue", "Null characters"),
    ],
)
def test_a_mistake_in_a_type_is_named_and_nothing_is_saved(
    as_: Any,
    staff: User,
    monthly: MeetingType,
    changes: dict[str, str],
    field: str,
    message: str,
) -> None:
    typed = {"name": "Weekly", "usual_venue": "Worcester", "usual_start": "10:00"}
    response = send(as_(staff), "type_new", **typed | changes)
    assert response.status_code == 422
    assert message in response.context["form"].errors[field][0]
    assert MeetingType.objects.count() == 1


def test_a_changed_type_leaves_its_meetings_as_they_are(
    as_: Any, staff: User, monthly: MeetingType
) -> None:
    meeting = MeetingFactory(type=monthly, venue="Worcester")
    send(
        as_(staff),
        "type_edit",
        monthly.pk,
        name="Monthly meeting",
        usual_venue="Hindlip",
    )
    monthly.refresh_from_db()
    meeting.refresh_from_db()
    assert (monthly.name, monthly.usual_venue) == ("Monthly meeting", "Hindlip")
    assert not monthly.is_active
    assert (meeting.type, meeting.venue) == (monthly, "Worcester")


# The agenda a type starts with


def test_a_new_item_comes_last(as_: Any, staff: User, monthly: MeetingType) -> None:
    response = send(
        as_(staff),
        "standing_new",
        monthly.pk,
        heading="Next meeting",
        kind=Kind.NEXT_MEETING,
    )
    assert response.url == f"{monthly.get_absolute_url()}#agenda"
    assert agenda(monthly) == ["Minutes", "Tracker", "AOB", "Next meeting"]
    item = monthly.standing_items.get(heading="Next meeting")
    assert (item.kind, item.is_numbered) == (Kind.NEXT_MEETING, False)


def test_an_item_is_changed_in_its_place(
    as_: Any, staff: User, monthly: MeetingType
) -> None:
    item = monthly.standing_items.get(heading="Tracker")
    send(
        as_(staff),
        "standing_edit",
        monthly.pk,
        item.pk,
        heading="Review of action tracker",
        kind=Kind.ACTION_TRACKER,
        is_numbered="on",
    )
    item.refresh_from_db()
    assert agenda(monthly) == ["Minutes", "Review of action tracker", "AOB"]
    assert item.kind == Kind.ACTION_TRACKER


@pytest.mark.parametrize(
    ("heading", "direction", "order"),
    [
        ("Tracker", "up", ["Tracker", "Minutes", "AOB"]),
        ("Tracker", "down", ["Minutes", "AOB", "Tracker"]),
        ("Minutes", "up", ["Minutes", "Tracker", "AOB"]),
        ("AOB", "down", ["Minutes", "Tracker", "AOB"]),
        ("AOB", "up", ["Minutes", "AOB", "Tracker"]),
    ],
)
def test_an_item_moves_one_place_by_a_button(
    as_: Any,
    staff: User,
    monthly: MeetingType,
    heading: str,
    direction: str,
    order: list[str],
) -> None:
    item = monthly.standing_items.get(heading=heading)
    response = as_(staff).post(
        reverse("standing_move", args=[monthly.pk, item.pk]), {"direction": direction}
    )
    assert response.url == f"{monthly.get_absolute_url()}#agenda"
    assert agenda(monthly) == order


def test_items_entered_with_the_same_order_can_be_told_apart_by_moving(
    as_: Any, staff: User
) -> None:
    type_ = MeetingTypeFactory()
    items = [
        StandingItemFactory(type=type_, order=0, heading=heading)
        for heading in ("One", "Two", "Three")
    ]
    as_(staff).post(
        reverse("standing_move", args=[type_.pk, items[2].pk]), {"direction": "up"}
    )
    assert agenda(type_) == ["One", "Three", "Two"]


def test_the_first_cannot_go_up_nor_the_last_down(
    as_: Any, staff: User, monthly: MeetingType
) -> None:
    page = as_(staff).get(monthly.get_absolute_url()).content.decode()
    assert page.count('value="up"') == page.count('value="down"') == 2


def test_moving_is_for_buttons_only(
    as_: Any, staff: User, monthly: MeetingType
) -> None:
    item = monthly.standing_items.first()
    page = reverse("standing_move", args=[monthly.pk, item.pk])
    assert as_(staff).get(page).status_code == 405


def test_removing_an_item_asks_first(
    as_: Any, staff: User, monthly: MeetingType
) -> None:
    browser, item = as_(staff), monthly.standing_items.get(heading="AOB")
    question = browser.get(reverse("standing_delete", args=[monthly.pk, item.pk]))
    assert "Remove “AOB” from this agenda?" in question.content.decode()
    assert agenda(monthly) == ["Minutes", "Tracker", "AOB"]
    response = send(browser, "standing_delete", monthly.pk, item.pk)
    assert agenda(monthly) == ["Minutes", "Tracker"]
    assert "“AOB” removed." in browser.get(response.url).content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"heading": ""}, "heading", "Enter the heading"),
        ({"heading": "x" * 301}, "heading", "at most 300 characters"),
        ({"kind": "party"}, "kind", "Choose the kind from the list"),
    ],
)
def test_a_mistake_in_an_item_is_named(
    as_: Any,
    staff: User,
    monthly: MeetingType,
    changes: dict[str, str],
    field: str,
    message: str,
) -> None:
    typed = {"heading": "Inspection", "kind": "inspection"}
    response = send(as_(staff), "standing_new", monthly.pk, **typed | changes)
    assert response.status_code == 422
    assert message in response.context["form"].errors[field][0]
    assert monthly.standing_items.count() == 3


def test_an_item_is_found_under_its_own_type_only(
    as_: Any, staff: User, monthly: MeetingType
) -> None:
    item, browser = monthly.standing_items.first(), as_(staff)
    other = MeetingTypeFactory()
    for name in ("standing_edit", "standing_move", "standing_delete"):
        page = reverse(name, args=[other.pk, item.pk])
        assert browser.post(page, {"direction": "up"}).status_code == 404
    assert StandingItem.objects.filter(pk=item.pk).exists()


# Themes


def test_a_theme_is_added_and_no_longer_offered(as_: Any, staff: User) -> None:
    browser = as_(staff)
    response = send(browser, "theme_new", name=" Mental   health ", is_active="on")
    assert response.url == reverse("registers")
    theme = Theme.objects.get()
    assert (theme.name, theme.is_active) == ("Mental health", True)
    send(browser, "theme_edit", theme.pk, name="Mental health")
    theme.refresh_from_db()
    assert not theme.is_active
    page = browser.get(reverse("registers")).content.decode()
    assert "It is no longer offered; what is on it stays so." in page


def test_two_spellings_of_a_theme_are_one(as_: Any, staff: User) -> None:
    ThemeFactory(name="Mental health")
    response = send(as_(staff), "theme_new", name="mental  Health")
    assert response.status_code == 422
    assert response.context["form"].errors["name"] == [
        "There is a theme with this name already"
    ]


# Who may


def edit_pages(type_: MeetingType) -> list[str]:
    item = type_.standing_items.first()
    assert item is not None
    return [
        reverse("type_new"),
        reverse("type_edit", args=[type_.pk]),
        reverse("standing_new", args=[type_.pk]),
        reverse("standing_edit", args=[type_.pk, item.pk]),
        reverse("standing_move", args=[type_.pk, item.pk]),
        reverse("standing_delete", args=[type_.pk, item.pk]),
        reverse("theme_new"),
        reverse("theme_edit", args=[ThemeFactory().pk]),
    ]


def test_the_commissioner_reads_registers_and_does_not_change_them(
    as_: Any, commissioner: User, monthly: MeetingType
) -> None:
    browser = as_(commissioner)
    pages = edit_pages(monthly)
    overview = browser.get(reverse("registers")).content.decode()
    for page in pages:
        assert browser.get(page).status_code == 403
        assert browser.post(page, {"name": "X", "heading": "X"}).status_code == 403
        assert page not in overview
    assert agenda(monthly) == ["Minutes", "Tracker", "AOB"]


def test_a_liaison_sees_no_registers(
    as_: Any, liaison: User, monthly: MeetingType
) -> None:
    for page in (reverse("registers"), *edit_pages(monthly)):
        assert as_(liaison).get(page).status_code == 403


def test_a_stranger_is_led_to_sign_in(client: Client, monthly: MeetingType) -> None:
    for page in (reverse("registers"), *edit_pages(monthly)):
        assert client.get(page).url.startswith(reverse("account_login"))


def test_what_never_was_is_not_found(as_: Any, staff: User) -> None:
    for name in ("type_edit", "theme_edit", "standing_new"):
        assert as_(staff).get(reverse(name, args=[10**30])).status_code == 404
