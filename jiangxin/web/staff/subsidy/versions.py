"""One answer of the law as it was given on its day: every rule by the facts frozen with it, never changed (M17)."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.ground.actor import Actor
from jiangxin.subsidy.queries.decisions import OUTCOMES, line_of, version_of
from jiangxin.web.door import entry
from jiangxin.web.session import Request


@entry("staff")
def version(request: Request, actor: Actor, at: datetime, line_id: UUID, decision_id: UUID) -> HttpResponseBase:
    """A decision of a line, the latest or an earlier one."""
    line = line_of(line_id)
    decision, rules = version_of(line, decision_id)
    page = {
        "line": line,
        "decision": decision,
        "outcome": OUTCOMES[decision.outcome],
        "latest": decision.id == line.decision_id,
        "open": [rule for rule in rules if rule.answer in ("no", "unknown")],
        "met": [rule for rule in rules if rule.answer not in ("no", "unknown")],
        "total": len(rules),
    }
    return TemplateResponse(request, "staff/subsidy/version.html", page)


urlpatterns = [path("decisions/<uuid:line_id>/versions/<uuid:decision_id>/", version, name="staff-decision-version")]
