"""A tracker in a spreadsheet: what its rows become, and that all are saved or none."""

import datetime as dt
import json

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.importing.line import plan_from_json, plan_to_json, stands_of
from actions.importing.sheets import (
    choose_headings,
    drop_sheet,
    leave_out_errors,
    match_columns,
    mend_line,
    save_sheet,
    take_in_workbook,
)
from actions.importing.tracker import Reading, Row, SheetFacts
from actions.lifecycle import Status
from actions.models import Action, ColumnsKnown, How, SheetIn, Update
from assurance.sheets import safe
from meetings.models import Meeting
from meetings.reader.files.sheets import Sheet, SheetRow, Workbook
from tests.actions.pages import replayed
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    UserFactory,
)

TODAY = dt.date(2026, 11, 20)
HEAD = (
    "Ref",
    "Action",
    "Lead",
    "Target date",
    "RAG",
    "Progress",
    "Date raised",
    "Board",
)
BLANK = dict.fromkeys(HEAD, "")


def row(**cells: str) -> tuple[str, ...]:
    said = BLANK | {"Action": "Share the plan", "Date raised": "4 May 2026"}
    return tuple((said | {k.replace("_", " "): v for k, v in cells.items()}).values())


def taken(*rows: tuple[str, ...], name: str = "Tracker.xlsx", head=HEAD) -> SheetIn:
    lines = [SheetRow(n, r) for n, r in enumerate((head, *rows), 1)]
    found = take_in_workbook(
        Workbook((Sheet("Live", tuple(lines)),)),
        repr((name, rows)).encode(),
        name=name,
        by=UserFactory(),
        today=TODAY,
    )
    return found[0].sheet_in


def matched(*rows: tuple[str, ...], closed: bool = False, raised_on=None, **more):
    sheet_in = taken(*rows, **more)
    return match_columns(
        sheet_in,
        sheet_in.meanings,
        raised_on=raised_on,
        closed=closed,
        by=sheet_in.by,
        today=TODAY,
        version=sheet_in.version,
    )


def plans(sheet_in: SheetIn):
    return [plan_from_json(line.plan) for line in sheet_in.lines.of_actions()]


def plan_of(**cells: str):
    (plan,) = plans(matched(row(**cells)))
    return plan


def save(sheet_in: SheetIn, *, by=None) -> list[Action]:
    now = SheetIn.objects.get(pk=sheet_in.pk)
    by = by or UserFactory()
    return save_sheet(now, by=by, today=TODAY, version=now.version)


@pytest.fixture
def force(db):
    return OrganisationFactory(name="West Mercia Police", short_names="Force, WMP")


# What a row becomes


def test_owners_are_organisations_posts_and_people_who_were_at_meetings(force):
    seat = AttendeeFactory(
        person__name="Rachel Hartland-Lane",
        abbreviation="DBS",
        capacity="T/Director of Business Services",
        organisation=force,
    )
    plan = plan_of(Lead="DBS / WMP")
    assert [(o.organisation, o.post, o.person) for o in plan.owners] == [
        (force.pk, "Director of Business Services", seat.person_id)
    ]
    assert plan.doubts == ()


def test_a_post_that_several_held_is_the_post_whoever_has_it(force):
    for name in ("Anthony Bangham", "Pippa Mills"):
        AttendeeFactory(
            person__name=name, capacity="Chief Constable", organisation=force
        )
    plan = plan_of(Lead="Chief Constable")
    (owner,) = plan.owners
    assert (owner.post, owner.person, plan.doubts) == ("Chief Constable", None, ())


def test_an_owner_who_is_nobody_here_is_said_and_kept_in_words(force):
    plan = plan_of(Lead="WMP, Bob")
    assert [owner.organisation for owner in plan.owners] == [force.pk]
    assert "“Bob” is nobody at any meeting here" in plan.doubts[0]
    assert "Owner there: “WMP, Bob”." in plan.remarks


