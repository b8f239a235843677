"""The second step of signing in: nobody real goes without one, and nothing skips it."""

import datetime as dt
import re
import time
from typing import Any

import pytest
import time_machine
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.test import Client, RequestFactory
from django.urls import reverse

from assurance.middleware import declared_permission
from assurance.models import User
from assurance.permissions import Permission
from assurance.sign_in import second_step
from assurance.sign_in.adapter import STOPPED
from tests.addresses import Address, addresses
from tests.factories import PASSWORD, UserFactory
from tests.second_step import (
    CODE,
    LOGIN,
    SECRET,
    app_code,
    fully_signed_in,
    give_code,
    give_password,
    kinds,
    recovery_codes,
    said,
    sign_in_fully,
    with_app,
    wrong_code,
)

SET_UP = "/accounts/second-step/"


@pytest.fixture
def real(db: None) -> User:
    return UserFactory(real=True, administrator=True)


def set_up_app(browser: Client) -> Any:
    browser.get(reverse("second_step_app"))
    secret = browser.session["mfa.totp.secret"]
    return browser.post(reverse("second_step_app"), {"code": app_code(secret)})


# An account without one


def some_url(address: Address) -> str:
    """An address of this shape; nothing needs to be there."""
    parts = re.findall(r"<(?:(\w+):)?(\w+)>", address.route)
    values = {name: "x" if kind in ("", "str", "slug") else 1 for kind, name in parts}
    return reverse(address.name, kwargs=values)


def needs_account(address: Address, method: str) -> bool:
    declared = declared_permission(address.view, address.name, method)
    return declared != Permission.PUBLIC


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_one_every_address_leads_to_setting_one_up(
    real: User, method: str
) -> None:
    """Whatever anybody adds, too: all addresses there are."""
    browser, open_ = give_password(real), set()
    for address in addresses():
        if not needs_account(address, method):
            continue
        url = some_url(address)
        response = browser.generic(method, url)
        if response.headers.get("Location") != SET_UP:
            open_.add(address.name)
    assert open_ == {
        "second_step",
        "second_step_app",
        "second_step_passkey",
        "account_reauthenticate",
        "session_left",  # how long it lasts
    }


def test_without_one_what_is_public_and_signing_out_stay_open(real: User) -> None:
    browser = give_password(real)
    for name in ("accessibility", "published", "live", "ready", "account_logout"):
        assert browser.get(reverse(name)).status_code == 200
    browser.post(reverse("account_logout"))
    assert browser.get(SET_UP).url.startswith(LOGIN)


def test_without_one_a_script_is_told_that_nothing_is_signed_in(real: User) -> None:
    browser = give_password(real)
    response = browser.get(reverse("tracker"), headers={"HX-Request": "true"})
    assert response.status_code == 401


def test_setting_one_up_opens_the_rest_of_the_session(real: User) -> None:
    browser = give_password(real)
    page = browser.get(SET_UP).content.decode()
    assert "Set up a second step" in page
    assert 'aria-label="Menu"' not in page
    response = set_up_app(browser)
    assert response.url == reverse("second_step_codes")
    assert browser.get(reverse("home")).status_code == 200
    assert kinds(real) == ["signed_in", "step_added", "codes_made"]


def test_the_codes_are_shown_once(real: User) -> None:
    browser = give_password(real)
    set_up_app(browser)
    codes = recovery_codes(real)
    first = browser.get(reverse("second_step_codes"))
    assert first.context["codes"] == codes
    assert len(set(codes)) == 10
    assert all(code in first.content.decode() for code in codes)
    again = browser.get(reverse("second_step_codes")).content.decode()
    assert not any(code in again for code in codes)
    assert "<strong>10</strong> of your ten codes are not used yet" in again


def test_an_account_of_the_demonstration_needs_none(staff: User) -> None:
    browser = give_password(staff)
    assert browser.get(reverse("home")).status_code == 200
    page = browser.get(SET_UP).content.decode()
    assert "it belongs to the demonstration" in page


