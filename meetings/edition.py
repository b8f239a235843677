"""What a published version says of itself, the same on its page and in its files."""

from django.conf import settings

from meetings.record import Record


def opening(record: Record) -> str:
    """What this is, for somebody who never read minutes of the office."""
    public = ", which was open to the public," if record.in_public else ""
    return (
        f"At this meeting{public} the {settings.HOLDER_TITLE} held the police force to "
        "account. These are its agreed minutes, with each action in the state it was "
        "in when they were published."
    )


def edited(record: Record) -> str:
    """ "Some text has been withheld: personal information (section 40). 1 action is
    withheld."; nothing when nothing is.
    """
    found = []
    if record.edited:
        found.append(f"Some text has been withheld: {'; '.join(record.edited)}.")
    if count := record.withheld_actions:
        found.append(
            f"{count} {'action is' if count == 1 else 'actions are'} withheld."
        )
    return " ".join(found)


HOW_TO_ASK = (
    "The sections are those of the Freedom of Information Act 2000. Under that Act you "
    "can ask the office for what is withheld."
)
