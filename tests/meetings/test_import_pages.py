"""Handing old minutes in, reading them, and the page on which they are checked."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions.models import Action
from assurance.models import StoredFile, User
from meetings.models import Meeting, ReadIn
from meetings.reader.minutes import (
    Day,
    Facts,
    ReadAction,
    ReadAttendee,
    ReadItem,
    ReadMinutes,
    ReadNext,
    Warned,
    Words,
)
from meetings.reader.source import Refused
from meetings.taking_in import drop, read_waiting, take_in, understood
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    PersonFactory,
    ReadInFactory,
    ThemeFactory,
)
from tests.meetings.pages import Fields, said

HELD = dt.date(2025, 3, 26)
READ = ReadMinutes(
    lines=(
        "Monthly board",
        "26 March 2025",
        "Present: Anna Bell (OPCC), Ed Frost (Force)",
        "1 Custody",
        "Said that <b>all</b> is well",
        "ACTION: Force to share the plan",
    ),
    facts=Facts(type=Words("Monthly board", 1), date=Day(HELD, 2)),
    attendees=(
        ReadAttendee("Anna Bell", 3, "Commissioner", "PCC", "OPCC"),
        ReadAttendee("Ed Frost", 3, "Chief Constable", "CC", "Force"),
    ),
    items=(ReadItem("Custody", 4, "1", notes="All is well\n\n[[action #1]]"),),
    actions=(ReadAction("Share the plan", 6, owner="Force", item=0),),
)
DOUBTFUL = replace(
    READ,
    actions=(replace(READ.actions[0], doubt="The owner is not plain"),),
    warnings=(Warned(5, "A page number in the text is left out."),),
)
TEXT = b"""Monthly board
26 March 2025 at 10am
Chair: Anna Bell

Present:
- Anna Bell (PCC), Commissioner, The office

