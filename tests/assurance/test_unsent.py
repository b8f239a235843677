"""A form that comes when its session has ended is kept for who filled it in."""

import datetime as dt
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assurance.models import Unsent, User
from assurance.sign_in import unsent
from meetings.models import Theme
from tests.factories import (
    PASSWORD,
    ActionFactory,
    AgendaItemFactory,
    MeetingFactory,
    OrganisationFactory,
    UnsentFactory,
    UserFactory,
)
from tests.second_step import SECRET, app_code, fully_signed_in, with_app

THEME = "theme_new"
TYPED = {"name": "Roads & rivers, first draft"}


@pytest.fixture
def late(as_: Any, staff: User) -> Iterator[Client]:
    """A browser whose session has just ended."""
    with time_machine.travel(time.time(), tick=False) as clock:
        browser = as_(staff)
        clock.shift(settings.SESSION_IDLE)
        yield browser


def send(browser: Client, address: str = THEME, **typed: Any) -> Any:
    sent = {"submission": uuid.uuid4(), "csrfmiddlewaretoken": "x" * 64, **typed}
    url = address if address.startswith("/") else reverse(address)
    return browser.post(url, sent)


def sign_in(browser: Client, user: User, then: str) -> Any:
    return browser.post(then, {"login": user.email, "password": PASSWORD})


def fields(page: str) -> dict[str, str]:
    """What the button of the page sends."""
    hidden = r'<textarea name="([^"]*)" hidden>\n(.*?)</textarea>'
    found = re.findall(hidden, page, re.S)
    token = re.findall(r'name="unsent" value="([^"]*)"', page)
    return {name: value.replace("&amp;", "&") for name, value in found} | {
        "unsent": token[0]
    }


def test_what_was_typed_is_there_after_signing_in_and_is_saved_by_a_button(
    late: Client, staff: User
) -> None:
    to_sign_in = send(late, **TYPED)
    kept = Unsent.objects.get()
    assert kept.user == staff
    there = reverse("unsent", args=[kept.token])
    assert to_sign_in.url == f"{reverse('account_login')}?next={there}"
    assert "Roads" not in to_sign_in.url
    explained = late.get(to_sign_in.url).content.decode()
    assert "because nothing was done for 30 minutes" in explained
    assert "Sign in again to see it and save it." in explained

    assert sign_in(late, staff, to_sign_in.url).url == there
    page = late.get(there).content.decode()
    assert "What you typed is not saved yet" in page
    assert "Roads &amp; rivers, first draft" in page
    assert f'action="{reverse(THEME)}"' in page
    assert "csrfmiddlewaretoken" not in kept.sent[0]
    assert not Theme.objects.exists()

    response = late.post(reverse(THEME), fields(page))
    assert response.status_code == 302
    assert Theme.objects.get().name == TYPED["name"]
    assert not Unsent.objects.exists()
    assert late.get(there).status_code == 404


def test_the_second_step_of_signing_in_leads_there_too(db: None) -> None:
    real = UserFactory(real=True)
    with_app(real)
    with time_machine.travel(time.time(), tick=False) as clock:
        browser = fully_signed_in(real)
        clock.shift(settings.SESSION_IDLE)
        to_sign_in = send(browser, **TYPED)
        to_step = sign_in(browser, real, to_sign_in.url)
        there = browser.post(to_step.url, {"code": app_code(SECRET)})
        assert there.url == reverse("unsent", args=[Unsent.objects.get().token])
        assert "Roads &amp; rivers" in browser.get(there.url).content.decode()


def test_it_is_kept_as_well_when_another_page_found_out_first(
    late: Client, staff: User
) -> None:
    late.get(reverse("people"))
    assert not staff.sessions.exists()
    assert "unsent" in send(late, **TYPED).url
    assert Unsent.objects.get().user == staff


def test_it_is_kept_after_twelve_hours_too(as_: Any, staff: User) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        browser = as_(staff)
        clock.shift(settings.SESSION_WHOLE)
        staff.sessions.update(active_at=timezone.now())
        to_sign_in = send(browser, **TYPED)
        page = browser.get(to_sign_in.url).content.decode()
        assert "because you signed in 12 hours before" in page
        assert Unsent.objects.count() == 1


