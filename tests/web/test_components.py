"""The shell of the pages: what a component promises whatever page uses it."""

import hashlib
import json
import re
from datetime import UTC, date, datetime
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.backends.django import DjangoTemplates
from django.test import RequestFactory
from django.urls import path
from django_cotton.compiler_regex import CottonCompiler

from jiangxin.web.shared import text_size
from jiangxin.web.shared.forms import PlainForm
from jiangxin.web.shared.templatetags import jx

pytestmark = pytest.mark.urls(__name__)

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / "jiangxin/web/shared"
VENDOR = SHARED / "static/vendor"
TEMPLATES = sorted((ROOT / "jiangxin/web").rglob("*.html"))
TODAY = date(2026, 3, 12)
EVIL = "\"><script>alert('x')</script>"


def _nowhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    *text_size.urlpatterns,
    path("", _nowhere, name="home"),
    path("sign-in", _nowhere, name="sign-in"),
    path("sign-out", _nowhere, name="sign-out"),
    path("clock/workday", _nowhere, name="demo-clock-next-workday"),
    path("clock/due", _nowhere, name="demo-clock-next-due"),
]


def _item(label: str, href: str, count: int | None = None, late: bool = False) -> SimpleNamespace:
    return SimpleNamespace(label=label, href=href, icon="clock", count=count, late=late)


FRAME: dict[str, Any] = {
    "today": TODAY,
    "demo": None,
    "nav": [
        SimpleNamespace(title="每天", items=[_item("今日", "/desk/", 12, late=True), _item("核定", "/desk/decisions/")])
    ],
    "account": SimpleNamespace(name="林*", duty="初审", office="嘉善县人力社保局"),
    "find_href": "/desk/find/",
    "messages": [],
}


def standing_frame(request: HttpRequest) -> dict[str, Any]:
    """A frame that asks no database, in the place of the pages' own context processor."""
    return FRAME


@pytest.fixture(scope="module")
def engine() -> DjangoTemplates:
    own = settings.TEMPLATES[0]
    processors = ["django.template.context_processors.request", f"{__name__}.standing_frame"]
    options = own["OPTIONS"] | {"context_processors": processors}
    libraries = {"static": "django.templatetags.static"}
    options |= {"libraries": libraries}
    return DjangoTemplates({"NAME": "shell", "DIRS": own["DIRS"], "APP_DIRS": False, "OPTIONS": options})


@pytest.fixture
def render(engine: DjangoTemplates, settings: Any) -> Any:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }

    def rendered(source: str, url: str = "/desk/decisions/1?level=3&after=k", **context: Any) -> str:
        template = engine.from_string(CottonCompiler().process(source))
        return str(template.render(context, RequestFactory().get(url)))

    return rendered


@pytest.mark.parametrize("kind", ["ok", "run", "wait", "no", "off"])
def test_a_state_is_an_icon_and_a_word(render: Any, kind: str) -> None:
    html = render(f'<c-state kind="{kind}">等 1 项事实</c-state>')
    assert "等 1 项事实" in html
    assert re.search(r"icons\.svg#[a-z0-9-]+", html)


def test_money_is_written_in_yuan_and_an_unknown_amount_is_not_zero(render: Any) -> None:
    assert "1,500.50<small>元</small>" in render('<c-money :fen="fen" />', fen=150050)
    assert "-2,000.00" in render("{{ fen|yuan }}", fen=-200000)
    assert "0.00<small>元" in render('<c-money :fen="0" />')
    unknown = render('<c-money :fen="fen" />', fen=None)
    assert "待定" in unknown
    assert "元" not in unknown


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("叶芳", "叶*"),
        ("陈小明", "陈*明"),
        ("欧阳修文", "欧*文"),
        ("阿卜杜拉·买买提", "阿*提"),
        ("王", "王*"),
        (" 李雷 ", "李*"),
    ],
)
def test_a_name_is_masked(name: str, masked: str) -> None:
    assert jx.mask_name(name) == masked


