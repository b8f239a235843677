"""Files people hand in: what may be, how large, and where the content is kept.

The content lies under ``FILES_DIR``, outside the web root, under a random name. It is
written before the row, and goes again when the transaction of the row is rolled back.
"""

import hashlib
import logging
import re
import unicodedata
import weakref
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, QuerySet, Sum
from simple_history.models import HistoricalChanges

from assurance import holds
from assurance.contents import Kind, Wrong, check_content
from assurance.inert import Work, check_inert
from assurance.models import StoredFile, User

logger = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
# Of text and CSV: some thousand pages. More of it takes long to look through.
TEXT_MOST_MB = 5
NAME_MOST = 150

_ENDINGS = {kind.value: kind for kind in Kind} | {"jpg": Kind.JPEG}
ACCEPTED = ",".join(f".{ending}" for ending in _ENDINGS)
ACCEPTED_IN_WORDS = "PDF, Word, Excel, PowerPoint, OpenDocument, PNG, JPEG, text or CSV"

# What people try to add, and what to do with it instead.
_INSTEAD = {
    ending: advice
    for endings, advice in (
        ("doc dot docm dotx dotm rtf pages wpd", "Save it as DOCX or PDF"),
        ("xls xlsm xlsb xlt xltx xltm numbers", "Save it as XLSX or PDF"),
        ("ppt pptm pps ppsx ppsm pot potx key", "Save it as PPTX or PDF"),
        ("svg eps ai vsd vsdx", "Save it as PDF or PNG"),
        ("html htm xhtml mht mhtml xml", "Print it to PDF"),
        ("gif bmp tif tiff webp heic heif avif", "Save it as JPEG or PNG"),
        ("msg eml", "Print the e-mail to PDF"),
        ("zip 7z rar gz tar", "Take the files out of it and choose each of them"),
    )
    for ending in endings.split()
}
# Directories in a name, a drive letter, and the mark of a stream.
_PATH = re.compile(r"[/\\:]")
_INVISIBLE = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")


def name_as_sent(upload: File) -> str:
    """The file's name as the browser sent it, directories and all.

    Django cuts a name to what follows the last slash; ``sent_name``, which our reader
    of forms adds, is what it was before that.
    """
    return getattr(upload, "sent_name", None) or upload.name or ""


def size_in_words(size: int) -> str:
    """ "32 MB", "1.5 MB", "12 KB"."""
    if size < MEGABYTE:
        return f"{max(round(size / 1024), 1)} KB"
    megabytes = size / MEGABYTE
    return f"{megabytes:.0f} MB" if megabytes >= 10 else f"{megabytes:.2g} MB"


def check(upload: File, work: Work | None = None) -> Kind:
    """What kind of file it is; refuses what may not be kept, naming the file.

    It is looked into once, though a form asks and then what stores it. Files that are
    handed in together share the ``work`` they may cost.
    """
    kind = getattr(upload, "found_to_be", None)
    if kind is None:
        kind = _look_into(upload, work)
        upload.found_to_be = kind  # type: ignore[attr-defined]
    return kind


def _look_into(upload: File, work: Work | None) -> Kind:
    name = _checked_name(name_as_sent(upload))
    if not upload.size:
        raise ValidationError(
            f"“{name}” is empty. Look at the file and choose it again"
        )
    if upload.size > settings.MAX_FILE_MB * MEGABYTE:
        raise ValidationError(
            f"“{name}” is {size_in_words(upload.size)}; the most is "
            f"{settings.MAX_FILE_MB} MB. Make it smaller, or add a link to it"
        )
    kind = _kind_by_ending(name)
    if kind in (Kind.TXT, Kind.CSV) and upload.size > TEXT_MOST_MB * MEGABYTE:
        raise ValidationError(
            f"“{name}” is {size_in_words(upload.size)}; the most of text and CSV is "
            f"{TEXT_MOST_MB} MB. Save it as {'PDF' if kind == Kind.TXT else 'XLSX'}, "
            "or make several files of it, and choose that"
        )
    try:
        check_content(upload, kind)  # type: ignore[arg-type]
        check_inert(upload, kind, work)  # type: ignore[arg-type]
    except Wrong as wrong:
        raise ValidationError(f"“{name}” {wrong}") from wrong
    return kind


def _checked_name(sent: str) -> str:
    name = unicodedata.normalize("NFC", sent)
    shown = _visible(name)
    if name != shown:
        raise ValidationError(
            f"The name “{shown}” holds characters that cannot be seen. Rename the "
            "file and choose it again"
        )
    if _PATH.search(name) or name in ("", ".", ".."):
        raise ValidationError(
            f"The name “{shown}” holds folders or a drive. Rename the file and choose "
            "it again"
        )
    if len(name) > NAME_MOST:
        raise ValidationError(
            f"The name “{shown[:60]}…” is {len(name)} characters long; the most is "
            f"{NAME_MOST}. Rename the file and choose it again"
        )
    return name


