"""What an amendment changed is printed from what to what, and never published."""

import datetime as dt

import pytest
from django.urls import reverse

from actions.amending import amend_action, amend_facts, amend_item
from actions.bulk import re_own, state
from actions.models import Action, Owner
from actions.publishing import prepare
from actions.record import record_of
from meetings.documents.amendments import amendments_table
from meetings.documents.minutes import minutes_document
from meetings.documents.tree import runs
from meetings.drafts import for_attendee
from meetings.publication import Known
from meetings.record import Amendment, Change, from_json
from meetings.record import Owner as MinutedOwner
from meetings.versions import agreed_version
from tests.factories import OrganisationFactory
from tests.meetings.pages import as_shown, said
from tests.meetings.records import MARKER, item, publish
from tests.meetings.records import record_of as plain_record
from tests.meetings.records import said as said_by
from tests.minutes import Minutes, made_once

pytestmark = pytest.mark.django_db

LONG = "One line.\nAnother one.\nA third that says what was said of roads then.\n"


def long_ones(staff, liaison) -> Minutes:
    minutes = Minutes(by=staff, liaison=liaison)
    minutes.write(minutes.open, notes=LONG)
    return minutes.agreed()


kept_minutes, minutes, staff, liaison = made_once(long_ones)


def how(minutes: Minutes) -> dict:
    number = agreed_version(minutes.meeting).number
    return {"why": "Wrong", "by": minutes.by, "made_from": number}


def kept(minutes: Minutes):
    return from_json(agreed_version(minutes.meeting).content)


def changed(minutes: Minutes) -> list[Change]:
    return list(kept(minutes).amendments[-1].changes)


def amend_notes(minutes: Minutes, notes: str) -> None:
    amend_item(
        minutes.meeting, minutes.open.pk, changes={"notes": notes}, **how(minutes)
    )


def of_action(minutes: Minutes) -> str:
    action = minutes.action
    args = [minutes.meeting.pk, action.year, action.number]
    return reverse("amend_action", args=args)


# What is kept and printed


def test_each_field_of_an_item_is_kept_from_what_to_what(minutes):
    amend_item(
        minutes.meeting,
        minutes.open.pk,
        changes={
            "heading": "Roads",
            "assurance": "partly",
            "withheld": True,
            "withheld_reason": "s40",
        },
        **how(minutes),
    )
    assert changed(minutes) == [
        Change("Heading", "Roads policing", "Roads"),
        Change("Assurance given", "", "partly assured"),
        Change(
            "Publication",
            "not withheld",
            "withheld: personal information (section 40)",
        ),
    ]


def test_facts_of_the_meeting_are_kept_from_what_to_what(minutes):
    was = kept(minutes).venue
    changes = {"venue": "Room 12", "start": dt.time(11)}
    amend_facts(minutes.meeting, changes=changes, seats={}, **how(minutes))
    venue, start = changed(minutes)
    assert venue == Change("Venue", was, "Room 12")
    assert (start.what, start.after) == ("Start", "11:00")


@pytest.mark.parametrize("page", ["minutes", "meeting"])
def test_a_page_says_who_when_why_and_from_what_to_what(as_, minutes, page):
    amend_facts(minutes.meeting, changes={"venue": "Room 12"}, seats={}, **how(minutes))
    amend_notes(minutes, LONG.replace("third that", "fourth that"))
    text = as_(minutes.by).get(reverse(page, args=[minutes.meeting.pk])).text
    assert "Room 12”" in text
    assert "<del>" in text
    assert "taken out: </span>third<" in text
    assert "put in: </span>fourth<" in text
    assert "Wrong" in text


def test_the_page_of_a_meeting_that_was_not_amended_says_nothing_of_it(as_, minutes):
    page = as_(minutes.by).get(reverse("meeting", args=[minutes.meeting.pk]))
    assert "Amended since they were agreed" not in page.text


def test_a_liaison_never_reads_from_what_minutes_were_amended(as_, minutes):
    amend_notes(minutes, "Changed")
    page = as_(minutes.liaison).get(reverse("meeting", args=[minutes.meeting.pk]))
    assert "third that says" not in page.text


