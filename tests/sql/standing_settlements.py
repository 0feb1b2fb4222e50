"""Classes that a body is paid for, as the attacks find them: one being called about, one settled (P24)."""

from typing import Any

from jiangxin.ground.clock import Clock
from jiangxin.parties.models import PayeeAccount
from jiangxin.subsidy.operations.settlements import record_settlement_call, settle_class, submit_settlement
from tests.factories.project import Project
from tests.factories.world import World


def settlements(world: World) -> dict[str, Any]:
    """Keys of what stands, by name."""
    at = world.at
    project = Project(world, heads=4)
    account = project.with_account()
    project.taught(absent=1)
    _, later, _ = project.certified(*project.people[:2], project.people[2])
    maker = world.staff["maker"]
    calling = submit_settlement(project.head, world.at, project.found.id)
    world.see_all()
    drawn = calling.heads.get(drawn=True)
    quiet = calling.heads.filter(drawn=False, state="open").order_by("id").first()
    struck = calling.heads.get(state="struck")
    assert quiet

    other = Project(world, heads=1, code="PX330421002", school=project.school)
    other.taught()
    [paid] = other.certified()
    done = submit_settlement(other.head, world.at, other.found.id)
    world.see_all()
    record_settlement_call(maker, world.at, done.heads.get().id, True, 0, "")
    settle_class(maker, world.at, done.id)
    world.see_all()
    world.at = at
    Clock.objects.update(demo_at=at)
    assert PayeeAccount.objects.filter(body=world.provider).count() == 1
    return {
        "settlement": calling.id, "settled": done.id, "settled_head": done.heads.get().id, "drawn": drawn.id,
        "undrawn": quiet.id, "struck_head": struck.id, "project_class": project.found.id, "settling": later.id,
        "settled_line": paid.id, "body_account": account.id, "project_head": project.head.account_id,
        "free_seat": other.found.enrolments.get().id, "free_person": other.people[0].id,
        "free_class": other.found.id, "other_seat": struck.enrolment_id, "provider": world.provider.id,
    }  # fmt: skip
