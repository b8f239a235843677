"""Rows for measuring: monthly meetings and their actions.

The last meeting is still to come. Of the actions the last twentieth is unresolved, and
three in a hundred are overdue. Dates count from the day given; the rest comes from one
random generator, so the same seed gives the same rows.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, TypeVar

from dateutil.relativedelta import relativedelta
from django.contrib.auth.hashers import make_password
from django.db import models
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from actions.lifecycle import Status
from actions.models import Action, Due, How, Owner, ReferenceCounter, Update
from actions.record import gather
from assurance.calendar import on_or_before_working_day
from assurance.demonstration import words
from assurance.models import Organisation, User
from assurance.permissions import Role
from meetings.models import (
    AgendaItem,
    Agreement,
    Attendee,
    Kind,
    Meeting,
    MeetingType,
    MinutesVersion,
    Person,
    Theme,
)
from meetings.publication import Known, public_record
from meetings.versions import keep_version

Version = MinutesVersion.Kind

ACCOUNTS = 50
DOMAIN = "bulk.example"
PASSWORD = "bench-only-1"  # noqa: S105
UNRESOLVED = 0.05
OVERDUE = 0.03
SEARCH_EVERY = 100
BATCH = 1000
STEPS = 5
DAYS_TO_NEXT = 9
FIRST_NAMES = ("Alex", "Bea", "Chris", "Dana", "Eli", "Fran", "Gail", "Harper")
LAST_NAMES = ("Ash", "Birch", "Cedar", "Elder", "Fir")
POSTS = (
    "Chief Constable",
    "Deputy Chief Constable",
    "Assistant Chief Constable",
    "Director of Business Services",
    "Head of Criminal Justice",
    "Superintendent, Local Policing",
    "Chief Inspector, Control Room",
    "Head of Roads Policing",
)
THEMES = (
    "Bulk: neighbourhood policing",
    "Bulk: criminal justice",
    "Bulk: finance",
    "Bulk: public protection",
    "Bulk: roads",
)
THEME_WITHOUT_MEETING = "Bulk: estates"
AGENDA = (
    ("Minutes of the last meeting", Kind.LAST_MINUTES),
    ("Review of action tracker", Kind.ACTION_TRACKER),
    ("", Kind.THEMED),
    ("", Kind.THEMED),
    ("Inspection programme and improvement board", Kind.INSPECTION),
    ("Any other business", Kind.AOB),
    ("Confirmation of next meeting", Kind.NEXT_MEETING),
)
# How the unresolved that are not overdue stand, in turn.
OTHERS = (
    *("later", "proposed", "later", "asks_date", "held", "later", "no_due", "proposed"),
    *("later", "next_meeting", "proposed", "later", "no_owner", "held", "later"),
    *("asks_other", "proposed", "later", "waits", "no_due"),
)

Row = TypeVar("Row", bound=models.Model)


def moment(day: dt.date, hour: int = 10) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


class Bulk:
    """Makes the rows in order, from one random generator."""

    def __init__(
        self, *, rng: Random, today: dt.date, meetings: int, actions: int
    ) -> None:
        self.rng = rng
        self.today = today
        self.meeting_count = meetings
        self.action_count = actions
        self.now = moment(today, 0)

    def create(self, rows: Sequence[Row]) -> list[Row]:
        """Create rows that keep a history, with the first entry of it.

        The entry is of midnight today whatever the clock says, so that runs agree.
        """
        if not rows:
            return []
        return bulk_create_with_history(
            rows, type(rows[0]), batch_size=BATCH, default_date=self.now
        )

    # Accounts and registers

    def make_registers(self) -> None:
        names = [
            ("Bulk office of the commissioner", "Bulk office", "office"),
            ("Bulk police force", "Bulk force", "force"),
            ("Bulk county council", "Bulk council", "partner"),
            ("Bulk fire service", "Bulk fire", "partner"),
        ]
        organisations = [
            Organisation(name=name, short_names=short, kind=kind)
            for name, short, kind in names
        ]
        self.organisations = self.create(organisations)
        self.users = self.create(self.accounts())
        self.staff = [user for user in self.users if user.role == Role.STAFF]
        self.people = self.create(
            [
                Person(name=f"{first_name} {last_name}")
                for first_name in FIRST_NAMES
                for last_name in LAST_NAMES
            ]
        )
        self.themes = self.create([Theme(name=name) for name in THEMES])
        (self.empty_theme,) = self.create([Theme(name=THEME_WITHOUT_MEETING)])
        (self.type,) = self.create(
            [MeetingType(name="Bulk assurance meeting", usual_start=dt.time(10))],
        )

    def accounts(self) -> list[User]:
        """user01 to user50: mostly staff and the force's liaisons."""
        secret = make_password(PASSWORD, salt="bulk-data-for-measuring")
        users = []
        for number in range(1, ACCOUNTS + 1):
            role, organisation = Role.LIAISON, self.organisations[1 + number % 3]
            if number <= 20:
                role, organisation = Role.STAFF, self.organisations[0]
            if number in (18, 19):
                role = Role.COMMISSIONER
            if number == 20:
                role = Role.ADMINISTRATOR
            users.append(
                User(
                    email=f"user{number:02}@{DOMAIN}",
                    name=f"Bulk user {number:02}",
                    role=role,
                    organisation=organisation,
                    password=secret,
                    is_demonstration=True,
                    created_at=self.now,
                )
            )
        return users

    def liaisons_of(self, organisation: Organisation) -> list[User]:
        return [
            user
            for user in self.users
            if user.role == Role.LIAISON and user.organisation == organisation
        ]

    # Meetings

    def make_meetings(self) -> None:
        last = self.today + dt.timedelta(days=DAYS_TO_NEXT)
        rows = []
        for back in reversed(range(self.meeting_count)):
            day = on_or_before_working_day(last - relativedelta(months=back))
            state = Meeting.State.AGREED
            if back < 3:
                state = Meeting.State.CIRCULATED
            if back == 0:
                state = Meeting.State.PLANNED
            rows.append(
                Meeting(
                    type=self.type,
                    title=words.topic(self.rng),
                    date=day,
                    start=dt.time(10),
                    end=dt.time(12),
                    venue="Conference room",
                    state=state,
                    created_at=moment(day - dt.timedelta(days=30)),
                )
            )
        self.meetings = self.create(rows)
        self.planned = self.meetings[-1]
        self.held = self.meetings[:-1]
        through = Meeting.themes.through
        through.objects.bulk_create(
            through(meeting=meeting, theme=self.themes[n % len(self.themes)])
            for n, meeting in enumerate(self.meetings)
        )
        self.make_attendance()
        self.make_agendas()

    def holder(self, post: int, year: int) -> Person:
        """Who holds a post changes every year."""
        return self.people[post * len(LAST_NAMES) + year % len(LAST_NAMES)]

    def make_attendance(self) -> None:
        rows = []
        for meeting in self.meetings:
            invited = meeting is self.planned
            for order, post in enumerate(POSTS):
                rows.append(
                    Attendee(
                        meeting=meeting,
                        person=self.holder(order, meeting.date.year),
                        capacity=post,
                        organisation=self.organisations[1],
                        attendance=Attendee.Attendance.INVITED
                        if invited
                        else Attendee.Attendance.PRESENT,
                        order=order,
                    )
                )
        self.create(rows)

    def make_agendas(self) -> None:
        tops, children = [], []
        self.items: dict[int, list[AgendaItem]] = {}
        for meeting in self.meetings:
            for order, (heading, kind) in enumerate(AGENDA):
                tops.append(self.item(meeting, order, heading, kind))
        for top in self.create(tops):
            if top.kind == Kind.THEMED:
                children += [
                    self.item(top.meeting, order, "", Kind.THEMED, parent=top)
                    for order in range(2)
                ]
        for child in self.create(children):
            self.items.setdefault(child.meeting_id, []).append(child)

    def item(
        self,
        meeting: Meeting,
        order: int,
        heading: str,
        kind: Kind,
        parent: AgendaItem | None = None,
    ) -> AgendaItem:
        notes = ""
        if meeting is not self.planned:
            notes = words.notes(self.rng, 2 if kind == Kind.THEMED else 1)
        return AgendaItem(
            meeting=meeting,
            parent=parent,
            order=order,
            heading=heading or words.topic(self.rng),
            kind=kind,
            notes=notes,
        )

    # Actions

    def make_actions(self) -> Iterator[int]:
        """Makes the actions, oldest first; yields how many are there after each lot."""
        unresolved = round(self.action_count * UNRESOLVED)
        overdue = round(self.action_count * OVERDUE)
        numbers = dict(ReferenceCounter.objects.values_list("year", "last"))
        for start in range(0, self.action_count, BATCH):
            lot = []
            for n in range(start, min(start + BATCH, self.action_count)):
                meeting = self.held[n * len(self.held) // self.action_count]
                year = meeting.date.year
                numbers[year] = numbers.get(year, 0) + 1
                place = n - (self.action_count - unresolved)
                stands = "closed" if n % 40 else "withdrawn"
                if 0 <= place < overdue:
                    stands = "overdue"
                elif place >= overdue:
                    stands = OTHERS[(place - overdue) % len(OTHERS)]
                lot.append(Story(self, n, meeting, numbers[year], stands))
            self.save(lot)
            yield start + len(lot)
        ReferenceCounter.objects.bulk_create(
            [ReferenceCounter(year=year, last=last) for year, last in numbers.items()],
            update_conflicts=True,
            unique_fields=["year"],
            update_fields=["last"],
        )

    # Minutes

    def publish(self) -> None:
        """The agreed minutes are frozen a month after the meeting and published with
        it, without documents: making them would take longer than all the rest.
        """
        for meeting in self.meetings:
            if meeting.state != Meeting.State.AGREED:
                continue
            day = meeting.date + dt.timedelta(days=30)
            by, at = self.staff[0], moment(day)
            Agreement.objects.create(
                meeting=meeting,
                how=Agreement.How.CHAIR,
                agreed_by="Bulk commissioner",
                agreed_on=day,
                recorded_by=by,
                recorded_at=at,
            )
            record = gather(meeting, by)
            agreed = keep_version(
                record, meeting=meeting, kind=Version.AGREED, by=by, at=at
            )
            public = public_record(record, Known()).record
            keep_version(
                public,
                meeting=meeting,
                kind=Version.PUBLISHED,
                by=by,
                at=at,
                made_from=agreed,
            )

    def save(self, lot: "Sequence[Story]") -> None:
        self.create([story.action for story in lot])
        self.create([owner for story in lot for owner in story.owners])
        Update.objects.bulk_create(
            [update for story in lot for update in story.updates], batch_size=BATCH
        )


class Story:
    """One action with its owner and a timeline that adds up to how it stands."""

    def __init__(
        self, bulk: Bulk, n: int, meeting: Meeting, number: int, stands: str
    ) -> None:
        self.bulk, self.rng, self.stands = bulk, bulk.rng, stands
        self.raised = meeting.date
        text = words.action_text(self.rng)
        if n % SEARCH_EVERY == 0:
            text += f" Include {words.SEARCH_WORD}."
        self.updates: list[Update] = []
        self.action = Action(
            year=meeting.date.year,
            number=number,
            text=text,
            meeting=meeting,
            item=self.rng.choice(bulk.items[meeting.pk]),
            office_lead=self.rng.choice(bulk.staff),
            issued_at=self.at(0),
            created_at=moment(self.raised, 16),
        )
        self.owners = self.make_owners()
        if self.owners:
            organisation = self.owners[0].organisation
            self.liaison = self.rng.choice(bulk.liaisons_of(organisation))
        self.tell()

    def at(self, step: int) -> dt.datetime:
        """When the step of the story happened: from 0, the day after it was raised, to
        ``STEPS``, three months later or today."""
        first = self.raised + dt.timedelta(days=1)
        days = min((self.bulk.today - first).days - 1, 90)
        return moment(first + dt.timedelta(days=days * step // STEPS), 9 + step)

    def make_owners(self) -> list[Owner]:
        if self.stands == "no_owner":
            return []
        _, force, *partners = self.bulk.organisations
        owner = Owner(action=self.action, organisation=force, leads=True)
        if self.rng.random() < 0.3:
            owner.organisation = self.rng.choice(partners)
            owner.post = "Head of Community Safety"
        else:
            post = self.rng.randrange(len(POSTS))
            owner.post = POSTS[post]
            owner.person = self.bulk.holder(post, self.raised.year)
        return [owner]

    def due(self) -> Due:
        """The due it has now."""
        bulk, raised = self.bulk, self.raised
        match self.stands:
            case "no_due":
                return Due()
            case "next_meeting":
                return Due.at_meeting(bulk.planned)
            case "waits":
                return Due.at_next_on(bulk.empty_theme)
            case "overdue":
                first = max(raised, bulk.today - dt.timedelta(days=300))
                days = max(1, (bulk.today - first).days - 1)
                return Due.on_date(
                    bulk.today - dt.timedelta(days=self.rng.randint(1, days))
                )
            case "closed" | "withdrawn":
                return Due.on_date(raised + dt.timedelta(days=self.rng.randint(14, 90)))
        later = self.rng.randint(2, 90)
        return Due.on_date(bulk.today + dt.timedelta(days=later))

    def tell(self) -> None:
        """The timeline: raised, issued, three words on the work, how it ended."""
        What = Update.What  # noqa: N806
        due = self.due()
        moved = due.on is not None and self.rng.random() < 0.2
        first = due
        if moved and due.on:
            first = Due.on_date(self.raised + (due.on - self.raised) / 2)
        self.write(
            What.RAISED,
            moment(self.raised, 16),
            status=Status.OPEN,
            due=first,
            meeting=self.action.meeting,
        )
        self.write(What.ISSUED, self.at(0))
        self.write(What.UPDATE, self.at(1), word=True)
        if moved:
            self.write(
                What.REDATED, self.at(2), text="More time agreed", due=due, decided=True
            )
        self.write(What.UPDATE, self.at(3), word=True)
        if self.stands == "proposed":
            self.write(
                What.PROPOSED,
                self.at(4),
                word=True,
                status=Status.PROPOSED,
                asks=Update.Asks.CLOSURE,
            )
            return
        asks: dict[str, Any] = {}
        if self.stands == "asks_date":
            asks["asks"] = Update.Asks.DATE
            asks["asked_due_on"] = self.bulk.today + dt.timedelta(days=100)
        elif self.stands == "asks_other":
            asks["asks"] = Update.Asks.OTHER
        self.write(What.UPDATE, self.at(4), word=True, **asks)
        end = self.at(5)
        if self.stands == "closed":
            self.write(What.CLOSED, end, status=Status.CLOSED, decided=True)
        elif self.stands == "withdrawn":
            text = "Overtaken by the new plan"
            self.write(
                What.WITHDRAWN, end, text=text, status=Status.WITHDRAWN, decided=True
            )
        elif self.stands == "held":
            self.action.look_again_on = self.bulk.today + dt.timedelta(days=60)
            self.write(
                What.HELD,
                end,
                text="Waits for national guidance",
                status=Status.ON_HOLD,
                look_again_on=self.action.look_again_on,
                decided=True,
            )

    def write(
        self,
        what: str,
        at: dt.datetime,
        *,
        due: Due | None = None,
        word: bool = False,
        decided: bool = False,
        **entry: Any,
    ) -> None:
        """Add an entry, and to the action what it changes."""
        author = self.rng.choice(self.bulk.staff)
        update = Update(action=self.action, what=what, at=at, author=author, **entry)
        if word and self.owners:
            update.author = self.liaison
            update.provided_by = self.owners[0].post
        if word:
            update.text = words.update_text(self.rng)
        if due is not None:
            update.due = self.action.due = due
        if "status" in entry:
            self.action.status = entry["status"]
        if decided:
            update.decided_by = "Bulk commissioner"
            update.decided_on = timezone.localdate(at)
            update.decided_how = How.MEETING
        self.updates.append(update)
