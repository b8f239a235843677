"""Choosing who owns an action: one list of organisations, attendees and posts."""

from collections.abc import Iterable
from typing import Any

from django import forms

from actions.models import Action, Owner
from assurance.forms.base import GovukForm
from assurance.models import Organisation
from meetings.models import Attendee, Meeting
from meetings.models.people import post_holders

PLACES = 4


class OwnersForm(GovukForm):
    """Up to four owners, the first in the lead. ``owners()`` gives them, once valid.

    An action that has more keeps a place for each. Each is an organisation, somebody
    at the meeting where the action was raised, or whoever holds a post now. A post that
    nobody held yet is typed beside it.
    """

    def __init__(
        self,
        *args: Any,
        meeting: Meeting | None = None,
        action: Action | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._options: dict[str, Owner] = {}
        self._offered: set[tuple[int, str, int | None]] = set()
        choices = self._choices(meeting, action)
        current = (
            list(action.owners.select_related("organisation", "person"))
            if action
            else []
        )
        self._places = range(1, max(PLACES, len(current)) + 1)
        for place in self._places:
            owner = current[place - 1] if place <= len(current) else None
            self.fields[f"owner_{place}"] = forms.ChoiceField(
                label="Lead owner" if place == 1 else f"Owner {place}",
                choices=choices,
                required=False,
                initial=f"now-{owner.pk}" if owner else "",
                error_messages={
                    "invalid_choice": "Choose the owner again: what you chose is no "
                    "longer there"
                },
            )
            self.fields[f"post_{place}"] = forms.CharField(
                label="Post, if it is not in the list",
                max_length=150,
                required=False,
                help_text="Choose the organisation above, then write the post here",
            )

    def _choices(self, meeting: Meeting | None, action: Action | None) -> list[Any]:
        """Groups of owners, each of them once: in the first group that has them."""
        groups: list[Any] = [("", "Nobody yet")]
        if action:
            groups.append(("Owners now", self._current(action)))
        groups.append(("Organisations", self._organisations()))
        if meeting:
            groups.append(("At this meeting", self._attendees(meeting)))
        groups.append(("Posts, by who holds them now", self._posts()))
        return [group for group in groups if group[1]]

    def _once(self, offered: Iterable[tuple[str, Owner, str]]) -> list[tuple[str, str]]:
        found = []
        for key, owner, label in offered:
            if (who := _who(owner)) not in self._offered:
                self._offered.add(who)
                self._options[key] = owner
                found.append((key, label))
        return found

    def _current(self, action: Action) -> list[tuple[str, str]]:
        rows = action.owners.select_related("organisation", "person")
        return self._once((f"now-{row.pk}", row, str(row)) for row in rows)

    def _organisations(self) -> list[tuple[str, str]]:
        return self._once(
            (f"organisation-{row.pk}", Owner(organisation=row), _with_short(row))
            for row in Organisation.objects.all()
        )

    def _attendees(self, meeting: Meeting) -> list[tuple[str, str]]:
        return self._once(
            (f"attendee-{row.pk}", _owner_of(row), _described(row))
            for row in meeting.attendance()
            if row.organisation
        )

    def _posts(self) -> list[tuple[str, str]]:
        return self._once(
            (f"post-{row.pk}", _owner_of(row), _described(row))
            for row in sorted(post_holders().values(), key=lambda row: row.post)
            if row.organisation
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        seen = set()
        for place in self._places:
            key, post = data.get(f"owner_{place}"), data.get(f"post_{place}")
            if post and not key:
                self.add_error(
                    f"owner_{place}", "Choose the organisation this post belongs to"
                )
            if key and (key, post) in seen:
                self.add_error(f"owner_{place}", "This owner is chosen twice")
            seen.add((key, post))
        return data

    @property
    def other_owners(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of the owners behind the first."""
        return [(self[f"owner_{n}"], self[f"post_{n}"]) for n in self._places[1:]]

    @property
    def more_owners(self) -> bool:
        """Whether anything is in the fields that are folded away, or wrong there."""
        names = [f"post_{n}" for n in self._places]
        names += [f"owner_{n}" for n in self._places[1:]]
        return any(self[name].value() or self[name].errors for name in names)

    def owners(self) -> list[Owner]:
        """New ``Owner`` rows, not saved, in the order of the form."""
        found = []
        for place in self._places:
            key = self.cleaned_data.get(f"owner_{place}")
            if not key:
                continue
            chosen = self._options[key]
            post = self.cleaned_data.get(f"post_{place}")
            found.append(
                Owner(
                    organisation=chosen.organisation,
                    post=post or chosen.post,
                    person=None if post else chosen.person,
                )
            )
        return found


def _who(owner: Owner) -> tuple[int, str, int | None]:
    return owner.organisation_id, owner.post.casefold(), owner.person_id


def _owner_of(attendee: Attendee) -> Owner:
    return Owner(
        organisation=attendee.organisation, post=attendee.post, person=attendee.person
    )


def _described(attendee: Attendee) -> str:
    short = f"{attendee.abbreviation}: " if attendee.abbreviation else ""
    return f"{short}{attendee.person}, {attendee.post}, {attendee.organisation}"


def _with_short(organisation: Organisation) -> str:
    names = ", ".join(organisation.all_short_names())
    return f"{organisation} ({names})" if names else str(organisation)
