"""The history of a record, written together with each change of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from django.db import models, router, transaction
from simple_history import models as simple_history


class HistoricalRecords(simple_history.HistoricalRecords):
    """Of a change and its history both are kept, or neither, whoever saves where.

    Django itself deletes, and changes relations, in a transaction; a row is saved in
    none, so one is put around it.
    """

    def finalize(self, sender: Any, **kwargs: Any) -> None:
        super().finalize(sender, **kwargs)
        if sender is self.cls:
            sender.save_base = _in_one_transaction(sender.save_base)


def _in_one_transaction(save_base: Any) -> Any:
    def save(row: models.Model, *args: Any, using: Any = None, **kwargs: Any) -> None:
        using = using or router.db_for_write(type(row), instance=row)
        with transaction.atomic(using=using, savepoint=False):
            save_base(row, *args, using=using, **kwargs)

    save.alters_data = True  # type: ignore[attr-defined]
    return save


@contextmanager
def recorded_as(user: Any) -> Iterator[None]:
    """What a command changes is recorded as done by this account.

    In a page the request says whose change it is.
    """
    context = simple_history.HistoricalRecords.context
    context.request = SimpleNamespace(user=user)
    try:
        yield
    finally:
        del context.request
