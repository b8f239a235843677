"""Whether an archive of the record is whole and fits together; needs no database."""

import datetime as dt
import hashlib
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from assurance.handover.kinds import TYPES_IN_WORDS
from assurance.handover.writing import CHECKSUMS, FORMAT, MANIFEST, SCHEMA
from assurance.models import StoredFile
from meetings.models import MinutesVersion

_CHUNK = 1024 * 1024
# Of each sort of problem so many are told one by one.
_TOLD = 20
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d\d:\d\d:\d\d(\.\d{6})?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
_UNREADABLE = (
    BadZipFile,
    OSError,
    zlib.error,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RuntimeError,
)


@dataclass
class Report:
    problems: list[str] = field(default_factory=list)
    rows: int = 0
    kinds: int = 0
    files: int = 0
    versions: int = 0
    # Files that were lost before the record was taken: no fault of the archive.
    lost: list[str] = field(default_factory=list)
    # Versions whose documents were still to be made again when it was taken.
    without_documents: int = 0

    def say(self, problem: str) -> None:
        self.problems.append(problem)


def verify(path: Path) -> Report:
    """What is wrong with the archive at ``path``; nothing, if all is well."""
    report = Report()
    try:
        with ZipFile(path) as zipped:
            checks = _Checks(zipped, report)
            if checks.members():
                checks.content()
    except _UNREADABLE as error:
        report.say(f"The archive cannot be read: {error}")
    return report


class _Checks:
    def __init__(self, zipped: ZipFile, report: Report) -> None:
        self.zip, self.report = zipped, report
        self.digests: dict[str, str] = {}
        # The keys there are of each kind, and those that rows of others refer to.
        self.keys: dict[str, set[Any]] = defaultdict(set)
        self.wanted: dict[tuple[str, str, str], set[Any]] = defaultdict(set)

    def members(self) -> bool:
        """Every file is there and what it was, and no other is."""
        listed = self._checksums()
        names = self.zip.namelist()
        for name in sorted(set(names) - listed.keys() - {CHECKSUMS}):
            self.report.say(f"{name} is in the archive and not in {CHECKSUMS}")
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.report.say(f"{name} is in the archive twice")
        for name, digest in listed.items():
            if name not in names:
                self.report.say(f"{name} is missing")
                continue
            self.digests[name] = self._digest(name)
            if self.digests[name] != digest:
                self.report.say(f"{name} is not what it was: its SHA-256 is another")
        return not self.report.problems

    def _checksums(self) -> dict[str, str]:
        listed = {}
        for line in self.zip.read(CHECKSUMS).decode().splitlines():
            digest, _, name = line.partition("  ")
            listed[name] = digest
        return listed

    def _digest(self, name: str) -> str:
        digest = hashlib.sha256()
        try:
            with self.zip.open(name) as member:
                while chunk := member.read(_CHUNK):
                    digest.update(chunk)
        except (BadZipFile, zlib.error, EOFError) as error:
            return f"unreadable: {error}"
        return digest.hexdigest()

    def content(self) -> None:
        """Rows are complete, as the schema says, and fit together."""
        manifest = json.loads(self.zip.read(MANIFEST))
        if manifest["format"] != FORMAT:
            self.report.say(f"It is of format {manifest['format']}, not {FORMAT}")
            return
        kinds: dict[str, Any] = json.loads(self.zip.read(SCHEMA))["kinds"]
        self.report.kinds = len(kinds)
        self.report.lost = [lost["name"] for lost in manifest["lost"]]
        # Archives of former releases say nothing of it.
        self.report.without_documents = len(manifest.get("without_documents", []))
        for name in sorted(kinds.keys() ^ manifest["rows"].keys()):
            self.report.say(f"{name} is not in both the schema and the manifest")
        for name, kind in kinds.items():
            self._kind(name, kind, wanted=manifest["rows"].get(name, 0))
        for (name, column, other), keys in sorted(self.wanted.items()):
            gone = sorted(keys - self.keys[other], key=str)
            if gone:
                self.report.say(
                    f"{name}: {column} refers to rows of {other} that are missing: "
                    f"{', '.join(map(str, gone[:_TOLD]))}"
                )
        self._files(manifest, kinds[StoredFile._meta.label_lower]["file"])
        self._versions(kinds)

    def _kind(self, name: str, kind: dict[str, Any], *, wanted: int) -> None:
        fields = {column["name"]: column for column in kind["fields"]}
        count = told = 0
        for row in self._rows(kind["file"]):
            count += 1
            wrong = list(_wrong(row, fields))
            if wrong and told < _TOLD:
                told += 1
                self.report.say(f"{name}, row {count}: {'; '.join(wrong)}")
            self.keys[name].add(row.get(kind["key"]))
            for column in kind["fields"]:
                value = row.get(column["name"])
                refers = column["refers_to"] and not column["may_be_gone"]
                if refers and value is not None:
                    to = (name, column["name"], column["refers_to"])
                    self.wanted[to].add(value)
        self.report.rows += count
        if count != wanted:
            self.report.say(f"{name}: {count} rows, and the manifest says {wanted}")
        if len(self.keys[name]) != count:
            self.report.say(f"{name}: a row is there twice")

    def _rows(self, path: str) -> Iterator[dict[str, Any]]:
        with self.zip.open(path) as member:
            for line in member:
                yield json.loads(line)

    def _files(self, manifest: dict[str, Any], path: str) -> None:
        placed = {file["id"]: file for file in manifest["files"]}
        lost = {file["id"] for file in manifest["lost"]}
        for row in self._rows(path):
            place = placed.pop(row["id"], None)
            if place is None:
                if row["id"] not in lost and row["removal_id"] is None:
                    self.report.say(f"The content of file {row['id']} is missing")
                continue
            self.report.files += 1
            if self.digests.get(place["path"]) != row["sha256"]:
                self.report.say(
                    f"{place['path']} is not the file that was handed in: its SHA-256 "
                    "is another than its row says"
                )
        for file in placed.values():
            self.report.say(f"{file['path']} belongs to no row")

    def _versions(self, kinds: dict[str, Any]) -> None:
        """Each version of minutes is the one that was kept."""
        files = kinds[StoredFile._meta.label_lower]["file"]
        documents = {row["id"]: row["sha256"] for row in self._rows(files)}
        path = kinds[MinutesVersion._meta.label_lower]["file"]
        checksums = {row["id"]: row["checksum"] for row in self._rows(path)}
        for row in self._rows(path):
            self.report.versions += 1
            if row["checksum"] != _worked_out(row, checksums, documents):
                self.report.say(
                    f"{MinutesVersion._meta.label_lower} {row['id']} is not the "
                    "version that was kept: its checksum is another"
                )


