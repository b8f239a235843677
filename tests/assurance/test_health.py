"""What a load balancer asks: does the process answer, and its database?"""

import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from assurance.models import User

# Nobody listens on port 1; a cookie must not make the check look for its session.
ASK_WITHOUT_DATABASE = """
import django
django.setup()
from django.conf import settings
from django.test import Client
client = Client(raise_request_exception=False)
client.cookies[settings.SESSION_COOKIE_NAME] = "of-somebody-signed-in"
for path in ("/health/live", "/health/ready"):
    response = client.get(path)
    print(response.status_code, response.content.decode())
page = client.get("/meetings/people/")
print(page.status_code, "This service cannot answer just now" in page.content.decode())
"""


def test_the_process_and_its_database_answer(
    client: Client, db: None, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert client.get(reverse("live")).content == b"live"
    with django_assert_num_queries(1):
        response = client.get(reverse("ready"))
    assert (response.status_code, response.content) == (200, b"ready")
    assert "no-store" in response["Cache-Control"]


def test_somebody_signed_in_gets_the_same_answer(as_: Any, staff: User) -> None:
    assert as_(staff).get(reverse("ready")).content == b"ready"


def test_without_its_database_it_is_alive_but_not_ready() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", ASK_WITHOUT_DATABASE],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    said = [line for line in answer.stdout.splitlines() if not line.startswith("{")]
    assert said == ["200 live", "503 unready: database", "503 True"]
