"""The tracker as a file: the same list, all of it, and nothing that runs."""

import csv
import datetime as dt
import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from actions.models import Due, Owner
from assurance.sheets import CUT, LONGEST_CELL, Column, Sheet, as_csv, as_xlsx, safe
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    OrganisationFactory,
    PersonFactory,
    ThemeFactory,
    UserFactory,
    decision,
    due_on,
)

pytestmark = pytest.mark.django_db

URL = reverse("tracker")
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "＋1", "－1"]


def days(count: int) -> Due:
    return Due.on_date(timezone.localdate() + dt.timedelta(days=count))


def content(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def csv_rows(client, **query) -> list[dict[str, str]]:
    text = content(client.get(URL, query | {"format": "csv"})).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def book(client, **query) -> Workbook:
    file = content(client.get(URL, query | {"format": "xlsx"}))
    return load_workbook(io.BytesIO(file))


def xlsx_rows(client, **query) -> list[dict]:
    headings, *rows = book(client, **query).active.iter_rows(values_only=True)
    return [dict(zip(headings, row, strict=True)) for row in rows]


@pytest.fixture
def full(liaison):
    """An action that has something in every column."""
    theme = ThemeFactory(name="Workforce")
    meeting = MeetingFactory(
        date=dt.date(2025, 3, 26), state="draft", marking="official_sensitive"
    )
    action = ActionFactory(
        text="Share the vetting plan\r\nwith the office",
        meeting=meeting,
        item=AgendaItemFactory(meeting=meeting, heading="Vetting", theme=theme),
        due=due_on(2025, 9, 4),
        due_words="by early September",
        older_reference="OLD-7",
        office_lead=UserFactory(name="Olive Lead"),
        other_wording="Vetting, once more",
        owners=[
            Owner(
                organisation=liaison.organisation,
                post="Director of Business Services",
                person=PersonFactory(name="Rachel Hartland-Lane"),
            ),
            Owner(organisation=OrganisationFactory(short_names="Council, WCC")),
        ],
    )
    action.add_update("First word", by=liaison)
    action.add_update("The plan is " + "long " * 100, by=liaison, provided_by="Chief")
    action.add_note("Between ourselves", by=UserFactory())
    action.redate(due_on(2025, 10, 1), "Late", by=UserFactory(), decision=decision())
    return action


def test_every_column_says_what_the_register_holds(as_, staff, full, liaison):
    today = timezone.localdate()
    expected = {
        "Reference": full.reference,
        "Action": "Share the vetting plan\nwith the office",
        "Raised at": "Vetting",
        "Date raised": dt.date(2025, 3, 26),
        "Theme": "Workforce",
        "Owners": "\n".join(map(str, full.owners.all())),
        "Due": dt.date(2025, 10, 1),
        "Due as agreed": "“by early September”",
        "First due": dt.date(2025, 9, 4),
        "Times moved": 1,
        "Status": "Open",
        "Flags": "Overdue",
        "Issued on": today,
        "Last update on": today,
        "Last update": "The plan is " + "long " * 100,
        "Last update by": "Chief",
        "Older reference": "OLD-7",
        "Marking": "OFFICIAL-SENSITIVE",
        "Office lead": "Olive Lead",
    }
    [row] = xlsx_rows(as_(staff))
    assert "overdue; date moved once" in row.pop("Why it is on the list")
    assert {
        name: value.date() if isinstance(value, dt.datetime) else value
        for name, value in row.items()
    } == expected
    [row] = csv_rows(as_(staff))
    row.pop("Why it is on the list")
    assert row == {name: str(value) for name, value in expected.items()}


def test_a_due_that_is_tied_says_to_what_in_both_columns(as_, staff):
    theme = ThemeFactory(name="Workforce")
    one = ActionFactory(due=Due.at_next_on(theme))
    [row] = csv_rows(as_(staff))
    assert row["Due"] == ""
    assert row["Due as agreed"] == "at the next meeting on Workforce"
    assert row["First due"] == "at the next meeting on Workforce"
    one.redate(days(5), "Sooner", by=staff, decision=decision())
    [row] = csv_rows(as_(staff))
    assert row["Due"] == str(timezone.localdate() + dt.timedelta(days=5))
    assert row["First due"] == "at the next meeting on Workforce"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_liaison_gets_what_their_pages_show_and_no_more(as_, liaison, full, kind):
    full.item.restricted = full.item.withheld = True
    full.item.withheld_reason = "s31"
    full.item.heading = "Covert matter"
    full.item.save()
    ActionFactory(organisation=OrganisationFactory(), text="Not theirs")
    ActionFactory(organisation=liaison.organisation, issued=False, text="Not yet")
    rows = csv_rows(as_(liaison)) if kind == "csv" else xlsx_rows(as_(liaison))
    assert [row["Reference"] for row in rows] == [full.reference]
    assert "Office lead" not in rows[0]
    told = str(rows)
    for secret in (
        "Olive",
        "once more",
        "Covert",
        "Workforce",
        "Between ourselves",
        "Not theirs",
        "Not yet",
    ):
        assert secret not in told
    assert rows[0]["Raised at"] == str(full.meeting)


def test_a_word_from_before_it_was_issued_is_not_the_liaisons(as_, liaison, staff):
    one = ActionFactory(organisation=liaison.organisation, issued=False)
    one.add_update("Said inside the office", by=staff)
    one.issue(by=staff)
    assert csv_rows(as_(staff))[0]["Last update"] == "Said inside the office"
    assert csv_rows(as_(liaison))[0]["Last update"] == ""


def test_a_stranger_signs_in_first(client):
    response = client.get(URL, {"format": "csv"})
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("query", [{}, {"list": "all", "sort": "-due"}])
def test_it_is_the_page_with_all_its_rows_in_the_same_order(
    as_, commissioner, monkeypatch, kind, query
):
    for number in range(6):
        ActionFactory(due=days(number - 3))
    ActionFactory().close(by=commissioner, decision=decision())
    client = as_(commissioner)
    page = client.get(URL, query)
    shown = [row.reference for group in page.context["groups"] for row in group.rows]
    assert len(shown) == page.context["tab"].count
    monkeypatch.setattr("actions.views.tracker.PER_PAGE", 2)
    rows = (csv_rows if kind == "csv" else xlsx_rows)(client, **query)
    assert [row["Reference"] for row in rows] == shown


def test_filters_count_and_links_go_together(as_, staff):
    ActionFactory(due=days(-1))
    ActionFactory(due=days(30))
    page = as_(staff).get(URL, {"flag": "overdue", "list": "all", "page": 1})
    assert "Download 1 action:" in page.text
    link = "?flag=overdue&amp;list=all&amp;format=xlsx"
    assert link in page.text
    assert len(csv_rows(as_(staff), flag="overdue", list="all")) == 1
    assert "Download" not in as_(staff).get(URL, {"q": "nothing has this"}).text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_cannot_be_filtered_by_is_said_on_the_page(as_, staff, kind):
    page = as_(staff).get(URL, {"due_from": "31/2/2025", "format": kind})
    assert page.status_code == 422
    assert "Enter a real date, like 4 September 2025" in page.text


def test_a_format_nobody_offers_is_not_found(as_, staff):
    assert as_(staff).get(URL, {"format": "xls"}).status_code == 404


@time_machine.travel("2026-11-22 12:00+00:00")
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"format": "xlsx"}, "actions-unresolved-2026-11-22.xlsx"),
        ({"format": "csv", "list": "review"}, "actions-for-review-2026-11-22.csv"),
        ({"format": "csv", "list": "resolved"}, "actions-closed-2026-11-22.csv"),
    ],
)
def test_it_is_a_file_to_keep_that_no_browser_guesses_at(as_, staff, query, name):
    response = as_(staff).get(URL, query)
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    kind = "text/csv" if query["format"] == "csv" else "spreadsheetml"
    assert kind in response["Content-Type"]
    content(response)


