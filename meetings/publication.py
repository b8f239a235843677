"""What of agreed minutes the public may read: a record of its own, made field by field.

Nothing is copied wholesale: what is not named here is not published. Withheld items
leave their number and the reason, withheld passages their reason, withheld actions
nothing but how many they are.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from meetings.models import Kind
from meetings.record import (
    ActionLine,
    Amendment,
    Following,
    Item,
    Owner,
    Record,
    Reviewed,
    Seat,
)
from meetings.withholding import Redacted, reason_in_words, redact

NAME_LEFT_OUT = "Name not published"
_LINK = "[link not published]"
_HEADING = "[heading withheld]"
_POST_ONLY = "shown by post only"
_NEVER = "never published"
# A mark wherever it stands: in a withheld passage it need not be on its own line.
_ACTION_MARK = re.compile(r"\[\[\s*action\s+(\d{4})/(\d{1,6})\s*\]\]", re.IGNORECASE)
_DECISION_MARK = re.compile(r"\[\[\s*decision\s+(\d{1,3})\s*\]\]", re.IGNORECASE)
# Meant as a mark and written as none: "[withhold s40]", "(/withhold)".
_SLIP = re.compile(r"\bwithhold\s+s\s?\d\d\b|/\s*withhold\b", re.IGNORECASE)
# They begin and end each line of decisions while passages are taken out: nobody types
# them, and what is left of a line still tells which it was.
_BEGINS, _ENDS = "\ue010", "\ue011"
_LINE_MARK = re.compile(f"[{_BEGINS}{_ENDS}]" r"(\d+)" f"[{_BEGINS}{_ENDS}]")


@dataclass(frozen=True)
class Problem:
    """Something that stops publication, and the item it is in, if it is in one."""

    where: str
    sentence: str
    item: int | None = None


@dataclass(frozen=True)
class Withheld:
    """Something that is withheld: where, what, and why in words."""

    where: str
    what: str
    why: str
    item: int | None = None


@dataclass
class Publication:
    """What the public would read, what it would not, and what stops it."""

    record: Record
    withheld: list[Withheld]
    problems: list[Problem]


def public_record(
    record: Record,
    *,
    statuses: Mapping[str, str],
    withheld: Mapping[str, str],
    links: Collection[str] = (),
    elsewhere: Collection[str] = (),
) -> Publication:
    """The public's version of agreed minutes.

    ``statuses`` are the actions' states today, by reference. ``withheld`` gives the
    reason of each action that is withheld now, whatever the agreed minutes say of it.
    ``links`` are taken out wherever they stand: those to join meetings. ``elsewhere``
    are the headings withheld in minutes that were agreed at this meeting.
    """
    return _Redaction(record, statuses, withheld, links, elsewhere).publication()


@dataclass
class _Notes:
    """Notes and decisions of an item as published."""

    notes: str = ""
    decisions: str = ""


@dataclass
class _Redaction:
    record: Record
    statuses: Mapping[str, str]
    withheld_now: Mapping[str, str]
    links: Collection[str]
    elsewhere: Collection[str]
    # By the key of an item, and by reference: the reason's code.
    items: dict[int, str] = field(default_factory=dict)
    actions: dict[str, str] = field(default_factory=dict)
    withheld: list[Withheld] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    reasons: dict[str, None] = field(default_factory=dict)

    def publication(self) -> Publication:
        self._find_items()
        self._find_actions()
        self.names = _names(self.record)
        record = self.record
        public = Record(
            title=self.text(record.title, "Title"),
            date=record.date,
            type=self.text(record.type, "Type"),
            themes=tuple(self.text(theme, "Themes") for theme in record.themes),
            start=record.start,
            end=record.end,
            venue=self.text(record.venue, "Venue"),
            held=record.held,
            in_public=record.in_public,
            office=record.office,
            seats=tuple(self._seat(seat) for seat in record.seats),
            items=tuple(self._item(item) for item in record.items),
            actions=tuple(
                self._action(action)
                for action in record.actions
                if action.reference not in self.actions
            ),
            reviewed=() if self._hides(Kind.ACTION_TRACKER) else self._reviews(),
            not_reached=()
            if self._hides(Kind.ACTION_TRACKER)
            else tuple(
                reference
                for reference in record.not_reached
                if reference not in self.actions
            ),
            last_minutes=()
            if self._hides(Kind.LAST_MINUTES)
            else tuple(
                self._of_items(sentence, "Minutes of the last meeting")
                for sentence in record.last_minutes
            ),
            following=None if self._hides(Kind.NEXT_MEETING) else self._following(),
            agreement=self._of_items(record.agreement, "How they were agreed"),
            amendments=tuple(self._amendment(one) for one in record.amendments),
            edited=tuple(map(reason_in_words, self.reasons)),
            withheld_actions=len(self.actions),
        )
        places = {item.key: n for n, item in enumerate(record.items)}
        return Publication(
            public,
            # In printed order; what is of no item comes after.
            sorted(
                self.withheld, key=lambda one: places.get(one.item or 0, len(places))
            ),
            self.problems,
        )

    # What is withheld

    def _find_items(self) -> None:
        self.items = withheld_items(self.record.items)
        for item in self.record.items:
            if item.key not in self.items:
                continue
            reason, where = self.items[item.key], item.numbered_heading
            if not reason:
                self._problem(where, "It is withheld without a reason", item.key)
            own = item.withheld or item.restricted
            what = "The whole item" if own else "The whole item, with the one above it"
            self._withhold(where, what, [reason], item.key)

    def _find_actions(self) -> None:
        """Actions withheld themselves or now, with their item, or where their mark is
        withheld. Only those that these minutes name are counted.
        """
        record = self.record
        made = [action for one in record.reviewed for action in one.made]
        lines = [*record.actions, *made]
        reasons = {one.reference: one.withheld_reason for one in lines if one.withheld}
        reasons |= {
            one.reference: one.withheld_reason
            for one in record.reviewed
            if one.withheld
        }
        reasons |= {
            one.reference: self.items[one.item]
            for one in lines
            if one.item in self.items
        }
        reasons |= marked_as_withheld(record.items, self.items)
        reasons |= self.withheld_now
        named = [
            *(one.reference for one in lines),
            *(one.reference for one in record.reviewed),
            *record.not_reached,
        ]
        self.actions = {
            reference: reasons[reference]
            for reference in dict.fromkeys(named)
            if reference in reasons
        }
        for reference, reason in self.actions.items():
            self._withhold("Actions", f"Action {reference}", [reason])

    def _hides(self, kind: Kind) -> bool:
        """Whether the item below which this list is printed is withheld."""
        first = next((item for item in self.record.items if item.kind == kind), None)
        return first is not None and first.key in self.items

    # Texts

    def text(self, text: str, where: str, item: int | None = None) -> str:
        """A text without the passages withheld in it."""
        return self._published(redact(text), where, item)

    def _published(self, redacted: Redacted, where: str, item: int | None) -> str:
        for passage in redacted.passages:
            shown = " ".join(passage.text.split())
            self._withhold(where, f"“{shown}”", passage.reasons, item)
        for sentence in redacted.problems:
            self._problem(where, sentence, item)
        if slip := _SLIP.search(redacted.text):
            sentence = f"“{slip[0]}” looks like a mark and is none"
            self._problem(where, sentence, item)
        text = redacted.text
        for name, instead in self.names:
            parts = name.split(text)
            text = instead.join(parts)
            if len(parts) > 1:
                self._leave_out(where, f"A name, as {instead}", _POST_ONLY, item)
        for link in filter(None, self.links):
            if link in text:
                text = text.replace(link, _LINK)
                self._leave_out(where, "The link to join a meeting", _NEVER, item)
        return text

    def _of_items(self, text: str, where: str) -> str:
        """A text about the minutes as a whole, which may name withheld items."""
        text = self.text(text, where)
        own = (item.heading for item in self.record.items if item.key in self.items)
        for heading in filter(None, map(str.strip, (*own, *self.elsewhere))):
            text = re.sub(re.escape(heading), _HEADING, text, flags=re.IGNORECASE)
        return text

    def _withhold(
        self, where: str, what: str, reasons: list[str], item: int | None = None
    ) -> None:
        self.reasons |= dict.fromkeys(reasons)
        self._leave_out(where, what, "; ".join(map(reason_in_words, reasons)), item)

    def _leave_out(
        self, where: str, what: str, why: str, item: int | None = None
    ) -> None:
        """What the public version does not say it was edited for."""
        found = Withheld(where, what, why, item)
        if found not in self.withheld:
            self.withheld.append(found)

    def _problem(self, where: str, sentence: str, item: int | None = None) -> None:
        self.problems.append(Problem(where, sentence, item))

    # Parts

    def _seat(self, seat: Seat) -> Seat:
        """Somebody not named is there by post and organisation only: initials and what
        was noted of them would tell who it is.
        """
        where = f"Attendance of {seat}"
        capacity = self.text(seat.capacity, where)
        if not seat.named_publicly:
            self._leave_out("Attendance", f"The name of {seat}", _POST_ONLY)
        named = seat.named_publicly
        return Seat(
            name=self.text(seat.name, where) if named else NAME_LEFT_OUT,
            capacity=capacity,
            abbreviation=self.text(seat.abbreviation, where) if named else "",
            organisation=seat.organisation,
            organisation_short=seat.organisation_short,
            attendance=seat.attendance,
            role=seat.role,
            listed=seat.listed,
            named_publicly=named,
            standing_in_for=self.text(seat.standing_in_for, where),
            joined=self._heading_of(seat.joined),
            left=self._heading_of(seat.left),
            note=self.text(seat.note, where) if named else "",
        )

    def _heading_of(self, numbered_heading: str) -> str:
        """Where somebody came or left: of a withheld item the number alone, and
        nothing of a heading that was amended meanwhile.
        """
        named = [i for i in self.record.items if i.numbered_heading == numbered_heading]
        for item in named:
            if item.key in self.items:
                return item.number or "an item that is withheld"
        return self.text(numbered_heading, "Attendance") if named else ""

    def _item(self, item: Item) -> Item:
        if item.key in self.items:
            return Item(
                key=item.key,
                heading="",
                number=item.number,
                depth=item.depth,
                withheld=True,
                withheld_reason=self.items[item.key],
            )
        where = item.numbered_heading
        said = self._notes(item)
        return Item(
            key=item.key,
            heading=self.text(item.heading, where, item.key),
            number=item.number,
            depth=item.depth,
            kind=item.kind,
            theme=self.text(item.theme, where, item.key),
            notes=said.notes,
            decisions=said.decisions,
            assurance=item.assurance,
            papers=tuple(self.text(paper, where, item.key) for paper in item.papers),
        )

    def _notes(self, item: Item) -> _Notes:
        """Notes and decisions without what is withheld, and marks that still fit.

        A decision whose mark is in a withheld passage is withheld with it, and so is
        one that a passage runs through together with it.
        """
        where = item.numbered_heading
        notes = redact(item.notes)
        hidden = _marked_decisions(notes)
        before = item.decision_lines
        decisions, places = _decisions(before, hidden)
        text = self._published(notes, where, item.key)
        for number in sorted(hidden):
            if 0 < number <= len(before):
                shown = f"Decision {number}: “{before[number - 1]}”"
                self._withhold(where, shown, hidden[number], item.key)
        return _Notes(
            notes=self._marks(text, item, places),
            decisions=self._published(decisions, where, item.key),
        )

    def _marks(self, notes: str, item: Item, places: dict[int, int]) -> str:
        """The marks of what is withheld go, those of decisions get their new number."""
        known = {action.reference for action in self.record.actions}
        kept = []
        for line in notes.splitlines():
            if match := _ACTION_MARK.fullmatch(line.strip()):
                reference = _reference(match)
                if reference in self.actions:
                    continue
                if reference not in known:
                    self._unknown(line, item)
            elif match := _DECISION_MARK.fullmatch(line.strip()):
                number = int(match[1])
                if not 0 < number <= len(item.decision_lines):
                    self._unknown(line, item)
                elif number in places:
                    kept.append(f"[[decision {places[number]}]]")
                continue
            kept.append(line)
        return "\n".join(kept).strip("\n")

    def _unknown(self, line: str, item: Item) -> None:
        sentence = f"“{line.strip()}” marks nothing that was agreed at this meeting"
        self._problem(item.numbered_heading, sentence, item.key)

    def _action(self, action: ActionLine) -> ActionLine:
        reference = action.reference
        where = f"Action {reference}"
        if action.not_used:
            return ActionLine(reference, "", item=action.item, not_used=True)
        return ActionLine(
            reference=reference,
            text=self.text(action.text, where, action.item),
            other_wording=self.text(action.other_wording, where, action.item),
            owners=tuple(
                Owner(one.organisation, post=self.text(one.post, where))
                for one in action.owners
            ),
            due=self.text(action.due, where),
            due_words=self.text(action.due_words, where),
            status=self.statuses.get(reference, action.status),
            item=action.item,
        )

    def _reviews(self) -> tuple[Reviewed, ...]:
        return tuple(
            Reviewed(
                reference=one.reference,
                text=self.text(one.text, f"Review of {one.reference}"),
                outcome=self._outcome(one),
                note=self.text(one.note, f"Review of {one.reference}"),
                made=tuple(
                    self._action(action)
                    for action in one.made
                    if action.reference not in self.actions
                ),
            )
            for one in self.record.reviewed
            if one.reference not in self.actions
        )

    def _outcome(self, review: Reviewed) -> str:
        """It names what took the action's place."""
        outcome = self.text(review.outcome, f"Review of {review.reference}")
        for reference in self.actions:
            outcome = outcome.replace(reference, "an action that is withheld")
        return outcome

    def _following(self) -> Following | None:
        following = self.record.following
        if following is None:
            return None
        return Following(
            title=self.text(following.title, "Next meeting"),
            date=following.date,
            start=following.start,
            end=following.end,
            venue=self.text(following.venue, "Next meeting"),
        )

    def _amendment(self, one: Amendment) -> Amendment:
        """Who made it is the office. Of a withheld item only that it was amended."""
        what, why = "An item that is withheld was amended", ""
        if one.item not in self.items:
            what = self._of_items(one.what, "Amendments")
            why = self._of_items(one.why, "Amendments")
        return Amendment(
            what=what, why=why, by=self.record.office, on=one.on, item=one.item
        )