def _worked_out(
    row: dict[str, Any], checksums: dict[int, str], documents: dict[int, str]
) -> str:
    version = MinutesVersion(
        **{
            name: value
            for name, value in row.items()
            if name not in ("made_from_id", "pdf_id", "docx_id")
        }
    )
    version.at = dt.datetime.fromisoformat(row["at"])
    if row["made_from_id"]:
        version.made_from = MinutesVersion(checksum=checksums[row["made_from_id"]])
    if row["pdf_id"]:
        version.pdf = StoredFile(sha256=documents[row["pdf_id"]])
    if row["docx_id"]:
        version.docx = StoredFile(sha256=documents[row["docx_id"]])
    return version.worked_out_checksum()


def _wrong(row: Any, fields: dict[str, Any]) -> Iterator[str]:
    """What of a row is not as the schema says."""
    if not isinstance(row, dict):
        yield "it is no object"
        return
    for name in sorted(row.keys() ^ fields.keys()):
        yield f"{name} is {'missing' if name in fields else 'not in the schema'}"
    for name in row.keys() & fields.keys():
        column, value = fields[name], row[name]
        if value is None:
            if not column["may_be_null"] and column["type"] != "json":
                yield f"{name} is empty"
        elif not _is_of(column["type"], value):
            yield f"{name} is not {TYPES_IN_WORDS[column['type']]}"


def _is_of(type_: str, value: Any) -> bool:
    match type_:
        case "json":
            return True
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
    pattern = {"day": _DAY, "time": _TIME, "moment": _MOMENT}.get(type_)
    return isinstance(value, str) and (
        pattern is None or bool(pattern.fullmatch(value))
    )
