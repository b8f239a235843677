"""From the sign-in page to the office's provider and back, in a browser that keeps to
the content security policy.
"""

from typing import Any

from django.core.cache import cache
from playwright.sync_api import Browser, expect

from tests.factories import UserFactory
from tests.functional.conftest import PATIENCE_MS
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, openid_provider


def test_somebody_signs_in_with_their_work_account(
    chromium: Browser, live_server: Any, settings: Any
) -> None:
    account = UserFactory(commissioner=True)
    cache.clear()
    with (
        openid_provider() as provider,
        chromium.new_context(base_url=live_server.url) as context,
    ):
        settings.OIDC_ISSUER, settings.OIDC_NAME = provider.issuer, "Microsoft"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        provider.claims = {"email": account.email}
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        problems: list[str] = []
        page.on(
            "console",
            lambda message: message.type == "error" and problems.append(message.text),
        )
        page.goto("/actions/")
        page.get_by_role("button", name="Sign in with Microsoft").click()
        expect(page.get_by_text(f"{account.name}, Commissioner")).to_be_visible()
        expect(page).to_have_url(f"{live_server.url}/actions/")
    assert problems == []
