"""Files people hand in: what is refused, with which sentence, and what is kept."""

import logging
import os
import random
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from assurance import files
from assurance.contents import Wrong, check_content
from assurance.forms.fields import UploadField
from assurance.http import send_file
from assurance.models import StoredFile, User
from meetings.models import AgendaItem, Paper
from tests import documents as made
from tests.factories import AgendaItemFactory, UserFactory, upload

Kind = StoredFile.Kind


@pytest.fixture
def item(db: None) -> AgendaItem:
    return AgendaItemFactory()


@pytest.fixture
def hand_in(as_: Callable[[User], Client], staff: User, item: AgendaItem):
    """Send a file from the page of a new paper, its name as it stands."""

    def send(name: str, content: bytes, **headers: Any) -> HttpResponse:
        edge = "----edge"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="title"\r\n\r\nPlan\r\n',
            f'--{edge}\r\nContent-Disposition: form-data; name="upload"; '
            f'filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n',
        ]
        body = "".join(parts).encode() + content + f"\r\n--{edge}--\r\n".encode()
        return as_(staff).post(
            reverse("paper_new", args=[item.meeting_id, item.pk]),
            body,
            content_type=f"multipart/form-data; boundary={edge}",
            **headers,
        )

    return send


def kept(files_dir: Path) -> list[Path]:
    """What lies in the folder of files."""
    return [path for path in files_dir.rglob("*") if path.is_file()]


def refused(response: HttpResponse, sentence: str, files_dir: Path) -> None:
    assert response.status_code == 422
    assert sentence in response.text
    assert "<title>Error: " in response.text
    assert not StoredFile.objects.exists()
    assert not Paper.objects.exists()
    assert kept(files_dir) == []


BOMB = made.archive(
    {
        "[Content_Types].xml": b"<Types/>",
        "word/document.xml": b"\0" * (files.MEGABYTE * 210),
    }
)
MANY = made.archive(
    {"[Content_Types].xml": b"", "word/document.xml": b""}
    | {f"word/part{n}.xml": b"" for n in range(5001)},
    compressed=False,
)
# A part that says it is small and is not.
LIAR = bytearray(BOMB)
_listed = LIAR.rindex(b"word/document.xml") - 46
LIAR[_listed + 24 : _listed + 28] = (10).to_bytes(4, "little")

_NOT = ", whatever its name says, or it is damaged"
_TWO = "holds a web page or a script besides"
_MACROS = "holds macros. Save it without macros"

