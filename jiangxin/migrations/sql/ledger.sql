-- The ledger keeps its own promises: templates, continuity, balances (M1–M4). One statement, one check, each pool once.
-- How a guard looks things up: the plan of its statement is kept from its first use, for one row or for a hundred thousand.
-- So a long list asks another table by a sub-select that gives a value, row by row through the key: the planner never
-- turns that into a join, which it might go through pair by pair. Only lists without repeats, which are short, are joined.
CREATE FUNCTION funds_open_accounts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO funds_pool_balance (pool_id, account, balance_fen)
  SELECT n.id, a, 0 FROM new_rows n, unnest(ARRAY['source', 'available', 'reserved', 'in_transit', 'paid']) a;
  RETURN NULL;
END $$;
CREATE TRIGGER funds_open_accounts AFTER INSERT ON funds_pool REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION funds_open_accounts();

-- A long list is gone through once: what is the same in many rows is judged once, by its sum.
CREATE TYPE funds_sum AS (pool_id uuid, region_id int, kind text, debit text, credit text, day date, continues boolean, fen bigint);
CREATE FUNCTION funds_apply_transfers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public SET enable_seqscan = off AS $$
DECLARE
  scope text := ground_see_all();
  sums funds_sum[];
  kinds text[];
BEGIN
  sums := ARRAY(SELECT (pool_id, region_id, kind, debit, credit, (at AT TIME ZONE 'Asia/Shanghai')::date,
                        continues_id IS NOT NULL, sum(amount_fen))::funds_sum FROM new_rows
                 GROUP BY pool_id, region_id, kind, debit, credit, (at AT TIME ZONE 'Asia/Shanghai')::date, continues_id IS NOT NULL);
  kinds := ARRAY(SELECT kind FROM unnest(sums));
  IF EXISTS (SELECT FROM unnest(sums) n LEFT JOIN funds_transfer_template t
               ON t.kind = n.kind AND t.debit = n.debit AND t.credit = n.credit WHERE t.kind IS NULL) THEN
    RAISE EXCEPTION 'a transfer follows no template' USING ERRCODE = '23514', CONSTRAINT = 'transfer_follows_a_template';
  END IF;
  IF true = ANY(SELECT continues FROM unnest(sums)) AND EXISTS (SELECT FROM new_rows n WHERE n.continues_id IS NOT NULL AND NOT (
               SELECT (c.pool_id, c.credit, c.amount_fen, c.subject_id, c.kind = 'earmark')
                    = (n.pool_id, n.debit, n.amount_fen, n.subject_id, n.kind = 'lift')
                 FROM funds_transfer c WHERE c.id = n.continues_id)) THEN
    RAISE EXCEPTION 'a transfer does not continue its own money' USING ERRCODE = '23514', CONSTRAINT = 'money_continues_itself';
  END IF;
  IF EXISTS (SELECT FROM unnest(sums) n JOIN funds_pool p ON p.id = n.pool_id
              WHERE n.region_id <> p.region_id OR (n.kind IN ('reserve', 'earmark') AND (p.state <> 'open' OR n.day > p.last_reservation_on))) THEN
    RAISE EXCEPTION 'the pool takes no reservation' USING ERRCODE = '23514', CONSTRAINT = 'pool_open_for_reservation';
  END IF;
  -- Money comes by a confirmed budget line, leaves with a batch, and arrives or comes back by the bank's word: its sum, once.
  IF kinds && ARRAY['allot', 'withdraw'] AND EXISTS (
       SELECT FROM new_rows n WHERE n.kind IN ('allot', 'withdraw') AND NOT coalesce((
         SELECT b.id = n.subject_id AND b.confirmed_at IS NOT NULL AND abs(b.amount_fen) = n.amount_fen
            AND n.pool_id = CASE WHEN (n.kind = 'allot') = (b.amount_fen > 0) THEN b.pool_id ELSE b.from_pool_id END
           FROM funds_budget_line b WHERE b.id = n.event_id), false))
     OR kinds && ARRAY['send'] AND EXISTS (
       SELECT FROM new_rows n WHERE n.kind = 'send' AND n.event_id NOT IN (
         SELECT p.batch_id FROM payment_payment p
          WHERE p.line_id = n.subject_id AND p.amount_fen = n.amount_fen AND p.state = 'sealed'))
     OR kinds && ARRAY['settle', 'fail', 'bounce'] AND EXISTS (
       SELECT FROM new_rows n WHERE n.kind IN ('settle', 'fail', 'bounce') AND NOT coalesce((
         SELECT r.batch_id FROM payment_return_file r WHERE r.id = n.event_id AND r.state = 'applied')
           IN (SELECT p.batch_id FROM payment_payment p WHERE p.line_id = n.subject_id), false)) THEN
    RAISE EXCEPTION 'a transfer needs what it rests on' USING ERRCODE = '23514', CONSTRAINT = 'transfer_has_its_event';
  END IF;
  -- A voucher's money lies in its batch's pool under the voucher's name, as much as the voucher says; given back, it says none.
  IF kinds && ARRAY['earmark', 'lift'] AND EXISTS (
       SELECT FROM new_rows n WHERE n.kind IN ('earmark', 'lift') AND NOT coalesce((
         SELECT CASE n.kind WHEN 'lift' THEN v.reserved_fen = 0
                ELSE v.reserved_fen = n.amount_fen AND v.state IN ('issued', 'reserved')
                     AND n.pool_id = (SELECT b.pool_id FROM training_voucher_batch b WHERE b.id = v.batch_id) END
           FROM training_voucher v WHERE v.id = n.subject_id), false)) THEN
    RAISE EXCEPTION 'an earmark names its voucher' USING ERRCODE = '23514', CONSTRAINT = 'earmark_names_its_voucher';
  END IF;
  PERFORM FROM funds_pool_balance b WHERE b.pool_id IN (SELECT pool_id FROM unnest(sums)) ORDER BY b.pool_id, b.account FOR UPDATE;
  UPDATE funds_pool_balance b SET balance_fen = b.balance_fen + d.moved
  FROM (SELECT pool_id, account, sum(amount) AS moved
          FROM (SELECT pool_id, debit AS account, -fen AS amount FROM unnest(sums)
                UNION ALL SELECT pool_id, credit, fen FROM unnest(sums)) x
         GROUP BY pool_id, account) d
  WHERE b.pool_id = d.pool_id AND b.account = d.account;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER funds_apply_transfers AFTER INSERT ON funds_transfer REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION funds_apply_transfers();