def test_a_csv_is_what_excel_takes_for_utf_8(as_, staff):
    ActionFactory(text="Say “yes” to Ŵyn")
    raw = content(as_(staff).get(URL, {"format": "csv"}))
    assert raw.startswith(b"\xef\xbb\xbfReference,Action,")
    assert raw.count(b"\r\n") == 2
    assert "Say “yes” to Ŵyn".encode() in raw


@time_machine.travel("2026-11-22 12:00+00:00")
def test_a_workbook_reads_well_on_screen_and_on_paper(as_, staff, full):
    workbook = book(as_(staff))
    sheet = workbook.active
    assert sheet.title == "Actions, unresolved"
    assert workbook.properties.title.startswith("Actions, unresolved, 22 November 2026")
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:T2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.oddHeader.center.text == "OFFICIAL-SENSITIVE"
    assert all(cell.font.bold for cell in sheet[1])
    assert all(cell.alignment.wrap_text for cell in sheet[2] if cell.value)
    due = next(c for c in sheet[2] if sheet.cell(1, c.column).value == "Due")
    assert (due.is_date, due.number_format) == (True, "d mmm yyyy")
    assert round(sheet.column_dimensions["B"].width) == 61


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    as_, staff, django_assert_max_num_queries, name
):
    client = as_(staff)

    def fill(count):
        for _ in range(count):
            one = ActionFactory(
                due=days(-3),
                organisation=OrganisationFactory(),
                office_lead=UserFactory(),
            )
            one.add_update("Begun", by=UserFactory())
            one.redate(days(-2), "Late", by=staff, decision=decision())

    def queries():
        with django_assert_max_num_queries(18) as found:
            content(client.get(URL, {"format": name}))
        return len(found)

    fill(1)
    one_row = queries()
    fill(29)
    assert queries() == one_row


