"""A unique word in every place that is not for the public, looked for in every way out.

The words are in rows as the application keeps them; the meeting is published with its
real documents.
"""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from actions.models import Due, Evidence, Owner, Review, UpdateDraft
from actions.operations import set_owners
from actions.publishing import prepare, withdraw
from actions.reviewing import record_review
from assurance.models import User
from meetings.documents.published import published_documents
from meetings.doubtful import REPLACE
from meetings.models import AgendaItem, Comment, Meeting, MinutesVersion, Paper
from meetings.record import Amendment, Change, from_json, to_json
from meetings.versions import agreed_version, keep_version
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AgreementFactory,
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    MinutesVersionFactory,
    OrganisationFactory,
    PersonFactory,
    ThemeFactory,
    UserFactory,
    decision,
    stored_file,
)
from tests.meetings.published import agree_now, publish_now

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
LETTERS = "bcdfghklmn"


class Words:
    """Made-up words by what they mark: no text has them by chance."""

    def __init__(self, beginning: str) -> None:
        self._beginning = beginning
        self.by_place: dict[str, str] = {}

    def __call__(self, place: str) -> str:
        number = f"{len(self.by_place):03d}"
        end = "".join(LETTERS[int(digit)] + "o" for digit in number)
        word = f"{self._beginning}{end}"
        assert place not in self.by_place
        self.by_place[place] = word
        return word


def withheld(text: str, reason: str = "s40") -> str:
    return f"[[withhold {reason}]]{text}[[/withhold]]"


