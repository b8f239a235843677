"""How Word numbers paragraphs: worked out as it prints them, for no number is stored.

A paragraph names a list and a level, itself or by its style; the list says what its
levels count in, and how a number is written ("%1.%2", "%1)").
"""

import re
from dataclasses import dataclass, field

from lxml import etree

from meetings.reader.source import BULLET

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_HEADING_NAME = re.compile(r"heading (\d)", re.IGNORECASE)
_LIST_NAME = re.compile(r"list (?:bullet|number) (\d)", re.IGNORECASE)
_PLACE = re.compile(r"%([1-9])")
_LEVELS = 9
_MOST_CHAIN = 12
_MOST_NUMBER = 10_000
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


def value(element: etree._Element, name: str = "val") -> str | None:
    found = element.get(W + name)
    return None if found is None else str(found)


def whole_number(
    element: etree._Element | None, default: int = 0, name: str = "val"
) -> int:
    text = (value(element, name) if element is not None else None) or ""
    if not re.fullmatch(r"-?[0-9]{1,6}", text):
        return default
    return int(text)


@dataclass(frozen=True)
class Style:
    """What a style says of paragraphs, with what it has from those it is based on."""

    id: str = ""
    heading: int = 0
    list_id: str | None = None
    level: int | None = None
    depth: int = 0  # of "List Bullet 2": 1


class Styles:
    def __init__(self, root: etree._Element | None) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._known: dict[str, Style] = {}
        self._default = ""
        for style in root.iter(W + "style") if root is not None else ():
            name = value(style, "styleId")
            if name and value(style, "type") == "paragraph":
                self._elements[name] = style
                if value(style, "default") in ("1", "true"):
                    self._default = name

    def of(self, properties: etree._Element | None) -> Style:
        """That of a paragraph with these properties."""
        named = properties.find(W + "pStyle") if properties is not None else None
        name = (value(named) if named is not None else None) or self._default
        if name not in self._known:
            self._known[name] = self._worked_out(name)
        style = self._known[name]
        outline = properties.find(W + "outlineLvl") if properties is not None else None
        if outline is not None:
            return Style(
                style.id, _heading(outline), style.list_id, style.level, style.depth
            )
        return style

    def list_of(self, name: str) -> str | None:
        return self._worked_out(name).list_id

    def _worked_out(self, name: str) -> Style:
        heading: int | None = None
        list_id: str | None = None
        level: int | None = None
        depth = 0
        at: str | None = name
        for _ in range(_MOST_CHAIN):
            style = self._elements.get(at or "")
            if style is None:
                break
            named = style.find(W + "name")
            title = (value(named) if named is not None else None) or ""
            if found := _LIST_NAME.fullmatch(title):
                depth = depth or int(found[1]) - 1
            if heading is None:
                outline = style.find(f"{W}pPr/{W}outlineLvl")
                if found := _HEADING_NAME.fullmatch(title):
                    heading = int(found[1])
                elif outline is not None:
                    heading = _heading(outline)
            numbered = style.find(f"{W}pPr/{W}numPr")
            if numbered is not None:
                in_list, at_level = _list_and_level(numbered)
                list_id = list_id if list_id is not None else in_list
                level = level if level is not None else at_level
            based_on = style.find(W + "basedOn")
            at = value(based_on) if based_on is not None else None
        return Style(name, heading or 0, list_id, level, depth)


def _heading(outline: etree._Element) -> int:
    level = whole_number(outline, 9)
    return level + 1 if 0 <= level < 9 else 0


def _list_and_level(numbered: etree._Element) -> tuple[str | None, int | None]:
    of, at = numbered.find(W + "numId"), numbered.find(W + "ilvl")
    return (
        value(of) if of is not None else None,
        min(max(whole_number(at), 0), _LEVELS - 1) if at is not None else None,
    )


@dataclass
class _Level:
    format: str = "decimal"
    text: str = ""
    start: int = 1
    style: str = ""
    restarts: bool = True


@dataclass
class _List:
    """One that numbers run through; several of Word's may share it."""

    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    style_link: str = ""


