"""What words say of when something is due: a table, and what holds for any text."""

import datetime as dt
import json
import re

import pytest
from django.conf import settings
from hypothesis import example, given
from hypothesis import strategies as st

from meetings.reader.phrases.due import DueReading, DueSense, read_due

# Said on, in the phrase "<what> <words>", and the day it comes to.
DAYS = r"""
2020-08-04 | in a month | 2020-09-04
2020-08-04 | in 1 month | 2020-09-04
2020-08-04 | in one month's time | 2020-09-04
2020-08-04 | in a months' time | 2020-09-04
2020-08-04 | in a month’s time | 2020-09-04
2020-08-04 | in two months | 2020-10-04
2022-11-23 | in 3 months | 2023-02-23
2020-08-04 | in six months time | 2021-02-04
2020-08-04 | in twelve months | 2021-08-04
2020-08-04 | in 18 months | 2022-02-04
2020-08-04 | in a year | 2021-08-04
2020-08-04 | in 2 years | 2022-08-04
2020-08-04 | in a week | 2020-08-11
2020-08-04 | in a week's time | 2020-08-11
2020-08-04 | in 6 weeks | 2020-09-15
2020-08-04 | in a fortnight | 2020-08-18
2020-08-04 | within a fortnight | 2020-08-18
2020-08-04 | in two fortnights | 2020-09-01
2020-08-04 | in 10 days | 2020-08-14
2020-08-04 | in 28 days' time | 2020-09-01
2020-08-04 | within 30 days | 2020-09-03
2020-08-04 | within twelve weeks | 2020-10-27
2020-08-04 | within the next two weeks | 2020-08-18
2020-08-04 | in the next 3 months | 2020-11-04
2020-08-04 | in the next month | 2020-09-04
2020-08-04 | within the next week | 2020-08-11
2020-08-04 | within the next year | 2021-08-04
2020-08-04 | within 2 weeks of today | 2020-08-18
2020-08-04 | 3 weeks from today | 2020-08-25
2020-08-04 | in a\n   month | 2020-09-04
2020-08-04 | IN A MONTH | 2020-09-04
2020-08-04 | to be resolved within 28 days | 2020-09-01
2020-08-04 | is to be written up and shared in 4 weeks | 2020-09-01
2025-01-31 | in a month | 2025-02-28
2024-01-31 | in a month | 2024-02-29
2025-01-30 | in one month | 2025-02-28
2025-03-31 | in a month | 2025-04-30
2025-08-31 | in 6 months | 2026-02-28
2023-08-31 | in six months | 2024-02-29
2024-02-29 | in a year | 2025-02-28
2024-02-29 | in 4 years | 2028-02-29
2025-12-31 | in 2 months | 2026-02-28
2025-12-15 | in a month | 2026-01-15
2025-12-31 | in a week | 2026-01-07
2025-11-30 | in 3 months | 2026-02-28
2024-02-28 | in two days | 2024-03-01
2025-02-28 | in two days | 2025-03-02
2025-06-02 | in 10 working days | 2025-06-16
2025-06-02 | within five working days | 2025-06-09
2025-06-06 | in 1 working day | 2025-06-09
2025-06-07 | in one working day | 2025-06-09
2025-06-02 | within 3 business days | 2025-06-05
2025-04-17 | in 1 working day | 2025-04-22
2025-04-17 | in 5 working days | 2025-04-28
2025-05-02 | within 1 working day | 2025-05-06
2025-05-23 | within two working days | 2025-05-28
2025-12-24 | in 1 working day | 2025-12-29
2025-12-23 | within 5 working days | 2026-01-02
2020-12-24 | in one working day | 2020-12-29
2020-05-07 | in 1 working day | 2020-05-11
2022-06-01 | in 1 working day | 2022-06-06
2020-08-04 | by end of August | 2020-08-31
2020-08-04 | by the end of June | 2021-06-30
2025-06-30 | by end of June | 2025-06-30
2025-07-01 | by end of June | 2026-06-30
2025-06-01 | by end June | 2025-06-30
2025-06-01 | by the end of June 2026 | 2026-06-30
2025-06-01 | before the end of Sept | 2025-09-30
2025-06-01 | no later than the end of June | 2025-06-30
2025-12-01 | by the end of Feb | 2026-02-28
2023-12-01 | by end of February | 2024-02-29
2025-06-01 | by the end of February 2024 | 2024-02-29
2025-06-01 | by the last day of June | 2025-06-30
2020-08-04 | by the end of the month | 2020-08-31
2020-08-31 | by the end of the month | 2020-08-31
2020-08-04 | by end of this month | 2020-08-31
2020-08-04 | by month end | 2020-08-31
2024-02-01 | by the end of the month | 2024-02-29
2020-08-04 | by the end of next month | 2020-09-30
2025-01-31 | by the end of next month | 2025-02-28
2025-12-31 | by end of next month | 2026-01-31
2020-08-04 | at the end of the year | 2020-12-31
2020-08-04 | by the end of next year | 2021-12-31
2020-08-04 | by end of the calendar year | 2020-12-31
2020-08-04 | by the end of 2021 | 2021-12-31
2025-06-01 | by the end of the financial year | 2026-03-31
2026-03-31 | by the end of the financial year | 2026-03-31
2026-04-01 | by the end of this financial year | 2027-03-31
2025-06-01 | by the end of next financial year | 2027-03-31
2025-06-01 | by end of 2025/26 | 2026-03-31
2025-06-01 | by the end of FY 2025-26 | 2026-03-31
2020-08-04 | by the end of the quarter | 2020-09-30
2025-01-01 | by the end of the quarter | 2025-03-31
2025-12-31 | by the end of the quarter | 2025-12-31
2025-11-30 | by the end of next quarter | 2026-03-31
2025-06-01 | by end of Q1 | 2025-06-30
2025-06-01 | by the end of Q2 | 2025-09-30
2025-06-01 | by the end of Q3 | 2025-12-31
2025-06-01 | by the end of Q4 | 2026-03-31
2025-07-01 | by end of Q1 | 2026-06-30
2026-02-01 | by end of Q4 | 2026-03-31
2025-06-01 | by end of Q3 2025 | 2025-12-31
2025-06-01 | by the end of Q4 2025/26 | 2026-03-31
2025-06-01 | by end of quarter 2 | 2025-09-30
2025-06-01 | by the end of the second quarter | 2025-09-30
2020-08-04 | by the end of the week | 2020-08-07
2020-08-07 | by end of the week | 2020-08-07
2020-08-04 | by the end of next week | 2020-08-14
2025-04-14 | by the end of the week | 2025-04-17
2025-12-22 | by the end of the week | 2025-12-24
2025-06-01 | by 30 June | 2025-06-30
2025-06-30 | by 30 June | 2025-06-30
2025-07-01 | by 30 June | 2026-06-30
2025-06-01 | by 30 June 2025 | 2025-06-30
2025-06-01 | by 30 June, 2026 | 2026-06-30
2025-06-01 | by 30 June 2024 | 2024-06-30
2025-06-01 | by 30 June ’26 | 2026-06-30
2025-06-01 | by 30th June | 2025-06-30
2020-08-04 | by 24 th September 2020 | 2020-09-24
2025-06-01 | by the 30th of June | 2025-06-30
2025-06-01 | by June 30 | 2025-06-30
2025-06-01 | by June 30th, 2026 | 2026-06-30
2025-06-01 | by 30 Sept. 2025 | 2025-09-30
2025-06-01 | by 1st Jan | 2026-01-01
2025-06-01 | by 30/06/2025 | 2025-06-30
2025-06-01 | by 3/4/2026 | 2026-04-03
2025-06-01 | by 30.06.25 | 2025-06-30
2025-06-01 | by 30-06-2025 | 2025-06-30
2025-06-01 | by 30/6 | 2025-06-30
2025-06-01 | by 2025-06-30 | 2025-06-30
2025-06-01 | on 30 June | 2025-06-30
2025-06-01 | on or before 30 June | 2025-06-30
2025-06-01 | no later than 30 June | 2025-06-30
2025-06-01 | by no later than 30 June | 2025-06-30
2025-06-01 | due 30 June | 2025-06-30
2025-06-01 | before 30 June | 2025-06-29
2025-06-01 | before 1 July 2025 | 2025-06-30
2025-06-01 | prior to 1 March | 2026-02-28
2025-06-01 | by 29 February | 2028-02-29
2024-02-29 | by 29 February | 2024-02-29
2025-12-31 | by 1 January | 2026-01-01
2025-06-01 | by Monday 30 June | 2025-06-30
2025-06-01 | by 9am on Monday, 30 June 2025 | 2025-06-30
2024-05-01 | by 9am on 13/05/2024 | 2024-05-13
2025-06-01 | by close of play on 30 June | 2025-06-30
2025-06-01 | at the next meeting on 30 June 2025 | 2025-06-30
2025-06-02 | by the 30th | 2025-06-30
2025-06-20 | by the 10th | 2025-07-10
2025-06-02 | by the 15th of next month | 2025-07-15
2020-08-04 | by Friday | 2020-08-07
2020-08-04 | by Monday | 2020-08-10
2020-08-04 | on Friday | 2020-08-07
2020-08-04 | before Friday | 2020-08-06
2020-08-04 | by Fri | 2020-08-07
2020-08-04 | by this Friday | 2020-08-07
2020-08-07 | by this Friday | 2020-08-07
2020-08-07 | by next Friday | 2020-08-14
2020-08-08 | by next Friday | 2020-08-14
2020-08-06 | by next Wednesday | 2020-08-12
2026-11-20 | by next Tuesday | 2026-11-24
2026-11-22 | by next Thursday | 2026-11-26
2026-11-16 | by Tuesday next week | 2026-11-24
2026-11-24 | by Tuesday next week | 2026-12-01
2026-11-22 | on Tuesday of next week | 2026-11-24
2026-11-18 | by end of Q1 2027/28 | 2027-06-30
2025-12-30 | by Friday | 2026-01-02
2020-08-04 | by close of play Friday | 2020-08-07
2020-08-04 | by COP on Friday | 2020-08-07
2020-08-04 | by noon on Friday | 2020-08-07
2020-08-04 | by 12 noon on Friday | 2020-08-07
2020-08-04 | by 5pm Friday | 2020-08-07
2020-08-04 | by the end of August or sooner | 2020-08-31
2020-08-04 | by tomorrow | 2020-08-05
2020-12-31 | by close of play tomorrow | 2021-01-01
2020-08-04 | by today | 2020-08-04
2020-08-04 | by the end of today | 2020-08-04
2020-08-04 | by end of day | 2020-08-04
2020-08-04 | by close of play | 2020-08-04
2020-08-04 | by COP | 2020-08-04
2020-08-04 | (end of August) | 2020-08-31
2020-08-04 | by 30 September, ASAP if possible | 2020-09-30
"""

