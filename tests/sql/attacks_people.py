"""Attacks on people, accounts, certificates, bodies, registers and duties."""

from tests.sql.attack import OVERLAP, UNIQUE, Attack, insert
from tests.sql.attacks_texts import NUMBER

OWNER = ("owner",)


def account(**more: str) -> str:
    given = {
        "person_id": "%(other)s",
        "bank": "''",
        "holder": "''",
        "number": "'x'",
        "number_index": "'x'",
        "tail": "''",
        "state": "'confirmed'",
        "first": "false",
        "since": "%(at)s",
        "entered_by_name": "''",
    } | more
    return insert("parties_payee_account", **given)


def load(**more: str) -> str:
    given = {
        "register_id": "'listing'",
        "region_id": "330000",
        "from_on": "'2026-01-01'",
        "until_on": "'2026-02-01'",
        "extracted_on": "'2026-02-01'",
        "file_name": "''",
        "sha256": "'n'",
        "rows": "0",
        "loaded_at": "%(at)s",
        "loaded_by_name": "''",
        "state": "'active'",
    } | more
    return insert("parties_register_load", **given)


def duty(**more: str) -> str:
    given = {
        "account_id": "%(as_maker)s",
        "office_id": "%(office)s",
        "duty": "'checker'",
        "exclusive": "true",
        "from_on": "'2026-01-01'",
        "reason": "''",
    } | more
    return insert("parties_duty", **given)


def sign_in(**more: str) -> str:
    given = {
        "password": "''",
        "username": "'n'",
        "name": "''",
        "kind": "'worker'",
        "person_id": "%(somebody)s",
        "is_active": "true",
        "is_demo": "false",
        "code_last_step": "0",
    } | more
    return insert("parties_account", **given)


def certificate(**more: str) -> str:
    copied = (
        "person_id, region_id, kind, name_then, edition, occupation, trade, item, title, level, issued_on, assessor_id,"
        " class_number, training_first_on, training_last_on, training_edition, training_subject, training_title,"
        " received_at, late, revoked_reason"
    ).split(", ")
    return (
        f"INSERT INTO assessment_certificate (id, number, {', '.join(copied)}) SELECT gen_random_uuid(),"
        f" {more.pop('number', repr('N1'))}, {', '.join(more.get(name, f'c.{name}') for name in copied)}"
        " FROM assessment_certificate c WHERE c.id = %(lower)s"
    )


def item(**more: str) -> str:
    words = {"standard": "''", "document": "''", "published_by_name": "''"} | more
    return insert(
        "catalogue_training_item",
        kind="'training_pass'",
        code="'n'",
        name="''",
        region_id="%(region)s",
        from_on="'2026-01-01'",
        source="''",
        **words,
    )


def guidance() -> str:
    return insert(
        "catalogue_guidance_class",
        region_id="330000",
        edition="'2022'",
        code="'6-31-01-03'",
        occupation_class="'social'",
        from_on="'2026-01-01'",
        document="''",
        end_document="''",
        entered_by_name="''",
    )


