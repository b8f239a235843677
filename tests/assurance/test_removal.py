"""Removing words for data protection: everywhere, or nowhere."""

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.db.models import GenericIPAddressField, UUIDField
from django.test import Client
from django.urls import reverse
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from post_office.models import Email

from actions.models import Action, Evidence, Update
from assurance import guards
from assurance.files import store, store_made
from assurance.models import Event, Removal, StoredFile, Submission, Unsent, User
from assurance.removing import columns
from assurance.removing.replace import NOWHERE
from assurance.removing.search import find
from assurance.removing.words import Words
from meetings import removal as operation
from meetings.documents.published import published_documents
from meetings.look_into import look_into_files
from meetings.models import (
    AgendaItem,
    Attendee,
    Meeting,
    MinutesVersion,
    Paper,
    Person,
    Theme,
    VersionRemoval,
)
from meetings.reader.apart import words_apart
from meetings.record import ActionLine, Item, Record, Seat, from_json, to_json
from meetings.removal import delete_contents, digest_of
from tests.assurance.removals import MARK, remove_all, where, words
from tests.factories import (
    PASSWORD,
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    MinutesVersionFactory,
    PersonFactory,
    ReadInFactory,
    SheetInFactory,
    ThemeFactory,
    UserFactory,
    stored_file,
    upload,
)

NAME = "Wilma Zander"

# What is found in a text, and what stands there afterwards


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Seen by WILMA zander.", f"Seen by {MARK}."),
        ("Wilma\nZander’s letter", f"{MARK}’s letter"),
        ("**Wilma** Zander came", f"{MARK} came"),
        ("Wilma **Zander** came", f"{MARK} came"),
        ("**Wilma Zander** came", f"**{MARK}** came"),
        ("Wil\u00adma\u00a0Zan\u200bder", MARK),
        ("Wilma_Zander.pdf", f"{MARK}.pdf"),
        ("Wilma Zanders, Wilhelma Zander", "Wilma Zanders, Wilhelma Zander"),
        ("https://x.example/Wilma%20Zander", f"https://x.example/{MARK}"),
        ("(Wilma Zander) and Wilma Zander", f"({MARK}) and {MARK}"),
    ],
)
def test_words_are_found_however_they_are_typed(text: str, left: str) -> None:
    assert words(NAME).without(text, MARK) == left


