"""Publishing and withdrawing: when it is refused, and what is kept."""

import datetime as dt
import hashlib
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from actions.models import Due
from actions.publishing import (
    CHANGED,
    NOTHING_NEW,
    is_public,
    last_published,
    prepare,
    publish,
    withdraw,
)
from meetings.models import Meeting, MinutesVersion
from meetings.record import from_json
from meetings.versions import keep_version
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    decision,
)
from tests.meetings.published import (
    FILES,
    agree_now,
    content_of,
    publish_now,
    published_meeting,
)

pytestmark = pytest.mark.django_db


def refusal(call) -> str:
    with pytest.raises(ValidationError) as refused:
        call()
    return " ".join(refused.value.messages)


@pytest.fixture
def agreed(staff) -> Meeting:
    meeting: Meeting = MeetingFactory()
    AgendaItemFactory(meeting=meeting, notes="Said")
    agree_now(meeting, staff)
    return meeting


@pytest.mark.parametrize("state", [s for s in Meeting.State if s != "agreed"])
def test_only_agreed_minutes_are_published(state: str) -> None:
    because = "Nobody can come" if state == "cancelled" else ""
    meeting = MeetingFactory(state=state, cancelled_because=because)
    assert "Only agreed minutes" in refusal(lambda: prepare(meeting))


def test_minutes_that_say_they_are_agreed_and_have_no_version_are_not_published() -> (
    None
):
    meeting = MeetingFactory(state=Meeting.State.AGREED)
    assert "Only agreed minutes" in refusal(lambda: prepare(meeting))


def test_a_published_version_keeps_its_content_files_and_what_it_was_made_from(
    staff, agreed
) -> None:
    version = publish_now(agreed, staff)
    assert (version.kind, version.number, version.by) == ("published", 1, staff)
    assert version.made_from == agreed.versions.agreed().get()
    assert version.is_intact
    for kind, stored in (("pdf", version.pdf), ("docx", version.docx)):
        assert stored.kind == kind
        assert stored.name == f"minutes-2025-03-26-version-1.{kind}"
        content = content_of(stored)
        assert content == FILES[kind]
        assert stored.sha256 == hashlib.sha256(content).hexdigest()


def test_a_version_of_a_moment_in_summer_time_stays_intact(staff, agreed) -> None:
    at = dt.datetime(2025, 7, 1, 10, tzinfo=ZoneInfo("Europe/London"))
    version = publish_now(agreed, staff, at=at)
    again = MinutesVersion.objects.get(pk=version.pk)
    assert (again.at, again.is_intact) == (at, True)


def test_files_that_are_made_may_be_larger_than_those_handed_in(
    staff, agreed, settings
) -> None:
    settings.MAX_FILE_MB = 0
    assert publish_now(agreed, staff).pdf.size


def test_what_stops_publication_refuses_it_and_keeps_no_file(staff, files_dir) -> None:
    meeting = MeetingFactory()
    AgendaItemFactory(meeting=meeting, heading="Budget", notes="[[withhold s40]]x")
    agree_now(meeting, staff)
    said = refusal(lambda: publish(prepare(meeting), documents=FILES, by=staff))
    assert said.startswith("1 Budget: [[withhold]] is left open: type [[/withhold]]")
    assert not MinutesVersion.objects.published().exists()
    assert not [path for path in files_dir.rglob("*") if path.is_file()]


def test_the_same_again_is_refused_until_something_changes(staff) -> None:
    meeting = MeetingFactory()
    item = AgendaItemFactory(meeting=meeting)
    action = ActionFactory(meeting=meeting, item=item, text="Share it")
    publish_now(meeting, staff)
    assert prepare(meeting).is_public_already
    again = refusal(lambda: publish_now(meeting, staff, why="Once more"))
    assert again == NOTHING_NEW
    action.close(by=staff, decision=decision(), text="Done")
    assert not prepare(meeting).is_public_already
    second = publish_now(meeting, staff, why="The action is closed")
    statuses = [
        [line.status for line in from_json(version.content).actions]
        for version in meeting.versions.published().order_by("number")
    ]
    assert (second.number, statuses) == (2, [["Open"], ["Closed"]])


