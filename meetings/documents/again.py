"""Documents of published versions made again, from what a removal left of them."""

import logging
from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from assurance.http import absolute
from assurance.models import StoredFile
from meetings.documents.published import published_documents
from meetings.models import MinutesVersion, VersionRemoval
from meetings.record import from_json
from meetings.removal import keep_documents

logger = logging.getLogger(__name__)

# How often words may be removed from a version while its documents are made.
_TRIES = 5


def documents_of(
    version: MinutesVersion, request: HttpRequest | None = None
) -> dict[str, StoredFile]:
    """Its documents by kind, made now if a removal took them away and nobody made them
    again yet. Commands have no ``request``: there ``SITE_URL`` must be set.
    """
    for _ in range(_TRIES):
        documents, removal = version.documents(), version.last_removal()
        if documents or removal is None:
            return documents
        made = published_documents(
            from_json(version.content),
            number=version.number,
            on=timezone.localdate(version.at),
            address=absolute(
                reverse("published_minutes", args=[version.meeting_id]), request
            ),
            removed=True,
        )
        keep_documents(removal, made, checksum=version.checksum)
        version = MinutesVersion.objects.get(pk=version.pk)
    raise RuntimeError(f"Words are removed from version {version.pk} all the time")


def make_those_that_wait() -> Iterator[tuple[int, bool]]:
    """The key of each version whose documents were taken away, once they are made, and
    whether they could be.
    """
    waiting = VersionRemoval.objects.without_documents().order_by("version")
    for pk in list(waiting.values_list("version", flat=True)):
        try:
            documents_of(MinutesVersion.objects.get(pk=pk))
        except Exception:
            logger.exception("The documents of version %s cannot be made again", pk)
            yield pk, False
        else:
            yield pk, True
