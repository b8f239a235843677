"""Finding words in a text however they are spelled there: with another apostrophe, dash
or space, in other letters of the same look, with or without accents.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

_ALIKE = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u02b9\u2032\u0060\u00b4", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
)
# Between two words of a name, those of Markdown too.
BETWEEN = r"[\s*_-]+"


@dataclass(frozen=True)
class Phrase:
    """Words to look for, and what is put in their place."""

    pattern: re.Pattern[str]
    instead: str


def spelt(words: str) -> str:
    """A pattern of these words for a text that is folded; "" when there are none."""
    parts = [part for part in re.split(BETWEEN, fold(words)) if part]
    return BETWEEN.join(re.escape(part).replace("'", "'?") for part in parts)


def phrase(
    words: str, instead: str, *, any_case: bool = True, within_words: bool = False
) -> Phrase | None:
    """Nothing when there is no word to look for."""
    pattern = spelt(words)
    if not pattern:
        return None
    if not within_words:
        pattern = rf"(?<!\w){pattern}(?!\w)"
    flags = re.IGNORECASE if any_case else re.NOFLAG
    return Phrase(re.compile(pattern, flags), instead)


def fold(text: str) -> str:
    """The text with all spellings of a word made one, in its own case."""
    return _folded(text)[0]


@dataclass(frozen=True, order=True)
class Span:
    """Where in a text something stands."""

    begin: int
    end: int
    phrase: Phrase = field(compare=False)


def spans_of(
    text: str, phrases: Sequence[Phrase]
) -> tuple[list[Span], dict[Phrase, None]]:
    """Where phrases stand, in order; where two overlap the one that is named first. And
    all that were found.
    """
    folded, places = _folded(text)
    found: dict[Phrase, None] = {}
    spans: list[Span] = []
    for one in phrases:
        for match in one.pattern.finditer(folded):
            span = Span(*_place(match.span(), places), one)
            found[one] = None
            place = bisect_left(spans, span)
            if (place == 0 or spans[place - 1].end <= span.begin) and (
                place == len(spans) or span.end <= spans[place].begin
            ):
                spans.insert(place, span)
    return spans, found


def replace_phrases(
    text: str, phrases: Sequence[Phrase]
) -> tuple[str, dict[Phrase, None]]:
    """The text with each phrase replaced, and those that were found in it."""
    spans, found = spans_of(text, phrases)
    kept, position = [], 0
    for span in spans:
        kept += [text[position : span.begin], span.phrase.instead]
        position = span.end
    return "".join([*kept, text[position:]]), found


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """Folded, and the place in the text of each character, and of its end."""
    if text.isascii():
        return text.translate(_ALIKE), range(len(text) + 1)
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in unicodedata.normalize("NFKD", character.translate(_ALIKE)):
            # Accents, and what is not seen: a soft hyphen, a joiner of zero width.
            if not unicodedata.combining(one) and unicodedata.category(one) != "Cf":
                folded.append(one)
                places.append(place)
    return "".join(folded), [*places, len(text)]


def _place(span: tuple[int, int], places: Sequence[int]) -> tuple[int, int]:
    """Where it is in the text, with the accents that belong to its last letter."""
    begin, end = span
    return places[begin], max(places[end], places[end - 1] + 1)