# Said on 4 August 2020; what is named, for the next meeting nothing.
MEETINGS = """
next meeting | next_meeting
by next meeting | next_meeting
by the next meeting | next_meeting
at the next meeting | next_meeting
for the next meeting | next_meeting
to the next meeting | next_meeting
in time for the next meeting | next_meeting
at our next meeting | next_meeting
before the next meeting | next_meeting | before
ahead of the next meeting | next_meeting | before
at the following meeting | next_meeting
at next workforce meeting | named_meeting | workforce
at the next performance meeting | named_meeting | performance
at the next Mental Health meeting | named_meeting | Mental Health
at next Accountability Board | named_meeting | Accountability Board
for the next Accountability Board | named_meeting | Accountability Board
to the next scrutiny panel | named_meeting | scrutiny panel
before the next board | named_meeting | board | before
before the next Accountability Board | named_meeting | Accountability Board | before
at the next meeting of the People Board | named_meeting | People Board
at next HTA | named_meeting | HTA
at the November meeting | months_meeting | 2020-11
by the November meeting | months_meeting | 2020-11
at the August meeting | months_meeting | 2020-08
at the June meeting | months_meeting | 2021-06
at the November 2021 meeting | months_meeting | 2021-11
at the next November meeting | months_meeting | 2020-11
at the meeting in November | months_meeting | 2020-11
by the next meeting in November | months_meeting | 2020-11
at the November Board | months_meeting | 2020-11
before the November meeting | months_meeting | 2020-11 | before
at the November performance meeting | months_meeting | 2020-11 | performance
at next month's meeting | months_meeting | 2020-09
"""

