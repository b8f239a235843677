"""The documents of a meeting: agenda, minutes and every version kept of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from actions.publishing import last_published
from actions.record import gather
from assurance.calendar import day_in_words
from assurance.downloads import not_withheld
from assurance.http import SignedInRequest, send_file
from assurance.models import StoredFile
from assurance.permissions import Permission, requires, user_can
from meetings.documents.again import documents_of
from meetings.documents.agenda import Agenda, Guest, Line, agenda_document
from meetings.documents.minutes import minutes_document
from meetings.documents.response import FORMATS, download
from meetings.models import (
    AgendaItem,
    Attendee,
    Meeting,
    MinutesVersion,
    VersionRemoval,
)
from meetings.pages import find_meeting, render_page
from meetings.reading import read
from meetings.record import Record, from_json
from meetings.versions import agreed_version, latest_draft

Kind = MinutesVersion.Kind
_NAMES = {"pdf": "PDF", "docx": "Word"}


# Documents at the addresses of their pages


def download_agenda(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    """``?format=pdf`` or ``docx``: as it is sent out; with ``&with=restricted`` the
    office's own, which has the items for the office only.
    """
    with_restricted = request.GET.get("with") == "restricted"
    agenda = _agenda_of(meeting)
    document = agenda_document(
        agenda, on=timezone.localdate(), with_restricted=with_restricted
    )
    own = "-for-the-office" if with_restricted and agenda.has_restricted else ""
    response = download(
        document,
        file_format=request.GET["format"],
        name=f"agenda-{meeting.date}{own}",
    )
    return response if own else not_withheld(response)


def download_minutes(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """``?format=pdf`` or ``docx``: as they were agreed, else as they stand."""
    if meeting.state == Meeting.State.AGREED and (agreed := agreed_version(meeting)):
        return _download_version(request, agreed)
    record = gather(meeting, request.user)
    return download(
        minutes_document(
            record,
            state=_as_they_stand(meeting, record),
            on=timezone.localdate(),
            foot="As they stand, not agreed",
        ),
        file_format=request.GET["format"],
        name=f"minutes-{meeting.date}-as-they-stand",
    )


def _agenda_of(meeting: Meeting) -> Agenda:
    items = meeting.agenda()
    prefetch_related_objects(items, "papers")
    in_person = meeting.held == Meeting.Held.IN_PERSON
    return Agenda(
        title=str(meeting),
        date=meeting.date,
        start=meeting.start,
        end=meeting.end,
        venue=meeting.venue,
        held="" if in_person else meeting.get_held_display(),
        marking=meeting.get_marking_display(),
        cancelled_because=meeting.cancelled_because,
        guests=tuple(_guest(one) for one in meeting.attendance() if one.listed),
        lines=tuple(_line(item) for item in items),
    )


def _guest(one: Attendee) -> Guest:
    return Guest(
        name=one.person.name,
        capacity=one.capacity,
        abbreviation=one.abbreviation,
        organisation=one.organisation.name if one.organisation else "",
        is_chair=one.role == Attendee.Role.CHAIR,
        sends_apologies=one.attendance == Attendee.Attendance.APOLOGIES,
    )


def _line(item: AgendaItem) -> Line:
    return Line(
        heading=item.heading,
        number=item.number,
        depth=item.depth,
        lead=item.lead.name if item.lead else "",
        asked=item.asked_of_force,
        papers=tuple((paper.title, paper.provided_by) for paper in item.papers.all()),
        restricted=item.restricted,
    )


def _as_they_stand(meeting: Meeting, record: Record) -> str:
    draft = latest_draft(meeting)
    if draft is None:
        return "As the notes stand, not circulated"
    if from_json(draft.content) == record:
        return _in_words(draft)
    about = _in_words(draft)
    return f"As the notes stand, changed since {about[0].lower()}{about[1:]}"


def _in_words(version: MinutesVersion) -> str:
    """ "Draft 2, circulated 3 May 2026"."""
    day = day_in_words(timezone.localdate(version.at))
    if version.kind == Kind.DRAFT:
        return f"Draft {version.number}, circulated {day}"
    if version.kind == Kind.PUBLISHED:
        return f"Version {version.number}, published {day}"
    if version.is_amendment:
        return f"Agreed minutes, amended {day}"
    return f"Agreed minutes, recorded {day}"


# One version


@requires(Permission.READ_MINUTES)
def minutes_version(
    request: SignedInRequest, pk: int, version_pk: int
) -> HttpResponseBase:
    """A version as it was kept, to read; ``?format=pdf`` or ``docx`` as a file."""
    meeting = find_meeting(request, pk)
    versions = meeting.versions.select_related("by", "pdf", "docx", "withdrawal__by")
    version = get_object_or_404(versions, pk=version_pk)
    if "format" in request.GET:
        return _download_version(request, version)
    record = from_json(version.content)
    return render_page(
        request,
        meeting,
        "meetings/version.html",
        here="documents",
        version=version,
        about=_in_words(version),
        files=_files(_address(version), version.documents()),
        is_last=version == last_published(meeting.pk),
        record=record,
        reading=read(record),
    )


def _download_version(
    request: SignedInRequest, version: MinutesVersion
) -> HttpResponseBase:
    """What was published is the file that was published."""
    is_public = version.kind == Kind.PUBLISHED
    is_out = is_public and not hasattr(version, "withdrawal")
    response = _file_of(request, version, is_public=is_public)
    return not_withheld(response) if is_out else response


def _file_of(
    request: SignedInRequest, version: MinutesVersion, *, is_public: bool
) -> HttpResponseBase:
    file_format = request.GET["format"]
    if file_format in FORMATS and (
        stored := documents_of(version, request).get(file_format)
    ):
        return send_file(stored)
    document = minutes_document(
        from_json(version.content),
        state=_in_words(version),
        on=timezone.localdate(version.at),
        is_public=is_public,
        foot=f"Draft {version.number}" if version.kind == Kind.DRAFT else "",
    )
    return download(
        document,
        file_format=file_format,
        name=f"minutes-{version.held_on}-{version.kind}-{version.number}",
    )


def _address(version: MinutesVersion) -> str:
    return reverse("minutes_version", args=[version.meeting_id, version.pk])


# The page that lists them


@dataclass(frozen=True)
class File:
    """A document to download. ``size`` in bytes, where it is a file already."""

    format: str
    url: str
    size: int = 0


@dataclass(frozen=True)
class Entry:
    """One document: what it is, what is to be known of it, where to read it."""

    name: str
    about: str = ""
    why: str = ""
    url: str = ""
    tag: str = ""
    files: list[File] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    heading: str
    entries: list[Entry]
    empty: str  # what is said when there is none


@requires(Permission.READ_MINUTES)
def documents(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything of a meeting that can be printed, sent or handed on."""
    meeting = find_meeting(request, pk)
    versions = (
        meeting.versions.without_content()
        .select_related("by", "pdf", "docx", "withdrawal")
        .prefetch_related(Prefetch("removals", VersionRemoval.objects.with_documents()))
        .latest_first()
    )
    kept: dict[str, list[MinutesVersion]] = {kind: [] for kind in Kind.values}
    for version in versions:
        kept[version.kind].append(version)
    return render_page(
        request,
        meeting,
        "meetings/documents.html",
        here="documents",
        sections=[
            Section(
                "Agenda",
                _agendas(meeting),
                "There is nothing on the agenda yet. It can be downloaded here once it "
                "has an item.",
            ),
            Section(
                "Minutes",
                _minutes(meeting),
                "This meeting is cancelled, so it has no minutes."
                if meeting.state == Meeting.State.CANCELLED
                else "The meeting has not begun. Its minutes can be downloaded here "
                "from then on.",
            ),
            Section(
                "Circulated drafts",
                [
                    *(_copy(version) for version in kept[Kind.DRAFT][:1]),
                    *(_draft(version) for version in kept[Kind.DRAFT]),
                ],
                "No draft has gone round. Each one is kept here as it was circulated.",
            ),
            Section(
                "Agreed minutes",
                [_agreed(version) for version in kept[Kind.AGREED]],
                "The minutes are not agreed yet. They are kept here as they were "
                "agreed, and so is each amendment.",
            ),
            Section(
                "Published",
                _published(kept[Kind.PUBLISHED]),
                "Nothing is published. Each published version is kept here with its "
                "files.",
            ),
            Section("Actions and briefing", _others(request, meeting), ""),
        ],
    )


