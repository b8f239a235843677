"""Days in words, and working days in England and Wales."""

import datetime as dt
from functools import cache

from django.utils import timezone
from govuk_bank_holidays.bank_holidays import BankHolidays


@cache
def _bank_holidays() -> frozenset[dt.date]:
    """The dates the library ships, 2012 to 2028, without asking the network.

    Outside them only weekends count.
    """
    holidays = BankHolidays(use_cached_holidays=True)
    return frozenset(
        holiday["date"]
        for holiday in holidays.get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    )


def day_in_words(day: dt.date) -> str:
    """ "4 September 2020", as everything here writes it."""
    return f"{day.day} {day:%B %Y}"


def moment_in_words(at: dt.datetime) -> str:
    """ "9am on Friday 23 May 2025", as a deadline is said."""
    local = timezone.localtime(at)
    minutes = f":{local.minute:02d}" if local.minute else ""
    half = "am" if local.hour < 12 else "pm"
    day = day_in_words(local.date())
    return f"{local.hour % 12 or 12}{minutes}{half} on {local:%A} {day}"


def is_working_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in _bank_holidays()


def on_or_before_working_day(day: dt.date) -> dt.date:
    """This day, or the working day before it when it is none."""
    while not is_working_day(day):
        day -= dt.timedelta(days=1)
    return day


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The working day this many working days after a day, itself not counted."""
    while count > 0:
        day += dt.timedelta(days=1)
        count -= is_working_day(day)
    return day
