"""Tables of actions: by tabs, by bars, or set apart by blanks and broken over lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from meetings.reader.text.printed import days_in
from meetings.reader.text.rows import Row

_COLUMNS = {
    "reference": r"(?:action )?(?:no\.?|ref\.?|reference|number|id|#)",
    "action": (
        r"actions?(?: (?:required|agreed|point|description|to be taken))?|what|task"
    ),
    "owner": (
        r"(?:action )?(?:owners?|leads?|who|by whom|responsib\w+(?: officer)?"
        r"|lead officer|action by|assigned to|officer"
        r"|to be (?:progressed|actioned|completed|done|taken) by|for action by)"
    ),
    "due": (
        r"(?:due|target|deadline|by when|when|timescale|completion)(?: ?(?:date|by))?"
        r"|due for completion|date due"
    ),
    "new_due": r"(?:new|revised)(?: due| target)? date|revised",
    "status": (
        r"(?:current )?(?:status|progress|update|outcome|rag)s?"
        r"(?:[ /]+(?:comments?|update))?|comments?"
    ),
    "from": (
        r"papers?|items?|agenda item|minute|meeting|subject|topic|theme"
        r"|date(?: raised)?"
    ),
}
_NAMES = {
    name: re.compile(words + r"[\s:./]*", re.IGNORECASE)
    for name, words in _COLUMNS.items()
}
_REFERENCE = re.compile(r"\d{1,4}[/.-]\d{1,4}[a-z]?|[A-Z]{1,4}[ /-]?\d{1,4}")
_STATUS = re.compile(r"(?:closed|complete|done|ongoing|open|overdue)\b", re.IGNORECASE)
_GROUP = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december)\s+(?:19|20)\d\d",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class TableLine:
    """One action of a table, or the heading of a group of them (``group``)."""

    row: Row
    action: str = ""
    owner: str = ""
    due: str = ""
    status: str = ""
    reference: str = ""
    group: str = ""


@dataclass(frozen=True)
class ActionTable:
    lines: tuple[TableLine, ...]
    took: int
    places: frozenset[int]
    has_status: bool


@dataclass(frozen=True)
class Margin:
    """A row's words, and who acts in the column beside them."""

    words: str
    names: str


@dataclass
class _Cells:
    """The cells of one line of a table set in blanks, as they gather."""

    row: Row
    cells: dict[str, list[str]] = field(default_factory=dict)

    def put(self, name: str, words: str) -> None:
        if words:
            self.cells.setdefault(name, []).append(words)

    def line(self) -> TableLine:
        said = {name: " ".join(words) for name, words in self.cells.items()}
        return TableLine(
            self.row,
            said.get("action", ""),
            said.get("owner", ""),
            said.get("due", ""),
            said.get("status", ""),
            said.get("reference", ""),
        )


def action_table_at(rows: Sequence[Row], at: int) -> ActionTable | None:
    """The table of actions whose head is this row, if it is one."""
    row = rows[at]
    names = _head(row.columns)
    if names == ("reference",):
        return _of_lines(rows, at)
    if "action" not in names or not {"owner", "due", "status"} & set(names):
        return None
    if len(row.cells) > 1 or "|" in row.text:
        return _of_cells(rows, at, names)
    return _of_blanks(rows, at)


def column_called(heading: str) -> str:
    """What a heading says its column holds: "owner" of "By whom"; else ""."""
    words = heading.strip()
    return next((n for n, pattern in _NAMES.items() if pattern.fullmatch(words)), "")


def _head(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(column_called, cells))


def margin_of(row: Row) -> Margin | None:
    """What stands in the last column of a row of notes."""
    cells = [cell for cell in row.columns if cell]
    if len(cells) < 2:
        return None
    words = cells[:-1]
    if re.fullmatch(r"\d{1,2}(?:\.\d{1,2})*\.?", words[0]) and len(words) > 1:
        words = words[1:]
    text = " ".join(words)
    text = re.sub(r"^\d{1,2}(?:\.\d{1,2})+\s+", "", text)
    return Margin(text, cells[-1]) if len(text.split()) > 3 else None


