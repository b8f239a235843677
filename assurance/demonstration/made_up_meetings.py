"""Made-up meetings around today, so that every state and every reason can be seen.

Their titles say that they are made up. No meeting here is on Workforce: the action of
August 2020 waits for one.
"""

import datetime as dt
from dataclasses import dataclass

from assurance.calendar import is_working_day, on_or_before_working_day
from assurance.demonstration.registers import Registers
from assurance.demonstration.telling import (
    Item,
    item,
    moment,
    write_agenda,
    write_attendance,
)
from meetings.models import (
    AgendaItem,
    Attendee,
    Kind,
    Meeting,
    MeetingType,
    Paper,
    WithheldReason,
)
from meetings.operations import start_agenda

LABEL = "(demonstration)"


@dataclass
class MadeUp:
    """The made-up meetings, oldest first, with the items that actions are raised at."""

    rural: Meeting
    roads: Meeting
    performance: Meeting
    violence: Meeting
    next: Meeting
    finance: Meeting
    mental_health: Meeting

    def item(self, meeting: Meeting, heading: str) -> AgendaItem:
        return meeting.agenda_items.get(heading=heading)


def make_made_up_meetings(known: Registers, today: dt.date) -> MadeUp:
    rural = _held(
        known, today, -118, known.monthly, "Rural crime", _rural(known), "Rural crime"
    )
    roads = _held(
        known, today, -84, known.monthly, "Roads policing", _roads(), "Roads policing"
    )
    performance = _held(
        known,
        today,
        -49,
        known.accountability,
        "Quarterly performance",
        _performance(),
        "Performance",
    )
    violence = _held(
        known,
        today,
        -19,
        known.monthly,
        "Violence against women and girls",
        _violence(),
        "Violence against women and girls",
    )
    for meeting, following in (
        (rural, roads),
        (roads, performance),
        (performance, violence),
    ):
        meeting.next_meeting = following
        meeting.save()
    made_up = MadeUp(
        rural=rural,
        roads=roads,
        performance=performance,
        violence=violence,
        next=_next(known, today),
        finance=_planned(known, today, 16, known.monthly, "Finance"),
        mental_health=_planned(
            known, today, 30, known.monthly, "Mental health", "Mental health"
        ),
    )
    violence.next_meeting = made_up.next
    violence.save()
    # One whose day has passed and of which nobody wrote anything, and one to come that
    # does not review the tracker.
    _planned(known, today, -12, known.forum, "Town centre safety")
    _planned(known, today, 23, known.forum, "Estate and stations")
    return made_up


def working_day(day: dt.date) -> dt.date:
    """This day, or the working day after it when it is none."""
    while not is_working_day(day):
        day += dt.timedelta(days=1)
    return day


def _held(
    known: Registers,
    today: dt.date,
    days: int,
    meeting_type: MeetingType,
    title: str,
    agenda: list[Item],
    theme: str,
) -> Meeting:
    meeting = Meeting.objects.create(
        type=meeting_type,
        title=f"{title} {LABEL}",
        date=on_or_before_working_day(today + dt.timedelta(days=days)),
        start=meeting_type.usual_start,
        end=meeting_type.usual_end,
        venue=meeting_type.usual_venue,
        state=Meeting.State.DRAFT,
    )
    meeting.themes.add(known.themes[theme])
    write_attendance(meeting, _everybody(known, Attendee.Attendance.PRESENT))
    write_agenda(meeting, agenda)
    return meeting


def _planned(
    known: Registers,
    today: dt.date,
    days: int,
    meeting_type: MeetingType,
    title: str,
    theme: str = "",
) -> Meeting:
    meeting = Meeting.objects.create(
        type=meeting_type,
        title=f"{title} {LABEL}",
        date=working_day(today + dt.timedelta(days=days)),
        start=meeting_type.usual_start,
        end=meeting_type.usual_end,
        venue=meeting_type.usual_venue,
    )
    if theme:
        meeting.themes.add(known.themes[theme])
    start_agenda(meeting)
    return meeting


def _everybody(known: Registers, attendance: str) -> list[Attendee]:
    """Made-up people; those with a demonstration account are linked to it."""
    seats = [
        ("Demo commissioner", "Police and Crime Commissioner", "PCC", "office"),
        ("Demo deputy", "Deputy Police and Crime Commissioner", "DPCC", "office"),
        ("Demo staff", "Policy Officer", "DS", "office"),
        ("Demo chief", "Chief Constable", "CC", "force"),
        ("Demo superintendent", "Superintendent, Local Policing", "Supt", "force"),
        ("Demo liaison", "Staff Officer", "DL", "force"),
    ]
    accounts = {user.name: user for user in (known.commissioner, known.staff)}
    accounts[known.liaison.name] = known.liaison
    roles = {
        "Demo commissioner": Attendee.Role.CHAIR,
        "Demo staff": Attendee.Role.MINUTE_TAKER,
    }
    organisations = {"office": known.office, "force": known.force}
    return [
        Attendee(
            person=known.person(name, accounts.get(name)),
            capacity=capacity,
            abbreviation=abbreviation,
            organisation=organisations[kind],
            attendance=attendance,
            role=roles.get(name, Attendee.Role.NONE),
        )
        for name, capacity, abbreviation, kind in seats
    ]


