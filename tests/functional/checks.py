"""What holds for every page. Each check gives what it found, in words."""

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe().axe_script
# WCAG 2.2 AA as far as a machine can tell; and axe's advice on structure.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = [*WCAG, "best-practice"]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 800}
# The narrowest: a small phone, or a desktop at 400% (WCAG 1.4.10).
NARROW = {"width": 320, "height": 640}


def axe(page: Page, rules: Sequence[str] = RULES) -> list[str]:
    """What axe says against a page, by the rules with these tags."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    violations = page.evaluate(
        "options => axe.run(options).then(results => results.violations)",
        {
            "runOnly": {"type": "tag", "values": list(rules)},
            "resultTypes": ["violations"],
            # Contrast takes longest, and does not depend on the width.
            "rules": {"color-contrast": {"enabled": rules is RULES}},
            "preload": False,
        },
    )
    return [
        f"{violation['id']}, {violation['help']}: {node['html'][:200]}"
        for violation in violations
        for node in violation["nodes"]
        if not (violation["id"] == "aria-allowed-attr" and is_opener(node["html"]))
    ]


def is_opener(html: str) -> bool:
    """A radio or checkbox that opens a field: GOV.UK gives it ``aria-expanded``, which
    screen readers announce, though the standard does not list it there.
    """
    return "aria-controls=" in html and "__input" in html


def sideways_scrolling(page: Page) -> list[str]:
    return page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return [];
            return [...document.querySelectorAll("body *")]
                .filter(e => e.getBoundingClientRect().right > root.clientWidth + 1)
                .slice(-3).map(e => "sticks out: " + e.outerHTML.slice(0, 120));
        }"""
    )


def structure(page: Page) -> list[str]:
    """One heading, a title of its own, no id given twice, the skip link first."""
    found = page.evaluate(
        """() => {
            const problems = [];
            const first = document.querySelector("a, button, input, select, textarea");
            if (first?.getAttribute("href") !== "#main-content")
                problems.push("the skip link is not first");
            const headings = document.querySelectorAll("h1").length;
            if (headings !== 1) problems.push(`${headings} headings of level 1`);
            if (document.documentElement.lang !== "en-GB") problems.push("language");
            const seen = new Set();
            for (const {id} of document.querySelectorAll("[id]")) {
                if (seen.has(id)) problems.push(`the id ${id} is there twice`);
                seen.add(id);
            }
            return problems;
        }"""
    )
    title = page.title().split(" – ")
    if len(title) < 2 or not title[0].strip():
        found.append(f"the title is {page.title()!r}")
    return found


def everything(page: Page) -> list[str]:
    """All of the above, on a desktop, a phone and the narrowest screen."""
    page.wait_for_load_state()
    found = [*structure(page), *axe(page)]
    page.set_viewport_size(PHONE)
    found += [f"on a phone: {problem}" for problem in axe(page, WCAG)]
    page.set_viewport_size(NARROW)
    found += sideways_scrolling(page)
    page.set_viewport_size(DESKTOP)
    return found


class Findings:
    """What was found where, each problem told once with the pages it is on."""

    def __init__(self) -> None:
        self.pages: dict[str, list[str]] = {}

    def add(self, address: str, problems: list[str]) -> None:
        for problem in problems:
            self.pages.setdefault(problem, []).append(address)

    def __str__(self) -> str:
        return "\n".join(
            f"{problem}\n    on {len(pages)} pages: {' '.join(pages[:3])}"
            for problem, pages in self.pages.items()
        )

    def __bool__(self) -> bool:
        return bool(self.pages)
