"""Made-up actions, told as they went: one for every status, reason and tag.

Their texts end with a label that says they are made up.
"""

import datetime as dt

from actions.models import Action, Due, How, Owner, Review, Update
from actions.operations import cancel_meeting, replace_action, reschedule_meeting
from actions.reviewing import bring_forward
from assurance.demonstration.made_up_meetings import LABEL, MadeUp, working_day
from assurance.demonstration.narrator import Narrator
from assurance.demonstration.registers import Registers
from meetings.models import WithheldReason

SUPERINTENDENT = "Superintendent, Local Policing"
CONTROL_ROOM = "Head of Control Room"
ROADS = "Head of Roads Policing"
JUSTICE = "Head of Criminal Justice"
CUSTODY = "Head of Custody"
CHILDREN = "Head of Children's Services"


def make_made_up_actions(known: Registers, meetings: MadeUp, today: dt.date) -> None:
    Stories(known, meetings, today).tell()


class Stories(Narrator):
    """Told in the order of the meetings they begin at."""

    def tell(self) -> None:
        self.rural_crime()
        self.roads()
        self.performance()
        self.violence()
        self.from_elsewhere()
        self.meetings_that_move()

    # Rural crime: circulated after a week, and each action told to its end.

    def rural_crime(self) -> None:
        meeting = self.meetings.rural
        plan_item = self.meetings.item(meeting, "Rural crime action plan")
        partners = self.meetings.item(meeting, "Working with partners")
        plan = self.agree(
            plan_item,
            "Publish the rural crime action plan with a date for each step",
            self.force(SUPERINTENDENT),
            due=self.on(-72),
            due_words="in six weeks",
        )
        wardens = self.agree(
            partners,
            "Tell every parish whom to ring about the rural warden scheme",
            self.force(SUPERINTENDENT),
            Owner(organisation=self.known.council, post="Head of Community Safety"),
            due=self.on(-60),
        )
        machinery = self.agree(
            plan_item,
            "Show what marking farm machinery has done to thefts",
            self.force("Rural Crime Sergeant"),
            due=self.on(-20),
        )
        survey = self.agree(
            partners,
            "Ask parish councils what they expect of the rural crime team",
            Owner(organisation=self.known.office, post="Policy Officer"),
            due=self.on(-85),
        )
        drone = self.agree(
            plan_item,
            "Cost a second drone for searches at night",
            self.force(SUPERINTENDENT),
            due=self.on(-50),
        )
        self.circulate(meeting)
        self.agree_minutes(meeting, 16)

        self.word(plan, -100, "A first draft went to the command team.", SUPERINTENDENT)
        plan.redate(
            self.on(-40),
            "The command team asked for costs to be added",
            by=self.known.staff,
            decision=self.decided(-73, How.EMAIL),
            at=self.at(-73),
        )
        self.word(plan, -45, "Costs are in; two steps have no owner.", SUPERINTENDENT)
        self.word(plan, -15, "Finance has still to agree the costs.", SUPERINTENDENT)
        plan.add_note(
            "Finance say they had the costs only last week.",
            by=self.known.staff,
            at=self.at(-14),
        )

        self.word(wardens, -80, "A leaflet is with the printer.", SUPERINTENDENT)
        self.propose(
            wardens,
            -58,
            "Every parish has the leaflet and a number to ring.",
            SUPERINTENDENT,
            evidence=("Leaflet as sent", "https://example.org/warden-leaflet"),
        )
        self.review_at(
            self.meetings.performance, wardens, Review.Outcome.CLOSED, "Well done."
        )
        self.review_at(
            self.meetings.performance,
            plan,
            Review.Outcome.CARRIED,
            "Two steps need an owner first",
            due=self.on(-12),
        )

        self.word(machinery, -50, "120 machines are marked.", "Rural Crime Sergeant")
        self.propose(
            machinery,
            -6,
            "Thefts of marked machines: none in six months. The figures are attached.",
            "Rural Crime Sergeant",
            evidence=("Thefts of machinery", "https://example.org/machinery"),
        )

        self.word(survey, -95, "31 of 60 councils answered.", "Policy Officer")
        survey.close(
            by=self.known.commissioner,
            text="Answers received and used for the plan",
            decision=self.decided(-88, How.ONE_TO_ONE),
            at=self.at(-88),
        )
        drone.withdraw(
            "The fire service lends its own",
            by=self.known.staff,
            decision=self.decided(-64, How.EMAIL),
            at=self.at(-64),
        )

    # Roads policing

    def roads(self) -> None:
        meeting = self.meetings.roads
        collisions = self.meetings.item(meeting, "Fatal and serious collisions")
        speeding = self.meetings.item(meeting, "Speeding in villages")
        self.agree(
            collisions,
            "Set out what is done for drivers under 25",
            self.force(ROADS),
            due=self.on(-5),
        )
        equipment = self.agree(
            speeding,
            "Equip the 12 speed watch groups that have nothing to measure with",
            self.force(ROADS),
            due=self.on(4),
        )
        cameras = self.agree(
            speeding,
            "Review where average speed cameras would help, and how they are paid for",
            self.force(ROADS),
            due=self.on(35),
        )
        appeal = self.agree(
            collisions,
            "Learn from the coroner's findings on the A-road collision",
            self.force(ROADS),
            due=self.on(25),
        )
        guidance = self.agree(
            collisions,
            "Apply the new national guidance on pursuits",
            self.force(ROADS),
            due=self.on(40),
        )
        dashcam = self.agree(
            speeding,
            "Say how quickly dashcam footage sent in by the public is looked at",
            self.force(ROADS),
            due=self.on(-30),
        )
        self.circulate(meeting)
        speeding = self.meetings.item(meeting, "Speeding in villages")
        speeding.notes = speeding.notes.replace("12 of them", "a dozen of them")
        speeding.save()
        self.agree_minutes(
            meeting,
            0,
            at=self.meetings.performance,
            changes="item 2.2 says “a dozen” where the draft said “12”",
        )

        self.word(
            equipment,
            -20,
            "The supplier delivers later than promised.",
            ROADS,
        )
        self.word(
            equipment,
            -3,
            "Eight sets have come. The other four are promised for next month.",
            ROADS,
            asks=Update.Asks.DATE,
            asked_due_on=self.day(32),
        )
        replace_action(
            cameras,
            [
                f"Name the roads where average speed cameras would help {LABEL}",
                f"Agree with the councils who pays for average speed cameras {LABEL}",
            ],
            reason="Two things with two owners",
            by=self.known.staff,
            decision=self.decided(0, How.EMAIL),
        )
        appeal.hold(
            "The inquest has been adjourned",
            until=self.day(60),
            by=self.known.commissioner,
            decision=self.decided(-40, How.ONE_TO_ONE),
            at=self.at(-40),
        )
        guidance.hold(
            "The guidance is not published yet",
            until=self.day(-3),
            by=self.known.commissioner,
            decision=self.decided(-55, How.ONE_TO_ONE),
            at=self.at(-55),
        )
        self.word(dashcam, -45, "A dip sample is being taken.", ROADS)
        dashcam.redate(
            self.on(-26),
            "The sample was too small to tell",
            by=self.known.staff,
            decision=self.decided(-31, How.EMAIL),
            at=self.at(-31),
        )
        self.word(dashcam, -13, "The larger sample is being read.", ROADS)

    # Performance

    def performance(self) -> None:
        meeting = self.meetings.performance
        calls = self.meetings.item(meeting, "Answering calls")
        victims = self.meetings.item(meeting, "Victims")
        custody = self.meetings.item(meeting, "Custody")
        rota = self.agree(
            calls,
            "Explain the new rota of the control room",
            self.force(CONTROL_ROOM),
            due=self.on(5),
        )
        wait = self.agree(
            calls,
            "Report when the wait on 101 will be back to what it was",
            self.force(CONTROL_ROOM),
            due=Due.at_next_of(self.known.accountability),
            due_words="at the next A&A",
        )
        rights = self.agree(
            victims,
            "Tell every victim of the right to a review",
            self.force(JUSTICE),
            due=self.on(45),
        )
        letters = self.agree(
            victims,
            "Rewrite the letters that victims get",
            self.force(JUSTICE),
            due=self.on(30),
        )
        code = self.agree(
            victims,
            "Check fifty cases against the victims' code",
            self.force(JUSTICE),
            due=self.on(3),
        )
        self.agree(
            victims,
            "Invite the victims' commissioner to a meeting",
            Owner(organisation=self.known.office, post="Policy Officer"),
        )
        self.agree(
            custody,
            "Find volunteers for the custody visitors' scheme",
            due=self.on(25),
        )
        self.agree(
            custody,
            "Report on children held overnight",
            self.force(CUSTODY),
            due=Due.at_next_on(self.known.themes["Custody"]),
            due_words="when custody is next on the agenda",
        )
        recruits = self.agree(
            calls,
            "Show how many new call takers stay after a year",
            self.force(CONTROL_ROOM),
            due=self.on(14),
        )
        kiosk = self.agree(
            calls,
            "Try a way to report crime online with the help of a person",
            self.force(CONTROL_ROOM),
            due=self.on(60),
        )
        self.agree(
            custody,
            "Set out what the custody visitors' scheme costs",
            Owner(organisation=self.known.office, post="Chief Finance Officer"),
            due=Due.at_meeting(self.meetings.finance),
            due_words="at the finance meeting",
        )
        overnight = self.agree(
            custody,
            "Agree with the council where children can go at night",
            Owner(organisation=self.known.council, post=CHILDREN),
            due=self.on(-9),
        )
        mental_health = self.agree(
            custody,
            "Say how often custody is used as a place of safety",
            self.force(CUSTODY),
            due=Due.at_next_on(self.known.themes["Mental health"]),
            due_words="at the mental health meeting",
        )
        quality = self.agree(
            calls,
            "Let the commissioner listen to a sample of calls",
            self.force(CONTROL_ROOM),
            due=self.on(33),
        )
        self.circulate(meeting)
        self.comment(
            self.meetings.item(meeting, "Answering calls"),
            -40,
            "The wait on 101 grew in the second half of the quarter only; the minutes "
            "should say so.",
            self.known.liaison,
        )
        self.comment(
            self.meetings.item(meeting, "Victims"),
            -39,
            "The chief constable said by when every victim will be told.",
            self.known.commissioner,
            answered="It says so now.",
        )
        victims = self.meetings.item(meeting, "Victims")
        victims.notes += " The chief constable expects to tell every one by autumn."
        victims.save()

        self.word(rota, -10, "The rota starts on the first of the month.", CONTROL_ROOM)
        self.word(wait, -8, "Twelve call takers finish their training.", CONTROL_ROOM)
        self.word(rights, -30, "The text is with the lawyers.", JUSTICE)
        self.review_at(
            self.meetings.violence,
            rights,
            Review.Outcome.CARRIED,
            "To be looked at again with the survey.",
        )
        self.word(letters, -22, "Two of nine letters are rewritten.", JUSTICE)
        bring_forward(
            letters,
            self.meetings.next,
            because="The survey says that the letters are the worst part",
            by=self.known.commissioner,
            at=self.at(-4),
        )
        self.propose(code, -24, "Fifty cases were checked.", JUSTICE)
        self.review_at(
            self.meetings.violence,
            code,
            Review.Outcome.RETURNED,
            "No findings are attached: what did the check show?",
        )
        self.word(recruits, -16, "Figures are being checked.", CONTROL_ROOM)
        self.word(kiosk, -12, "Three libraries will take part.", CONTROL_ROOM)
        self.word(
            overnight, -11, "A house has been found.", "Head of Children's Services"
        )
        self.word(mental_health, -5, "Numbers for the year are ready.", CUSTODY)
        self.word(quality, -35, "A day is agreed.", CONTROL_ROOM)
        quality.close(
            by=self.known.staff,
            text="The day is in the diary",
            decision=self.decided(-28, How.EMAIL),
            at=self.at(-28),
        )
        quality.reopen(
            "The day was called off",
            by=self.known.staff,
            decision=self.decided(-7, How.ONE_TO_ONE),
            at=self.at(-7),
        )

    # Violence against women and girls: the minutes are a draft, so nothing is issued.

    def violence(self) -> None:
        stalking = self.meetings.item(self.meetings.violence, "Stalking and harassment")
        places = self.meetings.item(self.meetings.violence, "Safety in public places")
        self.agree(
            stalking,
            "Share the checklist that supervisors use after a week",
            self.force("Head of Public Protection"),
            due=self.on(8),
        )
        self.agree(
            places,
            "Bring the survey of women on the night bus, with what will follow from it",
            self.force(SUPERINTENDENT),
            Owner(organisation=self.known.council, post="Head of Community Safety"),
            due=self.on(50),
        )
        self.agree(
            stalking,
            "Describe the resourcing of covert work against stalking",
            self.force("Head of Public Protection"),
            due=self.on(40),
            withheld=True,
            withheld_reason=WithheldReason.S31,
        )
        twice = self.agree(
            places,
            "Ask women on the night bus whether they feel safe",
            self.force(SUPERINTENDENT),
        )
        twice.withdraw(
            "Written down twice",
            by=self.known.staff,
            decision=self.decided(-18, How.EMAIL),
            at=self.at(-18),
        )

    # Not from a meeting

    def from_elsewhere(self) -> None:
        comments = self.raise_from(
            Action.Source.INSPECTION,
            "Inspection of roads policing",
            -40,
            "Write the commissioner's comments on the inspection of roads policing",
            Owner(organisation=self.known.office, post="Policy Officer"),
            due=self.on(16),
            due_words="within 56 days of publication",
        )
        self.word(comments, -9, "A draft is with the commissioner.", "Policy Officer")
        heritage = self.raise_from(
            Action.Source.LETTER,
            "Letter of a parish council",
            -34,
            "Answer the parish council about thefts from churches",
            self.force(SUPERINTENDENT),
            due=self.on(28),
        )
        self.word(
            heritage,
            -2,
            "The diocese has the figures. Can the action go to the rural crime team?",
            SUPERINTENDENT,
            asks=Update.Asks.OTHER,
        )

    # One meeting is cancelled and one given another day: what was due there follows.

    def meetings_that_move(self) -> None:
        cancel_meeting(
            self.meetings.finance,
            because="The budget is settled later this year",
            by=self.known.staff,
        )
        moved = self.meetings.mental_health
        reschedule_meeting(
            moved,
            date=working_day(moved.date + dt.timedelta(days=7)),
            start=moved.start,
            end=moved.end,
            by=self.known.staff,
        )
