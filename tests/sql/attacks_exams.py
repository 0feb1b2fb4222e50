"""Attacks on examinations: numbers, plans, candidates, examiners, scores, supervision, certificates (P35, C2, C3)."""

from tests.sql.attack import OVERLAP, UNIQUE, Attack, insert


def plan(**more: str) -> str:
    given = {
        "number": "'n'", "body_id": "%(exam_body)s", "region_id": "%(region)s", "name": "'x'", "site": "'x'",
        "kind": "'skill_level'", "sign_up_until": "'2026-03-05'", "exam_on": "'2026-03-12'", "state": "'draft'",
        "state_since": "%(at)s", "entered_by_name": "''", "opinion": "''", "external": "false",
    } | more  # fmt: skip
    return insert("assessment_exam_plan", **given)


def subject(**more: str) -> str:
    given = {
        "plan_id": "%(draft_plan)s", "edition": "'2022'", "subject": "%(exam_occupation)s", "level": "'4'",
        "title": "''", "theory": "'paper'", "practice": "'scene'", "review": "''", "theory_minutes": "90",
        "practice_minutes": "60", "review_minutes": "30", "pass_mark": "60",
    } | more  # fmt: skip
    return insert("assessment_exam_subject", **given)


def room(**more: str) -> str:
    given = {
        "plan_id": "%(plan)s", "part": "'theory'", "name": "'新考场'", "places": "1", "starts_at": "%(exam_day)s",
        "ends_at": "%(exam_day)s::timestamptz + interval '1 hour'",
    } | more  # fmt: skip
    return insert("assessment_exam_room", **given)


def candidate(**more: str) -> str:
    given = {
        "plan_id": "%(plan)s", "subject_id": "%(exam_subject)s", "person_id": "%(joining)s", "region_id": "%(region)s",
        "body_id": "%(exam_body)s", "name_then": "''", "document": "''", "source": "'society'", "condition": "''",
        "eligibility": "'[]'", "paper": "''", "admitted_by_name": "''", "parts": "'[]'", "state": "'signed_up'",
        "state_since": "%(at)s", "reason": "''", "entered_by_name": "''",
    } | more  # fmt: skip
    return insert("assessment_candidate", **given)


def examiner(**more: str) -> str:
    given = {
        "person_id": "%(joining)s", "body_id": "%(exam_body)s", "region_id": "%(region)s", "card_number": "''",
        "subjects": "'[]'", "from_on": "'2026-01-01'", "entered_by_name": "''",
    } | more  # fmt: skip
    return insert("assessment_examiner", **given)


def duty(**more: str) -> str:
    given = {
        "plan_id": "%(plan)s", "room_id": "%(exam_room)s", "examiner_id": "%(on_duty)s",
        "person_id": "%(on_duty_person)s",
        "region_id": "%(region)s", "body_id": "%(exam_body)s", "starts_at": "'2027-01-01'", "ends_at": "'2027-01-02'",
        "given_by_name": "''", "given_at": "%(at)s",
    } | more  # fmt: skip
    return insert("assessment_exam_duty", **given)


def entry(**more: str) -> str:
    given = {
        "candidate_id": "%(half)s", "region_id": "%(region)s", "body_id": "%(exam_body)s", "part": "'theory'",
        "turn": "2", "score": "80", "note": "''", "entered_by_id": "%(exam_second)s", "entered_at": "%(at)s",
    } | more  # fmt: skip
    return insert("assessment_score_entry", **given)


def change(**more: str) -> str:
    given = {
        "candidate_id": "%(changed)s", "region_id": "%(region)s", "body_id": "%(exam_body)s", "part": "'practice'",
        "was": "75", "becomes": "90", "reason": "'x'", "asked_by_id": "%(exam_clerk)s", "asked_at": "%(at)s",
        "state": "'asked'",
    } | more  # fmt: skip
    return insert("assessment_score_change", **given)


def series(**more: str) -> str:
    given = {
        "body_id": "%(bare_body)s", "region_id": "%(region)s", "letter": "'S'", "serial": "'000009'",
        "given_at": "%(at)s", "given_by_name": "''",
    } | more  # fmt: skip
    return insert("assessment_number_series", **given)


def set_of(what: str, key: str, changes: str) -> str:
    return f"UPDATE assessment_{what} SET {changes} WHERE id = %({key})s"