class World:
    """One published meeting with everything in it, and others beside it."""

    def __init__(self) -> None:
        self.secret, self.public = Words("Zwqu"), Words("Plav")
        self.staff: User = UserFactory(name=self.secret("office user"))
        self.force = OrganisationFactory(name=f"Force {self.public('organisation')}")
        self.liaison = UserFactory(
            liaison=True,
            organisation=self.force,
            name=self.secret("liaison"),
            email=f"{self.secret('e-mail')}@force.example".lower(),
        )
        self.themes = [ThemeFactory(name=self.public(f"theme {n}")) for n in range(2)]
        self.meeting: Meeting = MeetingFactory(
            type=MeetingTypeFactory(reviews_tracker=True),
            title=f"Culture {self.public('title')} {withheld(self.secret('title'))}",
            date=TODAY,
            venue=f"{self.public('venue')} {withheld(self.secret('venue'))}",
            joining_link=f"https://meet.example/{self.secret('joining link')}",
            marking=Meeting.Marking.SENSITIVE,
            themes=[self.themes[0]],
            state=Meeting.State.IN_PROGRESS,
        )
        self.attend()
        self.hold()
        self.review()
        self.neighbours()
        self.agree_and_publish()

    def attend(self) -> None:
        office = OrganisationFactory(name="Office of the PCC")
        AttendeeFactory(
            meeting=self.meeting,
            person=PersonFactory(name=f"Ann {self.public('attendee')}"),
            capacity=f"Director {self.public('capacity')}",
            organisation=self.force,
            note=f"joined at 10:40am {withheld(self.secret('attendance note'))}",
            role="chair",
        )
        self.unnamed = f"{self.secret('first name')} {self.secret('last name')}"
        AttendeeFactory(
            meeting=self.meeting,
            person=PersonFactory(name=self.unnamed, user=self.staff),
            capacity=f"Officer {self.public('capacity of one not named')}",
            abbreviation=self.secret("initials"),
            organisation=office,
            note=self.secret("note on one not named"),
            named_publicly=False,
            role="minute_taker",
        )
        known = self.secret.by_place
        self.may_name = (
            f"Mr {known['last name']} asked {known['first name']} and "
            f"{known['initials']}."
        )
        AttendeeFactory(
            meeting=self.meeting,
            standing_in_for=PersonFactory(name=self.unnamed),
            capacity="",
        )

    def item(self, place: str, **fields: Any) -> AgendaItem:
        """An item with everything in it that is never public."""
        item: AgendaItem = AgendaItemFactory(
            meeting=self.meeting,
            lead=PersonFactory(name=self.secret(f"lead, {place}")),
            lines_of_enquiry=self.secret(f"lines of enquiry, {place}"),
            asked_of_force=self.secret(f"asked of the force, {place}"),
            **fields,
        )
        return item

    def hold(self) -> None:
        secret, public = self.secret, self.public
        self.open_item = self.item(
            "public item",
            heading=f"{public('heading')} {withheld(secret('heading'))}",
            theme=self.themes[1],
            decisions=f"{self.may_name} {public('decision')} "
            f"{withheld(secret('decision'))}\n"
            f"{secret('decision marked in a passage')}\n{public('last decision')}",
            assurance="partly",
        )
        Paper.objects.create(
            item=self.open_item,
            title=f"{public('paper')} {withheld(secret('paper'))}",
            provided_by=secret("who provided a paper"),
            link=f"https://papers.example/{secret('link of a paper')}",
        )
        Paper.objects.create(
            item=self.open_item,
            title="Figures",
            file=stored_file(f"{secret('file name of a paper')}.txt"),
        )
        self.raise_actions()
        self.open_item.notes = "\n".join(
            [
                f"{public('notes')} {withheld(secret('in a line'))} more",
                f"- one {withheld('two', 's31')}",
                f"- [[withhold s43]]three\n- {secret('in bullets')}",
                f"  - {secret('below a bullet')}[[/withhold]]",
                f"**bold [[withhold s36]]{secret('in bold')}** x[[/withhold]]",
                f"## Sub {withheld(secret('in a heading of notes'))}",
                f"[[withhold s40]]out [[withhold s31]]in[[/withhold]] "
                f"{secret('after one within')}[[/withhold]]",
                f"[[withhold s40]]\n\n> {secret('in a quotation')}\n\n"
                f"[[decision 2]]\n\n[[action {self.passage_action.reference}]]\n"
                "[[/withhold]]",
                "[[decision 3]]",
                f"{self.unnamed} wrote to {self.unnamed.upper()}.",
                self.may_name,
                f"The link is {self.meeting.joining_link}",
                f"{public('last notes')}",
            ]
        )
        self.open_item.save()
        for restricted in (False, True):
            self.hide_item(
                "restricted item" if restricted else "withheld item", restricted
            )

    def hide_item(self, place: str, restricted: bool) -> None:
        secret = self.secret
        item = self.item(
            place,
            heading=secret(f"heading, {place}"),
            notes=secret(f"notes, {place}"),
            decisions=secret(f"decisions, {place}"),
            theme=ThemeFactory(name=secret(f"theme, {place}")),
            restricted=restricted,
            withheld=True,
            withheld_reason="s31",
        )
        Paper.objects.create(item=item, title=secret(f"paper, {place}"))
        self.item(
            f"below {place}",
            parent=item,
            heading=secret(f"heading below {place}"),
            notes=secret(f"notes below {place}"),
            theme=ThemeFactory(name=secret(f"theme below {place}")),
        )
        self.action(f"of {place}", item=item)
        self.action(f"of {place}, said to be public", item=item, withheld=False)
        AttendeeFactory(meeting=self.meeting, attendance="part", joined_item=item)

    def action(self, place: str, **fields: Any) -> Any:
        """One that is withheld, with a word in all its texts."""
        secret = self.secret
        action = ActionFactory(
            by=self.staff,
            meeting=self.meeting,
            **{
                "item": self.open_item,
                "text": secret(f"text of action {place}"),
                "other_wording": secret(f"summary of action {place}"),
                "due_words": secret(f"due of action {place}"),
            }
            | fields,
        )
        post = secret(f"owner of action {place}")
        set_owners(action, [Owner(organisation=self.force, post=post)])
        return action

    def raise_actions(self) -> None:
        secret, public = self.secret, self.public
        self.passage_action = self.action("marked in a passage")
        self.action("withheld", withheld=True, withheld_reason="s43")
        action = ActionFactory(
            by=self.staff,
            meeting=self.meeting,
            item=self.open_item,
            text=f"{public('action')} {withheld(secret('in an action'))}"
            f" {self.may_name}",
            other_wording=f"{public('summary')} {withheld(secret('in a summary'))}",
            office_lead=UserFactory(name=secret("office lead")),
        )
        owner = Owner(
            organisation=self.force,
            post=f"DBS {public('post of owner')}",
            person=PersonFactory(name=secret("owner by name")),
        )
        set_owners(action, [owner])
        action.add_note(secret("office note"), by=self.staff)
        update = action.add_update(secret("update"), by=self.liaison)
        Evidence.objects.create(
            update=update,
            title=secret("evidence"),
            file=stored_file(f"{secret('file name of evidence')}.txt"),
        )
        UpdateDraft.objects.create(
            action=action,
            organisation=self.force,
            text=secret("liaison's draft"),
            changed_by=self.liaison,
        )
        unused = ActionFactory(
            by=self.staff,
            meeting=self.meeting,
            item=self.open_item,
            text=secret("action that was not used"),
            issued=False,
        )
        unused.withdraw(
            by=self.staff, decision=decision(), text=secret("why it was not used")
        )

    def review(self) -> None:
        """Of actions of an earlier meeting, one marked in a passage there."""
        before = TODAY - dt.timedelta(days=60)
        old = MeetingFactory(date=before, title=self.secret("unpublished meeting"))
        item = AgendaItemFactory(
            meeting=old,
            heading=self.secret("heading of another meeting"),
            notes=self.secret("notes of another meeting"),
        )
        hidden = AgendaItemFactory(meeting=old, withheld=True, withheld_reason="s31")
        below = AgendaItemFactory(meeting=old, parent=hidden)
        due = Due.on_date(before)
        fields = {"by": self.staff, "meeting": old, "due": due}
        marked = ActionFactory(
            text=self.secret("reviewed, marked"), item=item, **fields
        )
        item.notes += (
            f"\n[[withhold s40]]\n[[action {marked.reference}]]\n[[/withhold]]"
        )
        item.save()
        reviewed = {
            "public": ActionFactory(text=self.public("reviewed"), item=item, **fields),
            "marked": marked,
            "below": ActionFactory(
                text=self.secret("reviewed, below"), item=below, **fields
            ),
            "withheld": ActionFactory(
                text=self.secret("reviewed, withheld"),
                withheld=True,
                withheld_reason="s40",
                **fields,
            ),
        }
        for name, action in reviewed.items():
            words = self.public if name == "public" else self.secret
            record_review(
                action,
                self.meeting,
                Review.Outcome.CARRIED,
                by=self.staff,
                note=f"{words(f'note of review, {name}')} "
                f"{withheld(self.secret(f'passage of review, {name}'))}",
            )

    def neighbours(self) -> None:
        """Meetings whose minutes nobody published, or nobody may read any more."""
        secret = self.secret
        planned = MeetingFactory(
            date=TODAY + dt.timedelta(days=30),
            title=self.public("next meeting"),
            joining_link=f"https://meet.example/{secret('next joining link')}",
        )
        AgendaItemFactory(meeting=planned, notes=secret("notes of next meeting"))
        self.meeting.next_meeting = planned
        self.meeting.save()
        agreed_here = MeetingFactory(date=TODAY - dt.timedelta(days=30))
        heading = secret("heading of minutes agreed here")
        AgendaItemFactory(
            meeting=agreed_here, heading=heading, withheld=True, withheld_reason="s31"
        )
        agree_now(agreed_here, self.staff)
        AgreementFactory(
            meeting=agreed_here,
            how="meeting",
            at_meeting=self.meeting,
            changes=f"{secret('changes of other minutes')}, the date under {heading}",
        )
        gone = MeetingFactory(title=secret("withdrawn title"))
        AgendaItemFactory(meeting=gone, notes=secret("withdrawn notes"))
        version = publish_now(gone, self.staff)
        withdraw(version, why=secret("why withdrawn"), by=self.staff)
        self.gone = gone

    def agree_and_publish(self) -> None:
        secret, meeting, staff = self.secret, self.meeting, self.staff
        draft = MinutesVersionFactory(
            meeting=meeting,
            content={"title": secret("draft"), "date": str(TODAY)},
            text=secret("drafted"),
        )
        Comment.objects.create(
            version=draft,
            item=self.open_item,
            author=self.liaison,
            text=secret("comment"),
            outcome="changed",
            answer=secret("answer to a comment"),
            answered_by=staff,
            answered_at=timezone.now(),
        )
        AgreementFactory(
            meeting=meeting,
            agreed_by=f"Ann {self.public('agreed by')}",
            overruled=secret("overruled"),
            changes=f"Then {withheld(secret('changes of the agreement'))}",
        )
        was = self.open_item.notes
        self.open_item.notes += f"\n{secret('published first, then withheld')}"
        self.open_item.save()
        agree_now(meeting, staff)
        self.publish()
        record = from_json(agreed_version(meeting).content)
        item = record.item(self.open_item.pk)
        self.amend(record.with_item(replace(item, notes=was)))
        self.publish(why=secret("why published again"))

    def amend(self, record: Any) -> None:
        hidden = next(item for item in record.items if item.withheld)
        amendments = (
            Amendment(
                f"Item {hidden.number}: notes",
                self.secret("why a withheld item was amended"),
                self.staff.name,
                TODAY,
                item=hidden.key,
            ),
            Amendment(
                f"Item 1: {self.public('what was amended')}",
                f"{self.public('why amended')} {withheld(self.secret('why amended'))}",
                self.staff.name,
                TODAY,
                item=self.open_item.pk,
                changes=(
                    Change(
                        self.secret("which thing was amended"),
                        self.secret("from what it was amended"),
                        withheld(self.secret("to what it was amended")),
                    ),
                ),
            ),
        )
        keep_version(
            replace(record, amendments=amendments),
            meeting=self.meeting,
            kind="agreed",
            by=self.staff,
            made_from=agreed_version(self.meeting),
            what=self.secret("what in the column"),
            why=self.secret("why in the column"),
        )

    def publish(self, why: str = "") -> MinutesVersion:
        edition = prepare(self.meeting)
        assert edition.publication.problems == []
        doubts = edition.publication.doubts
        # A surname, a first name and initials in notes, decisions and an action.
        assert len(doubts) == 9
        edition = edition.with_choices({one.key: REPLACE for one in doubts})
        files = published_documents(edition.record, number=edition.number, on=TODAY)
        kept = {"edition": edition, "why": why}
        return publish_now(self.meeting, self.staff, files, **kept)


