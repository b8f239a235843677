"""What a password may be: 12 to 128 characters that are hard to guess.

No capitals, digits or signs are asked for: they make passwords harder to remember and
hardly harder to guess (National Cyber Security Centre, "Password policy: updating your
approach"). What is refused is what an attacker tries first.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
)
from django.core.exceptions import ValidationError

from assurance.models import Organisation

# What anybody would try first of an office like this, and of anybody at all.
EXPECTED = """
    action actions admin administrator agenda assurance change changeme chief
    commissioner constable constabulary crime deputy force holder letmein login
    mayor meeting meetings minutes office officer opcc passphrase passwd password
    pcc police pword qwerty secret signin staff welcome
    monday tuesday wednesday thursday friday saturday sunday
    january february march april june july august september october november
    december spring summer autumn winter
"""
# Letters that must be there beside such words, however many of them there are.
OWN_LETTERS = 8
# "P0l1ce" is "police".
_READ_AS = str.maketrans("@4310!$57", "aaeioisst")


class LongEnough(MinimumLengthValidator):
    def get_error_message(self) -> str:
        return f"Enter a password of at least {self.min_length} characters"


class NotTooLong:
    """Far more than anybody needs; a limit because hashing takes time."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(
                f"Enter a password of at most {self.max_length} characters. This one "
                f"has {len(password)}",
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return f"At most {self.max_length} characters"


class NotCommon(CommonPasswordValidator):
    """Not one of the 20,000 that are used most, nor one key after another."""

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password, user)
        steps = {ord(b) - ord(a) for a, b in pairwise(password)}
        if len(set(password.lower())) < 5 or len(steps) < 2:
            raise ValidationError(self.get_error_message(), code="password_too_common")

    def get_error_message(self) -> str:
        return "This password is too common. Choose one that nobody else would think of"


class NotExpected:
    """Not made of words that anybody who knows the office or its owner would try.

    Such words may be in it. They, and the digits and signs around them, count for
    nothing: "West Mercia Police 2026!" is refused, "the police horse eats batteries" is
    long enough without its "police".
    """

    def validate(self, password: str, user: Any = None) -> None:
        own = _outside(password, _expected_words(user))
        if own is not None and own < OWN_LETTERS:
            raise ValidationError(
                "This password is mostly words that somebody who knows the office or "
                "you would try first. Add other words, or choose another password",
                code="password_expected",
            )

    def get_help_text(self) -> str:
        return "Not mainly names of the office, the force or yourself"


def _expected_words(user: Any) -> set[str]:
    named = [
        settings.OFFICE_NAME,
        settings.SERVICE_NAME,
        settings.HOLDER_TITLE,
        settings.HOLDER_ABBREVIATION,
        getattr(user, "name", ""),
        getattr(user, "email", ""),
    ]
    for names in Organisation.objects.values_list("name", "short_names"):
        named += names
    words = set(EXPECTED.split())
    for name in named:
        words |= set(_words(name))
    return words


def _words(name: str) -> Iterator[str]:
    """Words that say something: "of" and "the" stand in any good passphrase."""
    for word in re.findall(r"[^\W\d_]+", name):
        if len(word) > 3 or (len(word) == 3 and word.isupper()):
            yield word.lower()


def _outside(password: str, words: set[str]) -> int | None:
    """The letters outside all of these words, or None if none of them is there."""
    text, covered = password.lower().translate(_READ_AS), set()
    for word in words:
        at = text.find(word)
        while at >= 0:
            covered |= set(range(at, at + len(word)))
            at = text.find(word, at + 1)
    if not covered:
        return None
    return sum(
        letter.isalpha() and place not in covered
        for place, letter in enumerate(password)
    )
