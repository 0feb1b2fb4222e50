"""People with certificates and lines for tests of the worker's and the public's pages; committed."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db import transaction
from django.test import Client

from jiangxin.catalogue.operations import load_aliases, load_occupations
from jiangxin.funds.models import Pool
from jiangxin.ground.actor import Actor, acting, machine, set_scope
from jiangxin.parties.citizen import issue_ticket
from jiangxin.parties.models import Person, PersonDocument
from jiangxin.subsidy.models import Notice, SubsidyLine
from jiangxin.subsidy.operations.approvals import make_sheet, sign_sheet
from jiangxin.subsidy.operations.confirm import confirm_line
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.operations.lines import lock_lines, move_lines
from jiangxin.subsidy.operations.notices import release_notice
from tests.factories.whole import whole
from tests.factories.world import World
from tests.web.people import as_worker


@dataclass
class Village:
    """A county at work, with deeds that take one call each."""

    world: World
    pool: Pool

    @classmethod
    def built(cls, yuan: int = 1_000_000) -> "Village":
        with transaction.atomic():
            world = World()
            load_occupations()
            load_aliases()
            return cls(world, world.pool(yuan=yuan))

    def person(self, name: str = "", **more: Any) -> Person:
        with acting(machine()):
            return self.world.person(name, **more)

    def line(self, person: Person | None = None, **more: Any) -> SubsidyLine:
        """A certificate that was decided; the line of its certificate subsidy."""
        with as_worker(), acting(machine()) as at:
            certificate = self.world.certificate(person, **more)
            decide_certificates(machine(), at, [certificate.id], "新到证书")
            return self.now(SubsidyLine(certificate=certificate))

    def now(self, line: SubsidyLine) -> SubsidyLine:
        """The line as it stands, whoever asks."""
        with transaction.atomic():
            set_scope(machine())
            return SubsidyLine.objects.select_related("certificate").get(
                certificate=line.certificate, scheme="certificate_subsidy"
            )

    def walk(self, line: SubsidyLine, *steps: tuple[str, str], cause: str = "") -> SubsidyLine:
        """Lead a line through (deed, state) by the machine."""
        with acting(machine()) as at:
            for verb, state in steps:
                move_lines(machine(), at, verb, lock_lines([line.id]), state, cause=cause)
        return self.now(line)

    def confirm(self, line: SubsidyLine) -> None:
        person = Actor("本人", person_id=line.person_id)
        with acting(person) as at:
            confirm_line(person, at, line.id)

    def notice(self, *lines: SubsidyLine) -> Notice:
        """Confirmed and posted."""
        for line in lines:
            self.confirm(line)
        maker = self.world.staff["maker"]
        with acting(maker) as at:
            return release_notice(maker, at, self.world.office, [line.id for line in lines])

    def approve(self, line: SubsidyLine) -> None:
        """A sheet of its own, signed by checker and leader."""
        staff = self.world.staff
        with acting(staff["maker"]) as at:
            sheet = make_sheet(staff["maker"], at, [line.id])
        for step, duty in enumerate(("checker", "leader"), 1):
            with acting(staff[duty]) as at:
                sheet = sign_sheet(staff[duty], at, sheet.id, sheet.sha256, step)


def enter(person: Person) -> Client:
    """Sign a person in through the simulated 浙里办."""
    browser = Client()
    left = browser.get("/sign-in/citizen")
    state = parse_qs(urlsplit(left["Location"]).query)["state"][0]
    with whole():
        document = PersonDocument.objects.get(person=person)
    came = browser.get("/sign-in/citizen/back", {"ticket": issue_ticket(document.pk), "state": state})
    assert came.status_code == 302
    return browser
