"""Reading old minutes: lines in, what they say out, nothing saved and nothing invented.

The order of work: rows (``rows``), headings (``headings``), who was there
(``attendance``), facts of the top (``facts``), actions (``tasks``, ``tables``), the
next meeting (``upcoming``). Owners and dues are read as those of spoken actions are.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from meetings.reader.minutes import (
    Facts,
    ReadAction,
    ReadAttendee,
    ReadItem,
    ReadMinutes,
    Warned,
    Words,
)
from meetings.reader.phrases.due import DueReading, read_due
from meetings.reader.phrases.due_phrases import DueSense
from meetings.reader.phrases.owners import NamedOrganisation, NamedPerson, read_owners
from meetings.reader.source import Source
from meetings.reader.text.attendance import Attendance, attendance_of, begins_list
from meetings.reader.text.facts import facts_of, with_roles
from meetings.reader.text.headings import Heading, headings_of
from meetings.reader.text.printed import days_in, with_figures
from meetings.reader.text.rows import Row, rows_of
from meetings.reader.text.tables import action_table_at
from meetings.reader.text.tasks import (
    Found,
    Section,
    Task,
    margins,
    sections_of,
    tasks_of,
)
from meetings.reader.text.upcoming import next_meeting_of

_DECISION = re.compile(
    r"(?:decisions?|resolved|agreed)\s*(?:(?::|\s[–—-])\s*|\s+(?=that\b|\(1\)))(?P<what>\S.*)",
    re.IGNORECASE,
)
_NOT_ASSURED = re.compile(
    r"\b(?:was|is|were|remain(?:s|ed)) not (?:fully )?(?:assured|satisfied)\b"
    r"|assurance(?: level| given)?\s*[:–-]\s*(?:none|no|not|limited)\b",
    re.IGNORECASE,
)
_PARTLY = re.compile(
    r"\b(?:partly|partially) assured\b|assurance(?: level| given)?\s*[:–-]\s*parti?",
    re.I,
)
_ASSURED = re.compile(
    r"\b(?:pcc|dpcc|commissioner|deputy mayor|mayor|panel|committee|board|members)"
    r"\b[\w ]{0,20}\b(?:was|were|is|are) (?:fully )?(?:assured|satisfied)\b"
    r"|assurance(?: level| given)?\s*[:–-]\s*(?:full|substantial|assured|given|yes)",
    re.IGNORECASE,
)
_FAR = 270  # days
_ALIKE = 0.55  # of the words; a summary is worded anew
_STOP = frozenset(
    [
        *("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "have", "in"),
        *("is", "it", "of", "on", "or", "that", "the", "their", "this", "to", "was"),
        *("were", "which", "who", "will", "with"),
    ]
)


def read_minutes(source: Source) -> ReadMinutes:
    """Everything understood of a text. Never raises for any text at all."""
    rows, warnings = rows_of(source.lines)
    warnings += [Warned(0, message) for message in source.warnings]
    headings = [h for h in headings_of(rows) if not _is_label(rows, h)]
    attendance = attendance_of(rows, headings)
    headings = [h for h in headings if h.place not in attendance.rows]
    head = _head(rows, headings)
    facts = facts_of(rows, head, attendance.people, attendance.rows)
    people = _with_taker(attendance, facts, rows)
    sections = list(sections_of(rows, headings)) if headings else []
    if sections:
        sections.insert(0, Section(None, _tables_above(rows[: headings[0].begins])))
    if not headings:
        sections = [Section(None, _below_head(rows, attendance, facts))]
    reading = _Reading(rows, sections, people, facts, attendance.rows)
    items, actions = reading.items_and_actions()
    return ReadMinutes(
        lines=tuple(line.text for line in source.lines),
        facts=facts,
        attendees=tuple(people),
        items=tuple(items),
        actions=tuple(actions),
        next_meeting=next_meeting_of(rows, headings, facts.date),
        warnings=tuple(sorted(warnings, key=lambda w: w.line)),
    )


def _head(rows: Sequence[Row], headings: Sequence[Heading]) -> Sequence[Row]:
    """The rows before the first item, without tables of actions."""
    above = rows[: headings[0].begins] if headings else rows
    tables = {row.place for row in _tables_above(above)}
    return [row for row in above if row.place not in tables]


def _tables_above(rows: Sequence[Row]) -> list[Row]:
    """The rows of tables of actions before the first item."""
    found: list[Row] = []
    for row in rows:
        if table := action_table_at(rows, row.place):
            found += rows[row.place : row.place + table.took]
    return found


def _is_label(rows: Sequence[Row], heading: Heading) -> bool:
    """ "Attendance" over a list of names heads no item."""
    return not heading.number and begins_list(rows[heading.place])


def _with_taker(
    attendance: Attendance, facts: Facts, rows: Sequence[Row]
) -> list[ReadAttendee]:
    told = ""
    if facts.minute_taker:
        line = facts.minute_taker.line
        row = next((row for row in rows if row.number == line), None)
        told = row.words.partition(":")[2].strip() if row else ""
    return with_roles(attendance.people, facts, told)


def _below_head(
    rows: Sequence[Row], attendance: Attendance, facts: Facts
) -> Sequence[Row]:
    """All that is no fact of the meeting, where a text has no headings."""
    used = {
        fact.line
        for fact in (facts.title, facts.date, facts.venue, facts.minute_taker)
        if fact
    }
    return [
        row
        for row in rows
        if row.place not in attendance.rows and row.number not in used
    ]


class _Reading:
    """The items and actions of a text, from its sections."""

    def __init__(
        self,
        rows: Sequence[Row],
        sections: Sequence[Section],
        people: Sequence[ReadAttendee],
        facts: Facts,
        listed: set[int],
    ) -> None:
        self.sections = sections
        self.listed = listed
        self.has_margin = margins(rows)
        self.said_on = facts.date.value if facts.date else None
        self.people = [
            NamedPerson(
                place, p.name, p.abbreviation, p.capacity, p.organisation or None
            )
            for place, p in enumerate(people)
        ]
        self.known = {
            words.casefold() for p in people for words in (p.name, p.capacity) if words
        }
        bodies = {p.organisation for p in people if p.organisation}
        self.organisations = [
            NamedOrganisation("force", "Force", ("the force", "Police")),
            NamedOrganisation(
                "opcc", "OPCC", ("Office of the Police and Crime Commissioner",)
            ),
            *(NamedOrganisation(name, name) for name in bodies - {"Force", "OPCC"}),
        ]

    def items_and_actions(self) -> tuple[list[ReadItem], list[ReadAction]]:
        items: list[ReadItem] = []
        kept: list[tuple[Task, int | None]] = []
        found_in: list[tuple[Section, Found, int | None]] = []
        for section in self.sections:
            found = tasks_of(section, has_margin=self.has_margin, known=self.known)
            found.taken |= self.listed
            item = None
            if section.heading:
                item = len(items)
                items.append(_item(section.heading))
            items += [ReadItem(row.words, row.number) for row in found.groups]
            found_in.append((section, found, item))
            kept += [(task, item) for task in found.tasks]
        actions, places = self._merged(kept)
        for section, found, item in found_in:
            if item is not None:
                items[item] = _with_notes(items[item], section, found, places)
        return items, actions

    def _merged(
        self, tasks: Sequence[tuple[Task, int | None]]
    ) -> tuple[list[ReadAction], dict[Task, int]]:
        """Each action once: the summary's wording beside that of the body."""
        kept: list[tuple[Task, int | None]] = []
        second: dict[int, Task] = {}
        body = _Wordings()
        for task, item in tasks:
            if task.kind == "new":
                body.add(len(kept), task)
            if task.kind == "summary" and (body.words or second):
                place = body.take(task)
                if place is not None:
                    second[place] = task
                    continue
                task = replace(
                    task, kind="new", doubt="Only the summary of actions names it."
                )
            kept.append((task, item))
        actions = [
            self._action(task, item, second.get(place))
            for place, (task, item) in enumerate(kept)
        ]
        return actions, {task: place for place, (task, _) in enumerate(kept)}

    def _action(self, task: Task, item: int | None, other: Task | None) -> ReadAction:
        text, owner, owner_doubt = self._owner(task)
        if other and not owner and other.owner:
            owner = other.owner
        action = ReadAction(
            text=text,
            line=task.line,
            owner=owner,
            item=item,
            earlier=task.kind == "earlier",
            reference=task.reference,
            update=task.update,
            is_closed=task.is_closed,
            doubt=task.doubt or owner_doubt,
        )
        if other is not None:
            if _words(other.text) != _words(text) or other.text != text:
                action = replace(action, alternative_text=other.text)
            action = replace(action, alternative_line=other.line)
        return self._with_due(action, task.due or (other.due if other else ""), task)

    def _owner(self, task: Task) -> tuple[str, str, str]:
        if task.owner:
            return task.text, task.owner, ""
        reading = read_owners(
            task.text, people=self.people, organisations=self.organisations
        )
        text = task.text
        if reading.trailing_from is not None:
            text = text[: reading.trailing_from].strip(" –—-(")
        owner = reading.words
        if not owner and reading.doubts:
            first, last = reading.doubts[0].words, reading.doubts[-1].words
            start = task.text.find(first)
            end = task.text.find(last, start) + len(last)
            owner = task.text[start:end] if start >= 0 else first
        return text, owner, ""

    def _with_due(self, action: ReadAction, words: str, task: Task) -> ReadAction:
        if words:
            return _with_printed_due(action, words, self.said_on)
        if self.said_on is None:
            return action
        reading = read_due(with_figures(action.text), self.said_on)
        if reading is None:
            return action
        action = replace(
            action,
            due_text=action.text[reading.start : reading.end],
            due_kind=reading.sense,
            due_on=reading.on,
            due_name=reading.name,
        )
        if _is_far(reading, self.said_on) and not action.doubt:
            doubt = f"The year of “{action.due_text}” is not printed."
            action = replace(action, doubt=doubt)
        before = read_due(_last_sentences(task.context), self.said_on)
        if (
            before
            and before.on
            and reading.on
            and before.on != reading.on
            and not action.doubt
        ):
            doubt = f"The text just before it says “{before.words}” instead."
            action = replace(action, doubt=doubt)
        return action


