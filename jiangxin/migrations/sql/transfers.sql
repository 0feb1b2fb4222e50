-- Transfers (P38): an offer is of the seat, the learner and the class it names; what was answered stays.
CALL ground_keep_states(ARRAY['training_transfer_offer']);
CALL ground_never_delete(ARRAY['training_transfer_offer']);
CREATE TRIGGER sealed BEFORE UPDATE OF measure_id, enrolment_id, from_class_id, region_id, body_id, to_class_id, words,
  offered_at ON training_transfer_offer FOR EACH STATEMENT EXECUTE FUNCTION ground_refuse_change();
CREATE TRIGGER answered_once BEFORE UPDATE ON training_transfer_offer FOR EACH ROW
  WHEN (OLD.answered_at IS NOT NULL AND (OLD.answered_at, OLD.new_seat_id) IS DISTINCT FROM (NEW.answered_at, NEW.new_seat_id))
  EXECUTE FUNCTION ground_refuse_change();
ALTER TABLE training_transfer_offer ADD CONSTRAINT offer_is_of_its_seat
  FOREIGN KEY (enrolment_id, person_id, from_class_id) REFERENCES training_enrolment (id, person_id, class_id)
  DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE training_transfer_offer ADD CONSTRAINT offer_leaves_a_class_of_the_body
  FOREIGN KEY (from_class_id, body_id) REFERENCES training_training_class (id, body_id);
-- Whoever moved sits in the class that was offered.
ALTER TABLE training_transfer_offer ADD CONSTRAINT moved_to_what_was_offered
  FOREIGN KEY (new_seat_id, person_id, to_class_id) REFERENCES training_enrolment (id, person_id, class_id)
  DEFERRABLE INITIALLY DEFERRED;

DO $$
DECLARE
  rule constant text := $p$region_id = ANY ((SELECT nullif(current_setting('app.regions', true), '')::int[])::int[])
    OR person_id = (SELECT nullif(current_setting('app.person', true), '')::uuid)$p$;
BEGIN
  CALL ground_scope('training_transfer_offer',
    rule || $p$ OR body_id = (SELECT nullif(current_setting('app.body', true), '')::uuid)$p$, rule);
END $$;
