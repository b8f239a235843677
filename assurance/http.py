"""The request as signed-in views know it, and files as they leave."""

import logging

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import FileResponse, Http404, HttpRequest

from assurance.contents import Kind
from assurance.files import is_as_kept
from assurance.models import StoredFile, User

logger = logging.getLogger(__name__)

_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
# By what the file was found to be, never by what its sender called it.
CONTENT_TYPES: dict[str, str] = {
    Kind.PDF: "application/pdf",
    Kind.DOCX: f"{_OOXML}.wordprocessingml.document",
    Kind.XLSX: f"{_OOXML}.spreadsheetml.sheet",
    Kind.PPTX: f"{_OOXML}.presentationml.presentation",
    Kind.ODT: f"{_ODF}.text",
    Kind.ODS: f"{_ODF}.spreadsheet",
    Kind.ODP: f"{_ODF}.presentation",
    Kind.PNG: "image/png",
    Kind.JPEG: "image/jpeg",
    Kind.TXT: "text/plain",
    Kind.CSV: "text/csv",
}

_NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'; sandbox"


class SignedInRequest(HttpRequest):
    """A request whose visitor is known: every view but the public ones gets it."""

    user: User


class FileRemoved(Exception):
    """The content of a file was removed for data protection: there is a page for it."""

    def __init__(self, stored: StoredFile) -> None:
        super().__init__(f"Stored file {stored.pk}")
        self.stored = stored


class FileDiffers(Exception):
    """The content of a file is not what was kept: there is a page for it."""

    def __init__(self, stored: StoredFile) -> None:
        super().__init__(f"Stored file {stored.pk}")


def send_file(stored: StoredFile) -> FileResponse:
    """The file under its own name, to be saved and never shown by the browser.

    Call it in a view that has asked who may see what the file belongs to. Raises
    ``FileRemoved`` or ``FileDiffers``, which ``FileMiddleware`` answers.
    """
    if stored.removal_id:
        raise FileRemoved(stored)
    try:
        content = stored.content.open("rb")
    except OSError as error:
        logger.error("The content of stored file %s is missing", stored.pk)
        raise Http404 from error
    if not is_as_kept(stored, content):
        content.close()
        logger.error("The content of stored file %s is not what was kept", stored.pk)
        raise FileDiffers(stored)
    return FileResponse(
        content,
        as_attachment=True,
        filename=stored.name,
        content_type=CONTENT_TYPES[stored.kind],
        headers={
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Content-Security-Policy": _NOTHING_RUNS,
        },
    )


def absolute(path: str, request: HttpRequest | None = None) -> str:
    """The whole address of a page, as e-mails name it.

    Commands have no request to take it from: there ``SITE_URL`` must be set.
    """
    if settings.SITE_URL:
        return f"{settings.SITE_URL}{path}"
    if request is None:
        raise ImproperlyConfigured(
            "Set the environment variable SITE_URL, for example "
            "https://assurance.office.example. Links are made with it."
        )
    return request.build_absolute_uri(path)