-- Money moves on in a later statement than it came. (A list against itself: hashed, never pair by pair.)
CREATE FUNCTION funds_one_step_at_a_time() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows n WHERE n.continues_id IS NOT NULL)
     AND EXISTS (SELECT FROM new_rows n JOIN new_rows c ON c.id = n.continues_id) THEN
    RAISE EXCEPTION 'a transfer continues one of its own statement' USING ERRCODE = '23514', CONSTRAINT = 'money_moves_one_step';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER one_step_at_a_time AFTER INSERT ON funds_transfer REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION funds_one_step_at_a_time();

-- What was entered stays, and confirmed or dropped once it stays so; money is passed down within its own kind and year (P19).
CREATE TRIGGER sealed BEFORE UPDATE OF pool_id, region_id, amount_fen, document, entered_by_id, entered_by_name, entered_at,
  from_pool_id ON funds_budget_line FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE FUNCTION funds_check_budget_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF EXISTS (SELECT FROM new_rows n JOIN funds_pool p ON p.id = n.pool_id JOIN funds_pool f ON f.id = n.from_pool_id
               WHERE (f.fund, f.year) <> (p.fund, p.year)) THEN
      RAISE EXCEPTION 'two kinds of money are not mixed' USING ERRCODE = '23514', CONSTRAINT = 'money_stays_of_its_kind';
    END IF;
  ELSIF EXISTS (SELECT FROM old_rows o JOIN new_rows n ON n.id = o.id WHERE o.confirmed_at IS NOT NULL
                AND (n.confirmed_at, n.confirmed_by_id) IS DISTINCT FROM (o.confirmed_at, o.confirmed_by_id)) THEN
    RAISE EXCEPTION 'a confirmed budget line stays' USING ERRCODE = '23514', CONSTRAINT = 'confirmed_budget_stays';
  ELSIF EXISTS (SELECT FROM old_rows o JOIN new_rows n ON n.id = o.id WHERE o.dropped_at IS NOT NULL
                AND (n.dropped_at, n.dropped_by_id, n.dropped_reason)
                    IS DISTINCT FROM (o.dropped_at, o.dropped_by_id, o.dropped_reason)) THEN
    RAISE EXCEPTION 'a dropped budget line stays' USING ERRCODE = '23514', CONSTRAINT = 'dropped_budget_stays';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER check_budget_lines AFTER INSERT ON funds_budget_line REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION funds_check_budget_lines();
CREATE TRIGGER keep_confirmed AFTER UPDATE ON funds_budget_line REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION funds_check_budget_lines();
