"""Amending agreed minutes on a page."""

import pytest
from django.urls import reverse

from actions.amending import amend_facts, amend_item
from actions.publishing import prepare
from meetings.record import from_json
from meetings.versions import agreed_version
from tests.factories import ThemeFactory, UserFactory
from tests.meetings.pages import as_shown, said
from tests.minutes import Minutes, made_once

pytestmark = pytest.mark.django_db

LONG = "It was another meeting. " * 300


kept_minutes, minutes, staff, liaison = made_once(
    lambda staff, liaison: Minutes(by=staff, liaison=liaison).agreed()
)


def of_item(minutes: Minutes, item=None) -> str:
    item = item or minutes.open
    return reverse("amend_item", args=[minutes.meeting.pk, item.pk])


def of_facts(minutes: Minutes) -> str:
    return reverse("meeting_amend", args=[minutes.meeting.pk])


def of_action(minutes: Minutes) -> str:
    action = minutes.action
    args = [minutes.meeting.pk, action.year, action.number]
    return reverse("amend_action", args=args)


def send(client, url: str, **changes):
    return client.post(url, as_shown(client.get(url).context["form"], **changes))


def kept(minutes: Minutes):
    return from_json(agreed_version(minutes.meeting).content)


def test_an_amendment_is_printed_in_the_minutes_with_who_when_and_why(as_, minutes):
    client = as_(minutes.by)
    sent = send(client, of_item(minutes), notes="No speeding.", why="Misheard")
    assert sent.url.endswith(f"/minutes/#item-{minutes.open.pk}")
    assert "Minutes amended. Item 1: notes." in said(sent)
    text = client.get(reverse("minutes", args=[minutes.meeting.pk])).text
    minuted, amended = text.split("Amendments")
    assert "No speeding." in minuted
    assert "Speeding was discussed." not in minuted
    assert "from “Speeding was discussed.” to “No speeding.”" in amended
    assert f"{minutes.by.name}: Item 1: notes" in amended
    assert "Misheard" in amended


def test_each_item_of_agreed_minutes_leads_to_its_amendment(as_, minutes, commissioner):
    url = reverse("minutes", args=[minutes.meeting.pk])
    page = as_(minutes.by).get(url)
    for item in (minutes.open, minutes.restricted, minutes.withheld):
        assert of_item(minutes, item) in page.text
    assert of_facts(minutes) in page.text
    assert of_item(minutes) not in as_(commissioner).get(url).text


def test_heading_facts_and_attendance_are_amended_on_one_page(as_, minutes):
    sent = send(
        as_(minutes.by),
        of_facts(minutes),
        venue="Room 12",
        start="11am",
        name_1="Leigh Liaison",
        attendance_0="part",
        why="The list was wrong",
    )
    assert "Venue, start and attendance." in said(sent)
    record = kept(minutes)
    assert (record.venue, record.start.hour) == ("Room 12", 11)
    assert [seat.name for seat in record.seats] == ["John Campion", "Leigh Liaison"]
    assert record.seats[0].attendance == "part"


