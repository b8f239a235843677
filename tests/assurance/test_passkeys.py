"""Passkeys that are none; what works is tried in a browser, see tests/functional."""

import base64
import json

import pytest
from django.test import Client
from django.urls import reverse

from assurance.models import User
from assurance.sign_in.adapter import STOPPED
from tests.factories import UserFactory
from tests.second_step import (
    CODE,
    LOGIN,
    app_code,
    give_code,
    give_password,
    kinds,
    said,
    sign_in_fully,
    with_app,
)


@pytest.fixture
def real(db: None) -> User:
    return UserFactory(real=True, administrator=True)


MALFORMED = [
    "",
    "null",
    "[]",
    "{}",
    "7",
    "not json",
    '{"id": 1}',
    '{"response": {"userHandle": "@@@"}}',
    json.dumps(
        {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "AAAA",
                "attestationObject": "AAAA",
                "signature": "AAAA",
                "userHandle": "MQ",
            },
        }
    ),
]


@pytest.mark.parametrize("sent", MALFORMED)
def test_nonsense_for_a_passkey_is_refused_with_a_sentence(
    real: User, sent: str
) -> None:
    with_app(real)
    begin = {"accept": "application/json"}
    stranger = Client()
    stranger.get(reverse("mfa_login_webauthn"), headers=begin)
    refused = stranger.post(reverse("mfa_login_webauthn"), {"credential": sent})
    assert refused.url == LOGIN
    assert "This passkey was not accepted" in stranger.get(LOGIN).content.decode()
    browser = give_password(real)
    browser.get(CODE)
    page = browser.post(CODE, {"credential": sent})
    assert "This passkey was not accepted" in page.content.decode()
    assert browser.get(reverse("home")).url.startswith(LOGIN)
    inside = sign_in_fully(real)
    inside.get(reverse("second_step_passkey"))
    added = inside.post(
        reverse("second_step_passkey"), {"name": "Mine", "credential": sent}
    )
    assert added.status_code == 422
    assert added.context["form"].errors["credential"]


def of_another_device() -> str:
    """As a browser answers, of a passkey that is not of this account."""

    def text(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    said_by_browser = {
        "type": "webauthn.get",
        "challenge": "AAAA",
        "origin": "http://testserver",
    }
    return json.dumps(
        {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": text(json.dumps(said_by_browser).encode()),
                "authenticatorData": text(bytes(32) + b"\x05" + bytes(4)),
                "signature": "AAAA",
                "userHandle": "MQ",
            },
        }
    )


def test_wrong_passkeys_count_like_wrong_codes(real: User) -> None:
    with_app(real)
    browser = give_password(real)
    for _ in range(5):
        browser.get(CODE)
        browser.post(CODE, {"credential": of_another_device()})
    assert said(give_code(browser, app_code())) == [STOPPED]
    assert kinds(real) == ["wrong_code"] * 5 + ["stopped"]


def test_a_passkey_for_another_account_does_not_say_whether_there_is_one(
    real: User,
) -> None:
    def answer(handle: bytes) -> str:
        browser = Client()
        url = reverse("mfa_login_webauthn")
        browser.get(url, headers={"accept": "application/json"})
        sent = json.loads(of_another_device())
        sent["response"]["userHandle"] = base64.urlsafe_b64encode(handle).decode()
        assert browser.post(url, {"credential": json.dumps(sent)}).url == LOGIN
        return browser.get(LOGIN).context["messages"]._loaded_data[0].message

    assert answer(str(real.pk).encode()) == answer(b"999999") == answer(b"")
