"""Attacks on lines, their counts and levels, decisions and the journal."""

from tests.sql.attack import FOREIGN, UNIQUE, WRITERS, Attack

OWNER = ("owner",)
LINE_COLUMNS = (
    "person_id, region_id, office_id, pool_id, fund, outcome, amount_fen, subject, level_rank, count_year, slot,"
    " count_cap, count_document,"
    " received_on, late_accepted, issued_on, first_decided_at, decided_at, decision_id, waits_for, known_changes,"
    " reasons, confirmed_how, state_since"
).split(", ")


def line(certificate: str, *, like: str = "%(promised)s", scheme: str = "'certificate_subsidy'", **more: str) -> str:
    """A line of a certificate, like another but for what is told."""
    given = {"state": "'to_confirm'", "slot": "2"} | more
    columns = ["state", *LINE_COLUMNS]
    values = [given.get(column, f"l.{column}") for column in columns]
    return (
        f"INSERT INTO subsidy_subsidy_line (id, number, certificate_id, scheme, {', '.join(columns)})"
        f" SELECT gen_random_uuid(), gen_random_uuid()::text::varchar(30), {certificate}, {scheme}, {', '.join(values)}"
        f" FROM subsidy_subsidy_line l WHERE l.id = {like}"
    )


def change(what: str, key: str = "%(promised)s") -> str:
    return f"UPDATE subsidy_subsidy_line SET {what} WHERE id = {key}"