def _visible(text: str) -> str:
    """Without control characters and marks that turn the direction of reading."""
    return "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE)


def _kind_by_ending(name: str) -> Kind:
    stem, dot, ending = name.rpartition(".")
    ending = ending.strip().lower()
    if stem.strip() and dot and ending in _ENDINGS:
        return _ENDINGS[ending]
    advice = _INSTEAD.get(ending)
    if dot and advice:
        raise ValidationError(
            f"“{name}” is of a kind that cannot be kept. {advice}, and choose that"
        )
    raise ValidationError(
        f"“{name}” is of a kind that cannot be kept. Choose a file that is "
        f"{ACCEPTED_IN_WORDS}"
    )


def store(upload: File, *, by: User) -> StoredFile:
    """Keep a file that was handed in. Call it in the transaction of what it is for."""
    kind = check(upload)
    return _keep(upload, name=_checked_name(name_as_sent(upload)), kind=kind, by=by)


def store_made(content: bytes, *, name: str, kind: str, by: User) -> StoredFile:
    """Keep a file that was made here, of whatever size. Call it in the transaction of
    what it is for.
    """
    return _keep(ContentFile(content), name=name, kind=kind, by=by)


def _keep(upload: File, *, name: str, kind: str, by: User) -> StoredFile:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    stored = StoredFile(
        name=name,
        kind=kind,
        size=upload.size,
        sha256=digest.hexdigest(),
        uploaded_by=by,
    )
    try:
        stored.content.save("", upload, save=False)
    except OSError as error:
        logger.exception("A file could not be written")
        raise ValidationError(
            f"“{name}” could not be kept: the server can write no files just now. "
            "Nothing was saved. Tell the office’s IT, and try again later"
        ) from error
    _delete_unless_committed(str(stored.content.name))
    stored.save()
    return stored


def is_as_kept(stored: StoredFile, content: File) -> bool:
    """Whether this is what was kept, to the byte. Leaves it at its beginning.

    20 MB take some 30 ms, and a server does something else meanwhile.
    """
    if content.size != stored.size:
        return False
    content.seek(0)
    digest = hashlib.sha256()
    while chunk := content.read(MEGABYTE):
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest() == stored.sha256


class _Waiting:
    """Stands for content whose row is not committed yet."""


def _delete_unless_committed(name: str) -> None:
    """Django tells when a transaction is committed, not when it is rolled back: then,
    it lets go of what was to be called. So what is called here alone keeps alive the
    object whose end deletes the content, unless it was called before.
    """
    waiting = _Waiting()
    end = weakref.finalize(waiting, default_storage.delete, name)

    def keep(waiting: _Waiting = waiting) -> None:
        end.detach()

    transaction.on_commit(keep)


def size_of(stored: QuerySet[StoredFile]) -> int:
    """In bytes, all together, each file once."""
    return StoredFile.objects.filter(pk__in=stored.values("pk")).aggregate(
        total=Sum("size", default=0)
    )["total"]


def check_total(uploads: Iterable[File], *, already: int, where: str) -> None:
    """Refuse files that are too much together with those there are.

    ``already`` is bytes; ``where`` is what they belong to: "this action".
    """
    most = settings.MAX_FILES_MB * MEGABYTE
    added = sum(upload.size or 0 for upload in uploads)
    if added and already + added > most:
        raise ValidationError(
            f"The files of {where} may be {settings.MAX_FILES_MB} MB together; there "
            f"are {size_in_words(already)}, and these are {size_in_words(added)} more. "
            "Choose fewer or smaller files, or add a link"
        )


@transaction.atomic
def discard(stored: StoredFile) -> None:
    """Delete a file that nothing refers to any longer; one still in use stays, and
    while a legal hold is set every one: see ``discard_unused``.
    """
    holds.lock()
    if holds.is_set():
        return
    name = str(stored.content.name)
    try:
        with transaction.atomic():
            stored.delete()
    except ProtectedError:
        return
    transaction.on_commit(lambda: default_storage.delete(name))


def discard_unused() -> int:
    """Delete what a legal hold kept of files that nothing refers to; how many."""
    unused = StoredFile.objects.filter(removal=None)
    links: list[Any] = list(StoredFile._meta.get_fields(include_hidden=True))
    for link in links:
        # The row's own number is made by itself too, and refers to nothing.
        if not link.auto_created or not link.is_relation:
            continue
        if not issubclass(link.related_model, HistoricalChanges):
            refers = link.related_model._base_manager.filter(
                **{link.field.name: OuterRef("pk")}
            )
            unused = unused.exclude(Exists(refers))
    found = list(unused)
    for stored in found:
        discard(stored)
    return len(found)
