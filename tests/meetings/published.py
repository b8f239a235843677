"""Minutes agreed and published in one step, for tests of what comes after."""

from typing import Any

from actions.publishing import Edition, prepare, publish
from actions.record import gather
from assurance.models import StoredFile, User
from meetings.models import Meeting, MinutesVersion
from meetings.versions import keep_version
from tests.documents import PDF, ooxml
from tests.factories import MeetingFactory, UserFactory

# What stands for the files where their content does not matter.
FILES = {"pdf": PDF, "docx": ooxml("docx")}


def agree_now(meeting: Meeting, by: User) -> MinutesVersion:
    """As it stands, whatever looks unfinished."""
    Meeting.objects.filter(pk=meeting.pk).update(state=Meeting.State.AGREED)
    meeting.refresh_from_db()
    return keep_version(gather(meeting, by), meeting=meeting, kind="agreed", by=by)


def publish_now(
    meeting: Meeting,
    by: User,
    documents: dict[str, bytes] | None = None,
    *,
    edition: Edition | None = None,
    **more: Any,
) -> MinutesVersion:
    """``edition`` is what is published of agreed minutes, if it is not as it is."""
    if meeting.state != Meeting.State.AGREED:
        agree_now(meeting, by)
    edition = edition or prepare(meeting)
    files = FILES if documents is None else documents
    return publish(edition, documents=files, by=by, **more)


def published_meeting(by: User | None = None, **fields: Any) -> Meeting:
    meeting: Meeting = MeetingFactory(**fields)
    publish_now(meeting, by or UserFactory())
    return meeting


def content_of(stored: StoredFile) -> bytes:
    with stored.content.open("rb") as file:
        return bytes(file.read())
