"""The data for measuring: as much as was promised, and true to the register."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from actions.lifecycle import Status
from actions.models import Action, Update
from assurance.demonstration.bulk import PASSWORD
from assurance.demonstration.words import SEARCH_WORD
from assurance.models import User
from assurance.permissions import Role
from meetings.models import AgendaItem, Meeting, MinutesVersion
from tests.factories import ActionFactory, MeetingFactory

SIZE = ["--meetings=8", "--actions=200"]


@pytest.fixture(scope="module")
def made(once: Any) -> None:
    once(lambda: call_command("make_bulk_data", *SIZE, verbosity=0))


@pytest.fixture
def bulk_data(made: None, db: None) -> None:
    pass


@pytest.mark.usefixtures("bulk_data")
def test_one_action_in_twenty_is_unresolved_and_three_in_a_hundred_overdue() -> None:
    assert Action.objects.count() == 200
    assert Action.objects.unresolved().count() == 10
    assert Action.objects.overdue(today=timezone.localdate()).count() == 6


@pytest.mark.usefixtures("bulk_data")
def test_there_are_fifty_accounts_and_the_first_signs_in_as_staff(client) -> None:
    assert User.objects.count() == 50
    assert User.objects.get(email="user01@bulk.example").role == Role.STAFF

    answer = client.post(
        "/accounts/login/", {"login": "user01@bulk.example", "password": PASSWORD}
    )

    assert answer.status_code == 302


@pytest.mark.usefixtures("bulk_data")
def test_each_action_has_three_words_on_its_work() -> None:
    words = {Update.What.UPDATE, Update.What.PROPOSED}
    for action in Action.objects.prefetch_related("updates"):
        assert sum(update.what in words for update in action.updates.all()) == 3


@pytest.mark.usefixtures("bulk_data")
def test_every_timeline_adds_up_to_how_its_action_stands() -> None:
    now = timezone.now()
    for action in Action.objects.select_related("meeting").prefetch_related("updates"):
        updates = list(action.updates.all())
        moments = [update.at for update in updates]
        assert updates[0].what == Update.What.RAISED
        assert timezone.localdate(moments[0]) == action.raised_on
        assert updates == sorted(updates, key=lambda update: (update.at, update.pk))
        assert moments[-1] < now
        assert [u.status for u in updates if u.status][-1] == action.status
        assert [u.due_on for u in updates if u.due_kind][-1] == action.due_on
        if action.status == Status.CLOSED:
            assert updates[-1].what == Update.What.CLOSED
            assert updates[-1].decided_by


@pytest.mark.usefixtures("bulk_data")
def test_the_last_meeting_is_planned_and_the_others_are_minuted() -> None:
    planned, *held = Meeting.objects.latest_first()

    assert len(held) == 7
    assert planned.state == Meeting.State.PLANNED
    assert planned.date > timezone.localdate()
    for meeting in held:
        assert meeting.attendees.present().count() == 8
        assert not meeting.agenda_items.filter(notes="").exists()


@pytest.mark.usefixtures("bulk_data")
def test_agreed_minutes_are_frozen_and_published(client) -> None:
    agreed = Meeting.objects.filter(state=Meeting.State.AGREED)
    assert agreed
    for meeting in agreed:
        assert meeting.agreement.in_words in meeting.versions.agreed().get().text
    assert set(MinutesVersion.objects.public().values_list("meeting", flat=True)) == {
        meeting.pk for meeting in agreed
    }
    page = client.get(f"/published/{agreed[0].pk}/")
    assert agreed[0].title in page.content.decode()


@pytest.mark.usefixtures("bulk_data")
def test_the_search_word_is_in_one_action_of_a_hundred_and_nowhere_else() -> None:
    assert Action.objects.filter(text__icontains=SEARCH_WORD).count() == 2
    assert not Update.objects.filter(text__icontains=SEARCH_WORD).exists()
    assert not AgendaItem.objects.filter(notes__icontains=SEARCH_WORD).exists()


@pytest.mark.usefixtures("bulk_data")
def test_the_next_action_takes_the_next_reference() -> None:
    last = Action.objects.newest_first()[0]

    action = ActionFactory(meeting=MeetingFactory(date=dt.date(last.year, 12, 31)))

    assert (action.year, action.number) == (last.year, last.number + 1)


def test_a_database_that_holds_bulk_data_is_refused(bulk_data: None) -> None:
    with pytest.raises(CommandError, match="already"):
        call_command("make_bulk_data", *SIZE)
    assert Action.objects.count() == 200
