"""What of agreed minutes the public may read: a record of its own, made field by field.

Nothing is copied wholesale: what is not named here is not published. Withheld items
leave their number and the reason, withheld passages their reason, withheld actions
nothing but how many they are.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from meetings.doubtful import SHOWN_BY_POST, Doubt
from meetings.models import Kind, MinutesVersion
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
from meetings.spelling import Phrase, phrase, replace_phrases
from meetings.unnamed import Names, names_in
from meetings.withheld import (
    ACTION_MARK,
    IN_A_SENTENCE,
    reference_of,
    references,
    withheld_actions,
    withheld_items,
)
from meetings.withholding import Redacted, reason_in_words, redact

NAME_LEFT_OUT = "Name not published"
_LINK = "[link not published]"
_HEADING = "[heading withheld]"
_WITHHELD_ACTION = "an action that is withheld"
_TITLE_MAY_HAVE = MinutesVersion._meta.get_field("title").max_length or 0
_NEVER = "never published"
_IN_THOSE = "told in those minutes"
_DECISION_MARK = re.compile(r"\[\[\s*decision\s+(\d{1,3})\s*\]\]", re.IGNORECASE)
# Meant as a mark and written as none: "[withhold s40]", "(/withhold)".
_SLIP = re.compile(r"\bwithhold\s+s\s?\d\d\b|/\s*withhold\b", re.IGNORECASE)
_TWO_BRACKETS = (
    "looks like a mark: type it between two square brackets, as in [[withhold s40]] "
    "and [[/withhold]]"
)
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
    # Of each somebody must choose what becomes of it, whether it has given way or not.
    doubts: list[Doubt]


@dataclass(frozen=True)
class Known:
    """What is known today besides the minutes that were kept."""

    # The actions' states, by reference.
    statuses: Mapping[str, str] = field(default_factory=dict)
    # The reason of each action that is withheld now, whatever the minutes say of it.
    withheld: Mapping[str, str] = field(default_factory=dict)
    # To join meetings: they are taken out wherever they stand.
    links: Collection[str] = ()
    # The minutes as they were kept before: what they called an item or somebody is
    # still said in the sentences of that time.
    earlier: Sequence[Record] = ()


def public_record(
    record: Record, known: Known, replaced: Iterable[Doubt] = ()
) -> Publication:
    """The public's version of agreed minutes. ``replaced`` are the doubts of an earlier
    look at the same minutes in the place of which the post is put.
    """
    places = {replace(one, times=1) for one in replaced}
    return _Redaction(record, known, places).publication()


@dataclass
class _Notes:
    """Notes and decisions of an item as published."""

    notes: str = ""
    decisions: str = ""


@dataclass
class _Redaction:
    record: Record
    known: Known
    # The places at which doubtful words give way.
    replaced: Collection[Doubt] = ()
    # By the key of an item, and by reference: the reason's code.
    items: dict[int, str] = field(default_factory=dict)
    actions: dict[str, str] = field(default_factory=dict)
    # Those that these minutes do not count among theirs too.
    references: dict[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    headings: list[Phrase] = field(default_factory=list)
    links: list[re.Pattern[str]] = field(default_factory=list)
    withheld: dict[Withheld, None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    # Each as one place, and how many read so.
    doubts: Counter[Doubt] = field(default_factory=Counter)
    reasons: dict[str, None] = field(default_factory=dict)

    def publication(self) -> Publication:
        self._find_items()
        self._find_actions()
        record = self.record
        self.names = names_in(record, self.known.earlier)
        self.headings = list(_headings(self.items, [record, *self.known.earlier]))
        self.links = list(map(_link, filter(None, self.known.links)))
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
            seats=tuple(
                self._seat(seat) for seat in record.seats if not seat.taken_out
            ),
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
                self._of_last_minutes(sentence) for sentence in record.last_minutes
            ),
            following=None if self._hides(Kind.NEXT_MEETING) else self._following(),
            agreement=self._of_items(record.agreement, "How they were agreed"),
            amendments=tuple(self._amendment(one) for one in record.amendments),
            edited=tuple(map(reason_in_words, self.reasons)),
            withheld_actions=len(self.actions),
        )
        if len(public.title) > _TITLE_MAY_HAVE:
            sentence = "With what stands for the withheld passages it is too long"
            self._problem("Title", sentence)
        places = {item.key: n for n, item in enumerate(record.items)}
        return Publication(
            public,
            # In printed order; what is of no item comes after.
            sorted(
                self.withheld, key=lambda one: places.get(one.item or 0, len(places))
            ),
            self.problems,
            [replace(one, times=times) for one, times in self.doubts.items()],
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
        """Those withheld by these minutes or now; those that they name are counted."""
        record = self.record
        self.references = withheld_actions(record) | dict(self.known.withheld)
        self.actions = {
            reference: self.references[reference]
            for reference in dict.fromkeys(references(record))
            if reference in self.references
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
        return self._decided(self._published(redact(text), where, item), where, item)

    def _published(self, redacted: Redacted, where: str, item: int | None) -> str:
        for passage in redacted.passages:
            shown = " ".join(passage.text.split())
            self._withhold(where, f"“{shown}”", passage.reasons, item)
        for sentence in redacted.problems:
            self._problem(where, sentence, item)
        if slip := _SLIP.search(redacted.text):
            sentence = f"“{slip[0]}” {_TWO_BRACKETS}"
            self._problem(where, sentence, item)
        text = redacted.text
        for link in self.links:
            text, count = link.subn(_LINK, text)
            if count:
                self._leave_out(where, "The link to join a meeting", _NEVER, item)
        text, found = replace_phrases(text, self.names.replaced)
        for name in found:
            self._leave_out(where, f"A name, as {name.instead}", SHOWN_BY_POST, item)
        return text

    def _decided(self, published: str, where: str, item: int | None) -> str:
        """A text with the post in the place of what is to give way of the words that
        may still name somebody.
        """
        kept, position = [], 0
        for one in self.names.doubts_about(published):
            doubt = Doubt(
                *(where, item, one.before, one.words, one.after),
                *(one.who, one.instead),
            )
            self.doubts[doubt] += 1
            if doubt in self.replaced:
                kept += [published[position : one.begin], one.instead]
                position = one.end
                what = f"“{one.words}”, as {one.instead}"
                self._leave_out(where, what, SHOWN_BY_POST, item)
        return "".join([*kept, published[position:]])

    def _of_items(self, text: str, where: str) -> str:
        """A text about the minutes as a whole, which may name withheld items and
        actions.
        """
        text, _ = replace_phrases(self.text(text, where), self.headings)
        return self._without_references(text)

    def _without_references(self, text: str) -> str:
        def instead(match: re.Match[str]) -> str:
            known = reference_of(match) in self.references
            return _WITHHELD_ACTION if known else match[0]

        return IN_A_SENTENCE.sub(instead, text)

    def _of_last_minutes(self, sentence: str) -> str:
        """What was changed of other minutes is told in those, as they are published."""
        where = "Minutes of the last meeting"
        outcome = without_changes(sentence)
        if outcome != sentence:
            self._leave_out(where, "What was changed of them", _IN_THOSE)
        return self._of_items(outcome, where)

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
        self.withheld[found] = None

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
            self._leave_out("Attendance", f"The name of {seat}", SHOWN_BY_POST)
        named = seat.named_publicly
        return Seat(
            name=self.text(seat.name, where) if named else NAME_LEFT_OUT,
            capacity=capacity,
            # Their own, whoever else may be meant by it elsewhere.
            abbreviation=self._published(redact(seat.abbreviation), where, None)
            if named
            else "",
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
        text = self._decided(self._published(notes, where, item.key), where, item.key)
        for number in sorted(hidden):
            if 0 < number <= len(before):
                shown = f"Decision {number}: “{before[number - 1]}”"
                self._withhold(where, shown, hidden[number], item.key)
        decided = self._decided(
            self._published(decisions, where, item.key), where, item.key
        )
        return _Notes(notes=self._marks(text, item, places), decisions=decided)

    def _marks(self, notes: str, item: Item, places: dict[int, int]) -> str:
        """The marks of what is withheld go, those of decisions get their new number."""
        known = {action.reference for action in self.record.actions}
        kept = []
        for line in notes.splitlines():
            if match := ACTION_MARK.fullmatch(line.strip()):
                reference = reference_of(match)
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
        sentence = (
            f"“{line.strip()}” marks nothing that was agreed at this meeting: "
            "take the line out"
        )
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
            status=self.known.statuses.get(reference, action.status),
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
        where = f"Review of {review.reference}"
        return self._without_references(self.text(review.outcome, where))

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
        """Who made it is the office. Of a withheld item only that it was amended, and
        of none from what to what: that may be just what the public must not read.
        """
        what, why = "An item that is withheld was amended", ""
        if one.item not in self.items:
            what = self._of_items(one.what, "Amendments")
            why = self._of_items(one.why, "Amendments")
        return Amendment(
            what=what, why=why, by=self.record.office, on=one.on, item=one.item
        )


def without_changes(sentence: str) -> str:
    """That minutes were agreed, without the text of the changes to them."""
    before, changes, _ = sentence.partition(" subject to these changes:")
    return f"{before} subject to changes." if changes else sentence


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


def _headings(withheld: Collection[int], records: Iterable[Record]) -> Iterator[Phrase]:
    """What the withheld items are called, and were before, longest first."""
    headings = {
        redact(item.heading).text
        for record in records
        for item in record.items
        if item.key in withheld
    }
    for heading in sorted(headings, key=len, reverse=True):
        if one := phrase(heading, _HEADING, within_words=True):
            yield one


def _link(link: str) -> re.Pattern[str]:
    """A link however its beginning is typed, if there is more to it than a site."""
    bare = re.sub(r"^https?://", "", link.strip(), flags=re.IGNORECASE).rstrip("/")
    begins = "(?:https?://)?" if "/" in bare else "https?://"
    return re.compile(f"{begins}{re.escape(bare)}/?", re.IGNORECASE)
