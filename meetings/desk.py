"""The desk of who writes minutes: the item in hand, and all that stands around it."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from actions.minuting import Taken, follow_decisions, take_lines
from actions.models import Action
from actions.record import actions_at
from actions.spoken import Listener, changed_since_raised, raise_spoken
from assurance.models import Organisation, User
from meetings.forms.agenda import NotesForm
from meetings.models import AgendaItem, Attendee, Meeting
from meetings.notes import Mark, marks, split_notes
from meetings.operations import lock_editable
from meetings.presence import Mark as Presence
from meetings.withholding import redact


@dataclass
class Kept:
    """What a save wrote: the item, what its lines became, the action added beside."""

    item: AgendaItem
    taken: Taken
    added: Action | None


def keep_notes(
    meeting: Meeting,
    form: NotesForm,
    *,
    by: User,
    but_line: int | None = None,
    but_last: bool = False,
) -> Kept:
    """Save what was written at an item, with the actions and decisions in it.

    Lines still being written are left alone, see ``take_lines``. Call it in a
    transaction, with a valid form; raises ``Stale`` and other ``ValidationError``.
    """
    lock_editable(meeting)
    before = AgendaItem.objects.values_list("decisions", flat=True)
    decisions_before = before.get(pk=form.instance.pk)
    item = form.merge(by=by)
    item.meeting = meeting
    follow_decisions(item, before=decisions_before)
    taken = take_lines(item, by=by, but_line=but_line, but_last=but_last)
    item.save()
    added = None
    if words := form.cleaned_data["quick"]:
        added = raise_spoken(meeting=meeting, item=item, text=words, by=by)
    return Kept(item, taken, added)


@dataclass
class Seat:
    """Somebody on the list, with what may be pressed and whether it stands already.

    What stands stays where it is, so that pressing it once more does no harm.
    """

    attendee: Attendee
    came_and_went: str  # "joined at 2.1, left at this item"
    presses: list[tuple[Presence, bool]]


@dataclass
class Card:
    """An action agreed here, with what its words say and it has not."""

    action: Action
    doubts: list[str]


@dataclass
class Desk:
    """What the page of an item shows beside the form. Nothing is read until asked."""

    meeting: Meeting
    current: AgendaItem
    user: User

    @cached_property
    def agenda(self) -> list[AgendaItem]:
        return self.meeting.agenda()

    @cached_property
    def _raised(self) -> list[tuple[int | None, str]]:
        """Of each action of the meeting its item and its reference."""
        rows = Action.objects.visible_to(self.user).filter(meeting=self.meeting)
        return [
            (item, f"{year}/{number:02d}")
            for item, year, number in rows.values_list("item_id", "year", "number")
        ]

    @property
    def links(self) -> list[tuple[AgendaItem, int]]:
        """The items, each with the number of actions agreed at it."""
        counts = Counter(item for item, _ in self._raised)
        return [(item, counts[item.pk]) for item in self.agenda]

    @cached_property
    def actions(self) -> list[Action]:
        return actions_at(self.current, self.user)

    @cached_property
    def _listener(self) -> Listener:
        return Listener(self.meeting)

    @cached_property
    def cards(self) -> list[Card]:
        changed = changed_since_raised(self.actions) if self.actions else {}
        return [
            Card(action, self._listener.doubts_about(action, changed[action.pk]))
            for action in self.actions
        ]

    def said_of(self, reference: str, done: str = "added") -> str:
        """ "Action 2020/14 added: DBS, due 4 September 2020." and what is doubtful."""
        for card in self.cards:
            if card.action.reference == reference:
                brief = self._listener.in_brief(card.action)
                sentences = [f"Action {reference} {done}: {brief}", *card.doubts]
                return " ".join(f"{sentence}." for sentence in sentences)
        return f"Action {reference} {done}."

    def _beside(self, step: int) -> AgendaItem | None:
        place = self.agenda.index(self.current) + step
        return self.agenda[place] if 0 <= place < len(self.agenda) else None

    @property
    def following(self) -> AgendaItem | None:
        return self._beside(1)

    @property
    def previous(self) -> AgendaItem | None:
        return self._beside(-1)

    @property
    def save_url(self) -> str:
        return reverse("minutes_save", args=[self.meeting.pk, self.current.pk])

    @property
    def attendance_url(self) -> str:
        return reverse("minutes_attendance", args=[self.meeting.pk, self.current.pk])

    @property
    def understood_url(self) -> str:
        return reverse("minutes_understood", args=[self.meeting.pk])

    @property
    def state_url(self) -> str:
        return reverse("minutes_state", args=[self.meeting.pk])

    @property
    def now_url(self) -> str:
        return f"{self.state_url}?item={self.current.pk}"

    # The attendance

    @cached_property
    def _attendance(self) -> list[Attendee]:
        return self.meeting.attendance()

    @property
    def seats(self) -> list[Seat]:
        states = Attendee.Attendance
        stands = {
            states.PRESENT: Presence.HERE,
            states.APOLOGIES: Presence.APOLOGIES,
            states.ABSENT: Presence.ABSENT,
        }
        found = []
        for one in self._attendance:
            done = {stands.get(states(one.attendance))}
            if one.joined_item_id == self.current.pk:
                done.add(Presence.JOINED)
            if one.left_item_id == self.current.pk:
                done.add(Presence.LEFT)
            presses = [(mark, mark in done) for mark in Presence]
            found.append(Seat(one, self._came_and_went(one), presses))
        return found

    def _came_and_went(self, one: Attendee) -> str:
        names = {item.pk: item.number or item.heading for item in self.agenda}
        names[self.current.pk] = "this item"
        said = [
            f"{what} at {names[pk]}"
            for what, pk in (("joined", one.joined_item_id), ("left", one.left_item_id))
            if pk in names
        ]
        return ", ".join(said)

    @property
    def may_all_be_here(self) -> bool:
        """Whether somebody is only invited, and may be marked as present."""
        return self.meeting.has_begun(today=timezone.localdate()) and any(
            one.attendance == Attendee.Attendance.INVITED for one in self._attendance
        )

    @property
    def here(self) -> int:
        return sum(one.listed and _is_here(one) for one in self._attendance)

    @property
    def listed(self) -> int:
        return sum(one.listed for one in self._attendance)

    # What the hand need not type

    @property
    def phrases(self) -> list[str]:
        """ "The PCC asked", "The T/CC responded", of those present, chair first."""
        there = [one for one in self._attendance if _is_here(one)]
        there = there or [
            one
            for one in self._attendance
            if one.attendance == Attendee.Attendance.INVITED
        ]
        there = [one for one in there if one.listed]
        there.sort(key=lambda one: one.role != Attendee.Role.CHAIR)
        found = [_phrase(one) for one in there]
        found.insert(0, "")
        if not any(phrase.endswith("asked") for phrase in found):
            found[0] = f"The {settings.HOLDER_ABBREVIATION} asked"
        return list(dict.fromkeys(filter(None, found)))

    # What is to be said about the notes

    def notices(self, notes: str) -> list[str]:
        """What is doubtful about the marks in the notes, a sentence each."""
        known = {reference for _, reference in self._raised}
        said = [
            f"{reference}: no such action was raised at this meeting, so the mark "
            "prints as it is typed."
            for reference in marks(notes)
            if reference not in known
        ]
        found = [part for part in split_notes(notes) if isinstance(part, Mark)]
        for mark, count in Counter(found).items():
            if count > 1:
                said.append(
                    f"{mark.reference} is marked {count} times: it prints at the first."
                )
        if "[[" in notes:
            redacted = redact(notes)
            doubtful = [*redacted.problems, *dict.fromkeys(redacted.notices)]
            said += [f"{sentence}." for sentence in doubtful]
        return said


def _is_here(one: Attendee) -> bool:
    return one.attendance in (Attendee.Attendance.PRESENT, Attendee.Attendance.PART)


def _phrase(one: Attendee) -> str:
    """Who is from the office asks; who is from elsewhere answers."""
    name = one.abbreviation or one.capacity
    if not name:
        return ""
    organisation = one.organisation
    if organisation is None:
        is_office = one.role == Attendee.Role.CHAIR
    else:
        is_office = organisation.kind == Organisation.Kind.OFFICE
    return f"The {name} {'asked' if is_office else 'responded'}"
