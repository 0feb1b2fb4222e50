"""The demo's project class: taught to the unemployed, certified by the school, half way to the school's account."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from jiangxin.assessment.operations.files import check_file, finish_loading, load_file, receive_file
from jiangxin.assessment.operations.listings import ListingRow, load_listing
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.clock import day_of, opening_of, read_clock
from jiangxin.mainline import run_until_idle
from jiangxin.parties.models import Organisation, PersonDocument, Spell
from jiangxin.parties.operations.body_accounts import confirm_body_account, propose_body_account
from jiangxin.parties.operations.persons import reveal_document
from jiangxin.subsidy.law import current_law
from jiangxin.subsidy.operations.settlements import submit_settlement
from jiangxin.synth.bodies import DEMO
from jiangxin.synth.registers import extract_of
from jiangxin.synth.schooling import Schooling
from jiangxin.synth.trades import PROJECTS
from jiangxin.synth.workbooks import Cells, write_rows
from jiangxin.training.models import TrainingClass

CODE = "PX330421001"
HEADS, DAYS, NUMBER = 12, 6, "33050161000009990001"


def nothing(_done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass
class Projecting:
    """A class of a published project, beside the school's other work."""

    school: Schooling

    def perform(self) -> None:
        """Taught to unemployed people, certified, decided; the account confirmed, the heads submitted: calls wait."""
        school, today = self.school, day_of(read_clock())
        found = school.opened(
            school.days(today, -40)[:DAYS], opening_of(today - timedelta(days=80)), level="", project=CODE
        )
        persons = self.unemployed()
        school.fill(found, persons, opening_of(today - timedelta(days=75)))
        school.teach(found)
        found.refresh_from_db()
        self.certify(found, persons)
        run_until_idle(only="decide")
        head, maker = school.actor("school-1-head"), school.actor("jiashan-maker")
        body = Organisation.objects.get(pk__in=[head.body_id])
        with acting(head) as at:
            account = propose_body_account(head, at, body.id, "嘉善农商银行", body.name, body.credit_code, NUMBER)
        with acting(maker) as at:
            confirm_body_account(maker, at, account.id)
        with acting(head) as at:
            made = submit_settlement(head, at, found.id)
        school.say(f"项目班：{made.submitted} 人已报结算，{made.to_call} 人等回访")

    @staticmethod
    def unemployed() -> list[UUID]:
        """Unemployed people of the county who sit in no other class of the demo."""
        with acting(machine()):
            found = Spell.objects.filter(kind_id="unemployed", region_id=DEMO, until_on=None)
            alone = found.filter(person__enrolments=None, person__documents__kind="resident")
            return list(alone.order_by("person_id").values_list("person_id", flat=True).distinct()[:HEADS])

    def certify(self, found: TrainingClass, persons: list[UUID]) -> None:
        """The school's results of those who learnt enough, sent as a workbook; the province's list shows them too."""
        clerk, name, passed_on = self.school.actor("provider-1"), PROJECTS[CODE].name, found.last_on
        assert passed_on
        issued_on = passed_on + timedelta(days=3)
        body = Organisation.objects.get(pk__in=[clerk.body_id])
        with acting(machine("演示")) as at:
            papers = PersonDocument.objects.filter(person_id__in=persons, kind="resident").select_related("person")
            known = [
                (paper.person.name, reveal_document(machine("演示"), at, paper, "演示数据"), f"PXHG{n:08d}")
                for n, paper in enumerate(papers.order_by("person_id"), 1)
            ]
        rows: list[Cells] = [
            {
                "name": person, "document_kind": "居民身份证", "number": number, "occupation": name, "code": CODE,
                "exam_on": passed_on + timedelta(days=1), "issued_on": issued_on, "certificate": certificate,
                "provider": body.name, "provider_code": body.credit_code, "class_number": found.number,
                "class_region": found.region.name, "training_region": found.region.name,
                "first_on": found.first_on, "last_on": passed_on, "hours": found.hours, "training_code": CODE,
            }
            for person, number, certificate in known
        ]  # fmt: skip
        sent_at = opening_of(issued_on + timedelta(days=2))
        with acting(clerk):
            file = receive_file(clerk, sent_at, "training_pass", "项目班结业.xlsx", write_rows("training_pass", rows))
        for deed in (check_file, finish_loading):
            with acting(machine()):
                deed(machine(), sent_at, file, current_law(), nothing)
            if deed is check_file:
                with acting(clerk):
                    load_file(clerk, sent_at, file)
        with acting(machine("演示")):
            listed = [ListingRow(certificate, person, name, "", issued_on) for person, _, certificate in known]
            extract = extract_of("listing", issued_on, issued_on, "项目班", day_of(sent_at))
            load_listing(machine("演示"), sent_at, extract, list(enumerate(listed, 2)))
