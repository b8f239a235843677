"""What templates of minutes use."""

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from meetings import notes
from meetings.models import WithheldReason

register = template.Library()


@register.filter
def marked(text: str) -> SafeString:
    """A text that is no Markdown, with tags where something in it is withheld."""
    return notes.marked(text)


@register.filter
def reason_in_full(code: str) -> str:
    """ "s40" gives "Personal information (section 40)", none gives nothing."""
    return str(WithheldReason(code).label) if code else ""


@register.filter
def action_url(reference: str) -> str:
    """The page of an action: "2025/03" gives "/actions/2025/3/"."""
    year, number = reference.split("/")
    return reverse("action", args=[int(year), int(number)])
