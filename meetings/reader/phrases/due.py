"""When a spoken action is due: "in a month", "by end of June", "at next workforce
meeting".

Nothing here knows the database or today's date: the words go in with the day they were
said on, and what they mean comes out, with the exact words. What may mean two things
stays unset and says why; nothing is guessed. ``due_rules`` is the table of phrases.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace

from assurance.calendar import day_in_words
from meetings.reader.phrases.due_phrases import DueSense, Meaning, Read, Unclear
from meetings.reader.phrases.due_rules import RULES

_BETWEEN_MEETING_AND_DAY = re.compile(r"[\s,(–—-]{0,4}", re.ASCII)
_SAYS_MEETING = re.compile(r"\bmeeting\b", re.IGNORECASE)
_MEETINGS = (DueSense.NEXT_MEETING, DueSense.NAMED_MEETING, DueSense.MONTHS_MEETING)


@dataclass(frozen=True)
class DueReading:
    """What words say of when something is due.

    ``text[start:end] == words``. ``on`` goes with a date; ``name`` with a meeting that
    is named ("workforce", "Accountability Board"; may be empty for that of a month);
    ``month`` is the first day of the month a meeting is in; ``topic`` is what follows
    "next meeting on", which may name the meeting or what is to be said there;
    ``before`` says that it is due before the meeting, not at it; ``why`` says why
    words that speak of a due stay unset.
    """

    sense: DueSense
    words: str
    start: int
    end: int
    on: dt.date | None = None
    name: str = ""
    month: dt.date | None = None
    topic: str = ""
    topic_end: int = 0
    before: bool = False
    why: str = ""

    @property
    def is_understood(self) -> bool:
        return self.sense != DueSense.UNCLEAR

    def in_words(self) -> str:
        """What was understood: "4 September 2020", "the next workforce meeting"."""
        match self.sense:
            case DueSense.DATE:
                assert self.on is not None
                return day_in_words(self.on)
            case DueSense.NO_DATE:
                return "no date"
            case DueSense.UNCLEAR:
                return self.why
        kind = "meeting" if _SAYS_MEETING.search(self.words) else ""
        named = f"{self.name} {kind}".strip() or "meeting"
        said = f"the next {named}"
        if self.month is not None:
            said = f"the {named} in {self.month:%B %Y}"
        return f"before {said}" if self.before else said

    def _meaning(self) -> tuple[object, ...]:
        return (
            self.sense,
            self.on,
            self.name.casefold(),
            self.month,
            self.topic,
            self.before,
        )


# "Not before 10 January" says when it may begin.
_DENIED = re.compile(r"\bnot\s{1,10}$", re.IGNORECASE)
_NEAR = 20  # characters before a phrase that may deny it
_MOST_PHRASES = 50  # of one text; who says more of them said one before


def read_due(text: str, said_on: dt.date) -> DueReading | None:
    """The due that a spoken action names, or None when it speaks of none.

    Several phrases that mean the same are one: the last is kept. Phrases that mean
    different things leave it unset, naming them, because which one counts is for a
    person to say; only "ASAP" and the like give way to a date. A date that would lie
    before ``said_on`` is unset unless its year is printed.
    """
    found = _joined(_phrases(text, said_on), text)
    dated = [reading for reading in found if reading.sense != DueSense.NO_DATE]
    readings = dated or found
    if not readings:
        return None
    last = readings[-1]
    if all(reading._meaning() == last._meaning() for reading in readings):
        return last
    return DueReading(
        DueSense.UNCLEAR,
        last.words,
        last.start,
        last.end,
        why="It speaks of more than one: "
        + " and ".join(f"“{reading.words}”" for reading in readings),
    )


def _phrases(text: str, said_on: dt.date) -> list[DueReading]:
    """Each phrase that some rule reads, in the order of the text, none overlapping."""
    found: list[DueReading] = []
    for rule in RULES:
        for match in rule.pattern.finditer(text):
            if len(found) == _MOST_PHRASES:
                break
            start, end = match.span("words")
            if any(start < other.end and other.start < end for other in found):
                continue
            if _DENIED.search(text, max(0, start - _NEAR), start):
                continue
            meaning = _meaning_of(rule.read, match, said_on)
            if meaning is not None:
                found.append(
                    DueReading(
                        meaning.sense,
                        text[start:end],
                        start,
                        end,
                        on=meaning.on,
                        name=meaning.name,
                        month=meaning.month,
                        topic=meaning.topic,
                        topic_end=meaning.topic_end,
                        before=meaning.before,
                        why=meaning.why,
                    )
                )
    return sorted(found, key=lambda reading: reading.start)


def _meaning_of(read: Read, match: re.Match[str], said_on: dt.date) -> Meaning | None:
    try:
        meaning = read(match, said_on)
    except Unclear as unclear:
        return Meaning(DueSense.UNCLEAR, why=str(unclear))
    except OverflowError:
        return Meaning(DueSense.UNCLEAR, why="It is too far away")
    if meaning and meaning.on and meaning.on < said_on and not meaning.year_printed:
        return Meaning(DueSense.UNCLEAR, why="That day has passed")
    return meaning


def _joined(found: list[DueReading], text: str) -> list[DueReading]:
    """ "at the next meeting on 30 May" is one due, the day."""
    joined: list[DueReading] = []
    for reading in found:
        before = joined[-1] if joined else None
        if (
            before
            and before.sense in _MEETINGS
            and reading.sense == DueSense.DATE
            and _BETWEEN_MEETING_AND_DAY.fullmatch(text, before.end, reading.start)
        ):
            joined[-1] = replace(
                reading, words=text[before.start : reading.end], start=before.start
            )
        else:
            joined.append(reading)
    return joined
