"""The page of a meeting's review: who may, what it shows, and what it refuses."""

import csv
import datetime as dt
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from actions.models import Action, Due, Review
from actions.reviewing import finish_review, record_review
from meetings.models import Kind, Meeting
from tests.actions.pages import url
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    OrganisationFactory,
    UserFactory,
    decision,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
LATE = Due.on_date(dt.date(2025, 5, 1))
FAR = Due.on_date(TODAY + dt.timedelta(days=300))


@pytest.fixture
def meeting():
    return MeetingFactory(date=TODAY, state=Meeting.State.IN_PROGRESS)


@pytest.fixture
def force():
    return OrganisationFactory(name="West Mercia Police", short_names="WMP")


@pytest.fixture
def action(force):
    return ActionFactory(organisation=force, due=LATE, text="Share the plan")


def page_of(meeting: Meeting) -> str:
    return reverse("meeting_review", args=[meeting.pk])


def record_url(meeting: Meeting, action: Action) -> str:
    return reverse("review_record", args=[meeting.pk, action.year, action.number])


def sent(action: Action, outcome: str, **more) -> dict:
    action.refresh_from_db()
    return {"version": action.version, "outcome": outcome, "note": "", **more}


def test_a_liaison_and_a_stranger_see_no_review(as_, liaison, meeting, action):
    for address in (page_of(meeting), f"{page_of(meeting)}?format=csv"):
        assert as_(liaison).get(address).status_code == 403
        assert Client().get(address).status_code == 302
    refused = as_(liaison).post(record_url(meeting, action), sent(action, "closed"))
    assert refused.status_code == 403
    assert not Review.objects.exists()


@pytest.mark.parametrize("role", ["staff", "commissioner"])
def test_staff_and_the_commissioner_record(as_, role, request, meeting, action):
    user = request.getfixturevalue(role)
    answer = as_(user).post(
        record_url(meeting, action), sent(action, "closed", note="Seen")
    )
    assert answer.status_code == 302
    assert answer.url == f"{page_of(meeting)}?done=2025%2F01"
    page = as_(user).get(answer.url).text
    assert "2025/01 closed, 1 of 1 reviewed." in page
    action.refresh_from_db()
    assert action.status == "closed"


def test_a_page_shows_why_the_latest_word_and_what_is_asked(
    as_, staff, force, meeting, action
):
    owner = UserFactory(liaison=True, organisation=force)
    action.add_note("Only among us", by=staff)
    action.add_update(
        "Half of it is done",
        by=owner,
        provided_by="Head of Custody",
        asks="date",
        asked_due_on=FAR.on,
    )
    page = as_(staff).get(page_of(meeting)).text
    assert "A change is asked for" in page or "Asks for" in page
    assert "days overdue" in page
    assert "Half of it is done" in page
    assert "Head of Custody" in page
    assert f"{FAR.on.day}/{FAR.on.month}/{FAR.on.year}" in page
    assert "Only among us" not in page