def test_days_are_said_with_the_year_only_when_it_is_another(render: Any) -> None:
    source = "{% day d %}|{% day_short d %}"
    assert render(source, d=date(2026, 3, 8)) == "3月8日|3-08"
    assert render(source, d=date(2025, 11, 18)) == "2025年11月18日|2025-11-18"
    assert render(source, d=None) == "日期待定|待定"
    assert render("{% moment at %}", at=datetime(2026, 3, 5, 17, 30, tzinfo=UTC)) == "3月6日 01:30"
    assert render("{{ d|weekday }}", d=TODAY) == "周四"
    period = "{% days first last %}"
    assert render(period, first=date(2026, 1, 5), last=date(2026, 1, 30)) == "1月5日到1月30日"
    assert render(period, first=date(2022, 1, 1), last=date(2026, 3, 1)) == "2022年1月1日到2026年3月1日"
    assert render(period, first=date(2022, 1, 1), last=None) == "2022年1月1日至今"


@pytest.mark.parametrize(
    "source",
    [
        '<c-panel title="{{ x }}" note="{{ x }}">{{ x }}</c-panel>',
        '<c-person name="{{ x }}" :number="x" href="/p" />',
        '<c-tell kind="no" :title="x">{{ x }}</c-tell>',
        '<c-entry :when="x" :title="x">{{ x }}</c-entry>',
        '<c-due :when="x" :title="x" :note="x" :then="x" />',
        '<c-button :data-x="x" :value="x">{{ x }}</c-button>',
        '<c-pick :value="x" :label="x" :fen="1" />',
        '<c-table :caption="x"></c-table>',
        '<c-cells :caption="x" :columns="xs" :rows="cells" />',
        '<c-bar :parts="[1]" :total="2" :label="x" />',
        '<c-law :cite="x">{{ x }}</c-law>',
        '<c-paper :org="x" :number="x" :title="x">{{ x }}</c-paper>',
        '<c-item :title="x" :note="x" :href="x">{{ x }}</c-item>',
        '<c-rule :title="x" :fact="x" :answers="answers" />',
    ],
)
def test_what_people_wrote_is_escaped(render: Any, source: str) -> None:
    html = render(source, x=EVIL, xs=[EVIL], cells=[(EVIL, [(EVIL, True)])], answers=[(EVIL, "yes")])
    assert "alert(" in html
    assert "<script" not in html
    assert not re.search(r'"\s*>\s*<script|=""?><script', html)


def test_attributes_given_on_are_escaped_even_when_they_look_quoted(render: Any) -> None:
    html = render('<c-button :data-x="x">去办</c-button>', x='"a" onclick="b"')
    assert "onclick=" not in html.replace("onclick=&quot;", "")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: p.name)
