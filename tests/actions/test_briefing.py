"""The briefing: what a commissioner reads before a meeting, on page and paper alike."""

import datetime as dt
import re
from io import BytesIO
from typing import Any

import docx
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from actions.briefing import Block, Briefing, briefing
from actions.documents.briefing import briefing_document
from actions.models import Action, Due, Evidence, UpdateRequest
from actions.operations import cancel_meeting, send_update
from actions.reviewing import bring_forward, record_review, undo_review
from assurance.models import User
from meetings.models import AgendaItem, Kind, Meeting, Paper
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    PersonFactory,
    UserFactory,
    decision,
    stored_file,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


def day(offset: int) -> dt.date:
    return TODAY + dt.timedelta(days=offset)


def in_words(offset: int) -> str:
    return f"{day(offset).day} {day(offset):%B %Y}"


@pytest.fixture
def force() -> Any:
    return OrganisationFactory(name="West Mercia Police", short_names="WMP")


@pytest.fixture
def raised_at() -> Meeting:
    return MeetingFactory(state="draft", date=day(-60))


@pytest.fixture
def meeting() -> Meeting:
    return MeetingFactory(title="Workforce", date=day(9), venue="Hindlip Hall")


@pytest.fixture
def tracker_item(meeting: Meeting) -> AgendaItem:
    return AgendaItemFactory(
        meeting=meeting, heading="Action tracker", kind=Kind.ACTION_TRACKER, order=2
    )


@pytest.fixture
def flagged(force: Any, raised_at: Meeting) -> Any:
    """An action of the force, due so many days from today."""

    def make(offset: int | None = -5, **fields: Any) -> Action:
        due = Due() if offset is None else Due.on_date(day(offset))
        defaults = {"meeting": raised_at, "organisation": force}
        return ActionFactory(due=due, **defaults | fields)

    return make


def gather(meeting: Meeting, **fields: Any) -> Briefing:
    about: dict[str, Any] = {"user": UserFactory(commissioner=True), "today": TODAY}
    return briefing(Meeting.objects.get(pk=meeting.pk), **about | fields)


def blocks(found: Briefing) -> dict[str, list[Block]]:
    return {section.heading: list(section.blocks) for section in found.sections}


def only_block(meeting: Meeting) -> Block:
    ((block,),) = blocks(gather(meeting)).values()
    return block


def url(meeting: Meeting, file_format: str = "") -> str:
    query = f"?format={file_format}" if file_format else ""
    return reverse("briefing", args=[meeting.pk]) + query


def texts(browser: Client, meeting: Meeting) -> dict[str, str]:
    """What the page, the PDF and the Word file say, without line ends."""
    page = browser.get(url(meeting)).content.decode()
    pdf = PdfReader(BytesIO(browser.get(url(meeting, "pdf")).content))
    word = docx.Document(BytesIO(browser.get(url(meeting, "docx")).content))
    article = page[page.index("<article") : page.index("</article>")]
    cells = [c.text for t in word.tables for row in t.rows for c in row.cells]
    said = {
        "page": re.sub(r"<[^>]+>", "", article),
        "pdf": "\n".join(sheet.extract_text() for sheet in pdf.pages),
        "word": "\n".join([*(p.text for p in word.paragraphs), *cells]),
    }
    return {form: " ".join(text.split()) for form, text in said.items()}


# What the meeting must decide


def test_first_it_says_what_is_to_be_decided(meeting: Meeting, flagged: Any) -> None:
    by = UserFactory()
    for number in range(2):
        flagged(-number - 1)
        send_update(flagged(30), "Done", by=by, asks="closure")
    send_update(flagged(30), "More time", by=by, asks="date", asked_due_on=day(90))
    assert gather(meeting).decide == (
        "2 closures and 1 new date to decide; 2 actions are overdue."
    )


