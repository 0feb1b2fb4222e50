"""Attacks on batches, payments, returns and statements."""

from tests.sql.attack import UNIQUE, WRITERS, Attack, insert
from tests.sql.attacks_desk import CONFIRM_HEIR, heir


def batch(**more: str) -> str:
    given = {
        "office_id": "%(office)s",
        "region_id": "%(region)s",
        "fund": "'employment_grant'",
        "pool_id": "%(pool)s",
        "paying_account_id": "%(paying)s",
        "number": "'N1'",
        "state": "'sealed'",
        "heads": "1",
        "total_fen": "150000",
        "file_name": "'N1.txt'",
        "content": "'x'",
        "sha256": "''",
        "built_at": "%(at)s",
    } | more
    return insert("payment_batch", **given)


def payment(
    line: str, account: str, *, into: str = "(SELECT id FROM payment_batch WHERE number = 'N1')", **more: str
) -> str:
    """A payment of a line as the batch builder writes it, into the batch N1 unless told."""
    given = {"amount_fen": "l.amount_fen", "state": "'sealed'", "seq": "99", "person_id": "l.person_id"} | more
    return (
        "INSERT INTO payment_payment (id, batch_id, region_id, line_id, person_id, account_id, seq, amount_fen,"
        " state, reason)"
        f" SELECT gen_random_uuid(), {into}, l.region_id, l.id, {given['person_id']}, {account}, {given['seq']},"
        f" {given['amount_fen']}, {given['state']}, '' FROM subsidy_subsidy_line l WHERE l.id = {line}"
    )