# Whatever is in a cell


def small(*rows, title="A list", headings=("One", "Two")) -> Sheet:
    return Sheet(title, [Column(heading) for heading in headings], rows, "OFFICIAL")


def opened(sheet: Sheet):
    with as_xlsx(sheet) as file:
        return load_workbook(io.BytesIO(file.read())).active


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_formula_survives_in_a_cell_or_a_heading(formula):
    sheet = small([formula, 1], headings=[formula, "Two"], title=formula)
    text = b"".join(as_csv(sheet)).decode("utf-8-sig")
    heading, row = csv.reader(io.StringIO(text, newline=""))
    page = opened(sheet)
    for value in (heading[0], row[0], page["A1"].value, page["A2"].value):
        assert value.startswith("'")
    assert page["A1"].data_type == page["A2"].data_type == "s"


def test_a_formula_typed_by_somebody_stays_text_in_the_file(as_, staff):
    ActionFactory(text='=HYPERLINK("http://evil.example","Click")')
    sheet = book(as_(staff)).active
    assert sheet["B2"].value.startswith("'=HYPERLINK")
    assert sheet["B2"].data_type == "s"
    assert csv_rows(as_(staff))[0]["Action"].startswith("'=HYPERLINK")


@pytest.mark.parametrize("text", ["Plan - share it", "3 + 4", "a=b", "(-1)", "#N/A"])
def test_ordinary_text_is_left_alone(text):
    assert safe(text) == text
    assert opened(small([text])).cell(2, 1).value == text


def test_numbers_and_days_are_numbers_and_days():
    sheet = small([-5, dt.date(1990, 1, 1)], [0, None])
    page = opened(sheet)
    assert (page["A2"].value, page["A3"].value, page["B3"].value) == (-5, 0, None)
    assert page["B2"].value == dt.datetime(1990, 1, 1)  # noqa: DTZ001
    assert b"".join(as_csv(sheet)).endswith(b"-5,1990-01-01\r\n0,\r\n")


def test_what_xml_cannot_hold_is_left_out():
    text = 'a\x00b\x0b\x1b\ufffe\ud800<&>"c\nd'
    assert opened(small([text])).cell(2, 1).value == 'ab<&>"c\nd'


@pytest.mark.parametrize("letter", ["x", "😀"])
def test_what_is_too_long_for_a_cell_is_cut_and_says_so(letter):
    value = opened(small([letter * 40_000])).cell(2, 1).value
    assert value.endswith(CUT)
    assert len(value.encode("utf-16-le")) // 2 in (LONGEST_CELL, LONGEST_CELL - 1)
    whole = letter * (LONGEST_CELL // len(letter.encode("utf-16-le")) * 2)
    assert opened(small([whole])).cell(2, 1).value == whole


def test_an_empty_list_is_a_file_with_headings():
    page = opened(small())
    assert [cell.value for cell in page[1]] == ["One", "Two"]
    assert page.auto_filter.ref == "A1:B1"


# In a real spreadsheet


@pytest.fixture
def calc(tmp_path):
    """``calc(file)`` is what LibreOffice reads in a workbook, as rows of text."""
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("REQUIRE_ALL_TESTS"):
            pytest.fail("LibreOffice is not installed here, and every test is required")
        pytest.skip("LibreOffice is not installed here: no workbook is opened in it.")

    def read(content: bytes) -> list[list[str]]:
        (tmp_path / "list.xlsx").write_bytes(content)
        subprocess.run(
            [
                program,
                f"-env:UserInstallation=file://{tmp_path}/profile",
                "--headless",
                "--convert-to",
                # Comma, quotation marks, UTF-8, from line 1, cells as they look.
                "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true",
                "--outdir",
                str(tmp_path),
                str(tmp_path / "list.xlsx"),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
        with Path(tmp_path / "list.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    return read


def test_libreoffice_reads_what_was_written(as_, staff, full, calc):
    for text in FORMULAS:
        ActionFactory(text=text, due=due_on(2025, 12, 25))
    client = as_(staff)
    read = calc(content(client.get(URL, {"format": "xlsx", "sort": "reference"})))
    text = content(client.get(URL, {"format": "csv", "sort": "reference"}))
    written = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    columns = written[0]
    assert read[0] == columns
    for number, (theirs, ours) in enumerate(zip(read, written, strict=True)):
        for name, got, meant in zip(columns, theirs, ours, strict=True):
            if number and meant and (name == "Due" or name.endswith((" on", "raised"))):
                day = dt.date.fromisoformat(meant)
                assert got == f"{day.day} {day:%b %Y}", name
            elif number and name == "First due":
                assert got.endswith(meant[:4])
            else:
                assert got == meant, name
