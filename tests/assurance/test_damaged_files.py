"""A file that is damaged, by accident or with skill, is taken or refused by a sentence;
looking at it never fails.
"""

import io
import warnings
import zipfile
import zlib
from contextlib import suppress

import pytest
import typst
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from assurance import files
from tests import documents as made
from tests.factories import upload

Damage = list[tuple[int, bytes, int]]

_WHOLE = {
    "a.docx": made.word(),
    "a.xlsx": made.excel(),
    "a.odt": made.odf("odt"),
    "a.pdf": typst.compile(b"= Plan"),
    "a.png": made.png(b"Plan"),
    "a.jpg": made.JPEG,
}
# Bytes put over, or in place of, some others, counted from either end.
_DAMAGE = st.lists(
    st.tuples(
        st.integers(-600, 600) | st.integers(),
        st.binary(max_size=8)
        | st.sampled_from([b"PK\x03\x04", b"PK\x01\x02", b"\xff"]),
        st.integers(0, 8),
    ),
    max_size=4,
)


def damaged(content: bytes, damage: Damage) -> bytes:
    for place, put, instead_of in damage:
        at = place % (len(content) + 1)
        content = content[:at] + put + content[at + instead_of :]
    return content


def with_packed(name: str, content: bytes) -> bytes:
    """A Word document with this inside it, whatever it is."""
    return made.ooxml("docx", **{f"word__embeddings__{name}": content})


def package(
    *, how: int = zipfile.ZIP_DEFLATED, names: tuple[str, ...] = ("a",)
) -> bytes:
    kept = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(kept, "w", how) as archive:
        warnings.simplefilter("ignore")
        for name in names:
            archive.writestr(name, b"12")
    return kept.getvalue()


def taken_or_refused(name: str, content: bytes) -> None:
    with suppress(ValidationError):
        files.check(upload(name, content))


@settings(max_examples=120)
@given(st.sampled_from(sorted(_WHOLE)), _DAMAGE)
def test_a_damaged_file_is_taken_or_refused_by_a_sentence(
    name: str, damage: Damage
) -> None:
    taken_or_refused(name, damaged(_WHOLE[name], damage))


@settings(max_examples=120)
@given(st.sampled_from(["a.docx", "a.xlsx", "a.odt"]), _DAMAGE)
def test_so_is_a_document_with_a_damaged_one_inside(name: str, damage: Damage) -> None:
    taken_or_refused("a.docx", with_packed(name, damaged(_WHOLE[name], damage)))


@settings(max_examples=60)
@given(_DAMAGE)
def test_so_is_a_document_with_damaged_relations_or_text(damage: Damage) -> None:
    text = b"<w:p><w:fldChar/><w:instrText> PAGE </w:instrText></w:p>"
    relations = b"<Relationships><Relationship Type='a/image' Target='a'/>"
    for part, content in (("word__a.xml", text), ("_rels__.rels", relations)):
        whole = made.ooxml("docx", **{part: damaged(content, damage)})
        taken_or_refused("a.docx", whole)


@settings(max_examples=60)
@given(_DAMAGE)
def test_so_is_a_pdf_with_damaged_objects(damage: Damage) -> None:
    objects = zlib.compress(b"11 0 12 30 <</Type/Page>> <</A(b)>>")
    stream = b"<</Type/ObjStm>>stream\n%s\nendstream" % damaged(objects, damage)
    taken_or_refused("a.pdf", made.PDF.replace(b"trailer", stream + b"\ntrailer"))


BROKEN_INSIDE = {
    "two of one name": package(names=("a", "a")),
    "packed oddly": package(how=zipfile.ZIP_LZMA),
    "something before it": package()[:40] + package(),
    "no archive": b"PK\x03\x04 and then nothing",
}


@pytest.mark.parametrize("what", BROKEN_INSIDE)
def test_a_broken_file_inside_a_document_is_refused_by_a_sentence(what: str) -> None:
    with pytest.raises(ValidationError) as refused:
        files.check(upload("a.docx", with_packed("a.xlsx", BROKEN_INSIDE[what])))
    assert refused.value.messages == [
        "“a.docx” holds a part that cannot be read. Save it as PDF and choose that"
    ]