FREE = ("%(free)s", "%(free_account)s")
SEAL = batch(total_fen="(SELECT amount_fen FROM subsidy_subsidy_line WHERE id = %(free)s)")
ONE = ("worker", "owner")
PAYMENTS = (
    Attack("a batch born sent", "payment_batch_states", batch(state="'sent'"), ONE),
    Attack("a batch of nobody", "batch_pays_somebody", batch(heads="0"), ONE),
    Attack("two batches of one number", "payment_batch_number_key", batch(number="%(sealed_number)s"), ONE, UNIQUE),
    Attack(
        "a sealed batch answered",
        "payment_batch_states",
        "UPDATE payment_batch SET state = 'returned' WHERE id = %(sealed)s",
        WRITERS,
        instead={"releaser": "payment_batch_states"},
    ),
    Attack(
        "a sent batch withdrawn",
        "payment_batch_states",
        "UPDATE payment_batch SET state = 'withdrawn' WHERE id = %(sent)s",
        WRITERS,
        instead={"releaser": "payment_batch_states"},
    ),
    Attack(
        "a batch sent by another hand",
        "only_the_releaser_sends",
        "UPDATE payment_batch SET state = 'sent' WHERE id = %(sealed)s",
        WRITERS,
        lawful=("releaser",),
    ),
    Attack(
        "a payment sent by another hand",
        "only_the_releaser_sends",
        "UPDATE payment_payment SET state = 'sent' WHERE id = %(sealed_1)s",
        ONE,
        lawful=("releaser",),
    ),
    Attack(
        "a total raised after sealing",
        "payment_batch_is_kept",
        "UPDATE payment_batch SET total_fen = total_fen + 1 WHERE id = %(sealed)s",
        ONE,
    ),
    Attack(
        "a file exchanged after sealing",
        "payment_batch_is_kept",
        "UPDATE payment_batch SET content = 'y', sha256 = 'y' WHERE id = %(sealed)s",
        ONE,
    ),
    Attack("a batch deleted", "payment_batch_is_kept", "DELETE FROM payment_batch", ("owner",)),
    Attack(
        "reconciled by who sent it",
        "releaser_is_not_reconciler",
        "UPDATE payment_batch SET reconciled_by_id = sent_by_id WHERE id = %(returned)s",
        WRITERS,
    ),
    Attack(
        "a line that nobody approved",
        "payment_fits_its_line",
        (
            batch(total_fen="%(reserve_fen)s"),
            payment("%(promised)s", "(SELECT id FROM parties_payee_account WHERE person_id = %(person)s)"),
        ),
        ONE,
    ),
    Attack("to the account of another", "payment_fits_its_line", (SEAL, payment("%(free)s", "%(account)s")), ONE),
    Attack(
        "to an heir whom nobody confirmed",
        "payment_fits_its_line",
        (heir(), SEAL, payment("%(free)s", "%(account)s")),
        ONE,
    ),
    Attack(
        "to the heir of another line",
        "payment_fits_its_line",
        (heir(line_id="%(second)s"), CONFIRM_HEIR, SEAL, payment("%(free)s", "%(account)s")),
        ONE,
    ),
    Attack("past the heir", "payment_fits_its_line", (heir(), CONFIRM_HEIR, SEAL, payment(*FREE)), ONE),
    Attack(
        "to an account that nobody confirmed", "payment_fits_its_line", (SEAL, payment("%(free)s", "%(spare)s")), ONE
    ),
    Attack("for another person", "payment_fits_its_line", (SEAL, payment(*FREE, person_id="%(person)s")), ONE),
    Attack(
        "another sum than approved", "payment_fits_its_line", (SEAL, payment(*FREE, amount_fen="l.amount_fen + 1")), ONE
    ),
    Attack("from another pool", "payment_fits_its_line", (batch(pool_id="%(other_pool)s"), payment(*FREE)), ONE),
    Attack(
        "a held line",
        "held_line_is_not_paid",
        (
            batch(total_fen="(SELECT amount_fen FROM subsidy_subsidy_line WHERE id = %(held)s)"),
            payment("%(held)s", "%(held_account)s"),
        ),
        ONE,
    ),
    Attack("fewer than the batch says", "batch_is_its_lines", (batch(heads="2"), payment(*FREE)), ONE),
    Attack("less than the batch says", "batch_is_its_lines", (batch(total_fen="1"), payment(*FREE)), ONE),
    Attack("one more into a sealed batch", "batch_is_its_lines", payment(*FREE, into="%(sealed)s"), ONE),
    Attack("one more into a batch on its way", "batch_is_its_lines", payment(*FREE, into="%(sent)s"), ONE),
    Attack(
        "a second live payment of a line",
        "one_live_payment_per_line",
        (batch(), payment("%(sealed_line_1)s", "%(sealed_account)s")),
        ONE,
        UNIQUE,
    ),
    Attack(
        "paid again while on its way",
        "one_live_payment_per_line",
        (batch(), payment("%(sent_line_1)s", "%(sent_account)s")),
        ONE,
        UNIQUE,
    ),
    Attack(
        "two payments on one place",
        "payment_place_in_batch",
        (
            batch(
                heads="2",
                total_fen="(SELECT sum(amount_fen) FROM subsidy_subsidy_line WHERE id IN (%(free)s, %(second)s))",
            ),
            payment("%(free)s OR l.id = %(second)s", "l.account_id", seq="1"),
        ),
        ONE,
        UNIQUE,
    ),
    Attack("a payment of nothing", "payment_above_zero", (SEAL, payment(*FREE, amount_fen="0")), ONE),
    Attack("a payment born sent", "payment_payment_states", (SEAL, payment(*FREE, state="'sent'")), ONE),
    Attack(
        "paid without the bank's word",
        "result_needs_bank_evidence",
        "UPDATE payment_payment SET state = 'paid' WHERE id = %(sent_1)s",
        (*ONE, "releaser"),
    ),
    Attack(
        "failed without the bank's word",
        "result_needs_bank_evidence",
        "UPDATE payment_payment SET state = 'failed' WHERE id = %(sent_1)s",
        (*ONE, "releaser"),
    ),
    Attack(
        "back to being on its way",
        "payment_payment_states",
        "UPDATE payment_payment SET state = 'sealed' WHERE id = %(returned_2)s",
        (*ONE, "releaser"),
    ),
    Attack(
        "a failed payment called paid",
        "payment_payment_states",
        "UPDATE payment_payment SET state = 'paid' WHERE id = %(returned_2)s",
        (*ONE, "releaser"),
    ),
    Attack(
        "a sum raised after sealing",
        "payment_payment_is_kept",
        "UPDATE payment_payment SET amount_fen = amount_fen + 1 WHERE id = %(sealed_1)s",
        ONE,
    ),
    Attack(
        "an account exchanged after sealing",
        "payment_payment_is_kept",
        "UPDATE payment_payment SET account_id = %(account)s WHERE id = %(sealed_1)s",
        ONE,
    ),
    Attack("a payment deleted", "payment_payment_is_kept", "DELETE FROM payment_payment", ("owner",)),
    Attack(
        "a doubtful return applied after all",
        "payment_return_file_states",
        "UPDATE payment_return_file SET state = 'applied' WHERE id = %(quarantined)s",
        ("web", "owner"),
    ),
    Attack(
        "a return file rewritten",
        "payment_return_file_is_kept",
        "UPDATE payment_return_file SET trouble = 'x' WHERE id = %(quarantined)s",
        ("owner",),
    ),
    Attack(
        "a doubtful return closed without a finding",
        "return_file_closed_with_a_finding",
        "UPDATE payment_return_file SET state = 'closed' WHERE id = %(quarantined)s",
        ("web", "owner"),
    ),
    Attack(
        "the finding of a closed return rewritten",
        "payment_return_file_is_kept",
        "UPDATE payment_return_file SET finding = 'x' WHERE id = %(closed_return)s",
        ("web", "owner"),
    ),
    Attack("a return file deleted", "payment_return_file_is_kept", "DELETE FROM payment_return_file", ("owner",)),
    Attack(
        "a return file twice",
        "return_file_once",
        insert(
            "payment_return_file",
            region_id="%(region)s",
            batch_id="%(returned)s",
            file_name="'x'",
            sha256="%(return_sha256)s",
            content="'x'",
            state="'applied'",
            trouble="''",
            rows="0",
            paid_fen="0",
            failed_fen="0",
            finding="''",
            received_at="%(at)s",
        ),
        ONE,
        UNIQUE,
    ),
    Attack(
        "a return file in no known state",
        "payment_return_file_states",
        insert(
            "payment_return_file",
            region_id="%(region)s",
            batch_id="%(returned)s",
            file_name="'x'",
            sha256="'n'",
            content="'x'",
            state="'believed'",
            trouble="''",
            rows="0",
            paid_fen="0",
            failed_fen="0",
            finding="''",
            received_at="%(at)s",
        ),
        ONE,
    ),
    Attack(
        "a second paying account",
        "one_paying_account",
        insert(
            "payment_paying_account",
            office_id="%(office)s",
            region_id="%(region)s",
            fund="'employment_grant'",
            bank="'x'",
            holder="'x'",
            number="'x'",
            tail="'x'",
            file_format="'xlsx'",
            opened_on="'2026-01-01'",
        ),
        sqlstate=UNIQUE,
    ),
    Attack(
        "a statement entry twice",
        "statement_entry_once",
        insert(
            "payment_statement_entry",
            paying_account_id="%(paying)s",
            region_id="%(region)s",
            booked_on="'2026-03-02'",
            amount_fen="-1",
            reference="'R1'",
            text="''",
            sha256="''",
        ),
        sqlstate=UNIQUE,
    ),
    Attack(
        "a statement rewritten", "payment_statement_entry_is_kept", "UPDATE payment_statement_entry SET amount_fen = 9"
    ),
    Attack("a statement deleted", "payment_statement_entry_is_kept", "DELETE FROM payment_statement_entry", ("owner",)),
)
