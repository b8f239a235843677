"""Which rows of a text are the headings of its agenda.

Minutes number their items ("1.", "2.1", "Item 4 -", "Ref 03/20/04/2022"), or set their
headings apart by capitals, a rule beneath, a style, or only by being short. The way
most headings are written decides; sentences, lists and labels are none.
"""

import re
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise

from meetings.reader.text.numbering import (
    Numbered,
    longest_chain,
    numbers_in,
    rows_of_lists,
)
from meetings.reader.text.people import person_in
from meetings.reader.text.printed import days_in
from meetings.reader.text.rows import Row
from meetings.reader.text.tables import action_table_at

_REF = re.compile(
    r"(?:agenda\s+)?ref(?:erence)?\.?:?\s*(?P<number>\d[\d/.-]*)\W*", re.I
)
_CLOSED = re.compile(
    r"\((?:closed|restricted|exempt|private|part 2|confidential)\b", re.I
)
_STANDING = re.compile(
    r"(?:welcome(?:(?:,| and|/| &).{0,40})?|introductions?(?:(?:,| and|/| &).{0,40})?"
    r"|(?:attendance|apologies)(?: (?:and|/|&|for) .{0,40})?"
    r"|declarations? of interests?.{0,30}|chair'?s (?:remarks|announcements)"
    r"|(?:review of )?(?:the )?actions? (?:tracker|log)(?: review| updates?)?"
    r"|(?:review of )?actions? from (?:the )?(?:last|previous) meeting"
    r"|(?:review of )?outstanding (?:actions|matters).{0,40}"
    r"|minutes (?:of|from) (?:the )?(?:last|previous) meeting.{0,40}"
    r"|matters arising.{0,40}|any other (?:urgent )?business.{0,20}|a\.?o\.?b\.?"
    r"|(?:summary|list) of (?:new )?actions.{0,40}|actions? (?:summary|arising).{0,40}"
    r"|hmicfrs\b.{0,100}"
    r"|(?:confirmation of |date (?:and time )?of |details of )?(?:the )?next meeting"
    r"(?: (?:type|date)| ?/|:).{0,40}"
    r"|(?:confirmation|date|time|details)[a-z, /]{0,30} next meeting.{0,40}"
    r"|(?:the )?next meeting|close(?: of meeting)?"
    r"|closing (?:remarks|comments)|executive (?:conclusion|summary).{0,30}"
    r"|forward plan|risk register|correspondence"
    r"|exclusion of (?:the )?(?:press|public).{0,40}"
    r"|minutes)\s*[:.]?",
    re.IGNORECASE,
)
_LABELS = re.compile(
    r"(?:present|in attendance|attendees|attending|also present|members present"
    r"|officers present|those present|not present|absent|invitees|distribution|cc"
    r"|papers?|meeting details|items for discussion|agenda|order of business"
    r"|date|time|venue|location|chair(?:ed by|person|man)?|minutes taken by|notes?"
    r"|name|post|organisation|capacity|title|action|owner|summary|background)\W*",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|would|shall|should|could|can|may"
    r"|must|said|says|asked|noted|advised|agreed|confirmed|stated|reported|explained"
    r"|requested|responded|gave|gives|thanked|welcomed|presented|outlined|highlighted"
    r"|raised|felt|queried|added|discussed|provided|acknowledged|sought|made|took"
    r"|commented|recognised|emphasised|referred|replied|suggested|described|opened"
    r"|introduced|understood|recommended|approved|declared|received|met|don't|doesn't)\b"
    r"(?!\s+by\b)"
)
_OUTCOME = re.compile(
    r"(?:n/?a|none|nil|noted|agreed|approved|as above|no (?:items|updates?|matters"
    r"|apologies|actions?|other business).*|verbal(?: update)?|taken as read|to follow"
    r"|not applicable|tbc"
    r"|.*\b(?:noted|approved|discharged|received|circulated|attached))\W*",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"(?:actions?|action points?|decisions?|resolved|agreed|ap)\b"
    r"(?:\s*(?:no\.?\s*)?[\d/]+)?\s*[:–—-]|resolved\b"
    r"|(?-i:ACTION\s+[A-Z]{2,5}(?:\s*[/&]\s*[A-Z]{2,5})*\s+[a-z])",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"[A-Z][\w’' /&-]{0,28}:\s+\S")
_AGENDA_LIST = re.compile(
    r"(?:agenda(?: items)?|items for discussion|order of business)\W*", re.IGNORECASE
)
# What stands over a value of an action: "By when", below it "Next meeting".
_ATTRIBUTE = re.compile(
    r"(?:by when|by whom|(?:action )?owner|lead|due(?: date)?|deadline|target date"
    r"|(?:agreed )?action|who|when)\s*:?",
    re.IGNORECASE,
)
_ABOUT_PEOPLE = re.compile(
    r"welcome|introductions?|attendance|apologies|present", re.IGNORECASE
)
_LEADING_SMALL = re.compile(r"(?:for|and|of|on|with|in|from|to|the|&)\b", re.IGNORECASE)

