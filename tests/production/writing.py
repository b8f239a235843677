"""An office at work, in processes of its own: python -m tests.production.writing.

Each writer adds people, each with a file of their name in the same transaction, and
deletes some of the files again. It says when the first stands, and no more: nobody
reads on, and one whose words wait to be read would stop working.
"""

import sys
import time

import django

django.setup()

from django.db import transaction  # noqa: E402

from assurance.files import discard, store  # noqa: E402
from assurance.models import StoredFile, User  # noqa: E402
from meetings.models import Person  # noqa: E402
from tests.factories import UserFactory, upload  # noqa: E402


def write(writer: int, seconds: float, most: int, size: int) -> None:
    by = User.objects.order_by("pk").first() or UserFactory()
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until and number < most:
        number += 1
        name = f"Writer {writer} number {number}"
        with transaction.atomic():
            Person.objects.create(name=name)
            stored = store(upload(f"{name}.txt", name.encode() * size), by=by)
        if number == 1:
            print(f"kept {name}", flush=True)  # noqa: T201
        if number % 3 == 0:
            discard(stored)


def seed() -> None:
    """Somebody who can sign in, and a file."""
    if not StoredFile.objects.exists():
        staff = UserFactory(email="staff@office.example", name="Staff")
        store(upload("first.txt", b"The first file"), by=staff)


if __name__ == "__main__":
    if sys.argv[1] == "seed":
        seed()
    else:
        writer, seconds, most, size = map(int, sys.argv[1:])
        write(writer, seconds, most, size)
