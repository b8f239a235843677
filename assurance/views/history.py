"""Who changed what, when, from what to what: of one thing, and of everything."""

import secrets
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from assurance.history.entries import all_of, in_full
from assurance.history.search import Everything, HistoryFilter
from assurance.history.sheet import history_sheet
from assurance.history.sources import KINDS
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires, user_can
from assurance.sheets import FORMATS, respond

PER_PAGE = 30
# Where words wait that were looked for, by the name they have in addresses: the last
# so many of a session, of each at most so many characters.
_WORDS = "history_words"
_MOST, _LONGEST = 20, 300


@requires(Permission.READ_REGISTERS)
def history_of(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """``?every=1`` shows each save of notes by itself."""
    if kind not in KINDS:
        raise Http404
    thing_kind = KINDS[kind]
    if not user_can(request.user, thing_kind.permission):
        raise PermissionDenied
    thing = get_object_or_404(thing_kind.model._base_manager, pk=pk)
    every = request.GET.get("every") == "1"
    changes = all_of(kind, pk, fold=not every)
    page = Paginator(changes, PER_PAGE).get_page(request.GET.get("page"))
    name = f"Action {thing}" if kind == "actions" else str(thing)
    return render(
        request,
        "assurance/history.html",
        {
            "kind": thing_kind,
            "name": name,
            "page": page,
            "entries": in_full(list(page.object_list)),
            "every": every,
            "is_folded": any(len(burst) > 1 for burst in changes),
            "trail": [("Home", reverse("home")), (name, thing_kind.url_of(thing))],
        },
    )


@requires(Permission.MANAGE_ACCOUNTS)
def history(request: SignedInRequest) -> HttpResponseBase:
    """``?format=csv`` or ``xlsx`` gives all that the filters let through as a file.

    Browsers and proxies remember addresses, so the words that are looked for are in
    none: they are sent by POST and wait in the session under a name, ``?words=``.
    """
    if request.method == "POST":
        return redirect(_search(request))
    name = request.GET.get("words")
    words = request.session.get(_WORDS, {}).get(name)
    form = HistoryFilter({**request.GET.dict(), "q": words or ""})
    if name and words is None:
        form.add_error("q", "These words are not kept any more. Enter them again")
    told = form.cleaned_data if form.is_valid() else {}
    everything: Any = Everything(told)
    if file_format := request.GET.get("format"):
        if file_format not in FORMATS or not form.is_valid():
            raise Http404
        sheet = history_sheet(everything)
        return respond(sheet, file_format, f"history-{timezone.localdate()}")
    page = Paginator(everything, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "assurance/history_search.html",
        {
            "form": form,
            "page": page,
            "entries": in_full(list(page.object_list), of_things=True),
            "trail": [("Home", reverse("home"))],
        },
        status=200 if form.is_valid() else 422,
    )


def _search(request: SignedInRequest) -> str:
    """The address of what was looked for."""
    sent = {name: request.POST.get(name, "") for name in HistoryFilter.base_fields}
    if words := sent.pop("q").strip():
        sent["words"] = secrets.token_urlsafe(6)
        kept = {**request.session.get(_WORDS, {}), sent["words"]: words[:_LONGEST]}
        request.session[_WORDS] = dict(list(kept.items())[-_MOST:])
    query = urlencode({name: value for name, value in sent.items() if value})
    return f"{request.path}?{query}"