BAD = {
    "no outcome": ({"outcome": ""}, "Choose an outcome"),
    "unknown outcome": ({"outcome": "dance"}, "Choose the outcome from the list"),
    "no reason": ({"outcome": "carried_to", "due_on": "1/1/2090"}, "Enter the reason"),
    "no new date": ({"outcome": "carried_to", "note": "x"}, "Enter the new due date"),
    "not a date": (
        {"outcome": "carried_to", "note": "x", "due_on": "soon"},
        "Enter a real date, like",
    ),
    "a date before it was raised": (
        {"outcome": "carried_to", "note": "x", "due_on": "1/1/2020"},
        "Enter a due date after the meeting date",
    ),
    "the date it has": (
        {"outcome": "carried_to", "note": "x", "due_on": "1/5/2025"},
        "This is its due already",
    ),
    "no end of the hold": ({"outcome": "on_hold", "note": "x"}, "Enter the day to"),
    "a hold in the past": (
        {"outcome": "on_hold", "note": "x", "until": "1/1/2024"},
        "Enter a date after today",
    ),
    "nothing in its place": (
        {"outcome": "replaced", "note": "x", "replacements": "\n \n"},
        "Enter at least one new action",
    ),
    "nothing to return": ({"outcome": "returned", "note": "x"}, "nothing to return"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_a_sentence_and_changes_nothing(
    as_, staff, meeting, action, case
):
    data, sentence = BAD[case]
    answer = as_(staff).post(
        record_url(meeting, action), sent(action, data["outcome"]) | data
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not Review.objects.exists()
    assert action.updates.count() == 2


def test_loading_a_page_with_errors_again_leads_to_its_action(
    as_, staff, meeting, action
):
    answer = as_(staff).get(record_url(meeting, action), follow=True)
    assert answer.context["entry"].action == action
    assert not Review.objects.exists()


def test_what_was_not_found_is_offered_for_the_list(as_, staff, meeting, action):
    answer = as_(staff).get(page_of(meeting), {"open": "2020/77"})
    address = f"{reverse('review_add', args=[meeting.pk])}?reference=2020/77"
    assert address in answer.content.decode()
    assert 'value="2020/77"' in as_(staff).get(address).content.decode()


def test_pressing_twice_records_once(as_, staff, meeting, action):
    data = sent(action, "noted") | {
        "submission": "9d7b3a4e-0d64-4a3e-9f6c-3f1d0c4a5b6c"
    }
    for _ in range(2):
        assert as_(staff).post(record_url(meeting, action), data).status_code == 302
    assert action.updates.filter(what="reviewed").count() == 1


def test_the_second_is_told_what_the_first_recorded(as_, staff, meeting, action):
    jane = UserFactory(name="Jane Smith")
    data = sent(action, "noted", note="Mine")
    record_review(action, meeting, "closed", by=jane, note="Hers")
    answer = as_(staff).post(record_url(meeting, action), data)
    assert answer.status_code == 422
    assert "Jane Smith recorded “closed”" in answer.text
    assert "Hers" in answer.text
    assert "Mine" in answer.text
    assert Review.objects.get().outcome == "closed"
    instead = Review.objects.get().recorded_at.isoformat()
    as_(staff).post(record_url(meeting, action), data | {"instead": instead})
    assert Review.objects.get().outcome == "noted"


def test_what_the_owner_said_meanwhile_is_read_first(
    as_, staff, force, meeting, action
):
    owner = UserFactory(liaison=True, organisation=force)
    data = sent(action, "closed")
    action.add_update("It has gone wrong", by=owner)
    answer = as_(staff).post(record_url(meeting, action), data)
    assert answer.status_code == 422
    assert "Read what is new" in answer.text
    assert "It has gone wrong" in answer.text
    again = data | {"version": answer.context["form"]["version"].value()}
    assert as_(staff).post(record_url(meeting, action), again).status_code == 302


def test_an_action_that_is_not_on_the_list_is_not_recorded(as_, staff, force, meeting):
    other = ActionFactory(organisation=force, due=FAR)
    answer = as_(staff).post(record_url(meeting, other), sent(other, "closed"))
    assert answer.status_code == 422
    assert "is not on the list" in answer.text
    other.refresh_from_db()
    assert other.status == "open"


def test_anything_is_added_to_the_list_with_a_reason(as_, staff, force, meeting):
    other = ActionFactory(organisation=force, due=FAR)
    add = reverse("review_add", args=[meeting.pk])
    for data, sentence in [
        ({"reference": "what", "text": "x"}, "Enter a reference like 2025/03"),
        ({"reference": "1999/77", "text": "x"}, "There is no action"),
        ({"reference": "2025/01", "text": ""}, "Enter the reason"),
    ]:
        answer = as_(staff).post(add, data)
        assert (answer.status_code, sentence in answer.text) == (422, True), data
    as_(staff).post(add, {"reference": "2025/1", "text": "The panel asked"})
    page = as_(staff).get(page_of(meeting)).text
    assert "Brought forward: The panel asked" in page
    assert other.reviews.get().reason == "The panel asked"


def test_several_are_taken_as_read_at_once(as_, staff, force, meeting, action):
    ActionFactory(organisation=force, due=LATE)
    read = reverse("review_read", args=[meeting.pk])
    as_(staff).post(read, {"read": ["2025/01 1", "2025/77 1"]})
    as_(staff).post(read, {"read": ["2025/01 0"]})
    as_(staff).post(read, {"read": ["2025/01 x"]})
    as_(staff).post(read, {})
    assert not Review.objects.exists()
    ticked = [f"{a.reference} {a.version}" for a in Action.objects.all()]
    answer = as_(staff).post(read, {"read": ticked}, follow=True)
    assert "2 actions taken as read, 2 of 2 reviewed." in answer.text


def test_before_the_meeting_the_list_is_read_only(as_, staff, action):
    meeting = MeetingFactory(date=TODAY + dt.timedelta(days=3))
    page = as_(staff).get(page_of(meeting)).text
    assert "Share the plan" in page
    assert "Outcomes are recorded once the meeting has begun" in page
    assert "Record and go on" not in page
    refused = as_(staff).post(record_url(meeting, action), sent(action, "closed"))
    assert "has not begun" in refused.text


@pytest.mark.parametrize("state", ["agreed", "cancelled"])
def test_what_is_frozen_is_read_only(as_, staff, action, state):
    because = "Election" if state == "cancelled" else ""
    meeting = MeetingFactory(date=TODAY, state=state, cancelled_because=because)
    page = as_(staff).get(page_of(meeting)).text
    assert "Record and go on" not in page
    answer = as_(staff).post(record_url(meeting, action), sent(action, "closed"))
    assert answer.status_code == 422
    assert not Review.objects.exists()


def test_an_empty_list_says_so(as_, staff, meeting):
    page = as_(staff).get(page_of(meeting)).text
    assert "Nothing is flagged for this meeting" in page
    assert "Finish the review" not in page


def test_undo_is_offered_until_the_review_is_finished(as_, staff, meeting, action):
    review = record_review(action, meeting, "closed", by=staff)
    key = f"2025/01 {review.recorded_at.isoformat()}"
    undo = reverse("review_undo", args=[meeting.pk])
    finish_review(meeting, by=staff, today=TODAY)
    page = as_(staff).get(page_of(meeting)).text
    assert "Undo" not in page
    assert "Reopen the review" in page
    as_(staff).post(undo, {"undo": key})
    assert Review.objects.get().outcome == "closed"
    as_(staff).post(reverse("review_reopen", args=[meeting.pk]))
    answer = as_(staff).post(undo, {"undo": key}, follow=True)
    assert "2025/01 is not reviewed any more, 0 of 1 reviewed." in answer.text
    again = as_(staff).post(undo, {"undo": key}, follow=True)
    assert "undone or recorded again" in again.text


def test_outcomes_print_in_the_minutes(as_, staff, force, meeting, action):
    AgendaItemFactory(meeting=meeting, kind=Kind.ACTION_TRACKER, heading="Tracker")
    left = ActionFactory(organisation=force, due=LATE, text="Another thing")
    record_review(action, meeting, "closed", by=staff, note="Thanks to all")
    finish_review(meeting, by=staff, today=TODAY)
    minutes = as_(staff).get(f"{reverse('minutes', args=[meeting.pk])}?view=read").text
    item = minutes[minutes.index("Tracker</h2>") :]
    assert "Share the plan" in item
    assert "Thanks to all" in item
    assert "Not reached:" in item
    assert left.reference in item


def rows_of(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_list_of_a_past_meeting_is_given_as_it_was(
    as_, commissioner, staff, force, meeting, action
):
    owner = UserFactory(liaison=True, organisation=force)
    action.add_update("=1+1", by=owner, provided_by="Head of Custody")
    finish_review(meeting, by=staff, today=TODAY)
    action.add_update("Said later", by=owner)
    action.close(by=staff, decision=decision())
    answer = as_(commissioner).get(f"{page_of(meeting)}?format=csv")
    heading, row = rows_of(answer)
    kept = dict(zip(heading, row, strict=True))
    assert kept["Status then"] == "Open"
    assert kept["Outcome"] == "Not reached"
    assert (kept["Due"], kept["Due in words"]) == ("2025-05-01", "1 May 2025")
    assert kept["Last update"] == "'=1+1"
    assert kept["Listed under"] == "Overdue"
    book = as_(commissioner).get(f"{page_of(meeting)}?format=xlsx")
    content = io.BytesIO(b"".join(book.streaming_content))
    sheet = load_workbook(content).active
    assert [cell.value for cell in sheet[1]] == heading
    assert as_(commissioner).get(f"{page_of(meeting)}?format=doc").status_code == 404


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_takes_the_same_queries_however_long_the_list(
    as_, staff, force, meeting, count, django_assert_max_num_queries
):
    raised = MeetingFactory(state=Meeting.State.DRAFT)
    for number in range(count):
        one = ActionFactory(meeting=raised, organisation=force, due=LATE)
        ActionFactory(meeting=raised, organisation=force, due=LATE)
        if number % 2:
            record_review(one, meeting, "noted", by=staff)
    browser = as_(staff)
    with django_assert_max_num_queries(23):
        assert browser.get(page_of(meeting)).status_code == 200


def test_the_action_page_leads_to_the_review(as_, staff, meeting, action):
    page = as_(staff).get(url("action", action)).text
    assert f"{page_of(meeting)}?open={action.reference}" in page


def test_an_old_button_does_not_undo_what_somebody_recorded_since(
    as_, staff, meeting, action
):
    first = record_review(action, meeting, "closed", by=staff)
    key = f"2025/01 {first.recorded_at.isoformat()}"
    jane = UserFactory()
    record_review(action, meeting, "noted", by=jane, instead_of=first)
    answer = as_(staff).post(
        reverse("review_undo", args=[meeting.pk]), {"undo": key}, follow=True
    )
    assert "recorded again meanwhile" in answer.text
    assert Review.objects.get().outcome == "noted"


def test_what_was_typed_is_shown_though_the_action_left_the_list(
    as_, staff, meeting, action
):
    data = sent(action, "noted", note="Typed at length")
    action.close(by=staff, decision=decision())
    answer = as_(staff).post(record_url(meeting, action), data)
    assert answer.status_code == 422
    assert "Typed at length" in answer.text
    assert "Not on the list any more" in answer.text


def test_what_is_recorded_shows_the_action_as_it_stood(as_, staff, meeting, action):
    finish_review(meeting, by=staff, today=TODAY)
    action.redate(FAR, "Late", by=staff, decision=decision())
    page = as_(staff).get(f"{page_of(meeting)}?open=2025/01").text
    assert "1 May 2025" in page
    assert (
        str(FAR.on.year)
        not in page.partition('id="review"')[2].partition("<details")[0]
    )


def test_another_outcome_is_recorded_from_the_page(as_, staff, meeting, action):
    review = record_review(action, meeting, "closed", by=staff)
    page = as_(staff).get(f"{page_of(meeting)}?open=2025/01").text
    assert "Record another outcome instead" in page
    instead = review.recorded_at.isoformat()
    as_(staff).post(record_url(meeting, action), sent(action, "noted", instead=instead))
    assert Review.objects.get().outcome == "noted"
    action.refresh_from_db()
    assert action.status == "open"


def test_who_decides_goes_on_to_the_next_on_the_list(
    as_, staff, liaison, force, meeting, action
):
    second = ActionFactory(organisation=force, due=Due.on_date(dt.date(2025, 6, 1)))
    other = ActionFactory(organisation=force, due=FAR)
    for one, following in [(action, second), (second, action), (other, action)]:
        page = as_(staff).get(one.get_absolute_url()).text
        shown = page.partition("Next on the list for review:")[2].partition("</a>")[0]
        assert following.get_absolute_url() in shown
    own = ActionFactory(organisation=liaison.organisation, due=LATE)
    assert "Next on the list" not in as_(liaison).get(own.get_absolute_url()).text
