"""Attacks on the ledger, pools and budgets."""

from tests.sql.attack import UNIQUE, WRITERS, Attack, insert

HANDS = "each_hand_its_kinds"
OTHERS = {"web": HANDS, "releaser": HANDS}
BOOKERS = ("worker", "owner")


def transfer(
    kind: str,
    debit: str,
    credit: str,
    *,
    fen: str = "1",
    continues: str = "NULL",
    subject: str = "gen_random_uuid()",
    event: str = "gen_random_uuid()",
    pool: str = "%(pool)s",
    region: str = "%(region)s",
    key: str = "gen_random_uuid()",
) -> str:
    """INSERT of one transfer."""
    return insert(
        "funds_transfer",
        id=key,
        pool_id=pool,
        region_id=region,
        kind=f"'{kind}'",
        debit=f"'{debit}'",
        credit=f"'{credit}'",
        amount_fen=fen,
        continues_id=continues,
        subject_id=subject,
        event_id=event,
        at="%(at)s",
    )


def void(**more: str) -> str:
    given = {"fen": "%(reserve_fen)s", "continues": "%(reserve)s", "subject": "%(promised)s"} | more
    return transfer("void", "reserved", "available", **given)


def reserve(**more: str) -> str:
    return transfer("reserve", "available", "reserved", **more)


def budget(**more: str) -> str:
    given = {
        "pool_id": "%(pool)s",
        "region_id": "%(region)s",
        "amount_fen": "5",
        "document": "'x'",
        "entered_by_name": "'x'",
        "entered_by_id": "%(as_budget)s",
        "entered_at": "%(at)s",
        "dropped_reason": "''",
    } | more
    return insert("funds_budget_line", **given)


