"""What is not for the public: passages of a text, and what is said in their place.

``[[withhold s40]]`` begins a passage and ``[[/withhold]]`` ends it, anywhere in a
text and over as many lines as it takes. One that is left open withholds all to the end
of the text; that, and any mark that is not understood, stops publication, because
somebody meant something by it.
"""

import re
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from meetings.models.agenda import WithheldReason
from meetings.notes import WITHHOLD, DecisionMark, Mark, split_notes

_PLACE = re.compile(
    r"\[\[\s*(?:action\s+\d{4}/\d{1,6}|decision\s+\d{1,3})\s*\]\]", re.I
)


# What stops publication, and what to type instead.
_LEFT_OPEN = "[[withhold]] is left open: type [[/withhold]] where the passage ends"
_NOT_BEGUN = (
    "[[/withhold]] has no beginning: type [[withhold s40]] where the passage begins, "
    "or take it out"
)
_NESTED = (
    "begins inside a passage that is withheld already, so the public reads one passage "
    "with both reasons: to withhold the two apart, type [[/withhold]] before it; else "
    "take it out with its [[/withhold]]"
)
_NO_REASON = (
    f"needs a reason: type {', '.join(WithheldReason.values[:-1])} or "
    f"{WithheldReason.values[-1]} in it, as in [[withhold s40]]"
)
_NOT_UNDERSTOOD = (
    "is not understood: type [[withhold s40]] before a passage and [[/withhold]] after "
    "it, or take the brackets out"
)


@dataclass
class Passage:
    """One withheld passage, with the marks in it."""

    text: str
    reasons: list[str]


@dataclass
class Redacted:
    """A text without what is withheld in it."""

    text: str
    passages: list[Passage] = field(default_factory=list)
    # Sentences that say what stops publication.
    problems: list[str] = field(default_factory=list)
    # Sentences on what is allowed and may be a slip.
    notices: list[str] = field(default_factory=list)

    @property
    def reasons(self) -> list[str]:
        """Codes such as "s40", each once, in the order in which they come."""
        found = (reason for passage in self.passages for reason in passage.reasons)
        return list(dict.fromkeys(found))

    @property
    def withheld_actions(self) -> set[str]:
        """The references of the actions whose mark is in a withheld passage."""
        return {mark.reference for mark in self._marks() if isinstance(mark, Mark)}

    @property
    def withheld_decisions(self) -> set[int]:
        marks = self._marks()
        return {mark.number for mark in marks if isinstance(mark, DecisionMark)}

    def _marks(self) -> list[Mark | DecisionMark]:
        parts = (part for one in self.passages for part in split_notes(one.text))
        return [part for part in parts if not isinstance(part, str)]


def reason_in_words(code: str) -> str:
    """ "personal information (section 40)", as it is said in the middle of a line."""
    if code not in WithheldReason.values:
        return "no reason given"
    label = str(WithheldReason(code).label)
    return label[0].lower() + label[1:]


def in_place_of(reasons: list[str]) -> str:
    """What the public reads where a passage stood."""
    return f"[Withheld: {'; '.join(map(reason_in_words, reasons))}]"


def redact(text: str) -> Redacted:
    """The text as the public may read it.

    A passage inside another ends with the outer one. What is doubtful is withheld.
    """
    found = Redacted("")
    kept: list[str] = []
    position = depth = start = 0
    reasons: list[str] = []
    for mark in WITHHOLD.finditer(text):
        if depth == 0:
            kept.append(text[position : mark.start()])
        if mark["end"]:
            if depth == 0:
                found.problems.append(_NOT_BEGUN)
            elif depth == 1:
                found.passages.append(Passage(text[start : mark.start()], reasons))
                kept.append(in_place_of(reasons))
            depth = max(depth - 1, 0)
        else:
            code = (mark["reason"] or "").lower()
            if code not in WithheldReason.values:
                found.problems.append(f"{mark[0]} {_NO_REASON}")
            if depth == 0:
                start, reasons = mark.end(), []
            else:
                found.notices.append(f"{mark[0]} {_NESTED}")
            if code not in reasons:
                reasons.append(code)
            depth += 1
        position = mark.end()
    if depth:
        found.problems.append(_LEFT_OPEN)
        found.passages.append(Passage(text[start:], reasons))
        kept.append(in_place_of(reasons))
    else:
        kept.append(text[position:])
    found.text = "".join(kept)
    found.problems += [
        f"“{stray}” {_NOT_UNDERSTOOD}" for stray in dict.fromkeys(_strays(found.text))
    ]
    return found


def worded_for(text: str, *, reads_all: bool) -> str:
    """A text without marks, for a line of a list, a sheet or an e-mail: whoever reads
    all has the withheld passages in brackets, everybody else their reasons.
    """
    if not WITHHOLD.search(text):
        return text
    if not reads_all:
        return redact(text).text

    def bracket(mark: re.Match[str]) -> str:
        if mark["end"]:
            return "]"
        return f"[Withheld, {reason_in_words((mark['reason'] or '').lower())}: "

    return WITHHOLD.sub(bracket, text)


def _strays(text: str) -> list[str]:
    """What looks like a mark and is none: a slip of the pen that would be printed."""
    lines = text.splitlines()
    rest = "\n".join(line for line in lines if not _PLACE.fullmatch(line.strip()))
    return [found[:40] for found in re.findall(r"\[\[[^\[\]\n]*\]?\]?|\]\]", rest)]


def refuse_marks(text: str) -> str:
    """The text of an action, which is withheld as a whole or not at all: it goes to its
    owners, who would read the marks. Raises ``ValidationError``.
    """
    if WITHHOLD.search(text):
        raise ValidationError(
            "An action is withheld from the public as a whole: leave out the marks, "
            "and choose under Publication to withhold it"
        )
    return text
