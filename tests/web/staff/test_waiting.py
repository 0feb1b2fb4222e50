"""待核实: grouped by what is missing, asked of a register, settled by an officer, answered by a file."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from openpyxl import load_workbook

from jiangxin.ground.actor import PROVINCE, acting, machine
from jiangxin.ground.jobs import Job, work_off
from jiangxin.ground.sheets import write_workbook
from jiangxin.mainline import JOBS
from jiangxin.parties.models import RegisterFile, RegisterLoad
from jiangxin.subsidy.models import SubsidyLine
from jiangxin.subsidy.officer import OfficerAnswer
from jiangxin.subsidy.operations.decide import decide_certificates
from jiangxin.subsidy.operations.registers import shape_of
from tests.factories.steps import adopt
from tests.factories.world import COUNTY, number_of
from tests.web.people import as_worker
from tests.web.staff.desk import at_desk, desk, noted, page
from tests.web.village import Village

pytestmark = pytest.mark.role("web")


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    village = desk()
    with acting(machine()):
        RegisterLoad.objects.filter(register_id="public_staff").update(state="withdrawn")
    return village


def again(village: Village, line: SubsidyLine) -> SubsidyLine:
    with as_worker(), acting(machine()) as at:
        decide_certificates(machine(), at, [line.certificate_id], "有新的数据")
    return village.now(line)


def test_lines_are_grouped_and_a_register_is_asked(village: Village) -> None:
    line = village.line()
    assert (line.state, line.waits_for) == ("waiting", ["财政供养人员库"])
    maker = at_desk("web-maker")
    said = page(maker, "/desk/waiting/")
    assert "财政供养人员库" in said
    assert number_of(1) not in said
    assert "1 笔在等财政供养人员库" in page(maker, "/desk/waiting/?for=财政供养人员库")
    answer = maker.post("/desk/waiting/compare/public_staff/")
    sheet = load_workbook(BytesIO(answer.content))["比对名单"]
    rows = list(sheet.values)
    assert rows[0] == ("姓名", "证件类型", "证件号码", "查询日期从", "查询日期到")
    assert rows[1][2] == number_of(1)
    assert str(rows[1][3])[:10] == "2025-12-01"
    assert [entry.purpose for entry in noted("revealed_document")] == ["数据比对"]
    assert maker.post("/desk/waiting/compare/student/").status_code == 404
    assert at_desk("web-checker").post("/desk/waiting/compare/public_staff/").status_code == 403
    assert at_desk("far-maker").post("/desk/waiting/compare/public_staff/").status_code == 404


def test_a_waiting_line_says_which_days_of_which_register_are_missing(village: Village) -> None:
    line = village.line()
    first, last = line.certificate.training_first_on, line.certificate.training_last_on
    with acting(machine()):
        load = RegisterLoad.objects.filter(register_id="public_staff").first()
        spans = ((COUNTY, first, last), (PROVINCE, first - timedelta(days=9), first + timedelta(days=1)))
        made = [
            RegisterLoad.objects.create(
                register_id="public_staff", region_id=region, from_on=start, until_on=end, extracted_on=end,
                file_name=f"{region}", sha256=f"{region:064d}", rows=0, loaded_at=load.loaded_at, state="active",
                loaded_by_name=load.loaded_by_name,
            )
            for region, start, end in spans
        ]  # fmt: skip
    told = page(at_desk("web-maker"), f"/desk/waiting/{line.id}/")
    assert "财政供养人员" in told
    assert f"只有嘉善县的 {first} 到 {last}，不够回答" in told
    assert f"全省 {first + timedelta(days=2)} 到 {last}" in told
    with acting(machine()):
        RegisterLoad.objects.filter(id__in=[one.id for one in made]).update(state="withdrawn")
    assert f"全省 {first} 到 {last}" in page(at_desk("web-maker"), f"/desk/waiting/{line.id}/")


def test_a_late_result_is_accepted_with_a_reason(village: Village) -> None:
    line = village.line(
        late=True, issued_on=date(2025, 11, 20), exam_on=date(2025, 11, 10), training_first_on=date(2025, 10, 1),
        training_last_on=date(2025, 11, 1),
    )  # fmt: skip
    assert "经办人员核定" in line.waits_for
    maker = at_desk("web-maker")
    assert "结果报晚了" in page(maker, f"/desk/waiting/{line.id}/")
    said = maker.post(f"/desk/waiting/{line.id}/late/", {"reason": "晚"}).content.decode()
    assert "至少 5 个字" in said
    assert not village.now(line).late_accepted
    assert maker.post(f"/desk/waiting/{line.id}/late/", {"reason": "机构系统故障，已核实"}).status_code == 302
    assert village.now(line).late_accepted
    assert noted("accepted_late", line.id)
    assert "经办人员核定" not in again(village, line).waits_for
    assert at_desk("far-maker").get(f"/desk/waiting/{line.id}/").status_code == 404
    assert at_desk("web-checker").post(f"/desk/waiting/{line.id}/late/", {"reason": "复核不能办"}).status_code == 403


def test_able_and_willing_is_recorded_only_where_it_is_waited_for(village: Village) -> None:
    plain = village.line()
    maker = at_desk("web-maker")
    yes = {"on": "2026-03-01", "able": "yes"}
    told = maker.post(f"/desk/waiting/{plain.id}/able/", yes, follow=True).content.decode()
    assert "现在不等这一项核定" in told
    old = village.line(village.person("老张", born=date(1955, 5, 1)))
    assert "经办机构核实" in old.waits_for
    early = maker.post(f"/desk/waiting/{old.id}/able/", {"on": "2026-09-01", "able": "yes"}).content.decode()
    assert "不能在今天之后" in early
    bare = maker.post(f"/desk/waiting/{old.id}/able/", {"on": "2026-03-01", "able": "no"}).content.decode()
    assert "要写明原因" in bare
    no = {"on": "2026-03-01", "able": "no", "reason": "上门走访，本人卧床。"}
    assert maker.post(f"/desk/waiting/{old.id}/able/", no).status_code == 302
    assert noted("found_able_and_willing", old.person_id)
    refused = again(village, old)
    assert "able_and_willing" in refused.reasons
    assert "经办机构核实" not in refused.waits_for
    assert maker.post(f"/desk/waiting/{old.id}/able/", yes).status_code == 302
    assert "able_and_willing" not in again(village, old).reasons


MISSED = {
    "issued_on": date(2025, 2, 10), "exam_on": date(2025, 1, 20), "training_first_on": date(2024, 12, 1),
    "training_last_on": date(2025, 1, 10),
}  # fmt: skip


def test_the_persons_own_request_is_entered_by_one_and_confirmed_by_another(village: Village) -> None:
    line = village.line(**MISSED)
    assert line.state == "refused"
    maker, checker = at_desk("web-maker"), at_desk("web-checker")
    here = f"/desk/waiting/{line.id}/"
    assert here in page(maker, f"/desk/decisions/{line.id}/")
    assert here not in page(checker, f"/desk/decisions/{line.id}/")
    assert "本人自己提出过申领（经办人员核定）" in page(maker, here)
    enter = f"{here}answer/requested/"
    assert "日期应在" in maker.post(enter, {"found_on": "2025-02-09", "evidence": "受理登记本"}).content.decode()
    assert "要写明依据" in maker.post(enter, {"found_on": "2026-02-01", "evidence": "无"}).content.decode()
    given = {"found_on": "2026-02-01", "evidence": "窗口受理登记本第 12 号"}
    assert checker.post(enter, given).status_code == 403
    assert maker.post(enter, given).status_code == 302
    assert "本人自己提出过申领" not in page(maker, here)
    assert "一个人填了不算" in page(maker, here)
    assert "核对过，确认" in page(checker, here)
    assert "经办核定 1 件等第二个人确认" in page(checker, "/desk/")
    assert "本人 2026-02-01 提出过申领" in page(checker, "/desk/waiting/")
    with acting(machine()):
        entered = OfficerAnswer.objects.get(line_id=line.id)
    closes = f"/desk/waiting/answers/{entered.id}/confirm/"
    assert "这一条是您填的" in maker.post(closes, follow=True).content.decode()
    assert at_desk("far-maker").post(closes).status_code == 404
    assert checker.post(closes).status_code == 302
    decided = again(village, line)
    assert "within_window" not in decided.reasons
    assert str(decided.requested_on) == "2026-02-01"
    told = page(maker, f"/desk/decisions/{line.id}/")
    assert "窗口受理登记本第 12 号" in told
    assert "（已确认）" in page(maker, here)


def test_a_students_major_is_answered_by_officers(village: Village) -> None:
    with acting(machine()):
        adopt(village.world, "excludes_full_time_student", False, from_on=date(2025, 1, 1))
    person = village.person("学生甲")
    with acting(machine()):
        village.world.spell(person, "full_time_student", COUNTY)
    line = village.line(person)
    assert "经办人员核定" in line.waits_for
    maker, here = at_desk("web-maker"), f"/desk/waiting/{line.id}/"
    said = page(maker, here)
    assert "学生的证书与专业（经办人员核定）" in said
    assert "结果报晚了" not in said
    given = {"related": "no", "found_on": "2026-03-02", "evidence": "学校专业证明，学的是会计"}
    assert maker.post(f"{here}answer/major_related/", given).status_code == 302
    assert maker.post(f"{here}answer/age/", given).status_code == 404
    with acting(machine()):
        entered = OfficerAnswer.objects.get(line_id=line.id)
    checker = at_desk("web-checker")
    assert checker.post(f"/desk/waiting/answers/{entered.id}/withdraw/").status_code == 302
    assert "经办人员核定" in again(village, line).waits_for
    assert maker.post(f"{here}answer/major_related/", given).status_code == 302
    with acting(machine()):
        entered = OfficerAnswer.objects.get(line_id=line.id, state="entered")
    assert checker.post(f"/desk/waiting/answers/{entered.id}/confirm/").status_code == 302
    assert "major_related" in again(village, line).reasons
    assert "经办人员核定" not in village.now(line).waits_for


def send(keeper: Client, name: str, row: list[object]) -> RegisterFile:
    return send_bytes(keeper, name, write_workbook("", (), "财政供养人员", shape_of("public_staff").columns, [row]))


def send_bytes(keeper: Client, name: str, data: bytes) -> RegisterFile:
    answer = keeper.post(
        "/desk/registers/",
        {
            "register": "public_staff", "region": "330421", "from_on": "2020-01-01", "until_on": "2026-02-28",
            "extracted_on": "2026-03-01", "file": SimpleUploadedFile(name, data),
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()
    with acting(machine()):
        return RegisterFile.objects.order_by("-sent_at", "-id").first()  # type: ignore[return-value]


def work(file: RegisterFile) -> Job:
    assert file.job_id
    work_off(file.job_id, JOBS)
    return Job.objects.get(pk=file.job_id)


def test_a_register_file_is_loaded_as_a_job(village: Village) -> None:
    keeper = at_desk("web-register")
    row: list[object] = ["李在编", "居民身份证", number_of(901), None, None, 330421, date(2024, 1, 1), None]
    file = send(keeper, "编制.xlsx", row)
    assert "正在检查入库" in page(keeper, f"/desk/registers/{file.id}/")
    job = work(file)
    assert job.state == "done", job.message
    said = page(keeper, f"/desk/registers/{file.id}/")
    assert "已入库 1 行" in said
    with acting(machine()):
        kept = RegisterFile.objects.get(id=file.id)
        assert kept.content is None
        assert kept.load is not None
        assert kept.load.region_id == 330421
    assert at_desk("web-maker").get("/desk/registers/").status_code == 403


def test_a_register_file_sent_again_leads_to_the_one_loaded(village: Village) -> None:
    keeper = at_desk("web-register")
    row: list[object] = ["王在编", "居民身份证", number_of(902), None, None, 330421, date(2024, 1, 1), None]
    data = write_workbook("", (), "财政供养人员", shape_of("public_staff").columns, [row])
    first = send_bytes(keeper, "编制二.xlsx", data)
    assert work(first).state == "done"
    again = send_bytes(keeper, "编制二.xlsx", data)
    assert work(again).state == "refused"
    said = page(keeper, f"/desk/registers/{again.id}/")
    assert "以前已入库，这次没有重复写入" in said
    assert f"/desk/registers/{first.id}/" in said
    assert "改好后再传" not in said


def test_wrong_cells_are_shown_masked_and_nothing_is_loaded(village: Village) -> None:
    keeper = at_desk("web-register")
    wrong = "330499199001010000"
    file = send(keeper, "错.xlsx", ["李错", "居民身份证", wrong, None, None, 330421, date(2024, 1, 1), None])
    assert work(file).state == "refused"
    said = page(keeper, f"/desk/registers/{file.id}/")
    assert "一行也没有写入" in said
    assert "校验位不符" in said
    assert wrong not in said
    bad = keeper.post("/desk/registers/", {"register": "public_staff", "region": "330421"})
    assert "请选择文件" in bad.content.decode()
    connections["progress"].close()
