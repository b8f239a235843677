"""The documents of a meeting: listed, downloaded, and each version as it was kept."""

import datetime as dt
from io import BytesIO
from typing import Any

import docx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from actions.record import gather
from assurance.calendar import day_in_words
from meetings.models import Meeting, MinutesVersion
from meetings.versions import keep_version
from tests.factories import (
    AgendaItemFactory,
    MeetingFactory,
    MeetingTypeFactory,
    UserFactory,
    WithdrawalFactory,
    stored_file,
)

pytestmark = pytest.mark.django_db

Kind = MinutesVersion.Kind
MADE = dt.datetime(2026, 5, 3, 10, tzinfo=dt.UTC)
TODAY = day_in_words(timezone.localdate())


@pytest.fixture
def meeting() -> Meeting:
    meeting = MeetingFactory(
        type=MeetingTypeFactory(name="Board"), title="Workforce", state="draft"
    )
    AgendaItemFactory(meeting=meeting, heading="Recruitment", notes="First said")
    return meeting


def keep(meeting: Meeting, kind: str, **more: Any) -> MinutesVersion:
    by = more.pop("by", None) or UserFactory(name="Sam Green")
    return keep_version(
        gather(meeting, by), meeting=meeting, kind=kind, by=by, at=MADE, **more
    )


def write(meeting: Meeting, notes: str) -> None:
    item = meeting.agenda_items.get()
    item.notes = notes
    item.save()


def listed(client: Any, meeting: Meeting) -> str:
    page = client.get(reverse("documents", args=[meeting.pk]))
    return " ".join(page.text.split())


def version_url(version: MinutesVersion) -> str:
    return reverse("minutes_version", args=[version.meeting_id, version.pk])


def text_of(response: Any) -> str:
    content = b"".join(response)
    if content.startswith(b"%PDF"):
        pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
        return " ".join("\n".join(pages).split())
    return "\n".join(p.text for p in docx.Document(BytesIO(content)).paragraphs)


# The page


def test_a_meeting_without_documents_says_what_comes_when(as_, staff) -> None:
    page = listed(as_(staff), MeetingFactory())
    for sentence in (
        "There is nothing on the agenda yet.",
        "The meeting has not begun.",
        "No draft has gone round.",
        "The minutes are not agreed yet.",
        "Nothing is published.",
    ):
        assert sentence in page


def test_every_document_is_listed_with_when_by_whom_and_why(
    as_, staff, meeting
) -> None:
    AgendaItemFactory(
        meeting=meeting, restricted=True, withheld=True, withheld_reason="s40"
    )
    keep(meeting, Kind.DRAFT)
    keep(meeting, Kind.DRAFT)
    agreed = keep(meeting, Kind.AGREED)
    keep(meeting, Kind.AGREED, made_from=agreed, what="12 is now 14.", why="A slip")
    first = keep(meeting, Kind.PUBLISHED, made_from=agreed)
    WithdrawalFactory(version=first, why="A name was left in it")
    keep(
        meeting,
        Kind.PUBLISHED,
        made_from=agreed,
        why="Without the name",
        pdf=stored_file(),
    )
    page = listed(as_(staff), meeting)
    for words in (
        "Agenda to send out",
        "Agenda with items for the office only",
        "Minutes as they stand",
        "Draft 1",
        "Draft 2",
        "Circulated 3 May 2026 by Sam Green",
        "As they were agreed",
        "Amendment 1",
        "12 is now 14. Reason: A slip",
        "On the public site",
        "Without the name",
        "Withdrawn",
        f"Withdrawn {TODAY}. Reason: A name was left in it",
        "(1 KB)",
        "Action note",
        "Briefing",
    ):
        assert words in page, words
    assert page.count("On the public site") == 1