def _with_printed_due(
    action: ReadAction, words: str, said_on: dt.date | None
) -> ReadAction:
    """The due of a cell or a label of its own."""
    action = replace(action, due_text=words)
    for day in days_in(words):
        if day.date:
            return replace(action, due_kind=DueSense.DATE, due_on=day.date)
    if said_on is None:
        return action
    for phrase in (words, f"by {words}", f"at the {words}", f"at {words}"):
        reading = read_due(phrase, said_on)
        if reading is not None and reading.is_understood:
            return replace(
                action,
                due_kind=reading.sense,
                due_on=reading.on,
                due_name=reading.name,
            )
    return action


def _is_far(reading: DueReading, said_on: dt.date) -> bool:
    """A day without a year that has just passed is taken for that of the next year."""
    return (
        reading.on is not None
        and (reading.on - said_on).days > _FAR
        and not re.search(r"\b(?:19|20)\d\d\b", reading.words)
        and bool(days_in(reading.words))
    )


def _last_sentences(text: str) -> str:
    return " ".join(re.split(r"(?<=[.?!])\s+", text)[-3:])


def _words(text: str) -> set[str]:
    return {
        word[:5] for word in re.findall(r"\w+", text.casefold()) if word not in _STOP
    }


class _Wordings:
    """The actions of the body, to be found by another wording."""

    def __init__(self) -> None:
        self.words: dict[int, set[str]] = {}
        self.places: dict[str, set[int]] = {}

    def add(self, place: int, task: Task) -> None:
        self.words[place] = _words(f"{task.text} {task.owner}")
        for word in self.words[place]:
            self.places.setdefault(word, set()).add(place)

    def take(self, task: Task) -> int | None:
        """The place of the action that is worded most alike; each is found once."""
        mine = _words(f"{task.text} {task.owner}")
        shared = Counter(place for word in mine for place in self.places.get(word, ()))
        best, most = None, 0.0
        for place in sorted(shared):
            least = min(len(mine), len(self.words[place]))
            if shared[place] / least > most:
                best, most = place, shared[place] / least
        if best is None or most < _ALIKE:
            return None
        for word in self.words.pop(best):
            self.places[word].discard(best)
        return best


