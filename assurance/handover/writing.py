"""The archive, written as it is sent: nothing of it is kept in memory or on disk."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED

from django.conf import settings
from django.utils import timezone
from zipstream import ZipStream

from assurance.handover.kinds import Kind, kinds
from assurance.handover.lists import listings
from assurance.handover.readme import readme
from assurance.models import StoredFile
from assurance.sheets import Column, Sheet, as_csv
from assurance.snapshot import Moment, moment
from meetings.models import MinutesVersion, VersionRemoval

FORMAT = 1
MANIFEST, SCHEMA, CHECKSUMS = "manifest.json", "schema.json", "checksums.sha256"
_AT_ONCE = 64 * 1024
# What is compressed already would only take time.
_COMPRESSED = {"pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "png", "jpeg"}
_NOT_IN_A_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')


@dataclass(frozen=True)
class Extent:
    """How much there is, for whom it is explained to before they take it."""

    rows: int
    kinds: int
    files: int
    bytes: int


def extent(using: str = "default") -> Extent:
    counts = [kind.count(using=using) for kind in kinds()]
    sizes = list(StoredFile.objects.using(using).values_list("size", flat=True))
    return Extent(sum(counts), len(counts), len(sizes), sum(sizes))


def hand_over() -> Iterator[bytes]:
    """The whole record of this moment as a ZIP, in pieces."""
    with moment() as now:
        yield from _Archive(now).chunks()


@dataclass
class _Archive:
    now: Moment
    at: dt.datetime = field(default_factory=lambda: timezone.now().astimezone(dt.UTC))
    checksums: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    lost: list[dict[str, Any]] = field(default_factory=list)
    # Keys of versions whose documents are not made again yet after a removal.
    without_documents: list[int] = field(default_factory=list)
    # Keys of the files that have their place: a document may be of two versions.
    placed: set[int] = field(default_factory=set)

    def chunks(self) -> Iterator[bytes]:
        zipped = ZipStream(compress_type=ZIP_DEFLATED, compress_level=6)
        for name, content, compress_type in self._members():
            noted = self._noted(name, content)
            zipped.add(noted, name, compress_type=compress_type)
            yield from zipped.file()
        yield from zipped.finalize()

    def _noted(self, name: str, content: Iterable[bytes]) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for chunk in content:
            digest.update(chunk)
            yield chunk
        self.checksums[name] = digest.hexdigest()

    def _members(self) -> Iterator[tuple[str, Iterable[bytes], int]]:
        every = kinds()
        total = extent(self.now.using)
        waiting = VersionRemoval.objects.using(self.now.using).without_documents()
        versions = waiting.order_by("version").values_list("version", flat=True)
        self.without_documents = list(versions)
        text = readme(
            at=self.at,
            rows=total.rows,
            kinds=total.kinds,
            files=total.files - len(self.now.missing),
            lost=len(self.now.missing),
            without_documents=len(self.without_documents),
        )
        yield "README.txt", [text.encode()], ZIP_DEFLATED
        yield SCHEMA, [_json(_schema(every))], ZIP_DEFLATED
        yield "fields.csv", as_csv(_fields(every)), ZIP_DEFLATED
        for listing in listings():
            sheet = listing.sheet(using=self.now.using)
            yield listing.path, as_csv(sheet), ZIP_DEFLATED
        for kind in every:
            yield kind.path, self._rows(kind), ZIP_DEFLATED
        yield from self._documents()
        yield from self._files()
        yield MANIFEST, [_json(self._manifest())], ZIP_DEFLATED
        # Its own is not in it: by then it is being written.
        lines = [f"{digest}  {name}\n" for name, digest in self.checksums.items()]
        yield CHECKSUMS, ["".join(lines).encode()], ZIP_DEFLATED

    def _rows(self, kind: Kind) -> Iterator[bytes]:
        self.counts[kind.name] = 0
        lines, length = [], 0
        for row in kind.rows(using=self.now.using):
            self.counts[kind.name] += 1
            lines.append(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            length += len(lines[-1])
            if length > _AT_ONCE:
                yield b"".join(lines)
                lines, length = [], 0
        yield b"".join(lines)

    def _documents(self) -> Iterator[tuple[str, Iterable[bytes], int]]:
        """Of each version of minutes its words, and the documents kept with it."""
        versions = MinutesVersion.objects.using(self.now.using).order_by("pk")
        for pk in list(versions.values_list("pk", flat=True)):
            version = versions.select_related("pdf", "docx").get(pk=pk)
            path = (
                f"documents/{version.held_on} meeting {version.meeting_id}/"
                f"{version.get_kind_display()} {version.number}"
            )
            words = f"{version.title}\n\n{version.text}\n"
            yield f"{path} in words.txt", [words.encode()], ZIP_DEFLATED
            for stored in version.documents().values():
                yield from self._file(stored, f"{path}.{stored.kind}")

    def _files(self) -> Iterator[tuple[str, Iterable[bytes], int]]:
        rows = StoredFile.objects.using(self.now.using).order_by("pk")
        for stored in rows.iterator(chunk_size=500):
            yield from self._file(stored, _path_of(stored))

    def _file(
        self, stored: StoredFile, path: str
    ) -> Iterator[tuple[str, Iterable[bytes], int]]:
        name = str(stored.content.name)
        if stored.pk in self.placed:
            return
        self.placed.add(stored.pk)
        if stored.removal_id:
            return
        if name not in self.now.files.names:
            self.lost.append({"id": stored.pk, "name": stored.name})
            return
        self.files.append({"id": stored.pk, "path": path, "sha256": stored.sha256})
        how = ZIP_STORED if stored.kind in _COMPRESSED else ZIP_DEFLATED
        yield path, self._content(name), how

    def _content(self, name: str) -> Iterator[bytes]:
        with self.now.files.open(name) as file:
            while chunk := file.read(_AT_ONCE):
                yield chunk

    def _manifest(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "office": settings.OFFICE_NAME,
            "taken_at": self.at.isoformat(),
            "rows": self.counts,
            "files": self.files,
            "lost": self.lost,
            "without_documents": self.without_documents,
        }


def _path_of(stored: StoredFile) -> str:
    name = _NOT_IN_A_NAME.sub("_", stored.name).strip(". ") or "file"
    return f"files/{stored.pk} {name}"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def _schema(every: list[Kind]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kinds": {
            kind.name: {
                "file": kind.path,
                "about": kind.about,
                "key": kind.key,
                "fields": [asdict(column) for column in kind.columns()],
            }
            for kind in every
        },
    }


def _fields(every: list[Kind]) -> Sheet:
    headings = ["Kind", "Field", "Type", "Meaning", "May be empty", "Refers to"]
    return Sheet(
        title="fields",
        columns=[Column(heading) for heading in [*headings, "Choices"]],
        rows=[
            [
                kind.name,
                column.name,
                column.type,
                column.meaning,
                "yes" if column.may_be_null else "no",
                column.refers_to,
                "; ".join(f"{key}: {words}" for key, words in column.choices.items()),
            ]
            for kind in every
            for column in kind.columns()
        ],
    )


def name_of_archive() -> str:
    return f"assurance-record-{timezone.localdate()}.zip"