HOSTILE: dict[str, tuple[str, bytes, str]] = {
    # What is not what it says
    "program as PDF": ("plan.pdf", made.EXE, f"“plan.pdf” is not a PDF{_NOT}"),
    "program as text": ("plan.txt", made.EXE, f"is not a text file{_NOT}"),
    "program as Word": ("plan.docx", made.EXE, f"is not a Word file{_NOT}"),
    "program as image": ("plan.png", made.EXE, f"is not a PNG image{_NOT}"),
    "PDF as image": ("plan.jpg", made.PDF, f"is not a JPEG image{_NOT}"),
    "PDF as text": ("plan.txt", made.PDF, f"is not a text file{_NOT}"),
    "ZIP as Word": (
        "plan.docx",
        made.archive({"a.txt": b"a"}),
        f"is not a Word file{_NOT}",
    ),
    "Excel as Word": ("plan.docx", made.excel(), f"is not a Word file{_NOT}"),
    "text as sheet": ("a.ods", made.odf("odt"), f"is not an OpenDocument file{_NOT}"),
    "half a PDF": ("plan.pdf", made.PDF[:-8], "is not a PDF"),
    "half an image": ("plan.png", made.png()[:-5], "is not a PNG image"),
    "damaged image": (
        "plan.png",
        made.png().replace(b"\x08\0\0\0\0", b"\x09\0\0\0\0"),
        "is not a PNG image",
    ),
    "half a photo": ("plan.jpg", made.JPEG[:-2], "is not a JPEG image"),
    "half a Word file": ("plan.docx", made.word()[:-30], "is not a Word file"),
    "text before a PDF": ("plan.pdf", b"\n" + made.PDF, "is not a PDF"),
    "something before a ZIP": (
        "plan.docx",
        b"PK\x03\x04junk" + made.word(),
        "is not a Word file",
    ),
    # What cannot be kept
    "empty": ("plan.pdf", b"", "“plan.pdf” is empty"),
    "a program": ("setup.exe", made.EXE, "Choose a file that is PDF, Word"),
    "no ending": ("plan", made.PDF, "is of a kind that cannot be kept"),
    "only an ending": (".pdf", made.PDF, "is of a kind that cannot be kept"),
    "two endings": ("plan.pdf.exe", made.PDF, "is of a kind that cannot be kept"),
    "SVG": ("logo.svg", made.SVG, "“logo.svg” is of a kind that cannot be kept"),
    "SVG as PNG": ("logo.png", made.SVG, _TWO),
    "HTML": ("page.html", made.HTML, "Print it to PDF, and choose that"),
    "old Word": ("plan.doc", made.OLE, "Save it as DOCX or PDF, and choose that"),
    "old Excel": ("plan.xls", made.OLE, "Save it as XLSX or PDF, and choose that"),
    "old PowerPoint": ("plan.ppt", made.OLE, "Save it as PPTX or PDF"),
    "old Word as DOCX": ("plan.docx", made.OLE, "protected by a password or of an old"),
    "macros by name": ("plan.docm", made.word(), "Save it as DOCX or PDF"),
    "an archive": ("all.zip", made.archive({"a": b""}), "Take the files out of it"),
    # Macros, bombs, ways out
    "macros": (
        "plan.docx",
        made.ooxml("docx", **{"word__vbaProject.bin": b"x"}),
        _MACROS,
    ),
    "macros renamed": (
        "plan.docx",
        made.archive(
            {
                "[Content_Types].xml": b'<Override ContentType="application/vnd.ms-'
                b'word.document.macroEnabled.main+xml"/>',
                "word/document.xml": b"",
            }
        ),
        _MACROS,
    ),
    "bomb": ("plan.docx", BOMB, "is far larger inside than it looks"),
    "bomb that lies": ("plan.docx", bytes(LIAR), "is not a Word file"),
    "endless list": ("plan.docx", MANY, "has more than 5000 parts"),
    "way out": (
        "plan.docx",
        made.ooxml("docx", **{"..__..__etc__passwd": b""}),
        "would write outside its own folder",
    ),
    "from the root": (
        "plan.docx",
        made.ooxml("docx", __etc__passwd=b""),
        "would write outside its own folder",
    ),
    # Two things at once
    "page after a PDF": ("plan.pdf", made.PDF + made.HTML, _TWO),
    "page between ends": ("plan.pdf", made.PDF + made.HTML + b"\n%%EOF\n", _TWO),
    "page in a PDF": (
        "plan.pdf",
        made.PDF.replace(b"1 0 obj", b"%<script src=x>\n1 0 obj"),
        _TWO,
    ),
    "archive after a PDF": ("plan.pdf", made.PDF + made.archive({"a": b""}), ""),
    "page in an image": ("logo.png", made.png(made.HTML), _TWO),
    "page far in an image": ("logo.png", made.png(b"x" * 2000 + made.SVG), _TWO),
    "page after an image": ("logo.png", made.png(after=made.HTML), _TWO),
    "page after a photo": ("logo.jpg", made.JPEG + made.HTML, _TWO),
    "page in a photo": (
        "logo.jpg",
        made.JPEG.replace(b"\xff\xda", b"\xff\xfe\x00\x0a<script>\xff\xda", 1),
        _TWO,
    ),
    "archive after a photo": ("a.jpg", made.JPEG + made.archive({"a": b""}), _TWO),
    "page in a Word file": (
        "plan.docx",
        made.archive({"a": made.HTML, "word/document.xml": b""}, compressed=False),
        _TWO,
    ),
    "page as text": ("notes.txt", made.HTML, "holds a web page or a script"),
    "page deep in text": ("a.csv", b"a,b\n" * 9000 + made.SVG, "web page or a script"),
    "page in wide text": ("a.txt", made.HTML.decode().encode("utf-16"), "a script"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence_and_nothing_is_kept(
    hand_in, files_dir: Path, what: str
) -> None:
    name, content, sentence = HOSTILE[what]
    refused(hand_in(name, content), sentence, files_dir)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../plan.pdf", "The name “../plan.pdf” holds folders or a drive"),
        ("../../etc/plan.pdf", "holds folders or a drive"),
        ("/etc/plan.pdf", "holds folders or a drive"),
        ("..\\\\plan.pdf", "holds folders or a drive"),
        ("C:\\\\plan.pdf", "holds folders or a drive"),
        ("C:plan.pdf", "holds folders or a drive"),
        ("plan.txt:evil.pdf", "holds folders or a drive"),
        ("..&#47;plan.pdf", "holds folders or a drive"),
        ("..", "holds folders or a drive"),
        ("plan/", "holds folders or a drive"),
        ("plan\x00.pdf", "holds characters that cannot be seen"),
        ("plan\x07.pdf", "holds characters that cannot be seen"),
        ("plan\u202efdp.pdf", "holds characters that cannot be seen"),
        ("x" * 147 + ".pdf", "is 151 characters long; the most is 150"),
        ("x" * 700 + ".pdf", "characters long; the most is 150"),
        ("plan." + "x" * 300, "characters long; the most is 150"),
    ],
)
def test_a_name_that_is_more_than_a_name_is_refused(
    hand_in, files_dir: Path, name: str, sentence: str
) -> None:
    refused(hand_in(name, made.PDF), sentence, files_dir)
    # One that is put on disk while it is read, by its size.
    refused(hand_in(name, made.PDF + b"\n" * 3_000_000), sentence, files_dir)


