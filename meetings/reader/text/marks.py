"""The marks and words by which minutes print their actions.

A mark makes an action, never the word alone: "positive action", "an action plan",
"Action Fraud" and the head of a column are none.
"""

import re

from meetings.reader.text.headings import is_sentence
from meetings.reader.text.people import has_post, is_name
from meetings.reader.text.printed import days_in

_REF = r"(?:\s*(?:no\.?\s*|number\s*)?(?P<ref>\d[\w/.-]*|[A-Z]{1,3}[\d/]+))?"
_WORD = (
    r"(?:(?:[\w ]{1,30}\s/\s)?(?:agreed\s+|new\s+)?act[il1]on(?:s|\(s\))?"
    r"(?:\s+(?:points?|required|agreed|arising|items?))?|AP)"
)
_DASH = r"(?:\s*:|\s+[-–—](?=\s|\w)|[-–—](?=\s))"
_WHO = r"(?:\s*\((?P<who>[^()]{2,40})\))?"
START = re.compile(
    rf"(?:\(?[a-z0-9]{{1,2}}[.)]\s+)?[\[(]?{_WORD}{_REF}{_WHO}"
    rf"(?:{_DASH}|(?<=\d)\.(?=\s))\s*(?P<rest>\S.*)",
    re.IGNORECASE,
)
LABEL = re.compile(
    rf"[\[(]?{_WORD}(?:\s+(?:were|are|was)\s+agreed)?\s*:?", re.IGNORECASE
)
# "ACTION SE / JA to be clear": capitals, then whoever acts or what is to be done.
CAPITALS = re.compile(
    r"ACTION\s+(?!(?:TAKEN|BY|OWNERS?|DUE|REQUIRED|COMPLETED?|CLOSED|OPEN|AGREED"
    r"|FOR|AND|OF|ON|IN|TO|WAS|FRAUD|PLANS?|TRACKER|LOG|LEARNING|GROUP|LIST|NOTES?|UPDATES?"
    r"|POINTS?|TABLE|ITEMS?)\b)(?P<rest>(?:[A-Z]{2,5}\b|[a-z]|the\b|The\b).*)"
)
# Inside a paragraph the mark is in capitals, or begins a sentence.
INSIDE = re.compile(
    r"(?:(?<=[.?!:;)”\"]\s)|(?<=\s\s))[\[(]?(?:ACTIONS?|Actions?)"
    rf"(?:\s+POINT|\s+point)?{_REF}"
    r"(?:\s*:|\s+[-–—]\s|[-–—]\s)\s*(?P<rest>\S.*)"
)
IN_BRACKETS = re.compile(
    r"\s*[\[(](?:agreed\s+)?action(?:\s+(?:point|for|by|on))?"
    rf"{_REF}\s*(?::|\s[-–—]|\s)\s*(?P<rest>[^\])]+)[\])]",
    re.IGNORECASE,
)
TRAILING = re.compile(
    r"\s(?:ACTION|Action)(?:\s*[:–-])?\s+"
    r"(?P<names>[A-Z]{2,5}(?:\s*[/&,+]\s*[A-Z]{2,5})*)\.?$"
)
NONE = re.compile(
    r"(?:dim|dim / none|none(?: recorded| agreed| arising)?|nil(?: return)?|n/?a"
    r"|not applicable|no (?:new |further )?actions?.*|tbc|tba|to be confirmed"
    r"|(?:as|see) (?:above|below|item .{1,10}|minutes?)|deferred|noted|withdrawn"
    r"|[-–—])\W*",
    re.IGNORECASE,
)
SUMMARY = re.compile(
    r"(?:summary|list|table|schedule) of (?:the )?(?:\w+ )?actions"
    r"|actions? (?:summary|list|table|points|arising|agreed|schedule)"
    r"|actions? from this meeting|new actions|agreed actions",
    re.IGNORECASE,
)
REVIEW = re.compile(
    r"actions? (?:tracker|log|updates?|register)|matters arising"
    r"|outstanding (?:actions|matters)"
    r"|actions? (?:from|of|since|arising from) (?:the )?(?:last|previous|earlier)"
    r"|(?:last|previous) (?:meeting|actions|minutes)|minutes (?:and|&) actions?"
    r"|minutes of|review of actions|brought forward",
    re.IGNORECASE,
)
STATUS = re.compile(
    r"\b(?P<status>carr(?:y|ied) (?:forward|over)|closed?|completed?|discharged|ongoing"
    r"|on-going|outstanding|in progress|not yet due|open|superseded|withdrawn|done)\b",
    re.IGNORECASE,
)
IS_CLOSED = re.compile(r"\b(?:closed?|completed?|discharged|done)\b", re.IGNORECASE)
UPDATE = re.compile(
    r"\s*\b(?P<update>(?:update\s*[:–-]?\s*(?:\(?\d{1,2}[./]\d{1,2}[./]\d{2,4}\)?)?"
    r"|update\s*:).*)$",
    re.IGNORECASE,
)
CARRIED = re.compile(r"\bcarr(?:y|ied) (?:forward|over)\b", re.IGNORECASE)
LOG_LINE = re.compile(r"(?P<ref>\d{1,4}/\d{1,4}[a-z]?)\s*[:–-]?\s+(?P<rest>[A-Z].+)")
_OWNER = (
    r"(?:action\s+)?"
    r"(?:owners?|leads?|by whom|responsible(?: officer)?|assigned to|who)"
)
_DUE = (
    r"(?:action\s+)?(?:deadline|due(?: date| by)?|target(?: date)?|by when|by|when"
    r"|timescale|complete by|date due)"
)
OWNER_LINE = re.compile(rf"{_OWNER}\s*:\s*(?P<value>\S.*)", re.IGNORECASE)
DUE_LINE = re.compile(rf"{_DUE}\s*:\s*(?P<value>\S.*)", re.IGNORECASE)
OWNER_WORD = re.compile(rf"{_OWNER}\s*:?", re.IGNORECASE)
DUE_WORD = re.compile(rf"{_DUE}\s*:?", re.IGNORECASE)
OWNER_END = re.compile(
    r"(?:(?<=[.;,)|])|(?<=\s[-–—]))\s+(?:Owner|Lead|By whom|Responsible|Who)s?\s*:\s*"
    r"(?P<value>[^.:;|]{2,60}?)(?=[.;|]|\s+[A-Z][a-z]+\s*:|$)[.;]?"
)
DUE_END = re.compile(
    r"(?:(?<=[.;,)|])|(?<=\s[-–—]))\s+"
    r"(?:Deadline|Due(?: date| by)?|Target(?: date)?|By when|By|When|Timescale)\s*:\s*"
    r"(?P<value>[^.:;|]{2,40}?)(?=[.;|]|\s+[A-Z][a-z]+\s*:|$)[.;]?"
)
BEHIND_BAR = re.compile(r"\s+(?:\||[–—-])\s+(?P<names>[^|–—]{2,60})$")
TOLD_IN_BRACKET = re.compile(r"\s*[(\[](?P<told>[^()\[\]]{4,80})[)\]]\.?$")
TOLD_BEHIND_DASH = re.compile(
    r"\s+[–—-]\s+(?P<told>(?:[^–—]{2,40}\s+[–—-]\s+)?[^–—]{4,40}?)\.?$"
)
_WHO_BY_WHEN = re.compile(r"(?P<who>[A-Z][^()]{1,40}?)\s+(?P<when>by\s\S.{2,30})")
_WHEN = re.compile(
    r"(?:asap|as soon as possible|ongoing|w/c|week commencing|next meeting"
    r"|end of|before|by|at the|for the|in the)\b",
    re.IGNORECASE,
)
_NO_DATE = re.compile(
    r"(?:tbc|tba|to be confirmed|not set|n/?a|none|-)\W*", re.IGNORECASE
)
_NAMES = re.compile(
    r"(?:[A-Z]{1,6}(?:/[A-Z]{2,4})?|[A-Z][\w’'.&-]*)(?:\s*(?:/|,|&|\+|;|\band\b|\s)\s*"
    r"(?:(?:of|for|and|the)\s)*(?:[A-Z]{1,6}|[A-Z][\w’'.&-]*))*",
)


