"""A county with a body that applies and the people who decide, for the tests of recognition."""

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from jiangxin.catalogue.operations import load_occupations
from jiangxin.ground.actor import Actor, set_scope
from jiangxin.parties.models import Account, Duty, Office
from jiangxin.recognition.cases import Application
from jiangxin.recognition.operations import applications
from jiangxin.recognition.operations.decisions import accept_application, decide_outcome, propose_outcome
from jiangxin.recognition.procedures import procedures
from tests.factories.world import World, actor_of, new_id

PDF = b"%PDF-1.4 paper"
WELDER, CARER = ["6-18-02-04", "4"], ["4-10-01-05", ""]
LICENCE: dict[str, Any] = {
    "address": "嘉善大道1号", "head": "钱校长", "capacity": 240, "theory_area": 300, "lease_years": 3,
    "investment": 50_000_000, "assets": 30_000_000, "registered": 20_000_000, "teachers": 8, "full_time": 2,
    "programmes": [WELDER, CARER],
}  # fmt: skip
DIRECTORY: dict[str, Any] = {
    "nature": "private", "address": "嘉善大道1号", "contact": "0573-84000000", "capacity": 240, "teachers": 8,
    "full_time": 2, "programmes": [WELDER],
}  # fmt: skip
FILING: dict[str, Any] = {
    "type": "social", "unit": "评价部", "staff": 3, "examiners": 10, "supervisors": 2, "video": "all",
    "address": "嘉善大道2号", "contact": "0573-84000001", "subjects": [WELDER],
}  # fmt: skip


class Town(World):
    """A world whose desk has training officers, and whose school has a head and a clerk."""

    def __post_init__(self) -> None:
        super().__post_init__()
        load_occupations()
        self.staff["training"] = self.official("培训甲", "training")
        self.staff["training2"] = self.official("培训乙", "training")
        self.school = self.body("东方培训学校", "91330421MA00000005", "provider", from_on=date(2024, 1, 1))
        self.head, self.clerk = self.of_body("钱校长", "head"), self.of_body("孙老师", "school")
        self.assessing = self.of_body("评价员", "clerk", self.assessor)

    def of_body(self, name: str, duty: str, body: Any = None) -> Actor:
        account = Account.objects.create(
            username=new_id().hex[:12], name=name, kind="clerk", body=body or self.school, password="!", is_demo=True
        )
        Duty.objects.create(account=account, duty=duty, exclusive=False, from_on=date(2020, 1, 1))
        return actor_of(account, self.at.date())

    def city(self, name: str, duty: str) -> Actor:
        """An official of the city."""
        office = Office.objects.get(region_id=330400)
        actor = self.official(name, duty)
        Account.objects.filter(pk=actor.account_id).update(office=office)
        Duty.objects.filter(account_id=actor.account_id).update(office=office)
        return actor_of(Account.objects.get(pk=actor.account_id), self.at.date())

    def as_(self, actor: Actor) -> Actor:
        """The scope of an actor, as the door would set it."""
        set_scope(actor)
        return actor

    def later(self, days: int) -> datetime:
        return self.at + timedelta(days=days)

    def filled(self, code: str, answers: dict[str, Any]) -> Application:
        """An application with all answers and papers, not yet signed."""
        made = applications.begin_application(self.clerk, self.at, code)
        applications.save_answers(self.clerk, self.at, made.pk, answers)
        for paper in procedures()[code].materials:
            applications.add_material(self.clerk, self.at, made.pk, paper.code, f"{paper.label}.pdf", PDF)
        return Application.objects.get(pk=made.pk)

    def signed(self, application: Application, at: datetime | None = None) -> Application:
        procedure = procedures()[application.procedure]
        text = applications.text_to_sign(application, procedure)
        promised = [one.code for one in procedure.promised]
        digest = hashlib.sha256(text.encode()).hexdigest()
        return applications.submit_application(self.head, at or self.at, application.pk, promised, digest)

    def licensed(self) -> Application:
        """The school has its licence by promise."""
        return self.signed(self.filled("school_licence", LICENCE))

    def posted(self) -> Application:
        """The school's entry into the directory is posted."""
        made = self.signed(self.filled("provider_directory", DIRECTORY))
        accept_application(self.staff["training"], self.at, made.pk)
        propose_outcome(self.staff["training"], self.at, made.pk, "grant", "材料齐全，实地看过")
        return decide_outcome(self.staff["leader"], self.at, made.pk, self.at)


def elsewhere(actor: Actor) -> Actor:
    """The same official at the desk of another county."""
    return replace(actor, region_id=330122, regions=(330122,))
