"""Accounts are by invitation: a link, once, for seven days."""

import datetime as dt
import logging
import re
import uuid
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from assurance.models import Event, User
from assurance.serving.logs import SparingFormatter
from assurance.sign_in import invitations
from tests.assurance.test_accounts import edit
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW = "plum cake on sundays"


@pytest.fixture
def invited(administrator: User) -> User:
    """An account whose owner was invited, and its link in the only e-mail."""
    account = UserFactory(name="Ada Newman", email="ada@office.example", real=True)
    account.set_unusable_password()
    account.save()
    invite(account, by=administrator)
    return account


def invite(account: User, **who: Any) -> str:
    mail.outbox.clear()
    link = invitations.invite(account, request=RequestFactory().get("/"), **who)
    return link.removeprefix("http://testserver")


def link_in_mail() -> str:
    (message,) = mail.outbox
    (link,) = re.findall(r"http://testserver(/accounts/link/\S+)", message.body)
    return link


def works(link: str) -> bool:
    response = Client().get(link)
    assert response.status_code in (302, 404)
    return response.status_code == 302


def use(link: str, password: str = NEW, *, browser: Client | None = None) -> Any:
    browser = browser or Client()
    page = browser.get(link)
    assert page.status_code == 302, "The link is dead"
    return browser.post(page["Location"], {"password": password})


def press(browser: Client, account: User) -> Any:
    """The button that sends a link."""
    address = reverse("account_invite", args=[account.pk])
    return browser.post(address, {"submission": uuid.uuid4()})


# From the administrator to the person


def test_a_new_account_is_invited_and_its_owner_signs_in(
    as_: Any, administrator: User, client: Client
) -> None:
    office = as_(administrator)
    response = office.post(
        reverse("account_new"),
        {
            "name": "Ada Newman",
            "email": "Ada.Newman@Office.Example",
            "role": "staff",
            "submission": uuid.uuid4(),
        },
    )
    account = User.objects.get(email="ada.newman@office.example")
    assert not account.has_usable_password()
    assert response["Location"] == reverse("account_invited", args=[account.pk])
    link = link_in_mail()

    # The page after it shows the same link, once.
    assert link in office.get(response["Location"]).content.decode()
    again = office.get(response["Location"]).content.decode()
    assert link not in again
    assert "The link was shown once" in again
    assert "It still works, until" in again

    shown = client.get(client.get(link)["Location"]).content.decode()
    assert "ada.newman@office.example" in shown
    set_ = use(link, browser=client)
    assert set_["Location"] == reverse("account_login")
    assert "_auth_user_id" not in client.session
    used = office.get(response["Location"]).content.decode()
    assert "There is no link to show" in used
    assert "It still works" not in used
    login = {"login": "ADA.NEWMAN@office.example", "password": NEW}
    client.post(set_["Location"], login)
    assert client.session["_auth_user_id"] == str(account.pk)
    kinds = Event.objects.filter(user=account).values_list("kind", "by")
    assert (Event.Kind.INVITED, administrator.pk) in kinds
    assert (Event.Kind.PASSWORD_CHANGED, account.pk) in kinds


def test_the_page_after_inviting_says_whether_an_email_leaves(
    as_: Any, administrator: User, settings: Any
) -> None:
    account = UserFactory()
    browser = as_(administrator)
    for is_sent, words in ((True, "is on its way to"), (False, "no mail server")):
        settings.MAIL_IS_SENT = is_sent
        answer = press(browser, account)
        assert words in browser.get(answer["Location"]).content.decode()


def test_pressing_twice_makes_one_link(
    as_: Any, administrator: User, invited: User
) -> None:
    browser, form = as_(administrator), {"submission": uuid.uuid4()}
    mail.outbox.clear()
    for _ in range(2):
        browser.post(reverse("account_invite", args=[invited.pk]), form)
    assert works(link_in_mail())


