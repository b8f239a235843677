"""Two meetings that were held, from their published minutes: agreed and published.

The facts are as published: who was there as what, the agenda, what was agreed, who
owns it and by when. What was said is only hinted at, in words of our own.
"""

import datetime as dt

from actions.agreement import agree as agree_minutes
from actions.agreement import chair_of, circulate_minutes
from actions.doubts import doubts_before_agreeing
from actions.models import Due, Owner
from actions.publishing import prepare, publish
from assurance.demonstration.registers import Registers
from assurance.demonstration.telling import (
    Item,
    agree,
    item,
    moment,
    unnumbered,
    write_agenda,
    write_attendance,
)
from assurance.models import Organisation
from meetings.documents.published import published_documents
from meetings.models import Agreement, Attendee, Kind, Meeting

CHAIR = Attendee.Role.CHAIR
MINUTE_TAKER = Attendee.Role.MINUTE_TAKER
NOT_HERE = "The minutes of this meeting are not part of the demonstration."


def make_real_meetings(known: Registers) -> None:
    for meeting in (make_august_2020(known), make_march_2025(known)):
        _publish(meeting, known)


def make_august_2020(known: Registers) -> Meeting:
    meeting = Meeting.objects.create(
        type=known.monthly,
        title="Diversity, equality and inclusion",
        date=dt.date(2020, 8, 4),
        start=dt.time(10),
        venue="PCC conference room/Zoom",
        held=Meeting.Held.HYBRID,
        state=Meeting.State.DRAFT,
    )
    meeting.themes.add(known.themes["Diversity, equality and inclusion"])
    office, force = known.office, known.force
    write_attendance(
        meeting,
        [
            _present(
                known,
                "John Campion",
                "Police and Crime Commissioner",
                "PCC",
                office,
                role=CHAIR,
            ),
            _present(
                known,
                "Tracey Onslow",
                "Deputy Police and Crime Commissioner",
                "DPCC",
                office,
            ),
            _present(known, "Natasha Noorbakhsh", "Policy Officer", "PO", office),
            _present(known, "Anthony Bangham", "Chief Constable", "CC", force),
            _present(
                known,
                "Rachel Hartland-Lane",
                "Director of Business Services",
                "DBS",
                force,
            ),
            _present(known, "Catherine Allsopp", "Staff Officer", "SO", force),
            _present(
                known,
                "Charity Pearce",
                "Assistant Policy Officer",
                "",
                office,
                role=MINUTE_TAKER,
                listed=False,
            ),
        ],
    )
    items = write_agenda(meeting, _agenda_of_august_2020(known))
    agree(
        items["Leadership and Culture"],
        "Share the work plan with the PCC",
        Owner(
            organisation=force,
            post="Director of Business Services",
            person=known.person("Rachel Hartland-Lane"),
        ),
        by=known.staff,
        due=Due.on_date(dt.date(2020, 9, 4)),
        due_words="in a month",
    )
    agree(
        items["Exit from service with dignity"],
        "Revisit how lasting the action is, after it was raised at holding to account "
        "(HTA)",
        Owner(
            organisation=office,
            post="Police and Crime Commissioner",
            person=known.person("John Campion"),
        ),
        by=known.staff,
        due=Due.at_next_on(known.themes["Workforce"]),
        due_words="at next workforce meeting",
    )
    following = Meeting.objects.create(
        type=known.monthly,
        title="Mental health",
        date=dt.date(2020, 9, 24),
        state=Meeting.State.DRAFT,
    )
    following.themes.add(known.themes["Mental health"])
    write_agenda(following, [unnumbered("Mental health", NOT_HERE)])
    _circulate(meeting, following, known)
    return meeting


