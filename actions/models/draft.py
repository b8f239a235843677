"""What an organisation is still writing about an action."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from actions.models.update import Shown, Update
from assurance.models import Organisation
from assurance.models.history import HistoricalRecords


class UpdateDraft(models.Model):
    """An answer that its organisation's liaisons share until it is sent.

    One for each action and organisation; without an organisation it is the office's.
    Sending it makes an ``Update`` and deletes the draft.
    """

    action = models.ForeignKey("actions.Action", models.CASCADE, related_name="drafts")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # In a draft of the office: whose word it writes down, when not its own.
    on_behalf_of = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.TextField("what has been done", blank=True)
    provided_by = models.CharField(max_length=150, blank=True)
    asks = models.CharField(max_length=10, choices=Update.Asks, blank=True)
    asked_due_on = models.DateField(null=True, blank=True)
    is_ready = models.BooleanField("ready to send", default=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=0, editable=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["action__year", "action__number"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "organisation"], name="draft_once"
            ),
            models.UniqueConstraint(
                fields=["action"],
                condition=Q(organisation__isnull=True),
                name="draft_of_the_office_once",
            ),
            models.CheckConstraint(
                condition=Q(asks__in=["", "closure", "date", "other"]),
                name="draft_asks_known",
            ),
            models.CheckConstraint(
                condition=Q(is_ready=False) | ~Q(text=""), name="draft_ready_is_worded"
            ),
        ]

    def __str__(self) -> str:
        return f"Draft on {self.action}"


class DraftEvidence(Shown):
    """What will go with the update when the draft is sent."""

    draft = models.ForeignKey(UpdateDraft, models.CASCADE, related_name="evidence")

    class Meta(Shown.Meta):
        verbose_name_plural = "draft evidence"
