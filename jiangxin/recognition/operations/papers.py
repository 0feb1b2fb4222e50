"""Papers of applications in clear: for the body that sent them and for who judges; each look is journalled (7.1)."""

from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.identity import unseal
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.recognition.cases import Application, ApplicationMaterial
from jiangxin.recognition.operations.applications import FILLS_IN, PLACE

JUDGES = ("training", "leader")


def may_read_papers(actor: Actor, application: Application) -> bool:
    """Whether the actor may open the papers: of the body itself, or of the desk once it was handed in (7.1)."""
    if actor.body_id is not None:
        return actor.body_id == application.body_id and actor.has(*FILLS_IN)
    return application.region_id in actor.regions and actor.has(*JUDGES) and application.state != "draft"


def reveal_material(actor: Actor, at: datetime, material_id: UUID) -> tuple[ApplicationMaterial, bytes]:
    """A paper with what stands in it, as it was sent. Raises NotFound out of scope, NotYourDuty without the duty."""
    found = ApplicationMaterial.objects.select_related("application").filter(pk=material_id).first()
    if found is None or (found.body_id != actor.body_id and found.region_id not in actor.regions):
        raise NotFound()
    if not may_read_papers(actor, found.application):
        raise NotYourDuty()
    note(actor.for_purpose("查看申请材料"), at, "revealed_material", found, code=found.code, sha256=found.sha256)
    return found, unseal(found.content, PLACE.format(found.pk))
