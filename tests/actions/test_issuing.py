"""Issuing: who is told what is shown first, and exactly what was ticked goes out."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Action, Owner, Update
from actions.operations import issue_actions
from actions.recipients import Recipient, who_is_told
from assurance.models import Organisation
from meetings.models import Meeting
from tests.actions.pages import url
from tests.factories import (
    ActionFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    PersonFactory,
    UserFactory,
    decision,
)

pytestmark = pytest.mark.django_db

ISSUE = reverse("actions_issue")


@pytest.fixture
def meeting() -> Meeting:
    return MeetingFactory(state=Meeting.State.DRAFT)


@pytest.fixture
def draft(meeting):
    """An action of the meeting that is not issued yet."""

    def draft(*owners: Owner, **kwargs) -> Action:
        return ActionFactory(meeting=meeting, issued=False, owners=owners, **kwargs)

    return draft


def of(organisation: Organisation, **kwargs) -> Owner:
    return Owner(organisation=organisation, **kwargs)


def sent(*actions: Action) -> dict[str, list[str]]:
    """What a browser sends when these are ticked."""
    return {"actions": [f"{a.pk}-{a.version}" for a in actions]}


def told(*actions: Action) -> dict[str, Recipient]:
    found = who_is_told([Action.objects.for_rows().get(pk=a.pk) for a in actions])
    return {recipient.name: recipient for recipient in found.recipients}


# Who is told


def test_an_organisation_is_told_through_its_active_liaisons(draft, liaison):
    force = liaison.organisation
    second = UserFactory(liaison=True, organisation=force, name="Zoe Last")
    UserFactory(liaison=True, organisation=force, is_active=False)
    UserFactory(organisation=force)
    action = draft(of(force, post="Superintendent"))
    recipient = told(action)[force.name]
    assert recipient.accounts == [liaison, second]
    assert recipient.actions == [action]
    assert not recipient.must_be_sent


def test_a_person_with_an_account_is_told_instead(draft, liaison):
    force = liaison.organisation
    account = UserFactory(liaison=True, organisation=force)
    person = PersonFactory(name="Sam Field", user=account)
    named, unnamed = draft(of(force, person=person)), draft(of(force))
    recipients = told(named, unnamed)
    assert recipients["Sam Field"].accounts == [account]
    assert recipients["Sam Field"].actions == [named]
    assert recipients[force.name].actions == [unnamed]


@pytest.mark.parametrize(
    "account", [None, {"is_active": False}, {"organisation": "another"}]
)
def test_a_person_who_could_not_see_it_leaves_it_to_the_organisation(
    draft, liaison, account
):
    force = liaison.organisation
    user = None
    if account is not None:
        if "organisation" in account:
            account = {"organisation": OrganisationFactory()}
        user = UserFactory(liaison=True, **({"organisation": force} | account))
    person = PersonFactory(user=user)
    assert told(draft(of(force, person=person)))[force.name].accounts == [liaison]


def test_several_owners_are_each_told_and_one_of_two_posts_once(draft, liaison):
    force, council = liaison.organisation, OrganisationFactory(kind="partner")
    action = draft(of(force, post="One"), of(force, post="Two"), of(council))
    recipients = told(action)
    assert recipients[force.name].actions == [action]
    assert recipients[council.name].actions == [action]
    assert recipients[council.name].must_be_sent


def test_the_office_comes_last_and_needs_no_note(draft, liaison):
    office = OrganisationFactory(name="A office", kind=Organisation.Kind.OFFICE)
    recipients = told(draft(of(office)), draft(of(liaison.organisation)))
    assert list(recipients) == [liaison.organisation.name, "A office"]
    assert not recipients["A office"].must_be_sent


# The page


def test_the_page_shows_who_is_told_what_and_warns_of_what_nobody_is(
    as_, staff, draft, liaison
):
    council = OrganisationFactory(name="The council", kind="partner")
    shared = draft(of(liaison.organisation), of(council))
    nobodys = draft()
    page = as_(staff).get(ISSUE)
    assert liaison.name in page.text
    assert "Nobody at The council has an account</strong>: send them" in page.text
    # Once as a check box and once under each owner.
    assert page.text.count(shared.text) == 3
    assert "1 action has no owner, so nobody is told of it" in page.text
    assert url("action_edit", nobodys) in page.text
    assert page.context["ticked"] == {shared.pk, nobodys.pk}


def test_exactly_what_was_ticked_is_issued(as_, staff, draft, liaison):
    one, other = (draft(of(liaison.organisation)) for _ in range(2))
    as_(staff).post(ISSUE, sent(one))
    assert list(Action.objects.issued()) == [one]
    assert as_(liaison).get(one.get_absolute_url()).status_code == 200
    assert as_(liaison).get(other.get_absolute_url()).status_code == 404


def test_issued_together_they_are_issued_at_one_time_and_the_note_follows(
    as_, staff, draft, meeting, liaison
):
    actions = [draft(of(liaison.organisation)) for _ in range(3)]
    elsewhere = ActionFactory(issued=False)
    page = f"{ISSUE}?meeting={meeting.pk}"
    assert elsewhere.reference not in as_(staff).get(page).text
    done = as_(staff).post(page, sent(*actions), follow=True)
    assert done.redirect_chain == [
        (reverse("meeting_action_note", args=[meeting.pk]), 302)
    ]
    assert "3 actions issued." in done.text
    assert Action.objects.issued().count() == 3
    assert Update.objects.filter(what=Update.What.ISSUED).count() == 3


def test_a_meetings_page_issues_no_other_meetings_action(as_, staff, draft, meeting):
    elsewhere = ActionFactory(issued=False)
    page = as_(staff).post(f"{ISSUE}?meeting={meeting.pk}", sent(elsewhere))
    assert page.status_code == 422
    assert not Action.objects.issued()


def test_what_was_issued_meanwhile_is_named_and_nothing_is_issued(as_, staff, draft):
    ready, issued, left = draft(), draft(), draft()
    form = sent(ready, issued)
    issued.issue(by=staff)
    page = as_(staff).post(ISSUE, form)
    assert page.status_code == 422
    assert f"Action {issued.reference} is issued already. Nothing was" in page.text
    assert list(Action.objects.issued()) == [issued]
    # What was ticked stays ticked, what was not does not become so.
    assert re.search(f'id="issue-{ready.pk}"[^>]* checked', page.text)
    assert not re.search(f'id="issue-{left.pk}"[^>]* checked', page.text)


def test_what_was_dropped_meanwhile_is_named_and_nothing_is_issued(as_, staff, draft):
    ready, dropped = draft(), draft()
    form = sent(ready, dropped)
    dropped.withdraw("Raised twice", by=staff, decision=None)
    page = as_(staff).post(ISSUE, form)
    assert page.status_code == 422
    assert f"Action {dropped.reference} is withdrawn now" in page.text
    assert not Action.objects.issued()


def test_what_was_reworded_meanwhile_is_looked_at_again(as_, staff, draft):
    action = draft()
    form = sent(action)
    action.add_note("Another wording was agreed", by=staff)
    page = as_(staff).post(ISSUE, form)
    assert page.status_code == 422
    assert "was changed meanwhile: look at it again" in page.text
    assert not Action.objects.issued()
    action.refresh_from_db()
    as_(staff).post(ISSUE, sent(action))
    assert list(Action.objects.issued()) == [action]


def test_the_form_sent_again_after_going_back_issues_nothing_more(as_, staff, draft):
    client = as_(staff)
    one, other = draft(), draft()
    form = sent(one) | {"submission": "6f1d4c1e-4fd1-4f0e-9d3e-222222222222"}
    first = client.post(ISSUE, form)
    # Pressed twice: the same page. With another tick: told that one is issued.
    assert client.post(ISSUE, form).url == first.url
    both = client.post(ISSUE, form | sent(one, other))
    assert both.status_code == 422
    assert list(Action.objects.issued()) == [one]


def test_going_back_does_not_tick_what_was_left_out(as_, staff, draft, meeting):
    client = as_(staff)
    page = f"{ISSUE}?meeting={meeting.pk}"
    one, left = draft(), draft()
    client.post(page, sent(one))
    again = client.get(page)
    assert again.context["ticked"] == set()
    assert "What you left out last time is not ticked" in again.text
    # What is added later is ticked, and so is that one on a page of its own.
    later = draft()
    assert client.get(page).context["ticked"] == {later.pk}
    assert client.get(url("action_issue", left)).context["ticked"] == {left.pk}
    assert as_(UserFactory()).get(page).context["ticked"] == {left.pk, later.pk}


def test_nothing_ticked_is_said(as_, staff, draft):
    draft()
    page = as_(staff).post(ISSUE, {"submission": ""})
    assert page.status_code == 422
    assert "Choose at least one action" in page.text
    assert page.context["ticked"] == set()


@pytest.mark.parametrize("junk", ["x", "1", "0-0", "1-2-3", "²-1", "9" * 40])
def test_what_no_check_box_sends_is_refused(as_, staff, draft, junk):
    draft()
    page = as_(staff).post(ISSUE, {"actions": [junk]})
    assert page.status_code == 422
    assert not Action.objects.issued()


def test_one_action_is_issued_from_its_own_page(as_, staff, draft):
    one, _other = draft(), draft()
    page = as_(staff).get(url("action_issue", one))
    assert page.context["ticked"] == {one.pk}
    assert as_(staff).post(url("action_issue", one), sent(one)).url == (
        one.get_absolute_url()
    )
    assert list(Action.objects.issued()) == [one]
    again = as_(staff).get(url("action_issue", one))
    assert "Every action here is issued" in again.text
    assert "Issue these actions</button>" not in again.text


def test_one_that_cannot_be_issued_leaves_the_others(staff, draft):
    ready, dropped = draft(), draft()
    dropped.withdraw("Raised twice", by=staff, decision=None)
    with pytest.raises(ValidationError):
        issue_actions([ready, dropped], by=staff)
    ready.refresh_from_db()
    assert not ready.is_issued


# Circulating shows the same


def test_circulating_shows_who_is_told_and_warns_of_what_looks_unfinished(
    as_, staff, draft, meeting, liaison
):
    action, nobodys = draft(of(liaison.organisation)), draft()
    AttendeeFactory(meeting=meeting, person__name="Ann Other", capacity="")
    AttendeeFactory(meeting=meeting, person__name="Kim Fuller", capacity="Chief")
    page = as_(staff).get(reverse("meeting_circulate", args=[meeting.pk]))
    assert f"Seen by {liaison.name}" in " ".join(page.text.split())
    assert page.text.count(action.text) == 1
    assert "No capacity is given for: Ann Other." in page.text
    assert url("action_edit", nobodys) in page.text


# A number that was given and not used


@pytest.mark.parametrize(("issued", "is_shown"), [(False, True), (True, False)])
def test_one_withdrawn_before_it_was_issued_is_listed_as_not_used(
    as_, staff, draft, issued, is_shown
):
    action = draft()
    if issued:
        action.issue(by=staff)
    action.withdraw("Raised twice", by=staff, decision=decision())
    for page in ("tracker", "action"):
        address = f"{reverse('tracker')}?list=all"
        if page == "action":
            address = action.get_absolute_url()
        tags = re.findall(r"govuk-tag--grey\">([^<]+)<", as_(staff).get(address).text)
        assert ("Not used" in tags) == is_shown


# Who may


def test_who_may_issue(client, as_, commissioner, liaison, draft, meeting):
    action = draft(of(liaison.organisation))
    meetings = f"{ISSUE}?meeting={meeting.pk}"
    for address in (ISSUE, meetings):
        for method in ("get", "post"):
            stranger = getattr(client, method)(address, sent(action))
            assert stranger.url.startswith(reverse("account_login"))
            for user in (liaison, commissioner):
                answer = getattr(as_(user), method)(address, sent(action))
                assert answer.status_code == 403
    assert as_(liaison).get(url("action_issue", action)).status_code == 403
    assert as_(commissioner).get(url("action_issue", action)).status_code == 403
    assert not Action.objects.issued()


def test_the_number_of_queries_does_not_grow_with_the_rows(as_, staff, draft):
    client = as_(staff)

    def fill(count: int) -> None:
        for _ in range(count):
            force = OrganisationFactory()
            account = UserFactory(liaison=True, organisation=force)
            person = PersonFactory(user=account)
            draft(of(force), of(force, person=person))

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(ISSUE).status_code == 200
        return len(found)

    fill(1)
    one_row = queries()
    fill(29)
    assert queries() == one_row


@pytest.mark.parametrize("state", ["in_progress", "draft"])
def test_the_overview_leads_to_issuing_without_waiting_for_the_minutes(
    as_, staff, commissioner, draft, meeting, state
):
    draft()
    Meeting.objects.filter(pk=meeting.pk).update(state=state)
    page = as_(staff).get(meeting.get_absolute_url())
    assert f"{ISSUE}?meeting={meeting.pk}" in page.text
    assert "Issue 1 action</a> without waiting" in page.text
    assert reverse("meeting_action_note", args=[meeting.pk]) in page.text
    page = as_(commissioner).get(meeting.get_absolute_url())
    assert ISSUE not in page.text