def test_the_list_and_the_account_say_how_an_invitation_stands(
    as_: Any, administrator: User, invited: User
) -> None:
    def said() -> tuple[str, str]:
        office = as_(User.objects.get(pk=administrator.pk))
        return tuple(
            office.get(page).content.decode()
            for page in (reverse("accounts"), invited.get_absolute_url())
        )

    everyone, one = said()
    assert "Invited</strong>" in everyone
    assert "Invited on" in one
    assert "Invite them again" in one
    with time_machine.travel(timezone.now() + dt.timedelta(days=8)):
        everyone, one = said()
        assert "Invitation expired</strong>" in everyone
        assert "has expired." in one
    edit(as_(administrator), invited, email="new@office.example")
    everyone, one = said()
    assert "Not invited</strong>" in everyone
    assert "no invitation that works" in one
    use(invite(User.objects.get(pk=invited.pk)))
    everyone, one = said()
    assert "nvited</strong>" not in everyone
    assert "Send them a link to set a new password" in one


# What a link is good for


def test_a_link_works_once(invited: User) -> None:
    link = link_in_mail()
    use(link)
    assert not works(link)
    assert "does not work any more" in Client().get(link).content.decode()


def test_opening_a_link_does_not_use_it_up(invited: User) -> None:
    link = link_in_mail()
    assert works(link)
    assert works(link)


def test_a_page_left_open_cannot_use_a_link_a_second_time(invited: User) -> None:
    link, early = link_in_mail(), Client()
    page = early.get(link)["Location"]
    early.get(page)
    use(link)
    assert early.post(page, {"password": "another good one"}).status_code == 404
    invited.refresh_from_db()
    assert invited.check_password(NEW)


@pytest.mark.parametrize(
    ("days", "alive"), [(6.9, True), (7.1, False)], ids=["within", "after"]
)
def test_an_invitation_lasts_seven_days(
    invited: User, days: float, alive: bool
) -> None:
    with time_machine.travel(timezone.now() + dt.timedelta(days=days)):
        assert works(link_in_mail()) == alive


def test_another_invitation_kills_the_one_before(invited: User) -> None:
    first = link_in_mail()
    second = invite(invited)
    assert not works(first)
    assert works(second)


@pytest.mark.parametrize(
    "change", [{"is_active": None}, {"email": "other@office.example"}], ids=str
)
def test_stopping_the_account_or_changing_its_address_kills_the_link_for_good(
    as_: Any, administrator: User, invited: User, change: dict[str, Any]
) -> None:
    link, browser = link_in_mail(), as_(administrator)
    edit(browser, invited, **change)
    assert not works(link)
    edit(browser, invited)
    invited.refresh_from_db()
    assert invited.is_active
    assert invited.email == "ada@office.example"
    assert not works(link)


def test_another_name_leaves_the_link_alive(
    as_: Any, administrator: User, invited: User
) -> None:
    edit(as_(administrator), invited, name="Ada Newname")
    assert works(link_in_mail())


def test_a_link_is_of_one_account(invited: User) -> None:
    other = UserFactory()
    uid, token = link_in_mail().rstrip("/").split("/")[-2:]
    elsewhere = link_in_mail().replace(f"/{uid}/", f"/{other.pk}/")
    assert not works(elsewhere)
    for changed in (token[:-1], f"{token[:-1]}{'0' if token[-1] != '0' else '1'}"):
        assert not works(reverse("password_set", args=[uid, changed]))
    for uid in ("0", "z" * 13, "z" * 40, "-", "é"):
        assert Client().get(f"/accounts/link/{uid}/{token}/").status_code == 404


def test_the_token_leaves_the_address_and_stays_out_of_other_sites(
    invited: User, client: Client
) -> None:
    link = link_in_mail()
    token = link.rstrip("/").split("/")[-1]
    response = client.get(link)
    assert token not in response["Location"]
    page = client.get(response["Location"])
    assert token not in page.content.decode()
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    # Without it in the session the page is of no use.
    assert Client().get(response["Location"]).status_code == 404