@pytest.mark.parametrize(
    ("words", "on"),
    [
        ("2026-09-30", dt.date(2026, 9, 30)),
        ("30 Sept", dt.date(2026, 9, 30)),
        ("30/09/2026", dt.date(2026, 9, 30)),
        ("30-Sep-26", dt.date(2026, 9, 30)),
        ("End of June", dt.date(2026, 6, 30)),
    ],
)
def test_a_due_is_read_from_the_day_it_was_raised(db, words, on):
    plan = plan_of(Target_date=words)
    assert (plan.due.on, plan.doubts) == (on, ())


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("June", "it names a month, and no day"),
        ("1 May 2026", "it is before the day it was raised, 4 May 2026"),
        ("When possible", "it is not understood"),
        ("Next meeting", "it does not say of which type"),
    ],
)
def test_a_due_that_says_no_day_stays_unset_and_says_why(db, words, why):
    MeetingTypeFactory()
    MeetingTypeFactory()
    plan = plan_of(Target_date=words)
    assert plan.due.kind == "none"
    assert plan.doubts == (f"No due date is set from “{words}”: {why}",)
    assert plan.due_words == words


def test_no_date_in_words_is_no_doubt(db):
    plan = plan_of(Target_date="ASAP")
    assert (plan.due.kind, plan.due_words, plan.doubts) == ("none", "ASAP", ())


def test_the_next_meeting_is_that_of_the_type_it_was_raised_at(db):
    meeting = MeetingFactory(date=dt.date(2026, 7, 4), state=Meeting.State.AGREED)
    plan = plan_of(Target_date="Next meeting", Date_raised="4 July 2026")
    assert (plan.due.kind, plan.due.row) == ("type", meeting.type_id)


def test_the_next_meeting_of_long_ago_is_not_one_of_today(db):
    meeting = MeetingFactory(date=dt.date(2012, 7, 4))
    MeetingFactory(date=dt.date(2026, 12, 1), type=meeting.type)
    plan = plan_of(Target_date="Next meeting", Date_raised="4 July 2012")
    assert plan.due.kind == "none"
    assert "soon after it is in the register" in plan.doubts[0]


@pytest.mark.parametrize(
    ("words", "stands"),
    [
        ("Closed", "closed"),
        ("Complete – paper given", "closed"),
        ("Discharged", "closed"),
        ("Not required", "closed"),
        ("Open", "open"),
        ("Ongoing", "open"),
        ("Not complete", "open"),
        ("Carried forward", "open"),
        ("C/F", "open"),
        ("Amber", "open"),
        ("To be closed", "open"),
        ("On hold", "on_hold"),
        ("Purple", ""),
    ],
)
def test_what_words_say_of_a_status(words, stands):
    assert stands_of(words) == stands


def test_a_status_that_is_not_understood_is_open_and_said(db):
    plan = plan_of(RAG="Purple")
    assert plan.stands == "open"
    assert plan.doubts == ("“Purple” says no status: it comes in as open",)
    assert "Status there: “Purple”." in plan.remarks


def test_rows_without_a_status_are_what_was_said_for_them(db):
    (plan,) = plans(matched(row(), closed=True))
    assert plan.is_closed


def test_a_day_that_is_no_due_is_kept_in_words(db):
    plan = plan_of(Target_date="2026-05-01")
    assert (plan.due.kind, plan.due_words) == ("none", "1 May 2026")


CELLS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30),
    st.from_regex(r"[0-3]?[0-9][-/. ](?:[01]?[0-9]|Sep|May|June)[-/. ][0-9]{2,4}"),
    st.sampled_from(["May 2012", "30 Feb", "June", "next meeting", "WMP / ", "Closed"]),
)


@given(st.lists(st.lists(CELLS, max_size=8), max_size=4))
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_cells_at_all_are_understood_or_said_to_be_wrong(db, table):
    meanings = ("reference", "action", "owner", "due", "status", "update")
    facts = SheetFacts("a.csv", 0, HEAD, (*meanings, "raised_on", "item"))
    rows = [Row(number, cells, {}) for number, cells in enumerate(table, 1)]
    for found in Reading(facts, today=TODAY).understand_all(rows).values():
        kept = json.loads(json.dumps(plan_to_json(found.plan)))
        assert plan_from_json(kept) == found.plan
        assert found.plan.errors or (found.plan.text and found.plan.raised_on)


# Where it was raised


def test_a_heading_above_gives_the_day_to_the_rows_beneath(db):
    sheet_in = matched(
        ("Meeting of 4 July 2012",),
        row(Ref="1", Date_raised=""),
        ("May 2013",),
        row(Ref="2", Date_raised=""),
    )
    first, second = plans(sheet_in)
    assert (first.raised_on, first.doubts) == (dt.date(2012, 7, 4), ())
    assert second.raised_on == dt.date(2013, 5, 1)
    assert second.doubts == ("“May 2013” names no day: 1 May 2013 is taken",)


