"""The whole record for whoever comes after, without a browser."""

import hashlib
import os
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assurance.events import note
from assurance.files import size_in_words
from assurance.handover.verifying import verify
from assurance.handover.writing import extent, hand_over
from assurance.models import Event
from assurance.snapshot import SlippedAway


class Command(BaseCommand):
    help = (
        "Write the whole record, every row and file of one moment, to an archive that "
        "needs no program of ours to be read, and check it. It holds what is withheld "
        "from the public."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a new file, best ending in .zip")

    def handle(self, *, file: Path, **_: Any) -> None:
        partial = file.with_name(f".{file.name}.unfinished")
        try:
            if file.exists():
                raise CommandError(f"{file} is there already. Name another file.")
            digest = _write(partial)
            report = verify(partial)
            partial.rename(file)
        except OSError as error:
            why = error.strerror or str(error)
            raise CommandError(f"{file} could not be written: {why}.") from error
        except SlippedAway as error:
            raise CommandError("Files are being deleted. Try again later.") from error
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        total = extent()
        what = f"The whole record: {total.rows} rows, {total.files} files, by command"
        note(Event.Kind.HANDED_OVER, what=what)
        self.stdout.write(
            f"{file}: {size_in_words(file.stat().st_size)}, {report.rows} rows of "
            f"{report.kinds} kinds and {report.files} files.\nSHA-256 {digest}"
        )
        if report.problems:
            raise CommandError("It is not whole: " + "; ".join(report.problems[:20]))


def _write(path: Path) -> str:
    digest = hashlib.sha256()
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in hand_over():
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()
