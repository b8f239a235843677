"""The files that people hand in."""

import secrets
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from assurance import contents
from assurance.models.accounts import User


def random_path(file: "StoredFile", name: str) -> str:
    """Where the content lies: nothing of the file's own name is in it."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token}"


class StoredFile(models.Model):
    """A file that was handed in: evidence of work done, a paper for a meeting.

    The content lies outside the web root under a random name and is served only by
    views that ask who may see what it belongs to. A row is never changed, but by a
    removal for data protection that deletes its content: it says so in ``removal``.
    """

    # Asked by ``guards`` and ``grants``.
    is_never_changed = True
    mended_by_removal = ("removal",)

    Kind = contents.Kind

    content = models.FileField(upload_to=random_path)
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=4, choices=Kind)
    size = models.PositiveIntegerField(help_text="In bytes")
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    # What deleted its content, if anything did.
    removal = models.ForeignKey(
        "assurance.Removal",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="emptied_files",
        editable=False,
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        *("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp"),
                        *("png", "jpeg", "txt", "csv"),
                    ]
                ),
                name="file_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0) & ~Q(name=""), name="file_named_and_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A stored file is never changed; store another one")
        super().save(*args, **kwargs)
