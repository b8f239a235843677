"""Sending a draft round: what is said first, who may read it, and what they read."""

import datetime as dt
from io import BytesIO

import docx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from actions.models import Review
from actions.reviewing import record_review
from assurance.models import User
from meetings.drafts import for_attendee
from meetings.models import Attendee, Meeting
from meetings.operations import put_last_minutes
from meetings.publication import Known
from meetings.record import Record
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    PersonFactory,
    UserFactory,
)
from tests.meetings.pages import as_shown, said
from tests.minutes import Minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def minutes(staff, liaison) -> Minutes:
    return Minutes(by=staff, liaison=liaison)


def address(minutes: Minutes, name: str = "draft") -> str:
    return reverse(name, args=[minutes.meeting.pk])


def circulate(client, minutes: Minutes, **changes):
    url = address(minutes, "meeting_circulate")
    return client.post(url, as_shown(client.get(url).context["form"], **changes))


# What is said first


def test_the_page_says_who_can_read_what_before_it_goes_round(as_, minutes):
    minutes.write(minutes.open, notes="It was [[withhold s40]]Smith[[/withhold]].")
    UserFactory(commissioner=True, name="Cora Commissioner")
    page = as_(minutes.by).get(address(minutes, "meeting_circulate"))
    text = " ".join(page.text.split())
    assert "This will be <strong>draft 1</strong>" in text
    assert "Cora Commissioner, and the office: " in text
    assert f"Lee Liaison, {minutes.liaison.organisation.abbreviation}" in text
    assert "1 item for the office only, 1 withheld item, 1 withheld passage" in text
    assert "1 person who was there has no account: John Campion." in text
    assert reverse("documents", args=[minutes.meeting.pk]) in text


def test_who_was_not_there_or_cannot_sign_in_is_no_reader(as_, minutes):
    minutes.write(minutes.seat, attendance="apologies")
    stopped = UserFactory(liaison=True, is_active=False)
    AttendeeFactory(
        meeting=minutes.meeting, person=PersonFactory(name="Stopped", user=stopped)
    )
    page = as_(minutes.by).get(address(minutes, "meeting_circulate"))
    readers = page.context["readers"]
    assert readers.attendees == []
    assert [str(seat.person) for seat in readers.apologies] == ["Lee Liaison"]
    assert "have no account: John Campion, Stopped." in " ".join(page.text.split())


def test_the_draft_goes_round_and_the_next_one_says_what_changed(as_, minutes):
    client = as_(minutes.by)
    sent = circulate(client, minutes)
    assert "Draft 1 went round" in said(sent)
    minutes.write(minutes.open, notes="Nothing was said.")
    page = client.get(address(minutes, "meeting_circulate"))
    assert "draft 2" in page.text
    assert "Item 1: notes changed." in page.text
    assert "Draft 2 went round" in said(circulate(client, minutes))
    assert minutes.meeting.versions.drafts().count() == 2


def test_a_draft_sent_by_somebody_else_meanwhile_is_not_sent_again(as_, minutes):
    page = circulate(as_(minutes.by), minutes.circulate(), number=1)
    assert page.status_code == 422
    assert "Draft 1 went round meanwhile" in page.text
    assert minutes.meeting.versions.drafts().count() == 1


# Who reads it