def test_another_account_never_sees_it(late: Client, as_: Any) -> None:
    to_sign_in = send(late, **TYPED)
    token = Unsent.objects.get().token
    other = UserFactory()
    there = sign_in(late, other, to_sign_in.url).url
    assert late.get(there).status_code == 404
    administrator = as_(UserFactory(administrator=True))
    for browser in (late, administrator):
        assert browser.post(reverse("unsent_drop", args=[token])).status_code == 404
        account = browser.get(reverse("account")).content.decode()
        assert "Something that you typed is not saved" not in account
        send(browser, name="Mine", unsent=token)
    assert Unsent.objects.get().token == token


def test_a_stranger_s_form_is_kept_for_nobody(client: Client, db: None) -> None:
    assert send(client, **TYPED).url.endswith(f"?next={reverse(THEME)}")
    client.cookies["ended"] = "1:made-up"
    send(client, **TYPED)
    assert not Unsent.objects.exists()


def test_a_form_with_a_wrong_token_is_kept_for_nobody(staff: User) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(staff)
        clock.shift(settings.SESSION_IDLE)
        assert send(browser, **TYPED).status_code == 403
    assert not Unsent.objects.exists()


def test_a_script_keeps_its_text_itself(late: Client) -> None:
    sent = late.post(reverse(THEME), TYPED, headers={"HX-Request": "true"})
    assert sent.status_code == 401
    assert not Unsent.objects.exists()


def test_neither_passwords_nor_codes_are_kept(late: Client, staff: User) -> None:
    words = {"oldpassword": PASSWORD, "password1": "a b c", "password2": "a b c"}
    response = send(late, "account_change_password", **words)
    assert response.url.startswith(reverse("account_login"))
    assert not Unsent.objects.exists()
    sent = [("otp_code", ["123456"]), ("new_password", ["x"]), ("text", ["Said"])]
    kept = unsent.keep_unsent(staff, path="/", sent=sent, files={})
    assert kept
    assert kept.sent == [["text", ["Said"]]]


def test_it_is_discarded_at_a_press(as_: Any, staff: User) -> None:
    kept = UnsentFactory(user=staff)
    response = as_(staff).post(reverse("unsent_drop", args=[kept.token]))
    assert response.url == reverse("home")
    assert not Unsent.objects.exists()


def test_whoever_may_not_do_it_now_is_refused_and_it_stays(as_: Any, db: None) -> None:
    commissioner = UserFactory(commissioner=True)
    kept = UnsentFactory(user=commissioner, path=reverse(THEME))
    browser = as_(commissioner)
    page = browser.get(reverse("unsent", args=[kept.token])).content.decode()
    assert browser.post(kept.path, fields(page)).status_code == 403
    assert Unsent.objects.count() == 1


def test_what_somebody_saved_meanwhile_is_compared(late: Client, staff: User) -> None:
    item = AgendaItemFactory(meeting=MeetingFactory(state="in_progress"))
    url = f"{reverse('minutes', args=[item.meeting_id])}?item={item.pk}"
    to_sign_in = send(late, url, notes="Mine", version=item.version)
    item.notes, item.version = "Theirs", item.version + 1
    item.save()
    sign_in(late, staff, to_sign_in.url)
    page = late.get(reverse("unsent", args=[Unsent.objects.get().token]))
    refused = late.post(url, fields(page.content.decode()))
    assert refused.status_code == 422
    for words in ("Mine", "Theirs"):
        assert words in refused.content.decode()
    item.refresh_from_db()
    assert item.notes == "Theirs"
    assert Unsent.objects.exists()


def test_fields_are_named_as_on_their_form(as_: Any, staff: User) -> None:
    organisation = OrganisationFactory(name="Secret Partner")
    kept = UnsentFactory(
        user=staff,
        path="/accounts/users/new/",
        sent=[
            ["submission", [str(uuid.uuid4())]],
            ["name", ["Ada <b>Newman</b>"]],
            ["email", ["ada@office.example"]],
            ["role", ["liaison"]],
            ["organisation", [str(organisation.pk)]],
            ["then", [""]],
        ],
    )
    page = as_(staff).get(reverse("unsent", args=[kept.token])).content.decode()
    labels = re.findall(r"summary-list__key\">(.*?)</dt>", page)
    assert labels == ["Full name", "E-mail address", "Role", "Organisation"]
    assert "Ada &lt;b&gt;Newman&lt;/b&gt;" in page
    assert "Liaison of a force or partner" in page
    assert "Chosen from the list" in page
    assert "Secret Partner" not in page