@pytest.mark.parametrize(
    ("variant", "text"),
    [
        ("O'Néill", "o’NE\u0301ILL"),
        ("Griffiths", "Gri\ufb03ths"),
        ("w.zander@force.example", "W.Zander@Force.Example"),
        ("wz-2 (temp)", "WZ–2 (temp)"),
        ("Łukaś", "łUKAŚ"),
    ],
)
def test_letters_are_compared_as_people_read_them(variant: str, text: str) -> None:
    assert words(variant).without(f"by {text}, said", MARK) == f"by {MARK}, said"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the words"),
        (" \n ", "Enter the words"),
        ("ab", "too short"),
        ("!!!!", "too short"),
        ("x" * 2001, "the most is 2000"),
        ("\n".join(f"name {n}" for n in range(21)), "at most 20"),
        ("data protection", "stands in the mark"),
        ("2026", "stands in the mark"),
    ],
)
def test_words_that_would_take_too_much_are_refused(typed: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Words.read(typed, mark=MARK)


def test_json_keeps_its_codes_and_days_and_loses_words_over_two_lines() -> None:
    found = words(NAME, "present", "2025-03-26").without_in(
        {
            "attendance": "present",
            "date": "2025-03-26",
            "lines": ["Said by Wilma", "Zander today", "and again"],
            "Wilma Zander": [{"name": "Wilma Zander", "number": 3}],
        },
        MARK,
    )
    assert found == {
        "attendance": "present",
        "date": "2025-03-26",
        "lines": [f"Said by {MARK}", " today", "and again"],
        MARK: [{"name": MARK, "number": 3}],
    }


# Every column

NO_WORDS = (UUIDField, GenericIPAddressField)


def test_every_column_of_text_is_covered_or_left_out_by_name() -> None:
    """A new model or column is covered by itself; only this list leaves out."""
    covered = {
        (table.label, column.name)
        for table in columns.tables()
        for column in table.columns
    }
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if not model._meta.managed or field.is_relation:
                continue
            kind = field.db_type(connection) or ""
            is_text = any(word in kind for word in ("char", "text", "json"))
            if not is_text or isinstance(field, NO_WORDS):
                continue
            is_covered = (model._meta.label, field.name) in covered
            why = columns.why_left_out(model, field.name)
            assert is_covered != bool(why), f"{model._meta.label}.{field.name}"


def test_what_is_left_out_is_there() -> None:
    for label in columns.LEFT_OUT_MODELS:
        apps.get_model(label)
    for name in columns.LEFT_OUT:
        label, _, column = name.rpartition(".")
        apps.get_model(label)._meta.get_field(column)


# The whole record


def publish(meeting: Meeting, record: Record, by: User) -> MinutesVersion:
    documents = published_documents(record, number=1, on=dt.date(2025, 5, 1))
    agreed = MinutesVersionFactory(
        meeting=meeting, kind="agreed", content=to_json(record), text=record.words()
    )
    files = {
        kind: store_made(content, name=f"minutes.{kind}", kind=kind, by=by)
        for kind, content in documents.items()
    }
    return MinutesVersionFactory(
        meeting=meeting,
        kind="published",
        made_from=agreed,
        content=to_json(record),
        text=record.words(),
        **files,
    )


def record_of(name: str) -> Record:
    return Record(
        "Monthly meeting",
        dt.date(2025, 3, 26),
        start=dt.time(10),
        seats=(Seat(name, "Analyst", attendance="present"),),
        items=(Item(1, "Roads", notes=f"Heard {name}.\n\n*{name}* left."),),
        actions=(ActionLine("2025/01", f"{name} shares the plan", item=1),),
    )


def fill(name: str, by: User) -> dict[str, Any]:
    """A record that holds a name wherever one may be written."""
    user = UserFactory(name=name, email=f"{'.'.join(name.lower().split())}@f.example")
    person = PersonFactory(name=name, user=user)
    meeting = MeetingFactory(state="draft", title=f"On {name}", venue=name)
    item = AgendaItemFactory(
        meeting=meeting, heading=f"Letter of {name}", notes=f"Read out: {name}"
    )
    item.notes = "Nothing"
    item.version += 1
    item.save()
    AttendeeFactory(meeting=meeting, person=person, abbreviation=name[:20])
    themes = [ThemeFactory(name=name), ThemeFactory(name=name.replace(" ", "  "))]
    action = ActionFactory(meeting=meeting, text=f"Ask {name}", by=by)
    update = action.add_update(f"{name} agrees", by=by, provided_by=name)
    Evidence.objects.create(
        update=update,
        title="A link",
        link=f"https://x.example/{name.replace(' ', '%20')}",
    )
    file = store(upload(f"{name}.txt", f"By {name}".encode()), by=by)
    Paper.objects.create(item=item, title=f"Paper of {name}", file=file)
    ReadInFactory(name=f"{name}.txt", summary=name)
    SheetInFactory(rows=((f"Ask {name}", name, "4 May 2025"),))
    Email.objects.bulk_create(
        [Email(from_email="a@b.example", to=[user.email], subject=name, message=name)]
    )
    Unsent.objects.create(
        token="t", user=by, path="/", sent=[["notes", [f"Said by {name}"]]]
    )
    version = publish(meeting, record_of(name), by)
    return {
        "user": user,
        "person": person,
        "item": item,
        "themes": themes,
        "action": action,
        "update": update,
        "file": file,
        "version": version,
    }


def test_after_a_removal_no_text_document_or_history_has_the_words(
    administrator: User, django_capture_on_commit_callbacks
) -> None:
    made = fill(NAME, administrator)
    version = made["version"]
    old_files = [version.pdf.content.name, version.docx.content.name]
    assert len(where(NAME)) > 20
    with django_capture_on_commit_callbacks(execute=True):
        removal = remove_all(NAME, made["user"].email, by=administrator)
    assert where(NAME) == set()
    assert where("Wilma") == set()
    assert find(words(NAME)) == []
    assert json.dumps(removal.places).count("Wilma") == 0
    # Constraints and lengths
    user = User.objects.get(pk=made["user"].pk)
    assert user.email == f"removed-{user.pk}@{NOWHERE}"
    assert user.name == MARK
    assert Attendee.objects.get(person=made["person"]).abbreviation == "[removed]"
    assert sorted(Theme.objects.values_list("name", flat=True)) == [
        MARK,
        f"{MARK} #2",
    ]
    assert Evidence.objects.get(title="A link").link == f"https://{NOWHERE}/"
    assert Email.objects.get().to == []
    # History rows are changed, not added
    item = AgendaItem.objects.get(pk=made["item"].pk)
    assert item.history.count() == made["item"].history.count() == 2
    assert item.version == made["item"].version + 1
    assert item.heading == f"Letter of {MARK}"
    assert item.history.last().notes == f"Read out: {MARK}"
    # Versions are whole, and documents are made from what is left
    for kept in MinutesVersion.objects.all():
        assert kept.is_intact
        assert from_json(kept.content).seats[0].name == MARK
    kept = MinutesVersion.objects.get(pk=version.pk)
    assert kept.checksum != version.checksum
    for stored in (kept.pdf, kept.docx):
        with stored.content.open("rb") as content:
            said = " ".join(words_apart(content.read(), stored.kind).split())
        assert "Wilma" not in said
        assert MARK in said
        assert "Words were removed from it for data protection" in said
    for name in old_files:
        assert not default_storage.exists(name)


def test_a_removal_keeps_who_when_why_and_where_and_no_word(
    administrator: User,
) -> None:
    made = fill(NAME, administrator)
    before = made["version"].checksum
    removal = remove_all(NAME, by=administrator, why="Request of 3 May")
    assert (removal.by, removal.why, removal.mark) == (
        administrator,
        "Request of 3 May",
        MARK,
    )
    place = removal.places["rows"]["actions.Update"]
    assert place == {
        "columns": ["provided_by", "text"],
        "rows": place["rows"],
    }
    assert made["update"].pk in place["rows"]
    row = VersionRemoval.objects.get(version=made["version"])
    assert (row.before, row.removal) == (before, removal)
    assert row.after == MinutesVersion.objects.get(pk=row.version_id).checksum


def test_a_version_made_from_a_changed_one_is_whole_as_well(
    administrator: User,
) -> None:
    meeting = MeetingFactory()
    agreed = MinutesVersionFactory(
        meeting=meeting, kind="agreed", content=to_json(record_of(NAME))
    )
    public = MinutesVersionFactory(
        meeting=meeting,
        kind="published",
        made_from=agreed,
        content=to_json(record_of("The analyst")),
    )
    remove_all(NAME, by=administrator)
    kept = MinutesVersion.objects.get(pk=public.pk)
    assert kept.checksum != public.checksum
    assert kept.is_intact
    assert kept.content == public.content
    assert not kept.removals.exists()


WORDS = st.text(
    st.characters(whitelist_categories=["Lu", "Ll", "Nd"], max_codepoint=0x24F),
    min_size=4,
    max_size=12,
).map(lambda text: f"q{text}z")


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.lists(WORDS, min_size=1, max_size=3).map(" ".join))
def test_no_column_keeps_any_word_whatever_it_is(
    administrator: User, name: str
) -> None:
    with transaction.atomic():
        item = AgendaItemFactory(heading=f"On {name}", notes=f"«{name.upper()}»")
        PersonFactory(name=f"{name} jr")
        ThemeFactory(name=name)
        SheetInFactory(rows=((f"Ask {name}", name, "4 May 2025"),))
        version = MinutesVersionFactory(
            meeting=item.meeting, content=to_json(record_of(name)), why=name
        )
        remove_all(name, by=administrator)
        assert where(name) == set()
        assert where(json.dumps(name)[1:-1]) == set()
        kept = MinutesVersion.objects.get(pk=version.pk)
        assert kept.is_intact
        assert name not in str(from_json(kept.content))
        transaction.set_rollback(True)