def test_documents_say_from_what_to_what_with_what_differs_in_bold(minutes):
    amend_facts(minutes.meeting, changes={"venue": "Room 12"}, seats={}, **how(minutes))
    amend_notes(minutes, LONG.replace("third that", "fourth that"))
    table = amendments_table(kept(minutes))
    first, second = (runs(row[2]) for row in table.rows)
    assert "Venue: added “Room 12”" in "".join(run.text for run in first)
    assert {run.text for run in second if run.strong} == {"Notes", "third", "fourth"}
    document = minutes_document(kept(minutes), state="", on=dt.date(2026, 1, 1))
    assert table in document.blocks


def test_amendments_kept_without_changes_are_printed_with_what_is_known(as_, minutes):
    record = plain_record(
        amendments=(Amendment("Item 1: notes", "A slip", "Sam", dt.date(2025, 5, 6)),)
    )
    ((_, _, what, _),) = amendments_table(record).rows
    assert "".join(run.text for run in runs(what)) == "Item 1: notes"


def test_search_finds_nothing_that_was_taken_out(minutes):
    amend_notes(minutes, "Nothing of it")
    assert "third that" not in agreed_version(minutes.meeting).text


# Publication


def test_what_an_amendment_changed_is_never_published() -> None:
    amendment = Amendment(
        "Item 1: notes",
        "A slip",
        "Sam",
        dt.date(2025, 5, 6),
        item=1,
        changes=(Change(MARKER, MARKER, f"[[withhold s40]]{MARKER}[[/withhold]]"),),
    )
    public = publish(plain_record(item(1), amendments=(amendment,))).record
    assert public.amendments[0].changes == ()
    assert MARKER not in said_by(public)
    copy = for_attendee(plain_record(item(1), amendments=(amendment,)), Known())
    assert MARKER not in said_by(copy)


def test_withholding_what_was_public_does_not_publish_it_as_what_was_before(minutes):
    amend_notes(minutes, "A quokka came.")
    amend_notes(minutes, "A [[withhold s40]]quokka[[/withhold]] came.")
    amend_notes(minutes, "Nobody came.")
    public = prepare(minutes.meeting).record
    assert len(public.amendments) == 3
    assert "quokka" not in said_by(public)


# Owners and due of an action


def test_owners_and_due_of_an_action_are_amended_as_minuted(as_, minutes):
    other = OrganisationFactory(name="Another force", short_names="AF")
    client = as_(minutes.by)
    before = kept(minutes).actions[0]
    sent = client.post(
        of_action(minutes),
        as_shown(
            client.get(of_action(minutes)).context["form"],
            owner_organisation_0="AF",
            owner_post_0="Director, Estates",
            owner_organisation_1=before.owners[0].organisation,
            owner_person_1="Pat Ray",
            due="3 May 2025",
            why="Misheard",
        ),
    )
    assert "owners and due" in said(sent)
    (line,) = kept(minutes).actions
    assert line.owners == (
        MinutedOwner("AF", "Director, Estates"),
        MinutedOwner(before.owners[0].organisation, "", "Pat Ray"),
    )
    assert line.due == "3 May 2025"
    action = Action.objects.get(pk=minutes.action.pk)
    assert [owner.organisation for owner in action.owners.all()] == [
        minutes.organisation
    ]
    assert action.due.on == dt.date(2025, 6, 1)
    entry = action.updates.order_by("pk").last()
    assert entry.office_only
    assert "Due in the minutes: from 1 June 2025 to 3 May 2025" in entry.text
    assert "to AF, Director, Estates; " in entry.text
    assert [change.what for change in changed(minutes)] == ["Owners", "Due"]
    assert other.name not in entry.text


def test_owners_corrected_in_minutes_stay_so_when_the_action_is_re_owned(minutes):
    reference = minutes.action.reference
    owners = (MinutedOwner("AF"),)
    amend_action(minutes.meeting, reference, changes={"owners": owners}, **how(minutes))
    action = Action.objects.get(pk=minutes.action.pk)
    later = OrganisationFactory(name="Much later", short_names="ML")
    re_own(
        [action],
        [Owner(organisation=later)],
        by=minutes.by,
        seen={action.pk: state(action)},
    )
    amend_notes(minutes, "Something else")
    for record in (kept(minutes), record_of(minutes.meeting, minutes.by)):
        assert record.actions[0].owners == owners
    assert prepare(minutes.meeting).record.actions[0].owners == owners