@pytest.mark.parametrize(
    ("asks", "offset", "sentence"),
    [
        (["closure"], 5, "1 closure to decide; no action is overdue."),
        ([], -5, "Nothing to decide; 1 action is overdue."),
        ([], 5, "Nothing to decide; no action is overdue."),
        (
            ["other", "closure"],
            -5,
            "1 closure and 1 other change to decide; no action is overdue.",
        ),
    ],
)
def test_the_sentence_is_good_english(
    meeting: Meeting, flagged: Any, asks: list[str], offset: int, sentence: str
) -> None:
    action = flagged(offset)
    for one in asks:
        send_update(action, "Said", by=UserFactory(), asks=one)
    assert gather(meeting).decide == sentence


def test_without_flagged_actions_it_says_so(as_: Any, meeting: Meeting) -> None:
    for text in texts(as_(UserFactory(commissioner=True)), meeting).values():
        assert "No action needs a decision, and none is overdue." in text
        assert "No action is on the list of this meeting." in text
        assert "There is no agenda yet." in text


def test_a_cancelled_meeting_has_nothing_to_decide(
    as_: Any, meeting: Meeting, flagged: Any, tracker_item: AgendaItem
) -> None:
    action = flagged()
    cancel_meeting(meeting, because="Nobody can come.", by=UserFactory())
    for text in texts(as_(UserFactory(commissioner=True)), meeting).values():
        assert "nothing to decide: Nobody can come." in text
        assert action.reference not in text
        assert "Action tracker" not in text


def test_a_meeting_that_does_not_review_the_tracker_has_no_list(flagged: Any) -> None:
    flagged()
    other = MeetingFactory(date=day(9), type=MeetingTypeFactory(reviews_tracker=False))
    found = gather(other)
    assert found.decide == "This meeting does not review the action tracker."
    assert (found.sections, found.reviews, found.changes) == ((), False, ())


# The agenda


def test_items_stand_in_order_with_what_was_asked_and_papers(
    as_: Any, meeting: Meeting, tracker_item: AgendaItem, flagged: Any
) -> None:
    action = flagged()
    first = AgendaItemFactory(
        meeting=meeting,
        heading="Custody",
        order=1,
        lead=PersonFactory(name="Alex Roe"),
        asked_of_force="Figures for each month",
        lines_of_enquiry="Why did it rise?",
    )
    last = AgendaItemFactory(meeting=meeting, heading="Estate", order=3)
    papers = [
        ("Early", {"due_on": day(-9), "received_on": day(-10)}, "received "),
        ("Tardy", {"due_on": day(-9), "received_on": day(-8)}, "Late"),
        ("Missing", {"due_on": day(-1)}, "not received, due"),
        ("Expected", {"due_on": day(3)}, "Awaited"),
    ]
    for title, fields, _ in papers:
        Paper.objects.create(item=first, title=title, **fields)
    found = gather(meeting)
    assert [item.heading for item in found.items] == [
        *("1 Custody", "2 Action tracker", f"3 {last.heading}")
    ]
    assert [paper.tag for paper in found.items[0].papers] == [
        *("", "Late", "Late", "Awaited")
    ]
    for form, text in texts(as_(UserFactory(commissioner=True)), meeting).items():
        order = [
            *("1 Custody", "Alex Roe", "Figures for each month", "Why did it rise?"),
            *(words for title, _, state in papers for words in (title, state)),
            *("2 Action tracker", "Overdue (1)", action.reference, "3 Estate"),
        ]
        places = [text.find(words) for words in order]
        assert -1 not in places, (form, order[places.index(-1)])
        assert sorted(places[:4]) == places[:4], form
        assert sorted(places[-4:]) == places[-4:], form


def test_without_an_item_for_it_the_list_stands_first(
    as_: Any, meeting: Meeting, flagged: Any
) -> None:
    AgendaItemFactory(meeting=meeting, heading="Custody")
    action = flagged()
    assert gather(meeting).list_stands_first
    for text in texts(as_(UserFactory(commissioner=True)), meeting).values():
        places = [
            text.index(words)
            for words in ("Review of actions", action.reference, "1 Custody")
        ]
        assert sorted(places) == places