def test_publishing_again_needs_a_reason(staff, agreed) -> None:
    first = publish_now(agreed, staff)
    withdraw(first, why="A name", by=staff)
    assert "Say why" in refusal(lambda: publish_now(agreed, staff))
    # The same may come back after it was withdrawn.
    assert publish_now(agreed, staff, why="It was right").number == 2


def test_what_changed_after_it_was_looked_at_is_not_published(staff) -> None:
    meeting = MeetingFactory()
    action = ActionFactory(meeting=meeting)
    agree_now(meeting, staff)
    edition = prepare(meeting)
    action.close(by=staff, decision=decision(), text="Done")
    assert refusal(lambda: publish(edition, documents=FILES, by=staff)) == CHANGED
    looked_at_again = prepare(meeting)
    publish(looked_at_again, documents=FILES, by=staff)
    late = replace(looked_at_again)
    assert refusal(lambda: publish(late, documents=FILES, by=staff)) == NOTHING_NEW


def test_withdrawing_needs_a_reason_and_the_version_that_is_public(
    staff, agreed
) -> None:
    first = publish_now(agreed, staff)
    assert "Say why" in refusal(lambda: withdraw(first, why=" ", by=staff))
    assert is_public(last_published(agreed.pk))
    withdrawal = withdraw(first, why="A name was left in it", by=staff)
    assert (withdrawal.version, withdrawal.by) == (first, staff)
    assert not is_public(last_published(agreed.pk))
    twice = refusal(lambda: withdraw(first, why="Again", by=staff))
    assert "withdrawn already" in twice
    publish_now(agreed, staff, why="Mended")
    late = refusal(lambda: withdraw(first, why="Again", by=staff))
    assert "Another version was published meanwhile" in late


# What the register says now


def withheld_of(meeting: Meeting) -> set[str]:
    edition = prepare(meeting)
    found = {one.what for one in edition.publication.withheld}
    return {what.removeprefix("Action ") for what in found if "Action" in what}


def test_an_action_that_is_withheld_now_is_withheld_whatever_was_agreed(staff) -> None:
    meeting = MeetingFactory()
    item = AgendaItemFactory(meeting=meeting)
    below = AgendaItemFactory(meeting=meeting, parent=item)
    by_itself, with_item, other = (
        ActionFactory(meeting=meeting, item=one) for one in (None, below, None)
    )
    agree_now(meeting, staff)
    assert withheld_of(meeting) == set()
    by_itself.withheld, by_itself.withheld_reason = True, "s40"
    by_itself.save()
    item.withheld, item.withheld_reason = True, "s31"
    item.save()
    assert withheld_of(meeting) == {by_itself.reference, with_item.reference}
    references = [one.reference for one in prepare(meeting).record.actions]
    assert references == [other.reference]


@pytest.mark.parametrize("is_agreed", [True, False])
def test_an_action_marked_in_a_passage_where_it_was_raised_is_withheld_at_its_review(
    staff, is_agreed: bool
) -> None:
    raised_at = MeetingFactory(date=dt.date(2025, 1, 8))
    item = AgendaItemFactory(meeting=raised_at)
    action = ActionFactory(
        meeting=raised_at, item=item, due=Due.on_date(dt.date(2025, 2, 1))
    )
    item.notes = f"[[withhold s40]]\n[[action {action.reference}]]\n[[/withhold]]"
    item.save()
    if is_agreed:
        agree_now(raised_at, staff)
    meeting = MeetingFactory()
    kept = agree_now(meeting, staff)
    record = replace(from_json(kept.content), not_reached=(action.reference,))
    keep_version(
        record,
        meeting=meeting,
        kind="agreed",
        by=staff,
        made_from=kept,
        what="x",
        why="x",
    )
    assert withheld_of(meeting) == {action.reference}
    assert prepare(meeting).record.not_reached == ()


def test_preparing_takes_a_fixed_number_of_queries(
    staff, django_assert_max_num_queries
) -> None:
    for count in (1, 30):
        meeting = MeetingFactory()
        for _ in range(count):
            item = AgendaItemFactory(meeting=meeting)
            ActionFactory(meeting=meeting, item=item)
        agree_now(meeting, staff)
        meeting = Meeting.objects.get(pk=meeting.pk)
        with django_assert_max_num_queries(7):
            prepare(meeting)


def test_a_published_meeting_of_another_is_no_matter(staff) -> None:
    published_meeting(staff)
    assert last_published(MeetingFactory().pk) is None
