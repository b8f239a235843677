"""What the public reads, and how the office puts it there."""

import datetime as dt
import io
import re
from xml.etree import ElementTree

import docx
import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from actions.publishing import withdraw
from meetings.models import Meeting, MinutesVersion
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    ThemeFactory,
    decision,
)
from tests.inline import inline_code
from tests.meetings.pages import as_shown, said
from tests.meetings.published import (
    agree_now,
    content_of,
    publish_now,
    published_meeting,
)

pytestmark = pytest.mark.django_db

LIST, FEED = "/published/", "/published/feed/"
ATOM = "{http://www.w3.org/2005/Atom}"


def page_of(meeting: Meeting) -> str:
    return reverse("published_minutes", args=[meeting.pk])


def text(response: HttpResponse) -> str:
    """Its words, without tags."""
    bare = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", bare)


@pytest.fixture
def meeting(staff) -> Meeting:
    """Published, with a withheld item and a withheld action."""
    meeting: Meeting = MeetingFactory(title="Workforce", in_public=True)
    AttendeeFactory(meeting=meeting, person__name="Ann Lee", role="chair")
    item = AgendaItemFactory(
        meeting=meeting, heading="Retention", notes="Officers stay"
    )
    AgendaItemFactory(
        meeting=meeting, heading="Informants", withheld=True, withheld_reason="s31"
    )
    ActionFactory(meeting=meeting, item=item, text="Share the plan")
    ActionFactory(meeting=meeting, item=item, withheld=True, withheld_reason="s40")
    publish_now(meeting, staff)
    return meeting


# One meeting


def test_a_page_says_what_was_said_and_agreed_and_that_it_was_edited(
    client, meeting
) -> None:
    response = client.get(page_of(meeting))
    words = text(response)
    for part in (
        "Minutes of Wednesday 26 March 2025",
        "which was open to the public",
        "Ann Lee",
        "1 Retention Officers stay",
        "2 Withheld",
        "Law enforcement (section 31)",
        "Share the plan",
        "Open",
        "This version was edited. Some text has been withheld: law enforcement "
        "(section 31); personal information (section 40). 1 action is withheld.",
        "Version 1, published on",
    ):
        assert part in words, part
    assert "Informants" not in words
    assert "noindex" not in response.content.decode()


def test_a_page_without_anything_withheld_does_not_say_it_was_edited(client) -> None:
    assert "edited" not in text(client.get(page_of(published_meeting())))


def test_downloads_say_their_type_and_size_and_are_the_files_that_were_kept(
    client, meeting
) -> None:
    words = text(client.get(page_of(meeting)))
    assert "These minutes as PDF (1 KB)" in words
    assert "These minutes as a Word document (1 KB)" in words
    version = meeting.versions.published().get()
    for kind, stored in (("pdf", version.pdf), ("docx", version.docx)):
        response = client.get(page_of(meeting), {"format": kind})
        content = b"".join(response.streaming_content)
        assert content == content_of(stored)
        assert stored.name in response["Content-Disposition"]
        assert response["Cache-Control"] == "public, no-cache"
        again = client.get(
            page_of(meeting),
            {"format": kind},
            headers={"if-none-match": response["ETag"]},
        )
        assert (again.status_code, again.content) == (304, b"")


def test_a_published_document_that_was_replaced_on_the_server_is_sent_to_nobody(
    as_, client, staff, meeting, files_dir
) -> None:
    version = meeting.versions.get(kind=MinutesVersion.Kind.PUBLISHED)
    (files_dir / version.pdf.content.name).write_bytes(b"F" * version.pdf.size)
    ours = f"{reverse('minutes_version', args=[meeting.pk, version.pk])}?format=pdf"
    for browser, address in (
        (client, f"{page_of(meeting)}?format=pdf"),
        (as_(staff), ours),
    ):
        page = browser.get(address)
        assert page.status_code == 500
        assert "it was changed or damaged since" in page.text
        assert page["Cache-Control"] == "no-store"
        assert "ETag" not in page
    whole = client.get(f"{page_of(meeting)}?format=docx")
    assert whole.status_code == 200
    assert b"".join(whole.streaming_content)


def test_a_format_that_there_is_not_is_not_found(client, meeting) -> None:
    for file_format in ("csv", "\x00", "pdf/../x"):
        response = client.get(page_of(meeting), {"format": file_format})
        assert response.status_code == 404