# All or nothing


def refuses_to_change(row: Any) -> bool:
    meta = row._meta
    column = "notes" if hasattr(row, "notes") else "text"
    sql = f"UPDATE {meta.db_table} SET {column} = 'x' WHERE {meta.pk.column} = {row.pk}"
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        connection.cursor().execute(sql)
    return True


def test_guards_are_back_after_a_removal_and_after_a_refusal(
    administrator: User,
) -> None:
    made = fill(NAME, administrator)
    remove_all(NAME, by=administrator)
    assert guards.missing() == []
    for row in (made["version"], made["update"], made["item"].history.first()):
        assert refuses_to_change(row)
    with pytest.raises(ValidationError):
        remove_all("agenda item", by=administrator, seen="another", keys={"a:1"})
    assert guards.missing() == []
    assert refuses_to_change(made["update"])


@pytest.mark.django_db(transaction=True)
def test_a_crash_in_the_middle_changes_nothing_and_leaves_the_guards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    administrator = UserFactory(administrator=True)
    made = fill(NAME, administrator)
    before = where(NAME)

    def crash(*args: Any, **kwargs: Any) -> None:
        assert "meetings.Person.name" not in where(NAME)
        raise RuntimeError("The power went")

    monkeypatch.setattr(operation, "_mend_versions", crash)
    with pytest.raises(RuntimeError, match="power"):
        remove_all(NAME, by=administrator, files={made["file"].pk})
    assert where(NAME) == before
    assert default_storage.exists(made["file"].content.name)
    assert StoredFile.objects.get(pk=made["file"].pk).removal is None
    assert guards.missing() == []
    assert refuses_to_change(made["update"])
    assert not Removal.objects.exists()


