"""A browser in words, as it names itself: "Firefox on Windows"."""

from functools import lru_cache

import ua_parser

_UNKNOWN = "A browser that does not say which"


@lru_cache(maxsize=1000)
def in_words(agent: str) -> str:
    """What is not known is shown as it came, cut short."""
    if not agent.strip():
        return _UNKNOWN
    found = ua_parser.parse(agent)
    browser = found.user_agent.family if found.user_agent else ""
    browser = browser.removeprefix("Mobile ")
    system = found.os.family if found.os else ""
    if browser and system:
        return f"{browser} on {system}"
    if browser or system:
        return browser or f"A browser on {system}"
    return agent if len(agent) <= 60 else f"{agent[:60]}…"
