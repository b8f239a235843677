"""Answering for an action: the page, what it asks, what shows it, its correction."""

import datetime as dt
import uuid
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.answers import correct_update
from actions.lifecycle import Move, Status
from actions.models import Action, Due, Evidence, Owner, Update, UpdateRequest
from actions.operations import send_update
from assurance.calendar import moment_in_words
from assurance.models import StoredFile
from tests import documents as made
from tests.actions.pages import DECIDED, SOON, TODAY, move_url, url
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    OrganisationFactory,
    UserFactory,
    decision,
    due_on,
    stored_file,
    upload,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(liaison):
    director = Owner(organisation=liaison.organisation, post="Director of Services")
    return ActionFactory(owners=[director], due=due_on(2025, 9, 1))


@pytest.fixture
def colleague_of():
    return lambda user: UserFactory(liaison=True, organisation=user.organisation)


@pytest.fixture
def partner():
    return UserFactory(liaison=True)


@pytest.fixture
def shared(liaison, partner):
    """An action that two organisations own."""
    owners = [
        Owner(organisation=user.organisation, post=post)
        for user, post in ((liaison, "Director"), (partner, "Manager"))
    ]
    return ActionFactory(owners=owners)


def asked_for(action: Action, organisation, **fields) -> UpdateRequest:
    return UpdateRequest.objects.create(
        action=action,
        organisation=organisation,
        meeting=MeetingFactory(date=SOON),
        asked_by=UserFactory(),
        **{"due_at": timezone.now() + dt.timedelta(days=9)} | fields,
    )


def latest(action: Action) -> int | None:
    return Action.objects.for_rows().get(pk=action.pk).last_update_id


# What the page shows


def test_the_page_shows_what_one_must_know_to_answer(as_, liaison, staff):
    meeting = MeetingFactory(date=dt.date(2020, 8, 4))
    item = AgendaItemFactory(meeting=meeting, heading="Leadership and culture")
    owner = Owner(organisation=liaison.organisation, post="Director of Services")
    action = ActionFactory(meeting=meeting, item=item, owners=[owner])
    action.redate(due_on(2025, 9, 20), "Agreed", by=staff, decision=decision())
    action.redate(due_on(2025, 9, 30), "Late", by=staff, decision=decision())
    action.add_update("The draft is out", by=liaison, provided_by="Staff Officer")
    review = MeetingFactory(date=SOON)
    asked = asked_for(action, liaison.organisation)
    text = as_(liaison).get(url("action_update", action)).text
    for fact in (
        str(meeting),
        "4 August 2020",
        "Leadership and culture",
        "Director of Services",
        "30 September 2025",
        "Moved once, first due 20 September 2025",
        "The draft is out",
        f"Update by Staff Officer, {liaison.organisation.abbreviation}",
        f"At the meeting on {review.date.day} {review.date:%B %Y}",
        "overdue",
        f"An update is wanted by {moment_in_words(asked.due_at)}, for the meeting on",
        'value="Director of Services"',
        'enctype="multipart/form-data"',
    ):
        assert fact in text, fact


def test_a_liaison_sees_neither_a_restricted_item_nor_an_office_note(
    as_, liaison, staff
):
    item = AgendaItemFactory(
        heading="Covert", restricted=True, withheld=True, withheld_reason="s31"
    )
    action = ActionFactory(
        meeting=item.meeting, item=item, organisation=liaison.organisation
    )
    action.add_note("Between ourselves", by=staff)
    text = as_(liaison).get(url("action_update", action)).text
    assert "Covert" not in text
    assert "Between ourselves" not in text
    assert "Covert" in as_(staff).get(url("action_update", action)).text


def test_a_liaison_sees_what_was_asked_of_their_own_organisation(
    as_, liaison, partner, shared, staff
):
    asked_for(shared, partner.organisation)
    sentence = "An update is wanted by"
    assert sentence in as_(partner).get(url("action_update", shared)).text
    assert sentence not in as_(liaison).get(url("action_update", shared)).text
    assert f"An update of {partner.organisation} is wanted by" in (
        as_(staff).get(url("action_update", shared)).text
    )


def test_proposing_closure_leads_to_the_page_with_closure_chosen(as_, liaison, action):
    page = as_(liaison).get(f"{url('action_update', action)}?asks=closure")
    assert page.context["form"]["asks"].value() == "closure"
    sent = as_(liaison).post(move_url(action, Move.PROPOSE), {"text": "All done"})
    assert sent.status_code == 302
    assert action.updates.get(text="All done").organisation == liaison.organisation


