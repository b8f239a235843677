"""The references of actions: a year and a running number."""

from django.db import models


class ReferenceCounter(models.Model):
    """The last number given in a year. Numbers are never given twice."""

    year = models.PositiveIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}/{self.last:02d}"

    @classmethod
    def next(cls, year: int) -> int:
        """Give the next number of a year. Others wait until the transaction ends."""
        return cls.take(year, 1)

    @classmethod
    def take(cls, year: int, count: int) -> int:
        """Give so many numbers of a year, one after another; says the first."""
        cls.objects.get_or_create(year=year)
        counter = cls.objects.select_for_update().get(year=year)
        first = counter.last + 1
        counter.last += count
        counter.save(update_fields=["last"])
        return first
