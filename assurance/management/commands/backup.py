"""Everything as one archive, while people go on working."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from assurance.backup import Refused
from assurance.backup.archive import Manifest
from assurance.backup.making import make, verify
from assurance.files import size_in_words


class Command(BaseCommand):
    help = (
        "Keep the database and all files as one archive, of one moment, and read it "
        "back. The application may go on. Or check an archive with --verify."
    )

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "target",
            nargs="?",
            type=Path,
            default=settings.BACKUP_DIR,
            help=f"a folder, or a new file that ends in .zip; {settings.BACKUP_DIR}",
        )
        parser.add_argument(
            "--keep", type=int, help="how many backups stay in the folder: 14"
        )
        parser.add_argument(
            "--verify", type=Path, metavar="FILE", help="only check this backup"
        )

    def handle(
        self, *, target: Path, keep: int | None, verify: Path | None, **_: Any
    ) -> None:
        if keep is not None and (keep < 1 or target.suffix == ".zip"):
            raise CommandError("--keep goes with a folder, and is at least 1.")
        try:
            if verify:
                self._verify(verify)
            else:
                self._make(target, keep)
        except Refused as refused:
            raise CommandError(str(refused)) from refused

    def _verify(self, path: Path) -> None:
        manifest = verify(path)
        self.stdout.write(f"{path} is whole: {_in_words(manifest)}.")

    def _make(self, target: Path, keep: int | None) -> None:
        made = make(target, keep=keep)
        self.stdout.write(
            f"Backup made and read back: {made.path}, {size_in_words(made.size)}, "
            f"{_in_words(made.manifest)}."
        )
        if made.pruned:
            names = ", ".join(path.name for path in made.pruned)
            self.stdout.write(f"Deleted as older than the last {keep}: {names}.")
        wrong = [
            f"{len(found)} files that the record names are not {what}: "
            f"{', '.join(found[:5])}."
            for found, what in (
                (made.manifest.missing, f"in {settings.FILES_DIR}"),
                (made.differing, "what was handed in, by size or SHA-256"),
            )
            if found
        ]
        if wrong:
            raise CommandError(
                f"The backup is made, but {' '.join(wrong)} Look for them in earlier "
                "backups."
            )


def _in_words(manifest: Manifest) -> str:
    return (
        f"{manifest.rows} rows of {len(manifest.tables)} tables and "
        f"{len(manifest.files)} files, of {manifest.made:%Y-%m-%d %H:%M:%S} UTC"
    )
