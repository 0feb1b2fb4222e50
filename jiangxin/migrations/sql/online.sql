-- Online learning: a statement is never changed but for being voided, a count adds up, every row belongs to its seat (11.2).
CALL ground_never_delete(ARRAY['training_online_platform', 'training_statement', 'training_study_count']);
CREATE TRIGGER sealed BEFORE UPDATE OF body_id, key, opened_by_id, opened_at ON training_online_platform
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER closed_for_good BEFORE UPDATE ON training_online_platform FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL)
  EXECUTE FUNCTION ground_refuse_change();
-- The person goes with the seat when two records are found to be one: the key below keeps the two together.
CREATE TRIGGER sealed BEFORE UPDATE OF platform_id, sender_id, number, stored_at, enrolment_id, lesson_id, class_id, region_id,
  body_id, at, kind, claimed_ms, position_ms, speed_percent, session, device, refers_to, voids, marks, content
  ON training_statement FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER voided_for_good BEFORE UPDATE ON training_statement FOR EACH ROW
  WHEN (OLD.voided_at IS NOT NULL AND NEW.voided_at IS DISTINCT FROM OLD.voided_at) EXECUTE FUNCTION ground_refuse_change();

ALTER TABLE training_statement ADD CONSTRAINT statement_is_of_its_seat
  FOREIGN KEY (enrolment_id, person_id, class_id) REFERENCES training_enrolment (id, person_id, class_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE training_study_count ADD CONSTRAINT study_is_of_its_seat
  FOREIGN KEY (enrolment_id, person_id, class_id) REFERENCES training_enrolment (id, person_id, class_id) DEFERRABLE INITIALLY DEFERRED;

-- Every second that was claimed is counted or refused for a reason.
CREATE FUNCTION training_seconds_in(reasons jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(sum(value::bigint), 0)::bigint FROM jsonb_each_text(reasons)
$$;
ALTER TABLE training_study_count ADD CONSTRAINT study_adds_up CHECK (claimed = counted + training_seconds_in(refused));

-- Whose rows: the region and the school of the class, the learner, and the platform that sent them.
DO $$
DECLARE
  regions constant text := $p$region_id = ANY ((SELECT nullif(current_setting('app.regions', true), '')::int[])::int[])$p$;
  person constant text := $p$person_id = (SELECT nullif(current_setting('app.person', true), '')::uuid)$p$;
  own_body constant text := $p$(SELECT nullif(current_setting('app.body', true), '')::uuid)$p$;
  rule text;
BEGIN
  rule := format('%s OR %s OR %s IN (body_id, sender_id)', regions, person, own_body);
  CALL ground_scope('training_statement', rule, rule);
  CALL ground_scope('training_study_count', format('%s OR %s OR body_id = %s', regions, person, own_body), regions);
END $$;

-- Whose seat a token stands for, and whether the lesson is an online one of that class: a platform sees neither table.
CREATE FUNCTION training_online_seats(seats uuid[], lessons uuid[])
  RETURNS TABLE (enrolment_id uuid, lesson_id uuid, person_id uuid, class_id uuid, region_id int, body_id uuid)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  RETURN QUERY
    SELECT e.id, l.id, e.person_id, e.class_id, e.region_id, e.body_id
      FROM (SELECT DISTINCT * FROM unnest(seats, lessons)) a (seat, lesson)
      JOIN training_enrolment e ON e.id = a.seat AND e.state IN ('seated', 'completed', 'failed', 'left')
      JOIN training_lesson l ON l.id = a.lesson AND l.class_id = e.class_id AND l.kind = 'online' AND l.fixed;
  PERFORM set_config('app.regions', scope, true);
END $$;
