"""Legal holds, and removing words for data protection."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.signing import BadSignature, Signer

from assurance.forms.accounts import password_input
from assurance.forms.base import GovukForm
from assurance.models import User
from assurance.removing.words import Words


class HoldForm(GovukForm):
    """Set a hold."""

    why = forms.CharField(
        label="Why nothing may be removed",
        help_text="For example: Coroner’s inquest, letter of 3 May 2026. Everybody who "
        "may read this page sees it",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why nothing may be removed"},
    )


class LiftForm(GovukForm):
    """Lift one."""

    because = forms.CharField(
        label="Why it is lifted",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why the hold is lifted"},
    )


class LookForm(GovukForm):
    """What to look for. Nothing keeps the words: see ``sign_in/unsent.py``."""

    words_to_remove = forms.CharField(
        label="Words to remove",
        help_text="Each way in which they are written on a line of its own: a name, "
        "its initials, an e-mail address, a whole passage",
        max_length=50_000,
        widget=forms.Textarea(
            attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={"required": "Enter the words to remove"},
    )
    why = forms.CharField(
        label="Reason",
        help_text="It is kept, so say it without the words. For example: request for "
        "erasure of 3 May 2026, article 17 UK GDPR",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why the words are removed"},
    )
    into_files = forms.BooleanField(
        label="Look into files that were handed in as well",
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, mark: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mark = mark

    def clean_words_to_remove(self) -> str:
        sent: str = self.cleaned_data["words_to_remove"]
        self.words = Words.read(sent, mark=self.mark)
        return sent

    def clean(self) -> None:
        super().clean()
        words = getattr(self, "words", None)
        if words and words.stand_in(self.cleaned_data.get("why", "")):
            self.add_error(
                "why",
                "The reason is kept, and holds words that are to be removed. Say it "
                "without them",
            )


class RemoveForm(LookForm):
    """What is removed of what was found, and that it is still the administrator."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=200)
    password = forms.CharField(
        label="Your password",
        max_length=200,
        strip=False,
        widget=password_input("current-password"),
        error_messages={"required": "Enter your password"},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name in ("words_to_remove", "why", "into_files"):
            self.fields[name].widget = forms.HiddenInput()
        if not user.has_usable_password():
            del self.fields["password"]

    @staticmethod
    def seal(seen: str, *, user: User) -> str:
        """What this account was shown, so that nobody can say they were shown it."""
        return _sealing(user).sign(seen)

    def clean_seen(self) -> str:
        """Nothing, if it was not sealed here for this account."""
        try:
            return _sealing(self.user).unsign(self.cleaned_data["seen"])
        except BadSignature:
            return ""

    def clean_password(self) -> str:
        """A wrong one counts like a wrong one at sign-in."""
        password: str = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("incorrect_password")
        return password


def _sealing(user: User) -> Signer:
    return Signer(salt=f"assurance.forms.removal {user.pk}")
