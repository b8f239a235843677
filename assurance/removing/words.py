"""Words to be removed: where they stand in a text, and the text without them.

What is compared is the text as people read it: capitals or not, ligatures and letters
of another make as the plain ones, curly quotes and long dashes as straight ones, what
cannot be seen left out. Between two words may stand any spaces, line ends and marks of
emphasis. Only whole words are found: "Bell" is not in "Bellamy".
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus

from django.core.exceptions import ValidationError

MOST_VARIANTS = 20
LONGEST = 2000  # characters of one variant
FEWEST = 3  # letters and figures of one
_PLAIN = {
    **dict.fromkeys("‘’‚‛`´ʼ", "'"),
    **dict.fromkeys("“”„‟", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
}
# Between two texts: words do not reach over it.
_PARTED = "\ue000"
_EMPHASIS = "*_\\"
_BETWEEN = r"[ *_\\>]+"
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:T.*)?|\d\d:\d\d(?::\d\d.*)?")
# Names in JSON whose values are no words but codes, days and times.
_CODES = {
    *("kind", "attendance", "role", "withheld_reason", "status", "stands", "due_kind"),
    *("date", "start", "end", "on", "due_on", "look_again_on", "raised_on"),
}


class _Folding(dict[int, str]):
    """Each character as it is compared, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char.isspace():
            folded = " "
        elif unicodedata.category(char) in ("Cf", "Cc"):
            folded = ""
        else:
            plain = unicodedata.normalize("NFKD", _PLAIN.get(char, char)).casefold()
            plain = unicodedata.normalize("NFKD", plain)
            folded = "".join(_PLAIN.get(one, one) for one in plain)
        self[code] = folded
        return folded


_FOLDING = _Folding()
_SPACES = re.compile(" +")
_MORE_SPACES = re.compile("(?<= ) +")


def _folded(text: str) -> str:
    return _SPACES.sub(" ", text.translate(_FOLDING))


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """The same, and of each of its characters the place in the text."""
    each = list(map(_FOLDING.__getitem__, map(ord, text)))
    folded = "".join(each)
    places: Sequence[int] = range(len(text))
    if len(folded) > len(text) or not all(each):
        places = [place for place, chars in enumerate(each) for _ in chars]
    kept: list[str] = []
    kept_places: list[int] = []
    begin = 0
    for spaces in _MORE_SPACES.finditer(folded):
        kept.append(folded[begin : spaces.start()])
        kept_places += places[begin : spaces.start()]
        begin = spaces.end()
    kept.append(folded[begin:])
    kept_places += places[begin:]
    return "".join(kept), kept_places


def _pattern(variant: str) -> str:
    folded = _folded(variant).strip()
    parts = []
    for char in folded:
        if char == " ":
            parts.append(_BETWEEN)
        elif char.isalnum() or unicodedata.combining(char):
            parts.append(char)
        else:
            parts.append(rf"\\?{re.escape(char)}")
    before = r"(?<![^\W_])" if folded[0].isalnum() else ""
    after = r"(?![^\W_]|[\u0300-\u036f])" if folded[-1].isalnum() else ""
    return f"{before}{''.join(parts)}{after}"