def test_every_link_to_a_document_leads_to_one(as_, staff, meeting) -> None:
    AgendaItemFactory(
        meeting=meeting, restricted=True, withheld=True, withheld_reason="s40"
    )
    agreed = keep(meeting, Kind.AGREED)
    keep(meeting, Kind.DRAFT)
    keep(meeting, Kind.PUBLISHED, made_from=agreed)
    client = as_(staff)
    page = client.get(reverse("documents", args=[meeting.pk]))
    entries = [entry for s in page.context["sections"] for entry in s.entries]
    files = [file for entry in entries for file in entry.files]
    assert len(files) == 2 * len(entries) == 18
    for file in files:
        start = {"PDF": b"%PDF", "Word": b"PK"}[file.format]
        assert b"".join(client.get(file.url)).startswith(start), file.url
    for entry in entries:
        assert not entry.url or client.get(entry.url).status_code == 200


def test_an_agenda_without_restricted_items_is_listed_once(as_, staff, meeting) -> None:
    assert "for the office only" not in listed(as_(staff), meeting)


def test_a_cancelled_meeting_has_no_minutes(as_, staff) -> None:
    meeting = MeetingFactory(state="cancelled", cancelled_because="Nobody can come")
    assert "it has no minutes" in listed(as_(staff), meeting)


def test_the_action_note_is_listed_for_those_who_may_read_it(as_, meeting) -> None:
    page = listed(as_(UserFactory(commissioner=True)), meeting)
    assert "Action note" not in page
    assert "Briefing" in page


def test_the_list_asks_as_often_for_30_versions_as_for_one(as_, staff, meeting) -> None:
    client = as_(staff)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            listed(client, meeting)
        return len(asked)

    agreed = keep(meeting, Kind.AGREED, by=staff)
    keep(meeting, Kind.PUBLISHED, made_from=agreed, by=staff)
    keep(meeting, Kind.DRAFT, by=staff)
    few = queries()
    for _ in range(10):
        keep(meeting, Kind.DRAFT)
        file = stored_file()
        version = keep(meeting, Kind.PUBLISHED, made_from=agreed, pdf=file)
        WithdrawalFactory(version=version)
        keep(meeting, Kind.AGREED, made_from=agreed, what="x", why="y")
    assert queries() == few


# Minutes as they stand


def download(client: Any, meeting: Meeting, file_format: str = "docx") -> Any:
    return client.get(reverse("minutes", args=[meeting.pk]), {"format": file_format})


def test_what_was_not_circulated_says_so(as_, staff, meeting) -> None:
    response = download(as_(staff), meeting)
    text = text_of(response)
    assert "As the notes stand, not circulated" in text
    assert "First said" in text
    assert response["Content-Disposition"].endswith(
        'filename="minutes-2025-03-26-as-they-stand.docx"'
    )


def test_what_was_circulated_names_its_draft_until_something_changes(
    as_, staff, meeting
) -> None:
    keep(meeting, Kind.DRAFT)
    keep(meeting, Kind.DRAFT)
    client = as_(staff)
    assert "\nDraft 2, circulated 3 May 2026" in text_of(download(client, meeting))
    write(meeting, "Said otherwise")
    changed = text_of(download(client, meeting))
    expected = "As the notes stand, changed since draft 2, circulated 3 May 2026"
    assert expected in changed
    assert "Said otherwise" in changed


def test_agreed_minutes_are_made_from_what_was_agreed_and_amended(
    as_, staff, meeting
) -> None:
    agreed = keep(meeting, Kind.AGREED)
    Meeting.objects.filter(pk=meeting.pk).update(state="agreed")
    meeting.agenda_items.update(notes="Changed behind its back")
    client = as_(staff)
    response = download(client, meeting, "pdf")
    text = text_of(response)
    assert "First said" in text
    assert "Agreed minutes, recorded 3 May 2026" in text
    assert "minutes-2025-03-26-agreed-1.pdf" in response["Content-Disposition"]
    keep(meeting, Kind.AGREED, made_from=agreed, what="All", why="A slip")
    again = text_of(download(client, meeting))
    assert "Agreed minutes, amended 3 May 2026" in again
    assert "Changed behind its back" in again


