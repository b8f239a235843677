"""The day on which the tests run: one, from the first test to the last.

Many say what is due today or in a week, and count that from the day when their file is
loaded: a run that passed midnight would be of two days, and one in a summer's last hour
of a day of two as well, for London is an hour ahead. So it is noon when the tests
begin, of this day or of DAY_OF_TESTS (``2028-02-29``). Programs that tests start go by
the machine's clock.
"""

import datetime as dt
import os
from zoneinfo import ZoneInfo

import time_machine

OFFICE = ZoneInfo("Europe/London")


def at_noon() -> time_machine.travel:
    """Of the same day in every process of a run."""
    today = dt.datetime.now(OFFICE).date().isoformat()
    day = dt.date.fromisoformat(os.environ.setdefault("DAY_OF_TESTS", today))
    noon = dt.datetime.combine(day, dt.time(12), OFFICE)
    return time_machine.travel(noon.astimezone(dt.UTC), tick=True)
