"""Passages that are not for the public."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.notes import Headings, render_notes
from meetings.withholding import redact


def render(text: str, *, under: int = 2) -> str:
    return render_notes(text, Headings(under=under))


S40 = "[Withheld: personal information (section 40)]"


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("Nothing withheld", "Nothing withheld"),
        ("Said [[withhold s40]]Ann Lee[[/withhold]] twice", f"Said {S40} twice"),
        ("a\n[[withhold s40]]\nb\n\nc\n[[/withhold]]\nd", f"a\n{S40}\nd"),
        ("- one\n- [[withhold s40]]two\n- three[[/withhold]]", f"- one\n- {S40}"),
        ("[[ Withhold  S40 ]]x[[ / withhold ]]", S40),
        ("[[withhold s40]]x[[/withhold]][[withhold s40]]y[[/withhold]]", S40 + S40),
        (
            "[[withhold s40]]a[[withhold s31]]b[[/withhold]]c[[/withhold]]d",
            "[Withheld: personal information (section 40); "
            "law enforcement (section 31)]d",
        ),
    ],
)
def test_a_passage_gives_way_to_its_reason(text: str, public: str) -> None:
    found = redact(text)
    assert (found.text, found.problems) == (public, [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a [[withhold s40]]secret to the end\n\nand on", "is left open"),
        ("a secret [[/withhold]]", "has no beginning: type"),
        ("[[withhold s99]]secret[[/withhold]]", "needs a reason: type s"),
        ("[[withhold]]secret[[/withhold]]", "needs a reason: type s"),
        ("[[withold s40]]told[[/withhold]]", "is not understood: type"),
        ("told [[action 2025/03]] in the line", "is not understood: type"),
        ("told ]]", "is not understood: type"),
    ],
)
def test_what_is_doubtful_stops_publication_and_is_withheld(
    text: str, problem: str
) -> None:
    found = redact(text)
    assert any(problem in said for said in found.problems), found.problems
    if "[[withhold" in text:
        assert "secret" not in found.text


def test_a_mark_inside_a_passage_gives_a_notice_that_says_what_to_type() -> None:
    found = redact(
        "[[withhold s40]]a[[withhold s31]]b[[/withhold]]c[[/withhold]]d"
        "[[withhold s43]]e[[/withhold]]"
    )
    assert found.notices == [
        "[[withhold s31]] begins inside a passage that is withheld already, so the "
        "public reads one passage with both reasons: to withhold the two apart, type "
        "[[/withhold]] before it; else take it out with its [[/withhold]]"
    ]
    assert found.problems == []
    forgotten = redact("[[withhold s40]]a b [[withhold s31]]c[[/withhold]] d")
    assert len(forgotten.problems) == len(forgotten.notices) == 1
    assert forgotten.text == (
        "[Withheld: personal information (section 40); law enforcement (section 31)]"
    )
    for plain in ("", "[[withhold s40]]a[[/withhold]][[withhold s40]]b[[/withhold]]"):
        assert redact(plain).notices == []


def test_marks_of_actions_and_decisions_in_a_passage_are_named() -> None:
    found = redact(
        "[[action 2025/01]]\n[[withhold s31]]\n[[action 2025/2]]\n[[decision 1]]\n"
        "[[/withhold]]\n[[decision 2]]"
    )
    assert found.withheld_actions == {"2025/02"}
    assert found.withheld_decisions == {1}
    assert found.problems == []


words = st.text(alphabet="ab \n-", max_size=12)


@given(st.lists(st.tuples(words, st.sampled_from(["s40", "s31", "s36", "s43"]))))
def test_whatever_stands_between_the_marks_is_gone(
    passages: list[tuple[str, str]],
) -> None:
    text = "".join(
        f"{before}[[withhold {code}]]{before}SECRET[[/withhold]]"
        for before, code in passages
    )
    found = redact(text)
    assert "SECRET" not in found.text
    assert found.problems == []
    assert len(found.passages) == len(passages)


@given(st.text(alphabet="[]/ withold s40\n", max_size=60))
def test_any_text_is_read_and_none_grows_marks(text: str) -> None:
    found = redact(text)
    if not found.problems:
        assert "[[" not in found.text
        assert redact(found.text).text == found.text


def test_the_office_reads_the_passage_between_tags_that_name_the_reason() -> None:
    html = render("He [[withhold s40]]Ann\n\n- Lee[[/withhold]] said")
    assert "[[" not in html
    assert html.count('<span class="app-withheld">') == 2
    assert "Withheld: Personal information (section 40)</span> Ann" in html
    assert "Lee <span" in html
    assert "<script" not in render("[[withhold <script>]]x")