def test_a_restricted_item_is_said_to_be_for_the_office(
    as_: Any, meeting: Meeting
) -> None:
    AgendaItemFactory(
        meeting=meeting, restricted=True, withheld=True, withheld_reason="s40"
    )
    for text in texts(as_(UserFactory(commissioner=True)), meeting).values():
        assert "For the office only" in text


# The list


def test_each_flagged_action_prints_once_with_its_latest_word(
    as_: Any, meeting: Meeting, tracker_item: AgendaItem, flagged: Any
) -> None:
    by = UserFactory()
    late, proposed, quiet = flagged(-12), flagged(4), flagged(None)
    late.add_update("The first word", by=by, provided_by="Sergeant")
    send_update(
        late,
        "The last word",
        by=by,
        provided_by="Inspector",
        evidence=[
            ("Survey", "https://force.example/survey"),
            ("Plan", stored_file()),
        ],
    )
    late.add_note("Between ourselves", by=by)
    late.add_update("Whispered", by=by, office_only=True)
    send_update(proposed, "It is done", by=by, asks="closure", provided_by="Chief")
    for form, text in texts(as_(UserFactory(commissioner=True)), meeting).items():
        for action in (late, proposed, quiet):
            assert text.count(action.reference) == 1, form
            assert text.count(action.text) == 1, form
        assert f"“The last word” Inspector, {in_words(0)}" in text, form
        assert "Evidence: Survey, Plan" in text, form
        assert "12 days overdue" in text, form
        assert f"Closure proposed; Due on {in_words(4)}" in text, form
        assert "“It is done”" in text, form
        assert "Asks for closure." in text, form
        assert text.count("No update received.") == 1, form
        for hidden in ("The first word", "Between ourselves", "Whispered"):
            assert hidden not in text, form
    plan = Evidence.objects.get(title="Plan")
    address = reverse("evidence_file", args=[late.year, late.number, plan.pk])
    page = as_(UserFactory(commissioner=True)).get(
        reverse("briefing", args=[meeting.pk])
    )
    assert f'href="{address}"' in page.text


def test_reasons_stand_in_their_order_each_with_its_meaning(
    meeting: Meeting, flagged: Any
) -> None:
    send_update(flagged(30), "Done", by=UserFactory(), asks="closure")
    flagged(-1)
    flagged(2)
    brought = flagged(50)
    bring_forward(brought, meeting, because="The survey", by=UserFactory())
    flagged(None)
    flagged(60)  # on no list
    found = gather(meeting)
    assert [(s.heading, len(s.blocks)) for s in found.sections] == [
        ("Awaiting a decision", 1),
        ("Overdue", 1),
        ("Due by this meeting", 1),
        ("Brought forward", 1),
        ("No date or no owner", 1),
    ]
    assert all(section.meaning.endswith(".") for section in found.sections)
    assert blocks(found)["Brought forward"][0].reasons == (
        "Brought forward: The survey",
    )


def test_it_says_how_often_the_date_moved_and_what_it_was_first(
    meeting: Meeting, flagged: Any
) -> None:
    action = flagged(-30)
    for offset in (-20, -10):
        due = Due.on_date(day(offset))
        action.redate(due, "Late", by=UserFactory(), decision=decision())
    block = only_block(meeting)
    assert block.due.endswith(f"; moved twice, first due {in_words(-30)}")
    assert block.reasons == ("10 days overdue; date moved twice",)


def test_what_is_not_issued_says_so(as_: Any, meeting: Meeting, flagged: Any) -> None:
    flagged(-1, issued=False)
    for text in texts(as_(UserFactory(commissioner=True)), meeting).values():
        assert "not issued" in text.lower()


