"""Sets of actions, named in the words of the office."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce

from actions.flags import with_flags, with_ties
from actions.lifecycle import RESOLVED, UNRESOLVED
from actions.models.owner import Owner
from actions.models.update import Update
from assurance.permissions import Permission, user_can
from meetings.models import Meeting

if TYPE_CHECKING:
    from actions.models.action import Action  # noqa: F401


class ActionQuerySet(models.QuerySet["Action"]):
    def visible_to(self, user: Any) -> "ActionQuerySet":
        """A liaison sees what their organisation owns, once it is issued."""
        if user_can(user, Permission.READ_ALL_ACTIONS):
            return self
        if user_can(user, Permission.LIST_ACTIONS):
            return self.issued().owned_by(user.organisation_id)
        return self.none()

    def owned_by(self, organisation_id: int | None) -> "ActionQuerySet":
        return self.filter(
            Exists(
                Owner.objects.filter(
                    action=OuterRef("pk"), organisation_id=organisation_id
                )
            )
        )

    def unresolved(self) -> "ActionQuerySet":
        return self.filter(status__in=UNRESOLVED)

    def resolved(self) -> "ActionQuerySet":
        return self.filter(status__in=RESOLVED)

    def issued(self) -> "ActionQuerySet":
        return self.filter(issued_at__isnull=False)

    def not_issued(self) -> "ActionQuerySet":
        return self.filter(issued_at__isnull=True)

    def not_started(self) -> "ActionQuerySet":
        """Unresolved, and nobody has said anything of the work yet."""
        return self.unresolved().exclude(
            Exists(
                Update.objects.filter(
                    action=OuterRef("pk"),
                    what__in=[Update.What.UPDATE, Update.What.PROPOSED],
                )
            )
        )

    def with_word_since(self, day: dt.date | None) -> "ActionQuerySet":
        """Those whose owners said something of the work from that day on, or ever."""
        words = Update.objects.words_of_owners().filter(action=OuterRef("pk"))
        if day:
            words = words.filter(at__date__gte=day)
        return self.filter(Exists(words))

    def locked(self) -> "ActionQuerySet":
        """Held until the transaction ends, always in the same order.

        What only names an action, as a review or a request does, need not wait.
        """
        return self.select_for_update(of=("self",), no_key=True).order_by("pk")

    def with_ties(self) -> "ActionQuerySet":
        return with_ties(self)

    def with_flags(
        self, *, today: dt.date, meeting: Meeting | None
    ) -> "ActionQuerySet":
        return with_flags(self, today=today, meeting=meeting)

    def for_review_at(
        self, meeting: Meeting | None, *, today: dt.date
    ) -> "ActionQuerySet":
        """The list of a meeting, each action once, most urgent reason first."""
        return (
            self.unresolved()
            .with_flags(today=today, meeting=meeting)
            .filter(reason__isnull=False)
            .most_urgent_first()
        )

    def overdue(
        self, *, today: dt.date, meeting: Meeting | None = None
    ) -> "ActionQuerySet":
        return (
            self.unresolved()
            .with_flags(today=today, meeting=meeting)
            .filter(is_overdue=True)
        )

    def most_urgent_first(self) -> "ActionQuerySet":
        """By reason, then by due date, then by reference. Needs ``with_flags``."""
        return self.order_by(
            F("reason").asc(nulls_last=True),
            F("due_date").asc(nulls_last=True),
            "year",
            "number",
        )

    def newest_first(self) -> "ActionQuerySet":
        return self.order_by("-year", "-number")

    def with_moves_counted(self) -> "ActionQuerySet":
        """Add ``times_moved``: how often the due was changed by decision, not counting
        what was undone at the same review.
        """
        redated = (
            Update.objects.filter(
                action=OuterRef("pk"), what=Update.What.REDATED, undoing=None
            )
            .order_by()
            .values("action")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return self.annotate(times_moved=Coalesce(Subquery(redated), 0))

    def for_rows(self) -> "ActionQuerySet":
        """With what a row of a list shows: meeting, item, owners, times moved,
        ``last_update_id``, the latest word on the work, and ``last_move``, what
        changed its status last and was not undone.
        """
        latest = (
            Update.objects.filter(
                action=OuterRef("pk"),
                what__in=[Update.What.UPDATE, Update.What.PROPOSED],
            )
            .newest_word_first()
            .values("pk")[:1]
        )
        moves = (
            Update.objects.filter(action=OuterRef("pk"))
            .exclude(status="")
            .exclude(what=Update.What.UNDONE)
            .filter(undoing=None)
            .newest_first()
            .values("what")[:1]
        )
        rows: Any = self.with_moves_counted()
        return (
            rows.annotate(last_update_id=Subquery(latest), last_move=Subquery(moves))
            .select_related(
                "meeting__type", "item", "due_meeting", "due_theme", "due_type"
            )
            # A list shows headings; minutes are long.
            .defer(
                "item__notes",
                "item__decisions",
                "item__asked_of_force",
                "item__lines_of_enquiry",
            )
            .prefetch_related(
                Prefetch(
                    "owners",
                    Owner.objects.select_related("organisation", "person"),
                )
            )
        )
