-- Who may touch what (Z10): nobody but the owner deletes business rows; balances and law of states are read only.
GRANT USAGE ON SCHEMA public TO {web}, {worker}, {releaser}, {verifier};
GRANT SELECT ON ALL TABLES IN SCHEMA public TO {web}, {worker}, {releaser}, {verifier};
GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {web}, {worker};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {web}, {worker}, {releaser};
REVOKE INSERT, UPDATE ON funds_pool_balance, funds_transfer_template, ground_transition, subsidy_level_lock, django_migrations
  FROM {web}, {worker};
REVOKE UPDATE ON funds_transfer, ground_journal_entry, subsidy_decision, subsidy_approval, subsidy_notice_line,
  payment_return_file FROM {web}, {worker};
-- Money leaves by the worker's and the releaser's hand only; the web role shows and asks.
REVOKE INSERT, UPDATE ON payment_batch, payment_payment, payment_return_file FROM {web};
GRANT UPDATE (state, reconciled_at, reconciled_by_id) ON payment_batch TO {web};
GRANT UPDATE (state, closed_by_id, closed_at, finding) ON payment_return_file TO {web};
GRANT UPDATE (state, state_since, due_on) ON subsidy_subsidy_line TO {releaser};
GRANT UPDATE (state, sent_at, sent_by_id) ON payment_batch TO {releaser};
GRANT UPDATE (state) ON payment_payment TO {releaser};
GRANT INSERT ON funds_transfer, ground_journal_entry TO {releaser};
GRANT DELETE ON assessment_result_file_error, django_session, axes_accessattempt, axes_accessattemptexpiration TO {web}, {worker};
GRANT DELETE ON procrastinate_jobs, procrastinate_events, procrastinate_workers, procrastinate_periodic_defers TO {worker};
-- Who was matched is a working list until the batch is issued: matched anew, it is struck out.
GRANT DELETE ON training_voucher TO {web}, {worker};
GRANT DELETE ON training_lesson, training_teacher_qualification, assessment_exam_subject TO {web}, {worker};
