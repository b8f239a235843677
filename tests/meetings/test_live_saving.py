"""Minutes saved as they are typed: once, by whom it may be, and with nothing lost."""

import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Action
from actions.spoken import LONGEST_TEXT
from assurance.models import Organisation
from meetings.models import AgendaItem, Meeting
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    OrganisationFactory,
)
from tests.meetings.pages import as_shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    meeting = MeetingFactory(state="in_progress")
    force = OrganisationFactory(name="West Mercia Police", short_names="Force, WMP")
    AttendeeFactory(
        meeting=meeting,
        person__name="Rachel Jones",
        capacity="Director of Business Services",
        abbreviation="DBS",
        organisation=force,
    )
    return AgendaItemFactory(meeting=meeting, heading="Leadership")


class Desk:
    """Somebody's page of an item: what it sends, and what it was told is stored."""

    def __init__(self, client: Client, item: AgendaItem) -> None:
        self.client, self.item = client, item
        at = f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
        self.form = client.get(at).context["form"]
        self.url = reverse("minutes_save", args=[item.meeting_id, item.pk])
        self.known = {name: self.form[name].value() for name in ("version", "seen")}

    def body(self, notes: str = "", **changes) -> dict:
        fields = {name: self.form[name].value() for name in ("decisions", "assurance")}
        return {
            **fields,
            **self.known,
            "notes": notes,
            "submission": str(uuid.uuid4()),
            **changes,
        }

    def send(self, body: dict):
        answer = self.client.post(self.url, body, headers={"HX-Request": "true"})
        if answer.status_code == 200:
            told = answer.json()
            self.known = {name: told[name] for name in self.known}
        return answer

    def save(self, notes: str = "", **changes):
        return self.send(self.body(notes, **changes))


@pytest.fixture
def desk(as_, staff, item) -> Desk:
    return Desk(as_(staff), item)


def stored(item: AgendaItem) -> str:
    return AgendaItem.objects.get(pk=item.pk).notes


# Saving


def test_a_save_says_what_is_stored_and_the_next_one_goes_on_from_it(desk, item):
    first = desk.save("The PCC asked ").json()
    assert first["stored"]["notes"] == stored(item) == "The PCC asked "
    assert re.fullmatch(r"Saved \d\d:\d\d", first["saved"])
    second = desk.save("The PCC asked about it.\n", assurance="partly").json()
    assert second["version"] == first["version"] + 1
    assert second["stored"]["assurance"] == "partly"
    assert stored(item) == "The PCC asked about it.\n"
    assert "has notes" in second["parts"]["agenda"]


def test_who_saved_what_is_in_the_history(desk, item, staff):
    desk.save("One")
    desk.save("One two")
    saves = item.history.filter(history_type="~").order_by("history_id")
    assert [row.notes for row in saves] == ["One", "One two"]
    assert {row.history_user for row in saves} == {staff}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("One\r\nTwo\r\n", "One\nTwo\n"),
        ("  indented \n\n", "  indented \n\n"),
        (" \n ", ""),
        ("é ü — “quoted” 🚓", "é ü — “quoted” 🚓"),
        ("word\r\n" * 20_000, "word\n" * 20_000),
    ],
    ids=["line ends", "blanks", "only blanks", "letters", "huge"],
)
def test_text_is_kept_as_it_was_typed(desk, item, typed, kept):
    assert desk.save(typed).json()["stored"]["notes"] == kept
    assert stored(item) == kept


