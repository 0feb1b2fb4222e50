-- Who works for whom: written once, ended once, seen by the body that says it, by the person and by the county (2.1, 4.2).
CALL ground_keep_states(ARRAY['parties_roster_file']);
CALL ground_never_delete(ARRAY['parties_employment', 'parties_roster_file', 'training_class_offer']);
CREATE TRIGGER sealed BEFORE UPDATE OF body_id, region_id, kind, from_on, source, spell_id, entered_by_name ON parties_employment
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER ended_once BEFORE UPDATE ON parties_employment FOR EACH ROW
  WHEN (OLD.until_on IS NOT NULL AND NEW.until_on IS DISTINCT FROM OLD.until_on) EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF body_id, region_id, purpose, about, file_name, sha256, sent_by_name, sent_at
  ON parties_roster_file FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER sealed BEFORE UPDATE OF class_id, body_id, provider_id, region_id, offered_at ON training_class_offer
  FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
ALTER TABLE training_class_offer ADD CONSTRAINT offer_is_of_its_class
  FOREIGN KEY (class_id, provider_id) REFERENCES training_training_class (id, body_id);

DO $$
DECLARE
  regions constant text := $p$region_id = ANY ((SELECT nullif(current_setting('app.regions', true), '')::int[])::int[])$p$;
  person constant text := $p$person_id = (SELECT nullif(current_setting('app.person', true), '')::uuid)$p$;
  own_body constant text := $p$(SELECT nullif(current_setting('app.body', true), '')::uuid)$p$;
  rule text;
BEGIN
  rule := format('%s OR %s OR body_id = %s', regions, person, own_body);
  CALL ground_scope('parties_employment', rule, rule);
  rule := format('%s OR body_id = %s', regions, own_body);
  CALL ground_scope('parties_roster_file', rule, rule);
  CALL ground_scope('training_class_offer', format('%s OR %s IN (body_id, provider_id)', regions, own_body),
    format('%s OR provider_id = %s', regions, own_body));
END $$;
