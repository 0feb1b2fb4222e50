"""The running house: refusals, models, operations, addresses and templates, as Django sees them."""

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from types import ModuleType

import pytest
from django.apps import apps
from django.db import models
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

import jiangxin
from jiangxin.ground.refusal import Refusal
from tests.house.checks import ROOT

AUDIENCES = {"public", "worker", "provider", "enterprise", "staff", "platform"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TEMPLATES = sorted(path for path in (ROOT / "jiangxin/web").rglob("*.html"))


def modules() -> Iterator[ModuleType]:
    """Every module of the product, imported."""
    for found in pkgutil.walk_packages(jiangxin.__path__, "jiangxin."):
        if ".migrations." not in found.name:
            yield importlib.import_module(found.name)


def refusals() -> list[type[Refusal]]:
    """Every refusal there is."""
    list(modules())
    found, open_ends = [], [Refusal]
    while open_ends:
        children = open_ends.pop().__subclasses__()
        found += [child for child in children if child.__module__.startswith("jiangxin.")]
        open_ends += children
    return found


def complaint_about(refusal: type[Refusal]) -> str:
    """What is wrong with the words of a refusal; "" when nothing."""
    for text in (refusal.sentence, refusal.remedy):
        if not CHINESE.search(text):
            return "sentence and remedy are Chinese, and neither is empty"
        if re.search(r"[!！]|操作成功|系统错误|[你]", text):
            return "plain words, 您, no exclamation mark"
    return ""


def test_refusals_speak_chinese():
    wrong = {refusal.__qualname__: complaint_about(refusal) for refusal in refusals()}
    assert not {name: said for name, said in wrong.items() if said}


def test_the_check_of_refusals_sees():
    assert complaint_about(type("Silent", (), {"sentence": "", "remedy": "请重试。"}))
    assert complaint_about(type("Loud", (), {"sentence": "操作成功！", "remedy": "请重试。"}))
    assert not complaint_about(type("Plain", (), {"sentence": "金额不对。", "remedy": "请您核对。"}))


def test_refusals_have_their_own_names():
    names = [refusal.__name__ for refusal in refusals()]
    assert not {name for name in names if names.count(name) > 1}, "a refusal's name is its code: one meaning, one name"


def _model_classes() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith("jiangxin."):
            yield model


def silent_about_people(model: type[models.Model]) -> bool:
    """Whether a model names a person, or seals a value, and does not say what of a person it holds."""
    fields = [field for field in model._meta.get_fields() if getattr(field, "concrete", False)]
    names_a_person = any(getattr(field.related_model, "__name__", "") == "Person" for field in fields)
    seals = any(type(field).__name__ == "SealedField" for field in fields)
    return (names_a_person and not model.personal) or (seals and "personal" not in vars(model))


def test_models_say_what_personal_data_they_hold():
    silent = [model.__name__ for model in _model_classes() if silent_about_people(model)]
    assert not silent, 'say it in words: `personal = "…"`; a sealed value of no person: `personal = ""`'


def test_tables_are_named_after_their_chapter():
    for model in _model_classes():
        chapter = model.__module__.split(".")[1]
        assert model._meta.db_table.startswith(f"{chapter}_"), model


def test_every_model_written_is_gathered():
    """A model in a chapter that jiangxin/models.py does not gather would have no table."""
    known = {model.__name__ for model in apps.get_models()}
    bases = {"Row", "Table", "models.Model"}
    for path in (ROOT / "jiangxin").rglob("models.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and bases.intersection(map(ast.unparse, node.bases)):
                assert node.name in known, f"{path}: {node.name}"


def test_no_money_in_floats():
    """Invariant M16: only a place on the map is a float."""
    floats = [
        f"{model.__name__}.{field.name}"
        for model in _model_classes()
        for field in model._meta.get_fields()
        if isinstance(field, models.FloatField) and field.name not in ("longitude", "latitude")
    ]
    assert not floats


def test_an_operation_is_named_once():
    named = defaultdict(list)
    for path in (ROOT / "jiangxin").glob("*/operations*"):
        for file in [path] if path.is_file() else sorted(path.glob("*.py")):
            for node in ast.parse(file.read_text()).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    named[node.name].append(str(file.relative_to(ROOT)))
    assert not {name: files for name, files in named.items() if len(files) > 1}


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    """Every address of the site."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


def undeclared(pattern: URLPattern) -> str:
    """Why an address is not declared; "" when it is."""
    entry = getattr(pattern.callback, "jx_entry", None)
    if entry is None:
        return f"{pattern.pattern}: declare the view with @entry(audience, *duties)"
    return "" if entry.audience in AUDIENCES else f"{pattern.pattern}: {entry.audience} is no audience"


def test_every_address_is_declared():
    assert not [said for pattern in patterns(get_resolver()) if (said := undeclared(pattern))]


def test_the_check_of_addresses_sees():
    assert undeclared(URLPattern(re.compile("x"), lambda request: None))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_template_can_be_read(path):
    folder = ROOT / "jiangxin/web"
    shared = folder / "shared/templates"
    get_template(str(path.relative_to(shared if shared in path.parents else folder)))


def unused(templates: dict[str, str], other: str) -> list[str]:
    """Names of templates that no other template and no code mentions. Cotton's are used as `<c-name>`."""

    def used(name: str) -> bool:
        component = re.fullmatch(r"cotton/(.+)\.html", name)
        pattern = rf"<c-{component[1].replace('_', '[-_]').replace('/', '.')}[\s/>]" if component else re.escape(name)
        return any(re.search(pattern, text) for path, text in templates.items() if path != name) or bool(
            re.search(pattern, other)
        )

    return [name for name in templates if not used(name)]


def test_every_template_is_used():
    folder, shared = ROOT / "jiangxin/web", ROOT / "jiangxin/web/shared/templates"
    templates = {str(p.relative_to(shared if shared in p.parents else folder)): p.read_text() for p in TEMPLATES}
    code = "\n".join(path.read_text() for path in (ROOT / "jiangxin").rglob("*.py"))
    assert not unused(templates, code)


def test_the_check_of_templates_sees():
    templates = {"a.html": '{% extends "base.html" %}<c-mark kind="x">', "base.html": "", "cotton/mark.html": ""}
    assert unused(templates, "") == ["a.html"]
    assert unused(templates, "render(request, 'a.html')") == []
