"""Reports of faults to Sentry, where an office wants them (SENTRY_DSN).

They leave the house, so they are made anew of what may be in them: the type of a fault,
where in the code it happened, which page it was on and the id that finds it in the log.
"""

from collections.abc import Mapping
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration

_KEPT = ("event_id", "timestamp", "level", "platform", "environment", "sdk")
_KEPT_OF_FRAMES = ("filename", "function", "module", "lineno", "in_app")


def report_to(dsn: str) -> None:
    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        max_breadcrumbs=0,
        auto_session_tracking=False,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            AtexitIntegration(callback=lambda *_: None),
            DedupeIntegration(),
            DjangoIntegration(middleware_spans=False),
            ExcepthookIntegration(),
        ],
        before_send=_sparing,
        before_send_transaction=lambda *_: None,
    )


def _sparing(event: Any, hint: dict[str, Any]) -> Any:
    """The event without anybody's words."""
    from assurance.serving.logs import address_of, reference, request_in_hand

    request = request_in_hand()
    sent = {name: event[name] for name in _KEPT if name in event}
    faults = event.get("exception", {}).get("values", [])
    sent["exception"] = {"values": [_without_words(fault) for fault in faults]}
    if request:
        sent["transaction"] = address_of(request)
        sent["tags"] = {"request_id": reference(request)}
    return sent


def _without_words(fault: Mapping[str, Any]) -> dict[str, Any]:
    frames = (fault.get("stacktrace") or {}).get("frames", [])
    return {
        "type": fault.get("type"),
        "module": fault.get("module"),
        "stacktrace": {
            "frames": [
                {name: frame[name] for name in _KEPT_OF_FRAMES if name in frame}
                for frame in frames
            ]
        },
    }
