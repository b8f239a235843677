"""Removing words from the whole record for data protection: one step, or none of it.

What holds the record together is mended in the same step: checksums of versions are
worked out anew, and each version and file says which removal changed it. Documents of
versions whose words were removed go with them. They are made again of what is left when
somebody asks for one, or at night: many take longer than a request may. What the words
were is nowhere kept.
"""

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from assurance import guards, holds
from assurance.calendar import day_in_words
from assurance.files import store_made
from assurance.models import Removal, StoredFile, User
from assurance.removing.replace import Changed, replace
from assurance.removing.search import Thing, find
from assurance.removing.words import Words
from meetings.models import DocumentsAgain, MinutesVersion, VersionRemoval

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


# Documents of published versions


@transaction.atomic
def keep_documents(
    of: VersionRemoval, documents: Mapping[str, bytes], *, checksum: str
) -> DocumentsAgain | None:
    """Keep what was made of a version as it was when it had this checksum.

    Those that somebody else made meanwhile stay. None where words were removed from it
    meanwhile: then these may hold them, and are written nowhere.
    """
    versions = MinutesVersion.objects.only("pk", "checksum", "held_on", "number")
    version = versions.select_for_update(no_key=True).get(pk=of.version_id)
    if version.checksum != checksum:
        return None
    if made := DocumentsAgain.objects.filter(removal=of).first():
        return made
    files = {
        kind: store_made(
            content,
            name=f"minutes-{version.held_on}-version-{version.number}.{kind}",
            kind=kind,
            by=of.removal.by,
        )
        for kind, content in documents.items()
    }
    return DocumentsAgain.objects.create(removal=of, **files)


# Files that were handed in


def files_to_look_into() -> QuerySet[StoredFile]:
    """All but the documents of versions, which are made again."""
    holds_it = Q(pdf=OuterRef("pk")) | Q(docx=OuterRef("pk"))
    of_version = Exists(MinutesVersion.objects.filter(holds_it))
    again = Exists(DocumentsAgain.objects.filter(holds_it))
    return StoredFile.objects.filter(~of_version, ~again, removal=None).order_by("pk")


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
        mended = _mend_versions(changed.rows.get(_VERSIONS, set()))
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


def _mend_versions(changed: set[int]) -> list[_Mended]:
    """Checksums of the versions whose words changed, and of those made from them. The
    former lose their documents: see ``keep_documents``.
    """
    mended = []
    versions = MinutesVersion.objects.select_related("made_from", "pdf", "docx")
    for pk in sorted(_with_those_made_from(changed)):
        version = versions.get(pk=pk)
        before, documents = version.checksum, []
        if pk in changed:
            documents = [stored.pk for stored in version.documents().values()]
            version.pdf = version.docx = None
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
