"""The words in which the stories of made-up actions are told."""

import datetime as dt
from typing import Any

from actions.agreement import agree as agree_minutes
from actions.agreement import chair_of, circulate_minutes
from actions.doubts import doubts_before_agreeing
from actions.models import Action, Decision, Due, Evidence, Owner
from actions.operations import raise_action
from actions.reviewing import record_review
from assurance.demonstration.made_up_meetings import LABEL, MadeUp
from assurance.demonstration.registers import Registers
from assurance.demonstration.telling import agree, moment
from assurance.models import User
from meetings.comments import answer, comment
from meetings.models import AgendaItem, Agreement, Comment, Meeting
from meetings.versions import latest_draft


class Narrator:
    """Knows who is who and which day it is. Days count from today: -12 is twelve days
    ago.
    """

    def __init__(self, known: Registers, meetings: MadeUp, today: dt.date) -> None:
        self.known, self.meetings, self.today = known, meetings, today

    def day(self, days: int) -> dt.date:
        return self.today + dt.timedelta(days=days)

    def at(self, days: int) -> dt.datetime:
        return moment(self.day(days), 14)

    def during(self, meeting: Meeting) -> dt.datetime:
        return moment(meeting.date, 11)

    def on(self, days: int) -> Due:
        return Due.on_date(self.day(days))

    def force(self, post: str) -> Owner:
        return Owner(organisation=self.known.force, post=post)

    def decided(self, days: int, how: str) -> Decision:
        return Decision(by="Demo commissioner, PCC", on=self.day(days), how=how)

    def agree(
        self, item: AgendaItem, text: str, *owners: Owner, **fields: Any
    ) -> Action:
        return agree(item, f"{text} {LABEL}", *owners, by=self.known.staff, **fields)

    def raise_from(
        self,
        kind: str,
        source: str,
        days: int,
        text: str,
        *owners: Owner,
        due: Due,
        due_words: str = "",
    ) -> Action:
        action = raise_action(
            by=self.known.staff,
            text=f"{text} {LABEL}",
            due=due,
            owners=owners,
            at=self.at(days),
            source_kind=kind,
            source=f"{source} {LABEL}",
            source_on=self.day(days),
            due_words=due_words,
            office_lead=self.known.staff,
            created_at=self.at(days),
        )
        action.issue(by=self.known.staff, at=self.at(days))
        return action

    def circulate(self, meeting: Meeting) -> None:
        a_week_later = meeting.date + dt.timedelta(days=7)
        circulate_minutes(meeting, by=self.known.staff, at=moment(a_week_later, 15))

    def agree_minutes(
        self, meeting: Meeting, days: int, *, at: Meeting | None = None, **how: Any
    ) -> None:
        """Agreed so many days after the meeting, by its chair or at a later one,
        whatever looked unfinished.
        """
        on = at.date if at else meeting.date + dt.timedelta(days=days)
        agree_minutes(
            meeting,
            by=self.known.staff,
            how=Agreement.How.MEETING if at else Agreement.How.CHAIR,
            agreed_by=chair_of(meeting),
            agreed_on=on,
            at_meeting=at,
            overruled=[
                doubt.sentence
                for doubt in doubts_before_agreeing(meeting, self.known.staff)
            ],
            at=moment(on, 16),
            **how,
        )

    def comment(
        self, item: AgendaItem, days: int, text: str, by: User, answered: str = ""
    ) -> None:
        """Said of the draft that went round, and answered the day after if at all."""
        draft = latest_draft(item.meeting)
        assert draft is not None
        said = comment(draft, by=by, text=text, key=item.pk, at=self.at(days))
        if answered:
            answer(
                said,
                outcome=Comment.Outcome.CHANGED,
                text=answered,
                by=self.known.staff,
                at=self.at(days + 1),
            )

    def word(
        self, action: Action, days: int, text: str, post: str, **entry: Any
    ) -> None:
        """A word of the owner: the force's through its liaison, else by the office."""
        theirs = action.owners.filter(organisation=self.known.force).exists()
        action.add_update(
            text,
            by=self.known.liaison if theirs else self.known.staff,
            provided_by=post,
            at=self.at(days),
            **entry,
        )

    def propose(
        self,
        action: Action,
        days: int,
        text: str,
        post: str,
        *,
        evidence: tuple[str, str] | None = None,
    ) -> None:
        proposal = action.propose_closure(
            text, by=self.known.liaison, provided_by=post, at=self.at(days)
        )
        if evidence:
            title, link = evidence
            Evidence.objects.create(update=proposal, title=title, link=link)

    def review_at(
        self,
        meeting: Meeting,
        action: Action,
        outcome: str,
        note: str,
        **how: Any,
    ) -> None:
        """Reviewed at a meeting, with the move that goes with the outcome."""
        record_review(
            action,
            meeting,
            outcome,
            by=self.known.staff,
            note=note,
            at=self.during(meeting),
            **how,
        )
