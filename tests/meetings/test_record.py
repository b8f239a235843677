"""The record that minutes are printed from and that versions keep."""

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.models import Due, Owner
from actions.operations import set_owners
from actions.record import gather
from meetings.layout import Decision, Text, UnknownMark, lay_out
from meetings.models import Attendee, Kind, MinutesVersion
from meetings.record import (
    ActionLine,
    Item,
    Record,
    Reviewed,
    Seat,
    from_json,
    to_json,
)
from meetings.versions import agreed_version, keep_version, latest_draft
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AgreementFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    PersonFactory,
    ThemeFactory,
    WithdrawalFactory,
)

records = st.builds(
    Record,
    title=st.text(),
    date=st.dates(),
    start=st.none() | st.times(timezones=st.none()),
    themes=st.lists(st.text(max_size=8), max_size=2).map(tuple),
    seats=st.lists(st.builds(Seat, name=st.text(max_size=8)), max_size=2).map(tuple),
    items=st.lists(
        st.builds(Item, key=st.integers(), heading=st.text(), notes=st.text()),
        max_size=3,
    ).map(tuple),
    actions=st.lists(
        st.builds(ActionLine, reference=st.just("2025/03"), text=st.text()),
        max_size=2,
    ).map(tuple),
)


@settings(max_examples=50)
@given(records)
def test_what_is_kept_reads_back_equal(record: Record) -> None:
    kept = json.loads(json.dumps(to_json(record)))
    assert from_json(kept) == record


def test_a_record_of_an_earlier_program_reads_with_what_is_new_left_blank() -> None:
    kept = {"title": "Board", "date": "2020-08-04", "of_old": True}
    assert from_json(kept) == Record(title="Board", date=dt.date(2020, 8, 4))


def laid(notes: str, *actions: ActionLine, decisions: str = "") -> list:
    item = Item(key=1, heading="Workforce", notes=notes, decisions=decisions)
    record = Record("Board", dt.date(2025, 3, 26), items=(item,), actions=actions)
    return lay_out(record).items[0].parts


FIRST = ActionLine("2025/01", "Share the plan", item=1)
SECOND = ActionLine("2025/02", "Publish it", item=1)


def test_an_action_prints_where_its_mark_is_else_at_the_end_of_its_item() -> None:
    parts = laid("Before\n[[action 2025/02]]\nAfter", FIRST, SECOND)
    assert parts == [Text("Before"), SECOND, Text("After"), FIRST]


def test_a_mark_written_twice_prints_once() -> None:
    parts = laid("[[action 2025/01]]\n[[action 2025/1]]", FIRST)
    assert parts == [FIRST]


def test_a_decision_prints_where_its_mark_is_and_the_others_after_the_notes() -> None:
    parts = laid("Said\n[[decision 2]]\nMore", decisions="One\n\nTwo\nThree")
    assert parts == [
        Text("Said"),
        Decision("Two"),
        Text("More"),
        Decision("One\nThree"),
    ]


def test_a_mark_of_nothing_prints_as_it_was_typed() -> None:
    parts = laid("[[action 2030/99]]\n[[decision 4]]", decisions="One")
    assert parts == [
        UnknownMark("[[action 2030/99]]"),
        UnknownMark("[[decision 4]]"),
        Decision("One"),
    ]


def test_an_action_withdrawn_before_it_was_issued_prints_in_the_summary_only() -> None:
    unused = dataclasses.replace(FIRST, not_used=True)
    assert laid("[[action 2025/01]]", unused) == []


def test_each_standing_list_prints_at_the_first_item_of_its_kind() -> None:
    kinds = [Kind.SUMMARY, Kind.THEMED, Kind.SUMMARY, Kind.LAST_MINUTES]
    items = tuple(Item(n, "Item", kind=kind) for n, kind in enumerate(kinds))
    layout = lay_out(Record("Board", dt.date(2025, 3, 26), items=items))
    assert [one.shows for one in layout.items] == ["summary", "", "", "last_minutes"]
    assert layout.shown == {"summary", "last_minutes"}


