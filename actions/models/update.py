"""The timeline: everything that was said of an action or happened to it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from actions.lifecycle import Status
from actions.models.due import Due, DueFields, due_constraint
from assurance.models import AppendOnly, Organisation, StoredFile
from assurance.permissions import Permission, Role, user_can
from meetings.models import Meeting


class How(models.TextChoices):
    """How a decision was taken."""

    MEETING = "meeting", "At a meeting"
    EMAIL = "email", "By e-mail"
    ONE_TO_ONE = "one_to_one", "One to one"
    REGISTER = "register", "Here, in this register"
    BEFORE = "before", "Before this register"

    @classmethod
    def to_choose(cls) -> list[tuple[str, str]]:
        """What may be said of a decision taken now."""
        return [(how.value, how.label) for how in cls if how != cls.BEFORE]


@dataclass(frozen=True)
class Decision:
    """Whose decision a move records: by whom, on which day, how."""

    by: str
    on: dt.date
    how: str


class UpdateQuerySet(models.QuerySet["Update"]):
    def visible_to(self, user: Any) -> "UpdateQuerySet":
        """A liaison never sees what is for the office only, nor what was done before
        the action was issued.
        """
        if user_can(user, Permission.READ_ALL_ACTIONS):
            return self
        return self.filter(office_only=False, at__gte=F("action__issued_at"))

    def open_requests(self) -> "UpdateQuerySet":
        """Those that ask for something and have no answer. What was corrected is asked
        by its correction.
        """
        return self.exclude(asks="").filter(
            answer__isnull=True, correction__isnull=True
        )

    def words_of_owners(self) -> "UpdateQuerySet":
        """What owners said of the work; older words name only the author."""
        return self.filter(
            Q(organisation__isnull=False)
            | Q(author__role=Role.LIAISON, author__organisation__isnull=False),
            what__in=[self.model.What.UPDATE, self.model.What.PROPOSED],
        )

    def with_whose(self) -> "UpdateQuerySet":
        """With what ``said_by`` reads."""
        return self.select_related("author__organisation", "organisation")

    def stood_before(self, written: "list[Update]") -> dict[str, Any]:
        """The status and due that these entries changed, as the entries before them
        left it; of the entries of one action.
        """
        before = self.filter(pk__lt=written[0].pk)
        stood: dict[str, Any] = {}
        if any(update.status for update in written):
            last = before.exclude(status="").latest("pk")
            stood |= {"status": last.status, "look_again_on": last.look_again_on}
        if any(update.due_kind for update in written):
            stood["due"] = before.exclude(due_kind="").latest("pk").due
        return stood

    def dues(self) -> "UpdateQuerySet":
        """Those that set or changed the due, as they were written."""
        return (
            self.exclude(due_kind="")
            .select_related("due_meeting", "due_theme", "due_type")
            .order_by("at", "id")
        )

    def latest_word(self) -> "Update | None":
        """The newest of these that nothing corrects, with whose it is and evidence."""
        words = self.filter(correction__isnull=True).with_whose().newest_word_first()
        return words.prefetch_related("evidence__file").first()

    def newest_word_first(self) -> "UpdateQuerySet":
        """Newest first, a correction where the words stood that it corrects."""
        said_at = Coalesce("corrects__at", "at")
        return self.order_by(said_at.desc(), "-at", "-id")

    def newest_first(self) -> "UpdateQuerySet":
        return self.order_by("-at", "-id")


class Update(AppendOnly, DueFields):
    """One entry of an action's timeline. It is never changed or deleted.

    An entry that changed the status or the due carries the new value, so the present
    state is what the entries add up to.
    """

    class What(models.TextChoices):
        RAISED = "raised", "Raised"
        EDITED = "edited", "Edited"
        OWNERS = "owners", "Owners changed"
        ISSUED = "issued", "Issued"
        UPDATE = "update", "Update"
        NOTE = "note", "Office note"
        PROPOSED = "proposed", "Closure proposed"
        TAKEN_BACK = "taken_back", "Proposal taken back"
        RETURNED = "returned", "Returned"
        CLOSED = "closed", "Closed"
        REPLACED = "replaced", "Replaced"
        WITHDRAWN = "withdrawn", "Withdrawn"
        HELD = "held", "Put on hold"
        RESUMED = "resumed", "Taken off hold"
        REOPENED = "reopened", "Reopened"
        DUE_SET = "due_set", "Due date set"
        REDATED = "redated", "Due date changed"
        MEETING_MOVED = "meeting_moved", "Due moved with its meeting"
        ANSWERED = "answered", "Request answered"
        BROUGHT_FORWARD = "brought_forward", "Brought forward"
        REVIEWED = "reviewed", "Reviewed"
        UNDONE = "undone", "Review undone"

    class Asks(models.TextChoices):
        NOTHING = "", "Nothing"
        CLOSURE = "closure", "Closure"
        DATE = "date", "A new due date"
        OTHER = "other", "Another change: owner, wording or a split"

    # Written by a person about the work, rather than by a move.
    BY_PEOPLE = (What.UPDATE, What.NOTE, What.PROPOSED)

    action = models.ForeignKey("actions.Action", models.PROTECT, related_name="updates")
    what = models.CharField(max_length=20, choices=What)
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(blank=True)
    provided_by = models.CharField(max_length=150, blank=True)
    # Whose word it is, when it is an owner's; null: the office's.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="updates"
    )
    office_only = models.BooleanField(default=False)
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="updates"
    )
    # What it changed: blank where it changed nothing. The due columns likewise.
    status = models.CharField(max_length=10, choices=Status, blank=True)
    due_kind = models.CharField(max_length=10, blank=True)
    look_again_on = models.DateField(null=True, blank=True)
    # What it asks for, and which request it answers.
    asks = models.CharField(max_length=10, choices=Asks, blank=True)
    asked_due_on = models.DateField(null=True, blank=True)
    answers = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="answer"
    )
    accepted = models.BooleanField(null=True)
    # What it takes the place of: a word said wrongly, or a move made by mistake.
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="correction"
    )
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undoing"
    )
    # Whose decision it records; who recorded it is the author.
    decided_by = models.CharField(max_length=150, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_how = models.CharField(max_length=10, choices=How, blank=True)

    objects = UpdateQuerySet.as_manager()

    # Added by ``read_timeline``.
    corrected: "list[Update]"
    may_correct: bool

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["action", "at"]),
            models.Index(
                fields=["action"],
                name="update_requests",
                condition=~Q(asks=""),
            ),
            models.Index(
                fields=["action"],
                name="update_redated",
                condition=Q(what="redated"),
            ),
        ]
        constraints = [
            due_constraint("update_due_complete", may_be_blank=True),
            models.CheckConstraint(
                condition=Q(
                    what__in=[
                        "raised",
                        "edited",
                        "owners",
                        "issued",
                        "update",
                        "note",
                        "proposed",
                        "taken_back",
                        "returned",
                        "closed",
                        "replaced",
                        "withdrawn",
                        "held",
                        "resumed",
                        "reopened",
                        "due_set",
                        "redated",
                        "meeting_moved",
                        "answered",
                        "brought_forward",
                        "reviewed",
                        "undone",
                    ]
                ),
                name="update_what_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["", *Status.values]),
                name="update_status_known",
            ),
            models.CheckConstraint(
                condition=Q(asks__in=["", "closure", "date", "other"]),
                name="update_asks_known",
            ),
            models.CheckConstraint(
                condition=Q(asked_due_on__isnull=True) | Q(asks="date"),
                name="update_asked_date_is_asked",
            ),
            models.CheckConstraint(
                condition=Q(answers__isnull=True, accepted__isnull=True)
                | Q(answers__isnull=False, accepted__isnull=False),
                name="update_answer_accepts_or_not",
            ),
            models.CheckConstraint(
                condition=Q(decided_by="", decided_on__isnull=True, decided_how="")
                | (
                    ~Q(decided_by="")
                    & Q(decided_on__isnull=False)
                    & Q(
                        decided_how__in=[
                            "meeting",
                            "email",
                            "one_to_one",
                            "register",
                            "before",
                        ]
                    )
                ),
                name="update_decision_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}, {self.at:%Y-%m-%d}"

    @property
    def is_by_people(self) -> bool:
        return self.what in self.BY_PEOPLE

    @property
    def is_corrected(self) -> bool:
        return hasattr(self, "correction")

    @property
    def waits_for_answer(self) -> bool:
        return bool(self.asks) and not hasattr(self, "answer") and not self.is_corrected

    def asked_again(self) -> dict[str, Any]:
        """What an entry says that puts this request once more."""
        return {
            "text": self.text,
            "provided_by": self.provided_by,
            "organisation": self.organisation or self.author.organisation,
            "asks": self.asks,
            "asked_due_on": self.asked_due_on,
        }

    def to_correct(self, **entry: Any) -> dict[str, Any]:
        """What an entry says that stands in this one's place, beside ``entry``.

        What waits for an answer is asked on; a date asked for may be another.
        """
        if self.is_corrected:
            raise ValidationError(
                "Somebody corrected this update already. Look at the action's page, "
                "and correct what stands there now"
            )
        asks = self.asks if self.waits_for_answer else self.Asks.NOTHING
        if asks != self.Asks.DATE:
            entry["asked_due_on"] = None
        return entry | {
            "what": self.what,
            "organisation": self.organisation,
            "corrects": self,
            "asks": asks,
        }

    @property
    def said_by(self) -> str:
        """The post that provided it, else who wrote it down, and whose word it is:
        "Director of Business Services, WMP".
        """
        name = self.provided_by or self.author.name
        if self.organisation is None:
            return name
        return f"{name}, {self.organisation.abbreviation}"

    def is_word_of(self, user: Any) -> bool:
        """Whether it is what this account's organisation said, or the office."""
        if user.is_liaison:
            whose = self.organisation_id or self.author.organisation_id
            return whose == user.organisation_id
        return not self.author.is_liaison


def first_due_of(dues: Iterable[Update]) -> Due | None:
    """The due one action was issued with: the last of these before a decision moved it.

    Corrections before that were never promised.
    """
    first = None
    for update in dues:
        if update.what == Update.What.REDATED:
            break
        first = update.due
    return first if first and first.is_set else None


class Shown(models.Model):
    """What shows that the work was done: a link or a file, with a title."""

    title = models.CharField(max_length=200)
    link = models.URLField(max_length=500, blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="")
                & (
                    (~Q(link="") & Q(file__isnull=True))
                    | Q(link="", file__isnull=False)
                ),
                name="%(class)s_is_link_or_file",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Evidence(AppendOnly, Shown):
    """What came with an update that was sent. It is never changed or deleted."""

    update = models.ForeignKey(Update, models.PROTECT, related_name="evidence")

    class Meta(Shown.Meta):
        verbose_name_plural = "evidence"