def test_what_was_never_published_is_as_unknown_as_what_never_was(
    client, staff
) -> None:
    agreed = MeetingFactory(title="Secret")
    agree_now(agreed, staff)
    answers = [client.get(f"/published/{pk}/") for pk in (agreed.pk, 99999, 10**30)]
    assert [one.status_code for one in answers] == [404] * 3
    assert len({one.content for one in answers}) == 1
    headers = [dict(one.headers) for one in answers]
    for answer in headers:
        del answer["X-Request-ID"]  # of the request, whatever it was for
    assert headers[0] == headers[1] == headers[2]


def test_withdrawn_minutes_are_gone_with_a_sentence_and_nothing_of_them_is_said(
    client, staff, meeting
) -> None:
    withdraw(meeting.versions.published().get(), why="Ann asked", by=staff)
    for query in ({}, {"format": "pdf"}, {"format": "docx"}):
        response = client.get(page_of(meeting), query)
        assert response.status_code == 410
        assert "These minutes were withdrawn" in text(response)
        assert "Workforce" not in text(response)
        assert "Ann" not in text(response)
        assert response["Cache-Control"] == "public, no-cache"
    assert "Workforce" not in text(client.get(LIST))
    assert "Workforce" not in client.get(FEED).content.decode()


def test_only_the_latest_version_is_public_and_the_office_reads_the_others(
    client, as_, staff, commissioner, liaison, meeting
) -> None:
    meeting.actions.first().withdraw(by=staff, decision=decision(), text="Not needed")
    publish_now(meeting, staff, why="An action was withdrawn")
    assert "Version 2, published on" in text(client.get(page_of(meeting)))
    first, _ = meeting.versions.published().order_by("number")
    old = reverse("minutes_version", args=[meeting.pk, first.pk])
    assert client.get(old).status_code == 302
    assert as_(liaison).get(old).status_code == 403
    words = text(as_(commissioner).get(old))
    assert "was replaced by a later one" in words
    assert "Officers stay" in words
    file = as_(commissioner).get(old, {"format": "pdf"})
    assert file.getvalue().startswith(b"%PDF-")
    assert file["Content-Disposition"].endswith('version-1.pdf"')
    assert file["Cache-Control"] == "no-store"


# The list


def test_the_list_is_newest_first_by_year_each_meeting_once(client, staff) -> None:
    for day in (dt.date(2024, 5, 1), dt.date(2025, 1, 8), dt.date(2025, 3, 26)):
        meeting = published_meeting(staff, title=f"Of {day}", date=day)
    withdraw(meeting.versions.published().get(), why="Wrong", by=staff)
    publish_now(meeting, staff, why="Right")
    html = client.get(LIST).content.decode()
    found = re.findall(r"<h2[^>]*>(\d{4})|Of (\d{4}-\d\d-\d\d)", html)
    assert ["".join(one) for one in found] == [
        "2025",
        "2025-03-26",
        "2025-01-08",
        "2024",
        "2024-05-01",
    ]
    assert "3 meetings" in text(client.get(LIST))


def test_an_empty_list_says_what_comes(client) -> None:
    assert "No minutes are published yet." in text(client.get(LIST))


def test_the_list_is_found_by_year_theme_and_words_of_the_public_text(
    client, staff
) -> None:
    theme = ThemeFactory(name="Mental health")
    longer = ThemeFactory(name="Mental health and custody")
    first = MeetingFactory(title="First", date=dt.date(2024, 5, 1), themes=[theme])
    AgendaItemFactory(
        meeting=first, notes="Officers stay [[withhold s40]]Xylo[[/withhold]]"
    )
    second = MeetingFactory(title="Second", themes=[longer])
    AgendaItemFactory(meeting=second, notes="Officers leave")
    for one in (first, second):
        publish_now(one, staff)
    for query, names in (
        ({"year": "2024"}, ["First"]),
        ({"theme": "Mental health"}, ["First"]),
        ({"q": "officers"}, ["Second", "First"]),
        ({"q": "OFFICERS stay"}, ["First"]),
        ({"q": "xylo"}, []),
        ({"q": "officers", "year": "2025", "theme": "Mental health"}, []),
    ):
        response = client.get(LIST, query)
        found = re.findall(r"First|Second", response.content.decode())
        assert found == names, query
        assert f"{len(names)} of 2 meetings" in text(response)
    assert "No published minutes match." in text(client.get(LIST, {"q": "xylo"}))


