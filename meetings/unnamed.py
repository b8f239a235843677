"""How texts name those who are shown by post only: what is put in the place of their
names, and what may mean them and is for a person to say.

The full name, whatever comes first, a title or initials with the surname and the
abbreviation recorded for them can mean nobody else. A surname alone may be a word or
somebody else's, and so may a first name or initials.
"""

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from meetings.posts import post_of
from meetings.reader.phrases.names import acronym, initials
from meetings.record import Record
from meetings.spelling import BETWEEN, Phrase, Span, fold, phrase, spans_of, spelt
from meetings.withholding import redact

_NOT_PUBLISHED = "[name not published]"
_TITLE = (
    r"(?i:mr|mrs|ms|miss|mx|dr|prof(?:essor)?|sir|dame|lord|lady|cllr|councillor"
    rf"|rev(?:erend)?)\.?{BETWEEN}"
)
_MONTHS = set(calendar.month_name)
# Capitals that are words too: "A Ray", "I Ray".
_WORDS_OF_ONE_LETTER = {"A", "I"}
_AROUND = 40  # characters before and after words that are quoted
_MOST_QUOTED = 5  # places of one text with the same words; the others are counted


@dataclass(frozen=True)
class MayBeNamed:
    """Words of a text that may name somebody; ``quote`` has what is around them.

    Without a quote they are ``places`` more of the same words.
    """

    words: str
    quote: str
    who: str
    places: int = 1


@dataclass
class Names:
    """What to look for in a text, the more particular first."""

    replaced: list[Phrase] = field(default_factory=list)
    # ``instead`` says whom they may mean.
    doubtful: list[Phrase] = field(default_factory=list)
    # Of those who are named: it is they who are meant.
    others: list[Phrase] = field(default_factory=list)

    def doubts_about(self, text: str) -> Iterator[MayBeNamed]:
        """Places of a text in which what could be replaced is replaced already."""
        if not self.doubtful:
            return
        spans, _ = spans_of(text, [*self.others, *self.doubtful])
        places: dict[Phrase, list[Span]] = {one: [] for one in self.doubtful}
        for span in spans:
            if span.phrase in places:
                places[span.phrase].append(span)
        quoted = {span for found in places.values() for span in found[:_MOST_QUOTED]}
        for span in spans:
            if span in quoted:
                words = text[span.begin : span.end]
                quote = _quoted(text, span.begin, span.end)
                yield MayBeNamed(words, quote, span.phrase.instead)
        for one, found in places.items():
            if more := found[_MOST_QUOTED:]:
                words = text[more[0].begin : more[0].end]
                yield MayBeNamed(words, "", one.instead, len(more))


@dataclass(frozen=True)
class _Unnamed:
    """Somebody shown by post only, under one of the names they are known by."""

    name: str
    capacity: str

    @property
    def instead(self) -> str:
        return f"[{self.capacity}]" if self.capacity else _NOT_PUBLISHED

    @property
    def who(self) -> str:
        return f"{self.name}, {self.capacity}" if self.capacity else self.name

    @property
    def given(self) -> list[str]:
        return self._words[:-1]

    @property
    def surname(self) -> str:
        return self._words[-1]

    @property
    def _words(self) -> list[str]:
        return [word for word in fold(self.name).split() if spelt(word)]


