"""What was changed after minutes were agreed, as a table of a document."""

from collections.abc import Iterable, Iterator

from assurance.calendar import day_in_words
from assurance.differences import Piece
from meetings.documents.tree import Run, Table, Text, strong
from meetings.record import Amendment, Change, Record


def amendments_table(record: Record) -> Table:
    return Table(
        caption="What was changed after the minutes were agreed",
        header=("When", "Who", "What", "Why"),
        rows=tuple(
            (day_in_words(one.on), one.by, _what(one), one.why)
            for one in record.amendments
        ),
        widths=(1.7, 1.5, 4, 2.5),
    )


def _what(amendment: Amendment) -> Text:
    said: list[str | Run] = [amendment.what]
    for change in amendment.changes:
        said += ["\n", strong(change.what), ": ", *_from_to(change)]
    return tuple(said)


def _from_to(change: Change) -> Iterator[str | Run]:
    if change.is_long:
        difference = change.difference
        yield "what differs is in bold\nFrom: "
        yield from _pieces(difference.mine)
        yield "\nTo: "
        yield from _pieces(difference.theirs)
    elif not change.before:
        yield f"added “{change.after}”"
    elif not change.after:
        yield f"taken out “{change.before}”"
    else:
        yield f"from “{change.before}” to “{change.after}”"


def _pieces(pieces: Iterable[Piece]) -> Iterator[str | Run]:
    for piece in pieces:
        if piece.skipped:
            lines = "line" if piece.skipped == 1 else "lines"
            yield f"… {piece.skipped} {lines} the same …\n"
        else:
            yield strong(piece.text) if piece.only else piece.text
