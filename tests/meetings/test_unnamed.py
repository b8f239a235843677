"""Whoever is shown by post only is not named by another form of their name."""

from dataclasses import replace
from typing import Any

import pytest

from meetings.record import Seat
from tests.meetings.records import item, record_of, said
from tests.meetings.records import publish as made_public

RACHEL = Seat(
    "Rachel Hartland-Lane",
    "Director",
    abbreviation="RHL",
    organisation_short="OPCC",
    named_publicly=False,
)
SAM = Seat("Sam John May", "Clerk", organisation_short="OPCC", named_publicly=False)


def notes_of(text: str, *seats: Seat) -> str:
    (one,) = made_public(record_of(item(notes=text), seats=seats)).record.items
    return one.notes


def doubts_of(text: str, *seats: Seat) -> list[str]:
    found = made_public(record_of(item(notes=text), seats=seats))
    return [one.sentence for one in found.doubts]


WILL = Seat("Will Grant", "Chief Officer", named_publicly=False)
TOM = Seat("Tom Ax", "Chief Officer", named_publicly=False)


@pytest.mark.parametrize(
    "named",
    [
        "Rachel Hartland-Lane",
        "RACHEL HARTLAND-LANE",
        "Rachel\nHartland\u2011Lane",
        "Ms Rachel Hartland-Lane",
        "Hartland-Lane, Rachel",
        "HARTLAND-LANE Rachel",
    ],
)
def test_a_full_name_in_either_order_gives_way_to_the_post(named: str) -> None:
    text = f"Then {named} spoke; {named}’s paper."
    assert notes_of(text, RACHEL) == "Then [Director] spoke; [Director]’s paper."
    assert doubts_of(text, RACHEL) == []


@pytest.mark.parametrize("named", ["S. J. May", "S.J. MAY", "Mr S. J. May"])
def test_all_of_several_initials_with_the_surname_give_way_to_the_post(
    named: str,
) -> None:
    text = f"{named} may speak in May 2025, on 30 May."
    assert notes_of(text, SAM) == "[Clerk] may speak in May 2025, on 30 May."
    assert doubts_of(text, SAM) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It was May who asked", "May"),
        ("So Sam agreed", "Sam"),
        ("SJM to lead", "SJM"),
        ("S.J.M to lead", "S.J.M"),
        ("Mr May of the residents asked", "Mr May"),
        ("mr may asked", "mr may"),
        ("Miss S. May asked", "Miss S. May"),
        ("S May asked", "S May"),
        ("Appendix S. May asked", "S. May"),
        ("SJ MAY asked", "SJ MAY"),
        ("SMay asked", "SMay"),
        ("In May, Sam John asked", "May, Sam John"),
        ("then sam john may ask", "sam john may"),
    ],
)
def test_what_may_be_somebody_or_a_word_stays_and_is_doubted_where_it_stands(
    text: str, words: str
) -> None:
    assert notes_of(text, SAM) == text
    assert doubts_of(text, SAM) == [
        f"“{words}” in “{text}” may name Sam John May, Clerk, who is shown by post only"
    ]


@pytest.mark.parametrize(
    "named",
    [
        *("Ms Hartland-Lane", "Dr. Hartland\u2011Lane", "Councillor R Hartland-Lane"),
        *("R Hartland-Lane", "R.Hartland-Lane", "Hartland-Lane", "RHL", "R.H.L"),
    ],
)
def test_a_name_that_is_hardly_a_word_is_doubted_short_of_the_full_name(
    named: str,
) -> None:
    text = f"Then {named} spoke"
    assert notes_of(text, RACHEL) == text
    (doubt,) = doubts_of(text, RACHEL)
    assert doubt.startswith(f"“{named}” in")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("AM", "The meeting begins at 10 AM."),
        ("IT", "The IT budget"),
        ("NHS", "The NHS asked"),
        ("MASH", "The MASH met"),
    ],
)
def test_an_abbreviation_may_be_a_word_and_is_doubted(code: str, text: str) -> None:
    seat = replace(RACHEL, abbreviation=code)
    assert notes_of(text, seat) == text
    (doubt,) = doubts_of(text, seat)
    assert doubt.startswith(f"“{code}” in “{text}” may name Rachel Hartland-Lane")


