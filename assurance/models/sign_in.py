"""Who is signed in where, and what accounts did that no record of their own shows."""

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone

from assurance.models.accounts import User
from assurance.models.append_only import AppendOnly


class Session(AbstractBaseSession):
    """A browser, and the account that is signed in with it, if any.

    ``assurance.sign_in.sessions`` keeps it; deleting the row signs the browser out.
    """

    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="sessions"
    )
    signed_in_at = models.DateTimeField(null=True, blank=True)
    # When somebody last did something; a page that asks by itself does not count.
    active_at = models.DateTimeField(null=True, blank=True)
    # As the browser names itself, and the network address it last came from.
    device = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    objects = BaseSessionManager()

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"Session of {self.user}" if self.user else "Session of a stranger"


class Event(AppendOnly):
    """Something an account did, or that was done to it, beside changing a record:
    signing in, failing to, taking withheld material away.

    Never what somebody typed: people type passwords where addresses belong.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", "Signed in"
        SIGNED_OUT = "signed_out", "Signed out"
        TIMED_OUT = "timed_out", "Signed out when the time was up"
        WRONG_PASSWORD = "wrong_password", "Wrong password"
        WRONG_CODE = "wrong_code", "Wrong code or passkey"
        STOPPED = "stopped", "Sign-in stopped for 15 minutes"
        PASSWORD_CHANGED = "password_changed", "Password changed"
        RESET_ASKED = "reset_asked", "Link to set a password asked for"
        INVITED = "invited", "Invited"
        STEP_ADDED = "step_added", "Second step added"
        STEP_REMOVED = "step_removed", "Second step removed"
        CODES_MADE = "codes_made", "Recovery codes made"
        CODE_USED = "code_used", "Recovery code used"
        LINKED = "linked", "Linked with single sign-on"
        UNLINKED = "unlinked", "Link with single sign-on ended"
        SESSIONS_ENDED = "sessions_ended", "Signed out elsewhere"
        DOWNLOADED = "downloaded", "Withheld material downloaded"
        HANDED_OVER = "handed_over", "Whole record taken away"
        SEARCHED = "searched", "Whole record searched for data protection"

    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    # Whose account it is about; who did it is another where an administrator did.
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="events")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # Which thing: "Minutes of 4 August 2020, agreed version 1, PDF". No text of it.
    what = models.CharField(max_length=300, blank=True)
    device = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = "event of an account"
        verbose_name_plural = "events of accounts"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["user", "-at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        *("signed_in", "signed_out", "timed_out"),
                        *("wrong_password", "wrong_code", "stopped"),
                        *("password_changed", "reset_asked", "invited"),
                        *("step_added", "step_removed", "codes_made", "code_used"),
                        *("linked", "unlinked", "sessions_ended"),
                        *("downloaded", "handed_over", "searched"),
                    ]
                ),
                name="event_kind_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.user}"
