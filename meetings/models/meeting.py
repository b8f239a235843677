"""Meetings: when, where, in which state, and which one reviews the tracker next."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from assurance.calendar import on_or_before_working_day
from assurance.models.history import HistoricalRecords
from assurance.permissions import Permission, user_can
from meetings.models.agenda import AgendaItem, number_agenda
from meetings.models.people import Attendee
from meetings.models.types import MeetingType, Theme


def _draft_goes_round_to(user_id: int) -> Q:
    """That a draft was circulated and kept, to an account of somebody who was there."""
    kept = Meeting.objects.filter(pk=OuterRef("pk"), versions__kind="draft")
    there = Attendee.objects.filter(
        meeting=OuterRef("pk"),
        person__user=user_id,
        attendance__in=Attendee.WAS_THERE,
    )
    return Q(Exists(there), Exists(kept), state=Meeting.State.CIRCULATED)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Any) -> "MeetingQuerySet":
        """The meetings an account may know of.

        A liaison knows of those still to come and those held that are not yet
        minuted, and of those they attended while the draft goes round; what was said
        there is another permission.
        """
        if user_can(user, Permission.READ_MINUTES):
            return self
        if user_can(user, Permission.LIST_MEETINGS):
            return self.filter(
                Q(state__in=Meeting.LIVE) | _draft_goes_round_to(user.pk)
            )
        return self.none()

    def drafts_to_read(self, user: Any) -> "MeetingQuerySet":
        """Those whose draft goes round now and may be read by this account: whoever
        may read all minutes, and who was there.
        """
        if user_can(user, Permission.READ_MINUTES):
            return self.filter(state=Meeting.State.CIRCULATED)
        if user_can(user, Permission.COMMENT_DRAFT):
            return self.filter(_draft_goes_round_to(user.pk))
        return self.none()

    def with_draft_number(self) -> "MeetingQuerySet":
        """Each with the ``draft_number`` that went round last."""
        return self.annotate(
            draft_number=Max("versions__number", filter=Q(versions__kind="draft"))
        )

    def may_agree_minutes_of(self, meeting: "Meeting") -> "MeetingQuerySet":
        """Later ones that were or are being held and can still say so in theirs."""
        return self.exclude(pk=meeting.pk).filter(
            state__in=[
                Meeting.State.IN_PROGRESS,
                Meeting.State.DRAFT,
                Meeting.State.CIRCULATED,
            ],
            date__gte=meeting.date,
        )

    def in_order(self) -> "MeetingQuerySet":
        """Earliest first: by date, start and id."""
        return self.order_by("date", F("start").asc(nulls_first=True), "id")

    def latest_first(self) -> "MeetingQuerySet":
        return self.order_by("-date", F("start").desc(nulls_last=True), "-id")

    def locked(self) -> "MeetingQuerySet":
        """Held until the transaction ends, so that changes wait for each other.

        What only names a meeting, as an action does, need not wait: without that, who
        changes a meeting and its actions and who closes one of them there at the same
        moment would wait for each other without end.
        """
        return self.select_for_update(of=("self",), no_key=True)

    def not_recorded(self, *, today: dt.date) -> "MeetingQuerySet":
        """Planned for a day that has passed, and nobody wrote what happened."""
        return self.filter(state=Meeting.State.PLANNED, date__lt=today)

    def not_cancelled(self) -> "MeetingQuerySet":
        return self.exclude(state=Meeting.State.CANCELLED)

    def upcoming(self, *, today: dt.date) -> "MeetingQuerySet":
        """Planned or in progress, today or later, earliest first."""
        return self.filter(state__in=Meeting.LIVE, date__gte=today).in_order()

    def past(self, *, today: dt.date) -> "MeetingQuerySet":
        """Held, cancelled, or planned for a day that has passed; latest first."""
        return self.exclude(state__in=Meeting.LIVE, date__gte=today).latest_first()

    def for_review(self, *, today: dt.date) -> "MeetingQuerySet":
        """The meetings to come that review the action tracker, the next one first."""
        return self.upcoming(today=today).filter(type__reviews_tracker=True)

    def on_theme(self, theme: Theme) -> "MeetingQuerySet":
        """Meetings whose own themes say so; themes of items do not count."""
        through = Meeting.themes.through
        return self.filter(
            Exists(through.objects.filter(meeting_id=OuterRef("pk"), theme_id=theme.pk))
        )


class Meeting(models.Model):
    """One assurance meeting, from the plan to its minutes."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        IN_PROGRESS = "in_progress", "In progress"
        DRAFT = "draft", "Draft minutes"
        CIRCULATED = "circulated", "Minutes circulated"
        AGREED = "agreed", "Minutes agreed"
        CANCELLED = "cancelled", "Cancelled"

    class Held(models.TextChoices):
        IN_PERSON = "in_person", "In person"
        HYBRID = "hybrid", "Hybrid: in a room and online"
        ONLINE = "online", "Online"

    class Marking(models.TextChoices):
        OFFICIAL = "official", "OFFICIAL"
        SENSITIVE = "official_sensitive", "OFFICIAL-SENSITIVE"

    # Still to be held, or being held.
    LIVE = (State.PLANNED, State.IN_PROGRESS)
    # Where a state may lead. Circulating and agreeing need minutes to circulate.
    TRANSITIONS: dict[str, set[str]] = {
        State.PLANNED: {State.IN_PROGRESS, State.DRAFT, State.CANCELLED},
        State.IN_PROGRESS: {State.DRAFT, State.PLANNED},
        State.DRAFT: {State.CIRCULATED, State.IN_PROGRESS},
        # A corrected draft goes round anew under the next number.
        State.CIRCULATED: {State.AGREED, State.DRAFT, State.CIRCULATED},
        State.AGREED: set(),
        State.CANCELLED: set(),
    }

    # How it stands in a sentence, and what is refused where a state may not lead.
    _STANDS: dict[State, str] = {
        State.PLANNED: "This meeting is still to be held",
        State.IN_PROGRESS: "This meeting is in progress",
        State.DRAFT: "The minutes of this meeting are a draft",
        State.CIRCULATED: "The minutes of this meeting have gone round",
        State.AGREED: "The minutes of this meeting are agreed",
        State.CANCELLED: "This meeting is cancelled",
    }
    _REFUSED: dict[State, str] = {
        State.PLANNED: "it cannot be planned again",
        State.IN_PROGRESS: "it cannot be in progress again",
        State.DRAFT: "its minutes cannot be a draft",
        State.CIRCULATED: "its minutes cannot be circulated",
        State.AGREED: "its minutes cannot be agreed",
        State.CANCELLED: "it cannot be cancelled",
    }

    type = models.ForeignKey(MeetingType, models.PROTECT, related_name="meetings")
    title = models.CharField(
        max_length=200,
        blank=True,
        help_text="What it is about, for example Diversity, equality and inclusion",
    )
    themes = models.ManyToManyField(Theme, blank=True, related_name="meetings")
    date = models.DateField()
    start = models.TimeField(null=True, blank=True)
    end = models.TimeField(null=True, blank=True)
    venue = models.CharField(max_length=200, blank=True)
    joining_link = models.URLField(
        max_length=500, blank=True, help_text="Never published"
    )
    held = models.CharField(max_length=10, choices=Held, default=Held.IN_PERSON)
    in_public = models.BooleanField("open to the public", default=False)
    state = models.CharField(max_length=12, choices=State, default=State.PLANNED)
    cancelled_because = models.CharField(
        "reason for cancelling", max_length=300, blank=True
    )
    marking = models.CharField(
        "protective marking", max_length=20, choices=Marking, default=Marking.OFFICIAL
    )
    # Set only where the office chose another moment than the usual one.
    own_deadline = models.DateTimeField("force updates due", null=True, blank=True)
    agenda_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_meeting = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="confirmed_at",
        help_text="The next meeting as these minutes confirm it",
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    history = HistoricalRecords(m2m_fields=[themes])

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-date", F("start").desc(nulls_last=True), "-id"]
        indexes = [models.Index(fields=["date", "start", "id"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "planned",
                        "in_progress",
                        "draft",
                        "circulated",
                        "agreed",
                        "cancelled",
                    ]
                ),
                name="meeting_state_known",
            ),
            models.CheckConstraint(
                condition=Q(held__in=["in_person", "hybrid", "online"]),
                name="meeting_held_known",
            ),
            models.CheckConstraint(
                condition=Q(marking__in=["official", "official_sensitive"]),
                name="meeting_marking_known",
            ),
            models.CheckConstraint(
                condition=Q(end__isnull=True)
                | (Q(start__isnull=False) & Q(end__gt=F("start"))),
                name="meeting_ends_after_start",
                violation_error_message="The meeting must end after it starts",
            ),
            models.CheckConstraint(
                condition=(Q(state="cancelled") & ~Q(cancelled_because=""))
                | (~Q(state="cancelled") & Q(cancelled_because="")),
                name="meeting_cancelled_with_reason",
                violation_error_message="Say why the meeting is cancelled",
            ),
            models.CheckConstraint(
                condition=Q(next_meeting__isnull=True) | ~Q(next_meeting=F("id")),
                name="meeting_not_own_next",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type}: {self.title}" if self.title else str(self.type)

    def get_absolute_url(self) -> str:
        return reverse("meeting", args=[self.pk])

    # What is worked out

    @property
    def how_it_stands(self) -> str:
        """ "The minutes of this meeting are agreed": how a refusal begins."""
        return self._STANDS[self.State(self.state)]

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_editable(self) -> bool:
        """Agreed minutes are frozen, and a cancelled meeting was not held."""
        return self.state not in (self.State.AGREED, self.State.CANCELLED)

    def was_not_recorded(self, *, today: dt.date) -> bool:
        """Planned for a day that has passed, and nobody wrote what happened."""
        return self.state == self.State.PLANNED and self.date < today

    def has_begun(self, *, today: dt.date) -> bool:
        """Whether anybody can be here: it is under way, or its day has come."""
        return self.state != self.State.PLANNED or self.date <= today

    def can_become(self, state: str) -> bool:
        return state in self.TRANSITIONS[self.state]

    @property
    def usual_deadline(self) -> dt.datetime:
        """Seven days before, moved back to a working day, at 9am, by the settings."""
        day = on_or_before_working_day(
            self.date - dt.timedelta(days=settings.FORCE_DEADLINE_DAYS)
        )
        return timezone.make_aware(
            dt.datetime.combine(day, dt.time(settings.FORCE_DEADLINE_HOUR))
        )

    @property
    def force_deadline(self) -> dt.datetime:
        """When the force's updates for this meeting are due."""
        return self.own_deadline or self.usual_deadline

    def agenda(self) -> list[AgendaItem]:
        """The items in printed order, numbered. One query."""
        return number_agenda(
            self.agenda_items.select_related("theme", "lead").order_by("order", "id")
        )

    def attendance(self) -> list[Attendee]:
        """Everybody on the list, in its order, with person and organisation."""
        return list(
            self.attendees.select_related("person", "organisation", "standing_in_for")
        )

    # What changes it

    def _become(self, state: str) -> None:
        if not self.can_become(state):
            raise ValidationError(
                f"{self.how_it_stands}, so {self._REFUSED[self.State(state)]}"
            )
        self.state = state

    def _lock(self) -> None:
        """State and version as they are now, held until the transaction ends."""
        now = Meeting.objects.locked().get(pk=self.pk)
        self.state, self.version = now.state, now.version

    def _changed(self, *fields: str) -> None:
        self.version += 1
        self.save(update_fields=[*fields, "version"])

    @transaction.atomic
    def _step_to(self, state: str) -> None:
        self._lock()
        self._become(state)
        self._changed("state")

    def start_minutes(self) -> None:
        """The meeting begins; the invited may now be marked as here."""
        self._step_to(self.State.IN_PROGRESS)

    def undo_start(self) -> None:
        """It was started by mistake and is still to be held."""
        self._step_to(self.State.PLANNED)

    def finish(self) -> None:
        """The meeting is over; its minutes are a draft until they are circulated."""
        self._step_to(self.State.DRAFT)

    def reopen_notes(self) -> None:
        """Back to in progress, as long as the draft was not circulated."""
        self._step_to(self.State.IN_PROGRESS)

    def circulate(self) -> None:
        """The draft goes round. See ``actions.agreement.circulate_minutes``."""
        self._step_to(self.State.CIRCULATED)

    def agree(self) -> None:
        """What went round is agreed and frozen. See ``actions.agreement.agree``."""
        self._step_to(self.State.AGREED)

    def take_back_draft(self) -> None:
        """What was circulated is a draft again, to be mended and sent round anew."""
        self._step_to(self.State.DRAFT)

    @transaction.atomic
    def mark_agenda_sent(self, *, at: dt.datetime) -> None:
        """From now on a liaison sees what is asked of the force."""
        self._lock()
        self.agenda_sent_at = at
        self._changed("agenda_sent_at")

    @transaction.atomic
    def cancel(self, because: str) -> None:
        """It will not be held. See ``actions.operations.cancel_meeting``."""
        if not because.strip():
            raise ValidationError({"because": "Say why the meeting is cancelled"})
        self._lock()
        self._become(self.State.CANCELLED)
        self.cancelled_because = because
        self._changed("state", "cancelled_because")

    @transaction.atomic
    def reschedule(
        self, *, date: dt.date, start: dt.time | None, end: dt.time | None
    ) -> None:
        """Another date or time. A deadline of its own moves by as many days.

        See ``actions.operations.reschedule_meeting`` for what is due there.
        """
        self._lock()
        if not self.is_live:
            raise ValidationError(
                f"{self.how_it_stands}, so it cannot be given another date"
            )
        if self.own_deadline:
            moved = timezone.localtime(self.own_deadline) + (date - self.date)
            self.own_deadline = timezone.make_aware(
                dt.datetime.combine(
                    on_or_before_working_day(moved.date()), moved.time()
                )
            )
        self.date, self.start, self.end = date, start, end
        self._changed("date", "start", "end", "own_deadline")