@pytest.mark.parametrize(
    ("page", "label"),
    [("action_update", "What has been done"), ("action_note", "Office note")],
)
def test_a_field_that_many_forms_have_is_named_as_where_it_was_sent(
    as_: Any, staff: User, page: str, label: str
) -> None:
    action = ActionFactory()
    path = reverse(page, args=[action.year, action.number])
    kept = UnsentFactory(user=staff, path=path, sent=[["text", ["Done"]]])
    html = as_(staff).get(reverse("unsent", args=[kept.token])).content.decode()
    assert label in html


def test_a_form_nobody_knows_is_shown_by_the_names_of_its_fields(
    as_: Any, staff: User
) -> None:
    kept = UnsentFactory(
        user=staff, sent=[["zz_how_it_went", ["Well\n\nenough"]], ["zz_id", ["12"]]]
    )
    page = as_(staff).get(reverse("unsent", args=[kept.token])).content.decode()
    assert "Zz how it went" in page
    assert "Well\n\nenough" in page
    assert "Zz id" not in page


def test_the_page_says_where_what_was_typed_goes(as_: Any, staff: User) -> None:
    kept = UnsentFactory(user=staff, path="/meetings/types/new/?a=1")
    page = as_(staff).get(reverse("unsent", args=[kept.token])).content.decode()
    assert "It goes to the page /meetings/types/new/?a=1." in page


def test_what_was_kept_stays_when_its_view_was_never_reached(
    as_: Any, db: None
) -> None:
    real = UserFactory(real=True, administrator=True)
    kept = UnsentFactory(user=real)
    # Led to set up a second step first.
    assert send(as_(real), name="Roads", unsent=kept.token).status_code == 302
    assert Unsent.objects.filter(pk=kept.pk).exists()
    # Led to confirm first.
    browser = fully_signed_in(real)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=6), tick=False):
        assert send(browser, "account_new", unsent=kept.token).status_code == 302
    assert Unsent.objects.filter(pk=kept.pk).exists()


def test_files_are_chosen_again_and_sent_with_the_rest(late: Client) -> None:
    liaison = UserFactory(liaison=True)
    action = ActionFactory(organisation=liaison.organisation)
    late.force_login(liaison)
    late.get(reverse("home"))
    with time_machine.travel(
        timezone.now() + settings.SESSION_IDLE + dt.timedelta(hours=1), tick=False
    ):
        to_sign_in = send(
            late,
            action.get_absolute_url(),
            text="Done",
            file=SimpleUploadedFile("plan.pdf", b"%PDF-1.4 secret"),
        )
        kept = Unsent.objects.get()
        assert kept.files == [["file", "plan.pdf"]]
        sign_in(late, liaison, to_sign_in.url)
        page = late.get(reverse("unsent", args=[kept.token])).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert '<label class="govuk-label" for="file-1">plan.pdf</label>' in page
    assert 'type="file" id="file-1" name="file"' in page


def test_an_account_s_first_twenty_are_kept_and_no_more(staff: User) -> None:
    other = UnsentFactory()
    for number in range(unsent.MOST + 3):
        sent = [("text", [str(number)])]
        unsent.keep_unsent(staff, path="/", sent=sent, files={})
    kept = Unsent.objects.filter(user=staff).order_by("at")
    assert [one.sent[0][1] for one in kept] == [
        [str(number)] for number in range(unsent.MOST)
    ]
    assert Unsent.objects.filter(pk=other.pk).exists()


def test_what_is_too_large_to_keep_is_said_to_be(late: Client) -> None:
    response = send(late, name="x" * (unsent.LONGEST + 1))
    page = late.get(response.url).content.decode()
    assert "It could not be kept here: go back with the browser and copy it" in page
    assert not Unsent.objects.exists()