@pytest.mark.parametrize(
    "query",
    [{"year": "x"}, {"theme": "None of these"}, {"q": "\x00"}, {"q": "a" * 999}],
)
def test_what_is_not_understood_in_a_query_is_said(client, query) -> None:
    published_meeting()
    response = client.get(LIST, query)
    assert response.status_code == 422
    assert "There is a problem" in text(response)


def test_a_long_list_is_paged_and_keeps_what_was_asked_for(client, staff) -> None:
    kept = MinutesVersion.objects.get(
        meeting=published_meeting(staff), kind="published"
    )
    _many(kept, 30)
    words = text(client.get(LIST))
    assert "31 meetings, showing 1 to 25" in words
    second = client.get(LIST, {"q": "meeting", "page": "2"})
    assert "31 of 31 meetings, showing 26 to 31" in text(second)
    assert 'href="?q=meeting&amp;page=1"' in second.content.decode()
    assert client.get(LIST, {"page": "99"}).status_code == 200


def _many(like: MinutesVersion, count: int) -> None:
    """More meetings published as this one was."""
    for number in range(count):
        meeting = MeetingFactory(type=like.meeting.type)
        MinutesVersion.objects.create(
            meeting=meeting,
            kind="published",
            number=1,
            made_from=like.made_from,
            title=f"{like.title} {number}",
            held_on=like.held_on,
            content=like.content,
            text=like.text,
            by=like.by,
        )


def test_pages_take_a_fixed_number_of_queries_and_the_list_loads_no_content(
    client, staff, django_assert_num_queries
) -> None:
    page = page_of(published_meeting(staff))
    kept = MinutesVersion.objects.published().select_related("meeting__type").get()
    for more in (0, 29):
        _many(kept, more)
        with django_assert_num_queries(4) as asked:
            client.get(LIST)
        assert not any('"content"' in one["sql"] for one in asked.captured_queries)
        with django_assert_num_queries(1):
            client.get(FEED)
        with django_assert_num_queries(1):
            client.get(page)


# The feed


def test_the_feed_is_atom_with_titles_and_dates_alone(client, meeting) -> None:
    response = client.get(FEED)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)
    assert feed.tag == f"{ATOM}feed"
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == (
        f"{meeting.type}: Workforce, 26 March 2025"
    )
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"http://testserver{page_of(meeting)}"
    assert entry.findtext(f"{ATOM}summary").startswith("Version 1, published on ")
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert "Officers" not in response.content.decode()


# Nobody is known here


def addresses(meeting: Meeting) -> list[str]:
    return [
        LIST,
        f"{LIST}?q=x&year=y",
        FEED,
        page_of(meeting),
        f"{page_of(meeting)}?format=pdf",
        "/published/99999/",
        "/published/nonsense",
        "/published/nonsense/",
        "/accessibility/",
    ]


def test_public_pages_know_no_visitor_and_any_cache_may_keep_them(
    as_, staff, meeting
) -> None:
    signed_in, stranger = as_(staff), Client(enforce_csrf_checks=True)
    signed_in.cookies["csrf"] = "broken"
    for address in addresses(meeting):
        answers = [browser.get(address) for browser in (stranger, signed_in)]
        for response in answers:
            assert not response.cookies, address
            assert "Set-Cookie" not in response.headers
            assert "cookie" not in response.headers.get("Vary", "").lower()
            assert "csrfmiddlewaretoken" not in _content(response)
            assert staff.name not in _content(response)
            assert (
                "nonsense" in address
                or response.headers["Cache-Control"] == "public, no-cache"
            ), address
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert _content(answers[0]) == _content(answers[1]), address
    assert signed_in.get("/").status_code == 200  # still signed in


def _content(response: HttpResponse) -> str:
    if not hasattr(response, "kept"):
        parts = response.streaming_content if response.streaming else [response.content]
        response.kept = b"".join(parts).decode("latin-1")
    return response.kept


def test_a_signed_in_visitor_is_not_looked_up(
    as_, staff, meeting, django_assert_num_queries
) -> None:
    browser = as_(staff)
    with django_assert_num_queries(1) as asked:
        browser.get(page_of(meeting))
    assert "session" not in asked.captured_queries[0]["sql"]


