"""Somebody named in a list of those present: "Peter Lane (PL) – Chief Constable".

Lists name people in many orders: rank before the name, post behind it, codes in
brackets, cells of a table. What each piece is shows by its words: posts have words of
their own, codes are capitals, names are neither.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from meetings.reader.minutes import ReadAttendee
from meetings.reader.phrases.names import initials

_RANKS = (
    "temporary|acting|interim|deputy police and crime commissioner"
    "|police(?:,? fire)? and crime commissioner|deputy pcc|dpf?cc|pf?cc"
    "|(?:deputy |assistant )?chief (?:fire officer|constable|officer)"
    "|(?:detective |det\\.? )?(?:chief |ch\\.? )?"
    "(?:superintendent|supt|inspector|insp|sergeant|sgt)\\.?"
    "|d?c\\.?supt|dcs|dsu|dci|d/?i|ds|dc|pcso|pc|commander"
    "|(?:deputy |assistant )?commissioner"
    "|d?acc|t/acc|t/dcc|t/cc|acc|dcc|cc|aco|cfo|cex|ceo|acfo|dcfo"
    "|councillor|cllr|councillors|cllrs|alderman|deputy mayor|mayor|lord|lady|baroness"
)
_RANK = re.compile(rf"(?:(?:[ta]/)?(?:{_RANKS})\.?\s+)+", re.IGNORECASE)
_TITLE = re.compile(r"(?:mr|mrs|ms|miss|mx)\b\.?\s+", re.IGNORECASE)
_KEPT_TITLE = r"(?:(?:Dr|Sir|Dame|Prof(?:essor)?|Rev(?:erend)?|Canon|Hon)\.?\s+)?"
_WORD = (
    r"(?:(?:[A-Z][a-z]?['’])?[A-ZÀ-Þ][\w’'-]*[a-zà-ÿ]|[A-Z]\.?"
    r"|(?:van|von|de|der|den|la|le|ap|ab|bin|al|ul)(?=\s))"
)
_NAME = re.compile(
    rf"(?P<name>{_KEPT_TITLE}{_WORD}(?:\s{_WORD}){{0,4}})"
    r"(?=$|\s*[(\[,:;|\t–—]|\s*-\s|-\s|\s{2,}|\s+(?:in the [Cc]hair|and\b|&))"
)
_CAPITAL_NAME = re.compile(r"[A-Z][A-Z'’-]+(?:\s[A-Z][A-Z'’-]+){1,3}")
_POST = re.compile(
    r"\b(?:commissioner|constable|chief|deputy|assistant|director|officer|head|manager"
    r"|superintendent|inspector|sergeant|secretary|treasurer|lead|advis[eo]r|analyst"
    r"|executive|chair\w*|member|councillors?|cllr|mayor|finance|solicitor|auditor"
    r"|representative|support|co-?ordinator|governor|partner|consultant|president|clerk"
    r"|pcc|dpcc|pfcc|cc|dcc|acc|cfo|ceo|note-?taker|minutes?|staff|policy|legal|estates"
    r"|commander|supt|insp|observer|champion|registrar|nursing|counsel|portfolio|team"
    r"|administrator|apprentice|scrutiny|business|engagement|nurse|strategy|operations"
    r"|volunteer|services|resources|communications|people|crime|policing|therapies"
    r"|professional|performance|scientist|engineer|trustee|governance)\b",
    re.IGNORECASE,
)
# Words that stand where names do and are none.
_NOT_NAMES = re.compile(
    r"\b(?:room|headquarters|hq|hall|house|centre|center|building|suite|office|street"
    r"|road|lane end|chamber|teams|zoom|board|panel|committee|meeting|minutes|notes"
    r"|agenda|items?|action|actions|quarter|police|force|authority|council|constabulary"
    r"|apologies|attendance|welcome|introductions?|matters|business|update|report"
    r"|review|paper|papers|plan|strategy|performance|budget|crime|summary|discussion"
    r"|details|present|none|officers?|members?|attendees|name|role|post|capacity|title"
    r"|organisation|date|time|venue|location|place|january|february|march|april|june"
    r"|july|august|september|october|november|december|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday|the|this|that|all|any|other|next|online|virtual"
    r"|microsoft|public|official|strategic|governance|chief|deputy|assistant|director"
    r"|head|manager|constable|commissioner|superintendent|inspector|executive|clerk"
    r"|secretary|treasurer|chair|councillors?|mayor|group|service|team|support|policy"
    r"|external|internal|audit|auditors?|partner|operations|specialist|resources|services|communications|standards|professional"
    r"|health|fire|rescue|working|forum|trust|society|union|partnership)\b",
    re.IGNORECASE,
)
_LONGEST_LIST = 4000  # characters
_CODE = re.compile(
    r"[A-Z][A-Za-z]?[A-Z/&.]{0,6}[A-Z]|T/\s?[A-Z]{2,4}|[A-Z]{2,6}|[A-Z]{2,3}[a-z]"
)
_CHAIR = re.compile(
    r"\(?\b(?:in the chair|co-?\s?chair(?:person)?"
    r"|chair(?:person|man|woman|ing|ed)?)\b\)?"
    r"(?!\s+of\b)",
    re.IGNORECASE,
)
_NOT_CHAIR = re.compile(r"\b(?:vice|deputy)[\s-]*chair\w*", re.IGNORECASE)
_TAKER = re.compile(
    r"\(?\b(?:note-?\s?taker|minute[-\s]?taker|minutes?(?: secretary)?|notes|scribe"
    r"|taking minutes)\b\)?",
    re.IGNORECASE,
)
_STATUS = [
    ("apologies", re.compile(r"apolog|sent apol|^apols?$", re.IGNORECASE)),
    ("absent", re.compile(r"^absent|did not attend|not present", re.IGNORECASE)),
    (
        "part",
        re.compile(
            r"^part\b|part of|for items?\b|from items?\b|until\b|^items?\s|left at"
            r"|joined",
            re.IGNORECASE,
        ),
    ),
    ("present", re.compile(r"^(?:present|attended|via|by|online|remote|teams)", re.I)),
]
_ORGANISATION = re.compile(
    r"(?:the\s+)?(?:opcc|opfcc|pfcc|mopac|force|police|cps|hmicfrs|home office"
    r"|college of policing|office of the [\w ,]+"
    r"|(?:[A-Z][\w’'&-]*\s+)+(?:police|constabulary|council|authority|trust|service|services|office|rescue|university|board|partnership"
    r"|federation|association|group|college|advice|society)|[\w ]+police(?: service)?"
    r"|external audit(?:ors?)?|internal audit(?:ors?)?)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Person:
    """Somebody as a list names them. ``status`` is "" where the list does not say."""

    name: str
    capacity: str = ""
    abbreviation: str = ""
    organisation: str = ""
    status: str = ""
    role: str = ""

    def as_attendee(
        self, line: int, *, status: str, organisation: str = "", doubt: str = ""
    ) -> ReadAttendee:
        return ReadAttendee(
            name=self.name,
            line=line,
            capacity=self.capacity,
            abbreviation=self.abbreviation,
            organisation=self.organisation or organisation,
            status=self.status or status,
            role=self.role,
            doubt=doubt,
        )


def is_name(words: str) -> bool:
    """Two or more words that may be somebody's name and nothing else."""
    match = _NAME.fullmatch(_TITLE.sub("", words).strip())
    return bool(
        match
        and 2 <= len(match["name"].split()) <= 5
        and not _NOT_NAMES.search(words)
        and any(len(word.strip(".")) > 2 for word in words.split())
    )


