"""Handing old minutes in, reading them, and the page on which they are checked."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions.models import Action
from assurance.models import User
from meetings.models import Meeting, ReadIn
from meetings.reader.minutes import (
    ReadAction,
    ReadAttendee,
    ReadItem,
    ReadMinutes,
    ReadNext,
    Words,
)
from meetings.reader.phrases.due import DueSense
from meetings.taking_in import drop
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    PersonFactory,
    ReadInFactory,
    ThemeFactory,
)
from tests.meetings.old_minutes import (
    DOUBTFUL,
    HELD,
    READ,
    page_of,
)
from tests.meetings.pages import Fields, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registers() -> None:
    MeetingTypeFactory(name="Monthly board")
    OrganisationFactory(name="The office", short_names="OPCC")
    OrganisationFactory(name="The force", short_names="Force")


def fields_of(response: HttpResponse, **changes: Any) -> dict[str, Any]:
    """What a browser sends of the checking page when nothing is touched."""
    form = Fields()
    form.feed(response.content.decode())
    return form.sent | changes


def send(
    client: Client, read_in: ReadIn, *, do: str = "save", **changes: Any
) -> HttpResponse:
    address = page_of(read_in)
    sent = fields_of(client.get(address))
    named = {name.replace("__", "-"): value for name, value in changes.items()}
    sent = {k: v for k, v in (sent | named).items() if v is not None}
    return client.post(address, sent | {"do": do})


# The checking page


def test_the_page_shows_the_text_beside_what_it_became(as_: Any, staff: User) -> None:
    read_in = ReadInFactory(minutes=DOUBTFUL)
    page = as_(staff).get(page_of(read_in)).content.decode()
    assert "1 action, 2 people, 1 heading understood" in page
    assert "2 things to check" in page
    assert "&lt;b&gt;all&lt;/b&gt;" in page
    assert 'href="#seats-1"' in page
    assert 'href="#line-6"' in page
    assert "The owner is not plain" in page


def test_all_that_is_right_is_saved_with_one_button(as_: Any, staff: User) -> None:
    read_in = ReadInFactory(minutes=READ)
    response = send(as_(staff), read_in)
    meeting = Meeting.objects.get()
    assert response.url == meeting.get_absolute_url()
    assert "is saved as draft minutes" in said(response)
    assert (meeting.state, meeting.date) == ("draft", HELD)
    assert [str(s) for s in meeting.attendance()] == [
        "Anna Bell, Commissioner",
        "Ed Frost, Chief Constable",
    ]
    action = meeting.actions.get()
    assert str(action.owners.get()) == "Force"
    assert meeting.agenda()[0].notes == f"All is well\n\n[[action {action.reference}]]"
    assert as_(staff).get(page_of(read_in)).url == meeting.get_absolute_url()


def test_a_meeting_over_a_year_ago_brings_its_actions_in_as_closed(
    as_: Any, staff: User
) -> None:
    send(as_(staff), ReadInFactory(minutes=READ))
    is_old = timezone.localdate() > HELD.replace(year=2026)
    assert Action.objects.get().status == ("closed" if is_old else "open")


def test_nothing_doubtful_is_saved_undecided(as_: Any, staff: User) -> None:
    browser, read_in = as_(staff), ReadInFactory(minutes=DOUBTFUL)
    refused = send(browser, read_in)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert '<a href="#actions-1">Check: The owner is not plain</a>' in page
    assert '<a href="#warnings">Check: Look at the place' in page
    assert "<title>Error: " in page
    assert not Meeting.objects.exists()


def doubtful_in(part: str) -> ReadMinutes:
    """Minutes with one doubt, in this part."""
    doubt = "It is not plain."
    return {
        "facts": replace(READ, facts=replace(READ.facts, venue=Words("A", 1, doubt))),
        "seats": replace(READ, attendees=(replace(READ.attendees[0], doubt=doubt),)),
        "items": replace(READ, items=(replace(READ.items[0], doubt=doubt),)),
        "actions": replace(READ, actions=(replace(READ.actions[0], doubt=doubt),)),
        "wording": replace(
            READ,
            actions=(replace(READ.actions[0], alternative_text="A\nB", doubt=doubt),),
        ),
        "earlier": replace(
            READ, actions=(replace(READ.actions[0], earlier=True, doubt=doubt),)
        ),
        "next": replace(READ, next_meeting=ReadNext(6, doubt=doubt)),
    }[part]


@pytest.mark.parametrize(
    "part", ["facts", "seats", "items", "actions", "wording", "earlier", "next"]
)
def test_what_a_browser_sends_untouched_decides_nothing(
    as_: Any, staff: User, part: str
) -> None:
    PersonFactory(name="Anna Bell")
    read_in = ReadInFactory(minutes=doubtful_in(part))
    response = send(as_(staff), read_in)
    assert response.status_code == 422
    assert "Check: It is not plain</a>" in response.content.decode()
    assert not Meeting.objects.exists()


@pytest.mark.parametrize(
    "decision",
    [
        {"actions-1-right": "on"},
        {"actions-1-owner_0": "seat:1"},
        {"actions-1-drop": "on"},
    ],
)
def test_a_doubt_is_decided_by_keeping_changing_or_dropping(
    as_: Any, staff: User, decision: dict[str, str]
) -> None:
    action = replace(READ.actions[0], owner="Nobody Known")
    read_in = ReadInFactory(minutes=replace(DOUBTFUL, actions=(action,)))
    browser = as_(staff)
    sent = fields_of(browser.get(page_of(read_in)), do="save") | decision
    assert browser.post(page_of(read_in), sent).status_code == 422
    answer = browser.post(page_of(read_in), sent | {"warnings-right": "on"})
    assert answer.status_code == 302
    left = 0 if "actions-1-drop" in decision else 1
    assert Action.objects.count() == left


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ("seats", "seats-0-capacity"),
        ("items", "items-0-number"),
        ("actions", "actions-1-due_words"),
        ("earlier", "actions-1-update"),
        ("next", "next-venue"),
    ],
)
def test_a_field_that_a_doubt_is_not_about_does_not_decide_it(
    as_: Any, staff: User, part: str, field: str
) -> None:
    read_in = ReadInFactory(minutes=doubtful_in(part))
    refused = send(as_(staff), read_in, **{field: "x"})
    assert refused.status_code == 422
    assert "Check: It is not plain</a>" in refused.content.decode()


def test_each_doubt_of_a_row_is_decided_by_its_own_fields(
    as_: Any, staff: User
) -> None:
    action = replace(
        READ.actions[0],
        owner="Nobody Known",
        due_text="soon",
        due_kind=DueSense.UNCLEAR,
    )
    read_in = ReadInFactory(minutes=replace(READ, actions=(action,)))
    refused = send(as_(staff), read_in, actions__1__owner_0="seat:1")
    page = refused.content.decode()
    assert "Check: No due date is set" in page
    assert "Check: “Nobody Known”" not in page


def test_what_is_wrong_keeps_what_was_typed_and_leads_to_its_field(
    as_: Any, staff: User
) -> None:
    browser, read_in = as_(staff), ReadInFactory(minutes=READ)
    response = send(
        browser,
        read_in,
        facts__date="31 June",
        seats__0__name="",
        seats__1__name="Eddy",
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert 'href="#id_facts-date">Enter a real date, like 4 September 2025' in page
    assert 'href="#id_seats-0-name">Enter the name' in page
    assert 'value="31 June"' in page
    assert 'value="Eddy"' in page
    assert not Meeting.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("facts-type", "xnew:"),
        ("facts-type", "new: "),
        ("facts-theme", "9new:9"),
        ("actions-1-due", "theme:xnew:y"),
        ("actions-1-due", "meeting:new:foo"),
        ("actions-1-due", "theme:²"),
        ("actions-1-owner_0", "org:xnew:"),
        ("actions-1-owner_0", "new:Force"),
        ("seats-0-organisation", "anew:b"),
        ("seats-0-organisation", "new:x\x00"),
    ],
)
def test_a_choice_that_nobody_was_offered_is_refused(
    as_: Any, staff: User, field: str, value: str
) -> None:
    refused = send(as_(staff), ReadInFactory(minutes=READ), **{field: value})
    assert refused.status_code == 422
    assert f'href="#id_{field}">' in refused.content.decode()
    assert not Meeting.objects.exists()


def test_what_no_database_takes_is_left_out_of_what_is_kept(
    as_: Any, staff: User
) -> None:
    read_in = ReadInFactory(minutes=READ)
    odd = {"do": "later", "items-0-notes": "a\x00b", "odd\x00": "c"}
    kept = as_(staff).post(page_of(read_in), {"version": "0", **odd})
    assert kept.status_code == 302
    read_in.refresh_from_db()
    assert read_in.checked["items-0-notes"] == ["ab"]
    assert read_in.checked["odd"] == ["c"]


@pytest.mark.parametrize("batch", ["²", "-1", "9" * 400])
def test_a_count_of_files_that_is_none_counts_as_nothing(
    as_: Any, staff: User, batch: str
) -> None:
    page = as_(staff).get(reverse("imports"), {"batch": batch})
    assert "Choose files above to begin." in page.content.decode()


def test_what_saving_refuses_is_said_at_its_field(as_: Any, staff: User) -> None:
    response = send(as_(staff), ReadInFactory(minutes=READ), seats__1__name="Anna Bell")
    assert response.status_code == 422
    page = response.content.decode()
    assert 'href="#id_seats-1-name">Anna Bell is on the list twice' in page
    assert not Meeting.objects.exists()


def test_what_is_checked_is_kept_for_later_right_or_not(as_: Any, staff: User) -> None:
    browser, read_in = as_(staff), ReadInFactory(minutes=DOUBTFUL)
    kept = send(
        browser, read_in, do="later", facts__date="soon", actions__1__right="on"
    )
    assert kept.url == reverse("imports")
    assert "Kept for later. 1 thing is left to check." in said(kept)
    read_in.refresh_from_db()
    assert read_in.doubts == 1
    page = browser.get(page_of(read_in)).content.decode()
    assert 'value="soon"' in page
    assert "Enter a real date" not in page
    assert "<title>Error" not in page
    assert not Meeting.objects.exists()


def test_people_headings_and_actions_can_be_added_and_dropped(
    as_: Any, staff: User
) -> None:
    browser, read_in = as_(staff), ReadInFactory(minutes=READ)
    more = send(
        browser,
        read_in,
        do="add-seats",
        seats__2__name="Gina Hart",
        items__1__heading="First of all",
        items__1__after="",
        actions__2__text="Write it down",
        actions__2__item="1",
    )
    assert more.url.endswith("?open=seats-3#seats-3")
    assert send(browser, read_in, items__0__drop="on").status_code == 302
    meeting = Meeting.objects.get()
    assert [s.person.name for s in meeting.attendance()][2:] == ["Gina Hart"]
    assert [item.heading for item in meeting.agenda()] == ["First of all"]
    places = {a.text: a.item and a.item.heading for a in meeting.actions.all()}
    assert places == {"Share the plan": None, "Write it down": "First of all"}


def test_an_added_heading_goes_where_it_is_put(as_: Any, staff: User) -> None:
    items = (*READ.items, ReadItem("AOB", 5, "2"))
    read_in = ReadInFactory(minutes=replace(READ, items=items))
    send(as_(staff), read_in, items__2__heading="Roads", items__2__after="0")
    agenda = Meeting.objects.get().agenda()
    assert [item.heading for item in agenda] == ["Custody", "Roads", "AOB"]


def test_a_second_wording_is_kept_or_discarded(as_: Any, staff: User) -> None:
    action = replace(READ.actions[0], alternative_text="Give the plan")
    for number, keep in enumerate(("on", None)):
        read = replace(READ, lines=(str(number),), actions=(action,))
        send(
            as_(staff),
            ReadInFactory(minutes=read),
            actions__1__keep_other=keep,
            facts__same_day="another",
        )
    wordings = Action.objects.order_by("pk").values_list("other_wording", flat=True)
    assert list(wordings) == ["Give the plan", ""]


def test_a_known_person_is_chosen_by_writing_their_name(as_: Any, staff: User) -> None:
    known = PersonFactory(name="Edward Frost")
    send(as_(staff), ReadInFactory(minutes=READ), seats__1__name="Edward Frost")
    assert Meeting.objects.get().attendance()[1].person == known


def test_a_name_mended_is_no_longer_the_person_it_was_read_as(
    as_: Any, staff: User
) -> None:
    PersonFactory(name="Ed Frost")
    send(as_(staff), ReadInFactory(minutes=READ), seats__1__name="Fred Frost")
    assert Meeting.objects.get().attendance()[1].person.name == "Fred Frost"


def test_a_meeting_on_the_same_day_asks_which_it_is(as_: Any, staff: User) -> None:
    type_ = MeetingTypeFactory._meta.model.objects.get()
    there = MeetingFactory(type=type_, date=HELD, state="planned")
    browser, read_in = as_(staff), ReadInFactory(minutes=READ)
    page = browser.get(page_of(read_in)).content.decode()
    assert "There is a meeting of this type on that day. Is it this one?" in page
    assert send(browser, read_in).status_code == 422
    answer = send(browser, read_in, facts__same_day=str(there.pk))
    assert answer.url == there.get_absolute_url()
    there.refresh_from_db()
    assert (there.state, there.actions.count()) == ("draft", 1)


def test_a_mended_date_asks_of_the_meetings_of_that_day(as_: Any, staff: User) -> None:
    type_ = MeetingTypeFactory._meta.model.objects.get()
    there = MeetingFactory(type=type_, date=dt.date(2025, 3, 27), state="planned")
    browser, read_in = as_(staff), ReadInFactory(minutes=READ)
    asked = send(browser, read_in, facts__date="27/3/2025")
    assert asked.status_code == 422
    assert "There is a meeting of this type on that day" in asked.content.decode()
    answer = fields_of(asked, **{"do": "save", "facts-same_day": str(there.pk)})
    assert browser.post(page_of(read_in), answer).url == there.get_absolute_url()


def test_a_date_mended_to_a_free_day_asks_nothing_of_the_day_that_was_read(
    as_: Any, staff: User
) -> None:
    MeetingFactory(type=MeetingTypeFactory._meta.model.objects.get(), date=HELD)
    answer = send(as_(staff), ReadInFactory(minutes=READ), facts__date="27/3/2025")
    assert answer.status_code == 302
    assert Meeting.objects.filter(date=dt.date(2025, 3, 27)).exists()


@pytest.mark.parametrize("day", ["1/1/9999", "soon", "31/2/2025", ""])
def test_a_day_that_is_none_is_refused_with_what_was_typed(
    as_: Any, staff: User, day: str
) -> None:
    refused = send(as_(staff), ReadInFactory(minutes=READ), facts__date=day)
    assert refused.status_code == 422
    assert fields_of(refused)["facts-date"] == day


def test_a_save_sent_twice_makes_one_meeting(as_: Any, staff: User) -> None:
    browser, read_in = as_(staff), ReadInFactory(minutes=READ)
    sent = fields_of(browser.get(page_of(read_in)), do="save")
    first = browser.post(page_of(read_in), sent)
    second = browser.post(page_of(read_in), sent)
    other = browser.post(page_of(read_in), sent | {"submission": uuid.uuid4()})
    assert first.url == second.url
    assert other.status_code == 422
    assert Meeting.objects.count() == 1
    assert Action.objects.count() == 1


@pytest.mark.parametrize("do", ["save", "later"])
@pytest.mark.parametrize("meanwhile", ["saved", "dropped"])
def test_whoever_comes_second_keeps_what_they_typed(
    as_: Any, staff: User, administrator: User, meanwhile: str, do: str
) -> None:
    read_in = ReadInFactory(minutes=READ)
    mine = fields_of(as_(staff).get(page_of(read_in)), do=do)
    if meanwhile == "saved":
        send(as_(administrator), read_in)
    else:
        drop(read_in)
    mine |= {"facts-venue": "My <i>room</i>", "items-x-heading": "Odd"}
    late = as_(staff).post(page_of(read_in), mine)
    assert late.status_code == 422
    page = late.content.decode()
    assert f"was {'saved as a meeting' if meanwhile == 'saved' else meanwhile}" in page
    assert "My &lt;i&gt;room&lt;/i&gt;" in page
    assert "Person 1: Name" in page
    assert "is saved as draft minutes" not in page
    assert Meeting.objects.count() == (meanwhile == "saved")


@pytest.mark.parametrize("do", ["save", "later"])
def test_a_stale_save_is_refused_and_both_are_shown(
    as_: Any, staff: User, administrator: User, do: str
) -> None:
    read_in = ReadInFactory(minutes=READ)
    mine = fields_of(as_(staff).get(page_of(read_in)), do=do)
    send(as_(administrator), read_in, do="later", facts__venue="Their room")
    refused = as_(staff).post(page_of(read_in), mine | {"facts-venue": "My room"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Somebody else checked this file" in page
    assert "Theirs: Their room<br>Yours: My room" in page
    assert not Meeting.objects.exists()
    again = fields_of(refused, do="save")
    assert again["facts-venue"] == "My room"
    assert as_(staff).post(page_of(read_in), again).status_code == 302
    assert Meeting.objects.get().venue == "My room"


def test_a_dropped_file_is_off_the_list_and_saves_nothing(
    as_: Any, staff: User
) -> None:
    browser, read_in = as_(staff), ReadInFactory(minutes=READ)
    sent = fields_of(browser.get(page_of(read_in)), do="save")
    address = reverse("import_drop", args=[read_in.pk])
    assert "Drop “" in browser.get(address).content.decode()
    assert browser.post(address, {"submission": uuid.uuid4()}).status_code == 302
    late = browser.post(page_of(read_in), sent)
    assert late.status_code == 422
    away = browser.get(page_of(read_in))
    assert "was dropped. Hand it in again" in said(away)
    assert not Meeting.objects.exists()
    browser.get(reverse("imports"))  # says so once
    assert read_in.name not in browser.get(reverse("imports")).content.decode()


def test_a_file_saved_is_not_dropped(as_: Any, staff: User) -> None:
    read_in = ReadInFactory(state="saved", meeting=MeetingFactory())
    address = reverse("import_drop", args=[read_in.pk])
    away = as_(staff).post(address, {"submission": uuid.uuid4()})
    assert away.url == read_in.get_absolute_url()


@pytest.mark.parametrize("who", ["commissioner", "liaison"])
def test_nobody_else_may_read_minutes_in(as_: Any, request: Any, who: str) -> None:
    browser, read_in = as_(request.getfixturevalue(who)), ReadInFactory(minutes=READ)
    addresses = [
        reverse("imports"),
        reverse("import_read"),
        page_of(read_in),
        reverse("import_drop", args=[read_in.pk]),
    ]
    for address in addresses:
        for answer in (browser.get(address), browser.post(address)):
            assert answer.status_code == 403
    read_in.refresh_from_db()
    assert read_in.state == "to_check"


def test_a_stranger_signs_in_first(client: Client) -> None:
    read_in = ReadInFactory(minutes=READ)
    for address in (reverse("imports"), page_of(read_in)):
        assert client.get(address).url.startswith(reverse("account_login"))
    assert client.post(reverse("import_read")).status_code == 302


def test_a_long_text_shows_what_became_something(as_: Any, staff: User) -> None:
    lines = (*READ.lines, *(f"Line {n}" for n in range(7, 5001)))
    read_in = ReadInFactory(minutes=replace(READ, lines=lines))
    page = as_(staff).get(page_of(read_in)).content.decode()
    assert 'id="line-6"' in page
    assert 'id="line-4000"' not in page


def test_the_page_asks_the_same_number_of_questions_at_1_and_30_rows(
    as_: Any, staff: User, django_assert_num_queries: Any
) -> None:
    browser = as_(staff)
    many = replace(
        READ,
        lines=("many",),
        attendees=tuple(ReadAttendee(f"Name {n}", 1) for n in range(30)),
        items=tuple(ReadItem(f"Item {n}", 1) for n in range(30)),
        actions=tuple(ReadAction(f"Do {n}", 1, item=n) for n in range(30)),
    )
    few, more = ReadInFactory(minutes=READ), ReadInFactory(minutes=many)
    ThemeFactory.create_batch(30)
    with django_assert_num_queries(8):
        browser.get(page_of(few))
    PersonFactory.create_batch(30)
    with django_assert_num_queries(8):
        browser.get(page_of(more))


def test_an_earlier_action_offers_those_of_the_register(as_: Any, staff: User) -> None:
    held = MeetingFactory(date=dt.date(2024, 1, 1), state="draft")
    known = ActionFactory(meeting=held, text="Write the plan for all custody suites")
    action = ReadAction("Finish the plan for all custody suites", 6, earlier=True)
    read_in = ReadInFactory(minutes=replace(READ, actions=(action,)))
    browser = as_(staff)
    page = browser.get(page_of(read_in)).content.decode()
    assert "An update of 2024/01: Write the plan" in page
    send(
        browser,
        read_in,
        actions__1__becomes=str(known.pk),
        actions__1__update="Half done",
    )
    assert known.updates.last().text == "Half done"


def test_an_action_raised_after_the_meeting_is_not_offered(
    as_: Any, staff: User
) -> None:
    later = MeetingFactory(date=dt.date(2026, 1, 1), state="draft")
    ActionFactory(meeting=later, text="Write the plan for all custody suites")
    action = ReadAction("Finish the plan for all custody suites", 6, earlier=True)
    read_in = ReadInFactory(minutes=replace(READ, actions=(action,)))
    page = as_(staff).get(page_of(read_in)).content.decode()
    assert "An update of 2026/01" not in page
