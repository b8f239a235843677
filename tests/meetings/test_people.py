"""People named in minutes: the list, the posts they held, the account they use."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assurance.models import User
from meetings.models import Attendee, Meeting, Person
from tests.factories import (
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    PersonFactory,
    UserFactory,
)


def at(
    person: Person, year: int, capacity: str, organisation: Any = None, **more: Any
) -> Attendee:
    """The person at the meeting of 1 March of a year."""
    meeting = MeetingFactory(date=dt.date(year, 3, 1), state=Meeting.State.DRAFT)
    return AttendeeFactory(
        meeting=meeting,
        person=person,
        capacity=capacity,
        organisation=organisation,
        **more,
    )


def posts(as_: Any, user: User, person: Person) -> list[tuple[str, str, list[int]]]:
    response = as_(user).get(person.get_absolute_url())
    return [
        (post.post, post.organisation, [a.meeting.date.year for a in post.attendances])
        for post in response.context["posts"]
    ]


# What somebody was over time


def test_one_person_held_two_posts_one_after_the_other(
    as_: Any, commissioner: User
) -> None:
    person = PersonFactory(name="Ada Newman")
    at(person, 2020, "Assistant Policy Officer")
    at(person, 2021, "Assistant Policy Officer")
    at(person, 2025, "Senior Policy Officer")
    assert posts(as_, commissioner, person) == [
        ("Senior Policy Officer", "", [2025]),
        ("Assistant Policy Officer", "", [2021, 2020]),
    ]
    page = as_(commissioner).get(person.get_absolute_url()).content.decode()
    assert "1 March 2020 to 1 March 2021, 2 meetings" in page


def test_acting_in_a_post_and_then_holding_it_is_one_post(
    as_: Any, commissioner: User
) -> None:
    person, force = PersonFactory(), OrganisationFactory(name="West Mercia Police")
    at(person, 2020, "T/Chief Constable", force, abbreviation="T/CC")
    at(person, 2021, "Temporary Chief Constable", force)
    at(person, 2022, "chief constable", force)
    assert posts(as_, commissioner, person) == [
        ("chief constable", "West Mercia Police", [2022, 2021, 2020])
    ]
    page = as_(commissioner).get(person.get_absolute_url()).content.decode()
    assert "T/Chief Constable (T/CC)" in page


def test_the_same_post_elsewhere_is_another_one(as_: Any, commissioner: User) -> None:
    person = PersonFactory()
    here, there = OrganisationFactory(name="Here"), OrganisationFactory(name="There")
    at(person, 2020, "Chief Constable", there)
    at(person, 2021, "Chief Constable", here)
    at(person, 2022, "Chief Constable", there)
    assert [
        organisation for _, organisation, _ in posts(as_, commissioner, person)
    ] == [
        "There",
        "Here",
        "There",
    ]


def test_a_meeting_without_a_capacity_says_so(as_: Any, commissioner: User) -> None:
    person = PersonFactory()
    at(person, 2020, "")
    page = as_(commissioner).get(person.get_absolute_url()).content.decode()
    assert "No capacity recorded" in page


def test_how_they_were_there_is_said_with_the_meeting(
    as_: Any, commissioner: User
) -> None:
    person = PersonFactory()
    at(person, 2020, "PCC", attendance="present", role="chair")
    at(person, 2021, "PCC", attendance="apologies")
    page = as_(commissioner).get(person.get_absolute_url()).content.decode()
    assert ">Present, chair</td>" in page
    assert ">Apologies</td>" in page


def test_somebody_on_no_list_says_where_posts_come_from(as_: Any, staff: User) -> None:
    person = PersonFactory(name="Ada Newman")
    page = as_(staff).get(person.get_absolute_url()).content.decode()
    assert "Ada Newman is not on the list of any meeting yet" in page


# The list


def test_the_list_tells_what_each_was_last(as_: Any, commissioner: User) -> None:
    person = PersonFactory(name="Ada Newman")
    at(person, 2025, "Senior Policy Officer", OrganisationFactory(name="The office"))
    at(person, 2020, "Assistant Policy Officer")
    at(person, 2026, "")
    row = as_(commissioner).get(reverse("people")).context["page"][0]
    assert (row.last_capacity, row.last_organisation) == (
        "Senior Policy Officer",
        "The office",
    )
    assert row.last_on == dt.date(2025, 3, 1)
    assert row.meetings_count == 3


def test_people_are_found_by_any_part_of_their_name(as_: Any, staff: User) -> None:
    for name in ("Rachel Hartland-Lane", "Leanne Lowe", "John Campion"):
        PersonFactory(name=name)
    browser = as_(staff)
    for query, names in {
        "lane": ["Rachel Hartland-Lane"],
        "lane rachel": ["Rachel Hartland-Lane"],
        "le": ["Leanne Lowe"],
        "n": ["John Campion", "Leanne Lowe", "Rachel Hartland-Lane"],
        "nobody": [],
        "\x00": ["John Campion", "Leanne Lowe", "Rachel Hartland-Lane"],
        "x" * 10_000: [],
    }.items():
        response = browser.get(reverse("people"), {"q": query})
        assert [person.name for person in response.context["page"]] == names


def test_a_list_without_people_says_where_they_come_from(
    as_: Any, staff: User, commissioner: User
) -> None:
    page = as_(staff).get(reverse("people")).content.decode()
    assert "There is nobody here yet" in page
    assert "Add a person" in page
    page = as_(commissioner).get(reverse("people")).content.decode()
    assert "Add a person" not in page


def test_the_list_is_paged_and_takes_any_page_number(as_: Any, staff: User) -> None:
    PersonFactory.create_batch(51)
    browser = as_(staff)
    for number, size in (
        ("1", 50),
        ("2", 1),
        ("1" + "0" * 30, 1),
        ("-3", 1),
        ("x", 50),
    ):
        response = browser.get(reverse("people"), {"page": number})
        assert len(response.context["page"]) == size
    assert "Showing 1 to 50" in browser.get(reverse("people")).content.decode()


def test_lists_ask_the_same_of_the_database_at_any_length(
    as_: Any, staff: User, django_assert_num_queries: Any
) -> None:
    browser, person = as_(staff), PersonFactory()
    for count in (1, 30):
        for number in range(count):
            at(person, 2000 + number, "PCC", OrganisationFactory())
            at(PersonFactory(user=UserFactory()), 2000 + number, "PCC")
        # Session, account, count, rows.
        with django_assert_num_queries(4):
            browser.get(reverse("people"))
        # Session, account, person, attendances.
        with django_assert_num_queries(4):
            browser.get(person.get_absolute_url())


# Adding and changing


def test_a_person_is_added_with_the_account_they_use(as_: Any, staff: User) -> None:
    account = UserFactory(name="Ada Newman", email="ada@office.example")
    browser = as_(staff)
    page = browser.get(reverse("person_new")).content.decode()
    assert "Ada Newman (ada@office.example)" in page
    response = browser.post(
        reverse("person_new"),
        {"name": " Ada   Newman ", "user": account.pk, "submission": uuid.uuid4()},
    )
    person = Person.objects.get()
    assert (person.name, person.user) == ("Ada Newman", account)
    page = browser.get(response.url).content.decode()
    assert "Ada Newman saved." in page
    assert "Signs in as ada@office.example" in page


def test_an_account_belongs_to_one_person(as_: Any, staff: User) -> None:
    taken = PersonFactory(user=UserFactory())
    browser = as_(staff)
    new = browser.get(reverse("person_new")).content.decode()
    own = browser.get(reverse("person_edit", args=[taken.pk])).content.decode()
    assert taken.user.email not in new
    assert taken.user.email in own
    response = browser.post(
        reverse("person_new"), {"name": "Ada Newman", "user": taken.user.pk}
    )
    assert response.status_code == 422
    assert "Choose the account again" in response.content.decode()
    assert 'value="Ada Newman"' in response.content.decode()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Enter the name"),
        ("   ", "Enter the name"),
        ("x" * 151, "at most 150 characters"),
        ("Ada\x00", "Null characters"),
    ],
)
def test_a_name_that_is_none_is_refused(
    as_: Any, staff: User, name: str, message: str
) -> None:
    response = as_(staff).post(
        reverse("person_new"), {"name": name, "submission": uuid.uuid4()}
    )
    assert response.status_code == 422
    assert message in response.context["form"].errors["name"][0]
    assert not Person.objects.exists()


def test_a_changed_name_changes_every_list_of_attendance(as_: Any, staff: User) -> None:
    person = PersonFactory(name="Ada Newman")
    attendee = at(person, 2020, "PCC")
    as_(staff).post(
        reverse("person_edit", args=[person.pk]),
        {"name": "Ada Oldman", "submission": uuid.uuid4()},
    )
    attendee.refresh_from_db()
    assert attendee.person.name == "Ada Oldman"
    assert attendee.capacity == "PCC"


# Who may


def test_the_commissioner_reads_people_and_does_not_change_them(
    as_: Any, commissioner: User
) -> None:
    person = PersonFactory()
    browser = as_(commissioner)
    assert ">Edit</a>" not in browser.get(person.get_absolute_url()).content.decode()
    for page in (reverse("person_new"), reverse("person_edit", args=[person.pk])):
        assert browser.get(page).status_code == 403
        assert browser.post(page, {"name": "X"}).status_code == 403
    assert not Person.objects.filter(name="X").exists()


def test_a_liaison_sees_no_people(as_: Any, liaison: User) -> None:
    person = PersonFactory()
    for page in (reverse("people"), person.get_absolute_url()):
        assert as_(liaison).get(page).status_code == 403


def test_a_stranger_is_led_to_sign_in(client: Client, db: None) -> None:
    person = PersonFactory()
    for page in (reverse("people"), person.get_absolute_url(), reverse("person_new")):
        assert client.get(page).url.startswith(reverse("account_login"))


def test_a_person_who_never_was_is_not_found(as_: Any, staff: User) -> None:
    for name in ("person", "person_edit"):
        for pk in (10**6, 10**30):
            assert as_(staff).get(reverse(name, args=[pk])).status_code == 404
