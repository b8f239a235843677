"""What holds for every page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def no_axe_violations(page: Page) -> None:
    """WCAG 2.2 AA as far as a machine can tell, and axe's advice on structure."""
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    found = [
        f"{violation['id']}: {violation['help']}\n    {node['html'][:200]}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]
    assert not found, f"{page.url}\n" + "\n".join(found)


def no_sideways_scrolling(page: Page, *, width: int = 320) -> None:
    """Everything fits a narrow screen, or a wide one at 400% (WCAG 1.4.10)."""
    page.set_viewport_size({"width": width, "height": 640})
    over = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    widest = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
            .map(e => e.outerHTML.slice(0, 120)).slice(0, 5)"""
    )
    assert over <= 0, f"{page.url} is {over}px too wide: {widest}"
