"""The first run of an installation, and the way back in."""

import io
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from assurance.apps import nobody_is_made_up
from assurance.management.commands import setup_office
from assurance.models import Event, Organisation, User
from assurance.permissions import Permission, user_can
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
SITE = "https://assurance.office.example"
ALL = {
    "office": "West Mercia OPCC",
    "office_short": "OPCC, PCC",
    "force": "West Mercia Police",
    "force_short": "Force, WMP",
    "name": "Ada Newman",
    "email": "Ada@Office.Example",
}


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.SITE_URL = SITE


def run(**options: Any) -> str:
    out = io.StringIO()
    call_command("setup_office", stdout=out, **options)
    return out.getvalue()


def link_in(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(SITE))


def test_the_first_administrator_sets_a_password_with_the_link_and_may_make_accounts(
    client: Client,
) -> None:
    said = run(**ALL)
    account = User.objects.get()
    assert (account.name, account.email) == ("Ada Newman", "ada@office.example")
    assert user_can(account, Permission.MANAGE_ACCOUNTS)
    assert not account.is_demonstration
    assert not account.has_usable_password()
    kinds = {row.kind: row for row in Organisation.objects.all()}
    assert kinds["office"].short_names == "OPCC, PCC"
    assert (kinds["force"].name, kinds["force"].abbreviation) == (
        "West Mercia Police",
        "WMP",
    )
    (message,) = mail.outbox
    assert message.to == ["ada@office.example"]
    assert link_in(said) in message.body
    assert Event.objects.get().kind == Event.Kind.INVITED

    page = client.get(link_in(said).removeprefix(SITE))
    client.post(page["Location"], {"password": "plum cake on sundays"})
    assert User.objects.get().check_password("plum cake on sundays")


def test_running_it_again_makes_nothing_twice_and_another_link(client: Client) -> None:
    first = link_in(run(**ALL))
    said = run(**ALL)
    assert "West Mercia OPCC is there already." in said
    assert "Ada Newman is an administrator already." in said
    assert (User.objects.count(), Organisation.objects.count()) == (1, 2)
    assert client.get(first.removeprefix(SITE)).status_code == 404
    assert client.get(link_in(said).removeprefix(SITE)).status_code == 302


def test_an_administrator_who_is_locked_out_gets_a_link_and_keeps_the_password() -> (
    None
):
    run(**ALL)
    locked_out = UserFactory(real=True, administrator=True, email="old@office.example")
    said = run(email="old@office.example")
    assert "/accounts/link/" in said
    locked_out.refresh_from_db()
    assert locked_out.check_password(PASSWORD)


