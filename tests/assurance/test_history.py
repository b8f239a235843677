"""What was changed in pages is kept, with who changed it."""

import uuid
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import reverse

from assurance.models import Organisation, User
from assurance.sign_in.invitations import invite, set_password
from meetings.models import MeetingType, Person, StandingItem, Theme
from tests.factories import (
    MeetingTypeFactory,
    OrganisationFactory,
    PersonFactory,
    StandingItemFactory,
    ThemeFactory,
    UserFactory,
)

CASES = {
    Theme: (ThemeFactory, "theme_edit", {"name": "New name"}),
    MeetingType: (MeetingTypeFactory, "type_edit", {"name": "New name"}),
    Person: (PersonFactory, "person_edit", {"name": "New name"}),
    Organisation: (
        OrganisationFactory,
        "organisation_edit",
        {"name": "New name", "kind": "partner", "version": 0},
    ),
    User: (
        UserFactory,
        "account_edit",
        {
            "name": "New name",
            "email": "new@office.example",
            "role": "staff",
            "version": 0,
        },
    ),
}


@pytest.mark.parametrize("model", CASES)
def test_a_change_made_in_a_page_names_who_made_it(
    as_: Any, administrator: User, model: Any
) -> None:
    factory, page, changes = CASES[model]
    record = factory()
    browser = as_(administrator)
    browser.post(
        reverse(page, args=[record.pk]), changes | {"submission": uuid.uuid4()}
    )
    change = record.history.first()
    assert change.history_type == "~"
    assert change.history_user == administrator
    assert change.name == "New name"
    before = change.prev_record
    assert before.name == record.name
    assert before.history_user is None


def test_a_standing_item_keeps_its_history_after_it_is_removed(
    as_: Any, staff: User
) -> None:
    item = StandingItemFactory(heading="Any other business")
    as_(staff).post(
        reverse("standing_delete", args=[item.type_id, item.pk]),
        {"submission": uuid.uuid4()},
    )
    assert not StandingItem.objects.exists()
    last = StandingItem.history.first()
    assert (last.history_type, last.history_user) == ("-", staff)
    assert last.heading == "Any other business"


def test_a_new_record_names_who_added_it(as_: Any, staff: User) -> None:
    as_(staff).post(reverse("theme_new"), {"name": "Workforce", "is_active": "on"})
    first = Theme.objects.get().history.get()
    assert (first.history_type, first.history_user) == ("+", staff)


def test_the_history_of_accounts_holds_no_password(
    administrator: User, staff: User
) -> None:
    request = RequestFactory().get("/")
    link = invite(staff, by=administrator, request=request)
    uid, token = link.rstrip("/").split("/")[-2:]
    set_password(uid, token, "three random words", request=request)
    columns = {field.name for field in User.history.model._meta.get_fields()}
    assert {"email", "role", "is_active"} <= columns
    assert not columns & {"password", "last_login"}
    assert staff.history.first().history_user == staff


def test_signing_in_writes_no_history(as_: Any, staff: User) -> None:
    before = staff.history.count()
    as_(staff).get(reverse("home"))
    assert staff.history.count() == before
