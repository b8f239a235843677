"""Minutes: written item by item, read as the office prints them."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.models import Due, Owner
from meetings.models import AgendaItem, Meeting, Paper
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    PersonFactory,
    ThemeFactory,
    decision,
    due_on,
)
from tests.meetings.pages import as_shown, said

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def meeting():
    return MeetingFactory(date=TODAY, state="in_progress")


@pytest.fixture
def item(meeting):
    return AgendaItemFactory(meeting=meeting, heading="Leadership", order=0)


def url_of(item: AgendaItem) -> str:
    return f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"


def write(client, item, **changes):
    form = client.get(url_of(item)).context["form"]
    return client.post(url_of(item), as_shown(form, **changes))


def read(client, meeting) -> str:
    """The text of the reading view between its head and its foot."""
    page = client.get(reverse("minutes", args=[meeting.pk]), {"view": "read"})
    return page.text.split('<article class="app-read">')[1].split("</article>")[0]


# Writing


def test_notes_are_saved_and_the_page_says_by_whom_and_when(as_, staff, item):
    client = as_(staff)
    sent = write(
        client, item, notes="One\r\n\r\nTwo", decisions="Agreed", assurance="partly"
    )
    assert sent.url == url_of(item)
    item.refresh_from_db()
    assert (item.notes, item.decisions, item.assurance) == (
        "One\n\nTwo",
        "Agreed",
        "partly",
    )
    page = client.get(sent.url)
    assert f"by {staff.name}" in page.text
    assert "has notes" in page.text


def test_saving_may_go_on_to_the_next_item(as_, staff, meeting, item):
    following = AgendaItemFactory(meeting=meeting, heading="Exit", order=1)
    sent = write(as_(staff), item, notes="One", then="next")
    assert sent.url == f"{url_of(following)}#id_notes"
    page = as_(staff).get(url_of(following)).text
    assert "Save and go to" not in page


def test_the_page_shows_the_agenda_and_the_item_in_hand(as_, staff, meeting, item):
    lead = PersonFactory(name="Grant Wills")
    second = AgendaItemFactory(
        meeting=meeting,
        heading="Exit",
        order=1,
        lead=lead,
        asked_of_force="Figures for the year",
        lines_of_enquiry="Why do they leave?",
        notes="Said",
    )
    Paper.objects.create(item=second, title="Leavers", provided_by="HR")
    action = ActionFactory(meeting=meeting, item=second, text="Share the plan")
    ActionFactory(meeting=meeting, item=item)
    page = as_(staff).get(url_of(second)).text
    agenda = page.split('aria-label="Agenda"')[1].split("</nav>")[0]
    assert "1 Leadership" in agenda
    assert agenda.count("1 action<") == 2
    assert agenda.count("has notes") == 1
    body = page.split('id="item"')[1]
    for text in ("2 Exit", "Lead: Grant Wills", "Figures for the year", "Leavers"):
        assert text in body
    enquiry = body.split("<details")[1].split("</details>")[0]
    assert "Why do they leave?" in enquiry
    assert "Why do they leave?" not in body.split("<details")[0]
    assert "open" not in enquiry.split(">")[0]
    assert action.get_absolute_url() in body
    assert reverse("action_edit", args=[action.year, action.number]) in body
    assert "Save and add an action" in body
    assert f"[[action {action.reference}]]" in body


def test_without_an_item_the_first_is_open_and_an_unknown_one_says_so(
    as_, staff, meeting, item
):
    client, url = as_(staff), reverse("minutes", args=[meeting.pk])
    assert client.get(url).context["current"] == item
    for strange in ("999", "1" + "0" * 30, "x"):
        sent = client.get(url, {"item": strange})
        assert sent.url == url
        assert "That item is not on the agenda" in said(sent)


def test_without_an_agenda_the_page_says_what_to_do(as_, staff, meeting):
    page = as_(staff).get(reverse("minutes", args=[meeting.pk]))
    assert "Add the first item" in page.text
    assert "No attendance is recorded" in read(as_(staff), meeting)


def test_a_hundred_thousand_characters_are_saved_and_read(as_, staff, meeting, item):
    notes = ("The PCC asked about it. " * 5000)[:100_000].strip()
    assert write(as_(staff), item, notes=notes).status_code == 302
    item.refresh_from_db()
    assert item.notes == notes
    assert notes in read(as_(staff), meeting)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"notes": "a\x00b"}, "Null characters are not allowed"),
        ({"assurance": "maybe"}, "Choose the assurance given"),
        ({"version": "x"}, "whole number"),
    ],
)
def test_what_is_wrong_is_said_and_the_text_kept(as_, staff, item, changes, sentence):
    page = write(as_(staff), item, decisions="Typed and kept", **changes)
    assert page.status_code == 422
    assert sentence in page.text
    assert "Typed and kept" in page.text


def test_a_stale_save_is_refused_and_shows_both_texts(as_, staff, administrator, item):
    mine, theirs = as_(staff), as_(administrator)
    opened = mine.get(url_of(item)).context["form"]
    write(theirs, item, notes="Their notes")
    page = mine.post(url_of(item), as_shown(opened, notes="My notes"))
    assert page.status_code == 422
    assert "Their notes" in page.text
    assert "My notes" in page.text
    assert f"Saved by {administrator.name}" in page.text
    item.refresh_from_db()
    assert item.notes == "Their notes"
    mine.post(url_of(item), as_shown(page.context["form"], notes="Both notes"))
    item.refresh_from_db()
    assert item.notes == "Both notes"


def test_correcting_the_heading_meanwhile_stops_nobody_and_is_kept(
    as_, staff, administrator, item
):
    mine, theirs = as_(staff), as_(administrator)
    opened = mine.get(url_of(item)).context["form"]
    url = reverse("item_edit", args=[item.meeting_id, item.pk])
    form = theirs.get(url).context["form"]
    theirs.post(url, as_shown(form, heading="Leadership and culture"))
    assert mine.post(url_of(item), as_shown(opened, notes="Mine")).status_code == 302
    item.refresh_from_db()
    assert (item.heading, item.notes) == ("Leadership and culture", "Mine")


def test_notes_for_an_item_deleted_meanwhile_are_given_back(as_, staff, item):
    client = as_(staff)
    opened = client.get(url_of(item)).context["form"]
    item.delete()
    page = client.post(url_of(item), as_shown(opened, notes="<b>Typed</b> and kept"))
    assert page.status_code == 409
    assert "This item is no longer there" in page.text
    assert "&lt;b&gt;Typed&lt;/b&gt; and kept" in page.text


def test_notes_of_another_meeting_are_not_written_here(as_, staff, meeting, item):
    other = AgendaItemFactory()
    url = f"{reverse('minutes', args=[meeting.pk])}?item={other.pk}"
    page = as_(staff).post(url, {"notes": "Mine", "version": "0"})
    assert page.status_code == 409
    other.refresh_from_db()
    assert other.notes == ""


@pytest.mark.parametrize(
    ("state", "writes"),
    [
        ("planned", True),
        ("in_progress", True),
        ("draft", True),
        ("circulated", True),
        ("agreed", False),
        ("cancelled", False),
    ],
)
def test_notes_are_written_until_they_are_agreed(
    as_, staff, meeting, item, state, writes
):
    client = as_(staff)
    opened = client.get(url_of(item)).context["form"]
    because = "Snow" if state == "cancelled" else ""
    Meeting.objects.update(state=state, cancelled_because=because)
    page = client.post(url_of(item), as_shown(opened, notes="Typed"))
    item.refresh_from_db()
    if writes:
        assert item.notes == "Typed"
    else:
        assert page.status_code == 422
        assert "can be changed" in page.text
        assert "Typed" in page.text
        assert item.notes == ""
        assert "app-read" in client.get(url_of(item)).text


def test_a_mark_of_no_action_of_the_meeting_is_pointed_out(as_, staff, meeting, item):
    elsewhere = ActionFactory()
    write(as_(staff), item, notes=f"[[action {elsewhere.reference}]]")
    page = as_(staff).get(url_of(item)).text
    assert "no such action was raised at this meeting" in page
    assert f"[[action {elsewhere.reference}]]" in read(as_(staff), meeting)


# Reading


def test_minutes_are_headed_by_their_facts(as_, commissioner):
    office = OrganisationFactory(name="The office", short_names="OPCC")
    meeting = MeetingFactory(
        type=MeetingTypeFactory(name="Monthly assurance meeting"),
        title="DEI",
        themes=[ThemeFactory(name="Diversity, equality and inclusion")],
        date=dt.date(2020, 8, 4),
        start=dt.time(10),
        end=dt.time(12, 30),
        venue="PCC conference room/Zoom",
        held="hybrid",
        state="draft",
        joining_link="https://join.example/secret",
    )
    AttendeeFactory(
        meeting=meeting,
        person__name="John Campion",
        role="chair",
        capacity="Police and Crime Commissioner",
        abbreviation="PCC",
        organisation=office,
    )
    AttendeeFactory(
        meeting=meeting,
        person__name="Charity Pearce",
        capacity="Assistant Policy Officer",
        organisation=office,
        role="minute_taker",
        listed=False,
    )
    AttendeeFactory(
        meeting=meeting,
        person__name="Tracey Onslow",
        capacity="Deputy",
        attendance="apologies",
    )
    page = as_(commissioner).get(reverse("minutes", args=[meeting.pk])).text
    assert "<h1" in page
    assert "Monthly assurance meeting: DEI</h1>" in page
    text = read(as_(commissioner), meeting)
    for fact in (
        "Diversity, equality and inclusion",
        "Tuesday 4 August 2020, 10:00 to 12:30",
        "Charity Pearce, Assistant Policy Officer, OPCC",
        "PCC conference room/Zoom (hybrid",
    ):
        assert fact in text
    table = text.split("<table")[1].split("</table>")[0]
    assert "Police and Crime Commissioner (PCC)" in table
    assert "The office" in table
    assert "Charity Pearce" not in table
    assert "Tracey Onslow" not in table
    assert "<strong>Apologies:</strong> Tracey Onslow, Deputy" in text
    assert "join.example" not in page


def test_each_minutes_page_shows_the_capacity_of_its_day(as_, staff):
    pearce = PersonFactory(name="Charity Pearce")
    then = MeetingFactory(date=dt.date(2020, 8, 4), state="draft")
    now = MeetingFactory(date=dt.date(2025, 3, 26), state="draft")
    AttendeeFactory(meeting=then, person=pearce, capacity="Assistant Policy Officer")
    AttendeeFactory(meeting=now, person=pearce, capacity="Senior Policy Officer")
    client = as_(staff)
    for meeting, shown, hidden in [
        (then, "Assistant Policy Officer", "Senior Policy Officer"),
        (now, "Senior Policy Officer", "Assistant Policy Officer"),
    ]:
        assert shown in read(client, meeting)
        assert hidden not in read(client, meeting)
        attendance = client.get(reverse("attendance", args=[meeting.pk])).text
        assert shown in attendance.split("</table>")[0]
        assert hidden not in attendance.split("</table>")[0]


def test_items_are_headings_below_each_other_with_notes_and_decisions(
    as_, staff, meeting, item
):
    AgendaItem.objects.update(
        notes="# Survey\n\n- One\n\n> Quoted", decisions="Agreed so", assurance="partly"
    )
    child = AgendaItemFactory(meeting=meeting, parent=item, heading="Culture")
    AgendaItemFactory(
        meeting=meeting, parent=child, heading="Deep", notes="# Deeper", order=0
    )
    text = read(as_(staff), meeting)
    for part in (
        '<h2 class="app-read__heading"><span class="app-read__number">1</span> Leaders',
        "<h3>Survey</h3>",
        "<li>One</li>",
        "<blockquote>",
        '<h3 class="app-read__heading"><span class="app-read__number">1.1</span> Cult',
        '<h4 class="app-read__heading"><span class="app-read__number">1.1.1</span> De',
        "<h5>Deeper</h5>",
        "DECISION",
        "Agreed so",
        "partly assured",
    ):
        assert part in text


def test_what_is_typed_is_never_run(as_, staff, meeting, item):
    bad = "<script>alert(1)</script>"
    AgendaItem.objects.update(heading=bad, notes=bad, decisions=bad, asked_of_force=bad)
    ActionFactory(meeting=meeting, item=item, text=bad, due_words=bad)
    AttendeeFactory(meeting=meeting, person__name=bad, capacity=bad, note=bad)
    Meeting.objects.update(title=bad, venue=bad)
    client = as_(staff)
    for path in ("", "agenda/", "attendance/", "minutes/", "minutes/?view=read"):
        assert bad not in client.get(f"/meetings/{meeting.pk}/{path}").text


def test_actions_are_printed_where_they_were_agreed_and_once_more_in_the_summary(
    as_, staff, meeting
):
    force = OrganisationFactory(short_names="Force, WMP")
    theme = ThemeFactory(name="Workforce")
    first = AgendaItemFactory(meeting=meeting, heading="First", order=0)
    second = AgendaItemFactory(meeting=meeting, heading="Second", order=1)
    AgendaItemFactory(
        meeting=meeting, heading="Summary of actions", order=2, kind="summary"
    )
    marked = ActionFactory(
        meeting=meeting,
        item=first,
        text="Share work plan",
        other_wording="Share the plan of work",
        owners=[Owner(organisation=force, post="Director of Business Services")],
        due=due_on(2031, 9, 4),
        due_words="in a month",
    )
    at_end = ActionFactory(
        meeting=meeting,
        item=first,
        text="Revisit longevity",
        due=Due.at_next_on(theme),
        due_words="at next workforce meeting",
    )
    elsewhere = ActionFactory(meeting=meeting, item=first, text="Marked elsewhere")
    AgendaItem.objects.filter(pk=first.pk).update(
        notes=f"Before\n[[action {marked.reference}]]\nAfter"
    )
    AgendaItem.objects.filter(pk=second.pk).update(
        notes=f"[[action {elsewhere.reference}]]\n[[action {elsewhere.reference}]]\n"
        f"[[action {marked.reference}]]"
    )
    text = read(as_(staff), meeting)
    body, summary = text.split("Summary of actions</h2>")
    one, two = body.split("Second</h2>")
    assert one.index("Before") < one.index("Share work plan") < one.index("After")
    assert one.index("After") < one.index("Revisit longevity")
    assert "Marked elsewhere" not in one
    assert two.count("Marked elsewhere") == 1
    assert "Share work plan" not in two
    line = " ".join(one.split())
    assert "Owner: WMP, Director of Business Services." in line
    assert "Due: 4 September 2031" in line
    assert "(“in a month”)" in line
    assert "at the next meeting on Workforce" in line
    assert "(“at next workforce meeting”)" in line
    assert "No owner" in line
    for action in (marked, at_end, elsewhere):
        assert summary.count(f">{action.reference}</a>") == 1
    assert "Share the plan of work" in summary
    assert "Share work plan" not in summary
    assert "No due date" in summary


def test_without_a_summary_item_the_summary_comes_last(as_, staff, meeting, item):
    action = ActionFactory(meeting=meeting, item=item)
    loose = ActionFactory(meeting=meeting, text="Raised at no item")
    text = read(as_(staff), meeting)
    rest = text.split("Leadership</h2>")[1]
    assert rest.index("Other actions agreed") < rest.index("Summary of actions arising")
    body, summary = rest.split("Summary of actions arising</h2>")
    assert body.count("Raised at no item") == 1
    for one in (action, loose):
        assert f">{one.reference}</a>" in summary


def test_an_action_withdrawn_before_it_was_issued_prints_not_used(
    as_, staff, meeting, item
):
    action = ActionFactory(meeting=meeting, item=item, issued=False, text="Dropped")
    action.withdraw("Not needed", by=staff, decision=decision())
    item.notes = f"[[action {action.reference}]]"
    item.save()
    text = read(as_(staff), meeting)
    assert "Dropped" not in text
    assert action.reference in text
    assert "Not used" in text
    assert "[[action" not in text


def test_the_next_meeting_is_printed_under_its_item_or_last(as_, staff, meeting, item):
    following = MeetingFactory(
        title="Q4 Performance",
        date=dt.date(2031, 5, 30),
        start=dt.time(10, 30),
        end=dt.time(12, 30),
        venue="Room 12",
    )
    Meeting.objects.filter(pk=meeting.pk).update(next_meeting=following)
    for kind, heading in [("themed", "Next meeting"), ("next_meeting", "Leadership")]:
        AgendaItem.objects.update(kind=kind)
        after = " ".join(read(as_(staff), meeting).split(f"{heading}</h2>")[1].split())
        assert "Q4 Performance" in after
        assert "Friday 30 May 2031, 10:30 to 12:30" in after
        assert "Room 12" in after


def test_who_may_only_read_reads(as_, commissioner, item):
    page = as_(commissioner).get(url_of(item))
    assert "app-read" in page.text
    assert "<textarea" not in page.text
    assert "Write the notes" not in page.text


@pytest.mark.parametrize("many", [1, 300])
def test_minutes_cost_the_same_for_one_item_and_for_three_hundred(
    as_, staff, meeting, many
):
    theme, force = ThemeFactory(), OrganisationFactory()
    for _ in range(many):
        row = AgendaItemFactory(meeting=meeting, theme=theme, notes="Said")
        ActionFactory(
            meeting=meeting,
            item=row,
            by=staff,
            due=Due.at_next_on(theme),
            owners=[Owner(organisation=force, person=PersonFactory())],
            issued=False,
        )
        AttendeeFactory(meeting=meeting, organisation=force)
    client, url = as_(staff), reverse("minutes", args=[meeting.pk])
    client.get(url)
    for view, expected in [({}, 12), ({"view": "read"}, 13)]:
        with CaptureQueriesContext(connection) as queries:
            client.get(url, view)
        assert len(queries) == expected, view


def test_adding_an_action_saves_what_was_typed_first(as_, staff):
    item = AgendaItemFactory()
    address = f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
    typed = {"notes": "The PCC asked", "version": item.version, "then": "action"}
    sent = as_(staff).post(address, typed)
    assert sent.url == f"{reverse('action_new')}?item={item.pk}"
    item.refresh_from_db()
    assert item.notes == "The PCC asked"
