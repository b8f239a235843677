"""Nothing of another force or of the office reaches a liaison or the public.

Every address of the running application is asked with the number of every row, as a
page, a fragment and a file, and sent to; whatever comes back is opened.
"""

import re
from collections.abc import Iterable, Iterator

import pytest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from actions.models import Action, UpdateDraft
from assurance.permissions import Permission, requires
from assurance.urls import urlpatterns as ours
from meetings.comments import comment
from meetings.models import Meeting, Theme
from tests.addresses import Address, addresses
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    OrganisationFactory,
    PersonFactory,
    ReadInFactory,
    UserFactory,
)
from tests.forces import BEGINNING, Forces
from tests.opened import without_what_is_new
from tests.walk import Answer, Walker, mismatched, urls

FORMATS = ["csv", "xlsx", "docx", "pdf"]
HTMX = {"headers": {"HX-Request": "true"}}
WORD = re.compile(rf"{BEGINNING}\w{{8}}")


def asked(walker: Walker, found: list[Address]) -> Iterator[tuple[str, Answer]]:
    """Each address with every row; of each kind of page that this visitor may read, one
    as a fragment and a file too. What is sent follows where there is a page, and twice
    where there is none.
    """
    for address in found:
        tried, refused, missing = False, 0, 0
        for url in urls(address):
            page = walker.ask("get", url)
            yield url, page
            refused = refused + 1 if page.is_at_the_door else 0
            missing += page.status == 404
            if page.status != 404 or missing < 3:
                yield f"POST {url}", walker.ask("post", url)
            if refused == 2:
                break  # such pages are refused whatever the row
            if page.status == 200 and page.is_page and not tried:
                tried = True
                yield f"HX {url}", walker.ask("get", url, **HTMX)
                yield f"HEAD {url}", walker.ask("head", url)
                for kind in FORMATS:
                    answer = walker.ask("get", url, {"format": kind})
                    yield f"{url}?format={kind}", answer
        else:
            for url in mismatched(address)[:12]:
                yield url, walker.ask("get", url)


def read(walker: Walker) -> Iterator[tuple[str, Answer]]:
    """Each address with every row, as a page."""
    for address in addresses():
        for url in urls(address):
            yield url, walker.ask("get", url)


def words_in(
    forces: Forces, answers: Iterable[tuple[str, Answer]]
) -> dict[str, set[str]]:
    """The places whose words came back, with where."""
    seen: dict[str, set[str]] = {}
    for url, answer in answers:
        assert answer.status < 500, url
        for word in set(WORD.findall(answer.text.lower())):
            if word in forces.words.place_of:
                seen.setdefault(forces.words.place_of[word], set()).add(url)
    return seen


def test_no_word_of_others_reaches_a_liaison(forces: Forces) -> None:
    assert words_in(forces, asked(Walker(forces.liaison), addresses())) == {}


def test_no_word_of_anybody_reaches_the_public(forces: Forces) -> None:
    assert words_in(forces, asked(Walker(None), addresses())) == {}


# Of what an administrator reads; that the walk finds these shows that it would find
# them where they do not belong.
REACHED = {
    *("action.text", "action.other_wording", "action.due_words", "update.text"),
    *("evidence.title", "evidence.link", "agendaitem.notes", "agendaitem.heading"),
    *("agendaitem.lines_of_enquiry", "meeting.joining_link"),
    *("meeting.cancelled_because", "paper.title", "paper.link", "person.name"),
    *("comment.text", "organisation.name", "user.email", "user.name", "theme.name"),
    *("agreement.changes", "agreement.overruled", "withdrawal.why", "readin.name"),
    *("meetingtype.name", "update.provided_by", "attendee.note"),
    *("minutesversion.let_pass", "minutesversion.replaced"),
    *("line of old minutes", "name in old minutes", "cell of a sheet"),
    *("passage of notes", "passage of a heading", "passage of an own action"),
    *("hidden: file name", "hidden: file content"),
    *("update of Force of Beeshire: file name", "item to come: notes"),
    *("update of Force of Beeshire: file content", "draft of the office: file content"),
}


def test_the_same_walk_of_an_administrator_sees_them(forces: Forces) -> None:
    seen = words_in(forces, read(Walker(forces.administrator)))
    assert REACHED - set(seen) == set()
    assert len(seen) > len(REACHED) + 10


