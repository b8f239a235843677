"""Forms of the second step: codes of an app, recovery codes and passkeys."""

import logging
import struct
from typing import Any

from allauth.core import context
from allauth.mfa import signals
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as library
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as library_passkeys
from allauth.mfa.webauthn.internal import auth as passkeys
from crispy_forms_gds.helper import FormHelper
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.fernet import InvalidToken
from django import forms
from django.core.exceptions import ValidationError

from assurance.forms.base import GovukForm
from assurance.models import User
from assurance.sign_in import limits
from assurance.sign_in.adapter import STOPPED
from assurance.sign_in.second_step import APP, matching_counter, steps, take_code

logger = logging.getLogger(__name__)

# What libraries raise about something that no browser sends.
_MALFORMED = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
    struct.error,
    UnsupportedAlgorithm,
)
_NOT_ACCEPTED = "This passkey was not accepted. Try again, or use another way"


def _code_field(**kwargs: Any) -> forms.CharField:
    return forms.CharField(
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autocapitalize": "none",
                "spellcheck": "false",
                "class": "govuk-input--width-10 govuk-input--extra-letter-spacing",
            }
        ),
        error_messages={
            "required": "Enter the code",
            "max_length": "Enter the code, which is no longer than 8 digits",
        },
        **kwargs,
    )


def _counted_by(user: User) -> str:
    """What the library counts wrong codes and passkeys of an account by."""
    return f"mfa-auth-user-{user.pk}"


def _fail(user: User, *, is_confirming: bool) -> None:
    """A wrong code or passkey of an account: counted, and told to whoever listens."""
    signals.authentication_failed.send(
        sender=Authenticator,
        request=context.request,
        user=user,
        authenticator=None,
        reauthentication=is_confirming,
        stopped=limits.is_stopped_by_failure(context.request, _counted_by(user)),
    )


class _TakesCode(forms.Form):
    """A code of the app or a recovery code, each good for one time."""

    code = _code_field()
    user: User
    is_confirming = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        has_app = steps(self.user).filter(type=APP).exists()
        self.fields["code"].label = "Code" if has_app else "Recovery code"
        self.fields["code"].help_text = (
            "The six digits that your authenticator app shows for this service. "
            "Without your phone: one of your recovery codes"
            if has_app
            else "One that you have not used yet. It has eight digits"
        )

    def clean_code(self) -> str:
        limits.refuse_if_stopped(_counted_by(self.user))
        forget_tries = check_rate_limit(self.user)
        code = self.cleaned_data["code"]
        try:
            found = take_code(self.user, code)
        except InvalidToken:
            logger.error(
                "The second step of account %s cannot be decrypted: the SECRET_KEY "
                "it was encrypted with is not in SECRET_KEY_FALLBACKS",
                self.user.pk,
            )
            raise ValidationError(
                "Your second step can no longer be read here. Ask an administrator to "
                "remove it, then set it up again"
            ) from None
        if found is None:
            _fail(self.user, is_confirming=self.is_confirming)
            raise get_adapter().validation_error("incorrect_code")
        forget_tries()
        found.user = self.user
        self.authenticator = found
        return code


class CodeForm(_TakesCode, library.AuthenticateForm):
    """The second step of signing in."""


class ConfirmCodeForm(_TakesCode, library.ReauthenticateForm):
    """Somebody who is signed in shows that it is still them."""

    is_confirming = True


class _TakesPasskey(forms.Form):
    credential = forms.JSONField(
        widget=forms.HiddenInput,
        error_messages={"required": _NOT_ACCEPTED, "invalid": _NOT_ACCEPTED},
    )
    user: User | None
    reauthenticated = False

    def clean_credential(self) -> Authenticator:
        if self.user:
            limits.refuse_if_stopped(_counted_by(self.user))
        try:
            return super().clean_credential()
        except _MALFORMED:  # no try at all
            raise ValidationError(_NOT_ACCEPTED) from None
        except (ValidationError, InvalidSignature) as error:
            if getattr(error, "messages", []) == [STOPPED]:
                raise
        if self.user:
            _fail(self.user, is_confirming=self.reauthenticated)
        raise ValidationError(_NOT_ACCEPTED)


class PasskeyStepForm(_TakesPasskey, library_passkeys.AuthenticateWebAuthnForm):
    """The second step of signing in."""


class ConfirmPasskeyForm(_TakesPasskey, library_passkeys.ReauthenticateWebAuthnForm):
    """Somebody who is signed in shows that it is still them."""

    reauthenticated = True


class PasskeySignInForm(_TakesPasskey, library_passkeys.LoginWebAuthnForm):
    """Signing in with a passkey alone."""


# Setting up


class AppForm(GovukForm):
    """The first code that an app shows proves that it has the secret."""

    code = _code_field(
        label="Code",
        help_text="The six digits that the app shows for this service now",
    )

    def __init__(self, *args: Any, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secret = secret
        self.counter = -1

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        counter = matching_counter(self.secret, code)
        if counter is None:
            raise ValidationError(
                "This is not the code that belongs to this key. Enter the one that the "
                "app shows now. If it is refused again, set the clock of your phone"
            )
        self.counter = counter
        return code


class PasskeyForm(GovukForm):
    """A passkey that the browser has just made, and what to call it."""

    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="To tell it from others later. For example, Work laptop",
    )
    credential = forms.JSONField(
        widget=forms.HiddenInput,
        required=False,
        error_messages={"invalid": "Press the button and try again"},
    )

    def clean_credential(self) -> Any:
        credential = self.cleaned_data["credential"]
        if not credential:
            raise ValidationError(
                "Press the button again, and follow what the browser says"
            )
        try:
            passkeys.parse_registration_response(credential)
            passkeys.complete_registration(credential)
        except (*_MALFORMED, ValidationError, InvalidSignature):
            raise ValidationError(
                "This passkey was not accepted. Press the button and try again"
            ) from None
        return credential
