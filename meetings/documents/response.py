"""A document as a download."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.utils.text import slugify

from meetings.documents.pdf import write_pdf
from meetings.documents.tree import Document
from meetings.documents.word import write_word

FORMATS: dict[str, tuple[str, Callable[[Document], bytes]]] = {
    "pdf": ("application/pdf", write_pdf),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        write_word,
    ),
}


def download(document: Document, *, file_format: str, name: str) -> HttpResponse:
    """The document in one of the formats, named "briefing-2025-05-30.pdf".

    Kept by nobody on the way: what it says depends on who asks, and when.
    """
    try:
        content_type, write = FORMATS[file_format]
    except KeyError as unknown:
        raise Http404(f"There is no format {file_format!r}") from unknown
    file_name = f"{slugify(name)}.{file_format}"
    return HttpResponse(
        write(document),
        headers={
            "Content-Type": content_type,
            "Content-Disposition": f'attachment; filename="{file_name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store, private",
        },
    )
