"""People, and what they were at each meeting."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from assurance.models import Organisation
from assurance.models.history import HistoricalRecords
from meetings.posts import post_of

if TYPE_CHECKING:
    from meetings.models.meeting import Meeting


# An organisation and, in small letters, the post somebody has there.
PostKey = tuple[int | None, str]


class PersonQuerySet(models.QuerySet["Person"]):
    def with_last_post(self) -> "PersonQuerySet":
        """Add what somebody was when last named at a meeting, and how often they were.

        ``last_capacity`` and ``last_organisation`` are None for whoever had no
        capacity; ``last_on`` is the day; ``meetings_count`` counts all meetings.
        """
        last = (
            Attendee.objects.filter(person=models.OuterRef("pk"))
            .exclude(capacity="")
            .latest_first()
        )
        return self.annotate(
            last_capacity=models.Subquery(last.values("capacity")[:1]),
            last_organisation=models.Subquery(last.values("organisation__name")[:1]),
            last_on=models.Subquery(last.values("meeting__date")[:1]),
            meetings_count=models.Count("attendances"),
        )


class Person(models.Model):
    """Somebody named in minutes. What they were then is on ``Attendee``."""

    name = models.CharField(max_length=150)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
        verbose_name="account",
        help_text="The account they sign in with, if any",
    )
    history = HistoricalRecords()

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="person_named")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("person", args=[self.pk])


class AttendeeQuerySet(models.QuerySet["Attendee"]):
    def present(self) -> "AttendeeQuerySet":
        """Counted as there, for all or part of the meeting."""
        return self.filter(listed=True, attendance__in=Attendee.WAS_THERE)

    def latest_first(self) -> "AttendeeQuerySet":
        return self.order_by(
            "-meeting__date",
            models.F("meeting__start").desc(nulls_last=True),
            "-meeting_id",
            "order",
        )


class Attendee(models.Model):
    """A person at a meeting, in their capacity of that day."""

    class Attendance(models.TextChoices):
        INVITED = "invited", "Invited"
        PRESENT = "present", "Present"
        PART = "part", "Present for part"
        APOLOGIES = "apologies", "Apologies"
        ABSENT = "absent", "Absent"

    class Role(models.TextChoices):
        NONE = "", "None"
        CHAIR = "chair", "Chair"
        MINUTE_TAKER = "minute_taker", "Minute-taker"

    # At the meeting, for all or part of it.
    WAS_THERE = (Attendance.PRESENT, Attendance.PART)

    meeting = models.ForeignKey(
        "meetings.Meeting", models.CASCADE, related_name="attendees"
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="attendances")
    capacity = models.CharField(
        max_length=150, blank=True, help_text="Their post on the day"
    )
    abbreviation = models.CharField(
        max_length=20,
        blank=True,
        help_text="As these minutes write it: a post code such as DBS, or initials",
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="attendances"
    )
    attendance = models.CharField(
        max_length=10, choices=Attendance, default=Attendance.INVITED
    )
    role = models.CharField(
        "role at the meeting", max_length=15, choices=Role, blank=True
    )
    standing_in_for = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stood_in_for_by",
        help_text="Whoever they stand in for, if anybody",
    )
    listed = models.BooleanField(
        "in the printed list",
        default=True,
        help_text="A minute-taker may be named in the heading only",
    )
    named_publicly = models.BooleanField(
        "named in what is published",
        default=True,
        help_text="Otherwise the public sees the post only",
    )
    # Of somebody who was there for a part: the items at which they came and went.
    joined_item = models.ForeignKey(
        "meetings.AgendaItem", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    left_item = models.ForeignKey(
        "meetings.AgendaItem", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.CharField(
        max_length=200, blank=True, help_text="For example: joined at 10:40am"
    )
    order = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0, editable=False)
    history = HistoricalRecords()

    objects = AttendeeQuerySet.as_manager()

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person"],
                name="attendee_once",
                violation_error_message="This person is on the list already",
            ),
            models.CheckConstraint(
                condition=Q(
                    attendance__in=["invited", "present", "part", "apologies", "absent"]
                ),
                name="attendee_attendance_known",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["", "chair", "minute_taker"]),
                name="attendee_role_known",
            ),
            models.CheckConstraint(
                condition=Q(standing_in_for__isnull=True)
                | ~Q(standing_in_for=models.F("person")),
                name="attendee_not_own_stand_in",
                violation_error_message="Somebody cannot stand in for themselves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.capacity}" if self.capacity else str(self.person)

    @property
    def post(self) -> str:
        return post_of(self.capacity)

    @property
    def post_key(self) -> PostKey:
        """What a post is known by: office and force may both have a policy officer."""
        return self.organisation_id, self.post.casefold()


def post_holders(*, before: "Meeting | None" = None) -> dict[PostKey, Attendee]:
    """Who holds each post now: who held it last, by ``Attendee.post_key``.

    ``before`` looks at earlier meetings only. One query; the whole attendance of an
    office is a few thousand rows.
    """
    rows = Attendee.objects.exclude(capacity="").latest_first()
    if before is not None:
        rows = rows.filter(meeting__date__lt=before.date)
    holders: dict[PostKey, Attendee] = {}
    for attendee in rows.select_related("person", "organisation"):
        holders.setdefault(attendee.post_key, attendee)
    return holders