def test_public_pages_answer_not_modified_until_they_change(
    client, staff, meeting
) -> None:
    for address in (LIST, FEED, page_of(meeting), "/accessibility/"):
        etag = client.get(address)["ETag"]
        again = client.get(address, headers={"if-none-match": etag})
        assert (again.status_code, again.content) == (304, b"")
        assert not again.cookies
    before = client.get(page_of(meeting))["ETag"]
    meeting.actions.first().close(by=staff, decision=decision(), text="Done")
    publish_now(meeting, staff, why="Closed")
    assert client.get(page_of(meeting))["ETag"] != before


def test_public_pages_are_read_only_and_have_no_inline_code(client, meeting) -> None:
    for address in (LIST, FEED, page_of(meeting)):
        assert client.post(address).status_code == 405
        assert client.head(address).status_code == 200
        assert inline_code(client.get(address).content.decode()) == []


# The office's page


@pytest.fixture
def agreed(staff) -> Meeting:
    meeting: Meeting = MeetingFactory(title="Workforce")
    AgendaItemFactory(
        meeting=meeting,
        heading="Retention",
        notes="Officers stay. [[withhold s40]]The name is Jo[[/withhold]]",
    )
    agree_now(meeting, staff)
    return meeting


def to_publish(meeting: Meeting) -> str:
    return reverse("publish", args=[meeting.pk])


def test_the_preview_is_exactly_what_the_public_reads_afterwards(
    as_, client, staff, agreed
) -> None:
    browser = as_(staff)
    shown = browser.get(to_publish(agreed))
    browser.post(to_publish(agreed), as_shown(shown.context["form"]))
    article = re.compile(r"<article.*</article>", re.DOTALL)
    public = client.get(page_of(agreed)).content.decode()
    preview = article.search(shown.content.decode())
    assert preview
    assert preview[0] in public
    assert "[Withheld: personal information (section 40)]" in preview[0]


def test_the_files_that_the_office_publishes_say_their_page_and_version(
    as_, client, staff, agreed
) -> None:
    browser = as_(staff)
    shown = browser.get(to_publish(agreed))
    browser.post(to_publish(agreed), as_shown(shown.context["form"]))
    page = f"http://testserver{page_of(agreed)}"
    files = {
        kind: b"".join(client.get(page_of(agreed), {"format": kind}).streaming_content)
        for kind in ("pdf", "docx")
    }
    sheets = [one.extract_text() for one in PdfReader(io.BytesIO(files["pdf"])).pages]
    assert page in "".join("".join(sheets).split())
    assert all("Version 1. Minutes, 26 March 2025" in sheet for sheet in sheets)
    word = docx.Document(io.BytesIO(files["docx"]))
    assert page in "\n".join(one.text for one in word.paragraphs)
    foot = word.sections[0].footer.paragraphs[0].text
    assert foot.startswith("Version 1. Minutes, 26 March 2025")


def test_the_page_lists_what_is_withheld_where_and_why(
    as_, commissioner, agreed
) -> None:
    response = as_(commissioner).get(to_publish(agreed))
    assert "1 Retention “The name is Jo” Personal information (section 40)" in text(
        response
    )
    assert "Publish version" not in text(response)


def test_who_may_see_the_preview_and_who_may_publish(
    as_, client, staff, commissioner, liaison, agreed
) -> None:
    url = to_publish(agreed)
    assert client.get(url).status_code == 302
    assert as_(liaison).get(url).status_code in (403, 404)
    sent = as_shown(as_(commissioner).get(url).context["form"])
    assert as_(commissioner).post(url, sent).status_code == 403
    assert as_(liaison).post(url, sent).status_code in (403, 404)
    assert not MinutesVersion.objects.published().exists()


def test_publishing_puts_real_files_beside_the_page_and_says_what_next(
    as_, client, staff, agreed
) -> None:
    browser = as_(staff)
    form = browser.get(to_publish(agreed)).context["form"]
    response = browser.post(to_publish(agreed), as_shown(form))
    assert response["Location"] == to_publish(agreed)
    assert said(response) == "Version 1 is published. Everybody can read it now."
    version = agreed.versions.published().get()
    assert content_of(version.pdf).startswith(b"%PDF-")
    assert content_of(version.docx).startswith(b"PK")
    after = text(browser.get(to_publish(agreed)))
    assert "Version 1 is public since" in after
    assert "Nothing has changed since." in after
    assert "Publish version" not in after


