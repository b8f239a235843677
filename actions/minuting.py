"""What becomes of the lines of notes that are an action or a decision."""

import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from actions.models import Action
from actions.spoken import Listener, raise_spoken, spoken_text
from assurance.differences import steps_between
from assurance.models import User
from meetings.models import AgendaItem
from meetings.notes import marks
from meetings.reader.phrases.lines import action_line, decision_line

_DECISION_MARK = re.compile(r"\s*\[\[\s*decision\s+(\d{1,3})\s*\]\]\s*", re.IGNORECASE)


@dataclass
class Taken:
    """What a save of notes made of their lines."""

    raised: list[Action] = field(default_factory=list)
    # Those raised before whose lines came back.
    again: list[Action] = field(default_factory=list)
    # The beginning of each line that was refused, with why.
    left: list[tuple[str, str]] = field(default_factory=list)


def take_lines(
    item: AgendaItem, *, by: User, but_line: int | None = None, but_last: bool = False
) -> Taken:
    """Raise the actions and write down the decisions that lines of the notes are.

    Each such line gives way to a mark, so the notes keep their number of lines.
    Lines still being written stay: ``but_line``, counted from 0, and the last one with
    ``but_last``. So does one that is refused. Changes the item without saving it; call
    it in a transaction that does.

    A line that was taken before and came back, as a browser's Undo brings it, is tied
    to what it became: an unresolved action of the item, or a decision of it, with these
    words and without its mark in the notes gets the mark again, and no second is made.
    """
    taken = Taken()
    listener = Listener(item.meeting)
    lines = item.notes.split("\n")
    decisions = item.decisions.splitlines()
    for place, line in enumerate(lines):
        if place == but_line or (but_last and place == len(lines) - 1):
            continue
        if text := action_line(line):
            if action := _raised_before(item, text, lines):
                taken.again.append(action)
                lines[place] = f"[[action {action.reference}]]"
                continue
            try:
                with transaction.atomic():
                    action = raise_spoken(
                        meeting=item.meeting,
                        item=item,
                        text=text,
                        by=by,
                        listener=listener,
                    )
            except ValidationError as refusal:
                taken.left.append((_beginning(line), " ".join(refusal.messages)))
            else:
                taken.raised.append(action)
                lines[place] = f"[[action {action.reference}]]"
        elif text := decision_line(line):
            number = _written_before(decisions, text, lines)
            if not number:
                decisions.append(text)
                number = sum(map(_says, decisions))
            lines[place] = f"[[decision {number}]]"
    item.notes = "\n".join(lines)
    if decisions != item.decisions.splitlines():
        item.decisions = "\n".join(decisions)
    return taken


def _raised_before(item: AgendaItem, text: str, lines: list[str]) -> Action | None:
    """The action that these words became, mended since or not, and that has no mark."""
    words = spoken_text(text)
    mended = Action.history.filter(item_id=item.pk, text=words).values("id")
    found = Action.objects.unresolved().filter(Q(text=words) | Q(pk__in=mended))
    marked = marks("\n".join(lines))
    for action in found.filter(item=item).order_by("year", "number"):
        if action.reference not in marked:
            return action
    return None


def _written_before(decisions: list[str], text: str, lines: list[str]) -> int:
    """The number of the decision of these words that has no mark; 0 if none is."""
    matches = filter(None, map(_DECISION_MARK.fullmatch, lines))
    marked = {int(match[1]) for match in matches}
    for number, decision in enumerate(filter(_says, decisions), 1):
        if decision.strip() == text and number not in marked:
            return number
    return 0


def has_lines_to_take(notes: str) -> bool:
    """Whether any line, finished or not, is an action or a decision."""
    return any(action_line(line) or decision_line(line) for line in notes.split("\n"))


def follow_decisions(item: AgendaItem, *, before: str) -> None:
    """Let the marks of decisions stand for the same ones after these were changed.

    ``before`` is what the decisions were. Where one was taken out its mark goes, and
    its line stays empty.
    """
    if "[[" not in item.notes or before == item.decisions:
        return
    number = _new_numbers(before, item.decisions)
    lines = item.notes.split("\n")
    for place, line in enumerate(lines):
        match = _DECISION_MARK.fullmatch(line)
        if match is None or int(match[1]) not in number:
            continue
        now = number[int(match[1])]
        if now != int(match[1]):
            lines[place] = f"[[decision {now}]]" if now else ""
    item.notes = "\n".join(lines)


def _new_numbers(before: str, after: str) -> dict[int, int]:
    """The number of each decision there was, now; 0 when it is there no longer."""
    old = list(filter(_says, before.splitlines()))
    new = list(filter(_says, after.splitlines()))
    numbers = dict.fromkeys(range(1, len(old) + 1), 0)
    for _, start, end, new_start, new_end in steps_between(old, new):
        for offset in range(min(end - start, new_end - new_start)):
            numbers[start + offset + 1] = new_start + offset + 1
    return numbers


def _says(line: str) -> bool:
    return bool(line.strip())


def _beginning(line: str) -> str:
    return line.strip()[:60]
