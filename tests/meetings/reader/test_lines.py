"""Which lines of notes are actions and decisions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.reader.phrases.lines import action_line, decision_line


@pytest.mark.parametrize(
    "mark",
    [
        "ACTION: ",
        "Action: ",
        "action:",
        "ACTION : ",
        "Action - ",
        "ACTION- ",
        "ACTION – ",
        "ACTION — ",
        "- ACTION: ",
        "• ACTION: ",
        "* Action – ",
        "– ACTION: ",
        "   Action: ",
        "\tACTION:\t",
        "\u00a0•\u00a0Action:\u00a0",
    ],
)
def test_a_line_that_begins_with_the_mark_is_one(mark: str) -> None:
    assert action_line(f"{mark}DBS to share the plan - today. ") == (
        "DBS to share the plan - today."
    )
    decided = mark.lower().replace("action", "Decision")
    assert decision_line(f"{decided}Not supported.") == "Not supported."
    assert decision_line(f"{mark}Not supported.") is None
    assert action_line(f"{decided}Not supported.") is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ACTION",
        "ACTION:",
        "Action: ",
        "Action - ",
        "ACTION: ...",
        "ACTION: none",
        "Action: N/A.",
        "Decision: None",
        "Action plan - to be shared",
        "Action Fraud - figures are up",
        "Actions: two were agreed",
        "Action points: three",
        "Actions from last meeting",
        "Action-oriented policing was discussed",
        "The PCC asked for ACTION: now",
        "Positive action: the figures",
        "ACTION regarding the comms plan",
        "[[action 2025/03]]",
        "Decisions: two",
        "Decision making - how it is done",
        "ACTION: one\nand another line",
    ],
)
def test_other_lines_are_not(line: str) -> None:
    assert action_line(line) is None
    assert decision_line(line) is None


@given(st.text(max_size=60))
def test_what_is_given_is_the_end_of_the_line(text: str) -> None:
    rest = action_line(f"ACTION: {text}")
    if rest is not None:
        assert rest
        assert rest == rest.strip()
        assert f"ACTION: {text}".strip().endswith(rest)
