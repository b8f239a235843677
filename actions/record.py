"""Gathers the record of a meeting: its minutes with the actions as they stand."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import (
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)

from actions.lifecycle import Status
from actions.models import Action, Owner, Review, Update
from actions.reviewing import made_at, recorded_at
from assurance.calendar import day_in_words
from meetings import record
from meetings.models import AgendaItem, Agreement, Attendee, Meeting
from meetings.record import Record
from meetings.versions import agreed_version


def actions_of(meeting: Meeting, user: Any) -> list[Action]:
    """The actions that a meeting agreed with what minutes print of them. Two queries.

    What took the place of one of them keeps its meeting, but was not agreed there: it
    is left out if another meeting put it in its place, or if the first draft had gone
    round by then. The one it replaces keeps its place in the minutes.
    """
    raised = Update.objects.filter(action=OuterRef("pk"), what=Update.What.RAISED)
    put_there = Update.objects.filter(
        action=OuterRef("replaces"),
        what=Update.What.REPLACED,
        at=OuterRef("raised_at"),
    )
    went_round = meeting.versions.drafts().filter(at__lt=OuterRef("raised_at"))
    later = Q(Exists(put_there.exclude(meeting=None).exclude(meeting=meeting)))
    later |= Q(Exists(went_round))
    agreed_here = (
        Action.objects.visible_to(user)
        .filter(meeting=meeting)
        .annotate(raised_at=Subquery(raised.values("at")[:1]))
        .exclude(later, replaces__isnull=False)
    )
    return list(_printable(agreed_here))


def actions_at(item: AgendaItem, user: Any) -> list[Action]:
    """The same for the actions raised at one item."""
    return list(_printable(Action.objects.visible_to(user).filter(item=item)))


def _printable(actions: QuerySet[Action]) -> QuerySet[Action]:
    """Actions with what minutes print of them."""
    return actions.select_related(
        "item", "due_meeting", "due_theme", "due_type"
    ).prefetch_related(
        Prefetch("owners", Owner.objects.select_related("organisation", "person"))
    )


def record_of(meeting: Meeting, user: Any) -> Record:
    """What the minutes say: as they were agreed and amended, else as they stand."""
    if meeting.state == Meeting.State.AGREED and (kept := agreed_version(meeting)):
        return record.from_json(kept.content)
    return gather(meeting, user)


def gather(meeting: Meeting, user: Any) -> Record:
    """What the minutes say now, for an account that may read all of them.

    In a fixed number of queries, whatever the length of the agenda.
    """
    agenda = meeting.agenda()
    prefetch_related_objects(agenda, "papers")
    headings = {item.pk: item.numbered_heading for item in agenda}
    reviews = recorded_at(meeting, user)
    unreviewed = [one for one in reviews if one.outcome in Review.UNREVIEWED]
    reviewed = [one for one in reviews if one.outcome not in Review.UNREVIEWED]
    return Record(
        title=str(meeting),
        date=meeting.date,
        type=str(meeting.type),
        themes=tuple(str(theme) for theme in meeting.themes.all()),
        start=meeting.start,
        end=meeting.end,
        venue=meeting.venue,
        held=meeting.get_held_display()
        if meeting.held != Meeting.Held.IN_PERSON
        else "",
        in_public=meeting.in_public,
        marking=meeting.get_marking_display(),
        office=settings.OFFICE_NAME,
        seats=tuple(_seat(one, headings) for one in meeting.attendance()),
        items=tuple(map(_item, agenda)),
        actions=tuple(map(action_line, actions_of(meeting, user))),
        reviewed=_reviewed(meeting, user, reviewed),
        not_reached=tuple(one.action.reference for one in unreviewed),
        last_minutes=_last_minutes(meeting),
        following=_following(meeting),
        agreement=_agreement(meeting),
    )


def _seat(one: Attendee, headings: dict[int, str]) -> record.Seat:
    organisation = one.organisation
    return record.Seat(
        name=one.person.name,
        capacity=one.capacity,
        abbreviation=one.abbreviation,
        organisation=organisation.name if organisation else "",
        organisation_short=organisation.abbreviation if organisation else "",
        attendance=one.attendance,
        role=one.role,
        listed=one.listed,
        named_publicly=one.named_publicly,
        standing_in_for=one.standing_in_for.name if one.standing_in_for else "",
        joined=headings.get(one.joined_item_id or 0, ""),
        left=headings.get(one.left_item_id or 0, ""),
        note=one.note,
    )


def _item(item: AgendaItem) -> record.Item:
    return record.Item(
        key=item.pk,
        heading=item.heading,
        number=item.number,
        depth=item.depth,
        kind=item.kind,
        theme=item.theme.name if item.theme else "",
        lead=item.lead.name if item.lead else "",
        restricted=item.restricted,
        withheld=item.withheld,
        withheld_reason=item.withheld_reason,
        notes=item.notes,
        decisions=item.decisions,
        assurance=item.get_assurance_display() if item.assurance else "",
        papers=tuple(paper.title for paper in item.papers.all()),
    )


def action_line(action: Action) -> record.ActionLine:
    """Needs the action's item, owners and due to be loaded."""
    return record.ActionLine(
        reference=action.reference,
        text=action.text,
        other_wording=action.other_wording,
        owners=tuple(
            record.Owner(
                organisation=owner.organisation.abbreviation,
                post=owner.post,
                person=owner.person.name if owner.person else "",
            )
            for owner in action.owners.all()
        ),
        due=action.due.in_words() if action.due.is_set else "",
        due_words=action.due_words,
        status=action.get_status_display(),
        item=action.item_id,
        not_used=action.status == Status.WITHDRAWN and not action.is_issued,
        **_withholding(action),
    )


def _withholding(action: Action) -> dict[str, Any]:
    """Its own answer, else its item's."""
    if not action.is_withheld:
        return {}
    of_item = action.item.withheld_reason if action.item else ""
    return {"withheld": True, "withheld_reason": action.withheld_reason or of_item}


def _reviewed(
    meeting: Meeting, user: Any, reviews: Iterable[Review]
) -> tuple[record.Reviewed, ...]:
    made: dict[int | None, list[record.ActionLine]] = {}
    for action in _printable(made_at(meeting, user)):
        made.setdefault(action.replaces_id, []).append(action_line(action))
    return tuple(
        record.Reviewed(
            reference=review.action.reference,
            text=review.text_then or review.action.text,
            outcome=review.in_words,
            note=review.note,
            made=tuple(made.get(review.action_id, [])),
            **_withholding(review.action),
        )
        for review in reviews
    )


def _last_minutes(meeting: Meeting) -> tuple[str, ...]:
    """What was agreed here of the minutes of earlier meetings."""
    agreed_here = Agreement.objects.filter(at_meeting=meeting).select_related(
        "meeting__type"
    )
    return tuple(
        f"The minutes of {one.meeting}, {day_in_words(one.meeting.date)}, were agreed "
        f"{one.outcome}."
        for one in agreed_here.order_by("meeting__date", "meeting_id")
    )


def _agreement(meeting: Meeting) -> str:
    found = Agreement.objects.filter(meeting=meeting).select_related("at_meeting")
    agreement = found.first()
    return agreement.in_words if agreement else ""


def _following(meeting: Meeting) -> record.Following | None:
    if meeting.next_meeting_id is None:
        return None
    following = Meeting.objects.select_related("type").get(pk=meeting.next_meeting_id)
    return record.Following(
        title=str(following),
        date=following.date,
        start=following.start,
        end=following.end,
        venue=following.venue,
    )
