"""Reading a tracker in through its pages, from the file to the register."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from actions.models import Action, SheetIn, SheetLine
from tests.factories import OrganisationFactory, SheetInFactory

HEAD = ["Ref", "Action required", "Lead", "Target date", "RAG", "Progress"]
IMPORT = "/actions/import/"


def tracker(*rows: list, **sheets: list[list]) -> bytes:
    """A workbook with a title above the headings, as offices keep them."""
    book = Workbook()
    book.active.title = "Live"
    for row in (["Action tracker"], [], HEAD, *rows):
        book.active.append(row)
    for name, others in sheets.items():
        added = book.create_sheet(name)
        for row in others:
            added.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


ROWS = (
    ["Meeting of 4 July 2012"],
    [1, "Share the plan", "WMP", "30 Sept", "Green", "Begun"],
    [2, "Ring the Home Office", "Bob", "June", "Closed", None],
)


def hand_in(office, content: bytes, name: str = "Tracker.xlsx", **more):
    return office.post(IMPORT, {"file": SimpleUploadedFile(name, content)} | more)


def sent(form) -> dict[str, str]:
    """What a browser would send of a form as it is shown."""
    values = {name: form[name].value() for name in form.fields}
    return {k: v for k, v in values.items() if v not in (None, "") and v is not False}


@pytest.fixture
def office(as_, staff):
    OrganisationFactory(name="West Mercia Police", short_names="WMP")
    return as_(staff)


def test_from_the_file_to_the_register(office):
    columns = hand_in(office, tracker(*ROWS))
    page = office.get(columns.url)
    assert "The headings are in row 3" in page.text
    assert "30 Sept" in page.text
    assert "Meeting of 4 July 2012" not in page.text
    rows = office.post(columns.url, sent(page.context["columns"]))
    page = office.get(rows.url)
    assert "2 actions to save: 1 open, 1 closed before this register" in page.text
    assert "“Bob” is nobody at any meeting here" in page.text
    assert not Action.objects.exists()
    saved = office.post(rows.url, sent(page.context["form"]) | {"do": "save"})
    page = office.get(saved.url)
    assert "2 actions are in the register, 2012/01 to 2012/02" in page.text
    assert Action.objects.count() == 2
    action = office.get(reverse("action", args=[2012, 1]))
    assert "Read in from “Tracker.xlsx, Live”, row 5." in action.text


def test_next_months_file_goes_straight_to_its_rows(office):
    columns = hand_in(office, tracker(*ROWS)).url
    office.post(columns, sent(office.get(columns).context["columns"]))
    again = hand_in(office, tracker(*ROWS, [3, "More"]), "August.xlsx")
    assert office.get(again.url).text.count('id="row-') == 3


def test_the_same_file_leads_to_where_it_is(office):
    content = tracker(*ROWS)
    first, again = (hand_in(office, content).url for _ in "ab")
    assert first == again
    assert "Nothing was added a second time" in office.get(again).text
    assert SheetIn.objects.count() == 1


def test_of_several_sheets_those_wanted_are_chosen(office):
    answer = hand_in(office, tracker(*ROWS, Closed=[HEAD, [1, "Old"]]))
    page = office.get(answer.url)
    assert answer.url == IMPORT
    assert "has 2 sheets" in page.text
    assert "Tracker.xlsx, Closed" in page.text


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.xlsx", b"", "“a.xlsx” is empty"),
        ("a.xlsx", b"words", "is not an Excel file"),
        ("a.pdf", b"%PDF-", "is no spreadsheet"),
        ("a" * 160 + ".csv", b"x", "the most is 150"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(office, name, content, sentence):
    answer = hand_in(office, content, name)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not SheetIn.objects.exists()


def test_without_a_file_it_is_asked_for(office):
    answer = office.post(IMPORT, {"submission": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert "Choose a spreadsheet" in answer.text


def test_a_sheet_without_headings_asks_for_their_row(office):
    url = hand_in(office, b"Milk,2\r\nThing,Person\r\nShare,WMP\r\n", "a.csv").url
    page = office.get(url)
    assert "No row looks like the headings of a tracker" in page.text
    version = page.context["headings"]["version"].value()
    taken = {"do": "headings", "headings_row": "9", "version": version}
    refused = office.post(url, taken)
    assert refused.status_code == 422
    assert "Row 9 is empty" in refused.text
    office.post(url, taken | {"headings_row": "2"})
    assert "The headings are in row 2" in office.get(url).text


def test_columns_that_cannot_be_matched_so_are_said(office):
    url = hand_in(office, tracker(*ROWS)).url
    data = sent(office.get(url).context["columns"])
    answer = office.post(url, data | {"column_0": "action"})
    assert answer.status_code == 422
    assert "Two columns are “Action”" in answer.text
    answer = office.post(url, data | {"column_0": "nonsense"})
    assert answer.status_code == 422


# Rows


def row_url(sheet_in: SheetIn, number: int = 2) -> str:
    return reverse("tracker_row", args=[sheet_in.pk, number])


def rows_url(sheet_in: SheetIn) -> str:
    return reverse("tracker_rows", args=[sheet_in.pk])


def test_a_row_is_mended_in_words(office):
    sheet_in = SheetInFactory(rows=[("", "Bob", "4 May 2025")])
    page = office.get(rows_url(sheet_in))
    assert "1 row has an error" in page.text
    assert "Save 1 action" not in page.text
    form = office.get(row_url(sheet_in)).context["form"]
    words = {"action": "Share the plan", "owner": "WMP", "due": "1 June 2025"}
    answer = office.post(row_url(sheet_in), sent(form) | words)
    assert answer.url == f"{rows_url(sheet_in)}?#row-2"
    page = office.get(answer.url)
    assert "Save 1 action" in page.text
    assert "1 June 2025" in page.text


def test_a_row_without_an_action_is_not_saved_so(office):
    sheet_in = SheetInFactory()
    data = sent(office.get(row_url(sheet_in)).context["form"])
    answer = office.post(row_url(sheet_in), data | {"action": " "})
    assert answer.status_code == 422
    assert "Write what is to be done, or leave this row out" in answer.text
    answer = office.post(row_url(sheet_in), data | {"action": " ", "left_out": "on"})
    assert "Left out" in office.get(answer.url).text


def test_on_hold_asks_until_when(office):
    sheet_in = SheetInFactory()
    data = sent(office.get(row_url(sheet_in)).context["form"])
    answer = office.post(row_url(sheet_in), data | {"stands": "on_hold"})
    assert answer.status_code == 422
    assert "Enter the day until which it is on hold" in answer.text


def test_rows_with_errors_are_left_out_together(office):
    sheet_in = SheetInFactory(
        rows=[("", "x", "4 May 2025"), ("Share", "", "4 May 2025")]
    )
    data = sent(office.get(rows_url(sheet_in)).context["form"])
    answer = office.post(rows_url(sheet_in), data | {"do": "leave-out"})
    page = office.get(answer.url)
    assert "1 row is left out" in page.text
    assert "Save 1 action" in page.text


def test_a_save_of_what_somebody_changed_meanwhile_is_refused_once(office):
    sheet_in = SheetInFactory()
    old = sent(office.get(rows_url(sheet_in)).context["form"])
    row = sent(office.get(row_url(sheet_in)).context["form"])
    office.post(row_url(sheet_in), row | {"action": "Theirs"})
    refused = office.post(rows_url(sheet_in), old)
    assert refused.status_code == 422
    assert "Somebody else changed something" in refused.text
    assert "Theirs" in refused.text
    stale = office.post(row_url(sheet_in), row | {"action": "Mine"})
    assert stale.status_code == 422
    assert "Mine" in stale.text
    again = sent(refused.context["form"])
    assert office.post(rows_url(sheet_in), again).status_code == 302
    assert Action.objects.get().text == "Theirs"


def test_what_was_saved_last_is_listed_first(office):
    for name in ("One", "Two"):
        sheet_in = SheetInFactory(rows=[(name, "", "4 May 2025")])
        SheetIn.objects.filter(pk=sheet_in.pk).update(name=f"{name}.csv")
        office.post(
            rows_url(sheet_in), sent(office.get(rows_url(sheet_in)).context["form"])
        )
    listed = office.get(IMPORT).text
    assert 0 < listed.index("Two.csv") < listed.index("One.csv")


def test_pressing_save_twice_saves_once(office):
    sheet_in = SheetInFactory()
    data = sent(office.get(rows_url(sheet_in)).context["form"])
    data["submission"] = str(uuid.uuid4())
    for _ in range(2):
        assert office.post(rows_url(sheet_in), data).status_code == 302
    other = data | {"submission": str(uuid.uuid4())}
    assert office.post(rows_url(sheet_in), other).url == rows_url(sheet_in)
    assert Action.objects.count() == 1


def test_what_was_dropped_leads_back(office):
    sheet_in = SheetInFactory()
    drop = reverse("tracker_drop", args=[sheet_in.pk])
    office.post(drop, sent(office.get(drop).context["form"]))
    answer = office.get(rows_url(sheet_in), follow=True)
    assert "was dropped. Hand it in again" in answer.text


def test_the_page_asks_as_much_of_one_row_as_of_many(office):
    def queries(count: int) -> int:
        rows = [(f"Do {n} of {count}", "WMP", "4 May 2025") for n in range(count)]
        url = rows_url(SheetInFactory(rows=rows))
        with CaptureQueriesContext(connection) as asked:
            assert office.get(url).status_code == 200
        return len(asked)

    queries(1)
    assert queries(1) == queries(120)


def test_more_than_fifty_rows_are_shown_in_pages(office):
    rows = [(f"Do {n}", "WMP", "4 May 2025") for n in range(60)]
    url = rows_url(SheetInFactory(rows=rows))
    assert office.get(url).text.count('id="row-') == 50
    assert office.get(f"{url}?page=2").text.count('id="row-') == 10
    assert "No row is in this list" in office.get(f"{url}?show=errors").text


def test_how_long_many_rows_take_is_said_beside_the_button(office):
    sheet_in = SheetInFactory()
    url = rows_url(sheet_in)
    assert "Saving so many takes" not in office.get(url).text
    line = sheet_in.lines.get(number=2)
    more = {"is_action": True, "cells": line.cells, "plan": line.plan}
    SheetLine.objects.bulk_create(
        SheetLine(sheet_in=sheet_in, number=n, **more) for n in range(3, 2_502)
    )
    assert "Saving so many takes about 5 seconds" in office.get(url).text


def test_what_is_in_a_cell_is_shown_as_text(office):
    sheet_in = SheetInFactory(rows=[("<script>x</script>", "<b>", "4 May 2025")])
    for url in (rows_url(sheet_in), row_url(sheet_in)):
        assert "<script>x" not in office.get(url).text


# Who may: every address is in tests/test_access.py as well


@pytest.mark.parametrize("role", ["liaison", "commissioner"])
def test_only_the_office_reads_trackers_in(as_, role, request):
    visitor = as_(request.getfixturevalue(role))
    sheet_in = SheetInFactory()
    for url in (IMPORT, rows_url(sheet_in), row_url(sheet_in)):
        assert visitor.get(url).status_code == 403
        assert visitor.post(url).status_code == 403
    assert "read in a tracker" not in visitor.get(reverse("tracker")).text


def test_a_stranger_signs_in_first(db):
    assert Client().get(IMPORT).url.startswith(reverse("account_login"))


def test_the_way_there_is_on_the_tracker_and_beside_old_minutes(office):
    for name in ("tracker", "imports"):
        assert f'href="{IMPORT}"' in office.get(reverse(name)).text