def test_a_file_over_the_limit_is_refused_by_name_and_size(
    hand_in, files_dir: Path, settings
) -> None:
    settings.MAX_FILE_MB = 1
    large = made.PDF + b" " * (2 * files.MEGABYTE)
    sentence = "“figures.pdf” is 2 MB; the most is 1 MB"
    refused(hand_in("figures.pdf", large), sentence, files_dir)


def test_a_request_too_large_is_refused_before_it_is_read(
    hand_in, files_dir: Path, settings
) -> None:
    settings.MAX_FILES_MB = 1
    page = hand_in("figures.pdf", made.PDF, CONTENT_LENGTH=str(200 * files.MEGABYTE))
    assert page.status_code == 413
    assert "What you sent is more than 1 MB" in page.text
    assert kept(files_dir) == []


@pytest.mark.parametrize("name", made.GOOD)
def test_a_good_file_is_kept_and_comes_back_byte_for_byte(
    hand_in, as_, staff: User, files_dir: Path, name: str
) -> None:
    content = made.GOOD[name]
    assert hand_in(name, content).status_code == 302
    paper = Paper.objects.get()
    stored = paper.file
    assert (stored.name, stored.size, stored.uploaded_by) == (name, len(content), staff)
    assert [path.read_bytes() for path in kept(files_dir)] == [content]
    assert name.partition(".")[0] not in kept(files_dir)[0].name
    url = reverse("paper_file", args=[paper.item.meeting_id, paper.item_id, paper.pk])
    sent = as_(staff).get(url)
    assert b"".join(sent.streaming_content) == content
    assert sent["Content-Disposition"] == f'attachment; filename="{name}"'
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent["Cache-Control"] == "no-store"
    assert "sandbox" in sent["Content-Security-Policy"]
    assert sent["Content-Length"] == str(len(content))


