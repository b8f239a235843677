"""The pages that show history: what they say, to whom, and how quickly."""

import csv
import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.models import UpdateDraft
from assurance import events
from assurance.history import entries
from assurance.history.sources import KINDS, SOURCES
from assurance.models import Event, User
from meetings.models import AgendaItem, Attendee, Paper
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    LegalHoldFactory,
    MeetingFactory,
    MinutesVersionFactory,
    OrganisationFactory,
    PersonFactory,
    ReadInFactory,
    SheetInFactory,
    StandingItemFactory,
    ThemeFactory,
    UserFactory,
)


def changed(row: Any, by: User, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.version = getattr(row, "version", 0) + 1
    row._history_user = by
    row.save()


def history_of(browser: Any, kind: str, pk: int, query: str = "") -> Any:
    return browser.get(reverse("history_of", args=[kind, pk]) + query)


def said(response: Any) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    return [
        (
            entry.title,
            entry.by,
            [(change.label, change.before, change.after) for change in entry.changes],
        )
        for entry in response.context["entries"]
    ]


def test_the_history_of_a_meeting_says_who_changed_what_from_what_to_what(
    as_: Any, staff: User, commissioner: User
) -> None:
    old, new = ThemeFactory(name="Roads"), ThemeFactory(name="Custody")
    meeting = MeetingFactory(themes=[old], venue="Hindlip Hall")
    seat = AttendeeFactory(meeting=meeting, person__name="Anna Bell")
    item = AgendaItemFactory(meeting=meeting, heading="Leadership")
    changed(meeting, staff, venue="Online", date=dt.date(2025, 4, 3))
    meeting.themes.set([new])
    changed(seat, staff, attendance=Attendee.Attendance.PART, joined_item=item)
    changed(item, staff, restricted=True, withheld=True, withheld_reason="s31")
    paper = Paper.objects.create(item=item, title="Figures")
    paper.delete()
    item_pk = item.pk
    item.delete()
    found = said(history_of(as_(commissioner), "meetings", meeting.pk))
    name = staff.name
    assert (
        "Meeting changed",
        name,
        [
            ("Date", "26 March 2025", "3 April 2025"),
            ("Venue", "Hindlip Hall", "Online"),
        ],
    ) in found
    themes = [c for _, _, changes in found for c in changes if c[0] == "Themes"]
    # The old one goes before the new one comes.
    assert themes[:2] == [("Themes", "", "Custody"), ("Themes", "Roads", "")]
    assert (
        "Attendance changed: Anna Bell",
        name,
        [
            ("Status", "Present", "Present for part"),
            ("Joined item", "", "Leadership"),
        ],
    ) in found
    assert (
        "Agenda item changed: Leadership",
        name,
        [
            ("For the office only", "No", "Yes"),
            ("Withhold from publication", "No", "Yes"),
            ("Reason for withholding", "", "Law enforcement (section 31)"),
        ],
    ) in found
    titles = [title for title, _, _ in found]
    assert titles.index("Agenda item removed: Leadership") < titles.index(
        "Paper removed: Figures"
    )
    assert "Paper added: Figures" in titles
    assert AgendaItem.history.filter(id=item_pk).exists()


def test_the_history_of_an_action_has_owners_and_timeline(
    as_: Any, staff: User
) -> None:
    force = OrganisationFactory(name="Mercia Police")
    action = ActionFactory(organisation=force, text="Share the plan", by=staff)
    changed(
        action,
        staff,
        text="Share the whole plan with the office by the summer, "
        "and say who leads on it",
    )
    found = said(history_of(as_(staff), "actions", action.pk))
    titles = [title for title, _, _ in found]
    assert "Owner added: Mercia Police" in titles
    assert "Issued, written to the timeline" in titles
    assert found[0][0] == "Action changed"
    assert found[0][2][0][1:] == (
        "Share the plan",
        "Share the whole plan with the office by the summer, and say who leads on it",
    )


def test_long_texts_are_shown_with_what_differs_marked(as_: Any, staff: User) -> None:
    first = "The force said that it had looked at each of the cases once more. "
    item = AgendaItemFactory(notes=first + "None was closed.")
    changed(item, staff, notes=first + "One was closed.")
    page = history_of(as_(staff), "meetings", item.meeting_id).content.decode()
    assert "<del>" in page
    assert "<ins>" in page


def test_what_one_person_saved_while_typing_is_one_entry_with_its_steps(
    as_: Any, staff: User, commissioner: User
) -> None:
    item = AgendaItemFactory(heading="Roads")
    for word in ("One", "One two", "One two three"):
        changed(item, staff, notes=word)
    changed(item, commissioner, notes="One two")
    browser = as_(staff)
    response = history_of(browser, "meetings", item.meeting_id)
    mine = [e for e in response.context["entries"] if e.by == staff.name]
    assert [(c.before, c.after) for c in mine[0].changes] == [("", "One two three")]
    assert [c.after for step in mine[0].steps for c in step.changes] == [
        "One two three",
        "One two",
        "One",
    ]
    assert len(mine) == 1
    assert "Saved 3 times" in response.content.decode()
    every = history_of(browser, "meetings", item.meeting_id, "?every=1")
    assert len([e for e in every.context["entries"] if e.by == staff.name]) == 3


def test_saves_far_apart_are_entries_of_their_own(
    as_: Any, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = AgendaItemFactory()
    changed(item, staff, notes="One")
    changed(item, staff, notes="Two")
    monkeypatch.setattr(entries, "_BURST", dt.timedelta(0))
    response = history_of(as_(staff), "meetings", item.meeting_id)
    assert len([e for e in response.context["entries"] if e.by == staff.name]) == 2


def test_a_draft_of_an_update_is_its_organisations_own(
    as_: Any, administrator: User, liaison: User
) -> None:
    action = ActionFactory(organisation=liaison.organisation)
    UpdateDraft.objects.create(
        action=action,
        organisation=liaison.organisation,
        text="Not sent to anybody",
        changed_by=liaison,
    )
    browser = as_(administrator)
    for url in (reverse("history_of", args=["actions", action.pk]), reverse("history")):
        assert "Not sent to anybody" not in browser.get(url).content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_thing_has_a_history_that_administrators_read(
    as_: Any, administrator: User, kind: str
) -> None:
    thing = {
        "meetings": MeetingFactory,
        "actions": ActionFactory,
        "people": PersonFactory,
        "types": lambda: StandingItemFactory().type,
        "themes": ThemeFactory,
        "accounts": UserFactory,
        "organisations": OrganisationFactory,
        "old-minutes": ReadInFactory,
        "trackers": SheetInFactory,
    }[kind]()
    response = history_of(as_(administrator), kind, thing.pk)
    assert any(title.endswith("added") for title, _, _ in said(response))
    link = response.context["trail"][-1][1]
    assert as_(administrator).get(link).status_code in (200, 302)


def test_pages_of_things_lead_to_their_history(as_: Any, administrator: User) -> None:
    browser = as_(administrator)
    item, person, seat = StandingItemFactory(), PersonFactory(), UserFactory()
    action, theme = ActionFactory(), ThemeFactory()
    for page, kind, pk in (
        (action.meeting.get_absolute_url(), "meetings", action.meeting_id),
        (action.get_absolute_url(), "actions", action.pk),
        (person.get_absolute_url(), "people", person.pk),
        (reverse("registers"), "types", item.type_id),
        (reverse("registers"), "themes", theme.pk),
        (reverse("account_edit", args=[seat.pk]), "accounts", seat.pk),
    ):
        there = browser.get(page).content.decode()
        assert reverse("history_of", args=[kind, pk]) in there, page


@pytest.mark.parametrize("of", ["one thing", "everything"])
def test_thirty_entries_take_no_more_queries_than_one(
    as_: Any, administrator: User, of: str
) -> None:
    meeting = MeetingFactory()
    url = reverse("history_of", args=["meetings", meeting.pk])
    url = url if of == "one thing" else reverse("history")
    browser = as_(administrator)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url).status_code == 200
        return len(captured)

    AgendaItemFactory(meeting=meeting)
    Paper.objects.create(item=AgendaItemFactory(meeting=meeting), title="Figures")
    one = AttendeeFactory(meeting=meeting)
    changed(one, administrator, note="Late")
    few = queries()
    for _ in range(6):
        item = AgendaItemFactory(meeting=meeting)
        changed(item, UserFactory(), heading="Another")
        Paper.objects.create(item=item, title="Figures").delete()
        changed(AttendeeFactory(meeting=meeting), UserFactory(), note="Late")
    assert queries() <= few + 2  # pages, and rows before the first of this page


# Everything


def found(browser: Any, **filters: Any) -> list[str]:
    response = browser.post(reverse("history"), filters, follow=True)
    assert response.status_code == 200
    return [entry.title for entry in response.context["entries"]]


def test_the_search_finds_by_who_kind_what_words_and_day(
    as_: Any, administrator: User, staff: User
) -> None:
    theme = ThemeFactory(name="Roads")
    changed(theme, staff, name="Roads and lanes")
    theme.delete()
    PersonFactory(name="Anna Bell")
    browser = as_(administrator)
    assert found(browser, kind="theme") == [
        "Theme removed",
        "Theme changed",
        "Theme added",
    ]
    assert found(browser, who=staff.pk, kind="theme") == [
        "Theme removed",
        "Theme changed",
    ]
    assert found(browser, what="removed") == ["Theme removed"]
    assert found(browser, q="lanes", what="changed") == ["Theme changed"]
    assert found(browser, q="anna") == ["Person added"]
    assert found(browser, q="nowhere at all") == []
    today = f"{timezone.localdate():%d/%m/%Y}"
    assert "Person added" in found(browser, since=today, until=today, kind="person")
    assert found(browser, until="1/1/2020") == []


def test_words_that_are_looked_for_are_in_no_address(
    as_: Any, administrator: User
) -> None:
    for number in range(31):
        ThemeFactory(name=f"Wilma Zander {number}")
    PersonFactory()
    browser = as_(administrator)
    sent = {"q": " Wilma Zander ", "kind": "theme", "who": ""}
    url = browser.post(reverse("history"), sent).url
    page = browser.get(url)
    html = page.content.decode()
    assert page.context["form"]["q"].value() == "Wilma Zander"
    assert page.context["page"].paginator.count == 31
    links = re.findall(r'href="(\?[^"]+)"', html)
    assert len([link for link in links if "page=2" in link]) == 2
    assert not any("Wilma" in link for link in (url, *links))
    second = browser.get(f"{url}&page=2")
    assert len(second.context["entries"]) == 1
    file = browser.get(f"{url}&format=csv").getvalue().decode()
    assert file.count("Theme added") == 31
    # Going back finds what was looked for before.
    browser.post(reverse("history"), {"q": "nothing of the kind"})
    assert browser.get(url).context["page"].paginator.count == 31


def test_words_that_are_kept_no_more_are_asked_for_again_and_hide_nothing(
    as_: Any, administrator: User
) -> None:
    PersonFactory(name="Anna Bell")
    browser = as_(administrator)
    url = browser.post(reverse("history"), {"q": "nobody"}).url
    for _ in range(20):
        browser.post(reverse("history"), {"q": "nobody"})
    for asked in (as_(administrator), browser):
        page = asked.get(url)
        assert page.status_code == 422
        assert "Enter them again" in page.content.decode()
        assert page.context["page"].paginator.count > 0
        assert asked.get(f"{url}&format=csv").status_code == 404


@pytest.mark.parametrize("words", ["x" * 5000, "a\0b"])
def test_words_that_cannot_be_looked_for_are_said(
    as_: Any, administrator: User, words: str
) -> None:
    answer = as_(administrator).post(reverse("history"), {"q": words}, follow=True)
    assert answer.status_code == 422
    assert "q" in answer.context["form"].errors


def test_the_search_lists_what_accounts_did_and_took_away(
    as_: Any, administrator: User, staff: User
) -> None:
    events.note(Event.Kind.WRONG_PASSWORD, user=staff)
    events.note(Event.Kind.DOWNLOADED, user=staff, by=staff, what="Minutes, PDF")
    browser = as_(administrator)
    assert found(browser, what="downloaded") == ["Withheld material downloaded"]
    assert found(browser, what="account", who=staff.pk) == ["Wrong password"]
    assert found(browser, what="downloaded", who=administrator.pk) == []


def test_a_browser_is_said_in_words_on_pages_and_kept_as_it_named_itself_in_files(
    as_: Any, administrator: User, staff: User
) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    Event.objects.create(kind=Event.Kind.SIGNED_IN, user=staff, by=staff, device=agent)
    browser = as_(administrator)
    searched = browser.get(reverse("history"), {"who": staff.pk})
    for page in (searched, history_of(browser, "accounts", staff.pk)):
        assert "Firefox on Linux" in page.content.decode()
        assert "Mozilla" not in page.content.decode()
    file = browser.get(reverse("history"), {"who": staff.pk, "format": "csv"})
    assert agent in file.getvalue().decode()


def test_what_cannot_be_read_as_a_filter_is_said_and_nothing_is_hidden(
    as_: Any, administrator: User
) -> None:
    ThemeFactory()
    response = as_(administrator).get(
        reverse("history"), {"since": "soon", "who": "x", "kind": "x"}
    )
    assert response.status_code == 422
    assert {"since", "who", "kind"} <= set(response.context["form"].errors)
    assert response.context["page"].paginator.count > 0
    backwards = as_(administrator).get(
        reverse("history"), {"since": "2/2/2025", "until": "1/2/2025"}
    )
    assert "until" in backwards.context["form"].errors


def test_every_page_of_the_search_is_another_part_of_one_order(
    as_: Any, administrator: User
) -> None:
    for _ in range(40):
        ThemeFactory()
    browser = as_(administrator)
    pages = [
        browser.get(reverse("history"), {"kind": "theme", "page": n}).context["page"]
        for n in (1, 2)
    ]
    rows = [burst[0] for page in pages for burst in page.object_list]
    assert len({light.key for light in rows}) == len(rows) == 40
    assert [light.at for light in rows] == sorted(
        (light.at for light in rows), reverse=True
    )


def test_an_empty_history_says_so(as_: Any, administrator: User) -> None:
    response = as_(administrator).get(reverse("history"), {"kind": "removal"})
    assert "Nothing in the history matches" in response.content.decode()


def test_versions_are_read_without_what_they_say(as_: Any, administrator: User) -> None:
    version = MinutesVersionFactory(content={"notes": "Said in confidence"})
    assert "Version of minutes added: Circulated draft 1" in found(
        as_(administrator), kind="version"
    )
    page = history_of(as_(administrator), "meetings", version.meeting_id)
    assert "Said in confidence" not in page.content.decode()


def test_all_sources_have_words_for_their_fields(db: None) -> None:
    for source in SOURCES:
        for column in source.fields:
            label = source.label_of(column)
            assert label
            assert "_" not in label, (source.key, label)


def test_what_is_found_comes_as_a_table_and_taking_it_is_noted(
    as_: Any, administrator: User, staff: User
) -> None:
    changed(ThemeFactory(name="Roads"), staff, name="=Lanes")
    ThemeFactory(name="Custody")
    response = as_(administrator).get(
        reverse("history"), {"kind": "theme", "format": "csv"}
    )
    table = list(csv.reader(response.getvalue().decode("utf-8-sig").splitlines()))
    assert [row[1:4] for row in table] == [
        ["By", "What", "Of"],
        ["the application", "Theme added", "Custody"],
        [staff.name, "Theme changed", "'=Lanes"],
        ["the application", "Theme added", "'=Lanes"],
    ]
    assert table[2][4] == "Name: Roads → =Lanes"
    (event,) = Event.objects.filter(kind=Event.Kind.DOWNLOADED)
    assert event.what == f"history-{timezone.localdate()}.csv from /history/"
    for wrong in ({"format": "exe"}, {"format": "csv", "since": "soon"}):
        assert as_(administrator).get(reverse("history"), wrong).status_code == 404


def test_a_long_reason_is_no_heading_of_its_own_length(
    as_: Any, administrator: User
) -> None:
    LegalHoldFactory(why="The coroner wants it kept. " * 70)
    page = as_(administrator).get(reverse("history")).content.decode()
    (heading,) = re.findall(r"<h2[^>]*>(Legal hold added[^<]*)</h2>", page)
    assert len(heading) <= 200
    # All of it is one press away.
    assert page.count("The coroner wants it kept.") >= 70
