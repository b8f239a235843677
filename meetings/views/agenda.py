"""The agenda: its items, their order and their papers."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from assurance.forms.base import saved
from assurance.http import SignedInRequest, send_file
from assurance.models import StoredFile
from assurance.permissions import Permission, requires, user_can
from assurance.templatetags.assurance import plural
from meetings.forms.agenda import (
    ItemForm,
    NewItemForm,
    NewPaperForm,
    PaperForm,
    usual_place,
)
from meetings.forms.meeting import ConfirmForm
from meetings.models import AgendaItem, Meeting, Paper
from meetings.operations import (
    delete_item,
    delete_paper,
    keep_paper,
    move_item,
    save_item,
    why_not_deleted,
)
from meetings.pages import (
    find_item,
    find_meeting,
    frozen,
    gone,
    render_meeting_form,
    render_page,
    warn,
)
from meetings.views.documents import download_agenda


def _agenda_of(meeting: Meeting) -> str:
    return reverse("agenda", args=[meeting.pk])


def _back_to(item: AgendaItem) -> str:
    """The agenda, at this item: where the reader was."""
    return f"{_agenda_of(item.meeting)}#item-{item.pk}"


@requires(Permission.READ_MINUTES)
def agenda(request: SignedInRequest, pk: int) -> HttpResponse:
    """``?format=pdf`` or ``docx`` gives the one to send out as a file."""
    meeting = find_meeting(request, pk)
    if "format" in request.GET:
        return download_agenda(request, meeting)
    items = meeting.agenda()
    prefetch_related_objects(items, "papers__file")
    siblings: dict[int | None, list[int]] = {}
    for item in items:
        siblings.setdefault(item.parent_id, []).append(item.pk)
    return render_page(
        request,
        meeting,
        "meetings/agenda.html",
        here="agenda",
        may_edit=user_can(request.user, Permission.EDIT_MEETINGS)
        and meeting.is_editable,
        items=items,
        firsts={rows[0] for rows in siblings.values()},
        lasts={rows[-1] for rows in siblings.values()},
        deepest=AgendaItem.MAX_DEPTH - 1,
    )


@requires(Permission.EDIT_MEETINGS)
def item_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new item; ``?place=under-12`` says where it goes unless changed."""
    meeting = find_meeting(request, pk)
    if refused := frozen(request, meeting):
        return refused
    items = meeting.agenda()
    form = NewItemForm(
        request.POST or None,
        agenda=items,
        instance=AgendaItem(meeting=meeting),
        initial={"place": request.GET.get("place") or usual_place(items)},
    )

    def write() -> str:
        item = form.instance
        kept = save_item(item, save=form.save, place=form.chosen_place)
        messages.success(
            request, f"“{item.heading}” is on the agenda.{_handed_down(item, kept)}"
        )
        return _back_to(item)

    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        title="New item",
        button="Add this item",
        back=_agenda_of(meeting),
        above=(("Agenda", _agenda_of(meeting)),),
    )


@requires(Permission.EDIT_MEETINGS)
def item_edit(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    meeting = find_meeting(request, pk)
    items = meeting.agenda()
    item = meeting.agenda_items.filter(pk=item_pk).first()
    if item is None and request.method == "POST":
        return gone(request, meeting, "This item", back=_agenda_of(meeting))
    item = item or find_item(request, pk, item_pk)
    if refused := frozen(request, meeting):
        return refused
    form = ItemForm(request.POST or None, agenda=items, instance=item)

    def write() -> str:
        kept = save_item(item, save=form.save, place=form.chosen_place)
        messages.success(
            request, f"“{item.heading}” is saved.{_handed_down(item, kept)}"
        )
        return _back_to(item)

    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        title="Edit this item",
        button="Save this item",
        back=f"{_agenda_of(meeting)}#item-{item_pk}",
        above=(("Agenda", _agenda_of(meeting)),),
    )


def _handed_down(item: AgendaItem, kept: list[AgendaItem]) -> str:
    """What became for the office only, or withheld, by where it stands."""
    if not kept:
        return ""
    is_restricted = any(row.restricted for row in kept)
    how = "for the office only" if is_restricted else "withheld from publication"
    below = [row for row in kept if row.pk != item.pk]
    said = f" It is {how} too, as what it stands under is." if below != kept else ""
    if below:
        said += f" {plural(len(below), 'item under it is,items under it are')} now "
        said += f"{how} too."
    return said


