"""How sign-in (django-allauth) behaves here."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from assurance.events import note
from assurance.models import Event, User
from assurance.sign_in import limits, single_sign_on

STOPPED = (
    "There were five wrong tries, so sign-in to this account has stopped. Wait 15 "
    "minutes, or ask an administrator for help"
)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; nobody signs themselves up.

    Nothing said at sign-in tells whether an address has an account.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address or the password is wrong. "
        "After five wrong tries, sign-in to an account stops for 15 minutes",
        "too_many_login_attempts": STOPPED,
        "enter_current_password": "This is not your current password",
        "incorrect_password": "This is not your password",
    }

    def set_password(self, user: User, password: str) -> None:
        """Only the password: a role changed in the same moment is kept."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Of this site alone: not of other hosts that are allowed, and whatever cannot
        be read as an address is none.
        """
        here = context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={here.get_host()}, require_https=here.is_secure()
        )

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def get_login_stages(self) -> list[str]:
        return ["assurance.sign_in.adapter.SecondStepStage"]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        limits.refuse_if_stopped(
            self._get_login_attempts_cache_key(request, **credentials)
        )
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        address = self._get_login_attempts_cache_key(request, **credentials)
        if limits.is_stopped_by_failure(request, address):
            account = User.objects.filter(email=address).first()
            if account:
                note(Event.Kind.STOPPED, request=request, user=account)

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict]:
        """Where there is a second step a password alone confirms nothing. Who is linked
        with single sign-on may sign in with it once more.
        """
        methods = super().get_reauthentication_methods(user)
        ours = [
            method | {"description": CONFIRM_BY[method["id"]]}
            for method in methods
            if method["id"] != "reauthenticate" or len(methods) == 1
        ]
        if isinstance(user, User) and single_sign_on.confirms(user):
            ours.append(
                {
                    "id": "single_sign_on",
                    "url": reverse("single_sign_on"),
                    "description": f"Sign in again with {settings.OIDC_NAME}",
                }
            )
        return ours

    def _get_login_attempts_cache_key(
        self, request: HttpRequest, **credentials: Any
    ) -> str:
        """What wrong tries are counted by: the address alone.

        The library adds the host, and with it the port, as the request names them:
        each made-up port would give five more tries.
        """
        return credentials["email"].lower()


CONFIRM_BY = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}


class SignInBackend(AuthenticationBackend):
    """Who may not sign in is refused in the words for a wrong password, and as slowly.

    The library would lead them, with the right one, to a page that says so.
    """

    def user_can_authenticate(self, user: Any) -> bool:
        """It is asked of whoever has a session, too."""
        return user.may_sign_in

    @classmethod
    def _stash_user(cls, user: AbstractBaseUser | None) -> AbstractBaseUser | None:
        return None


class SecondStepStage(AuthenticateStage):
    """Between the password and being signed in, for whoever has a second step.

    Nobody gets on from there with a password, role or second step that was changed
    since: they start again.
    """

    def handle(self) -> tuple:
        self.state["stands"] = self._stands()
        return super().handle()

    def is_resumable(self, request: HttpRequest) -> bool:
        return is_mfa_enabled(self.login.user) and self._is_as_begun()

    def exit(self) -> Any:
        return super().exit() if self._is_as_begun() else self.abort()

    def _is_as_begun(self) -> bool:
        return self.state.get("stands") == self._stands()

    def _stands(self) -> str:
        user = self.login.user
        steps = user.authenticator_set.order_by("pk").values_list("pk", flat=True)
        return f"{user.get_session_auth_hash()} {list(steps)}"


class MFAAdapter(DefaultMFAAdapter):
    """Second steps: what they are called, and their secrets as the database has them.

    Encrypted with keys made from SECRET_KEY and SECRET_KEY_FALLBACKS: a copy of the
    database alone gives nobody a code.
    """

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is wrong or was used before. Enter the one that "
        "your app shows now, or a recovery code that you have not used",
    }

    def get_totp_issuer(self) -> str:
        """What the app on somebody's phone calls this."""
        return f"{settings.SERVICE_NAME}, {settings.OFFICE_NAME}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity = super().get_public_key_credential_rp_entity()
        return entity | {"name": settings.SERVICE_NAME}

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises ``InvalidToken`` where the key it was encrypted with is gone."""
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def with_present_key(self, encrypted_text: str) -> str:
        """The same, encrypted with SECRET_KEY if it was with another. Raises
        ``InvalidToken`` as well.
        """
        try:
            _fernets()[0].decrypt(encrypted_text.encode())
        except InvalidToken:
            return _fernet().rotate(encrypted_text.encode()).decode()
        return encrypted_text


def _fernet() -> MultiFernet:
    return MultiFernet(_fernets())


def _fernets() -> list[Fernet]:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = (hashlib.sha256(f"second step {key}".encode()).digest() for key in secrets)
    return [Fernet(base64.urlsafe_b64encode(key)) for key in keys]
