"""Signing in with the office's OpenID provider, against one that the tests start."""

import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialLogin
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from assurance.models import Event, User
from assurance.sign_in.single_sign_on import Adapter
from tests.assurance.test_settings import SET, manage
from tests.factories import PASSWORD, UserFactory
from tests.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OpenIDProvider,
    openid_provider,
)

pytestmark = pytest.mark.django_db
BEGIN, BACK = "/accounts/single-sign-on/", "/accounts/single-sign-on/back/"
ADDRESS = "ada@office.example"


@pytest.fixture(scope="module")
def server() -> Iterator[OpenIDProvider]:
    with openid_provider() as running:
        yield running


@pytest.fixture
def provider(server: OpenIDProvider, settings: Any) -> OpenIDProvider:
    cache.clear()
    server.claims = {"email": ADDRESS}
    server.userinfo, server.description, server.is_away = {}, {}, False
    server.signing_key, server.algorithm = server.key, "RS256"
    settings.OIDC_ISSUER, settings.OIDC_NAME = server.issuer, "Office account"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    return server


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def authorize(url: str) -> str:
    """The provider's answer to a browser: where it sends it back to."""
    try:
        urllib.request.build_opener(_Stay).open(url)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.headers["Location"]
    raise AssertionError("The provider did not send the browser back")


def way_back(browser: Client, **query: str) -> str:
    """To the provider and back, as far as our own address."""
    begun = browser.get(BEGIN, query)
    assert begun.status_code == 302, begun.content.decode()
    back = authorize(begun["Location"])
    return back.removeprefix("http://testserver")


def sign_in(browser: Client, **query: str) -> HttpResponse:
    return browser.get(way_back(browser, **query))


def who(browser: Client) -> str | None:
    return browser.session.get("_auth_user_id")


def refused(response: HttpResponse) -> bool:
    return (
        response.status_code == 403
        and "There is no account for you here" in response.content.decode()
    )


def failed(response: HttpResponse) -> bool:
    return (
        response.status_code == 401
        and "Signing in did not work" in response.content.decode()
    )


# Who gets in


@pytest.mark.parametrize("role", ["staff", "commissioner", "administrator", "liaison"])
def test_whoever_has_an_account_signs_in_with_the_address_that_the_provider_says(
    provider: OpenIDProvider, client: Client, role: str
) -> None:
    trait = {} if role == "staff" else {role: True}
    account = UserFactory(email=ADDRESS, real=True, **trait)
    provider.claims = {"email": "Ada@Office.Example", "email_verified": True}
    response = sign_in(client, next="/actions/")
    assert (response.status_code, response["Location"]) == (302, "/actions/")
    assert who(client) == str(account.pk)
    assert client.get("/actions/").status_code == 200
    event = Event.objects.filter(kind=Event.Kind.SIGNED_IN, user=account).get()
    assert "ingle sign-on" in event.what


def test_once_linked_the_subject_counts_and_not_the_address(
    provider: OpenIDProvider, client: Client
) -> None:
    ada = UserFactory(email=ADDRESS)
    sign_in(client)
    ada.email = "ada.newname@office.example"
    ada.save()
    heir = UserFactory(email=ADDRESS)
    # The same person, whatever their address is called now.
    browser = Client()
    sign_in(browser)
    assert who(browser) == str(ada.pk)
    # Who has the address now is somebody else, at the provider too.
    provider.claims = {"email": ADDRESS, "sub": "subject-2"}
    browser = Client()
    sign_in(browser)
    assert who(browser) == str(heir.pk)


def test_somebody_else_who_gets_the_address_at_the_provider_does_not_get_the_account(
    provider: OpenIDProvider, client: Client, as_: Any, administrator: User
) -> None:
    ada = UserFactory(email=ADDRESS)
    sign_in(client)
    provider.claims = {"email": ADDRESS, "sub": "subject-2"}
    browser = Client()
    assert refused(sign_in(browser))
    assert who(browser) is None
    # Until an administrator says that it is the same person.
    office = as_(administrator)
    page = office.get(reverse("account_edit", args=[ada.pk])).content.decode()
    assert "End the link" in page
    office.post(reverse("account_unlink", args=[ada.pk]))
    sign_in(browser)
    assert who(browser) == str(ada.pk)


def test_another_issuer_has_subjects_of_its_own(
    provider: OpenIDProvider, client: Client
) -> None:
    UserFactory(email=ADDRESS)
    sign_in(client)
    SocialAccount.objects.update(provider="https://elsewhere.example")
    provider.claims = {"email": "other@office.example"}
    assert refused(sign_in(Client()))


