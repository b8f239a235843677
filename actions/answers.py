"""What owners say of their actions: drafts they share, answers, corrections.

A draft belongs to an organisation, and its liaisons write it together until it is
sent; one without an organisation is the office's. Nobody else sees it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from actions.lifecycle import Status
from actions.models import Action, DraftEvidence, Evidence, Update, UpdateDraft
from actions.models.update import Shown
from actions.operations import send_update, show_evidence
from assurance import files
from assurance.calendar import day_in_words
from assurance.models import StoredFile, User


@dataclass(frozen=True)
class Attached:
    """What somebody adds to show that the work was done."""

    uploads: Sequence[UploadedFile] = ()
    # Pairs of a title and an address.
    links: Sequence[tuple[str, str]] = ()


NOTHING = Attached()


@dataclass(frozen=True)
class Ready:
    """A draft in the list of those to send together, and why it cannot be sent."""

    draft: UpdateDraft
    refusal: str = ""


@dataclass(frozen=True)
class Drafts:
    """The drafts of an organisation: those it marked as ready, and the others."""

    ready: list[Ready] = field(default_factory=list)
    unfinished: list[UpdateDraft] = field(default_factory=list)


def drafts_of(user: User) -> QuerySet[UpdateDraft]:
    """The drafts this account may see and send: its organisation's, of actions that
    it still owns; for others than liaisons the office's.
    """
    organisation = user.organisation if user.is_liaison else None
    return UpdateDraft.objects.filter(
        organisation=organisation, action__in=Action.objects.visible_to(user)
    )


def draft_for(action: Action, user: User) -> UpdateDraft:
    """The draft that this account's organisation has of this action, or a new one.

    A new one counts versions on from the last, so that who wrote in that one while it
    was sent or deleted is told.
    """
    organisation = user.organisation if user.is_liaison else None
    its = {"action": action, "organisation": organisation}
    draft = UpdateDraft.objects.filter(**its).select_related("changed_by").first()
    if draft is not None:
        return draft
    last = UpdateDraft.history.filter(**its).aggregate(last=Max("version"))["last"]
    return UpdateDraft(**its, version=0 if last is None else last + 1)


@transaction.atomic
def save_draft(
    draft: UpdateDraft,
    *,
    save: Callable[[], Any],
    by: User,
    attached: Attached = NOTHING,
    removed: Iterable[DraftEvidence] = (),
) -> UpdateDraft:
    """Keep what was written so far, for all of the organisation.

    ``save`` writes the row, refusing when a colleague did meanwhile.
    """
    action = _held(draft.action)
    draft.changed_by = by
    draft.changed_at = timezone.now()
    save()
    for evidence in removed:
        _remove(evidence)
    for title, what in _stored(action, attached, by=by):
        where = {"link": what} if isinstance(what, str) else {"file": what}
        DraftEvidence.objects.create(draft=draft, title=title, **where)
    return draft


@transaction.atomic
def delete_draft(draft: UpdateDraft) -> None:
    """Throw a draft away, with the files that were added to it."""
    for evidence in draft.evidence.all():
        _remove(evidence)
    draft.delete()


def _remove(evidence: DraftEvidence) -> None:
    stored = evidence.file
    evidence.delete()
    if stored:
        files.discard(stored)


def why_not_sent(draft: UpdateDraft) -> str:
    """Why a draft cannot be sent as it is; blank when it can."""
    action = draft.action
    reference = f"Action {action.reference}"
    if not action.is_unresolved:
        return f"{reference} is {action.get_status_display().lower()} now"
    if not draft.text.strip():
        return f"The draft on {reference} does not say what has been done"
    if draft.asks == Update.Asks.DATE and not draft.asked_due_on:
        return f"The draft on {reference} asks for a new date and names none"
    if draft.asked_due_on and draft.asked_due_on < timezone.localdate():
        day = day_in_words(draft.asked_due_on)
        return f"The draft on {reference} asks for {day}, which has passed"
    if draft.asks == Update.Asks.CLOSURE and action.status == Status.PROPOSED:
        return f"Closure of {reference} is proposed already"
    return ""


@transaction.atomic
def send_draft(draft: UpdateDraft, *, by: User) -> Update:
    """Make an update of it. What it shows goes with it, and the draft is gone."""
    action = _held(draft.action)
    current = UpdateDraft.objects.filter(pk=draft.pk).select_related("action").first()
    if current is None:
        raise ValidationError(
            f"A colleague sent or deleted the draft on action {action.reference} "
            "meanwhile"
        )
    if refusal := why_not_sent(current):
        raise ValidationError(refusal)
    evidence = list(current.evidence.select_related("file"))
    if not evidence:
        _refuse_a_repeat(current)
    update = send_update(
        current.action,
        current.text,
        by=by,
        provided_by=current.provided_by,
        organisation=current.organisation or current.on_behalf_of,
        evidence=_pairs(evidence),
        asks=current.asks,
        asked_due_on=current.asked_due_on,
    )
    current.delete()
    return update


def _refuse_a_repeat(draft: UpdateDraft) -> None:
    """Refuse what says nothing but what was sent today: a page that is opened again
    with the Back button is a new form with the old words in it.
    """
    said_today = draft.action.updates.filter(
        what=Update.What.UPDATE,
        at__date=timezone.localdate(),
        correction=None,
        organisation=draft.organisation or draft.on_behalf_of,
        text=draft.text.strip(),
        provided_by=draft.provided_by,
        asks=draft.asks,
        asked_due_on=draft.asked_due_on,
    )
    if said_today.exists():
        raise ValidationError(
            f"Action {draft.action.reference} has an update of today in these very "
            "words, so it was not sent again. Say what is new, or leave it"
        )


def sorted_drafts(user: User) -> Drafts:
    """This account's drafts by reference, and what stands in the way of sending."""
    found = Drafts()
    drafts = drafts_of(user).select_related("action", "changed_by")
    for draft in drafts.prefetch_related("evidence"):
        if draft.is_ready:
            found.ready.append(Ready(draft, why_not_sent(draft)))
        else:
            found.unfinished.append(draft)
    return found


