"""Pictures of every page at phone and desk width, and what axe finds wrong: `python -m tests.shots --base URL`.

A page is a line in PAGES; who must sign in first does so by SIGN_INS. Exit code 1 when axe, the console (the content
policy speaks there) or the width of a page complains. The demo must have been played.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import FLAGS, chromium

WIDTHS = (390, 1440)
HEIGHT = 900


class NotReached(Exception):
    """A page that no link of the demo leads to, or an account that is not let in."""


class Shot(NamedTuple):
    """One page to look at: the name of its address, who looks (a demo account, "" for anybody), where to begin.

    `links` lead on from there, each the first that fits the selector; `variant` tells pictures of one page apart.
    """

    page: str
    role: str
    path: str
    links: tuple[str, ...] = ()
    variant: str = ""

    @property
    def name(self) -> str:
        """The name of the picture."""
        return f"{self.page}-{self.variant}" if self.variant else self.page


def _with_code(page: Page, username: str) -> None:
    """Staff and clerks: the sign-in page of a demo is filled in for the account asked for."""
    page.goto(f"/sign-in?as={username}")
    page.get_by_role("button", name="登录", exact=True).click()


def _as_citizen(page: Page, username: str) -> None:
    """Workers: choose who you are in the simulated 浙里办."""
    page.goto("/sign-in/citizen")
    page.get_by_role("button", name=re.compile(rf"· {username}$")).click()


SIGN_INS: dict[str, Callable[[Page, str], None]] = {"worker": _as_citizen}


def sign_in(page: Page, role: str) -> None:
    """Become a demo account. Raises NotReached."""
    SIGN_INS.get(role.partition("-")[0], _with_code)(page, role)
    if "/sign-in" in page.url:
        raise NotReached(f"{role} is not let in: {page.locator('main').inner_text()[:200]}")


PAGES = [
    Shot("home", "", "/"),
    Shot("sign-in", "", "/sign-in"),
    Shot("demo", "", "/demo"),
    Shot("citizen-simulator", "", "/sign-in/citizen"),
    Shot("notices", "", "/notices"),
    Shot("notice", "", "/notices", ("table th a",)),
    Shot("objection", "", "/notices", ("table th a", "table th a")),
    Shot("estimate", "", "/estimate"),
    Shot("estimate", "", "/estimate?region=330421&kind=skill_level&q=dg&level=4&on=2026-03-02", variant="words"),
    Shot("estimate", "", "/estimate?region=330421&kind=skill_level&q=电工&level=3&on=2026-03-02", variant="known"),
    Shot("estimate", "", "/estimate?region=330212&kind=skill_level&q=电工&level=3&on=2026-03-02", variant="unknown"),
    Shot("law", "", "/law?region=330421&on=2026-03-02"),
    Shot("rules", "", "/law/certificate_subsidy"),
    Shot("worker-home", "worker-1", "/me/", variant="paid"),
    Shot("worker-home", "worker-7", "/me/", variant="asked"),
    Shot("worker-home", "worker-4", "/me/", variant="refused"),
    Shot("worker-learning", "worker-1", "/me/learning"),
    Shot("worker-certificates", "worker-1", "/me/certificates"),
    Shot("worker-money", "worker-1", "/me/money", variant="paid"),
    Shot("worker-money", "worker-3", "/me/money", variant="waiting"),
    Shot("worker-money", "worker-4", "/me/money", variant="refused"),
    Shot("worker-line", "worker-1", "/me/money", ("a.jx-item",)),
    Shot("worker-rules", "worker-4", "/me/money", ("a[href$='/rules']",)),
    Shot("worker-answer", "worker-7", "/me/money", ("a[href$='/reopen']",)),
    Shot("worker-me", "worker-1", "/me/archive"),
    Shot("worker-account", "worker-1", "/me/archive/account"),
    Shot("provider-results", "assessor-3", "/provider/"),
    Shot("provider-send-results", "assessor-3", "/provider/results/send"),
    Shot("provider-result", "assessor-3", "/provider/", ("table th a",), "loaded"),
    Shot("staff-account", "jiashan-maker", "/desk/account"),
    Shot("staff-law", "jiashan-budget", "/desk/law/"),
    Shot("staff-standards", "jiashan-budget2", "/desk/law/standards/"),
    Shot("staff-propose-standard", "jiashan-budget", "/desk/law/standards/new/", variant="what"),
    Shot("staff-propose-standard", "jiashan-budget", "/desk/law/standards/new/?what=certificate_subsidy/amount"),
    Shot("staff-standard", "jiashan-budget2", "/desk/law/standards/", ("table th a",)),
    Shot("staff-classes", "zhejiang-data", "/desk/classes/"),
    Shot("staff-classes", "jiashan-maker", "/desk/classes/?find=电工", variant="read"),
    Shot("staff-home", "jiashan-maker", "/desk/"),
    Shot("staff-decisions", "jiashan-maker", "/desk/decisions/"),
    Shot("staff-decision", "jiashan-maker", "/desk/decisions/?state=refused", ("tbody th a",), "refused"),
    Shot("staff-decision", "jiashan-maker", "/desk/decisions/?state=held", ("tbody th a",), "held"),
    Shot("staff-decision-version", "jiashan-maker", "/desk/decisions/", ("tbody th a", "td a[href*='/versions/']")),
    Shot("staff-people", "jiashan-maker", "/desk/people/"),
    Shot("staff-merges", "jiashan-data", "/desk/people/merges/"),
    Shot("staff-notices", "jiashan-maker", "/desk/notices/"),
    Shot("staff-notices", "jiashan-maker", "/desk/notices/?view=posted", variant="posted"),
    Shot("staff-notices", "jiashan-maker", "/desk/notices/?view=ended", variant="ended"),
    Shot("staff-notice", "jiashan-maker", "/desk/notices/?view=posted", ("table th a",)),
    Shot("staff-objections", "jiashan-maker", "/desk/objections/"),
    Shot("staff-objection", "jiashan-maker", "/desk/objections/", ("table th a",)),
    Shot("staff-holds", "jiashan-maker", "/desk/holds/"),
    Shot("staff-hold", "jiashan-maker", "/desk/holds/", ("table th a",)),
    Shot("staff-sheets", "jiashan-maker", "/desk/sheets/"),
    Shot("staff-waiting", "jiashan-maker", "/desk/waiting/"),
    Shot("staff-lacking", "jiashan-maker", "/desk/waiting/", ("td a[href^='/desk/waiting/']",)),
    Shot("staff-registers", "jiashan-data", "/desk/registers/"),
    Shot("staff-approvals", "jiashan-checker", "/desk/approvals/"),
    Shot("staff-approval", "jiashan-checker", "/desk/approvals/", ("a.btn-primary",), "to-sign"),
    Shot("staff-approval", "jiashan-viewer", "/desk/approvals/?state=approved", ("table th a",), "approved"),
    Shot("staff-batches", "jiashan-releaser", "/desk/batches/"),
    Shot("staff-batch", "jiashan-releaser", "/desk/batches/?state=sealed", ("table th a",), "to-send"),
    Shot("staff-batch", "jiashan-reconciler", "/desk/batches/?state=reconciled", ("table th a",), "reconciled"),
    Shot("staff-returns", "jiashan-reconciler", "/desk/returns/"),
    Shot("staff-next-answer", "jiashan-releaser", "/desk/returns/next-answer/"),
    Shot("staff-failed", "jiashan-maker", "/desk/failed/"),
    Shot("staff-failed-line", "jiashan-maker", "/desk/failed/", ("table th a",)),
    Shot("staff-paying-accounts", "jiashan-budget", "/desk/paying-accounts/"),
    Shot("staff-reconciliation", "jiashan-reconciler", "/desk/reconciliation/"),
    Shot("staff-pools", "jiashan-budget", "/desk/pools/"),
    Shot("staff-pools", "zhejiang-viewer", "/desk/pools/", variant="province"),
    Shot("staff-pool", "jiashan-budget", "/desk/pools/", ("table th a",)),
    Shot("staff-mainline", "jiashan-maker", "/desk/mainline/"),
]
# Named addresses that answer no page to look at, and why.
NO_PICTURE = {
    "healthz": "for machines",
    "objection-receipt": "its address is known to whoever objected",
    "worker-account-confirm": "the step after an account was named",
    "citizen-sign-in": "leads to the identity service",
    "citizen-back": "leads on from the identity service",
    "estimate-subjects": "a fragment",
    "provider-result-progress": "a fragment",
    "staff-job": "a fragment",
    "staff-find": "leads on to what is found",
    "staff-person": "found by a document number, which no picture shows",
    "staff-register-progress": "a fragment",
    "staff-register-template": "a download",
    "staff-register-file": "nothing is sent yet when the pictures are taken",
    "staff-standard-progress": "a fragment",
    "provider-template": "a download",
    "provider-wrong-rows": "a download",
}


def complaints_of(page: Page) -> list[str]:
    """What axe says about the page, and whether it is wider than the window."""
    found = [
        f"axe {violation['id']} ({violation['impact']}): {node['html'][:160]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, *([f"{wider} px wider than the window"] if wider > 0 else [])]


def listen(page: Page) -> list[str]:
    """A list that fills with what the browser complains about on this page from now on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def reach(page: Page, shot: Shot) -> None:
    """Go to the page, following its links. Raises NotReached."""
    answer = page.goto(shot.path)
    for link in shot.links:
        found = page.locator(link)
        if not found.count():
            raise NotReached(f"nothing like {link} on {page.url}")
        answer = page.goto(found.first.evaluate("link => link.href"))
    if answer is None or not answer.ok:
        raise NotReached(f"{page.url} answers {answer.status if answer else 'nothing'}")