def _files(url: str, stored: dict[str, StoredFile] | None = None) -> list[File]:
    sign = "&" if "?" in url else "?"
    return [
        File(
            _NAMES[name],
            f"{url}{sign}format={name}",
            stored[name].size if stored and name in stored else 0,
        )
        for name in FORMATS
    ]


def _agendas(meeting: Meeting) -> list[Entry]:
    restricted = set(meeting.agenda_items.values_list("restricted", flat=True))
    if not restricted:
        return []
    url = reverse("agenda", args=[meeting.pk])
    if sent := meeting.agenda_sent_at:
        about = f"Marked as sent on {day_in_words(timezone.localdate(sent))}"
    else:
        about = "Not marked as sent"
    entries = [Entry("Agenda to send out", about, url=url, files=_files(url))]
    if True in restricted:
        own = f"{url}?with=restricted"
        entries.append(
            Entry(
                "Agenda with items for the office only",
                "The office's own copy, not to be sent out",
                files=_files(own),
            )
        )
    return entries


def _minutes(meeting: Meeting) -> list[Entry]:
    if meeting.state in (Meeting.State.PLANNED, Meeting.State.CANCELLED):
        return []
    url = reverse("minutes", args=[meeting.pk])
    name, about = "Minutes as they stand", meeting.get_state_display()
    if meeting.state == Meeting.State.AGREED:
        name, about = "Minutes", "As agreed, with every amendment"
    return [Entry(name, about, url=f"{url}?view=read", files=_files(url))]


