"""Two people who publish, or take off, the same minutes in the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from assurance.models import StoredFile
from meetings.models import Meeting, MinutesVersion, Withdrawal
from tests.factories import AgendaItemFactory, MeetingFactory, UserFactory
from tests.meetings.pages import as_shown
from tests.meetings.published import agree_now, publish_now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agreed() -> Meeting:
    meeting: Meeting = MeetingFactory(title="Workforce")
    AgendaItemFactory(meeting=meeting, heading="Retention", notes="Officers stay")
    agree_now(meeting, UserFactory())
    return meeting


def at_once(*sends: Callable[[], HttpResponse]) -> list[HttpResponse]:
    """What each is answered, all of them having begun in the same moment."""
    start = Barrier(len(sends))

    def begin(send: Callable[[], HttpResponse]) -> HttpResponse:
        try:
            start.wait(30)
            return send()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(sends)) as people:
        return list(people.map(begin, sends))


def sender(as_: Any, path: str, **typed: str) -> Callable[[], HttpResponse]:
    """Somebody else who has opened the form there and is about to send it."""
    browser: Client = as_(UserFactory())
    sent = as_shown(browser.get(path).context["form"]) | typed
    return lambda: browser.post(path, sent)


def test_of_two_who_publish_at_once_one_does_and_the_other_is_told(
    as_: Any, agreed: Meeting
) -> None:
    path = reverse("publish", args=[agreed.pk])
    answers = at_once(*(sender(as_, path) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [302, 422, 422]
    for answer in answers:
        if answer.status_code == 422:
            assert "There is a problem" in answer.content.decode()
    version = MinutesVersion.objects.published().get()
    assert (version.number, StoredFile.objects.count()) == (1, 2)


def test_of_those_who_take_off_or_publish_again_at_once_one_does(
    as_: Any, agreed: Meeting
) -> None:
    first = publish_now(agreed, UserFactory())
    off = reverse("published_withdraw", args=[agreed.pk, first.number])
    answers = at_once(*(sender(as_, off, why="Wrong name") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [302, 422, 422]
    assert Withdrawal.objects.get().version == first
    again = reverse("publish", args=[agreed.pk])
    answers = at_once(*(sender(as_, again, why="Mended") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [302, 422, 422]
    assert list(
        MinutesVersion.objects.published().order_by("number").values_list("number")
    ) == [(1,), (2,)]
    assert (
        Client().get(reverse("published_minutes", args=[agreed.pk])).status_code == 200
    )