@pytest.mark.parametrize(
    ("changes", "name", "sentence"),
    [
        ({"notes": "a\x00b"}, "notes", "Null characters are not allowed"),
        ({"assurance": "maybe"}, "assurance", "Choose the assurance given"),
        ({"version": "x"}, "", "whole number"),
        ({"notes": "x" * 100_001}, "notes", "at most 100000 characters; this has"),
        ({"decisions": "x" * 100_001}, "decisions", "at most 100000 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_saved(desk, item, changes, name, sentence):
    answer = desk.save(**{"notes": "Mine"} | changes)
    assert answer.status_code == 422
    assert sentence in " ".join(answer.json()["refused"][name])
    assert stored(item) == ""


@pytest.mark.parametrize("state", ["agreed", "cancelled"])
def test_what_is_frozen_is_not_written(desk, item, state):
    because = "Snow" if state == "cancelled" else ""
    Meeting.objects.update(state=state, cancelled_because=because)
    answer = desk.save("Too late\nACTION: DBS to hurry\n")
    assert answer.status_code == 422
    assert "nothing" in answer.json()["refused"][""][0]
    assert stored(item) == ""
    assert not Action.objects.exists()


def test_an_item_taken_off_the_agenda_says_so(desk, item):
    item.delete()
    answer = desk.save("Mine")
    assert answer.status_code == 409
    assert "taken off the agenda" in answer.json()["refused"][""][0]


def test_only_the_office_saves_and_a_script_is_told_it_is_signed_out(
    as_, client, desk, item, liaison, commissioner
):
    for user in (liaison, commissioner):
        assert as_(user).post(desk.url, desk.body("Mine")).status_code == 403
    assert "login" in client.post(desk.url, desk.body("Mine")).url
    by_script = {"HX-Request": "true"}
    for url in (desk.url, reverse("home"), reverse("tracker")):
        answer = client.post(url, desk.body("Mine"), headers=by_script)
        assert answer.status_code == 401
        assert "signed out" in answer.text
        assert answer["Cache-Control"] == "no-store"
    assert stored(item) == ""


def test_a_fresh_token_is_for_who_may_write_only(as_, client, staff, liaison, item):
    url = reverse("minutes_state", args=[item.meeting_id])
    assert as_(staff).get(url).json()["token"]
    assert as_(liaison).get(url).status_code == 403
    assert client.get(url, headers={"HX-Request": "true"}).status_code == 401


# A request that got no answer


def test_the_same_request_again_writes_nothing_twice(desk, item):
    body = desk.body(
        "ACTION: DBS to share the plan in a month\nMore", quick="DBS to go"
    )
    first, again = desk.send(body).json(), desk.send(body).json()
    assert Action.objects.count() == 2
    assert item.history.filter(history_type="~").count() == 1
    for name in ("version", "seen", "stored", "added"):
        assert first[name] == again[name]


def test_a_repeat_after_somebody_elses_save_says_what_it_stored_itself(
    as_, administrator, desk, item
):
    body = desk.body("ACTION: DBS to share the plan\nMine")
    first = desk.send(body).json()
    theirs = Desk(as_(administrator), item)
    theirs.save(f"{first['stored']['notes']} and theirs")
    again = desk.send(body).json()
    assert again["stored"] == first["stored"]
    assert again["seen"] == first["seen"]
    assert desk.save("Something else").status_code == 409
    assert stored(item).endswith("and theirs")
    assert Action.objects.count() == 1


def test_a_refused_request_may_succeed_when_it_is_sent_again(desk, item):
    body = desk.body("Mine")
    Meeting.objects.update(state="agreed")
    assert desk.send(body).status_code == 422
    Meeting.objects.update(state="draft")
    assert desk.send(body).status_code == 200
    assert stored(item) == "Mine"


# Two writers


def test_two_writers_of_one_text_are_both_shown(as_, administrator, desk, item):
    Desk(as_(administrator), item).save("Theirs alone")
    answer = desk.save("Mine alone")
    assert answer.status_code == 409
    page = answer.json()["conflict"]
    for part in ("<ins>", "<del>", administrator.name, "Keep mine", "Keep theirs"):
        assert part in page
    assert "Merge by hand" in page
    assert stored(item) == "Theirs alone"


def test_two_writers_of_two_fields_or_two_items_are_in_nobodys_way(
    as_, administrator, desk, item
):
    theirs = Desk(as_(administrator), item)
    assert theirs.save("", decisions="Theirs").status_code == 200
    assert desk.save("Mine").json()["stored"]["decisions"] == "Theirs"
    other = AgendaItemFactory(meeting=item.meeting)
    assert Desk(as_(administrator), other).save("There").status_code == 200
    assert desk.save("Mine too").status_code == 200


@pytest.mark.parametrize(
    ("choice", "kept"),
    [("mine", "Same\nMine"), ("theirs", "Same\nTheirs")],
)
def test_without_javascript_one_of_the_two_is_chosen(
    as_, staff, administrator, item, choice, kept
):
    page = f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
    mine = as_(staff)
    form = mine.get(page).context["form"]
    Desk(as_(administrator), item).save("Same\nTheirs", decisions="Theirs too")
    data = as_shown(form)
    refused = mine.post(page, data | {"notes": "Same\nMine"})
    assert refused.status_code == 422
    form = refused.context["form"]
    data = as_shown(form)
    again = data | {"settle": choice, "disputed": "notes"}
    assert mine.post(page, again).status_code == 302
    item.refresh_from_db()
    assert (item.notes, item.decisions) == (kept, "Theirs too")


def test_without_javascript_both_are_put_into_the_field_to_be_merged(
    as_, staff, administrator, item
):
    page = f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
    mine = as_(staff)
    form = mine.get(page).context["form"]
    Desk(as_(administrator), item).save("Same\nTheirs")
    data = as_shown(form)
    data = data | {"notes": "Same\r\nMine", "settle": "both", "disputed": "notes"}
    shown = mine.post(page, data)
    assert shown.status_code == 200
    assert "Both texts are in the field" in shown.text
    form = shown.context["form"]
    assert form["notes"].value() == "Same\nMine\nTheirs"
    data = as_shown(form)
    assert mine.post(page, data | {"notes": "Same\nBoth"}).status_code == 302
    assert stored(item) == "Same\nBoth"


# Lines that are actions and decisions


def test_a_finished_line_becomes_an_action_and_its_mark(desk, item, staff):
    answer = desk.save("Before\nACTION: DBS to share the plan in a month\nAfter").json()
    action = Action.objects.get()
    assert answer["stored"]["notes"] == f"Before\n[[action {action.reference}]]\nAfter"
    assert stored(item) == answer["stored"]["notes"]
    assert (action.meeting, action.item) == (item.meeting, item)
    assert action.text == "DBS to share the plan in a month"
    assert [str(owner) for owner in action.owners.all()] == [
        "WMP, Director of Business Services, Rachel Jones"
    ]
    assert action.due_words == "in a month"
    assert answer["added"] == [
        f"Action {action.reference} added: DBS, due {action.due.in_words()}."
    ]
    assert "1 action" in answer["parts"]["agenda"]
    card = answer["parts"]["actions"]
    assert "DBS to share the plan" in card
    assert "Printed where its mark is" in card
    assert reverse("minutes_action", args=[item.meeting_id, item.pk, action.pk]) in card


def test_what_was_not_understood_is_said_to_be_unset(desk):
    card = desk.save("Action - somebody to do something\n").json()["parts"]["actions"]
    assert "No owner" in card
    assert "No due date" in card


def test_a_line_still_being_written_is_no_action_yet(desk, item):
    line = "ACTION: DBS to share"
    assert desk.save(line).json()["waiting"]
    assert desk.save(f"{line}\nAfter", in_hand="0").json()["waiting"]
    assert not Action.objects.exists()
    finished = desk.save(f"{line}\nAfter", finished="1").json()
    assert not finished["waiting"]
    assert stored(item) == f"[[action {Action.objects.get().reference}]]\nAfter"


def test_a_decision_goes_to_the_decisions_and_leaves_its_mark(desk, item):
    answer = desk.save("One\nDECISION: To go on\nTwo\n", decisions="Agreed before")
    assert answer.json()["stored"] == {
        "notes": "One\n[[decision 2]]\nTwo\n",
        "decisions": "Agreed before\nTo go on",
        "assurance": "",
    }


def test_marks_of_decisions_follow_them_when_one_is_taken_out(desk, item):
    desk.save("DECISION: One\nDECISION: Two\nDECISION: Three\n")
    marks = "[[decision 1]]\n[[decision 2]]\n[[decision 3]]\n"
    assert stored(item) == marks
    desk.save(marks, decisions="One, put better\nThree")
    assert stored(item) == "[[decision 1]]\n\n[[decision 2]]\n"


def test_a_line_that_is_refused_stays_and_says_why(desk, item):
    line = f"ACTION: {'x' * (LONGEST_TEXT + 1)}"
    answer = desk.save(f"{line}\nAfter\n").json()
    assert stored(item) == f"{line}\nAfter\n"
    assert "is no action yet" in answer["parts"]["notices"]
    assert not Action.objects.exists()


def test_one_save_takes_so_many_lines_and_the_next_one_the_others(desk, item):
    decided = [f"to do {n}" for n in range(103)]
    lines = [*(f"DECISION: {one}" for one in decided), "ACTION: DBS to do the rest", ""]

    answer = desk.save("\n".join(lines)).json()

    assert stored(item).count("[[") == 100
    assert "save again for the next ones" in answer["parts"]["notices"]
    assert answer["waiting"]
    stands = answer["stored"]
    answer = desk.save(stands["notes"], decisions=stands["decisions"]).json()
    assert not answer["waiting"]
    assert Action.objects.count() == 1
    item.refresh_from_db()
    assert item.decisions.splitlines() == decided


def test_a_decision_for_which_there_is_no_room_stays_a_line(desk, item):
    decisions = "x" * 99_990

    answer = desk.save("DECISION: to share the plan\n", decisions=decisions).json()

    assert stored(item) == "DECISION: to share the plan\n"
    assert answer["stored"]["decisions"] == decisions
    assert "have room for 100,000 characters" in answer["parts"]["notices"]


@pytest.mark.parametrize("name", ["notes", "decisions"])
def test_without_javascript_what_is_too_long_is_refused_and_kept_on_the_page(
    desk, item, name
):
    typed = "word " * 20_001
    at = reverse("minutes", args=[item.meeting_id])

    answer = desk.client.post(f"{at}?item={item.pk}", desk.body(**{name: typed}))

    assert answer.status_code == 422
    assert answer.context["form"].errors[name] == [
        "Enter at most 100000 characters; this has 100005"
    ]
    assert typed in answer.text
    assert stored(item) == ""


def test_notes_longer_than_are_taken_now_stay_while_decisions_are_written(desk, item):
    notes = "Speeding was discussed.\n" * 5000
    AgendaItem.objects.filter(pk=item.pk).update(notes=notes)
    item.refresh_from_db()

    as_sent = notes.replace("\n", "\r\n")
    answer = desk.save(as_sent, decisions="To share the plan")

    assert answer.status_code == 200
    item.refresh_from_db()
    assert (item.notes, item.decisions) == (notes, "To share the plan")
    refused = desk.save(f"{as_sent}More")
    assert refused.status_code == 422
    assert "at most 100000 characters; this has" in refused.text


def test_many_lines_that_are_refused_or_no_action_are_saved_at_once(desk, item):
    lines = ["ACTION: [[withhold s40]]", "ACTION: none", "DECISION: nil", "[[withhold "]
    notes = "\n".join(lines * 1000) + "[[withhold" + " " * 20_000

    answer = desk.save(notes)

    assert answer.status_code == 200
    assert stored(item) == notes
    assert not Action.objects.exists()


def test_taking_a_mark_out_unplaces_the_action_and_keeps_it(desk, item):
    desk.save("ACTION: DBS to share\n")
    answer = desk.save("").json()
    assert Action.objects.count() == 1
    assert "Printed after the notes" in answer["parts"]["actions"]


def test_doubtful_marks_are_said_to_be(desk, item):
    action = ActionFactory(meeting=item.meeting, item=item)
    mark = f"[[action {action.reference}]]"
    notices = desk.save(f"{mark}\n{mark}\n[[action 1999/01]]\n[[withhold s40]]\n")
    said = notices.json()["parts"]["notices"]
    assert f"{action.reference} is marked 2 times" in said
    assert "1999/01: no such action" in said
    assert "[[withhold]] is left open" in said


def test_a_passage_begun_within_another_is_said_to_be(desk, item):
    text = "[[withhold s40]]\na [[withhold s31]] b [[/withhold]]\n[[/withhold]]\n"
    said = desk.save(text).json()["parts"]["notices"]
    assert "[[withhold s31]] begins inside a passage that is withheld already" in said
    assert "type [[/withhold]] before it" in said
    assert "left open" not in said


def test_forty_actions_at_once_are_forty_actions(desk, item):
    text = "".join(f"ACTION: DBS to do thing {n}\n" for n in range(40))
    desk.save(text)
    assert Action.objects.count() == 40
    assert stored(item).count("[[action ") == 40


# The action line


def test_the_action_line_adds_one_action_and_saves_the_notes(desk, item):
    answer = desk.save("Said", quick="Force to report by 30 June 2031").json()
    action = Action.objects.get()
    assert stored(item) == "Said"
    assert answer["added"] == [
        f"Action {action.reference} added: WMP, due 30 June 2031."
    ]
    assert str(action.owners.get()) == "WMP"


def test_an_action_line_that_is_refused_saves_nothing_of_it(desk, item):
    answer = desk.save("Said", quick="x" * (LONGEST_TEXT + 1))
    assert answer.status_code == 422
    assert not Action.objects.exists()


def test_what_a_line_means_is_shown_before_it_is_added(as_, staff, item):
    url = reverse("minutes_understood", args=[item.meeting_id])
    client = as_(staff)
    said = client.post(url, {"quick": "DBS to share the plan in a month"}).text
    assert "WMP, Director of Business Services, Rachel Jones" in said
    assert "26 April 2025 (“in a month”)" in said
    assert "No owner understood" in client.post(url, {"quick": "Do it"}).text
    for nothing in ("", " ", "\x00", "x" * (LONGEST_TEXT + 1)):
        assert "owner" not in client.post(url, {"quick": nothing}).text
    assert not Action.objects.exists()


def test_without_javascript_a_save_takes_lines_and_the_action_line(as_, staff, item):
    page = f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
    client = as_(staff)
    form = client.get(page).context["form"]
    data = as_shown(form)
    data |= {"notes": "ACTION: DBS to share", "quick": "DBS to tell"}
    sent = client.post(page, data, follow=True)
    assert Action.objects.count() == 2
    for action in Action.objects.all():
        assert f"Action {action.reference} added" in sent.text
    assert stored(item).startswith("[[action ")


def test_mending_an_action_leads_back_to_the_item(as_, staff, item):
    action = ActionFactory(meeting=item.meeting, item=item)
    url = reverse("action_edit", args=[action.year, action.number])
    form = as_(staff).get(url).context["form"]
    data = as_shown(form)
    sent = as_(staff).post(f"{url}?from=minutes", data | {"text": "Mended"})
    page = f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
    assert sent.url == page


# Helpers


def test_phrases_are_of_those_present(as_, staff, item):
    office = OrganisationFactory(kind=Organisation.Kind.OFFICE, short_names="OPCC")
    AttendeeFactory(meeting=item.meeting, abbreviation="DPCC", organisation=office)
    AttendeeFactory(meeting=item.meeting, abbreviation="ACC", attendance="apologies")
    page = as_(staff).get(reverse("minutes", args=[item.meeting_id])).text
    phrases = re.findall(r'data-insert="([^"]*)"', page)
    assert phrases == ["The DBS responded ", "The DPCC asked "]


def test_with_nobody_of_the_office_there_the_holder_asks(as_, staff, item):
    page = as_(staff).get(reverse("minutes", args=[item.meeting_id])).text
    phrases = re.findall(r'data-insert="([^"]*)"', page)
    assert phrases == ["The PCC asked ", "The DBS responded "]


def test_shortcuts_are_switched_off_and_on(as_, staff, item):
    client, url = as_(staff), reverse("minutes_shortcuts", args=[item.meeting_id])
    page = f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
    assert "data-shortcuts" in client.get(page).text
    assert client.post(url, {"shortcuts": "off", "item": item.pk}).url == page
    assert "data-shortcuts" not in client.get(page).text
    client.post(url, {"shortcuts": "on"})
    assert "data-shortcuts" in client.get(page).text


@pytest.mark.parametrize("many", [1, 30])
def test_a_save_costs_the_same_in_a_long_meeting(as_, staff, item, many):
    for _ in range(many):
        row = AgendaItemFactory(meeting=item.meeting, notes="Said")
        ActionFactory(meeting=item.meeting, item=row)
    desk = Desk(as_(staff), item)
    desk.save("One")
    with CaptureQueriesContext(connection) as queries:
        desk.save("One two")
    assert len(queries) == 23


def test_enter_where_no_script_runs_saves_and_marks_nobody(as_, staff, item):
    """A browser presses the first button of the form."""
    page = as_(staff).get(
        f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
    )
    buttons = re.findall(r'<button type="submit"[^>]*form="notes"[^>]*>', page.text)
    assert 'value="stay"' in buttons[0]
