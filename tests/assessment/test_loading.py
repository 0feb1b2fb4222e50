"""From a clean file to certificates: persons made, training kept, lateness marked; and the second, logged choice."""

from datetime import date

import pytest

from jiangxin.assessment.columns import TRAINING_KEYS, write_template
from jiangxin.assessment.models import Certificate, ResultFile, ResultFileError
from jiangxin.assessment.operations import files
from jiangxin.assessment.operations.certificates import (
    CertificateRevokedAlready,
    RevocationDayWrong,
    RevocationNeedsReason,
    revoke_certificate,
)
from jiangxin.assessment.operations.files import drop_file, finish_loading, load_file, load_good_rows, receive_file
from jiangxin.ground.actor import Actor
from jiangxin.ground.jobs import Job
from jiangxin.ground.journal import JournalEntry
from jiangxin.ground.refusal import NotFound, NotYourDuty
from jiangxin.parties.models import Person
from jiangxin.subsidy.law import current_law
from tests.assessment.results import Desk, still, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_clean_file_becomes_certificates_with_their_training(desk: Desk) -> None:
    known = desk.world.person("张测1")
    file = desk.sent(desk.row(1), desk.row(2, occupation="电工（维修电工）", level="中级工"))
    assert (file.state, file.rows, file.wrong_rows) == ("clean", 2, 0), desk.errors(file)
    assert Certificate.objects.count() == 0
    loaded = desk.load(file)
    assert (loaded.state, loaded.loaded_rows) == ("loaded", 2)
    first, second = Certificate.objects.order_by("file_row")
    assert (first.person, first.name_then, first.level, first.title) == (known, "张测1", "4", "电工")
    assert (first.edition, first.occupation, first.item) == ("2022", "6-31-01-03", "")
    assert (first.training_first_on, first.training_last_on) == (date(2025, 12, 1), date(2026, 1, 15))
    assert (first.training_region_id, first.class_region_id, first.training_hours) == (330421, 330421, 80)
    taught = (first.training_edition, first.training_subject, first.training_title)
    assert taught == ("2022", "6-31-01-03", "电工")
    assert (first.provider, first.assessor) == (desk.world.provider, desk.world.assessor)
    assert (first.received_at, first.late, first.file_row) == (desk.world.at, False, 2)
    assert (second.title, second.trade) == ("电工", "维修电工")
    assert Person.objects.get(name="张测2").documents.get().masked.count("*") == 16


@pytest.mark.parametrize("kind", ["qualification", "special_skill", "training_pass"])
def test_each_kind_has_its_template_and_loads(desk: Desk, kind: str) -> None:
    file = desk.sent(desk.row(1, kind), kind=kind)
    assert file.state == "clean", desk.errors(file) or file.trouble
    desk.load(file)
    made = Certificate.objects.get()
    assert (made.kind, bool(made.item), bool(made.occupation)) == (
        kind,
        kind != "qualification",
        kind == "qualification",
    )
    prefix = {"special_skill": "item:", "training_pass": "project:"}.get(kind, "")
    assert made.training_subject == prefix + (made.item or made.occupation)


def test_what_was_taught_is_kept_by_the_key_of_the_law_and_need_not_be_what_is_certified(desk: Desk) -> None:
    codes = ("6-18-01-01", "ZX-1", "XM-1", None)
    empty = dict.fromkeys(TRAINING_KEYS)
    desk.load(desk.sent(*(desk.row(n, **({"training_code": c} if c else empty)) for n, c in enumerate(codes, 1))))
    kept = Certificate.objects.order_by("file_row")
    assert list(kept.values_list("training_edition", "training_subject", "training_title")) == [
        ("2022", "6-18-01-01", "车工"),
        ("", "item:ZX-1", "项目ZX-1"),
        ("", "project:XM-1", "项目XM-1"),
        ("", "", ""),
    ]
    assert set(kept.values_list("occupation", flat=True)) == {"6-31-01-03"}


