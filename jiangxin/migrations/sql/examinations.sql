-- Examinations: nobody passes without the scores, nobody scores alone, whoever taught does not examine (P35, C2, C3).
CALL ground_keep_states(ARRAY['assessment_exam_plan', 'assessment_candidate', 'assessment_score_change']);
CALL ground_keep(ARRAY['assessment_score_entry', 'assessment_supervision']);
CALL ground_never_delete(ARRAY['assessment_exam_plan', 'assessment_exam_room', 'assessment_candidate', 'assessment_examiner',
  'assessment_exam_duty', 'assessment_score_change', 'assessment_number_series', 'assessment_number_counter']);

-- A number that was given is never given again (C2).
CREATE TRIGGER only_rises BEFORE UPDATE ON assessment_number_counter FOR EACH ROW
  WHEN (NEW.last <= OLD.last OR NEW.series_id <> OLD.series_id OR NEW.sort <> OLD.sort OR NEW.year <> OLD.year)
  EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF body_id, letter, serial ON assessment_number_series
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();

-- What was filed and what was asked stays as it was said: the mark of a pass, the correction that another confirms.
CREATE TRIGGER sealed BEFORE UPDATE ON assessment_exam_subject FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF candidate_id, part, was, becomes, reason, asked_by_id, asked_at ON assessment_score_change
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();

ALTER TABLE assessment_certificate ADD CONSTRAINT certificate_is_of_its_candidate
  FOREIGN KEY (candidate_id, person_id) REFERENCES assessment_candidate (id, person_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE assessment_exam_duty ADD CONSTRAINT duty_is_of_its_examiner
  FOREIGN KEY (examiner_id, person_id) REFERENCES assessment_examiner (id, person_id) DEFERRABLE INITIALLY DEFERRED;

-- No certificate of an examination here without a pass in it (C3).
CREATE FUNCTION assessment_certificates_are_passed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  IF EXISTS (SELECT FROM new_rows n JOIN assessment_candidate c ON c.id = n.candidate_id WHERE c.state <> 'passed') THEN
    RAISE EXCEPTION 'no certificate without a pass' USING ERRCODE = '23514', CONSTRAINT = 'certificate_after_a_pass';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER passed_on_insert AFTER INSERT ON assessment_certificate REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION assessment_certificates_are_passed();
CREATE TRIGGER passed_on_update AFTER UPDATE ON assessment_certificate REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION assessment_certificates_are_passed();

-- A pass is every part at the mark; a result stays; a score is what two people typed, a third saw, or two corrected.
CREATE FUNCTION assessment_scores_of(c assessment_candidate) RETURNS TABLE (part text, score numeric) LANGUAGE sql IMMUTABLE AS $$
  VALUES ('theory', c.theory), ('practice', c.practice), ('review', c.review)
$$;
CREATE FUNCTION assessment_score_stands(candidate uuid, of_part text, held numeric) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM assessment_score_entry a JOIN assessment_score_entry b ON b.candidate_id = a.candidate_id
                   AND b.part = a.part AND b.turn = 2 AND b.score = a.score
                  WHERE a.candidate_id = candidate AND a.part = of_part AND a.turn = 1 AND a.score = held)
      OR EXISTS (SELECT FROM assessment_score_entry e
                  WHERE e.candidate_id = candidate AND e.part = of_part AND e.turn = 3 AND e.score = held)
      OR EXISTS (SELECT FROM assessment_score_change s
                  WHERE s.candidate_id = candidate AND s.part = of_part AND s.state = 'confirmed' AND s.becomes = held)
      OR EXISTS (SELECT FROM assessment_candidate c JOIN assessment_candidate e ON e.id = c.earlier_id AND e.person_id = c.person_id,
                        assessment_scores_of(e) s WHERE c.id = candidate AND s.part = of_part AND s.score = held AND e.state = 'failed')
$$;
CREATE FUNCTION assessment_guard_scores() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
  old_scores jsonb := '{}';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.state IN ('passed', 'failed') AND (NEW.theory, NEW.practice, NEW.review) IS DISTINCT FROM (OLD.theory, OLD.practice, OLD.review) THEN
      RAISE EXCEPTION 'a published result stays' USING ERRCODE = '23514', CONSTRAINT = 'published_result_stays';
    END IF;
    old_scores := jsonb_build_object('theory', OLD.theory, 'practice', OLD.practice, 'review', OLD.review);
  END IF;
  IF EXISTS (SELECT FROM assessment_scores_of(NEW) s WHERE s.score IS NOT NULL
                AND s.score IS DISTINCT FROM (old_scores ->> s.part)::numeric AND NOT assessment_score_stands(NEW.id, s.part, s.score)) THEN
    RAISE EXCEPTION 'a score is entered by two' USING ERRCODE = '23514', CONSTRAINT = 'score_entered_by_two';
  END IF;
  IF NEW.state = 'passed' AND EXISTS (
       SELECT FROM assessment_exam_subject e, assessment_scores_of(NEW) s WHERE e.id = NEW.subject_id
          AND CASE s.part WHEN 'theory' THEN e.theory WHEN 'practice' THEN e.practice ELSE e.review END <> ''
          AND coalesce(s.score, -1) < e.pass_mark) THEN
    RAISE EXCEPTION 'no pass below the mark' USING ERRCODE = '23514', CONSTRAINT = 'passed_by_its_scores';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER guard_scores AFTER INSERT OR UPDATE OF theory, practice, review, state, subject_id ON assessment_candidate
  FOR EACH ROW EXECUTE FUNCTION assessment_guard_scores();

