"""Signing in with the office's own OpenID provider, such as Microsoft Entra ID.

django-allauth talks to the provider (authorization code with PKCE and state). Here is
what it leaves open: the ID token's signature, nonce and issuer are checked, and the
person is matched to an account that an administrator made. Nobody signs themselves up.

An account is found by the provider's subject once it is linked, and the first time by
its e-mail address. So an address that passes on to somebody else, at the provider or
here, opens nobody's account. Entra ID does not say whether it verified an address; it
may leave that out, since only the one configured issuer is asked, but not deny it.
"""

import hashlib
import secrets
import time
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal.jwtkit import fetch_key, lookup_kid_jwk
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import (
    OpenIDConnectProvider,
)
from allauth.socialaccount.providers.openid_connect.views import (
    OpenIDConnectOAuth2Adapter,
)
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from requests import RequestException

from assurance.events import note
from assurance.http import SignedInRequest, absolute
from assurance.models import Event, User
from assurance.sign_in.events import tell
from assurance.sign_in.sessions import end_sessions

# As it signs; never a secret that both sides know, and never nothing.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]
# Clocks of two machines differ.
_LEEWAY_SECONDS = 60
# The provider's own description is asked for no more often.
_DESCRIPTION_KEPT_SECONDS = 600


class Adapter(DefaultSocialAccountAdapter):
    """Which account somebody is whom the provider has recognised."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, **_: Any
    ) -> None:
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("account_login"))

    @transaction.atomic
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.is_existing:
            account = User.objects.get(pk=sociallogin.user.pk)
        else:
            account = self._link(sociallogin)
        if not account.may_sign_in:
            raise ImmediateHttpResponse(refused(request))

    def _link(self, sociallogin: SocialLogin) -> User:
        """The account of this address, from now on of this subject and no other."""
        claims = sociallogin.account.extra_data
        request = self.request
        email = str(claims.get("email") or "").lower()
        verified = str(claims.get("email_verified", True)).lower() == "true"
        account = User.objects.select_for_update().filter(email=email).first()
        if not (email and verified and account and account.may_sign_in):
            raise ImmediateHttpResponse(refused(request))
        link = SocialAccount.objects.filter(user=account, provider=_issuer()).first()
        # Somebody who came back twice at once was linked a moment ago.
        if link and link.uid != sociallogin.account.uid:
            raise ImmediateHttpResponse(refused(request))
        sociallogin.user = account
        if not link:
            sociallogin.account.user = account
            sociallogin.account.save()
            note(Event.Kind.LINKED, request=request, user=account, by=account)
            tell(account, f"It was linked with {settings.OIDC_NAME}")
        return account


class OfficeProvider(OpenIDConnectOAuth2Adapter):
    """The one provider that the settings name."""

    nonce: str = ""
    # When they were asked to show anew who they are, if they were.
    since: float | None = None

    def __init__(self, request: HttpRequest, provider_id: str = "office") -> None:
        super().__init__(request, provider_id)

    def get_provider(self) -> OpenIDConnectProvider:
        app = SocialApp(
            provider="openid_connect",
            provider_id=self.provider_id,
            name=settings.OIDC_NAME,
            client_id=settings.OIDC_CLIENT_ID,
            secret=settings.OIDC_CLIENT_SECRET,
            settings={"server_url": _issuer(), "oauth_pkce_enabled": True},
        )
        provider = OpenIDConnectProvider(self.request, app=app)
        provider.oauth2_adapter_class = OfficeProvider
        return provider

    @property
    def openid_config(self) -> dict[str, Any]:
        key = f"issuer:{hashlib.sha256(_issuer().encode()).hexdigest()}"
        description = cache.get(key)
        if description is None:
            description = super().openid_config
            if str(description.get("issuer", "")).rstrip("/") != _issuer():
                raise OAuth2Error("The provider names another issuer")
            cache.set(key, description, _DESCRIPTION_KEPT_SECONDS)
        return description

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return absolute(reverse("single_sign_on_back"), request)

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any
    ) -> SocialLogin:
        claims = self._claims(app, kwargs["response"].get("id_token") or "")
        if "email" not in claims:
            more = self._fetch_user_info(token.token)
            if more.get("sub") != claims["sub"]:
                raise OAuth2Error("The provider speaks of somebody else")
            claims = more | claims
        kept = {
            name: claims[name]
            for name in ("iss", "sub", "email", "email_verified")
            if name in claims
        }
        login = self.get_provider().sociallogin_from_response(request, kept)
        # A subject is one person at one issuer.
        login.account.provider = _issuer()
        return login

    def _claims(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """What the ID token says, if it is meant for this sign-in."""
        try:
            algorithm, key = fetch_key(
                id_token, self.openid_config["jwks_uri"], lookup_kid_jwk
            )
            if algorithm not in _ALGORITHMS:
                raise OAuth2Error("Signed in a way that is not taken")
            claims = jwt.decode(
                id_token,
                key=key,
                algorithms=[algorithm],
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=_LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("The ID token cannot be taken") from error
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The ID token is for somebody else")
        if not self.nonce or claims.get("nonce") != self.nonce:
            raise OAuth2Error("The ID token is of another sign-in")
        shown_at = _shown_at(claims)
        if self.since is not None and shown_at < self.since - _LEEWAY_SECONDS:
            raise OAuth2Error("The provider does not say that they signed in anew")
        self.request.shown_at = shown_at
        return claims


def _shown_at(claims: dict[str, Any]) -> float:
    """When they last showed the provider who they are; 0 where it does not say."""
    at, now = claims.get("auth_time"), time.time()
    if isinstance(at, int | float) and 0 < at <= now + _LEEWAY_SECONDS:
        return min(at, now)
    return 0


class _Back(OAuth2CallbackView):
    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        if state:
            self.adapter.nonce = state.get("nonce", "")
            self.adapter.since = state.get("since")
        return state, response


def begin(request: HttpRequest, *, next_url: str | None) -> HttpResponse:
    """Send somebody to the provider. Who is signed in here already is to show anew who
    they are there, too.
    """
    adapter = OfficeProvider(request)
    nonce = secrets.token_urlsafe(32)
    asked = {"nonce": nonce}
    since = None
    if request.user.is_authenticated:
        asked |= {"prompt": "login", "max_age": "0"}
        since = time.time()
    try:
        return adapter.get_provider().redirect(
            request,
            process="login",
            next_url=next_url,
            auth_params=asked,
            nonce=nonce,
            since=since,
        )
    except (OAuth2Error, RequestException, KeyError, ValueError):
        return failed(request)


def finish(request: HttpRequest) -> HttpResponse:
    """Somebody comes back from the provider."""
    try:
        return _Back.adapter_view(OfficeProvider(request))(request)
    except (KeyError, ValueError):
        # An answer that is no answer of an OpenID provider.
        return failed(request)


def failed(request: HttpRequest) -> HttpResponse:
    return render(request, "socialaccount/authentication_error.html", status=401)


def refused(request: HttpRequest) -> HttpResponse:
    """The provider knows them, and there is no account that is theirs to use."""
    return render(request, "account/single_sign_on_refused.html", status=403)


def is_on() -> bool:
    return bool(settings.OIDC_ISSUER)


def _issuer() -> str:
    return settings.OIDC_ISSUER.rstrip("/")


def is_linked(account: User) -> bool:
    return SocialAccount.objects.filter(user=account, provider=_issuer()).exists()


def confirms(account: User) -> bool:
    """Whether they can show with it that it is still them."""
    return is_on() and is_linked(account)


def linked_now() -> Exists:
    """For a list of accounts: which of them are linked."""
    return Exists(SocialAccount.objects.filter(user=OuterRef("pk"), provider=_issuer()))


@transaction.atomic
def unlink(account: User, *, request: SignedInRequest) -> None:
    """An administrator does it; whoever came in by the link is signed out."""
    if not SocialAccount.objects.filter(user=account).delete()[0]:
        return
    note(Event.Kind.UNLINKED, request=request, user=account)
    tell(account, f"Its link with {settings.OIDC_NAME} was ended")
    end_sessions(
        account,
        why="Link with single sign-on ended",
        but=request.session.session_key,
        request=request,
    )