def test_a_result_sent_late_is_marked(desk: Desk) -> None:
    in_time, late = date(2026, 1, 31), date(2026, 1, 30)
    file = desk.sent(*(desk.row(n, issued_on=day) for n, day in ((1, in_time), (2, late))))
    desk.load(file)
    assert list(Certificate.objects.order_by("file_row").values_list("late", flat=True)) == [False, True]


def test_the_same_file_again_is_refused_until_it_was_found_wrong(desk: Desk) -> None:
    data = write_template("skill_level", [desk.row(1, theory=50)])
    first = receive_file(desk.clerk, desk.world.at, "skill_level", "a.xlsx", data)
    with pytest.raises(files.FileSentAlready):
        receive_file(desk.clerk, desk.world.at, "skill_level", "b.xlsx", data)
    assert ResultFile.objects.count() == 1
    assert Job.objects.filter(kind="check_results").count() == 1
    assert desk.check(first).state == "wrong"
    assert receive_file(desk.clerk, desk.world.at, "skill_level", "b.xlsx", data).state == "checking"


def test_what_was_sent_is_kept_sealed(desk: Desk) -> None:
    data = write_template("skill_level", [desk.row(1)])
    file = receive_file(desk.clerk, desk.world.at, "skill_level", "a.xlsx", data)
    kept = bytes(ResultFile.objects.get(pk=file.pk).content)
    assert data[:64] not in kept
    assert len(kept) > len(data)


@pytest.mark.parametrize(
    ("kind", "name", "data", "refusal"),
    [
        ("diploma", "a.xlsx", b"x", files.ResultKindUnknown),
        ("skill_level", "a.xlsx", bytes(files.LARGEST + 1), files.FileTooHeavy),
    ],
)
def test_what_cannot_be_received_is_not_kept(desk: Desk, kind: str, name: str, data: bytes, refusal: type) -> None:
    with pytest.raises(refusal):
        receive_file(desk.clerk, desk.world.at, kind, name, data)
    assert ResultFile.objects.count() == 0


def test_only_an_assessors_clerk_sends_results(desk: Desk) -> None:
    with pytest.raises(NotYourDuty):
        receive_file(desk.world.staff["maker"], desk.world.at, "skill_level", "a.xlsx", b"x")
    assert ResultFile.objects.count() == 0


def test_an_unreadable_file_says_why_and_changes_nothing(desk: Desk) -> None:
    before = written()
    file = receive_file(desk.clerk, desk.world.at, "skill_level", "a.xlsx", b"\xd0\xcf\x11\xe0" + bytes(100))
    file = desk.check(file)
    assert file.state == "unreadable"
    assert "旧版 .xls" in file.trouble
    assert "另存为 .xlsx" in file.trouble
    assert written() == before


def test_a_wrong_file_is_not_loaded_and_its_good_rows_only_with_a_reason(desk: Desk) -> None:
    file = desk.sent(desk.row(1), desk.row(2, theory=50), desk.row(3))
    before = written()
    with pytest.raises(files.FileNotClean):
        load_file(desk.clerk, desk.world.at, file)
    with pytest.raises(files.PartLoadNeedsReason):
        load_good_rows(desk.clerk, desk.world.at, file, "  ")
    assert ResultFile.objects.get(pk=file.pk).state == "wrong"
    assert written() == before
    load_good_rows(desk.clerk, desk.world.at, file, "错误行要等机构回话")
    loaded = finish_loading(desk.world.machine, desk.world.at, file, current_law(), still)
    assert (loaded.state, loaded.loaded_rows, loaded.wrong_rows) == ("loaded", 2, 1)
    assert list(Certificate.objects.order_by("file_row").values_list("file_row", flat=True)) == [2, 4]
    assert desk.errors(file) == [("J3", "理论成绩没到 60 分")]
    reasons = JournalEntry.objects.filter(verb__in=["asked_to_load_results", "loaded_results"]).order_by("at", "id")
    assert [entry.detail["reason"] for entry in reasons] == ["错误行要等机构回话"] * 2


