"""What the search of history finds, as a table to keep."""

from collections.abc import Iterator

from django.utils import timezone

from assurance.history.entries import Change, in_full
from assurance.history.search import Everything
from assurance.sheets import Column, Sheet, Value

# So many are read in full together.
_AT_ONCE = 300


def history_sheet(found: Everything) -> Sheet:
    """One row for each change, the newest first."""
    return Sheet(
        title="History",
        columns=[
            Column("When", 18),
            Column("By", 24),
            Column("What", 50),
            Column("Of", 40),
            Column("From and to", 80),
        ],
        rows=_rows(found),
    )


def _rows(found: Everything) -> Iterator[list[Value]]:
    lights = found[:]
    for start in range(0, len(lights), _AT_ONCE):
        part = lights[start : start + _AT_ONCE]
        for entry in in_full(part, of_things=True, moved_together=False):
            yield [
                f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}",
                entry.by,
                entry.title,
                entry.thing,
                "\n".join(_in_words(change) for change in entry.changes),
            ]


def _in_words(change: Change) -> str:
    if change.before:
        return f"{change.label}: {change.before} → {change.after or 'nothing'}"
    return f"{change.label}: {change.raw or change.after}"
