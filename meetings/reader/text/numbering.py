"""How items are numbered: "1.", "2.1", "Item 4 -", "A.", "(b)", "24/07", "CS.14".

A number at the beginning of a row numbers an item when it is one of a chain that counts
up through the text. Numbers of lists inside the notes begin at 1 again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from meetings.reader.text.printed import days_in
from meetings.reader.text.rows import Row

_LEAD_IN = (
    r"(?:(?P<lead>(?:agenda\s+)?[il1]tem(?:\s+no\.?)?|ser(?:ial)?|section|minute)\s+)?"
)
_TOKENS = {
    "/": r"\d{1,4}/\d{1,3}",
    "code": r"[A-Z]{1,4}(?:[./]\d{1,4}){1,3}|[A-Z]{2,4}\d{1,3}",
    "1a": r"\d{1,2}[a-z](?=[.)])",
    "c3": r"[1-9]\d\d(?=\s)",
    "1": r"\d{1,2}(?:\.\d{1,2}){0,3}",
    "()": r"\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)",
    "I": r"[IVX]{1,5}(?=[.)])",
    "A": r"[A-Z](?=[.)])",
    "a": r"[a-z](?=\))",
}
_NUMBERS = [
    (
        kind,
        re.compile(
            rf"(?i:{_LEAD_IN})(?P<token>{token})"
            r"(?P<mark>[.):](?!\d)|\s*[-–—:|](?=\s)|(?=\s)|$)\s*(?P<rest>.*)"
        ),
    )
    for kind, token in _TOKENS.items()
]
_ALONE = re.compile(r"(?:item\s+)?\d{1,2}[.):]?|[A-Z][.)]|\([a-z]\)", re.IGNORECASE)
_IN_CELL = re.compile(
    r"(?:(?:agenda\s+)?item\s+)?(?:\d{1,2}(?:\.\d{1,2})*|[A-Z]|\d{2,4}/\d{1,3})[.)]?",
    re.IGNORECASE,
)
_ITEM_AND_BAR = re.compile(r"(?:agenda\s+)?item\s+\d{1,2}\s*\|[^|]+$", re.IGNORECASE)
_INNER = re.compile(r"\d{1,2}[.)]\s+")
# Who leads an item, to the right of its heading.
_LEADER = re.compile(
    r"\s{2,}(?P<lead>(?:[A-Z][A-Za-z&/.]{1,8}(?:\s*[/,&]\s*|\s+and\s+)?){1,5})$"
)
MOST_LEFT_OUT = 3  # steps a chain may miss, for a number that was lost


@dataclass(frozen=True)
class Numbered:
    """A row that begins with a number.

    ``levels`` are its parts as numbers, ``style`` what it looks like, ``ends`` the
    place of the row behind it, ``rest`` what follows in the same row of a table.
    """

    row: Row
    number: str
    style: str
    levels: tuple[int, ...]
    heading: str
    lead: str
    rest: str
    ends: int

    @property
    def depth(self) -> int:
        return len(self.levels) - 1

    @property
    def starts_anywhere(self) -> bool:
        """References of an office's own count on from one meeting to the next."""
        return self.style[0] in "/c"


def numbers_in(rows: Sequence[Row]) -> list[Numbered]:
    """Each row's number; a reference such as 24/07 may count in either part."""
    return [number for place in range(len(rows)) for number in _numbers(rows, place)]


