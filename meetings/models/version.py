"""What was circulated, agreed and published: kept as it was, by the database too."""

import datetime as dt
import hashlib
import json
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from assurance.calendar import day_in_words
from assurance.models import AppendOnly, Removal, StoredFile
from assurance.models.history import HistoricalRecords
from meetings.models.agenda import AgendaItem
from meetings.models.meeting import Meeting


class MinutesVersionQuerySet(models.QuerySet["MinutesVersion"]):
    def drafts(self) -> "MinutesVersionQuerySet":
        return self.filter(kind=MinutesVersion.Kind.DRAFT)

    def agreed(self) -> "MinutesVersionQuerySet":
        return self.filter(kind=MinutesVersion.Kind.AGREED)

    def published(self) -> "MinutesVersionQuerySet":
        """All that ever were, withdrawn ones too."""
        return self.filter(kind=MinutesVersion.Kind.PUBLISHED)

    def public(self) -> "MinutesVersionQuerySet":
        """What the public may read: the last one published of each meeting, unless it
        was withdrawn.
        """
        later = self.model._default_manager.filter(
            meeting=models.OuterRef("meeting"),
            kind=MinutesVersion.Kind.PUBLISHED,
            number__gt=models.OuterRef("number"),
        )
        return (
            self.published()
            .filter(withdrawal=None)
            .exclude(models.Exists(later))
            .order_by("-held_on", "-meeting_id")
        )

    def latest_first(self) -> "MinutesVersionQuerySet":
        return self.order_by("-number")

    def without_content(self) -> "MinutesVersionQuerySet":
        """For lists: a version may be long."""
        return self.defer("content", "text", "let_pass", "replaced")