PEOPLE = (
    Attack(
        "a revocation undone",
        "revocation_stays",
        "UPDATE assessment_certificate SET revoked_on = NULL WHERE id = %(revoked)s",
    ),
    Attack(
        "revoked on another day",
        "revocation_stays",
        "UPDATE assessment_certificate SET revoked_on = '2026-03-02' WHERE id = %(revoked)s",
    ),
    Attack("a certificate deleted", "assessment_certificate_is_kept", "DELETE FROM assessment_certificate", OWNER),
    Attack(
        "a certificate number twice",
        "assessment_certificate_number_key",
        certificate(number="c.number", level="'1'"),
        sqlstate=UNIQUE,
    ),
    Attack("one level twice by one body", "one_valid_certificate_per_level_and_body", certificate(), sqlstate=UNIQUE),
    Attack("a certificate of nothing", "certificate_names_its_subject", certificate(level="''")),
    Attack(
        "training that ends before it begins",
        "training_runs_forward",
        certificate(level="'1'", training_last_on="'2020-01-01'"),
    ),
    Attack(
        "a file born loaded",
        "assessment_result_file_states",
        insert(
            "assessment_result_file",
            body_id="%(assessor)s",
            region_id="%(region)s",
            kind="'skill_level'",
            file_name="''",
            sha256="'n'",
            content="'x'",
            state="'loaded'",
            rows="0",
            wrong_rows="0",
            loaded_rows="0",
            trouble="''",
            part_reason="''",
            uploaded_by_name="''",
            received_at="%(at)s",
        ),
    ),
    Attack(
        "a file loaded without a check",
        "assessment_result_file_states",
        "UPDATE assessment_result_file SET state = 'loaded' WHERE id = %(result_file)s",
    ),
    Attack(
        "a file twice",
        "result_file_once",
        insert(
            "assessment_result_file",
            body_id="%(assessor)s",
            region_id="%(region)s",
            kind="'skill_level'",
            file_name="''",
            sha256="repeat('1', 64)",
            content="'x'",
            state="'checking'",
            rows="0",
            wrong_rows="0",
            loaded_rows="0",
            trouble="''",
            part_reason="''",
            uploaded_by_name="''",
            received_at="%(at)s",
        ),
        sqlstate=UNIQUE,
    ),
    Attack(
        "a person merged into itself",
        "person_not_merged_into_self",
        "UPDATE parties_person SET merged_into_id = id WHERE id = %(somebody)s",
    ),
    Attack("a person deleted", "parties_person_is_kept", "DELETE FROM parties_person", OWNER),
    Attack(
        "one document of two people",
        "one_person_per_document",
        "INSERT INTO parties_person_document (id, person_id, kind, number, number_index, masked) SELECT"
        " gen_random_uuid(),"
        " %(other)s, kind, number, number_index, masked FROM parties_person_document WHERE id = %(document)s",
        sqlstate=UNIQUE,
    ),
    Attack(
        "a number shown in clear",
        "document_is_masked",
        "UPDATE parties_person_document SET masked = '330499199005010011' WHERE id = %(document)s",
    ),
    Attack("a document deleted", "parties_person_document_is_kept", "DELETE FROM parties_person_document", OWNER),
    Attack(
        "an account of two people",
        "account_belongs_to_one_person",
        account(number_index="(SELECT number_index FROM parties_payee_account WHERE id = %(account)s)"),
        sqlstate=UNIQUE,
    ),
    Attack(
        "two live accounts", "one_live_account_per_owner", (account(), account(number_index="'y'")), sqlstate=UNIQUE
    ),
    Attack("an account born failed", "parties_payee_account_states", account(state="'failed'")),
    Attack(
        "a closed account alive again",
        "parties_payee_account_states",
        (
            "UPDATE parties_payee_account SET state = 'closed' WHERE id = %(spare)s",
            "UPDATE parties_payee_account SET state = 'confirmed' WHERE id = %(spare)s",
        ),
    ),
    Attack("an account deleted", "parties_payee_account_is_kept", "DELETE FROM parties_payee_account", OWNER),
    Attack("two duties that exclude each other", "one_money_duty_per_account", duty(), sqlstate=OVERLAP),
    Attack("a money duty said to be harmless", "money_duties_are_exclusive", duty(exclusive="false")),
    Attack(
        "a register file alive again",
        "parties_register_load_states",
        "UPDATE parties_register_load SET state = 'active' WHERE id = %(gone_load)s",
    ),
    Attack("a register file born withdrawn", "parties_register_load_states", load(state="'withdrawn'")),
    Attack("a register file twice", "register_file_once", load(sha256="%(load_sha)s"), sqlstate=UNIQUE),
    Attack("coverage that ends before it begins", "coverage_runs_forward", load(until_on="'2025-01-01'")),
    Attack(
        "a status that ends before it begins",
        "spell_runs_forward",
        insert(
            "parties_spell",
            person_id="%(other)s",
            kind_id="'hukou'",
            from_on="'2026-01-02'",
            until_on="'2026-01-01'",
            certified="false",
            source="''",
        ),
    ),
    Attack(
        "certified by no register",
        "certified_by_a_register",
        insert(
            "parties_spell",
            person_id="%(other)s",
            kind_id="'hukou'",
            from_on="'2026-01-02'",
            certified="true",
            source="''",
        ),
    ),
    Attack(
        "a title that ends before it begins",
        "title_runs_forward",
        insert(
            "recognition_title",
            organisation_id="%(assessor)s",
            kind="'assessor'",
            region_id="%(region)s",
            from_on="'2026-01-02'",
            until_on="'2026-01-01'",
            source="''",
            loaded_at="%(at)s",
            before_start="false",
            end_reason="''",
        ),
    ),
    Attack(
        "a scope twice",
        "title_scope_once",
        "INSERT INTO recognition_title_scope (id, title_id, subject, level) SELECT gen_random_uuid(), title_id,"
        " subject, level"
        " FROM recognition_title_scope LIMIT 1",
        sqlstate=UNIQUE,
    ),
    Attack(
        "two bodies of one code",
        "parties_organisation_credit_code_key",
        insert("parties_organisation", name="''", credit_code="%(code)s", region_id="%(region)s"),
        sqlstate=UNIQUE,
    ),
    Attack(
        "a second main office",
        "one_main_office_per_region",
        insert("parties_office", region_id="%(region)s", kind="'county'", name="''", phone="''", address="''"),
        sqlstate=UNIQUE,
    ),
    Attack(
        "closed twice on a day",
        "local_closing_once",
        (
            insert("parties_local_closing", office_id="%(office)s", day="'2026-05-05'", document="''"),
            insert("parties_local_closing", office_id="%(office)s", day="'2026-05-05'", document="''"),
        ),
        sqlstate=UNIQUE,
    ),
    Attack(
        "two sign-ins of one worker",
        "one_worker_account_per_person",
        (sign_in(), sign_in(username="'m'")),
        sqlstate=UNIQUE,
    ),
    Attack(
        "one sign-in name twice",
        "parties_account_username_key",
        (sign_in(), sign_in(person_id="%(other)s")),
        sqlstate=UNIQUE,
    ),
    Attack("staff without an office", "account_has_its_place", sign_in(kind="'staff'", person_id="NULL")),
    Attack(
        "a ticket spent twice",
        "parties_spent_ticket_digest_key",
        (
            insert("parties_spent_ticket", digest="'x'", spent_at="%(at)s"),
            insert("parties_spent_ticket", digest="'x'", spent_at="%(at)s"),
        ),
        sqlstate=UNIQUE,
    ),
    Attack(
        "two levels of one rank",
        "catalogue_skill_level_rank_key",
        "INSERT INTO catalogue_skill_level (code, rank, name, public_name, source)"
        " SELECT 'n', rank, name, public_name, source FROM catalogue_skill_level LIMIT 1",
        sqlstate=UNIQUE,
    ),
    Attack("a number in a project's words", "catalogue_training_item_names_no_number", item(document=NUMBER)),
    Attack("two items of one code", "catalogue_training_item_code_key", (item(), item()), sqlstate=UNIQUE),
    Attack("two classes of one occupation", "one_open_class_per_occupation", (guidance(), guidance()), sqlstate=UNIQUE),
    Attack("a second clock", "clock_is_one_row", "INSERT INTO ground_clock (id, demo_steps) VALUES (2, 0)"),
)
