"""Who is here, at a press beside the notes."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.models import AgendaItem, Attendee, Meeting
from tests.factories import AgendaItemFactory, AttendeeFactory, MeetingFactory
from tests.meetings.pages import as_shown, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def item() -> AgendaItem:
    meeting = MeetingFactory(state="in_progress")
    return AgendaItemFactory(meeting=meeting, heading="Leadership")


@pytest.fixture
def one(item) -> Attendee:
    return AttendeeFactory(
        meeting=item.meeting, person__name="Rachel Jones", attendance="invited"
    )


def press(client, item, one, what, version=None):
    url = reverse("minutes_attendance", args=[item.meeting_id, item.pk])
    version = one.version if version is None else version
    return client.post(url, {"attend": f"{one.pk}:{what}:{version}"})


@pytest.mark.parametrize(
    ("what", "attendance", "joined", "left"),
    [
        ("here", "present", False, False),
        ("apologies", "apologies", False, False),
        ("absent", "absent", False, False),
        ("joined", "part", True, False),
        ("left", "part", False, True),
    ],
)
def test_a_press_says_who_is_here(
    as_, staff, item, one, what, attendance, joined, left
) -> None:
    page = press(as_(staff), item, one, what)
    one.refresh_from_db()
    assert one.attendance == attendance
    assert (one.joined_item == item, one.left_item == item) == (joined, left)
    assert one.version == 1
    assert one.history.first().history_user == staff
    here = 1 if attendance in ("present", "part") else 0
    assert f"Attendance: {here} of 1 here" in page.text


def test_who_joined_and_left_is_here_for_a_part_and_all_of_it_when_pressed(
    as_, staff, item, one
) -> None:
    client = as_(staff)
    press(client, item, one, "joined")
    one.refresh_from_db()
    later = AgendaItemFactory(meeting=item.meeting, heading="Later")
    page = press(client, later, one, "left")
    one.refresh_from_db()
    assert (one.attendance, one.joined_item, one.left_item) == ("part", item, later)
    assert "joined at 1, left at this item" in page.text
    press(client, later, one, "here")
    one.refresh_from_db()
    assert (one.attendance, one.joined_item, one.left_item) == ("present", None, None)


def test_pressing_twice_is_pressing_once(as_, staff, item, one) -> None:
    for _ in range(2):
        assert press(as_(staff), item, one, "here").status_code == 200
    one.refresh_from_db()
    assert one.version == 1


def test_what_somebody_else_said_meanwhile_is_not_undone_unseen(
    as_, staff, administrator, item, one
) -> None:
    press(as_(administrator), item, one, "apologies")
    page = press(as_(staff), item, one, "here")
    assert page.status_code == 422
    assert "Somebody else changed Rachel Jones" in page.text
    assert "apologies" in page.text
    one.refresh_from_db()
    assert one.attendance == "apologies"
    assert press(as_(staff), item, one, "here").status_code == 200


def test_nobody_is_here_before_the_meeting_begins(as_, staff, item, one) -> None:
    ahead = timezone.localdate() + dt.timedelta(days=9)
    Meeting.objects.update(state="planned", date=ahead)
    assert "has not begun" in press(as_(staff), item, one, "here").text
    assert press(as_(staff), item, one, "apologies").status_code == 200


@pytest.mark.parametrize("junk", ["", "x", "1", "1:dance:0", "\x00:here:0", "9:here:0"])
def test_a_press_that_means_nothing_changes_nothing(
    as_, staff, item, one, junk
) -> None:
    url = reverse("minutes_attendance", args=[item.meeting_id, item.pk])
    assert as_(staff).post(url, {"attend": junk}).status_code == 422
    one.refresh_from_db()
    assert one.attendance == "invited"


def test_what_is_frozen_stays(as_, staff, item, one) -> None:
    Meeting.objects.update(state="agreed")
    page = press(as_(staff), item, one, "here")
    assert page.status_code == 422
    assert "agreed" in page.text


def test_only_the_office_marks_anybody(
    as_, client, liaison, commissioner, item, one
) -> None:
    for user in (liaison, commissioner):
        assert press(as_(user), item, one, "here").status_code == 403
    assert "login" in press(client, item, one, "here").url


def test_without_javascript_the_notes_are_saved_first(as_, staff, item, one) -> None:
    page = f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
    client = as_(staff)
    form = client.get(page).context["form"]
    data = as_shown(form)
    data |= {"notes": "Typed", "attend": f"{one.pk}:here:0"}
    sent = client.post(page, data)
    assert "attendance=open" in sent.url
    assert "Rachel Jones: here" in said(sent)
    assert "1 of 1 here" in client.get(sent.url).text
    item.refresh_from_db()
    assert item.notes == "Typed"


def press_everyone(client, item):
    url = reverse("minutes_attendance", args=[item.meeting_id, item.pk])
    return client.post(url, {"attend": "everyone"})


def standing(page, one) -> list[str]:
    """What is shown as pressed of somebody."""
    return re.findall(
        rf'value="{one.pk}:(\w+):\d+" aria-pressed="true"', " ".join(page.text.split())
    )


def test_what_was_pressed_stays_in_its_place_and_is_shown_as_pressed(
    as_, staff, item, one
) -> None:
    client = as_(staff)
    order = re.compile(rf'value="{one.pk}:(\w+):')
    page = press(client, item, one, "here")
    assert standing(page, one) == ["here"]
    before = order.findall(page.text)
    assert before == ["here", "apologies", "absent", "joined", "left"]
    one.refresh_from_db()
    page = press(client, item, one, "apologies")
    assert standing(page, one) == ["apologies"]
    assert order.findall(page.text) == before


def test_everyone_is_here_but_who_sent_apologies_or_was_absent(
    as_, staff, item, one
) -> None:
    others = {
        state: AttendeeFactory(meeting=item.meeting, attendance=state)
        for state in ("invited", "present", "apologies", "absent", "part")
    }
    page = press_everyone(as_(staff), item)
    assert "2 people are marked as present" in page.text
    assert 'value="everyone"' not in page.text
    one.refresh_from_db()
    assert (one.attendance, one.version) == ("present", 1)
    assert one.history.first().history_user == staff
    now = {
        state: Attendee.objects.get(pk=row.pk).attendance
        for state, row in others.items()
    }
    assert now == {state: state for state in others} | {"invited": "present"}


def test_everyone_is_not_here_before_the_meeting_begins(as_, staff, item, one) -> None:
    ahead = timezone.localdate() + dt.timedelta(days=9)
    Meeting.objects.update(state="planned", date=ahead)
    page = press_everyone(as_(staff), item)
    assert page.status_code == 422
    assert "has not begun" in page.text
    assert 'value="everyone"' not in page.text
    one.refresh_from_db()
    assert one.attendance == "invited"


def test_only_the_office_says_that_everyone_is_here(
    as_, client, liaison, commissioner, item, one
) -> None:
    for user in (liaison, commissioner):
        assert press_everyone(as_(user), item).status_code == 403
    assert "login" in press_everyone(client, item).url
    one.refresh_from_db()
    assert one.attendance == "invited"


def test_everyone_is_here_at_one_press_without_javascript(
    as_, staff, item, one
) -> None:
    page = f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
    client = as_(staff)
    data = as_shown(client.get(page).context["form"])
    sent = client.post(page, data | {"attend": "everyone"})
    assert "1 person is marked as present" in said(sent)
    one.refresh_from_db()
    assert one.attendance == "present"
