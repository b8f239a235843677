"""Legal holds: while one is set nothing of the record is deleted for good."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.importing.sheets import drop_sheet, forget_dropped
from assurance import holds
from assurance.files import discard, discard_unused
from assurance.models import LegalHold, Removal, StoredFile, User
from meetings.models import Paper
from meetings.removal import Order, digest_of, remove
from tests.assurance.removals import MARK, words
from tests.factories import (
    AgendaItemFactory,
    LegalHoldFactory,
    PersonFactory,
    SheetInFactory,
    stored_file,
)


def test_a_hold_says_by_whom_when_and_why_and_keeps_who_lifted_it(
    administrator: User, as_
) -> None:
    browser = as_(administrator)
    page = browser.get(reverse("holds")).content.decode()
    assert "No hold is set" in page
    sent = {"why": "Coroner’s inquest"}
    page = browser.post(reverse("hold_new"), sent, follow=True).content.decode()
    assert "Legal hold set" in page
    hold = LegalHold.objects.get()
    assert hold.set_by == administrator
    assert hold.history.count() == 1
    page = browser.get(reverse("removals")).content.decode()
    assert f"Nothing can be removed: {administrator} set a legal hold" in page
    assert "Coroner’s inquest" in page
    lift = reverse("hold_lift", args=[hold.pk])
    page = browser.post(lift, {"because": "It has ended"}, follow=True)
    assert "It has ended" in page.content.decode()
    hold.refresh_from_db()
    assert hold.lifted_by == administrator
    assert hold.history.count() == 2
    again = browser.post(lift, {"because": "Once more"})
    assert again.status_code == 422
    assert "lifted this hold" in again.content.decode()
    page = browser.get(lift, follow=True).content.decode()
    assert "That hold was lifted already" in page


def test_many_holds_with_long_reasons_do_not_bury_the_page_they_stand_on(
    administrator: User, as_
) -> None:
    LegalHoldFactory.create_batch(7, why="The coroner wants it kept. " * 70)
    browser = as_(administrator)
    for name in ("removals", "removal_new"):
        page = browser.get(reverse(name)).content.decode()
        assert "Nothing can be removed: 7 legal holds are set" in page
        assert page.count("The coroner wants it kept.") < 60
        assert "These are the first five" in page
    # The page of holds has all of every one.
    page = browser.get(reverse("holds")).content.decode()
    assert page.count("The coroner wants it kept.") >= 7 * 70


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_hold_is_neither_set_nor_lifted_without_a_reason(
    administrator: User, as_, reason: str
) -> None:
    browser = as_(administrator)
    answer = browser.post(reverse("hold_new"), {"why": reason})
    assert answer.status_code == 422
    assert "Say why nothing may be removed" in answer.content.decode()
    hold = LegalHoldFactory()
    lift = reverse("hold_lift", args=[hold.pk])
    assert browser.post(lift, {"because": reason}).status_code == 422
    with pytest.raises(ValidationError, match="Say why"):
        holds.set_hold(reason, by=administrator)
    with pytest.raises(ValidationError, match="Say why"):
        holds.lift_hold(hold, reason, by=administrator)
    assert holds.is_set()


def test_the_removal_itself_refuses_while_any_hold_is_set(
    administrator: User,
) -> None:
    person = PersonFactory(name="Wilma Zander")
    LegalHoldFactory(lifted=True)
    hold = LegalHoldFactory(why="Letter of the court")
    order = Order(
        words=words("Wilma Zander"),
        why="Erasure",
        by=administrator,
        mark=MARK,
        seen=digest_of([]),
        keys={f"meetings.Person:{person.pk}"},
    )
    with pytest.raises(ValidationError) as refusal:
        remove(order)
    (said,) = refusal.value.messages
    assert f"{hold.set_by} set a legal hold on" in said
    assert "Letter of the court" in said
    person.refresh_from_db()
    assert person.name == "Wilma Zander"
    assert not Removal.objects.exists()


def test_a_hold_postpones_deleting_files_and_rows_until_it_is_lifted(
    administrator: User, as_, django_capture_on_commit_callbacks
) -> None:
    item = AgendaItemFactory()
    used, unused = stored_file("used.txt"), stored_file("unused.txt")
    Paper.objects.create(item=item, title="Figures", file=used)
    sheet = SheetInFactory()
    hold = LegalHoldFactory()
    with django_capture_on_commit_callbacks(execute=True):
        discard(unused)
        drop_sheet(sheet)
    assert default_storage.exists(unused.content.name)
    assert sheet.lines.exists()
    lift = reverse("hold_lift", args=[hold.pk])
    with django_capture_on_commit_callbacks(execute=True):
        as_(administrator).post(lift, {"because": "Ended"})
    assert not default_storage.exists(unused.content.name)
    assert list(StoredFile.objects.all()) == [used]
    assert default_storage.exists(used.content.name)
    assert not sheet.lines.exists()
    assert (discard_unused(), forget_dropped()) == (0, 0)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer")
def test_nobody_sets_a_hold_between_the_look_for_one_and_the_deletion(db: None) -> None:
    discard(stored_file("unused.txt"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() "
            "AND relation = 'assurance_legalhold'::regclass"
        )
        assert ("ShareLock",) in cursor.fetchall()


def test_the_page_says_what_a_hold_does_not_keep(administrator: User, as_) -> None:
    page = as_(administrator).get(reverse("hold_new")).content.decode()
    assert "e-mails that were sent, are no part of the record" in page


def test_nobody_but_an_administrator_reads_or_sets_holds(
    client, liaison: User, commissioner: User, staff: User, as_
) -> None:
    hold = LegalHoldFactory()
    urls = [
        reverse("holds"),
        reverse("hold_new"),
        reverse("hold_lift", args=[hold.pk]),
    ]
    for url in urls:
        assert "/accounts/login/" in client.get(url).headers["Location"]
        for user in (liaison, commissioner, staff):
            browser = as_(user)
            sent = {"why": "x", "because": "x"}
            assert browser.get(url).status_code == 403
            assert browser.post(url, sent).status_code == 403
    assert LegalHold.objects.get().lifted_at is None


def test_the_list_of_holds_takes_as_many_queries_for_one_as_for_many(
    administrator: User, as_
) -> None:
    browser = as_(administrator)
    counts = []
    for _ in range(2):
        LegalHoldFactory.create_batch(3, lifted=True)
        LegalHoldFactory()
        with CaptureQueriesContext(connection) as asked:
            browser.get(reverse("holds"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