def test_who_was_there_reads_the_draft_while_it_goes_round(as_, minutes, liaison):
    client, url = as_(liaison), address(minutes)
    assert client.get(url).status_code == 404
    minutes.circulate()
    assert "Speeding was discussed." in client.get(url).text
    minutes.meeting.take_back_draft()
    assert client.get(url).status_code == 404
    minutes.circulate().agree()
    assert client.get(url).status_code == 404
    assert client.get(minutes.meeting.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("attendance", ["invited", "apologies", "absent"])
def test_a_liaison_who_was_not_there_does_not_know_of_it(
    as_, minutes, liaison, attendance
):
    minutes.circulate()
    minutes.write(minutes.seat, attendance=attendance)
    client = as_(liaison)
    for name in ("draft", "meeting", "draft_comment"):
        assert client.get(address(minutes, name)).status_code == 404
    assert minutes.meeting not in Meeting.objects.visible_to(liaison)


def test_another_liaison_of_the_same_force_does_not_read_it(as_, minutes, liaison):
    minutes.circulate()
    other = UserFactory(liaison=True, organisation=liaison.organisation)
    assert as_(other).get(address(minutes)).status_code == 404


def test_who_was_there_for_a_part_reads_it(as_, minutes, liaison):
    minutes.write(minutes.seat, attendance=Attendee.Attendance.PART)
    minutes.circulate()
    assert as_(liaison).get(address(minutes)).status_code == 200


def test_a_stranger_is_led_to_sign_in(client, minutes):
    sent = client.get(address(minutes.circulate()))
    assert sent.status_code == 302
    assert "/accounts/login/" in sent.url


@pytest.mark.parametrize("role", ["staff", "commissioner", "administrator"])
def test_the_office_and_the_commissioner_read_all_of_it_at_any_time(as_, minutes, role):
    user = UserFactory(role=role)
    minutes.circulate()
    assert "Nobody else may know." in as_(user).get(address(minutes)).text
    minutes.agree()
    page = as_(user).get(address(minutes))
    assert "Nobody else may know." in page.text
    assert "The minutes are agreed since" in page.text


def test_a_draft_shows_what_went_round_whatever_was_changed_since(as_, minutes):
    minutes.circulate()
    minutes.write(minutes.open, notes="Another thing.")
    page = as_(minutes.by).get(address(minutes))
    assert "Speeding was discussed." in page.text
    assert "Another thing." not in page.text


def test_without_a_draft_the_office_is_led_to_the_minutes(as_, minutes):
    sent = as_(minutes.by).get(address(minutes))
    assert sent.url == f"{address(minutes, 'minutes')}?view=read"


def test_the_liaison_finds_it_from_home_the_list_and_the_meeting(as_, minutes, liaison):
    client = as_(liaison)
    assert "Draft minutes to read" not in client.get(reverse("home")).text
    minutes.circulate()
    assert address(minutes) in client.get(reverse("home")).text
    listed = client.get(reverse("meetings")).text
    assert minutes.meeting.get_absolute_url() in listed
    assert "Draft minutes to read" in listed
    assert address(minutes) in client.get(minutes.meeting.get_absolute_url()).text


def test_the_commissioner_is_led_to_the_draft_and_its_agreement(
    as_, commissioner, minutes
):
    minutes.circulate()
    page = as_(commissioner).get(reverse("home"))
    assert address(minutes) in page.text
    assert address(minutes, "meeting_agree") in page.text


# Nothing that is withheld reaches a liaison

SECRETS = {
    "restricted_heading": "Zebraheading",
    "restricted_notes": "Zebranotes",
    "restricted_decisions": "Zebradecisions",
    "withheld_heading": "Walrusheading",
    "withheld_notes": "Walrusnotes",
    "passage": "Otterpassage",
    "passage_decision": "Otterdecision",
    "restricted_action": "Badgeraction",
    "own_action": "Badgerown",
    "marked_action": "Badgermarked",
    "review": "Badgerreview",
    "review_note": "Badgernote",
    "paper": "Ferretpaper",
    "enquiry": "Ferretenquiry",
    "below": "Ferretbelow",
}


@pytest.fixture
def secretive(staff: User, liaison: User) -> Minutes:
    """A draft with a word of its own in everything that is not for a liaison."""
    s = SECRETS
    minutes = Minutes(
        by=staff, liaison=liaison, type=MeetingTypeFactory(reviews_tracker=True)
    )
    meeting = minutes.meeting
    tracker = AgendaItemFactory(
        meeting=meeting, heading="Tracker", kind="action_tracker", notes="Reviewed."
    )
    minutes.write(
        minutes.restricted,
        heading=s["restricted_heading"],
        notes=s["restricted_notes"],
        decisions=s["restricted_decisions"],
        lines_of_enquiry=s["enquiry"],
        asked_of_force=s["enquiry"],
    )
    minutes.restricted.papers.create(title=s["paper"])
    minutes.write(
        minutes.withheld, heading=s["withheld_heading"], notes=s["withheld_notes"]
    )
    AgendaItemFactory(meeting=meeting, parent=minutes.withheld, heading=s["below"])
    minutes.write(minutes.seat, attendance="part", joined_item=minutes.restricted)
    common = {"meeting": meeting, "organisation": OrganisationFactory()}
    ActionFactory(text=s["restricted_action"], item=minutes.restricted, **common)
    ActionFactory(
        text=s["own_action"],
        item=minutes.open,
        withheld=True,
        withheld_reason="s31",
        **common,
    )
    marked = ActionFactory(text=s["marked_action"], item=minutes.open, **common)
    minutes.write(
        minutes.open,
        notes=f"Before [[withhold s40]]{s['passage']}\n\n"
        f"[[action {marked.reference}]]\n\n[[decision 1]]\n[[/withhold]] after",
        decisions=f"{s['passage_decision']}\nPlain decision",
        lines_of_enquiry=s["enquiry"],
    )
    earlier = MeetingFactory(date=meeting.date.replace(year=2024), state="draft")
    secret_item = AgendaItemFactory(
        meeting=earlier, restricted=True, withheld=True, withheld_reason="s31"
    )
    reviewed = ActionFactory(text=s["review"], meeting=earlier, item=secret_item)
    record_review(
        reviewed, meeting, Review.Outcome.NOTED, by=staff, note=s["review_note"]
    )
    earlier.next_meeting = meeting
    earlier.state = Meeting.State.CIRCULATED
    earlier.save()
    put_last_minutes(meeting)
    assert tracker.pk
    return minutes.circulate()


def test_nothing_that_is_withheld_is_in_anything_a_liaison_gets(
    as_, secretive, liaison
):
    minutes, client = secretive, as_(liaison)
    whole = as_(minutes.by).get(address(minutes)).text
    shown = set(SECRETS) - {"enquiry"}
    assert [name for name in shown if SECRETS[name] not in whole] == []
    meeting = minutes.meeting
    urls = [
        address(minutes),
        address(minutes, "meeting"),
        address(minutes, "draft_comment"),
        reverse("draft_comment_item", args=[meeting.pk, minutes.open.pk]),
        reverse("meetings"),
        reverse("home"),
        reverse("tracker"),
    ]
    for url in urls:
        page = client.get(url)
        assert page.status_code == 200, url
        leaked = [name for name, word in SECRETS.items() if word in page.text]
        assert leaked == [], url


def test_a_liaison_is_told_what_their_copy_leaves_out(as_, secretive, liaison):
    text = " ".join(as_(liaison).get(address(secretive)).text.split())
    assert "This item is not in your copy." in text
    assert "1 item for the office only, 2 withheld items, 1 withheld passage" in text
    assert "[Withheld: personal information (section 40)]" in text
    assert "Plain decision" in text
    assert "Lee Liaison" in text


def test_what_was_changed_in_other_minutes_is_not_in_the_copy() -> None:
    said = "The minutes of May were agreed"
    record = Record(
        "Board",
        dt.date(2025, 3, 26),
        last_minutes=(
            f"{said} subject to these changes: Ferretchanges.",
            f"{said} as presented.",
        ),
    )
    assert for_attendee(record, Known()).last_minutes == (
        f"{said} subject to changes.",
        f"{said} as presented.",
    )


def test_the_pages_that_are_of_the_office_stay_closed(as_, secretive, liaison):
    client, pk = as_(liaison), secretive.meeting.pk
    names = ["agenda", "attendance", "minutes", "briefing", "meeting_review"]
    names += ["documents", "comments", "meeting_agree", "meeting_circulate", "publish"]
    for name in names:
        assert client.get(reverse(name, args=[pk])).status_code == 403, name


def test_the_draft_takes_as_many_queries_for_thirty_items_as_for_one(
    as_, minutes, liaison, django_assert_num_queries
):
    minutes.circulate().circulate()
    client, url = as_(liaison), address(minutes)
    client.get(url)

    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(30):
        AgendaItemFactory(meeting=minutes.meeting, heading=f"Item {number}")
    minutes.circulate()
    with django_assert_num_queries(len(few)):
        client.get(url)


def test_a_liaison_is_led_to_no_draft_that_was_not_kept(as_, staff, liaison):
    """Until it is circulated anew, which the office is told."""
    minutes = Minutes(by=staff, liaison=liaison)
    minutes.meeting.state = "circulated"
    minutes.meeting.save()
    meeting, draft = (
        reverse(name, args=[minutes.meeting.pk]) for name in ("meeting", "draft")
    )
    client = as_(liaison)
    for address in (reverse("home"), reverse("meetings")):
        page = client.get(address).text
        assert draft not in page
        assert meeting not in page
    assert client.get(meeting).status_code == 404
    assert client.get(draft).status_code == 404
    assert "until it is circulated again" in as_(staff).get(meeting).text
    minutes.circulate()
    assert draft in client.get(reverse("home")).text
    assert client.get(draft).status_code == 200


@pytest.mark.parametrize("file_format", ["pdf", "docx"])
def test_the_copy_to_send_out_is_the_one_that_those_who_were_there_read(
    as_, minutes, file_format
):
    minutes.write(minutes.open, notes="It was [[withhold s40]]Smith[[/withhold]].")
    minutes.circulate()
    theirs = {"format": file_format}
    files = [
        as_(user).get(address(minutes), query).content
        for user, query in [
            (minutes.liaison, theirs),
            (minutes.liaison, theirs | {"copy": "all"}),
            (minutes.by, theirs | {"copy": "attendees"}),
            (minutes.by, theirs),
        ]
    ]
    texts = [_words(content, file_format) for content in files]
    for text in texts[:3]:
        assert "Smith" not in text
        assert "Left out of this copy" in text
    assert "Smith" in texts[3]


def _words(content: bytes, file_format: str) -> str:
    if file_format == "pdf":
        return " ".join(
            page.extract_text() for page in PdfReader(BytesIO(content)).pages
        )
    return " ".join(part.text for part in docx.Document(BytesIO(content)).paragraphs)


@pytest.mark.parametrize("copy", ["", "attendees"])
def test_every_page_of_a_file_of_a_draft_has_its_number_at_the_foot(as_, minutes, copy):
    minutes.write(minutes.open, notes="\n\n".join(["Said. " * 90] * 20))
    minutes.circulate().circulate()
    version = minutes.meeting.versions.drafts().latest_first()[0]
    kept = reverse("minutes_version", args=[minutes.meeting.pk, version.pk])
    for user, url in (
        (minutes.by, address(minutes)),
        (minutes.by, kept),
        (minutes.liaison, address(minutes)),
    ):
        files = {
            kind: as_(user).get(url, {"format": kind, "copy": copy}).content
            for kind in ("pdf", "docx")
        }
        pages = PdfReader(BytesIO(files["pdf"])).pages
        assert len(pages) > 2
        assert all("Draft 2. Minutes, 26 March 2025" in p.extract_text() for p in pages)
        section = docx.Document(BytesIO(files["docx"])).sections[0]
        assert section.footer.paragraphs[0].text.startswith(
            "Draft 2. Minutes, 26 March"
        )


def test_who_sent_apologies_is_said_to_get_the_copy_by_hand(as_, staff):
    minutes = Minutes(by=staff)
    AttendeeFactory(
        meeting=minutes.meeting, person__name="Ann Away", attendance="apologies"
    )
    page = as_(staff).get(reverse("meeting_circulate", args=[minutes.meeting.pk]))
    assert [str(one.person) for one in page.context["readers"].apologies] == [
        "Ann Away"
    ]
    assert "Sent apologies" in page.text