def _rural(known: Registers) -> list[Item]:
    return [
        item(
            "Outstanding matters and review of action tracker",
            "The tracker begins with this meeting.",
            kind=Kind.ACTION_TRACKER,
        ),
        item(
            "Holding to account",
            "",
            item(
                "Rural crime action plan",
                "The plan names what the force will do, but not by when.\n\n"
                "- Theft of machinery is down by a tenth.\n"
                "- Farmers say that they wait too long for an answer.",
                decisions="The plan is to be published with dates for each step.",
                assurance=AgendaItem.Assurance.PARTLY,
                theme=known.themes["Rural crime"],
            ),
            item(
                "Working with partners",
                "The council and the force share a warden scheme.\n\n"
                "> We never know whom to ring. (A parish councillor)",
            ),
        ),
        item("Any other business", "None.", kind=Kind.AOB),
        item("Confirmation of next meeting", kind=Kind.NEXT_MEETING),
    ]


def _roads() -> list[Item]:
    return [
        item(
            "Outstanding matters and review of action tracker",
            "Nothing was overdue.",
            kind=Kind.ACTION_TRACKER,
        ),
        item(
            "Holding to account",
            "",
            item(
                "Fatal and serious collisions",
                "Numbers are level with last year. Young drivers remain the group at "
                "the highest risk.",
                assurance=AgendaItem.Assurance.PARTLY,
            ),
            item(
                "Speeding in villages",
                "Community speed watch has 40 groups; 12 of them have no equipment.",
                assurance=AgendaItem.Assurance.NOT_ASSURED,
            ),
        ),
        item(
            "HMICFRS inspection programme and Service Improvement Board",
            "The force expects an inspection of its roads policing.",
            kind=Kind.INSPECTION,
        ),
        item("Confirmation of next meeting", kind=Kind.NEXT_MEETING),
    ]


def _performance() -> list[Item]:
    return [
        item(
            "Review of action tracker",
            "Two actions were closed and one was given another date.",
            kind=Kind.ACTION_TRACKER,
        ),
        item(
            "Answering calls",
            "Nine in ten 999 calls were answered within ten seconds. The wait on 101 "
            "grew.",
            assurance=AgendaItem.Assurance.PARTLY,
        ),
        item(
            "Victims",
            "Satisfaction rose, but few victims are told of their right to a review.",
        ),
        item(
            "Custody",
            "Detention of children overnight fell. The visitors' scheme lacks "
            "volunteers.",
        ),
        item(
            "A current investigation",
            "The chief constable described how the investigation is resourced.",
            restricted=True,
            withheld=True,
            withheld_reason=WithheldReason.S31,
        ),
        item("Summary of actions arising", kind=Kind.SUMMARY),
        item("Confirmation of next meeting", kind=Kind.NEXT_MEETING),
    ]


def _violence() -> list[Item]:
    return [
        item(
            "Outstanding matters and review of action tracker",
            "The review is recorded action by action.",
            kind=Kind.ACTION_TRACKER,
        ),
        item(
            "Holding to account",
            "",
            item(
                "Stalking and harassment",
                "More protection orders were granted. Supervisors check each case "
                "after a week.",
                assurance=AgendaItem.Assurance.ASSURED,
            ),
            item(
                "Safety in public places",
                "A survey of women using the night bus is being prepared.",
            ),
        ),
        item("Confirmation of next meeting", kind=Kind.NEXT_MEETING),
    ]


def _next(known: Registers, today: dt.date) -> Meeting:
    """The meeting that everything is made ready for."""
    meeting = Meeting.objects.create(
        type=known.accountability,
        title=f"Quarterly performance {LABEL}",
        date=working_day(today + dt.timedelta(days=9)),
        start=dt.time(10, 30),
        end=dt.time(12, 30),
        venue="PCC conference room",
        joining_link="https://example.org/join/quarterly-performance",
        held=Meeting.Held.HYBRID,
    )
    meeting.themes.add(known.themes["Performance"])
    write_attendance(meeting, _everybody(known, Attendee.Attendance.INVITED))
    chief = known.person("Demo chief")
    items = write_agenda(
        meeting,
        [
            item("Review of action tracker", kind=Kind.ACTION_TRACKER),
            item(
                "Performance in the last quarter",
                "",
                item(
                    "Answering 999 and 101 calls",
                    lead=chief,
                    asked_of_force="Figures for each month of the quarter, and when "
                    "the wait on 101 will be back to what it was.",
                    lines_of_enquiry="Why did the extra call takers not help? Ask for "
                    "the sickness figures if they are not in the paper.",
                ),
                item(
                    "Victim satisfaction",
                    lead=chief,
                    asked_of_force="How many victims were told of their right to a "
                    "review of the decision.",
                    lines_of_enquiry="The last three papers had no figures for the "
                    "north.",
                ),
                theme=known.themes["Performance"],
            ),
            item(
                "Use of the estate",
                lines_of_enquiry="Wait for the valuation before anything is promised.",
                restricted=True,
                withheld=True,
                withheld_reason=WithheldReason.S43,
            ),
            item("Summary of actions arising", kind=Kind.SUMMARY),
            item("Confirmation of next meeting", kind=Kind.NEXT_MEETING),
        ],
    )
    due_on = on_or_before_working_day(today - dt.timedelta(days=3))
    Paper.objects.create(
        item=items["Answering 999 and 101 calls"],
        title="Control room performance, last quarter",
        provided_by="Head of Control Room",
        link="https://example.org/papers/control-room",
        due_on=due_on,
        received_on=due_on - dt.timedelta(days=1),
    )
    Paper.objects.create(
        item=items["Victim satisfaction"],
        title="Victims' survey, results",
        provided_by="Head of Criminal Justice",
        link="https://example.org/papers/victims-survey",
        due_on=due_on,
        received_on=due_on + dt.timedelta(days=2),
    )
    meeting.mark_agenda_sent(at=moment(today - dt.timedelta(days=2)))
    return meeting