def test_an_address_may_come_from_userinfo_of_the_same_subject(
    provider: OpenIDProvider, client: Client
) -> None:
    account = UserFactory(email=ADDRESS)
    provider.claims = {}
    provider.userinfo = {"email": ADDRESS}
    sign_in(client)
    assert who(client) == str(account.pk)
    SocialAccount.objects.all().delete()
    provider.userinfo = {"email": ADDRESS, "sub": "subject-2"}
    browser = Client()
    assert failed(sign_in(browser))
    assert who(browser) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@office.example"},
        {"email": ADDRESS, "email_verified": False},
        {"email": ADDRESS, "email_verified": "false"},
        {"email": ""},
        {},
    ],
)
def test_nobody_else_gets_in_and_no_account_is_made(
    provider: OpenIDProvider, client: Client, claims: dict[str, Any]
) -> None:
    UserFactory(email=ADDRESS)
    provider.claims = claims
    assert refused(sign_in(client))
    assert who(client) is None
    assert User.objects.count() == 1
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("linked_before", [True, False])
def test_a_stopped_account_stays_out(
    provider: OpenIDProvider, client: Client, linked_before: bool
) -> None:
    account = UserFactory(email=ADDRESS)
    if linked_before:
        sign_in(client)
    User.objects.filter(pk=account.pk).update(is_active=False)
    browser = Client()
    assert refused(sign_in(browser))
    assert who(browser) is None


def test_whoever_was_signed_in_in_this_browser_is_not_any_more(
    provider: OpenIDProvider, as_: Any
) -> None:
    account = UserFactory(email=ADDRESS)
    browser = as_(UserFactory())
    sign_in(browser)
    assert who(browser) == str(account.pk)


def test_a_password_and_its_second_step_are_left_as_they_are(
    provider: OpenIDProvider, client: Client
) -> None:
    account = UserFactory(email=ADDRESS)
    sign_in(client)
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_coming_back_twice_at_once_links_once(
    provider: OpenIDProvider, client: Client
) -> None:
    account = UserFactory(email=ADDRESS)
    login = SocialLogin(
        account=SocialAccount(
            provider=provider.issuer, uid="subject-1", extra_data={"email": ADDRESS}
        )
    )
    sign_in(client)  # between the other's look and its link
    Adapter(client.get("/").wsgi_request).pre_social_login(
        client.get("/").wsgi_request, login
    )
    assert login.user == account
    assert SocialAccount.objects.count() == 1


def test_who_has_no_password_shows_with_the_provider_that_it_is_still_them(
    provider: OpenIDProvider, client: Client
) -> None:
    account = UserFactory(email=ADDRESS, real=True)
    account.set_unusable_password()
    account.save()
    sign_in(client)
    response = client.get(f"{reverse('account_reauthenticate')}?next=/actions/")
    assert response["Location"].startswith(BEGIN)
    begun = client.get(response["Location"])
    asked = parse_qs(urlsplit(begun["Location"]).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    back = authorize(begun["Location"]).removeprefix("http://testserver")
    assert client.get(back)["Location"] == "/actions/"
    assert client.get("/actions/").status_code == 200
    # And is told where to change the password that they have.
    page = client.get(reverse("account_change_password"), follow=True)
    assert "You sign in with Office account" in page.content.decode()


# What is not taken


def test_a_wrong_state_or_none_is_not_taken(
    provider: OpenIDProvider, client: Client
) -> None:
    UserFactory(email=ADDRESS)
    back = way_back(client)
    code = parse_qs(urlsplit(back).query)["code"][0]
    for query in ({"code": code, "state": "wrong"}, {"code": code}, {}):
        assert failed(client.get(BACK, query))
    # A state of another browser is none of this one's.
    browser = Client()
    assert failed(browser.get(back))
    assert who(client) is who(browser) is None
    # It never asked the provider about such a code.
    assert code not in provider.used


def test_an_address_used_before_does_not_work_again(
    provider: OpenIDProvider, client: Client
) -> None:
    UserFactory(email=ADDRESS)
    back = way_back(client)
    client.get(back)
    client.post(reverse("account_logout"))
    assert failed(client.get(back))
    # Nor does its code with a state that is fresh: the provider refuses it.
    code = parse_qs(urlsplit(back).query)["code"][0]
    state = parse_qs(urlsplit(way_back(client)).query)["state"][0]
    assert failed(client.get(BACK, {"code": code, "state": state}))
    assert who(client) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another-service"},
        {"aud": [CLIENT_ID, "another-service"], "azp": "another-service"},
        {"iss": "https://elsewhere.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"sub": None},
        {"iat": int(time.time()) + 3600},
    ],
    ids=[
        *("other nonce", "no nonce", "other audience", "other party", "other issuer"),
        *("expired", "never expires", "of nobody", "of the future"),
    ],
)
def test_an_id_token_that_is_not_for_this_sign_in_is_not_taken(
    provider: OpenIDProvider, client: Client, wrong: dict[str, Any]
) -> None:
    UserFactory(email=ADDRESS)
    provider.claims |= wrong
    assert failed(sign_in(client))
    assert who(client) is None


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256"),
        ("a secret that anybody could have made up", "HS256"),
        (None, "none"),
    ],
    ids=["another key", "a secret", "nothing"],
)
def test_an_id_token_that_the_provider_did_not_sign_is_not_taken(
    provider: OpenIDProvider, client: Client, key: Any, algorithm: str
) -> None:
    UserFactory(email=ADDRESS)
    provider.signing_key, provider.algorithm = key, algorithm
    assert failed(sign_in(client))
    assert who(client) is None


