"""Who must do a spoken action: "DBS to share ...", "SE / JA to ...", "... (RM)".

Only who is named at the beginning, set off at the end, or by whom something is to be
done owns an action; "To share the plan with the PCC" names nobody who must do it. A
name that fits nobody, or two people, stays unset and is said.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from meetings.reader.phrases.names import (
    Named,
    NamedOrganisation,
    NamedPerson,
    could_be_meant,
    fitting,
    fitting_small,
    is_code,
    without_article,
)

__all__ = ["NamedOrganisation", "NamedPerson", "OwnersReading", "read_owners"]


@dataclass(frozen=True)
class FoundOwner:
    """One owner, and the words that name them."""

    words: str
    who: Named


@dataclass(frozen=True)
class Doubt:
    """Words that name an owner, and those they may mean: none, or more than one."""

    words: str
    may_be: tuple[Named, ...] = ()


@dataclass(frozen=True)
class OwnersReading:
    """Who owns an action; the first leads.

    ``words`` is how the text prints them ("SE / JA", "Force (RM)"). ``trailing_from``
    is where a form at the end ("Action: RJ/DB/AC") begins, which says nothing of what
    is to be done.
    """

    owners: tuple[FoundOwner, ...] = ()
    words: str = ""
    doubts: tuple[Doubt, ...] = ()
    trailing_from: int | None = None

    @property
    def not_understood(self) -> tuple[str, ...]:
        return tuple(doubt.words for doubt in self.doubts)


_LONGEST = 160  # characters before the verb; owners are named in fewer
_MOST = 12  # owners in a list; more is something else
_LONGEST_LIST = 1000  # characters of one; more is something else too
# The verbs that make whoever stands before them the owner.
_VERB = re.compile(
    r"(?:\s+(?:(?:is|are)\s+(?:(?:also|now|both)\s+)?(?:(?:asked|requested)\s+)?to"
    r"|(?:has|have)\s+(?:agreed\s+)?to|(?:agreed|agrees|undertook)\s+to"
    r"|to|will|shall|must|should)\b|\s*:\s|\s+[-–—]\s+(?:to\s+)?)",
    re.IGNORECASE,
)
# What happens to whoever stands before them: they receive, somebody else must act.
_PASSIVE = re.compile(
    r"\s*(?:also\s+)?(?:receive\b|get\b"
    r"|be\s+(?:[a-z]+ly\s+)?(?:[a-z]+ed|given|sent|shown|told|kept|taken|written|made"
    r"|put|brought|drawn|set|done|held|run|sought|seen|found|built|begun|paid|left)\b)",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\bto\s+be\s+[a-z]+(?:\s+(?:up|out|together|back))?\s+by\s+(?P<names>[^.;:]{2,80})",
    re.IGNORECASE,
)
_SET_OFF = re.compile(
    r"(?<=[\s.;,(–—-])(?:action|owners?|lead)(?:\s*:\s*|\s+[-–—]\s+)"
    r"(?P<names>[^:\n]{2,80}?)[\s.)]*$",
    re.IGNORECASE,
)
_BEHIND_DASH = re.compile(r"\s[-–—]\s+(?P<names>[^\s][^–—:\n]{1,60}?)\s*+(?:\.\s*+)?$")
_BRACKET = re.compile(
    r"\((?P<names>[^()]{2,40})\)(?=\s*(?:\.?\s*$|\s(?:to|will|is\s+to|are\s+to)\b))"
)
_SEPARATOR = re.compile(r"\s*(?:,\s*(?:and\s+)?|;|&|\+|\band\b|[()])\s*", re.IGNORECASE)
_OR = re.compile(r"\s+or\s+", re.IGNORECASE)
_LEAD_IN = re.compile(
    r"(?:by|before|within|in|at|on|after)\s[^,]{1,40},", re.IGNORECASE
)
# Not in "T/CC".
_SLASH = re.compile(r"(?<!\bT)(?<!\bA)\s*/\s*")


def read_owners(
    text: str,
    *,
    people: Sequence[NamedPerson],
    organisations: Sequence[NamedOrganisation],
) -> OwnersReading:
    """Who must do this. Owners set off at the end count before those who lead it."""
    room = _Room(people, organisations)
    if set_off := _set_off(text, room):
        return set_off
    leading = _leading(text, room) or OwnersReading()
    if leading.owners:
        return leading
    return (
        _bracket(text, 0, room)
        or _behind_dash(text, room)
        or _done_by(text, room)
        or leading
    )


def read_names(
    words: str,
    *,
    people: Sequence[NamedPerson],
    organisations: Sequence[NamedOrganisation],
) -> OwnersReading:
    """The owners in a text that holds nothing else: "RJ/DB/AC", a cell of a table."""
    return _Room(people, organisations).read(words)


@dataclass(frozen=True)
class _Room:
    """Those who may be meant."""

    people: Sequence[NamedPerson]
    organisations: Sequence[NamedOrganisation]
    takes_small_codes: bool = False

    def who(self, words: str) -> list[Named]:
        found = fitting(words, self.people, self.organisations)
        if not found and self.takes_small_codes:
            return fitting_small(words, self.people)
        return found

    def one(self, words: str) -> Named | None:
        found = self.who(words)
        return found[0] if len(found) == 1 else None

    def read(self, words: str) -> OwnersReading:
        """Each name of a list; the longest run that is one name is taken as that."""
        if len(words) > _LONGEST_LIST:
            return OwnersReading(doubts=(Doubt(words.strip()),))
        names = _Names.of(words)
        if len(names.spans) > _MOST:
            return OwnersReading(doubts=(Doubt(_as_printed(words)),))
        owners: list[FoundOwner] = []
        doubts: list[Doubt] = []
        place = 0
        while place < len(names.spans):
            for end in range(len(names.spans), place, -1):
                run = names.run(place, end)
                if who := self.one(run):
                    _add(owners, FoundOwner(run, who))
                    break
            else:
                end = place + 1
                run = names.run(place, end)
                doubts.append(Doubt(run, self._may_be(run)))
            place = end
        return OwnersReading(tuple(owners), _as_printed(words), tuple(doubts))

    def _may_be(self, words: str) -> tuple[Named, ...]:
        one_of = [who for choice in _OR.split(words) for who in self.who(choice)]
        return tuple(one_of or could_be_meant(words, self.people))


@dataclass(frozen=True)
class _Names:
    """A list of names, cut where the names may end."""

    words: str
    spans: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, words: str) -> "_Names":
        cuts = [(m.start(), m.end()) for m in _SEPARATOR.finditer(words)]
        cuts += [(m.start(), m.end()) for m in _SLASH.finditer(words)]
        spans, start = [], 0
        for cut, behind in [*sorted(cuts), (len(words), len(words))]:
            if words[start:cut].strip(" ./"):
                spans.append((start, cut))
            start = behind
        return cls(words, tuple(spans))

    def run(self, first: int, behind: int) -> str:
        return self.words[self.spans[first][0] : self.spans[behind - 1][1]].strip(" .")


def _add(owners: list[FoundOwner], found: FoundOwner) -> None:
    """Once each; "RHL (WMP)" names one, and where she works."""
    if any(owner.who == found.who for owner in owners):
        return
    if isinstance(found.who, NamedOrganisation) and any(
        isinstance(owner.who, NamedPerson) and owner.who.organisation == found.who.key
        for owner in owners
    ):
        return
    owners.append(found)


def _as_printed(words: str) -> str:
    """Without the article of a code: "The DCC" is printed for DCC."""
    words = words.strip(" .,;:")
    bare = without_article(words)
    return bare if is_code(bare) else words


def _leading(text: str, room: _Room) -> OwnersReading | None:
    """ "DBS to ...", "ACC RJ is to ...", "the force will ...", "Vetting: DBS to"."""
    first: OwnersReading | None = None
    lead_in = _LEAD_IN.match(text)
    start = lead_in.end() if lead_in else 0
    for verb in islice(_VERB.finditer(text[:_LONGEST]), 3):
        if not text[: verb.start()].strip() or _PASSIVE.match(text, verb.end()):
            return None
        says_who_acts = not re.search(r"[:–—-]", verb[0])
        listening = replace(room, takes_small_codes=says_who_acts)
        for begin in dict.fromkeys((0, start)):
            reading = listening.read(text[begin : verb.start()])
            if reading.owners and not reading.doubts:
                return _with_bracket(text, verb.end(), reading, room)
            first = first or reading
        if not says_who_acts:  # what follows begins anew
            start = verb.end()
    if first is None:
        return None
    if first.owners:
        if not _begins_with_names(text, first):
            return None
        said = tuple(doubt for doubt in first.doubts if _is_short(doubt))
        reading = replace(first, doubts=said)
        return _with_bracket(text, len(first.words), reading, room)
    named = tuple(doubt for doubt in first.doubts if _looks_like_a_name(doubt))
    return OwnersReading(doubts=named) if len(named) == len(first.doubts) else None


def _with_bracket(
    text: str, start: int, reading: OwnersReading, room: _Room
) -> OwnersReading:
    """ "Force to look at this (RM) to provide an update": both, as "Force (RM)"."""
    bracket = _bracket(text, start, room)
    if bracket is None:
        return reading
    owners = list(reading.owners)
    for found in bracket.owners:
        _add(owners, found)
    if len(owners) == len(reading.owners):
        return reading
    return OwnersReading(
        tuple(owners), f"{reading.words} ({bracket.words})", reading.doubts
    )


def _begins_with_names(text: str, reading: OwnersReading) -> bool:
    """Nothing but names before the first that is understood.

    "Share it with the DBS and PCC to note" names no owner.
    """
    place = text.find(reading.owners[0].words)
    return all(
        _looks_like_a_name(doubt)
        for doubt in reading.doubts
        if text.find(doubt.words) < place
    )


def _is_short(doubt: Doubt) -> bool:
    """Few words and not a date."""
    return len(doubt.words.split()) <= 5 and not re.search(r"\d", doubt.words)


def _looks_like_a_name(doubt: Doubt) -> bool:
    """Capitals, as a name or a post has: worth saying that it was not understood."""
    words = without_article(doubt.words).split()
    return bool(doubt.may_be) or (
        _is_short(doubt)
        and all(word[0].isupper() or word in ("of", "and", "for") for word in words)
    )


def _bracket(text: str, start: int, room: _Room) -> OwnersReading | None:
    """Names in brackets before "to" or at the end, if they are all understood.

    Not when they repeat who stands before them: "with the Chief Constable (PM)".
    """
    for match in islice(_BRACKET.finditer(text, start), _MOST):
        reading = room.read(match["names"])
        if reading.doubts or not reading.owners:
            continue
        words = text[: match.start()].split()
        before = {
            room.one(" ".join(words[-count:]))
            for count in range(1, min(len(words), 6) + 1)
        }
        if not before & {owner.who for owner in reading.owners}:
            return reading
    return None


def _set_off(text: str, room: _Room) -> OwnersReading | None:
    """ "... by the Force and OPCC together. Action: RJ/DB/AC"."""
    match = _SET_OFF.search(text)
    if match is None or not text[: match.start()].strip():
        return None
    reading = room.read(match["names"])
    doubts = reading.doubts
    if not reading.owners and not (doubts and all(map(_looks_like_a_name, doubts))):
        return None
    return OwnersReading(
        reading.owners, reading.words, reading.doubts, trailing_from=match.start()
    )


def _behind_dash(text: str, room: _Room) -> OwnersReading | None:
    """ "Share the plan - DBS", if all of it is understood."""
    match = _BEHIND_DASH.search(text)
    if match is None:
        return None
    reading = room.read(match["names"])
    if reading.doubts or not reading.owners:
        return None
    return OwnersReading(reading.owners, reading.words, trailing_from=match.start())


def _done_by(text: str, room: _Room) -> OwnersReading | None:
    """ "to be written by the Force and OPCC together", as far as it is understood."""
    match = _BY.search(text)
    if match is None:
        return None
    words = match["names"].split()
    for count in range(len(words), 0, -1):
        reading = room.read(" ".join(words[:count]))
        if reading.owners and not reading.doubts:
            return reading
    return None
