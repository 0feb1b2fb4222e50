"""Violations about vouchers, each by the invariant that must see it."""

PLANTED_VOUCHERS = [
    ("M4", "UPDATE training_voucher SET reserved_fen = reserved_fen + 1 WHERE id = %(held_voucher)s"),
    ("M4", "UPDATE funds_transfer SET subject_id = gen_random_uuid() WHERE id = %(earmark)s",
     "UPDATE training_voucher SET reserved_fen = 0 WHERE id = %(held_voucher)s"),
    ("V1", "ALTER TABLE training_voucher DROP CONSTRAINT used_voucher_says_since_when",
     "UPDATE training_voucher SET first_used_at = NULL WHERE id = %(used_voucher)s"),
    ("V1", "ALTER TABLE training_voucher DROP CONSTRAINT expired_for_a_cause",
     "UPDATE training_voucher SET state = 'expired' WHERE id = %(voucher)s"),
    ("V1", "UPDATE training_voucher SET person_id = %(somebody)s WHERE id = %(held_voucher)s"),
    ("V1", "DROP INDEX voucher_for_one_seat",
     "UPDATE training_enrolment SET voucher_id = %(used_voucher)s, person_id = (SELECT person_id FROM training_voucher"
     " WHERE id = %(used_voucher)s), class_id = gen_random_uuid() WHERE id = %(voucher_seat)s"),
    ("V2", "UPDATE training_voucher_batch SET planned = 3, issued = 3 WHERE id = %(voucher_batch)s"),
    ("V2", "UPDATE training_voucher_batch SET issued = issued - 1 WHERE id = %(voucher_batch)s"),
    ("V2", "ALTER TABLE training_voucher_batch DROP CONSTRAINT voucher_batch_needs_two_people",
     "UPDATE training_voucher_batch SET issued_by_id = entered_by_id WHERE id = %(voucher_batch)s"),
    ("V3", "UPDATE training_voucher SET code_index = 'ABCD' WHERE id = %(voucher)s"),
]  # fmt: skip
