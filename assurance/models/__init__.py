"""Accounts, sign-in, the files they hand in, and what may be removed."""

from assurance.models.accounts import Organisation, User
from assurance.models.append_only import AppendOnly
from assurance.models.files import StoredFile, random_path
from assurance.models.removal import LegalHold, Removal
from assurance.models.sign_in import Event, Session
from assurance.models.submission import Submission, Unsent

__all__ = [
    "AppendOnly",
    "Event",
    "LegalHold",
    "Organisation",
    "Removal",
    "Session",
    "StoredFile",
    "Submission",
    "Unsent",
    "User",
    "random_path",
]
