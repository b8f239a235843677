"""Removing words for data protection: files that hold them, and the pages for it."""

import io
from pathlib import Path
from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse
from docx import Document
from post_office.models import Email

from actions.models import Action, Evidence, UpdateDraft
from assurance.files import store, store_made
from assurance.models import Event, Removal, StoredFile, Submission, Unsent, User
from assurance.removing.search import Excerpt, excerpt
from meetings.look_into import look_into_files
from meetings.models import Meeting, Paper, Person
from meetings.removal import delete_contents
from tests.assurance.removals import (
    MARK,
    NAME,
    fill,
    publish,
    record_of,
    remove_all,
    where,
    words,
)
from tests.factories import (
    PASSWORD,
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    PersonFactory,
    RemovalFactory,
    stored_file,
    upload,
)

# Files


def word_file(text: str) -> bytes:
    document = Document()
    document.sections[0].header.paragraphs[0].text = text
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def test_files_are_looked_into_and_those_that_cannot_be_are_named(
    administrator: User,
) -> None:
    def kept(name: str, content: bytes, kind: str) -> StoredFile:
        return store_made(content, name=name, kind=kind, by=administrator)

    holding = [
        kept("a.txt", f"By {NAME}".encode(), "txt"),
        kept("b.docx", word_file(f"Head of {NAME}"), "docx"),
    ]
    kept("c.txt", b"Nothing here", "txt")
    picture = kept("d.png", b"\x89PNG", "png")
    damaged = kept("e.pdf", b"%PDF-1.4 not one", "pdf")
    publish(MeetingFactory(), record_of(NAME), administrator)
    found = look_into_files(words(NAME))
    assert {one.stored for one in found.holding} == set(holding)
    assert all(one.excerpt.found == NAME for one in found.holding if one.excerpt)
    assert {one.stored for one in found.unread} == {picture, damaged}
    late = look_into_files(words(NAME), seconds=-1)
    assert len(late.unread) == late.count == 5


def test_what_is_shown_around_the_words_is_one_line_of_whole_words() -> None:
    text = f"Name\n\n{'Capacity ' * 9}\n\n{NAME}\n\n\n{'Analyst ' * 9}\nPresent"
    shown = excerpt(words(NAME), text)
    assert shown == Excerpt(
        f"…{'Capacity ' * 7}", NAME, f" {' '.join(['Analyst'] * 8)}…"
    )
    assert excerpt(words(NAME), f"By {NAME}.") == Excerpt("By ", NAME, ".")


def test_a_file_that_is_ticked_is_emptied_and_says_so(
    administrator: User, staff: User, as_, django_capture_on_commit_callbacks
) -> None:
    item = AgendaItemFactory(meeting__state=Meeting.State.DRAFT)
    file = stored_file("statement.txt")
    paper = Paper.objects.create(item=item, title="Statement", file=file)
    with django_capture_on_commit_callbacks(execute=True):
        removal = remove_all(
            NAME, by=administrator, files={file.pk}, why="Erasure of May"
        )
    assert removal.places["files"] == [file.pk]
    assert not default_storage.exists(file.content.name)
    url = reverse("paper_file", args=[item.meeting_id, item.pk, paper.pk])
    answer = as_(staff).get(url)
    page = answer.content.decode()
    assert answer.status_code == 410
    assert "File removed for data protection" in page
    assert "Erasure of May" in page
    assert str(administrator) in page


def test_a_liaison_reads_that_a_file_was_removed_and_not_why(
    administrator: User, liaison: User, as_
) -> None:
    action: Action = ActionFactory(organisation=liaison.organisation)
    update = action.add_update("Done", by=liaison)
    file = stored_file("statement.txt", by=liaison)
    evidence = Evidence.objects.create(update=update, title="S", file=file)
    remove_all(NAME, by=administrator, files={file.pk}, why="Erasure of May")
    url = reverse("evidence_file", args=[action.year, action.number, evidence.pk])
    answer = as_(liaison).get(url)
    assert answer.status_code == 410
    assert "removed for data protection on" in answer.content.decode()
    assert "Erasure of May" not in answer.content.decode()
    assert str(administrator) not in answer.content.decode()


def test_contents_that_a_full_stop_left_are_deleted_by_doing_it_again(
    administrator: User,
) -> None:
    file = stored_file("statement.txt")
    remove_all(NAME, by=administrator, files={file.pk})
    assert default_storage.exists(file.content.name)  # nothing was committed yet
    assert delete_contents() == 1
    assert delete_contents() == 0