def test_the_type_sent_is_what_the_file_is_not_what_the_sender_said(
    db: None, staff: User
) -> None:
    lying = SimpleUploadedFile("notes.txt", b"Plain", content_type="text/html")
    sent = send_file(files.store(lying, by=staff))
    assert sent["Content-Type"] == "text/plain"
    sent.close()


def test_a_name_in_any_language_comes_back(db: None, staff: User) -> None:
    sent = send_file(files.store(upload("Größe “neu”.txt"), by=staff))
    assert sent["Content-Disposition"] == (
        "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe%20%E2%80%9Cneu%E2%80%9D.txt"
    )
    sent.close()


def test_content_that_is_missing_is_not_found_and_logged_without_its_name(
    hand_in, as_, staff: User, files_dir: Path, caplog
) -> None:
    hand_in("plan.pdf", made.PDF)
    paper = Paper.objects.get()
    for path in kept(files_dir):
        path.unlink()
    url = reverse("paper_file", args=[paper.item.meeting_id, paper.item_id, paper.pk])
    with caplog.at_level(logging.ERROR):
        page = as_(staff).get(url)
    assert page.status_code == 404
    assert "Page not found" in page.text
    assert f"stored file {paper.file_id} is missing" in caplog.text
    assert "plan.pdf" not in caplog.text


@pytest.mark.parametrize("forged", [b"%PDF-1.4 forged %%EOF", b"%" * len(made.PDF)])
def test_content_that_is_not_what_was_kept_is_not_sent_and_logged_without_its_name(
    hand_in, as_, staff: User, files_dir: Path, caplog, forged: bytes
) -> None:
    hand_in("plan.pdf", made.PDF)
    paper = Paper.objects.get()
    for path in kept(files_dir):
        path.write_bytes(forged)
    url = reverse("paper_file", args=[paper.item.meeting_id, paper.item_id, paper.pk])
    with caplog.at_level(logging.ERROR):
        page = as_(staff).get(url)
    assert page.status_code == 500
    assert '<h1 class="govuk-heading-l">This file is not sent</h1>' in page.text
    assert page["Cache-Control"] == "no-store"
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == [
        f"The content of stored file {paper.file_id} is not what was kept"
    ]
    assert "plan" not in page.text
    for path in kept(files_dir):
        path.write_bytes(made.PDF)
    assert b"".join(as_(staff).get(url).streaming_content) == made.PDF


# What is stored stands or falls with its transaction


class Broken(Exception):
    pass


def store_and_fail(staff: User) -> None:
    with transaction.atomic():
        files.store(upload("a.txt"), by=staff)
        raise Broken


def test_a_save_that_is_rolled_back_keeps_nothing(
    db: None, staff: User, files_dir: Path
) -> None:
    with pytest.raises(Broken):
        store_and_fail(staff)
    assert not StoredFile.objects.exists()
    assert kept(files_dir) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_stays_and_what_is_rolled_back_goes(files_dir: Path) -> None:
    staff = UserFactory()
    with transaction.atomic():
        files.store(upload("a.txt"), by=staff)
        with pytest.raises(Broken):
            store_and_fail(staff)
        assert len(kept(files_dir)) == 1
    with pytest.raises(Broken):
        store_and_fail(staff)
    files.store(upload("b.txt"), by=staff)
    assert len(kept(files_dir)) == StoredFile.objects.count() == 2
    with transaction.atomic():
        files.discard(StoredFile.objects.get(name="a.txt"))
        assert len(kept(files_dir)) == 2
    assert len(kept(files_dir)) == 1


def test_a_file_in_use_is_not_discarded(hand_in, files_dir: Path) -> None:
    hand_in("plan.pdf", made.PDF)
    files.discard(StoredFile.objects.get())
    assert StoredFile.objects.exists()
    assert len(kept(files_dir)) == 1


def test_others_cannot_read_the_folder(db: None, staff: User, files_dir: Path) -> None:
    files.store(upload("a.txt"), by=staff)
    assert {os.stat(path).st_mode & 0o007 for path in files_dir.rglob("*")} == {0}


# The checks themselves