NO_DATE = """
ASAP
asap
as soon as possible
as soon as practicable
at the earliest opportunity
ongoing
on an ongoing basis
immediately
with immediate effect
in due course
"""

# They speak of a due, and may mean two days or none: said on 4 August 2020, a Tuesday.
UNCLEAR = """
in a couple of weeks | number
within a few days | number
in the coming weeks | number
in several months | number
in 6-12 months | one number
in two or three weeks | one number
in a month and a half | one number
in a month or two | one number
in a week or so | one number
a week on Friday | week after
by w/c 10 August | names a week
by the next quarter | beginning or its end
by the end of October half term | more than that month
in about 3 weeks | exact
within the month | calendar
within 14 days of the inspection | another day
in 3 months from 1 January | another day
complaints resolved within 28 days | how long
by June | names a month
by June 2021 | names a month
by early September | names a month
by mid-September | names a month
by next week | beginning or its end
by next month | beginning or its end
by Q2 | beginning of that quarter
by Q1 2027/28 | beginning of that quarter
by Q1 of 2027-28 | beginning of that quarter
by quarter 3 27/28 | beginning of that quarter
by 2027/28 | beginning of that year
by FY 2027/28 | beginning of that year
by the end of Q4 2025 | financial year
by year end | December or of March
by the end of 2025/27 | follow
by Christmas | no day
by next Friday | this week or of next
by Tuesday | said on a Tuesday
by Friday week | week after
by Friday or Monday | more than one
by this Monday | passed
by 31 June | no such day
by 30 February | no such day
by 30 February 2021 | no such day
by 29 February 2021 | no such day
by 32 August | no such day
by 13/13/2020 | no such day
by the 31st of next month | no such day
by Friday 8 August | is a Saturday
by 3/4 | fraction
by 30 August or 1 September | more than one
by 30 September 21 | may be its year
before today | passed
before 4 August | has come
by Friday and then by 30 September | more than one
at the next meeting or by 30 September | more than one
at next week's meeting | names a week
"""

