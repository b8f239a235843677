"""What was said: meetings, who was there, the agenda and its notes."""

from meetings.models.agenda import AgendaItem, Paper, WithheldReason
from meetings.models.meeting import Meeting
from meetings.models.people import Attendee, Person
from meetings.models.types import Kind, MeetingType, StandingItem, Theme

__all__ = [
    "AgendaItem",
    "Attendee",
    "Kind",
    "Meeting",
    "MeetingType",
    "Paper",
    "Person",
    "StandingItem",
    "Theme",
    "WithheldReason",
]