@given(st.sampled_from(Kind.values), st.binary(max_size=300))
def test_no_content_whatever_breaks_the_checks(kind: str, junk: bytes) -> None:
    beginnings = [b"", b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"]
    for beginning in [*beginnings, b"PK\x03\x04"]:
        with suppress(Wrong):
            check_content(upload("a", beginning + junk).file, kind)


def test_a_pdf_that_begins_with_its_title_is_no_page() -> None:
    """As browsers write it that print a page to PDF."""
    printed = made.PDF.replace(b"1.4\n", b"1.4\n9 0 obj<</Title(A)/Link 1>>endobj\n")
    changed = printed + b"8 0 obj<</Form 1>>endobj<</Title(B)>>\n%%EOF\n"
    check_content(upload("a.pdf", changed).file, Kind.PDF)


def saved_again(picture: bytes) -> bytes:
    """A PDF that was changed and so has two ends, with a picture between them."""
    stream = b"9 0 obj<</Length %d>>stream\r\n%s\nendstream" % (len(picture), picture)
    return made.PDF + b" " * 1024 + stream + b" endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_a_picture_of_a_pdf_that_was_saved_again_may_hold_any_letters() -> None:
    for seed in range(40):
        fill = random.Random(seed)
        letters = bytes(fill.choices(b"<svg !-", k=50_000))
        assert re.search(rb"<svg\b|<!--", letters)
        check_content(upload("a.pdf", saved_again(letters)).file, Kind.PDF)
        check_content(upload("a.pdf", saved_again(letters) * 2).file, Kind.PDF)
        check_content(
            upload("a.pdf", saved_again(fill.randbytes(1_000_000))).file, Kind.PDF
        )


@pytest.mark.parametrize(
    "content",
    [
        saved_again(b"x") + made.HTML + saved_again(b"x"),
        saved_again(b"x") + made.HTML + b"\n%%EOF",
        saved_again(b"x").replace(b"<</Length", made.HTML + b"<</Length"),
        saved_again(made.HTML).replace(b"endstream", b""),
        saved_again(made.HTML).replace(b"stream\r\n", b"streams\r\n"),
    ],
    ids=["between", "after", "before a picture", "no end of it", "no beginning"],
)
def test_a_page_beside_the_pictures_of_a_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(Wrong, match="a web page or a script besides"):
        check_content(upload("a.pdf", content).file, Kind.PDF)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=3))
def test_a_damaged_office_file_breaks_nothing(at: int, junk: bytes) -> None:
    whole = made.GOOD["plan.odt"]
    at %= len(whole)
    damaged = whole[:at] + junk + whole[at + len(junk) :]
    with suppress(Wrong):
        check_content(upload("a", damaged).file, Kind.ODT)


@given(st.text(max_size=200))
def test_no_name_whatever_breaks_the_checks(name: str) -> None:
    sent = upload("a.txt")
    sent.sent_name = name
    with suppress(ValidationError):
        files.check(sent)


def test_a_bomb_costs_little(tmp_path: Path) -> None:
    parts = {"[Content_Types].xml": b"", "word/document.xml": b"\0" * 190_000_000}
    began = time.process_time()
    check_content(upload("a.docx", made.archive(parts)).file, Kind.DOCX)
    assert time.process_time() - began < 10


def test_text_over_its_own_limit_is_refused_by_name_and_size(
    hand_in, files_dir: Path
) -> None:
    sentence = "“log.txt” is 6 MB; the most of text and CSV is 5 MB. Save it as PDF"
    refused(hand_in("log.txt", b"a" * 6 * files.MEGABYTE), sentence, files_dir)
    sentence = "the most of text and CSV is 5 MB. Save it as XLSX"
    refused(hand_in("log.csv", b"a" * 6 * files.MEGABYTE), sentence, files_dir)


