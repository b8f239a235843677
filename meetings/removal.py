"""Removing words from the whole record for data protection: one step, or none of it.

What holds the record together is mended in the same step: checksums of versions are
worked out anew, documents of versions are those made from what is left, and each
version and file says which removal changed it. What the words were is nowhere kept.
"""

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from assurance import guards, holds
from assurance.calendar import day_in_words
from assurance.files import store_made
from assurance.models import Removal, StoredFile, User
from assurance.removing.replace import Changed, replace
from assurance.removing.search import Thing, find
from assurance.removing.words import Words
from meetings.models import MinutesVersion, VersionRemoval
from meetings.record import Record, from_json

logger = logging.getLogger(__name__)

_VERSIONS = MinutesVersion._meta.label
_ACCOUNTS = User._meta.label
# How often what was written meanwhile is looked for again.
_ROUNDS = 5
CHANGED_MEANWHILE = (
    "Something was written or changed since you looked, and nothing was removed. Look "
    "at what is found now, then remove it"
)


def mark_of(day: dt.date) -> str:
    """What stands where the words stood."""
    return f"[removed for data protection on {day_in_words(day)}]"


def digest_of(things: Iterable[Thing]) -> str:
    """Of what was found, to tell whether it still is the same."""
    keys = sorted(thing.key for thing in things)
    return hashlib.sha256(json.dumps(keys).encode()).hexdigest()


# Documents of versions


@dataclass(frozen=True)
class ToMake:
    """A version whose documents are to be made again, as it will be."""

    pk: int
    meeting_pk: int
    number: int
    on: dt.date
    record: Record
    digest: str


@dataclass(frozen=True)
class Made:
    """Its documents by kind, and what they were made from."""

    digest: str
    documents: Mapping[str, bytes]


def documents_to_make(
    things: Iterable[Thing], words: Words, mark: str
) -> Iterable[ToMake]:
    """The versions among these with documents, without the words. One at a time: a
    version may be long.
    """
    pks = [thing.pk for thing in things if thing.label == _VERSIONS]
    kept = MinutesVersion.objects.filter(pk__in=pks).exclude(pdf=None, docx=None)
    for version in kept.order_by("pk").iterator(chunk_size=20):
        content = words.without_in(version.content, mark)
        yield ToMake(
            version.pk,
            version.meeting_id,
            version.number,
            timezone.localdate(version.at),
            from_json(content),
            _digest(content),
        )


def _digest(content: Any) -> str:
    said = json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(said.encode()).hexdigest()


# Files that were handed in


def files_to_look_into() -> QuerySet[StoredFile]:
    """All but the documents of versions, which are made again."""
    of_version = MinutesVersion.objects.filter(
        Q(pdf=OuterRef("pk")) | Q(docx=OuterRef("pk"))
    )
    return StoredFile.objects.filter(~Exists(of_version), removal=None).order_by("pk")


# The removal


@dataclass(frozen=True)
class Order:
    """What an administrator saw and decided.

    ``seen`` is the digest of all that was found, ``keys`` are the things from which
    the words are removed, ``files`` the files whose content is deleted.
    """

    words: Words
    why: str
    by: User
    mark: str
    seen: str
    keys: Collection[str]
    files: Collection[int] = ()
    made: Mapping[int, Made] = field(default_factory=dict)


@transaction.atomic
def remove(order: Order) -> Removal:
    """Raises ``ValidationError`` with a sentence; then nothing at all is changed."""
    holds.lock()
    holds.refuse_while_held()
    _one_at_a_time()
    _refuse(order)
    changed = Changed()
    with guards.lifted():
        _remove_words(order, changed)
        mended = _mend_versions(changed.rows.get(_VERSIONS, set()), order)
        emptied = _files_of(order)
        gone = [*emptied, *(pk for one in mended for pk in one.documents_before)]
        removal = Removal.objects.create(
            why=order.why.strip(),
            by=order.by,
            mark=order.mark,
            places={
                "rows": changed.to_json(),
                "versions": [
                    {"id": one.pk, "before": one.before, "after": one.after}
                    for one in mended
                ],
                "files": sorted(emptied),
                "documents": sorted(
                    pk for one in mended for pk in one.documents_before
                ),
                guards.WRITTEN_ONCE: _written_once(changed, mended, gone),
            },
        )
        VersionRemoval.objects.bulk_create(
            VersionRemoval(
                version_id=one.pk,
                removal=removal,
                before=one.before,
                after=one.after,
            )
            for one in mended
            if one.has_changed_words
        )
        StoredFile.objects.filter(pk__in=gone).update(removal=removal)
    transaction.on_commit(lambda: delete_contents(of=removal))
    return removal