NOTHING = """
review figures for June
the strategy of 2025
an overview of last month
discuss it in a meeting
the plan for the National Culture Strategy 2025 – 2030
hopes to be compliant in November
to be clear on how many visits will be left in September
look at the figures of the last 3 months
share what was agreed at the meeting held on 30 June
send the letter dated on 3 May
reduce burglary by 30.6%
reduce burglary by 10
report on the 12 months to March 2025
the proportion of 999 calls
arrange next meeting
set the date of next meeting
support the leaders of tomorrow
review the ongoing investigations
check Years 2 and 3
meet once in a month
action plan
monitor it for 3 months
in 0 days
at future meetings
at the next two meetings
at the next few meetings
meet every Friday
brief the PCC on 30 June figures
review arrests on Friday nights
end the meeting
"""


def rows(table: str) -> list[list[str]]:
    return [
        [cell.strip().replace("\\n", "\n") for cell in line.split(" | ")]
        for line in table.strip().splitlines()
    ]


SAID = dt.date(2020, 8, 4)
ALL_PHRASES = [row[1] for row in rows(DAYS)] + [
    row[0] for table in (MEETINGS, NO_DATE, UNCLEAR, NOTHING) for row in rows(table)
]


def read(words: str, said_on: dt.date = SAID) -> DueReading:
    reading = read_due(f"DBS to share the plan {words}", said_on)
    assert reading is not None
    return reading


