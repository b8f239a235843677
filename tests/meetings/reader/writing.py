"""Writes minutes as offices keep them, in Word and in PDF, from the lines of a text.

A line with tabs is a row of a table, one that begins with a dash or a bullet an item of
a list, and one that is named as a heading a heading; so the same minutes can be read
from three kinds of file.
"""

import io
import json
import re
import zipfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby

import docx
import typst
from docx.document import Document

_ITEM = re.compile(r"(\s*)[-•–*] +(.*)")


@dataclass(frozen=True)
class Block:
    """``kind`` is "title", "heading", "text", "item" or "table". ``level`` is that of a
    heading, from 1, or of an item, from 0.
    """

    kind: str
    text: str = ""
    level: int = 1
    rows: tuple[tuple[str, ...], ...] = ()


def blocks_of(text: str, headings: Collection[str] = ()) -> list[Block]:
    """The parts of a text. ``headings`` are the lines that are headings in it."""
    named = {" ".join(heading.split()) for heading in headings}
    found = []
    for has_tabs, lines in groupby(text.split("\n"), lambda line: "\t" in line):
        if has_tabs:
            rows = [[cell.strip() for cell in line.split("\t")] for line in lines]
            width = max(map(len, rows))
            padded = tuple(tuple(row + [""] * (width - len(row))) for row in rows)
            found.append(Block("table", rows=padded))
        else:
            found += [_block(line, named) for line in lines if line.strip()]
    return found


def _block(line: str, headings: set[str]) -> Block:
    if " ".join(line.split()) in headings:
        return Block("heading", line.strip())
    if item := _ITEM.fullmatch(line):
        return Block("item", item[2].strip(), level=len(item[1]) // 2)
    return Block("text", line.strip())


def as_docx(blocks: Iterable[Block]) -> bytes:
    """With the styles, lists and tables of Word."""
    document = docx.Document()
    for block in blocks:
        if block.kind == "table":
            table = document.add_table(0, len(block.rows[0]), style="Table Grid")
            for row in block.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        elif block.kind in ("heading", "title"):
            level = block.level if block.kind == "heading" else 0
            document.add_heading(block.text, level)
        elif block.kind == "item":
            style = f"List Bullet {block.level + 1}" if block.level else "List Bullet"
            document.add_paragraph(block.text, style=style)
        else:
            document.add_paragraph(block.text)
    return saved(document)


def saved(document: Document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


# The text comes in as data, so nothing of it is taken for markup.
_TYPST = """
#set page(paper: "a4", margin: 2cm, numbering: "1")
#set text(size: 10.5pt, lang: "en")
#set par(spacing: 1.1em)
#let widths(count) = {
  if count == 2 { (1fr, 1.4fr) }
  else if count == 3 { (3.2cm, 1fr, 4.6cm) }
  else { (1fr,) * count }
}
#for part in json(bytes(sys.inputs.blocks)) {
  if part.kind == "title" {
    block(text(size: 16pt, weight: "bold", part.text))
  } else if part.kind == "heading" {
    block(above: 1.6em, text(size: 13pt, weight: "bold", part.text))
  } else if part.kind == "item" {
    pad(left: part.level * 1em, list(part.text))
  } else if part.kind == "table" {
    table(columns: widths(part.rows.at(0).len()), inset: 5pt, ..part.rows.flatten())
  } else {
    par(part.text)
  }
}
"""


def as_pdf(blocks: Iterable[Block]) -> bytes:
    """As a program prints them: wrapped at the margin, tables with their columns."""
    return typeset(_TYPST, blocks=json.dumps([vars(block) for block in blocks]))


def typeset(source: str, **inputs: str) -> bytes:
    return typst.compile(source.encode(), sys_inputs=inputs)


_WORD_XML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="application/vnd.\
openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""


def word_xml(body: str, root: str = "document") -> str:
    """A part of a Word file, of the XML between its outermost element."""
    inside = f"<w:body>{body}</w:body>" if root == "document" else body
    return f'<w:{root} xmlns:w="{_WORD_XML}">{inside}</w:{root}>'


def docx_of(document: str | bytes, **parts: str) -> bytes:
    """A Word file of handmade XML: that of ``word/document.xml``, and of other parts
    by their names ("numbering", "header1").
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr("word/document.xml", document)
        for name, xml in parts.items():
            archive.writestr(f"word/{name}.xml", xml)
    return buffer.getvalue()