ALL = (*WRITERS, "releaser")
LEDGER = (
    Attack(
        "from nowhere to available",
        "transfer_follows_a_template",
        reserve().replace("'available'", "'source'", 1),
        BOOKERS,
        instead=OTHERS,
    ),
    Attack(
        "an unheard-of kind",
        "transfer_follows_a_template",
        transfer("gift", "reserved", "paid", continues="%(reserve)s", subject="%(promised)s", fen="%(reserve_fen)s"),
        BOOKERS,
        instead=OTHERS,
    ),
    Attack(
        "allotted backwards",
        "transfer_follows_a_template",
        transfer("allot", "available", "source"),
        WRITERS,
        instead={"releaser": HANDS},
    ),
    Attack(
        "into the same account",
        "transfer_follows_a_template",
        transfer(
            "void", "reserved", "reserved", fen="%(reserve_fen)s", continues="%(reserve)s", subject="%(promised)s"
        ),
        WRITERS,
        instead={"releaser": HANDS},
    ),
    Attack("of nothing", "transfer_moves_money", reserve(fen="0"), ALL),
    Attack("of less than nothing", "transfer_moves_money", reserve(fen="-5"), ALL),
    Attack("a beginning that continues", "later_transfers_continue_one", reserve(continues="%(reserve)s"), ALL),
    Attack("a void of nothing", "later_transfers_continue_one", void(continues="NULL"), ALL),
    Attack(
        "money of another pool",
        "money_continues_itself",
        void(pool="%(other_pool)s"),
        WRITERS,
        instead={"releaser": HANDS},
    ),
    Attack("another sum, less", "money_continues_itself", void(fen="1"), WRITERS, instead={"releaser": HANDS}),
    Attack(
        "another sum, more",
        "money_continues_itself",
        void(fen="%(reserve_fen)s + 1"),
        WRITERS,
        instead={"releaser": HANDS},
    ),
    Attack(
        "for another line", "money_continues_itself", void(subject="%(free)s"), WRITERS, instead={"releaser": HANDS}
    ),
    Attack(
        "from where it does not lie",
        "money_continues_itself",
        transfer(
            "settle", "in_transit", "paid", fen="%(reserve_fen)s", continues="%(reserve)s", subject="%(promised)s"
        ),
        BOOKERS,
        instead=OTHERS,
    ),
    Attack(
        "continuing a row of the same statement",
        "money_moves_one_step",
        "WITH one AS (SELECT gen_random_uuid() AS id, gen_random_uuid() AS subject) INSERT INTO funds_transfer"
        " (id, pool_id, region_id, kind, debit, credit, amount_fen, continues_id, subject_id, event_id, at)"
        " SELECT id, %(pool)s, %(region)s, 'reserve', 'available', 'reserved', 1, NULL::uuid, subject, id, %(at)s"
        " FROM one"
        " UNION ALL SELECT gen_random_uuid(), %(pool)s, %(region)s, 'void', 'reserved', 'available', 1, id, subject,"
        " id,"
        " %(at)s FROM one",
        BOOKERS,
        instead=OTHERS,
    ),
    Attack("given back twice", "money_moves_on_once", (void(), void()), WRITERS, UNIQUE, instead={"releaser": HANDS}),
    Attack(
        "one event twice",
        "one_transfer_per_event",
        reserve(subject="%(promised)s", event="%(reserve_event)s"),
        ALL,
        UNIQUE,
    ),
    Attack("more than there is", "pool_never_below_zero", reserve(fen="9000000000000"), BOOKERS, instead=OTHERS),
    Attack(
        "reserved from a closed pool",
        "pool_open_for_reservation",
        reserve(pool="%(closed_pool)s"),
        BOOKERS,
        instead=OTHERS,
    ),
    Attack(
        "reserved after the last day",
        "pool_open_for_reservation",
        reserve(pool="%(over_pool)s"),
        BOOKERS,
        instead=OTHERS,
    ),
    Attack("booked in another region", "pool_open_for_reservation", reserve(region="330400"), BOOKERS, instead=OTHERS),
    Attack(
        "allotted without a document",
        "transfer_has_its_event",
        transfer("allot", "source", "available", fen="500"),
        WRITERS,
        instead={"releaser": HANDS},
    ),
    Attack(
        "allotted by an unconfirmed line",
        "transfer_has_its_event",
        transfer("allot", "source", "available", fen="70000", subject="%(open_budget)s", event="%(open_budget)s"),
        WRITERS,
        instead={"releaser": HANDS},
    ),
    Attack(
        "allotted a second sum by one document",
        "transfer_has_its_event",
        transfer("withdraw", "available", "source", fen="7", subject="%(budget)s", event="%(budget)s"),
        WRITERS,
        instead={"releaser": HANDS},
    ),
    Attack(
        "allotted to another pool than the document's",
        "transfer_has_its_event",
        transfer(
            "allot",
            "source",
            "available",
            fen="70000",
            subject="%(ready_budget)s",
            event="%(ready_budget)s",
            pool="%(other_pool)s",
        ),
        WRITERS,
        instead={"releaser": HANDS},
    ),
    Attack(
        "sent without a batch",
        "transfer_has_its_event",
        transfer(
            "send", "reserved", "in_transit", fen="%(reserve_fen)s", continues="%(reserve)s", subject="%(promised)s"
        ),
        ("releaser",),
        instead=dict.fromkeys(WRITERS, HANDS),
    ),
    Attack(
        "settled without the bank's word",
        "transfer_has_its_event",
        transfer("settle", "in_transit", "paid", fen="%(send_fen)s", continues="%(send)s", subject="%(sent_line_1)s"),
        BOOKERS,
        instead=OTHERS,
    ),
    Attack(
        "settled by a file set aside",
        "transfer_has_its_event",
        transfer(
            "settle",
            "in_transit",
            "paid",
            fen="%(send_fen)s",
            continues="%(send)s",
            subject="%(sent_line_1)s",
            event="%(quarantined)s",
        ),
        BOOKERS,
        instead=OTHERS,
    ),
    Attack(
        "settled by the return of another batch",
        "transfer_has_its_event",
        transfer(
            "settle",
            "in_transit",
            "paid",
            fen="%(send_fen)s",
            continues="%(send)s",
            subject="%(sent_line_1)s",
            event="%(return_file)s",
        ),
        BOOKERS,
        instead=OTHERS,
    ),
    Attack(
        "sent by another hand",
        HANDS,
        transfer(
            "send", "reserved", "in_transit", fen="%(reserve_fen)s", continues="%(reserve)s", subject="%(promised)s"
        ),
        WRITERS,
        instead={"releaser": "transfer_has_its_event"},
    ),
    Attack("reserved by a page", HANDS, reserve(), ("web", "releaser"), lawful=BOOKERS),
    Attack("a transfer rewritten", "funds_transfer_is_kept", "UPDATE funds_transfer SET amount_fen = 1", ("owner",)),
    Attack("a transfer deleted", "funds_transfer_is_kept", "DELETE FROM funds_transfer", ("owner",)),
    Attack("the ledger emptied", "funds_transfer_is_kept", "TRUNCATE funds_transfer", ("owner",)),
    Attack(
        "a template rewritten",
        "funds_transfer_template_is_kept",
        "UPDATE funds_transfer_template SET credit = 'paid'",
        ("owner",),
    ),
)