def has_post(words: str) -> bool:
    return bool(_POST.search(words))


def is_organisation(words: str) -> bool:
    return bool(_ORGANISATION.fullmatch(words.strip(" :.–-")))


def person_in(text: str, *, known: Sequence[str] = ()) -> Person | None:
    """The person a row names, or None. ``known`` are organisations by their codes."""
    text = " ".join(text.replace("\t", "  ").split(" ")).strip(" .;,|")
    person, rest = _begin(text)
    if person is None:
        return _post_first(text, known)
    person, rest = _take_roles(person, rest)
    person, rest = _take_bracket(person, rest)
    person, rest = _take_roles(person, rest)
    rest = rest.strip(" \t").lstrip(",:–—-|").strip()
    person = _take_capacity(person, rest, known)
    return person if _makes_sense(person) else None


def _begin(text: str) -> tuple[Person | None, str]:
    """The name at the beginning, with the rank before it."""
    rank = ""
    if match := _RANK.match(text):
        rank, text = match[0].strip(), text[match.end() :]
    elif match := _TITLE.match(text):
        text = text[match.end() :]
        rank = "Mr"
    if match := _TITLE.match(text):
        text = text[match.end() :]
    capitals = re.match(r"(?:[A-Z]{2,}\s+)+(?=[A-Z][a-z])", text)
    if capitals and not rank and has_post(capitals[0]):
        rank, text = capitals[0].strip(), text[capitals.end() :]
    match = _NAME.match(text)
    if match is None:
        capitals = _CAPITAL_NAME.match(text)
        if capitals and not _NOT_NAMES.search(capitals[0]):
            rank = "" if rank == "Mr" else rank
            return Person(capitals[0].title(), rank), text[capitals.end() :]
        return None, text
    name = match["name"].strip()
    least = 1 if rank else 2
    if len(name.split()) < least or _NOT_NAMES.search(name):
        return None, text
    return Person(name, "" if rank == "Mr" else rank), text[match.end() :]