def test_without_any_day_the_row_is_wrong_unless_one_is_said_for_all(db):
    (plan,) = plans(matched(row(Date_raised="")))
    assert "Nothing says when it was raised" in plan.errors[0]
    (plan,) = plans(
        matched(row(Date_raised="", Ref="2"), raised_on=dt.date(2026, 1, 1))
    )
    assert (plan.raised_on, plan.errors) == (dt.date(2026, 1, 1), ())


def test_the_one_meeting_of_that_day_is_where_it_was_raised(db):
    meeting = MeetingFactory(date=dt.date(2026, 5, 4), state=Meeting.State.DRAFT)
    item = AgendaItemFactory(meeting=meeting, heading="Call handling")
    plan = plan_of(Board="Call handling")
    assert (plan.meeting, plan.item) == (meeting.pk, item.pk)


def test_of_a_month_with_one_meeting_it_is_that(db):
    meeting = MeetingFactory(date=dt.date(2026, 5, 4), state=Meeting.State.DRAFT)
    (plan,) = plans(matched(("May 2026",), row(Date_raised="")))
    assert (plan.meeting, plan.raised_on, plan.doubts) == (meeting.pk, meeting.date, ())


def test_of_several_meetings_that_day_one_is_chosen(db):
    day = dt.date(2026, 5, 4)
    meetings = [MeetingFactory(date=day, state=Meeting.State.DRAFT) for _ in "ab"]
    sheet_in = matched(row())
    (plan,) = plans(sheet_in)
    assert plan.meeting is None
    assert "more than one meeting of 4 May 2026" in plan.doubts[0]
    line = sheet_in.lines.of_actions().get()
    chosen = {"meeting": str(meetings[1].pk)}
    mended(line, chosen)
    (plan,) = plans(sheet_in)
    assert (plan.meeting, plan.doubts) == (meetings[1].pk, ())


def test_nothing_is_added_to_minutes_that_are_agreed(db):
    MeetingFactory(date=dt.date(2026, 5, 4), state=Meeting.State.AGREED)
    plan = plan_of()
    assert plan.meeting is None
    assert "as the minutes of that meeting are agreed" in plan.raised_said
    (action,) = save(matched(row(Ref="2")))
    assert (action.source_kind, action.source_on) == ("other", dt.date(2026, 5, 4))


# Saving


def test_a_row_becomes_an_action_with_its_past(force):
    sheet_in = matched(
        row(
            Ref="A7",
            Lead="WMP",
            Target_date="30 Sept",
            Progress="Begun in June",
            RAG="Amber",
            Board="Police board",
        )
    )
    by = UserFactory(name="Ann Lee")
    (action,) = save(sheet_in, by=by)
    assert (action.year, action.older_reference, action.status) == (2026, "A7", "open")
    assert action.source == "Tracker.xlsx: Police board"
    assert action.due.on == dt.date(2026, 9, 30)
    assert action.owners.get().organisation == force
    assert not action.is_issued
    raised, update = action.updates.all()
    assert raised.author == by
    assert raised.text.startswith("Read in from “Tracker.xlsx, Live”, row 2.")
    assert (update.what, update.text) == (Update.What.UPDATE, "Begun in June")


def test_a_closed_row_comes_in_as_closed_before_this_register(db):
    (action,) = save(matched(row(RAG="Closed", Target_date="30 Sept 2026")))
    closing = action.updates.get(what=Update.What.CLOSED)
    assert action.status == Status.CLOSED
    assert (closing.decided_how, closing.decided_on) == (How.BEFORE, TODAY)
    assert "Closed before this register" in closing.text


def test_a_hold_needs_the_day_it_ends(db):
    sheet_in = matched(row(RAG="On hold"))
    (plan,) = plans(sheet_in)
    assert "unless you say until when it is held" in plan.doubts[0]
    line = sheet_in.lines.of_actions().get()
    mended(line, {"stands": "on_hold", "look_again_on": "2027-01-04"})
    (action,) = save(sheet_in)
    assert (action.status, action.look_again_on) == (
        Status.ON_HOLD,
        dt.date(2027, 1, 4),
    )