# Sending


def test_a_liaison_sends_an_update_and_is_told_what_comes_next(as_, liaison, action):
    meeting = MeetingFactory(date=SOON)
    sent = as_(liaison).post(
        url("action_update", action),
        {
            "text": "The plan is written",
            "provided_by": "Director of Business Services",
            "evidence_title": "Work plan",
            "evidence_link": "https://example.org/plan",
            "uploads": [
                upload("plan.pdf", made.PDF),
                upload("figures.csv", made.GOOD["figures.csv"]),
            ],
            "asks": "closure",
            "version": 0,
        },
        follow=True,
    )
    day = f"{meeting.date.day} {meeting.date:%B %Y}"
    assert f"The office will see it before the meeting on {day}" in sent.text
    action.refresh_from_db()
    assert action.status == Status.PROPOSED
    update = action.updates.get(what=Update.What.PROPOSED)
    assert (update.organisation, update.author) == (liaison.organisation, liaison)
    abbreviation = liaison.organisation.abbreviation
    assert update.said_by == f"Director of Business Services, {abbreviation}"
    assert sorted(str(one) for one in update.evidence.all()) == [
        "Work plan",
        "figures.csv",
        "plan.pdf",
    ]
    assert not action.drafts.exists()
    for one in update.evidence.exclude(file=None):
        file = as_(liaison).get(url("evidence_file", action, one.pk))
        assert file.getvalue() == made.GOOD.get(one.title, made.PDF)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"text": " "}, "Enter what has been done"),
        ({"asks": "date"}, "Enter the due date you ask for"),
        ({"asked_due_on": "1/1/2090"}, "Choose “A new due date”"),
        ({"asks": "date", "asked_due_on": "1/1/2020"}, "a date that has not passed"),
        ({"asks": "date", "asked_due_on": "soon"}, "Enter a real date"),
        ({"evidence_title": "Plan"}, "Enter the link to this evidence"),
        ({"evidence_link": "https://example.org"}, "Say what the link shows"),
        ({"evidence_title": "P", "evidence_link": "javascript:x"}, "full address"),
        ({"asks": "the moon"}, "from the list"),
        ({"version": ""}, "Enter the version"),
    ],
)
def test_an_update_that_cannot_be_is_refused_and_kept(
    as_, liaison, action, files_dir: Path, wrong, sentence
):
    sent = {"text": "Keep me", "provided_by": "Staff Officer", "version": 0} | wrong
    plan = upload("plan.pdf", made.PDF)
    page = as_(liaison).post(url("action_update", action), sent | {"uploads": plan})
    assert page.status_code == 422
    assert sentence in page.text
    assert "Staff Officer" in page.text
    assert "Choose the file again" in page.text
    assert not action.updates.filter(text="Keep me").exists()
    assert not StoredFile.objects.exists()
    assert not list(files_dir.rglob("*"))


def test_each_file_that_cannot_be_is_named_and_none_is_kept(as_, liaison, action):
    page = as_(liaison).post(
        url("action_update", action),
        {
            "text": "Done",
            "version": 0,
            "uploads": [
                upload("good.pdf", made.PDF),
                upload("bad.pdf", made.EXE),
                upload("empty.txt", b""),
            ],
        },
    )
    assert page.status_code == 422
    assert "“bad.pdf” is not a PDF" in page.text
    assert "“empty.txt” is empty" in page.text
    assert not StoredFile.objects.exists()


def test_the_files_of_one_action_have_a_limit_together(
    as_, liaison, action, settings, files_dir: Path
):
    settings.MAX_FILES_MB = 1
    big = made.PDF.replace(b"trailer", b"%" + b"x" * 700_000 + b"\ntrailer")
    sent = {"text": "Done", "version": 0, "keep": "yes"}
    as_(liaison).post(
        url("action_update", action), sent | {"uploads": upload("a.pdf", big)}
    )
    page = as_(liaison).post(
        url("action_update", action),
        sent | {"version": 1, "uploads": upload("b.pdf", big)},
    )
    assert page.status_code == 422
    assert "The files of this action may be 1 MB together" in page.text
    assert [stored.name for stored in StoredFile.objects.all()] == ["a.pdf"]
    assert len([path for path in files_dir.rglob("*") if path.is_file()]) == 1


