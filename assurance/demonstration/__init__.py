"""What the demonstration and the data for measuring consist of."""

import datetime as dt

from django.db import transaction

from assurance.demonstration.made_up_actions import make_made_up_actions
from assurance.demonstration.made_up_meetings import make_made_up_meetings
from assurance.demonstration.made_up_requests import make_made_up_requests
from assurance.demonstration.real_meetings import make_real_meetings
from assurance.demonstration.registers import make_registers
from assurance.models.history import recorded_as


@transaction.atomic
def make_demonstration(today: dt.date) -> None:
    """Two meetings that were held and made-up ones around today."""
    known = make_registers()
    with recorded_as(known.staff):
        make_real_meetings(known)
        meetings = make_made_up_meetings(known, today)
        make_made_up_actions(known, meetings, today)
        make_made_up_requests(known, meetings, today)
