"""Words that may name somebody who is shown by post only, and what the office chooses
of each place: they stay as they stand, or the post is put in their place.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from textwrap import shorten

from meetings.models import MinutesVersion

LEAVE, REPLACE = "leave", "replace"
SHOWN_BY_POST = "shown by post only"
_LONGEST_PLACE = 60  # characters of where it is, in a refusal
_DIGEST = 16  # characters; it tells sentences apart, no more

# What is chosen of a doubt, by its key.
Choices = Mapping[str, str]


@dataclass(frozen=True)
class Doubt:
    """Words in a text, with what is around them. ``times`` places read just so."""

    where: str
    item: int | None
    before: str
    words: str
    after: str
    who: str
    instead: str  # what is put in their place, if it is
    times: int = 1

    @property
    def quote(self) -> str:
        return f"{self.before}{self.words}{self.after}"

    @property
    def sentence(self) -> str:
        times = f" ({self.times} times)" if self.times > 1 else ""
        return (
            f"“{self.words}” in “{self.quote}”{times} may name {self.who}, who is "
            f"{SHOWN_BY_POST}"
        )

    @property
    def line(self) -> str:
        """What is kept of it when it is left."""
        return " ".join(f"{self.where}: {self.sentence}".split())

    @property
    def line_replaced(self) -> str:
        return f"{self.line}; the public reads “{self.instead}”"

    @cached_property
    def key(self) -> str:
        """This doubt, in these words at this place."""
        return f"doubt_{_digest([str(self.item), self.line])}"

    @property
    def refusal(self) -> str:
        where = shorten(self.where, _LONGEST_PLACE, placeholder="…")
        return f"Choose what the public reads for “{self.words}” in {where}"


@dataclass(frozen=True)
class Question:
    """Doubts about the same words of the same people: one choice may do for all."""

    doubts: tuple[Doubt, ...]
    # Whether each was decided for the version that is public now.
    is_decided: bool

    @cached_property
    def key(self) -> str:
        """These doubts and no other: with one more it is another question."""
        return f"doubts_{_digest([one.key for one in self.doubts])}"

    @property
    def words(self) -> str:
        return self.doubts[0].words

    @property
    def who(self) -> str:
        return self.doubts[0].who

    @property
    def instead(self) -> str:
        return self.doubts[0].instead

    @property
    def places(self) -> int:
        return sum(one.times for one in self.doubts)

    @property
    def refusal(self) -> str:
        if len(self.doubts) == 1:
            return self.doubts[0].refusal
        return (
            f"Choose what the public reads for “{self.words}” in {self.places} places"
        )


def questions(doubts: Iterable[Doubt], decided: Collection[str]) -> list[Question]:
    """What is still to be decided before what was decided already."""
    alike: dict[tuple[bool, str, str, str], list[Doubt]] = {}
    for one in doubts:
        same = (one.key in decided, one.words, one.who, one.instead)
        alike.setdefault(same, []).append(one)
    found = [Question(tuple(group), same[0]) for same, group in alike.items()]
    return sorted(found, key=lambda question: question.is_decided)


def chosen_for(version: MinutesVersion, doubts: Iterable[Doubt]) -> dict[str, str]:
    """What was chosen for a version of those doubts that read as they did then, to the
    letter: words, what is around them, the place, whom they may name, and the post.
    """
    left, replaced = set(version.names_left), set(version.names_replaced)
    chosen = {}
    for one in doubts:
        was_left, was_replaced = one.line in left, one.line_replaced in replaced
        if was_left != was_replaced:
            chosen[one.key] = LEAVE if was_left else REPLACE
    return chosen


def _digest(said: list[str]) -> str:
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:_DIGEST]
