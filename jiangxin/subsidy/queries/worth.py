"""What a class is worth to a learner by the law: the amount that a voucher of standard value sets aside (P37)."""

from datetime import date

from jiangxin.rules.vocabulary import PERSON_SCHEMES
from jiangxin.subsidy.facts import BODY_OF_CLASS
from jiangxin.subsidy.queries.public import offers
from jiangxin.training.models import TrainingClass


def class_worth(training_class: TrainingClass, on: date) -> int | None:
    """What is paid for a certificate of this class, to whomever, in fen, on a day; None where no standard is known."""
    one = training_class
    scheme = BODY_OF_CLASS.get(one.pays, PERSON_SCHEMES)[0]
    return offers(one.region_id, one.kind, one.subject, one.level, on, [scheme])[0].amount_fen
