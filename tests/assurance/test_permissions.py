"""Deny by default: who may do what by role, and no view without a declaration."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from django.views.generic import TemplateView

from assurance.middleware import LIBRARY_VIEWS
from assurance.models import User
from assurance.permissions import GRANTS, Permission, Role, requires, user_can
from tests.addresses import addresses
from tests.factories import OrganisationFactory, UserFactory

P = Permission
EVERYBODY_SIGNED_IN = {
    P.SIGNED_IN,
    P.LIST_MEETINGS,
    P.COMMENT_DRAFT,
    P.LIST_ACTIONS,
    P.SEND_UPDATE,
}
THOSE_WHO_DECIDE = {
    P.READ_MINUTES,
    P.AGREE_MINUTES,
    P.READ_ALL_ACTIONS,
    P.DECIDE_ACTIONS,
    P.READ_REGISTERS,
}
THE_OFFICE = {P.EDIT_MEETINGS, P.READ_IN, P.EDIT_ACTIONS, P.EDIT_REGISTERS}
MAY = {
    "liaison": EVERYBODY_SIGNED_IN,
    "commissioner": EVERYBODY_SIGNED_IN | THOSE_WHO_DECIDE,
    "staff": EVERYBODY_SIGNED_IN | THOSE_WHO_DECIDE | THE_OFFICE,
    "administrator": EVERYBODY_SIGNED_IN
    | THOSE_WHO_DECIDE
    | THE_OFFICE
    | {P.MANAGE_ACCOUNTS},
}


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("permission", [*Permission])
def test_each_role_may_exactly_this(role: str, permission: Permission) -> None:
    user = User(role=role)
    assert user_can(user, permission) == (
        permission == P.PUBLIC or permission in MAY[role]
    )


def test_every_role_and_every_permission_is_in_the_table() -> None:
    assert set(MAY) == set(Role.values) == set(GRANTS)
    assert set().union(*MAY.values()) | {P.PUBLIC} == set(Permission)


@pytest.mark.parametrize(
    "user",
    [
        AnonymousUser(),
        User(role=Role.ADMINISTRATOR, is_active=False),
        User(role="emperor"),
    ],
)
@pytest.mark.parametrize("permission", [*Permission])
def test_strangers_stopped_accounts_and_unknown_roles_may_nothing(
    user: Any, permission: Permission
) -> None:
    assert user_can(user, permission) == (permission == P.PUBLIC)


# No view without a declaration


def test_every_view_declares_what_it_needs() -> None:
    found = addresses()
    assert len(found) > 40
    assert [address.route for address in found if not address.is_declared] == []


def test_every_address_has_a_name_of_its_own() -> None:
    names = [address.name for address in addresses()]
    assert "" not in names
    assert len(set(names)) == len(names)


def test_no_library_view_is_declared_that_is_not_used() -> None:
    assert set(LIBRARY_VIEWS) <= {address.name for address in addresses()}


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open to everybody")


@requires(Permission.PUBLIC)
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


@requires(Permission.LIST_ACTIONS, post=Permission.EDIT_ACTIONS)
def more_to_post(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.method)


deepest = [path("undeclared/", undeclared, name="undeclared")]
deeper = [
    path("deepest/", include(deepest)),
    path("class/", TemplateView.as_view(template_name="404.html")),
]
urlpatterns = [
    path("public/", public, name="public"),
    path("more-to-post/", more_to_post, name="more"),
    path("deeper/", include(deeper)),
    path("", include("assurance.urls")),
]


def test_the_walk_finds_a_view_that_declares_nothing_wherever_it_is() -> None:
    assert [a.route for a in addresses(__name__) if not a.is_declared] == [
        "deeper/deepest/undeclared/",
        "deeper/class/",
    ]


@override_settings(ROOT_URLCONF=__name__)
def test_a_view_that_declares_nothing_is_refused_to_everybody(
    client: Client, as_: Any, administrator: User
) -> None:
    for address in ("/deeper/deepest/undeclared/", "/deeper/class/"):
        assert client.get(address).status_code == 302
        for method in ("get", "head", "options", "post", "put", "delete"):
            send = getattr(as_(administrator), method)
            assert send(address).status_code == 403


@override_settings(ROOT_URLCONF=__name__)
def test_what_is_public_is_open_to_a_stranger(client: Client, db: None) -> None:
    assert client.get("/public/").content == b"public"


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("role", "get", "post"),
    [("liaison", 200, 403), ("commissioner", 200, 403), ("staff", 200, 200)],
)
def test_sending_may_need_more_than_reading(
    as_: Any, db: None, role: str, get: int, post: int
) -> None:
    user = UserFactory(role=role, organisation=OrganisationFactory())
    browser = as_(user)
    assert browser.get("/more-to-post/").status_code == get
    assert browser.head("/more-to-post/").status_code == get
    for method in ("post", "put", "patch", "delete"):
        assert getattr(browser, method)("/more-to-post/").status_code == post
