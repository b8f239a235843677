"""Settings that are safe unless somebody says otherwise, tried in processes of their
own with an environment of their own.
"""

import os
import re
import secrets
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

SET = {"SECRET_KEY": secrets.token_urlsafe(50), "ALLOWED_HOSTS": "office.example"}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], "DATABASE_URL": "sqlite:////dev/null"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=clean | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_it_refuses_to_start_and_names_what_is_missing(missing: str, how: str) -> None:
    environment = {name: value for name, value in SET.items() if name != missing}
    if how == "empty":
        environment[missing] = "  "
    answer = manage("check", **environment)
    assert answer.returncode != 0
    assert answer.stderr.strip().splitlines()[-1] == (
        "django.core.exceptions.ImproperlyConfigured: Set the environment variable "
        f"{missing}. The README says what it is for."
    )


def test_a_deployment_gives_no_warning() -> None:
    answer = manage("check", "--deploy", "--fail-level", "WARNING", **SET)
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


def test_a_variable_left_empty_is_one_that_is_not_set() -> None:
    """Of those in the table of the README, all at once."""
    readme = (settings.BASE_DIR / "README.md").read_text()
    rows = [line for line in readme.splitlines() if line.startswith("| `")]
    names = [name for row in rows for name in re.findall(r"`([A-Z_]+)`", row[:130])]
    assert len(names) > 30
    empty = dict.fromkeys(names, "") | SET | {"DATABASE_URL": "sqlite:////dev/null"}
    answer = manage("check", "--deploy", "--fail-level", "WARNING", **empty)
    assert answer.returncode == 0, answer.stderr


def test_what_is_deleted_does_not_stay_in_a_file_of_sqlite(db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("Of SQLite only")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)


def test_debug_starts_with_nothing_set() -> None:
    assert manage("check", DEBUG="1").returncode == 0


WHAT_IS_SAFE = """
from django.conf import settings as s
print(s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT)
print(s.SESSION_COOKIE_NAME, s.SECURE_HSTS_SECONDS > 0)
"""


def test_what_is_not_said_is_safe() -> None:
    answer = manage("shell", "--no-imports", "-c", WHAT_IS_SAFE, **SET)
    assert answer.stdout.splitlines() == [
        "False True True True",
        "__Host-session True",
    ]


def test_plain_http_must_be_asked_for_by_name() -> None:
    environment = SET | {"INSECURE_HTTP": "1"}
    answer = manage("shell", "--no-imports", "-c", WHAT_IS_SAFE, **environment)
    assert answer.stdout.splitlines() == ["False False False False", "session False"]


def test_behind_a_proxy_its_word_is_taken_for_scheme_and_visitor() -> None:
    show = (
        "from django.conf import settings as s;"
        "print(getattr(s, 'ALLAUTH_TRUSTED_PROXY_COUNT', 0), s.SECURE_PROXY_SSL_HEADER)"
    )
    trusting = manage("shell", "--no-imports", "-c", show, **SET, BEHIND_PROXY="1")
    assert trusting.stdout.strip() == "1 ('HTTP_X_FORWARDED_PROTO', 'https')"
    assert manage("shell", "--no-imports", "-c", show, **SET).stdout.strip() == "0 None"


def test_no_page_of_django_admin_exists() -> None:
    assert "django.contrib.admin" not in settings.INSTALLED_APPS


def test_every_change_of_a_model_has_a_migration_and_that_is_known_without_settings():
    answer = manage("makemigrations", "--check", "--dry-run")
    assert answer.returncode == 0, answer.stdout + answer.stderr
