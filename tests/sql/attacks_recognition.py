"""Attacks on titles and what leads to them: granted by nobody, promised by nobody, lifted, undone, rewritten later."""

from tests.sql.attack import UNIQUE, Attack
from tests.sql.attacks_texts import NUMBER
from tests.sql.attacks_training import OWNER, again, change

ASKED, PAPER, REVIEW = "recognition_application", "recognition_application_material", "recognition_review"
CHECK, MEASURE, TITLE, PLAN = (
    "recognition_promise_check", "recognition_measure", "recognition_title", "recognition_yearly_plan",
)  # fmt: skip
JSON = """'{"note": "330499199005010015"}'::jsonb"""
DECIDED = "decided_by_id = %(as_leader)s, decided_at = now(), decision = 'x'"
PROPOSED = "proposal = 'grant', opinion = 'x', proposed_by_id = %(as_maker)s, proposed_at = now()"


def kept(table: str, key: str) -> Attack:
    return Attack(f"{table} taken away", f"{table}_is_kept", f"DELETE FROM {table} WHERE id = %({key})s", by=OWNER)


def words(table: str, key: str, column: str) -> Attack:
    return Attack(f"a number in the words of {table}", f"{table}_names_no_number",
                  change(table, key, f"{column} = {NUMBER}"))  # fmt: skip


