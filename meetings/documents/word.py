"""A document in Word: real headings, lists and tables, in styles one can change."""

import datetime as dt
from collections.abc import Callable
from copy import deepcopy
from io import BytesIO
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph as WordParagraph

from meetings.documents import tree

FONT = "Arial"
INK = RGBColor(0x17, 0x32, 0x4D)
QUIET = RGBColor(0x48, 0x4F, 0x56)
LINK = RGBColor(0x1D, 0x70, 0xB8)
TEXT_WIDTH = Mm(170)  # A4 between margins of 20 mm
# Word refuses longer ones.
_PROPERTY = 255


def write_word(document: tree.Document) -> bytes:
    word = docx.Document()
    _describe(word, document)
    _set_styles(word, document.language)
    _set_page(word, document)
    writer = _Writer(word)
    writer.paragraph(document.title, "Title")
    for line in document.subtitle:
        writer.paragraph(line, "Normal")
    for block in document.blocks:
        writer.write(block)
    file = BytesIO()
    word.save(file)
    return file.getvalue()


class _Writer:
    """Puts the blocks of a tree at the end of a document."""

    def __init__(self, word: WordDocument) -> None:
        self._word = word
        # Looked up once: each look-up by name reads the whole sheet of styles.
        self._styles = {style.name: style.style_id for style in word.styles}
        self._written: list[WordParagraph] = []
        self._is_quoted = False
        self._depth = 0  # of lists around what is written
        self._writers: dict[type, Callable[[Any], None]] = {
            tree.Heading: self._heading,
            tree.Paragraph: self._paragraph,
            tree.Lead: self._lead,
            tree.Bullets: self._bullets,
            tree.Table: self._table,
            tree.Facts: self._facts,
            tree.Quotation: self._quotation,
            tree.SetOff: self._set_off,
            tree.Outcome: self._outcome,
            tree.Notice: self._notice,
            tree.Together: self._together,
        }

    def write(self, block: tree.Block) -> None:
        self._writers[type(block)](block)

    def paragraph(self, text: tree.Text, style: str) -> WordParagraph:
        paragraph = self._word.add_paragraph()
        self._fill(paragraph, text, style)
        return paragraph

    def _fill(self, paragraph: WordParagraph, text: tree.Text, style: str) -> None:
        if style != "Normal":
            paragraph._p.style = self._styles[style]
        self._written.append(paragraph)
        for run in tree.runs(text):
            written = paragraph.add_run(run.text)
            written.bold = run.strong or None
            written.italic = run.emphasis or None
            if run.link:
                written._r.style = self._styles["Hyperlink"]
                self._link(paragraph, written._r, run.link)

    def _link(self, paragraph: WordParagraph, run: Any, address: str) -> None:
        link = OxmlElement("w:hyperlink")
        target = self._word.part.relate_to(
            address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True
        )
        link.set(qn("r:id"), target)
        paragraph._p.append(link)
        link.append(run)

    def _heading(self, block: tree.Heading) -> None:
        self.paragraph(block.text, f"Heading {block.level}")

    def _paragraph(self, block: tree.Paragraph) -> None:
        style = "Quiet" if block.quiet else "Normal"
        if self._depth:
            style = f"List Continue{_rank(self._depth)}"
        elif self._is_quoted:
            style = "Quote"
        self.paragraph(block.text, style)

    def _lead(self, block: tree.Lead) -> None:
        self.paragraph(block.text, "Lead")

    def _notice(self, block: tree.Notice) -> None:
        self.paragraph(block.text, "Notice")

    def _facts(self, block: tree.Facts) -> None:
        for name, value in block.rows:
            text = (tree.strong(f"{name}: "), *tree.runs(value))
            self.paragraph(text, "Fact")

    def _quotation(self, block: tree.Quotation) -> None:
        self.paragraph(f"“{block.text}”", "Quote")
        if block.said_by:
            self._written[-1].paragraph_format.keep_with_next = True
            self.paragraph(block.said_by, "Quoted from")

    def _set_off(self, block: tree.SetOff) -> None:
        was_quoted, self._is_quoted = self._is_quoted, True
        for inner in block.blocks:
            self.write(inner)
        self._is_quoted = was_quoted

    def _outcome(self, block: tree.Outcome) -> None:
        style = "Decision" if block.decided else "Action"
        before = len(self._written)
        self.paragraph((tree.strong(f"{block.label} "), *tree.runs(block.text)), style)
        for detail in block.details:
            self.paragraph(detail, f"{style} details")
        self._keep(self._written[before:])

    def _bullets(self, block: tree.Bullets) -> None:
        name = "List Number" if block.numbered else "List Bullet"
        self._depth += 1
        items = []
        for item in block.items:
            point = item if isinstance(item, tree.Point) else tree.Point(item)
            items.append(self.paragraph(point.text, f"{name}{_rank(self._depth)}"))
            for inner in point.below:
                self.write(inner)
        self._depth -= 1
        if block.numbered:
            self._begin_at_one(items)

    def _begin_at_one(self, items: list[WordParagraph]) -> None:
        """Otherwise Word would go on from the last list."""
        numbering = self._word.part.numbering_part.element
        used = self._word.styles["List Number"].element.pPr.numPr.numId.val
        of_style = numbering.num_having_numId(used)
        number = numbering.add_num(of_style.abstractNumId.val)
        number.add_lvlOverride(ilvl=0).add_startOverride(1)
        for item in items:
            properties = item._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = 0
            properties.get_or_add_numId().val = number.numId

    def _table(self, block: tree.Table) -> None:
        self.paragraph(block.caption, "Caption")
        table = self._word.add_table(rows=0, cols=len(block.header))
        table.style = self._word.styles["Table Grid"]
        table.alignment = WD_TABLE_ALIGNMENT.LEFT
        table.autofit = False
        shares = sum(block.widths)
        widths = [int(TEXT_WIDTH * share / shares) for share in block.widths]
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        _add(table._tbl.tblPr, "w:tblCaption", val=block.caption)
        header = tuple(tree.strong(name) for name in block.header)
        for number, texts in enumerate((header, *block.rows)):
            row = table.add_row()
            properties = row._tr.get_or_add_trPr()
            _add(properties, "w:cantSplit")
            if number == 0:
                _add(properties, "w:tblHeader")
            for cell, text, width in zip(row.cells, texts, widths, strict=True):
                cell.width = width
                self._fill(cell.paragraphs[0], text, "Cell")
        # Word needs a paragraph between two tables.
        self.paragraph("", "Cell")

    def _together(self, block: tree.Together) -> None:
        before = len(self._written)
        for inner in block.blocks:
            self.write(inner)
        self._keep(self._written[before:])

    def _keep(self, written: list[WordParagraph]) -> None:
        """No page ends between these paragraphs."""
        for paragraph in written:
            paragraph.paragraph_format.keep_together = True
        for paragraph in written[:-1]:
            paragraph.paragraph_format.keep_with_next = True


