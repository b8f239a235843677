"""Who must do an action: an organisation and, when known, a post and a person."""

from django.db import models
from django.db.models import Q

from assurance.models import Organisation
from assurance.models.history import HistoricalRecords
from meetings.models import Person


class Owner(models.Model):
    """One of an action's owners. Several may share it; one of them leads."""

    action = models.ForeignKey("actions.Action", models.CASCADE, related_name="owners")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="owned_actions"
    )
    post = models.CharField(max_length=150, blank=True)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="owned_actions"
    )
    leads = models.BooleanField(default=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["-leads", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["action"], condition=Q(leads=True), name="owner_one_lead"
            ),
            models.UniqueConstraint(
                fields=["action", "organisation", "post", "person"],
                name="owner_once",
                violation_error_message="This owner is on the list already",
            ),
            models.UniqueConstraint(
                fields=["action", "organisation", "post"],
                condition=Q(person__isnull=True),
                name="owner_once_without_person",
                violation_error_message="This owner is on the list already",
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(
            str(part)
            for part in (self.organisation.abbreviation, self.post, self.person)
            if part
        )

    @property
    def described(self) -> str:
        """In full: the organisation, the post and the person."""
        parts = (self.organisation.name, self.post, self.person)
        return ", ".join(str(part) for part in parts if part)
