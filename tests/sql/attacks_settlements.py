"""Attacks on settlements and on accounts of bodies: counts, draws, heads, the way of a body's line (P24)."""

from tests.sql.attack import UNIQUE, WRITERS, Attack, insert


def settlement(**more: str) -> str:
    given = {
        "number": "'n'", "training_class_id": "%(project_class)s", "body_id": "%(provider)s", "region_id": "%(region)s",
        "scheme": "'project_class'", "state": "'calling'", "submitted": "1", "to_call": "1", "struck": "'{}'",
        "submitted_by_name": "''", "submitted_at": "%(at)s", "reason": "''",
    } | more  # fmt: skip
    return insert("subsidy_settlement", **given)


def head(**more: str) -> str:
    given = {
        "settlement_id": "%(settlement)s", "region_id": "%(region)s", "body_id": "%(provider)s",
        "enrolment_id": "%(free_seat)s", "person_id": "%(free_person)s", "line_id": "%(settling)s", "amount_fen": "1",
        "state": "'struck'", "reason": "'x'", "drawn": "false", "attempts": "0", "offered": "''",
    } | more  # fmt: skip
    return insert("subsidy_settlement_head", **given)


def set_of(table: str, key: str, what: str) -> str:
    return f"UPDATE subsidy_{table} SET {what} WHERE id = %({key})s"


CALLED = set_of("settlement_head", "drawn", "attended = true, charged_fen = 0, called_at = %(at)s")
ENDS = "{}, struck_heads = {}, approved = {}, sum_fen = 60000"
CLOSED = "state = 'settled', closed_at = %(at)s, closed_by_id = %(as_maker)s"
APPROVED = (
    "UPDATE subsidy_settlement_head SET state = 'approved' WHERE settlement_id = %(settlement)s AND state = 'open'"
)
KEY = "'00000000-0000-0000-0000-000000000099'"
FRESH = settlement(id=KEY, training_class_id="%(free_class)s")
SETTLEMENTS = (
    Attack(
        "an account of nobody",
        "account_of_a_person_or_a_body",
        insert(
            "parties_payee_account",
            bank="''",
            holder="''",
            number="''",
            number_index="''",
            tail="''",
            state="'unconfirmed'",
            first="true",
            since="%(at)s",
            entered_by_name="''",
        ),
    ),
    Attack(
        "a settlement of nobody", "settlement_has_heads", settlement(submitted="0", training_class_id="%(free_class)s")
    ),
    Attack("a class settled twice at once", "one_open_settlement_of_a_class", settlement(), sqlstate=UNIQUE),
    Attack(
        "a settlement born settled",
        "subsidy_settlement_states",
        settlement(
            training_class_id="%(free_class)s",
            state="'settled'",
            struck_heads="1",
            approved="0",
            sum_fen="0",
            closed_at="%(at)s",
        ),
    ),
    Attack(
        "a submitted number rewritten",
        "subsidy_settlement_is_kept",
        set_of("settlement", "settlement", "submitted = 3"),
    ),
    Attack(
        "a number of settlement twice",
        "subsidy_settlement_number_key",
        (FRESH, settlement(training_class_id="%(free_class)s", body_id="%(assessor)s")),
        sqlstate=UNIQUE,
    ),
    Attack(
        "a head added to a closed settlement",
        "heads_of_an_open_settlement",
        head(settlement_id="%(settled)s", enrolment_id="%(other_seat)s"),
    ),
    Attack(
        "a head changed in a closed settlement",
        "heads_of_an_open_settlement",
        set_of("settlement_head", "settled_head", "attempts = 9"),
    ),
    Attack("a settlement removed", "subsidy_settlement_is_kept", "DELETE FROM subsidy_settlement", by=("owner",)),
    Attack("a head removed", "subsidy_settlement_head_is_kept", "DELETE FROM subsidy_settlement_head", by=("owner",)),
    Attack(
        "a settled one reopened in words",
        "subsidy_settlement_is_kept",
        set_of("settlement", "settled", "reason = 'x'"),
    ),
    Attack(
        "closed on no day",
        "settled_counts_add_up",
        (
            CALLED,
            APPROVED,
            set_of("settlement", "settlement", ENDS.format("state = 'settled', closed_by_id = %(as_maker)s", 1, 3)),
        ),
    ),
    Attack(
        "counts that are not those of the heads",
        "settlement_is_its_heads",
        (
            CALLED,
            APPROVED,
            set_of("settlement", "settlement", ENDS.format(CLOSED, 2, 2)),
        ),
    ),
    Attack(
        "settled without calling the drawn",
        "settlement_is_its_heads",
        (APPROVED, set_of("settlement", "settlement", ENDS.format(CLOSED, 1, 3))),
    ),
    Attack("a head twice in a settlement", "head_once_in_a_settlement", (head(), head()), sqlstate=UNIQUE),
    Attack(
        "a head settled twice",
        "head_settled_once",
        head(state="'open'", reason="''"),
        sqlstate=UNIQUE,
    ),
    Attack(
        "a head to be paid without a line",
        "paid_head_has_its_line",
        (FRESH, head(settlement_id=KEY, state="'open'", reason="''", line_id="NULL", enrolment_id="%(other_seat)s")),
    ),
    Attack("a head struck off for nothing", "struck_head_has_a_reason", head(reason="''")),
    Attack(
        "a head's sum rewritten",
        "subsidy_settlement_head_is_kept",
        set_of("settlement_head", "drawn", "amount_fen = 2"),
    ),
    Attack(
        "a body's line to the notice unsettled",
        "line_is_settled",
        set_of("subsidy_line", "settling", "state = 'to_notice'"),
        by=(*WRITERS, "releaser"),
    ),
    Attack(
        "a body's line sent to another body",
        "promised_line_keeps_its_amount",
        set_of("subsidy_line", "settling", "payee_body_id = %(assessor)s"),
    ),
    Attack(
        "a person's line paid to a body",
        "bodies_are_paid_by_their_schemes",
        set_of("subsidy_line", "refused", "payee_body_id = %(assessor)s"),
    ),
    Attack(
        "a person's line that a body is to settle",
        "a_body_settles_a_person_confirms",
        set_of(
            "subsidy_line",
            "refused",
            "state = 'to_settle', outcome = 'yes', amount_fen = 1, pool_id = %(pool)s, office_id = %(office)s,"
            " fund = 'employment_grant', count_year = 2031, slot = 1, subject = 'x', level_rank = NULL",
        ),
    ),
    Attack("a settlement lost", "subsidy_settlement_states", set_of("settlement", "settlement", "state = 'lost'")),
)