# Pages


@pytest.fixture
def browser(administrator: User) -> Client:
    """Signed in with a password a moment ago."""
    browser = Client()
    sent = {"login": administrator.email, "password": PASSWORD}
    browser.post(reverse("account_login"), sent)
    return browser


URL = "/record/removals/new/"


def look_for(browser: Client, text: str = NAME, why: str = "Erasure") -> Any:
    sent = {"step": "look", "words_to_remove": text, "why": why, "into_files": "on"}
    return browser.post(URL, sent)


def everything_on(page: Any) -> dict[str, Any]:
    """What the page sends when everything stays ticked."""
    form = page.context["remove"]
    return {
        "step": "remove",
        "thing": [line.key for group in page.context["groups"] for line in group.lines],
        **{name: form[name].value() or "" for name in form.fields},
        "password": PASSWORD,
    }


def test_an_administrator_looks_then_removes_with_their_password(
    administrator: User, browser: Client
) -> None:
    made = fill(NAME, administrator)
    page = look_for(browser)
    html = page.content.decode()
    assert page.status_code == 200
    assert "Versions of minutes: 2" in html
    assert "Files that hold the words: 1" in html
    assert "<mark>Wilma Zander</mark>" in html
    sent = everything_on(page) | {"file": [made["file"].pk]}
    answer = browser.post(URL, sent)
    assert answer.status_code == 302, answer.context["form"].errors
    removal = Removal.objects.get()
    assert answer.headers["Location"] == reverse("removal", args=[removal.pk])
    assert "Wilma" not in answer.headers["Location"]
    assert where(NAME) == set()
    for page_url in ("removals", "removal"):
        args = [removal.pk] if page_url == "removal" else []
        html = browser.get(reverse(page_url, args=args)).content.decode()
        assert "Erasure" in html
        assert "Wilma" not in html
    again = browser.post(URL, sent)
    assert again.status_code == 302, (again.status_code, again.context["form"].errors)
    assert again.headers["Location"] == answer.headers["Location"]
    assert Removal.objects.count() == 1
    kept = made["version"]
    staff_page = browser.get(
        reverse("minutes_version", args=[kept.meeting_id, kept.pk])
    ).content.decode()
    assert "Words were removed from this version for data protection on" in staff_page
    assert f"by {administrator}" in staff_page
    assert "Reason: Erasure" in staff_page
    public = Client().get(f"/published/{kept.meeting_id}/").content.decode()
    assert "Words were removed from this version for data protection" in public
    assert "Erasure" not in public


def test_each_look_is_noted_as_a_search_and_never_the_words(
    administrator: User, browser: Client
) -> None:
    PersonFactory.create_batch(2, name=NAME)
    sent = everything_on(look_for(browser))
    browser.post(URL, sent | {"words_to_remove": "Somebody else", "password": "no"})
    looks = Event.objects.filter(kind=Event.Kind.SEARCHED).order_by("id")
    assert [look.what for look in looks] == [
        "Words found in 2 things",
        "Words found in 0 things",
    ]
    assert {look.by for look in looks} == {administrator}
    assert not Event.objects.filter(kind=Event.Kind.DOWNLOADED).exists()
    told = browser.get(reverse("history"), {"what": "account"}).content.decode()
    assert "Whole record searched for data protection" in told
    assert "Words found in 2 things" in told


def test_drafts_forms_kept_and_emails_are_found_and_not_quoted(
    browser: Client, liaison: User
) -> None:
    said = f"Not to be told: {NAME}"
    action = ActionFactory(organisation=liaison.organisation)
    UpdateDraft.objects.create(action=action, text=said, changed_by=liaison)
    Unsent.objects.create(token="t", user=liaison, path="/", sent=[["notes", [said]]])
    Email.objects.bulk_create(
        [Email(from_email="a@b.example", to=["c@d.example"], message=said)]
    )
    page = look_for(browser)
    things = {group.name: group.count for group in page.context["groups"]}
    assert list(things.values()) == [1, 1, 1], things
    assert "Forms kept unsent" in things
    assert "Not to be told" not in page.content.decode()


