"""Days and times as documents of a meeting say them."""

import datetime as dt

from django.utils.formats import time_format

from assurance.calendar import day_in_words


def when(day: dt.date, start: dt.time | None, end: dt.time | None) -> str:
    """ "Wednesday 26 March 2025, 10am to 12 noon", as far as it is known."""
    words = f"{day:%A} {day_in_words(day)}"
    if start:
        words += f", {time_format(start)}"
        if end:
            words += f" to {time_format(end)}"
    return words
