"""Attacks on notices, objections, approvals, holds and adopted numbers of the law."""

from tests.sql.attack import FOREIGN, OVERLAP, UNIQUE, Attack, insert

OWNER = ("owner",)


def notice(**more: str) -> str:
    given = {
        "region_id": "%(region)s",
        "office_id": "%(office)s",
        "year": "2026",
        "number": "77",
        "state": "'posted'",
        "posted_at": "%(at)s",
        "ends_on": "'2026-03-09'",
        "provisional": "false",
        "phone": "''",
        "address": "''",
        "released_by_id": "%(as_maker)s",
        "sha256": "''",
    } | more
    return insert("subsidy_notice", **given)


def objection(**more: str) -> str:
    given = {
        "line_id": "%(shown)s",
        "region_id": "%(region)s",
        "notice_id": "%(notice)s",
        "text": "'x'",
        "state": "'open'",
        "received_at": "%(at)s",
        "due_on": "'2026-03-09'",
        "answer": "''",
    } | more
    return insert("subsidy_objection", **given)


def officer_answer(**more: str) -> str:
    given = {
        "line_id": "%(answered)s",
        "region_id": "%(region)s",
        "question": "'requested'",
        "answer": "true",
        "found_on": "'2026-03-01'",
        "evidence": "'x'",
        "state": "'entered'",
        "entered_by_id": "%(as_maker)s",
        "entered_at": "%(at)s",
    } | more
    return insert("subsidy_officer_answer", **given)


def heir(**more: str) -> str:
    given = {
        "line_id": "%(free)s",
        "region_id": "%(region)s",
        "account_id": "%(account)s",
        "person_id": "%(somebody)s",
        "relation": "'x'",
        "papers": "'x'",
        "state": "'entered'",
        "entered_by_id": "%(as_maker)s",
        "entered_at": "%(at)s",
    } | more
    return insert("subsidy_heir_payee", **given)


CONFIRM_HEIR = (
    "UPDATE subsidy_heir_payee SET state = 'confirmed', closed_by_id = %(as_checker)s, closed_at = %(at)s"
    " WHERE state = 'entered'"
)


def sign(**more: str) -> str:
    given = {
        "sheet_id": "%(made)s",
        "region_id": "%(region)s",
        "step": "'check'",
        "account_id": "%(as_checker)s",
        "sha256": "%(made_sha)s",
        "opinion": "''",
        "code_step": "1",
        "at": "%(at)s",
    } | more
    return insert("subsidy_approval", **given)


