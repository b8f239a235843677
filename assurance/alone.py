"""One runner at a time, over all machines that share the database."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection


@contextmanager
def alone(task: str) -> Iterator[bool]:
    """Whether nobody else is at ``task``; nobody else comes to it meanwhile.

    The lock ends with the process that has it, however that ends.
    """
    if connection.vendor == "sqlite":
        # A database in a file is of one machine, so a file beside it says enough.
        name = connection.settings_dict["NAME"]
        with Path(f"{name}.{task}.lock").open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        return
    number = hashlib.sha256(task.encode()).digest()[:8]
    # On a connection of its own, in a transaction: what the task does to its own
    # connection does not end it, and poolers between us and the database keep it.
    holder = connection.copy()
    try:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(%s)",
                [int.from_bytes(number, signed=True)],
            )
            (is_ours,) = cursor.fetchone()
        yield is_ours
    finally:
        holder.rollback()
        holder.close()
