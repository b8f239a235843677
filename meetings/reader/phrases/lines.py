"""Lines of notes that say of themselves what they are: an action, a decision.

``ACTION: DBS to share the plan``, ``Action - ...``, ``ACTION – ...``; a bullet may
stand before it. A dash needs a space behind it ("Action-oriented" is a word), and the
word stands alone: "Action plan - ...", "Action Fraud - ..." and "Actions: ..." are
ordinary lines.
"""

import re

# No blank is tried twice: what is typed may be very long.
_BULLET = r"[ \t\u00a0]*+(?:[-*+•●▪◦‣·–—][ \t\u00a0]*+)?"
_MARK = r"[ \t\u00a0]*+(?::|[-–—](?=[ \t\u00a0]))[ \t\u00a0]*+"
_REST = r"(?P<rest>[^\r\n]*+)[\r\n]*+"
_ACTION = re.compile(f"{_BULLET}action{_MARK}{_REST}", re.IGNORECASE)
_DECISION = re.compile(f"{_BULLET}decision{_MARK}{_REST}", re.IGNORECASE)
# A rest without a letter or a digit says nothing.
_SAYS = re.compile(r"\w")
_NOTHING = re.compile(r"(?:none|nil|n/?a|no (?:actions?|decisions?))\W*", re.IGNORECASE)


def action_line(line: str) -> str | None:
    """What is to be done, of a line that begins with ACTION; else None.

    "ACTION: none" is no action.
    """
    return _rest(_ACTION, line)


def decision_line(line: str) -> str | None:
    """What was decided, of a line that begins with DECISION; else None."""
    return _rest(_DECISION, line)


def _rest(pattern: re.Pattern[str], line: str) -> str | None:
    match = pattern.fullmatch(line)
    if match is None:
        return None
    rest = match["rest"].strip()
    return None if not _SAYS.search(rest) or _NOTHING.fullmatch(rest) else rest