ON_CHECKED = {"sheet_id": "%(checked)s", "sha256": "%(checked_sha)s"}
DESK = (
    Attack("a notice shortened", "subsidy_notice_is_kept", "UPDATE subsidy_notice SET ends_on = '2026-03-03'"),
    Attack("a notice deleted", "subsidy_notice_is_kept", "DELETE FROM subsidy_notice", OWNER),
    Attack("a notice born ended", "subsidy_notice_states", notice(state="'ended'")),
    Attack(
        "a notice posted again",
        "subsidy_notice_states",
        ("UPDATE subsidy_notice SET state = 'ended'", "UPDATE subsidy_notice SET state = 'posted'"),
    ),
    Attack("two notices of one number", "notice_number_once", notice(number="%(notice_number)s"), sqlstate=UNIQUE),
    Attack(
        "a posted row rewritten",
        "subsidy_notice_line_is_kept",
        "UPDATE subsidy_notice_line SET shown_name = 'x'",
        OWNER,
    ),
    Attack("a posted row deleted", "subsidy_notice_line_is_kept", "DELETE FROM subsidy_notice_line", OWNER),
    Attack(
        "a line twice in a notice",
        "once_in_a_notice",
        insert(
            "subsidy_notice_line",
            notice_id="%(notice)s",
            region_id="%(region)s",
            line_id="%(shown)s",
            seq="9",
            shown_name="''",
            scheme="''",
            body="''",
            title="''",
            level="''",
            amount_fen="1",
        ),
        sqlstate=UNIQUE,
    ),
    Attack(
        "an objection answered by nobody",
        "objection_is_answered",
        "UPDATE subsidy_objection SET state = 'rejected', answer = 'x' WHERE id = %(objection)s",
    ),
    Attack(
        "an objection answered without a word",
        "objection_is_answered",
        "UPDATE subsidy_objection SET state = 'rejected', answered_by_id = %(as_maker)s WHERE id = %(objection)s",
    ),
    Attack(
        "an objection upheld by one",
        "objection_upheld_by_two",
        "UPDATE subsidy_objection SET state = 'upheld', answer = 'x', answered_by_id = %(as_maker)s"
        " WHERE id = %(objection)s",
    ),
    Attack(
        "an objection upheld by whoever proposed it",
        "objection_upheld_by_two",
        "UPDATE subsidy_objection SET state = 'upheld', answer = 'x', proposed_by_id = %(as_maker)s,"
        " proposed_at = %(at)s, answered_by_id = %(as_maker)s WHERE id = %(objection)s",
    ),
    Attack(
        "an objection born answered",
        "subsidy_objection_states",
        objection(state="'rejected'", answer="'x'", answered_by_id="%(as_maker)s"),
    ),
    Attack(
        "an answered objection opened again",
        "subsidy_objection_states",
        (
            "UPDATE subsidy_objection SET state = 'rejected', answer = 'x', answered_by_id = %(as_maker)s"
            " WHERE id = %(objection)s",
            "UPDATE subsidy_objection SET state = 'open' WHERE id = %(objection)s",
        ),
    ),
    Attack(
        "two open objections to one line",
        "one_open_objection_per_line",
        objection(line_id="%(objected)s"),
        sqlstate=UNIQUE,
    ),
    Attack("an objection rewritten", "subsidy_objection_is_kept", "UPDATE subsidy_objection SET text = 'x'"),
    Attack("an objection deleted", "subsidy_objection_is_kept", "DELETE FROM subsidy_objection", OWNER),
    Attack(
        "a sheet raised after it was sent",
        "subsidy_approval_sheet_is_kept",
        "UPDATE subsidy_approval_sheet SET total_fen = total_fen + 1 WHERE id = %(made)s",
    ),
    Attack(
        "a sheet's content exchanged",
        "subsidy_approval_sheet_is_kept",
        "UPDATE subsidy_approval_sheet SET content = '[]', sha256 = 'x' WHERE id = %(made)s",
    ),
    Attack(
        "a sheet spared its second leader",
        "subsidy_approval_sheet_is_kept",
        "UPDATE subsidy_approval_sheet SET second_leader = false WHERE id = %(made)s",
    ),
    Attack("a sheet deleted", "subsidy_approval_sheet_is_kept", "DELETE FROM subsidy_approval_sheet", OWNER),
    Attack(
        "a sheet approved at once",
        "subsidy_approval_sheet_states",
        "UPDATE subsidy_approval_sheet SET state = 'approved' WHERE id = %(made)s",
    ),
    Attack(
        "a sheet born approved",
        "subsidy_approval_sheet_states",
        insert(
            "subsidy_approval_sheet",
            region_id="%(region)s",
            office_id="%(office)s",
            pool_id="%(pool)s",
            year="2026",
            number="77",
            state="'approved'",
            content="'[]'",
            sha256="''",
            heads="1",
            total_fen="1",
            second_leader="false",
            made_by_id="%(as_maker)s",
            made_at="%(at)s",
            return_reason="''",
        ),
    ),
    Attack(
        "two sheets of one number",
        "sheet_number_once",
        insert(
            "subsidy_approval_sheet",
            region_id="%(region)s",
            office_id="%(office)s",
            pool_id="%(pool)s",
            year="2026",
            number="1",
            state="'made'",
            content="'[]'",
            sha256="''",
            heads="1",
            total_fen="1",
            second_leader="false",
            made_by_id="%(as_maker)s",
            made_at="%(at)s",
            return_reason="''",
        ),
        sqlstate=UNIQUE,
    ),
    Attack("signed by the maker", "signature_fits_the_sheet", sign(account_id="%(as_maker)s")),
    Attack("signed on another content", "signature_fits_the_sheet", sign(sha256="'x'")),
    Attack("signed out of turn", "signature_fits_the_sheet", sign(step="'lead'", account_id="%(as_leader)s")),
    Attack("signed by who has no such duty", "signed_in_duty", sign(account_id="%(as_leader)s")),
    Attack(
        "signed by a page for another",
        "nobody_signs_for_another",
        sign(step="'lead'", account_id="%(as_leader)s", **ON_CHECKED),
        ("web",),
        lawful=("worker", "owner"),
    ),
    Attack(
        "signed by one person twice",
        "nobody_signs_twice",
        sign(step="'lead2'", account_id="%(as_leader)s", sheet_id="%(led)s", sha256="%(led_sha)s"),
        sqlstate=UNIQUE,
    ),
    Attack(
        "one step signed twice", "one_signature_per_step", (sign(), sign(account_id="%(as_checker2)s")), sqlstate=UNIQUE
    ),
    Attack("a signature rewritten", "subsidy_approval_is_kept", "UPDATE subsidy_approval SET opinion = 'x'", OWNER),
    Attack("a signature deleted", "subsidy_approval_is_kept", "DELETE FROM subsidy_approval", OWNER),
    Attack(
        "a hold released by one",
        "hold_released_by_two",
        "UPDATE subsidy_hold SET state = 'released', first_by_id = %(as_maker)s WHERE id = %(hold)s",
    ),
    Attack(
        "a hold released by one person twice",
        "hold_released_by_two",
        "UPDATE subsidy_hold SET state = 'released', first_by_id = %(as_maker)s, second_by_id = %(as_maker)s WHERE"
        " id = %(hold)s",
    ),
    Attack(
        "a hold born released",
        "subsidy_hold_states",
        insert(
            "subsidy_hold",
            line_id="%(free)s",
            region_id="%(region)s",
            kind="'elsewhere'",
            evidence="'x'",
            state="'released'",
            opened_at="%(at)s",
            due_on="'2026-03-09'",
            finding="''",
            first_by_id="%(as_maker)s",
            second_by_id="%(as_checker)s",
        ),
    ),
    Attack(
        "a released hold opened again",
        "subsidy_hold_states",
        (
            "UPDATE subsidy_hold SET state = 'released', first_by_id = %(as_maker)s, second_by_id = %(as_checker)s"
            " WHERE id = %(hold)s",
            "UPDATE subsidy_hold SET state = 'open' WHERE id = %(hold)s",
        ),
    ),
    Attack(
        "one reason held twice",
        "one_hold_per_evidence",
        insert(
            "subsidy_hold",
            line_id="%(held)s",
            region_id="%(region)s",
            kind="'sample_call'",
            evidence="'抽中'",
            state="'open'",
            opened_at="%(at)s",
            due_on="'2026-03-09'",
            finding="''",
        ),
        sqlstate=UNIQUE,
    ),
    Attack(
        "an officer's answer confirmed by who entered it",
        "officers_answer_by_two",
        "UPDATE subsidy_officer_answer SET state = 'confirmed', closed_by_id = entered_by_id, closed_at = %(at)s",
    ),
    Attack(
        "an officer's answer confirmed by nobody",
        "officers_answer_by_two",
        "UPDATE subsidy_officer_answer SET state = 'confirmed'",
    ),
    Attack(
        "an officer's answer born confirmed",
        "subsidy_officer_answer_states",
        officer_answer(state="'confirmed'", closed_by_id="%(as_checker)s", closed_at="%(at)s"),
    ),
    Attack(
        "a withdrawn answer confirmed",
        "subsidy_officer_answer_states",
        (
            "UPDATE subsidy_officer_answer SET state = 'withdrawn', closed_by_id = %(as_checker)s, closed_at = %(at)s",
            "UPDATE subsidy_officer_answer SET state = 'confirmed'",
        ),
    ),
    Attack("one question answered twice at once", "one_answer_waits_for_another", officer_answer(), sqlstate=UNIQUE),
    Attack(
        "an officer's evidence rewritten",
        "subsidy_officer_answer_is_kept",
        "UPDATE subsidy_officer_answer SET evidence = 'x'",
    ),
    Attack(
        "an officer's answer deleted", "subsidy_officer_answer_is_kept", "DELETE FROM subsidy_officer_answer", OWNER
    ),
    Attack(
        "an heir confirmed by who entered it",
        "heir_by_two",
        "UPDATE subsidy_heir_payee SET state = 'confirmed', closed_by_id = entered_by_id, closed_at = %(at)s",
    ),
    Attack("an heir confirmed by nobody", "heir_by_two", "UPDATE subsidy_heir_payee SET state = 'confirmed'"),
    Attack(
        "an heir born confirmed",
        "subsidy_heir_payee_states",
        heir(state="'confirmed'", closed_by_id="%(as_checker)s", closed_at="%(at)s"),
    ),
    Attack(
        "an heir not taken confirmed",
        "subsidy_heir_payee_states",
        (CONFIRM_HEIR.replace("'confirmed'", "'withdrawn'"), "UPDATE subsidy_heir_payee SET state = 'confirmed'"),
    ),
    Attack("two heirs waiting at once", "one_heir_waits_for_another", heir(line_id="%(inherited)s"), sqlstate=UNIQUE),
    Attack(
        "two heirs of one line",
        "one_heir_of_a_line",
        (CONFIRM_HEIR, heir(line_id="%(inherited)s"), CONFIRM_HEIR),
        sqlstate=UNIQUE,
    ),
    Attack("an heir exchanged", "subsidy_heir_payee_is_kept", "UPDATE subsidy_heir_payee SET account_id = %(spare)s"),
    Attack(
        "an heir with somebody else's account",
        "heir_has_an_own_account",
        (heir(person_id="%(other)s"), "SET CONSTRAINTS ALL IMMEDIATE"),
        sqlstate=FOREIGN,
    ),
    Attack("an heir deleted", "subsidy_heir_payee_is_kept", "DELETE FROM subsidy_heir_payee", OWNER),
    Attack("evidence rewritten", "subsidy_hold_is_kept", "UPDATE subsidy_hold SET evidence = 'x'"),
    Attack("a hold deleted", "subsidy_hold_is_kept", "DELETE FROM subsidy_hold", OWNER),
)


