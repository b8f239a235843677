"""Headers by which a browser defends a visitor, on every response: pages, files, static
files and errors alike. Django and django-csp set the others (see the settings).
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

# What a page could ask of a browser and none of ours does.
_FEATURES = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read"),
    *("clipboard-write", "display-capture"),
    *("encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid"),
    *("identity-credentials-get", "idle-detection", "keyboard-map", "local-fonts"),
    *("magnetometer", "microphone", "midi", "otp-credentials", "payment"),
    *("picture-in-picture", "screen-wake-lock", "serial", "speaker-selection"),
    *("storage-access", "usb", "window-management"),
    "xr-spatial-tracking",
)
_PASSKEYS = ("publickey-credentials-create", "publickey-credentials-get")

HEADERS = {
    "Permissions-Policy": ", ".join(
        [f"{name}=()" for name in _FEATURES] + [f"{name}=(self)" for name in _PASSKEYS]
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    # What is not said to be for everybody, no computer that others use may keep.
    "Cache-Control": "no-store",
}


class DefencesMiddleware:
    """A view that says otherwise for its own response is left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