def test_silence_says_since_when_word_was_asked_for(
    meeting: Meeting, flagged: Any, force: Any
) -> None:
    action, other = flagged(-3), MeetingFactory(date=day(40))
    asked_at = timezone.now() - dt.timedelta(days=2)

    def ask(where: Meeting) -> None:
        UpdateRequest.objects.create(
            meeting=where,
            action=action,
            organisation=force,
            asked_at=asked_at,
            asked_by=UserFactory(),
            due_at=timezone.now(),
        )

    ask(other)
    assert only_block(meeting).silence == "No update received"
    ask(meeting)
    asked = f"asked {day(-2).day} {day(-2):%B}"
    assert only_block(meeting).silence == f"No update received, {asked}"
    before = asked_at - dt.timedelta(days=5)
    action.add_update("Old news", by=UserFactory(), at=before)
    assert only_block(meeting).silence == f"No update received since, {asked}"
    action.add_update("As the office hears", by=UserFactory())
    said = f"No update received from {force.abbreviation}, {asked}"
    assert only_block(meeting).silence == said
    action.add_update("Fresh", by=UserFactory(), organisation=force)
    block = only_block(meeting)
    assert (block.silence, block.words[0].text) == ("", "Fresh")


def test_what_waits_for_an_answer_is_quoted_beside_the_latest_word(
    meeting: Meeting, flagged: Any
) -> None:
    action, by = flagged(30), UserFactory()
    send_update(action, "More time", by=by, asks="date", asked_due_on=day(90))
    action.add_update("Half is done", by=by)
    said = [(word.text, word.asks) for word in only_block(meeting).words]
    assert said == [
        ("Half is done", ""),
        ("More time", f"Asks for a new due date, {in_words(90)}"),
    ]


def test_a_past_meetings_list_is_as_at_its_day(force: Any, flagged: Any) -> None:
    past = MeetingFactory(state="draft", date=day(-10))
    late, later = flagged(-12), flagged(-5)
    word = dt.datetime.combine(day(-11), dt.time(12), tzinfo=dt.UTC)
    late.add_update("Said before it", by=UserFactory(), at=word)
    late.add_update("Said since", by=UserFactory())
    found = gather(past)
    assert found.as_at.startswith(f"As at {in_words(-10)}; ")
    (block,) = blocks(found)["Overdue"]
    assert (block.reference, block.reasons) == (late.reference, ("2 days overdue",))
    assert [one.text for one in block.words] == ["Said before it"]
    assert later.reference not in str(found)


# What changed


def test_it_says_what_was_decided_since_the_last_meeting(
    as_: Any, meeting: Meeting, raised_at: Meeting, flagged: Any
) -> None:
    by = UserFactory()
    last = MeetingFactory(state="agreed", date=day(-20))
    before = timezone.now() - dt.timedelta(days=30)
    flagged().close(by=by, decision=decision(), at=before)
    closed, dated, held = flagged(), flagged(), flagged()
    closed.close(by=by, decision=decision())
    dated.redate(Due.on_date(day(70)), "Late", by=by, decision=decision())
    held.hold("Court", until=day(50), by=by, decision=decision())
    flagged(issued=False).withdraw("Never meant", by=by, decision=None)
    found = gather(meeting)
    assert found.since == last.date
    assert {change.reference: change.what for change in found.changes} == {
        closed.reference: "Closed",
        dated.reference: f"Due date changed: {in_words(70)}",
        held.reference: f"Put on hold until {in_words(50)}",
    }
    for text in texts(as_(UserFactory(commissioner=True)), meeting).values():
        assert f"What changed since the meeting on {in_words(-20)}" in text
        assert closed.reference in text


def test_what_was_undone_at_a_review_is_no_change(
    meeting: Meeting, raised_at: Meeting, flagged: Any
) -> None:
    last = MeetingFactory(state="draft", date=day(-1))
    closed, again = flagged(), flagged()
    for action in (closed, again):
        record_review(action, last, "closed", by=UserFactory())
    undo_review(again.reviews.get(), by=UserFactory())
    found = gather(meeting)
    assert [change.reference for change in found.changes] == [closed.reference]


def test_when_nothing_was_decided_since_it_says_so(
    as_: Any, meeting: Meeting, raised_at: Meeting
) -> None:
    for text in texts(as_(UserFactory(commissioner=True)), meeting).values():
        assert "Nothing was decided in between." in text


# Who may read it, and in which form


