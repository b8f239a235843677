"""What every form does: saved once, nothing overwritten unseen, what was typed kept."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from assurance.forms.base import (
    GovukForm,
    GovukModelForm,
    VersionedModelForm,
    render_form,
    saved,
)
from assurance.forms.fields import ClockField, DayField
from assurance.models import Organisation, Submission, User
from meetings.models import AgendaItem, Meeting, Person, Theme
from tests.factories import AgendaItemFactory, MeetingFactory, UserFactory


def post(user: User, **data: Any) -> Any:
    request = RequestFactory().post("/somewhere/", data)
    request.user = user
    return request


# Sent once, saved once


def test_a_form_sent_twice_is_saved_once_and_leads_to_the_same_page(
    as_: Any, staff: User
) -> None:
    browser = as_(staff)
    sent = {"name": "Ada Newman", "submission": uuid.uuid4()}
    first = browser.post(reverse("person_new"), sent)
    again = browser.post(reverse("person_new"), sent)
    assert Person.objects.count() == 1
    assert first.status_code == again.status_code == 302
    assert again.url == first.url == Person.objects.get().get_absolute_url()


def test_the_second_press_is_not_told_that_its_own_name_is_taken(
    as_: Any, staff: User
) -> None:
    browser = as_(staff)
    sent = {"name": "Workforce", "is_active": "on", "submission": uuid.uuid4()}
    browser.post(reverse("theme_new"), sent)
    assert browser.post(reverse("theme_new"), sent).status_code == 302
    assert Theme.objects.count() == 1


def test_text_changed_after_going_back_is_another_submission(
    as_: Any, staff: User
) -> None:
    browser, token = as_(staff), uuid.uuid4()
    for name in ("Ada Newman", "Ada Numan"):
        browser.post(reverse("person_new"), {"name": name, "submission": token})
    assert {person.name for person in Person.objects.all()} == {
        "Ada Newman",
        "Ada Numan",
    }


def test_each_form_opened_has_a_token_of_its_own(as_: Any, staff: User) -> None:
    browser = as_(staff)
    pages = [browser.get(reverse("person_new")) for _ in range(2)]
    tokens = {page.context["form"]["submission"].value() for page in pages}
    assert len(tokens) == 2


def test_somebody_else_sending_the_same_is_not_a_repeat(as_: Any, db: None) -> None:
    sent = {"name": "Ada Newman", "submission": uuid.uuid4()}
    for user in (UserFactory(), UserFactory()):
        as_(user).post(reverse("person_new"), sent)
    assert Person.objects.count() == 2


def test_what_comes_without_a_token_repeats_nothing(as_: Any, staff: User) -> None:
    for _ in range(2):
        as_(staff).post(reverse("person_new"), {"name": "Ada Newman"})
    assert Person.objects.count() == 2


def test_the_text_sent_is_not_kept_with_the_token(as_: Any, staff: User) -> None:
    sent = {"name": "Ada Newman", "submission": uuid.uuid4()}
    as_(staff).post(reverse("person_new"), sent)
    submission = Submission.objects.get()
    assert len(submission.key) == 64
    assert "Ada" not in str(submission)


# A refusal


class Wish(GovukForm):
    day = DayField()


def test_a_refused_write_leaves_nothing_and_may_be_sent_again(staff: User) -> None:
    sent = {"day": "4/9/2025", "submission": uuid.uuid4()}

    def refuse() -> str:
        Theme.objects.create(name="Half-way")
        raise ValidationError("The meeting has begun")

    form = Wish(sent)
    assert saved(post(staff, **sent), form, refuse) is None
    assert form.non_field_errors() == ["The meeting has begun"]
    assert not Theme.objects.exists()
    assert not Submission.objects.exists()
    assert saved(post(staff, **sent), Wish(sent), lambda: "/done/")


def test_a_refusal_stands_beside_its_field_or_on_top(staff: User) -> None:
    sent = {"day": "4/9/2025", "submission": uuid.uuid4()}

    def refuse() -> str:
        raise ValidationError({"day": "No meeting that day", "venue": "No such room"})

    form = Wish(sent)
    assert saved(post(staff, **sent), form, refuse) is None
    assert form.errors == {
        "day": ["No meeting that day"],
        "__all__": ["No such room"],
    }


def test_a_form_with_errors_comes_back_as_422_with_what_was_typed(staff: User) -> None:
    form = Wish({"day": "31 September"})
    request = post(staff)
    assert saved(request, form, lambda: pytest.fail("must not be called")) is None
    response = render_form(request, form, title="A day", button="Save day")
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: A day" in page
    assert 'value="31 September"' in page
    assert '<a href="#id_day">Enter a real date, like 4 September 2025</a>' in page


# Words


class Words(GovukModelForm):
    held = forms.ChoiceField(choices=Meeting.Held)
    organisation = forms.ModelChoiceField(Organisation.objects.all())
    note = forms.CharField(error_messages={"required": "Say why"})

    class Meta:
        model = Meeting
        fields = ["date", "start", "cancelled_because"]
        field_classes = {"date": DayField, "start": ClockField}


def test_what_is_missing_is_asked_for_by_name(db: None) -> None:
    errors = Words({}).errors
    assert errors["date"] == ["Enter the date"]
    assert errors["held"] == ["Choose the held"]
    assert errors["organisation"] == ["Choose the organisation"]
    assert errors["note"] == ["Say why"]
    assert "start" not in errors


def test_what_was_deleted_meanwhile_is_to_be_chosen_again(db: None) -> None:
    for gone in ("12", "9" * 30, "x"):
        assert Words({"organisation": gone}).errors["organisation"] == [
            "Choose the organisation again: what you chose is no longer there"
        ]


# Saving over somebody else's change


class MeetingWords(VersionedModelForm):
    class Meta:
        model = Meeting
        fields = ["date", "start", "venue", "held", "in_public", "own_deadline"]
        field_classes = {"date": DayField, "start": ClockField}


def edit(meeting: Meeting, **changes: Any) -> dict[str, Any]:
    """What a browser sends that opened the form now and changed this."""
    return {
        "date": "26/3/2025",
        "start": "10:00",
        "venue": meeting.venue,
        "held": meeting.held,
        "version": meeting.version,
        "submission": uuid.uuid4(),
        **changes,
    }


def send(user: User, meeting: Meeting, sent: dict[str, Any]) -> tuple[Any, Any]:
    form = MeetingWords(sent, instance=Meeting.objects.get(pk=meeting.pk))

    def write() -> str:
        form.save()
        return "/done/"

    return saved(post(user, **sent), form, write), form


def test_a_save_from_an_up_to_date_form_counts_the_version(staff: User) -> None:
    meeting = MeetingFactory()
    response, _ = send(staff, meeting, edit(meeting, venue="Hindlip"))
    meeting.refresh_from_db()
    assert isinstance(response, HttpResponse)
    assert (meeting.venue, meeting.version) == ("Hindlip", 1)


def test_a_stale_save_is_refused_and_both_texts_are_shown(staff: User) -> None:
    meeting = MeetingFactory()
    mine = edit(meeting, venue="Worcester")
    theirs = edit(
        meeting, venue="Hindlip", date="4/9/2025", start="11am", in_public="on"
    )
    send(staff, meeting, theirs)
    response, form = send(UserFactory(), meeting, mine)
    meeting.refresh_from_db()
    assert response is None
    assert meeting.venue == "Hindlip"
    assert "Somebody else changed this" in form.non_field_errors()[0]
    assert form["venue"].value() == "Worcester"
    assert form.theirs == {
        "Date": "4 September 2025",
        "Start": "11:00",
        "Venue": "Hindlip",
        "Open to the public": "Yes",
    }


def test_sending_again_after_the_comparison_replaces_theirs(staff: User) -> None:
    meeting = MeetingFactory()
    mine = edit(meeting, venue="Worcester")
    send(staff, meeting, edit(meeting, venue="Hindlip"))
    _, form = send(staff, meeting, mine)
    again = {name: form[name].value() or "" for name in form.fields}
    response, _ = send(staff, meeting, again)
    meeting.refresh_from_db()
    assert response is not None
    assert (meeting.venue, meeting.version) == ("Worcester", 2)


def test_a_third_change_in_between_is_refused_too(staff: User) -> None:
    meeting = MeetingFactory()
    mine = edit(meeting, venue="Worcester")
    send(staff, meeting, edit(meeting, venue="Hindlip"))
    _, form = send(staff, meeting, mine)
    meeting.refresh_from_db()
    send(staff, meeting, edit(meeting, venue="Online"))
    again = {name: form[name].value() or "" for name in form.fields}
    response, form = send(staff, meeting, again)
    assert response is None
    assert form.theirs["Venue"] == "Online"


def test_moments_and_what_is_empty_are_shown_in_words(staff: User) -> None:
    at = dt.datetime(2025, 5, 23, 9, tzinfo=timezone.get_current_timezone())
    meeting = MeetingFactory(own_deadline=at, venue="")
    mine = edit(meeting, venue="Worcester", in_public="on", version=7)
    _, form = send(staff, meeting, mine)
    assert form.theirs == {
        "Venue": "",
        "Open to the public": "No",
        "Force updates due": "23 May 2025, 09:00",
    }


@pytest.mark.parametrize("version", ["", "x", "9" * 30, "-1"])
def test_a_version_that_was_tampered_with_saves_nothing(
    staff: User, version: str
) -> None:
    meeting = MeetingFactory()
    response, form = send(staff, meeting, edit(meeting, venue="X", version=version))
    assert response is None
    assert form.errors
    assert not Meeting.objects.filter(venue="X").exists()


class ItemWords(VersionedModelForm):
    class Meta:
        model = AgendaItem
        fields = ["notes"]


def test_the_page_names_who_saved_meanwhile(staff: User) -> None:
    item = AgendaItemFactory()
    item.notes, item.version = "Theirs", 1
    item._history_user = staff
    item.save()
    sent = {"notes": "Mine", "version": 0, "submission": uuid.uuid4()}
    form = ItemWords(sent, instance=AgendaItem.objects.get(pk=item.pk))
    request = post(UserFactory(), **sent)
    assert saved(request, form, lambda: form.save() and "/done/") is None
    page = render_form(request, form, title="Notes", button="Save").content.decode()
    assert f"Saved by {staff.name} while you were writing" in page
    assert "<pre>Theirs</pre>" in page
    assert ">\nMine</textarea>" in page


# Too long


class _NoteForm(GovukForm):
    note = forms.CharField(widget=forms.Textarea)


@pytest.mark.parametrize(
    ("sent", "is_taken"),
    [
        ("word\r\n" * 30_000, True),
        (" " + "word\n" * 30_000, True),
        ("word\n" * 30_001, False),
        ("word\n" * 29_999, False),
        ("other" * 30_000, False),
        ("word", True),
    ],
    ids=["as a browser sends it", "blanks", "longer", "shorter", "another", "short"],
)
def test_a_text_from_before_there_was_a_limit_passes_while_it_is_not_changed(
    sent: str, is_taken: bool
) -> None:
    form = _NoteForm({"note": sent}, initial={"note": "word\n" * 30_000})
    assert form.is_valid() == is_taken
    assert ("Enter at most 100000" in str(form.errors)) != is_taken
