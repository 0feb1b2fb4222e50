-- Vouchers: what was issued stays and is counted, used once and within its days (V1, V2).
-- Who was matched is a working list; from the issue on a voucher stays on record.
CREATE TRIGGER issued_voucher_stays BEFORE DELETE ON training_voucher FOR EACH ROW WHEN (OLD.state <> 'matched')
  EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON training_voucher FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF batch_id, region_id, spell_kind, code_index ON training_voucher
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER issued_batch_stays BEFORE UPDATE ON training_voucher_batch FOR EACH ROW
  WHEN (OLD.state IN ('issued', 'stopped') AND
        (NEW.number, NEW.kind_id, NEW.office_id, NEW.region_id, NEW.name, NEW.subjects, NEW.level, NEW.providers, NEW.groups, NEW.class_id,
         NEW.pool_id, NEW.face_fen, NEW.planned, NEW.from_on, NEW.until_on, NEW.document, NEW.entered_by_id, NEW.issued_by_id, NEW.issued_at)
        IS DISTINCT FROM
        (OLD.number, OLD.kind_id, OLD.office_id, OLD.region_id, OLD.name, OLD.subjects, OLD.level, OLD.providers, OLD.groups, OLD.class_id,
         OLD.pool_id, OLD.face_fen, OLD.planned, OLD.from_on, OLD.until_on, OLD.document, OLD.entered_by_id, OLD.issued_by_id, OLD.issued_at))
  EXECUTE FUNCTION ground_refuse_change();

-- Never more than planned, however they came to be issued. Short list: each batch once.
CREATE FUNCTION training_vouchers_within_the_plan(batches uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  PERFORM FROM training_voucher_batch b WHERE b.id = ANY (batches) ORDER BY b.id FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM training_voucher_batch b WHERE b.id = ANY (batches) AND b.planned < (
               SELECT count(*) FROM training_voucher v WHERE v.batch_id = b.id AND v.state <> 'matched')) THEN
    RAISE EXCEPTION 'more vouchers issued than planned' USING ERRCODE = '23514', CONSTRAINT = 'vouchers_within_the_plan';
  END IF;
  PERFORM set_config('app.regions', scope, true);
END $$;

-- Two lists of the same rows: hashed, never pair by pair.
CREATE FUNCTION training_check_vouchers() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM training_vouchers_within_the_plan(array_agg(DISTINCT n.batch_id)) FROM new_rows n
      WHERE n.state <> 'matched' HAVING count(*) > 0;
    RETURN NULL;
  END IF;
  PERFORM training_vouchers_within_the_plan(array_agg(DISTINCT n.batch_id)) FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE o.state = 'matched' AND n.state <> 'matched' HAVING count(*) > 0;
  IF EXISTS (SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id
              WHERE o.state = 'issued' AND n.state = 'reserved'
                AND (n.held_since AT TIME ZONE 'Asia/Shanghai')::date NOT BETWEEN n.from_on AND n.until_on) THEN
    RAISE EXCEPTION 'a voucher is taken within its days' USING ERRCODE = '23514', CONSTRAINT = 'voucher_within_its_days';
  END IF;
  IF EXISTS (SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id
              WHERE n.first_used_at IS DISTINCT FROM o.first_used_at
                AND NOT (o.state = 'reserved' AND n.state = 'in_use')
                AND NOT (n.state = 'issued' AND n.first_used_at IS NULL)) THEN
    RAISE EXCEPTION 'a voucher is used once' USING ERRCODE = '23514', CONSTRAINT = 'voucher_used_once';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER check_vouchers_on_insert AFTER INSERT ON training_voucher REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION training_check_vouchers();
CREATE TRIGGER check_vouchers_on_update AFTER UPDATE ON training_voucher REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION training_check_vouchers();
