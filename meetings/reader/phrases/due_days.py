"""Days that words of a calendar come to. All is worked out; nothing is looked up."""

import datetime as dt

from dateutil.relativedelta import relativedelta

from assurance.calendar import is_working_day

MONTHS = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_ONES = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
NUMBERS = {word: number for number, word in enumerate(_ONES, start=1)} | {
    "a": 1,
    "an": 1,
    "fourteen": 14,
    "fifteen": 15,
    "eighteen": 18,
    "twenty": 20,
    "thirty": 30,
    "sixty": 60,
    "ninety": 90,
}
# A day less far away than this may be "this Tuesday" and "next Tuesday" as well.
NEAR = dt.timedelta(days=4)
_FIRST_MONTH_OF_FINANCIAL_YEAR = 4


def month_number(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1


def weekday_number(name: str) -> int:
    return WEEKDAYS.index(name[:3].lower())


def number(words: str) -> int:
    return NUMBERS.get(words.lower()) or int(words)


def last_of_month(day: dt.date) -> dt.date:
    return day + relativedelta(day=31)


def next_month_called(month: int, said_on: dt.date) -> dt.date:
    """The first day of the next such month that is not over; this one counts."""
    first = said_on.replace(month=month, day=1)
    return first if last_of_month(first) >= said_on else first + relativedelta(years=1)


def next_day_called(day: int, month: int, said_on: dt.date) -> dt.date:
    """The next such day on or after ``said_on``; ValueError when there never is one.

    29 February is that of the next leap year.
    """
    dt.date(2000, month, day)  # a leap year: 30 February is refused here
    for year in range(said_on.year, said_on.year + 9):
        if (day, month) == (29, 2) and not _is_leap(year):
            continue
        found = dt.date(year, month, day)
        if found >= said_on:
            return found
    raise ValueError("no such day")


def _is_leap(year: int) -> bool:
    return (dt.date(year, 3, 1) - dt.timedelta(days=1)).day == 29


def coming_weekday(weekday: int, said_on: dt.date) -> dt.date:
    """The first such weekday after ``said_on``, which itself does not count."""
    return said_on + dt.timedelta(days=(weekday - said_on.weekday() - 1) % 7 + 1)


def last_working_day_of_week(day: dt.date) -> dt.date | None:
    """Of the week, Monday to Sunday, that a day is in; None when it has no such."""
    monday = day - dt.timedelta(days=day.weekday())
    week = [monday + dt.timedelta(days=n) for n in range(7)]
    return max(filter(is_working_day, week), default=None)


def end_of_quarter(day: dt.date) -> dt.date:
    """Of the quarter a day is in: financial and calendar quarters end together."""
    return last_of_month(day + relativedelta(months=(3 - day.month) % 3, day=1))


def end_of_financial_year(day: dt.date) -> dt.date:
    """31 March: English public bodies count from April to March."""
    year = day.year + (day.month >= _FIRST_MONTH_OF_FINANCIAL_YEAR)
    return dt.date(year, _FIRST_MONTH_OF_FINANCIAL_YEAR - 1, 31)


def end_of_financial_quarter(quarter: int, first_year: int) -> dt.date:
    """Q1 of the financial year 2025/26, whose first year is 2025, ends 30 June 2025."""
    return last_of_month(
        dt.date(first_year, 6, 1) + relativedelta(months=3 * (quarter - 1))
    )


def next_financial_quarter(quarter: int, said_on: dt.date) -> dt.date:
    """The end of the next such quarter that is not over."""
    first_year = end_of_financial_year(said_on).year - 1
    end = end_of_financial_quarter(quarter, first_year)
    return end if end >= said_on else end_of_financial_quarter(quarter, first_year + 1)
