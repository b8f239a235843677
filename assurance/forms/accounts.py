"""Sign-in, accounts and organisations."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from crispy_forms_gds.helper import FormHelper
from django import forms
from django.contrib.auth.password_validation import validate_password

from assurance.forms.base import (
    GovukForm,
    GovukModelForm,
    VersionedModelForm,
    unused_name,
)
from assurance.models import Organisation, User
from assurance.permissions import Role

ADVICE = "At least 12 characters. Three random words are easy to remember"


def password_input(purpose: str) -> forms.PasswordInput:
    """The design system's, with a button that shows what was typed."""
    return forms.PasswordInput(
        attrs={
            "autocomplete": purpose,
            "autocapitalize": "none",
            "spellcheck": "false",
            "class": "govuk-password-input__input govuk-js-password-input-input",
        }
    )


def _in_govuk_markup(form: Any) -> None:
    """allauth's forms, without its placeholders and help, in the look of ours."""
    form.helper = FormHelper(form)
    form.helper.form_tag = False
    form.helper.disable_csrf = True
    for field in form.fields.values():
        if isinstance(field.widget, forms.PasswordInput):
            field.widget = password_input(field.widget.attrs["autocomplete"])
        field.widget.attrs.pop("placeholder", None)
        field.help_text = ""


class SignInForm(LoginForm):
    """Its fields are ``login`` and ``password``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_govuk_markup(self)
        login, password = self.fields["login"], self.fields["password"]
        login.label = "E-mail address"
        login.error_messages |= {
            "required": "Enter your e-mail address",
            "invalid": "Enter an e-mail address, like name@office.example",
        }
        login.widget.attrs["autocomplete"] = "username"
        password.error_messages["required"] = "Enter your password"


class PasswordChangeForm(ChangePasswordForm):
    """Somebody changes their own password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_govuk_markup(self)
        old, new, again = self.fields.values()
        old.label = "Current password"
        old.error_messages["required"] = "Enter your current password"
        new.label = "New password"
        new.help_text = ADVICE
        new.error_messages["required"] = "Enter a new password"
        again.label = "New password again"
        again.error_messages["required"] = "Enter the new password a second time"

    def clean_oldpassword(self) -> str:
        """A wrong one counts like a wrong one at sign-in."""
        password = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


class ConfirmPasswordForm(ReauthenticateForm):
    """Somebody who is signed in shows that it is still them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_govuk_markup(self)
        self.fields["password"].error_messages["required"] = "Enter your password"


class _AccountFields(forms.ModelForm):
    """The fields of an account that a new one and a changed one share."""

    role = forms.ChoiceField(label="Role", choices=Role, widget=forms.RadioSelect)
    organisation = forms.ModelChoiceField(
        Organisation.objects.all(),
        label="Organisation",
        required=False,
        empty_label="No organisation",
        help_text="A liaison sees the actions of this organisation and no others",
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean(self) -> None:
        super().clean()
        sent = self.cleaned_data
        if sent.get("role") == Role.LIAISON and not sent.get("organisation"):
            self.add_error("organisation", "Choose the organisation of the liaison")


class _AccountMeta:
    model = User
    fields = ["name", "email", "role", "organisation"]
    help_texts = {
        "email": "They sign in with it, in capitals or small letters",
        "is_active": "If not ticked, they are signed out at once. What they wrote "
        "stays",
    }
    error_messages = {
        "email": {"invalid": "Enter an e-mail address, like name@office.example"}
    }


class NewAccountForm(_AccountFields, GovukModelForm):
    """A new account may sign in once its owner has set a password."""

    class Meta(_AccountMeta):
        pass

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        return super().save(commit)


class AccountForm(_AccountFields, VersionedModelForm):
    """Changes an account, but not its password."""

    class Meta(_AccountMeta):
        fields = [*_AccountMeta.fields, "is_active"]

    def save(self, commit: bool = True) -> User:
        """Only what is on the form: a password set meanwhile stays."""
        account = super().save(commit=False)
        if commit:
            written = [*self.Meta.fields, "is_demonstration", "version"]
            account.save(update_fields=written)
        return account


class InviteForm(GovukForm):
    """A link to set a password is to be sent; there is nothing to fill in."""


class ForgottenPasswordForm(GovukForm):
    """Somebody asks for a link to set another password."""

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        help_text="The one that you sign in with",
        error_messages={
            "required": "Enter your e-mail address",
            "invalid": "Enter an e-mail address, like name@office.example",
        },
        widget=forms.EmailInput(
            attrs={"autocomplete": "username", "spellcheck": "false"}
        ),
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class SetPasswordForm(GovukForm):
    """Somebody sets their own password, with a link that was sent to them."""

    password = forms.CharField(
        label="New password",
        help_text=ADVICE,
        strip=False,
        widget=password_input("new-password"),
    )

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, self.account)
        return password


class _OrganisationFields(forms.ModelForm):
    """The fields of an organisation that a new one and a changed one share."""

    kind = forms.ChoiceField(
        label="Kind", choices=Organisation.Kind, widget=forms.RadioSelect
    )

    def clean_name(self) -> str:
        return unused_name(self, "There is an organisation with this name already")


class _OrganisationMeta:
    model = Organisation
    fields = ["name", "short_names", "kind"]
    help_texts = {
        "short_names": "As written in minutes, separated by commas, the most "
        "particular last: Force, WMP",
    }


class NewOrganisationForm(_OrganisationFields, GovukModelForm):
    class Meta(_OrganisationMeta):
        pass


class OrganisationForm(_OrganisationFields, VersionedModelForm):
    class Meta(_OrganisationMeta):
        pass
