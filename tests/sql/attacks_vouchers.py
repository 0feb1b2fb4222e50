"""Attacks on vouchers: issued beyond the plan, used twice or out of their days, changed later; and on their money."""

from tests.sql.attack import UNIQUE, WRITERS, Attack, insert
from tests.sql.attacks_money import OTHERS, transfer, void

MOVERS = ("web", "worker", "owner")


def voucher(**more: str) -> str:
    """INSERT of one voucher."""
    given = {
        "batch_id": "%(matched_batch)s",
        "person_id": "%(somebody)s",
        "region_id": "%(region)s",
        "spell_kind": "''",
        "code_index": "sha256('x')",
        "state": "'matched'",
        "state_since": "%(at)s",
        "from_on": "'2026-03-01'",
        "until_on": "'2026-05-31'",
        "reserved_fen": "0",
        "cause": "''",
        "frozen_from": "''",
        "frozen_reason": "''",
    } | more
    return insert("training_voucher", **given)


def change(key: str, what: str) -> str:
    return f"UPDATE training_voucher SET {what} WHERE id = %({key})s"


def change_batch(key: str, what: str) -> str:
    return f"UPDATE training_voucher_batch SET {what} WHERE id = %({key})s"


HOLD = "state = 'reserved', held_since = {}"
EARMARKED = {"debit": "available", "credit": "reserved"}
VOUCHERS = (
    Attack("a voucher out of nothing", "training_voucher_states", voucher(state="'in_use'", held_since="%(at)s",
           first_used_at="%(at)s")),
    Attack("a used voucher as if it were not", "training_voucher_states", change("used_voucher", "state = 'reserved'")),
    Attack("a second voucher of a batch", "one_voucher_a_person_in_a_batch", voucher(batch_id="%(voucher_batch)s",
           person_id="%(voucher_person)s"), sqlstate=UNIQUE),
    Attack("a code of another voucher", "training_voucher_code_index_key",
           voucher(code_index="(SELECT code_index FROM training_voucher WHERE id = %(voucher)s)"), sqlstate=UNIQUE),
    Attack("days that run backwards", "voucher_runs_forward", change("voucher", "until_on = from_on - 1")),
    Attack("less than no money", "voucher_reserves_money", change("voucher", "reserved_fen = -1")),
    Attack("expired for no cause", "expired_for_a_cause", change("voucher", "state = 'expired'")),
    Attack("frozen for no reason", "frozen_from_a_state_for_a_reason", change("voucher", "state = 'frozen'")),
    Attack("held by nothing", "held_voucher_says_since_when", change("voucher", "state = 'reserved'")),
    Attack("used at no time", "used_voucher_says_since_when", change("held_voucher", "state = 'in_use'")),
    Attack("one more than planned", "vouchers_within_the_plan", voucher(batch_id="%(voucher_batch)s",
           state="'issued'")),
    Attack("more issued than planned", "vouchers_within_the_plan", (
        change_batch("matched_batch", "planned = 1"),
        voucher(),
        "UPDATE training_voucher SET state = 'issued' WHERE batch_id = %(matched_batch)s")),
    Attack("taken after its last day", "voucher_within_its_days", change("voucher", HOLD.format("'2026-06-02'"))),
    Attack("taken before its first day", "voucher_within_its_days", change("voucher", HOLD.format("'2026-02-02'"))),
    Attack("used a second time", "voucher_used_once",
           change("used_voucher", "state = 'in_use', first_used_at = first_used_at + interval '1 minute'")),
    Attack("used while it lies unused", "voucher_used_once", change("voucher", "first_used_at = %(at)s")),
    Attack("given another code", "training_voucher_is_kept", change("voucher", "code_index = sha256('y')")),
    Attack("moved to another batch", "training_voucher_is_kept", change("voucher", "batch_id = %(draft_batch)s")),
    Attack("an issued voucher struck out", "training_voucher_is_kept",
           "DELETE FROM training_voucher WHERE id = %(voucher)s"),
    Attack("all vouchers gone", "training_voucher_is_kept", "TRUNCATE training_voucher CASCADE", ("owner",)),
    Attack("an issued batch made larger", "training_voucher_batch_is_kept",
           change_batch("voucher_batch", "planned = planned + 1")),
    Attack("another pool afterwards", "training_voucher_batch_is_kept",
           change_batch("voucher_batch", "pool_id = %(other_pool)s")),
    Attack("an issued batch opened again", "training_voucher_batch_states",
           change_batch("voucher_batch", "state = 'draft'")),
    Attack("issued by who entered it", "voucher_batch_needs_two_people",
           change_batch("matched_batch", "issued_by_id = entered_by_id, issued_at = %(at)s")),
    Attack("issued by nobody", "voucher_batch_issued_by_somebody", change_batch("matched_batch", "state = 'issued'")),
    Attack("more counted than planned", "issued_within_the_plan", change_batch("matched_batch", "issued = 9")),
    Attack("a batch that runs backwards", "voucher_batch_runs_forward",
           change_batch("draft_batch", "until_on = from_on - 1")),
    Attack("two voucher batches of one number", "training_voucher_batch_number_key", change_batch("draft_batch",
           "number = (SELECT number FROM training_voucher_batch WHERE id = %(matched_batch)s)"), sqlstate=UNIQUE),
    Attack("a batch born issued", "training_voucher_batch_states",
           "INSERT INTO training_voucher_batch SELECT (jsonb_populate_record(b, jsonb_build_object("
           "'id', gen_random_uuid(), 'number', 'N'))).* FROM training_voucher_batch b WHERE id = %(voucher_batch)s"),
    Attack("a batch gone", "training_voucher_batch_is_kept",
           "DELETE FROM training_voucher_batch WHERE id = %(draft_batch)s", ("owner",)),
    Attack("a number in why a voucher is frozen", "training_voucher_names_no_number",
           change("voucher", "frozen_reason = '查330499199005010015'")),
    Attack("a number in why a batch is issued", "training_voucher_batch_names_no_number",
           change_batch("draft_batch", "document = '给330499199005010015'")),
    Attack("money set aside for no value", "no_value_nothing_reserved",
           "UPDATE training_voucher_kind SET reserved_at = 'seat' WHERE code = 'sign_in'"),
)  # fmt: skip
EARMARKS = (
    Attack("an earmark for no voucher", "earmark_names_its_voucher", transfer("earmark", **EARMARKED), MOVERS,
           instead={"releaser": OTHERS["releaser"]}),
    Attack("an earmark of another sum", "earmark_names_its_voucher", (
        change("voucher", "reserved_fen = 5"), transfer("earmark", subject="%(voucher)s", fen="4", **EARMARKED)),
        MOVERS),
    Attack("an earmark in another pool", "earmark_names_its_voucher", (
        change("voucher", "reserved_fen = 1"),
        transfer("earmark", subject="%(voucher)s", pool="%(other_pool)s", **EARMARKED)), MOVERS),
    Attack("lifted while the voucher holds it", "earmark_names_its_voucher", transfer("lift", "reserved", "available",
           fen="%(earmark_fen)s", continues="%(earmark)s", subject="%(held_voucher)s"), MOVERS,
           instead={"releaser": OTHERS["releaser"]}),
    Attack("an earmark voided", "money_continues_itself",
           void(fen="%(earmark_fen)s", continues="%(earmark)s", subject="%(held_voucher)s"), MOVERS,
           instead={"releaser": OTHERS["releaser"]}),
    Attack("a line's money lifted", "money_continues_itself", transfer("lift", "reserved", "available",
           fen="%(reserve_fen)s", continues="%(reserve)s", subject="%(promised)s"), MOVERS,
           instead={"releaser": OTHERS["releaser"]}),
    Attack("an earmark that continues something", "later_transfers_continue_one", transfer("earmark",
           continues="%(earmark)s", subject="%(held_voucher)s", **EARMARKED), (*WRITERS, "releaser")),
    Attack("an earmark of a closed pool", "pool_open_for_reservation", transfer("earmark", pool="%(closed_pool)s",
           subject="%(voucher)s", **EARMARKED), MOVERS, instead={"releaser": OTHERS["releaser"]}),
)  # fmt: skip
VOUCHER_ATTACKS = (*VOUCHERS, *EARMARKS)
