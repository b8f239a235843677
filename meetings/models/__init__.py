"""What was said: meetings, who was there, the agenda and its notes."""

from meetings.models.agenda import AgendaItem, Paper, WithheldReason
from meetings.models.meeting import Meeting
from meetings.models.people import Attendee, Person
from meetings.models.reading import ReadIn
from meetings.models.types import Kind, MeetingType, StandingItem, Theme
from meetings.models.version import (
    Agreement,
    Comment,
    DocumentsAgain,
    MinutesVersion,
    VersionRemoval,
    Withdrawal,
)

__all__ = [
    "AgendaItem",
    "Agreement",
    "Attendee",
    "Comment",
    "DocumentsAgain",
    "Kind",
    "Meeting",
    "MeetingType",
    "MinutesVersion",
    "Paper",
    "Person",
    "ReadIn",
    "StandingItem",
    "Theme",
    "VersionRemoval",
    "Withdrawal",
    "WithheldReason",
]
