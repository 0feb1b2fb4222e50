-- Row-level security (Z3): no scope set = no rows, for the owner too; a person sees own rows, a body its own.
DO $$
DECLARE
  t text;
  regions constant text := $p$region_id = ANY ((SELECT nullif(current_setting('app.regions', true), '')::int[])::int[])$p$;
  person constant text := $p$person_id = (SELECT nullif(current_setting('app.person', true), '')::uuid)$p$;
  body constant text := $p$ = (SELECT nullif(current_setting('app.body', true), '')::uuid)$p$;
  rule text;
BEGIN
  FOREACH t IN ARRAY ARRAY['funds_pool', 'funds_transfer', 'funds_budget_line', 'parties_register_file', 'assessment_result_file', 'assessment_result_file_error',
      'assessment_certificate', 'subsidy_subsidy_line', 'subsidy_decision', 'subsidy_notice', 'subsidy_notice_line', 'subsidy_objection',
      'subsidy_approval_sheet', 'subsidy_approval', 'subsidy_hold', 'subsidy_officer_answer', 'subsidy_heir_payee', 'payment_paying_account', 'payment_batch', 'payment_payment',
      'payment_statement_entry', 'payment_return_file'] LOOP
    rule := CASE t
      WHEN 'assessment_certificate' THEN format('%s OR %s OR assessor_id%s OR provider_id%s'
        ' OR EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.certificate_id = assessment_certificate.id)',
        regions, person, body, body)
      WHEN 'assessment_result_file' THEN format('%s OR body_id%s', regions, body)
      WHEN 'assessment_result_file_error' THEN format('%s OR EXISTS (SELECT FROM assessment_result_file f WHERE f.id = file_id)', regions)
      WHEN 'subsidy_subsidy_line' THEN format('%s OR %s', regions, person)
      -- Written once: after a merge of two records the person is found by the line, which moved.
      WHEN 'subsidy_decision' THEN format('%s OR EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.id = line_id AND l.%s)', regions, person)
      WHEN 'payment_payment' THEN format('%s OR EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.id = line_id AND l.%s)', regions, person)
      WHEN 'subsidy_hold' THEN format('%s OR EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.id = line_id)', regions)
      WHEN 'subsidy_officer_answer' THEN format('%s OR EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.id = line_id)', regions)
      WHEN 'subsidy_heir_payee' THEN format('%s OR EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.id = line_id)', regions)
      WHEN 'subsidy_objection' THEN format('%s OR EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.id = line_id)', regions)
      WHEN 'subsidy_notice' THEN format('%s OR state = ''posted''', regions)
      WHEN 'subsidy_notice_line' THEN format('%s OR EXISTS (SELECT FROM subsidy_notice n WHERE n.id = notice_id AND n.state = ''posted'')', regions)
      WHEN 'payment_return_file' THEN format('%s OR region_id IS NULL AND nullif(current_setting(''app.regions'', true), '''') <> ''{}''', regions)
      ELSE regions END;
    -- What is seen beyond the own regions (a posted notice, the own line) is written in the regions of the deed only.
    CALL ground_scope(t, rule, CASE WHEN t IN ('assessment_result_file', 'payment_return_file') THEN rule ELSE regions END);
  END LOOP;
END $$;

-- A human being is one person in the whole province: the rows about one belong to no region. They are seen by whoever asks for
-- the whole province (facts, loads, holds, the last door), by the person, by the counter the person stands at (app.visited), and
-- by whoever sees a line of the person or one that the person inherits, or has a certificate of the person in the region. The
-- assessor knows the document of whom it examined, never an account or what was paid before. Statuses are for the person and for the law alone (P17).
DO $$
DECLARE
  t text;
  whole constant text := $p$(SELECT 330000 = ANY (nullif(current_setting('app.regions', true), '')::int[]))$p$;
  own constant text := $p$(SELECT nullif(current_setting('app.person', true), '')::uuid)$p$;
  visited constant text := $p$(SELECT nullif(current_setting('app.visited', true), '')::uuid)$p$;
  regions constant text := $p$region_id = ANY ((SELECT nullif(current_setting('app.regions', true), '')::int[])::int[])$p$;
  actor constant text := $p$(SELECT nullif(current_setting('app.actor', true), '')::uuid)$p$;
  known text;
  rule text;
BEGIN
  FOREACH t IN ARRAY ARRAY['parties_spell', 'parties_person_document', 'parties_payee_account', 'parties_person_merge',
      'subsidy_earlier_subsidy', 'subsidy_level_lock', 'ground_journal_entry'] LOOP
    -- Whoever sees a line sees its certificate: for documents that one question says both.
    known := format('%s OR person_id IN (%s, %s) OR EXISTS (SELECT FROM assessment_certificate c WHERE c.person_id = %I.person_id%s)'
      ' OR EXISTS (SELECT FROM subsidy_heir_payee h WHERE h.person_id = %I.person_id)', whole, own, visited, t,
      CASE t WHEN 'parties_person_document' THEN '' ELSE format(' AND c.%s)'
        ' OR EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.person_id = %I.person_id', regions, t) END, t);
    rule := CASE t
      WHEN 'parties_spell' THEN format('%s OR person_id = %s', whole, own)
      WHEN 'parties_person_merge' THEN format('%s OR merged_by_id = %s'
        ' OR EXISTS (SELECT FROM parties_person_document d WHERE d.person_id = kept_id)', whole, actor)
      WHEN 'ground_journal_entry' THEN format('%s OR %s OR person_id IN (%s, %s) OR account_id = %s'
        ' OR EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.id = ground_journal_entry.subject_id)'
        -- A school reads what was done to its classes, whoever did it.
        ' OR EXISTS (SELECT FROM training_training_class c WHERE c.id = ground_journal_entry.subject_id'
        ' AND c.body_id = (SELECT nullif(current_setting(''app.body'', true), '''')::uuid))', whole, regions, own, visited, actor)
      -- The account of a body is known to the body, to its county, and to whoever sees a line that is paid to it.
      WHEN 'parties_payee_account' THEN format('%s OR body_id = (SELECT nullif(current_setting(''app.body'', true), '''')::uuid)'
        ' OR EXISTS (SELECT FROM parties_organisation o WHERE o.id = body_id AND o.%s)'
        ' OR EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.payee_body_id = parties_payee_account.body_id)', known, regions)
      ELSE known END;
    -- What was done to a line is seen with it, also after its person was found to be another record. A deed is written down whoever did it, and wherever.
    CALL ground_scope(t, rule, CASE t WHEN 'ground_journal_entry' THEN 'true' ELSE rule END);
  END LOOP;
END $$;
