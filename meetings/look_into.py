"""Looking for words in the files that were handed in."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from assurance.models import StoredFile
from assurance.removing.search import Excerpt, excerpt
from assurance.removing.words import Words
from meetings.reader.apart import words_apart
from meetings.reader.files.words import READABLE
from meetings.reader.source import Refused
from meetings.removal import files_to_look_into

# Files are opened in processes of their own, so many at once, for so many seconds.
_AT_ONCE = 4
LONGEST = 60.0


@dataclass(frozen=True)
class Looked:
    """A file, and what was found in it, or why nobody could look."""

    stored: StoredFile
    excerpt: Excerpt | None = None
    why_not: str = ""


@dataclass
class LookedInto:
    """``holding`` hold the words; ``unread`` are for a person to look at."""

    holding: list[Looked] = field(default_factory=list)
    unread: list[Looked] = field(default_factory=list)
    count: int = 0


def look_into_files(words: Words, *, seconds: float = LONGEST) -> LookedInto:
    """All files, newest first. What there is no time for is to be looked at by eye."""
    until = time.monotonic() + seconds
    found = LookedInto()
    files = list(files_to_look_into().select_related("uploaded_by").order_by("-pk"))

    def look(stored: StoredFile) -> Looked:
        return _look(stored, words, until)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for looked in pool.map(look, files):
            found.count += 1
            if looked.why_not:
                found.unread.append(looked)
            elif looked.excerpt:
                found.holding.append(looked)
    return found


def _look(stored: StoredFile, words: Words, until: float) -> Looked:
    if stored.kind not in READABLE:
        return Looked(stored, why_not="A picture")
    if time.monotonic() > until:
        return Looked(stored, why_not="There was no time to look into it")
    try:
        with stored.content.open("rb") as kept:
            text = words_apart(kept.read(), stored.kind)
    except OSError:
        return Looked(stored, why_not="Its content is missing")
    except Refused:
        return Looked(stored, why_not="It cannot be read by the program")
    return Looked(stored, excerpt(words, text))
