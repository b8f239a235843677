"""Dates and times as people write them: understood, or refused with a sentence."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from assurance.forms.fields import ClockField, DayField, DayInput, read_day, read_time

FOURTH = dt.date(2020, 9, 4)


@pytest.mark.parametrize(
    "text",
    [
        "4/9/2020",
        "04/09/2020",
        "4.9.2020",
        "4-9-2020",
        "2020-09-04",
        "4 Sept 2020",
        "4 Sept. 2020",
        "4 sep 2020",
        "4 September 2020",
        "4th September 2020",
        "4th of September, 2020",
        "Friday 4 September 2020",
        "friday, 4 SEPTEMBER 2020",
        "  4   September\t2020 ",
    ],
)
def test_a_day_is_read_as_people_in_britain_write_it(text: str) -> None:
    assert read_day(text) == FOURTH


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4/9/20",
        "31/9/2020",
        "29 February 2025",
        "0/1/2020",
        "9/13/2020",
        "4 Septober 2020",
        "September 2020",
        "tomorrow",
        "4/9/2020 or so",
        "4/9/20200",
        "0000-01-01",
    ],
)
def test_a_day_is_never_guessed(text: str) -> None:
    assert read_day(text) is None


def test_the_month_stands_in_the_middle() -> None:
    assert read_day("3/9/2020") == dt.date(2020, 9, 3)


@given(st.dates(min_value=dt.date(1000, 1, 1)))
def test_every_day_is_read_back_from_its_three_spellings(day: dt.date) -> None:
    assert read_day(f"{day.day}/{day.month}/{day.year}") == day
    assert read_day(f"{day.day} {day:%b} {day.year}") == day
    assert read_day(f"{day.day} {day:%B} {day.year}") == day


@given(st.text())
def test_no_text_whatever_breaks_the_readers(text: str) -> None:
    read_day(text)
    read_time(text)


NEARLY = r"\d{1,4}[/.: -]\d{1,4}([/.: -]\d{1,4})?( ?[ap]m)?"


@given(st.from_regex(NEARLY, fullmatch=True))
def test_nearly_a_date_or_time_breaks_nothing(text: str) -> None:
    read_day(text)
    read_time(text)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("10:30", (10, 30)),
        ("10.30", (10, 30)),
        ("1030", (10, 30)),
        ("930", (9, 30)),
        ("10am", (10, 0)),
        ("10 am", (10, 0)),
        ("10:30 a.m.", (10, 30)),
        ("2pm", (14, 0)),
        ("2.15PM", (14, 15)),
        ("12am", (0, 0)),
        ("12pm", (12, 0)),
        ("12 noon", (12, 0)),
        ("noon", (12, 0)),
        ("Midday", (12, 0)),
        ("10:00hrs", (10, 0)),
        ("14h", (14, 0)),
        ("00:00", (0, 0)),
        ("23:59", (23, 59)),
    ],
)
def test_a_time_is_read_as_minutes_write_it(text: str, time: tuple[int, int]) -> None:
    assert read_time(text) == dt.time(*time)


@pytest.mark.parametrize(
    "text",
    ["", "10", "24:00", "10:60", "13pm", "0am", "10 noon", "12:30 noon", "10:3", "ten"],
)
def test_a_time_is_never_guessed(text: str) -> None:
    assert read_time(text) is None


@given(st.times().map(lambda time: time.replace(second=0, microsecond=0)))
def test_every_minute_of_the_day_is_read_back(time: dt.time) -> None:
    assert read_time(f"{time:%H:%M}") == time
    assert read_time(f"{time:%I:%M%p}") == time


def refusal(field: DayField | ClockField, value: str) -> str:
    with pytest.raises(ValidationError) as error:
        field.clean(value)
    return error.value.messages[0]


def test_a_date_that_is_none_is_refused_with_an_example() -> None:
    assert refusal(DayField(), "30 February 2025") == (
        "Enter a real date, like 4 September 2025"
    )


def test_a_slip_of_the_year_is_refused() -> None:
    assert refusal(DayField(), "4/9/0202") == "Enter a date between 1990 and 2100"
    assert refusal(DayField(), "4/9/2205") == "Enter a date between 1990 and 2100"


def test_a_time_that_is_none_is_refused_with_an_example() -> None:
    assert refusal(ClockField(), "25:00") == "Enter a time, like 10am or 14:30"


def test_an_optional_date_or_time_may_be_left_out() -> None:
    assert DayField(required=False).clean("") is None
    assert ClockField(required=False).clean("") is None


def test_a_date_is_shown_as_it_may_be_typed() -> None:
    assert DayInput().format_value(FOURTH) == "4/9/2020"
    assert DayInput().format_value("4 Sebt 2020") == "4 Sebt 2020"
    assert ClockField().prepare_value(dt.time(9, 5)) == "09:05"


def test_another_spelling_of_the_same_day_is_no_change() -> None:
    assert not DayField().has_changed(FOURTH, "4 September 2020")
    assert DayField().has_changed(FOURTH, "5 September 2020")
    assert DayField().has_changed(FOURTH, "nonsense")
    assert not ClockField().has_changed(dt.time(14), "2pm")
    assert ClockField().has_changed(dt.time(14), "nonsense")
