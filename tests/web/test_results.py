"""An assessor's clerk sends results through the pages: errors come back, nobody else sees them."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from openpyxl import load_workbook

from jiangxin.assessment.columns import write_template
from jiangxin.assessment.models import Certificate, ResultFile
from jiangxin.assessment.operations import jobs as assessment_jobs
from jiangxin.ground.actor import acting, machine
from jiangxin.ground.jobs import Job
from jiangxin.parties.models import Organisation
from jiangxin.parties.operations.accounts import DEMO_PASSWORD, grant_duty, open_account
from jiangxin.subsidy.law import current_law
from tests.assessment.results import Desk, still
from tests.web.people import credentials

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def desk(clone: str) -> Desk:
    with transaction.atomic():
        desk = Desk()
    other = Organisation.objects.create(name="别的中心", credit_code="91330421MA00000003", region_id=desk.world.region)
    actor = machine()
    with acting(actor) as at:
        for username, body in (("assessor-1", desk.world.assessor), ("assessor-2", other)):
            clerk = open_account(
                actor, at, kind="clerk", username=username, name="机构丙", password=DEMO_PASSWORD, body=body, demo=True
            )
            grant_duty(actor, at, clerk, "clerk")
    return desk


def enter(username: str) -> Client:
    browser = Client()
    assert browser.post("/sign-in", credentials(username)).status_code == 302
    return browser


@pytest.fixture
def clerk(desk: Desk) -> Client:
    return enter("assessor-1")


def send(clerk: Client, rows: list[list[object]], name: str = "3月.xlsx", kind: str = "skill_level") -> str:
    """Send a file through the page; the address of its own page."""
    data = write_template("skill_level", rows)
    answer = clerk.post("/provider/results/send", {"kind": kind, "file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def work() -> None:
    """What the worker does: every job asked for, in order."""
    handlers = assessment_jobs(current_law)
    for job in Job.objects.filter(state="waiting", kind__in=handlers).order_by("asked_at", "id"):
        handlers[job.kind](job, still)
        Job.objects.filter(pk=job.pk).update(state="done")


def page(clerk: Client, address: str) -> str:
    answer = clerk.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_clean_file_goes_from_upload_to_certificates(desk: Desk, clerk: Client) -> None:
    address = send(clerk, [desk.row(1), desk.row(2)])
    assert "正在检查" in page(clerk, address)
    assert 'hx-trigger="every 2s"' in page(clerk, f"{address}/progress")
    work()
    assert clerk.get(f"{address}/progress")["HX-Refresh"] == "true"
    assert "2 行全部正确，等您入库" in page(clerk, address)
    assert clerk.post(f"{address}/load").status_code == 302
    assert "不用再点" in clerk.post(f"{address}/load", follow=True).content.decode()
    work()
    told = clerk.post(f"{address}/load", follow=True).content.decode()
    assert "这个文件已入库，不用再点。结果就在这一页。" in told
    assert "改好再传" not in told
    said = page(clerk, address)
    assert "2 张证书已入库" in said
    assert "S000033000001264000001" in said
    assert "三" not in re.findall(r"四级[^<]*", said)[0]


def test_wrong_rows_are_shown_in_their_place_and_come_back(desk: Desk, clerk: Client) -> None:
    before = Certificate.objects.count()
    changes = {11: {"theory": 58}, 12: {"theory": 59}, 13: {}, 14: {"phone": "138"}}
    address = send(clerk, [desk.row(n, **changed) for n, changed in changes.items()])
    work()
    said = page(clerk, address)
    assert "3 行要改，还没有写入任何数据" in said
    assert "理论成绩没到 60 分" in said
    assert '<td class="is-bad">58' in said
    assert '<td class="is-bad">1*8' in page(clerk, f"{address}?at=3")
    assert "2／2" in page(clerk, f"{address}?kind=1&at=2")
    download = clerk.get(f"{address}/wrong-rows")
    sheet = load_workbook(BytesIO(download.content))["考生成绩"]
    assert (sheet.max_row, sheet.cell(1, sheet.max_column).value) == (4, "错误原因")
    assert "attachment" in download["Content-Disposition"]
    assert Certificate.objects.count() == before


def test_the_good_rows_are_loaded_only_with_a_reason(desk: Desk, clerk: Client) -> None:
    address = send(clerk, [desk.row(21), desk.row(22, theory=50)])
    work()
    answer = clerk.post(f"{address}/good-rows", {"reason": ""})
    assert "请填写" in answer.content.decode()
    assert ResultFile.objects.filter(state="loading").count() == 0
    assert clerk.post(f"{address}/good-rows", {"reason": "等机构回话"}).status_code == 302
    work()
    said = page(clerk, address)
    assert "1 张证书已入库" in said
    assert "还没入库的行" in said
    assert "等机构回话" in said


def test_a_file_given_up_or_unreadable_says_so(desk: Desk, clerk: Client) -> None:
    address = send(clerk, [desk.row(31, theory=50)])
    work()
    assert "已放弃" in clerk.post(f"{address}/drop", follow=True).content.decode()
    file = SimpleUploadedFile("旧.xlsx", b"\xd0\xcf\x11\xe0" + bytes(100))
    address = clerk.post("/provider/results/send", {"kind": "skill_level", "file": file})["Location"]
    work()
    said = page(clerk, address)
    assert "旧版 .xls" in said
    assert "重新上传" in said


def test_the_same_file_again_leads_to_the_one_that_is_there(desk: Desk, clerk: Client) -> None:
    data = write_template("skill_level", [desk.row(41)])
    first, again = (
        clerk.post("/provider/results/send", {"kind": "skill_level", "file": SimpleUploadedFile("再.xlsx", data)})
        for _ in range(2)
    )
    assert again["Location"] == first["Location"]
    told = page(clerk, again["Location"])
    assert "已经传过" in told
    assert "下面就是那一批" in told
    assert "请选择文件" in clerk.post("/provider/results/send", {"kind": "skill_level"}).content.decode()


def test_the_list_and_the_templates(desk: Desk, clerk: Client) -> None:
    send(clerk, [desk.row(51)], "列表里的.xlsx")
    said = page(clerk, "/provider/")
    assert "列表里的.xlsx" in said
    assert "列表里的.xlsx" not in page(clerk, "/provider/?state=dropped")
    for kind in ("qualification", "skill_level", "special_skill", "training_pass"):
        assert clerk.get(f"/provider/results/template/{kind}").content.startswith(b"PK")
    assert clerk.get("/provider/results/template/diploma").status_code == 404


def test_another_body_sees_nothing_of_it(desk: Desk, clerk: Client) -> None:
    address = send(clerk, [desk.row(61, theory=50)], "别人看不见.xlsx")
    work()
    stranger = enter("assessor-2")
    assert "别人看不见.xlsx" not in page(stranger, "/provider/")
    for way in ("", "/progress", "/wrong-rows"):
        assert stranger.get(address + way).status_code == 404
    for deed in ("/load", "/good-rows", "/drop"):
        assert stranger.post(address + deed, {"reason": "x"}).status_code == 404
    assert "1 行要改" in page(clerk, address)
