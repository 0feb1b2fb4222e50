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

    `links` lead on from there, each the first that fits the selector, then `act` where no link does; `variant` tells
    pictures of one page apart.
    """

    page: str
    role: str
    path: str
    links: tuple[str, ...] = ()
    variant: str = ""
    act: Callable[[Page], None] | None = None

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
    page.get_by_role("button", name=re.compile(rf"· {username}\b(?!-)")).click()


SIGN_INS: dict[str, Callable[[Page, str], None]] = {"worker": _as_citizen}


def sign_in(page: Page, role: str) -> None:
    """Become a demo account. Raises NotReached."""
    SIGN_INS.get(role.partition("-")[0], _with_code)(page, role)
    if "/sign-in" in page.url:
        raise NotReached(f"{role} is not let in: {page.locator('main').inner_text()[:200]}")


ROW = ("tbody th a",)


def _another_register(page: Page) -> None:
    """A file that is no register: refused as a whole, so that nothing of the demo is changed."""
    page.get_by_label("管的日期从").fill("2026-01-01")
    page.get_by_label("到", exact=True).fill("2026-01-31")
    page.locator("#id_file").set_input_files(
        {"name": "不是登记数据.csv", "mimeType": "text/csv", "buffer": "甲,乙\n1,2\n".encode()}
    )
    page.get_by_role("button", name="检查并入库").click()


def _receipt(page: Page) -> None:
    """The receipt that the public sees of an objection open on the desk."""
    page.goto(f"/notices/objections/{page.url.rstrip('/').rpartition('/')[2]}")


PAGES = [
    Shot("home", "", "/"),
    Shot("sign-in", "", "/sign-in"),
    Shot("demo", "", "/demo"),
    Shot("citizen-simulator", "", "/sign-in/citizen"),
    Shot("notices", "", "/notices"),
    Shot("notice", "", "/notices", ROW),
    Shot("objection", "", "/notices", (*ROW, "tbody th a")),
    Shot("find-receipt", "", "/notices/objections"),
    Shot("estimate", "", "/estimate"),
    Shot("law", "", "/law?region=330421"),
    Shot("rules", "", "/law/certificate_subsidy"),
    Shot("worker-home", "worker-notice", "/me/", variant="notice"),
    Shot("worker-home", "worker-confirm", "/me/", variant="confirm"),
    Shot("worker-home", "worker-5", "/me/", variant="waiting"),
    Shot("worker-learning", "worker-1", "/me/learning"),
    Shot("worker-certificates", "worker-1", "/me/certificates"),
    Shot("worker-vouchers", "worker-1", "/me/vouchers"),
    Shot("worker-classes", "worker-learner-1", "/me/classes/?place=all"),
    Shot("worker-my-classes", "worker-learner-1", "/me/classes/mine"),
    Shot("worker-online", "worker-learner-1", "/me/online/"),
    Shot("worker-class", "worker-learner-1", "/me/classes/mine", ("a.jx-item",)),
    Shot("worker-code", "worker-learner-1", "/me/code"),
    *(
        Shot("worker-money", f"worker-{who}", "/me/money", variant=who)
        for who in ("paid", "confirm", "queue", "notice", "objected", "held", "failed", "silent", "3", "4", "12")
    ),
    Shot("worker-line", "worker-paid", "/me/money", ("a[href*='/me/money/']",)),
    Shot("worker-rules", "worker-4", "/me/money", ("a[href$='/rules']",)),
    *(
        Shot("worker-answer", "worker-confirm", "/me/money", (f"a[href$='/{deed}']",), deed)
        for deed in ("confirm", "decline")
    ),
    Shot("worker-answer", "worker-queue", "/me/money", ("a[href$='/defer']",), "defer"),
    Shot("worker-answer", "worker-silent", "/me/money", ("a[href$='/reopen']",), "reopen"),
    Shot("worker-me", "worker-paid", "/me/archive"),
    Shot("worker-account", "worker-failed", "/me/archive/account"),
    Shot("provider-results", "assessor-3", "/provider/"),
    Shot("provider-send-results", "assessor-3", "/provider/results/send"),
    Shot("provider-result", "assessor-3", "/provider/", ROW),
    Shot("provider-titles", "school-1", "/provider/titles/"),
    Shot("provider-classes", "school-1", "/provider/classes/"),
    Shot("provider-settlements", "school-1", "/provider/settlements/"),
    Shot("provider-body-account", "school-1", "/provider/settlements/account/"),
    Shot("staff-settlements", "jiashan-maker", "/desk/settlements/"),
    Shot("provider-new-class", "school-1", "/provider/classes/new/"),
    Shot("provider-class", "school-1", "/provider/classes/?state=running", ROW, variant="running"),
    Shot("provider-class", "school-1", "/provider/classes/?state=finished", ROW, variant="finished"),
    Shot("provider-roster", "school-1", "/provider/classes/?state=open", (*ROW, "a[href$='/roster/']")),
    Shot("provider-move-lesson", "school-1", "/provider/classes/?state=open", (*ROW, "a[href$='/move/']")),
    Shot("provider-staff", "employer-1", "/provider/staff/"),
    Shot("provider-staff", "platform-1", "/provider/staff/?kind=platform", variant="platform"),
    Shot("provider-staff-send", "employer-1", "/provider/staff/send/"),
    Shot("provider-staff-send-file", "employer-1", "/provider/staff/send/", ROW),
    Shot("provider-staff-classes", "employer-1", "/provider/staff/classes/"),
    Shot("provider-staff-class", "employer-1", "/provider/staff/classes/", ROW),
    Shot("provider-staff-seats", "employer-1", "/provider/staff/seats/"),
    Shot("provider-teacher", "school-1", "/provider/teachers/", ROW),
    Shot("provider-rooms", "school-1", "/provider/rooms/"),
    Shot("provider-teachers", "school-1", "/provider/teachers/"),
    Shot("provider-lessons", "teacher-1", "/provider/lessons/"),
    Shot("provider-lesson", "teacher-1", "/provider/lessons/", ROW),
    Shot("provider-exceptions", "school-1", "/provider/exceptions/"),
    Shot("provider-exams", "assessor-3", "/provider/exams/"),
    Shot("provider-new-exam", "assessor-3", "/provider/exams/new/"),
    Shot("provider-examiners", "assessor-3", "/provider/examiners/"),
    Shot("worker-exams", "worker-1", "/me/exams"),
    Shot("provider-certificates", "assessor-3", "/provider/certificates/"),
    Shot("provider-certificates", "assessor-3", "/provider/certificates/?find=没有这个人", variant="none"),
    Shot("provider-certificate", "assessor-3", "/provider/certificates/", ROW),
    *(
        Shot("staff-home", who, "/desk/", variant=who)
        for who in (
            "jiashan-maker",
            "jiashan-checker",
            "jiashan-releaser",
            "jiashan-reconciler",
            "jiashan-budget",
            "jiashan-data",
            "jiaxing-viewer",
            "zhejiang-viewer",
        )
    ),
    Shot("staff-applications", "jiashan-training", "/desk/applications/"),
    Shot("staff-promise-checks", "jiashan-training", "/desk/promises/"),
    Shot("staff-reviews", "jiashan-training", "/desk/reviews/"),
    Shot("staff-yearly-plans", "jiashan-training", "/desk/yearly-plans/"),
    Shot("provider-yearly-plan", "assessor-3", "/provider/yearly-plan/"),
    Shot("project-catalogue", "", "/projects/"),
    Shot("staff-project-catalogue", "jiashan-training", "/desk/projects/catalogue/"),
    Shot("postings", "", "/recognition-notices/"),
    Shot("staff-measures", "jiashan-training", "/desk/measures/"),
    Shot("providers", "", "/providers/"),
    Shot("provider", "", "/providers/", ROW),
    Shot("classes", "", "/classes/"),
    Shot("staff-openings", "jiashan-training", "/desk/openings/"),
    Shot("staff-opening", "jiashan-training", "/desk/openings/", ROW),
    Shot("staff-lessons", "jiashan-training", "/desk/lessons/"),
    Shot("staff-lesson", "jiashan-training", "/desk/lessons/", ROW),
    Shot("staff-exceptions", "jiashan-training", "/desk/exceptions/"),
    Shot("staff-platforms", "jiashan-training", "/desk/platforms/"),
    Shot("staff-decisions", "jiashan-maker", "/desk/decisions/"),
    *(
        Shot("staff-decision", "jiashan-maker", f"/desk/decisions/?state={state}", ROW, state)
        for state in ("paid", "refused", "waiting", "queued", "held", "to_confirm")
    ),
    Shot("staff-decision-version", "jiashan-maker", "/desk/decisions/", (*ROW, "a[href*='/versions/']")),
    Shot("staff-waiting", "jiashan-maker", "/desk/waiting/"),
    Shot("staff-waiting", "jiashan-maker", "/desk/waiting/", ROW, "one"),
    Shot("staff-lacking", "jiashan-maker", "/desk/waiting/", ("a[href*='/waiting/0']",)),
    Shot("staff-notices", "jiashan-maker", "/desk/notices/"),
    Shot("staff-notices", "jiashan-maker", "/desk/notices/?view=posted", variant="posted"),
    Shot("staff-notice", "jiashan-maker", "/desk/notices/?view=posted", ROW),
    Shot("staff-objections", "jiashan-maker", "/desk/objections/"),
    Shot("staff-objection", "jiashan-maker", "/desk/objections/", ROW),
    Shot("objection-receipt", "jiashan-maker", "/desk/objections/", ROW, act=_receipt),
    Shot("staff-holds", "jiashan-maker", "/desk/holds/"),
    Shot("staff-hold", "jiashan-maker", "/desk/holds/", ROW),
    Shot("staff-hold", "jiashan-maker", "/desk/holds/?kind=died", ROW, "died"),
    Shot("staff-sheets", "jiashan-maker", "/desk/sheets/"),
    Shot("staff-people", "jiashan-maker", "/desk/people/"),
    Shot("staff-person", "jiashan-maker", "/desk/decisions/?state=paid", (*ROW, "a[href*='/desk/people/0']")),
    Shot("staff-certificate", "jiashan-data", "/desk/decisions/", (*ROW, "a[href*='/desk/certificates/']")),
    Shot("staff-account", "jiaxing-leader", "/desk/account"),
    Shot("staff-approvals", "jiashan-checker", "/desk/approvals/"),
    Shot("staff-approval", "jiashan-checker", "/desk/approvals/", ("a.btn-primary",)),
    Shot("staff-approval", "jiashan-maker", "/desk/approvals/?state=approved", ROW, "approved"),
    Shot("staff-batches", "jiashan-releaser", "/desk/batches/"),
    Shot("staff-batch", "jiashan-releaser", "/desk/batches/?state=sealed", ROW, "sealed"),
    Shot("staff-batch", "jiashan-reconciler", "/desk/batches/?state=reconciled", ROW, "reconciled"),
    Shot("staff-returns", "jiashan-reconciler", "/desk/returns/"),
    Shot("staff-next-answer", "jiashan-releaser", "/desk/returns/next-answer/"),
    Shot("staff-failed", "jiashan-maker", "/desk/failed/"),
    Shot("staff-failed-line", "jiashan-maker", "/desk/failed/", ROW),
    Shot("staff-reconciliation", "jiashan-reconciler", "/desk/reconciliation/"),
    Shot("staff-paying-accounts", "jiashan-budget", "/desk/paying-accounts/"),
    Shot("staff-pools", "jiashan-budget", "/desk/pools/"),
    Shot("staff-pools", "zhejiang-viewer", "/desk/pools/", variant="province"),
    Shot("staff-pool", "jiashan-budget", "/desk/pools/", ROW),
    Shot("staff-mainline", "jiashan-maker", "/desk/mainline/"),
    Shot("staff-registers", "zhejiang-data", "/desk/registers/"),
    Shot("staff-register-file", "zhejiang-data", "/desk/registers/", act=_another_register),
    Shot("staff-merges", "zhejiang-data", "/desk/people/merges/"),
    Shot("staff-law", "jiashan-maker", "/desk/law/"),
    Shot("staff-standards", "jiashan-budget", "/desk/law/standards/"),
    Shot("staff-propose-standard", "jiashan-budget", "/desk/law/standards/new/"),
    Shot("staff-standard", "jiashan-budget", "/desk/law/standards/", ROW),
    Shot("staff-classes", "zhejiang-data", "/desk/classes/"),
]
# Named addresses that answer no page to look at, and why.
NO_PICTURE = {
    "provider-settlement": "no class of the demo is paid to a body; tests/web/test_settlement_pages.py has it",
    "staff-settlement": "no class of the demo is paid to a body; tests/web/test_settlement_pages.py has it",
    "staff-settlement-call": "no class of the demo is paid to a body; tests/web/test_settlement_pages.py has it",
    "xapi-statements": "for machines; tests/api/test_xapi.py",
    "xapi-about": "for machines; tests/api/test_xapi.py",
    "xapi-other": "for machines; tests/api/test_xapi.py",
    "worker-online-lesson": "nobody of the demo learns online yet; tests/web/test_online.py walks through it",
    "provider-class-online": "no class of the demo is taught online yet; tests/web/test_online.py walks through it",
    "provider-online-roster": "a download",
    "project-item": "the demo has published no project yet; tests/web/test_projects.py walks through it",
    "staff-measure-learners": "nobody of the demo is under a measure; tests/web/test_transfers.py walks through it",
    "worker-transfer": "nobody of the demo is under a measure; tests/web/test_transfers.py walks through it",
    "provider-material": "a download, journalled",
    "staff-application-material": "a download, journalled",
    "staff-invite-reviewers": "nobody of the demo applies yet; tests/web/test_reviews.py walks through it",
    "staff-review": "nobody of the demo applies yet; tests/web/test_reviews.py walks through it",
    "posting": "nobody of the demo is posted yet; tests/web/test_reviews.py walks through it",
    "provider-application": "nobody of the demo applies yet; tests/web/test_recognition.py walks through it",
    "provider-measure": "nobody of the demo is under a measure; tests/web/test_recognition.py walks through it",
    "staff-application": "nobody of the demo applies yet; tests/web/test_recognition.py walks through it",
    "staff-measure": "nobody of the demo is under a measure; tests/web/test_recognition.py walks through it",
    "class": "the demo's open classes begin today; tests/web/test_class_pages.py walks through the worker's",
    "provider-edit-class": "the form of provider-new-class",
    "provider-lessons-send": "only for a class not yet submitted; tests/web/test_lessons.py walks through it",
    "provider-roster-file": "the page of provider-staff-send-file",
    **dict.fromkeys(
        (
            "provider-lessons-sheet",
            "provider-class-learners",
            "provider-roster-template",
            "provider-roster-wrong-rows",
            "provider-staff-sheet",
            "provider-staff-seats-sheet",
            "provider-staff-send-template",
            "provider-staff-send-wrong-rows",
        ),
        "a download",
    ),
    "provider-lesson-board": "a fragment",
    "provider-photo": "a photo, journalled",
    "staff-photo": "a photo, journalled",
    "worker-class-calendar": "a download",
    "worker-plea": "nobody of the demo missed a lesson yet; tests/web/test_attendance.py walks through it",
    "provider-exam": "the demo holds no examination yet; tests/web/test_exams.py walks through it",
    "provider-exam-candidates": "the demo holds no examination yet; tests/web/test_exams.py walks through it",
    "provider-exam-candidate": "the demo holds no examination yet; tests/web/test_exams.py walks through it",
    "provider-exam-rooms": "the demo holds no examination yet; tests/web/test_exams.py walks through it",
    "provider-exam-scores": "the demo holds no examination yet; tests/web/test_exams.py walks through it",
    "provider-exam-change": "the demo holds no examination yet; tests/web/test_exams.py walks through it",
    "provider-exam-sheet": "the demo holds no examination yet; tests/web/test_exams.py walks through it",
    "provider-exam-template": "a download",
    "provider-exam-roster-sheet": "a download",
    "provider-exam-results": "the demo holds no examination yet; tests/web/test_exams.py walks through it",
    "worker-exam-slip": "the demo holds no examination yet; tests/web/test_exams.py walks through it",
    "staff-exams": "the demo holds no examination yet; tests/web/test_exams.py walks through it",
    "staff-exam": "the demo holds no examination yet; tests/web/test_exams.py walks through it",
    "healthz": "for machines",
    "citizen-sign-in": "leads to the identity service",
    "citizen-back": "leads on from the identity service",
    "staff-find": "leads on to what was found",
    "estimate-subjects": "a fragment",
    "provider-result-progress": "a fragment",
    "staff-register-progress": "a fragment",
    "staff-standard-progress": "a fragment",
    "staff-job": "a fragment",
    "provider-template": "a download",
    "provider-wrong-rows": "a download",
    "staff-register-template": "a download",
    "staff-voucher-progress": "a fragment",
    "staff-voucher-sheet": "a download",
    "staff-voucher-batch-sheet": "a download",
    "worker-voucher-picture": "a fragment",
    "staff-vouchers": "the demo has no duty of training yet",
    "staff-new-vouchers": "the demo has no duty of training yet",
    "staff-edit-vouchers": "the demo has no duty of training yet",
    "staff-voucher-batch": "the demo has no duty of training yet",
    "staff-voucher-counties": "the demo has no duty of training yet",
    "worker-voucher": "the demo has no voucher yet",
    "worker-account-confirm": "there once an account was entered; the stories look at it",
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
    page.goto(shot.path)
    for link in shot.links:
        found = page.locator(f"main {link}")
        if not found.count():
            raise NotReached(f"nothing like {link} on {page.url}")
        page.goto(found.first.evaluate("link => link.href"))
    if shot.act:
        shot.act(page)
        page.wait_for_load_state()


def shoot(page: Page, width: int, picture: Path) -> Iterator[str]:
    """Take the picture of the page where the window stands, in this width; yields what is wrong with it."""
    said = listen(page)
    page.set_viewport_size({"width": width, "height": HEIGHT})
    answer = page.goto(page.url)
    if answer is None or not answer.ok:
        yield f"answers {answer.status if answer else 'nothing'}"
    yield from complaints_of(page)
    # a window as tall as the page, so that what is fixed to its edge stands at the end and not across the middle
    tall = max(page.evaluate("document.documentElement.scrollHeight"), HEIGHT)
    page.set_viewport_size({"width": width, "height": tall})
    page.screenshot(path=picture, full_page=True)
    yield from said


def shoot_widths(page: Page, shot: Shot, out: Path) -> Iterator[str]:
    """One page in all widths; yields what is wrong."""
    try:
        reach(page, shot)
    except NotReached as no:
        yield f"{shot.name}: {no}"
        return
    for width in WIDTHS:
        for complaint in shoot(page, width, out / f"{shot.name}-{width}.png"):
            yield f"{shot.name} {width}: {complaint}"


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
        for shot in (shot for shot in shots if shot.role == role):
            page = context.new_page()
            for complaint in shoot_widths(page, shot, out):
                print(complaint, flush=True)
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