_MUCH = 19_000_000
_SCAN = made.JPEG.partition(b"\xff\xda")[0] + b"\xff\xda\x00\x08\x01\x01\0\0\x3f\0"
# Each took from seconds to half a minute, for a search began again at every byte of it
# or because every byte was looked at one by one. Now each takes half a second at most.
LABORIOUS = {
    "many brackets": (Kind.TXT, b"<" * _MUCH),
    "brackets and blanks": (Kind.TXT, b"< " * (_MUCH // 2)),
    "one bracket, many blanks": (Kind.CSV, b"<" + b" " * _MUCH),
    "after a PDF": (Kind.PDF, made.PDF + b"< " * (_MUCH // 2) + b"%%EOF"),
    "pictures of a PDF": (
        Kind.PDF,
        made.PDF + b"stream\nendstream" * (_MUCH // 16) + b"%%EOF",
    ),
    "beginnings of pictures": (
        Kind.PDF,
        made.PDF + b" stream\n" * (_MUCH // 8) + b"%%EOF",
    ),
    "padding of a photo": (Kind.JPEG, b"\xff\xd8\xff" + b"\xff" * _MUCH),
    "padding in a picture": (Kind.JPEG, _SCAN + b"\xff" * _MUCH + b"\xd9"),
    "escaped bytes": (Kind.JPEG, _SCAN + b"\xff\0" * (_MUCH // 2) + b"\xff\xd9"),
    "small segments": (Kind.JPEG, made.JPEG[:2] + b"\xff\xe0\0\x02" * (_MUCH // 4)),
}


@pytest.mark.parametrize("what", LABORIOUS)
def test_a_file_made_to_be_laborious_is_looked_through_once(what: str) -> None:
    kind, content = LABORIOUS[what]
    file = upload("a", content).file
    began = time.process_time()
    with suppress(Wrong):
        check_content(file, kind)
    assert time.process_time() - began < 5


def test_markup_is_found_behind_any_number_of_brackets_and_blanks() -> None:
    for before in (b"", b"<", b"<<", b"< <\n", b"<b <", b"x<y\t<\r\n  ", b"<" * 9999):
        for markup in (b"<script>", b"< SVG ", b"<!--", b"<Html ", b"<\n!DOCTYPE x"):
            with pytest.raises(Wrong):
                check_content(upload("a", before + markup).file, Kind.TXT)
        for harmless in (
            b"<b>",
            b"<scripts>",
            b"<imgs",
            b"< ",
            b"</",
            b"</title",
            b"< s v g",
        ):
            check_content(upload("a", before + harmless).file, Kind.TXT)


def test_an_image_in_more_parts_than_any_is_not_taken_for_one() -> None:
    start, end = made.JPEG.split(b"\xff\xda")
    for count, is_photo in ((9_000, True), (11_000, False)):
        photo = start + b"\xff\xff\xe1\0\x02" * count + b"\xff\xda" + end
        if is_photo:
            check_content(upload("a", photo).file, Kind.JPEG)
        else:
            with pytest.raises(Wrong, match="is not a JPEG"):
                check_content(upload("a", photo).file, Kind.JPEG)


class Counted(SimpleUploadedFile):
    """Counts how often somebody begins to read it."""

    begun = 0

    def seek(self, *args: Any) -> int:
        self.begun += 1
        return self.file.seek(*args)


def test_a_file_is_looked_into_once_though_form_and_store_ask(
    db: None, staff: User
) -> None:
    sent = Counted("plan.docx", made.word())
    UploadField().clean(sent)
    looked = sent.begun
    assert looked
    files.check(sent)
    assert sent.begun == looked
    files.store(sent, by=staff)
    alone = Counted("plan.docx", made.word())
    files.store(alone, by=staff)
    # Whether it was looked into before or is now, that is all there is of it.
    assert alone.begun == sent.begun


def test_what_the_page_says_may_be_sent_is_what_is_taken() -> None:
    assert set(files.ACCEPTED.split(",")) == {
        *(f".{kind}" for kind in Kind.values),
        ".jpg",
    }
    assert settings.MAX_FILE_MB <= settings.MAX_FILES_MB
