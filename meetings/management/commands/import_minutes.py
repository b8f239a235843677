import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from actions.importing.known import Known, name_of
from actions.importing.plan import Proposal
from actions.importing.propose import count_doubts, propose
from actions.importing.save import save_read_in
from assurance.calendar import day_in_words
from assurance.models import User
from assurance.models.history import recorded_as
from assurance.permissions import Permission, user_can
from meetings.models import ReadIn
from meetings.reader.apart import read_apart
from meetings.reader.minutes import ReadMinutes
from meetings.reader.source import Refused
from meetings.taking_in import in_words, read_waiting, take_in, understood

_BAR = 30  # characters


@dataclass
class Summary:
    """What became of the files, one line each."""

    saved: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        for title, rows in {
            "Saved as draft minutes": self.saved,
            "To be checked, on the page “Read minutes in”": self.waiting,
            "Read in before, nothing was added": self.there,
            "Not read": self.refused,
        }.items():
            if rows:
                yield f"{title}: {len(rows)}"
                yield from (f"  {row}" for row in rows)


class Command(BaseCommand):
    help = (
        "Read old minutes in. Without --yes it only prints what it would save. With "
        "--yes it saves what has nothing doubtful; the rest waits on the page."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--yes", action="store_true", help="Save; without it nothing is"
        )
        parser.add_argument(
            "--by", type=_account, metavar="EMAIL", help="Whose account saves it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        files: Sequence[Path] = options["files"]
        if options["yes"] and not options["by"]:
            raise CommandError("Name with --by the account that saves the minutes")
        summary = Summary()
        for number, path in enumerate(files):
            self._progress(number, len(files), path.name)
            try:
                content = path.read_bytes()
            except OSError as error:
                summary.refused.append(f"{path}: it cannot be opened, {error.strerror}")
                continue
            if options["yes"]:
                with recorded_as(options["by"]):
                    self._import(content, path.name, options["by"], summary)
            else:
                self._preview(content, path.name, summary)
        self._progress(len(files), len(files), "")
        for line in summary.lines():
            self.stdout.write(line)
        if not options["yes"]:
            self.stdout.write("Nothing was saved. Add --yes and --by EMAIL to save.")
        if summary.refused:
            raise CommandError(f"{len(summary.refused)} not read, named above")

    def _preview(self, content: bytes, name: str, summary: Summary) -> None:
        try:
            read = read_apart(content, name)
        except Refused as refused:
            summary.refused.append(str(refused))
            return
        known = Known()
        proposal = propose(read, today=timezone.localdate(), known=known)
        self.stdout.write(f"{name}: {_described(proposal, known)}, {in_words(read)}")
        for line in _to_check(read, proposal):
            self.stdout.write(f"  Check: {line}")

    def _import(self, content: bytes, name: str, by: User, summary: Summary) -> None:
        today = timezone.localdate()
        taken = take_in(content, name=name, by=by)
        read_in = taken.read_in
        if read_in.state == ReadIn.State.WAITING:
            read_in = read_waiting(
                read_in,
                reader=read_apart,
                doubts=lambda read: count_doubts(read, today=today),
            )
        elif taken.was_there:
            summary.there.append(f"{name}: {read_in.get_state_display().lower()}")
            return
        if read_in.state == ReadIn.State.REFUSED:
            summary.refused.append(read_in.refusal)
        elif read_in.same_as is not None:
            summary.there.append(f"{name}: the same words as {read_in.same_as.name}")
        elif read_in.doubts:
            summary.waiting.append(f"{name}: {_things(read_in.doubts)}")
        else:
            self._save(read_in, by, summary)

    def _save(self, read_in: ReadIn, by: User, summary: Summary) -> None:
        today = timezone.localdate()
        plan = propose(understood(read_in), today=today).plan
        try:
            meeting = save_read_in(
                read_in, plan, by=by, version=read_in.version, today=today
            )
        except ValidationError as refusal:
            why = " ".join(refusal.messages)
            summary.waiting.append(f"{read_in.name}: {why}")
            return
        day = day_in_words(meeting.date)
        summary.saved.append(f"{read_in.name}: {meeting}, {day}, {read_in.summary}")

    def _progress(self, done: int, count: int, name: str) -> None:
        """A bar on the terminal; nothing where the output goes to a file."""
        if not sys.stderr.isatty():
            return
        filled = "#" * (_BAR * done // count)
        shown = f"\r[{filled:<{_BAR}}] {done} of {count} {name[:40]:<40}"
        self.stderr.write(shown, ending="\n" if done == count else "")


def _account(email: str) -> User:
    user = User.objects.filter(email=email.lower()).first()
    if user is None or not user_can(user, Permission.READ_IN):
        raise ArgumentTypeError(
            f"no active account of staff or an administrator has the address {email}"
        )
    return user


def _described(proposal: Proposal, known: Known) -> str:
    meeting = proposal.plan.meeting
    type_ = name_of(meeting.type, known.types) or "type not known"
    day = day_in_words(meeting.date) if meeting.date else "day not known"
    return ", ".join(filter(None, [type_, meeting.title, day]))


def _to_check(read: ReadMinutes, proposal: Proposal) -> Iterator[str]:
    for part, sentences in proposal.doubts.items():
        line = proposal.lines.get(part)
        where = f"line {line}: " if line else ""
        yield from (f"{where}{sentence}" for sentence in sentences)
    for warned in read.warnings:
        yield f"line {warned.line}: {warned.message}" if warned.line else warned.message


def _things(count: int) -> str:
    return f"{count} {'thing' if count == 1 else 'things'} to check"
