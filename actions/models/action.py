"""The action: what was agreed, who owns it, when it is due and how it stands."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from actions.lifecycle import (
    MOVE_NEEDS,
    OFFICES_OWN_BEFORE_ISSUE,
    RESOLVED,
    TRANSITIONS,
    UNRESOLVED,
    Move,
    Status,
)
from actions.models.due import Due, DueFields, DueKind, due_constraint
from actions.models.queryset import ActionQuerySet
from actions.models.raised import RaisedFields, raised_constraint
from actions.models.update import Decision, Update, first_due_of
from assurance.calendar import day_in_words
from assurance.models import User
from assurance.models.history import HistoricalRecords
from assurance.permissions import Permission, user_can
from meetings.models import Meeting, WithheldReason


class Action(RaisedFields, DueFields):
    """Something agreed that somebody must do.

    Its status and its due change only through the methods below, each of which
    writes the timeline entry that says so.
    """

    year = models.PositiveIntegerField(editable=False)
    number = models.PositiveIntegerField(editable=False)
    older_reference = models.CharField(
        max_length=50, blank=True, help_text="If it came from an older register"
    )
    text = models.TextField("what is to be done")
    other_wording = models.TextField(
        blank=True, help_text="If the minutes word it differently in their summary"
    )
    due_words = models.CharField(
        "due, as minuted",
        max_length=150,
        blank=True,
        help_text="The words used, for example: in a month",
    )
    status = models.CharField(
        max_length=10, choices=Status, default=Status.OPEN, editable=False
    )
    look_again_on = models.DateField(null=True, blank=True, editable=False)
    issued_at = models.DateTimeField(null=True, blank=True, editable=False)
    office_lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="actions_led",
    )
    # Null: as its item.
    withheld = models.BooleanField("withheld from publication", null=True, blank=True)
    withheld_reason = models.CharField(
        "reason for withholding", max_length=3, choices=WithheldReason, blank=True
    )
    replaces = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        editable=False,
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    history = HistoricalRecords()

    objects = ActionQuerySet.as_manager()

    # Added by ``with_flags``; see there.
    due_at_id: int | None
    due_date: dt.date | None
    is_proposed: bool
    asks_something: bool
    is_overdue: bool
    is_due_soon: bool
    is_due_by: bool
    brought_because: str | None
    left_over: str | None
    hold_ended: bool
    has_no_owner: bool
    has_no_due: bool
    waits: bool
    reason: int | None
    # Added by ``for_rows``.
    times_moved: int
    last_update_id: int | None
    last_move: str | None

    class Meta:
        ordering = ["year", "number"]
        indexes = [
            models.Index(fields=["status", "due_on"]),
            models.Index(fields=["issued_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "number"], name="action_reference_unique"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="action_worded"),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="action_status_known"
            ),
            raised_constraint("action_raised_somewhere"),
            models.CheckConstraint(
                condition=Q(status="on_hold", look_again_on__isnull=False)
                | (~Q(status="on_hold") & Q(look_again_on__isnull=True)),
                name="action_hold_has_date",
            ),
            models.CheckConstraint(
                condition=Q(withheld=True, withheld_reason__in=WithheldReason.values)
                | (
                    Q(withheld_reason="")
                    & (Q(withheld=False) | Q(withheld__isnull=True))
                ),
                name="action_withheld_with_reason",
                violation_error_message="Choose a reason for withholding",
            ),
            due_constraint("action_due_complete", may_be_blank=False),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("action", args=[self.year, self.number])

    # What is worked out

    @property
    def reference(self) -> str:
        """As it is written and spoken: 2025/03."""
        return f"{self.year}/{self.number:02d}"

    @property
    def is_issued(self) -> bool:
        return self.issued_at is not None

    @property
    def is_unresolved(self) -> bool:
        return self.status in UNRESOLVED

    @property
    def is_withheld(self) -> bool:
        """Its own answer, else its item's."""
        if self.withheld is not None:
            return self.withheld
        return bool(self.item and self.item.withheld)

    def can(self, move: Move) -> bool:
        """Whether the move is possible now, whoever makes it."""
        return move in TRANSITIONS[self.status]

    def moves_for(self, user: Any) -> list[Move]:
        """The moves this account may make now, in the order they are offered."""
        decides = user_can(user, Permission.DECIDE_ACTIONS)
        return [
            move
            for move in Move
            if self.can(move)
            and self.may(user, move)
            # Who may close has no need to propose it.
            and not (move == Move.PROPOSE and decides)
        ]

    def may(self, user: Any, move: Move) -> bool:
        """Whether this account may make the move, possible now or not.

        A proposal is taken back by the organisation that made it, or by whoever did.
        """
        if move == Move.TAKE_BACK and self.can(move):
            return user_can(user, self.needed_for(move)) and self._was_proposed_by(user)
        return user_can(user, self.needed_for(move))

    def needed_for(self, move: Move) -> Permission:
        if self.is_offices_own(move):
            return Permission.EDIT_ACTIONS
        return MOVE_NEEDS[move]

    def is_offices_own(self, move: Move) -> bool:
        """Whether the move needs nobody's decision, as nothing was promised yet."""
        return move in OFFICES_OWN_BEFORE_ISSUE and not self.is_issued

    def check_due(self, due: Due) -> None:
        """Refuse a due before the day the action was raised."""
        day = due.meeting.date if due.meeting else due.on
        if day is not None and day < self.raised_on:
            raised = day_in_words(self.raised_on)
            since = "meeting date" if self.meeting else "day it was raised"
            raise ValidationError(
                {"due_meeting": f"Choose a meeting after {raised}"}
                if due.meeting
                else {"due_on": f"Enter a due date after the {since}, {raised}"}
            )

    def open_requests(self) -> "models.QuerySet[Update]":
        return self.updates.open_requests()

    def _was_proposed_by(self, user: Any) -> bool:
        """The proposal is taken back by somebody of the organisation that made it.

        Who undid a review and so put it once more did not make it.
        """
        proposal = self.updates.filter(what=Update.What.PROPOSED).last()
        if proposal is None:
            return False
        whose = {proposal.organisation_id, proposal.author.organisation_id} - {None}
        return proposal.author_id == user.pk or user.organisation_id in whose

    def first_due(self) -> Due | None:
        """The due it was issued with, before any decision moved it.

        Corrections before that are in the timeline, but were never promised.
        """
        return first_due_of(self.updates.dues())

    # What changes it. Every method writes one entry of the timeline, in the same
    # transaction as the change. ``entry`` is more of it: the meeting where it happened,
    # or ``at``, when, for what is written down later.

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Work on the row as it is now, held until the change is saved.

        Where no entry was written nothing changed, and nothing is saved.
        """
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Action.objects.locked())
            self._has_written = False
            yield
            if self._has_written:
                self.version += 1
                self.save()

    def _write(
        self,
        what: str,
        *,
        by: User,
        status: str | None = None,
        due: Due | None = None,
        decision: Decision | None = None,
        **entry: Any,
    ) -> Update:
        """Change status or due, and write the entry that says so."""
        update = Update(action=self, what=what, author=by, **entry)
        if by.is_liaison and update.is_by_people:
            update.organisation = by.organisation
        if status is not None:
            self.status = update.status = status
            self.look_again_on = update.look_again_on
        if due is not None:
            self.due = update.due = due
        if decision is not None:
            update.decided_by = decision.by
            update.decided_on = decision.on
            update.decided_how = decision.how
        update.save()
        self._has_written = True
        return update

    def _move(
        self, move: Move, what: str, *, by: User, text: str, **entry: Any
    ) -> Update:
        """Make a move of the table, or refuse it with a sentence."""
        with self._changing():
            self._refuse_unless_possible(move)
            status = entry["status"] = TRANSITIONS[self.status][move]
            if move in _ANSWERS_A_PROPOSAL:
                self._answer_proposal(entry, accepted=move == Move.CLOSE)
            update = self._write(what, by=by, text=text, **entry)
            if status in RESOLVED:
                self._answer_overtaken_requests(by=by, at=update.at)
        return update

    def _refuse_unless_possible(self, move: Move) -> None:
        if not self.can(move):
            raise ValidationError(
                f"Action {self.reference} is {self.get_status_display().lower()} "
                "now, so this cannot be done. Nothing was changed."
            )

    def _refuse_if_resolved(self) -> None:
        if not self.is_unresolved:
            raise ValidationError(
                f"Action {self.reference} is {self.get_status_display().lower()}, so "
                "it takes no more updates. Ask the office to reopen it."
            )

    def _answer_proposal(self, entry: dict[str, Any], *, accepted: bool) -> None:
        proposal = self.open_requests().filter(asks=Update.Asks.CLOSURE).last()
        if proposal is not None:
            entry["answers"] = proposal
            entry["accepted"] = accepted

    def _answer_overtaken_requests(self, *, by: User, at: dt.datetime) -> None:
        for request in self.open_requests():
            self._write(
                Update.What.ANSWERED,
                by=by,
                at=at,
                text=f"No longer needed: the action is "
                f"{self.get_status_display().lower()}.",
                answers=request,
                accepted=False,
            )

    def issue(self, *, by: User, **entry: Any) -> None:
        """Release it to its owners. Issuing twice changes nothing."""
        with self._changing():
            if self.is_issued:
                return
            self.issued_at = self._write(Update.What.ISSUED, by=by, **entry).at

    def add_update(self, text: str, *, by: User, **entry: Any) -> Update:
        """A word on the work, from its owner or from the office."""
        with self._changing():
            self._refuse_if_resolved()
            return self._write(Update.What.UPDATE, by=by, text=text, **entry)

    def correct(self, old: Update, text: str, *, by: User, **entry: Any) -> Update:
        """Say better what was said: a new entry that stands in the old one's place.

        It asks what the old one asked, if nobody has answered that yet.
        """
        with self._changing():
            self._refuse_if_resolved()
            entry = self.updates.get(pk=old.pk).to_correct(**entry)
            return self._write(by=by, text=text, **entry)

    def add_note(self, text: str, *, by: User, **entry: Any) -> Update:
        """A note that only the office and the commissioner see."""
        with self._changing():
            return self._write(
                Update.What.NOTE, by=by, text=text, office_only=True, **entry
            )

    def propose_closure(self, text: str, *, by: User, **entry: Any) -> Update:
        """The owner says that the work is done and asks for closure."""
        return self._move(
            Move.PROPOSE,
            Update.What.PROPOSED,
            by=by,
            text=text,
            asks=Update.Asks.CLOSURE,
            **entry,
        )

    def take_back(self, text: str, *, by: User, **entry: Any) -> Update:
        return self._move(
            Move.TAKE_BACK, Update.What.TAKEN_BACK, by=by, text=text, **entry
        )

    def close(
        self, *, by: User, decision: Decision, text: str = "", **entry: Any
    ) -> Update:
        return self._move(
            Move.CLOSE,
            Update.What.CLOSED,
            by=by,
            text=text,
            decision=decision,
            **entry,
        )

    def return_to_owner(
        self, text: str, *, by: User, decision: Decision, **entry: Any
    ) -> Update:
        """Refuse a proposed closure, with a reason."""
        return self._move(
            Move.RETURN,
            Update.What.RETURNED,
            by=by,
            text=text,
            decision=decision,
            **entry,
        )

    def hold(
        self,
        text: str,
        *,
        until: dt.date,
        by: User,
        decision: Decision,
        **entry: Any,
    ) -> Update:
        """Stop asking for it until a day, with a reason; then it comes back."""
        return self._move(
            Move.HOLD,
            Update.What.HELD,
            by=by,
            text=text,
            decision=decision,
            look_again_on=until,
            **entry,
        )

    def resume(
        self, text: str, *, by: User, decision: Decision, **entry: Any
    ) -> Update:
        return self._move(
            Move.RESUME,
            Update.What.RESUMED,
            by=by,
            text=text,
            decision=decision,
            **entry,
        )

    def withdraw(
        self, text: str, *, by: User, decision: Decision | None, **entry: Any
    ) -> Update:
        """Drop it, with a reason. Its number is not used again."""
        return self._move(
            Move.WITHDRAW,
            Update.What.WITHDRAWN,
            by=by,
            text=text,
            decision=decision,
            **entry,
        )

    def replace(
        self, text: str, *, by: User, decision: Decision, **entry: Any
    ) -> Update:
        """Replaced by others, which name this one in ``replaces``."""
        return self._move(
            Move.REPLACE,
            Update.What.REPLACED,
            by=by,
            text=text,
            decision=decision,
            **entry,
        )

    def reopen(
        self, text: str, *, by: User, decision: Decision, **entry: Any
    ) -> Update:
        """Open again, with its reference and its history."""
        return self._move(
            Move.REOPEN,
            Update.What.REOPENED,
            by=by,
            text=text,
            decision=decision,
            **entry,
        )

    def redate(
        self,
        due: Due,
        text: str,
        *,
        by: User,
        decision: Decision | None,
        **entry: Any,
    ) -> Update:
        """Give another due, with a reason; refuses the one it has.

        Counted once it was issued with a due: before that nothing was promised.
        """
        with self._changing():
            self._refuse_unless_possible(Move.REDATE)
            self.check_due(due)
            if due == self.due:
                raise ValidationError("This is its due already. Nothing was changed.")
            return self._write(
                self._new_due(), by=by, text=text, due=due, decision=decision, **entry
            )

    def _new_due(self) -> Update.What:
        """What a change of the due is called now."""
        promised = self.is_issued and self.due.is_set
        return Update.What.REDATED if promised else Update.What.DUE_SET

    def answer(
        self,
        request: Update,
        text: str,
        *,
        accepted: bool,
        by: User,
        decision: Decision,
        **entry: Any,
    ) -> Update:
        """Accept or refuse what an update asks for. A new date takes effect."""
        with self._changing():
            if not self.open_requests().filter(pk=request.pk).exists():
                raise ValidationError(
                    "This request has been answered already, or asks something else "
                    "now. Look at the action's page"
                )
            what = Update.What.ANSWERED
            due = Due(DueKind.DATE, request.asked_due_on)
            if accepted and request.asks == Update.Asks.DATE and due != self.due:
                self.check_due(due)
                entry["due"] = due
                what = self._new_due()
            return self._write(
                what,
                by=by,
                text=text,
                answers=request,
                accepted=accepted,
                decision=decision,
                **entry,
            )

    def note_review(self, text: str, *, by: User, **entry: Any) -> Update:
        """Say what a meeting made of it when that changed nothing."""
        with self._changing():
            return self._write(Update.What.REVIEWED, by=by, text=text, **entry)

    def undo(self, first: Update, text: str, *, by: User, meeting: Meeting) -> Update:
        """Stand again as before this entry and those written at the same moment.

        What they answered is asked again. Refused where something else changed the
        action since.
        """
        with self._changing():
            written = list(self.updates.filter(pk__gte=first.pk, at=first.at))
            self._refuse_unless_last(written)
            undoing = self._write(
                Update.What.UNDONE,
                by=by,
                text=text,
                meeting=meeting,
                undoes=first,
                **self.updates.stood_before(written),
            )
            for update in written:
                if update.answers:
                    again = update.answers.asked_again()
                    self._write(Update.What.UNDONE, by=by, meeting=meeting, **again)
            return undoing

    def _refuse_unless_last(self, written: list[Update]) -> None:
        """Refuse to undo what something else was built upon."""
        since = self.updates.filter(pk__gt=written[-1].pk).exclude(
            status="", due_kind="", answers=None, corrects=None
        )
        if since:
            raise ValidationError(
                f"Action {self.reference} has changed since: "
                f"{since[0].get_what_display().lower()}, by {since[0].author}. Change "
                "it on its own page"
            )

    def note_meeting_moved(self, text: str, *, by: User) -> None:
        """Say that what it is due at moved. Shown, not counted."""
        with self._changing():
            self._write(Update.What.MEETING_MOVED, by=by, text=text)


# Moves that settle a closure that was proposed; the owner taking it back does too.
_ANSWERS_A_PROPOSAL = {Move.CLOSE, Move.RETURN, Move.HOLD, Move.TAKE_BACK}