def _take_roles(person: Person, rest: str) -> tuple[Person, str]:
    """ "Co-Chair" between brackets or dashes; "in the chair"."""
    match = re.match(r"[\s,–—-]*" + _CHAIR.pattern, rest, re.IGNORECASE)
    if match and not re.match(r"\s*(?:of|finance)\s", rest[match.end() :], re.I):
        return replace(person, role="chair"), rest[match.end() :]
    if match := re.match(r"\s*\(" + _TAKER.pattern + r"\)?", rest, re.IGNORECASE):
        return replace(person, role="minute_taker"), rest[match.end() :]
    return person, rest


def _take_bracket(person: Person, rest: str) -> tuple[Person, str]:
    """What stands in brackets right behind the name."""
    match = re.match(r"\s*[(\[](?P<in>[^()\[\]]{1,80})[)\]]", rest)
    if match is None:
        return person, rest
    inside, behind = match["in"].strip(), rest[match.end() :]
    if status := _status(inside):
        return replace(person, status=status), behind
    has_more = bool(behind.strip(" ,.–—-:"))
    if _CODE.fullmatch(inside):
        bare = re.sub(rf"^{_KEPT_TITLE}", "", person.name)
        is_initials = inside.replace(".", "") in initials(bare)
        if has_more or is_initials or person.capacity:
            return replace(person, abbreviation=inside), behind
        return replace(person, capacity=inside), behind
    person, left = _roles_out_of(person, inside)
    if has_more and not left:
        return person, behind
    return replace(person, capacity=left or person.capacity), behind


def _roles_out_of(person: Person, words: str) -> tuple[Person, str]:
    """ "Board Secretary, minutes" without what is a role of the day."""
    if _CHAIR.search(words) and not _NOT_CHAIR.search(words):
        left = _CHAIR.sub("", words)
        if not re.search(r"[A-Za-z]{3}", left) or re.search(r"[/,(–-]", words):
            left = re.sub(r"^\W+|\W+$", "", left)
            left = "" if len(left.split()) == 1 and not has_post(left) else left
            return replace(person, role=person.role or "chair"), left
    if _TAKER.fullmatch(words):
        return replace(person, role=person.role or "minute_taker"), ""
    return person, words


def _status(words: str) -> str:
    for status, pattern in _STATUS:
        if pattern.search(words.strip(" .()")):
            return status
    return ""


