"""Posts as capacities name them.

A capacity is what somebody was on the day: "T/CC", "Temporary Chief Constable".
The post is what lasts: "Chief Constable", whoever holds it and how.
"""

import re

_TEMPORARY = re.compile(
    r"^(?:t\s*/\s*|a\s*/\s*|(?:temporary|temp\.?|acting|interim)\s+)", re.IGNORECASE
)


def post_of(capacity: str) -> str:
    """The post behind a capacity: "Temporary Chief Constable" -> "Chief Constable"."""
    post = " ".join(capacity.split())
    while (shorter := _TEMPORARY.sub("", post)) != post:
        post = shorter
    return post
