"""Test data. Each factory gives the least that is valid; a test says what matters."""

import datetime as dt
import hashlib
import json
from typing import Any

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from actions.importing.sheets import match_columns, take_in_workbook
from actions.models import Action, Decision, Due, How, Owner, SheetIn
from actions.operations import raise_action
from assurance.files import store
from assurance.models import (
    LegalHold,
    Organisation,
    Removal,
    StoredFile,
    Unsent,
    User,
)
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
    ReadIn,
    StandingItem,
    Theme,
    Withdrawal,
)
from meetings.reader.files.sheets import Sheet, SheetRow, Workbook
from meetings.reader.minutes import ReadAttendee, ReadMinutes
from meetings.reader.wire import to_json
from meetings.taking_in import in_words, words_digest

PASSWORD = "correct horse battery"


class Numbered:
    """Numbers are of as many digits whatever was made before, so that names always sort
    as they are numbered, and none begins another.
    """

    @classmethod
    def _setup_next_sequence(cls) -> int:
        return 10_000


class RowFactory(Numbered, factory.django.DjangoModelFactory):
    class Meta:
        abstract = True


class OrganisationFactory(RowFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Force {n}")
    short_names = factory.Sequence(lambda n: f"F{n}")
    kind = Organisation.Kind.FORCE


class UserFactory(RowFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"user{n}@office.example")
    name = factory.Sequence(lambda n: f"User {n}")
    role = Role.STAFF
    # They sign in with a password alone; ``real=True`` needs a second step.
    is_demonstration = True

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return User.objects.create_user(password=PASSWORD, **kwargs)

    class Params:
        real = factory.Trait(is_demonstration=False)
        administrator = factory.Trait(role=Role.ADMINISTRATOR)
        commissioner = factory.Trait(role=Role.COMMISSIONER)
        liaison = factory.Trait(
            role=Role.LIAISON, organisation=factory.SubFactory(OrganisationFactory)
        )


class UnsentFactory(RowFactory):
    class Meta:
        model = Unsent

    token = factory.Sequence(lambda n: f"token-{n}")
    user = factory.SubFactory(UserFactory)
    path = "/meetings/types/new/"
    sent = [["name", ["Said in confidence"]]]


class LegalHoldFactory(RowFactory):
    """Set, unless ``lifted=True``."""

    class Meta:
        model = LegalHold

    why = "Coroner’s inquest"
    set_by = factory.SubFactory(UserFactory)

    class Params:
        lifted = factory.Trait(
            lifted_by=factory.SubFactory(UserFactory),
            lifted_at=factory.LazyFunction(timezone.now),
            lifted_because="The inquest has ended",
        )


class RemovalFactory(RowFactory):
    class Meta:
        model = Removal

    why = "Request for erasure"
    by = factory.SubFactory(UserFactory)
    mark = "[removed for data protection on 3 May 2026]"
    places = factory.LazyFunction(dict)


class ThemeFactory(RowFactory):
    class Meta:
        model = Theme

    name = factory.Sequence(lambda n: f"Theme {n}")


class MeetingTypeFactory(RowFactory):
    class Meta:
        model = MeetingType

    name = factory.Sequence(lambda n: f"Meeting type {n}")


class StandingItemFactory(RowFactory):
    class Meta:
        model = StandingItem

    type = factory.SubFactory(MeetingTypeFactory)
    order = factory.Sequence(int)
    heading = factory.Sequence(lambda n: f"Standing item {n}")
    kind = Kind.THEMED


class MeetingFactory(RowFactory):
    class Meta:
        model = Meeting
        skip_postgeneration_save = True

    type = factory.SubFactory(MeetingTypeFactory)
    date = dt.date(2025, 3, 26)
    start = dt.time(10)

    @factory.post_generation
    def themes(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.themes.set(extracted)


class PersonFactory(RowFactory):
    class Meta:
        model = Person

    name = factory.Sequence(lambda n: f"Person {n}")


class AttendeeFactory(RowFactory):
    class Meta:
        model = Attendee

    meeting = factory.SubFactory(MeetingFactory)
    person = factory.SubFactory(PersonFactory)
    capacity = "Policy Officer"
    attendance = Attendee.Attendance.PRESENT
    order = factory.Sequence(int)


class AgendaItemFactory(RowFactory):
    class Meta:
        model = AgendaItem

    meeting = factory.SubFactory(MeetingFactory)
    heading = factory.Sequence(lambda n: f"Item {n}")
    order = factory.Sequence(int)


class MinutesVersionFactory(RowFactory):
    """A draft that went round; what it says is up to the test."""

    class Meta:
        model = MinutesVersion

    meeting = factory.SubFactory(MeetingFactory)
    kind = MinutesVersion.Kind.DRAFT
    number = 1
    title = "Monthly assurance meeting"
    held_on = dt.date(2025, 3, 26)
    content = factory.LazyFunction(dict)
    by = factory.SubFactory(UserFactory)

    class Params:
        published = factory.Trait(
            kind=MinutesVersion.Kind.PUBLISHED,
            made_from=factory.SubFactory(
                "tests.factories.MinutesVersionFactory",
                kind=MinutesVersion.Kind.AGREED,
                meeting=factory.SelfAttribute("..meeting"),
            ),
        )


class ReadInFactory(RowFactory):
    """A file of old minutes that was read and is to be checked; ``minutes`` is what
    was understood of it.
    """

    class Meta:
        model = ReadIn
        exclude = ["minutes"]

    minutes = ReadMinutes(
        lines=("Said in confidence", "Anna Bell"),
        attendees=(ReadAttendee(name="Anna Bell", line=2),),
    )
    by = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"minutes {n}.txt")
    sha256 = factory.LazyAttribute(
        lambda row: hashlib.sha256(row.name.encode()).hexdigest()
    )
    state = ReadIn.State.TO_CHECK
    read = factory.LazyAttribute(lambda row: json.loads(to_json(row.minutes)))
    words_sha256 = factory.LazyAttribute(lambda row: words_digest(row.minutes))
    summary = factory.LazyAttribute(lambda row: in_words(row.minutes))


class WithdrawalFactory(RowFactory):
    class Meta:
        model = Withdrawal

    version = factory.SubFactory(MinutesVersionFactory, published=True)
    why = "A name was left in it"
    by = factory.SubFactory(UserFactory)


class AgreementFactory(RowFactory):
    class Meta:
        model = Agreement

    meeting = factory.SubFactory(MeetingFactory)
    how = Agreement.How.CHAIR
    agreed_by = "John Campion, PCC"
    agreed_on = dt.date(2025, 4, 30)
    recorded_by = factory.SubFactory(UserFactory)


class ActionFactory(Numbered, factory.Factory):
    """Raised as the application raises them, and issued unless ``issued=False``.

    ``organisation`` makes it the one owner; ``owners`` gives them all.
    """

    class Meta:
        model = Action

    text = factory.Sequence(lambda n: f"Share plan {n}")
    issued = True
    organisation = None

    @classmethod
    def _create(cls, model_class: type[Action], *args: Any, **kwargs: Any) -> Action:
        issued = kwargs.pop("issued")
        organisation = kwargs.pop("organisation")
        by = kwargs.pop("by", None) or UserFactory()
        if "meeting" not in kwargs and "source_on" not in kwargs:
            kwargs["meeting"] = MeetingFactory(state=Meeting.State.DRAFT)
        if organisation:
            kwargs["owners"] = [Owner(organisation=organisation)]
        action = raise_action(by=by, **kwargs)
        if issued:
            action.issue(by=by)
        return action


def due_on(year: int, month: int, day: int) -> Due:
    return Due.on_date(dt.date(year, month, day))


def decision(by: str = "John Campion, PCC") -> Decision:
    """A decision of today, taken at a meeting."""
    return Decision(by=by, on=timezone.localdate(), how=How.MEETING)


def upload(name: str, content: bytes = b"Figures of May") -> SimpleUploadedFile:
    """A file as a browser sends it; what is in it is its ending's own to say."""
    return SimpleUploadedFile(name, content)


class SheetInFactory(Numbered, factory.Factory):
    """A tracker whose columns are matched; ``rows`` stand below its headings."""

    class Meta:
        model = SheetIn

    rows = (("Share the plan", "", "4 May 2025"),)

    @classmethod
    def _create(cls, model_class: type, *args: Any, **kwargs: Any) -> SheetIn:
        headings = ("Action", "Owner", "Date raised")
        rows = (headings, *kwargs["rows"])
        sheet = Sheet("", tuple(SheetRow(n, tuple(r)) for n, r in enumerate(rows, 1)))
        by, today = UserFactory(role="staff"), timezone.localdate()
        content = repr(rows).encode()
        (taken,) = take_in_workbook(
            Workbook((sheet,)), content, name="Tracker.csv", by=by, today=today
        )
        return match_columns(
            taken.sheet_in,
            taken.sheet_in.meanings,
            raised_on=None,
            closed=False,
            by=by,
            today=today,
            version=taken.sheet_in.version,
        )


def stored_file(name: str = "figures.txt", *, by: User | None = None) -> StoredFile:
    """A file that was handed in, with its content."""
    return store(upload(name), by=by or UserFactory())
