"""Whether an archive of the whole record is whole. Needs no database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assurance.handover.verifying import verify


class Command(BaseCommand):
    help = (
        "Check an archive of the whole record: every file, row, reference and version "
        "of minutes in it. Needs no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_: Any) -> None:
        try:
            file.open("rb").close()
        except OSError as error:
            why = error.strerror or str(error)
            raise CommandError(f"{file} could not be read: {why}.") from error
        report = verify(file)
        if report.problems:
            told = "\n".join(f"- {problem}" for problem in report.problems[:50])
            number = len(report.problems)
            problems = "1 problem" if number == 1 else f"{number} problems"
            raise CommandError(
                f"{file} is not as it was handed over; {problems}:\n{told}"
            )
        self.stdout.write(
            f"{file} is whole: {report.rows} rows of {report.kinds} kinds, "
            f"{report.files} files, {report.versions} versions of minutes; every "
            "checksum, reference and field is right."
        )
        if report.lost:
            self.stdout.write(
                f"{len(report.lost)} files were lost before it was made: "
                f"{', '.join(report.lost[:10])}."
            )
        if report.without_documents:
            self.stdout.write(
                "Versions of minutes whose documents were still to be made again after "
                f"a removal, and of which it has the words: {report.without_documents}."
            )