_TOP_LABEL = re.compile(
    r"(?:[\w ]{3,25}\s/\s)?(?:(?:also )?present|(?:also )?in attendance|attendees?"
    r"|attendance|attending|also attending|apologies|date|time|venue|location|place"
    r"|chair\w*|co-?chairs?|minutes(?: taken by)?|notes(?: taken by)?|note ?taker"
    r"|committee members|panel members|members|officers|secretariat|held(?: at)?"
    r"|start|finish|minutes of (?:the )?(?:meeting|proceedings|\d)|notes of)\b"
    r"(?:[^:]{0,30}:|\s*$|.{0,80}\d)",
    re.IGNORECASE,
)
_LONGEST_TOP = 60  # rows

_MOST_WORDS = 16
_MOST_LETTERS = 160


@dataclass(frozen=True)
class Heading:
    """A heading in a row; ``body`` is the place of the first row below it.

    ``rest`` is what follows it in the same row of a table; it ``begins`` with its
    reference where that stands above it.
    """

    row: Row
    body: int
    text: str
    number: str = ""
    depth: int = 0
    lead: str = ""
    rest: str = ""
    above: int = 0  # rows above it that belong to it

    @property
    def place(self) -> int:
        return self.row.place

    @property
    def begins(self) -> int:
        return self.row.place - self.above

    @property
    def line(self) -> int:
        return self.row.number

    @property
    def is_closed(self) -> bool:
        return bool(_CLOSED.search(self.text))


def headings_of(rows: Sequence[Row]) -> list[Heading]:
    """The headings of a text, in its order; rows of tables of actions are none."""
    tables: set[int] = set()
    for row in rows:
        if row.place not in tables and (table := action_table_at(rows, row.place)):
            tables |= table.places
    return [
        heading for heading in _headings(rows, tables) if heading.place not in tables
    ]


def _headings(rows: Sequence[Row], tables: Container[int]) -> list[Heading]:
    if any(_REF.fullmatch(row.words) for row in rows):
        return _referenced(rows)
    numbered = _numbered(rows, tables)
    if len(numbered) > 1 or (numbered and not _plain(rows)):
        return _with_unnumbered(rows, numbered)
    return _plain(rows) or numbered


def is_standing(text: str) -> bool:
    """Whether words are those of an item that most agendas have."""
    return bool(_STANDING.fullmatch(text.strip()))


def is_sentence(text: str) -> bool:
    """Whether words say something, instead of naming it."""
    words = text.split()
    if text.isupper():
        return len(words) > 2 * _MOST_WORDS
    if len(words) > _MOST_WORDS or len(text) > _MOST_LETTERS:
        return True
    if re.search(r"[.;!?]$", text) and _VERB.search(text):
        return True
    return bool(_VERB.search(text)) and len(words) > 3


# Ref 03/20/04/2022, the heading below it


def _referenced(rows: Sequence[Row]) -> list[Heading]:
    found = []
    for row in rows:
        match = _REF.fullmatch(row.words)
        if match is None or row.place + 1 >= len(rows):
            continue
        below = rows[row.place + 1]
        if _REF.fullmatch(below.words):
            continue
        found.append(
            Heading(
                below,
                below.place + 1,
                below.words,
                match["number"].rstrip(".-/"),
                above=1,
            )
        )
    return found


# 1. 2. 2.1


def _numbered(rows: Sequence[Row], tables: Container[int]) -> list[Heading]:
    """The chain 1, 2, 3 that runs through the text, with the sub-items it numbers."""
    numbers = [n for n in numbers_in(rows) if n.row.place not in tables]
    listed = rows_of_lists(numbers)
    candidates = [
        n for n in numbers if _is_heading_text(n) and n.row.place not in listed
    ]
    tops = longest_chain(candidates)
    if not tops:
        return [_heading(n) for n in candidates if n.depth]
    places = {n.row.place: n for n in tops}
    found: list[Heading] = []
    current: tuple[int, ...] = ()
    for number in candidates:
        if top := places.pop(number.row.place, None):
            current = top.levels
            found.append(_heading(top))
        elif number.depth and number.levels[:1] == current:
            found.append(_heading(number))
    return found


def _is_heading_text(number: Numbered) -> bool:
    text = number.heading
    if _OUTCOME.fullmatch(text) and not is_standing(text):
        return False
    if number.depth and (text.endswith(".") or (days_in(text) and len(text) < 80)):
        return False
    return not is_sentence(text) and not _MARKED.match(text)


