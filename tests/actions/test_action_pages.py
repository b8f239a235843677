"""One action: its page, writing it down, changing it, issuing it, answering for it."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.lifecycle import Move
from actions.models import Action, Owner, Update
from actions.operations import send_update, set_owners
from tests.actions.pages import SOON, move_url, url
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
    ThemeFactory,
    UserFactory,
    decision,
    due_on,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(liaison):
    return ActionFactory(organisation=liaison.organisation, due=due_on(2025, 9, 1))


@pytest.fixture
def item():
    meeting = MeetingFactory(date=dt.date(2020, 8, 4), state="draft")
    return AgendaItemFactory(meeting=meeting, heading="Leadership and culture")


# Writing an action down


def test_an_action_is_raised_at_its_item_with_owner_due_and_the_words_used(
    as_, staff, item
):
    force = OrganisationFactory(name="West Mercia Police", short_names="Force, WMP")
    director = AttendeeFactory(
        meeting=item.meeting,
        capacity="Director of Business Services",
        abbreviation="DBS",
        organisation=force,
    )
    page = as_(staff).get(reverse("action_new"), {"item": item.pk})
    assert "DBS: " in page.text
    sent = as_(staff).post(
        f"{reverse('action_new')}?item={item.pk}",
        {
            "text": "Share the work plan with the PCC",
            "owner_1": f"attendee-{director.pk}",
            "due_kind": "date",
            "due_on": "4 September 2020",
            "due_words": "in a month",
        },
    )
    assert sent.url == f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
    action = Action.objects.get()
    assert (action.reference, action.item, action.meeting) == (
        "2020/01",
        item,
        item.meeting,
    )
    assert (action.due, action.due_words) == (due_on(2020, 9, 4), "in a month")
    owner = action.owners.get()
    assert (owner.organisation, owner.post, owner.person, owner.leads) == (
        force,
        "Director of Business Services",
        director.person,
        True,
    )
    assert not action.is_issued


@pytest.mark.parametrize("kind", ["meeting", "theme", "type", "none"])
def test_each_kind_of_due_is_kept(as_, staff, item, kind):
    planned = MeetingFactory(date=SOON)
    theme = ThemeFactory()
    value = {"meeting": planned, "theme": theme, "type": planned.type}.get(kind)
    sent = {"text": "Revisit", "due_kind": kind}
    if value:
        sent[f"due_{kind}"] = value.pk
    as_(staff).post(f"{reverse('action_new')}?item={item.pk}", sent)
    due = Action.objects.get().due
    assert due.kind == kind
    if value:
        assert getattr(due, kind) == value


def test_an_action_from_a_letter_says_so(as_, staff):
    as_(staff).post(
        reverse("action_new"),
        {
            "text": "Answer the panel",
            "due_kind": "none",
            "source_kind": "letter",
            "source": "Letter of the panel",
            "source_on": "3 March 2025",
        },
    )
    action = Action.objects.get()
    assert (action.reference, action.source) == ("2025/01", "Letter of the panel")
    assert "Letter of the panel" in as_(staff).get(action.get_absolute_url()).text


def test_pressing_twice_adds_one_action(as_, staff, item):
    client = as_(staff)
    form = {"text": "Once", "due_kind": "none", "submission": str(uuid.uuid4())}
    address = f"{reverse('action_new')}?item={item.pk}"
    first, second = client.post(address, form), client.post(address, form)
    assert first.url == second.url
    assert Action.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"text": ""}, "Enter what is to be done"),
        ({"text": "a\0b"}, "Null characters are not allowed"),
        ({"due_kind": ""}, "Choose when it is due"),
        ({"due_kind": "date", "due_on": ""}, "Enter the due date"),
        ({"due_kind": "date", "due_on": "soon"}, "Enter a real date"),
        (
            {"due_kind": "date", "due_on": "3 August 2020"},
            "Enter a due date after the meeting date, 4 August 2020",
        ),
        ({"due_kind": "theme"}, "Choose the theme of the meeting"),
        ({"due_kind": "theme", "due_theme": "999"}, "Choose the theme again"),
        ({"due_kind": "meeting", "due_meeting": "9" * 30}, "Choose the meeting again"),
        ({"owner_1": "attendee-999"}, "Choose the owner again"),
        ({"post_1": "Director"}, "Choose the organisation this post belongs to"),
        ({"withheld": "True"}, "Choose a reason for withholding"),
    ],
)
def test_bad_input_gets_a_sentence_and_what_was_typed_is_kept(
    as_, staff, item, wrong, sentence
):
    sent = {"text": "Keep me", "due_kind": "none", "due_words": "in a while"} | wrong
    page = as_(staff).post(f"{reverse('action_new')}?item={item.pk}", sent)
    assert page.status_code == 422
    assert sentence in page.text
    assert "in a while" in page.text
    assert "<title>Error: " in page.text
    assert not Action.objects.exists()


def test_what_was_typed_is_kept_when_the_item_was_deleted_meanwhile(as_, staff, item):
    address = f"{reverse('action_new')}?item={item.pk}"
    item.delete()
    page = as_(staff).post(address, {"text": "Keep me", "due_kind": "none"})
    assert page.status_code == 422
    assert "The agenda item was deleted while you were writing" in page.text
    assert "Keep me</textarea>" in page.text


def test_a_deleted_item_in_the_address_is_not_found(as_, staff):
    for pk in ("999", "1" + "0" * 30, "9" * 5000, "x", "\0"):
        assert as_(staff).get(reverse("action_new"), {"item": pk}).status_code == 404


# The page


def test_the_page_warns_of_what_is_overdue_and_how_often_it_moved(as_, staff, action):
    action.redate(due_on(2025, 9, 20), "Late", by=staff, decision=decision())
    page = as_(staff).get(action.get_absolute_url())
    assert "The date has moved once; it was first due 1 September 2025." in page.text


def test_every_entry_of_the_timeline_is_shown_newest_first(as_, staff, action):
    send_update(
        action,
        "Draft is ready",
        by=staff,
        provided_by="Staff Officer",
        evidence=[("Plan", "https://example.org/plan")],
    )
    action.close(by=staff, decision=decision("John Campion"), text="Seen")
    text = as_(staff).get(action.get_absolute_url()).text
    order = [text.index(f">{word}</h3>") for word in ("Closed", "Update", "Raised")]
    assert order == sorted(order)
    assert "https://example.org/plan" in text
    assert "Decided by John Campion" in text


def test_only_peoples_words_on_request(as_, staff, action):
    action.add_update("Begun", by=staff)
    page = as_(staff).get(action.get_absolute_url(), {"show": "people"})
    assert [u.what for u in page.context["timeline"]] == [Update.What.UPDATE]


def test_markup_in_a_text_is_shown_as_text(as_, staff):
    action = ActionFactory(text="<script>alert(1)</script>")
    action.add_update("<img src=x onerror=alert(1)>", by=staff)
    for page in (action.get_absolute_url(), reverse("tracker")):
        text = as_(staff).get(page).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_it_says_why_it_is_for_review_next(as_, staff, action):
    MeetingFactory(date=SOON)
    page = as_(staff).get(action.get_absolute_url())
    assert page.context["reasons"][0].endswith("overdue")


@pytest.mark.parametrize("number", ["999", "9" * 6])
def test_an_unknown_reference_is_not_found(as_, staff, number):
    assert as_(staff).get(f"/actions/2025/{number}/").status_code == 404
    assert as_(staff).get(f"/actions/{'9' * 30}/{number}/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_timeline(
    as_, staff, action, django_assert_num_queries
):
    client = as_(staff)
    send_update(action, "1", by=staff, evidence=[("Plan", "https://example.org/")])
    with CaptureQueriesContext(connection) as once:
        client.get(action.get_absolute_url())
    for n in range(30):
        send_update(
            action,
            f"Word {n}",
            by=UserFactory(),
            evidence=[("Plan", "https://example.org/")],
            asks=Update.Asks.OTHER,
        )
    with django_assert_num_queries(len(once)):
        client.get(action.get_absolute_url())


# Changing it


def edit_data(action: Action, **changes) -> dict:
    owner = action.owners.first()
    return {
        "text": action.text,
        "version": action.version,
        "owner_1": f"now-{owner.pk}" if owner else "",
    } | changes


def test_an_edit_is_saved_and_said_in_the_timeline(as_, staff, action):
    partner = OrganisationFactory(short_names="Council")
    as_(staff).post(
        url("action_edit", action),
        edit_data(
            action, text="Share the revised plan", owner_2=f"organisation-{partner.pk}"
        ),
    )
    action.refresh_from_db()
    assert action.text == "Share the revised plan"
    assert action.updates.get(what=Update.What.EDITED).text == (
        "Changed: what is to be done"
    )
    assert "Council" in action.updates.get(what=Update.What.OWNERS).text
    assert action.history.first().history_user == staff


def test_an_edit_that_changes_nothing_says_nothing(as_, staff, action):
    entries = action.updates.count()
    as_(staff).post(url("action_edit", action), edit_data(action))
    assert action.updates.count() == entries


def test_a_stale_edit_is_refused_and_shows_both_texts(as_, staff, action):
    colleague = UserFactory(name="Colleague Jones")
    opened = edit_data(action)
    as_(colleague).post(
        url("action_edit", action), opened | {"text": "Theirs", "due_words": "soon"}
    )
    page = as_(staff).post(url("action_edit", action), opened | {"text": "Mine"})
    assert page.status_code == 422
    assert "Saved by Colleague Jones" in page.text
    assert "Theirs" in page.text
    assert "Mine" in page.text
    action.refresh_from_db()
    assert action.text == "Theirs"
    again = opened | {
        "text": "Mine",
        "version": page.context["form"]["version"].value(),
    }
    as_(staff).post(url("action_edit", action), again)
    action.refresh_from_db()
    assert action.text == "Mine"


def test_an_update_given_meanwhile_is_in_nobodys_way(as_, staff, liaison, action):
    page = as_(staff).get(url("action_edit", action))
    opened = edit_data(action, seen=page.context["form"]["seen"].value())
    action.add_update("We began", by=liaison)
    sent = as_(staff).post(url("action_edit", action), opened | {"text": "Reworded"})
    assert sent.status_code == 302
    action.refresh_from_db()
    assert action.text == "Reworded"


def test_owners_chosen_meanwhile_are_not_undone_unseen(as_, staff, action):
    page = as_(staff).get(url("action_edit", action))
    opened = edit_data(action, owners_seen=page.context["form"]["owners_seen"].value())
    council = OrganisationFactory(name="County Council", short_names="Council")
    second = {"owner_2": f"organisation-{council.pk}"}
    as_(UserFactory()).post(url("action_edit", action), opened | second)
    page = as_(staff).post(url("action_edit", action), opened | {"text": "Mine"})
    assert page.status_code == 422
    assert "Somebody else changed this while you were writing" in page.text
    assert "Owners</h3>" in page.text
    assert "Council" in page.text.split("Your own text is in the form below")[0]
    assert action.owners.count() == 2


def test_an_inactive_office_lead_stays_until_somebody_else_is_chosen(
    as_, staff, action
):
    gone = UserFactory(is_active=False)
    Action.objects.filter(pk=action.pk).update(office_lead=gone)
    page = as_(staff).get(url("action_edit", action))
    assert f'value="{gone.pk}" selected' in page.text


# Who may


READ_ONLY_FOR_THE_COMMISSIONER = ["action_edit", "action_issue"]
OFFICE_PAGES = [
    "action_edit",
    "action_issue",
    "action_note",
    "action_bring_forward",
]


@pytest.mark.parametrize("name", OFFICE_PAGES)
def test_a_liaison_is_refused_the_pages_of_the_office(as_, liaison, action, name):
    assert as_(liaison).get(url(name, action)).status_code == 403
    assert as_(liaison).post(url(name, action), {"text": "x"}).status_code == 403


@pytest.mark.parametrize("name", READ_ONLY_FOR_THE_COMMISSIONER)
def test_the_commissioner_reads_but_does_not_edit(as_, commissioner, action, name):
    assert as_(commissioner).get(url(name, action)).status_code == 403
    assert (
        url(name, action) not in as_(commissioner).get(action.get_absolute_url()).text
    )


@pytest.mark.parametrize(
    "name", ["action", "action_update", *[f"move:{m.value}" for m in Move]]
)
def test_another_organisations_action_is_not_there(as_, liaison, name):
    theirs = ActionFactory(organisation=OrganisationFactory())
    own = Owner(organisation=liaison.organisation)
    not_issued = ActionFactory(owners=[own], issued=False)
    for action in (theirs, not_issued):
        address = (
            url("action_move", action, name[5:])
            if name.startswith("move:")
            else url(name, action)
        )
        assert as_(liaison).get(address).status_code == 404
        assert as_(liaison).post(address, {"text": "x"}).status_code == 404


def test_a_liaison_sees_no_office_note_other_wording_or_office_lead(
    as_, liaison, staff, action
):
    Action.objects.filter(pk=action.pk).update(
        other_wording="Sealed words", office_lead=staff
    )
    action.add_note("Between ourselves", by=staff)
    text = as_(liaison).get(action.get_absolute_url()).text
    for hidden in ("Between ourselves", "Sealed words", "Office lead"):
        assert hidden not in text


def test_a_restricted_item_is_not_named_to_a_liaison(as_, liaison, staff):
    theme = ThemeFactory(name="Covert theme")
    item = AgendaItemFactory(
        heading="Covert matters",
        theme=theme,
        restricted=True,
        withheld=True,
        withheld_reason="s31",
    )
    action = ActionFactory(
        meeting=item.meeting, item=item, organisation=liaison.organisation
    )
    tracker = f"{reverse('tracker')}?filters=show"
    for address in (action.get_absolute_url(), tracker, reverse("home")):
        assert "Covert" not in as_(liaison).get(address).text
    assert "Covert matters" in as_(staff).get(action.get_absolute_url()).text


def test_a_stranger_signs_in_first(client, action):
    for address in (action.get_absolute_url(), move_url(action, Move.CLOSE)):
        assert client.get(address).url.startswith(reverse("account_login"))
        assert client.post(address).url.startswith(reverse("account_login"))


def test_editing_an_action_of_five_owners_keeps_all_five(as_, staff, action):
    forces = [OrganisationFactory() for _ in range(5)]
    set_owners(action, [Owner(organisation=force) for force in forces])
    client, address = as_(staff), url("action_edit", action)
    form = client.get(address).context["form"]
    sent = {field.html_name: field.value() or "" for field in form}
    client.post(address, sent | {"text": "Share the new plan"})
    action.refresh_from_db()
    assert action.text == "Share the new plan"
    assert [owner.organisation for owner in action.owners.all()] == forces


def test_an_action_takes_no_marks_of_withholding_in_its_words(as_, staff, action):
    address = url("action_edit", action)
    form = as_(staff).get(address).context["form"]
    sent = {field.html_name: field.value() or "" for field in form}
    marked = "Share [[withhold s31]]the plan[[/withhold]]"
    page = as_(staff).post(address, sent | {"text": marked})
    assert page.status_code == 422
    assert "An action is withheld from the public as a whole" in page.text
    action.refresh_from_db()
    assert "withhold" not in action.text
