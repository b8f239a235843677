"""A backup put back, on an empty machine or in place of what is there."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assurance.backup import Refused
from assurance.backup.restoring import restore, what_is_there


class Command(BaseCommand):
    help = (
        "Put a backup back into the database and the folder of files. Stop the "
        "application first. Refuses where anything is, unless with --replace: then "
        "what was there stays aside."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace",
            action="store_true",
            help="also where database or folder hold something; asks before it begins",
        )

    def handle(self, *, file: Path, replace: bool, **_: Any) -> None:
        if replace and (there := what_is_there()):
            self.stdout.write(f"{there} All of it will be replaced by {file}.")
            if _typed('Type "replace" to go on: ') != "replace":
                raise CommandError("Nothing was changed.")
        try:
            restored = restore(file, replace=replace)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        manifest = restored.manifest
        self.stdout.write(
            f"Restored as at {manifest.made:%Y-%m-%d %H:%M:%S} UTC: {manifest.rows} "
            f"rows of {len(manifest.tables)} tables, each compared with the backup, "
            f"and {len(manifest.files)} files."
        )
        for sentence in restored.aside + restored.since:
            self.stdout.write(sentence)
        if manifest.missing:
            self.stdout.write(
                f"{len(manifest.missing)} files were gone already when the backup was "
                f"made: {', '.join(manifest.missing[:5])}."
            )
        if restored.to_run:
            self.stdout.write(
                "The backup is of an older version of the application. Run manage.py "
                f"migrate ({len(restored.to_run)} migrations) before you start it."
            )
        else:
            self.stdout.write("You can start the application now.")


def _typed(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        return ""