def test_an_update_to_a_closed_action_is_refused_and_kept(
    as_, liaison, staff, action, files_dir: Path
):
    action.close(by=staff, decision=decision())
    closed = as_(liaison).get(url("action_update", action)).text
    assert "takes no more updates" in closed
    assert "<textarea" not in closed
    page = as_(liaison).post(
        url("action_update", action),
        {"text": "One more thing", "version": 0, "uploads": upload("a.txt")},
    )
    assert page.status_code == 422
    assert "is closed now" in page.text
    assert "One more thing</textarea>" in page.text
    assert "Send to the office" not in page.text
    assert not action.drafts.exists()
    assert not [path for path in files_dir.rglob("*") if path.is_file()]


def test_pressing_twice_sends_once_but_with_another_file_it_is_another(
    as_, liaison, action
):
    client, token = as_(liaison), str(uuid.uuid4())
    sent = {"text": "Done", "version": 0, "submission": token}

    def press(content: bytes) -> int:
        file = upload("a.txt", content)
        address = url("action_update", action)
        return client.post(address, sent | {"uploads": file}).status_code

    assert (press(b"one"), press(b"one")) == (302, 302)
    assert action.updates.filter(text="Done").count() == 1
    # Not taken for a repeat, so compared with what was sent meanwhile.
    assert press(b"two") == 422


def test_a_page_opened_again_does_not_send_the_same_words_twice(
    as_, liaison, colleague_of, action
):
    """The Back button shows a new form with the old words in it."""
    address = url("action_update", action)

    def press(user, **more):
        form = as_(user).get(address).context["form"]
        sent = {
            "text": "Done",
            "submission": form["submission"].value(),
            "version": form["version"].value(),
        }
        return as_(user).post(address, sent | more)

    assert press(liaison).status_code == 302
    for who in (liaison, colleague_of(liaison)):
        again = press(who)
        assert again.status_code == 422
        assert "these very words" in again.text
        assert "Done</textarea>" in again.text
    assert action.updates.filter(text="Done").count() == 1
    assert press(liaison, text="Done, and shown").status_code == 302
    assert press(liaison, uploads=upload("a.txt", b"one")).status_code == 302


def test_a_text_that_is_too_long_is_refused_whole_not_cut(as_, liaison, action):
    page = as_(liaison).get(url("action_update", action))
    assert 'maxlength="20000"' not in page.text
    page = as_(liaison).post(
        url("action_update", action), {"text": "x" * 20_001, "version": 0}
    )
    assert page.status_code == 422
    assert "Enter at most 20000 characters; this has 20001" in page.text
    assert "x" * 20_001 in page.text


# Whose word it is


def test_the_office_writes_down_the_word_of_an_owner_or_its_own(
    as_, staff, liaison, action
):
    address = url("action_update", action)
    theirs = {"on_behalf_of": liaison.organisation.pk}
    as_(staff).post(address, {"text": "They rang", "version": 0} | theirs)
    assert action.updates.get(text="They rang").organisation == liaison.organisation
    version = as_(staff).get(address).context["form"]["version"].value()
    as_(staff).post(address, {"text": "We asked", "version": version})
    assert action.updates.get(text="We asked").organisation is None


def test_the_office_speaks_for_owners_only_and_a_liaison_for_their_own(
    as_, staff, liaison, action
):
    other = {"on_behalf_of": OrganisationFactory().pk}
    page = as_(staff).post(
        url("action_update", action), {"text": "x", "version": 0} | other
    )
    assert page.status_code == 422
    as_(liaison).post(
        url("action_update", action), {"text": "Ours", "version": 0} | other
    )
    assert action.updates.get(text="Ours").organisation == liaison.organisation


def test_each_owner_sees_each_word_and_whose_it_is(as_, liaison, partner, shared):
    send_update(shared, "Ours is done", by=liaison, provided_by="Director")
    for reader in (liaison, partner):
        text = as_(reader).get(shared.get_absolute_url()).text
        assert f"by Director, {liaison.organisation.abbreviation}" in text


# Correcting


def correction(action: Action, old: Update) -> str:
    return url("update_correct", action, old.pk)


