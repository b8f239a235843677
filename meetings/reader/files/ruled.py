"""The tables that a page of a PDF rules: where lines across and down make cells."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

# In points. A page with more strokes than these is a drawing.
_MOST_STROKES = 3000
_THIN = 3.0
_LONG = 8.0
NEAR = 2.5


class Stroke(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float


class Band(NamedTuple):
    """A row between two lines across, with the lines down that part its cells."""

    bottom: float
    top: float
    edges: tuple[float, ...]

    def holds(self, across: float, up: float) -> bool:
        return (
            self.bottom < up < self.top
            and self.edges[0] - NEAR < across < self.edges[-1] + NEAR
        )

    def cell(self, across: float) -> int:
        """Which cell something is in, from 0."""
        inside = self.edges[1:-1]
        return sum(across > edge for edge in inside)


def bands_of(page: pypdfium2.PdfPage) -> list[Band]:
    """The rows of all tables of a page that have two columns at least."""
    across: list[Stroke] = []
    down: list[Stroke] = []
    strokes = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=2)
    for count, drawn in enumerate(strokes):
        if count >= _MOST_STROKES:
            return []
        for stroke in _strokes(Stroke(*drawn.get_bounds())):
            (across if stroke.right - stroke.left > _THIN else down).append(stroke)
    if len(across) < 2 or len(down) < 3:
        return []
    heights = _apart((stroke.bottom + stroke.top) / 2 for stroke in across)
    found = []
    for bottom, top in pairwise(heights):
        middle = (bottom + top) / 2
        edges = _apart(
            (stroke.left + stroke.right) / 2
            for stroke in down
            if stroke.bottom <= middle <= stroke.top
        )
        if len(edges) >= 3 and _is_closed(across, bottom, top, edges):
            found.append(Band(bottom, top, tuple(edges)))
    return found


def _strokes(drawn: Stroke) -> list[Stroke]:
    """A thin shape is a stroke, a frame is four; a dot or a wisp is none."""
    left, bottom, right, top = drawn
    wide, high = right - left, top - bottom
    if min(wide, high) <= _THIN:
        return [drawn] if max(wide, high) >= _LONG else []
    return [
        Stroke(left, bottom, right, bottom),
        Stroke(left, top, right, top),
        Stroke(left, bottom, left, top),
        Stroke(right, bottom, right, top),
    ]


def _apart(places: Iterable[float]) -> list[float]:
    """These places in order, each once: a line may be drawn in pieces, or twice."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > NEAR:
            found.append(place)
    return found


def _is_closed(
    across: list[Stroke], bottom: float, top: float, edges: list[float]
) -> bool:
    """Whether lines run above and below, from side to side for the most part."""
    wide = edges[-1] - edges[0]

    def covered(height: float) -> float:
        return sum(
            min(stroke.right, edges[-1]) - max(stroke.left, edges[0])
            for stroke in across
            if abs((stroke.bottom + stroke.top) / 2 - height) <= NEAR
            and stroke.right > edges[0]
            and stroke.left < edges[-1]
        )

    return covered(bottom) > wide / 2 and covered(top) > wide / 2