def test_a_template_has_no_inline_style_or_script(template: Path) -> None:
    source = template.read_text("utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)


def _vendor() -> Any:
    loader = SourceFileLoader("vendor_recipe", str(ROOT / "scripts/vendor"))
    module = module_from_spec(spec_from_loader("vendor_recipe", loader))  # type: ignore[arg-type]
    loader.exec_module(module)
    return module


def test_the_sprite_holds_the_icons_the_pages_use() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons.svg").read_text("utf-8")))
    used = set(_vendor().used_icons())
    assert {"check", "hourglass-empty"} <= used
    assert used <= drawn, f"run `make vendor`, it draws {used - drawn}"


def test_vendored_files_are_what_the_manifest_says() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
    pins = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    files = {str(p.relative_to(VENDOR)) for p in VENDOR.rglob("*") if p.is_file()} - {"manifest.json"}
    assert files == set(manifest)
    for name, line in manifest.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == line["sha256"], name
        assert pins[line["package"]] == line["version"], name
        assert b"sourceMappingURL" not in (VENDOR / name).read_bytes()


def test_lists_keep_their_filter_in_the_address(render: Any) -> None:
    assert render("{% with_query level=None page=2 %}", url="/x?level=3&q=%E7%94%B5") == "?q=%E7%94%B5&amp;page=2"
    pager = render('<c-pager :total="1460" before="b" after="a" />')
    assert "共 1,460 行" in pager
    assert "?level=3&amp;after=a" in pager
    assert "?level=3&amp;before=b" in pager
    assert 'href="?level=3"' in pager
    assert "第 2 页，共 8 页" in render('<c-pager :page="2" :pages="8" />')


def test_a_column_turns_the_list_and_leaves_the_page(render: Any) -> None:
    head = '<c-th sort="due" initially="ascending">时限</c-th>'
    assert 'aria-sort="ascending"' in render(head)
    assert "?level=3&amp;sort=-due" in render(head)
    assert 'aria-sort="descending"' in render(head, url="/?sort=-due")
    assert "aria-sort" not in render(head, url="/?sort=amount")


class Question(PlainForm):
    name = forms.CharField(label="姓名", required=False)
    level = forms.ChoiceField(label="等级", required=False, choices=[("", "全部"), ("3", "三级／高级工")])
    reason = forms.CharField(label="原因", help_text="退回必填", error_messages={"required": "请写明退回的原因"})
    agreed = forms.BooleanField(label="我已通知班级")
    on = forms.DateField(label="日期")


def test_chips_say_what_narrows_a_list_and_how_to_leave_it(render: Any) -> None:
    class Query(PlainForm):
        name = forms.CharField(label="姓名", required=False)
        level = forms.ChoiceField(label="等级", required=False, choices=Question.base_fields["level"].choices)

    html = render('<c-chips :form="form" />', form=Query({"level": "3", "name": ""}))
    assert "等级：三级／高级工" in html
    assert "姓名：" not in html
    assert 'href="?"' in html


class Limits(PlainForm):
    word = forms.CharField(max_length=3, min_length=2)
    yuan = forms.DecimalField(max_digits=4, decimal_places=2, min_value=0)
    year = forms.IntegerField(max_value=2100)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"word": "四个字了"}, "最多 3 个字，现在 4 个"),
        ({"word": "一"}, "至少 2 个字，现在 1 个"),
        ({"word": "一\x00"}, "含有不能保存的字符"),
        ({"yuan": "x"}, "请只填数字"),
        ({"yuan": "-1"}, "不能小于 0"),
        ({"yuan": "1.234"}, "小数最多 2 位"),
        ({"yuan": "123"}, "小数点前最多 2 位"),
        ({"yuan": "12345"}, "数字太长，最多 4 位"),
        ({"year": "2101"}, "不能大于 2100"),
        ({"year": ""}, "请填写数字"),
    ],
)
def test_a_limit_is_said_in_plain_words(given: dict[str, str], said: str) -> None:
    (name,) = given
    assert said in str(Limits({"word": "两字", "yuan": "1", "year": "2026"} | given).errors[name])


def test_a_form_error_stands_beside_its_field_and_leads_there(render: Any) -> None:
    form = Question({"level": "9", "on": "明天"})
    summary = render('<c-errors :form="form" />', form=form)
    assert '<a href="#id_reason">原因：请写明退回的原因</a>' in summary
    assert "等级：请从给出的选项里选" in summary
    assert "请确认后勾选" in summary
    assert "请写成 2026-03-18 这样的日期" in summary
    field = render('<c-field :field="field" />', field=form["reason"])
    assert 'aria-describedby="id_reason-hint id_reason-error"' in field
    assert 'id="id_reason-hint"' in field
    assert 'id="id_reason-error"' in field
    assert render('<c-errors :form="form" />', form=Question()).strip() == ""


def test_a_rule_carries_its_answer_in_words_and_the_law_in_its_own(render: Any) -> None:
    html = render(
        '<c-rules :schemes="schemes"><c-rule title="12 个月内" :answers="answers" /></c-rules>',
        schemes=["一", "二", "三", "四"],
        answers=[("一", "yes"), ("二", "no"), ("三", "unknown"), ("四", "not_applicable")],
    )
    assert re.findall(r"符合|不符合|等待|不适用", html) == ["符合", "不符合", "等待", "不适用"]
    assert "“不可重复享受”<cite>第13条</cite>" in render('<c-law cite="第13条">不可重复享受</c-law>')
    retold = render('<c-law cite="第13条" retold="1">不可重复享受</c-law>')
    assert "转述" in retold
    assert "“" not in retold