def is_mark(text: str) -> bool:
    """Whether a row begins with the mark of an action."""
    return bool(START.match(text) or CAPITALS.match(text))


def is_sentence_like(text: str) -> bool:
    return len(text.split()) > 3


def due_words(words: str) -> str:
    words = words.strip(" .")
    return "" if _NO_DATE.fullmatch(words) else words


def who_and_when(words: str) -> tuple[str, str]:
    """ "Anneka Solberg, 5 February 2021": who acts, and by when, and nothing else."""
    if match := _WHO_BY_WHEN.fullmatch(words.strip()):
        return (match["who"], match["when"]) if is_names(match["who"]) else ("", "")
    who, when = "", ""
    for part in re.split(r"\s*[,;]\s+|\s+[–—-]\s+", words.strip()):
        says_when = _WHEN.match(part) or days_in(part)
        if not when and says_when and len(part.split()) <= 7:
            when = part
        elif not who and (is_names(part) or "–" in words) and not is_sentence(part):
            who = part
        else:
            return "", ""
    return who, when


def without_number(text: str) -> str:
    return re.sub(r"^\d{1,2}(?:\.\d{1,2})+\s+", "", text)


def starts_number(text: str) -> bool:
    return bool(re.match(r"\(?\d{1,2}[.)]\s", text))


def is_names(words: str) -> bool:
    """Nothing but who acts: "RJ/DB/AC", "Chief Constable", "Hal Ingram"."""
    words = words.strip(" .")
    if len(words.split()) > 8 or not _NAMES.fullmatch(words):
        return False
    pieces = re.split(r"\s*(?:/|,|&|\+|;|\band\b)\s*", words)
    return all(
        re.fullmatch(r"[A-Z]{2,5}|T/[A-Z]{2,3}|[A-Z][A-Z] [A-Z]{2,3}", piece)
        or re.fullmatch(r"(?:the )?(?:force|opcc|all|members)", piece, re.IGNORECASE)
        or is_name(piece)
        or (has_post(piece) and len(piece.split()) <= 6 and not is_sentence(piece))
        or re.fullmatch(r"[A-Z]{2,5} [A-Z][\w’'-]+", piece)
        or (piece == "C" and "T" in pieces)
        for piece in pieces
        if piece
    )


def is_about_actions(rest: str) -> bool:
    """ "Action: Fraud" and the like, or a word that goes on."""
    return bool(
        re.match(r"(?:fraud\b|plan\b|tracker\b|log\b)", rest, re.IGNORECASE)
    ) and (len(rest.split()) < 4)
