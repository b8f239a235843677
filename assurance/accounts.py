"""How sign-in (django-allauth) behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from assurance.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; nobody signs themselves up.

    Nothing said at sign-in tells whether an address has an account.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address or the password is wrong. "
        "After five wrong tries, sign-in to an account stops for 15 minutes",
        "too_many_login_attempts": "There were five wrong tries, so sign-in to this "
        "account has stopped. Wait 15 minutes, or ask an administrator for help",
        "enter_current_password": "This is not your current password",
        "incorrect_password": "This is not your password",
    }

    def set_password(self, user: User, password: str) -> None:
        """Only the password: a role changed in the same moment is kept."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def _get_login_attempts_cache_key(
        self, request: HttpRequest, **credentials: Any
    ) -> str:
        """What wrong tries are counted by: the address alone.

        The library adds the host, and with it the port, as the request names them:
        each made-up port would give five more tries.
        """
        return credentials["email"].lower()