def test_pressing_twice_publishes_once(as_, staff, agreed) -> None:
    browser = as_(staff)
    sent = as_shown(browser.get(to_publish(agreed)).context["form"])
    places = [browser.post(to_publish(agreed), sent)["Location"] for _ in range(2)]
    assert places == [to_publish(agreed)] * 2
    assert agreed.versions.published().count() == 1


def test_minutes_that_are_not_agreed_are_not_previewed(as_, staff) -> None:
    meeting = MeetingFactory(state=Meeting.State.CIRCULATED)
    for method in ("get", "post"):
        response = getattr(as_(staff), method)(to_publish(meeting))
        assert response["Location"] == meeting.get_absolute_url()
        assert "Only agreed minutes are published" in said(response)


def test_what_stops_publication_is_listed_and_there_is_no_button(as_, staff) -> None:
    meeting = MeetingFactory()
    AgendaItemFactory(meeting=meeting, heading="Budget", notes="[[withhold s40]]x")
    agree_now(meeting, staff)
    browser = as_(staff)
    shown = browser.get(to_publish(meeting))
    assert "1 Budget: [[withhold]] is left open: type [[/withhold]]" in text(shown)
    assert "Publish version" not in text(shown)
    response = browser.post(to_publish(meeting), as_shown(shown.context["form"]))
    assert response.status_code == 422
    assert not meeting.versions.published().exists()


def test_what_changed_after_the_preview_is_looked_at_again(as_, staff) -> None:
    meeting = MeetingFactory()
    action = ActionFactory(meeting=meeting)
    agree_now(meeting, staff)
    browser = as_(staff)
    sent = as_shown(browser.get(to_publish(meeting)).context["form"])
    action.close(by=staff, decision=decision(), text="Done")
    response = browser.post(to_publish(meeting), sent)
    assert response.status_code == 422
    assert "has changed since you looked" in text(response)
    again = as_shown(response.context["form"])
    assert browser.post(to_publish(meeting), again).status_code == 302
    assert "Closed" in text(Client().get(page_of(meeting)))


def test_publishing_again_asks_why_and_keeps_both(as_, staff, meeting) -> None:
    meeting.actions.first().close(by=staff, decision=decision(), text="Done")
    browser = as_(staff)
    shown = browser.get(to_publish(meeting))
    assert "have changed since" in text(shown)
    sent = as_shown(shown.context["form"])
    response = browser.post(to_publish(meeting), sent)
    assert response.status_code == 422
    assert "Enter why they are published again" in text(response)
    browser.post(to_publish(meeting), sent | {"why": "An action is closed"})
    assert [one.number for one in meeting.versions.published()] == [1, 2]
    assert "An action is closed" in text(browser.get(to_publish(meeting)))
    assert "An action is closed" not in text(Client().get(page_of(meeting)))


def test_withdrawing_asks_why_and_takes_it_off_the_public_site(
    as_, client, staff, commissioner, liaison, meeting
) -> None:
    url = reverse("published_withdraw", args=[meeting.pk, 1])
    assert client.get(url).status_code == 302
    for other in (commissioner, liaison):
        assert as_(other).post(url, {"why": "x"}).status_code in (403, 404)
    browser = as_(staff)
    sent = as_shown(browser.get(url).context["form"])
    assert browser.post(url, sent).status_code == 422
    assert client.get(page_of(meeting)).status_code == 200
    response = browser.post(url, sent | {"why": "A name was left in it"})
    assert response["Location"] == to_publish(meeting)
    assert client.get(page_of(meeting)).status_code == 410
    after = text(browser.get(to_publish(meeting)))
    assert "A name was left in it" in after
    assert "The public reads nothing of this meeting." in after


def test_an_agreed_meeting_leads_to_its_publication(as_, staff, agreed) -> None:
    page = as_(staff).get(agreed.get_absolute_url()).content.decode()
    assert f'href="{to_publish(agreed)}"' in page


def test_on_paper_the_page_names_the_office_and_offers_no_download(client, settings):
    settings.OFFICE_NAME = "Office of the Mayor"
    meeting = published_meeting()
    page = client.get(reverse("published_minutes", args=[meeting.pk])).text
    assert '<p class="app-print-only app-publisher">Office of the Mayor</p>' in page
    assert '<h2 class="govuk-heading-m app-no-print">Download</h2>' in page
    assert "by the Office of the Mayor." in page