def test_an_item_of_notes_longer_than_is_taken_now_is_amended_and_withheld(as_, staff):
    minutes = Minutes(by=staff)
    notes = "Speeding was discussed.\n" * 5000
    minutes.write(minutes.open, notes=notes)
    minutes.agreed()
    changes = {"heading": "Speed", "withheld": "on", "withheld_reason": "s31"}
    as_sent = {"notes": notes.replace("\n", "\r\n"), "why": "Misheard"}

    longer = as_sent | {"notes": f"{notes}More."}
    page = send(as_(staff), of_item(minutes), **changes, **longer)
    assert page.status_code == 422
    assert "Enter at most 100000 characters; this has" in page.text

    sent = send(as_(staff), of_item(minutes), **changes, **as_sent)
    assert "Minutes amended." in said(sent)
    (item,) = (one for one in kept(minutes).items if one.key == minutes.open.pk)
    assert (item.heading, item.withheld, item.notes) == ("Speed", True, notes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"why": " "}, "Enter why the minutes are amended"),
        ({"heading": ""}, "Enter the heading"),
        ({"heading": "x" * 301}, "Enter at most 300 characters"),
        ({"withheld": "on"}, "Choose a reason for withholding"),
        ({"assurance": "splendid"}, "from the list"),
        ({}, "Nothing was changed"),
    ],
)
def test_an_amendment_of_an_item_that_makes_no_sense_is_refused(
    as_, minutes, changes, words
):
    typed = {"why": LONG} | changes
    page = send(as_(minutes.by), of_item(minutes), **typed)
    assert page.status_code == 422
    assert words in page.text
    assert typed["why"].strip() in page.text
    assert agreed_version(minutes.meeting).number == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name_0": ""}, "Enter the name of John Campion"),
        ({"start": "noonish"}, "Enter"),
        ({"start": "10am", "end": "9am"}, "Enter an end after the start"),
        ({"attendance_0": "asleep"}, "from the list"),
        ({"why": ""}, "Enter why the minutes are amended"),
        ({}, "Nothing was changed"),
    ],
)
def test_an_amendment_of_the_heading_that_makes_no_sense_is_refused(
    as_, minutes, changes, words
):
    page = send(as_(minutes.by), of_facts(minutes), **{"why": LONG} | changes)
    assert page.status_code == 422
    assert words in page.text
    assert agreed_version(minutes.meeting).number == 1


def test_two_people_amending_an_item_lose_nothing(as_, minutes):
    client, url = as_(minutes.by), of_item(minutes)
    mine = as_shown(client.get(url).context["form"], notes="Mine.", why="Misheard")
    other = UserFactory(name="Other Colleague")
    amend_item(
        minutes.meeting,
        minutes.open.pk,
        changes={"notes": "Theirs."},
        why="Wrong",
        by=other,
        made_from=1,
    )
    page = client.post(url, mine)
    assert page.status_code == 422
    assert "Saved by Other Colleague while you were writing" in page.text
    assert "Theirs." in page.text
    assert "Mine." in page.text
    assert kept(minutes).item(minutes.open.pk).notes == "Theirs."
    assert client.post(url, as_shown(page.context["form"])).status_code == 302
    assert kept(minutes).item(minutes.open.pk).notes == "Mine."
    assert len(kept(minutes).amendments) == 2


def test_two_people_amending_the_heading_lose_nothing(as_, minutes):
    client, url = as_(minutes.by), of_facts(minutes)
    mine = as_shown(client.get(url).context["form"], venue="Mine", why="Misheard")
    amend_facts(
        minutes.meeting,
        changes={"venue": "Theirs"},
        seats={},
        why="Wrong",
        by=UserFactory(),
        made_from=1,
    )
    page = client.post(url, mine)
    assert page.status_code == 422
    assert "Theirs" in page.text
    assert kept(minutes).venue == "Theirs"


def test_the_same_amendment_sent_twice_is_one(as_, minutes):
    client, url = as_(minutes.by), of_item(minutes)
    data = as_shown(client.get(url).context["form"], notes="No.", why="Misheard")
    assert client.post(url, data).url == client.post(url, data).url
    assert len(kept(minutes).amendments) == 1


def test_notes_that_nobody_touched_are_no_amendment(as_, minutes, staff):
    other = Minutes(by=staff)
    other.write(other.open, notes="  First line.\n\nLast line.  \n")
    other.agreed()
    page = send(as_(staff), of_item(other), why="Nothing")
    assert "Nothing was changed" in page.text


def test_what_is_not_agreed_is_edited_and_never_amended(as_, staff):
    minutes = Minutes(by=staff).circulate()
    client = as_(staff)
    for url in (of_item(minutes), of_facts(minutes)):
        sent = client.get(url)
        assert sent.url == minutes.meeting.get_absolute_url()
        assert "Only agreed minutes are amended" in said(sent)
        assert client.post(url, {"why": "x"}).status_code == 302
    assert not minutes.meeting.versions.agreed().exists()