def test_a_revised_due_keeps_the_first_and_is_not_counted(db):
    head = ("Action", "Due", "Revised date", "Date raised")
    rows = [("Share", "1 June 2026", "1 July 2026", "4 May 2026")]
    (action,) = save(matched(*rows, head=head))
    dues = [update.due_on for update in action.updates.dues()]
    assert dues == [dt.date(2026, 6, 1), dt.date(2026, 7, 1)]
    assert Action.objects.with_moves_counted().get().times_moved == 0


def test_several_columns_of_updates_are_one_update_under_their_headings(db):
    head = ("Action", "Update May", "Update June", "Date raised")
    (plan,) = plans(matched(("Share", "Begun", "Done half", "4 May 2026"), head=head))
    assert plan.update == "Update May: Begun\nUpdate June: Done half"


def test_the_timeline_of_each_replays_to_the_present(force):
    head = ("Action", "Owner", "Due", "Revised date", "Status", "Update", "Date raised")
    rows = [
        (
            f"{status} {revised}",
            "WMP",
            "1 June 2026",
            revised,
            status,
            "Begun",
            "4/5/2026",
        )
        for status in ("Open", "Closed", "On hold")
        for revised in ("", "1 July 2026", "1 June 2026")
    ]
    sheet_in = matched(*rows, head=head)
    line = sheet_in.lines.of_actions().last()
    mended(line, {"stands": "on_hold", "look_again_on": "2027-01-04"})
    actions = save(sheet_in)
    assert len(actions) == 9
    for action in Action.objects.all():
        stands = (action.status, action.due, action.look_again_on)
        assert replayed(action) == stands
        assert action.history.get().status == action.status
        assert action.owners.get().leads
    assert [action.number for action in actions] == list(range(1, 10))
    following = ActionFactory(source_kind="other", source_on=dt.date(2026, 1, 1))
    assert following.number == 10


def test_a_meeting_agreed_meanwhile_takes_nothing_more(db):
    meeting = MeetingFactory(date=dt.date(2026, 5, 4), state=Meeting.State.DRAFT)
    sheet_in = matched(row())
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.AGREED)
    (action,) = save(sheet_in)
    assert (action.meeting, action.source_on) == (None, meeting.date)


def test_one_wrong_row_keeps_all_from_being_saved(db):
    sheet_in = matched(row(Ref="1"), row(Ref="2", Action=""))
    with pytest.raises(ValidationError, match="1 row has errors"):
        save(sheet_in)
    assert not Action.objects.exists()
    sheet_in.refresh_from_db()
    assert leave_out_errors(sheet_in, version=sheet_in.version) == 1
    assert len(save(sheet_in)) == 1


def test_saving_twice_changes_nothing(db):
    sheet_in = matched(row())
    assert len(save(sheet_in)) == 1
    assert save(sheet_in) == []
    assert Action.objects.count() == 1


def test_the_same_file_is_the_same_sheet(db):
    first, again = taken(row()), taken(row())
    assert first.pk == again.pk
    assert SheetIn.objects.count() == 1


def test_a_sheet_that_was_dropped_may_be_handed_in_again(db):
    first = taken(row())
    drop_sheet(first)
    assert taken(row()).pk != first.pk


def test_rows_of_another_file_that_are_in_the_register_are_skipped(db):
    (action,) = save(matched(row(Ref="A7")))
    sheet_in = matched(row(Ref="A7"), row(Ref="A8"), name="June.xlsx")
    first, second = sheet_in.lines.of_actions()
    assert (first.there, second.there) == (action, None)
    assert "has the same words" in plan_from_json(second.plan).doubts[0]
    assert [one.older_reference for one in save(sheet_in)] == ["A8"]


def test_a_row_saved_from_elsewhere_meanwhile_is_skipped(db):
    one = matched(row(Ref="A7"), row(Ref="A9", Action="More"))
    other = matched(row(Ref="A7"), name="Other.xlsx")
    save(other)
    assert [action.older_reference for action in save(one)] == ["A9"]
    assert Action.objects.count() == 2


def test_a_row_said_twice_in_the_file_is_saved_once(db):
    assert len(save(matched(row(Ref="1"), row(Ref="1")))) == 1