def _heading(number: Numbered) -> Heading:
    return Heading(
        number.row,
        number.ends,
        number.heading,
        number.number,
        number.depth,
        number.lead,
        number.rest,
    )


def _with_unnumbered(rows: Sequence[Row], numbered: list[Heading]) -> list[Heading]:
    """Headings that lost their number, and those right under a numbered one."""
    first = numbered[0].place
    seen = Counter(row.words for row in rows)
    taken = {h.place: h for h in numbered}
    found: list[Heading] = []
    for row in rows[first:]:
        if heading := taken.get(row.place):
            found.append(_broken(heading, rows, taken))
            continue
        if found and row.place < found[-1].body:
            continue
        if _ATTRIBUTE.fullmatch(rows[row.place - 1].words):
            continue
        above = found[-1] if found else None
        if _is_standing_row(row):
            found.append(Heading(row, row.place + 1, row.words))
        elif row.heading or row.underlined:
            if not is_sentence(row.words) and not _MARKED.match(row.words):
                depth = 1 if row.heading > 1 else 0
                found.append(Heading(row, row.place + 1, row.words, depth=depth))
        elif (
            above
            and above.number
            and above.place == row.place - 1
            and _is_theme(rows, row)
        ):
            depth = above.depth + 1
            found.append(Heading(row, row.place + 1, row.words, depth=depth))
        elif (
            above
            and seen[row.words] == 1
            and not _ABOUT_PEOPLE.search(above.text)
            and _is_part(rows, row)
        ):
            last = next(h for h in reversed(found) if h.number)
            depth = last.depth + 1
            found.append(Heading(row, row.place + 1, row.words, depth=depth))
    return found


def _is_part(rows: Sequence[Row], row: Row) -> bool:
    """A title over a part of an item, apart from what stands above it."""
    below = rows[row.place + 1] if row.place + 1 < len(rows) else None
    above = rows[row.place - 1]
    return bool(
        below
        and len(row.words.split()) > 1
        and len(row.words) > 8
        and (row.apart or len(above.columns) > 1)
        and _could_be_plain(row)
        and not row.words.isupper()
        and (below.bullet or len(below.words) > 60)
        and (is_sentence(below.words))
        and not below.words[0].islower()
    )


def _is_standing_row(row: Row) -> bool:
    text = row.words
    has_letters = len(text) > 2 and text[0].isupper()
    return (
        not row.bullet
        and has_letters
        and is_standing(text)
        and not _LABELS.fullmatch(text)
        and not _LABELLED.match(text)
    )


def _broken(
    heading: Heading, rows: Sequence[Row], taken: dict[int, Heading]
) -> Heading:
    """A heading that goes on below the name of who leads it."""
    if not heading.lead or heading.body >= len(rows) or heading.body in taken:
        return heading
    below = rows[heading.body]
    if below.bullet or len(below.words.split()) > 5 or len(below.cells) > 1:
        return heading
    if not _LEADING_SMALL.match(below.words) or re.search(r"[.:;]$", below.words):
        return heading
    return Heading(
        heading.row,
        heading.body + 1,
        f"{heading.text} {below.words}",
        heading.number,
        heading.depth,
        heading.lead,
        heading.rest,
    )


def _is_theme(rows: Sequence[Row], row: Row) -> bool:
    """A short title right below a numbered heading, with a paragraph below it."""
    words = [w for w in re.findall(r"[A-Za-z][\w’'-]*", row.words) if len(w) > 3]
    below = rows[row.place + 1] if row.place + 1 < len(rows) else None
    return bool(
        below
        and len(words) > 1
        and all(word[0].isupper() for word in words)
        and not row.bullet
        and "|" not in row.text
        and not is_sentence(row.words)
        and not _OUTCOME.fullmatch(row.words)
        and not re.search(r"[.,;:]$", row.words)
        and not _MARKED.match(row.words)
        and len(below.words) > 2 * len(row.words)
        and is_sentence(below.words)
    )


# Headings without numbers


def _plain(rows: Sequence[Row]) -> list[Heading]:
    """By a style of the file, a rule, capitals, or by being short; below the top of
    the text, where its title, facts and names stand.
    """
    top = _end_of_top(rows)
    for are_headings in (_styled, _capitals, _short):
        found = [h for h in are_headings(rows) if h.place > top]
        if len(found) > 1 or (found and top >= 0 and found[0].place <= top + 3):
            return found
    return []


def _end_of_top(rows: Sequence[Row]) -> int:
    """The place of the last label or date before the text begins to tell, or -1."""
    end = -1
    for row in rows[:_LONGEST_TOP]:
        text = row.words
        is_label = bool(_TOP_LABEL.match(text))
        if is_label or (days_in(text) and len(text) < 120):
            end = row.place
        elif is_sentence(text) and len(text) > 60 and text.endswith("."):
            break
    return end


