"""Two forces, a partner and the office, with a made-up word in every text that is not
for the liaison of the first force.

What a liaison may know is said row by row (``known``); every other text of every row
of every table, those of history too, gets a word of its own. So a new table or column
is secret until somebody says otherwise.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from actions.agreement import circulate_minutes
from actions.asking import ask_for_updates
from actions.models import Action, DraftEvidence, Due, Owner, UpdateDraft
from actions.operations import send_update, set_owners
from actions.reviewing import bring_forward
from assurance import guards
from assurance.files import store
from assurance.models import LegalHold, Organisation, StoredFile, Unsent, User
from meetings.comments import comment
from meetings.models import (
    AgendaItem,
    Comment,
    Kind,
    Meeting,
    MinutesVersion,
    Paper,
    Withdrawal,
)
from meetings.reader.minutes import ReadAttendee, ReadMinutes
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AgreementFactory,
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    PersonFactory,
    ReadInFactory,
    SheetInFactory,
    StandingItemFactory,
    ThemeFactory,
    UserFactory,
    upload,
)
from tests.meetings.published import agree_now, publish_now

LETTERS = "bcdfghklmn"
BEGINNING = "zwqu"


class Words:
    """Made-up words by what they mark, in small letters: no text has them by chance."""

    def __init__(self) -> None:
        self.place_of: dict[str, str] = {}

    def __call__(self, place: str) -> str:
        number = f"{len(self.place_of):04d}"
        word = BEGINNING + "".join(LETTERS[int(digit)] + "o" for digit in number)
        self.place_of[word] = place
        return word


def withheld(text: str) -> str:
    return f"[[withhold s40]]{text}[[/withhold]]"


# Texts that are no words: digests, keys, what the application itself reads.
_NOT_WORDS = {
    *("password", "sha256", "words_sha256", "checksum", "key", "token", "path"),
    *("session_key", "session_data", "result_url", "content", "before", "after"),
    *("history_type", "fixed_number", "due_kind", "status", "status_then", "outcome"),
    *("asks", "state", "kind"),
}
# Secret even in a row that is known.
_ALWAYS_SECRET = {
    ("meeting", "joining_link"),
    ("agendaitem", "lines_of_enquiry"),
    ("user", "email"),
}
# Not of ours, or without words of people.
_APPS = {"assurance", "meetings", "actions"}


class Forces:
    """``known`` are the rows whose texts the liaison of A may read somewhere."""

    def __init__(self) -> None:
        self.words = Words()
        self.today = timezone.localdate()
        self.known: set[tuple[str, Any]] = set()
        self.people()
        self.to_come()
        self.attended()
        self.not_attended()
        self.elsewhere()
        self.mark()
        circulate_minutes(self.circulated, by=self.staff)
        self.comments()
        self.record()
        self.mark()

    def know(self, *rows: models.Model) -> Any:
        self.known |= {(row._meta.model_name, row.pk) for row in rows}
        return rows[0]

    def people(self) -> None:
        know = self.know
        self.a: Organisation = know(OrganisationFactory(name="Force of Ayshire"))
        self.b: Organisation = OrganisationFactory(name="Force of Beeshire")
        self.partner = know(
            OrganisationFactory(name="Council of Ceeton", kind="partner")
        )
        self.liaison: User = know(UserFactory(liaison=True, organisation=self.a))
        self.colleague: User = know(UserFactory(liaison=True, organisation=self.a))
        self.other: User = UserFactory(liaison=True, organisation=self.b)
        self.of_partner: User = know(
            UserFactory(liaison=True, organisation=self.partner)
        )
        self.staff: User = know(UserFactory(name="Anna Bell"))
        self.quiet: User = UserFactory()
        self.administrator: User = UserFactory(administrator=True)
        self.commissioner: User = UserFactory(commissioner=True)
        self.type = know(MeetingTypeFactory(reviews_tracker=True))
        StandingItemFactory(type=self.type)
        MeetingTypeFactory()
        self.theme = know(ThemeFactory())
        ThemeFactory()

    def file(self, place: str) -> StoredFile:
        """Of a secret name and content; both are words of ``place``."""
        word = self.words
        name, content = word(f"{place}: file name"), word(f"{place}: file content")
        return store(upload(f"{name}.txt", content.encode()), by=self.quiet)

    def own_file(self) -> StoredFile:
        return self.know(store(upload("figures.txt"), by=self.liaison))

    def to_come(self) -> None:
        self.planned: Meeting = self.know(
            MeetingFactory(
                type=self.type,
                date=self.today + dt.timedelta(days=20),
                joining_link="https://meet.example/room",
                agenda_sent_at=timezone.now(),
                venue="Hall One",
            )
        )
        item = self.know(
            AgendaItemFactory(
                meeting=self.planned, asked_of_force="Bring figures", heading="Roads"
            )
        )
        # Said before the meeting, for those who read minutes.
        for field in ("notes", "decisions", "lines_of_enquiry"):
            setattr(item, field, self.words(f"item to come: {field}"))
        item.save()
        Paper.objects.create(item=item, title="Figures", file=self.file("paper"))
        hidden = AgendaItemFactory(
            meeting=self.planned,
            restricted=True,
            withheld=True,
            withheld_reason="s31",
            asked_of_force="Bring more",
        )
        Paper.objects.create(item=hidden, title="Names", link="https://papers.example/")
        AttendeeFactory(meeting=self.planned, note="late")

    def action(self, *organisations: Organisation, **fields: Any) -> Action:
        """With an office note, an update with evidence, and drafts of each owner."""
        action: Action = ActionFactory(
            by=self.staff,
            due=Due.on_date(self.today + dt.timedelta(days=5)),
            due_words="in a month",
            other_wording="As one said",
            **fields,
        )
        set_owners(action, [Owner(organisation=o) for o in organisations])
        action.add_note("An office note", by=self.quiet)
        for one in organisations:
            by = {self.a.pk: self.liaison, self.b.pk: self.other}.get(
                one.pk, self.of_partner
            )
            is_own = one == self.a
            of_own = self.a in organisations
            name = f"update of {one.name}"
            file = self.own_file() if of_own else self.file(name)
            update = send_update(
                action,
                "We did it",
                by=by,
                provided_by="Chief Inspector",
                evidence=[("Figures", file), ("Page", "https://force.example/page")],
            )
            draft = UpdateDraft.objects.create(
                action=action, organisation=one, text="Not yet", changed_by=by
            )
            file = self.own_file() if is_own else self.file(f"draft of {one.name}")
            in_draft = DraftEvidence.objects.create(
                draft=draft, title="Draft figures", file=file
            )
            if of_own:
                self.know(update, *update.evidence.all())
            if is_own:
                self.know(draft, in_draft)
        office = UpdateDraft.objects.create(
            action=action, text="The office writes", changed_by=self.quiet
        )
        DraftEvidence.objects.create(
            draft=office, title="Of the office", file=self.file("draft of the office")
        )
        if self.a in organisations and fields.get("issued", True):
            visible = action.updates.visible_to(self.liaison)
            self.know(action, *action.owners.all(), *visible)
        return action

    def attended(self) -> None:
        """A meeting whose draft goes round to the liaison, who was there."""
        know, word = self.know, self.words
        self.circulated: Meeting = know(
            MeetingFactory(
                type=self.type,
                date=self.today - dt.timedelta(days=10),
                state=Meeting.State.DRAFT,
                themes=[self.theme],
                joining_link="https://meet.example/room",
            )
        )
        for person in (self.liaison, self.staff, None):
            seat = know(AttendeeFactory(meeting=self.circulated, person__user=person))
            know(seat.person)
        item = AgendaItemFactory(
            meeting=self.circulated,
            heading=f"Roads {withheld(word('passage of a heading'))}",
            notes=f"Open {withheld(word('passage of notes'))} words",
            decisions=f"Agreed {withheld(word('passage of a decision'))}",
            lines_of_enquiry="Ask about",
            theme=self.theme,
        )
        know(item)
        self.open_item = item
        fields = {"meeting": self.circulated}
        # What is minuted of others is read by all who were there, no more of it.
        self.minuted = self.action(
            self.partner, item=item, text="Minuted of the council", **fields
        )
        know(self.minuted, *self.minuted.owners.all())
        self.own = self.action(
            self.a,
            item=item,
            text=f"Own one {withheld(word('passage of an own action'))}",
            **fields,
        )
        paper = Paper(item=item, title="Figures", file=self.file("paper there"))
        paper.save()
        know(paper)
        for restricted in (True, False):
            hidden = AgendaItemFactory(
                meeting=self.circulated,
                notes="Said in confidence",
                lead=PersonFactory(),
                theme=ThemeFactory(),
                restricted=restricted,
                withheld=True,
                withheld_reason="s31",
            )
            below = AgendaItemFactory(
                meeting=self.circulated, parent=hidden, notes="Below"
            )
            for one in (hidden, below):
                self.action(self.b, item=one, **fields)
            Paper.objects.create(item=hidden, title="Names", file=self.file("hidden"))
            if restricted:
                self.of_hidden = self.action(self.a, item=hidden, **fields)

    def not_attended(self) -> None:
        """A meeting where actions of both forces were raised, agreed and published."""
        know, word = self.know, self.words
        self.agreed: Meeting = know(
            MeetingFactory(
                type=self.type,
                title=f"Culture {withheld(word('passage of a title'))}",
                date=self.today - dt.timedelta(days=60),
                state=Meeting.State.DRAFT,
                joining_link="https://meet.example/room",
            )
        )
        AttendeeFactory(meeting=self.agreed, person__user=self.quiet, note="late")
        item = AgendaItemFactory(
            meeting=self.agreed,
            heading=f"Workforce {withheld(word('passage of another heading'))}",
            theme=self.theme,
        )
        know(item)
        # Of an item a liaison who was not there knows the heading.
        for field in ("notes", "decisions", "lines_of_enquiry", "asked_of_force"):
            setattr(item, field, f"{withheld(word(f'item not attended: {field}'))}")
        item.save()
        fields = {"meeting": self.agreed, "item": item}
        self.shared = self.action(self.a, self.partner, text="Of both", **fields)
        self.foreign = self.action(self.b, **fields)
        self.unissued = self.action(self.a, issued=False, **fields)
        self.action(**fields)
        self.closed = self.action(self.b, **fields)
        asked = self.foreign.add_update(
            "We need longer",
            by=self.other,
            asks="date",
            asked_due_on=dt.date(2030, 1, 1),
        )
        del asked
        for action, organisation in ((self.own, self.a), (self.foreign, self.b)):
            ask_for_updates(self.planned, [(action, organisation)], by=self.quiet)
        for action in (self.foreign, self.own):
            review = bring_forward(
                action, self.planned, because="Asked for by name", by=self.staff
            )
        know(review)  # why their own is on the list
        for update in self.own.updates.visible_to(self.liaison):
            know(update)

    def elsewhere(self) -> None:
        """What is on its way in, what was done, what is held: the office's own."""
        word = self.words
        ReadInFactory(
            by=self.quiet,
            minutes=ReadMinutes(
                lines=(word("line of old minutes"), "Anna Bell"),
                attendees=(ReadAttendee(name=word("name in old minutes"), line=2),),
            ),
        )
        SheetInFactory(rows=((word("cell of a sheet"), "", "4 May 2025"),))
        LegalHold.objects.create(why="A claim", set_by=self.quiet)
        PersonFactory()
        for user, place in ((self.other, "B"), (self.quiet, "office")):
            Unsent.objects.create(
                token=f"token-{place}",
                user=user,
                path="/",
                sent=[["text", [word(f"what {place} had typed")]]],
                files=[["file", word(f"file {place} had chosen")]],
            )
        cancelled = MeetingFactory(
            type=self.type,
            date=self.today + dt.timedelta(days=3),
        )
        Meeting.objects.filter(pk=cancelled.pk).update(
            state="cancelled", cancelled_because="Nobody can come"
        )

    def comments(self) -> None:
        draft = self.circulated.versions.get()
        comment(draft, by=self.quiet, text="Said by the office", key=self.open_item.pk)
        self.know(comment(draft, by=self.liaison, text="Said by me"))
        Comment.objects.create(version=draft, author=self.other, text="Said by B")

    def record(self) -> None:
        version = publish_now(self.agreed, self.staff, why="A name was left in it")
        Withdrawal.objects.create(version=version, why="Still there", by=self.quiet)
        AgreementFactory(meeting=self.agreed, changes="The date", overruled="No")
        gone = MeetingFactory(type=self.type, date=dt.date(2025, 1, 8))
        AgendaItemFactory(meeting=gone, notes="Nobody's business")
        agree_now(gone, self.staff)
        AgendaItem.objects.filter(meeting=gone).update(kind=Kind.THEMED)

    def mark(self) -> None:
        """Add a word to every text that is not known."""
        with guards.lifted():
            MinutesVersion.objects.published().update(
                let_pass="A name that stays", replaced="A name that went"
            )
            for model in apps.get_models():
                if model._meta.app_label in _APPS:
                    self._mark_rows(model)

    def _mark_rows(self, model: type[models.Model]) -> None:
        base = model.__name__.lower()
        of = base.removeprefix("historical")
        columns = list(_texts(model))
        for row in model._base_manager.all():
            known = base == of and (base, row.pk) in self.known
            values = {}
            for field in columns:
                always = (of, field.name) in _ALWAYS_SECRET and row != self.liaison
                if known and not always:
                    continue
                old = getattr(row, field.name)
                if old and BEGINNING not in old:
                    word = self.words(f"{base}.{field.name}")
                    values[field.name] = _with(field, old, word)
            if values:
                model._base_manager.filter(pk=row.pk).update(**values)


def _texts(model: type[models.Model]) -> Iterator[models.Field]:
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, models.CharField | models.TextField)
        is_text = is_text and not isinstance(field, models.JSONField)
        if is_text and not field.choices and field.name not in _NOT_WORDS:
            yield field


def _with(field: models.Field, old: str, word: str) -> str:
    if isinstance(field, models.EmailField):
        return f"{word}.{old}"
    if isinstance(field, models.URLField):
        return f"{old}/{word}"
    if field.name == "short_names":
        return f"{old}, {word}"
    if field.name == "name" and old.endswith(".txt"):
        return f"{word} {old}"
    most = field.max_length
    return f"{old[: most - len(word) - 1] if most else old} {word}"