def test_the_table_is_long_enough() -> None:
    assert len(ALL_PHRASES) >= 250


@pytest.mark.parametrize(("said_on", "words", "day"), rows(DAYS))
def test_words_come_to_a_day(said_on: str, words: str, day: str) -> None:
    reading = read(words, dt.date.fromisoformat(said_on))
    assert (reading.sense, reading.on) == (DueSense.DATE, dt.date.fromisoformat(day))
    assert reading.words in words
    assert reading.is_understood


@pytest.mark.parametrize("row", rows(MEETINGS))
def test_words_name_a_meeting(row: list[str]) -> None:
    words, sense, *more = row
    if words == "next meeting":
        words = "- next meeting"
    reading = read(words)
    assert reading.sense == sense
    assert reading.before == ("before" in more)
    named = [cell for cell in more if cell != "before"]
    if reading.month:
        assert named.pop(0) == f"{reading.month:%Y-%m}"
        assert reading.month.day == 1
    assert reading.name == (named[0] if named else "")
    assert reading.words == words.removeprefix("- ")


@pytest.mark.parametrize("words", [row[0] for row in rows(NO_DATE)])
def test_words_say_that_there_is_no_date(words: str) -> None:
    reading = read(words)
    assert (reading.sense, reading.words) == (DueSense.NO_DATE, words)


@pytest.mark.parametrize("row", rows(UNCLEAR))
def test_words_that_may_mean_two_days_stay_unset(row: list[str]) -> None:
    reading = read_due(f"DBS to share the plan {row[0]}", SAID)
    assert reading is not None
    assert reading.sense == DueSense.UNCLEAR
    assert not reading.is_understood
    assert reading.on is None
    assert row[1] in reading.why


@pytest.mark.parametrize(
    "words",
    [
        "by Q1 2027/28",
        "by Q1 of 2027-28",
        "by quarter 3 27/28",
        "by 2027/28",
        "by end of Q1 2027/28",
    ],
)
def test_no_part_of_a_year_is_cut_off(words: str) -> None:
    assert read(words).words == words


@pytest.mark.parametrize(
    ("said_on", "words"),
    [
        # Monday to Thursday: that of this week, or of next week.
        ("2026-11-16", "by next Tuesday"),
        ("2026-11-18", "by next Friday"),
        ("2026-11-23", "on next Thursday"),
        # The week ends between them, but it is a matter of days.
        ("2026-11-20", "by next Monday"),
        ("2026-11-21", "by next Tuesday"),
        ("2026-11-22", "by next Tuesday"),
        ("2026-11-22", "by next Wednesday"),
    ],
)
def test_a_weekday_so_near_may_be_this_one_or_the_next(
    said_on: str, words: str
) -> None:
    reading = read_due(f"DBS to share it {words}", dt.date.fromisoformat(said_on))
    assert reading is not None
    assert (reading.sense, reading.words) == (DueSense.UNCLEAR, words)
    assert reading.why == "It may mean that of this week or of next week"


@pytest.mark.parametrize("words", [row[0] for row in rows(NOTHING)])
def test_words_that_speak_of_no_due_are_not_read(words: str) -> None:
    assert read_due(f"DBS to {words}", SAID) is None


def test_the_exact_words_are_kept_with_their_place() -> None:
    text = "DBS to share work plan with PCC in a month."
    reading = read_due(text, SAID)
    assert reading is not None
    assert (reading.words, reading.start, reading.end) == ("in a month", 32, 42)


def test_the_same_due_said_twice_is_one() -> None:
    reading = read("by Friday, that is by 7 August,")
    assert (reading.words, reading.on) == ("by 7 August", dt.date(2020, 8, 7))