@dataclass(frozen=True)
class Words:
    """All ways in which what is to be removed is written."""

    variants: tuple[str, ...]

    @classmethod
    def read(cls, text: str, *, mark: str) -> "Words":
        """One variant a line. Raises ``ValidationError`` for what would take too much.

        ``mark`` is what is to stand in their place: it must not hold them.
        """
        lines = [" ".join(line.split()) for line in text.splitlines()]
        variants = tuple(dict.fromkeys(filter(None, lines)))
        if not variants:
            raise ValidationError("Enter the words to remove, one variant on each line")
        if len(variants) > MOST_VARIANTS:
            raise ValidationError(
                f"Enter at most {MOST_VARIANTS} variants; these are {len(variants)}"
            )
        for number, variant in enumerate(variants, 1):
            if len(variant) > LONGEST:
                raise ValidationError(
                    f"Variant {number} has {len(variant)} characters; the most is "
                    f"{LONGEST}. Make several removals of it"
                )
            if sum(map(str.isalnum, variant)) < FEWEST:
                raise ValidationError(
                    f"Variant {number} is too short: enter at least {FEWEST} letters "
                    "or figures"
                )
            if cls((variant,)).stand_in(mark):
                raise ValidationError(
                    f"Variant {number} stands in the mark that takes the place of what "
                    f"is removed, “{mark}”. Enter more of the words around it"
                )
        return cls(variants)

    @cached_property
    def _spelt(self) -> list[str]:
        """The variants, and as web addresses and HTML spell them; longest first."""
        spelt = [
            way(variant)
            for variant in self.variants
            for way in (str, html.escape, quote, quote_plus)
        ]
        return sorted(dict.fromkeys(spelt), key=len, reverse=True)

    @cached_property
    def _found(self) -> re.Pattern[str]:
        return re.compile("|".join(map(_pattern, self._spelt)))

    @cached_property
    def sought(self) -> frozenset[str]:
        """What a text of plain ASCII must hold one of, in capitals or not, to hold any
        of the words: letters and figures alone.
        """
        folded = [_folded(variant) for variant in self._spelt]
        return frozenset(
            max(re.findall("[a-z0-9]+", one), key=len)
            for one in folded
            if one.isascii()
        )

    def stand_in(self, text: str) -> bool:
        if text.isascii():
            small = text.lower()
            if not any(one in small for one in self.sought):
                return False
        return bool(self._found.search(_folded(text)))

    def stand_in_any(self, value: Any) -> bool:
        """Whether they stand in a text, or in one of those in what was read of JSON."""
        text = value if isinstance(value, str) else _PARTED.join(texts_in(value))
        return self.stand_in(text)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where they stand, from and to; marks of emphasis that begin or end among
        them go with them.
        """
        if not self.stand_in(text):
            return []
        folded, places = _folded_with_places(text)
        spans: list[tuple[int, int]] = []
        for match in self._found.finditer(folded):
            start, end = places[match.start()], places[match.end() - 1] + 1
            while end < len(text) and unicodedata.combining(text[end]):
                end += 1
            if any(char in _EMPHASIS for char in text[start:end]):
                while start and text[start - 1] in _EMPHASIS:
                    start -= 1
                while end < len(text) and text[end] in _EMPHASIS:
                    end += 1
            if not spans or start >= spans[-1][1]:
                spans.append((start, end))
        return spans

    def without(self, text: str, mark: str) -> str:
        """The text with the mark where they stood."""
        parts, place = [], 0
        for start, end in self.spans(text):
            parts += [text[place:start], mark]
            place = end
        return "".join([*parts, text[place:]])

    def without_in(self, value: Any, mark: str) -> Any:
        """The same for what was read of JSON, the names in it as well.

        Texts that follow each other in a list are read as one: the words may begin in
        one and end in the next, as lines of a text do and cells of a row.
        """
        match value:
            case str():
                return self.without(value, mark)
            case [str(), *rest] if all(isinstance(one, str) for one in rest):
                return self._without_in_lines(value, mark)
            case list() | tuple():
                return [self.without_in(one, mark) for one in value]
            case dict():
                return {
                    self.without(name, mark): one
                    if _is_code(name, one)
                    else self.without_in(one, mark)
                    for name, one in value.items()
                }
        return value

    def _without_in_lines(self, lines: list[str], mark: str) -> list[str]:
        spans = self.spans("\n".join(lines))
        if not spans:
            return lines
        found = []
        begin = 0
        for line in lines:
            end = begin + len(line)
            parts, place = [], begin
            for start, stop in spans:
                if stop <= begin or start >= end:
                    continue
                parts.append(line[place - begin : max(start, begin) - begin])
                parts.append(mark if start >= begin else "")
                place = min(stop, end)
            found.append("".join([*parts, line[place - begin :]]))
            begin = end + 1
        return found


def _is_code(name: str, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    return name in _CODES or (name == "value" and bool(_ISO.fullmatch(value)))


def texts_in(value: Any) -> Iterator[str]:
    """The texts in what was read of JSON, those of a list as one."""
    match value:
        case str():
            yield value
        case [str(), *rest] if all(isinstance(one, str) for one in rest):
            yield "\n".join(value)
        case list() | tuple():
            for one in value:
                yield from texts_in(one)
        case dict():
            for name, one in value.items():
                yield name
                if not _is_code(name, one):
                    yield from texts_in(one)
