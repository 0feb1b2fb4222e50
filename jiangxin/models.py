"""Gathers the models of all chapters into the one Django app, and the tables of states that the database repeats."""

from jiangxin.assessment.examining import *  # noqa: F403
from jiangxin.assessment.examining import SCORE_CHANGE_STATES
from jiangxin.assessment.exams import *  # noqa: F403
from jiangxin.assessment.exams import CANDIDATE_STATES, PLAN_STATES
from jiangxin.assessment.models import *  # noqa: F403
from jiangxin.assessment.models import FILE_STATES
from jiangxin.catalogue.models import *  # noqa: F403
from jiangxin.funds.models import *  # noqa: F403
from jiangxin.funds.models import POOL_STATES
from jiangxin.ground.calendar import CalendarDay  # noqa: F401
from jiangxin.ground.clock import Clock  # noqa: F401
from jiangxin.ground.jobs import Job  # noqa: F401
from jiangxin.ground.journal import JournalEntry  # noqa: F401
from jiangxin.ground.regions import Region, RegionList  # noqa: F401
from jiangxin.ground.transitions import Transition  # noqa: F401
from jiangxin.parties.models import *  # noqa: F403
from jiangxin.parties.models import LOAD_STATES, PAYEE_STATES
from jiangxin.parties.workforce import *  # noqa: F403
from jiangxin.parties.workforce import ROSTER_STATES
from jiangxin.payment.models import *  # noqa: F403
from jiangxin.payment.models import BATCH_STATES, PAYMENT_STATES, RETURN_STATES
from jiangxin.recognition.cases import *  # noqa: F403
from jiangxin.recognition.cases import APPLICATION_STATES, CHECK_STATES, MEASURE_STATES
from jiangxin.recognition.models import *  # noqa: F403
from jiangxin.recognition.models import YEARLY_PLAN_STATES
from jiangxin.subsidy.heirs import HEIR_STATES, HeirPayee  # noqa: F401
from jiangxin.subsidy.models import *  # noqa: F403
from jiangxin.subsidy.models import (
    HOLD_STATES,
    LINE_STATES,
    NOTICE_STATES,
    OBJECTION_STATES,
    SHEET_STATES,
    STANDARD_STATES,
)
from jiangxin.subsidy.officer import ANSWER_STATES, OfficerAnswer  # noqa: F401
from jiangxin.subsidy.settlements import SETTLEMENT_STATES, Settlement, SettlementHead  # noqa: F401
from jiangxin.training.evidence import *  # noqa: F403
from jiangxin.training.evidence import ATTENDANCE_STATES, EXCEPTION_STATES
from jiangxin.training.models import *  # noqa: F403
from jiangxin.training.models import CLASS_STATES, ENROLMENT_STATES
from jiangxin.training.statements import *  # noqa: F403
from jiangxin.training.transfers import TRANSFER_STATES, TransferOffer  # noqa: F401
from jiangxin.training.vouchers import *  # noqa: F403
from jiangxin.training.vouchers import VOUCHER_BATCH_STATES, VOUCHER_STATES

STATES = (
    ("parties_register_load", LOAD_STATES),
    ("parties_payee_account", PAYEE_STATES),
    ("parties_roster_file", ROSTER_STATES),
    ("funds_pool", POOL_STATES),
    ("assessment_result_file", FILE_STATES),
    ("recognition_application", APPLICATION_STATES),
    ("recognition_promise_check", CHECK_STATES),
    ("recognition_measure", MEASURE_STATES),
    ("recognition_yearly_plan", YEARLY_PLAN_STATES),
    ("assessment_exam_plan", PLAN_STATES),
    ("assessment_candidate", CANDIDATE_STATES),
    ("assessment_score_change", SCORE_CHANGE_STATES),
    ("training_training_class", CLASS_STATES),
    ("training_enrolment", ENROLMENT_STATES),
    ("training_transfer_offer", TRANSFER_STATES),
    ("training_attendance", ATTENDANCE_STATES),
    ("training_attendance_exception", EXCEPTION_STATES),
    ("training_voucher_batch", VOUCHER_BATCH_STATES),
    ("training_voucher", VOUCHER_STATES),
    ("subsidy_subsidy_line", LINE_STATES),
    ("subsidy_notice", NOTICE_STATES),
    ("subsidy_objection", OBJECTION_STATES),
    ("subsidy_approval_sheet", SHEET_STATES),
    ("subsidy_hold", HOLD_STATES),
    ("subsidy_officer_answer", ANSWER_STATES),
    ("subsidy_heir_payee", HEIR_STATES),
    ("subsidy_settlement", SETTLEMENT_STATES),
    ("subsidy_adopted_standard", STANDARD_STATES),
    ("payment_batch", BATCH_STATES),
    ("payment_payment", PAYMENT_STATES),
    ("payment_return_file", RETURN_STATES),
)