def test_a_description_of_another_issuer_is_not_taken(
    provider: OpenIDProvider, client: Client
) -> None:
    provider.description = {"issuer": "https://elsewhere.example"}
    assert failed(client.get(BEGIN))


@pytest.mark.parametrize("what", ["away", "closed", "no answer of a provider"])
def test_a_provider_that_fails_gives_a_page_and_no_fault(
    provider: OpenIDProvider, client: Client, settings: Any, what: str
) -> None:
    provider.is_away = what == "away"
    if what == "closed":
        settings.OIDC_ISSUER = "http://127.0.0.1:1"
    if what == "no answer of a provider":
        provider.description = {"authorization_endpoint": None, "issuer": 3}
    assert failed(client.get(BEGIN))


def test_somebody_who_turns_back_at_the_provider_may_sign_in_another_way(
    provider: OpenIDProvider, client: Client
) -> None:
    state = parse_qs(urlsplit(way_back(client)).query)["state"][0]
    response = client.get(BACK, {"error": "access_denied", "state": state})
    assert response["Location"] == reverse("account_login")
    state = parse_qs(urlsplit(way_back(client)).query)["state"][0]
    assert failed(client.get(BACK, {"error": "server_error", "state": state}))


# How it is offered


def test_the_provider_is_asked_with_pkce_and_a_nonce_and_told_our_address(
    provider: OpenIDProvider, client: Client, settings: Any
) -> None:
    settings.SITE_URL = "https://assurance.office.example"
    asked = parse_qs(urlsplit(client.get(BEGIN)["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["nonce"][0]) > 20
    assert asked["redirect_uri"] == [f"https://assurance.office.example{BACK}"]
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "x:y"])
def test_afterwards_nobody_is_led_to_another_site(
    provider: OpenIDProvider, client: Client, target: str
) -> None:
    UserFactory(email=ADDRESS)
    assert sign_in(client, next=target)["Location"] == reverse("home")


def test_the_button_is_on_the_sign_in_page_and_keeps_where_somebody_was_going(
    provider: OpenIDProvider, client: Client
) -> None:
    page = client.get(f"{reverse('account_login')}?next=/actions/%3Fq=a").content
    assert "Sign in with Office account" in page.decode()
    assert f'href="{BEGIN}?next=%2Factions%2F%3Fq%3Da"' in page.decode()


WHOLE = {
    "OIDC_ISSUER": "https://idp.example",
    "OIDC_CLIENT_ID": "a",
    "OIDC_CLIENT_SECRET": "b",
}


def test_a_whole_configuration_is_taken_at_the_start() -> None:
    assert manage("check", **SET, **WHOLE).returncode == 0


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"OIDC_ISSUER": "http://idp.example"}, "OIDC_ISSUER must begin with https"),
        ({"SITE_URL": "office.example"}, "SITE_URL must begin with https"),
        ({"OIDC_CLIENT_SECRET": ""}, "Set the environment variable OIDC_CLIENT_SECRET"),
    ],
)
def test_half_a_configuration_is_refused_at_the_start(
    environment: dict[str, str], sentence: str
) -> None:
    answer = manage("check", **SET, **WHOLE | environment)
    assert sentence in answer.stderr.strip().splitlines()[-1]


def test_nothing_of_it_is_there_where_no_provider_is_set(client: Client) -> None:
    assert "single-sign-on" not in client.get(reverse("account_login")).content.decode()
    assert client.get(BEGIN).status_code == client.get(BACK).status_code == 404


@pytest.mark.parametrize("seconds", [None, 10 * 60])
def test_who_confirms_has_signed_in_anew_at_the_provider(
    provider: OpenIDProvider, client: Client, seconds: int | None
) -> None:
    UserFactory(email=ADDRESS)
    at = seconds and int(time.time()) - seconds
    provider.claims = {"email": ADDRESS, "auth_time": at}
    # It does not matter to who signs in.
    assert sign_in(client).status_code == 302
    assert failed(sign_in(client))


@pytest.mark.parametrize("seconds", [None, 10 * 60, -10 * 60, 0])
def test_coming_back_confirms_only_who_has_just_shown_the_provider_who_they_are(
    provider: OpenIDProvider, client: Client, seconds: int | None
) -> None:
    UserFactory(email=ADDRESS, administrator=True, real=True)
    at = None if seconds is None else int(time.time()) - seconds
    provider.claims = {"email": ADDRESS, "auth_time": at}
    assert sign_in(client).status_code == 302
    for _ in range(2):  # nor does signing out and in again
        is_asked = client.get(reverse("account_new")).status_code == 302
        assert is_asked == (seconds != 0)
        client.post(reverse("account_logout"))
        assert sign_in(client).status_code == 302


def test_a_link_is_noted_and_told(
    provider: OpenIDProvider, client: Client, mailoutbox: list[EmailMessage]
) -> None:
    account = UserFactory(email=ADDRESS, real=True)
    sign_in(client)
    sign_in(Client())
    event = Event.objects.get(kind=Event.Kind.LINKED)
    assert (event.user, event.by) == (account, account)
    (told,) = mailoutbox
    assert told.to == [ADDRESS]
    assert "linked with Office account" in told.body