APPLICATIONS = (
    Attack("an application born granted", "recognition_application_states", again(ASKED, "r_draft", state="'granted'",
           procedure="'x'", signed_at="now()", signed_by_id="%(as_maker)s", signed_text="'x'",
           signed_sha256="ground_sha256('x')")),
    Attack("granted without a review", "recognition_application_states", (
        change(ASKED, "r_entry", f"state = 'granted', {PROPOSED}, decided_by_id = %(as_leader)s"),)),
    Attack("decided by who proposed", "application_decided_by_another",
           change(ASKED, "r_entry", f"{PROPOSED}, decided_by_id = %(as_maker)s")),
    Attack("decided by nobody", "application_decided_by_somebody", (
        change(ASKED, "r_entry", f"state = 'proposed', {PROPOSED}"), change(ASKED, "r_entry", "state = 'refused'"))),
    Attack("half a promise", "promise_is_signed_whole", change(ASKED, "r_draft", "signed_by_id = %(as_maker)s")),
    Attack("another text than was signed", "promise_is_what_was_signed", change(ASKED, "r_draft",
           "signed_at = now(), signed_by_id = %(as_maker)s, signed_text = 'y', signed_sha256 = ground_sha256('x')")),
    Attack("posted without an end", "publicity_has_an_end", (
        change(ASKED, "r_entry", f"state = 'proposed', {PROPOSED}"),
        change(ASKED, "r_entry", "state = 'publicity', decided_by_id = %(as_leader)s"))),
    Attack("two applications at a time", "one_application_at_a_time", again(ASKED, "r_draft"), sqlstate=UNIQUE),
    Attack("a number in the answers", "answers_name_no_number", change(ASKED, "r_draft", f"answers = {JSON}")),
    Attack("answers rewritten while judged", "recognition_application_is_kept",
           change(ASKED, "r_entry", "answers = '{}'")),
    Attack("a promise rewritten", "recognition_application_is_kept", change(ASKED, "r_licence",
           "signed_text = 'x', signed_sha256 = ground_sha256('x')")),
    Attack("an application of another body", "recognition_application_is_kept",
           change(ASKED, "r_draft", "body_id = %(assessor)s")),
    kept(ASKED, "r_draft"),
    words(ASKED, "r_draft", "opinion"),
    Attack("a paper changed", "recognition_application_material_is_kept", change(PAPER, "r_paper", "size = 1")),
    Attack("a number in a paper's name", "recognition_application_material_names_no_number",
           again(PAPER, "r_paper", file_name=NUMBER)),
    Attack("two reviews of an expert", "one_review_an_expert", again(REVIEW, "r_review"), sqlstate=UNIQUE),
    Attack("a review with an interest", "review_without_an_interest",
           change(REVIEW, "r_review", "total = 90, answered_at = now(), conflict = true")),
    Attack("a review answered twice", "recognition_review_is_kept", change(REVIEW, "r_answered", "note = 'x'")),
    Attack("a review of somebody else", "recognition_review_is_kept",
           change(REVIEW, "r_review", "reviewer_id = %(as_leader)s")),
    Attack("a number in a review's answers", "review_names_no_number", change(REVIEW, "r_review", f"answers = {JSON}")),
    kept(REVIEW, "r_review"),
    words(REVIEW, "r_review", "note"),
)  # fmt: skip
CHECKS = (
    Attack("a promise born kept", "recognition_promise_check_states", again(CHECK, "r_check", state="'kept'",
           criterion="'x'", finding="'x'", found_by_id="%(as_maker)s", found_at="now()")),
    Attack("a kept promise made due", "recognition_promise_check_states", change(CHECK, "r_found", "state = 'due'")),
    Attack("found by nobody", "check_says_what_was_found", change(CHECK, "r_check", "state = 'kept'")),
    Attack("untrue without a day", "untrue_promise_has_a_day", change(CHECK, "r_check",
           "state = 'untrue', finding = 'x', found_by_id = %(as_maker)s, found_at = now()")),
    Attack("escalated to nothing", "escalated_to_a_measure",
           change(CHECK, "r_check", "measure_id = %(r_measure)s")),
    Attack("a promise checked twice over", "one_check_a_promise", again(CHECK, "r_check"), sqlstate=UNIQUE),
    Attack("a finding of a promise rewritten", "recognition_promise_check_is_kept",
           change(CHECK, "r_found", "finding = 'x'")),
    Attack("another promise", "recognition_promise_check_is_kept", change(CHECK, "r_check", "sentence = 'x'")),
    kept(CHECK, "r_check"),
    words(CHECK, "r_check", "outcome"),
)  # fmt: skip
MEASURES = (
    Attack("a measure born in force", "recognition_measure_states", again(MEASURE, "r_measure", state="'in_force'",
           kind="'warning'", title_id="null", decided_by_id="%(as_leader)s", decided_at="now()", decision="'x'")),
    Attack("a measure in force opened again", "recognition_measure_states",
           change(MEASURE, "r_stopped", "state = 'dropped'")),
    Attack("a suspension without an end", "suspension_has_an_end",
           again(MEASURE, "r_measure", kind="'suspension'", title_id="null", answer_by="null")),
    Attack("an exit from nothing", "exit_is_from_a_title", again(MEASURE, "r_measure", title_id="null")),
    Attack("a measure without a term", "measure_gives_a_term", again(MEASURE, "r_measure", answer_by="null")),
    Attack("half a decision", "measure_is_decided_whole",
           change(MEASURE, "r_measure", "decided_by_id = %(as_leader)s")),
    Attack("decided by who opened", "measure_decided_by_another", change(MEASURE, "r_measure",
           "state = 'dropped', decided_by_id = opened_by_id, decided_at = now(), decision = 'x'")),
    Attack("a licence withdrawn unheard", "withdrawal_after_a_hearing",
           change(MEASURE, "r_measure", f"state = 'in_force', arrangement = 'teach_out', {DECIDED}")),
    Attack("classes forgotten", "running_classes_are_thought_of", change(MEASURE, "r_measure",
           f"state = 'in_force', hearing_waived_at = now(), {DECIDED}")),
    Attack("an exit lifted", "an_exit_is_not_lifted", (
        change(MEASURE, "r_measure", f"state = 'in_force', arrangement = 'teach_out', hearing_waived_at = now(),"
               f" {DECIDED}"),
        change(MEASURE, "r_measure", "state = 'lifted', ended_at = now(), end_reason = 'x'"))),
    Attack("a decision on a measure rewritten", "recognition_measure_is_kept",
           change(MEASURE, "r_stopped", "decision = 'y'")),
    Attack("other facts", "recognition_measure_is_kept", change(MEASURE, "r_measure", "facts = 'y'")),
    kept(MEASURE, "r_measure"),
    words(MEASURE, "r_measure", "answer"),
)  # fmt: skip
TITLES = (
    Attack("a title of a refused application", "title_was_granted", again(TITLE, "r_title",
           application_id="%(r_draft)s", from_on="'2026-03-03'")),
    Attack("a title granted twice", "recognition_title_application_id_key", again(TITLE, "r_title"), sqlstate=UNIQUE),
    Attack("a title that ends for nothing", "title_ends_for_a_reason",
           change(TITLE, "r_title", "ended_at = '2026-03-02 09:00+08', until_on = '2026-03-01'")),
    Attack("an exit that takes days before it", "recognition_title_is_kept", change(TITLE, "r_title",
           "ended_at = '2026-03-20 09:00+08', until_on = '2026-03-01', end_reason = 'x'")),
    Attack("an exit undone", "recognition_title_is_kept", (
        change(TITLE, "r_title", "ended_at = '2026-03-20 09:00+08', until_on = '2026-03-19', end_reason = 'x'"),
        change(TITLE, "r_title", "until_on = '2026-12-31'"))),
    Attack("a number in why a title ended", "recognition_title_names_no_number", change(TITLE, "r_title",
           f"ended_at = '2026-03-20 09:00+08', until_on = '2026-03-19', end_reason = {NUMBER}")),
)  # fmt: skip
PLANS = (
    Attack("a plan born public", "recognition_yearly_plan_states", again(PLAN, "r_begun", state="'published'",
           year="2025", published_at="now()")),
    Attack("a public plan taken back", "recognition_yearly_plan_states",
           (change(PLAN, "r_plan", "state = 'replaced'"), change(PLAN, "r_plan", "state = 'published'"))),
    Attack("public at no time", "public_plan_has_its_moment", again(PLAN, "r_begun", year="2024",
           published_at="now()")),
    Attack("two public plans of a year", "one_public_plan_a_year",
           change(PLAN, "r_begun", "state = 'published', published_at = now()"), sqlstate=UNIQUE),
    Attack("two drafts of a year", "one_drafted_plan_a_year", again(PLAN, "r_begun"), sqlstate=UNIQUE),
    Attack("a public plan rewritten", "recognition_yearly_plan_is_kept", change(PLAN, "r_plan", "lines = '[]'")),
    Attack("a number in a plan", "plan_names_no_number", change(PLAN, "r_begun", f"lines = {JSON}")),
    kept(PLAN, "r_plan"),
)  # fmt: skip
RECOGNITION = (*APPLICATIONS, *CHECKS, *MEASURES, *TITLES, *PLANS)
