"""Forms for reading old minutes in: handing files in, and checking what was read."""

from meetings.forms.importing.check import Check, Theirs
from meetings.forms.importing.hand_in import HandInForm, LaterForm
from meetings.forms.importing.late import typed

__all__ = ["Check", "HandInForm", "LaterForm", "Theirs", "typed"]