def names_in(record: Record, earlier: Sequence[Record]) -> Names:
    """What names those shown by post only, as these minutes and earlier ones spell
    them: an amendment keeps everybody's place in the list.
    """
    people, codes = _unnamed(record, earlier)
    named = [s for s in record.seats if s.named_publicly and not s.taken_out]
    found = Names()
    surnames = {_surname(seat.name) for seat in named}
    for one in people:
        # A name of one word may be a word of the language too.
        if one.given:
            in_full = rf"(?:{_TITLE})?(?i:{spelt(one.name)})"
            surname, given = spelt(one.surname), _given(one)
            found.replaced += [
                _whole(rf"(?i:{surname},{BETWEEN}{given})", one.instead),
                _whole(in_full, one.instead),
                _whole(rf"(?i:{surname}{BETWEEN}{given})", one.instead),
            ]
        else:
            found.replaced.append(_whole(spelt(one.name), one.instead))
    for one in people:
        if not one.given:
            continue
        is_shared = one.surname.casefold() in surnames
        certain, uncertain = _with_surname(one)
        namesakes = {
            other.instead
            for other in people
            if other.given and other.surname.casefold() == one.surname.casefold()
        }
        instead = one.instead if len(namesakes) == 1 else _NOT_PUBLISHED
        if is_shared:
            uncertain = certain + uncertain
        else:
            found.replaced += [_whole(pattern, instead) for pattern in certain]
        found.doubtful += [_whole(pattern, one.who) for pattern in uncertain]
    taken = {fold(seat.organisation_short) for seat in record.seats}
    known = {fold(seat.abbreviation) for seat in named} - {""}
    for code, one in codes.items():
        if code in taken or code == acronym(post_of(one.capacity)):
            continue  # it says where they work, or their post
        if code in known or len(code) == 1:
            found.doubtful.append(_whole(re.escape(code), one.who))
        else:
            found.replaced.append(_whole(re.escape(code), one.instead))
    for one in people:
        found.doubtful += [
            _whole(r"\.?".join(map(re.escape, code)), one.who)
            for code in sorted(initials(fold(one.name)), key=len, reverse=True)
            if code not in known | taken and code not in codes
        ]
    found.others = [
        other for seat in named if (other := phrase(seat.name, "")) is not None
    ]
    return found


def _unnamed(
    record: Record, earlier: Sequence[Record]
) -> tuple[list[_Unnamed], dict[str, _Unnamed]]:
    """Those shown by post only, the longest name first, and by their abbreviation."""
    named = {
        seat.name for seat in record.seats if seat.named_publicly and not seat.taken_out
    }
    found: dict[str, _Unnamed] = {}
    codes: dict[str, _Unnamed] = {}
    for place, seat in enumerate(record.seats):
        if seat.named_publicly:
            continue
        capacity = redact(seat.capacity).text
        before = [one.seats[place] for one in earlier if place < len(one.seats)]
        own = {seat.name} - named if seat.taken_out else {seat.name}
        for name in sorted(own | ({one.name for one in before} - named)):
            if spelt(name):
                found.setdefault(name, _Unnamed(name, capacity))
        for one in (seat, *before):
            if (code := fold(one.abbreviation).strip()) and one.name not in named:
                codes.setdefault(code, _Unnamed(seat.name, capacity))
    return sorted(found.values(), key=lambda one: len(one.name), reverse=True), codes


def _with_surname(one: _Unnamed) -> tuple[list[str], list[str]]:
    """The patterns of what names them short of their name, and of what may."""
    surname = _in_own_case(one.surname)
    letters = [re.escape(name[0].upper()) for name in one.given]
    others = "".join(rf"(?:\.?[\s-]?{letter})?" for letter in letters[1:])
    short = rf"{letters[0]}{others}\.?"
    certain = [rf"{_TITLE}(?:(?:{_given(one)}|{short}){BETWEEN})?{surname}"]
    uncertain: list[str] = []
    with_initials = rf"{short}[\s*_-]*{surname}"
    is_word = letters[0] in _WORDS_OF_ONE_LETTER
    (uncertain if is_word else certain).append(with_initials)
    # No ordinary word.
    if "-" in one.surname:
        certain.append(surname)
    else:
        uncertain.append(_no_date(one.surname))
    uncertain.append(_no_date(one.given[0]))
    return certain, uncertain


def _given(one: _Unnamed) -> str:
    return spelt(" ".join(one.given))


def _in_own_case(word: str) -> str:
    """As it is written, or in capitals."""
    spellings = "|".join(dict.fromkeys((spelt(word), spelt(word.upper()))))
    return f"(?:{spellings})"


def _no_date(word: str) -> str:
    """The name alone, where it is no month: "30 May", "May 2025"."""
    alone = _in_own_case(word)
    return rf"(?<!\d )(?:{alone})(?! \d)" if word in _MONTHS else alone


def _whole(pattern: str, instead: str) -> Phrase:
    return Phrase(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), instead)


def _surname(name: str) -> str:
    return fold(name).split()[-1].casefold() if name.split() else ""


def _quoted(text: str, begin: int, end: int) -> str:
    """The words and what is around them, without half words at either end."""
    first, last = max(0, begin - _AROUND), min(len(text), end + _AROUND)
    before, after = text[first:begin], text[end:last]
    if first:
        before = "…" + before.partition(" ")[2]
    if last < len(text):
        after = after.rpartition(" ")[0] + "…"
    return " ".join(f"{before}{text[begin:end]}{after}".split())