def test_single_sign_on_counts_because_the_provider_asks(real: User) -> None:
    browser = give_password(real)
    session = browser.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] += [
        {"method": "socialaccount", "at": time.time()}
    ]
    session.save()
    assert browser.get(reverse("home")).status_code == 200


def test_a_wrong_code_sets_nothing_up(real: User) -> None:
    browser = give_password(real)
    browser.get(reverse("second_step_app"))
    secret = browser.session["mfa.totp.secret"]
    for code in ("", wrong_code(secret), "abc", "１２３４５６", "\x00", "9" * 5000):
        response = browser.post(reverse("second_step_app"), {"code": code})
        assert response.status_code == 422
        assert response.context["form"].errors["code"]
        assert response.context["key"].replace(" ", "") == secret
    assert not second_step.steps(real).exists()
    assert browser.get(reverse("home")).url == SET_UP


def test_the_key_is_there_as_picture_and_as_text(real: User) -> None:
    browser = give_password(real)
    page = browser.get(reverse("second_step_app")).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    key = re.search(r'class="app-key">([A-Z2-7 ]+)<', page)
    assert key
    assert key[1].replace(" ", "") == browser.session["mfa.totp.secret"]


# An account that has one


def test_the_password_alone_signs_nobody_in(real: User) -> None:
    with_app(real)
    browser = Client()
    response = browser.post(LOGIN, {"login": real.email, "password": PASSWORD})
    assert response.url == CODE
    assert browser.get(reverse("home")).url.startswith(LOGIN)
    for name in ("second_step", "second_step_app", "account_reauthenticate"):
        assert browser.get(reverse(name)).url.startswith(LOGIN)
    assert browser.get(LOGIN).url == CODE
    assert "signed_in" not in kinds(real)


def test_password_and_code_sign_in(real: User) -> None:
    with_app(real)
    browser = sign_in_fully(real)
    assert browser.get(reverse("people")).status_code == 200
    event = real.events.get(kind="signed_in")
    assert event.what == "Password and code of an app"


def test_sign_in_with_a_code_leads_on_to_the_page_that_was_asked_for(
    real: User,
) -> None:
    with_app(real)
    browser, people = Client(), reverse("people")
    browser.post(LOGIN, {"login": real.email, "password": PASSWORD, "next": people})
    assert give_code(browser, app_code()).url == people


def test_an_old_session_without_it_is_ended_and_sets_up_no_other(
    as_: Any, real: User
) -> None:
    for url in (reverse("home"), SET_UP, reverse("second_step_app")):
        browser = as_(real)
        with_app(real)
        response = browser.get(url)
        assert response.url.startswith(LOGIN)
        assert "you were signed out here" in browser.get(LOGIN).content.decode()
        assert "_auth_user_id" not in browser.session
        Authenticator.objects.all().delete()
    browser = as_(real)
    with_app(real)
    browser.post(reverse("second_step_app"), {"code": app_code()})
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert "_auth_user_id" not in browser.session
    assert second_step.steps(real).count() == 1


def test_of_two_who_set_up_the_first_side_by_side_one_is_refused(
    rf: RequestFactory, real: User, as_: Any
) -> None:
    """Both came past the middleware before either was done."""
    with_app(real)
    request: Any = rf.post("/")
    request.user, request.session = real, as_(real).session
    for add in (
        lambda: second_step.add_app(request, secret=SECRET, counter=1),
        lambda: second_step.add_passkey(request, name="Mine", credential={}),
    ):
        with pytest.raises(ValidationError, match="set up for this account elsewhere"):
            add()
    assert second_step.steps(real).count() == 1


def test_a_new_password_does_not_skip_it(real: User) -> None:
    with_app(real)
    real.set_password("three random words")
    real.save()
    browser = Client()
    sent = {"login": real.email, "password": "three random words"}
    assert browser.post(LOGIN, sent).url == CODE


