import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from meetings.reader.apart import read_apart
from meetings.reader.contract import as_contract
from meetings.reader.source import Refused


class Command(BaseCommand):
    help = "Print as JSON what is understood of minutes in a file; saves nothing."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="A text, Word or PDF file")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            minutes = read_apart(path.read_bytes(), path.name)
        except OSError as error:
            raise CommandError(
                f"“{path}” cannot be opened: {error.strerror}"
            ) from error
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            json.dumps(as_contract(minutes), ensure_ascii=False, indent=2)
        )