def test_evidence_of_an_answer_not_sent_is_found_removed_and_never_shown(
    administrator: User, browser: Client, liaison: User
) -> None:
    action = ActionFactory(organisation=liaison.organisation)
    draft = UpdateDraft.objects.create(action=action, changed_by=liaison)
    said = f"Not to be told {NAME}"
    file = store(upload(f"{said}.txt", said.encode()), by=liaison)
    picture = store_made(b"\x89PNG", name="Not to be told.png", kind="png", by=liaison)
    for title, one in ((said, file), ("Not to be told", picture)):
        draft.evidence.create(title=title, file=one)
    Unsent.objects.create(token="t", user=liaison, path=f"/?q={said}", sent=[])
    page = look_for(browser)
    things = {group.name: group.count for group in page.context["groups"]}
    assert sum(things.values()) == 3, things
    assert file in [one.stored for one in page.context["looked"].holding]
    for answer in (page, browser.post(URL, everything_on(page) | {"password": "no"})):
        assert "Not to be told" not in answer.content.decode()
        assert "Not sent yet, so it is not quoted" in answer.content.decode()
    for one in (file, picture):
        assert browser.get(reverse("removal_file", args=[one.pk])).status_code == 404
    answer = browser.post(URL, everything_on(page) | {"file": [file.pk]})
    assert answer.status_code == 302
    assert where(NAME) == set()
    file.refresh_from_db()
    assert file.removal == Removal.objects.get()
    kept = browser.get(answer.headers["Location"]).content.decode()
    assert "A file of an answer that is not sent yet" in kept


def test_words_are_in_no_log_session_event_or_submission(
    administrator: User, browser: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    PersonFactory(name=NAME)
    browser.get(URL)
    page = look_for(browser)
    browser.post(URL, everything_on(page) | {"password": "wrong password"})
    browser.post(URL, everything_on(page))
    assert Removal.objects.exists()
    texts = [record.getMessage() for record in caplog.records]
    texts = [text for text in texts if not text.startswith("(")]  # queries
    assert not any("Wilma" in text for text in texts)
    assert "Wilma" not in str(dict(browser.session))
    assert "Wilma" not in str(list(Event.objects.values()))
    assert "Wilma" not in str(list(Submission.objects.values()))


def test_a_wrong_password_removes_nothing_and_keeps_the_ticks(
    administrator: User, browser: Client
) -> None:
    one, other = PersonFactory(name=NAME), PersonFactory(name=NAME)
    sent = everything_on(look_for(browser))
    sent |= {"thing": [f"meetings.Person:{one.pk}"], "password": "no"}
    page = browser.post(URL, sent)
    assert page.status_code == 422
    assert "This is not your password" in page.content.decode()
    (group,) = page.context["groups"]
    assert [line.is_ticked for line in group.lines] == [True, False]
    assert Person.objects.filter(name=NAME).count() == 2
    assert other.name == NAME


@pytest.mark.parametrize(
    ("text", "why", "sentence"),
    [
        ("", "Erasure", "Enter the words"),
        ("ab", "Erasure", "too short"),
        (NAME, "", "Say why"),
        (NAME, f"Letter of {NAME}", "without them"),
        ("\x00\x00\x00", "Erasure", "Null characters"),
    ],
)
def test_what_cannot_be_looked_for_is_said_and_kept(
    browser: Client, text: str, why: str, sentence: str
) -> None:
    page = look_for(browser, text, why)
    assert page.status_code == 422
    assert sentence in page.content.decode()


def test_the_page_asks_first_who_is_there(administrator: User, client: Client) -> None:
    client.force_login(administrator)
    answer = client.get(URL)
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


def let_pass(browser: Client, *, minutes: int) -> None:
    """Since they showed who they are."""
    session = browser.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        record | {"at": record["at"] - minutes * 60}
        for record in session[AUTHENTICATION_METHODS_SESSION_KEY]
    ]
    session.save()


def test_nothing_is_looked_for_by_who_confirmed_long_ago(
    administrator: User, browser: Client
) -> None:
    PersonFactory(name=f"{NAME} the elder")
    forged = everything_on(look_for(browser, "Nobody at all")) | {"password": "no"}
    let_pass(browser, minutes=6)
    noted = Event.objects.filter(kind=Event.Kind.SEARCHED).count()
    for sent in ({}, forged | {"words_to_remove": NAME}):
        page = browser.post(URL, {"words_to_remove": NAME, "why": "Erasure"} | sent)
        assert page.status_code == 422
        assert "It is some minutes ago" in page.content.decode()
        assert "the elder" not in page.content.decode()
        assert NAME in page.content.decode()  # what was typed stays
    assert Event.objects.filter(kind=Event.Kind.SEARCHED).count() == noted
    assert "Wilma" not in str(dict(browser.session))


