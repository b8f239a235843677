"""Drafts that an organisation shares: saved, continued, sent alone or together."""

import datetime as dt
import uuid
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.answers import draft_for, drafts_of
from actions.models import DraftEvidence, Evidence, Owner, Update, UpdateDraft
from assurance.models import StoredFile, User
from tests import documents as made
from tests.actions.pages import SOON, TODAY, url
from tests.factories import (
    ActionFactory,
    UserFactory,
    decision,
    stored_file,
    upload,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(liaison):
    return ActionFactory(organisation=liaison.organisation)


@pytest.fixture
def colleague(liaison):
    return UserFactory(liaison=True, organisation=liaison.organisation)


def ready(liaison: User, **fields) -> UpdateDraft:
    """A draft on an action of its own, ready to be sent."""
    return UpdateDraft.objects.create(
        action=ActionFactory(organisation=liaison.organisation),
        organisation=liaison.organisation,
        changed_by=liaison,
        **{"text": "Done", "is_ready": True, "version": 1} | fields,
    )


def kept(**fields) -> dict:
    return {"text": "We began", "version": 0, "keep": "yes"} | fields


# One draft for all of an organisation


def test_a_draft_is_continued_by_a_colleague_and_sent(as_, liaison, colleague, action):
    address = url("action_update", action)
    sent = as_(liaison).post(
        address,
        kept(
            provided_by="Staff Officer",
            asks="date",
            asked_due_on=f"{SOON:%d/%m/%Y}",
            uploads=upload("plan.pdf", made.PDF),
            evidence_title="Site",
            evidence_link="https://example.org",
        ),
    )
    assert sent.url == address
    assert not action.updates.filter(what=Update.What.UPDATE).exists()
    page = as_(colleague).get(address)
    assert f"saved by {liaison.name}" in page.text
    form = page.context["form"]
    shown = {name: form[name].value() for name in ("text", "provided_by", "asks")}
    assert shown == {
        "text": "We began",
        "provided_by": "Staff Officer",
        "asks": "date",
    }
    assert "Continue the draft" in as_(colleague).get(action.get_absolute_url()).text
    as_(colleague).post(
        address,
        {
            "text": "We finished",
            "asks": "date",
            "asked_due_on": f"{SOON:%d/%m/%Y}",
            "version": form["version"].value(),
        },
    )
    update = action.updates.get(what=Update.What.UPDATE)
    assert (update.text, update.author) == ("We finished", colleague)
    assert (update.asks, update.asked_due_on) == ("date", SOON)
    assert [str(one) for one in update.evidence.all()] == ["Site", "plan.pdf"]
    assert not UpdateDraft.objects.exists()
    assert not DraftEvidence.objects.exists()
    assert StoredFile.objects.count() == 1


def test_an_unfinished_draft_is_kept_but_not_as_ready(as_, liaison, action):
    address = url("action_update", action)
    assert as_(liaison).post(address, kept(text="", asks="date")).status_code == 302
    for unfinished in ({"text": ""}, {"asks": "date"}):
        page = as_(liaison).post(address, kept(is_ready="on", version=1) | unfinished)
        assert page.status_code == 422
    assert not action.drafts.get().is_ready


def test_what_was_added_to_a_draft_is_taken_out_again(
    as_, liaison, action, files_dir: Path
):
    address = url("action_update", action)
    files = [upload("a.txt"), upload("b.txt")]
    as_(liaison).post(address, kept(uploads=files))
    first = DraftEvidence.objects.get(title="a.txt")
    page = as_(liaison).get(address)
    assert url("draft_evidence_file", action, first.pk) in page.text
    as_(liaison).post(address, kept(version=1, removed=[first.pk]))
    assert [one.title for one in DraftEvidence.objects.all()] == ["b.txt"]
    assert [one.name for one in StoredFile.objects.all()] == ["b.txt"]


def test_a_draft_is_deleted_with_its_files(as_, liaison, action):
    as_(liaison).post(url("action_update", action), kept(uploads=upload("a.txt")))
    address = url("draft_delete", action)
    assert "Delete the draft" in as_(liaison).get(address).text
    sent = as_(liaison).post(address, {"submission": str(uuid.uuid4())})
    assert sent.url == action.get_absolute_url()
    assert not UpdateDraft.objects.exists()
    assert not StoredFile.objects.exists()
    assert as_(liaison).get(address).status_code == 404


# Two people write at once


def test_a_draft_saved_over_a_colleagues_is_refused_and_shows_both(
    as_, liaison, colleague, action
):
    address = url("action_update", action)
    as_(colleague).post(address, kept(text="Theirs"))
    page = as_(liaison).post(address, kept(text="Mine"))
    assert page.status_code == 422
    assert f"Saved by {colleague.name}" in page.text
    assert f"saved by {liaison.name}" not in page.text
    assert "Theirs" in page.text
    assert "Mine</textarea>" in page.text
    assert action.drafts.get().text == "Theirs"
    version = page.context["form"]["version"].value()
    as_(liaison).post(address, kept(text="Both", version=version))
    assert action.drafts.get().text == "Both"


def test_sending_over_a_colleagues_change_is_refused_too(
    as_, liaison, colleague, action
):
    address = url("action_update", action)
    as_(liaison).post(address, kept())
    as_(colleague).post(address, kept(text="Theirs", version=1))
    page = as_(liaison).post(address, {"text": "Mine", "version": 1})
    assert page.status_code == 422
    assert not action.updates.filter(text="Mine").exists()


@pytest.mark.parametrize("again", [False, True])
def test_who_writes_on_in_a_draft_that_was_sent_is_told(
    as_, liaison, colleague, action, again
):
    address = url("action_update", action)
    as_(liaison).post(address, kept())
    as_(colleague).post(address, {"text": "Sent", "version": 1})
    if again:
        version = draft_for(action, colleague).version
        as_(colleague).post(address, kept(text="Another", version=version))
    page = as_(liaison).post(address, {"text": "Mine", "version": 1})
    assert page.status_code == 422
    assert "A colleague" in page.text
    assert "Mine</textarea>" in page.text
    version = page.context["form"]["version"].value()
    sent = as_(liaison).post(address, {"text": "Mine", "version": version})
    assert sent.status_code == 302
    assert action.updates.filter(what=Update.What.UPDATE).count() == 2


# Whose it is


def test_a_draft_is_its_organisations_own(
    as_, client, staff, commissioner, administrator
):
    one, other = UserFactory(liaison=True), UserFactory(liaison=True)
    owners = [Owner(organisation=user.organisation) for user in (one, other)]
    action = ActionFactory(owners=owners)
    address = url("action_update", action)
    as_(one).post(address, kept(text="Between us", uploads=upload("a.txt")))
    evidence = DraftEvidence.objects.get()
    pages = {
        "the page": address,
        "the action": action.get_absolute_url(),
        "the list": reverse("drafts"),
    }
    file = url("draft_evidence_file", action, evidence.pk)
    for user in (other, staff, commissioner, administrator):
        for page in pages.values():
            text = as_(user).get(page).text
            assert "Between us" not in text
            assert "Continue" not in text
        assert as_(user).get(file).status_code == 404
        assert as_(user).get(url("draft_delete", action)).status_code == 404
        assert as_(user).post(url("draft_delete", action)).status_code == 404
    assert as_(one).get(file).getvalue() == b"Figures of May"
    for page in (*pages.values(), file):
        assert "login" in client.get(page).url
    stranger = UserFactory(liaison=True)
    for page in (address, file, url("draft_delete", action)):
        assert as_(stranger).get(page).status_code == 404


def test_the_office_shares_a_draft_of_its_own(as_, staff, commissioner, action):
    address = url("action_update", action)
    behalf = action.owners.get().organisation
    as_(staff).post(address, kept(on_behalf_of=behalf.pk))
    form = as_(commissioner).get(address).context["form"]
    assert form["on_behalf_of"].value() == behalf.pk
    as_(commissioner).post(
        address, {"text": "They rang", "version": 1, "on_behalf_of": behalf.pk}
    )
    assert action.updates.get(text="They rang").organisation == behalf


def test_a_draft_on_an_action_no_longer_owned_is_out_of_reach(as_, liaison):
    draft = ready(liaison)
    draft.action.owners.all().delete()
    assert not drafts_of(liaison).exists()
    sent = as_(liaison).post(reverse("drafts"), {"drafts": [draft.pk]})
    assert sent.status_code == 422
    assert not Update.objects.filter(text="Done").exists()


# Sending all that are ready


def test_all_that_are_ready_are_sent_together(as_, liaison):
    drafts = [ready(liaison, text=f"Done {n}") for n in range(3)]
    DraftEvidence.objects.create(draft=drafts[0], title="Figures", file=stored_file())
    proposes = ready(liaison, asks="closure")
    unfinished = ready(liaison, is_ready=False, text="Hardly begun")
    page = as_(liaison).get(reverse("drafts"))
    assert page.text.count("Shows: Figures") == 1
    assert "Hardly begun" in page.text
    assert "Ready to send (4)" in page.text
    assert "Not ready yet (1)" in page.text
    assert page.text.count(" checked>") == 4
    sent = as_(liaison).post(
        reverse("drafts"),
        {"drafts": [draft.pk for draft in [*drafts, proposes]]},
        follow=True,
    )
    assert "4 updates sent." in sent.text
    assert list(UpdateDraft.objects.all()) == [unfinished]
    words = Update.objects.filter(what__in=[Update.What.UPDATE, Update.What.PROPOSED])
    assert {word.organisation for word in words} == {liaison.organisation}
    assert Evidence.objects.get().update.text == "Done 0"
    proposes.action.refresh_from_db()
    assert proposes.action.status == "proposed"


def test_only_what_is_ticked_is_sent(as_, liaison):
    one, other = ready(liaison), ready(liaison)
    sent = as_(liaison).post(reverse("drafts"), {"drafts": [one.pk]})
    assert sent.url == reverse("drafts")
    assert list(UpdateDraft.objects.all()) == [other]


def test_all_or_none_are_sent_and_what_cannot_be_is_named(as_, liaison, staff):
    good, bad = ready(liaison), ready(liaison)
    client = as_(liaison)
    assert client.get(reverse("drafts")).text.count(" checked>") == 2
    bad.action.close(by=staff, decision=decision())
    page = client.post(reverse("drafts"), {"drafts": [good.pk, bad.pk]})
    assert page.status_code == 422
    sentence = f"Action {bad.action.reference} is closed now. Nothing was sent"
    assert sentence in page.text
    assert not Update.objects.filter(text="Done").exists()
    assert UpdateDraft.objects.count() == 2
    again = client.get(reverse("drafts"))
    assert again.text.count(" checked>") == 1
    assert f"Cannot be sent: Action {bad.action.reference} is closed now." in again.text
    assert client.post(reverse("drafts"), {"drafts": [good.pk]}).status_code == 302


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"asks": "date"}, "asks for a new date and names none"),
        (
            {"asks": "date", "asked_due_on": TODAY - dt.timedelta(days=1)},
            "which has passed",
        ),
        ({"asks": "closure"}, "is proposed already"),
    ],
)
def test_a_draft_that_time_overtook_is_not_sent(as_, liaison, staff, fields, sentence):
    draft = ready(liaison, **fields)
    draft.action.propose_closure("Done before", by=staff)
    page = as_(liaison).post(reverse("drafts"), {"drafts": [draft.pk]})
    assert page.status_code == 422
    assert sentence in page.text


