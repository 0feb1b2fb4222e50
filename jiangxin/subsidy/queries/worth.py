"""What a class is worth to a learner by the law: the amount that a voucher of standard value sets aside (P37)."""

from datetime import date

from jiangxin.subsidy.queries.public import offers
from jiangxin.training.models import TrainingClass


def class_worth(training_class: TrainingClass, on: date) -> int | None:
    """The training subsidy for a certificate of this class, in fen, on a day; None where no standard is known."""
    one = training_class
    for offer in offers(one.region_id, one.kind, one.subject, one.level, on):
        if offer.scheme == "certificate_subsidy":
            return offer.amount_fen
    return None
