"""What an answer tells a browser, so that it defends its visitor."""

import re
from typing import Any

from django.http import HttpResponse

from assurance import public
from assurance.models import User
from tests.browser import Browser
from tests.inline import inline_code

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
# A file that was handed in is never shown, only saved.
POLICY_OF_FILES = {"default-src 'none'", "frame-ancestors 'none'", "sandbox"}
EXACTLY = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DENIED = ["camera", "microphone", "geolocation", "payment", "usb", "clipboard-read"]


class OverTls(Browser):
    """A browser that came by https."""

    def generic(self, *args: Any, **more: Any) -> Any:
        return super().generic(*args, **more | {"secure": True})


def browser_of(user: User | None) -> OverTls:
    browser = OverTls(raise_request_exception=False)
    if user:
        browser.force_login(user)
    return browser


def exposed(url: str, response: HttpResponse) -> list[str]:
    """What is lacking in what was answered at this address, and what is too much."""
    found = lacking(response)
    if not url.startswith(public.PATHS):
        found += ["kept"] * ("no-store" not in response["Cache-Control"])
        found += ["public"] * ("public" in response["Cache-Control"])
    if not response.streaming and "html" in response.get("Content-Type", ""):
        found += inline_code(response.content.decode())
    return found


def lacking(response: HttpResponse) -> list[str]:
    """What a response ought to say and does not."""
    headers = response.headers
    faults = [name for name, value in EXACTLY.items() if headers.get(name) != value]
    policy = set(headers.get("Content-Security-Policy", "").split("; "))
    if policy not in (POLICY, POLICY_OF_FILES):
        faults.append(f"policy {policy}")
    permissions = headers.get("Permissions-Policy", "")
    faults += [name for name in DENIED if f"{name}=()" not in permissions]
    if "publickey-credentials-get=(self)" not in permissions:
        faults.append("passkeys")
    transport = headers.get("Strict-Transport-Security")
    if transport != "max-age=31536000; includeSubDomains; preload":
        faults.append("transport")
    if not headers.get("Cache-Control"):
        faults.append("cache")
    if not re.fullmatch(r"[0-9a-f]{32}", headers.get("X-Request-ID", "")):
        faults.append("request id")
    if "Access-Control-Allow-Origin" in headers or "Server" in headers:
        faults.append("tells too much")
    for cookie in response.cookies.values():
        if not (
            cookie.key.startswith("__Host-")
            and cookie["secure"]
            and cookie["httponly"]
            and cookie["path"] == "/"
            and not cookie["domain"]
            and cookie["samesite"] in ("Lax", "Strict")
        ):
            faults.append(f"cookie {cookie.key}")
    return faults