-- Whoever teaches the candidates, or sits among them, does not examine them; nor, for a 社会培训评价组织, does who belongs to
-- the body that taught them (P35). Asked by whichever comes later, the duty or the candidate.
CREATE FUNCTION assessment_examiner_meets(plans uuid[]) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN c.person_id = d.person_id THEN 'examiner_is_no_candidate'
              WHEN EXISTS (SELECT FROM training_lesson l WHERE l.class_id = c.training_class_id AND l.teacher_person_id = d.person_id)
                THEN 'trainer_is_no_examiner'
              ELSE 'examiner_not_of_the_trainer' END
    FROM assessment_exam_duty d JOIN assessment_examiner e ON e.id = d.examiner_id JOIN assessment_exam_plan p ON p.id = d.plan_id
    JOIN assessment_candidate c ON c.plan_id = d.plan_id AND c.state NOT IN ('refused', 'withdrawn')
    LEFT JOIN training_training_class t ON t.id = c.training_class_id
    LEFT JOIN assessment_number_series n ON n.body_id = c.body_id
   WHERE d.plan_id = ANY (plans) AND d.taken_off_at IS NULL
     AND (c.person_id = d.person_id
          OR EXISTS (SELECT FROM training_lesson l WHERE l.class_id = c.training_class_id AND l.teacher_person_id = d.person_id)
          OR n.letter = 'S' AND (e.body_id = t.body_id OR EXISTS (SELECT FROM training_teacher a
               WHERE a.body_id = t.body_id AND a.person_id = d.person_id AND coalesce(a.until_on, 'infinity') >= p.exam_on)))
   LIMIT 1
$$;
CREATE FUNCTION assessment_guard_examiners() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
  wrong text := assessment_examiner_meets((SELECT array_agg(DISTINCT plan_id) FROM new_rows));
BEGIN
  IF wrong = 'trainer_is_no_examiner' THEN
    RAISE EXCEPTION 'whoever teaches does not examine' USING ERRCODE = '23514', CONSTRAINT = 'trainer_is_no_examiner';
  ELSIF wrong = 'examiner_is_no_candidate' THEN
    RAISE EXCEPTION 'a candidate does not examine' USING ERRCODE = '23514', CONSTRAINT = 'examiner_is_no_candidate';
  ELSIF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'the body that taught does not examine' USING ERRCODE = '23514', CONSTRAINT = 'examiner_not_of_the_trainer';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER examiners_apart AFTER INSERT ON assessment_exam_duty REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION assessment_guard_examiners();
CREATE TRIGGER examiners_apart AFTER INSERT ON assessment_candidate REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION assessment_guard_examiners();

-- Nothing is published before it was looked over, by the county too where the draw said so.
CREATE FUNCTION assessment_guard_publishing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  IF NOT EXISTS (SELECT FROM assessment_supervision s WHERE s.plan_id = NEW.id AND s.agreed AND NOT s.external AND s.entered_at >= OLD.state_since)
     OR NEW.external AND NOT EXISTS (SELECT FROM assessment_supervision s WHERE s.plan_id = NEW.id AND s.agreed AND s.external) THEN
    RAISE EXCEPTION 'not looked over' USING ERRCODE = '23514', CONSTRAINT = 'looked_over_before_published';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER looked_over AFTER UPDATE OF state ON assessment_exam_plan FOR EACH ROW
  WHEN (NEW.state = 'supervised' AND OLD.state <> 'supervised') EXECUTE FUNCTION assessment_guard_publishing();

-- Whose rows: the county, the assessor, the candidate. A plan that was filed is public (facts 4.3).
DO $$
DECLARE
  regions constant text := $p$region_id = ANY ((SELECT nullif(current_setting('app.regions', true), '')::int[])::int[])$p$;
  person constant text := $p$person_id = (SELECT nullif(current_setting('app.person', true), '')::uuid)$p$;
  body constant text := $p$body_id = (SELECT nullif(current_setting('app.body', true), '')::uuid)$p$;
  own text := format('%s OR %s', regions, body);
  t text;
BEGIN
  CALL ground_scope('assessment_exam_plan',
    format('%s OR state IN (''open'', ''rostered'', ''closed'', ''supervised'', ''published'')', own), own);
  FOREACH t IN ARRAY ARRAY['assessment_examiner', 'assessment_exam_duty', 'assessment_score_entry', 'assessment_score_change',
      'assessment_supervision'] LOOP
    CALL ground_scope(t, own, own);
  END LOOP;
  CALL ground_scope('assessment_candidate', format('%s OR %s', own, person), own);
  -- Whose the digits are is public: they stand in every certificate number.
  CALL ground_scope('assessment_number_series', 'true', own);
END $$;
