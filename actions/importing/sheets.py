"""Trackers from spreadsheets: handed in, matched, mended, and saved all or nothing."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from actions.importing.line import (
    ON_HOLD,
    DuePlan,
    LinePlan,
    OwnerPlan,
    plan_from_json,
    plan_to_json,
)
from actions.importing.past import Past, write_past
from actions.importing.plan import CLOSED, OPEN
from actions.importing.save import neutral
from actions.importing.tracker import (
    Reading,
    Row,
    SheetFacts,
    Understood,
)
from actions.lifecycle import Status
from actions.models import (
    Action,
    ColumnsKnown,
    Decision,
    Due,
    How,
    Owner,
    SheetIn,
    SheetLine,
)
from assurance import holds
from assurance.files import NAME_MOST
from assurance.models import Organisation, User
from meetings.models import AgendaItem, Meeting, MeetingType, Person, Theme
from meetings.reader.files.columns import (
    COLUMNS,
    SEVERAL,
    find_headings,
    headings_of,
    keys_of,
    remembered,
)
from meetings.reader.files.sheets import Sheet, SheetRow, Workbook

Found = TypeVar("Found", bound=Model)
_BATCH = 500
_PROVIDED_BY = "The spreadsheet read in"
# The status that a row comes to, and the words of its decision.
_STANDS = {
    OPEN: (Status.OPEN, ""),
    ON_HOLD: (Status.ON_HOLD, "On hold before this register, as “{}” says."),
    CLOSED: (
        Status.CLOSED,
        "Closed before this register: read in from “{}”, and not followed here since.",
    ),
}


@dataclass(frozen=True)
class TakenSheet:
    """One sheet of a file that was handed in, and whether it was there already."""

    sheet_in: SheetIn
    was_there: bool = False


@transaction.atomic
def take_in_workbook(
    workbook: Workbook, content: bytes, *, name: str, by: User, today: dt.date
) -> list[TakenSheet]:
    """Keep each sheet of a file. The same file handed in again is the same sheets,
    wherever they have got to, unless they were dropped. A sheet whose headings were
    matched before is matched at once.
    """
    digest = hashlib.sha256(content).hexdigest()
    standing = SheetIn.objects.standing().filter(sha256=digest)
    there = {sheet_in.sheet: sheet_in for sheet_in in standing}
    taken = []
    for sheet in workbook.sheets:
        title = sheet.name[:NAME_MOST]
        if title in there:
            taken.append(TakenSheet(there[title], was_there=True))
            continue
        sheet_in = SheetIn(name=name, sheet=title, sha256=digest, by=by)
        taken.append(TakenSheet(_keep(sheet_in, sheet, today)))
    return taken


def _keep(sheet_in: SheetIn, sheet: Sheet, today: dt.date) -> SheetIn:
    sheet_in.is_hidden, sheet_in.notes = sheet.is_hidden, list(sheet.notes)
    words = f"{sheet_in.name} {sheet_in.sheet}".casefold()
    sheet_in.closed = any(word in words for word in ("closed", "complete", "archive"))
    known = None
    if found := find_headings(sheet.rows):
        sheet_in.headings_row = found.row
        sheet_in.headings, sheet_in.meanings = list(found.names), list(found.meanings)
        known = _known(found.names)
    sheet_in.save()
    SheetLine.objects.bulk_create(
        [
            SheetLine(sheet_in=sheet_in, number=row.number, cells=list(row.cells))
            for row in sheet.rows
        ],
        batch_size=_BATCH,
    )
    if known:
        sheet_in.meanings = list(known)
        _understand(sheet_in, today=today)
        sheet_in.state = SheetIn.State.TO_CHECK
        sheet_in.save()
    return sheet_in


# Columns


def _known(names: Sequence[str]) -> tuple[str, ...] | None:
    """How columns with these headings were matched before."""
    row = ColumnsKnown.objects.filter(key=_key_of(names)).first()
    return remembered(names, row.meanings) if row else None


def _key_of(names: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(sorted(keys_of(names))).encode()).hexdigest()


def hold_sheet(sheet_in: SheetIn, *, version: int) -> SheetIn:
    """The sheet as it is now, held until the transaction ends. Refuses what was saved,
    dropped or changed meanwhile.
    """
    held = SheetIn.objects.locked().get(pk=sheet_in.pk)
    if held.state not in SheetIn.OPEN:
        raise ValidationError(
            f"“{held}” was {held.get_state_display().lower()} meanwhile, so nothing "
            "was changed"
        )
    if held.version != version:
        raise ValidationError(
            "Somebody else changed something of this spreadsheet meanwhile, and "
            "nothing of it was overwritten. Look at it as it is now, then go on"
        )
    return held


@transaction.atomic
def choose_headings(sheet_in: SheetIn, number: int, *, version: int) -> SheetIn:
    """Take another row for the one with the headings, and guess the columns anew."""
    held = hold_sheet(sheet_in, version=version)
    line = held.lines.filter(number=number).first()
    if line is None:
        raise ValidationError(
            {"headings_row": f"Row {number} is empty: enter the row with the headings"}
        )
    found = headings_of(SheetRow(line.number, tuple(line.cells)))
    held.headings_row, held.headings = found.row, list(found.names)
    held.meanings = list(_known(found.names) or found.meanings)
    held.state = SheetIn.State.TO_MATCH
    held.version += 1
    held.save()
    return held


@transaction.atomic
def match_columns(
    sheet_in: SheetIn,
    meanings: Sequence[str],
    *,
    raised_on: dt.date | None,
    closed: bool,
    by: User,
    today: dt.date,
    version: int,
) -> SheetIn:
    """Say what each column is, remember it, and understand every row by it."""
    held = hold_sheet(sheet_in, version=version)
    _refuse_meanings(meanings)
    held.meanings, held.raised_on, held.closed = list(meanings), raised_on, closed
    held.state = SheetIn.State.TO_CHECK
    held.version += 1
    ColumnsKnown.objects.update_or_create(
        key=_key_of(held.headings),
        defaults={
            "meanings": dict(zip(keys_of(held.headings), meanings, strict=True)),
            "by": by,
            "at": timezone.now(),
        },
    )
    _understand(held, today=today)
    held.save()
    return held


def _refuse_meanings(meanings: Sequence[str]) -> None:
    if "action" not in meanings:
        raise ValidationError("Say which column holds the action")
    for name, label in COLUMNS.items():
        if name != SEVERAL and list(meanings).count(name) > 1:
            raise ValidationError(
                f"Two columns are “{label}”. Choose one of them, and “Leave out” or "
                "another for the other"
            )


# Rows


def _understand(sheet_in: SheetIn, *, today: dt.date) -> None:
    """What each row becomes, worked out anew and kept."""
    lines = list(sheet_in.lines.all())
    for line, found in _understood(sheet_in, lines, today=today):
        _put(line, found)
    _put_back(lines, _UNDERSTOOD)


def _put_back(lines: Sequence[SheetLine], fields: Sequence[str]) -> None:
    """Write these columns of rows that are there: an update of each in turn would take
    minutes for thousands.
    """
    SheetLine.objects.bulk_create(
        lines,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=fields,
    )


_UNDERSTOOD = [
    "is_action",
    "is_closed",
    "is_repeat",
    "has_error",
    "has_doubt",
    "plan",
    "there",
]


def _understood(
    sheet_in: SheetIn, lines: Sequence[SheetLine], *, today: dt.date
) -> Iterable[tuple[SheetLine, Understood]]:
    facts = SheetFacts(
        sheet_in.name,
        sheet_in.headings_row or 0,
        sheet_in.headings,
        sheet_in.meanings,
        sheet_in.raised_on,
        sheet_in.closed,
    )
    rows = [Row(line.number, line.cells, line.mended) for line in lines]
    found = Reading(facts, today=today).understand_all(rows)
    for line in lines:
        yield line, found.get(line.number, Understood())


def _put(line: SheetLine, found: Understood) -> None:
    line.is_action = found.plan is not None
    plan = found.plan or LinePlan()
    line.plan = plan_to_json(plan) if found.plan else None
    line.is_closed, line.is_repeat = plan.is_closed, found.repeats is not None
    line.has_error, line.has_doubt = bool(plan.errors), bool(plan.doubts)
    line.there_id = found.there


@transaction.atomic
def mend_line(
    line: SheetLine,
    mended: Mapping[str, str],
    *,
    left_out: bool,
    today: dt.date,
    version: int,
) -> SheetLine:
    """Write other words for a row, or leave it out, and understand it by them."""
    held = hold_sheet(line.sheet_in, version=version)
    lines = list(held.lines.all())
    changed = next(one for one in lines if one.pk == line.pk)
    changed.mended, changed.left_out = dict(mended), left_out
    changed.version += 1
    # A row may say the same as another now, or no longer.
    changes = []
    for one, found in _understood(held, lines, today=today):
        if one.pk == changed.pk or (found.repeats is not None) != one.is_repeat:
            _put(one, found)
            changes.append(one)
    _put_back(changes, [*_UNDERSTOOD, "mended", "left_out", "version"])
    held.version += 1
    held.save()
    return changed


@transaction.atomic
def leave_out_errors(sheet_in: SheetIn, *, version: int) -> int:
    """Leave out every row with an error; says how many."""
    held = hold_sheet(sheet_in, version=version)
    count = held.lines.with_errors().update(left_out=True)
    held.version += 1
    held.save()
    return count


@transaction.atomic
def drop_sheet(sheet_in: SheetIn) -> None:
    """Take it off the list; nothing of it is saved. Dropping twice changes nothing."""
    held = SheetIn.objects.locked().get(pk=sheet_in.pk)
    if held.state == SheetIn.State.SAVED:
        raise ValidationError(f"“{held}” was saved meanwhile")
    if held.state != SheetIn.State.DROPPED:
        held.state = SheetIn.State.DROPPED
        held.version += 1
        held.save()
        if not holds.is_set():
            held.lines.all().delete()


def forget_dropped() -> int:
    """Delete the rows of dropped sheets that a legal hold kept; how many."""
    return SheetLine.objects.filter(sheet_in__state=SheetIn.State.DROPPED).delete()[0]


# Saving


@transaction.atomic
def save_sheet(
    sheet_in: SheetIn, *, by: User, today: dt.date, version: int
) -> list[Action]:
    """The actions that its rows become: all or none. Saving it again changes nothing.

    Rows that the register has by now are skipped. Raises ``ValidationError`` naming
    the rows, and then nothing is saved.
    """
    # Whoever saves another sheet waits, so that one row in two files is saved once.
    open_sheets = Q(state__in=SheetIn.OPEN)
    locked = SheetIn.objects.locked().filter(open_sheets | Q(pk=sheet_in.pk))
    now = {row.pk: row for row in locked}[sheet_in.pk]
    if now.state == SheetIn.State.SAVED:
        return []
    held = hold_sheet(sheet_in, version=version)
    if held.state != SheetIn.State.TO_CHECK:
        raise ValidationError("Match the columns first, then save")
    _look_again(held, today)
    if errors := held.lines.with_errors().count():
        raise ValidationError(
            f"{errors} {'row has' if errors == 1 else 'rows have'} errors, so nothing "
            "is saved yet. Change them, or leave them out"
        )
    lines = list(held.lines.wanted())
    if not lines:
        raise ValidationError(
            "No row is left to save: each is left out or in the register already"
        )
    writer = _Writer(held, lines, by, today)
    actions = writer.write()
    held.state, held.saved_at = SheetIn.State.SAVED, timezone.now()
    held.version += 1
    held.save()
    return actions


def _look_again(held: SheetIn, today: dt.date) -> None:
    """The register may have more, and meetings may be agreed, than when it was read."""
    lines = list(held.lines.all())
    changes = []
    for line, found in _understood(held, lines, today=today):
        before = (line.plan, line.there_id, line.is_repeat)
        _put(line, found)
        if before != (line.plan, line.there_id, line.is_repeat):
            changes.append(line)
    _put_back(changes, _UNDERSTOOD)


@dataclass
class _Writer:
    sheet_in: SheetIn
    lines: Sequence[SheetLine]
    by: User
    today: dt.date

    def write(self) -> list[Action]:
        rows = [
            self._past(line, plan)
            for line, plan in zip(self.lines, self._plans, strict=True)
        ]
        actions = write_past(rows, by=self.by, at=timezone.now())
        for line, action in zip(self.lines, actions, strict=True):
            line.action = action
        _put_back(self.lines, ["action"])
        return actions

    @cached_property
    def _plans(self) -> list[LinePlan]:
        return [plan_from_json(line.plan or {}) for line in self.lines]

    def _past(self, line: SheetLine, plan: LinePlan) -> Past:
        status, why = _STANDS[plan.stands]
        decided = Decision(self.by.name, self.today, How.BEFORE)
        return Past(
            number=line.number,
            text=neutral(plan.text),
            where=self._where(plan),
            owners=[self._owner(owner) for owner in plan.owners],
            due=self._due(plan.due),
            first_due=self._due(plan.first_due) if plan.first_due else None,
            due_words=plan.due_words,
            older_reference=plan.reference,
            said=self._entry(line, plan),
            update=neutral(plan.update),
            provided_by=_PROVIDED_BY if plan.update else "",
            status=status,
            look_again_on=plan.look_again_on,
            decision=decided if why else None,
            why=why.format(self.sheet_in),
        )

    def _entry(self, line: SheetLine, plan: LinePlan) -> str:
        """Where it comes from, and what of the row is kept in words alone."""
        where = f"Read in from “{self.sheet_in}”, row {line.number}."
        return neutral("\n".join((where, *plan.remarks)))

    def _where(self, plan: LinePlan) -> dict[str, Any]:
        if plan.meeting is not None:
            item = self._items.get(plan.item) if plan.item is not None else None
            return {"meeting": self._meetings[plan.meeting], "item": item}
        return {
            "source_kind": Action.Source.OTHER,
            "source": neutral(plan.source),
            "source_on": plan.raised_on,
        }

    def _owner(self, plan: OwnerPlan) -> Owner:
        return Owner(
            organisation=self._organisations[plan.organisation],
            post=plan.post,
            person=self._people[plan.person] if plan.person is not None else None,
        )

    def _due(self, plan: DuePlan) -> Due:
        match plan.kind, plan.row:
            case "date", _:
                assert plan.on is not None
                return Due.on_date(plan.on)
            case "meeting", int(row):
                return Due.at_meeting(self._meetings[row])
            case "theme", int(row):
                return Due.at_next_on(self._themes[row])
            case "type", int(row):
                return Due.at_next_of(self._types[row])
        return Due()

    # The rows of registers that these plans name, a query for each register.

    @cached_property
    def _organisations(self) -> dict[int, Organisation]:
        return _by_pk(Organisation, (o.organisation for o in self._owners))

    @cached_property
    def _people(self) -> dict[int, Person]:
        return _by_pk(Person, (o.person for o in self._owners))

    @property
    def _owners(self) -> list[OwnerPlan]:
        return [owner for plan in self._plans for owner in plan.owners]

    @property
    def _dues(self) -> list[DuePlan]:
        return [due for p in self._plans for due in (p.due, p.first_due) if due]

    @cached_property
    def _meetings(self) -> dict[int, Meeting]:
        due = [due.row for due in self._dues if due.kind == "meeting"]
        return _by_pk(Meeting, [*due, *(plan.meeting for plan in self._plans)])

    @cached_property
    def _themes(self) -> dict[int, Theme]:
        return _by_pk(Theme, (due.row for due in self._dues if due.kind == "theme"))

    @cached_property
    def _types(self) -> dict[int, MeetingType]:
        return _by_pk(
            MeetingType, (due.row for due in self._dues if due.kind == "type")
        )

    @cached_property
    def _items(self) -> dict[int, AgendaItem]:
        return _by_pk(AgendaItem, (plan.item for plan in self._plans))


def _by_pk(model: type[Found], pks: Iterable[int | None]) -> dict[int, Found]:
    wanted = {pk for pk in pks if pk is not None}
    return model._default_manager.in_bulk(wanted)


def saved_in_words(actions: Sequence[Action]) -> str:
    """ "2012/01", "2012/01 to 2012/34", or the first and last of each year."""
    years: dict[int, list[Action]] = {}
    for action in actions:
        years.setdefault(action.year, []).append(action)
    return ", ".join(
        rows[0].reference
        if len(rows) == 1
        else f"{rows[0].reference} to {rows[-1].reference}"
        for _, rows in sorted(years.items())
    )