def test_a_correction_folds_what_it_corrects(as_, liaison, action):
    old = send_update(
        action,
        "Twelve officers",
        by=liaison,
        provided_by="Staff Officer",
        evidence=[("Plan", "https://example.org/plan")],
    )
    page = as_(liaison).get(action.get_absolute_url())
    assert f'href="{correction(action, old)}"' in page.text
    form = as_(liaison).get(correction(action, old)).context["form"]
    assert form["text"].value() == "Twelve officers"
    assert form["provided_by"].value() == "Staff Officer"
    sent = as_(liaison).post(
        correction(action, old),
        {
            "text": "Ten officers",
            "provided_by": "Chief of Staff",
            "kept": [old.evidence.get().pk],
            "uploads": upload("plan.pdf", made.PDF),
        },
    )
    assert sent.url == action.get_absolute_url()
    new = action.updates.get(corrects=old)
    assert latest(action) == new.pk
    assert new.organisation == liaison.organisation
    assert [str(one) for one in new.evidence.all()] == ["Plan", "plan.pdf"]
    text = as_(liaison).get(action.get_absolute_url()).text
    assert text.index("Ten officers") < text.index("Twelve officers")
    folded = text[text.index("Corrects what was said on") :]
    assert "Twelve officers" in folded
    assert correction(action, old) not in text
    assert correction(action, new) in text


def test_a_correction_of_a_correction_folds_both(as_, liaison, action):
    said = send_update(action, "First words", by=liaison)
    for text in ("Second words", "Third words"):
        said = correct_update(said, text, by=liaison)
    page = as_(liaison).get(action.get_absolute_url())
    (shown,) = [u for u in page.context["timeline"] if u.what == Update.What.UPDATE]
    assert shown == said
    assert [old.text for old in shown.corrected] == ["Second words", "First words"]


def test_fields_that_a_form_leaves_out_are_not_warned_of(as_, liaison, action, caplog):
    old = send_update(action, "First", by=liaison)
    as_(liaison).get(url("update_correct", action, old.pk))
    assert [one for one in caplog.records if one.levelname != "INFO"] == []


def test_each_update_is_corrected_once(as_, liaison, action):
    old = send_update(action, "First", by=liaison)
    new = correct_update(old, "Second", by=liaison)
    page = as_(liaison).post(correction(action, old), {"text": "Third"})
    assert page.status_code == 422
    assert "Somebody corrected this update already" in page.text
    assert "Third</textarea>" in page.text
    assert as_(liaison).post(correction(action, new), {"text": "3"}).status_code == 302


def test_a_correction_asks_on_and_a_date_asked_for_may_be_mended(
    as_, liaison, commissioner, action
):
    old = send_update(action, "Late", by=liaison, asks="date", asked_due_on=SOON)
    later = SOON + dt.timedelta(days=5)
    as_(liaison).post(
        correction(action, old),
        {"text": "Later", "asked_due_on": f"{later:%d/%m/%Y}"},
    )
    new = action.updates.get(corrects=old)
    assert (new.asks, new.asked_due_on) == ("date", later)
    assert list(action.open_requests()) == [new]
    stale = as_(commissioner).post(
        url("action_answer", action, old.pk),
        DECIDED | {"accepted": "yes", "text": "Fine"},
    )
    assert stale.status_code == 422
    as_(commissioner).post(
        url("action_answer", action, new.pk),
        DECIDED | {"accepted": "yes", "text": "Fine"},
    )
    action.refresh_from_db()
    assert action.due == Due.on_date(later)


@pytest.mark.parametrize("day", ["", "1/1/2020"])
def test_a_date_asked_for_is_mended_to_a_day_to_come(as_, liaison, action, day):
    old = send_update(action, "Late", by=liaison, asks="date", asked_due_on=SOON)
    sent = {"text": "Later", "asked_due_on": day}
    assert as_(liaison).post(correction(action, old), sent).status_code == 422


def test_what_was_answered_asks_nothing_when_it_is_corrected(liaison, staff, action):
    old = send_update(action, "Late", by=liaison, asks="date", asked_due_on=SOON)
    action.answer(old, "No", accepted=False, by=staff, decision=decision())
    new = correct_update(old, "Late again", by=liaison, asked_due_on=SOON)
    assert (new.asks, new.asked_due_on) == ("", None)
    assert not action.open_requests().exists()


