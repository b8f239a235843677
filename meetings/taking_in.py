"""Old minutes on their way in: handed in, read one by one, held while saved."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from assurance import files
from assurance.models import StoredFile, User
from meetings.models import ReadIn
from meetings.reader.minutes import ReadMinutes
from meetings.reader.source import Refused
from meetings.reader.wire import from_json, to_json

PASTED = "Pasted text"
Reader = Callable[[bytes, str], ReadMinutes]
Counter = Callable[[ReadMinutes], int]

# More of them is no meeting, and no page that anybody could check.
MOST_HEADINGS = 300
MOST_ACTIONS = 300
MOST_PEOPLE = 200


class TooLate(ValidationError):
    """The file was saved or dropped meanwhile; nothing more can be done with it."""


class ChangedMeanwhile(ValidationError):
    """Somebody else checked this file meanwhile; nothing of theirs was overwritten."""


@dataclass(frozen=True)
class Taken:
    """One file that was handed in, and whether it was there already."""

    read_in: ReadIn
    was_there: bool = False


@transaction.atomic
def take_in(content: bytes, *, name: str, by: User) -> Taken:
    """Keep a file until it is read. The same content handed in again is the same file,
    wherever it has got to, unless it was dropped.
    """
    digest = hashlib.sha256(content).hexdigest()
    if there := _standing(digest):
        return Taken(there, was_there=True)
    read_in = ReadIn(name=_plain_name(name), sha256=digest, by=by)
    if why := _why_not_taken(content, read_in.name):
        read_in.refuse(why)
    else:
        read_in.content = files.store_made(
            content, name=read_in.name, kind=_kind(read_in.name), by=by
        )
    try:
        with transaction.atomic():
            read_in.save()
    except IntegrityError:  # somebody handed it in at the same moment
        there = _standing(digest)
        if there is None or read_in.content is None:
            raise
        files.discard(read_in.content)
        return Taken(there, was_there=True)
    return Taken(read_in)


def _standing(digest: str) -> ReadIn | None:
    return ReadIn.objects.standing().filter(sha256=digest).first()


def read_waiting(read_in: ReadIn, *, reader: Reader, doubts: Counter) -> ReadIn:
    """Read one file that waits. Nobody waits meanwhile: reading takes seconds.

    ``doubts`` counts what is to be checked. Whoever comes second changes nothing.
    """
    read: ReadMinutes | None = None
    refusal = ""
    try:
        read = reader(_content(read_in), read_in.name)
        _refuse_too_much(read, read_in.name)
    except Refused as refused:
        refusal = str(refused)
    with transaction.atomic():
        _wait_for_other_readers()
        held = ReadIn.objects.locked().get(pk=read_in.pk)
        if held.state != ReadIn.State.WAITING:
            return held
        stored, held.content = held.content, None
        if refusal or read is None:
            held.refuse(refusal)
        else:
            _keep(held, read, doubts)
        held.version += 1
        held.save()
        if stored is not None:
            files.discard(stored)
    return held


def _content(read_in: ReadIn) -> bytes:
    """What was handed in. It is gone once somebody else has read or dropped it."""
    try:
        if read_in.content is not None:
            with read_in.content.content.open("rb") as kept:
                return bytes(kept.read())
    except (FileNotFoundError, StoredFile.DoesNotExist):
        pass
    raise Refused(
        f"The content of “{read_in.name}” is no longer there. Hand it in again"
    )


def _refuse_too_much(read: ReadMinutes, name: str) -> None:
    """More than the minutes of one meeting hold is more than one page can show."""
    if (
        len(read.items) > MOST_HEADINGS
        or len(read.actions) > MOST_ACTIONS
        or len(read.attendees) > MOST_PEOPLE
    ):
        raise Refused(
            f"“{name}” has more than the minutes of one meeting: {in_words(read)}. "
            "Make a file of each meeting, and hand those in"
        )


def _wait_for_other_readers() -> None:
    """Whoever writes down what was read does so alone, and sees what others wrote."""
    ReadIn.objects.locked().order_by("pk").first()


def _keep(held: ReadIn, read: ReadMinutes, doubts: Counter) -> None:
    """What was understood; the same words as before are not checked a second time."""
    held.words_sha256 = words_digest(read)
    same = ReadIn.objects.filter(
        state__in=[ReadIn.State.TO_CHECK, ReadIn.State.SAVED],
        words_sha256=held.words_sha256,
    )
    if earlier := same.exclude(pk=held.pk).order_by("pk").first():
        held.state, held.same_as = ReadIn.State.DROPPED, earlier
        return
    held.state = ReadIn.State.TO_CHECK
    held.read = _storable(json.loads(to_json(read)))
    held.summary = in_words(read)
    held.doubts = doubts(read)


def _storable(value: Any) -> Any:
    """Without what no database takes: the null character, halves of characters."""
    match value:
        case str():
            whole = value.encode("utf-8", "replace").decode()
            return whole.replace("\x00", "")
        case list():
            return [_storable(one) for one in value]
        case dict():
            return {_storable(name): _storable(one) for name, one in value.items()}
    return value


def understood(read_in: ReadIn) -> ReadMinutes:
    """What was read of a file."""
    return from_json(json.dumps(read_in.read))


def in_words(read: ReadMinutes) -> str:
    """ "5 actions, 15 people, 24 headings understood"."""
    counts = [
        _count(len(read.actions), "action", "actions"),
        _count(len(read.attendees), "person", "people"),
        _count(len(read.items), "heading", "headings"),
    ]
    return f"{', '.join(counts)} understood"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def words_digest(read: ReadMinutes) -> str:
    """Of the words alone: the same in Word and PDF, however the lines are broken."""
    words = " ".join(" ".join(read.lines).split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def hold_to_check(read_in: ReadIn, *, version: int) -> ReadIn:
    """The file as it is now, held until the transaction ends. Refuses what was saved,
    dropped or changed meanwhile.
    """
    held = ReadIn.objects.locked().get(pk=read_in.pk)
    if held.state != ReadIn.State.TO_CHECK:
        raise TooLate(why_too_late(held))
    if held.version != version:
        raise ChangedMeanwhile(
            "Somebody else checked this file while you did. Nothing of theirs or yours "
            "was lost: compare the two, then save again"
        )
    return held


def why_too_late(read_in: ReadIn) -> str:
    if read_in.state == ReadIn.State.SAVED:
        return (
            f"“{read_in.name}” was saved as a meeting meanwhile, so nothing of yours "
            "is saved"
        )
    return (
        f"“{read_in.name}” was dropped meanwhile, so nothing of it is saved. Hand it "
        "in again to go on with it"
    )


@transaction.atomic
def keep_checked(
    read_in: ReadIn, checked: dict[str, list[str]], *, doubts: int, version: int
) -> ReadIn:
    """Keep what the checker has done so far, whether it is right or not."""
    held = hold_to_check(read_in, version=version)
    held.checked, held.doubts = _storable(checked), doubts
    held.version += 1
    held.save()
    return held


@transaction.atomic
def drop(read_in: ReadIn) -> ReadIn:
    """Take it off the list; nothing of it is saved. Dropping twice changes nothing."""
    held = ReadIn.objects.locked().get(pk=read_in.pk)
    if held.state == ReadIn.State.SAVED:
        raise ValidationError(f"“{held.name}” was saved as a meeting meanwhile")
    if held.state != ReadIn.State.DROPPED:
        stored: StoredFile | None = held.content
        held.leave_out()
        held.version += 1
        held.save()
        if stored is not None:
            files.discard(stored)
    return held


def _plain_name(name: str) -> str:
    """Without folders and what cannot be seen; long ones keep their ending."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(c for c in last if c.isprintable()).strip() or "File without a name"
    if len(shown) <= files.NAME_MOST:
        return shown
    stem, dot, ending = shown.rpartition(".")
    keep = files.NAME_MOST - len(dot + ending) - 1
    return f"{stem[:keep]}…{dot}{ending}" if keep > 0 else shown[: files.NAME_MOST]


def _why_not_taken(content: bytes, name: str) -> str:
    if not content:
        return f"“{name}” is empty. Look at the file and hand it in again"
    most = settings.MAX_FILE_MB * files.MEGABYTE
    if len(content) > most:
        return (
            f"“{name}” is {files.size_in_words(len(content))}; the most is "
            f"{settings.MAX_FILE_MB} MB. Divide it, or hand in its text"
        )
    return ""


def _kind(name: str) -> str:
    """How the kept file is filed; what it really is the reader finds out."""
    ending = name.rpartition(".")[2].lower()
    known = {str(kind) for kind in StoredFile.Kind}
    return ending if ending in known else str(StoredFile.Kind.TXT)
