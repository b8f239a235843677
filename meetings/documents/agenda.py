"""The agenda as a document: as it is sent out, and with what is for the office only."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from assurance.calendar import day_in_words
from meetings.documents import tree
from meetings.documents.tree import Block, Facts, Heading, Notice, Paragraph, strong
from meetings.documents.words import when

NOTHING_YET = "There is nothing on the agenda yet."


@dataclass(frozen=True)
class Guest:
    """Somebody invited, in their capacity."""

    name: str
    capacity: str = ""
    abbreviation: str = ""
    organisation: str = ""
    is_chair: bool = False
    sends_apologies: bool = False


@dataclass(frozen=True)
class Line:
    """One item with what is asked of the force; never its lines of enquiry."""

    heading: str
    number: str = ""
    depth: int = 0
    lead: str = ""
    asked: str = ""
    papers: tuple[tuple[str, str], ...] = ()  # title, and from whom if known
    restricted: bool = False


@dataclass(frozen=True)
class Agenda:
    """What an agenda says; the joining link is no part of it."""

    title: str
    date: dt.date
    start: dt.time | None = None
    end: dt.time | None = None
    venue: str = ""
    held: str = ""
    marking: str = ""
    cancelled_because: str = ""
    guests: tuple[Guest, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def has_restricted(self) -> bool:
        return any(line.restricted for line in self.lines)


def agenda_document(
    agenda: Agenda, *, on: dt.date, with_restricted: bool = False
) -> tree.Document:
    """As it is sent out, unless with the restricted items: then it says whose it is.

    Numbers stay those of the minutes, so that a restricted item leaves a gap.
    """
    is_own = with_restricted and agenda.has_restricted
    return tree.Document(
        title=f"Agenda, {day_in_words(agenda.date)}: {agenda.title}",
        subtitle=(),
        marking=agenda.marking,
        author=settings.OFFICE_NAME,
        date=on,
        blocks=tuple(_blocks(agenda, is_own)),
    )


def _blocks(agenda: Agenda, is_own: bool) -> Iterable[Block]:
    if agenda.cancelled_because:
        said = f"This meeting is cancelled: {agenda.cancelled_because}"
        yield Notice(strong(said))
    if is_own:
        yield Notice(strong("For the office only: not to be sent out"))
    yield Facts(tuple(_facts(agenda)))
    yield from _guests(agenda.guests)
    yield Heading("Agenda")
    level = 1
    lines = agenda.lines if is_own else tuple(_open(agenda.lines))
    if not lines:
        yield Paragraph(NOTHING_YET)
    for line in lines:
        level = min(line.depth + 2, level + 1)
        yield Heading(f"{line.number} {line.heading}", level)
        yield from _about(line)


def _open(lines: Iterable[Line]) -> Iterable[Line]:
    """Without the restricted ones and what stands below them."""
    hidden_from: int | None = None
    for line in lines:
        if hidden_from is not None and line.depth <= hidden_from:
            hidden_from = None
        if line.restricted and hidden_from is None:
            hidden_from = line.depth
        if hidden_from is None:
            yield line


def _facts(agenda: Agenda) -> Iterable[tuple[str, str]]:
    yield "Date", when(agenda.date, agenda.start, agenda.end)
    held = f" ({agenda.held.lower()})" if agenda.held else ""
    yield "Venue", f"{agenda.venue or 'To be confirmed'}{held}"
    chairs = ", ".join(one.name for one in agenda.guests if one.is_chair)
    yield "Chair", chairs or "To be confirmed"


def _guests(guests: tuple[Guest, ...]) -> Iterable[Block]:
    coming = [one for one in guests if not one.sends_apologies]
    if coming:
        yield tree.Table(
            caption="Invited",
            header=("Name", "Capacity", "Organisation"),
            rows=tuple(
                (one.name, _capacity(one), one.organisation or "Not said")
                for one in coming
            ),
            widths=(2.2, 3, 2.4),
        )
    away = [one for one in guests if one.sends_apologies]
    if away:
        names = (f"{o.name}, {o.capacity}" if o.capacity else o.name for o in away)
        yield Paragraph((strong("Apologies: "), "; ".join(names)))


def _capacity(one: Guest) -> str:
    capacity = one.capacity or "Not said"
    return f"{capacity} ({one.abbreviation})" if one.abbreviation else capacity


def _about(line: Line) -> Iterable[Block]:
    if line.restricted:
        yield Paragraph(strong("For the office only"))
    facts: list[tuple[str, tree.Text]] = []
    if line.lead:
        facts.append(("Lead", line.lead))
    if line.asked:
        facts.append(("Asked of the force", line.asked))
    if facts:
        yield Facts(tuple(facts))
    if line.papers:
        yield Paragraph(strong("Papers"))
        papers = (
            f"{title}, from {whom}" if whom else title for title, whom in line.papers
        )
        yield tree.Bullets(tuple(papers))