def test_whoever_waits_at_the_code_with_an_old_password_starts_again(
    real: User,
) -> None:
    with_app(real)
    browser = give_password(real)
    real.set_password("three random words")
    real.save()
    assert give_code(browser, app_code()).url == LOGIN
    assert browser.get(reverse("home")).url.startswith(LOGIN)
    assert browser.get(LOGIN).status_code == 200


def test_whoever_waits_at_the_code_of_a_step_that_is_gone_starts_again(
    real: User,
) -> None:
    with_app(real)
    browser = give_password(real)
    Authenticator.objects.all().delete()
    assert browser.get(CODE).url == LOGIN
    assert browser.get(LOGIN).status_code == 200


def test_somebody_else_can_sign_in_where_a_code_is_awaited(real: User) -> None:
    with_app(real)
    browser = give_password(real)
    assert "Sign in as somebody else" in browser.get(CODE).content.decode()
    browser.post(reverse("account_logout"))
    assert browser.get(LOGIN).status_code == 200


# Codes


def test_a_code_of_the_app_is_good_once(real: User) -> None:
    with_app(real)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        before, now = app_code(later=-1), app_code()
        sign_in_fully(real)
        for code in (now, before):  # nor an earlier one afterwards
            assert "used before" in said(give_code(give_password(real), code))[0]
        clock.shift(30)
        assert "used before" in said(give_code(give_password(real), now))[0]
        assert give_code(give_password(real), app_code()).url == reverse("home")


def test_the_code_that_set_the_app_up_lets_nobody_in(real: User) -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        browser = give_password(real)
        browser.get(reverse("second_step_app"))
        secret = browser.session["mfa.totp.secret"]
        browser.post(reverse("second_step_app"), {"code": app_code(secret)})
        assert (
            "used before" in said(give_code(give_password(real), app_code(secret)))[0]
        )


@pytest.mark.parametrize(("later", "is_taken"), [(-2, 0), (-1, 1), (1, 1), (2, 0)])
def test_a_clock_may_be_half_a_minute_off(
    real: User, later: int, is_taken: int
) -> None:
    with_app(real)
    with time_machine.travel(1_800_000_000, tick=False):
        response = give_code(give_password(real), app_code(later=later))
    assert (response.status_code == 302) == bool(is_taken)


def test_a_recovery_code_is_good_once(real: User) -> None:
    with_app(real)
    code = recovery_codes(real)[3]
    assert give_code(give_password(real), f"{code[:4]} {code[4:]}").url == "/"
    assert "used before" in said(give_code(give_password(real), code))[0]
    assert real.events.get(kind="code_used").what == "9 left"
    assert len(recovery_codes(real)) == 9


def test_new_codes_make_those_before_void(real: User) -> None:
    with_app(real)
    browser, old = sign_in_fully(real), recovery_codes(real)
    browser.get(reverse("second_step_codes"))
    browser.post(reverse("second_step_codes"))
    assert not set(old) & set(recovery_codes(real))
    shown = browser.get(reverse("second_step_codes"))
    assert shown.context["codes"] == recovery_codes(real)
    assert said(give_code(give_password(real), old[0]))


def test_five_wrong_codes_stop_an_account_for_fifteen_minutes(real: User) -> None:
    with_app(real)
    colleague = UserFactory(real=True)
    with_app(colleague)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(5):
            browser = give_password(real)
            assert "is wrong" in said(give_code(browser, wrong_code()))[0]
            clock.shift(dt.timedelta(minutes=3))
        assert said(give_code(browser, app_code())) == [STOPPED]
        assert said(give_code(give_password(real), recovery_codes(real)[0])) == [
            STOPPED
        ]
        sign_in_fully(colleague)
        clock.shift(dt.timedelta(minutes=11, seconds=59))
        assert said(give_code(give_password(real), app_code())) == [STOPPED]
        clock.shift(2)
        sign_in_fully(real)
    wrong = [kind for kind in kinds(real) if kind in ("wrong_code", "stopped")]
    assert wrong == ["wrong_code"] * 5 + ["stopped"]


