"""What templates of minutes use."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from meetings import edition, notes, withholding
from meetings.models import Meeting, WithheldReason
from meetings.operations import minutes_to_agree_at
from meetings.record import Record

register = template.Library()


@register.filter
def marked(text: str) -> SafeString:
    """A text that is no Markdown, with tags where something in it is withheld."""
    return notes.marked(text)


@register.filter
def worded_for(text: str, reads_all: Any) -> str:
    """A text without marks: ``{{ action.text|worded_for:can.READ_MINUTES }}``."""
    return withholding.worded_for(text, reads_all=bool(reads_all))


@register.filter
def opening(record: Record) -> str:
    """What a published version says first."""
    return edition.opening(record)


@register.filter
def edited(record: Record) -> str:
    """That something is withheld from a published version, and why."""
    return edition.edited(record)


@register.simple_tag
def how_to_ask() -> str:
    """For what is withheld."""
    return edition.HOW_TO_ASK


@register.filter
def reason_in_full(code: str) -> str:
    """ "s40" gives "Personal information (section 40)", none gives nothing."""
    return str(WithheldReason(code).label) if code else ""


@register.filter
def action_url(reference: str) -> str:
    """The page of an action: "2025/03" gives "/actions/2025/3/"."""
    year, number = reference.split("/")
    return reverse("action", args=[int(year), int(number)])


@register.filter
def amend_action_url(reference: str, meeting: int) -> str:
    """Where an action of agreed minutes is amended."""
    year, number = reference.split("/")
    return reverse("amend_action", args=[meeting, int(year), int(number)])


@register.filter
def of_item(found: Mapping[int | None, Any], key: int | None) -> Any:
    """What belongs to one item, by its key; none is the minutes as a whole."""
    return found.get(key)


@register.inclusion_tag("meetings/_minutes_to_agree.html", takes_context=True)
def minutes_to_agree(context: dict[str, Any], meeting: Meeting) -> dict[str, Any]:
    """Which minutes are to be agreed at this meeting, and where that is recorded."""
    return {
        "meeting": meeting,
        "drafts": minutes_to_agree_at(meeting),
        "agreed": [
            one.meeting for one in meeting.agreements.select_related("meeting__type")
        ],
        "can": context.get("can"),
    }
