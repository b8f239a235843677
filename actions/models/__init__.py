"""What must be done: actions, their owners, their one timeline and their reviews."""

from actions.models.action import Action
from actions.models.draft import DraftEvidence, UpdateDraft
from actions.models.due import Due, DueKind
from actions.models.owner import Owner
from actions.models.reference import ReferenceCounter
from actions.models.request import UpdateRequest
from actions.models.resolved import ResolvedDue
from actions.models.review import Review, TrackerReview
from actions.models.sheet import ColumnsKnown, SheetIn, SheetLine
from actions.models.update import Decision, Evidence, How, Update

__all__ = [
    "Action",
    "ColumnsKnown",
    "Decision",
    "DraftEvidence",
    "Due",
    "DueKind",
    "Evidence",
    "How",
    "Owner",
    "ReferenceCounter",
    "ResolvedDue",
    "Review",
    "SheetIn",
    "SheetLine",
    "TrackerReview",
    "Update",
    "UpdateDraft",
    "UpdateRequest",
]
