import random

import pytest

from assurance.differences import Difference, Piece, compare, steps_between


def _mine(found: Difference) -> str:
    return "".join(piece.text for piece in found.mine)


def _theirs(found: Difference) -> str:
    return "".join(piece.text for piece in found.theirs)


def test_many_equal_lines_are_compared_at_once():
    text = "a\n" * 100_000

    found = compare("notes", "Notes", text, f"{text}b\n")

    assert [piece.text for piece in found.theirs if piece.only] == ["b\n"]
    assert found.both == f"{text}b\n"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("a\na\nb\n" * 5_000, "a\nb\na\n" * 5_000),
        ("a\nb\n" * 5_000, "b\nb\na\n" * 5_000),
        ("\n" * 20_000 + "a\n" + "\n" * 20_000, "b\n" + "\n" * 30_000),
    ],
)
def test_texts_too_alike_to_be_compared_are_marked_as_a_whole(mine, theirs):
    mine, theirs = f"x\n{mine}y\n", f"p\n{theirs}q\n"

    found = compare("notes", "Notes", mine, theirs)

    assert found.mine == [Piece(mine, only=True)]
    assert found.theirs == [Piece(theirs, only=True)]
    assert found.both == mine + theirs


def test_words_too_alike_to_be_compared_are_marked_as_a_whole():
    lines = [f"{n}: " + "a b c " * 200 for n in range(60)]
    others = [f"{n}; " + "b a c " * 200 for n in range(60)]
    mine = "\nthe same\n".join(lines)
    theirs = "\nthe same\n".join(others)

    found = compare("notes", "Notes", mine, theirs)

    assert (_mine(found), _theirs(found)) == (mine, theirs)


def test_what_is_between_the_same_beginning_and_end_is_what_is_marked():
    before, after = "before\n" * 3, "after\n" * 3
    left, right = "a\na\nb\n" * 4_000, "b\na\na\nb\nb\n" * 3_000

    found = compare("", "", f"{before}{left}z\n{after}", f"{before}{right}y\n{after}")

    assert [piece.skipped for piece in found.mine if piece.skipped] == []
    assert found.mine[0].text == before
    assert found.mine[-1].text == after
    assert found.both.startswith(before)
    assert found.both.endswith(after)


def test_what_changes_one_list_into_the_other_is_told_whatever_they_are():
    chance = random.Random(1)
    for _ in range(300):
        left = chance.choices("abcd", k=chance.randrange(12))
        right = chance.choices("abcd", k=chance.randrange(12))

        steps = steps_between(left, right)

        made: list[str] = []
        for kind, a1, a2, b1, b2 in steps:
            assert (left[a1:a2] == right[b1:b2]) is (kind == "equal")
            made += left[a1:a2] if kind == "equal" else right[b1:b2]
        assert made == right
        assert [a for _, a, *_ in steps[1:]] == [end for _, _, end, *_ in steps[:-1]]
