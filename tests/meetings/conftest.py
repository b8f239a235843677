"""What tests of meetings may ask for."""

import datetime as dt

import pytest

from meetings.models import MeetingType
from tests.factories import MeetingTypeFactory, StandingItemFactory


@pytest.fixture
def monthly(db: None) -> MeetingType:
    type_ = MeetingTypeFactory(
        name="Monthly assurance meeting",
        usual_venue="PCC conference room",
        usual_start=dt.time(10),
        usual_end=dt.time(12),
    )
    StandingItemFactory(
        type=type_, order=0, heading="Action tracker", kind="action_tracker"
    )
    StandingItemFactory(
        type=type_, order=1, heading="AOB", kind="aob", is_numbered=False
    )
    return type_