def _one_at_a_time() -> None:
    """Until the transaction ends nobody else removes. SQLite has one writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('removal'))")


def _refuse(order: Order) -> None:
    if not order.why.strip():
        raise ValidationError({"why": "Say why the words are removed"})
    if order.words.stand_in(order.why):
        raise ValidationError(
            {
                "why": "The reason is kept, and holds words that are to be removed. "
                "Say it without them"
            }
        )
    if not order.keys and not order.files:
        raise ValidationError("Tick what is to be removed")
    own = f"{_ACCOUNTS}:{order.by.pk}"
    if own in order.keys and order.words.stand_in(order.by.email):
        raise ValidationError(
            "The words are in the e-mail address of your own account, with which you "
            "sign in. Ask another administrator to remove them"
        )


def _remove_words(order: Order, changed: Changed) -> None:
    """Until none of what was ticked holds them: somebody who was saving one of these
    rows is waited for, and what they saved is looked at as well.
    """
    for round_ in range(_ROUNDS):
        found = find(order.words)
        if round_ == 0 and digest_of(found) != order.seen:
            raise ValidationError(CHANGED_MEANWHILE)
        left = [thing for thing in found if thing.key in order.keys]
        if not left:
            return
        replace(left, order.words, order.mark, changed)
    raise ValidationError(CHANGED_MEANWHILE)


def _files_of(order: Order) -> list[int]:
    there = files_to_look_into().filter(pk__in=order.files)
    pks = list(there.select_for_update(no_key=True).values_list("pk", flat=True))
    if len(pks) != len(set(order.files)):
        raise ValidationError(CHANGED_MEANWHILE)
    return pks


@dataclass(frozen=True)
class _Mended:
    pk: int
    before: str
    after: str
    has_changed_words: bool
    documents_before: list[int]


def _mend_versions(changed: set[int], order: Order) -> list[_Mended]:
    """Checksums of the versions whose words changed, and of those made from them; the
    documents of the former.
    """
    mended = []
    for pk in sorted(_with_those_made_from(changed)):
        version = MinutesVersion.objects.select_related("made_from", "pdf", "docx").get(
            pk=pk
        )
        before, documents = version.checksum, []
        if pk in changed:
            documents = _renew_documents(version, order)
        version.checksum = version.worked_out_checksum()
        MinutesVersion.objects.filter(pk=pk).update(
            checksum=version.checksum, pdf=version.pdf, docx=version.docx
        )
        mended.append(_Mended(pk, before, version.checksum, pk in changed, documents))
    return mended


def _written_once(
    changed: Changed, mended: list[_Mended], gone: list[int]
) -> dict[str, list[Any]]:
    """The rows of guarded tables that were changed: the database asks for these."""
    rows = {label: set(pks) for label, pks in changed.rows.items()}
    rows.setdefault(_VERSIONS, set()).update(one.pk for one in mended)
    rows.setdefault(StoredFile._meta.label, set()).update(gone)
    tables = {apps.get_model(label)._meta.db_table: pks for label, pks in rows.items()}
    guarded = guards.refused()
    return {
        table: sorted(pks) for table, pks in tables.items() if pks and table in guarded
    }


def _with_those_made_from(changed: set[int]) -> set[int]:
    """A checksum stands for that of the version it was made from as well."""
    found, latest = set(changed), set(changed)
    while latest:
        made = MinutesVersion.objects.filter(made_from__in=latest)
        latest = set(made.values_list("pk", flat=True)) - found
        found |= latest
    return found


def _renew_documents(version: MinutesVersion, order: Order) -> list[int]:
    """Says which files they were before."""
    before = []
    for kind in ("pdf", "docx"):
        old: StoredFile | None = getattr(version, kind)
        if old is None:
            continue
        made = order.made.get(version.pk)
        if made is None or made.digest != _digest(version.content):
            raise ValidationError(CHANGED_MEANWHILE)
        new = store_made(made.documents[kind], name=old.name, kind=kind, by=order.by)
        setattr(version, kind, new)
        before.append(old.pk)
    return before


def delete_contents(*, of: Removal | None = None) -> int:
    """Delete from disk what removals took away, of one or of all; how many there were.

    Doing it again does no harm: what a fault or a full stop left is deleted then.
    """
    gone = StoredFile.objects.filter(removal=of) if of else _all_gone()
    count = 0
    for stored in gone:
        name = str(stored.content.name)
        try:
            if default_storage.exists(name):
                default_storage.delete(name)
                count += 1
        except OSError:
            logger.exception(
                "The content of stored file %s was removed for data protection and "
                "cannot be deleted",
                stored.pk,
            )
    return count


def _all_gone() -> QuerySet[StoredFile]:
    return StoredFile.objects.filter(removal__isnull=False)
