"""Attacks on people's own words: an identity number in clear, in every table that keeps words (I3)."""

from tests.sql.attack import WRITERS, Attack, insert
from tests.sql.attacks_desk import standard
from tests.sql.attacks_exams import change, entry
from tests.sql.attacks_money import budget

NUMBER = "'他的证件是330499199005010015。'"
JSON = """'{"note": "330499199005010015"}'"""
ALL = ("web", "worker", "releaser", "owner")
HAND = ("worker", "owner")


def changed(table: str, column: str, key: str) -> str:
    return f"UPDATE {table} SET {column} = {NUMBER} WHERE id = %({key})s"


WORDS = {
    "assessment_certificate": (changed("assessment_certificate", "revoked_reason", "lower"), WRITERS),
    "assessment_exam_plan": (changed("assessment_exam_plan", "name", "draft_plan"), WRITERS),
    "assessment_exam_room": (changed("assessment_exam_room", "name", "exam_room"), WRITERS),
    "assessment_candidate": (changed("assessment_candidate", "reason", "joined"), WRITERS),
    "assessment_score_change": (change(reason=NUMBER), WRITERS),
    "assessment_score_entry": (entry(note=NUMBER), WRITERS),
    "assessment_supervision": (
        insert(
            "assessment_supervision", plan_id="%(closed_plan)s", region_id="%(region)s", body_id="%(exam_body)s",
            external="false", agreed="false", findings=NUMBER, supervisor="''", entered_by_id="%(exam_clerk)s",
            entered_at="%(at)s",
        ),
        WRITERS,
    ),
    "assessment_result_file": (changed("assessment_result_file", "trouble", "result_file"), WRITERS),
    "catalogue_guidance_class": (
        insert(
            "catalogue_guidance_class", region_id="%(region)s", edition="'x'", code="'x'", occupation_class="'1'",
            from_on="'2026-01-01'", document=NUMBER, end_document="''", entered_by_name="''",
        ),
        WRITERS,
    ),
    "subsidy_settlement": (changed("subsidy_settlement", "reason", "settlement"), WRITERS),
    "subsidy_settlement_head": (changed("subsidy_settlement_head", "offered", "drawn"), WRITERS),
    "funds_budget_line": (budget(document=NUMBER), WRITERS),
    "funds_pool": (
        insert(
            "funds_pool", office_id="%(office)s", region_id="%(region)s", fund="'special_account'", year="2031",
            state="'open'", document=NUMBER, opened_at="%(at)s",
        ),
        WRITERS,
    ),
    "ground_job": (
        insert(
            "ground_job", kind="''", args=JSON, title="''", state="'done'", done="0", total="0", message="''",
            tries="0", asked_at="%(at)s",
        ),
        WRITERS,
    ),
    "ground_journal_entry": (
        insert(
            "ground_journal_entry", at="%(at)s", verb="''", subject_kind="''", actor_name="''", purpose="''",
            request_id="gen_random_uuid()", detail=JSON,
        ),
        ALL,
    ),
    "parties_duty": (f"UPDATE parties_duty SET reason = {NUMBER} WHERE account_id = %(as_maker)s", WRITERS),
    "parties_local_closing": (
        insert("parties_local_closing", office_id="%(office)s", day="'2026-05-06'", document=NUMBER),
        WRITERS,
    ),
    "parties_payee_account": (changed("parties_payee_account", "bank", "spare"), WRITERS),
    "parties_person_merge": (
        insert(
            "parties_person_merge", kept_id="%(somebody)s", gone_id="%(other)s", reason=NUMBER, merged_at="%(at)s",
            merged_by_id="%(as_maker)s", moved="'{}'",
        ),
        WRITERS,
    ),
    "parties_register_file": (
        insert(
            "parties_register_file", register_id="'hukou'", region_id="%(region)s", office_id="%(office)s",
            from_on="'2026-01-01'", until_on="'2026-01-02'", extracted_on="'2026-01-02'", file_name=NUMBER,
            sha256="''", sent_by_id="%(as_register)s", sent_at="%(at)s", wrongs="'[]'",
        ),
        WRITERS,
    ),
    "parties_register_load": (changed("parties_register_load", "file_name", "load"), WRITERS),
    "payment_paying_account": (changed("payment_paying_account", "holder", "paying"), WRITERS),
    "payment_return_file": (
        insert(
            "payment_return_file", region_id="%(region)s", batch_id="%(returned)s", file_name=NUMBER, sha256="'n'",
            content="'x'", state="'quarantined'", trouble="''", rows="0", paid_fen="0", failed_fen="0",
            received_at="%(at)s", finding="''",
        ),
        HAND,
    ),
    "payment_statement_entry": (
        insert(
            "payment_statement_entry", paying_account_id="%(paying)s", region_id="%(region)s",
            booked_on="'2026-03-02'", amount_fen="1", reference="'n'", text=NUMBER, sha256="''",
        ),
        WRITERS,
    ),
    "subsidy_adopted_standard": (standard(document=NUMBER), WRITERS),
    "subsidy_subsidy_line": (
        f"UPDATE subsidy_subsidy_line SET count_document = {NUMBER} WHERE id = %(refused)s",
        WRITERS,
    ),
    "subsidy_officer_answer": (
        insert(
            "subsidy_officer_answer", line_id="%(refused)s", region_id="%(region)s", question="'requested'",
            answer="true", found_on="'2026-03-01'", evidence=NUMBER, state="'entered'", entered_by_id="%(as_maker)s",
            entered_at="%(at)s",
        ),
        WRITERS,
    ),
    "subsidy_heir_payee": (
        insert(
            "subsidy_heir_payee", line_id="%(free)s", region_id="%(region)s", account_id="%(account)s",
            person_id="%(somebody)s", relation="'x'", papers=NUMBER, state="'entered'", entered_by_id="%(as_maker)s",
            entered_at="%(at)s",
        ),
        WRITERS,
    ),
    "subsidy_approval": (
        insert(
            "subsidy_approval", sheet_id="%(made)s", region_id="%(region)s", step="'check'",
            account_id="%(as_checker)s", sha256="%(made_sha)s", opinion=NUMBER, code_step="9", at="%(at)s",
        ),
        WRITERS,
    ),
    "subsidy_approval_sheet": (changed("subsidy_approval_sheet", "return_reason", "made"), WRITERS),
    "subsidy_hold": (changed("subsidy_hold", "finding", "hold"), WRITERS),
    "subsidy_objection": (changed("subsidy_objection", "answer", "objection"), WRITERS),
}  # fmt: skip

TEXTS = tuple(
    Attack(f"an identity number in the words of {table}", f"{table}_names_no_number", sql, by)
    for table, (sql, by) in WORDS.items()
)
