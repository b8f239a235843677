"""People named in minutes, and what they were over time."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from assurance.forms.base import render_form, saved
from assurance.http import SignedInRequest
from assurance.permissions import Permission, requires
from meetings.forms.registers import PersonForm
from meetings.models import Attendee, Meeting, Person

PER_PAGE = 50


@requires(Permission.READ_REGISTERS)
def people(request: SignedInRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:150]
    rows = Person.objects.with_last_post().select_related("user").order_by("name", "pk")
    for word in words.split():
        rows = rows.filter(name__icontains=word)
    return render(
        request,
        "meetings/people/people.html",
        {
            "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
            "words": words,
            "trail": [("Home", reverse("home"))],
        },
    )


@dataclass
class Post:
    """A stretch of meetings at which somebody held one post."""

    post: str
    organisation: str
    attendances: list[Attendee]

    @property
    def latest(self) -> Meeting:
        return self.attendances[0].meeting

    @property
    def earliest(self) -> Meeting:
        return self.attendances[-1].meeting


def posts_held(attendances: list[Attendee]) -> list[Post]:
    """Attendances, latest first, as posts held one after the other.

    Somebody acting in a post and then appointed to it held one post. A meeting that
    names no capacity belongs to no post.
    """
    posts: list[Post] = []
    for attendee in attendances:
        organisation = attendee.organisation.name if attendee.organisation else ""
        last = posts[-1] if posts else None
        if (
            last
            and last.post.casefold() == attendee.post.casefold()
            and last.organisation == organisation
        ):
            last.attendances.append(attendee)
        else:
            posts.append(Post(attendee.post, organisation, [attendee]))
    return posts


@requires(Permission.READ_REGISTERS)
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    somebody = get_object_or_404(Person.objects.select_related("user"), pk=pk)
    meetings = Meeting.objects.visible_to(request.user)
    attendances = list(
        Attendee.objects.filter(person=somebody, meeting__in=meetings)
        .select_related("meeting__type", "organisation")
        .latest_first()
    )
    return render(
        request,
        "meetings/people/person.html",
        {
            "person": somebody,
            "posts": posts_held(attendances),
            "count": len(attendances),
            "trail": [("Home", reverse("home")), ("People", reverse("people"))],
        },
    )


@requires(Permission.EDIT_REGISTERS)
def person_new(request: SignedInRequest) -> HttpResponse:
    return _person(request, Person(), title="New person", back=reverse("people"))


@requires(Permission.EDIT_REGISTERS)
def person_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    somebody = get_object_or_404(Person, pk=pk)
    return _person(
        request, somebody, title=somebody.name, back=somebody.get_absolute_url()
    )


def _person(
    request: SignedInRequest, somebody: Person, *, title: str, back: str
) -> HttpResponse:
    form = PersonForm(request.POST or None, instance=somebody)

    def write() -> Person:
        form.save()
        messages.success(
            request, f"{somebody} saved. They can be put on any attendance list."
        )
        return somebody

    return saved(request, form, write) or render_form(
        request,
        form,
        title=title,
        button="Save person",
        back=back,
        trail=[("People", reverse("people"))],
    )
