"""The actions of a text: by their marks, in lists and tables, in the margin."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace

from meetings.reader.text.headings import Heading
from meetings.reader.text.marks import (
    BEHIND_BAR,
    CAPITALS,
    CARRIED,
    DUE_END,
    DUE_LINE,
    DUE_WORD,
    IN_BRACKETS,
    INSIDE,
    IS_CLOSED,
    LABEL,
    LOG_LINE,
    NONE,
    OWNER_END,
    OWNER_LINE,
    OWNER_WORD,
    REVIEW,
    START,
    STATUS,
    SUMMARY,
    TOLD_BEHIND_DASH,
    TOLD_IN_BRACKET,
    TRAILING,
    UPDATE,
    due_words,
    is_about_actions,
    is_names,
    is_sentence_like,
    starts_number,
    who_and_when,
    without_number,
)
from meetings.reader.text.people import is_name
from meetings.reader.text.printed import days_in
from meetings.reader.text.rows import Row, sentences
from meetings.reader.text.tables import ActionTable, action_table_at, margin_of


@dataclass(frozen=True)
class Task:
    """An action as found. ``place`` is its row; ``owner`` and ``due`` are words that
    stand apart from the text. ``from_place`` is the row the words were taken from,
    where the mark stands on another.
    """

    text: str
    place: int
    line: int
    kind: str = "new"  # "summary" repeats the body, "earlier" was raised before
    owner: str = ""
    due: str = ""
    reference: str = ""
    update: str = ""
    is_closed: bool = False
    context: str = ""
    doubt: str = ""


@dataclass
class Section:
    """The rows under one heading."""

    heading: Heading | None
    rows: Sequence[Row]

    @property
    def title(self) -> str:
        return self.heading.text if self.heading else ""

    @property
    def is_summary(self) -> bool:
        return bool(SUMMARY.search(self.title))

    @property
    def is_review(self) -> bool:
        return bool(REVIEW.search(self.title)) and not self.is_summary


@dataclass
class Found:
    """The actions of a section, and what is left of its rows for the notes.

    ``left`` has the words of rows that say more than the action; rows in ``taken`` say
    nothing else.
    """

    tasks: list[Task] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    left: dict[int, tuple[str, str]] = field(default_factory=dict)
    groups: list[Row] = field(default_factory=list)  # headings inside a tracker


def tasks_of(section: Section, *, has_margin: bool, known: Container[str]) -> Found:
    """The actions of a section. ``has_margin`` says that the text has a column of
    actions, in which stands who acts; ``known`` are the names and posts of those
    listed, in small letters.
    """
    return _Reader(section, has_margin, known).read()


class _Reader:
    def __init__(
        self, section: Section, has_margin: bool, known: Container[str]
    ) -> None:
        self.known = known
        self.section = section
        self.rows = section.rows
        self.has_margin = has_margin
        self.found = Found()
        self.is_summary = section.is_summary
        self.in_list = False
        self.at = 0

    def read(self) -> Found:
        while self.at < len(self.rows):
            row = self.rows[self.at]
            self.at += self._row(row)
        return self.found

    def _row(self, row: Row) -> int:
        """Reads a row and says how many rows that took."""
        if table := action_table_at(self.rows, self.at):
            return self._table(table)
        text = row.words
        if SUMMARY.fullmatch(text.rstrip(" :")):
            self.is_summary = True
            self.found.taken.add(row.place)
            return 1
        if self._label_of_list(row):
            return 1
        if took := self._attribute(row) or self._lost_columns(row):
            return took
        for read in (
            self._log_line,
            self._bracketed,
            self._marked,
            self._capitals,
            self._listed,
            self._margin,
            self._below_margin,
            self._inside,
            self._trailing,
            self._earlier,
        ):
            if took := read(row, text):
                return took
        if not row.bullet and not (self.is_summary and starts_number(text)):
            self.in_list = False
        return 1

    def _add(self, row: Row, text: str, **fields: str | bool) -> None:
        """An action of this row; owner and due that end its words are set apart."""
        text = text.strip()
        owner, due = str(fields.pop("owner", "")), str(fields.pop("due", ""))
        bar = BEHIND_BAR.search(text)
        if bar and self._is_somebody(bar["names"]):
            owner, text = owner or bar["names"], text[: bar.start()].strip()
        for told in (TOLD_IN_BRACKET.search(text), TOLD_BEHIND_DASH.search(text)):
            who, when = who_and_when(told["told"]) if told else ("", "")
            if told and when:
                owner, due = owner or who, due or when
                text = text[: told.start()].strip()
                break
        if match := DUE_END.search(text):
            due = due or match["value"].strip()
            text = (text[: match.start()] + text[match.end() :]).strip()
        if match := OWNER_END.search(text):
            owner = owner or match["value"].strip()
            text = (text[: match.start()] + text[match.end() :]).strip()
        *before, last = sentences(text.rstrip("| "))
        if before and not owner and is_names(last):
            owner, text = last.strip(" ."), " ".join(before)
        task = Task(
            text.strip("| "), row.place, row.number, owner=owner, due=due_words(due)
        )
        task = replace(task, **fields)  # type: ignore[arg-type]
        if task.kind == "new":
            task = self._placed(task)
        self.found.tasks.append(task)
        self.found.taken.add(row.place)

    def _is_somebody(self, words: str) -> bool:
        words = words.strip(" .")
        return words.casefold() in self.known or bool(
            is_name(words)
            or re.fullmatch(r"[A-Z]{2,4}(?:\s?[/&,]\s?[A-Z]{2,4})*", words)
        )

    def _placed(self, task: Task) -> Task:
        """New, of the summary, or raised before, by the section and its own words."""
        update = UPDATE.search(task.text)
        status = STATUS.search(task.text)
        is_earlier = bool(CARRIED.search(task.text)) or (
            self.section.is_review and (update or (task.reference and status))
        )
        if is_earlier:
            return _as_earlier(task, update)
        if self.is_summary:
            return replace(task, kind="summary")
        return task

    # One way of marking an action each

    def _marked(self, row: Row, text: str) -> int:
        match = START.fullmatch(text)
        if match is None or is_about_actions(match["rest"]):
            return 0
        rest = match["rest"].strip()
        if text[0] in "[(":
            rest = rest.rstrip("])")
        if NONE.fullmatch(rest):
            self.found.taken.add(row.place)
            return 1
        ref = (match["ref"] or "").strip()
        status = re.match(
            r"(?P<word>[\w-]+(?: forward| over)?)\s*[.:–-]?\s*(?P<more>.*)", rest
        )
        if ref and status and STATUS.fullmatch(status["word"]):
            self._add(
                row,
                status["more"] or rest,
                kind="earlier",
                reference=ref,
                update=status["word"],
                is_closed=bool(IS_CLOSED.fullmatch(status["word"])),
            )
            return 1
        if is_names(rest):
            return self._for(row, rest)
        who = (match["who"] or "").strip()
        if STATUS.fullmatch(who):
            closed = bool(IS_CLOSED.fullmatch(who))
            self._add(row, rest, kind="earlier", update=who, is_closed=closed)
            return 1
        if who and not (is_names(who) or who.casefold() in self.known):
            rest, who = f"({who}) {rest}", ""
        reference = ref if self.section.is_review else ""
        self._add(row, rest, reference=reference, owner=who)
        return 1

    def _for(self, row: Row, names: str) -> int:
        """ "Action: JB" below what JB is to do."""
        last = self.found.tasks[-1] if self.found.tasks else None
        above = self._above()
        if last and above and last.place == above.place and not last.owner:
            self.found.tasks[-1] = replace(last, owner=names.strip(" ."))
            self.found.taken.add(row.place)
            return 1
        if above is None or above.place in self.found.taken:
            return 0
        parts = sentences(without_number(above.words))
        doubt = "The text says who acts below it. Is this what is to be done?"
        self._add(above, parts[-1], owner=names.strip(" ."), doubt=doubt)
        self.found.left[above.place] = (" ".join(parts[:-1]), "")
        self.found.taken.add(row.place)
        return 1

    def _above(self) -> Row | None:
        return self.rows[self.at - 1] if self.at else None

    def _capitals(self, row: Row, text: str) -> int:
        match = CAPITALS.fullmatch(text)
        if match is None or len(match["rest"].split()) < 3 or text.isupper():
            return 0
        self._add(row, match["rest"])
        return 1

    def _label_of_list(self, row: Row) -> bool:
        """ "Actions:" over a list."""
        if not LABEL.fullmatch(row.words) or row.bullet:
            return False
        below = self.rows[self.at + 1] if self.at + 1 < len(self.rows) else None
        if below is None or not (below.bullet or starts_number(below.words)):
            return False
        self.in_list = True
        self.found.taken.add(row.place)
        return True

    def _listed(self, row: Row, text: str) -> int:
        in_summary = self.is_summary and (row.bullet or starts_number(text))
        if not (self.in_list or in_summary):
            return 0
        if not row.bullet and not starts_number(text):
            return 0
        text = re.sub(r"^\(?\d{1,2}[.)]\s*", "", text)
        if NONE.fullmatch(text):
            self.found.taken.add(row.place)
            return 1
        self._add(row, text)
        return 1

    def _margin(self, row: Row, text: str) -> int:
        """Who acts, in the column of actions beside what is to be done."""
        if not self.has_margin:
            return 0
        beside = margin_of(row)
        if beside is None or not is_names(beside.names):
            return 0
        words, took = beside.words, 1
        below = self.rows[self.at + 1] if self.at + 1 < len(self.rows) else None
        if below and below.words[:1].islower() and len(below.columns) == 1:
            words, took = f"{words} {below.words}", 2
            self.found.taken.add(below.place)
        parts = sentences(words)
        self._add(row, parts[-1], owner=beside.names)
        self.found.left[row.place] = (" ".join(parts[:-1]), "")
        return took

    def _below_margin(self, row: Row, text: str) -> int:
        """The column of actions as a PDF may give it: below what is to be done."""
        above = self._above()
        if not self.has_margin or above is None or above.place in self.found.taken:
            return 0
        names = is_names(text) or text.casefold() in self.known
        if row.bullet or not names or not is_sentence_like(above.words):
            return 0
        return self._for(row, text)

    def _bracketed(self, row: Row, text: str) -> int:
        match = IN_BRACKETS.match(text)
        if match and (said := text[match.end() :].strip()):
            return self._bracket_first(row, match["rest"].strip(), said)
        found = False
        before = text
        for match in reversed(list(IN_BRACKETS.finditer(text))):
            rest = match["rest"].strip()
            head = before[: match.start()].rstrip()
            if is_names(rest):
                parts = sentences(head)
                if not parts or len(parts[-1].split()) < 3:
                    continue
                self._add(row, parts[-1], owner=rest)
                before = " ".join(parts[:-1])
            elif len(rest.split()) > 2 and not is_about_actions(rest):
                self._add(row, rest)
                before = head
            else:
                continue
            found = True
        if found:
            self.found.left[row.place] = (before.strip(), "")
        return int(found)

    def _bracket_first(self, row: Row, names: str, said: str) -> int:
        """ "(Action: Finance) Query the invoice with the supplier."."""
        if NONE.fullmatch(names) or len(said.split()) < 3:
            return 1
        self._add(row, said, owner=names)
        return 1

    def _inside(self, row: Row, text: str) -> int:
        """A mark in the middle of a paragraph; its sentence is the action."""
        match = INSIDE.search(text)
        if match is None or is_about_actions(match["rest"]) or is_names(match["rest"]):
            return 0
        before = text[: match.start()].rstrip(" [(")
        first, *rest = sentences(match["rest"])
        if NONE.fullmatch(first):
            return 0
        if len(before.split()) < 8 and not rest:
            first = match["rest"]
        self._add(row, first, context=before)
        left = " ".join(rest)
        self.found.left[row.place] = (before, left)
        if INSIDE.search(left):
            inner = replace(row, text=left, cells=(left,))
            self._inside(inner, left)
            self.found.left[row.place] = (before, self.found.left[row.place][0])
        return 1

    def _trailing(self, row: Row, text: str) -> int:
        match = TRAILING.search(text)
        if match is None:
            return 0
        parts = sentences(text[: match.start()].rstrip(" ([–-"))
        self._add(row, parts[-1], owner=match["names"])
        self.found.left[row.place] = (" ".join(parts[:-1]), "")
        return 1

    # Actions of earlier meetings

    def _log_line(self, row: Row, text: str) -> int:
        """ "23/31 Insurance renewal – report received. CLOSED"."""
        if not self.section.is_review:
            return 0
        match = LOG_LINE.fullmatch(text)
        said = list(STATUS.finditer(text))
        if match is None or not said:
            return 0
        status = said[-1]
        self.found.tasks.append(
            Task(
                match["rest"],
                row.place,
                row.number,
                kind="earlier",
                reference=match["ref"],
                update=match["rest"],
                is_closed=bool(IS_CLOSED.fullmatch(status["status"])),
            )
        )
        return 1

    def _earlier(self, row: Row, text: str) -> int:
        """ "RHL will recast the costs. Update 18.01.22 – Complete"."""
        if not self.section.is_review:
            return 0
        match = UPDATE.search(text)
        if match is None or not days_in(match["update"]) or match.start() < 10:
            return 0
        task = Task(text, row.place, row.number)
        self.found.tasks.append(_as_earlier(task, match))
        return 1

    # What stands apart from the words

    def _attribute(self, row: Row) -> int:
        """ "Action owner: ...", "Deadline: ..." below what is to be done."""
        owner, due = OWNER_LINE.fullmatch(row.words), DUE_LINE.fullmatch(row.words)
        if owner is None and due is None:
            return 0
        above = self._above()
        if above is None:
            return 0
        tasks = self.found.tasks
        near = tasks and (
            tasks[-1].place == above.place or above.place in self.found.taken
        )
        if not near:
            if owner is None or not is_sentence_like(above.words):
                return 0
            parts = sentences(above.words)
            self._add(above, parts[-1])
            self.found.left[above.place] = (" ".join(parts[:-1]), "")
        if owner:
            tasks[-1] = replace(tasks[-1], owner=owner["value"].strip(" ."))
        elif due:
            tasks[-1] = replace(tasks[-1], due=due_words(due["value"]))
        self.found.taken.add(row.place)
        return 1

    def _lost_columns(self, row: Row) -> int:
        """Cells of a table on lines of their own: "Action", what, "Owner", who."""
        if not re.fullmatch(r"(?:agreed |new )?actions?:?", row.words, re.IGNORECASE):
            return 0
        rows = self.rows[self.at : self.at + 7]
        if len(rows) < 4 or not OWNER_WORD.fullmatch(rows[2].words):
            return 0
        took = 4
        due = ""
        if len(rows) >= 6 and DUE_WORD.fullmatch(rows[4].words):
            due, took = rows[5].words, 6
        self._add(rows[1], rows[1].words, owner=rows[3].words, due=due)
        self.found.taken |= {r.place for r in rows[:took]}
        return took

    def _table(self, table: ActionTable) -> int:
        self.found.taken |= table.places
        has_status = any(line.status for line in table.lines)
        for line in table.lines:
            if line.group:
                self.found.groups.append(line.row)
                continue
            if NONE.fullmatch(line.action):
                continue
            kind = "summary"
            if (
                self.section.is_review
                or (table.has_status and not self.is_summary)
                or (line.status and IS_CLOSED.match(line.status))
            ):
                kind = "earlier"
            update = line.status if has_status else ""
            self.found.tasks.append(
                Task(
                    line.action,
                    line.row.place,
                    line.row.number,
                    kind=kind,
                    owner=line.owner,
                    due=due_words(line.due),
                    reference=line.reference if kind == "earlier" else "",
                    update=update,
                    is_closed=bool(IS_CLOSED.match(update)),
                )
            )
        return table.took


def _as_earlier(task: Task, update: re.Match[str] | None) -> Task:
    said = update["update"].strip() if update else task.text
    text = task.text[: update.start()].strip() if update else task.text
    return replace(
        task,
        text=text or task.text,
        kind="earlier",
        update=said,
        is_closed=bool(IS_CLOSED.search(said)) and not CARRIED.search(said),
    )


def margins(rows: Sequence[Row]) -> bool:
    """Whether the text has a column headed ACTION beside its notes.

    Its head stands over the column, or alone where a PDF lost the columns.
    """
    return any(
        (len(row.columns) > 1 or row.text == "ACTION")
        and re.fullmatch(
            r"action(?:s| by| owner)?", row.columns[-1].strip(), re.IGNORECASE
        )
        and not action_table_at(rows, row.place)
        for row in rows
    )


def sections_of(rows: Sequence[Row], headings: Sequence[Heading]) -> Iterator[Section]:
    """The rows under each heading, in order."""
    for heading, following in zip(headings, [*headings[1:], None], strict=False):
        yield Section(
            heading, rows[heading.body : following.begins if following else None]
        )
