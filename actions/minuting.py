"""What becomes of the lines of notes that are an action or a decision."""

import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from actions.models import Action
from actions.spoken import Listener, raise_spoken, words_of_action
from assurance.differences import steps_between
from assurance.lengths import LONGEST_TEXT
from assurance.models import User
from meetings.models import AgendaItem
from meetings.notes import marks
from meetings.reader.phrases.lines import action_line, decision_line

_DECISION_MARK = re.compile(r"\s*\[\[\s*decision\s+(\d{1,3})\s*\]\]\s*", re.IGNORECASE)

# Lines that one save makes actions or decisions of: each takes its time, while others
# wait.
MOST_LINES = 100
_MOST_TOLD = 20  # of those refused; the others stand in the notes as they do
_TOO_MANY = (
    f"One save takes {MOST_LINES} actions and decisions: save again for the next ones"
)
_NO_ROOM = f"The decisions of an item have room for {LONGEST_TEXT:,} characters"


@dataclass
class Taken:
    """What a save of notes made of their lines."""

    raised: list[Action] = field(default_factory=list)
    # Those raised before whose lines came back.
    again: list[Action] = field(default_factory=list)
    # The beginning of each line that was refused, with why.
    left: list[tuple[str, str]] = field(default_factory=list)

    def leave(self, line: str, why: str) -> None:
        if len(self.left) < _MOST_TOLD:
            self.left.append((_beginning(line), why))


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

    No save takes more than ``MOST_LINES``: the next one takes the others.
    """
    taken = Taken()
    listener = Listener(item.meeting)
    lines = item.notes.split("\n")
    decisions = item.decisions.splitlines()
    marked = set(marks(item.notes))
    has_mark = {
        int(mark[1]) for mark in filter(None, map(_DECISION_MARK.fullmatch, lines))
    }
    count = 0
    for place, line in enumerate(lines):
        if place == but_line or (but_last and place == len(lines) - 1):
            continue
        action_text, decision_text = action_line(line), decision_line(line)
        if action_text is None and decision_text is None:
            continue
        if count == MOST_LINES:
            taken.left.append((_beginning(line), _TOO_MANY))
            break
        if action_text is not None:
            try:
                words = words_of_action(action_text)
                action = _raised_before(item, words, marked)
                if action is not None:
                    taken.again.append(action)
                else:
                    with transaction.atomic():
                        action = raise_spoken(
                            meeting=item.meeting,
                            item=item,
                            text=words,
                            by=by,
                            listener=listener,
                        )
                    taken.raised.append(action)
            except ValidationError as refusal:
                taken.leave(line, " ".join(refusal.messages))
                continue
            marked.add(action.reference)
            lines[place] = f"[[action {action.reference}]]"
        elif decision_text is not None:
            number = _written_before(decisions, decision_text, has_mark)
            if not number:
                if len("\n".join([*decisions, decision_text])) > LONGEST_TEXT:
                    taken.leave(line, _NO_ROOM)
                    continue
                decisions.append(decision_text)
                number = sum(map(_says, decisions))
            has_mark.add(number)
            lines[place] = f"[[decision {number}]]"
        count += 1
    item.notes = "\n".join(lines)
    if decisions != item.decisions.splitlines():
        item.decisions = "\n".join(decisions)
    return taken


def _raised_before(item: AgendaItem, words: str, marked: set[str]) -> Action | None:
    """The action that these words became, mended since or not, and that has no mark."""
    mended = Action.history.filter(item_id=item.pk, text=words).values("id")
    found = Action.objects.unresolved().filter(Q(text=words) | Q(pk__in=mended))
    for action in found.filter(item=item).order_by("year", "number"):
        if action.reference not in marked:
            return action
    return None


def _written_before(decisions: list[str], text: str, has_mark: set[int]) -> int:
    """The number of the decision of these words that has no mark; 0 if none is."""
    for number, decision in enumerate(filter(_says, decisions), 1):
        if decision.strip() == text and number not in has_mark:
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
