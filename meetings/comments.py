"""What is said of a draft that goes round, and what the office answers."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils import timezone

from assurance.models import User
from assurance.permissions import Permission, user_can
from meetings.drafts import may_comment_on
from meetings.models import Comment, Meeting, MinutesVersion
from meetings.operations import lock_editable
from meetings.record import from_json
from meetings.versions import latest_draft


class AnsweredMeanwhile(ValidationError):
    """Somebody else answered first; nothing of theirs was changed."""

    def __init__(self, comment: Comment) -> None:
        self.comment = comment
        super().__init__(
            "Somebody else answered this comment while you were writing. Nothing of "
            "theirs or yours was lost: compare the two, then save again"
        )


def comments_for(user: Any, meeting: Meeting) -> QuerySet[Comment]:
    """The comments on a meeting's drafts that this account may read, as they came.

    The office and the commissioner read all, others their own and what was answered.
    """
    found = Comment.objects.filter(version__meeting=meeting).select_related(
        "author__organisation", "answered_by", "item"
    )
    # A version is long, and of it a comment says the number alone.
    found = found.select_related("version").defer("version__content", "version__text")
    if not user_can(user, Permission.READ_MINUTES):
        found = found.filter(author=user)
    return found.order_by("at", "id")


def unanswered_first(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    waits = Case(
        When(outcome="", then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return comments.order_by(waits, "at", "id")


@transaction.atomic
def comment(
    version: MinutesVersion,
    *,
    by: User,
    text: str,
    key: int | None = None,
    at: dt.datetime | None = None,
) -> Comment:
    """Say something of an item of a draft, or of the whole.

    Refused once another draft went round, or this one does not go round any more.
    """
    held = Meeting.objects.locked().get(pk=version.meeting_id)
    if not Meeting.objects.drafts_to_read(by).filter(pk=held.pk).exists():
        raise ValidationError(
            "This draft does not go round any more, so it takes no comments. Copy "
            "what you want to keep"
        )
    last = latest_draft(held)
    if last is None or last.pk != version.pk:
        number = last.number if last else 0
        raise ValidationError(
            f"Draft {number} went round while you were writing. Read it, then send "
            "your comment again if it still applies"
        )
    item = None
    if key is not None:
        record = from_json(version.content)
        there = record.item(key)
        if there is None or not may_comment_on(there, record, by):
            raise ValidationError("This item is not in the draft")
        item = held.agenda_items.filter(pk=key).first()
        if item is None:
            raise ValidationError(
                "This item was taken off the agenda after the draft went round: "
                "comment on the whole instead"
            )
    return Comment.objects.create(
        version=version, item=item, author=by, text=text, at=at or timezone.now()
    )


@transaction.atomic
def answer(
    comment: Comment,
    *,
    outcome: str,
    text: str,
    by: User,
    seen: str = "",
    at: dt.datetime | None = None,
) -> Comment:
    """Say what became of a comment: changed or not, and why.

    ``seen`` is the answer that was there when the form was opened: refused when there
    is another by now.
    """
    lock_editable(comment.version.meeting)
    rows = Comment.objects.select_for_update(of=("self",), no_key=True)
    now = rows.select_related("answered_by").get(pk=comment.pk)
    if stamp_of(now) != seen:
        raise AnsweredMeanwhile(now)
    if outcome == Comment.Outcome.NOT_CHANGED and not text.strip():
        raise ValidationError({"answer": "Say why it was not changed"})
    now.outcome, now.answer = outcome, text
    now.answered_by, now.answered_at = by, at or timezone.now()
    now.save()
    return now


def stamp_of(comment: Comment) -> str:
    """Which answer somebody saw: when it was given, or nothing."""
    return comment.answered_at.isoformat() if comment.answered_at else ""


def comments_to_answer() -> QuerySet[Comment]:
    """What waits for an answer while the minutes can still be changed, oldest first."""
    can_change = [Meeting.State.CIRCULATED, Meeting.State.DRAFT]
    return (
        Comment.objects.filter(outcome="", version__meeting__state__in=can_change)
        .select_related("author__organisation", "item", "version__meeting__type")
        .defer("version__content", "version__text")
        .order_by("at", "id")
    )
