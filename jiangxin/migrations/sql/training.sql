-- Training: seats are counted by the database too, one person is in one place, every row belongs to whom it names.
CALL ground_keep_states(ARRAY['training_training_class', 'training_enrolment', 'training_attendance',
  'training_attendance_exception', 'training_voucher_batch', 'training_voucher']);
CALL ground_keep(ARRAY['training_scan', 'training_head_count', 'training_class_photo']);
CALL ground_never_delete(ARRAY['training_training_class', 'training_enrolment', 'training_attendance',
  'training_attendance_exception', 'training_voucher_batch', 'training_teacher', 'training_room']);

-- A lesson that was filed stays on record; one of a draft may still be struck out.
CREATE TRIGGER filed_lesson_stays BEFORE DELETE ON training_lesson FOR EACH ROW WHEN (OLD.fixed)
  EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER is_never_emptied BEFORE TRUNCATE ON training_lesson FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();

ALTER TABLE training_lesson ADD CONSTRAINT lesson_names_its_teacher
  FOREIGN KEY (teacher_id, teacher_person_id) REFERENCES training_teacher (id, person_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE training_enrolment ADD CONSTRAINT enrolment_is_of_its_class
  FOREIGN KEY (class_id, body_id) REFERENCES training_training_class (id, body_id);
ALTER TABLE training_enrolment ADD CONSTRAINT seat_with_an_own_voucher
  FOREIGN KEY (voucher_id, person_id) REFERENCES training_voucher (id, person_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE training_attendance ADD CONSTRAINT attendance_is_of_its_seat
  FOREIGN KEY (enrolment_id, person_id, class_id) REFERENCES training_enrolment (id, person_id, class_id) DEFERRABLE INITIALLY DEFERRED;

-- Seats (S1): what a class says is taken is what its enrolments sit on, after every statement that touches either.
CREATE FUNCTION training_on_a_seat(state text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT state IN ('held', 'seated', 'completed', 'failed')
$$;
CREATE FUNCTION training_check_seats(classes uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  IF EXISTS (SELECT FROM training_training_class c WHERE c.id = ANY (classes) AND c.taken <> (
               SELECT count(*) FROM training_enrolment e WHERE e.class_id = c.id AND training_on_a_seat(e.state))) THEN
    RAISE EXCEPTION 'seats taken and learners on seats differ' USING ERRCODE = '23514', CONSTRAINT = 'seats_taken_are_sat_on';
  END IF;
  PERFORM set_config('app.regions', scope, true);
END $$;
CREATE FUNCTION training_seats_follow_enrolments() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM training_check_seats(array_agg(DISTINCT class_id)) FROM new_rows WHERE training_on_a_seat(state) HAVING count(*) > 0;
  ELSE
    PERFORM training_check_seats(array_agg(DISTINCT n.class_id)) FROM new_rows n JOIN old_rows o ON o.id = n.id
      WHERE n.class_id <> o.class_id OR training_on_a_seat(n.state) <> training_on_a_seat(o.state) HAVING count(*) > 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER seats_on_insert AFTER INSERT ON training_enrolment REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION training_seats_follow_enrolments();
CREATE TRIGGER seats_on_update AFTER UPDATE ON training_enrolment REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION training_seats_follow_enrolments();
CREATE FUNCTION training_seats_follow_classes() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  PERFORM training_check_seats(array_agg(n.id)) FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE n.taken <> o.taken HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE TRIGGER seats_of_class AFTER UPDATE ON training_training_class REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION training_seats_follow_classes();

-- Whose rows: the region of the class, the learner, the body that teaches or sends; a class that runs is public.
DO $$
DECLARE
  regions constant text := $p$region_id = ANY ((SELECT nullif(current_setting('app.regions', true), '')::int[])::int[])$p$;
  person constant text := $p$person_id = (SELECT nullif(current_setting('app.person', true), '')::uuid)$p$;
  own_body constant text := $p$(SELECT nullif(current_setting('app.body', true), '')::uuid)$p$;
  rule text;
BEGIN
  rule := format('%s OR body_id = %s OR state IN (''open'', ''running'', ''finished'')', regions, own_body);
  -- Whoever sees a seat sees its class: also a learner of one that was cancelled.
  CALL ground_scope('training_training_class',
    rule || ' OR EXISTS (SELECT FROM training_enrolment e WHERE e.class_id = training_training_class.id)', rule);
  rule := format('%s OR %s OR %s IN (body_id, employer_id)', regions, person, own_body);
  CALL ground_scope('training_enrolment', rule, rule);
  rule := format('%s OR %s OR body_id = %s', regions, person, own_body);
  CALL ground_scope('training_attendance', rule, rule);
  CALL ground_scope('training_scan', rule, rule);
  CALL ground_scope('training_attendance_exception', rule, rule);
  rule := format('%s OR body_id = %s', regions, own_body);
  CALL ground_scope('training_class_photo', rule, rule);
  CALL ground_scope('training_head_count', rule, regions);
  -- Whoever sees the seat that a voucher was taken with sees the voucher.
  rule := format('%s OR %s OR EXISTS (SELECT FROM training_enrolment e WHERE e.voucher_id = training_voucher.id)', regions, person);
  CALL ground_scope('training_voucher', rule, rule);
  CALL ground_scope('training_voucher_batch',
    format('%s OR EXISTS (SELECT FROM training_voucher v WHERE v.batch_id = training_voucher_batch.id)', regions), regions);
END $$;

CREATE SEQUENCE training_class_number;

-- Whoever waits learns the own place, never who stands in front (S5).
CREATE FUNCTION training_in_front(of_class uuid, since timestamptz, own uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
  many bigint;
BEGIN
  SELECT count(*) INTO many FROM training_enrolment e
   WHERE e.class_id = of_class AND e.state = 'waiting' AND (e.waits_since, e.id) < (since, own);
  PERFORM set_config('app.regions', scope, true);
  RETURN many;
END $$;
