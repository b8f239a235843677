"""A browser as tests have it."""

from typing import Any

from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.utils.http import urlencode

TYPED = "application/x-www-form-urlencoded"


class Browser(Client):
    """Sends what was typed as browsers do, in the parts of a multipart form only where
    a file is among it. The parts take longer to read than most views take to answer.
    """

    def post(
        self,
        path: str,
        data: Any = None,
        content_type: str = MULTIPART_CONTENT,
        *args: Any,
        **more: Any,
    ) -> Any:
        if content_type is MULTIPART_CONTENT and not _has_a_file(data or {}):
            data, content_type = urlencode(data or {}, doseq=True), TYPED
        return super().post(path, data, content_type, *args, **more)


def _has_a_file(data: dict[str, Any]) -> bool:
    return any(
        hasattr(one, "read")
        for value in data.values()
        for one in (value if isinstance(value, list | tuple) else [value])
    )
