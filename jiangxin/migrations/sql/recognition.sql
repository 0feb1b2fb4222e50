-- Recognition: what was asked, signed and found stays; nobody judges alone; an exit stays.
CALL ground_keep_states(ARRAY['recognition_application', 'recognition_promise_check', 'recognition_measure', 'recognition_yearly_plan']);
CALL ground_keep(ARRAY['recognition_application_material']);
CALL ground_never_delete(ARRAY['recognition_application', 'recognition_review', 'recognition_promise_check', 'recognition_measure',
  'recognition_yearly_plan']);

CREATE TRIGGER sealed BEFORE UPDATE OF body_id, region_id, procedure, digest, begun_at ON recognition_application
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
-- While somebody judges the answers they stand still, and what was signed stands for ever.
CREATE TRIGGER answers_stand BEFORE UPDATE OF answers ON recognition_application FOR EACH ROW
  WHEN (OLD.state NOT IN ('draft', 'returned') AND OLD.answers IS DISTINCT FROM NEW.answers) EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER promise_stands BEFORE UPDATE ON recognition_application FOR EACH ROW
  WHEN (OLD.signed_at IS NOT NULL AND OLD.state <> 'returned'
        AND (OLD.signed_by_id, OLD.signed_at, OLD.signed_text, OLD.signed_sha256)
            IS DISTINCT FROM (NEW.signed_by_id, NEW.signed_at, NEW.signed_text, NEW.signed_sha256))
  EXECUTE FUNCTION ground_refuse_change();
ALTER TABLE recognition_application ADD CONSTRAINT promise_is_what_was_signed
  CHECK (signed_at IS NULL OR signed_sha256 = ground_sha256(signed_text));
ALTER TABLE recognition_application ADD CONSTRAINT answers_name_no_number CHECK (NOT ground_holds_identity(answers::text));

CREATE TRIGGER sealed BEFORE UPDATE OF application_id, region_id, reviewer_id, invited_at ON recognition_review
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER answered_once BEFORE UPDATE ON recognition_review FOR EACH ROW
  WHEN (OLD.answered_at IS NOT NULL OR OLD.conflict) EXECUTE FUNCTION ground_refuse_change();
ALTER TABLE recognition_review ADD CONSTRAINT review_names_no_number CHECK (NOT ground_holds_identity(answers::text));

CREATE TRIGGER sealed BEFORE UPDATE OF application_id, body_id, region_id, criterion, sentence ON recognition_promise_check
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER found_once BEFORE UPDATE ON recognition_promise_check FOR EACH ROW
  WHEN (OLD.found_at IS NOT NULL AND (OLD.finding, OLD.found_by_id, OLD.found_at, OLD.correct_by)
        IS DISTINCT FROM (NEW.finding, NEW.found_by_id, NEW.found_at, NEW.correct_by)) EXECUTE FUNCTION ground_refuse_change();

CREATE TRIGGER sealed BEFORE UPDATE OF body_id, region_id, title_id, kind, grounds, facts, opened_by_id, opened_at, answer_by, until_on
  ON recognition_measure FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER decided_once BEFORE UPDATE ON recognition_measure FOR EACH ROW
  WHEN (OLD.decided_at IS NOT NULL AND (OLD.decided_by_id, OLD.decided_at, OLD.decision, OLD.arrangement)
        IS DISTINCT FROM (NEW.decided_by_id, NEW.decided_at, NEW.decision, NEW.arrangement)) EXECUTE FUNCTION ground_refuse_change();

-- What was made public is not rewritten.
CREATE TRIGGER published_stays BEFORE UPDATE ON recognition_yearly_plan FOR EACH ROW
  WHEN (OLD.published_at IS NOT NULL AND (OLD.body_id, OLD.year, OLD.lines, OLD.published_at)
        IS DISTINCT FROM (NEW.body_id, NEW.year, NEW.lines, NEW.published_at)) EXECUTE FUNCTION ground_refuse_change();
ALTER TABLE recognition_yearly_plan ADD CONSTRAINT plan_names_no_number CHECK (NOT ground_holds_identity(lines::text));

-- A title is of the body that asked; an exit is not undone, and takes nothing from the days before it (P38).
ALTER TABLE recognition_title ADD CONSTRAINT title_is_of_who_asked
  FOREIGN KEY (application_id, organisation_id) REFERENCES recognition_application (id, body_id);
CREATE TRIGGER exit_stays BEFORE UPDATE ON recognition_title FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL AND (OLD.ended_at, OLD.until_on) IS DISTINCT FROM (NEW.ended_at, NEW.until_on))
  EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER exit_takes_no_day_before BEFORE UPDATE ON recognition_title FOR EACH ROW
  WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
        AND (NEW.from_on <> OLD.from_on OR NEW.until_on < least(
               (NEW.ended_at AT TIME ZONE 'Asia/Shanghai')::date - 1, coalesce(OLD.until_on, 'infinity'))))
  EXECUTE FUNCTION ground_refuse_change();

-- A title is granted only on an application that was granted.
CREATE FUNCTION recognition_check_grant() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  scope text := ground_see_all();
BEGIN
  IF NOT EXISTS (SELECT FROM recognition_application a WHERE a.id = NEW.application_id AND a.state = 'granted') THEN
    RAISE EXCEPTION 'the application was not granted' USING ERRCODE = '23514', CONSTRAINT = 'title_was_granted';
  END IF;
  PERFORM set_config('app.regions', scope, true);
  RETURN NULL;
END $$;
CREATE TRIGGER title_was_granted AFTER INSERT ON recognition_title FOR EACH ROW WHEN (NEW.application_id IS NOT NULL)
  EXECUTE FUNCTION recognition_check_grant();

-- Whose rows: the region that decides, the body; what is posted or in force is for everybody.
DO $$
DECLARE
  regions constant text := $p$region_id = ANY ((SELECT nullif(current_setting('app.regions', true), '')::int[])::int[])$p$;
  own_body constant text := $p$body_id = (SELECT nullif(current_setting('app.body', true), '')::uuid)$p$;
  rule text := format('%s OR %s', regions, own_body);
BEGIN
  CALL ground_scope('recognition_application', rule || ' OR state = ''publicity''', rule);
  CALL ground_scope('recognition_application_material', rule, rule);
  CALL ground_scope('recognition_review', regions, regions);
  CALL ground_scope('recognition_promise_check', rule, rule);
  CALL ground_scope('recognition_measure', rule || ' OR state IN (''in_force'', ''lifted'', ''ended'')', rule);
  CALL ground_scope('recognition_yearly_plan', rule || ' OR state = ''published''', rule);
END $$;
