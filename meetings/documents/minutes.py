"""Minutes as a document: the office's own, with its marking, and the public's."""

import datetime as dt
from collections.abc import Iterable

from django.conf import settings

from assurance.calendar import day_in_words
from meetings.documents import tree
from meetings.documents.amendments import amendments_table
from meetings.documents.notes import NotesWriter, with_marks
from meetings.documents.tree import Block, Facts, Heading, Paragraph, Table, strong
from meetings.documents.words import when
from meetings.edition import HOW_TO_ASK, edited, opening
from meetings.layout import (
    Decision,
    LaidItem,
    Layout,
    People,
    Text,
    UnknownMark,
    lay_out,
)
from meetings.models import Kind
from meetings.record import ActionLine, Item, Record, Reviewed, Seat
from meetings.withholding import reason_in_words


def minutes_document(
    record: Record,
    *,
    state: str,
    on: dt.date,
    is_public: bool = False,
    foot: str = "",
    address: str = "",
) -> tree.Document:
    """``state`` says which minutes these are ("Draft 2, circulated 3 May 2026"), ``on``
    is the day of that. Each page has the ``foot``; ``address`` is where the page is.

    A public one has no protective marking; it says what was withheld, and how the
    actions stood. Its record must hold nothing that the public may not read.
    """
    day = day_in_words(record.date)
    return tree.Document(
        title=f"Minutes, {day}: {record.title}",
        subtitle=(state,) if state else (),
        foot=foot,
        marking="" if is_public else record.marking,
        author=record.office or settings.OFFICE_NAME,
        date=on,
        blocks=(
            *(_about(record, address) if is_public else ()),
            *_Writer(record, is_public=is_public).blocks(),
        ),
    )


def _about(record: Record, address: str) -> Iterable[Block]:
    """What the public is told before the minutes, as on their page."""
    yield Paragraph(opening(record))
    if said := edited(record):
        yield tree.Notice((strong("This version was edited. "), f"{said} {HOW_TO_ASK}"))
    if address:
        link = tree.Run(address, link=address)
        yield Paragraph(("These minutes as a web page: ", link), quiet=True)


class _Writer:
    """Writes one record, in the order of its layout."""

    def __init__(self, record: Record, *, is_public: bool) -> None:
        self._record = record
        self._is_public = is_public
        self._layout: Layout = lay_out(record)
        self._level = 0  # of the last item's heading

    def blocks(self) -> Iterable[Block]:
        record, shown = self._record, self._layout.shown
        yield Facts(tuple(self._facts()))
        yield from _people(self._layout.people)
        for laid in self._layout.items:
            yield from self._item(laid)
        if not self._layout.items:
            yield Paragraph("There is no agenda yet, so nothing is minuted.")
        if Kind.LAST_MINUTES not in shown and record.last_minutes:
            yield Heading("Minutes of the last meeting")
            yield from self._list(Kind.LAST_MINUTES)
        if Kind.ACTION_TRACKER not in shown and (record.reviewed or record.not_reached):
            yield Heading("Review of action tracker")
            yield from self._list(Kind.ACTION_TRACKER)
        if self._layout.without_item:
            yield Heading("Other actions agreed")
            yield from map(self._action, self._layout.without_item)
        if Kind.SUMMARY not in shown and record.actions:
            yield Heading("Summary of actions arising")
            yield from self._list(Kind.SUMMARY)
        if Kind.NEXT_MEETING not in shown and record.following:
            yield Heading("Next meeting")
            yield from self._list(Kind.NEXT_MEETING)
        if record.amendments:
            yield Heading("Amendments")
            yield amendments_table(record)

    # The head

    def _facts(self) -> Iterable[tuple[str, str]]:
        record, people = self._record, self._layout.people
        if record.themes:
            yield "Theme", "; ".join(record.themes)
        yield "Date", when(record.date, record.start, record.end)
        yield "Chair", _named(people.chairs) or "Not recorded"
        takers = [
            f"{one}, {one.organisation_short}" if one.organisation_short else str(one)
            for one in people.minute_takers
        ]
        yield "Minutes", "; ".join(takers) or "Not recorded"
        venue = record.venue or "Not recorded"
        held = f" ({record.held.lower()})" if record.held else ""
        yield "Venue", f"{venue}{held}"
        if record.agreement:
            yield "Agreed", with_marks(record.agreement)

    # Items

    def _item(self, laid: LaidItem) -> Iterable[Block]:
        item = laid.item
        self._level = min(item.depth, self._level) + 1
        heading = item.heading or "Withheld"
        yield Heading(f"{item.number} {heading}", self._level)
        if self._is_public and item.withheld:
            yield Paragraph(_withheld(item.withheld_reason))
            return
        yield from self._about(item)
        notes = NotesWriter(under=self._level)
        for part in laid.parts:
            match part:
                case Text(text):
                    yield from notes.write(text)
                case ActionLine():
                    yield self._action(part)
                case Decision(text):
                    yield tree.Outcome("DECISION", with_marks(text), decided=True)
                case UnknownMark(mark):
                    yield Paragraph(mark, quiet=True)
        if item.assurance:
            given = (strong("Assurance given: "), item.assurance.lower())
            yield Paragraph(given)
        yield from self._list(laid.shows)

    def _about(self, item: Item) -> Iterable[Block]:
        if item.restricted or item.withheld:
            said = "For the office only" if item.restricted else "Not for the public"
            yield Paragraph((strong(said), f". {_withheld(item.withheld_reason)}"))
        if item.lead:
            yield Paragraph(f"Lead: {item.lead}", quiet=True)
        if item.papers:
            yield Paragraph(f"Papers: {'; '.join(item.papers)}", quiet=True)

    def _action(self, action: ActionLine) -> Block:
        owners = "; ".join(map(str, action.owners))
        facts = [
            f"Owner: {owners}" if owners else "No owner",
            f"Due: {action.due_in_full}" if action.due_in_full else "No due date",
        ]
        if self._is_public and action.status:
            facts.append(action.status)
        details = [". ".join(facts)]
        if action.withheld:
            details.append(_withheld(action.withheld_reason))
        label = f"ACTION {action.reference}"
        return tree.Outcome(label, with_marks(action.text), tuple(details))

    # What standing items list

    def _list(self, kind: str) -> Iterable[Block]:
        match kind:
            case Kind.LAST_MINUTES:
                for sentence in self._record.last_minutes:
                    yield Paragraph(with_marks(sentence))
            case Kind.ACTION_TRACKER:
                yield from self._review()
            case Kind.SUMMARY:
                yield self._arising()
            case Kind.NEXT_MEETING:
                yield self._following()

    def _review(self) -> Iterable[Block]:
        record = self._record
        if record.reviewed:
            yield Table(
                caption="Actions reviewed",
                header=("Reference", "Action", "Outcome"),
                rows=tuple(
                    (one.reference, with_marks(one.text), _outcome(one))
                    for one in record.reviewed
                ),
                widths=(1.6, 4, 3.2),
            )
        for one in record.reviewed:
            yield from map(self._action, one.made)
        if record.not_reached:
            yield Paragraph((strong("Not reached: "), ", ".join(record.not_reached)))

    def _arising(self) -> Block:
        if not self._record.actions:
            return Paragraph("No actions arose.")
        header: tuple[str, ...] = ("Reference", "Action", "Owner", "Due")
        widths: tuple[float, ...] = (1.6, 4, 2.2, 2)
        if self._is_public:
            header, widths = (*header, "Status"), (*widths, 1.4)
        rows = tuple(self._row(action) for action in self._record.actions)
        return Table("Actions arising", header, rows, widths)

    def _row(self, action: ActionLine) -> tuple[tree.Text, ...]:
        if action.not_used:
            row: tuple[tree.Text, ...] = (action.reference, "Not used", "", "")
        else:
            row = (
                action.reference,
                with_marks(action.other_wording or action.text),
                "\n".join(map(str, action.owners)) or "No owner",
                _begun(action.due_in_full or "No due date"),
            )
        if self._is_public:
            row += ("" if action.not_used else action.status,)
        return row

    def _following(self) -> Block:
        following = self._record.following
        if following is None:
            return Paragraph("The next meeting is not confirmed.")
        day = when(following.date, following.start, following.end)
        return Paragraph(
            "\n".join(filter(None, (following.title, day, following.venue)))
        )


