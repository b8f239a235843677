"""Meeting types with the agenda they start with, and themes."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assurance.forms.base import GovukForm, render_form, saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires
from meetings.forms.registers import MeetingTypeForm, StandingItemForm, ThemeForm
from meetings.models import MeetingType, StandingItem, Theme


@requires(Permission.READ_REGISTERS)
def registers(request: SignedInRequest) -> HttpResponse:
    return render(
        request,
        "meetings/registers/registers.html",
        {
            "types": MeetingType.objects.prefetch_related("standing_items")
            .annotate(meetings_count=Count("meetings"))
            .order_by("name"),
            "themes": Theme.objects.annotate(
                meetings_count=Count("meetings", distinct=True),
                items_count=Count("agenda_items", distinct=True),
            ).order_by("name"),
            "trail": [("Home", reverse("home"))],
        },
    )


def _trail() -> list[tuple[str, str]]:
    return [("Types and themes", reverse("registers"))]


@requires(Permission.EDIT_REGISTERS)
def type_new(request: SignedInRequest) -> HttpResponse:
    form = MeetingTypeForm(request.POST or None)

    def write() -> MeetingType:
        type_ = form.save()
        messages.success(
            request, f"{type_} saved. Add the items its agenda always starts with."
        )
        return type_

    return saved(request, form, write) or render_form(
        request,
        form,
        title="New meeting type",
        button="Save meeting type",
        back=reverse("registers"),
        trail=_trail(),
    )


@requires(Permission.EDIT_REGISTERS)
def type_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    type_ = get_object_or_404(MeetingType, pk=pk)
    title = type_.name
    form = MeetingTypeForm(request.POST or None, instance=type_)

    def write() -> str:
        form.save()
        messages.success(
            request, f"{type_} saved. Meetings already planned stay as they are."
        )
        return reverse("registers")

    return saved(request, form, write) or render_form(
        request,
        form,
        title=title,
        button="Save meeting type",
        back=reverse("registers"),
        trail=_trail(),
        template="meetings/registers/type.html",
        type=type_,
        items=type_.standing_items.all(),
    )


@requires(Permission.EDIT_REGISTERS)
def standing_new(request: SignedInRequest, pk: int) -> HttpResponse:
    type_ = get_object_or_404(MeetingType, pk=pk)
    return _standing(
        request, type_, StandingItem(type=type_), title="New standing item"
    )


@requires(Permission.EDIT_REGISTERS)
def standing_edit(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    item = _standing_item(pk, item_pk)
    return _standing(request, item.type, item, title=item.heading)


def _standing_item(pk: int, item_pk: int) -> StandingItem:
    items = StandingItem.objects.select_related("type")
    return get_object_or_404(items, pk=item_pk, type_id=pk)


def _standing(
    request: SignedInRequest, type_: MeetingType, item: StandingItem, *, title: str
) -> HttpResponse:
    form = StandingItemForm(request.POST or None, instance=item)

    def write() -> str:
        if item.pk is None:
            type_.add_standing_item(item)
        else:
            form.save()
        messages.success(
            request, f"“{item}” saved. New meetings of this type start with it."
        )
        return _agenda_of(type_)

    return saved(request, form, write) or render_form(
        request,
        form,
        title=title,
        button="Save item",
        back=_agenda_of(type_),
        trail=[*_trail(), (type_.name, type_.get_absolute_url())],
    )


def _agenda_of(type_: MeetingType) -> str:
    return f"{type_.get_absolute_url()}#agenda"


@requires(Permission.EDIT_REGISTERS)
@require_POST
def standing_move(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    """One place up or down, as the button pressed says."""
    item = _standing_item(pk, item_pk)
    item.type.move_standing_item(item, up=request.POST.get("direction") == "up")
    return HttpResponseRedirect(_agenda_of(item.type))


@requires(Permission.EDIT_REGISTERS)
def standing_delete(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    """Asks first; meetings that have the item keep it."""
    item = _standing_item(pk, item_pk)
    form = GovukForm(request.POST or None)

    def write() -> str:
        item.delete()
        messages.success(
            request, f"“{item}” removed. New meetings of this type start without it."
        )
        return _agenda_of(item.type)

    return saved(request, form, write) or render_form(
        request,
        form,
        title=f"Remove “{item}” from this agenda?",
        button="Remove item",
        back=_agenda_of(item.type),
        trail=[*_trail(), (item.type.name, item.type.get_absolute_url())],
        lead="New meetings of this type will start without it. Meetings already "
        "planned keep it.",
        is_warning=True,
    )


@requires(Permission.EDIT_REGISTERS)
def theme_new(request: SignedInRequest) -> HttpResponse:
    return _theme(request, Theme(), title="New theme")


@requires(Permission.EDIT_REGISTERS)
def theme_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    theme = get_object_or_404(Theme, pk=pk)
    return _theme(request, theme, title=theme.name)


def _theme(request: SignedInRequest, theme: Theme, *, title: str) -> HttpResponse:
    form = ThemeForm(request.POST or None, instance=theme)

    def write() -> str:
        form.save()
        offered = "Meetings and items can be on it."
        kept = "It is no longer offered; what is on it stays so."
        messages.success(
            request, f"{theme} saved. {offered if theme.is_active else kept}"
        )
        return reverse("registers")

    return saved(request, form, write) or render_form(
        request,
        form,
        title=title,
        button="Save theme",
        back=reverse("registers"),
        trail=_trail(),
    )