def _agenda_of_august_2020(known: Registers) -> list[Item]:
    return [
        item(
            "Outstanding matters / items brought forward",
            "None.",
            kind=Kind.ACTION_TRACKER,
        ),
        item(
            "Holding to account",
            "",
            unnumbered(
                "Diversity, Equality and Inclusion (DEI)",
                "The PCC explained why this meeting looks at DEI alone, and thanked "
                "those who answered the survey made for it (114 written answers).",
                theme=known.themes["Diversity, equality and inclusion"],
            ),
            item(
                "Leadership and Culture",
                "- Whether the commitment of the leadership shows in the force's "
                "priorities, and reaches every station.\n"
                "- The promotion process and fairness at work: little to show yet.\n"
                "- Use of staff surveys and of the staff networks.\n\n"
                "[[action 2020/01]]\n\n"
                "Answers from the survey on neurodiversity, on harassment and on "
                "racism were put to the CC, who wants conversations that staff can "
                "have without fear.",
            ),
            item(
                "Attraction and Recruitment",
                "Recruitment targets were missed. The force relies on its positive "
                "action staff, and needs to learn why recruits from ethnic minorities "
                "leave more often.",
            ),
            item(
                "Retention and Progression",
                "A talent programme is about to start. The CC trusts its first part, "
                "support for everybody, more than its second.",
            ),
            item(
                "Exit from service with dignity",
                "Performance management of student officers, and the support of the "
                "central team.\n\n"
                "[[action 2020/02]]\n\n"
                "Why officers transfer to other forces is not known; exit interviews "
                "are to tell.",
            ),
        ),
        unnumbered(
            "HMICFRS inspection programme / Matters arising from the Service "
            "Improvement Board (SIB)",
            "None.",
            kind=Kind.INSPECTION,
        ),
        unnumbered("AOB", "None.", kind=Kind.AOB),
        unnumbered(
            "Confirmation of next meeting type / date / time / venue",
            kind=Kind.NEXT_MEETING,
        ),
    ]


def make_march_2025(known: Registers) -> Meeting:
    meeting = Meeting.objects.create(
        type=known.accountability,
        title="Diversity, equality and inclusion",
        date=dt.date(2025, 3, 26),
        start=dt.time(10),
        state=Meeting.State.DRAFT,
    )
    meeting.themes.add(known.themes["Diversity, equality and inclusion"])
    office, force = known.office, known.force
    write_attendance(
        meeting,
        [
            _present(
                known,
                "John Campion",
                "Police and Crime Commissioner",
                "PCC",
                office,
                role=CHAIR,
            ),
            _present(
                known,
                "Marc Bayliss",
                "Deputy Police and Crime Commissioner",
                "DPCC",
                office,
            ),
            _present(known, "Charity Pearce", "Senior Policy Officer", "CP", office),
            _present(known, "Nicola Lowery", "Policy Officer", "NL", office),
            _present(
                known,
                "Lucy Milner",
                "Business Support Officer",
                "LM",
                office,
                role=MINUTE_TAKER,
            ),
            _present(
                known, "Richard Cooper", "Temporary Chief Constable", "T/CC", force
            ),
            _present(
                known,
                "Rachel Jones",
                "Temporary Deputy Chief Constable",
                "T/DCC",
                force,
            ),
            _present(known, "Grant Wills", "Assistant Chief Constable", "ACC", force),
            _present(
                known,
                "Rachel Hartland-Lane",
                "Director of Business Services",
                "RHL",
                force,
            ),
        ],
    )
    items = write_agenda(meeting, _agenda_of_march_2025(known))
    the_force = Owner(organisation=force)
    agree(
        items["Workplace Culture and Training"],
        "Examine the progress of the review of internal communications and management "
        "interventions that may give officers confidence to report low-level "
        "unprofessional behaviour or offences, and give an update on it",
        the_force,
        by=known.staff,
        other_wording="Examine the progress of the review of internal communications "
        "and management interventions that may give officers confidence to report "
        "lower-level unprofessional behaviour or offences, and give an update on it",
    )
    governance = items["Governance and Accountability"]
    agree(
        governance,
        "Share the equality impact assessment for Op Franklin with the PCC",
        by=known.staff,
        other_wording="Share the equality impact assessment of Op Franklin with PCC",
    )
    agree(
        governance,
        "Engage with the OPCC and share findings from the review of equality impact "
        "assessments, so that they are used more and worth more",
        Owner(organisation=force),
        by=known.staff,
    )
    following = Meeting.objects.create(
        type=known.accountability,
        title="Q4 Performance",
        date=dt.date(2025, 5, 30),
        start=dt.time(10, 30),
        end=dt.time(12, 30),
        venue="PCC Conference Room 12",
        state=Meeting.State.DRAFT,
    )
    following.themes.add(known.themes["Performance"])
    write_agenda(following, [unnumbered("Q4 Performance", NOT_HERE)])
    _circulate(meeting, following, known)
    return meeting