def _rank(depth: int) -> str:
    """What Word adds to the name of a list's style; it knows three levels."""
    return f" {min(depth, 3)}" if depth > 1 else ""


def _describe(word: WordDocument, document: tree.Document) -> None:
    made = dt.datetime.combine(document.date, dt.time())
    about = word.core_properties
    about.title = document.title[:_PROPERTY]
    about.author = about.last_modified_by = document.author[:_PROPERTY]
    about.language = document.language
    about.comments = ""
    about.created = about.modified = made


def _set_page(word: WordDocument, document: tree.Document) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(22), Mm(20)
    if document.marking:
        head = section.header.paragraphs[0]
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        head.add_run(document.marking).bold = True
    foot = section.footer.paragraphs[0]
    stops = foot.paragraph_format.tab_stops
    stops.add_tab_stop(TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    said = f"{document.foot}. {document.title}" if document.foot else document.title
    foot.add_run(f"{said[:80]}\tPage ")
    _add_field(foot, "PAGE")
    foot.add_run(" of ")
    _add_field(foot, "NUMPAGES")


def _add_field(paragraph: WordParagraph, name: str) -> None:
    """What Word works out itself, with a 1 until it does."""
    field = _add(paragraph._p, "w:fldSimple", instr=name)
    field.append(paragraph.add_run("1")._r)


def _set_styles(word: WordDocument, language: str) -> None:
    """The office's look, in styles of Word's own names where it has them."""
    sheet = word.styles.element
    for fonts in sheet.iter(qn("w:rFonts")):
        fonts.attrib.clear()
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), FONT)
    for lang in sheet.iter(qn("w:lang")):
        lang.set(qn("w:val"), language)
    for lang in word.settings.element.iter(qn("w:themeFontLang")):
        lang.set(qn("w:val"), language)

    _style(word, "Normal", size=10.5, after=5)
    title = _style(word, "Title", size=20, after=8, bold=True, colour=INK)
    for border in title.element.xpath("w:pPr/w:pBdr"):
        border.getparent().remove(border)
    for level, size in enumerate((15, 13, 11.5, 10.5, 10.5, 10.5), start=1):
        name = f"Heading {level}"
        style = _style(word, name, size=size, before=12, after=4, bold=True, colour=INK)
        style.font.italic = False
    caption = _style(word, "Caption", size=10.5, before=6, after=3, bold=True)
    caption.font.color.rgb = RGBColor(0, 0, 0)
    caption.paragraph_format.keep_with_next = True
    for name in ("List Bullet", "List Number", "List Continue"):
        for rank in ("", " 2", " 3"):
            _style(word, f"{name}{rank}", size=10.5, after=3)
    for name in ("Header", "Footer"):
        _style(word, name, size=9, colour=QUIET if name == "Footer" else None)
    quote = _style(word, "Quote", size=10.5, before=5, after=0)
    quote.font.italic = False
    _set_off(quote, "B1B4B6")

    _style(word, "Lead", size=13, before=6, after=10, bold=True)
    _style(word, "Quiet", size=9.5, after=4, colour=QUIET)
    _style(word, "Fact", size=10.5, after=2)
    _style(word, "Cell", size=9.5, before=2, after=2)
    _set_off(_style(word, "Quoted from", size=9.5, after=6, colour=QUIET), "B1B4B6")
    _set_off(_style(word, "Notice", size=10.5, before=6, after=8), "17324D", "F3F5F7")
    for name, line, ground in (
        ("Action", "1D70B8", "EEF4FA"),
        ("Decision", "00703C", "EDF5F1"),
    ):
        _set_off(_style(word, name, size=10.5, before=6, after=4), line, ground)
        _set_off(_style(word, f"{name} details", size=9.5, after=4), line, ground)
    _match_linked(sheet)
    link = word.styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb = LINK
    link.font.underline = True


