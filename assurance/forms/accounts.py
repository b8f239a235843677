"""Sign-in, accounts and organisations."""

from typing import Any

from allauth.account.forms import LoginForm
from crispy_forms_gds.helper import FormHelper


class SignInForm(LoginForm):
    """allauth's form in GOV.UK markup. Its fields are ``login`` and ``password``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail address"
        self.fields["login"].error_messages["required"] = "Enter your e-mail address"
        self.fields["password"].error_messages["required"] = "Enter your password"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
