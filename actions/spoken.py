"""An action as it is spoken in one line: who must do it, and when it is due.

"DBS to share work plan with PCC in a month" is understood from who is at the meeting,
the organisations, and the meetings planned. What is not understood stays unset and is
said; the words are kept as they are.
"""

import re
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ValidationError

from actions.models import Action, Due, Owner, Update
from actions.operations import raise_action
from assurance.calendar import day_in_words
from assurance.models import Organisation, User
from meetings.models import AgendaItem, Attendee, Meeting, MeetingType, Theme
from meetings.reader.phrases.due import DueReading, DueSense, read_due
from meetings.reader.phrases.lines import action_line
from meetings.reader.phrases.names import acronym, is_code
from meetings.reader.phrases.owners import (
    Doubt,
    NamedOrganisation,
    NamedPerson,
    OwnersReading,
    read_owners,
)
from meetings.withholding import refuse_marks

LONGEST_TEXT = 5000
_LONGEST_WORDS = 150  # of Action.due_words
_MOST_MARKS = 20  # before the words of one line: more is no slip of the pen
_NOT_TELLING = {"the", "and", "of", "on", "meeting", "meetings"}


@dataclass(frozen=True)
class Understood:
    """What was understood of one line. ``owners`` are not saved; the first leads.

    ``doubts`` are sentences on what was left unset, for whoever may mend it.
    """

    text: str
    owners: tuple[Owner, ...]
    due: Due
    due_words: str
    says_no_date: bool
    owner_doubts: tuple[str, ...] = ()
    due_doubts: tuple[str, ...] = ()

    @property
    def doubts(self) -> tuple[str, ...]:
        return self.owner_doubts + self.due_doubts

    def owners_in_words(self) -> str:
        """ "WMP, Director of Business Services, Rachel Hartland-Lane"."""
        return "; ".join(map(str, self.owners)) or "No owner understood"

    def due_in_words(self) -> str:
        """ "Due 4 September 2020 (“in a month”)", "No date: “ASAP”"."""
        if self.due.is_set:
            return f"Due {self.due.in_words()} (“{self.due_words}”)"
        if self.says_no_date:
            return f"No date: “{self.due_words}”"
        return "No due date understood"

    def in_words(self) -> str:
        """Owners and due in one line."""
        return f"{self.owners_in_words()}. {self.due_in_words()}"


