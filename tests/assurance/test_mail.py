"""E-mails wait in the database for whoever sends them; pages wait for nobody."""

import datetime as dt
import io
import os
import subprocess
import sys
from typing import Any

import pytest
import time_machine
from django.conf import settings as project
from django.core import mail as django_mail
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from post_office.models import STATUS, Email, Log

from assurance import mail
from assurance.alone import alone
from assurance.models import User
from assurance.sign_in.invitations import invite
from tests.assurance.test_settings import SET, manage
from tests.factories import UserFactory
from tests.mail_server import mail_server, silent_server
from tests.postgresql import free_port

SECRET = "https://assurance.office.example/accounts/link/1/secret/"


@pytest.fixture(autouse=True)
def queue(settings: Any) -> None:
    """As outside tests, for which Django keeps e-mails in a list."""
    settings.EMAIL_BACKEND = "assurance.mail.QueueBackend"
    settings.MAIL_IS_SENT = True


@pytest.fixture
def sent_by(settings: Any):
    """``sent_by(port)`` is where ``send_mail`` finds its mail server, whose answer it
    awaits for so many seconds.
    """

    def use(port: int, *, patience: float = 30) -> None:
        smtp = "django.core.mail.backends.smtp.EmailBackend"
        settings.POST_OFFICE = settings.POST_OFFICE | {"BACKENDS": {"default": smtp}}
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_TIMEOUT = patience

    return use


def queue_one(to: str = "ada@office.example", **fields: Any) -> Email:
    message = django_mail.EmailMessage("A {% subject %}", f"See {SECRET}", to=[to])
    for name, value in fields.items():
        setattr(message, name, value)
    message.send()
    return Email.objects.latest("id")


def send_mail(capsys: Any) -> str:
    call_command("send_mail")
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("smtp://mail.example", "mail.example 25 False False 10 True"),
        ("smtp+tls://a:b@mail.example:587", "mail.example 587 True False 10 True"),
        ("smtp+ssl://a:b@mail.example:465", "mail.example 465 False True 10 True"),
        ("", "None 25 False False 10 False"),
    ],
)
def test_one_variable_says_how_mail_leaves(url: str, shown: str) -> None:
    program = (
        "from django.conf import settings as s;"
        "print(s.EMAIL_HOST or None, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL,"
        " s.EMAIL_TIMEOUT, s.MAIL_IS_SENT)"
    )
    set_ = {"EMAIL_URL": url} if url else {}
    answer = manage("shell", "--no-imports", "-c", program, **SET, **set_)
    assert answer.stdout.strip() == shown, answer.stderr


def test_an_email_goes_out_as_it_was_written_and_its_text_is_forgotten(
    db: None, sent_by: Any, capsys: Any
) -> None:
    with mail_server() as server:
        sent_by(server.port)
        queue_one()
        assert server.received == []
        assert send_mail(capsys) == "Sent: 1.\n"
        (text,) = server.received
    assert "Subject: A {% subject %}" in text
    assert SECRET in text
    email = Email.objects.get()
    assert (email.status, email.message, email.headers) == (STATUS.sent, "", None)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_mail_server_emails_are_printed_at_a_terminal_and_in_no_journal(
    db: None, capsys: Any, settings: Any
) -> None:
    settings.MAIL_IS_SENT = False
    queue_one()
    assert send_mail(capsys) == "No mail server is set (EMAIL_URL): e-mails wait.\n"
    assert Email.objects.get().status == STATUS.queued
    call_command("send_mail", stdout=Terminal())
    assert SECRET in capsys.readouterr().out
    assert Email.objects.get().status == STATUS.sent


@pytest.mark.parametrize("kind", ["refuses", "hangs"])
def test_a_page_never_waits_for_the_mail_server_and_the_mail_goes_out_later(
    as_: Any, administrator: User, sent_by: Any, capsys: Any, kind: str
) -> None:
    with silent_server() as silent:
        sent_by(silent.port if kind == "hangs" else free_port(), patience=0.2)
        response = as_(administrator).post(
            reverse("account_new"),
            {"name": "Ada", "email": "ada@office.example", "role": "staff"},
        )
        # It did not so much as knock.
        assert not silent.somebody_came()
        assert response.status_code == 302
        assert User.objects.filter(email="ada@office.example").exists()
        said = send_mail(capsys)
        assert silent.somebody_came() == (kind == "hangs")
    assert "Could not be sent yet, tried again: 1." in said
    assert ("timed out" if kind == "hangs" else "Connection refused") in said
    assert "/accounts/link/" in Email.objects.get().message

    with mail_server() as back, time_machine.travel(dt.timedelta(minutes=6)):
        sent_by(back.port)
        assert send_mail(capsys) == "Sent: 1.\n"
        assert "/accounts/link/" in back.received[0]