def test_another_administrator_may_be_invited_later() -> None:
    run(**ALL)
    run(email="second@office.example", name="Bo Second")
    assert User.objects.active_administrators().count() == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "nonsense"}, "nonsense is no e-mail address"),
        ({"email": "staff@office.example"}, "is no administrator"),
        ({"email": "gone@office.example"}, "was stopped"),
        ({"name": "x" * 151}, "The full name: Ensure this value has at most 150"),
        ({"office": "x" * 151}, "The name: Ensure this value has at most 150"),
        ({"name": ""}, "Give --name: there is nobody here to ask"),
        ({"force": " "}, "Give --force: there is nobody here to ask"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_saved(
    changes: dict[str, str], sentence: str
) -> None:
    UserFactory(real=True, email="staff@office.example")
    gone = {"administrator": True, "is_active": False}
    UserFactory(real=True, email="gone@office.example", **gone)
    out = io.StringIO()
    with pytest.raises(CommandError, match=sentence) as refusal:
        call_command("setup_office", stdout=out, **ALL | changes)
    assert str(refusal.value).endswith("Nothing was saved.")
    assert out.getvalue() == ""
    assert (User.objects.count(), Organisation.objects.count()) == (2, 0)
    assert mail.outbox == []


def test_a_database_that_holds_the_demonstration_is_no_office() -> None:
    UserFactory(email="administrator@demo.example")
    with pytest.raises(CommandError, match="--stop-demonstration") as refusal:
        run(**ALL)
    assert "can know: administrator@demo.example. An office" in str(refusal.value)
    assert str(refusal.value).endswith("Nothing was saved.")
    assert (User.objects.count(), Organisation.objects.count()) == (1, 0)


def test_accounts_of_the_demonstration_that_were_stopped_keep_nobody_out() -> None:
    UserFactory(email="administrator@demo.example", is_active=False)
    assert "/accounts/link/" in run(**ALL)


def test_an_office_that_began_with_the_demonstration_is_let_in_again(
    settings: Any, client: Client
) -> None:
    """Its administrator has the own address, and nothing left to sign in with."""
    run(**ALL)
    settings.TLS = True
    made_up = [UserFactory(email=f"{name}@demo.example") for name in ("a", "b")]
    client.force_login(made_up[0])
    said = run(email=ALL["email"], stop_demonstration=True)
    assert "2 accounts of the demonstration stopped." in said
    assert not User.objects.made_up().exists()
    assert not made_up[0].sessions.exists()
    assert not made_up[0].history.latest().is_active
    assert nobody_is_made_up() == []
    page = client.get(link_in(said).removeprefix(SITE))
    client.post(page["Location"], {"password": "plum cake on sundays"})
    account = User.objects.get(email="ada@office.example")
    assert account.check_password("plum cake on sundays")
    assert account.is_active_administrator


def test_the_demonstration_is_stopped_only_together_with_the_invitation() -> None:
    kept = UserFactory(email="a@demo.example")
    with pytest.raises(CommandError, match="no e-mail address"):
        run(**ALL | {"email": "nonsense"}, stop_demonstration=True)
    kept.refresh_from_db()
    assert kept.is_active


@pytest.mark.parametrize(
    ("address", "sentence"),
    [("", "Set the environment variable SITE_URL"), ("office.example", "begin with")],
)
def test_it_needs_to_know_the_address_of_the_service(
    settings: Any, address: str, sentence: str
) -> None:
    settings.SITE_URL = address
    with pytest.raises(CommandError, match=sentence):
        run(**ALL)
    assert not User.objects.exists()


class Terminal(io.StringIO):
    """Somebody who types: an answer, or what happens at the question instead of one."""

    def __init__(self, *typed: Any) -> None:
        super().__init__()
        self.typed = iter(typed)
        self.asked: list[str] = []

    def isatty(self) -> bool:
        return True

    def answer(self, question: str) -> str:
        self.asked.append(question)
        said = next(self.typed)
        return said() if callable(said) else said


@pytest.fixture
def type_in(monkeypatch: Any) -> Callable[..., Terminal]:
    def type_in(*typed: Any) -> Terminal:
        terminal = Terminal(*typed)
        monkeypatch.setattr(setup_office.sys, "stdin", terminal)
        monkeypatch.setattr("builtins.input", terminal.answer)
        return terminal

    return type_in


def interrupt() -> str:
    raise KeyboardInterrupt


def test_what_is_not_given_is_asked_for_until_it_is_right(type_in: Any) -> None:
    """A person at a terminal, who presses Enter too early once, and mistypes."""
    UserFactory(real=True, email="staff@office.example", name="Sam Staff")
    terminal = type_in(
        *("x" * 151, "West Mercia OPCC", "", "", "west mercia opcc"),
        *("West Mercia Police", "Force\x1b[D, WMP", "Force, WMP", "ada@office"),
        *("staff@office.example", "ada@office.example", "", "Ada Newman"),
    )
    said = run()
    for sentence in (
        "The name: Ensure this value has at most 150",
        "west mercia opcc is the name of the office.",
        "It holds characters that cannot be seen.",
        "ada@office is no e-mail address.",
        "Sam Staff has an account already, but is no administrator.",
    ):
        assert sentence in said
    assert User.objects.get(email="ada@office.example").name == "Ada Newman"
    assert [row.short_names for row in Organisation.objects.order_by("kind")] == [
        "Force, WMP",
        "",
    ]
    counts = [
        terminal.asked.count(question) for question in setup_office.ASKED.values()
    ]
    assert counts == [2, 1, 3, 2, 3, 2]


@pytest.mark.parametrize("answered", range(len(ALL)))
def test_stopped_at_any_question_it_has_saved_nothing(
    type_in: Any, answered: int
) -> None:
    kept = UserFactory(email="a@demo.example")
    type_in(*[ALL[name] for name in setup_office.ASKED][:answered], interrupt)
    with pytest.raises(CommandError, match="Nothing was saved") as stopped:
        run(stop_demonstration=True)
    assert stopped.value.returncode == 130
    kept.refresh_from_db()
    assert kept.is_active
    assert (User.objects.count(), Organisation.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_held_while_somebody_is_asked_and_who_is_quicker_counts(
    type_in: Any,
) -> None:
    """Meanwhile others make the office, and an account with the address."""

    def meanwhile(answer: str, make: Callable[[], Any]) -> Callable[[], str]:
        def answer_late() -> str:
            assert not connection.in_atomic_block
            make()
            return answer

        return answer_late

    terminal = type_in(
        *("West Mercia OPCC", "PCC", "West Mercia Police", "Force"),
        "ada@office.example",
        meanwhile(
            "Ada Newman",
            lambda: (
                Organisation.objects.create(name="West Mercia OPCC", kind="office"),
                UserFactory(real=True, email="ada@office.example", name="Ada Old"),
            ),
        ),
        "ada.newman@office.example",
    )
    said = run()
    assert "Ada Old has an account already, but is no administrator." in said
    assert "West Mercia OPCC is there already." in said
    assert "Ada Newman saved, administrator." in said
    assert terminal.asked[-1] == setup_office.ASKED["email"]
    account = User.objects.active_administrators().get()
    assert (account.name, account.email) == ("Ada Newman", "ada.newman@office.example")
    assert Organisation.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_save_it_once() -> None:
    """The second waits for the first to be saved, then finds it there."""
    is_begun = threading.Event()

    def other() -> None:
        try:
            with transaction.atomic():
                Organisation.objects.create(name=ALL["office"], kind="office")
                is_begun.set()
                wait_until_somebody_waits()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(other)
        assert is_begun.wait(10)
        said = run(**ALL)
        first.result()
    assert "West Mercia OPCC is there already." in said
    assert "Ada Newman saved, administrator." in said
    assert Organisation.objects.count() == 2
    assert len(mail.outbox) == 1


def wait_until_somebody_waits() -> None:
    """For us, in PostgreSQL; SQLite cannot tell, and lets nobody begin meanwhile."""
    if connection.vendor == "sqlite":
        return time.sleep(0.2)
    sql = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
    until = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(sql)
            if cursor.fetchone()[0]:
                return None
            time.sleep(0.02)
    raise AssertionError("Nobody waits")


def test_the_force_is_not_the_office_by_another_question() -> None:
    run(**ALL)
    with pytest.raises(CommandError, match="is there already, as office of the comm"):
        run(**ALL | {"force": ALL["office"]})
