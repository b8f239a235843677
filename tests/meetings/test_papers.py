"""Papers handed in as files: received when they come, replaced, taken off."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assurance.models import StoredFile
from meetings.models import AgendaItem, Paper
from tests import documents as made
from tests.factories import AgendaItemFactory, MeetingFactory, stored_file, upload

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def item() -> AgendaItem:
    return AgendaItemFactory(meeting=MeetingFactory(date=TODAY))


@pytest.fixture
def paper(item: AgendaItem) -> Paper:
    return Paper.objects.create(item=item, title="Figures", file=stored_file())


def at(name: str, item: AgendaItem, *more: int) -> str:
    return reverse(name, args=[item.meeting_id, item.pk, *more])


def edit(paper: Paper, **changes) -> dict:
    return {
        "title": paper.title,
        "version": paper.version,
        "file_seen": paper.file_id or "",
    } | changes


def files_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def test_a_paper_is_received_on_the_day_its_file_comes_and_late_is_shown(
    as_, staff, item
):
    due = TODAY - dt.timedelta(days=2)
    as_(staff).post(
        at("paper_new", item),
        {
            "title": "Figures",
            "due_on": f"{due:%d/%m/%Y}",
            "upload": upload("plan.pdf", made.PDF),
        },
    )
    paper = Paper.objects.get()
    assert (paper.received_on, paper.came_late) == (TODAY, True)
    for name in ("agenda", "minutes"):
        text = as_(staff).get(reverse(name, args=[item.meeting_id])).text
        assert at("paper_file", item, paper.pk) in text
        assert "(PDF, 1 KB)" in text
        assert ">Late</strong>" in text


def test_a_day_of_receipt_that_was_given_is_kept(as_, staff, item):
    sent = {"title": "A", "received_on": "1/3/2025", "upload": upload("a.txt")}
    as_(staff).post(at("paper_new", item), sent)
    assert Paper.objects.get().received_on == dt.date(2025, 3, 1)


def test_a_paper_needs_no_file(as_, staff, item):
    as_(staff).post(at("paper_new", item), {"title": "To come"})
    assert (Paper.objects.get().file, Paper.objects.get().received_on) == (None, None)


def test_a_file_is_kept_replaced_and_taken_off(
    as_, staff, item, paper, files_dir: Path
):
    address = at("paper_edit", item, paper.pk)
    as_(staff).post(address, edit(paper, title="Better title"))
    paper.refresh_from_db()
    assert (paper.title, str(paper.file)) == ("Better title", "figures.txt")
    as_(staff).post(address, edit(paper, upload=upload("plan.pdf", made.PDF)))
    paper.refresh_from_db()
    assert str(paper.file) == "plan.pdf"
    assert [one.name for one in StoredFile.objects.all()] == ["plan.pdf"]
    as_(staff).post(address, edit(paper, without_file="on"))
    paper.refresh_from_db()
    assert paper.file is None
    assert not StoredFile.objects.exists()
    assert as_(staff).get(at("paper_file", item, paper.pk)).status_code == 404


def test_a_file_that_came_meanwhile_is_not_replaced_unseen(as_, staff, item, paper):
    opened = edit(paper)
    address = at("paper_edit", item, paper.pk)
    as_(staff).post(address, opened | {"upload": upload("theirs.txt")})
    mine = {"upload": upload("mine.txt")}
    page = as_(staff).post(address, opened | mine)
    assert page.status_code == 422
    theirs = page.text.split("Saved by")[1].split("<form")[0]
    assert "File</h3>" in theirs
    assert "theirs.txt" in theirs
    assert "Choose the file again" in page.text
    paper.refresh_from_db()
    assert str(paper.file) == "theirs.txt"
    seen = page.context["form"]
    again = edit(
        paper, version=seen["version"].value(), file_seen=seen["file_seen"].value()
    )
    mine = {"upload": upload("mine.txt")}
    assert as_(staff).post(address, again | mine).status_code == 302


@pytest.mark.parametrize("what", ["paper_delete", "item_delete"])
def test_a_file_goes_with_its_paper_or_item(as_, staff, item, paper, what):
    address = at(what, item, *([paper.pk] if what == "paper_delete" else []))
    as_(staff).post(address, {"submission": "x"})
    as_(staff).post(address, {"csrfmiddlewaretoken": "x"})
    assert not Paper.objects.exists()
    assert not StoredFile.objects.exists()


def test_the_files_of_one_meeting_have_a_limit_together(
    as_, staff, item, settings, files_dir: Path
):
    settings.MAX_FILES_MB = 1
    other = AgendaItemFactory(meeting=item.meeting)
    content = b"a line of text\n" * 50_000
    sent = {"title": "A", "upload": upload("a.txt", content)}
    assert as_(staff).post(at("paper_new", item), sent).status_code == 302
    sent = {"title": "B", "upload": upload("b.txt", content)}
    page = as_(staff).post(at("paper_new", other), sent)
    assert page.status_code == 422
    assert "The files of this meeting may be 1 MB together" in page.text
    # What is replaced does not count.
    paper = Paper.objects.get()
    sent = edit(paper, upload=upload("c.txt", content))
    address = at("paper_edit", item, paper.pk)
    assert as_(staff).post(address, sent).status_code == 302


def test_a_paper_for_frozen_minutes_is_refused_and_no_file_is_kept(
    as_, staff, item, files_dir: Path
):
    item.meeting.state = "agreed"
    item.meeting.save()
    sent = {"title": "Late figures", "upload": upload("a.txt")}
    page = as_(staff).post(at("paper_new", item), sent)
    assert page.status_code == 422
    assert "Late figures" in page.text
    assert not StoredFile.objects.exists()
    assert files_in(files_dir) == []


def test_who_may_read_minutes_may_read_papers(
    as_, client, staff, commissioner, liaison, item, paper
):
    address = at("paper_file", item, paper.pk)
    for reader in (staff, commissioner):
        assert as_(reader).get(address).getvalue() == b"Figures of May"
    assert as_(liaison).get(address).status_code == 403
    assert "login" in client.get(address).url
    other = AgendaItemFactory(meeting=item.meeting)
    assert as_(staff).get(at("paper_file", other, paper.pk)).status_code == 404
    for name in ("paper_new", "paper_edit"):
        more = [paper.pk] if name == "paper_edit" else []
        sent = {"title": "x", "upload": upload("a.txt")}
        assert as_(commissioner).post(at(name, item, *more), sent).status_code == 403


@pytest.mark.parametrize("page", ["agenda", "minutes"])
def test_papers_cost_the_same_however_many(
    as_, staff, item, paper, page, django_assert_num_queries
):
    client, address = as_(staff), reverse(page, args=[item.meeting_id])
    with CaptureQueriesContext(connection) as once:
        client.get(address)
    for n in range(29):
        Paper.objects.create(item=item, title=f"{n}", file=stored_file())
    with django_assert_num_queries(len(once)):
        client.get(address)