def test_two_dues_are_both_named_and_none_is_chosen() -> None:
    assert read("by Friday, and the rest in a month").why == (
        "It speaks of more than one: “by Friday” and “in a month”"
    )


def test_what_follows_the_next_meeting_may_be_its_topic() -> None:
    reading = read("at the next meeting on workforce.")
    assert (reading.sense, reading.topic) == (DueSense.NEXT_MEETING, "workforce")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("in a month", "4 September 2020"),
        ("at next workforce meeting", "the next workforce meeting"),
        ("at next Accountability Board", "the next Accountability Board"),
        ("before the next meeting", "before the next meeting"),
        ("at the November meeting", "the meeting in November 2020"),
        ("ASAP", "no date"),
        ("by June", "It names a month, and no day"),
    ],
)
def test_what_was_understood_can_be_said(words: str, said: str) -> None:
    assert read(words).in_words() == said


# What holds for any text

days = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))
WORDS = (
    "by in at on the end of next June 30 31 2025 Friday Q2 month week meeting before "
    "within 5 working days , . / - 12/13 ’ 's two ASAP board November and or 999 "
    "\u00a0 ſept days 00 29 February"
)
pieces = st.one_of(
    st.sampled_from(ALL_PHRASES),
    st.sampled_from(WORDS.split(" ")),
    st.text(max_size=12),
)
texts = st.one_of(st.lists(pieces, max_size=12).map(" ".join), st.text(max_size=80))
PRINTS_A_YEAR = re.compile(r"[0-9]{4}|[’'/.-] ?[0-9]{2}")


@given(texts, days)
@example("in 999 years", dt.date(9990, 1, 1))
@example("by the end of next year", dt.date(9999, 12, 31))
@example("within 999 working days", dt.date(9999, 1, 1))
@example("by 29 February", dt.date(9997, 3, 1))
@example("by the end of the week", dt.date(9999, 12, 31))
@example("by tomorrow", dt.date(9999, 12, 31))
@example("before today", dt.date(1, 1, 1))
def test_no_text_is_too_strange(text: str, said_on: dt.date) -> None:
    reading = read_due(text, said_on)
    assert reading == read_due(text, said_on)
    if reading is None:
        return
    assert reading.words
    assert text[reading.start : reading.end] == reading.words
    assert reading.in_words()
    assert (reading.on is not None) == (reading.sense == DueSense.DATE)
    assert bool(reading.why) == (reading.sense == DueSense.UNCLEAR)
    if reading.on and not PRINTS_A_YEAR.search(reading.words):
        assert reading.on >= said_on


@given(st.sampled_from(ALL_PHRASES), days)
def test_what_stands_around_the_words_does_not_matter(
    words: str, said_on: dt.date
) -> None:
    alone = read_due(f"RM to tell us {words}", said_on)
    inside = read_due(f"The force will, so RM to tell us {words}. Thank you", said_on)
    assert (alone and alone._meaning()) == (inside and inside._meaning())


MINUTES = settings.BASE_DIR.parent / "shared" / "minutes"
TRUTHS = sorted(MINUTES.rglob("*.json"))


@pytest.mark.skipif(not TRUTHS, reason=f"no minutes to read in {MINUTES}")
def test_dues_are_read_as_hand_made_truth_has_them() -> None:
    """Every action of the sample minutes that are minutes, not trackers."""
    read_right = 0
    for path in TRUTHS:
        raw = json.loads(path.read_text())
        truth = raw.get("truth", raw)
        if truth.get("kind") == "tracker table":
            continue
        said_on = dt.date.fromisoformat(truth.get("date") or truth["meeting"]["date"])
        for action in truth["actions"]:
            reading = read_due(action["text"], said_on)
            assert (reading and reading.words) == action.get("due_text")
            if day := action.get("due_resolved"):
                assert reading
                assert reading.on == dt.date.fromisoformat(day)
            read_right += 1
    assert read_right >= 16


def test_when_it_may_begin_is_no_due() -> None:
    assert read_due("Force to publish, not before 10 January", SAID) is None
