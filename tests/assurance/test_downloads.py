"""Whoever takes away what the public may not read is written down with it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actions.models import Evidence
from assurance.models import Event, User
from meetings.models import Meeting, Paper
from meetings.record import Record, to_json
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    MinutesVersionFactory,
    WithdrawalFactory,
    stored_file,
)


def taken(browser: Client, url: str, *, method: str = "get", **query: str) -> list[str]:
    """What is noted of a file that is asked for."""
    before = Event.objects.count()
    response = getattr(browser, method)(url, query)
    assert response.status_code == 200
    if response.streaming:
        response.getvalue()
    noted = Event.objects.order_by("pk")[before:]
    assert {event.kind for event in noted} <= {Event.Kind.DOWNLOADED}
    return [event.what for event in noted]


@pytest.fixture
def meeting(db: None) -> Meeting:
    meeting = MeetingFactory(state=Meeting.State.DRAFT)
    AgendaItemFactory(meeting=meeting, notes="Said in confidence")
    return meeting


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("minutes", "minutes-2025-03-26-as-they-stand.docx"),
        ("briefing", "briefing-2025-03-26.docx"),
        ("meeting_action_note", "actions-2025-03-26.docx"),
    ],
)
def test_a_document_of_a_meeting_is_noted(
    as_: Any, staff: User, meeting: Meeting, page: str, name: str
) -> None:
    url = reverse(page, args=[meeting.pk])
    browser = as_(staff)
    assert taken(browser, url) == []
    assert taken(browser, url, format="docx") == [f"{name} from {url}"]
    event = Event.objects.get()
    assert (event.user, event.by, event.address) == (staff, staff, "127.0.0.1")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_a_liaison_takes_of_the_tracker_is_noted(
    as_: Any, liaison: User, kind: str
) -> None:
    ActionFactory(organisation=liaison.organisation, text="Share the plan")
    (what,) = taken(as_(liaison), reverse("tracker"), format=kind)
    assert what.startswith("actions-")
    assert what.endswith(f".{kind} from /actions/")
    assert "Share the plan" not in what
    assert Event.objects.get().by == liaison


def test_papers_and_evidence_are_noted_by_their_names(
    as_: Any, commissioner: User, liaison: User, meeting: Meeting
) -> None:
    paper = Paper.objects.create(
        item=meeting.agenda_items.get(), title="A", file=stored_file("Löhne 2025.txt")
    )
    url = reverse("paper_file", args=[meeting.pk, paper.item_id, paper.pk])
    assert taken(as_(commissioner), url) == [f"Löhne 2025.txt from {url}"]
    action = ActionFactory(organisation=liaison.organisation)
    said = action.add_update("Done", by=liaison)
    evidence = Evidence.objects.create(update=said, title="A", file=stored_file())
    url = reverse("evidence_file", args=[action.year, action.number, evidence.pk])
    assert taken(as_(liaison), url) == [f"figures.txt from {url}"]


def test_what_is_published_is_noted_once_it_was_withdrawn_only(
    as_: Any, staff: User, meeting: Meeting
) -> None:
    said = to_json(Record("Board", meeting.date))
    version = MinutesVersionFactory(
        published=True, meeting=meeting, content=said, made_from__content=said
    )
    browser = as_(staff)
    url = reverse("minutes_version", args=[meeting.pk, version.pk])
    assert taken(browser, url, format="docx") == []
    agreed = reverse("minutes_version", args=[meeting.pk, version.made_from_id])
    assert len(taken(browser, agreed, format="docx")) == 1
    WithdrawalFactory(version=version)
    assert len(taken(browser, url, format="docx")) == 1


def test_the_agenda_to_send_out_is_not_noted_but_the_offices_own(
    as_: Any, staff: User, meeting: Meeting
) -> None:
    AgendaItemFactory(
        meeting=meeting, restricted=True, withheld=True, withheld_reason="s31"
    )
    url = reverse("agenda", args=[meeting.pk])
    assert taken(as_(staff), url, format="docx") == []
    assert taken(as_(staff), f"{url}?with=restricted&format=docx") == [
        f"agenda-2025-03-26-for-the-office.docx from {url}"
    ]


def test_asking_for_the_head_alone_takes_nothing(
    as_: Any, staff: User, meeting: Meeting
) -> None:
    url = reverse("minutes", args=[meeting.pk]) + "?format=docx"
    assert taken(as_(staff), url, method="head") == []


def test_what_is_refused_is_not_noted(as_: Any, liaison: User) -> None:
    foreign = ActionFactory()
    said = foreign.add_update("Done", by=liaison)
    evidence = Evidence.objects.create(update=said, title="A", file=stored_file())
    url = reverse("evidence_file", args=[foreign.year, foreign.number, evidence.pk])
    assert as_(liaison).get(url).status_code == 404
    assert not Event.objects.exists()