@pytest.mark.parametrize("file_format", ["", "pdf", "docx"])
def test_commissioner_and_staff_read_it_and_nobody_else(
    as_: Any, client: Client, meeting: Meeting, liaison: User, file_format: str
) -> None:
    address = url(meeting, file_format)
    assert client.get(address).status_code == 302
    assert as_(liaison).get(address).status_code == 403
    for reader in (UserFactory(), UserFactory(commissioner=True)):
        assert as_(reader).get(address).status_code == 200


def test_the_files_are_named_after_the_day(as_: Any, meeting: Meeting) -> None:
    for file_format in ("pdf", "docx"):
        response = as_(UserFactory()).get(url(meeting, file_format))
        name = f"briefing-{meeting.date:%Y-%m-%d}.{file_format}"
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_an_unknown_form_is_not_found(as_: Any, meeting: Meeting) -> None:
    assert as_(UserFactory()).get(url(meeting, "html")).status_code == 404


def test_the_page_links_to_both_files_and_the_meeting_links_to_it(
    as_: Any, meeting: Meeting
) -> None:
    page = as_(UserFactory()).get(url(meeting)).content.decode()
    assert 'href="?format=pdf">PDF</a>' in page
    assert 'href="?format=docx">Word</a>' in page
    overview = as_(UserFactory()).get(meeting.get_absolute_url()).content.decode()
    assert f'href="{url(meeting)}"' in overview


def test_every_page_of_the_pdf_bears_the_marking(as_: Any, meeting: Meeting) -> None:
    meeting.marking = Meeting.Marking.SENSITIVE
    meeting.save()
    browser = as_(UserFactory())
    page = browser.get(url(meeting)).content.decode()
    pdf = PdfReader(BytesIO(browser.get(url(meeting, "pdf")).content))
    assert "app-print-official_sensitive" in page
    assert all("OFFICIAL-SENSITIVE" in sheet.extract_text() for sheet in pdf.pages)


def test_what_people_typed_is_text_in_every_form(
    as_: Any, meeting: Meeting, flagged: Any
) -> None:
    action = flagged(-1, text='#import "x": * <b>bold</b> {{ now }}\x0b')
    action.add_update("*not* $bold$ 🎉", by=UserFactory(), provided_by="<i>Chief</i>")
    browser = as_(UserFactory())
    assert "<b>bold" not in browser.get(url(meeting)).content.decode()
    found = texts(browser, meeting)
    for form in ("pdf", "word"):
        assert '#import "x": * <b>bold</b> {{ now }}' in found[form]
        assert "*not* $bold$" in found[form]


# Queries


def fill(meeting: Meeting, count: int, flagged: Any, force: Any) -> None:
    by = UserFactory()
    for number in range(count):
        item = AgendaItemFactory(meeting=meeting, lead=PersonFactory())
        Paper.objects.create(item=item, title="Figures")
        action = flagged(-40)
        action.redate(Due.on_date(day(-number - 1)), "Late", by=by, decision=decision())
        send_update(
            action, "Done", by=by, asks="closure", evidence=[("A", "https://a.example")]
        )
        action.add_update("Truly", by=by)
        UpdateRequest.objects.create(
            meeting=meeting,
            action=action,
            organisation=force,
            asked_by=by,
            due_at=timezone.now(),
        )
        flagged(5)


@pytest.mark.parametrize("file_format", ["", "pdf"])
def test_queries_do_not_grow_with_agenda_and_list(
    as_: Any,
    meeting: Meeting,
    flagged: Any,
    force: Any,
    django_assert_max_num_queries: Any,
    file_format: str,
) -> None:
    MeetingFactory(state="draft", date=day(-30))
    browser, counts = as_(UserFactory(commissioner=True)), []
    for count in (1, 29):
        fill(meeting, count, flagged, force)
        with django_assert_max_num_queries(40) as queries:
            assert browser.get(url(meeting, file_format)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_document_is_built_without_a_query(
    meeting: Meeting, flagged: Any, force: Any, django_assert_num_queries: Any
) -> None:
    fill(meeting, 2, flagged, force)
    found = gather(meeting)
    with django_assert_num_queries(0):
        document = briefing_document(found, today=TODAY)
    assert document.title == f"Briefing: {meeting}"