def test_nobody_owns_an_action_whose_owners_are_taken_out(as_, minutes):
    client = as_(minutes.by)
    form = client.get(of_action(minutes)).context["form"]
    changes = {"owner_organisation_0": "", "due": "", "why": "Nobody agreed to it"}
    client.post(of_action(minutes), as_shown(form, **changes))
    (line,) = kept(minutes).actions
    assert (line.owners, line.due) == ((), "")
    assert changed(minutes)[0].after == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"owner_post_1": "Planner"}, "Choose the organisation of Planner"),
        ({"owner_organisation_0": "Nobody knows"}, "Choose the organisation from"),
        ({"due": "x" * 151}, "Enter at most 150 characters"),
    ],
)
def test_owners_that_make_no_sense_are_refused(as_, minutes, changes, words):
    client = as_(minutes.by)
    form = client.get(of_action(minutes)).context["form"]
    page = client.post(of_action(minutes), as_shown(form, why="x", **changes))
    assert page.status_code == 422
    assert words in page.text
    assert agreed_version(minutes.meeting).number == 1


def test_two_people_amending_owners_lose_nothing(as_, minutes):
    OrganisationFactory(name="Another force", short_names="AF")
    client, url = as_(minutes.by), of_action(minutes)
    mine = as_shown(client.get(url).context["form"], due="Mine", why="Mine")
    owners = (*kept(minutes).actions[0].owners, MinutedOwner("AF", "Theirs"))
    amend_action(
        minutes.meeting,
        minutes.action.reference,
        changes={"owners": owners},
        **how(minutes),
    )
    page = client.post(url, mine)
    assert page.status_code == 422
    assert "Theirs" in page.text
    assert kept(minutes).actions[0].owners == owners


# Who was there, on its page


def of_facts(minutes: Minutes) -> str:
    return reverse("meeting_amend", args=[minutes.meeting.pk])


def test_somebody_is_added_and_somebody_taken_out_on_the_page(as_, minutes):
    client = as_(minutes.by)
    form = client.get(of_facts(minutes)).context["form"]
    sent = client.post(
        of_facts(minutes),
        as_shown(
            form,
            attendance_1="taken_out",
            new_name_0=" Pat  Ray ",
            new_capacity_0="Planner",
            new_organisation_0=minutes.organisation.pk,
            new_attendance_0="apologies",
            why="The list was wrong",
        ),
    )
    assert "Attendance." in said(sent)
    text = client.get(reverse("minutes", args=[minutes.meeting.pk])).text
    assert "<strong>Apologies:</strong> Pat Ray, Planner" in text
    assert "taken out “Lee Liaison, Staff Officer: present”" in text
    (added,) = [
        row for row in minutes.meeting.attendance() if row.person.name[0] == "P"
    ]
    assert added.organisation == minutes.organisation
    again = client.get(of_facts(minutes)).context["form"]
    assert [seat.name for seat, _ in again.rows()] == ["John Campion", "Pat Ray"]


def test_somebody_without_a_name_is_not_added(as_, minutes):
    client = as_(minutes.by)
    form = client.get(of_facts(minutes)).context["form"]
    changes = {"new_capacity_1": "Planner", "why": "x"}
    page = client.post(of_facts(minutes), as_shown(form, **changes))
    assert page.status_code == 422
    assert "Enter the name of whoever was left out" in page.text
    assert "Planner" in page.text


def test_whoever_somebody_else_added_meanwhile_stays(as_, minutes):
    client, url = as_(minutes.by), of_facts(minutes)
    mine = as_shown(client.get(url).context["form"], venue="Mine", why="Mine")
    theirs = as_shown(
        client.get(url).context["form"], new_name_0="Pat Ray", why="Left out"
    )
    assert client.post(url, theirs).status_code == 302
    page = client.post(url, mine)
    assert page.status_code == 422
    assert "while you were writing" in page.text
    assert client.post(url, as_shown(page.context["form"])).status_code == 302
    record = kept(minutes)
    assert (record.venue, record.seats[-1].name) == ("Mine", "Pat Ray")
    assert "Pat Ray" in [row.person.name for row in minutes.meeting.attendance()]
