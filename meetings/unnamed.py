"""How texts name those who are shown by post only: what is put in the place of their
names, and what may mean them and is for a person to say.

The full name, in either order, and two or more initials with the surname can mean
nobody else: they are replaced. All else may be a word or somebody else's and is asked
about: a surname alone, with a title or with one initial; a first name; initials; an
abbreviation; the name in small letters.
"""

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

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
_AROUND = 40  # characters before and after words that are quoted


@dataclass(frozen=True)
class MayBeNamed:
    """Where words of a text stand that may name somebody, what is around them, and
    what stands for whom they may name.
    """

    begin: int
    end: int
    before: str
    words: str
    after: str
    who: str
    instead: str


@dataclass
class Names:
    """What to look for in a text, the more particular first."""

    replaced: list[Phrase] = field(default_factory=list)
    # By what they are: whom they may mean.
    doubtful: dict[Phrase, str] = field(default_factory=dict)
    # Of those who are named: it is they who are meant.
    others: list[Phrase] = field(default_factory=list)

    def doubts_about(self, text: str) -> Iterator[MayBeNamed]:
        """Places of a text in which what could be replaced is replaced already."""
        if not self.doubtful:
            return
        spans, _ = spans_of(text, [*self.others, *self.doubtful])
        for span in spans:
            if who := self.doubtful.get(span.phrase):
                before, words, after = _quoted(text, span)
                yield MayBeNamed(
                    *(span.begin, span.end, before, words, after),
                    *(who, span.phrase.instead),
                )


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
    names = {_alike(seat.name) for seat in named}
    instead_of: dict[str, set[str]] = {}
    for one in people:
        instead_of.setdefault(_surname(one.name), set()).add(one.instead)
    surnames_named = {_surname(seat.name) for seat in named}
    found = Names()
    # By pattern: whom it may mean.
    doubtful: dict[str, list[_Unnamed]] = {}

    def look_for(
        one: _Unnamed, patterns: tuple[list[str], list[str]], instead: str, shared: bool
    ) -> None:
        """What is certain of one is a doubt where somebody named shares it."""
        certain, uncertain = patterns
        if shared:
            certain, uncertain = [], certain + uncertain
        found.replaced += [_whole(pattern, instead) for pattern in certain]
        for pattern in uncertain:
            doubtful.setdefault(pattern, []).append(one)

    for one in people:
        look_for(one, _in_full(one), one.instead, _alike(one.name) in names)
    for one in people:
        if one.given:
            surname = _surname(one.name)
            is_one = len(instead_of[surname]) == 1
            instead = one.instead if is_one else _NOT_PUBLISHED
            shared = surname in surnames_named
            look_for(one, _with_surname(one), instead, shared)
    for code, one in _short(record, people, codes):
        doubtful.setdefault(_dotted(code), []).append(one)
    found.doubtful = {
        _whole(pattern, _instead_of(may_be)): " or ".join(
            dict.fromkeys(one.who for one in may_be)
        )
        for pattern, may_be in doubtful.items()
    }
    _name_nobody(found)
    hidden = {_alike(one.name) for one in people}
    found.others = [
        other
        for seat in named
        if _alike(seat.name) not in hidden
        and len(seat.name.split()) > 1
        and (other := phrase(seat.name, ""))
    ]
    return found


def _short(
    record: Record, people: Sequence[_Unnamed], codes: dict[str, _Unnamed]
) -> Iterator[tuple[str, _Unnamed]]:
    """Their abbreviations, and their initials unless these are somebody named or an
    organisation.
    """
    taken = {fold(seat.organisation_short) for seat in record.seats}
    for code, one in codes.items():
        # Or it says where they work, or their post.
        if code not in taken and code != acronym(post_of(one.capacity)):
            yield code, one
    known = {
        fold(seat.abbreviation)
        for seat in record.seats
        if seat.named_publicly and not seat.taken_out
    }
    for one in people:
        for code in sorted(initials(fold(one.name)), key=len, reverse=True):
            if code not in known | taken and code not in codes:
                yield code, one


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


