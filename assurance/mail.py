"""E-mails: written into a queue in the database, sent from it by ``send_mail``.

So no page waits for a mail server, and what could not be sent is tried again. The
text of an e-mail is kept only until it was sent: links in it let somebody in.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Count, Min, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from post_office.mail import get_queued, send_queued
from post_office.models import PRIORITY, STATUS, Email, Log

# How long the queue remembers that an e-mail was sent, or could not be.
KEPT = dt.timedelta(days=14)
# One that waits longer says that nobody sends.
PATIENCE = dt.timedelta(minutes=15)
_WAITING = (STATUS.queued, STATUS.requeued)
# What an e-mail says of itself to us, in a field that the library does not use without
# a template of its own: until when its link works, in seconds since 1970.
_UNTIL = "until"


class QueueBackend(BaseEmailBackend):
    """Puts e-mails into the queue as they are.

    The library's own takes their text for a template: a name with ``{%`` in it would
    be run.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            Email(
                from_email=message.from_email,
                to=message.to,
                cc=message.cc,
                bcc=message.bcc,
                subject=message.subject,
                message=message.body,
                headers=message.extra_headers or None,
                priority=PRIORITY.medium,
                status=STATUS.queued,
                context=getattr(message, "about", None),
            ).save()
        return len(email_messages)


def send(
    template: str,
    *,
    to: str,
    context: dict[str, Any],
    expires_at: dt.datetime | None = None,
) -> None:
    """Queue ``emails/<template>.txt``, whose first line is the subject.

    Call it in the transaction of what it tells of. With ``expires_at`` it holds a link
    that works until then: it is not sent any more after that, and one with an earlier
    link that still waits never is.
    """
    if expires_at:
        _with_links().filter(to=to).delete()
    text = render_to_string(
        f"emails/{template}.txt",
        context
        | {"OFFICE_NAME": settings.OFFICE_NAME, "SERVICE_NAME": settings.SERVICE_NAME},
    )
    subject, _, body = text.strip().partition("\n")
    message = EmailMessage(" ".join(subject.split()), body.strip() + "\n", to=[to])
    if expires_at:
        message.about = {_UNTIL: expires_at.timestamp()}  # type: ignore[attr-defined]
    message.send()


@dataclass(frozen=True)
class Outcome:
    """What became of the e-mails that were due."""

    sent: int = 0
    again: int = 0
    failed: int = 0
    reason: str = ""


def send_what_is_due() -> Outcome:
    """Send until nothing is due. Call it alone."""
    began = timezone.now()
    outcome = Outcome(failed=_give_up(expired_by=began))
    while get_queued().exists():
        sent, failed, again = send_queued(processes=1)
        _forget_texts()
        outcome = replace(
            outcome,
            sent=outcome.sent + sent,
            failed=outcome.failed + failed,
            again=outcome.again + again,
        )
    last = Log.objects.filter(status=STATUS.failed, date__gte=began).last()
    if last:
        outcome = replace(outcome, reason=f"{last.exception_type}: {last.message}")
    return outcome


def _give_up(*, expired_by: dt.datetime) -> int:
    """What was to be sent by now and was not: its links are dead."""
    dead = [
        email.pk
        for email in _with_links()
        if email.context[_UNTIL] <= expired_by.timestamp()
    ]
    Email.objects.filter(pk__in=dead).update(status=STATUS.failed)
    _forget_texts()
    return len(dead)


def give_up_all() -> int:
    """Send nothing of what waits. How many."""
    count = Email.objects.filter(status__in=_WAITING).update(status=STATUS.failed)
    _forget_texts()
    return count


def _with_links() -> QuerySet[Email]:
    return Email.objects.filter(status__in=_WAITING, context__isnull=False)


def _forget_texts() -> None:
    Email.objects.filter(status__in=(STATUS.sent, STATUS.failed)).exclude(
        message=""
    ).update(message="", html_message="", headers=None, context=None)


def forget_old(*, now: dt.datetime) -> int:
    """Delete what was sent, or could not be, and is long past. How many."""
    _give_up(expired_by=now)
    old = Email.objects.exclude(status__in=_WAITING).filter(last_updated__lt=now - KEPT)
    count = old.count()
    old.delete()
    return count


@dataclass(frozen=True)
class Troubles:
    """What an administrator must know about e-mails: how many, and never their text."""

    failed: int
    waiting: int
    since: dt.datetime | None


def troubles(*, now: dt.datetime) -> Troubles:
    waits = Q(status__in=_WAITING, created__lt=now - PATIENCE)
    return Troubles(
        **Email.objects.aggregate(
            failed=Count("pk", filter=Q(status=STATUS.failed)),
            waiting=Count("pk", filter=waits),
            since=Min("created", filter=waits),
        )
    )
