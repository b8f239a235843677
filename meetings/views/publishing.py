"""The office's pages of publishing: preview, publish, withdraw."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from actions import publishing
from assurance.forms.base import saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires, user_can
from meetings.documents.published import published_documents
from meetings.forms.published import PublishForm, WithdrawForm
from meetings.models import Meeting, MinutesVersion
from meetings.pages import (
    find_meeting,
    render_meeting_form,
    render_page,
    warn,
)
from meetings.reading import read


@requires(Permission.READ_MINUTES, post=Permission.EDIT_MEETINGS)
def publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """Exactly what the public will read, what is withheld of it and what stops it.

    ``show`` is pressed to see what was chosen in the preview; it publishes nothing.
    """
    meeting = find_meeting(request, pk)
    try:
        edition = publishing.prepare(meeting)
    except ValidationError as refusal:
        warn(request, refusal)
        return redirect(meeting)
    if "show" in request.POST:
        form = PublishForm.to_preview(request.POST, edition=edition)
    else:
        form = PublishForm(request.POST or None, edition=edition)
    edition = form.edition
    # Before anything is held: making a PDF takes its time.
    documents = (
        published_documents(
            edition.record,
            number=edition.number,
            on=timezone.localdate(),
            address=request.build_absolute_uri(
                reverse("published_minutes", args=[meeting.pk])
            ),
        )
        if form.is_valid() and edition.can_be_published
        else {}
    )

    def write() -> str:
        version = publishing.publish(
            edition,
            documents=documents,
            by=request.user,
            why=form.cleaned_data.get("why", ""),
        )
        messages.success(
            request,
            f"Version {version.number} is published. Everybody can read it now.",
        )
        return reverse("publish", args=[meeting.pk])

    return saved(request, form, write) or render_page(
        request,
        meeting,
        "meetings/publish.html",
        status=422 if form.errors else 200,
        form=form,
        edition=edition,
        asks=_asks(request, edition),
        record=edition.record,
        reading=read(edition.record),
        versions=_versions(meeting),
    )


def _asks(request: SignedInRequest, edition: publishing.Edition) -> bool:
    """Whether there is anything to choose or to publish here."""
    if not user_can(request.user, Permission.EDIT_MEETINGS):
        return False
    if edition.publication.problems:
        return False
    return bool(edition.publication.doubts) or not edition.is_public_already


def _versions(meeting: Meeting) -> list[MinutesVersion]:
    found = meeting.versions.published().without_content()
    related = found.select_related("by", "withdrawal__by", "pdf", "docx")
    return list(related.latest_first())


@requires(Permission.EDIT_MEETINGS)
def published_withdraw(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    meeting = find_meeting(request, pk)
    version = get_object_or_404(meeting.versions.published(), number=number)
    form = WithdrawForm(request.POST or None)
    back = reverse("publish", args=[meeting.pk])

    def write() -> str:
        publishing.withdraw(version, why=form.cleaned_data["why"], by=request.user)
        messages.success(
            request,
            f"Version {version.number} is withdrawn. Its address now says so; the "
            "office can still read it here.",
        )
        return back

    return saved(request, form, write) or render_meeting_form(
        request,
        meeting,
        form,
        title=f"Withdraw version {version.number}",
        lead="The public can no longer read these minutes, on the page or as a file. "
        "Copies that others have made stay where they are.",
        button="Withdraw these minutes",
        is_warning=True,
        back=back,
        above=(("Publish", back),),
    )
