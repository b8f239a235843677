"""Somebody at a browser without scripts: opens pages, fills in their forms, presses."""

from typing import Any
from urllib.parse import urljoin

import lxml.html
import requests
from lxml.html import HtmlElement

from tests.production.accounts import PASSWORD, RECOVERY_CODES


class Visitor:
    """Cookies of their own; trusts the certificates in ``verify`` alone."""

    def __init__(self, url: str, verify: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.verify = verify
        # A machine may name certificates of its own in the environment.
        self.session.trust_env = False
        self.answer: requests.Response
        self.page: HtmlElement

    def open(self, path: str) -> "Visitor":
        return self._took(self.session.get(urljoin(self.url, path), timeout=60))

    def sign_in(self, role: str) -> "Visitor":
        self.open("/accounts/login/")
        self.press("Sign in", login=f"{role}@office.example", password=PASSWORD)
        if self.path.startswith("/accounts/login/code/"):
            self.press("Sign in", code=next(RECOVERY_CODES[role]))
        return self

    def press(self, button: str, **typed: Any) -> "Visitor":
        """Press the button that says so, with its form filled in."""
        form, pressed = self._form_of(button)
        fields = dict(form.form_values())
        for radio in form.xpath(".//input[@type='radio'][@checked][@value='']"):
            fields[radio.get("name")] = ""  # lxml says "on"
        assert typed.keys() <= {one.get("name") for one in form.inputs}, (
            typed.keys(),
            sorted(map(str, form.fields)),
        )
        if pressed.get("name"):
            fields[pressed.get("name")] = pressed.get("value", "")
        if form.get("method") == "get":
            query = "&".join(
                f"{name}={value}" for name, value in (fields | typed).items()
            )
            return self.open(f"{self.path.partition('?')[0]}?{query}")
        return self.post(
            pressed.get("formaction") or form.get("action") or "", **fields | typed
        )

    def post(self, path: str, **fields: Any) -> "Visitor":
        address = urljoin(self.answer.url, path)
        headers = {"Referer": self.answer.url}
        sent = self.session.post(address, data=fields, headers=headers, timeout=60)
        return self._took(sent)

    def _took(self, answer: requests.Response) -> "Visitor":
        self.answer = answer
        self.page = lxml.html.fromstring(answer.text)
        assert answer.status_code == 200, (answer.status_code, answer.url, self.text)
        assert answer.url.startswith(self.url)
        return self

    def _form_of(self, button: str) -> tuple[Any, HtmlElement]:
        for pressed in self.page.xpath("//button"):
            if pressed.text_content().strip() == button:
                if pressed.get("form"):
                    return self.page.get_element_by_id(pressed.get("form")), pressed
                return next(pressed.iterancestors("form")), pressed
        said = [one.text_content().strip() for one in self.page.xpath("//button")]
        raise AssertionError(f"No button says {button!r} at {self.answer.url}: {said}")

    @property
    def text(self) -> str:
        (main,) = self.page.xpath("//main")
        return " ".join(main.text_content().split())

    @property
    def path(self) -> str:
        return self.answer.url.removeprefix(self.url)