def _take_capacity(person: Person, rest: str, known: Sequence[str]) -> Person:
    """The post, with what stands in brackets or behind a comma at its end."""
    rest = " ".join(rest.split()).strip(" .,;")
    while match := re.search(r"\s*[(\[](?P<in>[^()\[\]]{1,60})[)\]]\s*$", rest):
        inside = match["in"].strip()
        if status := _status(inside):
            person = replace(person, status=status)
        elif _CODE.fullmatch(inside) and not person.abbreviation:
            person = replace(person, abbreviation=inside)
        elif _CHAIR.search(inside) and not _NOT_CHAIR.search(inside):
            person = replace(person, role="chair")
        elif _TAKER.fullmatch(inside):
            person = replace(person, role="minute_taker")
        else:
            break
        rest = rest[: match.start()].strip(" ,")
    if match := re.match(
        r"\(?" + _CHAIR.pattern + r"\s*[,–—-]\s*", rest, re.IGNORECASE
    ):
        person, rest = replace(person, role="chair"), rest[match.end() :]
    elif _CHAIR.fullmatch(rest):
        person, rest = replace(person, role="chair"), ""
    # "Notetaker, OPCC" is all that is said of her post, so it stays together.
    parts = re.split(r"\s*,\s*|\s+[–—-]\s+", rest)
    if any(_TAKER.fullmatch(part) for part in parts):
        person = replace(person, role=person.role or "minute_taker")
        for part in parts:
            if is_organisation(part) or part in known:
                person = replace(person, organisation=part)
    elif len(parts) > 1 and (is_organisation(parts[-1]) or parts[-1] in known):
        cut = rest.rindex(parts[-1])
        person = replace(person, organisation=parts[-1])
        rest = rest[:cut].rstrip(" ,–—-")
    if re.search(
        r"(?:^|\b(?:committee|panel|board|authority|group) )chair$", rest, re.I
    ) or re.match(r"chair\w* of the (?:committee|panel|board|group)\b", rest, re.I):
        person = replace(person, role="chair")
    if rest and (not person.capacity or person.capacity.casefold() != rest.casefold()):
        if person.capacity and not has_post(rest):  # "Supt ..., Specialist Operations"
            rest = f"{person.capacity}, {rest}"
        person = replace(person, capacity=rest)
    return person


def _makes_sense(person: Person) -> bool:
    """Not a sentence that begins with a name."""
    return len(person.capacity.split()) <= 14 and not re.search(
        r"\b(?:was|were|said|asked|has|had|will|noted|gave|advised|welcomed)\s",
        f"{person.capacity} ",
    )


def _post_first(text: str, known: Sequence[str]) -> Person | None:
    """ "Chief Constable: Pat Mills", "Chair – Peter Lane", "PCC  John Campion"."""
    match = re.match(
        r"(?P<post>[^:–—\t]{2,60}?)\s*(?::|\s[–—-]\s|\s{2,})\s*(?P<name>.+)", text
    )
    if match is None or not has_post(match["post"]):
        return None
    person, rest = _begin(match["name"].strip())
    if person is None:
        return None
    post = match["post"].strip()
    person, rest = _take_bracket(replace(person, capacity=post), rest)
    if status := _status(rest.strip(" ,.–—-")):
        person = replace(person, status=status)
    elif rest.strip(" ,.–—-"):
        person = _take_capacity(person, rest.strip().lstrip(",:–—-").strip(), known)
    if _CHAIR.fullmatch(post):
        return replace(person, role="chair")
    if _TAKER.fullmatch(post):
        return replace(person, role="minute_taker", capacity="")
    return person


def people_in(text: str, *, known: Sequence[str] = ()) -> list[Person]:
    """Everybody of a list in one line: "A Smith (AS), B Jones, Chief Constable"."""
    text = " ".join(text.split())[:_LONGEST_LIST]
    if ";" in text:
        return [p for part in text.split(";") if (p := person_in(part, known=known))]
    people: list[Person] = []
    rank = ""
    for part in _parts(text):
        if match := re.match(r"(councillors|cllrs)\b\.?\s*", part, re.IGNORECASE):
            rank = match[1][:-1]
            part = f"{rank} {part[match.end() :]}"
        elif rank and is_name(part):
            part = f"{rank} {part}"
        person = person_in(part, known=known)
        if person is not None and (people == [] or _begins_anew(part)):
            people.append(person)
        elif people and not part.removeprefix("and ")[0].islower():
            last = people[-1]
            people[-1] = _take_capacity(
                last, f"{last.capacity}, {part}".strip(", "), known
            )
    return people


def _begins_anew(part: str) -> bool:
    person, _ = _begin(part)
    return person is not None and not person.name.isupper()


def _parts(text: str) -> list[str]:
    """Between commas and "and", not inside brackets."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(r"[()\[\]]|,\s*(?:and\s+)?|\s+and\s+|\s+&\s+", text):
        if match[0] in "([":
            depth += 1
        elif match[0] in ")]":
            depth -= 1
        elif depth <= 0:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    parts.append(text[start:].strip())
    joined: list[str] = []
    for part in parts:
        # "Head of Policy and Performance" is one post.
        if joined and not _begins_anew(part) and f"{joined[-1]} and {part}" in text:
            joined[-1] += f" and {part}"
        elif part:
            joined.append(part)
    return joined