@pytest.mark.parametrize(
    "text", ["COUNCIL TAX", "They agreed the Council TAX and a tax."]
)
def test_an_initial_and_a_surname_in_one_word_of_capitals_are_a_word(text: str) -> None:
    assert notes_of(text, TOM) == text
    assert doubts_of(text, TOM) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The commissioner will grant money", "will grant"),
        ("A grant will follow", "grant will"),
    ],
)
def test_a_full_name_in_small_letters_may_be_words_and_is_doubted(
    text: str, words: str
) -> None:
    assert notes_of(text, WILL) == text
    assert [doubt.split(" in ")[0] for doubt in doubts_of(text, WILL)] == [f"“{words}”"]


def test_a_name_of_one_word_is_doubted() -> None:
    seat = replace(WILL, name="Grace")
    assert notes_of("A period of grace; Grace", seat) == "A period of grace; Grace"
    (doubt,) = doubts_of("A period of grace; GRACE", seat)
    assert doubt.startswith("“GRACE”")


def test_a_name_that_somebody_named_has_too_is_doubted() -> None:
    other = Seat("Will Grant", "Chair")
    assert notes_of("Will Grant asked", WILL, other) == "Will Grant asked"
    _in_the_list, in_the_notes = doubts_of("Will Grant asked", WILL, other)
    assert "in “Will Grant asked” may name Will Grant, Chief Officer" in in_the_notes


def test_a_doubt_says_everybody_whom_it_may_mean() -> None:
    other = replace(WILL, name="Ann Grant", capacity="Analyst")
    (doubt,) = doubts_of("Then Grant asked", WILL, other)
    assert "may name Will Grant, Chief Officer or Ann Grant, Analyst" in doubt


def test_a_surname_of_somebody_named_as_well_is_doubted_with_a_title_too() -> None:
    other = Seat("Ann May", "Chair")
    text = "Ann May thanked Mr May."
    assert notes_of(text, SAM, other) == text
    (doubt,) = doubts_of(text, SAM, other)
    assert doubt.startswith("“Mr May” in “Ann May thanked Mr May.”")


def test_two_of_one_surname_give_way_to_no_post_of_the_other() -> None:
    other = replace(SAM, name="Sue Jo May", capacity="Analyst")
    text = "S. J. May and Sue Jo May spoke"
    assert notes_of(text, SAM, other) == "[name not published] and [Analyst] spoke"


@pytest.mark.parametrize(
    ("code", "seats"),
    [
        (
            "DBS",
            (
                replace(
                    RACHEL, abbreviation="DBS", capacity="Director of Business Services"
                ),
            ),
        ),
        ("OPCC", (replace(RACHEL, abbreviation="OPCC"),)),
    ],
)
def test_the_code_of_a_post_or_of_an_organisation_names_nobody(
    code: str, seats: Any
) -> None:
    assert notes_of(f"{code} to share", *seats) == f"{code} to share"
    assert doubts_of(f"{code} to share", *seats) == []


def test_an_abbreviation_that_somebody_named_has_too_is_doubted() -> None:
    other = Seat("Rob Hall", "Chair", abbreviation="RHL")
    assert notes_of("RHL to share", RACHEL, other) == "RHL to share"
    assert len(doubts_of("RHL to share", RACHEL, other)) == 1


def test_a_doubt_quotes_each_place_and_not_the_whole_text() -> None:
    text = "x " * 100 + "May first" + " y" * 100 + " and May again" + " z" * 100
    first, second = doubts_of(text, SAM)
    assert "x x May first y" in first
    assert "and May again z" in second
    assert max(map(len, (first, second))) < 200


def test_a_place_that_reads_otherwise_than_before_is_another_doubt() -> None:
    def keys_of(text: str) -> list[str]:
        found = made_public(record_of(item(notes=text), seats=(SAM,)))
        return [one.key for one in found.doubts]

    lines = [f"Then it was {n} and so on till the end: May left.\n" for n in "abcdef"]
    before, after = keys_of("".join(lines)), keys_of("".join([*lines, "May went."]))
    assert len(set(before)) == 6
    assert before[:5] == after[:5]
    assert before[5] not in after


def test_places_that_read_alike_are_one_doubt_that_says_how_many() -> None:
    (doubt,) = doubts_of(("x " * 40 + "May went." + " y" * 40 + "\n") * 3, SAM)
    assert "(3 times) may name" in doubt


@pytest.mark.parametrize("name", ["-", "* *", "A -", "- B", "(", "( x", "\\ d", ". ."])
def test_what_is_hardly_a_name_is_looked_for_without_harm(name: str) -> None:
    seat = replace(RACHEL, name=name, abbreviation="")
    assert "Words" in said(
        made_public(record_of(item(notes="Words"), seats=(seat,))).record
    )