def test_progress_asks_again_only_while_the_job_runs(render: Any) -> None:
    source = '<c-progress label="导入" :done="done" :total="1000" href="{{ href }}" />'
    running = render(source, done=250, href="/jobs/1")
    assert 'hx-get="/jobs/1"' in running
    assert 'hx-trigger="every 2s"' in running
    assert 'width="25.00"' in running
    assert 'href="/desk/decisions/1?level=3&amp;after=k"' in running
    assert "hx-get" not in render(source, done=1000, href="")


@pytest.mark.parametrize(("parts", "total"), [([60, 60], 100), ([1, 2, 3], 0), ([-5, 10], 100), ([], 5)])
def test_the_pieces_of_a_bar_stay_inside_it(parts: list[int], total: int) -> None:
    assert sum(float(piece.width) for piece in jx.bar_pieces(parts, total)) <= 100


LAYOUTS = ["shared/desk.html", "shared/phone.html", "shared/public.html", "shared/sign_in.html"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_marks_a_demo(render: Any, layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = "{% extends layout %}{% block title %}核定{% endblock %}{% block main %}正文{% endblock %}"
    assert "演示数据" not in render(page, layout=layout)
    monkeypatch.setitem(FRAME, "demo", SimpleNamespace(at=datetime(2026, 3, 2, 1, tzinfo=UTC), can_move=False))
    standing = render(page, layout=layout)
    assert "演示数据 无效" in standing
    assert "3月2日 周一" in standing
    assert "下一个工作日" not in standing
    monkeypatch.setitem(FRAME, "demo", SimpleNamespace(at=datetime(2026, 3, 2, 1, tzinfo=UTC), can_move=True))
    html = render(page, layout=layout)
    assert html.count('action="/clock/') == 2
    assert "<title>核定 · 匠心</title>" in html
    assert "正文" in html
    assert html.count("<main") == 1


def test_the_desk_shows_where_one_stands_and_what_is_late(render: Any) -> None:
    html = render('{% extends "shared/desk.html" %}')
    assert html.count('aria-current="page"') == 1
    assert re.search(r'href="/desk/decisions/" aria-current="page"', html)
    assert '<em class="is-now">12<span class="visually-hidden">，有超期</span></em>' in html
    assert re.search(r'<form[^>]*method="post" action="/sign-out"><input[^>]*csrfmiddlewaretoken', html)
    assert "嘉善县人力社保局" in html


def test_an_error_keeps_the_frame_and_names_a_number(render: Any) -> None:
    told = {
        "title": "没有找到",
        "sentence": "这一页不存在。",
        "remedy": "请从菜单进。",
        "contact": "嘉善 林*",
        "number": "01J8Z6Q3",
        "home": ("今日", "/desk/"),
    }
    html = render('{% include "shared/error.html" %}', layout="shared/desk.html", **told)
    assert "主菜单" in html
    assert all(text in html for text in ["这一页不存在。", "请从菜单进。", "嘉善 林*", "01J8 Z6Q3", "回到今日"])


def test_the_text_size_is_kept_in_a_cookie() -> None:
    def press(**data: str) -> HttpResponse:
        request = RequestFactory().post("/text-size", data)
        return text_size.switch_text_size.__wrapped__(request, None, None)  # type: ignore[attr-defined, no-any-return]

    answer = press(size="large", next="/me/?a=1")
    assert (answer.status_code, answer["Location"]) == (302, "/me/?a=1")
    assert answer.cookies["text-size"].value == "large"
    strange = press(size='"><b>', next="https://elsewhere.example/")
    assert strange["Location"] == "/"
    assert "text-size" not in strange.cookies
    assert text_size.switch_text_size.jx_entry.methods == ("POST",)  # type: ignore[attr-defined]


def test_the_page_follows_the_cookie(engine: DjangoTemplates, render: Any) -> None:
    template = engine.from_string('{% extends "shared/phone.html" %}')
    request = RequestFactory().get("/me/")
    assert "data-elder" not in template.render({}, request)
    request.COOKIES["text-size"] = "large"
    html = template.render({}, request)
    assert 'data-elder="large"' in html
    assert 'name="size" value="largest"' in html
    request.COOKIES["text-size"] = '"><b>'
    assert "data-elder" not in template.render({}, request)
