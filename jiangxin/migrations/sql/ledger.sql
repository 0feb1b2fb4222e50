-- The ledger keeps its own promises: templates, continuity, balances (M1–M4). One statement, one check, each pool once.
CREATE FUNCTION funds_open_accounts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO funds_pool_balance (pool_id, account, balance_fen)
  SELECT n.id, a, 0 FROM new_rows n, unnest(ARRAY['source', 'available', 'reserved', 'in_transit', 'paid']) a;
  RETURN NULL;
END $$;
CREATE TRIGGER funds_open_accounts AFTER INSERT ON funds_pool REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION funds_open_accounts();

CREATE FUNCTION funds_apply_transfers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public SET enable_nestloop = on AS $$
DECLARE
  scope text := ground_see_all();
  many bigint;
BEGIN
  SELECT count(*) INTO many FROM new_rows;
  -- A just-filled transition table has no statistics: large batches must not loop over the index.
  IF many > 2000 THEN
    PERFORM set_config('enable_nestloop', 'off', true);
  END IF;
  IF EXISTS (SELECT FROM new_rows n LEFT JOIN funds_transfer_template t
               ON t.kind = n.kind AND t.debit = n.debit AND t.credit = n.credit WHERE t.kind IS NULL) THEN
    RAISE EXCEPTION 'a transfer follows no template' USING ERRCODE = '23514', CONSTRAINT = 'transfer_follows_a_template';
  END IF;
  IF EXISTS (SELECT FROM new_rows n JOIN funds_transfer c ON c.id = n.continues_id
             WHERE c.pool_id <> n.pool_id OR c.credit <> n.debit OR c.amount_fen <> n.amount_fen
                OR c.subject_id <> n.subject_id)
     OR EXISTS (SELECT FROM new_rows n JOIN new_rows c ON c.id = n.continues_id) THEN
    RAISE EXCEPTION 'a transfer does not continue its own money' USING ERRCODE = '23514', CONSTRAINT = 'money_continues_itself';
  END IF;
  IF EXISTS (SELECT FROM new_rows n JOIN funds_pool p ON p.id = n.pool_id
             WHERE n.region_id <> p.region_id OR (n.kind = 'reserve' AND (p.state <> 'open'
                OR (n.at AT TIME ZONE 'Asia/Shanghai')::date > p.last_reservation_on))) THEN
    RAISE EXCEPTION 'the pool takes no reservation' USING ERRCODE = '23514', CONSTRAINT = 'pool_open_for_reservation';
  END IF;
  PERFORM FROM funds_pool_balance b WHERE b.pool_id IN (SELECT pool_id FROM new_rows)
    ORDER BY b.pool_id, b.account FOR UPDATE;
  UPDATE funds_pool_balance b SET balance_fen = b.balance_fen + d.moved
  FROM (SELECT pool_id, account, sum(amount) AS moved
          FROM (SELECT pool_id, debit AS account, -amount_fen AS amount FROM new_rows
                UNION ALL SELECT pool_id, credit, amount_fen FROM new_rows) x
         GROUP BY pool_id, account) d
  WHERE b.pool_id = d.pool_id AND b.account = d.account;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER funds_apply_transfers AFTER INSERT ON funds_transfer REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION funds_apply_transfers();
