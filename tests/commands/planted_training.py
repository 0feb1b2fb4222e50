"""Violations planted for the invariants of seats, lessons and settlements."""

PLANTED_TRAINING = (
    ("S1", "UPDATE training_training_class SET taken = taken + 1 WHERE id = %(free_class)s"),
    ("S1", "UPDATE training_enrolment SET state = 'left' WHERE id = %(free_seat)s"),
    (
        "S2",
        "DROP INDEX once_alive_in_a_class",
        "INSERT INTO training_enrolment SELECT (jsonb_populate_record("
        "e, jsonb_build_object('id', gen_random_uuid()))).*"
        " FROM training_enrolment e WHERE id = %(free_seat)s",
    ),
    (
        "S3",
        "ALTER TABLE training_attendance DROP CONSTRAINT learner_in_one_place",
        "UPDATE training_attendance SET starts_at = (SELECT min(starts_at) FROM training_attendance"
        " WHERE enrolment_id = %(free_seat)s) WHERE enrolment_id = %(free_seat)s",
    ),
    (
        "S3",
        "ALTER TABLE training_lesson DROP CONSTRAINT teacher_in_one_place",
        "ALTER TABLE training_lesson DROP CONSTRAINT room_for_one_lesson",
        "UPDATE training_lesson SET starts_at = (SELECT min(starts_at) FROM training_lesson"
        " WHERE class_id = %(free_class)s) WHERE class_id = %(free_class)s",
    ),
    ("P24", "UPDATE subsidy_settlement SET approved = 2, submitted = 2 WHERE id = %(settled)s"),
    ("P24", "UPDATE subsidy_settlement SET sum_fen = sum_fen + 1 WHERE id = %(settled)s"),
    ("P24", "UPDATE subsidy_settlement_head SET state = 'struck', reason = 'x' WHERE id = %(settled_head)s"),
    ("P24", "UPDATE subsidy_subsidy_line SET state = 'to_notice' WHERE id = %(settling)s"),
)
