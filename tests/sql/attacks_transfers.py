"""Attacks on transfers: offered twice, of another seat, moved to nowhere, answered twice, rewritten, taken away."""

from tests.sql.attack import FOREIGN, UNIQUE, Attack
from tests.sql.attacks_recognition import kept
from tests.sql.attacks_texts import NUMBER
from tests.sql.attacks_training import again, change

OFFER = "training_transfer_offer"
NOW = "SET CONSTRAINTS ALL IMMEDIATE"
TRANSFERS = (
    Attack("an offer born answered", f"{OFFER}_states",
           again(OFFER, "x_offer", state="'stayed'", answered_at="now()")),
    Attack("an answer made another", f"{OFFER}_states", change(OFFER, "x_stayed", "state = 'withdrawn'")),
    Attack("two offers at a time", "one_transfer_offer_at_a_time", again(OFFER, "x_offer"), sqlstate=UNIQUE),
    Attack("answered at no instant", "transfer_answered_at_an_instant", change(OFFER, "x_offer", "state = 'stayed'")),
    Attack("moved to nowhere", "moved_to_a_seat", change(OFFER, "x_offer", "state = 'moved', answered_at = now()")),
    Attack("stayed on a new seat", "moved_to_a_seat",
           change(OFFER, "x_offer", "state = 'stayed', answered_at = now(), new_seat_id = %(x_seat)s")),
    Attack("moved to the seat one had", "moved_to_what_was_offered", (
        change(OFFER, "x_offer", "state = 'moved', answered_at = now(), new_seat_id = %(x_seat)s"), NOW),
        sqlstate=FOREIGN),
    Attack("a class to itself", "transfer_leads_elsewhere", again(OFFER, "x_stayed", to_class_id="%(x_class)s",
           state="'offered'", answered_at="null")),
    Attack("an offer of another's seat", "offer_is_of_its_seat", (
        again(OFFER, "x_stayed", person_id="%(x_person)s", state="'offered'", answered_at="null"), NOW),
        sqlstate=FOREIGN),
    Attack("an offer of another body's class", "offer_leaves_a_class_of_the_body",
           again(OFFER, "x_stayed", body_id="%(assessor)s", state="'offered'", answered_at="null"), sqlstate=FOREIGN),
    Attack("another class than was offered", f"{OFFER}_is_kept", change(OFFER, "x_offer", "to_class_id = null")),
    Attack("answered twice", f"{OFFER}_is_kept", change(OFFER, "x_stayed", "answered_at = now()")),
    kept(OFFER, "x_offer"),
    Attack("a number in the words of an offer", f"{OFFER}_names_no_number",
           again(OFFER, "x_stayed", words=NUMBER, state="'offered'", answered_at="null")),
)  # fmt: skip