def test_an_export_of_ours_read_in_again_changes_nothing(db):
    (action,) = save(matched(row()))
    sheet_in = matched(row(Ref=action.reference), name="Export.xlsx")
    assert sheet_in.lines.of_actions().get().there == action
    with pytest.raises(ValidationError, match="No row is left to save"):
        save(sheet_in)


def test_what_looks_like_a_formula_stays_text_and_is_harmless_in_exports(db):
    (action,) = save(matched(row(Action='=HYPERLINK("http://x")')))
    assert action.text == '=HYPERLINK("http://x")'
    assert safe(action.text).startswith("'=")


def test_marks_of_ours_in_a_cell_do_nothing(db):
    (action,) = save(matched(row(Action="Share [[withhold s40]] it")))
    assert "[[" not in action.text


# Columns


def test_matching_is_remembered_for_the_same_headings(db):
    first = taken(row())
    meanings = ["reference", "action", "owner", "", "status", "update", "raised_on", ""]
    match_columns(
        first,
        meanings,
        raised_on=None,
        closed=False,
        by=UserFactory(),
        today=TODAY,
        version=0,
    )
    again = taken(row(Ref="2"), name="June.xlsx")
    assert (again.state, again.meanings) == (SheetIn.State.TO_CHECK, meanings)
    assert ColumnsKnown.objects.count() == 1


@pytest.mark.parametrize(
    ("meanings", "sentence"),
    [
        (["", "reference"], "Say which column holds the action"),
        (["action", "action"], "Two columns are “Action”"),
    ],
)
def test_a_matching_that_cannot_be_is_refused(db, meanings, sentence):
    sheet_in = taken(("Share", "x"), head=("Action", "Owner"))
    with pytest.raises(ValidationError, match=sentence):
        match_columns(
            sheet_in,
            meanings,
            raised_on=None,
            closed=False,
            by=UserFactory(),
            today=TODAY,
            version=0,
        )


def test_another_row_may_hold_the_headings(db):
    sheet_in = taken(("Ref", "Task", "Who"), ("1", "Share", "WMP"), head=("x", "y"))
    sheet_in = choose_headings(sheet_in, 2, version=sheet_in.version)
    assert sheet_in.meanings == ["reference", "action", "owner"]
    with pytest.raises(ValidationError, match="Row 9 is empty"):
        choose_headings(sheet_in, 9, version=sheet_in.version)


# Changed meanwhile


def mended(line, words, *, left_out: bool = False, version: int | None = None):
    if version is None:
        version = SheetIn.objects.get(pk=line.sheet_in_id).version
    return mend_line(line, words, left_out=left_out, today=TODAY, version=version)


def test_a_row_is_understood_by_the_words_it_was_mended_with(force):
    sheet_in = matched(row(Action="", Lead="Bob"), row(Ref="1"))
    line = sheet_in.lines.of_actions().first()
    words = {
        "action": "Ring them",
        "owner": "WMP",
        "due": "1 June",
        "raised_on": "3 May",
    }
    mended(line, words)
    plan = plans(sheet_in)[0]
    assert (plan.text, plan.owners[0].organisation) == ("Ring them", force.pk)
    mended(line, words | {"raised_on": "3 May 2026"})
    assert plans(sheet_in)[0].raised_on == dt.date(2026, 5, 3)
    assert plans(sheet_in)[0].due.on == dt.date(2026, 6, 1)


def test_what_somebody_else_changed_is_not_overwritten(db):
    sheet_in = matched(row())
    line, version = sheet_in.lines.of_actions().get(), sheet_in.version
    mended(line, {"action": "Theirs"})
    with pytest.raises(ValidationError, match="Somebody else changed"):
        mended(line, {"action": "Mine"}, version=version)
    with pytest.raises(ValidationError, match="Somebody else changed"):
        save_sheet(sheet_in, by=UserFactory(), today=TODAY, version=version)
    assert plans(sheet_in)[0].text == "Theirs"


def test_what_was_dropped_or_saved_meanwhile_takes_no_change(db):
    sheet_in = matched(row())
    line = sheet_in.lines.of_actions().get()
    save(sheet_in)
    with pytest.raises(ValidationError, match="was saved meanwhile"):
        mended(line, {})
    with pytest.raises(ValidationError, match="was saved meanwhile"):
        drop_sheet(sheet_in)