@requires(Permission.LIST_ACTIONS)
def leaking(request: object, pk: int) -> HttpResponse:
    """A page whose author forgot whose row it is."""
    return HttpResponse(get_object_or_404(Action, pk=pk).text)


urlpatterns = [*ours, path("leaking/<int:pk>/", leaking, name="leaking")]


@pytest.mark.urls("tests.test_leaks")
def test_the_walk_finds_a_leak_in_a_page_it_never_heard_of(forces: Forces) -> None:
    new = [address for address in addresses() if address.name == "leaking"]
    walker = Walker(forces.liaison)
    assert "action.text" in words_in(forces, asked(walker, new))


# Pages with lists and searches; the draft with what was said of it.
LISTS = ["home", "tracker", "drafts", "meetings", "published", "published_feed"]


def lists(forces: Forces) -> list[str]:
    draft = reverse("draft", args=[forces.circulated.pk])
    of_action = [
        reverse(name, args=[action.year, action.number])
        for name in ("action", "action_update")
        for action in (forces.own, forces.shared)
    ]
    return [*map(reverse, LISTS), draft, *of_action]


def test_asking_for_what_is_hidden_is_asking_for_what_is_not(forces: Forces) -> None:
    """A search for a word of others, or a filter by their number, gives what one for
    nothing at all gives.
    """
    walker = Walker(forces.liaison)
    words = sorted(forces.words.place_of)
    never = {
        "q": ("zwquxoxoxoxo", words[:: len(words) // 12]),
        "organisation": (10**8, [forces.b.pk]),
        "meeting": (10**8, list(Meeting.objects.filter(actions=None)[:2])),
        "owner": ("zwquxoxoxoxo", words[:: len(words) // 3]),
        "theme": (10**8, Theme.objects.exclude(pk=forces.theme.pk)[:2]),
    }
    differences = {}
    for name in ("tracker", "meetings", "published"):
        for key, (nothing, hidden) in never.items():
            empty = walker.ask("get", reverse(name), {key: nothing, "list": "all"})
            for value in hidden:
                value = getattr(value, "pk", value)
                found = walker.ask("get", reverse(name), {key: value, "list": "all"})
                both = (value, nothing)
                if plainly(found, *both) != plainly(empty, *both):
                    differences[name, key, value] = found.status
    assert differences == {}


def plainly(answer: Answer, *without: object) -> str:
    text = without_what_is_new(answer.text)
    # The length of a page goes with the length of what was looked for.
    text = re.sub(r"Content-Length: \d+|ETag: .*", "", text)
    for one in without:
        text = re.sub(rf"\b{one}\b", "?", text)
    return text


def test_what_others_do_changes_nothing_that_a_liaison_sees(forces: Forces) -> None:
    """No number, order or choice tells of rows of others."""
    walker = Walker(forces.liaison)
    before = {url: plainly(walker.ask("get", url)) for url in lists(forces)}
    sheet = reverse("tracker") + "?list=all&format=csv"
    before[sheet] = plainly(walker.ask("get", sheet))
    for _ in range(3):
        others_go_on(forces)
    differences = {
        url for url, page in before.items() if plainly(walker.ask("get", url)) != page
    }
    assert differences == set()


def others_go_on(forces: Forces) -> None:
    old = MeetingFactory(state="draft", type=forces.type)
    hidden = AgendaItemFactory(meeting=old, notes="Said")
    for organisation in (forces.b, forces.partner, OrganisationFactory()):
        action = ActionFactory(organisation=organisation, item=hidden, meeting=old)
        action.add_update("We go on", by=forces.other)
        UpdateDraft.objects.create(
            action=action, organisation=organisation, changed_by=forces.other
        )
    for own in (forces.own, forces.shared):
        own.add_note("For the office only", by=forces.quiet)
    ActionFactory(organisation=forces.a, meeting=old, issued=False)
    UserFactory(liaison=True, organisation=forces.b)
    UserFactory()
    PersonFactory()
    ReadInFactory()
    draft = forces.circulated.versions.get()
    comment(draft, by=forces.quiet, text="More", key=forces.open_item.pk)
