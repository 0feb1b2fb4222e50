"""People at their browsers: they sign in, press what they read, and wait for what they expect to see.

Every page they come to is looked at as well: by axe once for each kind of page, and by the console always.
"""

import os
import re
import time
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests.shots import complaints_of, listen, sign_in, visit

PHONE, DESK = 390, 1440
SECONDS = 30
# Where every page that somebody came to is drawn, for whoever wants to look at a story.
PICTURES = os.environ.get("JIANGXIN_STORY_PICTURES", "")
KEYS = re.compile(r"[0-9a-f-]{36}|\?.*")


class Street:
    """One browser, the people who use it, and what was wrong with the pages they came to."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base = browser, base
        self.people: dict[str, Person] = {}
        self.looked_at: set[str] = set()
        self.complaints: list[str] = []
        self.drawn = 0

    def person(self, role: str) -> "Person":
        """A demo account, signed in when first needed; "" is somebody of the public."""
        if role not in self.people:
            self.people[role] = Person(self, role)
        return self.people[role]

    def citizen(self, name: str) -> "Person":
        """Somebody who is not among the demo's accounts, by the full name, which nobody else bears."""
        found = Person(self, "", PHONE, name)
        found.page.goto("/sign-in/citizen")
        found.page.get_by_label("按姓氏或姓名找").fill(name)
        found.page.get_by_role("button", name="找人").click()
        found.page.get_by_role("button", name=re.compile(r"\*")).click()
        return found

    def draw(self, page: Page, name: str) -> None:
        """A picture of what stands before somebody, in the story's order, where pictures are wanted."""
        if PICTURES:
            self.drawn += 1
            page.screenshot(path=f"{PICTURES}/{self.drawn:03d}-{name}.png", full_page=True)

    def look(self, page: Page) -> None:
        """Ask axe about a kind of page that nobody came to before."""
        kind = KEYS.sub("*", page.url)
        if kind not in self.looked_at:
            self.looked_at.add(kind)
            self.complaints += [f"{kind}: {complaint}" for complaint in complaints_of(page)]


class Person:
    """One person at one window: a phone for workers and teachers, a desk for the others."""

    def __init__(self, street: Street, role: str, width: int = 0, name: str = "") -> None:
        self.street, self.role, self.name = street, role, role or name
        width = width or (PHONE if role.startswith(("worker", "teacher")) else DESK)
        self.page = visit(street.browser, street.base, width).new_page()
        self.page.set_default_timeout(SECONDS * 1000)
        self.said = listen(self.page)
        self.page.on("response", self._note)
        if role:
            sign_in(self.page, role)

    def _note(self, answer: Response) -> None:
        if answer.status >= 500:
            self.street.complaints.append(f"{self.role}: {answer.url} answers {answer.status}")

    @property
    def main(self) -> Locator:
        """What the page is about, without the frame."""
        return self.page.locator("main")

    def open(self, path: str) -> "Person":
        """Go to an address."""
        self.page.goto(path)
        return self._arrived()

    def press(self, words: str | re.Pattern[str], among: Locator | None = None) -> "Person":
        """Press the button, link or fold with these words, the first in the page's main part."""
        place = among or self.main
        exact = isinstance(words, str)
        found = place.get_by_role("button", name=words, exact=exact)
        found = found.or_(place.get_by_role("link", name=words, exact=exact))
        found = found.or_(place.locator("summary", has_text=words))
        found.first.click()
        return self._arrived()

    def confirm(self, question: str, yes: str) -> "Person":
        """Open the question behind a deed that cannot be undone, and say yes."""
        self.main.locator("summary").get_by_text(question, exact=True).first.click()
        self.street.draw(self.page, self.name)
        self.main.locator("details[open] form").get_by_role("button", name=yes, exact=True).first.click()
        return self._arrived()

    def fill(self, label: str, value: str | Path) -> "Person":
        """Fill the field with this label; a path is a file to send."""
        field = self.main.get_by_label(label).and_(self.page.locator("input, textarea")).first
        if isinstance(value, Path):
            field.set_input_files(value)
        else:
            field.fill(value)
        return self

    def choose(self, label: str) -> "Person":
        """Choose an answer or tick a box by its words."""
        self.main.get_by_label(label).first.check()
        return self

    def pick(self, label: str, words: str) -> "Person":
        """Pick from the list with this label."""
        self.main.get_by_label(label).first.select_option(label=words)
        return self

    def sees(self, *words: str) -> "Person":
        """The main part says so."""
        for said in words:
            try:
                expect(self.main).to_contain_text(said, timeout=SECONDS * 1000)
            except AssertionError:
                text = re.sub(r"\s+", " ", self.main.inner_text())
                raise AssertionError(f"{self.role} at {self.page.url} does not see {said}: {text[:1500]}") from None
        return self

    def waits_for(self, words: str, seconds: int = SECONDS) -> "Person":
        """Look again until the main part says so: somebody else, or the machine, is at work."""
        deadline = time.monotonic() + seconds
        while words not in self.main.inner_text() and time.monotonic() < deadline:
            self.page.wait_for_timeout(500)
            self.page.reload()
        return self.sees(words)._arrived()

    def counts(self, pattern: str) -> list[int]:
        """The numbers that the main part says in these words."""
        said = re.search(pattern, self.main.inner_text())
        assert said, f"{pattern} is not in: {self.main.inner_text()}"
        return [int(number.replace(",", "")) for number in said.groups()]

    def passes_days(self, days: int = 1) -> "Person":
        """Let the demo's time go on by working days, with the button on the strip."""
        for _ in range(days):
            self.page.get_by_role("button", name="下一个工作日").click()
        return self._arrived()

    def _arrived(self) -> "Person":
        self.page.wait_for_load_state()
        self.street.look(self.page)
        self.street.draw(self.page, self.name)
        self.street.complaints += [f"{self.role} on {self.page.url}: {said}" for said in self.said]
        self.said.clear()
        return self