NUMBERS = (
    Attack("a second series for a body", "one_series_per_body", series(body_id="%(exam_body)s"), sqlstate=UNIQUE),
    Attack("digits given twice", "series_given_once", series(serial="'042101'"), sqlstate=UNIQUE),
    Attack("a letter of no kind", "series_fits", series(letter="'Q'")),
    Attack(
        "digits changed", "assessment_number_series_is_kept", set_of("number_series", "series", "serial = '000008'")
    ),
    Attack(
        "a number given again", "assessment_number_counter_is_kept", set_of("number_counter", "counter", "last = 0")
    ),
    Attack(
        "a second counter of a year",
        "counter_of_a_year",
        insert("assessment_number_counter", series_id="%(series)s", sort="'S'", year="2026", last="1"),
        sqlstate=UNIQUE,
    ),
)
PLANS = (
    Attack(
        "a mark lowered", "assessment_exam_subject_is_kept", set_of("exam_subject", "exam_subject", "pass_mark = 1")
    ),
    Attack(
        "a correction rewritten", "assessment_score_change_is_kept", set_of("score_change", "change", "becomes = 99")
    ),
    Attack("a plan born open", "assessment_exam_plan_states", plan(state="'open'")),
    Attack(
        "a plan opened past the county",
        "assessment_exam_plan_states",
        set_of("exam_plan", "draft_plan", "state = 'open'"),
    ),
    Attack("sign-up after the exam", "sign_up_ends_before_the_exam", plan(sign_up_until="'2026-03-13'")),
    Attack(
        "published by who closed it",
        "two_people_publish",
        set_of("exam_plan", "closed_plan", "published_by_id = closed_by_id"),
    ),
    Attack(
        "a number used by two plans", "assessment_exam_plan_number_key", plan(number="%(plan_number)s"), sqlstate=UNIQUE
    ),
    Attack(
        "supervised without a look",
        "looked_over_before_published",
        set_of("exam_plan", "closed_plan", "state = 'supervised'"),
    ),
    Attack(
        "a subject twice",
        "subject_once_in_a_plan",
        (subject(), subject()),
        sqlstate=UNIQUE,
    ),
    Attack("a subject without an exam", "subject_is_examined_somehow", subject(theory="''", practice="''")),
    Attack("a room twice", "exam_room_once", (room(), room()), sqlstate=UNIQUE),
    Attack("a room without places", "exam_room_has_places_and_time", room(places="0")),
)
CANDIDATES = (
    Attack(
        "a candidate born passed",
        "assessment_candidate_states",
        candidate(state="'passed'"),
        instead={role: "passed_by_its_scores" for role in ("web", "worker", "owner")},
    ),
    Attack("a candidate admitted at once", "assessment_candidate_states", candidate(state="'admitted'")),
    Attack("a pass unmade", "assessment_candidate_states", set_of("candidate", "passed", "state = 'sat'")),
    Attack("the same person twice", "candidate_once_alive", candidate(person_id="%(joined_person)s"), sqlstate=UNIQUE),
    *(
        Attack(
            f"two on one {part} place",
            guard,
            (
                set_of("candidate", "joined", f"{part}_room_id = %(exam_room)s, {part}_seat = 1"),
                candidate(**{f"{part}_room_id": "%(exam_room)s", f"{part}_seat": "1"}),
            ),
            sqlstate=UNIQUE,
        )
        for part, guard in (
            ("theory", "one_on_a_theory_seat"),
            ("practice", "one_on_a_practice_place"),
            ("review", "one_on_a_review_place"),
        )
    ),
    Attack(
        "more than a hundred",
        "scores_out_of_a_hundred",
        (
            change(becomes="101"),
            "UPDATE assessment_score_change SET state = 'confirmed', closed_by_id = %(exam_second)s"
            " WHERE becomes = 101",
            set_of("candidate", "changed", "practice = 101"),
        ),
    ),
    Attack("a score out of nothing", "score_entered_by_two", set_of("candidate", "sitting", "theory = 80")),
    Attack("a score that one typed", "score_entered_by_two", set_of("candidate", "half", "theory = 80")),
    Attack(
        "a published score changed",
        "published_result_stays",
        (
            change(candidate_id="%(passed)s", part="'theory'", becomes="81"),
            "UPDATE assessment_score_change SET state = 'confirmed', closed_by_id = %(exam_second)s"
            " WHERE candidate_id = %(passed)s",
            set_of("candidate", "passed", "theory = 81"),
        ),
    ),
    Attack(
        "a pass below the mark",
        "passed_by_its_scores",
        (
            entry(),
            set_of("candidate", "half", "theory = 80, state = 'sat'"),
            set_of("candidate", "half", "state = 'passed'"),
        ),
    ),
)
EXAMINERS = (
    Attack("an examiner twice", "examiner_once", examiner(person_id="%(on_duty_person)s"), sqlstate=UNIQUE),
    Attack(
        "in two rooms at once",
        "examiner_in_one_room",
        (duty(), duty()),
        sqlstate=OVERLAP,
    ),
    Attack(
        "a trainer who examines",
        "trainer_is_no_examiner",
        duty(examiner_id="%(trainer)s", person_id="%(trainer_person)s"),
    ),
    Attack(
        "a learner of the trainer who joins",
        "trainer_is_no_examiner",
        (
            set_of("candidate", "joined", "state = 'withdrawn'"),
            "UPDATE assessment_candidate SET state = 'withdrawn' WHERE plan_id = %(plan)s AND state = 'signed_up'",
            duty(examiner_id="%(trainer)s", person_id="%(trainer_person)s"),
            candidate(training_class_id="%(class)s"),
        ),
    ),
    Attack(
        "a candidate who examines",
        "examiner_is_no_candidate",
        duty(examiner_id="%(learner)s", person_id="%(learner_person)s"),
    ),
    Attack(
        "an examiner of the training body",
        "examiner_not_of_the_trainer",
        duty(examiner_id="%(colleague)s", person_id="%(colleague_person)s"),
    ),
)
SCORES = (
    Attack("a turn typed twice", "entry_once_a_turn", entry(turn="1"), sqlstate=UNIQUE),
    Attack(
        "both entries by one", "entries_by_different_people", entry(entered_by_id="%(exam_clerk)s"), sqlstate=UNIQUE
    ),
    Attack("a fourth turn", "entry_fits", entry(turn="4")),
    Attack("an entry retyped", "assessment_score_entry_is_kept", "UPDATE assessment_score_entry SET score = 90"),
    Attack("a finding rewritten", "assessment_supervision_is_kept", "UPDATE assessment_supervision SET agreed = true"),
    Attack(
        "a change born confirmed",
        "assessment_score_change_states",
        change(state="'confirmed'", closed_by_id="%(exam_second)s"),
    ),
    Attack(
        "a change undone",
        "assessment_score_change_states",
        (set_of("score_change", "change", "state = 'dropped'"), set_of("score_change", "change", "state = 'asked'")),
    ),
    Attack("two changes at once", "one_open_change_of_a_score", (change(), change()), sqlstate=UNIQUE),
    Attack(
        "a change confirmed by who asked",
        "change_confirmed_by_another",
        set_of("score_change", "change", "state = 'confirmed', closed_by_id = asked_by_id"),
    ),
)
CERTIFIED = (
    Attack(
        "a second certificate of one pass",
        "one_certificate_of_a_candidate",
        set_of(
            "certificate",
            "lower",
            "candidate_id = (SELECT candidate_id FROM assessment_certificate WHERE id = %(exam_certificate)s)",
        ),
        sqlstate=UNIQUE,
    ),
    Attack(
        "a certificate linked to no pass",
        "certificate_after_a_pass",
        set_of("certificate", "lower", "candidate_id = %(sitting)s"),
    ),
    Attack(
        "a certificate written without a pass",
        "certificate_after_a_pass",
        "INSERT INTO assessment_certificate SELECT (jsonb_populate_record(c, jsonb_build_object('id',"
        " gen_random_uuid(), 'number', 'forged', 'level', '1', 'candidate_id', %(sitting)s::text,"
        " 'person_id', (SELECT person_id FROM assessment_candidate WHERE id = %(sitting)s)))).*"
        " FROM assessment_certificate c WHERE c.id = %(exam_certificate)s",
    ),
)
REMOVED = tuple(
    Attack(f"{table} removed", f"assessment_{table}_is_kept", f"DELETE FROM assessment_{table}", by=("owner",))
    for table in (
        "exam_plan",
        "exam_room",
        "candidate",
        "examiner",
        "exam_duty",
        "score_change",
        "number_series",
        "number_counter",
    )
)
EXAMS = (*NUMBERS, *PLANS, *CANDIDATES, *EXAMINERS, *SCORES, *CERTIFIED, *REMOVED)