class MinutesVersion(AppendOnly):
    """The minutes of a meeting as they stood: a draft that went round, what was agreed
    and each amendment, and what was published.

    ``content`` is the whole record as JSON: of a draft and of agreed minutes a
    ``meetings.record.Record``, of a published one what the public may read and nothing
    else. Pages and documents are made from it alone, so that renaming a theme or
    closing an action later alters nothing of it.
    """

    # Asked by ``grants``.
    mended_by_removal = ("checksum", "pdf", "docx")

    class Kind(models.TextChoices):
        DRAFT = "draft", "Circulated draft"
        AGREED = "agreed", "Agreed minutes"
        PUBLISHED = "published", "Published minutes"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="versions")
    kind = models.CharField(max_length=9, choices=Kind)
    number = models.PositiveIntegerField()
    # The version it was made from: of an amendment and of what is published.
    made_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+"
    )
    title = models.CharField(max_length=330)
    held_on = models.DateField()
    # One name on each line, with a line end before and after each.
    themes = models.TextField(blank=True)
    content = models.JSONField(encoder=DjangoJSONEncoder)
    # Its words, to search in; what is published has the public's words only.
    text = models.TextField(blank=True)
    pdf = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+"
    )
    docx = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What an amendment changed, in words, and why; why something was published again.
    what = models.TextField(blank=True)
    why = models.TextField(blank=True)
    # Of what is published, a sentence on each line: the words that may name somebody
    # shown by post only, left as they stand, and those that gave way to the post.
    let_pass = models.TextField("names left as they stand", blank=True)
    replaced = models.TextField("names replaced by the post", blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="minutes_versions"
    )
    at = models.DateTimeField(default=timezone.now)
    checksum = models.CharField(max_length=64)

    objects = MinutesVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "version of minutes"
        verbose_name_plural = "versions of minutes"
        ordering = ["meeting", "kind", "number"]
        indexes = [models.Index(fields=["kind", "held_on"])]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "kind", "number"], name="version_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["draft", "agreed", "published"]),
                name="version_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(number__gt=0) & ~Q(checksum="") & ~Q(title=""),
                name="version_complete",
            ),
            models.CheckConstraint(
                condition=~Q(kind="agreed", number__gt=1)
                | (Q(made_from__isnull=False) & ~Q(why="") & ~Q(what="")),
                name="version_amended_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(kind="published") | Q(made_from__isnull=False),
                name="version_published_from_agreed",
            ),
            models.CheckConstraint(
                condition=Q(kind="published") | Q(let_pass="", replaced=""),
                name="version_names_decided_when_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}: {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.checksum = self.worked_out_checksum()
        super().save(*args, **kwargs)

    def worked_out_checksum(self) -> str:
        """SHA-256 of all that it says, its documents included, as JSON with sorted
        keys; the columns of the database but not how it keeps them.
        """
        said = {
            "meeting": self.meeting_id,
            "kind": self.kind,
            "number": self.number,
            "made_from": self.made_from.checksum if self.made_from else None,
            "title": self.title,
            "held_on": self.held_on,
            "themes": self.themes,
            "content": self.content,
            "text": self.text,
            "documents": [
                stored.sha256 if stored else None for stored in (self.pdf, self.docx)
            ],
            "what": self.what,
            "why": self.why,
            "by": self.by_id,
            "at": self.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        }
        # What was kept before there were any has the checksum that it had then.
        if self.let_pass or self.replaced:
            said |= {"let_pass": self.let_pass, "replaced": self.replaced}
        words = json.dumps(said, sort_keys=True, cls=DjangoJSONEncoder)
        return hashlib.sha256(words.encode()).hexdigest()

    @property
    def is_intact(self) -> bool:
        """Whether it still is what was kept."""
        return self.checksum == self.worked_out_checksum()

    def documents(self) -> dict[str, StoredFile]:
        """By kind those kept with it. A removal for data protection takes them away:
        then those made again since, and none until somebody asks for one or a night has
        passed.
        """
        kept: MinutesVersion | DocumentsAgain | None = self
        if self.pdf_id is None and self.docx_id is None:
            last = self.last_removal() if self.kind == self.Kind.PUBLISHED else None
            kept = getattr(last, "documents", None)
        found = {"pdf": kept.pdf, "docx": kept.docx} if kept else {}
        return {kind: stored for kind, stored in found.items() if stored}

    def last_removal(self) -> "VersionRemoval | None":
        """The last that took words out of it."""
        removals = self.removals.all()
        return max(removals, key=lambda one: one.removal_id, default=None)

    @property
    def is_amendment(self) -> bool:
        return self.kind == self.Kind.AGREED and self.number > 1

    @property
    def words_removed(self) -> "models.QuerySet[VersionRemoval]":
        """The removals for data protection that changed it, by whom and why."""
        return self.removals.select_related("removal__by")

    @property
    def names_left(self) -> list[str]:
        return self.let_pass.splitlines()

    @property
    def names_replaced(self) -> list[str]:
        return self.replaced.splitlines()

    @property
    def theme_names(self) -> list[str]:
        return [name for name in self.themes.split("\n") if name]


class VersionRemovalQuerySet(models.QuerySet["VersionRemoval"]):
    def with_documents(self) -> "VersionRemovalQuerySet":
        return self.select_related("documents__pdf", "documents__docx")

    def without_documents(self) -> "VersionRemovalQuerySet":
        """The last of each published version whose documents wait to be made again."""
        later = VersionRemoval.objects.filter(
            version=models.OuterRef("version"), removal__gt=models.OuterRef("removal")
        )
        found = self.filter(
            version__kind=MinutesVersion.Kind.PUBLISHED,
            version__pdf=None,
            version__docx=None,
            documents=None,
        )
        return found.exclude(models.Exists(later))


class VersionRemoval(AppendOnly):
    """Words were removed from a version for data protection. The checksums of the
    version before and after show which removal made it what it is.
    """

    version = models.ForeignKey(MinutesVersion, models.PROTECT, related_name="removals")
    removal = models.ForeignKey(Removal, models.PROTECT, related_name="versions")
    before = models.CharField("checksum before", max_length=64)
    after = models.CharField("checksum after", max_length=64)

    objects = VersionRemovalQuerySet.as_manager()

    class Meta:
        verbose_name = "removal from a version"
        verbose_name_plural = "removals from versions"
        ordering = ["removal", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "removal"], name="version_removed_from_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.removal}"


class DocumentsAgain(AppendOnly):
    """The documents of a published version, made again of what a removal for data
    protection left of it.
    """

    removal = models.OneToOneField(
        VersionRemoval, models.PROTECT, related_name="documents"
    )
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    docx = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "documents made again"
        verbose_name_plural = "documents made again"
        ordering = ["removal"]

    def __str__(self) -> str:
        return f"Documents of {self.removal}"


class Withdrawal(AppendOnly):
    """A published version was taken off the public site. It is kept."""

    version = models.OneToOneField(
        MinutesVersion, models.PROTECT, related_name="withdrawal"
    )
    why = models.TextField("reason")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="withdrawal_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"Withdrawal of {self.version}"


class Agreement(AppendOnly):
    """How the minutes of a meeting were agreed: by whom, when, with which changes."""

    class How(models.TextChoices):
        CHAIR = "chair", "By the chair"
        MEETING = "meeting", "At a meeting"

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="agreement")
    how = models.CharField(max_length=7, choices=How)
    # At which one, if it was at a meeting.
    at_meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="agreements"
    )
    agreed_by = models.CharField(max_length=150)
    agreed_on = models.DateField()
    # Blank: as presented.
    changes = models.TextField("subject to these changes", blank=True)
    # What looked unfinished and was let pass, a sentence on each line.
    overruled = models.TextField(blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["agreed_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(how="chair", at_meeting__isnull=True)
                | Q(how="meeting", at_meeting__isnull=False),
                name="agreement_somewhere",
            ),
            models.CheckConstraint(
                condition=~Q(agreed_by=""), name="agreement_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(at_meeting__isnull=True) | ~Q(at_meeting=F("meeting")),
                name="agreement_at_another_meeting",
            ),
        ]

    def __str__(self) -> str:
        return f"Agreement of the minutes of {self.meeting}"

    @property
    def in_words(self) -> str:
        """As these minutes say it: "Agreed by John Campion on 3 May 2026, as
        presented".
        """
        where = f"by {self.agreed_by} on {day_in_words(self.agreed_on)}"
        if self.at_meeting:
            where = f"at the meeting of {day_in_words(self.at_meeting.date)}"
        return f"Agreed {where}, {self.outcome}"

    @property
    def outcome(self) -> str:
        if self.changes:
            return f"subject to these changes: {self.changes}"
        return "as presented"


class Comment(models.Model):
    """What somebody who was there, or the commissioner, says of a circulated draft.

    ``item`` is null for a word on the whole. The office answers each.
    """

    class Outcome(models.TextChoices):
        NONE = "", "Not answered yet"
        CHANGED = "changed", "Changed"
        NOT_CHANGED = "not_changed", "Not changed"

    version = models.ForeignKey(MinutesVersion, models.PROTECT, related_name="comments")
    item = models.ForeignKey(
        AgendaItem, models.PROTECT, null=True, blank=True, related_name="comments"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments"
    )
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField("comment")
    outcome = models.CharField(
        "what was done", max_length=11, choices=Outcome, blank=True
    )
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_worded"),
            models.CheckConstraint(
                condition=Q(
                    outcome="", answered_by__isnull=True, answered_at__isnull=True
                )
                | Q(
                    outcome__in=["changed", "not_changed"],
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                ),
                name="comment_answered_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return f"Comment of {self.author} on {self.version}"
