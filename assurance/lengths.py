"""How long a text may be that has no limit of its own."""

from django.core.exceptions import ValidationError

LONGEST_TEXT = 100_000  # characters


def refuse_too_long(**texts: str) -> None:
    """Raises ``ValidationError``, by name, for those that are."""
    too_long = {
        name: f"Enter at most {LONGEST_TEXT} characters; this has {len(text)}"
        for name, text in texts.items()
        if len(text) > LONGEST_TEXT
    }
    if too_long:
        raise ValidationError(too_long)
