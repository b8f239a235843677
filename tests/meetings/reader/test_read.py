"""What is taken for a fact, an action, damage, and what is not; for any text at all."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from meetings.reader.files.kinds import source_of
from meetings.reader.minutes import ReadMinutes
from meetings.reader.phrases.due_phrases import DueSense
from meetings.reader.read import read_minutes
from meetings.reader.source import Line, Source, lines_of

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.txt"))
HEAD = "Monthly Assurance Meeting\nDate: 4 August 2020\nChair: Ann Poole\n\n"


def read(text: str) -> ReadMinutes:
    return read_minutes(Source(lines_of(text)))


# Actions


@pytest.mark.parametrize(
    "line",
    [
        "ACTION: DBS to share the work plan",
        "ACTION- DBS to share the work plan",
        "Action – DBS to share the work plan",
        "• Action: DBS to share the work plan",
        "ACTION DBS to share the work plan",
        "ACTION POINT: DBS to share the work plan",
        "Action 3: DBS to share the work plan",
        "Action 3. DBS to share the work plan",
        "AP3: DBS to share the work plan",
        "Agreed action 24/04a: DBS to share the work plan",
        "[ACTION 2: DBS to share the work plan]",
        "The paper was noted by all. ACTION: DBS to share the work plan",
        "Cam gweithredu / Action: DBS to share the work plan",
    ],
)
def test_each_form_of_the_mark_makes_an_action(line):
    (action,) = read(f"{HEAD}1. Plans\n\nThe plan was discussed.\n\n{line}\n").actions
    assert action.text == "DBS to share the work plan"
    assert action.owner == "DBS"


@pytest.mark.parametrize(
    "line",
    [
        "Positive action resource can look at recruitment.",
        "They are placed on action plans and set up to fail.",
        "Action Fraud cases are left out of this count.",
        "ACTION FRAUD and the banks were asked for figures.",
        "ACTION",
        "Review of Action Tracker",
        "Action Notes and Decision Record",
        "Action on offender visits is to be settled soon.",
        "ACTION: None",
        "Action – N/A",
        "Actions: no actions arose",
        "ACTION TAKEN: CC wrote a letter.",
        "ACTION BY: 4 May",
        "ACTION: TBC",
        "ACTION: see above",
        "Action – none recorded",
        "ACTIONS ARISING: nil return",
        "No actions were agreed by the board. ACTION: None.",
        "Swift action was taken in each case.",
        "This was a call to action: the force agreed.",
        "A 'tick box' set of actions was spoken of.",
        "All actions within the tracker were for an update later.",
    ],
)
def test_the_word_alone_makes_no_action(line):
    assert not read(f"{HEAD}1. Plans\n\nThe plan was discussed.\n\n{line}\n").actions


def test_who_acts_may_stand_below_what_is_to_be_done():
    minutes = read(
        f"{HEAD}1. Plans\n\nThe plan was discussed. A summary is to be written.\n\n"
        "Action: AK\n"
    )
    (action,) = minutes.actions
    assert (action.text, action.owner) == ("A summary is to be written.", "AK")
    assert minutes.items[0].notes == "The plan was discussed.\n\n[[action #1]]"


def test_what_is_to_be_done_is_doubtful_where_only_who_acts_is_marked():
    text = f"{HEAD}1. Plans\n\nA summary is to be written.\n\nAction: AK\n"
    assert "who acts below it" in read(text).actions[0].doubt


@pytest.mark.parametrize(
    ("status", "is_closed"), [("carried forward", False), ("closed", True)]
)
def test_a_status_in_brackets_is_no_owner(status, is_closed):
    text = f"{HEAD}1. Plans\n\nACTION ({status}): DBS to share the plan.\n"
    (action,) = read(text).actions
    assert (action.earlier, action.is_closed, action.owner) == (True, is_closed, "DBS")


def test_a_table_of_actions_has_no_headings_in_it():
    minutes = read(
        "Board\n4 August 2020\n\nPresent: Ann Poole (AP), Bob Hill (BH)\n"
        "Ref\tAction\tOwner\tDeadline\tStatus\n"
        "1\tShare the plan with all\tAP\t1 May 2020\tOpen\n"
        "2\tSell the cars and the vans\tBH\t1 May 2020\tClosed\n"
    )
    assert not minutes.items
    assert [(a.reference, a.earlier) for a in minutes.actions] == [
        ("1", True),
        ("2", True),
    ]


def test_a_due_without_a_year_that_has_just_passed_is_doubtful():
    text = f"{HEAD}1. Plans\n\nACTION: DBS to share the plan by 30 July.\n"
    (action,) = read(text).actions
    assert action.due_on.isoformat() == "2021-07-30"
    assert "year" in action.doubt


def test_who_acts_may_stand_in_the_column_of_actions():
    minutes = read(
        f"{HEAD}No.\tITEM\tACTION\n1.\tESTATES\n1.1\tThe lift was discussed.\n"
        "1.2\tDate for the repair to be confirmed.\tOT\n"
    )
    (action,) = minutes.actions
    assert (action.text, action.owner) == ("Date for the repair to be confirmed.", "OT")


def test_a_summary_gives_a_second_wording_and_no_second_action():
    (action,) = read(
        f"{HEAD}1. Plans\n\n"
        "ACTION: Force to examine the reports of low-level crime.\n\n"
        "2. Summary of actions\n\n"
        "ACTION: Force to examine the reports of lower-level crime.\n"
    ).actions
    assert action.text == "Force to examine the reports of low-level crime."
    assert (
        action.alternative_text == "Force to examine the reports of lower-level crime."
    )
    assert (action.line, action.alternative_line) == (7, 11)


def test_an_action_only_in_the_summary_is_doubtful():
    actions = read(
        f"{HEAD}1. Plans\n\nACTION: Force to examine the reports.\n\n"
        "2. Summary of actions\n\nACTION: Treasurer to sell both vans by Friday.\n"
    ).actions
    assert [action.doubt for action in actions] == [
        "",
        "Only the summary of actions names it.",
    ]


def test_actions_of_earlier_meetings_are_marked_as_such():
    minutes = read(
        f"{HEAD}1. Actions from the last meeting\n\n"
        "Action 12/19 – closed. The letter was sent.\n"
        "ACTION regarding the comms plan carried forward to the next meeting.\n"
        "23/34 Benchmarking of audit days waits for replies. OPEN\n\n"
        "ACTION: Clerk to ask again.\n"
    )
    assert [(a.earlier, a.is_closed, a.reference) for a in minutes.actions] == [
        (True, True, "12/19"),
        (True, False, ""),
        (True, False, "23/34"),
        (False, False, ""),
    ]
    assert "[[action #4]]" in minutes.items[0].notes


def test_two_dues_in_one_passage_are_doubtful():
    (action,) = read(
        f"{HEAD}1. Plans\n\nThe DBS said that there will be a plan by the end of the "
        "month. ACTION: DBS to share it in a month.\n"
    ).actions
    assert (action.due_text, action.due_kind) == ("in a month", DueSense.DATE)
    assert action.due_on.isoformat() == "2020-09-04"
    assert "by the end of the month" in action.doubt


def test_without_a_date_of_the_meeting_no_due_is_worked_out():
    (action,) = read("1. Plans\n\nACTION: DBS to share the plan in a month.\n").actions
    assert action.due_on is None


# Facts


@pytest.mark.parametrize(
    ("lines", "date", "is_doubtful"),
    [
        ("Date: 12/03/2024", "2024-03-12", False),
        ("Held on the 3rd of May 2022", "2022-05-03", False),
        ("Weds 6 Sept 2023, 1400hrs", "2023-09-06", False),
        ("Notes August 2020\nDate: Tuesday 4th August", "2020-08-04", False),
        ("Notes of 2020\nDate: 4th August", "2020-08-04", True),
        ("Date: Monday 4th August 2020", "2020-08-04", True),
        ("Quarter 4 – 2023/24\nDate: Monday 20th May", "2024-05-20", False),
        ("Date: l9 November 20l5", "2015-11-19", True),
    ],
)
def test_a_date_is_read_and_what_is_odd_about_it_is_said(lines, date, is_doubtful):
    day = read(f"Board\n{lines}\n\n1. Plans\n\nNoted.\n").facts.date
    assert day.value.isoformat() == date
    assert bool(day.doubt) == is_doubtful


@pytest.mark.parametrize("lines", ["Date: 4th August", "Date: Monday 31 February 2020"])
def test_a_date_that_is_not_known_stays_unset(lines):
    assert read(f"Board\n{lines}\n\n1. Plans\n\nNoted.\n").facts.date is None


@pytest.mark.parametrize(
    "line",
    [
        "Date of birth: 3 May 1980",
        "Printed 7 July 2020",
        "Draft as at 3 May 2019",
        "Agenda issued 3 May 2019",
        "Minutes of the meeting held on 3 May 2019 approved",
    ],
)
def test_a_day_of_something_else_is_not_that_of_the_meeting(line):
    assert read(f"Board\n{line}\n\n1. Plans\n\nNoted.\n").facts.date is None


def test_a_day_that_is_not_said_to_be_that_of_the_meeting_is_doubtful():
    day = read("Cases\nLetters of 3 May 2019\n\n1. Plans\n\nNoted.\n").facts.date
    assert day.doubt


def test_dates_of_other_meetings_are_not_that_of_this_one():
    text = "Board\nMinutes of the previous meeting, 3 May 2022\n\n1. Plans\n\nNoted.\n"
    assert read(text).facts.date is None


def test_who_took_the_minutes_and_is_in_no_list_is_not_listed():
    minutes = read(
        "Board\nDate: 4 August 2020\nMinutes: Joan Cole, Clerk, OPCC\n\n"
        "Present:\nAnn Poole (PCC) – Police and Crime Commissioner\n\n"
        "1. Plans\n\nNoted.\n"
    )
    there, taker = minutes.attendees
    assert (there.abbreviation, there.listed) == ("PCC", True)
    assert (
        taker.name,
        taker.capacity,
        taker.organisation,
        taker.role,
        taker.listed,
    ) == (
        "Joan Cole",
        "Clerk",
        "OPCC",
        "minute_taker",
        False,
    )


def test_a_second_list_without_a_heading_is_doubtful():
    people = read(
        "Board\n4 August 2020\n\nAnn Poole (AP) – Chair\nBob Hill (BH) – Treasurer\n\n"
        "Cy Reed (CR) – Clerk\n\nRef 01/04/08/2020\n\nAttendance\n\nAs above.\n"
    ).attendees
    assert [bool(person.doubt) for person in people] == [False, False, True]


def test_marks_that_an_old_text_happens_to_hold_are_none():
    minutes = read(
        f"{HEAD}1. Plans\n\nHe wrote [[withhold s40]] and [[action 2020/01]].\n"
    )
    assert "[[" not in minutes.items[0].notes


# Damage


PASSAGE = (
    "The treasurer spoke of the budget for the coming year and its risks. "
    "Nobody asked for more money than had been set aside in March. "
    "The board thanked her for the clear paper that she had written."
)


def test_a_passage_that_a_scanner_repeats_is_left_out_with_a_warning():
    minutes = read(f"{HEAD}1. Budget\n\n{PASSAGE}\n\n{PASSAGE} It was late.\n")
    assert minutes.items[0].notes.count("The treasurer spoke") == 1
    assert "It was late." in minutes.items[0].notes
    assert [(w.line, "repeats" in w.message) for w in minutes.warnings] == [(9, True)]


def test_page_numbers_and_running_heads_do_not_break_a_sentence():
    minutes = read(
        f"{HEAD}1. Budget\n\nThe treasurer spoke of the budget for the coming\n\n"
        "OFFICIAL\nPage 1 of 2\nMonthly Assurance Meeting\n\nyear and its risks.\n"
    )
    assert minutes.items[0].notes == (
        "The treasurer spoke of the budget for the coming year and its risks."
    )
    assert {w.line for w in minutes.warnings} == {10, 11}


def test_a_margin_that_was_cut_off_is_said():
    text = f"{HEAD}1.\tBudget\nidentifi promo to\tCC said that areas {'x ' * 40}"
    assert "margin" in read(text).warnings[0].message


# Headings


def test_numbered_sentences_are_no_headings():
    minutes = read(
        f"{HEAD}1. Apologies\n\n1.1 There were none.\n\n"
        "2. Budget\n\n2.1 It was noted.\n"
    )
    assert [item.heading for item in minutes.items] == ["Apologies", "Budget"]


def test_a_list_in_the_notes_numbers_no_items():
    minutes = read(
        f"{HEAD}1. Apologies\n\nNone.\n\n2. Budget\n\nIt has three parts:\n"
        "1. Pay\n2. Cars\n3. Rent\n\n3. Estates\n\nNoted.\n"
    )
    assert [item.heading for item in minutes.items] == [
        "Apologies",
        "Budget",
        "Estates",
    ]


def test_headings_that_the_file_marks_are_taken():
    lines = (
        Line(1, "Board", heading=1),
        Line(2, "4 August 2020"),
        Line(3, "What we did last summer", heading=2),
        Line(4, "We did a lot and wrote it down."),
        Line(5, "Money", heading=2),
        Line(6, "Rent", heading=3),
        Line(7, "The rent was paid by the office."),
    )
    items = read_minutes(Source(lines)).items
    assert [(item.heading, item.depth) for item in items] == [
        ("What we did last summer", 0),
        ("Money", 0),
        ("Rent", 1),
    ]


def test_assurance_and_decisions_are_kept_with_their_item():
    first, second = read(
        f"{HEAD}1. Custody\n\nThe PCC was assured that cells are checked.\n\n"
        "DECISION – Not supported.\n\n2. Fraud\n\nThe PCC was not assured.\n"
    ).items
    assert (first.assurance, second.assurance) == ("assured", "not_assured")
    assert [decision.value for decision in first.decisions] == ["Not supported."]


# Any text


WORDS = st.sampled_from(
    [
        *(
            "ACTION:",
            "Action",
            "–",
            "1.",
            "2.1",
            "Ref 03/20/04/2022",
            "Date:",
            "Chair:",
        ),
        *(
            "Present:",
            "Apologies",
            "\t",
            "|",
            "•",
            "(",
            ")",
            "[[",
            "]]",
            "Owner",
            "Due",
        ),
        *("31 February 2020", "10am", "99pm", "next meeting", "Summary of actions"),
        *("PCC", "T/CC", "Ann Poole", ">", "#", "===", "l9", "²", "Ⅳ", "٣"),
        *("\u200b", "\xa0"),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=400),
    st.lists(st.lists(WORDS, max_size=8).map(" ".join), max_size=30).map("\n".join),
)


@given(TEXTS)
@example("")
@example("(" * 3000)
@example("A" * 20_000)
@settings(max_examples=150)
def test_any_text_gives_a_result_whose_lines_are_those_of_the_text(text):
    minutes = read(text)
    count = len(minutes.lines)
    assert minutes.lines == tuple(text.split("\n"))
    facts = minutes.facts
    numbers = [
        *(fact.line for fact in (facts.title, facts.date, facts.start) if fact),
        *(person.line for person in minutes.attendees),
        *(item.line for item in minutes.items),
        *(action.line for action in minutes.actions),
        *(warning.line for warning in minutes.warnings),
    ]
    assert all(0 < number <= count for number in numbers)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "changed",
    [
        lambda text: re.sub(r"\n", "  \n", text),
        lambda text: re.sub(r"\n\n", "\n\n\n\n", text),
        lambda text: re.sub(r"\n\n", "\n \n\t\n", text),
        lambda text: f"\n\n{text}\n\n\n",
    ],
    ids=["blanks at the ends", "more blank lines", "blanks in them", "around"],
)
def test_reading_is_the_same_whatever_blanks_surround_the_lines(path, changed):
    text = path.read_text("utf-8").rstrip("\n")
    assert without_lines(read(changed(text))) == without_lines(read(text))


@given(st.sampled_from(SAMPLES), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_line_endings_of_any_system_read_the_same(path, random):
    text = path.read_text("utf-8")
    ends = [random.choice(["\n", "\r\n"]) for _ in text.split("\n")]
    mixed = "".join(
        line + end for line, end in zip(text.split("\n"), ends, strict=True)
    )
    one = read_minutes(source_of(mixed.encode(), "minutes.txt"))
    other = read_minutes(source_of(text.encode(), "minutes.txt"))
    assert without_lines(one) == without_lines(other)


def without_lines(minutes: ReadMinutes) -> ReadMinutes:
    """The same, with no trace of which line it stood on."""
    facts = replace(
        minutes.facts,
        **{
            name: replace(fact, line=0)
            for name in ("title", "type", "theme", "date", "start", "end", "venue")
            if (fact := getattr(minutes.facts, name))
        },
        chairs=tuple(replace(chair, line=0) for chair in minutes.facts.chairs),
        minute_taker=minutes.facts.minute_taker
        and replace(minutes.facts.minute_taker, line=0),
    )
    return ReadMinutes(
        lines=(),
        facts=facts,
        attendees=tuple(replace(person, line=0) for person in minutes.attendees),
        items=tuple(
            replace(
                item,
                line=0,
                decisions=tuple(replace(d, line=0) for d in item.decisions),
            )
            for item in minutes.items
        ),
        actions=tuple(
            replace(action, line=0, alternative_line=0) for action in minutes.actions
        ),
        next_meeting=minutes.next_meeting and replace(minutes.next_meeting, line=0),
        warnings=tuple(replace(warning, line=0) for warning in minutes.warnings),
    )