def test_confirming_with_codes_gives_no_more_tries(real: User) -> None:
    with_app(real)
    browser = fully_signed_in(real)
    for _ in range(5):
        response = browser.post(reverse("mfa_reauthenticate"), {"code": wrong_code()})
        assert "is wrong" in said(response)[0]
    response = browser.post(reverse("mfa_reauthenticate"), {"code": app_code()})
    assert said(response) == [STOPPED]


def test_nonsense_for_a_code_is_refused_with_a_sentence(real: User) -> None:
    with_app(real)
    for code in ("", "\x00", "９９９", "x" * 100_000):
        response = give_code(give_password(real), code)
        assert response.status_code == 200
        assert said(response)


# Changing them


def test_changing_them_asks_again_and_not_for_the_password_alone(real: User) -> None:
    with_app(real)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        browser = sign_in_fully(real)
        assert browser.get(reverse("second_step_app")).status_code == 200
        clock.shift(dt.timedelta(minutes=6))
        response = browser.get(reverse("second_step_app"))
        assert response.url.startswith(reverse("mfa_reauthenticate"))
        confirm = reverse("account_reauthenticate")
        assert browser.post(confirm, {"password": PASSWORD}).url.startswith(
            reverse("mfa_reauthenticate")
        )
        response = browser.post(response.url, {"code": app_code()})
        assert response.url == reverse("second_step_app")
        assert browser.get(response.url).status_code == 200


def test_adding_one_ends_the_other_sessions(real: User) -> None:
    with_app(real)
    browser, elsewhere = sign_in_fully(real), fully_signed_in(real)
    key = browser.session.session_key
    assert elsewhere.get(reverse("home")).status_code == 200
    set_up_app(browser)
    assert elsewhere.get(reverse("home")).url.startswith(LOGIN)
    assert browser.get(reverse("home")).status_code == 200
    assert browser.session.session_key != key


def test_an_app_is_replaced_in_one_go(real: User) -> None:
    with_app(real)
    browser = sign_in_fully(real)
    page = browser.get(reverse("second_step_app")).content.decode()
    assert "The app that you use now is replaced" in page
    set_up_app(browser)
    assert second_step.steps(real).count() == 1
    assert said(give_code(give_password(real), app_code(later=1)))


def test_the_only_one_cannot_be_removed(real: User) -> None:
    app = with_app(real)
    browser = sign_in_fully(real)
    url = reverse("second_step_remove", args=[app.pk])
    assert url not in browser.get(SET_UP).content.decode()
    assert "so it stays" in browser.get(url).content.decode()
    response = browser.post(url)
    assert response.status_code == 422
    assert "Set up another one first" in response.content.decode()
    assert second_step.steps(real).count() == 1


def test_one_of_two_can_be_removed_which_ends_the_other_sessions(real: User) -> None:
    app = with_app(real)
    Authenticator.objects.create(
        user=real, type="webauthn", data={"name": "Key", "credential": {}}
    )
    browser, elsewhere = sign_in_fully(real), fully_signed_in(real)
    response = browser.post(reverse("second_step_remove", args=[app.pk]))
    assert response.url == SET_UP
    assert list(second_step.steps(real).values_list("type", flat=True)) == ["webauthn"]
    assert recovery_codes(real)
    assert elsewhere.get(reverse("home")).url.startswith(LOGIN)
    assert kinds(real)[-2:] == ["step_removed", "sessions_ended"]


def test_an_account_of_the_demonstration_may_go_without_again(staff: User) -> None:
    app = with_app(staff)
    browser = sign_in_fully(staff)
    browser.post(reverse("second_step_remove", args=[app.pk]))
    assert not Authenticator.objects.exists()


