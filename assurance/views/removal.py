"""Legal holds, and removing words from the record for data protection."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from actions.importing.sheets import forget_dropped
from assurance import holds
from assurance.backup.aside import lying_aside
from assurance.events import note
from assurance.files import discard_unused
from assurance.forms.base import render_form, saved
from assurance.forms.removal import HoldForm, LiftForm, LookForm, RemoveForm
from assurance.http import SignedInRequest, send_file
from assurance.models import Event, LegalHold, Removal, StoredFile
from assurance.permissions import Permission, requires
from assurance.removal_pages import (
    count_places,
    groups_of,
    keys_ticked,
    places_of,
)
from assurance.removing.search import Thing, find, unsent_files
from assurance.sign_in import confirming
from assurance.templatetags.assurance import plural
from meetings.look_into import Looked, LookedInto, look_into_files
from meetings.models import MinutesVersion
from meetings.removal import (
    Order,
    digest_of,
    files_to_look_into,
    mark_of,
    remove,
)

PER_PAGE = 30
# What is sent on from looking to removing.
_SENT_ON = ("words_to_remove", "why", "into_files")
_UNCONFIRMED = (
    "It is some minutes ago that you showed that it is you. Open this page in another "
    "tab and confirm it there. Then look for the words in that tab"
)


# Legal holds


@requires(Permission.MANAGE_ACCOUNTS)
def holds_page(request: SignedInRequest) -> HttpResponse:
    """Those that are set, then those that were."""
    past = LegalHold.objects.filter(lifted_at__isnull=False)
    found = Paginator(past.select_related("set_by", "lifted_by"), PER_PAGE)
    return render(
        request,
        "assurance/holds.html",
        {
            "standing": holds.standing(),
            "page": found.get_page(request.GET.get("page")),
            "trail": [("Home", reverse("home"))],
        },
    )


@requires(Permission.MANAGE_ACCOUNTS)
def hold_new(request: SignedInRequest) -> HttpResponse:
    form = HoldForm(request.POST or None)

    def write() -> str:
        holds.set_hold(form.cleaned_data["why"], by=request.user)
        messages.success(
            request,
            "Legal hold set. Nothing can be removed from the record until it is "
            "lifted.",
        )
        return reverse("holds")

    return saved(request, form, write) or render_form(
        request,
        form,
        title="Set a legal hold",
        lead="While a hold is set nothing can be removed from the record for data "
        "protection, and files and rows of spreadsheets that would be deleted are "
        "kept until it is lifted. The words of drafts that are thrown away, and "
        "e-mails that were sent, are no part of the record and go as always.",
        button="Set hold",
        back=reverse("holds"),
        trail=[("Legal holds", reverse("holds"))],
    )


@requires(Permission.MANAGE_ACCOUNTS)
def hold_lift(request: SignedInRequest, pk: int) -> HttpResponse:
    hold = get_object_or_404(LegalHold.objects.select_related("set_by"), pk=pk)
    if hold.lifted_at and request.method != "POST":
        messages.warning(request, "That hold was lifted already.")
        return redirect("holds")
    form = LiftForm(request.POST or None)

    def write() -> str:
        holds.lift_hold(hold, form.cleaned_data["because"], by=request.user)
        if holds.is_set():
            said = "Legal hold lifted. Another one is still set."
        else:
            discard_unused()
            forget_dropped()
            said = "Legal hold lifted. What it kept from being deleted is deleted now."
        messages.success(request, said)
        return reverse("holds")

    return saved(request, form, write) or render_form(
        request,
        form,
        title="Lift this legal hold?",
        lead=f"{holds.in_words(hold)}.",
        button="Lift hold",
        is_warning=True,
        back=reverse("holds"),
        trail=[("Legal holds", reverse("holds"))],
    )


# Removals


@requires(Permission.MANAGE_ACCOUNTS)
def removals(request: SignedInRequest) -> HttpResponse:
    found = Paginator(Removal.objects.select_related("by"), PER_PAGE)
    page = found.get_page(request.GET.get("page"))
    return render(
        request,
        "assurance/removals.html",
        {
            "page": page,
            "rows": [(removal, count_places(removal)) for removal in page],
            "standing": holds.standing(),
            "aside": lying_aside(),
            "trail": [("Home", reverse("home"))],
        },
    )


@requires(Permission.MANAGE_ACCOUNTS)
def removal(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is kept of one: everything but the words."""
    kept = get_object_or_404(Removal.objects.select_related("by"), pk=pk)
    versions = MinutesVersion.objects.without_content()
    return render(
        request,
        "assurance/removal.html",
        {
            "removal": kept,
            "aside": lying_aside(),
            "places": places_of(kept),
            "versions": kept.versions.select_related("version__meeting")
            .defer("version__content", "version__text")
            .order_by("version"),
            "waiting": set(
                kept.versions.without_documents().values_list("pk", flat=True)
            ),
            "others": versions.filter(
                pk__in=[one["id"] for one in kept.places.get("versions", [])]
            ).exclude(removals__removal=kept),
            "unsent": set(unsent_files()),
            "files": StoredFile.objects.filter(pk__in=kept.places.get("files", [])),
            "trail": [
                ("Home", reverse("home")),
                ("Removals for data protection", reverse("removals")),
            ],
        },
    )