def headers(response: HttpResponse) -> str:
    return f"{response.headers} {response.cookies}"


def ways_out(world: World) -> Iterator[tuple[str, str]]:
    """Everything that a stranger can get of it, as text."""
    browser = Client()
    page = reverse("published_minutes", args=[world.meeting.pk])
    for name, address in (
        ("page", page),
        ("list", reverse("published")),
        ("feed", reverse("published_feed")),
        ("withdrawn", reverse("published_minutes", args=[world.gone.pk])),
    ):
        response = browser.get(address)
        yield name, response.content.decode()
        yield f"headers of {name}", headers(response)
    for word in [*world.public.by_place.values(), "Officer", "the", "withhold", "[["]:
        response = browser.get(reverse("published"), {"q": word})
        yield f"search for {word}", response.content.decode()
    pdf = browser.get(page, {"format": "pdf"})
    yield "headers of PDF", headers(pdf)
    yield from in_pdf(b"".join(pdf.streaming_content))
    word = browser.get(page, {"format": "docx"})
    yield "headers of Word", headers(word)
    yield from in_word(b"".join(word.streaming_content))
    last = world.meeting.versions.published().latest_first().first()
    yield "kept content", str(to_json(from_json(last.content)))
    yield "kept text", f"{last.text} {last.title} {last.themes}"


