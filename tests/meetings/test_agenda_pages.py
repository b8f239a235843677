"""The agenda: adding, changing, arranging and deleting items and papers."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from meetings.forms.agenda import NotesForm
from meetings.models import AgendaItem, Meeting, Paper
from meetings.operations import delete_item, move_item, save_item
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    PersonFactory,
    ThemeFactory,
)
from tests.meetings.pages import as_shown, said

pytestmark = pytest.mark.django_db

SOON = timezone.localdate() + dt.timedelta(days=20)


@pytest.fixture
def meeting():
    """1 Tracker, 2 Holding to account (2.1 Leadership, 2.2 Exit), 3 AOB."""
    meeting = MeetingFactory()
    AgendaItemFactory(
        meeting=meeting, order=0, heading="Tracker", kind="action_tracker"
    )
    second = AgendaItemFactory(meeting=meeting, order=1, heading="Holding to account")
    AgendaItemFactory(meeting=meeting, parent=second, order=0, heading="Leadership")
    AgendaItemFactory(meeting=meeting, parent=second, order=1, heading="Exit")
    AgendaItemFactory(meeting=meeting, order=2, heading="AOB", kind="aob")
    return meeting


def item(heading: str) -> AgendaItem:
    return AgendaItem.objects.get(heading=heading)


def printed(meeting) -> list[str]:
    return [i.numbered_heading for i in meeting.agenda()]


def at(name: str, item: AgendaItem, *more) -> str:
    return reverse(name, args=[item.meeting_id, item.pk, *more])


def edit(client, item: AgendaItem, **changes):
    url = at("item_edit", item)
    return client.post(url, as_shown(client.get(url).context["form"], **changes))


def add(client, meeting, query="", **changes):
    url = reverse("item_new", args=[meeting.pk])
    form = client.get(f"{url}{query}").context["form"]
    return client.post(url, as_shown(form, **changes))


def test_a_new_item_goes_behind_the_last_themed_one_unless_told_otherwise(
    as_, staff, meeting
):
    sent = add(as_(staff), meeting, heading="Roads")
    assert printed(meeting)[-2:] == ["3 Roads", "4 AOB"]
    assert sent.url.endswith(f"/agenda/#item-{item('Roads').pk}")
    second = item("Holding to account")
    add(as_(staff), meeting, f"?place=under-{second.pk}", heading="Retention")
    assert "2.3 Retention" in printed(meeting)
    add(as_(staff), meeting, heading="Welcome", place="first")
    assert printed(meeting)[0] == "1 Welcome"


def test_the_first_item_of_an_empty_agenda(as_, staff):
    meeting = MeetingFactory()
    page = as_(staff).get(reverse("agenda", args=[meeting.pk]))
    assert "Add the first item" in page.text
    add(as_(staff), meeting, heading="Roads")
    assert printed(meeting) == ["1 Roads"]


def test_an_item_keeps_all_that_is_said_of_it(as_, staff, meeting):
    theme, lead = ThemeFactory(), PersonFactory()
    edit(
        as_(staff),
        item("Exit"),
        heading="Exit from service",
        theme=theme.pk,
        lead=lead.pk,
        asked_of_force="Figures\r\nfor the year",
        lines_of_enquiry="Why do they leave?",
        numbering="fixed",
        fixed_number="2.9",
        restricted="on",
        withheld_reason="s40",
    )
    exit_ = item("Exit from service")
    assert (exit_.theme, exit_.lead) == (theme, lead)
    assert exit_.asked_of_force == "Figures\nfor the year"
    assert exit_.lines_of_enquiry == "Why do they leave?"
    assert (exit_.numbering, exit_.fixed_number) == ("fixed", "2.9")
    assert (exit_.restricted, exit_.withheld, exit_.withheld_reason) == (
        True,
        True,
        "s40",
    )
    page = as_(staff).get(reverse("agenda", args=[meeting.pk]))
    for text in ("2.9 Exit from service", "For the office only", "Why do they leave?"):
        assert text in page.text


def test_what_no_longer_applies_is_cleared(as_, staff, meeting):
    exit_ = item("Exit")
    edit(
        as_(staff),
        exit_,
        numbering="fixed",
        fixed_number="9",
        withheld="on",
        withheld_reason="s31",
    )
    edit(as_(staff), exit_, numbering="none", withheld=None)
    exit_.refresh_from_db()
    assert (exit_.fixed_number, exit_.withheld, exit_.withheld_reason) == (
        "",
        False,
        "",
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"heading": ""}, "Enter the heading"),
        ({"heading": "a" * 301}, "at most 300 characters"),
        ({"heading": "a\x00"}, "Null characters are not allowed"),
        ({"numbering": "fixed"}, "Enter the fixed number, for example 5.1"),
        ({"withheld": "on"}, "Choose a reason for withholding"),
        ({"restricted": "on"}, "Choose a reason for withholding"),
        ({"theme": "999"}, "Choose the theme again"),
        ({"lead": "9" * 30}, "Choose the lead again"),
        ({"place": "after-999"}, "Choose the place again"),
        ({"kind": "strange"}, "Choose the kind from the list"),
    ],
)
def test_what_is_wrong_with_an_item_is_said_and_what_was_typed_is_kept(
    as_, staff, meeting, changes, sentence
):
    typed = {"asked_of_force": "Typed and kept", **changes}
    for page in (
        edit(as_(staff), item("Exit"), **typed),
        add(as_(staff), meeting, **({"heading": "New"} | typed)),
    ):
        assert page.status_code == 422
        assert sentence in page.text
        assert "Typed and kept" in page.text


def test_items_move_up_and_down_among_their_own(as_, staff, meeting):
    client, aob = as_(staff), item("AOB")
    sent = client.post(at("item_move", aob), {"direction": "up"})
    assert sent.url.endswith(f"#item-{aob.pk}")
    assert printed(meeting) == [
        "1 Tracker",
        "2 AOB",
        "3 Holding to account",
        "3.1 Leadership",
        "3.2 Exit",
    ]
    client.post(at("item_move", item("Exit")), {"direction": "up"})
    client.post(at("item_move", item("Exit")), {"direction": "up"})
    assert printed(meeting)[3:] == ["3.1 Exit", "3.2 Leadership"]
    client.post(at("item_move", aob), {"direction": "down"})
    assert printed(meeting)[-1] == "3 AOB"


def test_buttons_are_not_offered_where_nothing_would_happen(as_, staff, meeting):
    page = as_(staff).get(reverse("agenda", args=[meeting.pk])).text
    assert "Up<span" not in page.split("1 Tracker")[1].split("2 Holding")[0]
    assert "Down<span" not in page.split("3 AOB")[1]


def test_an_item_moves_under_another_with_all_below_it(as_, staff, meeting):
    client = as_(staff)
    edit(client, item("Leadership"), place=f"under-{item('AOB').pk}")
    assert printed(meeting)[-1] == "3.1 Leadership"
    edit(client, item("AOB"), place=f"under-{item('Tracker').pk}")
    assert printed(meeting) == [
        "1 Tracker",
        "1.1 AOB",
        "1.1.1 Leadership",
        "2 Holding to account",
        "2.1 Exit",
    ]
    edit(client, item("AOB"), place="first")
    assert printed(meeting)[0] == "1 AOB"


def test_an_agenda_has_three_levels_and_no_item_is_under_itself(as_, staff, meeting):
    client = as_(staff)
    edit(client, item("AOB"), place=f"under-{item('Exit').pk}")
    assert "2.2.1 AOB" in printed(meeting)
    page = client.get(at("item_edit", item("Tracker")))
    assert f"under-{item('AOB').pk}" not in page.text
    refused = edit(
        client, item("Holding to account"), place=f"under-{item('Tracker').pk}"
    )
    assert refused.status_code == 422
    assert "An agenda has at most 3 levels" in refused.text
    offered = client.get(at("item_edit", item("Holding to account"))).text
    assert f"under-{item('Exit').pk}" not in offered


def test_moving_an_item_does_not_disturb_who_is_writing_there(as_, staff, meeting):
    client, exit_ = as_(staff), item("Exit")
    url = f"{reverse('minutes', args=[meeting.pk])}?item={exit_.pk}"
    opened = client.get(url).context["form"]
    client.post(at("item_move", exit_), {"direction": "up"})
    assert client.post(url, as_shown(opened, notes="Kept")).status_code == 302
    exit_.refresh_from_db()
    assert (exit_.notes, exit_.order) == ("Kept", 0)


def test_a_stale_change_of_an_item_is_refused_and_shows_both(
    as_, staff, administrator, meeting
):
    mine, theirs, exit_ = as_(staff), as_(administrator), item("Exit")
    url = at("item_edit", exit_)
    opened = mine.get(url).context["form"]
    edit(theirs, exit_, heading="Their heading")
    page = mine.post(url, as_shown(opened, heading="My heading"))
    assert page.status_code == 422
    assert "Their heading" in page.text
    assert f"Saved by {administrator.name}" in page.text
    assert 'value="My heading"' in page.text
    exit_.refresh_from_db()
    assert exit_.heading == "Their heading"


def test_a_change_of_an_item_deleted_meanwhile_gives_the_text_back(as_, staff, meeting):
    client, exit_ = as_(staff), item("Exit")
    url = at("item_edit", exit_)
    opened = client.get(url).context["form"]
    exit_.delete()
    page = client.post(url, as_shown(opened, asked_of_force="Typed and kept"))
    assert page.status_code == 409
    assert "This item is no longer there" in page.text
    assert "Typed and kept" in page.text
    assert client.get(url).status_code == 404


def test_an_item_is_taken_off_the_agenda_with_its_papers(as_, staff, meeting):
    client, exit_ = as_(staff), item("Exit")
    Paper.objects.create(item=exit_, title="Figures")
    url = at("item_delete", exit_)
    page = client.get(url)
    assert "Its papers (1) go with it." in page.text
    client.post(url, as_shown(page.context["form"]))
    assert "2.2 Exit" not in printed(meeting)
    assert not Paper.objects.exists()


def test_an_item_is_not_deleted_when_something_would_be_lost(as_, staff, meeting):
    client = as_(staff)
    leadership = item("Leadership")
    ActionFactory(meeting=meeting, item=leadership)
    AgendaItem.objects.filter(heading="Exit").update(notes="Said")
    for heading, sentence in [
        ("Holding to account", "There are items under “Holding to account”"),
        ("Exit", "“Exit” has notes"),
        ("Leadership", "Actions were raised at “Leadership”"),
    ]:
        url = at("item_delete", item(heading))
        page = client.post(url, {"submission": ""})
        assert page.status_code == 422
        assert sentence in page.text
        assert item(heading)
    assert "has notes" in said(client.get(at("item_delete", item("Exit"))))


def test_an_agenda_that_is_agreed_is_not_arranged(as_, staff, meeting):
    Meeting.objects.update(state="agreed")
    client, aob = as_(staff), item("AOB")
    sent = client.post(at("item_move", aob), {"direction": "up"})
    assert "agreed, so nothing in them can be changed" in said(sent)
    assert printed(meeting)[-1] == "3 AOB"
    page = client.get(reverse("agenda", args=[meeting.pk]))
    assert "Add an item" not in page.text
    for name in ("item_edit", "item_delete", "paper_new"):
        assert client.get(at(name, aob)).url == meeting.get_absolute_url()
        page = client.post(at(name, aob), {"heading": "x", "title": "x", "version": 0})
        assert page.status_code == 422
    refused = client.post(reverse("item_new", args=[meeting.pk]), {"heading": "x"})
    assert refused.status_code == 422


# What is kept from others


def kept(*headings: str) -> list[tuple[bool, bool, str]]:
    rows = {row.heading: row for row in AgendaItem.objects.all()}
    return [
        (row.restricted, row.withheld, row.withheld_reason)
        for row in (rows[heading] for heading in headings)
    ]


OPEN, WITHHELD, RESTRICTED = (
    (False, False, ""),
    (False, True, "s40"),
    (True, True, "s31"),
)


def test_restricting_an_item_restricts_all_below_it(as_, staff, liaison, meeting):
    AgendaItemFactory(
        meeting=meeting, parent=item("Exit"), heading="Grievances", asked_of_force="Why"
    )
    AgendaItem.objects.filter(heading="Leadership").update(
        withheld=True, withheld_reason="s40", asked_of_force="Names"
    )
    Meeting.objects.update(date=SOON, agenda_sent_at=timezone.now())
    client = as_(staff)
    sent = edit(
        client, item("Holding to account"), restricted="on", withheld_reason="s31"
    )
    assert "3 items under it are now for the office only too." in said(sent)
    assert kept("Exit", "Grievances") == [RESTRICTED, RESTRICTED]
    assert kept("Leadership") == [(True, True, "s40")]
    assert kept("Tracker", "AOB") == [OPEN, OPEN]
    page = as_(liaison).get(meeting.get_absolute_url()).text
    for secret in ("Grievances", "Why", "Names", "Leadership"):
        assert secret not in page


def test_withholding_an_item_withholds_all_below_it(as_, staff, meeting):
    edit(as_(staff), item("Holding to account"), withheld="on", withheld_reason="s40")
    assert kept("Leadership", "Exit", "AOB") == [WITHHELD, WITHHELD, OPEN]


def test_an_item_put_under_a_restricted_one_is_restricted(as_, staff, meeting):
    client = as_(staff)
    AgendaItem.objects.filter(heading="Tracker").update(
        restricted=True, withheld=True, withheld_reason="s31"
    )
    under = f"under-{item('Tracker').pk}"
    sent = add(client, meeting, heading="New", place=under)
    assert "It is for the office only too, as what it stands under is." in said(sent)
    edit(client, item("Holding to account"), place=under)
    assert kept("New", "Holding to account", "Leadership", "Exit") == [RESTRICTED] * 4
    sent = edit(client, item("New"), restricted=None, withheld=None)
    assert "It is for the office only too" in said(sent)
    assert kept("New") == [RESTRICTED]


def test_lifting_a_restriction_leaves_what_is_below_as_it_is(as_, staff, meeting):
    client = as_(staff)
    edit(client, item("Holding to account"), restricted="on", withheld_reason="s31")
    edit(client, item("Holding to account"), restricted=None, withheld=None)
    assert kept("Holding to account", "Exit") == [OPEN, RESTRICTED]
    edit(client, item("Exit"), restricted=None, withheld=None)
    assert kept("Exit") == [OPEN]
    assert (
        "stands under it stays as it is"
        in client.get(at("item_edit", item("Exit"))).text
    )


def test_what_is_written_below_is_not_lost_when_it_is_restricted(as_, staff, meeting):
    client, exit_ = as_(staff), item("Exit")
    notes = f"{reverse('minutes', args=[meeting.pk])}?item={exit_.pk}"
    notes_opened = client.get(notes).context["form"]
    item_opened = client.get(at("item_edit", exit_)).context["form"]
    edit(client, item("Holding to account"), restricted="on", withheld_reason="s31")
    assert client.post(notes, as_shown(notes_opened, notes="Kept")).status_code == 302
    assert client.post(at("item_edit", exit_), as_shown(item_opened)).status_code == 302
    assert kept("Exit") == [RESTRICTED]
    assert item("Exit").notes == "Kept"


# While somebody else arranges the agenda


def test_an_item_moved_elsewhere_meanwhile_moves_among_its_new_neighbours(meeting):
    read_before = item("Exit")
    save_item(item("Exit"), save=lambda: None, place=(None, item("AOB")))
    move_item(read_before, up=True)
    assert printed(meeting) == [
        "1 Tracker",
        "2 Holding to account",
        "2.1 Leadership",
        "3 Exit",
        "4 AOB",
    ]


def test_what_was_taken_off_meanwhile_is_refused_with_a_sentence(staff, meeting):
    read_before = item("Exit")
    read_before.delete()
    read_before.pk = read_before.id = AgendaItem.objects.latest("pk").pk + 1
    for press in (
        lambda: move_item(read_before, up=True),
        lambda: delete_item(read_before),
    ):
        with pytest.raises(ValidationError, match="taken off the agenda meanwhile"):
            press()
    form = NotesForm({"notes": "Typed", "version": 0}, instance=read_before)
    assert form.is_valid()
    with pytest.raises(ValidationError, match="Somebody deleted this"):
        form.save()


@pytest.mark.parametrize("vanishes", ["parent", "neighbour", "moved"])
def test_a_place_that_is_gone_meanwhile_is_refused_with_a_sentence(meeting, vanishes):
    parent, neighbour = item("Holding to account"), item("Leadership")
    if vanishes == "parent":
        AgendaItem.objects.filter(pk=parent.pk).delete()
    elif vanishes == "neighbour":
        AgendaItem.objects.filter(pk=neighbour.pk).delete()
    else:
        AgendaItem.objects.filter(pk=neighbour.pk).update(parent=item("Exit"))
    with pytest.raises(ValidationError, match="the agenda was changed meanwhile"):
        save_item(item("AOB"), save=lambda: None, place=(parent, neighbour))
    assert item("AOB").parent is None


# Papers


def test_a_paper_is_added_changed_and_deleted(as_, staff, meeting):
    client, exit_ = as_(staff), item("Exit")
    url = at("paper_new", exit_)
    client.post(
        url,
        as_shown(
            client.get(url).context["form"],
            title="Leavers’ figures",
            provided_by="Head of Human Resources",
            link="https://papers.example/leavers",
            due_on="1/3/2025",
            received_on="4/3/2025",
        ),
    )
    paper = Paper.objects.get()
    assert (paper.item, paper.due_on) == (exit_, dt.date(2025, 3, 1))
    agenda = client.get(reverse("agenda", args=[meeting.pk])).text
    assert "https://papers.example/leavers" in agenda
    assert "received 4 March 2025" in agenda
    assert "Late" in agenda
    url = at("paper_edit", exit_, paper.pk)
    client.post(url, as_shown(client.get(url).context["form"], received_on="1/3/2025"))
    paper.refresh_from_db()
    assert not paper.came_late
    url = at("paper_delete", exit_, paper.pk)
    client.post(url, as_shown(client.get(url).context["form"]))
    assert not Paper.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "Enter the title"),
        ({"link": "javascript:alert(1)"}, "Enter a full address"),
        ({"due_on": "soon"}, "Enter a real date"),
    ],
)
def test_what_is_wrong_with_a_paper_is_said(as_, staff, meeting, changes, sentence):
    client, url = as_(staff), at("paper_new", item("Exit"))
    typed = {"title": "Typed", "provided_by": "Kept", **changes}
    page = client.post(url, as_shown(client.get(url).context["form"], **typed))
    assert page.status_code == 422
    assert sentence in page.text
    assert "Kept" in page.text


def test_a_paper_or_its_item_deleted_meanwhile_gives_the_text_back(as_, staff, meeting):
    client, exit_ = as_(staff), item("Exit")
    paper = Paper.objects.create(item=exit_, title="Figures")
    url = at("paper_edit", exit_, paper.pk)
    opened = client.get(url).context["form"]
    paper.delete()
    page = client.post(url, as_shown(opened, title="Typed and kept"))
    assert page.status_code == 409
    assert "Typed and kept" in page.text
    url = at("paper_new", exit_)
    opened = client.get(url).context["form"]
    exit_.delete()
    page = client.post(url, as_shown(opened, title="Typed and kept"))
    assert page.status_code == 409
    assert "Typed and kept" in page.text


@pytest.mark.parametrize("many", [1, 100])
def test_the_agenda_costs_the_same_for_one_item_and_for_a_hundred(as_, staff, many):
    meeting = MeetingFactory()
    for _ in range(many):
        row = AgendaItemFactory(meeting=meeting, theme=ThemeFactory())
        Paper.objects.create(item=row, title="Figures")
    client, url = as_(staff), reverse("agenda", args=[meeting.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    assert len(queries) == 5