1. Custody
All is well.
ACTION: PCC to share the plan.
"""
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registers() -> None:
    MeetingTypeFactory(name="Monthly board")
    OrganisationFactory(name="The office", short_names="OPCC")
    OrganisationFactory(name="The force", short_names="Force")


def hand_in(client: Client, *files: tuple[str, bytes], **fields: Any) -> HttpResponse:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    fields.setdefault("submission", uuid.uuid4())
    return client.post(reverse("imports"), {"minutes": sent, **fields})


def read_next(client: Client) -> HttpResponse:
    return client.post(reverse("import_read"))


def page_of(read_in: ReadIn) -> str:
    return reverse("import_check", args=[read_in.pk])


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


# Handing in


def test_an_empty_page_says_what_to_do(as_: Any, staff: User) -> None:
    page = as_(staff).get(reverse("imports")).content.decode()
    assert "Nothing waits to be checked. Choose files above to begin." in page
    assert "Reading</h2>" not in page


def test_the_list_of_meetings_leads_here_those_who_may(
    as_: Any, staff: User, commissioner: User
) -> None:
    address = f'href="{reverse("imports")}"'
    assert address in as_(staff).get(reverse("meetings")).content.decode()
    assert address not in as_(commissioner).get(reverse("meetings")).content.decode()


def test_files_wait_and_are_read_one_by_one(as_: Any, staff: User) -> None:
    browser = as_(staff)
    response = hand_in(browser, ("a.txt", TEXT), ("b.txt", b"Something else entirely"))
    assert response.url == f"{reverse('imports')}#files"
    assert "2 files are here to be read" in said(response)
    assert "0 of 2 files read" in browser.get(reverse("imports")).content.decode()
    answer = read_next(browser)
    assert "1 of 2 files read" in browser.get(answer.url).content.decode()
    read_next(browser)
    states = ReadIn.objects.order_by("pk").values_list("state", flat=True)
    assert ReadIn.State.WAITING not in states
    first = ReadIn.objects.get(name="a.txt")
    assert (first.state, first.by) == ("to_check", staff)
    assert first.summary == "1 action, 1 person, 1 heading understood"
    assert not StoredFile.objects.exists()
    assert not Meeting.objects.exists()


def test_reading_when_nothing_waits_changes_nothing(as_: Any, staff: User) -> None:
    assert read_next(as_(staff)).status_code == 302
    assert as_(staff).get(reverse("import_read")).status_code == 405


def test_pasted_text_is_read_like_a_file(as_: Any, staff: User) -> None:
    browser = as_(staff)
    hand_in(browser, text=TEXT.decode())
    read_next(browser)
    assert ReadIn.objects.get().name == "Pasted text.txt"
    assert ReadIn.objects.get().state == "to_check"


def test_nothing_handed_in_is_said(as_: Any, staff: User) -> None:
    response = hand_in(as_(staff), text="  \n ")
    assert response.status_code == 422
    assert "Choose a file, or paste the text" in response.content.decode()
    assert not ReadIn.objects.exists()


def test_what_cannot_be_read_is_listed_with_its_sentence(
    as_: Any, staff: User, settings: Any
) -> None:
    settings.MAX_FILE_MB = 0.001
    browser = as_(staff)
    hand_in(browser, ("empty.txt", b""), ("long.txt", b"x" * 2000), ("a.doc", b"x"))
    read_next(browser)
    page = browser.get(reverse("imports")).content.decode()
    assert "“empty.txt” is empty" in page
    assert "“long.txt” is 2 KB; the most is 0.001 MB" in page
    assert "“a.doc” cannot be read" in page
    assert set(ReadIn.objects.values_list("state", flat=True)) == {"refused"}
    refused = ReadIn.objects.get(name="a.doc")
    away = browser.get(page_of(refused))
    assert away.url == reverse("imports")
    assert "could not be read" in said(away)


def test_the_same_file_again_leads_to_where_it_is(as_: Any, staff: User) -> None:
    browser = as_(staff)
    hand_in(browser, ("a.txt", TEXT))
    assert "waits to be read" in said(hand_in(browser, ("b.txt", TEXT)))
    read_next(browser)
    read_in = ReadIn.objects.get()
    again = hand_in(browser, ("c.txt", TEXT))
    assert again.url == page_of(read_in)
    meeting = MeetingFactory()
    read_in.become(meeting)
    assert hand_in(browser, ("d.txt", TEXT)).url == meeting.get_absolute_url()
    assert ReadIn.objects.count() == 1


def test_the_same_words_in_another_file_are_checked_once(as_: Any, staff: User) -> None:
    browser = as_(staff)
    hand_in(browser, ("a.txt", TEXT), ("b.txt", TEXT.replace(b"\n", b"\r\n\r\n")))
    read_next(browser)
    read_next(browser)
    first, second = ReadIn.objects.order_by("pk")
    assert (second.state, second.same_as) == ("dropped", first)
    page = browser.get(reverse("imports")).content.decode()
    assert "b.txt has the same words as" in page
    assert browser.get(page_of(second)).url == page_of(first)


def test_a_form_sent_twice_hands_in_once(as_: Any, staff: User) -> None:
    browser, token = as_(staff), uuid.uuid4()
    first = hand_in(browser, ("a.txt", TEXT), submission=token)
    second = hand_in(browser, ("a.txt", TEXT), submission=token)
    assert first.url == second.url
    assert ReadIn.objects.count() == 1


def test_content_lies_outside_until_it_is_read_and_then_is_gone(staff: User) -> None:
    read_in = take_in(b"Words", name="../../etc/a\x07.txt", by=staff).read_in
    assert read_in.name == "a.txt"
    assert read_in.content is not None
    path = str(read_in.content.content.name)
    assert "a.txt" not in path
    assert default_storage.exists(path)
    drop(read_in)
    read_in.refresh_from_db()
    assert (read_in.state, read_in.content) == ("dropped", None)


def test_whoever_reads_a_file_second_changes_nothing(staff: User) -> None:
    waiting = take_in(b"Words", name="a.txt", by=staff).read_in
    late = ReadIn.objects.select_related("content").get(pk=waiting.pk)
    with late.content.content.open("rb") as kept:
        content = kept.read()

    def slow(data: bytes, name: str) -> ReadMinutes:
        assert data == content
        read_waiting(waiting, reader=lambda *_: READ, doubts=lambda _: 7)
        raise Refused("It took too long")

    held = read_waiting(late, reader=slow, doubts=lambda _: 0)
    assert (held.state, held.doubts) == ("to_check", 7)


def test_what_no_database_takes_is_left_out(staff: User) -> None:
    odd = replace(READ, lines=("A\x00B", "C\ud800D"))
    waiting = take_in(b"Words", name="a.txt", by=staff).read_in
    held = read_waiting(waiting, reader=lambda *_: odd, doubts=lambda _: 0)
    assert understood(held).lines == ("AB", "C?D")


def test_the_list_asks_the_same_number_of_questions_at_1_and_30_rows(
    as_: Any, staff: User, django_assert_num_queries: Any
) -> None:
    browser = as_(staff)

    def rows(count: int) -> None:
        for state in ("to_check", "refused"):
            for _ in range(count):
                refusal = "It is empty" if state == "refused" else ""
                ReadInFactory(state=state, refusal=refusal, by=staff)
        for _ in range(count):
            ReadInFactory(state="saved", meeting=MeetingFactory(), by=staff)

    rows(1)
    with django_assert_num_queries(7):
        browser.get(reverse("imports"))
    rows(29)
    with django_assert_num_queries(7):
        browser.get(reverse("imports"))


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
        {"actions-1-text": "Share both plans"},
        {"actions-1-drop": "on"},
    ],
)
def test_a_doubt_is_decided_by_keeping_changing_or_dropping(
    as_: Any, staff: User, decision: dict[str, str]
) -> None:
    browser, read_in = as_(staff), ReadInFactory(minutes=DOUBTFUL)
    sent = fields_of(browser.get(page_of(read_in)), do="save") | decision
    assert browser.post(page_of(read_in), sent).status_code == 422
    answer = browser.post(page_of(read_in), sent | {"warnings-right": "on"})
    assert answer.status_code == 302
    texts = list(Action.objects.values_list("text", flat=True))
    if "actions-1-drop" in decision:
        assert texts == []
    else:
        assert texts == [decision.get("actions-1-text", "Share the plan")]


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


def test_a_save_sent_twice_makes_one_meeting(as_: Any, staff: User) -> None:
    browser, read_in = as_(staff), ReadInFactory(minutes=READ)
    sent = fields_of(browser.get(page_of(read_in)), do="save")
    first = browser.post(page_of(read_in), sent)
    second = browser.post(page_of(read_in), sent)
    other = browser.post(page_of(read_in), sent | {"submission": uuid.uuid4()})
    assert first.url == second.url == other.url
    assert Meeting.objects.count() == 1
    assert Action.objects.count() == 1


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
    away = browser.post(page_of(read_in), sent)
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


# The command


def command(capsys: Any, *args: str) -> str:
    try:
        call_command("import_minutes", *args)
    except CommandError as error:
        return capsys.readouterr().out + str(error)
    return capsys.readouterr().out


@pytest.fixture
def paths(tmp_path: Any) -> list[str]:
    found = []
    for name, content in {
        "plain.txt": TEXT,
        "doubtful.txt": TEXT.replace(b"PCC to", b"XYZ to"),
        "odd.doc": b"x",
    }.items():
        (tmp_path / name).write_bytes(content)
        found.append(str(tmp_path / name))
    return found


def test_without_yes_the_command_says_what_it_would_save(
    capsys: Any, paths: list[str]
) -> None:
    out = command(capsys, *paths)
    assert "plain.txt: Monthly board, 26 March 2025, 1 action" in out
    assert "Nothing was saved. Add --yes" in out
    assert "“odd.doc” cannot be read" in out
    assert not ReadIn.objects.exists()
    assert not Meeting.objects.exists()


def test_with_yes_it_saves_what_is_plain_and_names_what_waits(
    capsys: Any, paths: list[str], staff: User
) -> None:
    out = command(capsys, *paths, "--yes", "--by", staff.email.upper())
    states = dict(ReadIn.objects.values_list("name", "state"))
    assert states == {
        "plain.txt": "saved",
        "doubtful.txt": "to_check",
        "odd.doc": "refused",
    }
    assert "Saved as draft minutes: 1\n  plain.txt: Monthly board, 26 March 2025" in out
    assert "To be checked, on the page “Read minutes in”: 1\n  doubtful.txt: " in out
    assert "Not read: 1\n  “odd.doc” cannot be read" in out
    again = command(capsys, *paths[:2], "--yes", "--by", staff.email)
    assert "Read in before, nothing was added: 2" in again
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize("by", [(), ("--by", "nobody@office.example")])
def test_the_command_saves_for_an_account_that_may(
    paths: list[str], by: tuple[str, ...]
) -> None:
    with pytest.raises(CommandError):
        call_command("import_minutes", paths[0], "--yes", *by)
    assert not ReadIn.objects.exists()


def test_the_command_saves_for_no_commissioner(
    paths: list[str], commissioner: User
) -> None:
    with pytest.raises(CommandError, match="no active account of staff"):
        call_command("import_minutes", paths[0], "--yes", "--by", commissioner.email)


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
