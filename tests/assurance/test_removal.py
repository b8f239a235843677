"""Removing words for data protection: everywhere, or nowhere."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.db.models import GenericIPAddressField, UUIDField
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from post_office.models import Email

from actions.models import Action, Evidence, Update
from assurance import guards
from assurance.models import Removal, StoredFile, User
from assurance.removing import columns
from assurance.removing.replace import NOWHERE
from assurance.removing.search import find
from assurance.removing.words import Words
from meetings import removal as operation
from meetings.models import (
    AgendaItem,
    Attendee,
    Meeting,
    MinutesVersion,
    Theme,
    VersionRemoval,
)
from meetings.record import from_json, to_json
from meetings.removal import digest_of
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
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    MinutesVersionFactory,
    PersonFactory,
    SheetInFactory,
    ThemeFactory,
    UserFactory,
)

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
    assert kept.documents() == {}
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


def test_the_name_of_a_passkey_is_found_and_nothing_else_of_it(
    administrator: User,
) -> None:
    data = {"name": f"Phone of {NAME}", "credential": {"id": "Wilma secret"}}
    passkey = Authenticator.objects.create(
        user=administrator, type=Authenticator.Type.WEBAUTHN, data=data
    )
    assert find(words("secret")) == []
    remove_all("Wilma", NAME, by=administrator)
    passkey.refresh_from_db()
    assert passkey.data == data | {"name": f"Phone of {MARK}"}


def test_an_update_stays_what_it_was_but_for_the_words(administrator: User) -> None:
    action: Action = ActionFactory(text="Share the plan")
    update = action.add_update(f"Sent by {NAME}", by=administrator)
    before = Update.objects.values().get(pk=update.pk)
    remove_all(NAME, by=administrator)
    after = Update.objects.values().get(pk=update.pk)
    assert after == before | {"text": f"Sent by {MARK}"}


WORDS = st.text(
    st.characters(whitelist_categories=["Lu", "Ll", "Nd"], max_codepoint=0x24F),
    min_size=4,
    max_size=12,
).map(lambda text: f"q{text}z")


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
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
