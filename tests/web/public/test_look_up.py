"""What everybody may look up: what a certificate would bring, and the law; an unknown number stays unknown."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web.village import Village
from tests.web.worker.test_money import text

pytestmark = pytest.mark.role("web")
ELECTRICIAN = {"region": 330421, "kind": "skill_level", "q": "电工", "level": "4", "on": "2026-03-02"}


@pytest.fixture(scope="module", autouse=True)
def village(clone: str) -> Village:
    return Village.built()


def asked(**changed: object) -> str:
    return text(Client().get("/estimate", ELECTRICIAN | changed))


def test_a_known_standard_is_told_with_source_and_fund():
    told = asked()
    assert "1,800.00元" in told
    assert "用就业补助资金" in told
    assert "补贴标准（嘉善县）：演示假设，2024年1月1日起（演示假设）" in told
    assert "向参保地的失业保险经办机构申领" in told


def test_a_standard_last_seen_long_ago_is_not_known():
    told = asked(region=330212, level="3")
    assert "标准未查明" in told
    assert "此后是否仍有效未查到" in told
    assert "最后见于2019年6月1日" in told
    assert "没有查明不等于不发" in told


def test_the_day_of_issue_decides():
    assert "1,500.00元" in asked(region=330381, on="2023-06-01")
    assert "早于最早的已知规定" in asked(region=330381, on="2021-06-01")
    assert "核发日早于这项补贴的规定" in asked(region=330381, on="2016-12-31")


@pytest.mark.parametrize("words", ["dg", "diangong", "弱电"])
def test_words_are_offered_as_what_they_may_mean(words):
    said = Client().get("/estimate", ELECTRICIAN | {"q": words}).content.decode()
    assert "subject=6-31-01-03" in said
    fragment = Client().get("/estimate/subjects", ELECTRICIAN | {"q": words}).content.decode()
    assert "subject=6-31-01-03" in fragment
    assert "<html" not in fragment


def test_what_cannot_be_found_or_read_is_said_beside_the_field():
    assert "没有找到" in asked(q="不存在的职业")
    assert "请选择等级" in asked(level="")
    assert "请写成2026-03-18这样的日期" in asked(on="昨天")
    assert Client().get("/estimate/subjects", {"q": "%"}).status_code == 200


def test_the_law_in_force_has_sources_and_hides_the_controls():
    told = text(Client().get("/law", {"region": 330421, "on": "2026-03-02"}))
    assert "嘉善县3月2日的规定" in told
    assert "原则上每人每年可享受不超过3次（同一职业同一等级不可重复享受）" in told
    assert "演示假设" in told
    assert "养老护理员、电工" in told or "电工、养老护理员" in told
    assert "抽查回访比例" not in told
    assert "规定已到期，没有新规定" in told
    assert "浙江省3月2日的规定" in text(Client().get("/law"))


def test_every_rule_is_published_in_words():
    told = text(Client().get("/law/certificate_subsidy"))
    assert "要符合29条规定" in told
    assert "您〔结课日〕才结束培训，晚于〔考试日〕的考试。" in told
    assert "{" not in told
    assert Client().get("/law/nothing").status_code == 404


def test_a_look_up_asks_little_of_the_database():
    with CaptureQueriesContext(connection) as asked_of:
        Client().get("/estimate", ELECTRICIAN)
    assert len(asked_of) <= 20, [query["sql"][:90] for query in asked_of]