@transaction.atomic
def send_ready(drafts: Sequence[UpdateDraft], *, by: User) -> list[Update]:
    """Send these together: all of them, or none and why."""
    refused, sent = [], []
    for draft in sorted(drafts, key=lambda one: one.action_id):
        try:
            sent.append(send_draft(draft, by=by))
        except ValidationError as error:
            refused += error.messages
    if refused:
        raise ValidationError(
            [f"{sentence.rstrip('.')}. Nothing was sent" for sentence in refused]
        )
    return sent


@transaction.atomic
def correct_update(
    old: Update,
    text: str,
    *,
    by: User,
    provided_by: str = "",
    asked_due_on: dt.date | None = None,
    kept: Iterable[Evidence] = (),
    attached: Attached = NOTHING,
) -> Update:
    """Say better what was sent; the old words stay, folded under the new.

    ``kept`` is what of the old evidence still shows it.
    """
    action = _held(old.action)
    update = action.correct(
        old, text, by=by, provided_by=provided_by, asked_due_on=asked_due_on
    )
    show_evidence(update, [*_pairs(kept), *_stored(action, attached, by=by)])
    return update


def _held(action: Action) -> Action:
    """The action as it is now; who writes about it at the same time waits."""
    return Action.objects.locked().get(pk=action.pk)


def _pairs(rows: Iterable[Shown]) -> list[tuple[str, str | StoredFile]]:
    return [(row.title, row.file or row.link) for row in rows]


def _stored(
    action: Action, attached: Attached, *, by: User
) -> list[tuple[str, str | StoredFile]]:
    """The links, and the files after they were stored, each by its name."""
    already = files.size_of(files_of(action))
    files.check_total(attached.uploads, already=already, where="this action")
    stored = [files.store(upload, by=by) for upload in attached.uploads]
    return [*attached.links, *((file.name, file) for file in stored)]


def files_of(action: Action) -> QuerySet[StoredFile]:
    """The files of its updates and of all drafts on it."""
    sent = Evidence.objects.filter(update__action=action, file__isnull=False)
    drafted = DraftEvidence.objects.filter(draft__action=action, file__isnull=False)
    return StoredFile.objects.filter(
        Q(pk__in=sent.values("file")) | Q(pk__in=drafted.values("file"))
    )
