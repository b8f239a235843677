"""Whom a name in minutes stands for: "DBS", "ACC RJ", "the Chief Constable", "Force".

Minutes name people by a post code, by initials, by post, by rank and name. Each way is
tried in turn, the most particular first; the first that fits anybody decides, and when
it fits two the name stays open.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from meetings.posts import post_of


@dataclass(frozen=True)
class NamedPerson:
    """Somebody who may own an action, as these minutes list them."""

    key: Hashable
    name: str
    abbreviation: str = ""
    capacity: str = ""
    organisation: Hashable | None = None


@dataclass(frozen=True)
class NamedOrganisation:
    key: Hashable
    name: str
    short_names: tuple[str, ...] = ()


Named = NamedPerson | NamedOrganisation
Fits = Callable[[str, NamedPerson], bool]

_ARTICLE = re.compile(r"(?:the|our|both)\s+", re.IGNORECASE)
_SMALL_WORDS = {"of", "and", "for", "the", "to", "in", "&"}
# Short English words that are never somebody's code when typed in small letters.
_NO_CODES = {"am", "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is"} | {
    *("it", "me", "my", "no", "of", "on", "or", "so", "to", "us", "we"),
    *("all", "and", "any", "are", "can", "for", "how", "may", "not", "now", "one"),
    *("out", "pa", "she", "the", "two", "was", "who", "you"),
}
_TITLES = {"mr", "mrs", "ms", "miss", "dr", "sir", "dame", "cllr"}


def without_article(words: str) -> str:
    return _ARTICLE.sub("", " ".join(words.split()), count=1)


def is_code(words: str) -> bool:
    """ "DBS", "T/CC", "D&I": a code of capitals."""
    return bool(re.fullmatch(r"[A-Z][A-Z&/.]{0,7}[A-Z]", words))


def fitting(
    words: str,
    people: Sequence[NamedPerson],
    organisations: Sequence[NamedOrganisation],
) -> list[Named]:
    """Everybody these words may stand for: one when they are understood."""
    words = without_article(re.sub(r"\s*/\s*", "/", words)).strip(" .")
    if not words:
        return []
    if by_code := [p for p in people if _has_abbreviation(words, p)]:
        return list(by_code)
    if bodies := [o for o in organisations if _is_called(words, o)]:
        return list(bodies)
    for fits in _WAYS:
        if found := [person for person in people if fits(words, person)]:
            return list(found)
    return list(_by_rank_and_name(words, people))


def fitting_small(words: str, people: Sequence[NamedPerson]) -> list[Named]:
    """Whoever has this code, typed all small at speed: "tcc", "dbs".

    Only where an owner stands at the beginning of a line: elsewhere it is a word.
    """
    words = without_article(re.sub(r"\s*/\s*", "/", words)).strip(" .")
    if not words.islower() or words in _NO_CODES or not is_code(words.upper()):
        return []
    for fits in (_has_abbreviation, _has_abbreviation_without_slash, _has_post_code):
        if found := [person for person in people if fits(words.upper(), person)]:
            return list(found)
    return []


def could_be_meant(words: str, people: Sequence[NamedPerson]) -> list[NamedPerson]:
    """Whom a bare first name or surname may mean: too little to take anybody by."""
    words = without_article(words).casefold()
    return [p for p in people if words in p.name.casefold().split()]


def acronym(words: str) -> str:
    """ "Director of Business Services" -> "DBS", "Deputy PCC" -> "DPCC"."""
    letters = ""
    for word in re.split(r"[\s-]+", words):
        if word and word.casefold() not in _SMALL_WORDS:
            letters += word if is_code(word) else word[0].upper()
    return letters


def initials(name: str) -> set[str]:
    """ "Rachel Hartland-Lane" -> RHL and RH."""
    words = name.split()
    if len(words) < 2:
        return set()
    return {
        "".join(word[0] for word in words).upper(),
        "".join(part[0] for word in words for part in word.split("-") if part).upper(),
    }


def _same_case(words: str, name: str) -> bool:
    """The same code; typed at speed it may be all small, unless that is a word."""
    return words == name or (
        words.islower()
        and len(words) > 1
        and words not in _NO_CODES
        and words == name.lower()
    )


def _has_abbreviation(words: str, person: NamedPerson) -> bool:
    return bool(person.abbreviation) and _same_case(
        words, re.sub(r"\s*/\s*", "/", person.abbreviation.strip())
    )


def _has_abbreviation_without_slash(words: str, person: NamedPerson) -> bool:
    """ "TCC" of whoever is listed as T/CC. Not "ACC" of an A/CC: that is a post too."""
    match = re.fullmatch(r"T\s*/\s*([A-Z]{2,7})", person.abbreviation.strip())
    return match is not None and words == f"T{match[1]}"


def _is_called(words: str, organisation: NamedOrganisation) -> bool:
    for name in (organisation.name, *organisation.short_names):
        if _same_case(words, name) if is_code(name) else _same(words, name):
            return True
    return False


def _same(words: str, other: str) -> bool:
    return _plain(words) == _plain(without_article(other))


def _plain(words: str) -> str:
    return " ".join(words.replace("&", " and ").casefold().split())


def _posts(person: NamedPerson) -> list[str]:
    """The post, whole and up to a comma or dash: "Assistant Chief Constable, C&V"."""
    post = post_of(person.capacity)
    return [post, re.split(r",|\s[-–—]\s|\s*\(", post)[0].strip()]


def _has_name(words: str, person: NamedPerson) -> bool:
    return _same(words, person.name)


def _has_capacity(words: str, person: NamedPerson) -> bool:
    return bool(person.capacity) and _same(words, person.capacity)


def _has_post(words: str, person: NamedPerson) -> bool:
    post = post_of(words)
    return bool(person.capacity) and any(_same(post, p) for p in _posts(person))


def _has_post_code(words: str, person: NamedPerson) -> bool:
    """ "CC" of whoever is listed as T/CC or as Chief Constable; "ACC" of an ACC Local
    Policing.
    """
    code = post_of(words)
    if not is_code(code):
        return False
    codes = {post_of(person.abbreviation)}
    for post in _posts(person):
        if post:
            codes |= {acronym(post), post.split()[0]}
    return code in {c for c in codes if is_code(c)}


def _has_post_spelt_out(words: str, person: NamedPerson) -> bool:
    """ "Chief Constable" of whoever is listed with "CC" for a capacity."""
    post = post_of(words)
    return len(post.split()) > 1 and acronym(post) == post_of(person.capacity)


def _has_initials(words: str, person: NamedPerson) -> bool:
    code = words.replace(".", "")
    return code.isupper() and code in initials(person.name)


_WAYS: list[Fits] = [
    _has_abbreviation_without_slash,
    _has_name,
    _has_capacity,
    _has_post,
    _has_post_code,
    _has_post_spelt_out,
    _has_initials,
]


def _by_rank_and_name(words: str, people: Sequence[NamedPerson]) -> list[NamedPerson]:
    """ "ACC RJ", "ACC Grant Wills", "Chief Constable Eden", "Ms Jones".

    Rank and name must both fit.
    """
    parts = words.split()
    for cut in range(1, min(len(parts), 5)):
        rank, name = " ".join(parts[:cut]), " ".join(parts[cut:])
        if rank.casefold().rstrip(".") in _TITLES:
            holders = list(people)
        else:
            holders = [p for p in people if _has_rank(rank, p)]
        if found := [p for p in holders if _is_named(name, p)]:
            return found
    return []


def _has_rank(rank: str, person: NamedPerson) -> bool:
    return (
        _has_abbreviation(rank, person)
        or _has_abbreviation_without_slash(rank, person)
        or _has_post(rank, person)
        or _has_post_code(rank, person)
        or _has_post_spelt_out(rank, person)
    )


def _is_named(name: str, person: NamedPerson) -> bool:
    words = person.name.split()
    return (
        _has_name(name, person)
        or _has_abbreviation(name, person)
        or _has_initials(name, person)
        or (len(words) > 1 and _same(name, words[-1]))
    )