STATES = "subsidy_subsidy_line_states"
REFUSED = {"slot": "NULL", "state": "'refused'"}
LINES = (
    Attack("a line born approved", STATES, line("%(higher)s", state="'approved'", level_rank="8")),
    Attack("a line born paid", STATES, line("%(higher)s", state="'paid'", level_rank="8")),
    Attack("from promised to paid", STATES, change("state = 'paid'"), (*WRITERS, "releaser")),
    Attack(
        "from refused to noticed",
        STATES,
        change(
            "state = 'noticed', outcome = 'yes', slot = 1, amount_fen = 5, pool_id = %(pool)s,"
            " office_id = %(office)s, fund = 'employment_grant'",
            "%(refused)s",
        ),
    ),
    Attack(
        "from paid to promised", STATES, change("state = 'to_confirm'", "%(returned_line_1)s"), (*WRITERS, "releaser")
    ),
    Attack(
        "an amount raised after approval",
        "promised_line_keeps_its_amount",
        change("amount_fen = amount_fen + 1", "%(free)s"),
    ),
    Attack("another pool after the promise", "promised_line_keeps_its_amount", change("pool_id = %(other_pool)s")),
    Attack("another year after the promise", "promised_line_keeps_its_amount", change("count_year = 2025")),
    Attack("another certificate", "promised_line_keeps_its_amount", change("certificate_id = %(lower)s", "%(uplift)s")),
    Attack("received on another day", "promised_line_keeps_its_amount", change("received_on = '2020-01-01'")),
    Attack(
        "approved without a sheet",
        "approved_by_a_signed_sheet",
        change("state = 'approved'", "%(loose)s"),
        (*WRITERS, "releaser"),
    ),
    Attack(
        "approved on an unsigned sheet",
        "approved_by_a_signed_sheet",
        change("state = 'approved'", "%(made_line)s"),
        (*WRITERS, "releaser"),
    ),
    Attack("a fourth place in the year", "slots_are_three", line("%(higher)s", slot="4", level_rank="8")),
    Attack(
        "a fourth place by no document",
        "three_but_by_document",
        line("%(higher)s", slot="4", count_cap="5", level_rank="8"),
    ),
    Attack(
        "a promise without a place and by no document",
        "three_but_by_document",
        line("%(higher)s", slot="NULL", count_year="NULL", count_cap="0", level_rank="8"),
    ),
    Attack(
        "a place taken twice", "one_slot_of_the_year", line("%(higher)s", slot="1", level_rank="8"), sqlstate=UNIQUE
    ),
    Attack("a place without a promise", "only_live_lines_take_a_count", line("%(higher)s", state="'refused'")),
    Attack(
        "a promise without a place",
        "live_line_is_a_yes_with_pool_and_slot",
        line("%(higher)s", slot="NULL", level_rank="8"),
    ),
    Attack(
        "a promise without a yes",
        "live_line_is_a_yes_with_pool_and_slot",
        line("%(higher)s", outcome="'unknown'", level_rank="8"),
    ),
    Attack(
        "a promise of nothing",
        "live_line_is_a_yes_with_pool_and_slot",
        line("%(higher)s", amount_fen="0", level_rank="8"),
    ),
    Attack("an amount below zero", "amount_not_negative", line("%(higher)s", **REFUSED, amount_fen="-1")),
    Attack(
        "the same occupation and level again", "once_per_occupation_and_level", line("%(same_level)s"), sqlstate=UNIQUE
    ),
    Attack(
        "the same skill without levels again",
        "once_per_occupation_and_level",
        tuple(
            line(key, slot=slot, subject="'item:x'", level_rank="NULL")
            for key, slot in (("%(higher)s", "2"), ("%(lower)s", "3"))
        ),
        sqlstate=UNIQUE,
    ),
    Attack(
        "a lower level after a higher",
        "no_lower_level_after_a_higher",
        line("%(lower)s", level_rank="l.level_rank - 1"),
    ),
    Attack(
        "a lower level promised again",
        "no_lower_level_after_a_higher",
        (
            line("%(lower)s", **REFUSED, level_rank="l.level_rank - 1"),
            "UPDATE subsidy_subsidy_line SET state = 'to_confirm', slot = 2 WHERE certificate_id = %(lower)s",
        ),
    ),
    Attack(
        "two lines of one certificate and scheme",
        "one_line_per_certificate_scheme",
        line("%(promised_certificate)s", **REFUSED),
        sqlstate=UNIQUE,
    ),
    Attack(
        "two promises on one certificate",
        "one_live_line_per_certificate",
        (
            change("state = 'waiting'", "%(uplift)s"),
            "UPDATE subsidy_subsidy_line u SET state = 'to_confirm', outcome = 'yes', slot = 3, amount_fen = 5,"
            " level_rank = 9, pool_id = l.pool_id, office_id = l.office_id, fund = l.fund, count_year = l.count_year"
            " FROM subsidy_subsidy_line l WHERE u.id = %(uplift)s AND l.id = %(promised)s",
        ),
        sqlstate=UNIQUE,
    ),
    Attack(
        "another fund than the pool's",
        "line_and_pool_agree",
        line("%(higher)s", level_rank="8", fund="'unemployment_fund'"),
        sqlstate=FOREIGN,
    ),
    Attack(
        "an office without a pool",
        "pool_comes_with_its_office",
        line("%(higher)s", **REFUSED, pool_id="NULL"),
    ),
    Attack(
        "a line of somebody else's certificate",
        "line_is_of_its_certificate",
        (
            line("%(higher)s", **REFUSED),
            "UPDATE subsidy_subsidy_line SET person_id = (SELECT id FROM parties_person WHERE id <> person_id LIMIT 1)"
            " WHERE certificate_id = %(higher)s",
            "SET CONSTRAINTS ALL IMMEDIATE",
        ),
        sqlstate=FOREIGN,
    ),
    Attack(
        "two lines of one number",
        "subsidy_subsidy_line_number_key",
        (
            line("%(higher)s", **REFUSED),
            "UPDATE subsidy_subsidy_line SET number = (SELECT number FROM subsidy_subsidy_line WHERE id = %(promised)s)"
            " WHERE certificate_id = %(higher)s",
        ),
        sqlstate=UNIQUE,
    ),
    Attack("a line deleted", "subsidy_subsidy_line_is_kept", "DELETE FROM subsidy_subsidy_line", OWNER),
    Attack(
        "a level lock lowered by hand",
        "subsidy_level_lock_by_trigger",
        "UPDATE subsidy_level_lock SET level_rank = 0",
        OWNER,
    ),
    Attack("a decision rewritten", "subsidy_decision_is_kept", "UPDATE subsidy_decision SET outcome = 'yes'", OWNER),
    Attack("a decision deleted", "subsidy_decision_is_kept", "DELETE FROM subsidy_decision", OWNER),
    Attack(
        "the journal rewritten",
        "ground_journal_entry_is_kept",
        "UPDATE ground_journal_entry SET actor_name = 'x'",
        OWNER,
    ),
    Attack("the journal emptied", "ground_journal_entry_is_kept", "TRUNCATE ground_journal_entry", OWNER),
)
