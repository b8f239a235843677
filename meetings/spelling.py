"""Finding words in a text however they are spelled there: with another apostrophe, dash
or space, in other letters of the same look, with or without accents.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

_ALIKE = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u02b9\u2032\u0060\u00b4", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
)
# Between two words of a name, those of Markdown too.
_BETWEEN = r"[\s*_-]+"


@dataclass(frozen=True)
class Phrase:
    """Words to look for, and what is put in their place."""

    pattern: re.Pattern[str]
    instead: str


def phrase(
    words: str, instead: str, *, any_case: bool = True, within_words: bool = False
) -> Phrase | None:
    """Nothing when there is no word to look for."""
    parts = [part for part in re.split(_BETWEEN, fold(words)) if part]
    if not parts:
        return None
    pattern = _BETWEEN.join(re.escape(part).replace("'", "'?") for part in parts)
    if not within_words:
        pattern = rf"(?<!\w){pattern}(?!\w)"
    flags = re.IGNORECASE if any_case else re.NOFLAG
    return Phrase(re.compile(pattern, flags), instead)


def fold(text: str) -> str:
    """The text with all spellings of a word made one, in its own case."""
    return _folded(text)[0]


def replace_phrases(
    text: str, phrases: Sequence[Phrase]
) -> tuple[str, dict[Phrase, None]]:
    """The text with each phrase replaced, and those that were found in it."""
    folded, places = _folded(text)
    found: dict[Phrase, None] = {}
    spans: list[tuple[int, int, str]] = []  # in order, none overlapping
    for one in phrases:
        for match in one.pattern.finditer(folded):
            begin, end = _place(match.span(), places)
            found[one] = None
            place = bisect_left(spans, (begin,))
            if (place == 0 or spans[place - 1][1] <= begin) and (
                place == len(spans) or end <= spans[place][0]
            ):
                spans.insert(place, (begin, end, one.instead))
    kept, position = [], 0
    for begin, end, instead in spans:
        kept += [text[position:begin], instead]
        position = end
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