class Listener:
    """Understands the lines spoken at one meeting; looks up once what it needs."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting

    def understand(self, text: str) -> Understood:
        """A mark typed before it ("ACTION:") is no part of what was said."""
        text = spoken_text(text)
        owners_read = read_owners(text, people=self._people, organisations=self._bodies)
        reading = read_due(text, self.meeting.date)
        owners, owner_doubts = self._owners(owners_read, reading)
        due, due_words, due_doubts = Due(), "", list[str]()
        if reading is not None:
            due, due_words, due_doubts = self._due(reading, text)
        return Understood(
            text,
            tuple(owners),
            due,
            due_words[:_LONGEST_WORDS],
            reading is not None and reading.sense == DueSense.NO_DATE,
            tuple(owner_doubts),
            tuple(due_doubts),
        )

    # Who

    @cached_property
    def _attendees(self) -> dict[Hashable, Attendee]:
        return {attendee.pk: attendee for attendee in self.meeting.attendance()}

    @cached_property
    def _organisations(self) -> dict[Hashable, Organisation]:
        return {row.pk: row for row in Organisation.objects.all()}

    @cached_property
    def _people(self) -> list[NamedPerson]:
        return [
            NamedPerson(
                pk,
                attendee.person.name,
                attendee.abbreviation,
                attendee.capacity,
                attendee.organisation_id,
            )
            for pk, attendee in self._attendees.items()
        ]

    @cached_property
    def _bodies(self) -> list[NamedOrganisation]:
        return [
            NamedOrganisation(pk, row.name, tuple(row.all_short_names()))
            for pk, row in self._organisations.items()
        ]

    def _owners(
        self, read: OwnersReading, due: DueReading | None
    ) -> tuple[list[Owner], list[str]]:
        owners: list[Owner] = []
        doubts = [
            owner_doubt(doubt)
            for doubt in read.doubts
            if due is None or due.words not in doubt.words
        ]
        for found in read.owners:
            if isinstance(found.who, NamedOrganisation):
                owners.append(Owner(organisation=self._organisations[found.who.key]))
                continue
            attendee = self._attendees[found.who.key]
            if attendee.organisation is None:
                doubts.append(
                    f"{attendee.person} has no organisation in the attendance, so "
                    "cannot be an owner yet"
                )
                continue
            owners.append(
                Owner(
                    organisation=attendee.organisation,
                    post=attendee.post,
                    person=attendee.person,
                )
            )
        return owners, doubts

    def doubts_about(self, action: Action, changed: Collection[str]) -> list[str]:
        """What its words name as an owner or a due and it has not, a sentence each.

        ``changed`` is what somebody changed since, see ``changed_since_raised``: what
        they chose is as it should be.
        """
        understood = self.understand(action.text)
        said: list[str] = []
        if Update.What.OWNERS not in changed:
            found = {_who(owner): owner for owner in understood.owners}
            now = set(map(_who, action.owners.all()))
            # With others the owners were never those of its words.
            if now <= found.keys():
                said += understood.owner_doubts
                said += [
                    f"“{owner}” is named in it, and is no owner yet"
                    for key, owner in found.items()
                    if key not in now
                ]
        if not action.due.is_set and Update.What.DUE_SET not in changed:
            said += understood.due_doubts
        return said

    def in_brief(self, action: Action) -> str:
        """Owners and due as these minutes call them: "DBS, due 4 September 2020"."""
        owners = ", ".join(map(self._short, action.owners.all())) or "no owner"
        if action.due.is_set:
            return f"{owners}, due {action.due.in_words()}"
        return f"{owners}, no due date"

    def _short(self, owner: Owner) -> str:
        for attendee in self._attendees.values():
            if owner.person_id == attendee.person_id and attendee.abbreviation:
                return attendee.abbreviation
        return owner.post or owner.organisation.abbreviation

    # When

    @cached_property
    def _themes(self) -> list[Theme]:
        return list(Theme.objects.filter(is_active=True))

    @cached_property
    def _types(self) -> list[MeetingType]:
        return list(MeetingType.objects.filter(is_active=True))

    @cached_property
    def _later_meetings(self) -> list[Meeting]:
        """Those planned or held after this one, with what they are called by."""
        later = Meeting.objects.not_cancelled().filter(date__gt=self.meeting.date)
        return list(later.select_related("type").prefetch_related("themes").in_order())

    def _due(self, reading: DueReading, text: str) -> tuple[Due, str, list[str]]:
        """The due, the words to keep, and what to say about it."""
        words = reading.words
        why = ""
        due: Due | None = None
        match reading.sense:
            case DueSense.NO_DATE:
                return Due(), words, []
            case DueSense.UNCLEAR:
                why = reading.why
            case DueSense.DATE:
                assert reading.on is not None
                if reading.on >= self.meeting.date:
                    due = Due.on_date(reading.on)
                else:
                    said = day_in_words(self.meeting.date)
                    why = f"It is before the meeting date, {said}"
            case DueSense.NEXT_MEETING:
                due = Due.at_next_of(self.meeting.type)
                if theme := self._theme_of(reading.topic):
                    due = Due.at_next_on(theme)
                    words = text[reading.start : reading.topic_end]
            case DueSense.NAMED_MEETING:
                due, why = self._named(reading.name)
            case DueSense.MONTHS_MEETING:
                due, why = self._in_month(reading)
        if due is None:
            return Due(), words, [f"No due date is set from “{words}”. {why}"]
        if reading.before:
            return due, words, [f"It is to be done before, as “{words}” says"]
        return due, words, []

    def _theme_of(self, topic: str) -> Theme | None:
        """The theme of exactly that name: "at the next meeting on workforce"."""
        same = [t for t in self._themes if _is_same(topic, t.name)] if topic else []
        return same[0] if len(same) == 1 else None

    def _named(self, name: str) -> tuple[Due | None, str]:
        """The next on the theme, or of the type, that alone is called so."""
        themes, types = self._called(name)
        if len(themes) + len(types) == 1:
            if themes:
                return Due.at_next_on(themes[0]), ""
            return Due.at_next_of(types[0]), ""
        if themes or types:
            either = " or ".join(f"“{row}”" for row in (*themes, *types))
            return None, f"It may be {either}"
        return None, f"No theme or type of meeting is called “{name}”"

    def _called(self, name: str) -> tuple[list[Theme], list[MeetingType]]:
        return called(name, self._themes, self._types)

    def _in_month(self, reading: DueReading) -> tuple[Due | None, str]:
        """The one meeting of that month, if there is exactly one."""
        month = reading.month
        assert month is not None
        meetings = [
            meeting
            for meeting in self._later_meetings
            if (meeting.date.year, meeting.date.month) == (month.year, month.month)
        ]
        if reading.name:
            themes, types = self._called(reading.name)
            meetings = [
                meeting
                for meeting in meetings
                if meeting.type in types or set(themes) & set(meeting.themes.all())
            ]
        if len(meetings) == 1:
            return Due.at_meeting(meetings[0]), ""
        when = f"{month:%B %Y}"
        kind = f"{reading.name} meeting".strip()
        if meetings:
            return None, f"There is more than one {kind} in {when}"
        return None, f"No {kind} is planned in {when}"


def understand(
    text: str, *, meeting: Meeting, listener: Listener | None = None
) -> Understood:
    """What a line spoken at a meeting says; see ``Listener`` for several lines."""
    return (listener or Listener(meeting)).understand(text)


def raise_spoken(
    *,
    meeting: Meeting,
    item: AgendaItem | None,
    text: str,
    by: User,
    listener: Listener | None = None,
) -> Action:
    """Put an action in the register as it was spoken; what is unclear stays unset."""
    words = words_of_action(text)
    understood = understand(words, meeting=meeting, listener=listener)
    return raise_action(
        by=by,
        text=understood.text,
        due=understood.due,
        owners=understood.owners,
        meeting=meeting,
        item=item,
        due_words=understood.due_words,
    )


def words_of_action(text: str) -> str:
    """What is to be done, as a line says it. Raises ``ValidationError`` for what can be
    no action.
    """
    words = refuse_marks(spoken_text(text))
    if not words:
        raise ValidationError("Write what is to be done")
    if len(words) > LONGEST_TEXT:
        raise ValidationError(
            f"Write what is to be done in {LONGEST_TEXT:,} characters or fewer; "
            f"this has {len(words):,}"
        )
    return words


def changed_since_raised(actions: Sequence[Action]) -> dict[int, set[str]]:
    """Whether owners or due of each were chosen after it was written down."""
    kinds = [Update.What.OWNERS, Update.What.DUE_SET]
    found: dict[int, set[str]] = {action.pk: set() for action in actions}
    rows = Update.objects.filter(action__in=found, what__in=kinds)
    for pk, what in rows.values_list("action_id", "what"):
        found[pk].add(what)
    return found


def spoken_text(text: str) -> str:
    """The words themselves, without blanks around them or a mark before them."""
    for _ in range(_MOST_MARKS):
        if (rest := action_line(text)) is None:
            break
        text = rest
    return text.strip()


def called(
    name: str, themes: Sequence[Theme], types: Sequence[MeetingType]
) -> tuple[list[Theme], list[MeetingType]]:
    """Themes and types of that name, or else whose names hold all of its words."""
    same = _matching(_is_same, name, themes, types)
    return same if any(same) else _matching(_is_in, name, themes, types)


def _who(owner: Owner) -> tuple[int, str, int | None]:
    return owner.organisation_id, owner.post, owner.person_id


def owner_doubt(doubt: Doubt) -> str:
    """A sentence on words that name an owner and do not say who is meant."""
    names = [who.name for who in doubt.may_be]
    if not names:
        return (
            f"“{doubt.words}” was not recognised as an owner: it is nobody at this "
            "meeting and no organisation"
        )
    if len(names) == 1:
        return f"“{doubt.words}” alone does not say that {names[0]} is meant"
    return f"“{doubt.words}” may be {' or '.join(names)}"


def _matching(
    fits: Callable[[str, str], bool],
    name: str,
    themes: Sequence[Theme],
    types: Sequence[MeetingType],
) -> tuple[list[Theme], list[MeetingType]]:
    return (
        [row for row in themes if fits(name, row.name)],
        [row for row in types if fits(name, row.name)],
    )


def _is_same(name: str, other: str) -> bool:
    """The same words, or the code of them: "DE&I", "HTA"."""
    if is_code(name):
        code = re.sub(r"[^A-Z]", "", name)
        return code == acronym(other) or code in re.findall(r"[A-Z]{2,}", other)
    return bool(_telling(name)) and _telling(name) == _telling(other)


def _is_in(name: str, other: str) -> bool:
    return bool(_telling(name)) and _telling(name) <= _telling(other)


def _telling(name: str) -> set[str]:
    return set(re.findall(r"\w+", name.casefold())) - _NOT_TELLING
