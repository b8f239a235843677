"""Whatever is written in notes and decisions, what is withheld does not come out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.meetings.records import action, item, publish, record_of, said

BEGINS, ENDS, WORD = ["[[withhold s40]]", "[[Withhold S31 ]]"], "[[/withhold]]", "word"
_pieces = st.lists(
    st.sampled_from(
        [
            *BEGINS,
            *[ENDS] * 2,
            *[WORD] * 3,
            *("[[action 2025/01]]", "[[decision 1]]", "[[decision 2]]"),
            *("- ", "# ", "> ", "**", " "),
            *["\n"] * 4,
        ]
    ),
    max_size=16,
)


def written(pieces: list[str], letter: str) -> tuple[str, set[str]]:
    """The text, each word in it another, and the words that are withheld."""
    text, depth, withheld = "", 0, set()
    for number, piece in enumerate(pieces):
        depth += piece in BEGINS
        depth -= piece == ENDS and depth > 0
        if piece == WORD:
            piece = f"{letter}{number}{letter}"
            if depth:
                withheld.add(piece)
        text += piece
    return text, withheld


@settings(max_examples=300, deadline=None)
@given(_pieces, _pieces)
def test_whatever_is_written_what_is_withheld_is_gone_and_the_rest_needs_no_more(
    notes: list[str], decisions: list[str]
) -> None:
    noted, hidden_notes = written(notes, "n")
    decided, hidden_decisions = written(decisions, "d")
    record = record_of(
        item(1, notes=noted, decisions=decided), actions=(action("2025/01"),)
    )
    once = publish(record)
    hidden = hidden_notes | hidden_decisions
    assert not [word for word in hidden if word in said(once.record)]
    if not once.problems:
        again = publish(once.record)
        assert again.problems == []
        assert again.record.items == once.record.items
        assert again.record.actions == once.record.actions
