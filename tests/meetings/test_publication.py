"""What of agreed minutes the public may read: rules on plain records."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from meetings.layout import lay_out
from meetings.models import Kind
from meetings.publication import NAME_LEFT_OUT
from meetings.record import (
    ActionLine,
    Amendment,
    Following,
    Item,
    Owner,
    Record,
    Reviewed,
    Seat,
)
from tests.meetings.records import (
    DAY,
    MARKER,
    S40,
    action,
    item,
    publish,
    record_of,
    said,
)

# Each place a word may stand in the minutes, and a record with a text in it.

FULL = record_of(
    item(1, kind=Kind.LAST_MINUTES),
    item(2),
    item(3, kind=Kind.ACTION_TRACKER),
    item(4, kind=Kind.NEXT_MEETING),
    seats=(
        Seat("Ann Lee", "Chair of it", attendance="present", role="chair"),
        Seat("Bob Ray", "Officer", attendance="present"),
    ),
    actions=(ActionLine("2025/01", "Share it", owners=(Owner("WMP", "DBS"),), item=2),),
    reviewed=(
        Reviewed(
            "2024/07",
            "Old one",
            "Replaced",
            made=(ActionLine("2025/02", "New one"),),
        ),
    ),
    following=Following("Board", DAY),
    agreement="Agreed",
    amendments=(Amendment("Item 2: notes", "A slip", "Sam Staff", DAY, item=2),),
)


def in_item(name: str, key: int = 2) -> Callable[[str], Record]:
    def put(text: str) -> Record:
        was = FULL.item(key)
        assert was
        value: Any = (text,) if name == "papers" else text
        return FULL.with_item(replace(was, **{name: value}))

    return put


def in_first(part: str, name: str) -> Callable[[str], Record]:
    def put(text: str) -> Record:
        first, *others = getattr(FULL, part)
        changed = replace(first, **{name: text})
        return replace(FULL, **{part: (changed, *others)})

    return put


def in_made(text: str) -> Record:
    (review,) = FULL.reviewed
    (made,) = review.made
    changed = replace(review, made=(replace(made, text=text),))
    return replace(FULL, reviewed=(changed,))


def in_owner(text: str) -> Record:
    (action,) = FULL.actions
    changed = replace(action, owners=(Owner("WMP", post=text),))
    return replace(FULL, actions=(changed,))


def in_record(name: str) -> Callable[[str], Record]:
    def put(text: str) -> Record:
        many = name in ("themes", "last_minutes")
        return replace(FULL, **{name: (text,) if many else text})

    return put


def in_following(name: str) -> Callable[[str], Record]:
    return lambda text: replace(
        FULL, following=replace(Following("Board", DAY), **{name: text})
    )


PLACES: dict[str, Callable[[str], Record]] = {
    **{name: in_item(name) for name in ("heading", "notes", "decisions", "theme")},
    "papers": in_item("papers"),
    "action text": in_first("actions", "text"),
    "action as summarised": in_first("actions", "other_wording"),
    "due": in_first("actions", "due"),
    "due words": in_first("actions", "due_words"),
    "owner's post": in_owner,
    "review text": in_first("reviewed", "text"),
    "review note": in_first("reviewed", "note"),
    "review outcome": in_first("reviewed", "outcome"),
    "made at review": in_made,
    "capacity": in_first("seats", "capacity"),
    "abbreviation": in_first("seats", "abbreviation"),
    "attendance note": in_first("seats", "note"),
    "title": in_record("title"),
    "type": in_record("type"),
    "meeting's theme": in_record("themes"),
    "venue": in_record("venue"),
    "last minutes": in_record("last_minutes"),
    "agreement": in_record("agreement"),
    "what was amended": in_first("amendments", "what"),
    "why amended": in_first("amendments", "why"),
    "next title": in_following("title"),
    "next venue": in_following("venue"),
}
PASSAGES = {
    "in a line": "Said [[withhold s40]]{}[[/withhold]] and more",
    "across lines": "Said [[withhold s40]]of\n\n{}\n\nand[[/withhold]] more",
    "in bullets": "- one\n- [[withhold s31]]two\n  - {}\n- three[[/withhold]]\n- four",
    "in another": "[[withhold s40]]a [[withhold s31]]b[[/withhold]] {}[[/withhold]]",
    "after another": "[[withhold s40]]a[[/withhold]] [[WITHHOLD S31]]{}[[/withhold]]",
    "in bold": "**Said [[withhold s40]]{}** x[[/withhold]]",
    "in a heading": "# One [[withhold s43]]{}[[/withhold]]",
    "spaced out": "[[ withhold  s36 ]]{}[[ / withhold ]]",
    "round a mark": "[[withhold s40]]\n[[action 2025/01]]\n{}\n[[/withhold]]",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("passage", PASSAGES)
def test_no_withheld_passage_is_left_wherever_it_stands(
    place: str, passage: str
) -> None:
    published = publish(PLACES[place](PASSAGES[passage].format(MARKER)))
    assert MARKER not in said(published.record)
    assert any(MARKER in one.what for one in published.withheld) or (
        passage == "round a mark"
    )
    assert published.record.edited
    assert published.problems == []


@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_withheld_is_published(place: str) -> None:
    published = publish(PLACES[place](f"Said {MARKER} and more"))
    assert MARKER in said(published.record)
    assert (published.withheld, published.record.edited) == ([], ())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("slip", "sentence"),
    [
        ("Said [[withhold s40]]{}", "left open"),
        ("Said [[withhold s99]]{}[[/withhold]]", "needs a reason: type s"),
        ("Said [[withhold]]{}[[/withhold]]", "needs a reason: type s"),
        ("Said {}[[/withhold]]", "has no beginning: type"),
        ("Said [[withold s40]]{}[[/withold]]", "is not understood: type"),
        ("Said [withhold s40]{}[/withhold]", "looks like a mark: type it"),
        ("Said (withhold s40) {}", "looks like a mark: type it"),
    ],
)
def test_what_is_doubtful_stops_publication(
    place: str, slip: str, sentence: str
) -> None:
    problems = publish(PLACES[place](slip.format(MARKER))).problems
    assert any(sentence in one.sentence for one in problems)


def test_a_passage_left_open_withholds_to_the_end() -> None:
    published = publish(
        record_of(item(notes=f"Said [[withhold s40]]{MARKER}\n{MARKER}"))
    )
    assert MARKER not in said(published.record)


# Items


HIDDEN = [{"withheld": True, "withheld_reason": "s31"}]
HIDDEN.append(HIDDEN[0] | {"restricted": True})


@pytest.mark.parametrize("how", HIDDEN, ids=["withheld", "restricted"])
def test_a_withheld_item_leaves_its_number_and_the_reason(how: dict[str, Any]) -> None:
    full = item(
        2,
        heading=MARKER,
        kind=Kind.AOB,
        theme=MARKER,
        lead=MARKER,
        notes=f"{MARKER}\n[[action 2025/01]] [[withhold",
        decisions=MARKER,
        assurance=MARKER,
        papers=(MARKER,),
        **how,
    )
    action = ActionLine("2025/01", MARKER, item=2)
    record = record_of(item(1), full, item(3), actions=(action,))
    published = publish(record)
    assert published.record.items[1] == Item(
        2, "", number="2", withheld=True, withheld_reason="s31"
    )
    assert MARKER not in said(published.record)
    assert published.record.edited == ("law enforcement (section 31)",)
    assert published.record.withheld_actions == 1
    # What is withheld as a whole may hold half a mark.
    assert published.problems == []


def test_what_is_below_a_withheld_item_is_withheld_and_what_follows_is_not() -> None:
    record = record_of(
        item(1, withheld=True, withheld_reason="s31"),
        item(2, depth=1, notes=MARKER),
        item(3, depth=2, withheld=True, withheld_reason="s43"),
        item(4, depth=1, notes=MARKER),
        item(5, notes="Public"),
        item(6, depth=1, notes="Public too"),
    )
    items = publish(record).record.items
    assert [one.withheld_reason for one in items] == [
        "s31",
        "s31",
        "s43",
        "s31",
        "",
        "",
    ]
    assert [one.notes for one in items] == ["", "", "", "", "Public", "Public too"]


def test_a_withheld_item_without_a_reason_stops_publication() -> None:
    (problem,) = publish(record_of(item(withheld=True))).problems
    assert problem.item == 1
    assert "without a reason" in problem.sentence


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Kind.ACTION_TRACKER, ["reviewed", "not_reached"]),
        (Kind.LAST_MINUTES, ["last_minutes"]),
        (Kind.NEXT_MEETING, ["following"]),
    ],
)
def test_a_withheld_standing_item_takes_its_list_with_it(
    kind: Kind, names: list[str]
) -> None:
    record = record_of(
        item(1, kind=kind, withheld=True, withheld_reason="s36"),
        item(2, kind=kind),
        reviewed=(Reviewed("2024/01", MARKER, MARKER),),
        not_reached=("2024/02",),
        last_minutes=(MARKER,),
        following=Following(MARKER, DAY),
    )
    published = publish(record).record
    assert not any(getattr(published, name) for name in names)


def test_who_came_at_a_withheld_item_came_at_its_number() -> None:
    seats = tuple(
        Seat(name, attendance="part", joined=joined)
        for name, joined in [
            ("Ann Lee", f"2 {MARKER}"),
            ("Bob Ray", "1 Item 1"),
            ("Cy Day", f"{MARKER} before it was amended"),
            ("Di Fox", f"{MARKER} without a number"),
        ]
    )
    record = record_of(
        item(1),
        item(2, heading=MARKER, withheld=True, withheld_reason="s40"),
        item(3, heading=f"{MARKER} without a number", number="", restricted=True),
        seats=seats,
    )
    published = publish(record).record
    assert [one.for_how_long for one in published.seats] == [
        "joined at 2",
        "joined at 1 Item 1",
        "for part of the meeting",
        "joined at an item that is withheld",
    ]


# Decisions


def decided(notes: str, decisions: str) -> Item:
    (one,) = publish(record_of(item(notes=notes, decisions=decisions))).record.items
    return one


def test_a_decision_marked_in_a_withheld_passage_is_withheld_with_it() -> None:
    one = decided(
        "A\n[[decision 1]]\n[[withhold s40]]B\n[[decision 2]][[/withhold]]\n"
        "[[decision 3]]",
        f"First\n{MARKER}\nThird",
    )
    assert one.decision_lines == ["First", "Third"]
    parts = lay_out(record_of(one)).items[0].parts
    assert [getattr(part, "text", "") for part in parts] == [
        "A",
        "First",
        f"[Withheld: {S40}]",
        "Third",
    ]


@pytest.mark.parametrize(
    ("decisions", "left", "notes"),
    [
        (
            "One [[withhold s40]]x[[/withhold]]\nTwo",
            [f"One [Withheld: {S40}]", "Two"],
            "[[decision 1]]\n[[decision 2]]",
        ),
        (
            "[[withhold s40]]x[[/withhold]]\nTwo",
            [f"[Withheld: {S40}]", "Two"],
            "[[decision 1]]\n[[decision 2]]",
        ),
        # What runs over two leaves one line, the first one's.
        (
            "One [[withhold s40]]x\ny[[/withhold]] z\nThree",
            [f"One [Withheld: {S40}] z", "Three"],
            "[[decision 1]]",
        ),
    ],
    ids=["in one", "all of one", "over two"],
)
def test_marks_of_decisions_fit_what_is_left_of_them(
    decisions: str, left: list[str], notes: str
) -> None:
    one = decided("[[decision 1]]\n[[decision 2]]", decisions)
    assert (one.decision_lines, one.notes) == (left, notes)


@pytest.mark.parametrize("hidden", [1, 2])
def test_decisions_a_passage_runs_through_go_together_when_one_is_withheld(
    hidden: int,
) -> None:
    one = decided(
        f"[[withhold s40]]x [[decision {hidden}]][[/withhold]]\n[[decision 3]]",
        f"{MARKER} [[withhold s40]]x\ny[[/withhold]] {MARKER}\nThree",
    )
    assert one.decision_lines == ["Three"]
    assert one.notes.endswith("[[decision 1]]")


# Actions


WITHHELD_BECAUSE: dict[str, dict[str, Any]] = {
    "of itself": {
        "action": {"withheld": True, "withheld_reason": "s40"},
    },
    "it is now": {"withheld": {"2025/01": "s40"}},
    "of its item": {"item": {"withheld": True, "withheld_reason": "s40"}},
    "of where its mark is": {
        "item": {"notes": "[[withhold s40]]\n[[action 2025/1]]\n[[/withhold]]"}
    },
    "of a mark in a line": {
        "item": {"notes": "[[withhold s40]]so [[ Action 2025/01 ]]: x[[/withhold]]"}
    },
}


@pytest.mark.parametrize("because", WITHHELD_BECAUSE)
def test_a_withheld_action_is_nowhere_but_in_the_count(because: str) -> None:
    how = WITHHELD_BECAUSE[because]
    line = action(
        "2025/01",
        text=MARKER,
        other_wording=MARKER,
        owners=(Owner(MARKER, MARKER),),
        **how.get("action", {}),
    )
    record = record_of(
        item(1, **({"notes": "[[action 2025/01]]\nMore"} | how.get("item", {}))),
        item(2, notes="[[action 2025/01]]\nElsewhere"),
        actions=(line, action("2025/02", item=2)),
        reviewed=(
            Reviewed("2024/01", "Old", "Replaced by 2025/01, 2025/02", made=(line,)),
        ),
    )
    published = publish(record, withheld=how.get("withheld", {}))
    public = published.record
    assert MARKER not in said(public)
    assert "2025/01" not in said(public)
    assert [one.reference for one in public.actions] == ["2025/02"]
    assert public.withheld_actions == 1
    assert public.edited == (S40,)
    assert public.items[1].notes == "Elsewhere"
    assert public.reviewed[0].outcome == (
        "Replaced by an action that is withheld, 2025/02"
    )
    assert published.problems == []


@pytest.mark.parametrize("frozen", [True, False])
def test_the_review_of_a_withheld_action_is_withheld(frozen: bool) -> None:
    reviewed = Reviewed(
        "2024/01",
        MARKER,
        MARKER,
        MARKER,
        made=(action("2025/02", text=MARKER),),
        withheld=frozen,
        withheld_reason="s31" if frozen else "",
    )
    record = record_of(reviewed=(reviewed,), not_reached=("2024/01", "2024/02"))
    public = publish(record, withheld={} if frozen else {"2024/01": "s31"}).record
    assert (public.reviewed, public.not_reached) == ((), ("2024/02",))
    assert public.edited == ("law enforcement (section 31)",)


def test_actions_stand_as_they_do_when_published_and_owners_are_posts() -> None:
    line = action(
        "2025/01",
        status="Open",
        owners=(Owner("WMP", "Director", MARKER), Owner("OPCC", person=MARKER)),
        due="4 September 2020",
        due_words="in a month",
    )
    record = record_of(item(1), actions=(line, action("2025/02", status="Open")))
    public = publish(record, statuses={"2025/01": "Closed"}).record
    assert [one.status for one in public.actions] == ["Closed", "Open"]
    assert [str(one) for one in public.actions[0].owners] == ["WMP, Director", "OPCC"]
    assert public.actions[0].due_in_full == "4 September 2020 (“in a month”)"
    assert MARKER not in said(public)


def test_an_action_that_was_not_used_has_no_text() -> None:
    line = action("2025/01", text=MARKER, owners=(Owner(MARKER),), not_used=True)
    public = publish(record_of(item(1), actions=(line,))).record
    assert public.actions == (ActionLine("2025/01", "", item=1, not_used=True),)


@pytest.mark.parametrize(
    "mark", ["[[action 2030/99]]", "[[decision 2]]", "[[decision 0]]"]
)
def test_a_mark_of_nothing_stops_publication(mark: str) -> None:
    published = publish(record_of(item(7, notes=f"Said\n{mark}", decisions="One")))
    (problem,) = published.problems
    assert (problem.item, problem.where) == (7, "7 Item 7")
    assert mark in problem.sentence


def test_a_mark_of_nothing_that_is_withheld_stops_nothing() -> None:
    notes = "[[withhold s40]]\n[[action 2030/99]]\n[[decision 9]]\n[[/withhold]]"
    assert publish(record_of(item(notes=notes))).problems == []


# People


UNNAMED = Seat(
    "Lucy Milner",
    "Business Support Officer",
    abbreviation="LM",
    organisation="Office of the PCC",
    attendance="present",
    role="minute_taker",
    named_publicly=False,
    note="Lucy came late",
)


def test_somebody_not_named_is_there_by_post_and_organisation() -> None:
    other = Seat("Ann Lee", standing_in_for="LUCY  Milner", attendance="present")
    public = publish(record_of(seats=(UNNAMED, other))).record
    assert public.seats[0] == Seat(
        NAME_LEFT_OUT,
        "Business Support Officer",
        organisation="Office of the PCC",
        attendance="present",
        role="minute_taker",
        named_publicly=False,
    )
    assert public.seats[1].standing_in_for == "[Business Support Officer]"
    assert public.edited == ()


@pytest.mark.parametrize("place", PLACES)
def test_the_name_of_somebody_not_named_is_their_post_wherever_it_stands(
    place: str,
) -> None:
    record = PLACES[place]("Then LUCY\nMilner’s paper")
    public = publish(replace(record, seats=(*record.seats, UNNAMED))).record
    assert "milner" not in said(public).casefold()
    assert "[Business Support Officer]’s paper" in said(public)


def test_a_name_of_one_word_is_no_part_of_another_word() -> None:
    seat = replace(UNNAMED, name="May", capacity="")
    record = record_of(item(notes="May may ask the Mayor"), seats=(seat,))
    (doubt,) = publish(record).doubts
    assert doubt.sentence.startswith("“May” in “May may ask the Mayor” may name May")


# What is never published


def test_nothing_but_what_is_named_here_is_published() -> None:
    record = record_of(
        item(lead=MARKER),
        marking=MARKER,
        amendments=(Amendment("Item 1: notes", "A slip", MARKER, DAY, item=1),),
    )
    public = publish(record).record
    assert MARKER not in said(public)
    assert public.amendments[0].by == "Office of the PCC"


def test_the_link_to_join_is_taken_out_wherever_it_stands() -> None:
    link = "https://meet.example/quokka"
    record = record_of(item(notes=f"See {link}."), venue=f"Online, {link}")
    public = publish(record, links=[link, ""]).record
    assert "quokka" not in said(public)


def test_amendments_and_agreement_do_not_name_withheld_items() -> None:
    hidden = item(2, heading=MARKER, withheld=True, withheld_reason="s31")
    record = record_of(
        item(1),
        hidden,
        amendments=(
            Amendment("Item 2: notes", "The name of the witness", "Sam", DAY, item=2),
            Amendment("Item 1: notes", f"Part of it was under {MARKER}", "Sam", DAY),
        ),
        agreement=f"Agreed, subject to these changes: {MARKER.lower()} comes last",
        last_minutes=("Agreed subject to these changes: Informants",),
    )
    public = publish(record).record
    assert MARKER not in said(public).upper()
    assert "witness" not in said(public)
    assert "Informants" not in said(public)
    assert public.amendments[0].what == "An item that is withheld was amended"
