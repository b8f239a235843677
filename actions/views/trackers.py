"""Trackers from spreadsheets: hand one in, match its columns, check its rows, save."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from actions.forms.trackers import (
    ColumnsForm,
    HeadingsForm,
    LineForm,
    TrackerFileForm,
    VersionForm,
    examples_of,
)
from actions.importing.line import LinePlan, plan_from_json, said_by
from actions.importing.sheets import (
    TakenSheet,
    choose_headings,
    drop_sheet,
    leave_out_errors,
    match_columns,
    mend_line,
    save_sheet,
    saved_in_words,
    take_in_workbook,
)
from actions.models import SheetIn, SheetLine
from assurance.forms.base import GovukForm, render_form, saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires
from assurance.templatetags.assurance import plural
from meetings.models import Meeting
from meetings.reader.files.columns import is_group

PER_PAGE = 50
SHOWN = 50  # of what is saved, the latest
LOOKED_AT = 40  # rows, for examples
MANY = 1_000  # rows, of which to say how long they take
PER_SECOND = 500  # rows that are saved
# Which rows are listed: what the address calls them, the tab, the count of them.
LISTS = {
    "all": ("All rows", "all"),
    "errors": ("Errors", "errors"),
    "doubts": ("To look at", "doubts"),
    "left-out": ("Left out", "left_out"),
    "skipped": ("Skipped", "skipped"),
}


def _trail(sheet_in: SheetIn | None = None) -> list[tuple[str, str]]:
    trail = [("Actions", reverse("tracker"))]
    if sheet_in is not None:
        trail.append(("Read a tracker in", reverse("tracker_import")))
    return trail


@requires(Permission.READ_IN)
def tracker_import(request: SignedInRequest) -> HttpResponse:
    """Hand a spreadsheet in; and how far those are that were."""
    form = TrackerFileForm(request.POST or None, request.FILES or None)

    def write() -> str:
        taken = take_in_workbook(
            form.workbook,
            form.content,
            name=form.name,
            by=request.user,
            today=timezone.localdate(),
        )
        return _say_taken(request, taken)

    visible = SheetIn.objects.visible_to(request.user).select_related("by")
    return saved(request, form, write) or render_form(
        request,
        form,
        template="actions/import/list.html",
        title="Read a tracker in",
        button="Read this",
        trail=_trail(),
        open=visible.open().annotate(
            rows=Count("lines"),
            errors=Count("lines", filter=_ERRORS),
        ),
        done=visible.filter(state=SheetIn.State.SAVED)
        .annotate(actions=Count("lines__action"))
        .order_by("-saved_at", "-id")[:SHOWN],
    )


_ERRORS = Q(
    lines__is_action=True,
    lines__has_error=True,
    lines__left_out=False,
    lines__is_repeat=False,
    lines__there=None,
)


def _say_taken(request: SignedInRequest, taken: list[TakenSheet]) -> str:
    """One sheet leads on to it; of several the visitor chooses."""
    if len(taken) == 1:
        one = taken[0]
        if one.was_there:
            said = "is saved already" if one.sheet_in.saved_at else "is here already"
            messages.info(
                request, f"“{one.sheet_in}” {said}. Nothing was added a second time."
            )
        return one.sheet_in.get_absolute_url()
    new = [one for one in taken if not one.was_there]
    if not new:
        messages.info(
            request,
            f"“{taken[0].sheet_in.name}” was read before: its sheets are on this page. "
            "Nothing was added a second time.",
        )
        return reverse("tracker_import")
    messages.info(
        request,
        f"“{taken[0].sheet_in.name}” has {len(taken)} sheets. Choose those to go on "
        "with, and drop the others.",
    )
    return reverse("tracker_import")


def _find(request: SignedInRequest, pk: int) -> SheetIn:
    return get_object_or_404(SheetIn.objects.visible_to(request.user), pk=pk)


def _gone(request: SignedInRequest, sheet_in: SheetIn) -> HttpResponse | None:
    """Where to go instead when there is nothing left to do with it."""
    if sheet_in.state == SheetIn.State.DROPPED:
        messages.warning(
            request, f"“{sheet_in}” was dropped. Hand it in again to go on with it."
        )
        return redirect("tracker_import")
    return None


# Columns


@requires(Permission.READ_IN)
def tracker_columns(request: SignedInRequest, pk: int) -> HttpResponse:
    """What each column is, guessed from its heading, mended here."""
    sheet_in = _find(request, pk)
    if gone := _gone(request, sheet_in):
        return gone
    if sheet_in.state == SheetIn.State.SAVED:
        return redirect(sheet_in)
    if request.POST.get("do") == "headings" or not sheet_in.headings:
        return _headings(request, sheet_in)
    form = _columns_form(request, sheet_in)

    def write() -> str:
        done = match_columns(
            sheet_in,
            form.meanings(),
            raised_on=form.cleaned_data["raised_on"],
            closed=form.cleaned_data["closed"] == "yes",
            by=request.user,
            today=timezone.localdate(),
            version=form.cleaned_data["version"],
        )
        return done.get_absolute_url()

    return saved(request, form, write) or _render_columns(
        request, sheet_in, form, columns=form
    )


def _columns_form(
    request: SignedInRequest, sheet_in: SheetIn, *, is_sent: bool = True
) -> ColumnsForm:
    lines = sheet_in.lines.filter(number__gt=sheet_in.headings_row or 0)[:LOOKED_AT]
    told = [line for line in lines if not is_group(line.cells, sheet_in.meanings)]
    return ColumnsForm(
        request.POST or None if is_sent else None,
        sheet_in=sheet_in,
        examples=examples_of(sheet_in.headings, told),
    )


def _headings(request: SignedInRequest, sheet_in: SheetIn) -> HttpResponse:
    """Another row holds the headings; or none was found that could."""
    form = HeadingsForm(
        request.POST or None,
        sheet_in=sheet_in,
        initial={"headings_row": sheet_in.headings_row},
    )

    def write() -> str:
        number, version = (form.cleaned_data[n] for n in ("headings_row", "version"))
        choose_headings(sheet_in, number, version=version)
        return reverse("tracker_columns", args=[sheet_in.pk])

    columns = _columns_form(request, sheet_in, is_sent=False)
    return saved(request, form, write) or _render_columns(
        request, sheet_in, form, columns=columns, headings=form
    )


def _render_columns(
    request: SignedInRequest,
    sheet_in: SheetIn,
    form: GovukForm,
    *,
    columns: ColumnsForm,
    headings: HeadingsForm | None = None,
) -> HttpResponse:
    version = _find(request, sheet_in.pk).version if form.errors else sheet_in.version
    columns.look_again(version)
    if headings:
        headings.look_again(version)
    return render_form(
        request,
        form,
        template="actions/import/columns.html",
        title="Match the columns",
        button="Go on to the rows",
        trail=_trail(sheet_in),
        sheet_in=sheet_in,
        columns=columns if sheet_in.headings else None,
        headings=headings
        or HeadingsForm(
            sheet_in=sheet_in, initial={"headings_row": sheet_in.headings_row}
        ),
        first_rows=[] if sheet_in.headings else list(sheet_in.lines.all()[:10]),
    )


# Rows


@requires(Permission.READ_IN)
def tracker_rows(request: SignedInRequest, pk: int) -> HttpResponse:
    """What each row becomes; and, once it is saved, what each became."""
    sheet_in = _find(request, pk)
    if gone := _gone(request, sheet_in):
        return gone
    if sheet_in.state == SheetIn.State.TO_MATCH:
        return redirect("tracker_columns", pk=pk)
    form = VersionForm(request.POST or None, sheet_in=sheet_in)
    if request.method == "POST" and sheet_in.state == SheetIn.State.SAVED:
        messages.info(request, f"“{sheet_in}” was saved already.")
        return redirect(sheet_in)
    write = _leave_out if request.POST.get("do") == "leave-out" else _save
    return saved(request, form, lambda: write(request, sheet_in, form)) or _render_rows(
        request, _find(request, pk), form
    )


def _save(request: SignedInRequest, sheet_in: SheetIn, form: VersionForm) -> str:
    actions = save_sheet(
        sheet_in,
        by=request.user,
        today=timezone.localdate(),
        version=form.cleaned_data["version"],
    )
    if actions:
        messages.success(
            request,
            f"{plural(len(actions), 'action is,actions are')} in the register, "
            f"{saved_in_words(actions)}. Their owners see the open ones once you issue "
            "them.",
        )
    return reverse("tracker_rows", args=[sheet_in.pk])


def _leave_out(request: SignedInRequest, sheet_in: SheetIn, form: VersionForm) -> str:
    count = leave_out_errors(sheet_in, version=form.cleaned_data["version"])
    messages.success(
        request,
        f"{plural(count, 'row is,rows are')} left out. The rest can be saved.",
    )
    return reverse("tracker_rows", args=[sheet_in.pk])


def _render_rows(
    request: SignedInRequest, sheet_in: SheetIn, form: VersionForm
) -> HttpResponse:
    form.look_again(sheet_in.version)
    counts = sheet_in.lines.counted()
    chosen = request.GET.get("show", "all")
    name, counted = LISTS.get(chosen, LISTS["all"])
    paginator = Paginator(_listed(sheet_in, counted), PER_PAGE)
    paginator.count = counts[counted]
    page = paginator.get_page(request.GET.get("page"))
    return render_form(
        request,
        form,
        template="actions/import/rows.html",
        title=str(sheet_in),
        button=f"Save {plural(counts['wanted'], 'action,actions')}",
        trail=_trail(sheet_in),
        sheet_in=sheet_in,
        is_saved=sheet_in.state == SheetIn.State.SAVED,
        counts=counts,
        open_count=counts["wanted"] - counts["closed"],
        seconds=counts["wanted"] // PER_SECOND if counts["wanted"] >= MANY else 0,
        tabs=[
            (key, text, counts[count], count == counted)
            for key, (text, count) in LISTS.items()
            if key == "all" or counts[count] or count == counted
        ],
        list_name=name,
        page=page,
        lines=[(line, _plan(line)) for line in page.object_list],
        query=request.GET.copy(),
        way_back=_way_back(request),
    )


def _listed(sheet_in: SheetIn, counted: str) -> Any:
    lines = sheet_in.lines.select_related("there", "action")
    match counted:
        case "errors":
            return lines.with_errors()
        case "doubts":
            return lines.with_doubts()
        case "left_out":
            return lines.of_actions().filter(left_out=True, there=None, is_repeat=False)
        case "skipped":
            return lines.of_actions().skipped()
    return lines.of_actions()


def _plan(line: SheetLine) -> LinePlan:
    return plan_from_json(line.plan or {})


def _way_back(request: SignedInRequest) -> str:
    """Which of the rows were listed, as a query."""
    query = request.GET.copy()
    for name in list(query):
        if name not in ("show", "page") or len(query[name]) > 20:
            del query[name]
    return query.urlencode()


@requires(Permission.READ_IN)
def tracker_row(request: SignedInRequest, pk: int, row: int) -> HttpResponse:
    """Mend one row in words, or leave it out."""
    sheet_in = _find(request, pk)
    line = _find_line(sheet_in, row)
    if sheet_in.state != SheetIn.State.TO_CHECK:
        return redirect(sheet_in)
    form = _line_form(request, line)
    back = f"{reverse('tracker_rows', args=[pk])}?{_way_back(request)}#row-{row}"

    def write() -> str:
        now = mend_line(
            line,
            form.mended(),
            left_out=form.cleaned_data["left_out"],
            today=timezone.localdate(),
            version=form.cleaned_data["version"],
        )
        if not now.left_out and now.has_error:
            messages.warning(
                request, f"Row {row} still has an error: look at it again."
            )
        return back

    return saved(request, form, write) or _render_row(
        request, _find_line(sheet_in, row), form, back=back
    )


def _line_form(request: SignedInRequest, line: SheetLine) -> LineForm:
    plan = _plan(line)
    said = said_by(
        line.cells,
        meanings=line.sheet_in.meanings,
        headings=line.sheet_in.headings,
        mended=line.mended,
    )
    return LineForm(
        request.POST or None,
        line=line,
        plan=plan,
        said=said,
        meetings=_meetings_of(plan.raised_on),
    )


def _render_row(
    request: SignedInRequest, line: SheetLine, form: LineForm, *, back: str
) -> HttpResponse:
    sheet_in = line.sheet_in
    form.look_again(sheet_in.version)
    return render_form(
        request,
        form,
        template="actions/import/row.html",
        title=f"Row {line.number}",
        button="Save this row",
        back=back,
        trail=[*_trail(sheet_in), (str(sheet_in), sheet_in.get_absolute_url())],
        line=line,
        plan=_plan(line),
        cells=[
            (heading, cell)
            for heading, cell in zip(sheet_in.headings, line.cells, strict=False)
            if cell
        ],
    )


def _find_line(sheet_in: SheetIn, row: int) -> SheetLine:
    lines = sheet_in.lines.of_actions().select_related("there", "action")
    line: SheetLine = get_object_or_404(
        lines.select_related("sheet_in"), number=min(row, 10**9)
    )
    return line


def _meetings_of(day: dt.date | None) -> list[Meeting]:
    """Those of that month that actions may still be added to."""
    if day is None:
        return []
    rows = Meeting.objects.not_cancelled().filter(date__year=day.year)
    rows = rows.filter(date__month=day.month).select_related("type").in_order()
    return [one for one in rows if one.is_editable]


@requires(Permission.READ_IN)
def tracker_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    sheet_in = _find(request, pk)
    form = GovukForm(request.POST or None)

    def write() -> str:
        drop_sheet(sheet_in)
        messages.success(request, f"“{sheet_in}” is dropped. Nothing of it was saved.")
        return reverse("tracker_import")

    if sheet_in.state == SheetIn.State.SAVED:
        return redirect(sheet_in)
    return saved(request, form, write) or render_form(
        request,
        form,
        title=f"Drop “{sheet_in}”",
        button="Drop this sheet",
        is_warning=True,
        lead="It comes off the list with what was matched and mended, and no action is "
        "made of it. The same file can be handed in again.",
        back=reverse("tracker_import"),
        trail=_trail(sheet_in),
    )