def shoot(page: Page, shot: Shot, picture: Path) -> Iterator[str]:
    """Take the picture of one page in the window's width; yields what is wrong with it."""
    said = listen(page)
    try:
        reach(page, shot)
    except NotReached as no:
        yield str(no)
        return
    yield from complaints_of(page)
    width = page.evaluate("innerWidth")
    # a window as tall as the page, so that what is fixed to its edge stands at the end and not across the middle
    tall = max(page.evaluate("document.documentElement.scrollHeight"), HEIGHT)
    page.set_viewport_size({"width": width, "height": tall})
    page.screenshot(path=picture, full_page=True)
    yield from said


def visit(browser: Browser, base: str, width: int) -> BrowserContext:
    """A fresh visitor with a window of this width."""
    return browser.new_context(
        base_url=base, viewport={"width": width, "height": HEIGHT}, locale="zh-CN", reduced_motion="reduce"
    )


def shoot_all(browser: Browser, base: str, out: Path, shots: list[Shot]) -> int:
    """All pages in all widths, each role signing in once; returns how many complaints were printed."""
    count = 0
    for role in dict.fromkeys(shot.role for shot in shots):
        context = visit(browser, base, WIDTHS[0])
        if role:
            sign_in(context.new_page(), role)
        for shot, width in ((shot, width) for shot in shots if shot.role == role for width in WIDTHS):
            page = context.new_page()
            page.set_viewport_size({"width": width, "height": HEIGHT})
            for complaint in shoot(page, shot, out / f"{shot.name}-{width}.png"):
                print(f"{shot.name} {width}: {complaint}", flush=True)
                count += 1
            page.close()
        context.close()
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--out", type=Path, default=Path("build/shots"))
    parser.add_argument("names", nargs="*", help="only pages whose picture's name begins so")
    asked = parser.parse_args()
    shots = [shot for shot in PAGES if not asked.names or shot.name.startswith(tuple(asked.names))]
    asked.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        complaints = shoot_all(browser, asked.base.rstrip("/"), asked.out, shots)
        browser.close()
    print(f"{len(shots) * len(WIDTHS)} pictures in {asked.out}, {complaints} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