@pytest.mark.parametrize("chosen", [[], ["999"], ["x"]])
def test_nothing_or_nonsense_ticked_gets_a_sentence(as_, liaison, chosen):
    ready(liaison)
    sent = {"drafts": chosen, "submission": str(uuid.uuid4())}
    page = as_(liaison).post(reverse("drafts"), sent)
    assert page.status_code == 422
    assert "Choose a" in page.text
    assert UpdateDraft.objects.exists()


def test_nobody_sends_anothers_draft(as_, staff, liaison):
    draft = ready(UserFactory(liaison=True))
    for user in (liaison, staff):
        page = as_(user).post(reverse("drafts"), {"drafts": [draft.pk]})
        assert page.status_code == 422
    assert UpdateDraft.objects.exists()


def test_pressing_twice_sends_each_once(as_, liaison):
    draft, client = ready(liaison), as_(liaison)
    sent = {"drafts": [draft.pk], "submission": str(uuid.uuid4())}
    for _ in range(2):
        assert client.post(reverse("drafts"), sent).status_code == 302
    assert Update.objects.filter(text="Done").count() == 1


def test_without_drafts_the_page_says_how_to_make_one(as_, liaison):
    page = as_(liaison).get(reverse("drafts"))
    assert "No draft is marked as ready to send." in page.text


def test_the_list_costs_the_same_for_one_draft_and_for_thirty(
    as_, liaison, django_assert_num_queries
):
    client = as_(liaison)
    ready(liaison)
    with CaptureQueriesContext(connection) as once:
        client.get(reverse("drafts"))
    for n in range(29):
        ready(liaison, is_ready=bool(n % 2))
    with django_assert_num_queries(len(once)):
        client.get(reverse("drafts"))