def test_who_ticks_for_long_keeps_the_ticks_and_removes_with_the_password(
    administrator: User, browser: Client
) -> None:
    PersonFactory.create_batch(2, name=NAME)
    sent = everything_on(look_for(browser))
    let_pass(browser, minutes=20)
    page = browser.post(URL, sent | {"thing": sent["thing"][:1], "password": "no"})
    assert "This is not your password" in page.content.decode()
    (group,) = page.context["groups"]
    assert [line.is_ticked for line in group.lines] == [True, False]
    assert browser.post(URL, sent).status_code == 302
    assert where(NAME) == set()


def test_what_a_restore_put_aside_is_named_where_words_are_removed(
    administrator: User, browser: Client, files_dir: Path
) -> None:
    removal = Removal.objects.create(why="w", by=administrator, mark=MARK, places={})
    urls = [reverse("removals"), reverse("removal", args=[removal.pk])]
    for url in urls:
        assert "A restore put aside" not in browser.get(url).content.decode()
    (files_dir / ".before-restore-2026-05-03").mkdir(parents=True)
    database = ""
    if connection.vendor == "sqlite":
        database = f"{connection.settings_dict['NAME']}.before-restore-2026-05-03"
        Path(database).touch()
    try:
        for url in urls:
            page = browser.get(url).content.decode()
            assert ".before-restore-2026-05-03 in the folder of files" in page
            assert Path(database).name in page
    finally:
        if database:
            Path(database).unlink()


def test_a_long_list_of_removals_comes_by_pages_with_the_beginning_of_each_reason(
    browser: Client, administrator: User, django_assert_num_queries: Any
) -> None:
    places = {
        "meetings.AgendaItem": {"columns": ["notes"], "rows": [1, 2]},
        "meetings.HistoricalAgendaItem": {"columns": ["notes"], "rows": [3]},
    }
    RemovalFactory.create_batch(
        31, by=administrator, why="A long reason. " * 130, places={"rows": places}
    )
    # Session, account, count, rows, holds, and what a restore put aside in PostgreSQL.
    with django_assert_num_queries(5 + (connection.vendor == "postgresql")):
        page = browser.get(reverse("removals")).content.decode()
    assert "<strong>31 removals</strong>" in page
    assert page.count("3 places") == 30
    assert page.count("A long reason.") < 30 * 30
    last = browser.get(reverse("removals"), {"page": "2"}).content.decode()
    assert last.count("3 places") == 1
    whole = browser.get(reverse("removal", args=[Removal.objects.latest("id").pk]))
    assert whole.content.decode().count("A long reason.") == 130
    assert [place.name for place in whole.context["places"]] == [
        "Agenda items",
        "Agenda items, earlier states",
    ]


def test_looking_finds_nothing_and_says_so(browser: Client) -> None:
    page = look_for(browser)
    assert "The words stand nowhere in the record" in page.content.decode()


def test_many_things_of_one_kind_are_one_line(
    administrator: User, browser: Client
) -> None:
    Person.objects.bulk_create([Person(name=NAME) for _ in range(201)])
    page = look_for(browser)
    assert "All 201" in page.content.decode()
    browser.post(URL, everything_on(page))
    assert not Person.objects.filter(name=NAME).exists()
    assert Person.objects.filter(name=MARK.split(" on ")[0]).count() == 0
    assert Person.objects.filter(name__startswith="[removed for").count() == 201


def test_strangers_and_others_get_none_of_it(
    client: Client, liaison: User, commissioner: User, staff: User, as_
) -> None:
    file = stored_file()
    removal = Removal.objects.create(why="w", by=staff, mark=MARK, places={})
    urls = [
        URL,
        reverse("removals"),
        reverse("removal", args=[removal.pk]),
        reverse("removal_file", args=[file.pk]),
    ]
    for url in urls:
        assert "/accounts/login/" in client.get(url).headers["Location"]
        for user in (liaison, commissioner, staff):
            assert as_(user).get(url).status_code == 403
            assert as_(user).post(url).status_code == 403


def test_a_file_looked_at_for_data_protection_is_noted(
    administrator: User, as_
) -> None:
    file = stored_file("secret of somebody.txt")
    answer = as_(administrator).get(reverse("removal_file", args=[file.pk]))
    assert b"".join(answer.streaming_content) == b"Figures of May"
    event = Event.objects.get(kind=Event.Kind.DOWNLOADED)
    assert event.by == administrator
    assert "somebody" not in event.what
