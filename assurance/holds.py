"""Legal holds: while one is set nothing of the record is deleted for good."""

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from assurance.calendar import day_in_words
from assurance.models import LegalHold, User


def standing() -> list[LegalHold]:
    """Those that are set now, the first one first."""
    found = LegalHold.objects.filter(lifted_at__isnull=True)
    return list(found.select_related("set_by").order_by("set_at", "id"))


def is_set() -> bool:
    return LegalHold.objects.filter(lifted_at__isnull=True).exists()


def in_words(hold: LegalHold) -> str:
    day = day_in_words(timezone.localdate(hold.set_at))
    return f"{hold.set_by} set a legal hold on {day}: {hold.why.rstrip('.')}"


def refuse_while_held() -> None:
    """Raises ``ValidationError`` that says by whom, when and why a hold is set."""
    if holds := standing():
        said = ". ".join(map(in_words, holds))
        raise ValidationError(
            f"Nothing is removed while a legal hold is set. {said}. Lift it first, if "
            "the reason for it has ended"
        )


def lock() -> None:
    """Until the transaction ends nobody sets or lifts a hold. SQLite has one writer.

    Whoever deletes locks in this way, and none of them waits for another.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(LegalHold._meta.db_table)
            cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")


@transaction.atomic
def set_hold(why: str, *, by: User) -> LegalHold:
    if not why.strip():
        raise ValidationError({"why": "Say why nothing may be removed"})
    return LegalHold.objects.create(why=why.strip(), set_by=by)


@transaction.atomic
def lift_hold(hold: LegalHold, because: str, *, by: User) -> LegalHold:
    """It counts no longer; that it was set, and why, is kept."""
    if not because.strip():
        raise ValidationError({"because": "Say why the hold is lifted"})
    held = LegalHold.objects.select_for_update(no_key=True).get(pk=hold.pk)
    if held.lifted_at:
        day = day_in_words(timezone.localdate(held.lifted_at))
        raise ValidationError(f"{held.lifted_by} lifted this hold on {day} already")
    held.lifted_because = because.strip()
    held.lifted_by, held.lifted_at = by, timezone.now()
    held.save()
    return held
