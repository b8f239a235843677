"""What the registers hold that old minutes may name; looked up once."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from actions.importing.plan import new_choice
from actions.models import Action
from actions.spoken import called
from assurance.models import Organisation
from meetings.models import Attendee, Meeting, MeetingType, Person, Theme

_HELD_BACK = re.compile(r"[^\w]+")


class Known:
    """Types, themes, organisations, people and meetings, and what they are called."""

    @cached_property
    def types(self) -> list[MeetingType]:
        return list(MeetingType.objects.filter(is_active=True))

    @cached_property
    def themes(self) -> list[Theme]:
        return list(Theme.objects.filter(is_active=True))

    @cached_property
    def organisations(self) -> list[Organisation]:
        return list(Organisation.objects.all())

    @cached_property
    def people(self) -> dict[str, list[Person]]:
        """By name in small letters."""
        found: dict[str, list[Person]] = {}
        for person in Person.objects.all():
            found.setdefault(bare(person.name), []).append(person)
        return found

    @cached_property
    def last_seats(self) -> dict[int, Attendee]:
        """What each person was when last named at a meeting."""
        latest_last = (
            Attendee.objects.latest_first().reverse().values_list("person_id", "pk")
        )
        rows = Attendee.objects.select_related("person", "organisation", "meeting")
        seats = rows.filter(pk__in=dict(latest_last).values())
        return {seat.person_id: seat for seat in seats}

    @cached_property
    def meetings(self) -> list[Meeting]:
        """All that were or are to be held, earliest first."""
        rows = Meeting.objects.not_cancelled().select_related("type")
        return list(rows.in_order())

    @cached_property
    def actions(self) -> list[Action]:
        """The whole register, with the words that it is recognised by."""
        rows = Action.objects.select_related("meeting")
        return list(rows.order_by("-year", "-number"))

    def raised_by(self, date: dt.date | None) -> list[Action]:
        """Those a meeting of this day can have spoken of: all, if it is not known."""
        return [
            action
            for action in self.actions
            if date is None or action.raised_on <= date
        ]

    # What words mean

    def organisation(self, words: str) -> str:
        """The choice for an organisation as printed."""
        if not bare(words):
            return ""
        for row in self.organisations:
            if bare(words) in map(bare, [row.name, *row.all_short_names()]):
                return str(row.pk)
        return new_choice(words)

    def type(self, words: str) -> str:
        return _choice(words, called(words, [], self.types)[1])

    def theme(self, words: str) -> str:
        without = re.sub(r"\([^()]*\)", " ", words)
        found = called(without, self.themes, [])[0] or called(words, self.themes, [])[0]
        return _choice(words, found)

    def on_day(self, date: dt.date | None, type_: str) -> list[Meeting]:
        """Those of this type held that day."""
        return [m for m in self.meetings if m.date == date and str(m.type_id) == type_]

    def later_than(self, date: dt.date) -> list[Meeting]:
        return [meeting for meeting in self.meetings if meeting.date > date]

    def alike(self, name: str) -> list[Person]:
        """People of this name; else those of this surname and first letter."""
        if same := self.people.get(bare(name)):
            return same
        words = bare(name).split()
        if len(words) < 2:
            return []
        return [
            person
            for other, people in self.people.items()
            if other.split()[-1:] == words[-1:] and other[:1] == words[0][:1]
            for person in people
        ]

    def action(self, reference: str, text: str, *, on: dt.date | None) -> Action | None:
        """The one of this reference, ours or an older one, or else of this text, among
        those raised by that day.
        """
        raised = self.raised_by(on)
        if reference := reference.strip():
            for action in raised:
                if reference.casefold() in (
                    action.reference,
                    action.older_reference.casefold(),
                ):
                    return action
        for action in raised:
            if bare(text) in (bare(action.text), bare(action.other_wording)):
                return action
        return None


def bare(words: str) -> str:
    """Words in small letters without anything around or between them."""
    return _HELD_BACK.sub(" ", words.casefold()).strip()


def _choice(words: str, found: Sequence[Theme | MeetingType]) -> str:
    if len(found) == 1:
        return str(found[0].pk)
    return new_choice(words)


def name_of(choice: str, rows: Iterable[Theme | MeetingType | Organisation]) -> str:
    """What a choice is called."""
    for row in rows:
        if str(row.pk) == choice:
            return row.name
    return choice.partition(":")[2]
