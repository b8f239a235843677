"""Old minutes are handed in and read one by one."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from assurance.models import StoredFile, User
from meetings.models import Meeting, ReadIn
from meetings.reader.minutes import (
    ReadMinutes,
)
from meetings.reader.source import Refused
from meetings.taking_in import drop, keep_checked, read_waiting, take_in, understood
from tests.factories import (
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    ReadInFactory,
)
from tests.meetings.old_minutes import READ, TEXT, hand_in, page_of, read_next
from tests.meetings.pages import said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registers() -> None:
    MeetingTypeFactory(name="Monthly board")
    OrganisationFactory(name="The office", short_names="OPCC")
    OrganisationFactory(name="The force", short_names="Force")


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


def test_a_file_with_more_than_one_page_can_show_is_refused(staff: User) -> None:
    waiting = take_in(b"Words", name="decade.txt", by=staff).read_in
    many = replace(READ, items=READ.items * 301)
    held = read_waiting(waiting, reader=lambda *_: many, doubts=lambda _: 0)
    assert (held.state, held.read) == ("refused", None)
    assert "301 headings" in held.refusal
    assert "one meeting" in held.refusal


def test_a_file_read_by_somebody_else_is_not_read_again(staff: User) -> None:
    waiting = take_in(b"Words", name="a.txt", by=staff).read_in
    late = ReadIn.objects.select_related("content").get(pk=waiting.pk)
    later = ReadIn.objects.get(pk=waiting.pk)
    read_waiting(waiting, reader=lambda *_: READ, doubts=lambda _: 7)
    default_storage.delete(late.content.content.name)
    for again in (late, later):
        held = read_waiting(again, reader=lambda *_: READ, doubts=lambda _: 0)
        assert (held.state, held.doubts) == ("to_check", 7)


def test_a_file_whose_content_is_lost_is_refused_and_the_next_is_read(
    as_: Any, staff: User
) -> None:
    lost = take_in(b"Words", name="a.txt", by=staff).read_in
    after = take_in(b"Other words", name="b.txt", by=staff).read_in
    assert lost.content is not None
    default_storage.delete(str(lost.content.content.name))
    read_next(as_(staff))
    lost.refresh_from_db()
    assert (lost.state, lost.refusal) == (
        "refused",
        "The content of “a.txt” is no longer there. Hand it in again",
    )
    read_next(as_(staff))
    after.refresh_from_db()
    assert after.state != "waiting"


@pytest.mark.parametrize("ends", ["saved", "dropped"])
def test_words_are_kept_until_a_file_is_saved_or_dropped(ends: str) -> None:
    read_in = ReadInFactory(minutes=READ, words_sha256="f" * 64)
    keep_checked(read_in, {"items-0-notes": ["Secret"]}, doubts=0, version=0)
    read_in.refresh_from_db()
    if ends == "saved":
        read_in.become(MeetingFactory())
    else:
        drop(read_in)
    read_in.refresh_from_db()
    assert (read_in.state, read_in.read, read_in.checked) == (ends, None, {})
    assert read_in.words_sha256 == "f" * 64
    past = ReadIn.history.model.objects.filter(id=read_in.pk).values()
    assert len(past) == 3
    assert "Secret" not in str(list(past))


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