class Lists:
    """The lists of a document, counting as its paragraphs come by in their order."""

    def __init__(self, root: etree._Element | None) -> None:
        self._lists: dict[str, _List] = {}
        self._of: dict[str, str] = {}
        self._starts: dict[str, dict[int, int]] = {}
        if root is None:
            return
        by_style: dict[str, str] = {}
        for element in root.iter(W + "abstractNum"):
            name = value(element, "abstractNumId") or ""
            one = _List()
            for level in element.iter(W + "lvl"):
                at = whole_number(level, -1, "ilvl")
                if 0 <= at < _LEVELS:
                    one.levels[at] = _level(level)
            links = element.find(W + "numStyleLink")
            one.style_link = (value(links) if links is not None else None) or ""
            defines = element.find(W + "styleLink")
            if defines is not None:
                by_style[value(defines) or ""] = name
            self._lists[name] = one
        for element in root.iter(W + "num"):
            list_id = value(element, "numId") or ""
            of = element.find(W + "abstractNumId")
            name = (value(of) if of is not None else None) or ""
            linked = self._lists.get(name)
            if linked is not None and linked.style_link in by_style:
                name = by_style[linked.style_link]
            self._of[list_id] = name
            for override in element.iter(W + "lvlOverride"):
                at = whole_number(override, -1, "ilvl")
                start = override.find(W + "startOverride")
                if 0 <= at < _LEVELS and start is not None:
                    self._starts.setdefault(list_id, {})[at] = whole_number(start, 1)

    def mark(self, properties: etree._Element | None, style: Style) -> str:
        """What Word prints before a paragraph: "2.1 ", "a) ", "  • "; "" for nothing.

        Counts it, so it is to be asked once for each paragraph, in their order.
        """
        list_id, at = style.list_id, style.level
        numbered = properties.find(W + "numPr") if properties is not None else None
        if numbered is not None:
            own_list, own_level = _list_and_level(numbered)
            list_id = own_list if own_list is not None else list_id
            at = own_level if own_level is not None else at
        one = self._lists.get(self._of.get(list_id or "", ""))
        if one is None:
            # A list style in a document that has lost its lists.
            return ""
        if at is None:
            levels = one.levels.items()
            at = next((n for n, level in levels if level.style == style.id), 0)
        level = one.levels.get(at, _Level(text=f"%{at + 1}."))
        if level.format == "bullet":
            return "  " * (at or style.depth) + f"{BULLET} "
        self._count(one, list_id or "", at, level)
        if level.format == "none":
            return ""
        text = _PLACE.sub(
            lambda found: self._counted(one, int(found[1]) - 1), level.text
        )
        return f"{text.strip()} " if text.strip() else ""

    def _count(self, one: _List, list_id: str, at: int, level: _Level) -> None:
        starts = self._starts.get(list_id, {})
        if at in starts:
            one.counts[at] = starts.pop(at)
        else:
            one.counts[at] = one.counts.get(at, level.start - 1) + 1
        for deeper in [
            n for n in one.counts if n > at and one.levels.get(n, level).restarts
        ]:
            del one.counts[deeper]

    def _counted(self, one: _List, at: int) -> str:
        level = one.levels.get(at, _Level())
        return in_format(one.counts.get(at, level.start), level.format)


def _level(element: etree._Element) -> _Level:
    def of(name: str) -> str:
        found = element.find(W + name)
        return (value(found) if found is not None else None) or ""

    restart = element.find(W + "lvlRestart")
    return _Level(
        format=of("numFmt") or "decimal",
        text=of("lvlText")[:40],
        start=whole_number(element.find(W + "start"), 1),
        style=of("pStyle"),
        restarts=restart is None or whole_number(restart) != 0,
    )


def in_format(number: int, name: str) -> str:
    """A number as a list writes it: 3, c, iii."""
    if not 0 < number < _MOST_NUMBER:
        return str(number)
    if name in ("lowerLetter", "upperLetter"):
        # After z come aa, bb, cc.
        letter = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 10)
        return letter if name == "lowerLetter" else letter.upper()
    if name in ("lowerRoman", "upperRoman"):
        roman, left = "", number
        for worth, letters in _ROMAN:
            roman += letters * (left // worth)
            left %= worth
        return roman if name == "lowerRoman" else roman.upper()
    if name == "decimalZero":
        return f"{number:02}"
    return str(number)