def _of_cells(
    rows: Sequence[Row], at: int, names: tuple[str, ...]
) -> ActionTable | None:
    """By tabs or bars; a row of other shape ends it, a single cell heads a group."""
    lines: list[TableLine] = []
    place = at + 1
    while place < len(rows):
        row = rows[place]
        cells = row.columns
        if re.fullmatch(r"[\s|:–-]+", row.text) or _head(cells) == names:
            place += 1
            continue
        if names[0] == "action" and re.fullmatch(r"\d{1,2}(?:\.\d{1,2})*\.?", cells[0]):
            break  # the next item
        if len(cells) < 2:
            if not _GROUP.fullmatch(row.words):
                break
            lines.append(TableLine(row, group=row.words))
        else:
            said = dict(zip(names, cells, strict=False))
            if not said.get("action", "").strip():
                break
            lines.append(
                TableLine(
                    row,
                    said["action"].strip(),
                    said.get("owner", "").strip(),
                    said.get("due", "").strip(),
                    said.get("status", "").strip(),
                    said.get("reference", "").strip(),
                )
            )
        place += 1
    if not lines:
        return None
    places = frozenset(row.place for row in rows[at:place])
    return ActionTable(tuple(lines), place - at, places, "status" in names)


def _of_lines(rows: Sequence[Row], at: int) -> ActionTable | None:
    """Cells one below the other, as text copied from a PDF may have them: the head
    first, then each reference with what belongs to it.
    """
    names: list[str] = []
    while at + len(names) < len(rows):
        name = column_called(rows[at + len(names)].words)
        if not name or name in names:
            break
        names.append(name)
    if "action" not in names or not {"owner", "due", "status"} & set(names):
        return None
    lines: list[TableLine] = []
    place = at + len(names)
    while place < len(rows) and _REFERENCE.fullmatch(rows[place].words):
        begins = place
        place += 1
        said = {names[0]: rows[begins].words}
        for name in names[1:]:
            if place == len(rows) or _REFERENCE.fullmatch(rows[place].words):
                break
            said[name] = rows[place].words
            place += 1
        if not said.get("action"):
            place = begins
            break
        if _STATUS.match(said.get("due", "")):
            said["status"] = said.pop("due")
        lines.append(
            TableLine(
                rows[begins],
                said["action"],
                said.get("owner", ""),
                said.get("due", ""),
                said.get("status", ""),
                said[names[0]],
            )
        )
    if not lines:
        return None
    places = frozenset(row.place for row in rows[at:place])
    return ActionTable(tuple(lines), place - at, places, "status" in names)


def _of_blanks(rows: Sequence[Row], at: int) -> ActionTable | None:
    """By where the columns of the head begin; what stands lower goes on."""
    head = rows[at]
    starts = [
        (head.indent + match.start(), match[0].strip())
        for match in re.finditer(r"\S+(?:\s\S+)*", head.text)
    ]
    place = at + 1
    # A head may be broken over two lines.
    if place < len(rows) and _continues_head(rows[place], starts):
        place += 1
    names = _head_names([name for _, name in starts])
    columns = [(start, name) for (start, _), name in zip(starts, names, strict=True)]
    gathered: list[_Cells | TableLine] = []
    while place < len(rows):
        row = rows[place]
        if row.text == head.text:  # again, on the next page
            place += 1
            continue
        if _GROUP.fullmatch(row.words):
            gathered.append(TableLine(row, group=row.words))
            place += 1
            continue
        cells = _cut(row, columns)
        if cells is None:
            break
        begins = bool(cells.get("reference")) or (
            "reference" not in names
            and bool(cells.get("action") and cells.get("owner"))
        )
        if begins:
            gathered.append(_Cells(row))
        last = gathered[-1] if gathered else None
        if not isinstance(last, _Cells):
            break
        for name, words in cells.items():
            last.put(name, words)
        place += 1
    lines = tuple(g.line() if isinstance(g, _Cells) else g for g in gathered)
    if not any(line.action for line in lines):
        return None
    places = frozenset(row.place for row in rows[at:place])
    return ActionTable(lines, place - at, places, "status" in names)


def _head_names(words: Sequence[str]) -> list[str]:
    names = []
    for word in words:
        first = re.split(r"[/ ]", word)[0]
        known = _head([word])[0] or _head([first])[0]
        if not known and first.lower() in ("new", "revised"):
            known = "new_due"
        names.append(known)
    return names


def _continues_head(row: Row, starts: Sequence[tuple[int, str]]) -> bool:
    words = row.words.upper().split()
    return bool(words) and all(
        word.strip("/.") in {"DATE", "COMMENT", "COMMENTS", "BY", "OFFICER", "UPDATE"}
        for word in words
    )


def _cut(row: Row, columns: Sequence[tuple[int, str]]) -> dict[str, str] | None:
    """The cells of a line by the column each piece begins in; None when it has the
    shape of no such line.
    """
    cells: dict[str, str] = {}
    for match in re.finditer(r"\S+(?:\s\S+)*", row.text):
        start = row.indent + match.start()
        before = [name for begin, name in columns if begin <= start + 2]
        name = before[-1] if before else columns[0][1]
        if name in cells:
            return None
        cells[name] = match[0]
    if len(cells) == 1 and row.indent < 4 and not days_in(row.text):
        return None
    return cells
