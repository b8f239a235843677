"""What the public reads: the list, the minutes of a meeting, the feed.

Everything here comes from published versions and nothing else, and no page asks who
reads it.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.formats import date_format
from django.views.decorators.http import conditional_page, require_safe

from actions.publishing import is_public, last_published
from assurance.http import send_file
from assurance.models import StoredFile
from assurance.permissions import Permission, requires
from assurance.public import CACHE, render_public
from meetings.documents.again import documents_of
from meetings.documents.response import FORMATS
from meetings.forms.published import FindPublishedForm
from meetings.models import MinutesVersion
from meetings.reading import read
from meetings.record import from_json
from meetings.snippets import Piece, snippet

ON_A_PAGE = 25
IN_THE_FEED = 50
BIGGEST = 2**63 - 1  # number that a row can have


@requires(Permission.PUBLIC)
@require_safe
@conditional_page
def published(request: HttpRequest) -> HttpResponse:
    """Newest first, by year."""
    versions = MinutesVersion.objects.public().without_content()
    form = FindPublishedForm(request.GET, versions=versions)
    form.is_valid()
    found = Paginator(form.apply(versions), ON_A_PAGE)
    page = found.get_page(request.GET.get("page"))
    return render_public(
        "published/list.html",
        {
            "form": form,
            "query": request.GET,
            "page": page,
            "snippets": _snippets(page, form.words) if form.words else {},
            "is_filtering": form.is_filtering,
            "total": versions.count() if form.is_filtering else found.count,
        },
        status=422 if form.errors else 200,
    )


def _snippets(
    page: Iterable[MinutesVersion], words: list[str]
) -> dict[int | None, list[Piece]]:
    """Where the words stand in each version, out of the text that the public reads."""
    shown = {version.pk: version.title for version in page}
    texts = MinutesVersion.objects.public().filter(pk__in=shown)
    return {
        pk: snippet(text, words, besides=shown[pk])
        for pk, text in texts.values_list("pk", "text")
    }


@requires(Permission.PUBLIC)
@require_safe
@conditional_page
def published_minutes(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The minutes of one meeting, by its number; ``?format=pdf`` is the same as a
    file. What was never published is as unknown as what never was.
    """
    version = last_published(pk) if pk <= BIGGEST else None
    if version is None:
        return _unknown()
    if not is_public(version):
        context = {"withdrawn_at": version.withdrawal.at}
        return render_public("published/withdrawn.html", context, status=410)
    if file_format := request.GET.get("format"):
        stored = None
        if file_format in FORMATS:
            stored = documents_of(version, request).get(file_format)
        return _send(request, stored) if stored else _unknown()
    return render_public("published/minutes.html", in_full(version))


def in_full(version: MinutesVersion) -> dict[str, Any]:
    """What the page of a published version prints."""
    record = from_json(version.content)
    return {"version": version, "record": record, "reading": read(record)}


def _unknown() -> HttpResponse:
    return render_public("published/unknown.html", status=404)


def _send(request: HttpRequest, stored: StoredFile) -> HttpResponseBase:
    etag = f'"{stored.sha256}"'
    response = get_conditional_response(request, etag=etag) or send_file(stored)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE
    return response


class _Feed(Feed):
    """Titles and dates: what the minutes say is read on their page."""

    feed_type = Atom1Feed
    link = reverse_lazy("published")
    author_name = settings.OFFICE_NAME

    def title(self) -> str:
        return f"Published minutes: {settings.OFFICE_NAME}"

    def items(self) -> Any:
        return MinutesVersion.objects.public().without_content()[:IN_THE_FEED]

    def item_title(self, item: MinutesVersion) -> str:
        return f"{item.title}, {date_format(item.held_on)}"

    def item_description(self, item: MinutesVersion) -> str:
        return f"Version {item.number}, published on {date_format(item.at)}"

    def item_link(self, item: MinutesVersion) -> str:
        return reverse("published_minutes", args=[item.meeting_id])

    def item_pubdate(self, item: MinutesVersion) -> Any:
        return item.at

    item_updateddate = item_pubdate


_feed = _Feed()


@requires(Permission.PUBLIC)
@require_safe
@conditional_page
def published_feed(request: HttpRequest) -> HttpResponse:
    response = _feed(request)
    response.headers["Cache-Control"] = CACHE
    return response