def standard(**more: str) -> str:
    given = {
        "region_id": "%(region)s",
        "scheme": "'common'",
        "number": "'sample_share_percent'",
        "from_on": "'2026-03-01'",
        "value": "'1'",
        "issued_by": "''",
        "document": "''",
        "document_number": "''",
        "link": "''",
        "published_on": "'2026-03-01'",
        "state": "'proposed'",
        "entered_by_id": "%(as_budget)s",
        "entered_at": "%(at)s",
    } | more
    return insert("subsidy_adopted_standard", **given)


CONFIRM = (
    "UPDATE subsidy_adopted_standard SET state = 'confirmed', confirmed_by_id = %(as_budget2)s, confirmed_at = %(at)s"
    " WHERE state = 'proposed'"
)
LAW = (
    Attack(
        "a number born law",
        "subsidy_adopted_standard_states",
        standard(
            state="'confirmed'",
            from_on="'2020-01-01'",
            published_on="'2020-01-01'",
            until_on="'2020-12-31'",
            confirmed_by_id="%(as_budget2)s",
            confirmed_at="%(at)s",
        ),
    ),
    Attack("two numbers for one day", "one_standard_per_day", (standard(), CONFIRM), sqlstate=OVERLAP),
    Attack(
        "a number confirmed by who entered it",
        "standard_needs_two_people",
        (
            standard(from_on="'2020-01-01'", published_on="'2020-01-01'", until_on="'2020-12-31'"),
            CONFIRM.replace("%(as_budget2)s", "entered_by_id"),
        ),
    ),
    Attack(
        "law without a confirmation",
        "adopted_by_confirmation",
        (
            standard(from_on="'2020-01-01'", published_on="'2020-01-01'", until_on="'2020-12-31'"),
            "UPDATE subsidy_adopted_standard SET state = 'confirmed' WHERE state = 'proposed'",
        ),
    ),
    Attack("law before it was published", "effective_after_published", standard(from_on="'2026-02-01'")),
    Attack("law that ends before it begins", "standard_has_days", standard(until_on="'2026-02-28'")),
    Attack(
        "a number exchanged", "subsidy_adopted_standard_is_kept", "UPDATE subsidy_adopted_standard SET value = '99'"
    ),
    Attack(
        "law taken back",
        "subsidy_adopted_standard_states",
        "UPDATE subsidy_adopted_standard SET state = 'withdrawn', confirmed_by_id = NULL, confirmed_at = NULL",
    ),
    Attack("law deleted", "subsidy_adopted_standard_is_kept", "DELETE FROM subsidy_adopted_standard", OWNER),
)