POOLS = (
    Attack(
        "a balance raised by hand",
        "funds_pool_balance_by_trigger",
        "UPDATE funds_pool_balance SET balance_fen = balance_fen + 1 WHERE account = 'available'",
        ("owner",),
    ),
    Attack(
        "a balance added by hand",
        "funds_pool_balance_by_trigger",
        "INSERT INTO funds_pool_balance (pool_id, account, balance_fen) VALUES (%(pool)s, 'gift', 1)",
        ("owner",),
    ),
    Attack("balances deleted", "funds_pool_balance_is_kept", "DELETE FROM funds_pool_balance", ("owner",)),
    Attack("a pool deleted", "funds_pool_is_kept", "DELETE FROM funds_pool WHERE id = %(insurance)s", ("owner",)),
    Attack(
        "a pool of another fund",
        "funds_pool_is_kept",
        "UPDATE funds_pool SET fund = 'unemployment_fund' WHERE id = %(other_pool)s",
    ),
    Attack(
        "a pool of another year", "funds_pool_is_kept", "UPDATE funds_pool SET year = 2027 WHERE id = %(other_pool)s"
    ),
    Attack(
        "a closed pool opened again",
        "funds_pool_states",
        "UPDATE funds_pool SET state = 'open' WHERE id = %(closed_pool)s",
    ),
    Attack(
        "a pool born closed",
        "funds_pool_states",
        insert(
            "funds_pool",
            office_id="%(office)s",
            region_id="%(region)s",
            fund="'x'",
            year="2026",
            state="'closed'",
            document="''",
            opened_at="%(at)s",
        ),
    ),
    Attack(
        "a second pool of the same money",
        "one_pool_per_office_fund_year",
        insert(
            "funds_pool",
            office_id="%(office)s",
            region_id="%(region)s",
            fund="'employment_grant'",
            year="2026",
            state="'open'",
            document="''",
            opened_at="%(at)s",
        ),
        sqlstate=UNIQUE,
    ),
    Attack("an allotment of nothing", "budget_line_moves_money", budget(amount_fen="0")),
    Attack("a pool from itself", "pool_not_from_itself", budget(from_pool_id="%(pool)s")),
    Attack("two kinds of money mixed", "money_stays_of_its_kind", budget(from_pool_id="%(insurance)s")),
    Attack(
        "a budget confirmed by who entered it",
        "budget_needs_two_people",
        "UPDATE funds_budget_line SET confirmed_by_id = entered_by_id, confirmed_at = %(at)s WHERE id ="
        " %(open_budget)s",
    ),
    Attack(
        "an allotment raised after it was confirmed",
        "funds_budget_line_is_kept",
        "UPDATE funds_budget_line SET amount_fen = amount_fen * 2 WHERE id = %(budget)s",
    ),
    Attack(
        "a confirmation taken back",
        "confirmed_budget_stays",
        "UPDATE funds_budget_line SET confirmed_at = NULL WHERE id = %(budget)s",
    ),
    Attack(
        "a confirmed allotment dropped",
        "budget_dropped_or_confirmed",
        "UPDATE funds_budget_line SET dropped_by_id = %(as_budget)s, dropped_at = %(at)s, dropped_reason = 'x'"
        " WHERE id = %(ready_budget)s",
    ),
    Attack(
        "an allotment dropped without a reason",
        "budget_dropped_by_whom_and_why",
        "UPDATE funds_budget_line SET dropped_by_id = %(as_budget)s, dropped_at = %(at)s WHERE id = %(open_budget)s",
    ),
    Attack(
        "a dropped allotment taken up again",
        "dropped_budget_stays",
        "UPDATE funds_budget_line SET dropped_by_id = NULL, dropped_at = NULL, dropped_reason = '' WHERE id ="
        " %(dropped_budget)s",
    ),
    Attack("a budget line deleted", "funds_budget_line_is_kept", "DELETE FROM funds_budget_line", ("owner",)),
)
