"""Pictures of every page at phone and desk width, and what axe finds wrong: `python -m tests.shots --base URL`.

A page is a line in PAGES; a role that must sign in first has its way in SIGN_INS. Exit code 1 when axe, the console
(the content policy speaks there) or the width of a page complains.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import FLAGS, chromium

WIDTHS = (390, 1440)


class Shot(NamedTuple):
    """One page to look at: the name of its picture, who looks (None = anybody), its path."""

    name: str
    role: str | None
    path: str


SIGN_INS: dict[str, Callable[[Page, str], None]] = {}
PAGES = [Shot("public-home", None, "/")]


def complaints_of(page: Page) -> list[str]:
    """What axe says about the page, and whether it is wider than the window."""
    found = [
        f"axe {violation['id']} ({violation['impact']}): {node['html'][:160]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, *([f"{wider} px wider than the window"] if wider > 0 else [])]


def shoot(page: Page, base: str, shot: Shot, picture: Path) -> Iterator[str]:
    """Take the picture of one page in the window's width; yields what is wrong with it."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    response = page.goto(base + shot.path, wait_until="load")
    if response is None or response.status >= 400:
        yield f"status {response.status if response else 'none'}"
    yield from complaints_of(page)
    width = page.viewport_size["width"]
    # a window as tall as the page, so that what is fixed to its edge stands at the end and not across the middle
    page.set_viewport_size({"width": width, "height": max(page.evaluate("document.documentElement.scrollHeight"), 800)})
    page.screenshot(path=picture, full_page=True)
    yield from said


def shoot_all(browser: Browser, base: str, out: Path, shots: list[Shot]) -> int:
    """All pages in all widths, each role signing in once a width; returns how many complaints were printed."""
    count = 0
    for width in WIDTHS:
        for role in sorted({shot.role or "" for shot in shots}):
            context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
            if role:
                SIGN_INS[role](context.new_page(), base)
            for shot in (s for s in shots if (s.role or "") == role):
                page = context.new_page()
                page.set_viewport_size({"width": width, "height": 900})
                for complaint in shoot(page, base, shot, out / f"{shot.name}-{width}.png"):
                    print(f"{shot.name} {width}: {complaint}")
                    count += 1
                page.close()
            context.close()
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--out", type=Path, default=Path("build/shots"))
    parser.add_argument("names", nargs="*", help="only these pages")
    asked = parser.parse_args()
    shots = [shot for shot in PAGES if not asked.names or shot.name in asked.names]
    asked.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        complaints = shoot_all(browser, asked.base.rstrip("/"), asked.out, shots)
        browser.close()
    print(f"{len(shots) * len(WIDTHS)} pictures in {asked.out}, {complaints} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
