"""A firm with its people, its lists and a class kept for it: what the attacks on them are aimed at."""

from datetime import date
from typing import Any

from jiangxin.parties.models import Organisation
from jiangxin.parties.operations.persons import PersonRow
from jiangxin.parties.operations.rosters import drop_roster
from jiangxin.parties.operations.workforce import (
    end_employments,
    load_workforce,
    receive_workforce,
    workforce_roster,
)
from jiangxin.parties.rosters import WorkerRow
from jiangxin.parties.workforce import EMPLOYMENTS, Employment
from jiangxin.training.operations.classes import ClassPlan, draft_class
from jiangxin.training.operations.rosters import offer_class
from tests.factories.school import ELECTRICIAN, clerk_of
from tests.factories.world import World, number_of

CODES = ("5233049982JK5JHY4B", "52330499F30QHR2978")


def workforce(world: World) -> dict[str, Any]:
    """People of a firm by contract and by platform, one who left; lists sent and dropped; a class kept for two."""
    firms = [
        Organisation.objects.create(name=f"企业{n}", credit_code=code, region_id=world.region)
        for n, code in enumerate(CODES)
    ]
    clerk, school = clerk_of(world, firms[0], "employer"), clerk_of(world, world.provider, "school")
    rows = [
        WorkerRow(PersonRow("resident", number_of(n), f"员工{n}"), kind, date(2026, 1, 5))
        for n, kind in ((450, "contract"), (451, "contract"), (452, "platform"), (453, "platform"))
    ]
    load_workforce(clerk, world.at, rows)
    world.see_all()
    found = {one.person.name: one for one in Employment.objects.select_related("person")}
    end_employments(clerk, world.at, [found["员工451"].id], world.at.date())
    world.see_all()
    word = EMPLOYMENTS["contract"]
    row = ("新人", None, number_of(454), None, None, None, word, "2026-01-05")
    data = workforce_roster(clerk, world.at).template([row])
    clean, dropped, more = (receive_workforce(clerk, world.at, f"{n}.xlsx", data) for n in range(3))
    drop_roster(clerk, world.at, dropped.id)
    plan = ClassPlan("skill_level", ELECTRICIAN, "4", "", "on_job", "roster", "person", 10, 0, None, "", "")
    kept = draft_class(school, world.at, plan, world.region)
    offers = [offer_class(school, world.at, kept.id, code) for code in CODES]
    world.see_all()
    return {
        "w_contract": found["员工450"].id, "w_left": found["员工451"].id, "w_platform": found["员工452"].id,
        "w_spell": found["员工452"].spell_id, "w_list": clean.id, "w_list_more": more.id, "w_dropped": dropped.id,
        "w_offer": offers[0].id, "w_firm": firms[0].id,
    }  # fmt: skip
