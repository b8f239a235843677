"""What is chosen of words that may name somebody shown by post only: they stay, or the
post takes their place in the public edition, exactly there, and who chose is kept.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.publishing import (
    CHANGED,
    NOT_SHOWN,
    Edition,
    prepare,
    publish,
    standing_of,
    withdraw,
)
from assurance.handover.verifying import _worked_out
from assurance.models import User
from meetings.doubtful import LEAVE, REPLACE, Doubt
from meetings.models import Meeting, MinutesVersion
from meetings.publication import Known, public_record
from meetings.record import Record, Seat, from_json
from meetings.versions import agreed_version, keep_version
from tests.assurance.removals import MARK, remove_all
from tests.factories import (
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    MinutesVersionFactory,
)
from tests.meetings.pages import as_shown
from tests.meetings.published import FILES, agree_now
from tests.meetings.records import item, record_of, said
from tests.meetings.records import publish as made_public
from tests.meetings.test_publication import PLACES

SAM = Seat("Sam John May", "Clerk", named_publicly=False)
NOTES = "It was May who asked.\n\nThen a long talk was had about it. May left at noon."


def as_chosen(record: Record, *, put: list[Doubt] | None = None) -> Record:
    doubts = made_public(record).doubts if put is None else put
    return public_record(record, Known(), doubts).record


# Exactly those places


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["May", "Mr May", "SJM", "S. May", "word", "May 2025"]),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_the_post_stands_exactly_where_it_was_put(
    pieces: list[tuple[str, bool]],
) -> None:
    filler = "some words that are said between the names and fill the quote"
    notes = "\n".join(f"{n} {filler} {word}." for n, (word, _) in enumerate(pieces))
    record = record_of(item(notes=notes), seats=(SAM,))
    doubts = made_public(record).doubts
    named = [word not in ("word", "May 2025") for word, _ in pieces]
    chosen = [put for (_, put), name in zip(pieces, named, strict=True) if name]
    assert len(doubts) == len(chosen)
    put = [one for one, is_put in zip(doubts, chosen, strict=True) if is_put]
    public = public_record(record, Known(), put)
    assert public.record.items[0].notes == "\n".join(
        f"{n} {filler} {'[Clerk]' if is_put and is_name else word}."
        for n, ((word, is_put), is_name) in enumerate(zip(pieces, named, strict=True))
    )
    assert public.doubts == doubts


@pytest.mark.parametrize("place", sorted(PLACES.keys() - {"abbreviation"}))
def test_the_post_is_put_in_the_place_of_a_doubt_wherever_it_stands(
    place: str,
) -> None:
    seat = Seat("Lucy Milner", "Support Officer", named_publicly=False)
    record = PLACES[place]("Then MILNER’s paper")
    record = replace(record, seats=(*record.seats, seat))
    assert "MILNER" in said(made_public(record).record)
    public = as_chosen(record)
    assert "milner" not in said(public).casefold()
    assert "[Support Officer]’s paper" in said(public)


def test_places_that_read_alike_give_way_together() -> None:
    notes = ("x " * 40 + "May went." + " y" * 40 + "\n") * 3
    record = record_of(item(notes=notes), seats=(SAM,))
    assert as_chosen(record).items[0].notes.count("[Clerk] went.") == 3


def test_what_may_mean_two_people_gives_way_to_neither_of_their_posts() -> None:
    other = replace(SAM, name="Ann May", capacity="Analyst")
    record = record_of(item(notes="Then May asked"), seats=(SAM, other))
    assert as_chosen(record).items[0].notes == "Then [name not published] asked"


@pytest.mark.parametrize("named", ["Ann Lee", "Lee"])
def test_a_post_that_names_somebody_is_put_in_nobodys_place(named: str) -> None:
    lee = Seat("Ann Lee", "Director", named_publicly=False)
    sam = replace(SAM, capacity=f"Assistant to {named}")
    record = record_of(item(notes="May left, with Sam John May"), seats=(sam, lee))
    (notes,) = [one.notes for one in as_chosen(record).items]
    assert notes.startswith("[name not published] left, with [")
    assert "Ann Lee" not in notes


# Kept with the edition


@pytest.fixture
def meeting(staff: User) -> Meeting:
    """Agreed minutes in which two places may name whoever is shown by post only."""
    return agreed_with(NOTES, staff)


def agreed_with(notes: str, by: User) -> Meeting:
    meeting: Meeting = MeetingFactory(title="Workforce")
    AttendeeFactory(
        meeting=meeting,
        person__name="Sam John May",
        capacity="Clerk",
        named_publicly=False,
    )
    AgendaItemFactory(meeting=meeting, heading="Retention", notes=notes)
    agree_now(meeting, by)
    return meeting


def amend(meeting: Meeting, notes: str, by: User) -> None:
    def amended(record: Record) -> Record:
        return record.with_item(replace(record.items[0], notes=notes))

    amend_record(meeting, amended, by)


def amend_record(
    meeting: Meeting, amended: Callable[[Record], Record], by: User
) -> None:
    before = agreed_version(meeting)
    assert before
    keep_version(
        amended(from_json(before.content)),
        meeting=meeting,
        kind="agreed",
        by=by,
        made_from=before,
        what="As it was said",
        why="A slip",
    )


def chosen(meeting: Meeting, *choices: str) -> Edition:
    edition = prepare(meeting)
    keys = [one.key for one in edition.publication.doubts]
    return edition.with_choices(dict(zip(keys, choices, strict=True)))


def published(meeting: Meeting, *choices: str, by: User, why: str = "") -> Any:
    return publish(chosen(meeting, *choices), documents={}, by=by, why=why)


def refusal(call: Any) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        call()
    return list(refused.value.messages)


def notes_of(version: MinutesVersion) -> str:
    return from_json(version.content).items[0].notes


def test_what_was_left_and_what_was_replaced_is_kept_with_the_edition_and_not_in_it(
    meeting: Meeting, staff: User
) -> None:
    version = published(meeting, LEAVE, REPLACE, by=staff)
    version.refresh_from_db()
    assert notes_of(version) == NOTES.replace("May left", "[Clerk] left")
    (left,), (replaced,) = version.names_left, version.names_replaced
    assert left.startswith("1 Retention: “May” in “It was May who asked.")
    assert left.endswith("may name Sam John May, Clerk, who is shown by post only")
    assert "about it. May left at noon.” may name Sam John May, Clerk" in replaced
    assert replaced.endswith("; the public reads “[Clerk]”")
    assert (version.by, version.is_intact) == (staff, True)
    for words in ("Sam", "left at noon. May"):
        assert words not in f"{version.content} {version.text}"


def test_the_agreed_minutes_stay_as_they_are(meeting: Meeting, staff: User) -> None:
    published(meeting, REPLACE, REPLACE, by=staff)
    agreed = agreed_version(meeting)
    assert agreed
    assert notes_of(agreed) == NOTES


def test_what_was_chosen_is_covered_by_the_checksum_and_never_changed(
    meeting: Meeting, staff: User
) -> None:
    version = published(meeting, LEAVE, REPLACE, by=staff)
    rows = MinutesVersion.objects.filter(pk=version.pk)
    for column in ("let_pass", "replaced"):
        other = rows.get()
        setattr(other, column, "Another thing")
        assert not other.is_intact
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            rows.update(**{column: ""})
        table = MinutesVersion._meta.db_table
        sql = f"UPDATE {table} SET {column} = '' WHERE id = %s"
        with (
            pytest.raises(IntegrityError, match="written once"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, [version.pk])


def test_a_version_from_before_choices_were_kept_has_the_checksum_it_had(
    db: None,
) -> None:
    version = MinutesVersionFactory(published=True)
    values = MinutesVersion.objects.filter(pk=version.pk).values().get()
    row = values | {"at": version.at.isoformat()}
    checksums = {version.made_from_id: version.made_from.checksum}
    assert _worked_out(row, checksums, {}) == version.checksum
    del row["let_pass"], row["replaced"]
    assert _worked_out(row, checksums, {}) == version.checksum


def test_only_what_is_published_has_names_that_were_decided(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MinutesVersionFactory(let_pass="A name")


def test_nothing_is_published_over_a_doubt_of_which_nothing_was_chosen(
    meeting: Meeting, staff: User
) -> None:
    first, second = prepare(meeting).publication.doubts
    edition = prepare(meeting).with_choices({first.key: REPLACE})
    said = refusal(lambda: publish(edition, documents={}, by=staff))
    assert said == [second.refusal]


def test_a_removal_for_data_protection_removes_names_that_were_decided(
    meeting: Meeting, staff: User, administrator: User
) -> None:
    version = published(meeting, LEAVE, REPLACE, by=staff)
    remove_all("Sam John May", by=administrator)
    kept = MinutesVersion.objects.get(pk=version.pk)
    for line in (*kept.names_left, *kept.names_replaced):
        assert f"may name {MARK}, Clerk" in line
    assert kept.is_intact
    assert kept.checksum != version.checksum


# The next edition


def test_a_choice_is_made_already_where_words_and_place_are_as_they_were(
    meeting: Meeting, staff: User
) -> None:
    published(meeting, LEAVE, REPLACE, by=staff)
    assert prepare(meeting).is_public_already
    standing = standing_of(meeting)
    assert standing
    assert not standing.has_changed
    amend(meeting, f"{NOTES}\n\nThen nothing more was said of any of it.", staff)
    edition = prepare(meeting)
    assert list(edition.chosen_before.values()) == [LEAVE]
    (asked,) = edition.undecided
    assert asked.quote.endswith("May left at noon. Then nothing more was…")
    said = refusal(lambda: publish(edition, documents={}, by=staff, why="Amended"))
    assert said == [asked.refusal]


def test_a_doubt_is_asked_again_when_somebody_else_may_be_meant(
    meeting: Meeting, staff: User
) -> None:
    published(meeting, LEAVE, REPLACE, by=staff)

    def amended(record: Record) -> Record:
        clerk, *others = record.seats
        return replace(record, seats=(replace(clerk, capacity="Treasurer"), *others))

    amend_record(meeting, amended, staff)
    edition = prepare(meeting)
    assert len(edition.undecided) == 2
    assert "May left" in edition.record.items[0].notes


def test_after_a_withdrawal_everything_is_asked_again(
    meeting: Meeting, staff: User
) -> None:
    withdraw(
        published(meeting, LEAVE, REPLACE, by=staff), why="A name was in it", by=staff
    )
    edition = prepare(meeting)
    assert len(edition.undecided) == 2


def test_another_choice_alone_is_a_new_edition(meeting: Meeting, staff: User) -> None:
    first = published(meeting, LEAVE, REPLACE, by=staff)
    second = published(meeting, REPLACE, REPLACE, by=staff, why="She asked for it")
    assert "May" not in notes_of(second)
    assert "It was May" in notes_of(first)
    assert (second.let_pass, len(second.names_replaced)) == ("", 2)


# The page


def page_of(meeting: Meeting) -> str:
    return reverse("publish", args=[meeting.pk])


def show(browser: Client, meeting: Meeting, sent: dict[str, Any]) -> HttpResponse:
    return browser.post(page_of(meeting), sent | {"show": "show"})


def question(response: HttpResponse, number: int = 0) -> Any:
    return response.context["form"].questions[number]


def preview(response: HttpResponse) -> str:
    return response.content.decode().partition('id="preview"')[2]


def test_nothing_is_chosen_beforehand_and_what_is_missing_is_led_to(
    as_: Any, staff: User, meeting: Meeting
) -> None:
    browser = as_(staff)
    page = browser.get(page_of(meeting))
    assert " checked" not in page.text
    response = browser.post(page_of(meeting), as_shown(page.context["form"]))
    assert response.status_code == 422
    asked = question(response)
    assert f'<a href="#id_{asked.key}_1">' in response.text
    assert f'id="id_{asked.key}_1" value="leave"' in response.text
    assert "Choose what the public reads for “May” in 2 places" in response.text
    assert not meeting.versions.published().exists()


def test_the_preview_shows_what_was_chosen_before_anything_is_public(
    as_: Any, staff: User, meeting: Meeting
) -> None:
    browser = as_(staff)
    page = browser.get(page_of(meeting))
    assert "It was May who asked" in preview(page)
    sent = as_shown(page.context["form"]) | {question(page).key: REPLACE}
    shown = show(browser, meeting, sent)
    assert shown.status_code == 200
    assert "It was [Clerk] who asked" in preview(shown)
    assert "There is a problem" not in shown.text
    assert not meeting.versions.published().exists()
    response = browser.post(page_of(meeting), as_shown(shown.context["form"]))
    assert response.status_code == 302
    assert "May" not in notes_of(meeting.versions.published().get())


def test_what_the_preview_did_not_show_yet_is_shown_first(
    as_: Any, staff: User, meeting: Meeting
) -> None:
    browser = as_(staff)
    page = browser.get(page_of(meeting))
    sent = as_shown(page.context["form"]) | {question(page).key: REPLACE}
    response = browser.post(page_of(meeting), sent)
    assert response.status_code == 422
    assert f'<a href="#preview">{NOT_SHOWN}</a>' in response.text
    assert "It was [Clerk] who asked" in preview(response)
    again = as_shown(response.context["form"])
    answers = [browser.post(page_of(meeting), again) for _ in range(2)]
    assert [one.status_code for one in answers] == [302, 302]
    assert meeting.versions.published().count() == 1


def test_what_is_left_needs_no_other_preview(
    as_: Any, staff: User, meeting: Meeting
) -> None:
    browser = as_(staff)
    page = browser.get(page_of(meeting))
    sent = as_shown(page.context["form"]) | {question(page).key: LEAVE}
    assert browser.post(page_of(meeting), sent).status_code == 302
    assert len(meeting.versions.published().get().names_left) == 2


def test_places_of_the_same_words_are_chosen_one_by_one_if_one_likes(
    as_: Any, staff: User, meeting: Meeting
) -> None:
    browser = as_(staff)
    page = browser.get(page_of(meeting))
    first, second = question(page).doubts
    sent = as_shown(page.context["form"]) | {question(page).key: "each"}
    shown = show(browser, meeting, sent)
    sent = as_shown(shown.context["form"]) | {second.key: REPLACE}
    response = browser.post(page_of(meeting), sent)
    assert list(response.context["form"].errors) == [first.key]
    assert f'<a href="#id_{first.key}_1">' in response.text
    sent = as_shown(response.context["form"]) | {first.key: LEAVE}
    assert sent[second.key] == [REPLACE]
    assert browser.post(page_of(meeting), sent).status_code == 302
    (version,) = meeting.versions.published()
    assert notes_of(version) == NOTES.replace("May left", "[Clerk] left")


@pytest.mark.parametrize("answer", ["", "each", "both", "leave\x00"])
def test_what_is_no_choice_is_refused(as_: Any, staff: User, answer: str) -> None:
    meeting = agreed_with("It was May who asked", staff)
    browser = as_(staff)
    page = browser.get(page_of(meeting))
    sent = as_shown(page.context["form"]) | {question(page).key: answer}
    for response in (
        browser.post(page_of(meeting), sent),
        show(browser, meeting, sent),
    ):
        assert response.status_code in (422, 200)
        assert "It was May who asked" in preview(response)
    assert not meeting.versions.published().exists()


def test_minutes_amended_meanwhile_are_looked_at_again_and_choices_stay(
    as_: Any, staff: User
) -> None:
    notes = "So Sam agreed to it all.\n\nIt was May who asked."
    meeting = agreed_with(notes, staff)
    browser = as_(staff)
    page = browser.get(page_of(meeting))
    keys = {question.words: question.key for question in page.context["form"].questions}
    chosen = {keys["May"]: LEAVE, keys["Sam"]: REPLACE}
    page = show(browser, meeting, as_shown(page.context["form"]) | chosen)
    amend(meeting, f"{notes} And then it was May again.", staff)
    response = browser.post(page_of(meeting), as_shown(page.context["form"]))
    assert response.status_code == 422
    form = response.context["form"]
    assert CHANGED in response.text
    asked = {one.words: form[one.key].value() for one in form.questions}
    assert asked == {"Sam": REPLACE, "May": None}
    assert "So [Clerk] agreed" in preview(response)
    assert not meeting.versions.published().exists()


def test_what_was_chosen_for_the_public_version_is_offered_and_said_to_be_so(
    as_: Any, staff: User, meeting: Meeting
) -> None:
    published(meeting, LEAVE, REPLACE, by=staff)
    browser = as_(staff)
    page = browser.get(page_of(meeting))
    assert "Nothing has changed since" in page.text
    assert "Chosen for version 1" in page.text
    assert "Publish version" not in page.text
    first, second = question(page).doubts
    sent = as_shown(page.context["form"])
    assert (sent[first.key], sent[second.key]) == ([LEAVE], [REPLACE])
    shown = show(browser, meeting, sent | {first.key: REPLACE})
    assert "Publish version 2" in shown.text
    sent = as_shown(shown.context["form"]) | {"why": "She asked for it"}
    assert browser.post(page_of(meeting), sent).status_code == 302
    assert "May" not in notes_of(meeting.versions.published().get(number=2))


def test_new_places_of_the_same_words_are_asked_about_before_those_decided(
    as_: Any, staff: User
) -> None:
    meeting = agreed_with("It was May who asked.\n\n" + "x " * 40, staff)
    published(meeting, REPLACE, by=staff)
    amend(meeting, f"It was May who asked.\n\n{'x ' * 40}\n\nMay left.", staff)
    page = as_(staff).get(page_of(meeting))
    new, known = page.context["form"].questions
    assert (new.is_decided, new.doubts[0].quote[-9:]) == (False, "May left.")
    assert (known.is_decided, known.doubts[0].quote[:10]) == (True, "It was May")
    assert page.text.count(" checked") == 1


def test_who_only_reads_sees_the_doubts_and_no_choice(
    as_: Any, client: Client, commissioner: User, liaison: User, meeting: Meeting
) -> None:
    page = as_(commissioner).get(page_of(meeting))
    assert "“May” in “It was May who asked." in page.text
    assert 'type="radio"' not in page.text
    key = question(page).key
    before = MinutesVersion.objects.count()
    for user in (commissioner, liaison):
        assert show(as_(user), meeting, {key: REPLACE}).status_code in (403, 404)
    answer = show(Client(), meeting, {key: REPLACE})
    assert answer.url.startswith("/accounts/login/")
    assert MinutesVersion.objects.count() == before


def test_the_page_of_the_edition_says_to_the_office_alone_what_was_chosen_and_by_whom(
    as_: Any, staff: User, commissioner: User, liaison: User, meeting: Meeting
) -> None:
    edition = chosen(meeting, LEAVE, REPLACE)
    version = publish(edition, documents=FILES, by=staff)
    url = reverse("minutes_version", args=[meeting.pk, version.pk])
    page = as_(commissioner).get(url)
    assert f"Chosen by {staff.name} on" in page.text
    for line in (*version.names_left, *version.names_replaced):
        assert line in page.text
    assert as_(liaison).get(url).status_code in (403, 404)
    assert Client().get(url).url.startswith("/accounts/login/")
    public = Client().get(reverse("published_minutes", args=[meeting.pk]))
    assert "[Clerk] left" in public.text
    assert "Sam" not in public.text


def test_the_history_of_the_meeting_says_what_was_chosen(
    as_: Any, staff: User, administrator: User, meeting: Meeting
) -> None:
    published(meeting, LEAVE, REPLACE, by=staff)
    page = as_(administrator).get(reverse("history_of", args=["meetings", meeting.pk]))
    assert "Names left as they stand" in page.text
    assert "Names replaced by the post" in page.text
    assert "the public reads “[Clerk]”" in page.text


@pytest.mark.parametrize("places", [1, 30])
def test_the_page_takes_as_many_queries_for_thirty_doubts(
    as_: Any, staff: User, django_assert_num_queries: Any, places: int
) -> None:
    line = "{} was when it was said at length by May, and nobody said a word.\n\n"
    notes = "".join(line.format(2000 + n) for n in range(places))
    meeting = agreed_with(notes, staff)
    browser = as_(staff)
    browser.get(page_of(meeting))
    with django_assert_num_queries(10):
        page = browser.get(page_of(meeting))
    assert question(page).places == places
    assert page.text.count("<fieldset") == 1
