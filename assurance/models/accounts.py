"""Accounts, and the organisations they belong to."""

from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from assurance.models.history import HistoricalRecords
from assurance.permissions import Role


class Organisation(models.Model):
    """The office, a force it holds to account, or a partner that owns actions.

    Minutes name an organisation by many short names ("Force", "WMP"); each is kept
    so that "Force to share the plan" finds its owner.
    """

    class Kind(models.TextChoices):
        OFFICE = "office", "Office of the commissioner"
        FORCE = "force", "Police force"
        PARTNER = "partner", "Partner organisation"

    name = models.CharField(max_length=150, unique=True)
    short_names = models.CharField(
        max_length=200,
        blank=True,
        help_text="As written in minutes, separated by commas: Force, WMP",
    )
    kind = models.CharField(max_length=10, choices=Kind)
    version = models.PositiveIntegerField(default=0, editable=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["office", "force", "partner"]),
                name="organisation_kind_known",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_named"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def abbreviation(self) -> str:
        """The last short name is the most particular: "Force, WMP" gives "WMP"."""
        names = self.all_short_names()
        return names[-1] if names else self.name

    def all_short_names(self) -> list[str]:
        return [name.strip() for name in self.short_names.split(",") if name.strip()]


class UserQuerySet(models.QuerySet["User"]):
    def active_administrators(self) -> "UserQuerySet":
        """Those who can administer accounts."""
        found = self.filter(role=Role.ADMINISTRATOR, is_active=True)
        return found.exclude(is_demonstration=True) if settings.TLS else found

    def made_up(self) -> "UserQuerySet":
        """Those of the demonstration that nobody has stopped from signing in, and none
        that was given somebody's address: it is one of the demonstration no longer.
        """
        return self.filter(is_demonstration=True, is_active=True).order_by("email")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    """Accounts are found by e-mail address, whatever its capitals."""

    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class AccountHistory(HistoricalRecords):
    """Who changed an account, their password included; signing in is no change."""

    def post_save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields") != {"last_login"}:
            super().post_save(*args, **kwargs)


class User(AbstractBaseUser):
    """An account. The e-mail address is its name; the role says what it may do."""

    email = models.EmailField("e-mail address", max_length=254)
    name = models.CharField("full name", max_length=150)
    role = models.CharField(max_length=15, choices=Role)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        help_text="A liaison sees the actions of this organisation, no other",
    )
    is_active = models.BooleanField("may sign in", default=True)
    # Made by the demonstration: anybody can know its password, and no second step is
    # asked of it. So it may sign in on a machine of one's own alone. Nothing but the
    # demonstration sets this; another e-mail address makes it an account like others.
    is_demonstration = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # When the last link to set a password was made. Older ones are dead; without a
    # time all are.
    link_made_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = UserManager()
    history = AccountHistory(excluded_fields=["password", "last_login", "link_made_at"])

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="There is an account with this e-mail address",
            ),
            # Sign-in looks addresses up in small letters.
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="user_email_in_small_letters"
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="user_role_known"
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.LIAISON) | Q(organisation__isnull=False),
                name="user_liaison_has_organisation",
                violation_error_message="A liaison needs an organisation",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("account_edit", args=[self.pk])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must match: it ends with the password, role, organisation or
        activity it began with, however that was changed.
        """
        stands = f"{self.password} {self.role} {self.organisation_id} {self.is_active}"
        salt = "assurance.models.User.session"
        return salted_hmac(salt, stands, secret=secret, algorithm="sha256").hexdigest()

    @property
    def may_sign_in(self) -> bool:
        """Where others reach the service, no account of the demonstration may."""
        return self.is_active and not (self.is_demonstration and settings.TLS)

    @property
    def is_liaison(self) -> bool:
        return self.role == Role.LIAISON

    @property
    def is_active_administrator(self) -> bool:
        return self.may_sign_in and self.role == Role.ADMINISTRATOR
