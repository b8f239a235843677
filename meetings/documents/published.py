"""The files of published minutes, made once and kept."""

import datetime as dt

from assurance.calendar import day_in_words
from meetings.documents.minutes import minutes_document
from meetings.documents.pdf import write_pdf
from meetings.documents.word import write_word
from meetings.record import Record


def published_documents(
    record: Record, *, number: int, on: dt.date
) -> dict[str, bytes]:
    """A version of what the public reads, by kind of file."""
    document = minutes_document(
        record,
        state=f"Version {number}, published on {day_in_words(on)}",
        on=on,
        is_public=True,
    )
    return {"pdf": write_pdf(document), "docx": write_word(document)}
