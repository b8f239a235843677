"""What came after a backup was made, and must be done again once it is put back."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.db.models import Model
from post_office.models import Email

from assurance import mail
from assurance.models import Removal, Session, User

# What opens an account, or says what it opens, in words.
_OPENING = {
    "email": "e-mail address",
    "role": "role",
    "organisation_id": "organisation",
    "password": "password",
    "steps": "second step",
    "codes": "recovery codes",
    "links": "single sign-on",
}
# A row of accounts; of another database the same number is somebody else.
_Key = tuple[int, dt.datetime]


@dataclass(frozen=True)
class Known:
    """What a database says of removals for data protection, and of who may sign in."""

    # Number, time and reason of each.
    removals: set[tuple[int, str, str]] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    active: set[str] = field(default_factory=set)
    accounts: dict[_Key, dict[str, Any]] = field(default_factory=dict)


def known() -> Known:
    """Of our database as it is; it may be older than this version, or empty."""
    removals = Removal.objects.all() if _has(Removal) else Removal.objects.none()
    accounts = User.objects.all() if _has(User) else User.objects.none()
    may_sign_in = dict(accounts.values_list("email", "is_active"))
    return Known(
        {
            (pk, f"{at:%Y-%m-%d %H:%M} UTC", why)
            for pk, at, why in removals.values_list("pk", "at", "why")
        },
        {email for email, active in may_sign_in.items() if not active},
        {email for email, active in may_sign_in.items() if active},
        _opened() if _has(User) else {},
    )


def _has(model: type[Model]) -> bool:
    return model._meta.db_table in connection.introspection.table_names()


def _opened() -> dict[_Key, dict[str, Any]]:
    """Of each account what it opens, and what opens it. Secrets are compared by when
    they were made: encrypted with another key they are the same.
    """
    fields = ("email", "role", "organisation_id", "password")
    found: dict[int, dict[str, Any]] = {}
    keys = {}
    for pk, made, *values in User.objects.values_list("pk", "created_at", *fields):
        keys[pk] = (pk, made)
        found[pk] = dict(zip(fields, values, strict=True))
        found[pk] |= {"steps": set(), "codes": set(), "links": set()}
    if _has(Authenticator):
        rows = Authenticator.objects.values_list("user", "type", "created_at", "data")
        for pk, kind, made, data in rows:
            if kind == Authenticator.Type.RECOVERY_CODES:
                found[pk]["codes"].add((made, data.get("used_mask")))
            else:
                found[pk]["steps"].add((kind, made))
    if _has(SocialAccount):
        for pk, *link in SocialAccount.objects.values_list("user", "provider", "uid"):
            found[pk]["links"].add(tuple(link))
    return {keys[pk]: opened for pk, opened in found.items()}


def to_do_again(before: Known) -> list[str]:
    """Sentences; ``before`` is what the database said that was replaced."""
    after = known()
    removals = [
        f"Remove again for data protection what was removed at {at}: {why}"
        for _, at, why in sorted(before.removals - after.removals)
    ]
    stopped = [
        f"{email} may sign in again, and was stopped since: stop that account again."
        for email in sorted(before.stopped & after.active)
    ]
    return removals + stopped + sorted(_set_back(before, after))


def _set_back(before: Known, after: Known) -> Iterator[str]:
    for key in before.accounts.keys() & after.accounts.keys():
        was, now = before.accounts[key], after.accounts[key]
        changed = [words for name, words in _OPENING.items() if was[name] != now[name]]
        if not changed:
            continue
        of = f", until now {was['email']}," if was["email"] != now["email"] else ""
        yield (
            f"{now['email']}{of} is again as in the backup in what was changed since "
            f"({', '.join(changed)}): change it again, or stop that account."
        )


def end_what_was_live() -> list[str]:
    """Sessions and links may have been ended since the backup was made."""
    tables = connection.introspection.table_names()
    ended = False
    with connection.cursor() as cursor:
        # The second is Django's, of versions before we had our own.
        for table in (Session._meta.db_table, "django_session"):
            if table in tables:
                cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608
                ended = ended or cursor.rowcount > 0
        if _has(User):
            table = User._meta.db_table
            described = connection.introspection.get_table_description(cursor, table)
            if "link_made_at" in {column.name for column in described}:
                links = User.objects.exclude(link_made_at=None)
                ended = links.update(link_made_at=None) > 0 or ended
    if not ended:
        return []
    return ["Everybody is signed out, and links to set a password are dead: send new."]


def hold_mail_back() -> list[str]:
    """E-mails that waited when the backup was made may have been sent since."""
    if not _has(Email) or not (count := mail.give_up_all()):
        return []
    return [f"E-mails that waited in the backup and will not be sent: {count}."]
