"""Attacks on classes, seats and attendance: sold twice, two places at once, evidence made up, changed or taken away."""

from tests.sql.attack import FOREIGN, OVERLAP, UNIQUE, Attack
from tests.sql.attacks_texts import NUMBER

OWNER = ("owner",)


def again(table: str, key: str, /, **changes: str) -> str:
    """INSERT of a copy of a row under a new key, with these columns changed (SQL expressions)."""
    given = ", ".join(f"'{name}', {value}" for name, value in {"id": "gen_random_uuid()", **changes}.items())
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object({given}))).*"
        f" FROM {table} t WHERE id = %({key})s"
    )


def change(table: str, key: str, what: str) -> str:
    return f"UPDATE {table} SET {what} WHERE id = %({key})s"


CLASS, LESSON, SEAT = "training_training_class", "training_lesson", "training_enrolment"
ATTENDANCE, PLEA, SCAN = "training_attendance", "training_attendance_exception", "training_scan"
ROOM, TEACHER = "training_room", "training_teacher"
SEATS = (
    Attack("a seat beside the class", "seats_taken_are_sat_on", again(SEAT, "t_seat", person_id="%(somebody)s",
           voucher_id="null")),
    Attack("a seat given back and still counted", "seats_taken_are_sat_on", change(SEAT, "t_seat", "state = 'left'")),
    Attack("a class that says more is taken", "seats_taken_are_sat_on", change(CLASS, "t_class", "taken = taken + 1")),
    Attack("one more than the class holds", "seats_within_capacity", change(CLASS, "t_class", "capacity = taken - 1")),
    Attack("twice in one class", "once_alive_in_a_class", again(SEAT, "t_seat", state="'waiting'", voucher_id="null"),
           sqlstate=UNIQUE),
    Attack("a held seat without an end", "held_seat_has_an_end",
           f"WITH c AS (UPDATE {CLASS} SET taken = taken + 1 WHERE id = %(t_class)s) " 
           + again(SEAT, "t_seat", state="'held'", person_id="%(somebody)s", voucher_id="null", held_until="null")),
    Attack("one voucher for two seats", "voucher_for_one_seat",
           f"UPDATE {SEAT} SET voucher_id = (SELECT voucher_id FROM {SEAT} WHERE id = %(voucher_seat)s)"
           " WHERE id = %(t_seat)s", sqlstate=UNIQUE),
    Attack("somebody else's voucher", "seat_with_an_own_voucher", (
        change(SEAT, "t_seat", "voucher_id = %(voucher)s"), "SET CONSTRAINTS ALL IMMEDIATE"), sqlstate=FOREIGN),
    Attack("a seat of another school", "enrolment_is_of_its_class", change(SEAT, "t_seat", "body_id = %(assessor)s"),
           sqlstate=FOREIGN),
    Attack("a seat out of nothing", "training_enrolment_states", again(SEAT, "t_seat", state="'left'",
           person_id="%(somebody)s", voucher_id="null")),
    Attack("a seat that was left sat on again", "training_enrolment_states", (
        f"WITH c AS (UPDATE {CLASS} SET taken = taken - 1 WHERE id = %(t_class)s)"
        f" UPDATE {SEAT} SET state = 'left' WHERE id = %(t_seat)s",
        change(SEAT, "t_seat", "state = 'waiting'"))),
    Attack("a seat taken away", "training_enrolment_is_kept", f"DELETE FROM {SEAT} WHERE id = %(t_seat)s", by=OWNER),
)
CLASSES = (
    Attack("a class born open", "training_training_class_states", again(CLASS, "t_draft_class", state="'open'",
           number="'x'")),
    Attack("a class opened without being submitted", "training_training_class_states",
           change(CLASS, "t_draft_class", "state = 'open'")),
    Attack("a class number twice", "training_training_class_number_key", again(CLASS, "t_draft_class"),
           sqlstate=UNIQUE),
    Attack("a class that ends before it begins", "class_runs_on",
           change(CLASS, "t_draft_class", "last_on = first_on - 1")),
    Attack("more online than there is", "online_part_of_the_hours",
           change(CLASS, "t_draft_class", "online_hours = hours + 1")),
    Attack("a class taken away", "training_training_class_is_kept", f"DELETE FROM {CLASS} WHERE id = %(t_draft_class)s",
           by=OWNER),
    Attack("a lesson of no time", "lesson_takes_time", change(LESSON, "t_lesson", "ends_at = starts_at")),
    Attack("a filed lesson nowhere", "lesson_has_room_and_teacher", change(LESSON, "t_lesson", "room_id = null")),
    Attack("a teacher in two places", "teacher_in_one_place", again(LESSON, "t_lesson",
           room_id="(SELECT id FROM training_room r WHERE r.id <> t.room_id LIMIT 1)"), sqlstate=OVERLAP),
    Attack("two lessons in one room", "room_for_one_lesson", again(LESSON, "t_lesson", kind="'online'",
           teacher_id="null", teacher_person_id="null"), sqlstate=OVERLAP),
    Attack("a teacher under another's name", "lesson_names_its_teacher", (
        change(LESSON, "t_lesson", "teacher_person_id = %(somebody)s"), "SET CONSTRAINTS ALL IMMEDIATE"),
        sqlstate=FOREIGN),
    Attack("a filed lesson struck out", "training_lesson_is_kept", f"DELETE FROM {LESSON} WHERE id = %(t_lesson)s",
           by=("web", "worker", "owner")),
    Attack("all lessons emptied", "training_lesson_is_kept", f"TRUNCATE {LESSON} CASCADE", by=OWNER),
    Attack("a room without seats", "room_has_seats", change(ROOM, "t_room", "capacity = 0")),
    Attack("two rooms of one name", "room_named_once", again(ROOM, "t_room"), sqlstate=UNIQUE),
    Attack("a room taken away", "training_room_is_kept", f"DELETE FROM {ROOM} WHERE id = %(t_room)s", by=OWNER),
    Attack("a teacher twice in a school", "teacher_once_in_a_body", again(TEACHER, "t_teacher"), sqlstate=UNIQUE),
    Attack("a teacher taken away", "training_teacher_is_kept", f"DELETE FROM {TEACHER} WHERE id = %(t_teacher)s",
           by=OWNER),
    Attack("a qualification twice", "qualification_once",
           "INSERT INTO training_teacher_qualification SELECT (jsonb_populate_record(t, jsonb_build_object('id',"
           " gen_random_uuid()))).* FROM training_teacher_qualification t WHERE teacher_id = %(t_teacher)s",
           sqlstate=UNIQUE),
)  # fmt: skip
EVIDENCE = (
    Attack("somebody in two lessons at once", "learner_in_one_place", again(ATTENDANCE, "t_plain_attendance",
           lesson_id="(SELECT id FROM training_lesson WHERE class_id = %(t_draft_class)s LIMIT 1)",
           state="'expected'"), sqlstate=OVERLAP),
    Attack("twice in one lesson", "once_in_a_lesson", again(ATTENDANCE, "t_plain_attendance", online="true",
           state="'expected'"),
           sqlstate=UNIQUE),
    Attack("more hours than the lesson has", "counted_within_the_lesson",
           change(ATTENDANCE, "t_attendance", "counted = hours + 1, certainty = 'code'")),
    Attack("hours without evidence", "no_hour_without_evidence", change(ATTENDANCE, "t_attendance", "counted = 1")),
    Attack("attended out of nothing", "training_attendance_states", again(ATTENDANCE, "t_plain_attendance",
           state="'attended'", active="false")),
    Attack("an absence made a presence", "training_attendance_states",
           change(ATTENDANCE, "t_attendance", "state = 'present'")),
    Attack("an attendance of another seat", "attendance_is_of_its_seat", (
        change(ATTENDANCE, "t_attendance", "person_id = %(somebody)s, online = true"), "SET CONSTRAINTS ALL IMMEDIATE"),
        sqlstate=FOREIGN),
    Attack("an attendance taken away", "training_attendance_is_kept",
           f"DELETE FROM {ATTENDANCE} WHERE id = %(t_attendance)s", by=OWNER),
    Attack("a scan that counts and says why not", "scan_counts_or_says_why", again(SCAN, "t_scan", problem="'x'",
           device_at="now()")),
    Attack("a scan twice", "scan_once", again(SCAN, "t_scan"), sqlstate=UNIQUE),
    Attack("a scan changed", "training_scan_is_kept", change(SCAN, "t_scan", "device_at = now()")),
    Attack("a head count changed", "training_head_count_is_kept", "UPDATE training_head_count SET counted = 30"),
    Attack("a photo changed", "training_class_photo_is_kept", "UPDATE training_class_photo SET taken_at = now()"),
    Attack("a photo for two lessons", "photo_used_once",
           "INSERT INTO training_class_photo SELECT (jsonb_populate_record(t, jsonb_build_object('id',"
           " gen_random_uuid(), 'lesson_id', %(t_lesson2)s::uuid))).* FROM training_class_photo t", sqlstate=UNIQUE),
    Attack("a second plea", "training_attendance_exception_attendance_id_key", again(PLEA, "t_plea"), sqlstate=UNIQUE),
    Attack("a plea born counted", "training_attendance_exception_states", again(PLEA, "t_plea", state="'counted'",
           attendance_id="%(t_attendance)s")),
    Attack("a plea counted at once", "training_attendance_exception_states",
           change(PLEA, "t_plea", "state = 'counted'")),
    Attack("a plea taken away", "training_attendance_exception_is_kept", f"DELETE FROM {PLEA} WHERE id = %(t_plea)s",
           by=OWNER),
)  # fmt: skip
TEXTS_OF = {
    CLASS: ("t_class", "opinion"), LESSON: ("t_lesson", "topic"), SEAT: ("t_seat", "reason"),
    PLEA: ("t_plea", "finding"), ROOM: ("t_room", "address"),
}  # fmt: skip
WORDS = (
    *(
        Attack(
            f"a number in the words of {table}", f"{table}_names_no_number", change(table, key, f"{column} = {NUMBER}")
        )
        for table, (key, column) in TEXTS_OF.items()
    ),
    Attack(
        "a number in a qualification", "training_teacher_qualification_names_no_number",
        f"UPDATE training_teacher_qualification SET document = {NUMBER}",
    ),
    Attack(
        "a number in a head count", "training_head_count_names_no_number",
        "INSERT INTO training_head_count SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(),"
        f" 'note', {NUMBER}))).* FROM training_head_count t",
    ),
)  # fmt: skip
TRAINING = (*CLASSES, *SEATS, *EVIDENCE, *WORDS)