def test_nobody_removes_another_accounts(real: User) -> None:
    theirs = with_app(UserFactory(real=True))
    with_app(real)
    url = reverse("second_step_remove", args=[theirs.pk])
    assert sign_in_fully(real).post(url).status_code == 404


# Of somebody who has lost theirs


def test_an_administrator_removes_all_of_somebody(real: User) -> None:
    account = UserFactory(real=True, name="Bea Cole")
    with_app(account)
    theirs = fully_signed_in(account)
    with_app(real)
    browser = sign_in_fully(real)
    page = browser.get(reverse("account_edit", args=[account.pk])).content.decode()
    url = reverse("account_second_step", args=[account.pk])
    assert url in page
    assert "Make sure" in browser.get(url).content.decode()
    assert second_step.steps(account).exists()
    assert browser.post(url).url == reverse("account_edit", args=[account.pk])
    assert not Authenticator.objects.filter(user=account).exists()
    assert theirs.get(reverse("home")).url.startswith(LOGIN)
    event = account.events.get(kind="step_removed")
    assert (event.by, event.user) == (real, account)
    assert give_password(account).get(reverse("home")).url == SET_UP


def test_an_administrator_does_not_so_for_themselves(real: User) -> None:
    with_app(real)
    browser = sign_in_fully(real)
    url = reverse("account_second_step", args=[real.pk])
    assert browser.post(url).url == SET_UP
    assert second_step.steps(real).exists()
    own = browser.get(reverse("account_edit", args=[real.pk])).content.decode()
    assert url not in own


def test_an_administrator_confirms_first_that_it_is_them(real: User) -> None:
    account = UserFactory(real=True)
    with_app(account)
    with_app(real)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        browser = sign_in_fully(real)
        clock.shift(dt.timedelta(minutes=6))
        response = browser.post(reverse("account_second_step", args=[account.pk]))
    assert response.url.startswith(reverse("mfa_reauthenticate"))
    assert second_step.steps(account).exists()


def test_nothing_to_remove_says_so(real: User) -> None:
    with_app(real)
    url = reverse("account_second_step", args=[UserFactory(real=True).pk])
    page = sign_in_fully(real).get(url).content.decode()
    assert "has no second step" in page
    assert "Remove their second steps" not in page


def test_only_administrators_may(real: User) -> None:
    account = UserFactory(real=True)
    with_app(account)
    for other in (
        UserFactory(real=True),
        UserFactory(real=True, commissioner=True),
        UserFactory(real=True, liaison=True),
    ):
        url = reverse("account_second_step", args=[account.pk])
        assert fully_signed_in(other).post(url).status_code == 403
    assert second_step.steps(account).exists()


# What the account is told by e-mail


def test_changes_are_told_to_the_account_by_email(
    real: User, mailoutbox: list[EmailMessage]
) -> None:
    def told(user: User) -> list[str]:
        emails = [email for email in mailoutbox if email.to == [user.email]]
        return [email.subject.partition(": ")[2] for email in emails]

    browser = give_password(real)
    set_up_app(browser)
    browser.get(reverse("second_step_codes"))
    browser.post(reverse("second_step_codes"))
    give_code(give_password(real), recovery_codes(real)[0])
    assert told(real) == [
        "An authenticator app was set up",
        "New recovery codes were made",
        "A recovery code was used, and 9 are left,",
    ]
    with_app(account := UserFactory(real=True))
    browser.post(reverse("account_second_step", args=[account.pk]))
    assert told(account) == ["Your second steps were removed by an administrator"]
    assert "tell an administrator" in mailoutbox[-1].body


def test_the_demonstration_writes_to_nobody(
    staff: User, mailoutbox: list[EmailMessage]
) -> None:
    set_up_app(give_password(staff))
    assert mailoutbox == []