def test_a_file_without_a_good_row_has_nothing_to_load(desk: Desk) -> None:
    file = desk.sent(desk.row(1, theory=50))
    with pytest.raises(files.NoGoodRows):
        load_good_rows(desk.clerk, desk.world.at, file, "先载入")
    assert ResultFile.objects.get(pk=file.pk).state == "wrong"


def test_a_file_that_became_wrong_before_loading_goes_back_to_the_clerk(desk: Desk) -> None:
    first, second = desk.sent(desk.row(1)), desk.sent(desk.row(1, hours=81))
    assert (first.state, second.state) == ("clean", "clean")
    desk.load(first)
    late = desk.load(second)
    assert (late.state, late.wrong_rows, late.loaded_rows) == ("wrong", 1, 0)
    assert desk.errors(second)[0] == ("O2", "这个证书编号已经入库")
    assert Certificate.objects.count() == 1


def test_loading_and_checking_again_changes_nothing(desk: Desk) -> None:
    file = desk.sent(desk.row(1))
    desk.load(file)
    assert finish_loading(desk.world.machine, desk.world.at, file, current_law(), still).state == "loaded"
    assert desk.check(file).state == "loaded"
    assert Certificate.objects.count() == 1


def test_a_file_is_given_up_only_before_it_was_loaded(desk: Desk) -> None:
    file = desk.sent(desk.row(1, theory=50))
    assert drop_file(desk.clerk, desk.world.at, file).state == "dropped"
    loaded = desk.load(desk.sent(desk.row(2)))
    with pytest.raises(files.FileInUse):
        drop_file(desk.clerk, desk.world.at, loaded)
    assert Certificate.objects.count() == 1


def test_another_bodys_file_does_not_exist(desk: Desk) -> None:
    other = desk.world.body("别的中心", "91330421MA00000003", "assessor")
    stranger = Actor("丁", body_id=other.pk, duties=frozenset({"clerk"}))
    file = desk.sent(desk.row(1))
    for act in (load_file, drop_file):
        with pytest.raises(NotFound):
            act(stranger, desk.world.at, file)
    assert ResultFile.objects.get(pk=file.pk).state == "clean"


def test_a_certificate_is_revoked_once_from_a_day_on(desk: Desk) -> None:
    desk.load(desk.sent(desk.row(1)))
    certificate = Certificate.objects.get()
    day = date(2026, 3, 1)
    with pytest.raises(NotYourDuty):
        revoke_certificate(desk.world.staff["maker"], desk.world.at, certificate, day, "替考")
    with pytest.raises(RevocationNeedsReason):
        revoke_certificate(desk.clerk, desk.world.at, certificate, day, " ")
    for wrong in (date(2026, 2, 1), date(2026, 3, 3)):
        with pytest.raises(RevocationDayWrong):
            revoke_certificate(desk.clerk, desk.world.at, certificate, wrong, "替考")
    assert Certificate.objects.get().revoked_on is None
    assert revoke_certificate(desk.clerk, desk.world.at, certificate, day, "替考").revoked_on == day
    with pytest.raises(CertificateRevokedAlready):
        revoke_certificate(desk.clerk, desk.world.at, certificate, desk.world.at.date(), "再来")
    assert Certificate.objects.get().revoked_on == day


def test_after_a_revocation_a_new_certificate_of_the_level_is_taken(desk: Desk) -> None:
    desk.load(desk.sent(desk.row(1)))
    revoke_certificate(desk.clerk, desk.world.at, Certificate.objects.get(), date(2026, 3, 1), "号错了")
    renewed = desk.sent(desk.row(1, certificate="S000033000001264000099"))
    assert desk.load(renewed).state == "loaded"
    assert ResultFileError.objects.count() == 0
