"""What came after a backup was made, and must be done again once it is put back."""

from dataclasses import dataclass, field

from django.db import connection

from assurance import mail
from assurance.models import Removal, User


@dataclass(frozen=True)
class Known:
    """What a database says of removals for data protection, and of who may sign in."""

    # Number, time and reason of each.
    removals: set[tuple[int, str, str]] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    active: set[str] = field(default_factory=set)


def known() -> Known:
    """Of our database as it is; it may be older than this version, or empty."""
    tables = connection.introspection.table_names()
    removals, accounts = Removal.objects.none(), User.objects.none()
    if Removal._meta.db_table in tables:
        removals = Removal.objects.order_by("pk")
    if User._meta.db_table in tables:
        accounts = User.objects.order_by("pk")
    may_sign_in = dict(accounts.values_list("email", "is_active"))
    return Known(
        {
            (pk, f"{at:%Y-%m-%d %H:%M} UTC", why)
            for pk, at, why in removals.values_list("pk", "at", "why")
        },
        {email for email, active in may_sign_in.items() if not active},
        {email for email, active in may_sign_in.items() if active},
    )


def to_do_again(before: Known) -> list[str]:
    """Sentences; ``before`` is what the database said that was replaced."""
    after = known()
    return [
        f"Remove again for data protection what was removed at {at}: {why}"
        for _, at, why in sorted(before.removals - after.removals)
    ] + [
        f"{email} may sign in again, and was stopped since: stop that account again."
        for email in sorted(before.stopped & after.active)
    ]


def hold_mail_back() -> list[str]:
    """E-mails that waited when the backup was made may have been sent since."""
    tables = connection.introspection.table_names()
    if "post_office_email" not in tables or not (count := mail.give_up_all()):
        return []
    return [f"E-mails that waited in the backup and will not be sent: {count}."]