def _by(version: MinutesVersion, done: str) -> str:
    day = day_in_words(timezone.localdate(version.at))
    return f"{done} {day} by {version.by}"


def _copy(version: MinutesVersion) -> Entry:
    """For those who were there and have no account to read it with."""
    url = f"{reverse('draft', args=[version.meeting_id])}?copy=attendees"
    return Entry(
        f"Draft {version.number} to send out",
        "Without what is for the office only or withheld",
        files=_files(url),
    )


def _draft(version: MinutesVersion) -> Entry:
    url = _address(version)
    return Entry(
        f"Draft {version.number} in full",
        f"{_by(version, 'Circulated')}. For the office and the commissioner",
        url=url,
        files=_files(url),
    )


def _agreed(version: MinutesVersion) -> Entry:
    url, files = _address(version), _files(_address(version))
    if not version.is_amendment:
        about = _by(version, "Recorded")
        return Entry("As they were agreed", about, url=url, files=files)
    return Entry(
        f"Amendment {version.number - 1}",
        _by(version, "Amended"),
        why=f"{version.what.rstrip('.')}. Reason: {version.why}",
        url=url,
        files=files,
    )


def _published(versions: Iterable[MinutesVersion]) -> list[Entry]:
    """Latest first: only the first of them can be what the public reads."""
    entries = []
    for place, version in enumerate(versions):
        withdrawal = getattr(version, "withdrawal", None)
        tag, why = ("On the public site" if place == 0 else "Replaced"), version.why
        if withdrawal:
            tag = "Withdrawn"
            on = day_in_words(timezone.localdate(withdrawal.at))
            why = f"Withdrawn {on}. Reason: {withdrawal.why}"
        url = _address(version)
        entries.append(
            Entry(
                f"Version {version.number}",
                _by(version, "Published"),
                why=why,
                url=url,
                tag=tag,
                files=_files(url, version.documents()),
            )
        )
    return entries


def _others(request: SignedInRequest, meeting: Meeting) -> list[Entry]:
    entries = []
    if user_can(request.user, Permission.EDIT_ACTIONS):
        note = reverse("meeting_action_note", args=[meeting.pk])
        entries.append(
            Entry(
                "Action note",
                "The actions agreed at the meeting, to go round the same day",
                url=note,
                files=_files(note),
            )
        )
    briefing = reverse("briefing", args=[meeting.pk])
    about = "What the commissioner reads before the meeting"
    entries.append(Entry("Briefing", about, url=briefing, files=_files(briefing)))
    return entries