def test_what_is_not_ticked_stays(administrator: User) -> None:
    one, other = PersonFactory(name=NAME), PersonFactory(name=NAME)
    remove_all(NAME, by=administrator, keys={f"meetings.Person:{one.pk}"})
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.name, other.name) == (MARK, NAME)


def test_what_was_written_since_looking_stops_the_removal(
    administrator: User,
) -> None:
    one = PersonFactory(name=NAME)
    seen = digest_of(find(words(NAME)))
    PersonFactory(name=NAME)
    with pytest.raises(ValidationError, match="since you looked"):
        remove_all(NAME, by=administrator, seen=seen)
    one.refresh_from_db()
    assert one.name == NAME


def opened(browser: Client, url: str) -> dict[str, Any]:
    """What the form at this address sends as it stands."""
    form = browser.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value is not None}


def test_a_form_opened_before_a_removal_does_not_put_the_words_back(
    administrator: User, as_
) -> None:
    browser = as_(administrator)
    account = UserFactory(name=NAME)
    item = AgendaItemFactory(
        heading=f"Letter of {NAME}", meeting__state=Meeting.State.DRAFT
    )
    account_url = reverse("account_edit", args=[account.pk])
    item_url = reverse("item_edit", args=[item.meeting_id, item.pk])
    account_form, item_form = opened(browser, account_url), opened(browser, item_url)
    remove_all(NAME, by=administrator)
    answer = browser.post(account_url, account_form)
    assert answer.status_code == 422
    assert "Somebody else changed this" in answer.content.decode()
    # A field that was left as it was gives way to what stands there now.
    answer = browser.post(item_url, item_form | {"asked_of_force": "Figures"})
    assert answer.status_code == 302
    item.refresh_from_db()
    assert (item.heading, item.asked_of_force) == (f"Letter of {MARK}", "Figures")
    assert where(NAME) == set()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"why": " "}, "Say why"),
        ({"why": f"{NAME} asked for it"}, "without them"),
        ({"keys": set()}, "Tick what"),
        ({"files": {10**6}}, "since you looked"),
        ({"made": {}}, "since you looked"),
    ],
)
def test_a_removal_without_reason_or_aim_is_refused(
    administrator: User, more: dict[str, Any], sentence: str
) -> None:
    publish(MeetingFactory(), record_of(NAME), administrator)
    with pytest.raises(ValidationError, match=sentence):
        remove_all(NAME, by=administrator, **more)
    assert where(NAME)


def test_nobody_removes_the_address_they_sign_in_with(administrator: User) -> None:
    with pytest.raises(ValidationError, match="Ask another administrator"):
        remove_all(administrator.email, by=administrator)


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


def test_the_page_asks_first_who_is_there(administrator: User, as_) -> None:
    answer = as_(administrator).get(URL)
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


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


def test_an_update_stays_what_it_was_but_for_the_words(administrator: User) -> None:
    action: Action = ActionFactory(text="Share the plan")
    update = action.add_update(f"Sent by {NAME}", by=administrator)
    before = Update.objects.values().get(pk=update.pk)
    remove_all(NAME, by=administrator)
    after = Update.objects.values().get(pk=update.pk)
    assert after == before | {"text": f"Sent by {MARK}"}