def test_one_that_is_refused_does_not_hold_up_the_others(
    db: None, sent_by: Any, capsys: Any
) -> None:
    with mail_server() as server:
        sent_by(server.port)
        for to in ("refuse@office.example", "ada@office.example"):
            queue_one(to)
        said = send_mail(capsys)
        assert len(server.received) == 1
    assert "Sent: 1." in said
    assert "tried again: 1." in said
    assert "550" in said


def test_after_three_days_it_is_given_up_and_its_text_forgotten(
    db: None, sent_by: Any, capsys: Any
) -> None:
    sent_by(free_port())
    email = queue_one()
    Email.objects.filter(pk=email.pk).update(
        number_of_retries=project.POST_OFFICE["MAX_RETRIES"]
    )
    assert "given up: 1." in send_mail(capsys)
    email.refresh_from_db()
    assert (email.status, email.message) == (STATUS.failed, "")


def test_a_link_that_is_dead_is_not_sent_any_more(
    db: None, sent_by: Any, capsys: Any
) -> None:
    account = UserFactory()
    invite(account, request=RequestFactory().get("/"))
    email = Email.objects.get()
    with mail_server() as server, time_machine.travel(dt.timedelta(days=2)):
        sent_by(server.port)
        assert "given up: 1." in send_mail(capsys)
        assert server.received == []
    email.refresh_from_db()
    assert (email.status, email.message) == (STATUS.failed, "")


def test_of_two_links_that_wait_only_the_one_that_works_is_sent(
    db: None, sent_by: Any, capsys: Any
) -> None:
    account, other = UserFactory.create_batch(2)
    request = RequestFactory().get("/")
    queue_one(account.email)
    for invited in (account, other, account):
        link = invite(invited, request=request)
    with mail_server() as server:
        sent_by(server.port)
        assert send_mail(capsys) == "Sent: 3.\n"
        assert sum(link in text for text in server.received) == 1
        assert not any("Expires:" in text for text in server.received)


def test_what_was_sent_is_forgotten_after_two_weeks_and_what_waits_is_not(
    db: None, sent_by: Any, capsys: Any
) -> None:
    with mail_server() as server:
        sent_by(server.port)
        queue_one()
        send_mail(capsys)
    waiting = queue_one()
    now = timezone.now()
    assert mail.forget_old(now=now + dt.timedelta(days=13)) == 0
    assert mail.forget_old(now=now + dt.timedelta(days=15)) == 1
    assert Email.objects.get() == waiting


@pytest.mark.django_db(transaction=True)
def test_one_runner_sends_at_a_time(capsys: Any) -> None:
    queue_one()
    with alone("send_mail") as first, alone("send_mail") as second:
        assert (first, second) == (True, False)
        with alone("nightly") as other:
            assert other
        assert send_mail(capsys) == "E-mails are being sent already.\n"
    assert Email.objects.get().status == STATUS.queued
    assert "Sent: 1." in send_mail(capsys)


@pytest.mark.django_db(transaction=True)
def test_a_runner_in_another_process_keeps_the_lock_until_it_ends() -> None:
    program = (
        "import django, sys; django.setup()\n"
        "from django.db import connection\n"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r}\n"
        "from assurance.alone import alone\n"
        "with alone('send_mail') as ours:\n"
        "    print(ours, flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=project.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "True\n"
        with alone("send_mail") as ours:
            assert not ours
        process.kill()
        process.wait()
    with alone("send_mail") as ours:
        assert ours


def test_an_administrator_sees_how_many_could_not_be_sent_and_none_of_their_text(
    as_: Any, administrator: User, sent_by: Any
) -> None:
    for status in (STATUS.failed, STATUS.failed, STATUS.sent, STATUS.queued):
        Email.objects.filter(pk=queue_one().pk).update(status=status)
    page = as_(administrator).get(reverse("accounts")).content.decode()
    assert "2 e-mails could not be sent" in page
    assert "to be sent, since" not in page
    Email.objects.filter(status=STATUS.queued).update(
        created=timezone.now() - dt.timedelta(hours=1)
    )
    page = as_(administrator).get(reverse("accounts")).content.decode()
    assert "1 e-mail waits to be sent" in page
    assert "secret" not in page


def test_why_something_was_not_sent_is_kept_without_the_text(
    db: None, sent_by: Any, capsys: Any
) -> None:
    sent_by(free_port())
    queue_one()
    send_mail(capsys)
    assert "secret" not in Log.objects.get().message