def _styled(rows: Sequence[Row]) -> list[Heading]:
    styled = [
        row
        for row in rows
        if (row.heading or row.underlined)
        and not _LABELS.fullmatch(row.words)
        and not is_sentence(row.words)
    ]
    levels = sorted({row.heading for row in styled if row.heading})
    # The title is the only one of its level.
    if len(levels) > 1 and sum(row.heading == levels[0] for row in styled) == 1:
        styled = [row for row in styled if row.heading != levels[0]]
        levels = levels[1:]
    found = [
        Heading(
            row,
            row.place + 1,
            row.words,
            depth=levels.index(row.heading) if row.heading in levels else 0,
        )
        for row in styled
    ]
    return sorted(
        [*found, *_sub_headings(rows, found)], key=lambda heading: heading.place
    )


def _sub_headings(rows: Sequence[Row], found: Sequence[Heading]) -> list[Heading]:
    """Items of a list that head what follows, below the first heading."""
    if not found:
        return []
    first, deepest = found[0].place, max(heading.depth for heading in found)
    return [
        Heading(row, row.place + 1, row.words, depth=deepest + 1)
        for row, below in pairwise(rows)
        if row.place > first and _is_sub_heading(row, below)
    ]


def _capitals(rows: Sequence[Row]) -> list[Heading]:
    found = [
        Heading(row, row.place + 1, row.words)
        for row in rows
        if row.words.isupper()
        and _could_be_plain(row)
        and len(re.findall(r"[A-Z]{2,}", row.words)) > 0
        and row.place > 0
    ]
    # A title in capitals is no item, so there must be more.
    return found if len(found) > 2 else []


def _short(rows: Sequence[Row]) -> list[Heading]:
    found: list[Heading] = []
    listing = False
    for row in rows:
        if _AGENDA_LIST.fullmatch(row.words):
            listing = True
            continue
        if listing and not _could_be_plain(row):
            listing = False
        below = rows[row.place + 1] if row.place + 1 < len(rows) else None
        if _is_question(row, below):
            found.append(Heading(row, row.place + 1, row.words))
        elif _is_sub_heading(row, below):
            depth = 1 if found else 0
            found.append(Heading(row, row.place + 1, row.words, depth=depth))
        elif _is_standing_row(row) or (
            _could_be_plain(row) and (listing or _stands_over(rows, row, below))
        ):
            found.append(Heading(row, row.place + 1, row.words))
    return found


def _is_question(row: Row, below: Row | None) -> bool:
    """ "How well does the force know its vulnerable people?" over the answer."""
    return bool(
        below
        and below.apart
        and row.apart
        and not row.bullet
        and row.words.endswith("?")
        and 3 < len(row.words.split()) <= 14
        and row.words[0].isupper()
        and is_sentence(below.words)
        and not re.search(r"\b(?:asked|queried|questioned)\b", row.words)
    )


def _could_be_plain(row: Row) -> bool:
    text = row.words
    return (
        not row.bullet
        and len(row.columns) == 1
        and 1 <= len(text.split()) <= 12
        and text[0].isupper()
        and len(text) > 2
        and not re.search(r"[.,;!?:]$", text)
        and not _LABELS.fullmatch(text)
        and not _LABELLED.match(text)
        and not _MARKED.match(text)
        and not _OUTCOME.fullmatch(text)
        and not is_sentence(text)
        and not (days_in(text) and len(text) < 60)
        and not _names_somebody(text)
    )


def _names_somebody(text: str) -> bool:
    """ "Peter Lane (PL) – Chair" of a list of people."""
    person = person_in(text) if "(" in text or "[" in text else None
    return person is not None and bool(person.abbreviation or person.role)


def _is_sub_heading(row: Row, below: Row | None) -> bool:
    """ "- Workforce Diversity:" over a paragraph."""
    text = row.words
    title = text.rstrip(":").strip()
    return bool(
        below
        and row.bullet
        and text.endswith(":")
        and not below.bullet
        and 1 <= len(title.split()) <= 14
        and title[:1].isupper()
        and not _VERB.search(title)
        and not _MARKED.match(text)
        and sum(word[0].isupper() for word in title.split()) * 2 >= len(title.split())
    )


def _stands_over(rows: Sequence[Row], row: Row, below: Row | None) -> bool:
    """Something is said below it, and what stood above had ended."""
    if below is None or row.place == 0:
        return False
    above = rows[row.place - 1]
    ended = row.apart or re.search(r"[.?!:;)’”\"]$", above.words) or above.bullet
    says_more = (
        is_sentence(below.words)
        or bool(below.bullet)
        or _MARKED.match(below.words)
        or _OUTCOME.fullmatch(below.words)
        or len(below.words) > 3 * len(row.words)
    )
    return bool(ended and says_more) or bool(
        ended and below.apart is False and _could_be_plain(below) and len(rows) > 1
    )
