-- Lines of subsidy: never the same occupation and level, never a lower level once a higher one is promised (M7).
CREATE FUNCTION subsidy_live(state text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT state IN ('queued', 'to_confirm', 'to_settle', 'to_notice', 'in_notice', 'objected', 'noticed', 'held', 'to_approve', 'approved',
                   'in_batch', 'sent', 'paid', 'failed', 'recovering')
$$;

CREATE FUNCTION subsidy_take_levels(born subsidy_level_lock[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  wanted bigint;
  taken bigint;
BEGIN
  SELECT count(*) INTO wanted FROM (SELECT DISTINCT b.person_id, b.subject FROM unnest(born) b) w;
  WITH step AS (
    SELECT b.person_id, b.subject, min(b.level_rank) AS low, max(b.level_rank) AS high FROM unnest(born) b GROUP BY 1, 2),
  several AS (SELECT * FROM step WHERE low < high)
  INSERT INTO subsidy_level_lock AS k (person_id, subject, level_rank)
  SELECT person_id, subject, high FROM step ORDER BY person_id, subject
  ON CONFLICT (person_id, subject) DO UPDATE SET level_rank = EXCLUDED.level_rank
   WHERE k.level_rank < coalesce((SELECT s.low FROM several s WHERE s.person_id = k.person_id AND s.subject = k.subject),
                                 EXCLUDED.level_rank);
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken < wanted THEN
    RAISE EXCEPTION 'an equal or higher level is promised or paid already'
      USING ERRCODE = '23514', CONSTRAINT = 'no_lower_level_after_a_higher';
  END IF;
END $$;

-- (Old and new rows are met hashed, never pair by pair; the locks themselves are come to one by one, through their key.)
CREATE FUNCTION subsidy_lock_levels() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public SET enable_nestloop = off SET enable_seqscan = off AS $$
DECLARE
  scope text := ground_see_all();
  born uuid[];
  gone record;
  held smallint;
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM subsidy_take_levels(array_agg(ROW(n.person_id, n.subject, n.level_rank)::subsidy_level_lock))
       FROM new_rows n WHERE subsidy_live(n.state) AND n.level_rank IS NOT NULL HAVING count(*) > 0;
    PERFORM set_config('app.regions', scope, true);
    RETURN NULL;
  END IF;
  -- A line that stopped living, or changed hands, gives its lock back: down to the highest level still held.
  SELECT coalesce(array_agg(n.id), '{}') INTO born FROM new_rows n JOIN old_rows o ON o.id = n.id
   WHERE subsidy_live(n.state) AND (NOT subsidy_live(o.state) OR n.person_id <> o.person_id);
  FOR gone IN SELECT DISTINCT o.person_id, o.subject FROM old_rows o JOIN new_rows n ON n.id = o.id
               WHERE o.level_rank IS NOT NULL AND subsidy_live(o.state)
                 AND (NOT subsidy_live(n.state) OR n.person_id <> o.person_id) ORDER BY 1, 2 LOOP
    SELECT max(l.level_rank) INTO held FROM subsidy_subsidy_line l
     WHERE l.person_id = gone.person_id AND l.subject = gone.subject AND subsidy_live(l.state) AND l.id <> ALL (born);
    IF held IS NULL THEN
      DELETE FROM subsidy_level_lock k WHERE k.person_id = gone.person_id AND k.subject = gone.subject;
    ELSE
      UPDATE subsidy_level_lock k SET level_rank = held WHERE k.person_id = gone.person_id AND k.subject = gone.subject;
    END IF;
  END LOOP;
  PERFORM subsidy_take_levels(array_agg(ROW(n.person_id, n.subject, n.level_rank)::subsidy_level_lock))
     FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE n.level_rank IS NOT NULL AND subsidy_live(n.state) AND NOT subsidy_live(o.state)
   HAVING count(*) > 0;
  -- What was promised to a record found to be the same person is no new promise: the locks join (one level once stays a key).
  INSERT INTO subsidy_level_lock AS k (person_id, subject, level_rank)
  SELECT n.person_id, n.subject, max(n.level_rank) FROM new_rows n JOIN old_rows o ON o.id = n.id
   WHERE n.level_rank IS NOT NULL AND subsidy_live(n.state) AND subsidy_live(o.state) AND n.person_id <> o.person_id
   GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (person_id, subject) DO UPDATE SET level_rank = greatest(k.level_rank, EXCLUDED.level_rank);
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER lock_levels_on_insert AFTER INSERT ON subsidy_subsidy_line REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION subsidy_lock_levels();
CREATE TRIGGER lock_levels_on_update AFTER UPDATE ON subsidy_subsidy_line REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION subsidy_lock_levels();

-- What a line stood in the way of is answered again once it ended unpaid: 0 is no number of changes known (issue 3, 8.8).
CREATE FUNCTION subsidy_answer_again() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public SET enable_nestloop = off SET enable_seqscan = off AS $$
DECLARE
  scope text;
  persons uuid[];
BEGIN
  SELECT array_agg(DISTINCT o.person_id) INTO persons FROM old_rows o JOIN new_rows n ON n.id = o.id
   WHERE subsidy_live(o.state) AND NOT subsidy_live(n.state);
  IF persons IS NOT NULL THEN
    scope := ground_see_all();
    UPDATE subsidy_subsidy_line l SET known_changes = 0
     WHERE l.person_id = ANY (persons) AND l.state = 'refused' AND l.known_changes <> 0;
    PERFORM set_config('app.regions', scope, true);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER answer_again AFTER UPDATE ON subsidy_subsidy_line REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION subsidy_answer_again();

-- A line is of the person of its certificate; when two records are merged, both move before the end.
ALTER TABLE subsidy_subsidy_line ADD CONSTRAINT line_is_of_its_certificate
  FOREIGN KEY (certificate_id, person_id) REFERENCES assessment_certificate (id, person_id) DEFERRABLE INITIALLY DEFERRED;

-- An heir is paid to an account of the heir's own (P12).
ALTER TABLE subsidy_heir_payee ADD CONSTRAINT heir_has_an_own_account
  FOREIGN KEY (account_id, person_id) REFERENCES parties_payee_account (id, person_id) DEFERRABLE INITIALLY DEFERRED;

-- A line draws on the pool of its own office and fund (M9).
ALTER TABLE subsidy_subsidy_line ADD CONSTRAINT line_and_pool_agree
  FOREIGN KEY (pool_id, office_id, fund) REFERENCES funds_pool (id, office_id, fund);

-- A signature is on the content as it stands, and never by the maker (Z6, Z7).
CREATE FUNCTION subsidy_check_signature() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  IF EXISTS (SELECT FROM new_rows n JOIN subsidy_approval_sheet s ON s.id = n.sheet_id
             WHERE n.account_id = s.made_by_id OR n.sha256 <> s.sha256
                OR n.step <> CASE s.state WHEN 'made' THEN 'check' WHEN 'checked' THEN 'lead' WHEN 'led' THEN 'lead2' ELSE '' END) THEN
    RAISE EXCEPTION 'this signature does not fit the sheet' USING ERRCODE = '23514', CONSTRAINT = 'signature_fits_the_sheet';
  END IF;
  IF EXISTS (SELECT FROM new_rows n WHERE NOT EXISTS (
               SELECT FROM parties_duty d WHERE d.account_id = n.account_id
                  AND d.duty = CASE n.step WHEN 'check' THEN 'checker' ELSE 'leader' END
                  AND daterange(d.from_on, d.until_on, '[]') @> (n.at AT TIME ZONE 'Asia/Shanghai')::date
                  AND (d.ended_at IS NULL OR d.ended_at > n.at))) THEN
    RAISE EXCEPTION 'this signature needs its duty' USING ERRCODE = '23514', CONSTRAINT = 'signed_in_duty';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER check_signature AFTER INSERT ON subsidy_approval REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION subsidy_check_signature();

-- A line is approved only by a sheet that carries the signatures it needs.
CREATE FUNCTION subsidy_check_approved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public SET enable_nestloop = off AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT n.sheet_id FROM new_rows n JOIN old_rows o ON o.id = n.id
                           WHERE n.state = 'approved' AND o.state <> 'approved') x
             WHERE NOT coalesce((
               SELECT s.state = 'approved' AND CASE WHEN s.second_leader THEN 3 ELSE 2 END
                      <= (SELECT count(*) FROM subsidy_approval a WHERE a.sheet_id = s.id AND a.sha256 = s.sha256)
                 FROM subsidy_approval_sheet s WHERE s.id = x.sheet_id), false)) THEN
    RAISE EXCEPTION 'a line is approved by its signed sheet only' USING ERRCODE = '23514', CONSTRAINT = 'approved_by_a_signed_sheet';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER check_approved AFTER UPDATE ON subsidy_subsidy_line REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION subsidy_check_approved();

-- A decided amount, person, certificate and scheme of a line that has money behind it are not rewritten.
CREATE FUNCTION subsidy_keep_amount() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id
             WHERE n.certificate_id <> o.certificate_id OR n.scheme <> o.scheme OR n.received_on <> o.received_on
                OR (o.payee_body_id IS NOT NULL AND n.payee_body_id IS DISTINCT FROM o.payee_body_id)
                OR (subsidy_live(o.state) AND subsidy_live(n.state)
                    AND (n.amount_fen <> o.amount_fen OR n.pool_id IS DISTINCT FROM o.pool_id
                      OR n.count_year IS DISTINCT FROM o.count_year))) THEN
    RAISE EXCEPTION 'a promised line keeps its amount' USING ERRCODE = '23514', CONSTRAINT = 'promised_line_keeps_its_amount';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_amount AFTER UPDATE ON subsidy_subsidy_line REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION subsidy_keep_amount();

CREATE SEQUENCE subsidy_line_number;

-- A number that grows with everything that may answer an unknown, the same whoever asks.
CREATE FUNCTION subsidy_changes_known() RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
  total int;
BEGIN
  SELECT 1 + (SELECT count(*) + count(*) FILTER (WHERE state = 'withdrawn') FROM parties_register_load)
    + (SELECT count(*) FROM training_training_class WHERE state = 'finished')
    + (SELECT count(*) + count(until_on) FROM catalogue_training_item WHERE published_at IS NOT NULL)
    + (SELECT count(*) FROM recognition_title) + (SELECT count(*) FROM catalogue_guidance_class)
    + (SELECT count(*) FROM subsidy_adopted_standard WHERE confirmed_at IS NOT NULL) + (SELECT count(*) FROM funds_pool)
    + (SELECT count(*) FROM parties_person WHERE able_and_willing_on IS NOT NULL)
    + (SELECT count(*) FROM subsidy_subsidy_line WHERE late_accepted) INTO total;
  PERFORM set_config('app.regions', scope, true);
  RETURN total;
END $$;
