"""Accounts whose password anybody can know open nothing that others can reach."""

import importlib
import io
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.core import checks
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from assurance.apps import nobody_is_made_up
from assurance.models import User
from assurance.operations import save_account
from assurance.permissions import Permission, user_can
from assurance.sign_in.invitations import invite
from tests.assurance.test_accounts import edit
from tests.factories import PASSWORD, UserFactory
from tests.second_step import give_password, with_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def reachable(settings: Any) -> None:
    """As others reach the service: over TLS, without INSECURE_HTTP."""
    settings.TLS = True


# Signing in


def test_on_a_machine_of_ones_own_the_demonstration_signs_in(staff: User) -> None:
    assert give_password(staff).get(reverse("home")).status_code == 200


def test_where_others_reach_it_no_account_of_the_demonstration_signs_in(
    reachable: None, administrator: User
) -> None:
    typed = {"login": administrator.email, "password": PASSWORD}
    refused = Client().post(reverse("account_login"), typed)
    unknown = Client().post(reverse("account_login"), typed | {"login": "no@x.example"})
    assert refused.status_code == 200
    said = [page.context["form"].non_field_errors() for page in (refused, unknown)]
    assert said[0]
    assert said[0] == said[1]
    assert not user_can(administrator, Permission.MANAGE_ACCOUNTS)


def test_a_session_of_the_demonstration_made_before_opens_nothing(
    administrator: User, settings: Any
) -> None:
    browser = give_password(administrator)
    assert browser.get(reverse("accounts")).status_code == 200
    settings.TLS = True
    for name in ("accounts", "home", "meetings", "account"):
        answer = browser.get(reverse(name))
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("account_login"))


def test_a_link_sent_to_the_demonstration_is_dead_and_none_is_made(
    settings: Any, staff: User, client: Client
) -> None:
    settings.SITE_URL = "https://assurance.office.example"
    path = invite(staff).removeprefix(settings.SITE_URL)
    made_at = User.objects.get().link_made_at
    settings.TLS = True
    assert client.get(path).status_code == 404
    with pytest.raises(ValidationError, match="is of the demonstration"):
        invite(staff)
    client.post(reverse("password_forgotten"), {"email": staff.email})
    assert User.objects.get().link_made_at == made_at


def test_an_administrator_of_the_demonstration_is_none_who_could_let_others_in(
    reachable: None,
) -> None:
    UserFactory(administrator=True)
    only = UserFactory(real=True, administrator=True)
    assert User.objects.active_administrators().get() == only
    only.role = "staff"
    with pytest.raises(ValidationError, match="Nobody else could administer"):
        save_account(only, by=UserFactory(administrator=True), save=only.save)


def test_a_real_account_signs_in_as_ever(reachable: None) -> None:
    browser = give_password(UserFactory(real=True))
    assert browser.get(reverse("home")).url == reverse("second_step")


# Becoming real


def test_another_address_makes_it_a_real_account_that_must_be_invited(
    as_: Any, administrator: User, staff: User
) -> None:
    with_app(staff)
    SocialAccount.objects.create(user=staff, provider="x", uid="1")
    theirs = as_(staff)
    edit(as_(administrator), staff, name="Jane Real", email="jane@office.example")
    staff.refresh_from_db()
    assert (staff.name, staff.email) == ("Jane Real", "jane@office.example")
    assert not staff.is_demonstration
    assert not staff.has_usable_password()
    assert not staff.authenticator_set.exists()
    assert not SocialAccount.objects.exists()
    assert theirs.get(reverse("home")).status_code == 302
    assert give_password(staff).get(reverse("home")).status_code == 302
    assert not staff.history.latest().is_demonstration

    said = as_(administrator).get(reverse("account_edit", args=[staff.pk]))
    assert "Invite them" in said.content.decode()


def test_who_makes_it_real_is_told_to_invite_its_owner(
    as_: Any, administrator: User, staff: User
) -> None:
    browser = as_(administrator)
    edit(browser, staff, email="jane@office.example")
    assert "invite them to set their own" in browser.get("/").content.decode()


def test_another_name_or_role_leaves_it_one_of_the_demonstration(
    as_: Any, administrator: User, staff: User
) -> None:
    edit(as_(administrator), staff, name="Jane Real", role="administrator")
    staff.refresh_from_db()
    assert staff.is_demonstration
    assert staff.check_password(PASSWORD)


def test_nobody_locks_themselves_out_with_an_address_of_their_own(
    as_: Any, administrator: User
) -> None:
    before = administrator.email
    refused = edit(as_(administrator), administrator, email="me@office.example")
    assert refused.status_code == 422
    assert "Make a new account for yourself" in refused.content.decode()
    administrator.refresh_from_db()
    assert (administrator.email, administrator.is_demonstration) == (before, True)


def test_accounts_given_an_address_before_this_was_so_are_made_real_by_migrating() -> (
    None
):
    kept = UserFactory(email="staff@demo.example")
    theirs = UserFactory(email="jane@office.example")
    migration = importlib.import_module("assurance.migrations.0011_real_accounts")
    migration.end_the_demonstration_of_real_accounts(apps, None)
    kept.refresh_from_db()
    theirs.refresh_from_db()
    assert kept.is_demonstration
    assert kept.check_password(PASSWORD)
    assert not theirs.is_demonstration
    assert not theirs.has_usable_password()


def test_migrating_leaves_nothing_that_somebody_set_up_with_the_known_password(
    as_: Any,
) -> None:
    theirs = UserFactory(email="jane@office.example")
    others = [UserFactory(email="staff@demo.example"), UserFactory(real=True)]
    for number, account in enumerate([theirs, *others]):
        with_app(account)
        SocialAccount.objects.create(user=account, provider="x", uid=str(number))
    browser = as_(theirs)
    migration = importlib.import_module("assurance.migrations.0011_real_accounts")
    migration.end_the_demonstration_of_real_accounts(apps, None)
    assert not theirs.authenticator_set.exists()
    assert not theirs.socialaccount_set.exists()
    assert not theirs.sessions.exists()
    assert browser.get(reverse("home")).status_code == 302
    for account in others:
        assert account.authenticator_set.exists()
        assert account.socialaccount_set.exists()


# What says so


def test_the_check_of_a_deployment_names_active_accounts_of_the_demonstration(
    settings: Any,
) -> None:
    UserFactory(email="staff@demo.example")
    UserFactory(email="gone@demo.example", is_active=False)
    assert nobody_is_made_up() == []
    settings.TLS = True
    (found,) = nobody_is_made_up()
    assert found.level == checks.ERROR
    assert found.msg.endswith(": staff@demo.example")
    User.objects.update(is_active=False)
    assert nobody_is_made_up() == []
    assert nobody_is_made_up in checks.registry.registry.deployment_checks


def test_the_demonstration_is_not_made_where_others_reach_the_service(
    reachable: None,
) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="INSECURE_HTTP=1"):
        call_command("demo_data", stdout=out)
    assert not User.objects.exists()