def withheld_items(items: Iterable[Item]) -> dict[int, str]:
    """The keys of the withheld ones of an agenda, with the reason. What is below one is
    withheld too, for the same reason unless it has its own.
    """
    found: dict[int, str] = {}
    above: list[tuple[int, str]] = []  # depth and reason of those around
    for item in items:
        while above and above[-1][0] >= item.depth:
            above.pop()
        if item.withheld or item.restricted or above:
            found[item.key] = item.withheld_reason or (above[-1][1] if above else "")
            above.append((item.depth, found[item.key]))
    return found


def marked_as_withheld(
    items: Iterable[Item], withheld: Mapping[int, str]
) -> dict[str, str]:
    """The actions whose mark is in a withheld passage or in a withheld item, with the
    reason.
    """
    found: dict[str, str] = {}
    for item in items:
        if item.key in withheld:
            hidden = [(item.notes, withheld[item.key])]
        else:
            hidden = [
                (passage.text, passage.reasons[0])
                for text in (item.notes, item.decisions)
                for passage in redact(text).passages
            ]
        for text, reason in hidden:
            for mark in _ACTION_MARK.finditer(text):
                found.setdefault(_reference(mark), reason)
    return found


def _reference(mark: re.Match[str]) -> str:
    return f"{mark[1]}/{int(mark[2]):02d}"


