"""The whole record taken away, by an administrator who confirmed that it is them."""

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from assurance.events import note
from assurance.files import size_in_words
from assurance.handover.writing import extent, hand_over, name_of_archive
from assurance.http import SignedInRequest
from assurance.models import Event
from assurance.permissions import Permission, requires
from assurance.sign_in import confirming


@requires(Permission.MANAGE_ACCOUNTS)
def record_hand_over(request: SignedInRequest) -> HttpResponseBase:
    to_confirm = _to_confirm(request)
    if request.method == "POST":
        return redirect(to_confirm) if to_confirm else _take(request)
    return _explain(request, to_confirm)


def _to_confirm(request: SignedInRequest) -> str:
    """Where they confirm that it is them; empty when they did a moment ago."""
    if not confirming.is_stale(request):
        return ""
    return confirming.address(request, then=reverse("record_hand_over"))


def _explain(request: SignedInRequest, to_confirm: str) -> HttpResponse:
    total = extent()
    events = Event.objects.filter(kind=Event.Kind.HANDED_OVER).select_related("by")
    return render(
        request,
        "assurance/hand_over.html",
        {
            "total": total,
            "size": size_in_words(total.bytes) if total.bytes else "",
            "to_confirm": to_confirm,
            "taken": events[:10],
            "trail": [("Home", reverse("home"))],
        },
    )


def _take(request: SignedInRequest) -> HttpResponseBase:
    total = extent()
    note(
        Event.Kind.HANDED_OVER,
        request=request,
        what=f"The whole record: {total.rows} rows, {total.files} files",
    )
    return StreamingHttpResponse(
        hand_over(),
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name_of_archive()}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
