"""Attacks on online learning: statements changed, taken away or given to others, counts that do not add up."""

from tests.sql.attack import FOREIGN, UNIQUE, Attack
from tests.sql.attacks_training import OWNER, again, change

PLATFORM, STATEMENT, STUDY = "training_online_platform", "training_statement", "training_study_count"
FRESH = "gen_random_uuid()"
ONLINE = (
    Attack("a platform of another body", f"{PLATFORM}_is_kept",
           change(PLATFORM, "t_platform", "body_id = %(assessor)s")),
    Attack("a platform opened again", f"{PLATFORM}_is_kept", change(PLATFORM, "t_closed_platform", "closed_at = null")),
    Attack("two platforms of one name", "platform_named_once", again(PLATFORM, "t_platform", key="'p-x'"),
           sqlstate=UNIQUE),
    Attack("one key for two platforms", f"{PLATFORM}_key_key", again(PLATFORM, "t_platform", name="'x'"),
           sqlstate=UNIQUE),
    Attack("a platform taken away", f"{PLATFORM}_is_kept", f"DELETE FROM {PLATFORM} WHERE id = %(t_platform)s",
           by=OWNER),
    Attack("a statement at another time", f"{STATEMENT}_is_kept",
           change(STATEMENT, "t_statement", "at = at - interval '1 hour'")),
    Attack("a statement that says more", f"{STATEMENT}_is_kept", change(STATEMENT, "t_statement", "claimed_ms = 1")),
    Attack("a statement no longer voided", f"{STATEMENT}_is_kept", change(STATEMENT, "t_voided", "voided_at = null")),
    Attack("a voiding statement voided", "voiding_is_not_voided", again(STATEMENT, "t_statement", number=FRESH,
           voids="true", voided_at="now()")),
    Attack("a statement twice", "statement_once", again(STATEMENT, "t_statement"), sqlstate=UNIQUE),
    Attack("a statement of a seat and of no lesson", "statement_of_a_seat_or_of_none",
           again(STATEMENT, "t_statement", number=FRESH, lesson_id="null")),
    Attack("a statement of somebody else", "statement_is_of_its_seat", (
        change(STATEMENT, "t_statement", "person_id = %(somebody)s"), "SET CONSTRAINTS ALL IMMEDIATE"),
        sqlstate=FOREIGN),
    Attack("a statement taken away", f"{STATEMENT}_is_kept", f"DELETE FROM {STATEMENT} WHERE id = %(t_statement)s",
           by=OWNER),
    Attack("more counted than was claimed", "study_within_what_was_claimed",
           change(STUDY, "t_study", """refused = '{"night": -1}', counted = claimed + 1""")),
    Attack("seconds that went nowhere", "study_adds_up", change(STUDY, "t_study", "counted = counted - 1")),
    Attack("a lesson counted twice", "study_counted_once", again(STUDY, "t_study"), sqlstate=UNIQUE),
    Attack("a count of somebody else", "study_is_of_its_seat", (
        change(STUDY, "t_study", "person_id = %(somebody)s"), "SET CONSTRAINTS ALL IMMEDIATE"), sqlstate=FOREIGN),
    Attack("a count taken away", f"{STUDY}_is_kept", f"DELETE FROM {STUDY} WHERE id = %(t_study)s", by=OWNER),
)  # fmt: skip
