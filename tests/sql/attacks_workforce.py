"""Attacks on who works for whom: entered twice, rewritten, revived, made a register's word; lists and offers too."""

from tests.sql.attack import FOREIGN, UNIQUE, Attack
from tests.sql.attacks_texts import NUMBER
from tests.sql.attacks_training import CLASS, OWNER, SEAT, again, change

WORK, LIST, OFFER = "parties_employment", "parties_roster_file", "training_class_offer"
WORKFORCE = (
    Attack("somebody twice in a workforce", "one_open_employment_of_a_kind", again(WORK, "w_contract"),
           sqlstate=UNIQUE),
    Attack("an employment that ends before it begins", "employment_runs_forward",
           change(WORK, "w_contract", "until_on = from_on - 1")),
    Attack("a contract that declares a status", "only_platforms_declare_a_status",
           again(WORK, "w_contract", until_on="'2026-02-01'", spell_id="%(w_spell)s")),
    Attack("an employment moved to another firm", "parties_employment_is_kept",
           change(WORK, "w_contract", "body_id = %(assessor)s")),
    Attack("an employment revived", "parties_employment_is_kept", change(WORK, "w_left", "until_on = null")),
    Attack("an employment taken away", "parties_employment_is_kept", f"DELETE FROM {WORK} WHERE id = %(w_left)s",
           by=OWNER),
    Attack("a platform's word made a register's", "certified_by_a_register",
           "UPDATE parties_spell SET certified = true WHERE id = %(w_spell)s"),
    Attack("a list born loaded", "parties_roster_file_states", again(LIST, "w_list", state="'loaded'")),
    Attack("a list that was dropped loaded", "parties_roster_file_states",
           change(LIST, "w_dropped", "state = 'loaded'")),
    Attack("more loaded than sent", "roster_counts_its_rows", change(LIST, "w_list", "loaded_rows = rows + 1")),
    Attack("a dropped list kept", "roster_emptied_when_dropped",
           change(LIST, "w_dropped", "content = decode('00', 'hex')")),
    Attack("a list under another hash", "parties_roster_file_is_kept", change(LIST, "w_list", "sha256 = 'x'")),
    Attack("a list taken away", "parties_roster_file_is_kept", f"DELETE FROM {LIST} WHERE id = %(w_dropped)s",
           by=OWNER),
    Attack("a number in the name of a list", "parties_roster_file_names_no_number",
           again(LIST, "w_list", file_name=NUMBER)),
    Attack("a class kept twice for a firm", "offered_once_to_a_body", again(OFFER, "w_offer"), sqlstate=UNIQUE),
    Attack("a class kept by another school", "offer_is_of_its_class",
           again(OFFER, "w_offer", body_id="%(assessor)s", provider_id="%(assessor)s"), sqlstate=FOREIGN),
    Attack("an offer turned to another firm", "training_class_offer_is_kept",
           change(OFFER, "w_offer", "body_id = %(assessor)s")),
    Attack("an offer taken away", "training_class_offer_is_kept", f"DELETE FROM {OFFER} WHERE id = %(w_offer)s",
           by=OWNER),
    Attack("somebody sent by nobody", "sent_by_an_employer",
           f"WITH c AS (UPDATE {CLASS} SET taken = taken + 1 WHERE id = %(t_class)s) "
           + again(SEAT, "t_seat", source="'employer'", person_id="%(somebody)s", voucher_id="null")),
)  # fmt: skip
