"""References under load: nobody gets the number of somebody else."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from actions.models import Action
from actions.operations import raise_action
from tests.factories import MeetingFactory, UserFactory

WRITERS, EACH = 4, 5


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_get_numbers_of_their_own():
    meeting, user = MeetingFactory(), UserFactory()

    def write(writer: int) -> None:
        try:
            for n in range(EACH):
                raise_action(by=user, text=f"{writer}.{n}", meeting=meeting)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, range(WRITERS)))
    numbers = sorted(Action.objects.values_list("number", flat=True))
    assert numbers == list(range(1, WRITERS * EACH + 1))
