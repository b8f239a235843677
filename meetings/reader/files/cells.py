"""The rows of a table as lines, however a file draws its cells."""

from collections.abc import Iterator, Sequence

from meetings.reader.source import Line

_BETWEEN_INNER_CELLS = "   "


def side_by_side(cells: Sequence[list[Line]]) -> Iterator[Line]:
    """The first lines of the cells of a row between tabs. Where a cell has more, lines
    follow in which the others are empty.
    """
    longest = max(cells, key=len, default=[])
    # Blank paragraphs bring what follows to the height of its neighbour; those that
    # begin the longest cell move all the others with it.
    above = next((at for at, line in enumerate(longest) if line.text.strip()), 0)
    for cell in cells:
        dropped = 0
        while dropped < above and cell and not cell[0].text.strip():
            del cell[0]
            dropped += 1
    for at in range(max(map(len, cells), default=0)):
        texts = [inner(cell[at].text) if at < len(cell) else "" for cell in cells]
        if any(texts):
            heading = max(cell[at].heading if at < len(cell) else 0 for cell in cells)
            yield Line(0, "\t".join(texts).rstrip("\t"), heading)


def inner(text: str) -> str:
    """Text as it can stand in a cell: the columns in it are kept apart by spaces."""
    return _BETWEEN_INNER_CELLS.join(text.rstrip().split("\t"))