def test_a_record_says_what_the_database_holds(staff) -> None:
    force = OrganisationFactory(name="West Mercia Police", short_names="Force, WMP")
    theme = ThemeFactory(name="Workforce")
    meeting = MeetingFactory(themes=[theme], title="Culture", venue="Room 12")
    item = AgendaItemFactory(
        meeting=meeting, heading="Retention", notes="Said", theme=theme
    )
    person = PersonFactory(name="Ann Lee")
    AttendeeFactory(
        meeting=meeting,
        person=person,
        capacity="Director",
        organisation=force,
        attendance=Attendee.Attendance.PART,
        joined_item=item,
    )
    action = ActionFactory(
        meeting=meeting, item=item, due=Due.at_next_on(theme), due_words="next time"
    )
    set_owners(action, [Owner(organisation=force, post="Director", person=person)])
    AgreementFactory(meeting=meeting, agreed_on=dt.date(2025, 4, 30))
    AgreementFactory(
        how="meeting",
        at_meeting=meeting,
        changes="The date of item 2",
        meeting__title="X",
    )
    record = gather(meeting, staff)
    (seat,) = record.seats
    assert (seat.organisation, seat.organisation_short) == (force.name, "WMP")
    assert seat.for_how_long == "joined at 1 Retention"
    (line,) = record.actions
    assert [str(owner) for owner in line.owners] == ["WMP, Director, Ann Lee"]
    assert line.due_in_full == "at the next meeting on Workforce (“next time”)"
    assert (line.status, line.item) == ("Open", item.pk)
    assert record.themes == ("Workforce",)
    assert record.items[0].theme == "Workforce"
    assert record.agreement == (
        "Agreed by John Campion, PCC on 30 April 2025, as presented"
    )
    assert record.last_minutes[0].endswith(
        "were agreed subject to these changes: The date of item 2."
    )
    assert {"Retention", "Said", "Ann Lee", "Room 12"} <= set(
        record.words().splitlines()
    )


@pytest.mark.parametrize(
    ("own", "items", "withheld", "reason"),
    [
        (None, {}, False, ""),
        (None, {"withheld": True, "withheld_reason": "s31"}, True, "s31"),
        (True, {}, True, "s40"),
        (False, {"withheld": True, "withheld_reason": "s31"}, False, ""),
    ],
)
def test_an_action_is_withheld_by_its_own_answer_else_its_items(
    staff, own, items, withheld, reason
) -> None:
    item = AgendaItemFactory(**items)
    ActionFactory(
        meeting=item.meeting,
        item=item,
        withheld=own,
        withheld_reason="s40" if own else "",
    )
    (line,) = gather(item.meeting, staff).actions
    assert (line.withheld, line.withheld_reason) == (withheld, reason)


def test_versions_are_numbered_by_meeting_and_kind_and_know_their_content(
    staff,
) -> None:
    meeting, other = MeetingFactory(), MeetingFactory()
    kinds = MinutesVersion.Kind
    themes = (Item(1, "A", theme="Workforce"), Item(2, "B", theme="Estate"))
    record = Record("Board", meeting.date, themes=("Estate",), items=themes)
    kept = [
        keep_version(record, meeting=one, kind=kind, by=staff)
        for one, kind in [
            (meeting, kinds.DRAFT),
            (meeting, kinds.DRAFT),
            (meeting, kinds.AGREED),
            (other, kinds.DRAFT),
        ]
    ]
    assert [version.number for version in kept] == [1, 2, 1, 1]
    assert latest_draft(meeting) == kept[1]
    assert agreed_version(meeting) == kept[2]
    assert agreed_version(other) is None
    again = MinutesVersion.objects.get(pk=kept[0].pk)
    assert from_json(again.content) == record
    assert again.theme_names == ["Estate", "Workforce"]
    assert again.is_intact
    again.content["title"] = "Another"
    assert not again.is_intact


def test_what_the_public_may_read_is_the_last_published_unless_withdrawn(
    staff,
) -> None:
    meeting = MeetingFactory()
    record = Record("Board", meeting.date)
    agreed = keep_version(record, meeting=meeting, kind="agreed", by=staff)

    def publish() -> MinutesVersion:
        return keep_version(
            record, meeting=meeting, kind="published", by=staff, made_from=agreed
        )

    public = MinutesVersion.objects.public
    assert not public()
    publish()
    second = publish()
    assert list(public()) == [second]
    WithdrawalFactory(version=second)
    assert not public()
    third = publish()
    assert list(public()) == [third]


def test_a_review_reads_as_it_was() -> None:
    one = Reviewed("2025/03", "Share", "Closed", made=(FIRST,))
    record = Record("Board", dt.date(2025, 3, 26), reviewed=(one,))
    assert from_json(to_json(record)).reviewed == (one,)
