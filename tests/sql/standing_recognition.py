"""A school that asks for titles and is watched: what the attacks on recognition are aimed at."""

import hashlib
from datetime import timedelta
from typing import Any

from jiangxin.catalogue.operations import load_occupations
from jiangxin.recognition.cases import ApplicationMaterial, Measure, PromiseCheck, Review
from jiangxin.recognition.models import Title
from jiangxin.recognition.operations import applications, decisions, plans
from jiangxin.recognition.operations.checks import check_promise
from jiangxin.recognition.operations.measures import decide_measure, open_measure
from jiangxin.recognition.procedures import procedures
from jiangxin.subsidy.law import current_law
from tests.factories.school import clerk_of
from tests.factories.world import World
from tests.recognition.desk import DIRECTORY, LICENCE, PDF

LINE = {
    "subject": "6-31-01-03", "level": "4", "form": "机考", "range": "社会", "sign_up": "3 月", "exam": "4 月",
    "fee_fen": 20000, "contact": "0573-84000000", "process": "报名、考试、发证",
}  # fmt: skip


def recognition(world: World) -> dict[str, Any]:
    """Two licences by promise, an entry under review, a draft, measures open and in force, public plans."""
    load_occupations()
    school = world.body("东方培训学校", "91330421MA00000005", "provider")
    head = clerk_of(world, school, "head")
    desk, leader = world.staff["training"], world.staff["leader"]

    def asked(code: str, answers: dict[str, Any]) -> Any:
        made = applications.begin_application(head, world.at, code)
        applications.save_answers(head, world.at, made.pk, answers)
        for paper in procedures()[code].materials:
            applications.add_material(head, world.at, made.pk, paper.code, "a.pdf", PDF)
        return made

    def signed(made: Any) -> Any:
        procedure = procedures()[made.procedure]
        text = applications.text_to_sign(made, procedure)
        promised = [one.code for one in procedure.promised]
        digest = hashlib.sha256(text.encode()).hexdigest()
        return applications.submit_application(head, world.at, made.pk, promised, digest)

    licence = signed(asked("school_licence", LICENCE))
    entry = signed(asked("provider_directory", DIRECTORY))
    decisions.accept_application(desk, world.at, entry.pk)
    reviews = [
        Review.objects.create(
            application=entry, region_id=world.region, reviewer_id=world.staff[duty].account_id, invited_at=world.at,
            invited_by_name="培训", conflict=False, total=80 if duty == "maker" else None,
            answered_at=world.at if duty == "maker" else None,
        )
        for duty in ("maker", "checker")
    ]  # fmt: skip
    draft = asked("online_platform", {})
    checks = list(PromiseCheck.objects.filter(application=licence).order_by("pk"))
    check_promise(desk, world.at, checks[0].pk, kept=True, finding="现场看过，属实")
    law = current_law()
    title = Title.objects.get(application=licence)
    opened = open_measure(
        desk, world.at, school.pk, "withdrawal", "fake_records", "虚报人数，证据在卷。", law, title_id=title.pk
    )
    until = world.at.date() + timedelta(days=30)
    stopped = open_measure(
        desk, world.at, school.pk, "suspension", "fake_records", "虚报人数，证据在卷。", law, until_on=until
    )
    decide_measure(leader, world.at, stopped.pk, in_force=True, decision="先暂停整改", arrangement="teach_out")
    assessing = clerk_of(world, world.assessor, "clerk")
    shown = plans.publish_plan(assessing, world.at, plans.save_plan(assessing, world.at, 2026, [LINE]).pk)
    begun = plans.save_plan(assessing, world.at, 2026, [LINE])
    world.see_all()
    return {
        "r_licence": licence.pk, "r_entry": entry.pk, "r_draft": draft.pk, "r_check": checks[1].pk,
        "r_found": checks[0].pk, "r_measure": opened.pk, "r_stopped": stopped.pk, "r_title": title.pk,
        "r_review": reviews[1].pk, "r_answered": reviews[0].pk, "r_plan": shown.pk, "r_begun": begun.pk,
        "r_paper": ApplicationMaterial.objects.filter(application=licence).first().pk, "r_school": school.pk,
        "r_measures": Measure.objects.count(),
    }  # fmt: skip
