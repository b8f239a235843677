"""The briefing as a document."""

import datetime as dt

from django.conf import settings

from actions.briefing import Block, Briefing, Change, Item, Section, Shown, Word
from assurance.calendar import day_in_words
from meetings.documents import tree
from meetings.documents.tree import Facts, Heading, Lead, Paragraph, Run, strong


def briefing_document(found: Briefing, *, today: dt.date) -> tree.Document:
    """In the order of the agenda; the first sentence says what is to be decided."""
    blocks: list[tree.Block] = [Lead(found.decide)]
    if not found.is_cancelled:
        if found.list_stands_first:
            blocks.append(Heading("Review of actions"))
            blocks += _list(found, level=2)
        for item in found.items:
            blocks += _item(item)
            if item.has_list:
                blocks += _list(found, level=item.depth + 2)
        if not found.items:
            blocks.append(Paragraph("There is no agenda yet."))
        blocks += _changes(found)
    return tree.Document(
        title=f"Briefing: {found.title}",
        subtitle=(found.facts, found.as_at),
        marking=found.marking,
        author=settings.OFFICE_NAME,
        date=today,
        blocks=tuple(blocks),
    )


def _item(item: Item) -> list[tree.Block]:
    blocks: list[tree.Block] = [Heading(item.heading, item.depth + 1)]
    if item.is_restricted:
        blocks.append(Paragraph("For the office only", quiet=True))
    facts: list[tuple[str, tree.Text]] = []
    if item.lead:
        facts.append(("Lead", item.lead))
    if item.asked:
        facts.append(("Asked of the force", item.asked))
    if item.enquiry:
        facts.append(("Lines of enquiry", item.enquiry))
    if facts:
        blocks.append(Facts(tuple(facts)))
    if item.papers:
        blocks.append(Paragraph(strong("Papers")))
        blocks.append(tree.Bullets(tuple(_shown(paper) for paper in item.papers)))
    return blocks


def _shown(one: Shown) -> tuple[Run, ...]:
    parts = [Run(one.title, link=one.link)]
    if one.note:
        parts.append(Run(f", {one.note}"))
    if one.tag:
        parts.append(strong(f" {one.tag}"))
    return tuple(parts)


def _list(found: Briefing, *, level: int) -> list[tree.Block]:
    if not found.sections:
        return [Paragraph("No action is on the list of this meeting.")]
    blocks: list[tree.Block] = []
    for section in found.sections:
        first, *others = [_action(block, level + 1) for block in section.blocks]
        heading = Heading(_counted(section), level)
        meaning = Paragraph(section.meaning, quiet=True)
        # No heading at the foot of a page whose list begins on the next.
        blocks += [tree.Together((heading, meaning, first)), *others]
    return blocks


def _counted(section: Section) -> str:
    return f"{section.heading} ({len(section.blocks)})"


def _action(block: Block, level: int) -> tree.Together:
    heading = f"Action {block.reference}"
    if not block.is_issued:
        heading += " (not issued)"
    inside: list[tree.Block] = [
        Heading(heading, level),
        Paragraph(block.text),
        Facts(
            (
                ("Owner", block.owners or "Nobody yet"),
                ("Due", block.due),
                ("On the list because", "; ".join(block.reasons)),
            )
        ),
    ]
    for word in block.words:
        inside += _word(word)
    if block.silence:
        inside.append(Paragraph(strong(f"{block.silence}.")))
    return tree.Together(tuple(inside))


def _word(word: Word) -> list[tree.Block]:
    blocks: list[tree.Block] = [tree.Quotation(word.text, word.source)]
    if word.evidence:
        shown: list[str | Run] = []
        for one in word.evidence:
            shown += [", " if shown else "", Run(one.title, link=one.link)]
        blocks.append(Facts((("Evidence", tuple(shown)),)))
    if word.asks:
        blocks.append(Paragraph(strong(f"{word.asks}.")))
    return blocks


def _changes(found: Briefing) -> list[tree.Block]:
    if found.since is None:
        return []
    since = f"since the meeting on {day_in_words(found.since)}"
    blocks: list[tree.Block] = [Heading(f"What changed {since}")]
    if not found.changes:
        return [*blocks, Paragraph("Nothing was decided in between.")]
    table = tree.Table(
        caption="Decisions, newest first",
        header=("Reference", "What", "When", "Action"),
        rows=tuple(_change(change) for change in found.changes),
        widths=(1.3, 2.1, 1.9, 3.8),
    )
    return [*blocks, table]


def _change(change: Change) -> tuple[str, ...]:
    return change.reference, change.what, day_in_words(change.on), change.text