def test_the_token_is_not_logged(invited: User, client: Client, caplog: Any) -> None:
    link = link_in_mail()
    token = link.rstrip("/").split("/")[-1]
    with caplog.at_level(logging.DEBUG):
        use(link, browser=client)
        client.get(link)
    lines = [SparingFormatter().format(record) for record in caplog.records]
    assert any("password_set" in line for line in lines)
    assert not any(token in line for line in lines)


# The password


@pytest.mark.parametrize(
    "password", ["", "eleven-char", "password1234", "Assurance2026", "x" * 129]
)
def test_a_weak_password_is_refused_and_the_link_stays_good(
    invited: User, password: str
) -> None:
    response = use(link_in_mail(), password)
    assert response.status_code == 422
    assert response.context["form"].errors["password"]
    assert f'value="{password}"' not in response.content.decode()
    invited.refresh_from_db()
    assert not invited.has_usable_password()
    use(link_in_mail())
    invited.refresh_from_db()
    assert invited.check_password(NEW)


def test_a_link_for_an_account_with_a_password_leaves_it_until_it_is_used(
    as_: Any, administrator: User, staff: User
) -> None:
    theirs = as_(staff)
    browser = as_(administrator)
    page = browser.get(reverse("account_invite", args=[staff.pk])).content.decode()
    assert f"Let {staff.name} set a new password" in page
    press(browser, staff)
    assert theirs.get(reverse("home")).status_code == 200
    staff.refresh_from_db()
    assert staff.check_password(PASSWORD)
    use(link_in_mail())
    staff.refresh_from_db()
    assert staff.check_password(NEW)
    assert theirs.get(reverse("home")).status_code == 302
    message = mail.outbox[-1]
    assert message.to == [staff.email]
    assert "your password was changed" in message.subject


def test_who_opens_a_link_while_signed_in_as_somebody_else_is_signed_out(
    as_: Any, administrator: User, invited: User
) -> None:
    browser = as_(administrator)
    use(link_in_mail(), browser=browser)
    assert "_auth_user_id" not in browser.session


# Who is not invited


def test_an_account_that_may_not_sign_in_is_not_invited(
    as_: Any, administrator: User
) -> None:
    account = UserFactory(is_active=False)
    response = press(as_(administrator), account)
    assert response.status_code == 422
    assert "Let them sign in first" in response.content.decode()
    assert mail.outbox == []


def test_administrators_change_their_own_password_like_everybody(
    as_: Any, administrator: User
) -> None:
    browser = as_(administrator)
    for method in (browser.get, browser.post):
        response = method(reverse("account_invite", args=[administrator.pk]))
        assert response["Location"] == reverse("account_change_password")
    assert mail.outbox == []


def test_a_name_is_words_and_never_part_of_a_template(administrator: User) -> None:
    account = UserFactory(name="{% load x %}{{ link }} & Sons\nBcc: all@office.example")
    invite(account, by=administrator)
    (message,) = mail.outbox
    assert "{% load x %}{{ link }} & Sons" in message.body
    assert "\n" not in message.subject
    assert message.bcc == []


def test_links_name_the_address_that_the_office_has_set(
    settings: Any, staff: User
) -> None:
    settings.SITE_URL = "https://assurance.office.example"
    invite(staff)
    assert "https://assurance.office.example/accounts/link/" in mail.outbox[0].body


@pytest.mark.parametrize("is_sent", [True, False])
def test_before_a_link_is_made_the_page_says_whether_an_e_mail_goes_out(
    as_: Any, administrator: User, staff: User, settings: Any, is_sent: bool
) -> None:
    settings.MAIL_IS_SENT = is_sent
    address = reverse("account_invite", args=[staff.pk])
    page = as_(administrator).get(address).content.decode()
    assert ("An e-mail goes to" in page) is is_sent
    assert ("no mail server, so you are shown a link" in page) is not is_sent