def test_minutes_agreed_before_versions_were_kept_say_that_nothing_is_amended(
    as_, staff
):
    minutes = Minutes(by=staff)
    minutes.meeting.state = "agreed"
    minutes.meeting.save()
    for name, args in [("meeting_amend", []), ("amend_item", [minutes.open.pk])]:
        url = reverse(name, args=[minutes.meeting.pk, *args])
        for sent in (as_(staff).get(url), as_(staff).post(url, {"why": "x"})):
            assert "so there is nothing to amend" in said(sent)


def test_only_the_office_amends(as_, client, minutes, commissioner):
    for url in (of_item(minutes), of_facts(minutes)):
        assert "/accounts/login/" in client.get(url).url
        for user in (minutes.liaison, commissioner):
            assert as_(user).get(url).status_code == 403
            assert as_(user).post(url, {"why": "x"}).status_code == 403
    assert agreed_version(minutes.meeting).number == 1


def test_an_item_of_another_meeting_is_not_found(as_, minutes, staff):
    other = Minutes(by=staff).agreed()
    url = reverse("amend_item", args=[minutes.meeting.pk, other.open.pk])
    assert as_(staff).get(url).status_code == 404
    assert as_(staff).post(url, {"why": "x"}).status_code == 404


def test_search_and_pages_read_what_was_amended(as_, minutes):
    client = as_(minutes.by)
    send(client, of_item(minutes), heading="Tractors", why="Misheard")
    found = client.get(reverse("meetings"), {"q": "tractors"})
    assert found.context["found"] == 1
    assert "Tractors" in client.get(reverse("agenda", args=[minutes.meeting.pk])).text
    history = minutes.open.history.first()
    assert (history.heading, history.history_user) == ("Tractors", minutes.by)


def test_an_action_is_amended_as_the_minutes_word_it(as_, minutes):
    client = as_(minutes.by)
    page = client.get(reverse("minutes", args=[minutes.meeting.pk]))
    assert of_action(minutes) in page.text
    sent = send(client, of_action(minutes), text="Share all plans", why="Misheard")
    reference = minutes.action.reference
    assert sent.url.endswith(f"/minutes/#action-{reference.replace('/', '')}")
    assert f"Minutes amended. Action {reference}: wording." in said(sent)
    assert [line.text for line in kept(minutes).actions] == ["Share all plans"]
    minutes.action.refresh_from_db()
    assert minutes.action.text == "Share all plans"
    entry = minutes.action.updates.order_by("pk").last()
    assert (entry.text, entry.office_only) == ("The agreed minutes were amended", True)


def test_an_action_withheld_when_agreed_is_released_by_an_amendment(as_, staff):
    minutes = Minutes(by=staff)
    minutes.action.withheld, minutes.action.withheld_reason = True, "s40"
    minutes.action.save()
    minutes.agreed()
    assert prepare(minutes.meeting).record.actions == ()
    client = as_(staff)
    sent = send(client, of_action(minutes), withheld=False, why="It may be read")
    assert "whether it is withheld and reason for withholding" in said(sent)
    (line,) = prepare(minutes.meeting).record.actions
    assert line.reference == minutes.action.reference


def test_an_action_of_a_withheld_item_stays_withheld(as_, staff):
    minutes = Minutes(by=staff)
    minutes.action = minutes._action(minutes.withheld, "Say nothing")
    minutes.agreed()
    page = send(as_(staff), of_action(minutes), withheld=False, why="x")
    assert page.status_code == 422
    assert "so it stays withheld with it" in page.text