# Items


def _item(heading: Heading) -> ReadItem:
    return ReadItem(
        heading=heading.text.rstrip(" :"),
        line=heading.line,
        number=heading.number,
        depth=heading.depth,
        lead=heading.lead,
        restricted=heading.is_closed,
    )


def _with_notes(
    item: ReadItem, section: Section, found: Found, places: dict[Task, int]
) -> ReadItem:
    """The notes of an item, each action's mark where it was agreed."""
    marks: dict[int, list[int]] = {}
    for task in found.tasks:
        if task in places and task.kind != "earlier":
            marks.setdefault(task.place, []).append(places[task] + 1)
    blocks: list[tuple[str, str]] = []
    decisions: list[Words] = []
    said: list[str] = []
    rest = section.heading.rest.split("\t")[0].strip() if section.heading else ""
    if len(rest.split()) > 2:
        blocks.append(("p", rest))
    for row in section.rows:
        text = row.words
        before, after = found.left.get(row.place, ("", ""))
        if row.place in found.taken:
            text = before
        if text:
            said.append(text)
        decision = _DECISION.fullmatch(text)
        if decision:
            decisions.append(Words(decision["what"], row.number))
        elif text:
            blocks.append(("li" if row.bullet else "p", text))
        blocks += [
            ("mark", f"[[action #{place}]]") for place in marks.get(row.place, ())
        ]
        if after:
            blocks.append(("p", after))
    return replace(
        item,
        notes=_markdown(blocks),
        decisions=tuple(decisions),
        assurance=_assurance(" ".join(said)),
    )


def _markdown(blocks: Sequence[tuple[str, str]]) -> str:
    lines: list[str] = []
    before = ""
    for kind, text in blocks:
        if kind != "mark":
            text = text.replace("[[", "[ [")
        if lines and not (kind == before == "li"):
            lines.append("")
        lines.append(f"- {text}" if kind == "li" else text)
        before = kind
    return "\n".join(lines)


def _assurance(text: str) -> str:
    """What the text says plainly of the assurance given; "" when it says two things."""
    if not re.search(r"assur|satisf", text, re.IGNORECASE):
        return ""
    found = [
        name
        for name, pattern in (
            ("not_assured", _NOT_ASSURED),
            ("partly", _PARTLY),
            ("assured", _ASSURED),
        )
        if pattern.search(text)
    ]
    return found[0] if len(found) == 1 else ""
