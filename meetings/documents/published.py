"""The files of published minutes, made once and kept."""

import datetime as dt

from django.conf import settings

from assurance.calendar import day_in_words
from meetings.documents.minutes import minutes_document
from meetings.documents.pdf import write_pdf
from meetings.documents.word import write_word
from meetings.record import Record


def published_documents(
    record: Record,
    *,
    number: int,
    on: dt.date,
    address: str = "",
    removed: bool = False,
) -> dict[str, bytes]:
    """A version of what the public reads, by kind of file. ``address`` is that of its
    page; ``removed`` says that words were taken out of it for data protection.
    """
    office = record.office or settings.OFFICE_NAME
    state = f"Version {number}, published on {day_in_words(on)} by the {office}"
    if removed:
        state += ". Words were removed from it for data protection"
    document = minutes_document(
        record,
        state=state,
        on=on,
        is_public=True,
        foot=f"Version {number}",
        address=address,
    )
    return {"pdf": write_pdf(document), "docx": write_word(document)}
