-- General guards: states along their graph, rows that are never changed, columns that are frozen.
-- A guard judges by the whole truth, whatever the scope of who acts; it gives the scope it was called with back.
CREATE FUNCTION ground_see_all() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  scope text := coalesce(current_setting('app.regions', true), '');
BEGIN
  PERFORM set_config('app.regions', (SELECT coalesce(array_agg(id), '{}')::text FROM ground_region), true);
  RETURN scope;
END $$;

-- Two lists of the same rows are never gone through pair by pair, whatever plan was kept from a smaller statement.
CREATE FUNCTION ground_guard_states() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public
  SET enable_nestloop = off AS $$
DECLARE
  wrong text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT n.state INTO wrong FROM new_rows n WHERE NOT EXISTS (
      SELECT FROM ground_transition t WHERE t.table_name = TG_TABLE_NAME AND t.from_state = '' AND t.to_state = n.state) LIMIT 1;
  ELSE
    SELECT o.state || ' → ' || n.state INTO wrong FROM new_rows n JOIN old_rows o ON o.id = n.id
     WHERE o.state <> n.state AND NOT EXISTS (
      SELECT FROM ground_transition t WHERE t.table_name = TG_TABLE_NAME AND t.from_state = o.state AND t.to_state = n.state) LIMIT 1;
  END IF;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION '% may not become %', TG_TABLE_NAME, wrong USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_states';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION ground_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is never changed', TG_TABLE_NAME USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_is_kept';
END $$;

-- How the guards are laid over tables; each chapter names its own.
CREATE PROCEDURE ground_keep_states(tables text[]) LANGUAGE plpgsql AS $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY tables LOOP
    EXECUTE format('CREATE TRIGGER guard_states_on_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION ground_guard_states()', t);
    EXECUTE format('CREATE TRIGGER guard_states_on_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION ground_guard_states()', t);
  END LOOP;
END $$;
CREATE PROCEDURE ground_keep(tables text[]) LANGUAGE plpgsql AS $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY tables LOOP
    EXECUTE format('CREATE TRIGGER is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change()', t);
  END LOOP;
END $$;
CREATE PROCEDURE ground_never_delete(tables text[]) LANGUAGE plpgsql AS $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY tables LOOP
    EXECUTE format('CREATE TRIGGER is_never_deleted BEFORE DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change()', t);
  END LOOP;
END $$;
-- Row-level security (Z3): what a scope sees of a table, and what it may write there.
CREATE PROCEDURE ground_scope(t text, seen text, written text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
  EXECUTE format('CREATE POLICY scope ON %I USING (%s) WITH CHECK (%s)', t, seen, written);
END $$;

CALL ground_keep_states(ARRAY['parties_register_load', 'parties_payee_account', 'funds_pool', 'assessment_result_file',
  'subsidy_subsidy_line', 'subsidy_notice', 'subsidy_objection', 'subsidy_approval_sheet', 'subsidy_hold', 'subsidy_officer_answer',
  'subsidy_heir_payee', 'subsidy_adopted_standard', 'payment_batch', 'payment_payment', 'payment_return_file']);
CALL ground_keep(ARRAY['funds_transfer', 'ground_journal_entry', 'subsidy_decision', 'subsidy_approval', 'subsidy_notice_line',
  'funds_transfer_template']);

-- What was sealed, signed or posted stays as it was (M10, Z7).
CREATE TRIGGER sealed BEFORE UPDATE OF office_id, region_id, fund, pool_id, paying_account_id, number, heads, total_fen,
  file_name, content, sha256, built_at ON payment_batch FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF batch_id, line_id, account_id, seq, amount_fen, person_id ON payment_payment
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF office_id, pool_id, year, number, content, sha256, heads, total_fen, second_leader,
  made_by_id, made_at ON subsidy_approval_sheet FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF office_id, number, posted_at, ends_on, sha256, released_by_id ON subsidy_notice
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF line_id, region_id, kind, evidence, opened_at ON subsidy_hold
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF line_id, region_id, question, answer, found_on, evidence, entered_by_id, entered_at ON subsidy_officer_answer
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF line_id, region_id, account_id, relation, papers, entered_by_id, entered_at ON subsidy_heir_payee
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF line_id, notice_id, text, received_at ON subsidy_objection
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF office_id, region_id, fund, year, document, opened_at ON funds_pool
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF paying_account_id, region_id, booked_on, amount_fen, reference, text, sha256
  ON payment_statement_entry FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
-- A file of the bank stays as it came; only what was doubtful is closed, once.
CREATE TRIGGER sealed BEFORE UPDATE OF batch_id, region_id, file_name, sha256, content, trouble, rows, paid_fen, failed_fen, received_at
  ON payment_return_file FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER closed_once BEFORE UPDATE ON payment_return_file FOR EACH ROW WHEN (OLD.state <> 'quarantined')
  EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF region_id, scheme, number, from_on, value, issued_by, document, document_number, link,
  published_on, entered_by_id, entered_at ON subsidy_adopted_standard FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CALL ground_never_delete(ARRAY['subsidy_adopted_standard', 'payment_batch', 'payment_payment', 'subsidy_approval_sheet', 'subsidy_notice',
  'subsidy_subsidy_line', 'subsidy_hold', 'subsidy_officer_answer', 'subsidy_heir_payee', 'subsidy_objection', 'assessment_certificate',
  'parties_person', 'parties_person_document', 'funds_pool', 'funds_pool_balance', 'funds_budget_line', 'payment_statement_entry',
  'payment_return_file', 'parties_payee_account']);

-- What triggers keep, nobody writes by hand: balances follow the ledger, locks follow the lines (M4, M7).
CREATE FUNCTION ground_refuse_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION '% is written by triggers', TG_TABLE_NAME USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_by_trigger';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER by_trigger BEFORE INSERT OR UPDATE ON funds_pool_balance FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_hand();
CREATE TRIGGER by_trigger BEFORE INSERT OR UPDATE OR DELETE ON subsidy_level_lock FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_hand();

-- A revoked certificate is never un-revoked (C4).
CREATE FUNCTION assessment_keep_revoked() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  IF EXISTS (SELECT FROM old_rows o JOIN new_rows n ON n.id = o.id
             WHERE o.revoked_on IS NOT NULL AND n.revoked_on IS DISTINCT FROM o.revoked_on) THEN
    RAISE EXCEPTION 'a revocation stays' USING ERRCODE = '23514', CONSTRAINT = 'revocation_stays';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_revoked AFTER UPDATE ON assessment_certificate REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION assessment_keep_revoked();
