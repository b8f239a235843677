"""What is written once."""

from typing import Any

from django.db import models


class AppendOnly(models.Model):
    """A row that is written once. The database refuses to change or delete it.

    See ``assurance.guards``; here it is refused before it gets there.
    """

    is_append_only = True

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"A {self._meta.verbose_name} is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"A {self._meta.verbose_name} is never deleted")
