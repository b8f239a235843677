"""The action tracker: what is unresolved, what the next meeting looks at, and why."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from actions.exports import tracker_sheet
from actions.filters import SORTS, ActionFilter
from actions.flags import Reason
from actions.models import Action
from actions.models.queryset import ActionQuerySet
from actions.tracker import Numbers, Row, next_review, numbers, rows
from assurance.calendar import day_in_words
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires, user_can
from assurance.sheets import FORMATS, respond
from meetings.models import Meeting

PER_PAGE = 50


@dataclass(frozen=True)
class Tab:
    """One of the tracker's lists."""

    name: str
    text: str
    count: int

    @property
    def sortable(self) -> bool:
        """The list for review has an order of its own."""
        return self.name != "review"

    @property
    def file_name(self) -> str:
        """What the list is called in the name of a file."""
        return {"review": "for-review", "resolved": "closed"}.get(self.name, self.name)


@dataclass(frozen=True)
class Group:
    """Rows of one reason. ``total`` counts those on other pages too."""

    reason: Reason | None
    total: int
    rows: list[Row]


@requires(Permission.LIST_ACTIONS)
def tracker(request: SignedInRequest) -> HttpResponseBase:
    """A list of actions as a page, or as a file with ``?format=``."""
    today = timezone.localdate()
    meeting = next_review(today=today)
    totals = numbers(request.user, today=today, meeting=meeting)
    tabs = _tabs(totals, meeting)
    tab = next((t for t in tabs if t.name == request.GET.get("list")), tabs[1])

    filters = ActionFilter(
        request.GET, queryset=_list(request.user, tab, today, meeting), request=request
    )
    found = filters.qs if filters.is_valid() else filters.queryset
    sort = request.GET.get("sort", "") if tab.sortable else ""
    found = _sorted(found, tab, sort)
    if "format" in request.GET and filters.is_valid():
        return _file(request, found, tab, today=today, meeting=meeting)
    paginator = Paginator(found.for_rows(), PER_PAGE)
    if not filters.chosen:
        paginator.count = tab.count  # for the tabs it was counted already
    page = paginator.get_page(request.GET.get("page"))
    shown = rows(page.object_list, user=request.user, today=today, meeting=meeting)
    return render(
        request,
        "actions/tracker.html",
        {
            "numbers": totals,
            "meeting": meeting,
            "tabs": tabs,
            "tab": tab,
            "filters": filters,
            "form": filters.form,
            "show_filters": "filters" in request.GET or not filters.is_valid(),
            "page": page,
            "groups": _groups(shown, tab, _totals(found, totals, filters)),
            "order": _order_in_words(tab, sort),
            "sort": sort,
            "choose": tab.name != "resolved"
            and user_can(request.user, Permission.EDIT_ACTIONS),
        },
        status=200 if filters.is_valid() else 422,
    )


def _file(
    request: SignedInRequest,
    found: ActionQuerySet,
    tab: Tab,
    *,
    today: dt.date,
    meeting: Meeting | None,
) -> HttpResponseBase:
    """All rows of the list as it stands, for the program the visitor names."""
    kind = request.GET["format"]
    if kind not in FORMATS:
        raise Http404
    sheet = tracker_sheet(
        found,
        user=request.user,
        title=f"Actions, {tab.text[0].lower()}{tab.text[1:]}, {day_in_words(today)}",
        today=today,
        meeting=meeting,
    )
    return respond(sheet, kind, f"actions-{tab.file_name}-{today}")


def _tabs(totals: Numbers, meeting: Meeting | None) -> list[Tab]:
    when = f"{meeting.date.day} {meeting.date:%B %Y}" if meeting else ""
    return [
        Tab(
            "review",
            f"For review on {when}" if meeting else "For review",
            totals.for_review,
        ),
        Tab("unresolved", "Unresolved", totals.unresolved),
        Tab("resolved", "Closed", totals.resolved),
        Tab("all", "All", totals.all),
    ]


def _list(user: Any, tab: Tab, today: Any, meeting: Meeting | None) -> Any:
    actions = Action.objects.visible_to(user)
    match tab.name:
        case "review":
            return actions.for_review_at(meeting, today=today)
        case "unresolved":
            actions = actions.unresolved()
        case "resolved":
            actions = actions.resolved()
    return actions.with_flags(today=today, meeting=meeting)


def _sorted(actions: Any, tab: Tab, sort: str) -> Any:
    """By the chosen column, else by urgency; what is resolved, newest first."""
    columns = SORTS.get(sort.removeprefix("-"))
    if columns and sort.startswith("-"):
        return actions.order_by(*[F(c).desc(nulls_last=True) for c in columns])
    if columns:
        return actions.order_by(*[F(c).asc(nulls_last=True) for c in columns])
    if tab.name in ("review", "unresolved"):
        return actions.most_urgent_first()
    return actions.newest_first()


def _order_in_words(tab: Tab, sort: str) -> str:
    name = sort.removeprefix("-")
    if name in SORTS:
        return f"by {'due date' if name == 'due' else name}" + (
            ", last first" if sort.startswith("-") else ""
        )
    if tab.name in ("review", "unresolved"):
        return "most urgent first"
    return "newest first"


def _totals(found: Any, totals: Numbers, filters: ActionFilter) -> dict[Reason, int]:
    """How many actions are under each reason, on all pages of what was found."""
    if not filters.chosen:
        return totals.by_reason
    counted = found.order_by().values("reason").annotate(n=Count("pk"))
    return {Reason(row["reason"]): row["n"] for row in counted if row["reason"]}


def _groups(shown: list[Row], tab: Tab, totals: dict[Reason, int]) -> list[Group]:
    """The list for review by reason; any other list as one group."""
    if tab.name != "review":
        return [Group(None, len(shown), shown)] if shown else []
    groups = []
    for reason in Reason:
        of_reason = [row for row in shown if row.reason == reason]
        if of_reason:
            groups.append(Group(reason, totals[reason], of_reason))
    return groups