def in_pdf(content: bytes) -> Iterator[tuple[str, str]]:
    pdf = PdfReader(io.BytesIO(content))
    # Lines may end within a word.
    text = "".join(page.extract_text() for page in pdf.pages)
    yield "PDF text", re.sub(r"[\s\u00ad-]+", "", text)
    yield "PDF metadata", str(pdf.metadata)
    yield "PDF bookmarks", " ".join(str(one) for one in _flat(pdf.outline))
    yield "PDF file", content.decode("latin-1")
    raw = []
    for number in range(1, pdf.trailer["/Size"]):
        found = pdf.get_object(number)
        raw.append(str(found).encode())
        if hasattr(found, "get_data"):
            raw.append(found.get_data())
    joined = b"\n".join(raw)
    both = joined.decode("latin-1"), joined.decode("utf-16-be", "ignore")
    yield "PDF objects", " ".join(both)


def _flat(outline: list[Any]) -> Iterator[Any]:
    for one in outline:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield one["/Title"]


def in_word(content: bytes) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for name in file.namelist():
            part = file.read(name).decode("utf-8", "ignore")
            yield f"Word {name}", f"{name} {part} {re.sub('<[^>]*>', '', part)}"


def test_no_word_that_is_withheld_is_in_any_way_out() -> None:
    world = World()
    found = dict(ways_out(world))
    leaks = {
        (place, way)
        for place, word in world.secret.by_place.items()
        for way, text in found.items()
        if word.lower() in text.lower()
    }
    assert leaks == set()
    for way in ("page", "PDF text", "Word word/document.xml", "kept text"):
        missing = {
            place
            for place, word in world.public.by_place.items()
            if word.lower() not in found[way].lower()
        }
        # Themes of items serve the list and its search alone.
        assert missing - {"theme 1"} == set(), way
    for way in ("list", "feed", "PDF metadata", "Word docProps/core.xml"):
        assert world.public.by_place["title"] in found[way]
    assert world.public.by_place["heading"] in found["PDF bookmarks"]
    assert world.public.by_place["theme 1"] in found["list"]
    assert len(world.secret.by_place) > 90
    browser = Client()
    for place, word in world.secret.by_place.items():
        assert searched(browser, word) == searched(browser, "Zwquxxx"), place
    for place, word in world.public.by_place.items():
        # The title and the themes of what is found are beside what was looked for.
        shown = f"<mark>{word}</mark>" in found[f"search for {word}"]
        assert shown or place in ("title", "theme 0", "theme 1"), place
        assert world.public.by_place["title"] in found[f"search for {word}"], place


def searched(browser: Client, word: str) -> str:
    """The list for a word, without the word itself, which the form repeats."""
    response = browser.get(reverse("published"), {"q": word})
    return response.content.decode().replace(word, "")


def test_what_changes_afterwards_alters_nothing_published() -> None:
    world = World()
    before = as_published(world)
    for theme in world.themes:
        theme.name = f"Renamed {theme.pk}"
        theme.save()
    for action in world.meeting.actions.unresolved():
        action.text = "Reworded"
        action.save()
        action.withdraw(by=world.staff, decision=decision(), text="Over")
    for attendee in world.meeting.attendees.all():
        attendee.person.name = "Renamed"
        attendee.person.save()
    world.force.name = "Renamed"
    world.force.save()
    AgendaItem.objects.filter(meeting=world.meeting).update(heading="R", notes="R")
    world.meeting.title = "Renamed"
    world.meeting.save()
    assert as_published(world) == before


def as_published(world: World) -> dict[str, str]:
    """Without what a reader of PDF numbers anew each time."""
    found = dict(ways_out(world))
    return {
        way: text
        for way, text in found.items()
        if way != "PDF objects" and "headers" not in way
    }
