"""Forms that were sent: once each, and none lost with a session that ended."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from assurance.models.accounts import User


class Submission(models.Model):
    """A form that was sent, so that pressing twice saves once (see ``forms.saved``).

    The key is a digest of what was sent, never the text itself.
    """

    key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE)
    result_url = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key


class Unsent(models.Model):
    """A form that came when the session of who filled it in had just ended.

    It is kept until they have signed in again and send it, or for a day.
    Nobody else gets it, and no password is in it.
    """

    token = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE)
    path = models.CharField(max_length=500)
    # Pairs of a field's name and its values.
    sent = models.JSONField(encoder=DjangoJSONEncoder)
    # Names of files that were chosen: they are to be chosen again.
    files = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "form kept unsent"
        verbose_name_plural = "forms kept unsent"

    def __str__(self) -> str:
        return self.path