@requires(Permission.MANAGE_ACCOUNTS)
@sensitive_post_parameters()
def removal_new(request: SignedInRequest) -> HttpResponse:
    """Look for words, then remove them from what is ticked. Looking reads everything,
    so whoever does has just confirmed who they are.

    What is typed is only ever in the body of a request: in no address, and it is sent
    on from page to page instead of being kept.
    """
    mark = mark_of(timezone.localdate())
    step = request.POST.get("step")
    look = LookForm(request.POST or None, mark=mark)
    if request.method != "POST":
        confirming.require(request)
    if holds.is_set() or request.method != "POST" or not look.is_valid():
        return _page(request, look)
    if step != "remove" and confirming.is_stale(request):
        return _unconfirmed(request, look)
    things = find(look.words, with_excerpts=True)
    if step != "remove":
        looked = LookedInto()
        if look.cleaned_data["into_files"]:
            looked = look_into_files(look.words)
        form = RemoveForm(
            initial={
                **{name: look.cleaned_data[name] for name in _SENT_ON},
                "seen": RemoveForm.seal(digest_of(things), user=request.user),
            },
            mark=mark,
            user=request.user,
        )
        return _page(request, look, form=form, things=things, looked=looked)
    form = RemoveForm(request.POST, mark=mark, user=request.user)
    form.is_valid()
    if confirming.is_stale(request) and not form.cleaned_data.get("password"):
        if form.cleaned_data.get("seen") != digest_of(things):
            return _unconfirmed(request, look)
        if "password" not in form.fields:
            form.add_error(None, _UNCONFIRMED)
    return _remove(request, form, things) or _page(
        request,
        look,
        form=form,
        things=things,
        looked=_looked_before(request),
        ticked=request.POST.getlist("thing"),
    )


def _unconfirmed(request: SignedInRequest, look: LookForm) -> HttpResponse:
    look.add_error(None, _UNCONFIRMED)
    return _page(request, look)


def _remove(
    request: SignedInRequest, form: RemoveForm, things: list[Thing]
) -> HttpResponse | None:
    if not form.is_valid():
        return None
    keys = keys_ticked(things, request.POST.getlist("thing"))

    def write() -> str:
        kept = remove(
            Order(
                words=form.words,
                why=form.cleaned_data["why"],
                by=request.user,
                mark=form.mark,
                seen=form.cleaned_data["seen"],
                keys=keys,
                files=_numbers(request.POST.getlist("file")),
            )
        )
        messages.success(
            request,
            f"Removed in {count_places(kept)} places. Copies in backups stay until "
            "those are overwritten.",
        )
        return reverse("removal", args=[kept.pk])

    return saved(request, form, write)


def _numbers(sent: Iterable[str]) -> set[int]:
    """Those that a row can have."""
    return {
        int(one) for one in sent if one.isascii() and one.isdigit() and len(one) < 19
    }


def _looked_before(request: SignedInRequest) -> LookedInto:
    """The files that the page listed: they are not opened a second time."""

    def those(name: str) -> list[Looked]:
        pks = _numbers(request.POST.getlist(name))
        files = files_to_look_into().select_related("uploaded_by").filter(pk__in=pks)
        return [Looked(stored) for stored in files.order_by("-pk")]

    found = LookedInto(those("file_found"), those("file_unread"))
    found.count = len(found.holding) + len(found.unread)
    return found


def _page(
    request: SignedInRequest,
    look: LookForm,
    *,
    form: RemoveForm | None = None,
    things: list[Thing] | None = None,
    looked: LookedInto | None = None,
    ticked: list[str] | None = None,
) -> HttpResponse:
    shown = form if form and form.errors else look
    if things is not None:
        note(
            Event.Kind.SEARCHED,
            request=request,
            what=f"Words found in {plural(len(things), 'thing,things')}",
        )
    versions = [
        thing.pk
        for thing in things or []
        if thing.label == MinutesVersion._meta.label and thing.is_there
    ]
    return render(
        request,
        "assurance/removal_new.html",
        {
            "look": look,
            "form": shown,
            "remove": form,
            "found": things is not None,
            "total": len(things or []),
            "groups": groups_of(things or [], ticked),
            "looked": looked,
            "unsent": set(unsent_files()),
            "files_ticked": _numbers(request.POST.getlist("file")),
            "has_documents": versions
            and MinutesVersion.objects.published().filter(pk__in=versions).exists(),
            "standing": holds.standing(),
            "mark": look.mark,
            "files_count": files_to_look_into().count(),
            "trail": [
                ("Home", reverse("home")),
                ("Removals for data protection", reverse("removals")),
            ],
        },
        status=422 if shown.errors else 200,
    )


@requires(Permission.MANAGE_ACCOUNTS)
def removal_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Any file that was handed in, to be looked at before it is removed; but those of
    answers that were not sent yet.
    """
    files = StoredFile.objects.exclude(pk__in=unsent_files())
    stored = get_object_or_404(files.select_related("removal__by"), pk=pk)
    response = send_file(stored)
    note(
        Event.Kind.DOWNLOADED,
        request=request,
        what=f"Stored file {stored.pk}, looked at for data protection",
    )
    return response
