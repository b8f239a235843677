"""Old minutes that were handed in, and how far they are on the way to a meeting."""

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from assurance.models import StoredFile
from assurance.models.history import HistoricalRecords
from assurance.permissions import Permission, user_can
from meetings.models.meeting import Meeting

LONGEST_REFUSAL = 500


class ReadInQuerySet(models.QuerySet["ReadIn"]):
    def visible_to(self, user: Any) -> "ReadInQuerySet":
        return self if user_can(user, Permission.READ_IN) else self.none()

    def waiting(self) -> "ReadInQuerySet":
        """Still to be read, first come first."""
        return self.filter(state=ReadIn.State.WAITING).order_by("at", "id")

    def standing(self) -> "ReadInQuerySet":
        """Those the same content may not be handed in beside."""
        return self.filter(state__in=ReadIn.STANDING)

    def locked(self) -> "ReadInQuerySet":
        return self.select_for_update(of=("self",), no_key=True)

    def for_lists(self) -> "ReadInQuerySet":
        """Without the text, which may be long."""
        return self.defer("read", "checked").select_related("by", "meeting__type")


class ReadIn(models.Model):
    """One file of old minutes, or a pasted text, from handing it in to its meeting.

    ``read`` is what was understood of it, a ``meetings.reader.minutes.ReadMinutes`` as
    JSON with the lines of the text; ``checked`` the fields of the checking page as they
    were last sent, a list of values for each name. Its content is kept until it is
    read, and its words until it is saved or dropped; what recognises the same content
    or words again stays.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be read"
        TO_CHECK = "to_check", "To be checked"
        REFUSED = "refused", "Could not be read"
        SAVED = "saved", "Saved as a meeting"
        DROPPED = "dropped", "Dropped"

    STANDING = (State.WAITING, State.TO_CHECK, State.SAVED)

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="read_in"
    )
    at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=150)
    sha256 = models.CharField("SHA-256 of the content", max_length=64)
    # Of the words alone, whatever kind of file they came in.
    words_sha256 = models.CharField("SHA-256 of the words", max_length=64, blank=True)
    content = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="read_in"
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    refusal = models.CharField(max_length=LONGEST_REFUSAL, blank=True)
    read = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    checked = models.JSONField(default=dict, blank=True)
    # What was understood, in words, and how much is left to check.
    summary = models.CharField(max_length=200, blank=True)
    doubts = models.PositiveIntegerField("things to check", default=0)
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="read_in"
    )
    # The one handed in before that has the same words.
    same_as = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repeats"
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    history = HistoricalRecords(excluded_fields=["read", "checked"])

    objects = ReadInQuerySet.as_manager()

    class Meta:
        verbose_name = "file of old minutes"
        verbose_name_plural = "files of old minutes"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["state", "at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["waiting", "to_check", "refused", "saved", "dropped"]
                ),
                name="read_in_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(sha256=""), name="read_in_named"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", content__isnull=False)
                | (~Q(state="waiting") & Q(content__isnull=True)),
                name="read_in_content_until_read",
            ),
            models.CheckConstraint(
                condition=(Q(state="refused") & ~Q(refusal=""))
                | (~Q(state="refused") & Q(refusal="")),
                name="read_in_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="to_check") | Q(read__isnull=False),
                name="read_in_read_before_checked",
            ),
            models.CheckConstraint(
                condition=Q(state="saved", meeting__isnull=False)
                | (~Q(state="saved") & Q(meeting__isnull=True)),
                name="read_in_saved_as_meeting",
            ),
            models.UniqueConstraint(
                fields=["sha256"],
                condition=Q(state__in=["waiting", "to_check", "saved"]),
                name="read_in_content_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where to go on with it: the meeting it became, else its page."""
        if self.meeting_id:
            return reverse("meeting", args=[self.meeting_id])
        return reverse("import_check", args=[self.pk])

    # What changes it; whoever calls these saves it.

    def refuse(self, why: str) -> None:
        self.state, self.content = self.State.REFUSED, None
        self.refusal = why[:LONGEST_REFUSAL]

    def become(self, meeting: Meeting) -> None:
        """Checked and saved: its words are those of the meeting now."""
        self.state, self.meeting, self.doubts = self.State.SAVED, meeting, 0
        self._forget_words()
        self.version += 1
        self.save()

    def leave_out(self) -> None:
        self.state, self.content, self.refusal = self.State.DROPPED, None, ""
        self._forget_words()

    def _forget_words(self) -> None:
        self.read, self.checked = None, {}
