"""What a timer runs once a day: what nobody needs any more goes, and what must hold is
looked at. Each part says in a line what it did, with numbers and nobody's words.
"""

import datetime as dt
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from assurance import guards, holds, mail
from assurance.alone import alone
from assurance.backup.making import newest_in
from assurance.files import discard_unused, is_as_kept
from assurance.models import StoredFile, Submission
from assurance.sign_in.sessions import end_abandoned
from assurance.sign_in.unsent import forget_unsent
from assurance.snapshot import remove_left_overs
from meetings.documents.again import make_those_that_wait
from meetings.removal import delete_contents

logger = logging.getLogger(__name__)
DAY = dt.timedelta(days=1)
# Nobody presses the same button of the same page again after this.
SUBMISSIONS_KEPT = 7 * DAY
# One night's backup may fail and be looked at in the morning.
BACKUP_EVERY = 2 * DAY
# As files that are handed in are called; what else lies there is not ours to delete.
_OURS = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")


class Wrong(Exception):
    """Something must be put right by a person; the text says what."""


class Command(BaseCommand):
    help = "Do what must be done once a day; ends with 1 if something is wrong"

    def handle(self, **_: Any) -> None:
        with alone("nightly") as nobody_else_does:
            if not nobody_else_does:
                self.stdout.write("This is being done already.")
                return
            wrong = sum(not self._do(part) for part in PARTS)
        if wrong:
            raise CommandError(f"Wrong: {wrong} of {len(PARTS)}. Look above.")

    def _do(self, part: Callable[[dt.datetime], str]) -> bool:
        """Whether it went well. One that fails does not keep the others from theirs."""
        try:
            self.stdout.write(part(timezone.now()))
        except Wrong as wrong:
            self.stdout.write(str(wrong))
            return False
        except Exception as error:
            name = part.__name__.strip("_").replace("_", " ")
            logger.exception("Could not do: %s", name)
            self.stdout.write(f"Could not do this: {name} ({type(error).__name__}).")
            return False
        return True


def _end_sessions(now: dt.datetime) -> str:
    return f"Sessions that were over, removed: {end_abandoned()}."


def _forget_forms(now: dt.datetime) -> str:
    old = Submission.objects.filter(at__lt=now - SUBMISSIONS_KEPT).delete()[0]
    return f"Marks of forms that were sent, removed: {old}."


def _forget_unsent(now: dt.datetime) -> str:
    gone = forget_unsent(now - DAY)
    return f"Forms kept for somebody who did not come back, removed: {gone}."


def _forget_mail(now: dt.datetime) -> str:
    text = f"E-mails of the queue, removed: {mail.forget_old(now=now)}."
    troubles = mail.troubles(now=now)
    if troubles.failed:
        text += f" Could not be sent in two weeks: {troubles.failed}."
    if troubles.waiting and settings.MAIL_IS_SENT:
        raise Wrong(
            f"{text} Waiting to be sent: {troubles.waiting}. See whether send_mail "
            "runs and the mail server answers."
        )
    return text


def _empty_cache(now: dt.datetime) -> str:
    """Django looks for what has expired only once the table is full."""
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    before = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [before])  # noqa: S608
        return f"Expired entries of the cache, removed: {cursor.rowcount}."


def _discard_files(now: dt.datetime) -> str:
    """What no row names: a server that was killed between the file and its row. And
    what a removal for data protection took away, if it was killed after that; what a
    backup that was killed still holds of it.
    """
    remove_left_overs()
    removed = delete_contents()
    unused = 0 if holds.is_set() else discard_unused()
    folder = Path(default_storage.path(""))
    # Files first: one whose row is written meanwhile is too young.
    old = list(_files_older_than(now - DAY, folder))
    named = set(StoredFile.objects.values_list("content", flat=True))
    left_over = [name for name in old if name not in named]
    for name in left_over:
        default_storage.delete(name)
    count = removed + unused + len(left_over)
    return f"Files that nothing refers to, removed: {count}."


def _files_older_than(limit: dt.datetime, folder: Path) -> Iterator[str]:
    for path in folder.glob("??/*"):
        name = str(path.relative_to(folder))
        if not _OURS.fullmatch(name) or not path.is_file():
            continue
        stat = path.stat()
        # A file that was put back from a backup keeps its time, but is a new one here.
        if max(stat.st_mtime, stat.st_ctime) < limit.timestamp():
            yield name


def _make_documents(now: dt.datetime) -> str:
    """Those that removals for data protection took away and nobody asked for since."""
    if not settings.SITE_URL:
        return "Documents are made again when somebody asks: no SITE_URL is set."
    made = list(make_those_that_wait())
    failed = [str(pk) for pk, is_made in made if not is_made]
    if failed:
        raise Wrong(
            "The documents of published minutes could not be made again after a "
            f"removal for data protection: {len(failed)} (versions "
            f"{', '.join(failed[:20])}). The log says why."
        )
    return f"Published minutes whose documents were made again: {len(made)}."


def _look_at_files(now: dt.datetime) -> str:
    """Whether each is there and is, to the byte, what was kept."""
    gone, differing = [], []
    for stored in StoredFile.objects.filter(removal=None).iterator():
        try:
            with stored.content.open("rb") as content:
                if not is_as_kept(stored, content):
                    differing.append(stored.pk)
        except OSError:
            gone.append(stored.pk)
    wrong = [
        f"Files {what} in FILES_DIR: {len(there)} (stored files {numbers})."
        for what, found in (
            ("missing", gone),
            ("that are not what was kept", differing),
        )
        if (there := _still_there(found))
        and (numbers := ", ".join(map(str, there[:20])))
    ]
    if wrong:
        raise Wrong(f"{' '.join(wrong)} Put them back from a backup.")
    return "Every file that was handed in is there, as it was."


def _still_there(keys: list[int]) -> list[int]:
    """One that was deleted since, or removed, is not wrong."""
    rows = StoredFile.objects.filter(pk__in=keys, removal=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _look_at_guards(now: dt.datetime) -> str:
    missing = guards.missing()
    if missing:
        raise Wrong(
            f"The database would let {', '.join(missing)} be changed. Run migrate, and "
            "ask who took the guards off."
        )
    return "The database guards what is written once."


def _look_for_backups(now: dt.datetime) -> str:
    folder = settings.BACKUP_DIR
    if not folder.exists():
        return f"No backup was ever made in {folder}."
    newest = newest_in(folder)
    if newest is None or newest < now - BACKUP_EVERY:
        last = f"was made at {newest:%Y-%m-%d %H:%M} UTC" if newest else "is not there"
        raise Wrong(f"The newest backup in {folder} {last}. See whether backup runs.")
    return f"The newest backup was made at {newest:%Y-%m-%d %H:%M} UTC."


PARTS = [
    _end_sessions,
    _forget_forms,
    _forget_unsent,
    _forget_mail,
    _empty_cache,
    _discard_files,
    _make_documents,
    _look_at_files,
    _look_for_backups,
    _look_at_guards,
]