def test_what_no_database_takes_is_left_out(late: Client) -> None:
    send(late, f"{reverse(THEME)}?q={'x' * 600}", name="Ro\0ads")
    kept = Unsent.objects.get()
    assert ["name", ["Roads"]] in kept.sent
    assert kept.path == reverse(THEME)


def test_it_is_forgotten_by_night(staff: User) -> None:
    now = timezone.now()
    UnsentFactory(user=staff, at=now - dt.timedelta(hours=2))
    newer = UnsentFactory(user=staff, at=now)
    assert unsent.forget_unsent(now - dt.timedelta(hours=1)) == 1
    assert Unsent.objects.get() == newer


# A form of a page that is older than the sign-in


HERE = {"Origin": "http://testserver"}


def older(user: User) -> Client:
    """A browser that signed in again after its page was opened."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    return browser


def test_a_form_of_a_page_older_than_the_sign_in_is_given_back_and_saved_by_a_button(
    staff: User, as_: Any
) -> None:
    browser = older(staff)
    typed = {"name": "<b>Roads</b>", "csrfmiddlewaretoken": "x" * 64}
    answer = browser.post(reverse(THEME), typed, headers=HERE)
    kept = Unsent.objects.get(user=staff)
    assert answer.url == reverse("unsent", args=[kept.token])
    assert not Theme.objects.exists()
    answer = browser.get(answer.url)
    assert "&lt;b&gt;Roads&lt;/b&gt;" in answer.content.decode()
    assert as_(UserFactory()).get(answer.request["PATH_INFO"]).status_code == 404
    token = {"csrfmiddlewaretoken": str(answer.context["csrf_token"])}
    sent = {"name": "<b>Roads</b>", "unsent": kept.token} | token
    assert browser.post(kept.path, sent, headers=HERE).status_code == 302
    assert Theme.objects.get().name == "<b>Roads</b>"
    assert not Unsent.objects.exists()


@pytest.mark.parametrize(
    ("there", "typed"), [(unsent.MOST, "Roads"), (0, "x" * (unsent.LONGEST + 1))]
)
def test_what_cannot_be_kept_is_given_back_on_the_page_itself(
    staff: User, there: int, typed: str
) -> None:
    UnsentFactory.create_batch(there, user=staff)
    browser = older(staff)
    sent = {"name": typed, "csrfmiddlewaretoken": "x" * 64}
    answer = browser.post(reverse(THEME), sent, headers=HERE)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "It could not be kept and is on this page alone" in page
    assert f'<dd class="govuk-summary-list__value app-typed">{typed}</dd>' in page
    assert "Discard it" not in page
    assert Unsent.objects.count() == there
    if not there:
        return
    token = {"csrfmiddlewaretoken": str(answer.context["csrf_token"])}
    again = browser.post(reverse(THEME), fields(page) | token, headers=HERE)
    assert again.status_code == 302
    assert Theme.objects.get().name == typed
    assert Unsent.objects.count() == there


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://testserver.evil.example"},
        HERE | {"HX-Request": "true"},
    ],
)
def test_a_form_of_another_site_or_a_script_is_refused_and_not_given_back(
    staff: User, headers: dict[str, str]
) -> None:
    answer = older(staff).post(reverse(THEME), TYPED, headers=headers)
    assert answer.status_code == 403
    assert "Roads" not in answer.content.decode()
    assert not Unsent.objects.exists()


def test_what_opens_an_account_or_is_to_be_removed_is_not_given_back(
    administrator: User,
) -> None:
    browser = older(administrator)
    secret = dict.fromkeys(["password", "code", "otp_code"], "not to be told")
    sent = secret | {"words_to_remove": "not to be told", "why": "Erasure"}
    browser.post(reverse("removal_new"), sent, headers=HERE)
    assert Unsent.objects.get().sent == [["why", ["Erasure"]]]
    for name in ("account_login", "account_change_password", "second_step_app"):
        assert browser.post(reverse(name), sent, headers=HERE).status_code == 403
    assert (
        Client(enforce_csrf_checks=True)
        .post(reverse(THEME), TYPED, headers=HERE)
        .status_code
        == 403
    )
    assert Unsent.objects.count() == 1