def _marked_decisions(notes: Redacted) -> dict[int, list[str]]:
    """The decisions whose mark is in a withheld passage, with its reasons."""
    return {
        int(mark[1]): passage.reasons
        for passage in notes.passages
        for mark in _DECISION_MARK.finditer(passage.text)
    }


def _decisions(
    before: list[str], hidden: Collection[int]
) -> tuple[Redacted, dict[int, int]]:
    """What is left of the decisions, and the new number of each.

    A passage may run over several: what is left of them is one line, and goes as a
    whole when one of them is hidden.
    """
    plain = (re.sub(f"[{_BEGINS}{_ENDS}]", "", line) for line in before)
    redacted = redact(
        "\n".join(
            f"{_BEGINS}{n}{_BEGINS}{line}{_ENDS}{n}{_ENDS}"
            for n, line in enumerate(plain, start=1)
        )
    )
    kept: list[str] = []
    places: dict[int, int] = {}
    for line in redacted.text.splitlines():
        within = [int(mark[1]) for mark in _LINE_MARK.finditer(line)]
        if any(number in hidden for number in within):
            continue
        kept.append(_LINE_MARK.sub("", line))
        if within:
            places[within[0]] = len(kept)
    redacted.text = "\n".join(kept)
    for passage in redacted.passages:
        passage.text = _LINE_MARK.sub("", passage.text)
    return redacted, places


def _names(record: Record) -> list[tuple[re.Pattern[str], str]]:
    """The names of those shown by post only, and what stands in their place."""
    found = []
    for seat in record.seats:
        words = seat.name.split()
        if seat.named_publicly or not words:
            continue
        name = r"\s+".join(map(re.escape, words))
        # A name of one word may be a word of the language too.
        flags = re.IGNORECASE if len(words) > 1 else re.NOFLAG
        instead = f"[{redact(seat.capacity).text or 'name not published'}]"
        found.append((re.compile(rf"(?<!\w){name}(?!\w)", flags), instead))
    return found