def test_minutes_come_in_no_other_format(as_, staff, meeting) -> None:
    assert download(as_(staff), meeting, "txt").status_code == 404


# One version


def test_a_version_reads_and_downloads_as_it_was_kept(as_, staff, meeting) -> None:
    draft = keep(meeting, Kind.DRAFT)
    write(meeting, "Said otherwise")
    client = as_(staff)
    page = client.get(version_url(draft))
    assert "Draft 1, circulated 3 May 2026" in page.text
    assert "by Sam Green" in page.text
    assert "First said" in page.text
    assert "Said otherwise" not in page.text
    response = client.get(version_url(draft), {"format": "docx"})
    assert response["Content-Disposition"].endswith(
        'filename="minutes-2025-03-26-draft-1.docx"'
    )
    text = text_of(response)
    assert "Draft 1, circulated 3 May 2026" in text
    assert "First said" in text
    assert "Said otherwise" not in text


def test_an_amendment_says_what_and_why(as_, staff, meeting) -> None:
    agreed = keep(meeting, Kind.AGREED)
    amended = keep(
        meeting, Kind.AGREED, made_from=agreed, what="12 is now 14", why="A slip"
    )
    page = as_(staff).get(version_url(amended)).text
    assert "12 is now 14" in page
    assert "Reason: A slip" in page


def test_a_published_version_gives_the_files_that_were_published(
    as_, staff, meeting
) -> None:
    agreed = keep(meeting, Kind.AGREED)
    kept = stored_file("figures.txt")
    published = keep(meeting, Kind.PUBLISHED, made_from=agreed, pdf=kept)
    client = as_(staff)
    response = client.get(version_url(published), {"format": "pdf"})
    assert b"".join(response) == b"Figures of May"
    made = text_of(client.get(version_url(published), {"format": "docx"}))
    assert "Version 1, published 3 May 2026" in made


def test_a_withdrawn_version_says_when_and_why(as_, staff, meeting) -> None:
    withdrawal = WithdrawalFactory(
        version=keep(meeting, Kind.PUBLISHED, made_from=keep(meeting, Kind.AGREED)),
        why="A name was left in it",
    )
    page = as_(staff).get(version_url(withdrawal.version)).text
    assert f"was withdrawn on {TODAY} by {withdrawal.by}. The public cannot" in page
    assert "Reason: A name was left in it" in page


def test_the_version_that_is_public_leads_to_what_the_public_reads(
    as_, staff, meeting
) -> None:
    agreed = keep(meeting, Kind.AGREED)
    first = keep(meeting, Kind.PUBLISHED, made_from=agreed)
    public = f'<a class="govuk-link" href="/published/{meeting.pk}/">the public reads'
    assert public in as_(staff).get(version_url(first)).text
    keep(meeting, Kind.PUBLISHED, made_from=agreed)
    page = as_(staff).get(version_url(first)).text
    assert public not in page
    assert "was replaced by a later one" in page
    assert public not in as_(staff).get(version_url(agreed)).text


def test_a_version_of_another_meeting_is_not_found(as_, staff, meeting) -> None:
    draft = keep(meeting, Kind.DRAFT)
    elsewhere = reverse("minutes_version", args=[MeetingFactory().pk, draft.pk])
    assert as_(staff).get(elsewhere).status_code == 404


def test_who_may_not_read_minutes_gets_none_of_it(client, as_, meeting) -> None:
    draft = keep(meeting, Kind.DRAFT)
    urls = [
        reverse("documents", args=[meeting.pk]),
        version_url(draft),
        f"{version_url(draft)}?format=pdf",
        f"{reverse('minutes', args=[meeting.pk])}?format=pdf",
    ]
    for url in urls:
        assert "/accounts/login/" in client.get(url).url
        assert as_(UserFactory(liaison=True)).get(url).status_code == 403
        assert as_(UserFactory(commissioner=True)).get(url).status_code == 200