def test_a_proposed_closure_stands_when_its_words_are_corrected(liaison, staff, action):
    old = action.propose_closure("Done", by=liaison)
    new = correct_update(old, "All done", by=liaison)
    action.refresh_from_db()
    assert (action.status, new.what, new.status) == ("proposed", "proposed", "")
    flagged = Action.objects.with_flags(today=TODAY, meeting=None).get(pk=action.pk)
    assert flagged.is_proposed
    returned = action.return_to_owner("Not yet", by=staff, decision=decision())
    assert returned.answers == new
    assert not action.open_requests().exists()


def test_who_proposed_may_take_back_what_a_colleague_corrected(liaison, action):
    old = action.propose_closure("Done", by=liaison)
    colleague = UserFactory(liaison=True, organisation=liaison.organisation)
    new = correct_update(old, "All done", by=colleague)
    taken = action.take_back("Too soon", by=liaison)
    assert taken.answers == new


def test_nobody_corrects_what_another_organisation_said(
    as_, liaison, partner, staff, commissioner, shared, client
):
    theirs = send_update(shared, "Ours", by=partner)
    offices = send_update(shared, "Seen", by=staff)
    for user, old in (
        (liaison, theirs),
        (liaison, offices),
        (staff, theirs),
        (commissioner, theirs),
    ):
        assert as_(user).get(correction(shared, old)).status_code == 403
        sent = as_(user).post(correction(shared, old), {"text": "x"})
        assert sent.status_code == 403
        assert (
            correction(shared, old) not in as_(user).get(shared.get_absolute_url()).text
        )
    colleague = UserFactory(liaison=True, organisation=partner.organisation)
    assert as_(colleague).get(correction(shared, theirs)).status_code == 200
    stranger = UserFactory(liaison=True)
    assert as_(stranger).get(correction(shared, theirs)).status_code == 404
    assert "login" in client.get(correction(shared, theirs)).url


def test_only_words_are_corrected_and_only_while_it_is_unresolved(
    as_, liaison, staff, action
):
    note = action.add_note("Between ourselves", by=staff)
    raised = action.updates.get(what=Update.What.RAISED)
    for entry in (note, raised):
        assert as_(staff).get(correction(action, entry)).status_code == 404
    old = send_update(action, "Done", by=liaison)
    action.close(by=staff, decision=decision())
    page = as_(liaison).post(correction(action, old), {"text": "Not done"})
    assert page.status_code == 422
    assert "takes no more updates" in page.text


# The files


def test_evidence_is_for_those_who_may_read_its_update(
    as_, client, liaison, staff, commissioner, shared, partner
):
    send_update(shared, "Ours", by=liaison, evidence=[("a.txt", stored_file())])
    evidence = Evidence.objects.get()
    address = url("evidence_file", shared, evidence.pk)
    for reader in (liaison, partner, staff, commissioner):
        assert as_(reader).get(address).getvalue() == b"Figures of May"
    assert as_(UserFactory(liaison=True)).get(address).status_code == 404
    assert "login" in client.get(address).url
    other = ActionFactory(organisation=liaison.organisation)
    assert as_(staff).get(url("evidence_file", other, evidence.pk)).status_code == 404


def test_evidence_of_before_an_action_was_issued_stays_in_the_office(
    as_, liaison, staff
):
    action = ActionFactory(organisation=liaison.organisation, issued=False)
    send_update(action, "Begun", by=staff, evidence=[("a.txt", stored_file())])
    action.issue(by=staff)
    address = url("evidence_file", action, Evidence.objects.get().pk)
    assert as_(liaison).get(address).status_code == 404
    assert as_(staff).get(address).getvalue()


def test_the_page_of_an_action_costs_the_same_however_often_it_was_corrected(
    as_, liaison, action, django_assert_num_queries
):
    client = as_(liaison)
    said = send_update(
        action,
        "0",
        by=liaison,
        asks="other",
        evidence=[("a.txt", stored_file())],
    )
    said = correct_update(said, "1", by=liaison, kept=list(said.evidence.all()))
    with CaptureQueriesContext(connection) as once:
        client.get(action.get_absolute_url())
    for n in range(20):
        said = correct_update(said, f"{n}", by=liaison, kept=list(said.evidence.all()))
        send_update(action, f"Word {n}", by=liaison, asks="other")
    with django_assert_num_queries(len(once)):
        client.get(action.get_absolute_url())