def _numbers(rows: Sequence[Row], place: int) -> list[Numbered]:
    row = rows[place]
    if row.bullet:
        return []
    cells = [cell for cell in row.cells if cell]
    text, rest, ends = row.text, "", place + 1
    in_cells = len(cells) > 1 and bool(_IN_CELL.fullmatch(cells[0]))
    if in_cells:
        text, rest = f"{cells[0]} {cells[1]}", "\t".join(cells[2:])
    elif len(cells) > 1 or ("|" in text and not _ITEM_AND_BAR.match(text)):
        return []
    elif _ALONE.fullmatch(text):
        # The heading is on the next line.
        if ends >= len(rows) or len(rows[ends].cells) > 1:
            return []
        text, ends = f"{text} {rows[ends].text}", ends + 1
    lead = ""
    match = _LEADER.search(text)
    if match and re.search(r"[A-Za-z]{3}", text[: match.start()]):
        text, lead = text[: match.start()], match["lead"]
    for kind, pattern in _NUMBERS:
        match = pattern.fullmatch(text)
        heading = match["rest"].strip().lstrip("-–—:").strip() if match else ""
        if match is None or not re.search(r"\w", heading):
            continue
        mark = "|" if in_cells else match["mark"].strip()
        # "3 Heading", and neither "4 August" nor "3 officers".
        is_bare = kind in ("1", "c3") and not (
            mark or match["lead"] or "." in match["token"]
        )
        if is_bare and (days_in(text[:40]) or not heading[0].isupper()):
            return []
        if in_cells and "." in match["token"] and (inner := _INNER.match(heading)):
            heading = heading[inner.end() :]
        found = Numbered(
            row,
            match["token"].strip("()"),
            f"{kind}{'item' if match['lead'] else ''}{mark}",
            _levels(kind, match["token"]),
            heading,
            lead,
            rest,
            ends,
        )
        return _either_part(found) if kind == "/" else [found]
    return []


def _levels(kind: str, token: str) -> tuple[int, ...]:
    if kind == "1":
        levels = [int(part) for part in token.split(".")]
        while len(levels) > 1 and not levels[-1]:  # "1.0" heads as "1." does
            levels.pop()
        return tuple(levels)
    if kind == "1a":
        return (int(token[:-1]), ord(token[-1]) - ord("a") + 1)
    if kind in ("/", "code", "c3"):
        return (int(re.findall(r"\d+", token)[-1]),)
    bare = token.strip("()")
    if bare.isdecimal():
        return (int(bare),)
    if kind == "I" or (len(bare) > 1):
        return (_roman(bare.upper()),)
    return (ord(bare.upper()) - ord("A") + 1,)


def _either_part(number: Numbered) -> list[Numbered]:
    first, second = number.number.split("/")
    return [
        replace(number, style=f"/{first}/", levels=(int(second),)),
        replace(number, style=f"//{second}", levels=(int(first),)),
    ]


def _roman(number: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}.get(letter, 0) for letter in number]
    return sum(
        -value if value < max(values[place:], default=0) else value
        for place, value in enumerate(values)
    )


def longest_chain(numbers: Sequence[Numbered]) -> list[Numbered]:
    """The numbers of one style that count up longest."""
    tops = [number for number in numbers if number.depth == 0]
    best: list[Numbered] = []
    for style in dict.fromkeys(number.style for number in tops):
        chain = _chain([number for number in tops if number.style == style])
        if len(chain) > len(best):
            best = chain
    return best


def _chain(numbers: Sequence[Numbered]) -> list[Numbered]:
    chain: list[Numbered] = []
    for number in numbers:
        value = number.levels[0]
        if not chain:
            if value <= 2 or number.starts_anywhere:
                chain.append(number)
        elif chain[-1].levels[0] < value <= chain[-1].levels[0] + MOST_LEFT_OUT:
            chain.append(number)
    return chain


def rows_of_lists(numbers: Sequence[Numbered]) -> set[int]:
    """The rows of lists inside the notes: they start at 1 again and stand together."""
    listed: set[int] = set()
    run: list[Numbered] = []
    had_one = False
    for number in [*numbers, None]:
        if number is not None and run and _follows(number, run[-1]):
            run.append(number)
            continue
        if run and run[0].levels == (1,):
            if had_one and len(run) > 1:
                listed |= {n.row.place for n in run}
            had_one = True
        run = [number] if number is not None else []
    return listed


def _follows(number: Numbered, last: Numbered) -> bool:
    return (
        number.row.place == last.ends
        and number.depth == last.depth == 0
        and number.levels[0] == last.levels[0] + 1
        and not number.row.apart
    )
