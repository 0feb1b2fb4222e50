"""项目目录, for everybody: what may be taught as a project, how long, what is paid, by which document (10.2)."""

from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from jiangxin.catalogue.queries import names_of_regions, projects, published_project
from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import day_of
from jiangxin.ground.refusal import NotFound
from jiangxin.training.queries.classes import open_classes
from jiangxin.web.door import entry
from jiangxin.web.session import Request

PER_PAGE = 30


@entry("public")
def catalogue(request: Request, actor: Actor, at: datetime) -> HttpResponseBase:
    """The projects that hold today or begin later, by name."""
    find = request.GET.get("find", "").strip()[:40]
    found = Paginator(projects(find, on=day_of(at)), PER_PAGE).get_page(request.GET.get("page"))
    names = names_of_regions(one.region_id for one in found)
    page = {"rows": [(one, names.get(one.region_id, "")) for one in found], "projects": found, "find": find}
    return TemplateResponse(request, "public/projects/projects.html", page)


@entry("public")
def project(request: Request, actor: Actor, at: datetime, code: str) -> HttpResponseBase:
    """One project with its standard and the classes that take people."""
    found = published_project(code)
    if found is None:
        raise NotFound()
    today = day_of(at)
    page = {
        "found": found, "region": names_of_regions([found.region_id]).get(found.region_id, ""),
        "over": bool(found.until_on and found.until_on < today),
        "classes": list(open_classes(today).filter(subject=f"project:{found.code}")[:20]),
    }  # fmt: skip
    return TemplateResponse(request, "public/projects/project.html", page)


urlpatterns = [
    path("projects/", catalogue, name="project-catalogue"),
    path("projects/<slug:code>/", project, name="project-item"),
]
