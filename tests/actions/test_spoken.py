"""One spoken line becomes an action: owners, due, and what stays unset is said."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.models import Action, Due
from actions.spoken import Listener, raise_spoken, understand
from assurance.models import Organisation, User
from meetings.models import Attendee, Meeting, MeetingType
from tests.factories import (
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    PersonFactory,
    ThemeFactory,
    due_on,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def force() -> Organisation:
    return OrganisationFactory(name="West Mercia Police", short_names="Force, WMP")


@pytest.fixture
def office() -> Organisation:
    return OrganisationFactory(name="Office of the PCC", short_names="OPCC")


@pytest.fixture
def monthly() -> MeetingType:
    return MeetingTypeFactory(name="Monthly assurance meeting")


@pytest.fixture
def meeting(force: Organisation, office: Organisation, monthly: MeetingType) -> Meeting:
    """4 August 2020: the commissioner, the chief constable and a director."""
    meeting = MeetingFactory(type=monthly, date=dt.date(2020, 8, 4))
    for name, abbreviation, capacity, organisation in [
        ("John Campion", "PCC", "Police and Crime Commissioner", office),
        ("Anthony Bangham", "T/CC", "Temporary Chief Constable", force),
        ("Rachel Hartland-Lane", "DBS", "Director of Business Services", force),
    ]:
        AttendeeFactory(
            meeting=meeting,
            person=PersonFactory(name=name),
            abbreviation=abbreviation,
            capacity=capacity,
            organisation=organisation,
        )
    return meeting


def test_owner_and_due_of_a_line(meeting: Meeting, force: Organisation) -> None:
    understood = understand("DBS to share work plan in a month", meeting=meeting)
    (owner,) = understood.owners
    assert owner.organisation == force
    assert owner.post == "Director of Business Services"
    assert str(owner.person) == "Rachel Hartland-Lane"
    assert understood.due == due_on(2020, 9, 4)
    assert understood.due_words == "in a month"
    assert understood.doubts == ()
    assert understood.in_words() == (
        "WMP, Director of Business Services, Rachel Hartland-Lane. "
        "Due 4 September 2020 (“in a month”)"
    )


def test_the_post_of_who_acts_is_the_post_itself(meeting: Meeting) -> None:
    (owner,) = understand("T/CC to write", meeting=meeting).owners
    assert owner.post == "Chief Constable"


def test_organisations_own_without_post_or_person(
    meeting: Meeting, force: Organisation, office: Organisation
) -> None:
    understood = understand("Force and OPCC to agree terms", meeting=meeting)
    assert [
        (owner.organisation, owner.post, owner.person) for owner in understood.owners
    ] == [(force, "", None), (office, "", None)]


def test_the_words_are_kept_as_they_were_typed(meeting: Meeting) -> None:
    typed = "  dbs  to “share” it – in a month.  "
    assert understand(typed, meeting=meeting).text == typed.strip()
    assert understand("ACTION: the force to act", meeting=meeting).text == (
        "the force to act"
    )


def test_nothing_understood_is_said(meeting: Meeting) -> None:
    understood = understand("To share the plan with the PCC", meeting=meeting)
    assert understood.owners == ()
    assert understood.due == Due()
    assert understood.due_words == ""
    assert understood.in_words() == "No owner understood. No due date understood"


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ("GB to act", "“GB” was not recognised as an owner: it is nobody"),
        ("Rachel to act", "“Rachel” alone does not say that Rachel Hartland-Lane"),
        ("PCC or DBS to act", "“PCC or DBS” may be John Campion or Rachel Hartland"),
        ("DBS to act by June", "No due date is set from “by June”. It names a month"),
        ("DBS to act by 31 June", "“by 31 June”. There is no such day"),
        ("DBS to act by 3 May 2020", "It is before the meeting date, 4 August 2020"),
        ("DBS to act at next vetting meeting", "meeting is called “vetting”"),
        ("DBS to act at the November meeting", "No meeting is planned in November"),
        ("DBS to act before the next meeting", "“before the next meeting” says"),
    ],
)
def test_doubts_are_sentences(meeting: Meeting, line: str, doubt: str) -> None:
    (said,) = understand(line, meeting=meeting).doubts
    assert doubt in said


def test_words_of_a_due_that_stays_unset_are_kept(meeting: Meeting) -> None:
    for line in ("DBS to act by June", "DBS to act by 3 May 2020"):
        understood = understand(line, meeting=meeting)
        assert understood.due == Due()
        assert line.endswith(understood.due_words)
        assert understood.due_words
        assert understood.due_in_words() == "No due date understood"


def test_said_to_have_no_date(meeting: Meeting) -> None:
    understood = understand("DBS to act ASAP", meeting=meeting)
    assert understood.due == Due()
    assert understood.doubts == ()
    assert understood.due_in_words() == "No date: “ASAP”"


def test_somebody_without_organisation_cannot_own(meeting: Meeting) -> None:
    Attendee.objects.filter(abbreviation="DBS").update(organisation=None)
    understood = understand("DBS to act", meeting=meeting)
    assert understood.owners == ()
    assert "no organisation in the attendance" in understood.doubts[0]


def test_two_who_fit_are_not_chosen_between(
    meeting: Meeting, force: Organisation
) -> None:
    AttendeeFactory(
        meeting=meeting,
        person=PersonFactory(name="Dan Smith"),
        abbreviation="DBS",
        organisation=force,
    )
    understood = understand("DBS to act", meeting=meeting)
    assert understood.owners == ()
    assert understood.doubts == ("“DBS” may be Rachel Hartland-Lane or Dan Smith",)


# Meetings


def test_next_meeting_is_the_next_of_this_type(
    meeting: Meeting, monthly: MeetingType
) -> None:
    understood = understand("DBS to report at the next meeting", meeting=meeting)
    assert understood.due == Due.at_next_of(monthly)
    assert understood.due_in_words() == (
        "Due at the next Monthly assurance meeting (“at the next meeting”)"
    )


def test_next_meeting_of_a_name_is_its_theme_or_type(meeting: Meeting) -> None:
    workforce = ThemeFactory(name="Workforce")
    inclusion = ThemeFactory(name="Diversity, equality and inclusion")
    board = MeetingTypeFactory(name="Accountability Board")
    listener = Listener(meeting)
    for words, due in [
        ("at next workforce meeting", Due.at_next_on(workforce)),
        ("at the next meeting on workforce", Due.at_next_on(workforce)),
        ("at the next DE&I meeting", Due.at_next_on(inclusion)),
        ("at next Accountability Board", Due.at_next_of(board)),
        ("before the next board", Due.at_next_of(board)),
        ("at the next monthly assurance meeting", Due.at_next_of(meeting.type)),
    ]:
        understood = listener.understand(f"DBS to report {words}")
        assert (understood.due, understood.due_words) == (due, words)


def test_a_name_that_two_have_is_not_chosen_between(meeting: Meeting) -> None:
    ThemeFactory(name="Performance")
    MeetingTypeFactory(name="Performance meeting")
    understood = understand("DBS to act at next performance meeting", meeting=meeting)
    assert understood.due == Due()
    assert understood.due_words == "at next performance meeting"
    assert "may be “Performance” or “Performance meeting”" in understood.doubts[0]


def test_themes_and_types_not_in_use_are_not_meant(meeting: Meeting) -> None:
    ThemeFactory(name="Workforce", is_active=False)
    understood = understand("DBS to act at next workforce meeting", meeting=meeting)
    assert understood.due == Due()


def test_the_meeting_of_a_month_is_the_only_one_there(
    meeting: Meeting, monthly: MeetingType
) -> None:
    line = "DBS to report at the November meeting"
    november = MeetingFactory(type=monthly, date=dt.date(2020, 11, 12))
    MeetingFactory(type=monthly, date=dt.date(2021, 11, 12))
    assert understand(line, meeting=meeting).due == Due.at_meeting(november)
    workforce = ThemeFactory(name="Workforce")
    second = MeetingFactory(date=dt.date(2020, 11, 26), themes=[workforce])
    understood = understand(line, meeting=meeting)
    assert understood.due == Due()
    assert "There is more than one meeting in November 2020" in understood.doubts[0]
    named = understand("DBS to act at the November workforce meeting", meeting=meeting)
    assert named.due == Due.at_meeting(second)
    second.cancel("No quorum")
    assert understand(line, meeting=meeting).due == Due.at_meeting(november)


def test_the_meeting_of_this_month_is_a_later_one(
    meeting: Meeting, monthly: MeetingType
) -> None:
    MeetingFactory(type=monthly, date=dt.date(2020, 8, 3))
    line = "DBS to report at the August meeting"
    assert understand(line, meeting=meeting).due == Due()
    later = MeetingFactory(type=monthly, date=dt.date(2020, 8, 20))
    assert understand(line, meeting=meeting).due == Due.at_meeting(later)


def test_many_lines_cost_the_lookups_of_one(meeting: Meeting) -> None:
    ThemeFactory(name="Workforce")
    for month in range(1, 13):
        MeetingFactory(type=meeting.type, date=dt.date(2021, month, 5))
    lines = [
        "DBS to act in a month",
        "Force to act at next workforce meeting",
        "PCC to act at the November meeting",
        "T/CC to act at the next meeting",
    ]
    listener = Listener(meeting)
    with CaptureQueriesContext(connection) as one:
        listener.understand(lines[0])
    assert len(one) == 2
    with CaptureQueriesContext(connection) as rest:
        for line in lines * 5:
            listener.understand(line)
    assert len(rest) <= 4


# Raising it


def test_a_line_becomes_an_action(
    meeting: Meeting, force: Organisation, staff: User
) -> None:
    item = AgendaItemFactory(meeting=meeting)
    action = raise_spoken(
        meeting=meeting,
        item=item,
        text="ACTION: Force and DBS to share work plan with PCC in a month.",
        by=staff,
    )
    action = Action.objects.get(pk=action.pk)
    assert action.text == "Force and DBS to share work plan with PCC in a month."
    assert (action.meeting, action.item) == (meeting, item)
    assert (action.due, action.due_words) == (due_on(2020, 9, 4), "in a month")
    assert [(o.leads, o.post) for o in action.owners.all()] == [
        (True, ""),
        (False, "Director of Business Services"),
    ]
    assert action.updates.get().author == staff


def test_what_is_not_understood_is_raised_without(
    meeting: Meeting, staff: User
) -> None:
    action = raise_spoken(
        meeting=meeting, item=None, text="GB to act by 1 May 2020", by=staff
    )
    assert not action.owners.exists()
    assert (action.due, action.due_words) == (Due(), "by 1 May 2020")


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_said_is_no_action(meeting: Meeting, staff: User, text: str) -> None:
    with pytest.raises(ValidationError, match="Write what is to be done"):
        raise_spoken(meeting=meeting, item=None, text=text, by=staff)
    assert not Action.objects.exists()


def test_too_much_said_is_no_action(meeting: Meeting, staff: User) -> None:
    with pytest.raises(ValidationError, match="5,000 characters or fewer"):
        raise_spoken(meeting=meeting, item=None, text="x" * 5001, by=staff)
    raise_spoken(meeting=meeting, item=None, text="x" * 5000, by=staff)
    assert Action.objects.count() == 1


def test_agreed_minutes_take_no_action(meeting: Meeting, staff: User) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.AGREED)
    with pytest.raises(ValidationError):
        raise_spoken(meeting=meeting, item=None, text="DBS to act", by=staff)
    assert not Action.objects.exists()