def _agenda_of_march_2025(known: Registers) -> list[Item]:
    return [
        unnumbered(
            "Review of Action Tracker",
            "All actions are for an update at later meetings.",
            kind=Kind.ACTION_TRACKER,
        ),
        unnumbered(
            "Case study video – DE&I",
            "A victim with autism tells of their experience with the force. The video "
            "had been sent round beforehand.",
        ),
        unnumbered(
            "Workforce Representation and Inclusivity",
            "The T/CC had sent a briefing paper in advance.",
            unnumbered(
                "Progress on West Mercia Police’s Diversity, Equality and Inclusion "
                "Strategy",
                "Who oversees the strategy, and how the force hears from its staff.",
            ),
            unnumbered(
                "Workforce Diversity",
                "More women officers; less progress with ethnic diversity. Vetting, "
                "recruitment of students and progression were discussed.",
            ),
            unnumbered(
                "Workplace Culture and Training",
                "Neurodiversity at work, training given face to face, and whether "
                "staff trust that reports of poor behaviour lead to something.\n\n"
                "[[action 2025/01]]",
            ),
            theme=known.themes["Diversity, equality and inclusion"],
        ),
        unnumbered(
            "Community Engagement and Transparency",
            "",
            unnumbered(
                "Engagement with Diverse Communities",
                "Independent advisory groups have a new structure; too early to say "
                "how well it works.",
            ),
            unnumbered(
                "Service Disparities",
                "Stop and search: how disproportionality is watched and understood.",
            ),
            unnumbered(
                "Building Trust and Confidence",
                "What was learned from earlier communication, and earlier engagement.",
            ),
        ),
        unnumbered(
            "Governance and Accountability",
            "Equality impact assessments (EIA), that of the new operating model above "
            "all.\n\n"
            "[[action 2025/02]]\n\n"
            "[[action 2025/03]]\n\n"
            "The national culture and inclusion strategy 2025 to 2030 was noted.",
        ),
        unnumbered(
            "Executive Conclusion & Next Steps",
            "The PCC recognised progress and asked the leadership to keep at it.",
        ),
        unnumbered("Summary of Actions Arising – OPCC", kind=Kind.SUMMARY),
        unnumbered(
            "Confirmation of Next Meeting Type / Date / Time / Venue",
            kind=Kind.NEXT_MEETING,
        ),
    ]


def _present(
    known: Registers,
    name: str,
    capacity: str,
    abbreviation: str,
    organisation: Organisation,
    *,
    role: Attendee.Role = Attendee.Role.NONE,
    listed: bool = True,
) -> Attendee:
    return Attendee(
        person=known.person(name),
        capacity=capacity,
        abbreviation=abbreviation,
        organisation=organisation,
        attendance=Attendee.Attendance.PRESENT,
        role=role,
        listed=listed,
    )


def _circulate(meeting: Meeting, following: Meeting, known: Registers) -> None:
    """A week later, and agreed by the chair. When they were is not known, so that is
    made up, and the minutes say so.
    """
    meeting.next_meeting = following
    meeting.save()
    for one in (meeting, following):
        circulate_minutes(
            one, by=known.staff, at=moment(one.date + dt.timedelta(days=7))
        )
    agreed_on = meeting.date + dt.timedelta(days=21)
    agree_minutes(
        meeting,
        by=known.staff,
        how=Agreement.How.CHAIR,
        agreed_by=f"{chair_of(meeting)} (day made up for this demonstration)",
        agreed_on=agreed_on,
        overruled=[
            doubt.sentence for doubt in doubts_before_agreeing(meeting, known.staff)
        ],
        at=moment(agreed_on),
    )


def _publish(meeting: Meeting, known: Registers) -> None:
    """A week after they were agreed, on a day that is made up too."""
    day = meeting.date + dt.timedelta(days=28)
    edition = prepare(meeting)
    files = published_documents(edition.record, number=edition.number, on=day)
    publish(edition, documents=files, by=known.staff, at=moment(day))