def _style(
    word: WordDocument,
    name: str,
    *,
    size: float,
    before: float = 0,
    after: float = 0,
    bold: bool | None = None,
    colour: RGBColor | None = None,
) -> ParagraphStyle:
    known = name in word.styles
    style = (
        word.styles[name]
        if known
        else word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    )
    assert isinstance(style, ParagraphStyle)
    if not known:
        style.base_style = word.styles["Normal"]
    style.font.size = Pt(size)
    style.font.bold = bold
    if colour is not None:
        style.font.color.rgb = colour
    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)
    style.paragraph_format.line_spacing = 1.15
    return style


def _match_linked(sheet: Any) -> None:
    """Some programs read the look of a paragraph from the style linked to its own."""
    for style in sheet.style_lst:
        for linked in style.findall(qn("w:link")):
            other = sheet.get_by_id(linked.get(qn("w:val")))
            if style.type == WD_STYLE_TYPE.PARAGRAPH and style.rPr is not None:
                if other.rPr is not None:
                    other.remove(other.rPr)
                other.append(deepcopy(style.rPr))


def _set_off(style: ParagraphStyle, colour: str, fill: str = "") -> None:
    """A line at the left, and perhaps a ground."""
    style.paragraph_format.left_indent = Mm(5)
    properties = style.element.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    _add(borders, "w:left", val="single", sz="24", space="8", color=colour)
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )
    if fill:
        ground = OxmlElement("w:shd")
        for key, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
            ground.set(qn(f"w:{key}"), value)
        properties.insert_element_before(
            ground, "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
        )


def _add(parent: Any, name: str, **attributes: str) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    parent.append(element)
    return element
