"""Accounts, organisations, meeting types, themes and people of the demonstration."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from assurance.models import Organisation, User
from assurance.permissions import Role
from meetings.models import Kind, MeetingType, Person, StandingItem, Theme

DOMAIN = "demo.example"
PASSWORD = "assurance-demo"  # noqa: S105
ADMINISTRATOR = f"administrator@{DOMAIN}"

THEMES = (
    "Custody",
    "Diversity, equality and inclusion",
    "Mental health",
    "Performance",
    "Roads policing",
    "Rural crime",
    "Violence against women and girls",
    "Workforce",
)


@dataclass
class Registers:
    """Whom and what the meetings and actions of the demonstration name."""

    administrator: User
    staff: User
    commissioner: User
    liaison: User
    office: Organisation
    force: Organisation
    council: Organisation
    monthly: MeetingType
    accountability: MeetingType
    forum: MeetingType

    @cached_property
    def themes(self) -> dict[str, Theme]:
        return {theme.name: theme for theme in Theme.objects.all()}

    def person(self, name: str, user: User | None = None) -> Person:
        """The one of this name; the same in every meeting."""
        return Person.objects.get_or_create(name=name, defaults={"user": user})[0]


def make_registers() -> Registers:
    office = Organisation.objects.create(
        name="Office of the Police and Crime Commissioner for West Mercia",
        short_names="OPCC",
        kind=Organisation.Kind.OFFICE,
    )
    force = Organisation.objects.create(
        name="West Mercia Police",
        short_names="Force, WMP",
        kind=Organisation.Kind.FORCE,
    )
    council = Organisation.objects.create(
        name="Example County Council (made up)",
        short_names="Council, ECC",
        kind=Organisation.Kind.PARTNER,
    )
    for name in THEMES:
        Theme.objects.create(name=name)
    return Registers(
        administrator=_account("administrator", Role.ADMINISTRATOR, office),
        staff=_account("staff", Role.STAFF, office),
        commissioner=_account("commissioner", Role.COMMISSIONER, office),
        liaison=_account("liaison", Role.LIAISON, force),
        office=office,
        force=force,
        council=council,
        monthly=_monthly(),
        accountability=_accountability(),
        forum=_forum(),
    )


def _account(name: str, role: Role, organisation: Organisation) -> User:
    return User.objects.create_user(
        f"{name}@{DOMAIN}",
        PASSWORD,
        name=f"Demo {name}",
        role=role,
        organisation=organisation,
        is_demonstration=True,
    )


def _monthly() -> MeetingType:
    return _type(
        MeetingType(
            name="Monthly assurance meeting",
            usual_venue="PCC conference room",
            usual_start=dt.time(10),
            usual_end=dt.time(12),
        ),
        ("Outstanding matters and review of action tracker", Kind.ACTION_TRACKER),
        ("Holding to account", Kind.THEMED),
        ("HMICFRS inspection programme and Service Improvement Board", Kind.INSPECTION),
        ("Any other business", Kind.AOB),
        ("Confirmation of next meeting", Kind.NEXT_MEETING),
    )


def _accountability() -> MeetingType:
    return _type(
        MeetingType(
            name="Assurance and accountability",
            usual_venue="PCC conference room",
            usual_start=dt.time(10, 30),
            usual_end=dt.time(12, 30),
        ),
        ("Review of action tracker", Kind.ACTION_TRACKER),
        ("Executive conclusion and next steps", Kind.THEMED),
        ("Summary of actions arising", Kind.SUMMARY),
        ("Confirmation of next meeting", Kind.NEXT_MEETING),
    )


def _forum() -> MeetingType:
    return _type(
        MeetingType(
            name="Community forum",
            usual_venue="Council chamber",
            usual_start=dt.time(18),
            usual_end=dt.time(20),
            reviews_tracker=False,
        ),
        ("Minutes of the last forum", Kind.LAST_MINUTES),
        ("Questions from the public", Kind.THEMED),
        ("Any other business", Kind.AOB),
    )


def _type(meeting_type: MeetingType, *standing: tuple[str, Kind]) -> MeetingType:
    meeting_type.save()
    for order, (heading, kind) in enumerate(standing, start=1):
        StandingItem.objects.create(
            type=meeting_type, order=order, heading=heading, kind=kind
        )
    return meeting_type
