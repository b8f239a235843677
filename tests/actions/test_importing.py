"""What was read of old minutes becomes a meeting with all that belongs to it."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from actions.agreement import agree, circulate_minutes
from actions.doubts import doubts_before_agreeing
from actions.importing.plan import (
    ANOTHER,
    AS_NEW,
    CLOSED,
    OPEN,
    ActionPlan,
    ItemPlan,
    MeetingPlan,
    NextPlan,
    SeatPlan,
)
from actions.importing.save import neutral
from actions.models import Action, Due, DueKind, How
from actions.publishing import prepare
from assurance.models import Organisation, User
from meetings.models import (
    Agreement,
    Attendee,
    Meeting,
    MeetingType,
    Person,
    Theme,
)
from meetings.taking_in import TooLate
from tests.actions.old_minutes import (
    HELD,
    READ,
    TODAY,
    doubts_of,
    make_known,
    plan_of,
    save,
)
from tests.factories import (
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    ReadInFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def registers() -> dict[str, Any]:
    return make_known()


# What is saved


def test_all_of_it_is_saved_as_draft_minutes(
    staff: User, registers: dict[str, Any]
) -> None:
    meeting = save(plan_of(), staff)
    meeting.refresh_from_db()
    assert (meeting.state, meeting.date, meeting.venue) == (
        "draft",
        HELD,
        "Room 1 and Teams",
    )
    assert list(meeting.themes.all()) == [registers["mental"]]
    seats = [
        (s.person.name, s.capacity, s.abbreviation, s.attendance, s.role, s.listed)
        for s in meeting.attendance()
    ]
    assert seats == [
        ("Anna Bell", "Commissioner", "PCC", "present", "chair", True),
        ("Ed Frost", "Temporary Chief Constable", "T/CC", "present", "", True),
        ("Gina Hart", "Inspector", "", "apologies", "", True),
        ("Carl Dunn", "", "", "present", "minute_taker", False),
    ]
    assert meeting.attendance()[0].person == registers["person"]
    items = [(i.number, i.heading, i.depth) for i in meeting.agenda()]
    assert items == [
        ("1", "Review of Action Tracker", 0),
        ("2", "Holding to account", 0),
        ("2.1", "Custody", 1),
    ]


def test_actions_have_references_owners_dues_and_the_words_as_minuted(
    staff: User, registers: dict[str, Any]
) -> None:
    meeting = save(plan_of(), staff)
    first, second = meeting.actions.order_by("number")
    assert (first.reference, second.reference) == ("2025/01", "2025/02")
    owner = first.owners.get()
    assert (owner.organisation, owner.post, str(owner.person), owner.leads) == (
        registers["force"],
        "Chief Constable",
        "Ed Frost",
        True,
    )
    assert first.due == Due.on_date(dt.date(2025, 4, 26))
    assert first.due_words == "in a month"
    assert second.due == Due.at_next_on(registers["workforce"])
    assert second.other_wording == "Report again"
    assert not first.is_issued
    raised = first.updates.get()
    assert (raised.what, raised.author, raised.meeting) == ("raised", staff, meeting)


def test_the_notes_mark_the_action_by_its_reference(
    staff: User, registers: dict[str, Any]
) -> None:
    meeting = save(plan_of(), staff)
    assert meeting.agenda()[2].notes == "Said\n\n[[action 2025/01]]\n\nMore"


def test_a_dropped_action_leaves_no_mark(
    staff: User, registers: dict[str, Any]
) -> None:
    plan = plan_of()
    meeting = save(replace(plan, actions=plan.actions[1:]), staff)
    assert meeting.agenda()[2].notes == "Said\n\nMore"
    assert meeting.actions.get().text == "Report back"


def test_a_mark_counts_only_at_the_item_of_its_action_and_once(
    staff: User, registers: dict[str, Any]
) -> None:
    plan = plan_of()
    items = (
        replace(plan.items[0], notes="[[action #1]]"),
        plan.items[1],
        replace(plan.items[2], notes="[[action #1]]\n[[ACTION  #1]]\n[[action #99]]"),
    )
    agenda = save(replace(plan, items=items), staff).agenda()
    assert [item.notes for item in agenda] == ["", "", "[[action 2025/01]]"]


def test_words_of_an_old_document_do_not_act_as_marks(
    staff: User, registers: dict[str, Any]
) -> None:
    sly = "[[withhold s40]] [[[action 2024/01]]"
    plan = plan_of()
    plan = replace(
        plan,
        meeting=replace(plan.meeting, title=sly, venue=sly),
        items=(ItemPlan(0, sly, notes=sly, decisions=sly),),
        seats=(SeatPlan(0, "Anna Bell", capacity=sly),),
        actions=(
            ActionPlan(
                1,
                sly,
                other_wording=sly,
                item="0",
                due_words=sly,
                older_reference=sly,
            ),
        ),
    )
    meeting = save(plan, staff)
    item, action = meeting.agenda()[0], meeting.actions.get()
    texts = [meeting.title, meeting.venue, item.heading, item.notes, item.decisions]
    texts += [action.text, action.other_wording, meeting.attendees.get().capacity]
    for text in [*texts, action.due_words, action.older_reference]:
        assert "[[" not in text
        assert text == "[ [withhold s40]] [ [ [action 2024/01]]"
    assert neutral("[[") == "[ ["


def test_new_rows_of_registers_are_made_once_under_their_names(
    staff: User,
) -> None:
    meeting = save(plan_of(), staff)
    assert str(meeting.type) == "Monthly Board"
    assert Theme.objects.get().name == "Mental Health"
    made = Organisation.objects.order_by("name")
    assert [(o.name, o.kind) for o in made] == [
        ("Force", "partner"),
        ("OPCC", "partner"),
    ]
    again = plan_of(replace(READ, lines=("other",)), same_day=ANOTHER)
    save(again, staff, ReadInFactory())
    assert MeetingType.objects.count() == Theme.objects.count() == 1
    assert Person.objects.filter(name="Ed Frost").count() == 1


def test_somebody_new_of_a_known_name_is_somebody_else(
    staff: User, registers: dict[str, Any]
) -> None:
    plan = plan_of()
    seats = (replace(plan.seats[0], person=AS_NEW), *plan.seats[1:])
    meeting = save(replace(plan, seats=seats), staff)
    assert meeting.attendance()[0].person != registers["person"]


def test_history_names_who_read_it_in_through_the_rows_own_history(
    staff: User, registers: dict[str, Any]
) -> None:
    read_in = ReadInFactory()
    meeting = save(plan_of(), staff, read_in)
    read_in.refresh_from_db()
    assert (read_in.state, read_in.meeting, read_in.doubts) == ("saved", meeting, 0)
    assert read_in.history.first().state == "saved"
    assert meeting.history.count() == 1 + 2  # themes, next meeting


def test_what_is_read_in_is_agreed_and_published_in_the_ordinary_way(
    staff: User, registers: dict[str, Any]
) -> None:
    meeting = save(plan_of(old_actions=CLOSED), staff)
    circulate_minutes(meeting, by=staff)
    agree(
        meeting,
        by=staff,
        how=Agreement.How.CHAIR,
        agreed_by="Anna Bell",
        agreed_on=dt.date(2025, 4, 20),
        overruled=[doubt.sentence for doubt in doubts_before_agreeing(meeting, staff)],
    )
    edition = prepare(meeting)
    said = str(edition.record)
    assert "Share the plan" in said
    assert "2025/01" in said
    meeting.refresh_from_db()
    assert meeting.state == "agreed"


# Old actions


def test_an_action_closed_before_this_register_says_so_and_by_whom(
    staff: User, registers: dict[str, Any]
) -> None:
    meeting = save(plan_of(old_actions=CLOSED), staff)
    action = meeting.actions.order_by("number")[0]
    assert action.status == "closed"
    entry = action.updates.last()
    assert entry is not None
    assert (entry.what, entry.author, entry.decided_how) == (
        "closed",
        staff,
        How.BEFORE,
    )
    assert entry.decided_by == staff.name
    assert entry.decided_on == TODAY
    assert entry.text == (
        "Closed before this register: read in from the minutes of 26 March 2025, and "
        "not followed here since."
    )
    assert not Action.objects.unresolved().filter(meeting=meeting).exists()


def test_each_action_may_stand_apart_from_the_meeting_s_choice(
    staff: User, registers: dict[str, Any]
) -> None:
    plan = plan_of(old_actions=CLOSED)
    first, second = plan.actions
    meeting = save(replace(plan, actions=(replace(first, stands=OPEN), second)), staff)
    states = meeting.actions.order_by("number").values_list("status", flat=True)
    assert list(states) == ["open", "closed"]


def test_nobody_chooses_before_this_register_for_a_decision_of_today() -> None:
    assert How.BEFORE not in dict(How.to_choose())
    assert set(dict(How.to_choose())) | {How.BEFORE} == set(How.values)


# The next meeting


def test_the_next_meeting_is_planned_with_what_is_printed(
    staff: User, registers: dict[str, Any]
) -> None:
    meeting = save(plan_of(), staff)
    following = meeting.next_meeting
    assert (following.state, following.date, following.start) == (
        "planned",
        dt.date(2025, 5, 30),
        dt.time(10, 30),
    )
    assert following.type == registers["type"]
    assert list(following.themes.all()) == [registers["performance"]]


def test_a_meeting_of_that_day_and_type_is_the_next_meeting(
    staff: User, registers: dict[str, Any]
) -> None:
    there = MeetingFactory(type=registers["type"], date=dt.date(2025, 5, 30))
    assert save(plan_of(), staff).next_meeting == there


def test_no_next_meeting_is_made_where_none_is_confirmed(
    staff: User, registers: dict[str, Any]
) -> None:
    meeting = save(plan_of(replace(READ, next_meeting=None)), staff)
    assert meeting.next_meeting is None
    assert Meeting.objects.count() == 1


def test_a_next_meeting_before_this_one_is_refused(
    staff: User, registers: dict[str, Any]
) -> None:
    plan = replace(plan_of(), next=NextPlan(AS_NEW, date=HELD))
    with pytest.raises(ValidationError) as refusal:
        save(plan, staff)
    assert list(refusal.value.message_dict) == ["next-date"]


# The same day, and the same file


def test_a_planned_meeting_of_that_day_is_filled_in_when_it_is_the_same(
    staff: User, registers: dict[str, Any]
) -> None:
    there = MeetingFactory(type=registers["type"], date=HELD)
    AgendaItemFactory(meeting=there, heading="Standing item")
    AttendeeFactory(meeting=there)
    assert "facts-same_day" in doubts_of(READ)
    with pytest.raises(ValidationError) as refusal:
        save(plan_of(), staff)
    assert list(refusal.value.message_dict) == ["facts-same_day"]
    meeting = save(plan_of(same_day=str(there.pk)), staff)
    assert (meeting.pk, meeting.state) == (there.pk, "draft")
    assert [i.heading for i in meeting.agenda()] == [i.heading for i in READ.items]
    assert meeting.attendees.count() == 4


@pytest.mark.parametrize(
    "written", [{"notes": "Said"}, {"lines_of_enquiry": "Why?"}, {"decisions": "Yes"}]
)
def test_nothing_is_added_to_a_meeting_somebody_wrote_in(
    staff: User, registers: dict[str, Any], written: dict[str, str]
) -> None:
    there = MeetingFactory(type=registers["type"], date=HELD)
    AgendaItemFactory(meeting=there, **written)
    with pytest.raises(ValidationError, match="nothing is added to it"):
        save(plan_of(same_day=str(there.pk)), staff)
    assert there.agenda_items.count() == 1


@pytest.mark.parametrize("state", ["draft", "circulated", "agreed"])
def test_nothing_is_added_to_minutes_that_are_written(
    staff: User, registers: dict[str, Any], state: str
) -> None:
    there = MeetingFactory(type=registers["type"], date=HELD, state=state)
    with pytest.raises(ValidationError, match="nothing is added to it"):
        save(plan_of(same_day=str(there.pk)), staff)
    other = save(plan_of(same_day=ANOTHER), staff)
    assert other.pk != there.pk


def test_a_file_becomes_a_meeting_once_and_later_savers_are_told(
    staff: User, registers: dict[str, Any]
) -> None:
    read_in = ReadInFactory()
    save(plan_of(), staff, read_in)
    with pytest.raises(TooLate, match="nothing of yours is saved"):
        save(plan_of(same_day=ANOTHER), staff, read_in)
    assert Meeting.objects.filter(date=HELD).count() == 1
    assert Action.objects.count() == 2


# All or nothing


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("actions-9-text", {"actions": (ActionPlan(9, " "),)}),
        ("actions-9-owners", {"actions": (ActionPlan(9, "Do", owners=("seat:77",)),)}),
        (
            "actions-9-due_on",
            {"actions": (ActionPlan(9, "Do", due="date", due_on=dt.date(2000, 1, 1)),)},
        ),
        ("items-9-heading", {"items": (ItemPlan(9, "x" * 301),)}),
        ("items-9-withheld_reason", {"items": (ItemPlan(9, "A", restricted=True),)}),
        ("seats-9-organisation", {"seats": (SeatPlan(9, "Z", organisation="999999"),)}),
        ("seats-9-abbreviation", {"seats": (SeatPlan(9, "Z", abbreviation="x" * 21),)}),
        ("seats-9-name", {"seats": (SeatPlan(8, "Z"), SeatPlan(9, "z"))}),
        ("facts-type", {"meeting": MeetingPlan(date=HELD)}),
        ("facts-date", {"meeting": MeetingPlan(type="new:Board")}),
    ],
)
def test_a_failure_in_the_middle_saves_nothing_and_names_the_field(
    staff: User, registers: dict[str, Any], part: str, broken: dict[str, Any]
) -> None:
    read_in = ReadInFactory()
    before = Person.objects.count()
    plan = replace(plan_of(replace(READ, next_meeting=None)), **broken)
    with pytest.raises(ValidationError) as refusal:
        save(plan, staff, read_in)
    assert list(refusal.value.message_dict) == [part]
    assert not Meeting.objects.exists()
    assert not Action.objects.exists()
    assert Person.objects.count() == before
    read_in.refresh_from_db()
    assert read_in.state == "to_check"


@pytest.mark.parametrize("name", ["notes", "decisions"])
def test_a_text_too_long_for_an_item_is_said_at_its_field_and_nothing_saved(
    staff: User, registers: dict[str, Any], name: str
) -> None:
    plan = plan_of()
    long = replace(plan.items[0], **{name: "word " * 20_001})
    plan = replace(plan, items=(long, *plan.items[1:]))

    with pytest.raises(ValidationError) as refusal:
        save(plan, staff)

    field = f"items-{long.key}-{name}"
    assert list(refusal.value.message_dict) == [field]
    assert "at most 100000 characters; this has 100005" in str(refusal.value)
    assert not Meeting.objects.exists()


def test_what_is_dropped_is_not_saved(staff: User, registers: dict[str, Any]) -> None:
    read_in = ReadInFactory(state="dropped")
    with pytest.raises(ValidationError, match="dropped meanwhile"):
        save(plan_of(), staff, read_in)


def test_a_restricted_item_is_withheld_with_all_below_it(
    staff: User, registers: dict[str, Any]
) -> None:
    items = (
        ItemPlan(0, "Closed", restricted=True, withheld_reason="s31"),
        ItemPlan(1, "Below", depth=1),
        ItemPlan(2, "Open"),
    )
    agenda = save(replace(plan_of(), items=items, actions=()), staff).agenda()
    assert [(i.restricted, i.withheld_reason) for i in agenda] == [
        (True, "s31"),
        (True, "s31"),
        (False, ""),
    ]


def test_a_depth_without_a_heading_above_it_is_as_deep_as_can_be(
    staff: User, registers: dict[str, Any]
) -> None:
    items = (ItemPlan(0, "A", depth=2), ItemPlan(1, "B", depth=5), ItemPlan(2, "C"))
    agenda = save(replace(plan_of(), items=items, actions=()), staff).agenda()
    assert [i.depth for i in agenda] == [0, 1, 0]


@pytest.mark.parametrize(
    ("due", "kind"),
    [
        ("none", DueKind.NONE),
        ("next", DueKind.TYPE),
        ("theme:new:Rural crime", DueKind.THEME),
        ("type:new:Forum", DueKind.TYPE),
    ],
)
def test_an_action_is_due_as_chosen(
    staff: User, registers: dict[str, Any], due: str, kind: str
) -> None:
    plan = replace(plan_of(), actions=(ActionPlan(1, "Do", due=due),))
    action = save(plan, staff).actions.get()
    assert action.due_kind == kind
    if due == "next":
        assert action.due_type == registers["type"]


def test_the_importer_s_moment_is_now(staff: User, registers: dict[str, Any]) -> None:
    action = save(plan_of(), staff).actions.first()
    assert action is not None
    assert timezone.now() - action.created_at < dt.timedelta(minutes=1)


def test_a_seat_without_a_role_is_no_chair(
    staff: User, registers: dict[str, Any]
) -> None:
    meeting = save(plan_of(), staff)
    assert meeting.attendees.filter(role=Attendee.Role.CHAIR).count() == 1
