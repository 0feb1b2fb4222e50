-- A payment pays an approved line its own sum, to the account of the body it is settled with, of its
-- person or of the line's confirmed heir, with no hold open (M5, M6, M10, M15).
CREATE FUNCTION payment_check_payments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public SET enable_seqscan = off AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  IF EXISTS (SELECT FROM new_rows n
              WHERE NOT (SELECT l.state IN ('approved', 'in_batch') AND l.amount_fen = n.amount_fen AND l.person_id = n.person_id
                            AND (l.pool_id, l.office_id) = (SELECT b.pool_id, b.office_id FROM payment_batch b WHERE b.id = n.batch_id)
                           FROM subsidy_subsidy_line l WHERE l.id = n.line_id)
                 OR NOT (SELECT a.state IN ('certified', 'confirmed') AND a.owner = coalesce((
                                  SELECT l.payee_body_id FROM subsidy_subsidy_line l WHERE l.id = n.line_id), (
                                  SELECT h.person_id FROM subsidy_heir_payee h
                                   WHERE h.line_id = n.line_id AND h.state = 'confirmed'), n.person_id)
                           FROM parties_payee_account a WHERE a.id = n.account_id)) THEN
    RAISE EXCEPTION 'a payment needs an approved line and its own account' USING ERRCODE = '23514', CONSTRAINT = 'payment_fits_its_line';
  END IF;
  IF EXISTS (SELECT FROM new_rows n
              WHERE 0 < (SELECT count(*) FROM subsidy_hold h WHERE h.line_id = n.line_id AND h.state = 'open')
                 OR 0 < (SELECT count(*) FROM subsidy_objection o WHERE o.line_id = n.line_id AND o.state = 'open')) THEN
    RAISE EXCEPTION 'a held line is not paid' USING ERRCODE = '23514', CONSTRAINT = 'held_line_is_not_paid';
  END IF;
  IF EXISTS (SELECT FROM (SELECT DISTINCT batch_id FROM new_rows) n JOIN payment_batch b ON b.id = n.batch_id
               CROSS JOIN LATERAL (SELECT count(*) AS heads, sum(p.amount_fen) AS total_fen
                                     FROM payment_payment p WHERE p.batch_id = b.id) x
             WHERE b.state <> 'sealed' OR b.heads <> x.heads OR b.total_fen <> x.total_fen) THEN
    RAISE EXCEPTION 'a batch is its lines, all at once' USING ERRCODE = '23514', CONSTRAINT = 'batch_is_its_lines';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER check_payments AFTER INSERT ON payment_payment REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION payment_check_payments();

-- A batch and its payments leave by the releaser's hand only, whatever else a role may change (Z10).
CREATE FUNCTION payment_only_the_releaser_sends() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.state = 'sent' AND o.state <> 'sent')
     AND current_user <> (SELECT rolname FROM pg_roles WHERE oid = '{releaser}'::regrole) THEN
    RAISE EXCEPTION 'only the releaser sends' USING ERRCODE = '23514', CONSTRAINT = 'only_the_releaser_sends';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER only_the_releaser_sends AFTER UPDATE ON payment_batch REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION payment_only_the_releaser_sends();
CREATE TRIGGER only_the_releaser_sends AFTER UPDATE ON payment_payment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION payment_only_the_releaser_sends();

-- Each hand moves its own kinds of money: the web role allots, gives back and sets a voucher's money aside with its seat (P37),
-- the worker reserves and books, the releaser sends.
CREATE FUNCTION funds_each_hand_its_kinds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  releases boolean := current_user = (SELECT rolname FROM pg_roles WHERE oid = '{releaser}'::regrole);
  shows boolean := current_user = (SELECT rolname FROM pg_roles WHERE oid = '{web}'::regrole);
BEGIN
  IF EXISTS (SELECT FROM new_rows n WHERE (n.kind = 'send') <> releases
             OR (shows AND n.kind NOT IN ('allot', 'withdraw', 'void', 'earmark', 'lift'))) THEN
    RAISE EXCEPTION 'only the releaser sends, only the worker reserves and books' USING ERRCODE = '23514', CONSTRAINT = 'each_hand_its_kinds';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER each_hand_its_kinds AFTER INSERT ON funds_transfer REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION funds_each_hand_its_kinds();

-- A page signs for whoever is at work on it, not for another (Z6, Z7).
CREATE FUNCTION subsidy_sign_for_oneself() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = (SELECT rolname FROM pg_roles WHERE oid = '{web}'::regrole)
     AND EXISTS (SELECT FROM new_rows n WHERE n.account_id::text IS DISTINCT FROM current_setting('app.actor', true)) THEN
    RAISE EXCEPTION 'nobody signs for another' USING ERRCODE = '23514', CONSTRAINT = 'nobody_signs_for_another';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER sign_for_oneself AFTER INSERT ON subsidy_approval REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION subsidy_sign_for_oneself();