def test_an_action_reworded_since_is_not_reworded_by_an_amendment(as_, minutes):
    minutes.action.refresh_from_db()
    minutes.action.text = "Share the second plan"
    minutes.action.save()
    send(as_(minutes.by), of_action(minutes), text="Share all plans", why="Misheard")
    minutes.action.refresh_from_db()
    assert minutes.action.text == "Share the second plan"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Nothing was changed"),
        ({"text": " "}, "Enter what is to be done"),
        ({"text": "[[withhold s40]]Share[[/withhold]]"}, "leave out the marks"),
        ({"withheld": "on"}, "Choose a reason for withholding"),
        ({"text": "Share it", "why": ""}, "Enter why the minutes are amended"),
    ],
)
def test_an_amendment_of_an_action_that_makes_no_sense_is_refused(
    as_, minutes, changes, words
):
    page = send(as_(minutes.by), of_action(minutes), **{"why": LONG} | changes)
    assert page.status_code == 422
    assert words in page.text
    assert agreed_version(minutes.meeting).number == 1


def test_two_people_amending_an_action_lose_nothing(as_, minutes):
    client, url = as_(minutes.by), of_action(minutes)
    mine = as_shown(client.get(url).context["form"], text="Mine", why="Mine")
    send(as_(UserFactory(name="Pat")), url, text="Theirs", why="Theirs")
    page = client.post(url, mine)
    assert page.status_code == 422
    assert [line.text for line in kept(minutes).actions] == ["Theirs"]
    assert "Mine" in page.text
    assert client.post(url, as_shown(page.context["form"])).status_code == 302
    assert [line.text for line in kept(minutes).actions] == ["Mine"]


def test_an_action_of_another_meeting_is_not_found(as_, minutes, staff):
    other = Minutes(by=staff).agreed()
    args = [minutes.meeting.pk, other.action.year, other.action.number]
    assert as_(staff).get(reverse("amend_action", args=args)).status_code == 404


def test_who_is_named_publicly_is_amended(as_, minutes):
    sent = send(
        as_(minutes.by),
        of_facts(minutes),
        named_publicly_1="post",
        why="They asked for it",
    )
    assert "Minutes amended. Who is named in what is published." in said(sent)
    minutes.seat.refresh_from_db()
    assert not minutes.seat.named_publicly
    published = prepare(minutes.meeting).record
    assert "Lee Liaison" not in [seat.name for seat in published.seats]
    send(as_(minutes.by), of_facts(minutes), named_publicly_1="name", why="Again")
    published = prepare(minutes.meeting).record
    assert "Lee Liaison" in [seat.name for seat in published.seats]


def test_title_themes_and_roles_are_amended_and_the_rows_with_them(as_, minutes):
    theme, old = ThemeFactory(name="Roads"), ThemeFactory(name="Rails")
    minutes = Minutes(by=minutes.by, title="About roads")
    minutes.meeting.themes.add(old)
    minutes.agreed()
    sent = send(
        as_(minutes.by),
        of_facts(minutes),
        title=f"{minutes.meeting.type}: About railways",
        themes="Roads\nSomething else\n",
        role_0="",
        role_1="chair",
        why="The heading was wrong",
    )
    assert "Title, themes and attendance." in said(sent)
    record = kept(minutes)
    assert record.title == f"{minutes.meeting.type}: About railways"
    assert record.themes == ("Roads", "Something else")
    assert [seat.role for seat in record.seats] == ["", "chair"]
    minutes.meeting.refresh_from_db()
    assert minutes.meeting.title == "About railways"
    assert list(minutes.meeting.themes.all()) == [theme]
    minutes.seat.refresh_from_db()
    assert minutes.seat.role == "chair"


def test_a_title_that_is_too_long_is_refused(as_, minutes):
    page = send(as_(minutes.by), of_facts(minutes), title="A" * 201, why="x")
    assert page.status_code == 422
    assert "Enter a title of at most 200 characters" in page.text


def test_who_led_an_item_is_amended(as_, minutes):
    send(as_(minutes.by), of_item(minutes), lead="John Campion", why="Left out")
    assert kept(minutes).item(minutes.open.pk).lead == "John Campion"
    minutes.open.refresh_from_db()
    assert minutes.open.lead == minutes.chair.person