@requires(Permission.EDIT_MEETINGS)
@require_POST
def item_move(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    """One place up or down among the items beside it."""
    item = find_item(request, pk, item_pk)
    try:
        move_item(item, up=request.POST.get("direction") == "up")
    except ValidationError as refusal:
        warn(request, refusal)
    return redirect(_back_to(item))


@requires(Permission.EDIT_MEETINGS)
def item_delete(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    """Asks first; refuses with a sentence when something would be lost."""
    item = find_item(request, pk, item_pk)
    if refused := frozen(request, item.meeting):
        return refused
    if (refusal := why_not_deleted(item)) and request.method == "GET":
        messages.warning(request, f"{refusal}.")
        return redirect(_back_to(item))
    form = ConfirmForm(request.POST or None)

    def write() -> str:
        delete_item(item)
        messages.success(request, f"“{item.heading}” is off the agenda.")
        return _agenda_of(item.meeting)

    papers = item.papers.count()
    return saved(request, form, write) or render_meeting_form(
        request,
        item.meeting,
        form,
        title=f"Take “{item.heading}” off the agenda?",
        button="Take it off the agenda",
        is_warning=True,
        back=_back_to(item),
        above=(("Agenda", _agenda_of(item.meeting)),),
        lead=f"Its papers ({papers}) go with it." if papers else "",
    )


# Papers


@requires(Permission.EDIT_MEETINGS)
def paper_new(request: SignedInRequest, pk: int, item_pk: int) -> HttpResponse:
    meeting = find_meeting(request, pk)
    item = meeting.agenda_items.filter(pk=item_pk).first()
    if item is None and request.method == "POST":
        return gone(request, meeting, "This item", back=_agenda_of(meeting))
    item = item or find_item(request, pk, item_pk)
    if refused := frozen(request, meeting):
        return refused
    paper = Paper(item=item)
    form = NewPaperForm(request.POST or None, request.FILES or None, instance=paper)

    def write() -> str:
        keep_paper(
            paper,
            save=lambda: form.save(commit=False),
            by=request.user,
            upload=form.cleaned_data["upload"],
        )
        messages.success(request, f"Paper “{paper.title}” added.")
        return _back_to(item)

    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        title=f"New paper for “{item.heading}”",
        button="Add this paper",
        back=_back_to(item),
        above=(("Agenda", _agenda_of(meeting)),),
    )


@requires(Permission.EDIT_MEETINGS)
def paper_edit(
    request: SignedInRequest, pk: int, item_pk: int, paper_pk: int
) -> HttpResponse:
    meeting = find_meeting(request, pk)
    papers = Paper.objects.filter(item__meeting=meeting, item=item_pk)
    paper = papers.filter(pk=paper_pk).first()
    if paper is None and request.method == "POST":
        return gone(request, meeting, "This paper", back=_agenda_of(meeting))
    paper = paper or get_object_or_404(papers, pk=paper_pk)
    if refused := frozen(request, meeting):
        return refused
    form = PaperForm(request.POST or None, request.FILES or None, instance=paper)
    back = f"{_agenda_of(meeting)}#item-{item_pk}"

    def write() -> str:
        keep_paper(
            paper,
            save=lambda: form.save(commit=False),
            by=request.user,
            upload=form.cleaned_data["upload"],
            without_file=form.cleaned_data.get("without_file", False),
        )
        messages.success(request, f"Paper “{paper.title}” saved.")
        return back

    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        title="Edit this paper",
        button="Save this paper",
        back=back,
        above=(("Agenda", _agenda_of(meeting)),),
    )


@requires(Permission.EDIT_MEETINGS)
def paper_delete(
    request: SignedInRequest, pk: int, item_pk: int, paper_pk: int
) -> HttpResponse:
    item = find_item(request, pk, item_pk)
    paper = get_object_or_404(item.papers, pk=paper_pk)
    if refused := frozen(request, item.meeting):
        return refused
    form = ConfirmForm(request.POST or None)

    def write() -> str:
        delete_paper(paper)
        messages.success(request, f"Paper “{paper.title}” deleted.")
        return _back_to(item)

    return saved(request, form, write) or render_meeting_form(
        request,
        item.meeting,
        form,
        title=f"Delete the paper “{paper.title}”?",
        button="Delete this paper",
        is_warning=True,
        back=_back_to(item),
        above=(("Agenda", _agenda_of(item.meeting)),),
    )


@requires(Permission.READ_MINUTES)
def paper_file(
    request: SignedInRequest, pk: int, item_pk: int, paper_pk: int
) -> FileResponse:
    item = find_item(request, pk, item_pk)
    return send_file(
        get_object_or_404(StoredFile, papers__item=item, papers__pk=paper_pk)
    )