def _people(people: People) -> Iterable[Block]:
    if people.present:
        yield _attendance("Attendance", people.present)
    elif people.invited:
        yield _attendance("Invited", people.invited)
    else:
        yield Paragraph("No attendance is recorded.")
    for said, seats in (
        ("Apologies", people.apologies),
        ("Absent", people.absent),
        ("Invited, not recorded as present", people.invited if people.present else []),
    ):
        if seats:
            yield Paragraph((strong(f"{said}: "), "; ".join(map(str, seats))))


def _attendance(caption: str, seats: list[Seat]) -> Table:
    """The last column is there when somebody was not there for all of the meeting."""
    header: tuple[str, ...] = ("Name", "Capacity", "Organisation")
    widths: tuple[float, ...] = (2.2, 3, 2.4)
    rows = [_seat(one) for one in seats]
    if any(one.for_how_long for one in seats):
        header, widths = (*header, "Part of the meeting"), (*widths, 2.2)
        rows = [
            (*row, _begun(one.for_how_long) or "All")
            for row, one in zip(rows, seats, strict=True)
        ]
    return Table(caption, header, tuple(rows), widths)


def _seat(one: Seat) -> tuple[str, ...]:
    name = "\n".join(
        filter(
            None,
            (
                one.name,
                f"for {one.standing_in_for}" if one.standing_in_for else "",
                one.note,
            ),
        )
    )
    capacity = one.capacity or "Not said"
    if one.abbreviation:
        capacity += f" ({one.abbreviation})"
    return name, capacity, one.organisation or "Not said"


def _named(seats: list[Seat]) -> str:
    return ", ".join(one.name for one in seats)


def _begun(words: str) -> str:
    """As it stands at the beginning of a cell."""
    return words[:1].upper() + words[1:]


def _withheld(reason: str) -> str:
    return f"Withheld: {reason_in_words(reason)}"


def _outcome(one: Reviewed) -> tree.Text:
    said: tuple[str | tree.Run, ...] = (one.outcome,)
    if one.note:
        said += ("\n", *with_marks(one.note))
    if one.withheld:
        said += (f"\n{_withheld(one.withheld_reason)}",)
    return said
