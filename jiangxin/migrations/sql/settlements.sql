-- Settlements of classes that are paid to a body (P24).
CALL ground_keep_states(ARRAY['subsidy_settlement']);
CALL ground_never_delete(ARRAY['subsidy_settlement', 'subsidy_settlement_head']);
CREATE TRIGGER sealed BEFORE UPDATE OF number, training_class_id, body_id, region_id, scheme, submitted, to_call, submitted_by_id,
  submitted_by_name, submitted_at ON subsidy_settlement FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER closed_once BEFORE UPDATE ON subsidy_settlement FOR EACH ROW WHEN (OLD.state <> 'calling')
  EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF settlement_id, region_id, body_id, enrolment_id, line_id, amount_fen, place
  ON subsidy_settlement_head FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();

-- A settlement is settled when everybody drawn has answered and each head is approved or struck off, as its counts say.
CREATE FUNCTION subsidy_check_settled() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  IF EXISTS (
    SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id
      CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE h.state = 'approved') AS approved, count(*) FILTER (WHERE h.state = 'struck') AS struck,
               coalesce(sum(h.amount_fen) FILTER (WHERE h.state = 'approved'), 0) AS sum_fen, count(*) AS heads,
               count(*) FILTER (WHERE h.drawn AND h.attended IS NOT NULL) AS called
          FROM subsidy_settlement_head h WHERE h.settlement_id = n.id) x
     WHERE n.state = 'settled' AND o.state <> 'settled'
       AND ((x.heads, x.approved, x.struck, x.sum_fen)
              IS DISTINCT FROM (n.submitted::bigint, n.approved::bigint, n.struck_heads::bigint, n.sum_fen::numeric)
            OR x.called < n.to_call)) THEN
    RAISE EXCEPTION 'a settlement is its heads, and those drawn were called' USING ERRCODE = '23514', CONSTRAINT = 'settlement_is_its_heads';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER check_settled AFTER UPDATE ON subsidy_settlement REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION subsidy_check_settled();

-- Heads come and change only while their settlement is open.
CREATE FUNCTION subsidy_check_heads() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  IF EXISTS (SELECT FROM new_rows n JOIN subsidy_settlement s ON s.id = n.settlement_id WHERE s.state <> 'calling') THEN
    RAISE EXCEPTION 'this settlement is closed' USING ERRCODE = '23514', CONSTRAINT = 'heads_of_an_open_settlement';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER heads_on_insert AFTER INSERT ON subsidy_settlement_head REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION subsidy_check_heads();
CREATE TRIGGER heads_on_update AFTER UPDATE ON subsidy_settlement_head REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION subsidy_check_heads();

-- A line of a body goes to the notice by a settlement that approved it, and by nothing else.
CREATE FUNCTION subsidy_check_line_settled() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public SET enable_nestloop = off AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  IF EXISTS (SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id
              WHERE o.state = 'to_settle' AND n.state = 'to_notice' AND NOT EXISTS (
                SELECT FROM subsidy_settlement_head h JOIN subsidy_settlement s ON s.id = h.settlement_id
                 WHERE h.line_id = n.id AND h.state = 'approved' AND s.state = 'settled')) THEN
    RAISE EXCEPTION 'a body is paid by its settlement' USING ERRCODE = '23514', CONSTRAINT = 'line_is_settled';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER check_line_settled AFTER UPDATE ON subsidy_subsidy_line REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION subsidy_check_line_settled();

-- Whose rows: the region that pays, the body that asks; a head is also known to the person.
DO $$
DECLARE
  regions constant text := $p$region_id = ANY ((SELECT nullif(current_setting('app.regions', true), '')::int[])::int[])$p$;
  body constant text := $p$body_id = (SELECT nullif(current_setting('app.body', true), '')::uuid)$p$;
  person constant text := $p$person_id = (SELECT nullif(current_setting('app.person', true), '')::uuid)$p$;
BEGIN
  CALL ground_scope('subsidy_settlement', format('%s OR %s', regions, body), format('%s OR %s', regions, body));
  CALL ground_scope('subsidy_settlement_head', format('%s OR %s OR %s', regions, body, person), format('%s OR %s', regions, body));
END $$;

CREATE SEQUENCE subsidy_settlement_number;