def _in_full(one: _Unnamed) -> tuple[list[str], list[str]]:
    """The patterns of their full name, and of what may be words: "will grant"."""
    if not one.given:
        return [], [_in_own_case(one.surname)]
    surname = _in_own_case(one.surname)
    given = BETWEEN.join(map(_in_own_case, one.given))
    any_surname, any_given = spelt(one.surname), spelt(" ".join(one.given))
    certain = [rf"(?:{_TITLE})?{given}{BETWEEN}{surname}"]
    last_first = [rf"{surname},?{BETWEEN}{given}"]
    uncertain = [
        rf"(?i:(?:{_TITLE})?{any_given}{BETWEEN}{any_surname})",
        rf"(?i:{any_surname},?{BETWEEN}{any_given})",
    ]
    # "In May, Will Jones left".
    if one.surname.capitalize() in _MONTHS:
        return certain, last_first + uncertain
    return last_first + certain, uncertain


def _with_surname(one: _Unnamed) -> tuple[list[str], list[str]]:
    """The patterns of all their initials with the surname, and of what may name them
    short of that.
    """
    surname = _in_own_case(one.surname)
    letters = [re.escape(name[0].upper()) for name in one.given]
    certain = []
    if len(letters) > 1:
        dotted = "".join(rf"{letter}\.[\s*_-]*" for letter in letters)
        certain = [rf"(?:{_TITLE})?{dotted}{surname}"]
    others = "".join(rf"(?:\.?[\s-]?{letter})?" for letter in letters[1:])
    short = rf"{letters[0]}{others}"
    given = BETWEEN.join(map(_in_own_case, one.given))
    uncertain = [
        rf"{_TITLE}(?:(?:{given}|{short}\.?){BETWEEN})?(?i:{spelt(one.surname)})",
        # Not "TAX" for Tom Ax.
        rf"{short}(?:\.[\s*_-]*|{BETWEEN}){surname}",
        rf"{short}{spelt(one.surname)}",
        _no_date(one.surname),
        _no_date(one.given[0]),
    ]
    return certain, uncertain


def _instead_of(may_be: Sequence[_Unnamed]) -> str:
    """What stands for any of them."""
    posts = {one.instead for one in may_be}
    return posts.pop() if len(posts) == 1 else _NOT_PUBLISHED


def _name_nobody(found: Names) -> None:
    """A post that names one of them, such as "Assistant to Ann Lee", stands for nobody.

    What may name somebody in the place of words in full is asked about; in the place
    of what is doubtful nobody looks again.
    """
    certain = found.replaced

    def instead(one: Phrase, phrases: Sequence[Phrase]) -> Phrase:
        names = any(other.pattern.search(fold(one.instead)) for other in phrases)
        return replace(one, instead=_NOT_PUBLISHED) if names else one

    found.replaced = [instead(one, certain) for one in certain]
    every = [*certain, *found.doubtful]
    found.doubtful = {instead(one, every): who for one, who in found.doubtful.items()}


def _dotted(code: str) -> str:
    return r"\.?".join(map(re.escape, code))


def _in_own_case(word: str) -> str:
    """As it is written, in capitals, or with one to begin with."""
    cases = (word, word.upper(), word[:1].upper() + word[1:], word.title())
    spellings = "|".join(dict.fromkeys(map(spelt, cases)))
    return f"(?:{spellings})"


def _no_date(word: str) -> str:
    """The name alone, where it is no month: "30 May", "May 2025"."""
    alone = _in_own_case(word)
    return rf"(?<!\d )(?:{alone})(?! \d)" if word in _MONTHS else alone


def _whole(pattern: str, instead: str) -> Phrase:
    return Phrase(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), instead)


def _alike(name: str) -> str:
    return spelt(name).casefold()


def _surname(name: str) -> str:
    words = fold(name).split()
    return words[-1].casefold() if words else ""


def _quoted(text: str, span: Span) -> tuple[str, str, str]:
    """What is before the words, they, and what is after, without half words at either
    end.
    """
    first, last = max(0, span.begin - _AROUND), min(len(text), span.end + _AROUND)
    before, after = text[first : span.begin], text[span.end : last]
    if first:
        before = "…" + before.partition(" ")[2]
    if last < len(text):
        after = after.rpartition(" ")[0] + "…"
    before, words, after = (
        " ".join(re.split(r"\s+", part))
        for part in (before, text[span.begin : span.end], after)
    )
    return before.lstrip(), words, after.rstrip()
