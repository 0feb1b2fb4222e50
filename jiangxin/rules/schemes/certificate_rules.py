"""Rules on the certificate, the places and the money, shared by the schemes that pay for certificates."""

from datetime import date

import numpy as np

from jiangxin.rules.facts import NO_REGION, UNKNOWN_COUNT, UNKNOWN_REGION
from jiangxin.rules.parameters import Entry
from jiangxin.rules.rule import NOT_APPLICABLE, UNKNOWN, YES, Ask, add_months, either, rule, spread, yes_if
from jiangxin.rules.schemes import steps
from jiangxin.rules.vocabulary import KINDS, PLACES

ARTICLE_13 = "浙人社发〔2022〕32号 第13条"
ARTICLE_14 = "浙人社发〔2022〕32号 第14条"
ARTICLE_19 = "浙人社发〔2022〕32号 第19条"
OPINION_SINCE = date(2022, 4, 29)
CLAIM_NOTICE = "《关于进一步加强和改进职业培训补贴管理工作的通知》（文号未见）"
CLAIM_NOTICE_SINCE = date(2024, 8, 1)


@rule(
    title="证书可联网查询",
    article=ARTICLE_14,
    words="均可通过人力社保部门技能人才评价证书全国或省联网查询系统查询",
    quoted=True,
    reads=("listed",),
    yes="联网查询结果与这本证书一致。",
    unknown="还没有与联网查询名单核对一致，名单载入后再次核定。",
)
def queryable(ask: Ask) -> np.ndarray:
    """P11: a second source agrees; a list that does not agree is no proof against the person, so it stays unknown."""
    return yes_if(ask.facts.listed == YES, ask.facts.listed == YES)


@rule(
    title="证书未被撤销",
    article=ARTICLE_14,
    words="被撤销的证书不得享受补贴",
    quoted=False,
    reads=("revoked_on",),
    yes="证书没有被撤销。",
    no="证书已于{revoked_on}被撤销。",
    unknown="证书是否撤销尚未查明。",
    change="撤销决定被依法纠正后，可再次核定。",
    turned_by="revoked_on",
)
def not_revoked(ask: Ask) -> np.ndarray:
    return yes_if(np.isnat(ask.facts.revoked_on))


@rule(
    title="证书类别在补贴范围内",
    article=ARTICLE_13,
    words="取得证书（职业资格证书、职业技能等级证书、专项职业能力证书、培训合格证书等）的，按规定给予职业培训补贴",
    quoted=True,
    reads=("cert_kind",),
    yes="{cert_kind}在补贴范围内。",
    no="{cert_kind}不在这项补贴的范围内。",
    unknown="哪些证书在范围内，规定未查明。",
    change="取得在补贴范围内的证书，可按新证书核定。",
    turned_by="cert_kind",
)
def kind_in_scope(ask: Ask) -> np.ndarray:
    found = ask.number("cert_kinds", steps.paying_region, steps.issued)
    return found.tables(_kinds)[found.rows, ask.facts.cert_kind]


def _kinds(entry: Entry) -> np.ndarray:
    if not entry.known:
        return np.full(len(KINDS), UNKNOWN)
    return np.array([kind in entry.value for kind in KINDS], dtype=np.int8)


@rule(
    title="核发时有补贴标准",
    article=ARTICLE_19,
    words="建立职业培训补贴标准动态评估调整机制，加大紧缺职业（工种）培训补贴力度，探索建立基于职业分类的职业培训差异化补贴制度",
    quoted=True,
    reads=("cert_kind", "occupation_key", "occupation_class", "level", "training_hours"),
    yes="{issued_on}核发时的标准是 {standard} 元。",
    no="{issued_on}核发时，本地对这类证书不发补贴。",
    unknown="{issued_on}核发时的标准尚未查明。",
    settled_by="这一类别和等级的标准（由有权的人社、财政部门登记）",
    change="本地对这类证书定出标准后核发的证书，可按新标准核定。",
    details=lambda ask: {"standard": steps.said_yuan(ask.once(steps.standard_fen))},
)
def standard_set(ask: Ask) -> np.ndarray:
    """An explicit 0 says that the region pays nothing; a missing cell is unknown."""
    fen = ask.once(steps.standard_fen)
    return yes_if(fen > 0, fen >= 0)


@rule(
    title="在申领期限内",
    article=CLAIM_NOTICE,
    words="自证书核发之日起 12 个月内申领",
    quoted=False,
    reads=("issued_on", "received_on", "requested_on", "late_upload"),
    yes="证书{issued_on}核发，{claimed_on}收到，在{deadline}之前。",
    no="证书{issued_on}核发，{claimed_on}才收到，已过{deadline}。",
    unknown="期限尚不能确定：评价机构报送过迟，或规定未查明。",
    settled_by="报送延误（由经办人员核定）",
    change="如您在{deadline}之前已向经办机构提出过，请提供记录。",
    turned_by="requested_on",
    details=lambda ask: {
        "claimed_on": steps.said_day(ask.once(steps.claimed)),
        "deadline": steps.said_day(deadline(ask)),
    },
)
def within_window(ask: Ask) -> np.ndarray:
    """P6: issue day to the earlier of receipt and request. Missed only by the assessor's delay: an officer looks."""
    facts = ask.facts
    known = ask.number("claim_window_months", steps.paying_region, steps.issued).known
    last = ask.once(deadline)
    missed = ask.once(steps.claimed) > last
    if not facts.late_upload.any():
        return yes_if(~missed, known)
    by_assessor = facts.late_upload & missed & ~(ask.once(timely_day) > last)
    return yes_if(~missed, known & ~by_assessor)


def deadline(ask: Ask) -> np.ndarray:
    """The last day of the window, the same day of the month inclusive."""
    months = ask.number("claim_window_months", steps.paying_region, steps.issued).ints()
    return add_months(ask.facts.issued_on, months)


def timely_day(ask: Ask) -> np.ndarray:
    """The last day on which an upload would not have been late; NaT where the term is unknown."""
    days = ask.number("late_upload_days", steps.paying_region, steps.issued)
    return np.where(days.known, ask.facts.issued_on + days.ints(), np.datetime64("NaT", "D"))


@rule(
    title="报送及时，不影响年度",
    article="本项目办事规程（评价机构报送时限）",
    words="评价机构逾期报送，会改变计入年度的，由经办人员核定",
    quoted=False,
    reads=("issued_on", "received_on", "late_upload"),
    yes="报送时间不影响期限和计入年度。",
    unknown="评价机构报送过迟，会改变计入哪一年，由经办人员核定。",
    settled_by="报送延误（由经办人员核定）",
)
def uploaded_in_time(ask: Ask) -> np.ndarray:
    """P6: a late upload that would change the counted year goes to an officer; it is never a no to the person."""
    late = ask.facts.late_upload
    if not late.any():
        return spread(YES, ask.rows)
    timely = ask.once(timely_day)
    by_receipt = ask.once(steps.counted_day) == ask.facts.received_on
    same_year = timely.astype("datetime64[Y]") == ask.facts.received_on.astype("datetime64[Y]")
    settled = ~late | (~np.isnat(timely) & (~by_receipt | same_year))
    return yes_if(settled, settled)


@rule(
    title="培训地与您有关联",
    article=ARTICLE_13,
    words="在户籍地、常住地、培训地、求职就业地参加培训",
    quoted=True,
    reads=("training_region", "hukou_region", "residence_region", "employment_region", "insured_region"),
    yes="您在{training_region}参加培训，符合本地认可的地点之一。",
    no="您在{training_region}参加培训，与本地认可的地点都不一致。",
    unknown="培训地与本地认可的其他地点的关系尚未查明。",
    settled_by="是否在培训地就读或毕业（由学校回答）",
    change="在培训地有户籍、常住或求职就业登记后参加的培训，可以享受。",
    turned_by="hukou_region",
)
def one_of_four_places(ask: Ask) -> np.ndarray:
    """P5: the training place alone suffices unless a dated regional rule leaves it out of the accepted places.

    No register here says where a person went to school: where that counts, it is never a no.
    """
    facts = ask.facts
    found = ask.number("places_accepted", steps.paying_region, steps.issued)
    accepted = found.each(_places, np.int8)
    if ((accepted & _TRAINING > 0) & (facts.training_region > NO_REGION)).all():
        return spread(YES, ask.rows)
    answer = spread(NOT_APPLICABLE, ask.rows)
    for place, name in enumerate(PLACES):
        if not (accepted & (1 << place)).any():
            continue
        region = np.full(ask.rows, UNKNOWN_REGION) if name == "school" else getattr(facts, f"{name}_region")
        tied = _tied(facts.training_region, region)
        answer = either(answer, np.where(accepted & (1 << place), tied, NOT_APPLICABLE))
    return np.where(found.known, answer, UNKNOWN)


_TRAINING = 1 << tuple(PLACES).index("training")


def _places(entry: Entry) -> int:
    return sum(1 << place for place, name in enumerate(PLACES) if entry.known and name in entry.value)


def _tied(training: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Whether a place is the training region; one registered by the city (市本级) is tied to its counties."""
    same = (place == training) | ((training % 100 == 0) & (place // 100 == training // 100))
    unknown = (training == UNKNOWN_REGION) | (place == UNKNOWN_REGION)
    return np.where(unknown, UNKNOWN, same & (training != NO_REGION))


@rule(
    title="由哪里支付",
    article="省内经办分工（默认：培训补贴由开班备案地、技能提升补贴由参保地支付）",
    words="一本证书只由一个经办机构支付",
    quoted=False,
    reads=("class_filed_region", "insured_region"),
    yes="由{paying_region}的经办机构支付。",
    no="没有经办机构可以支付：没有开班备案地或参保地。",
    unknown="由哪里支付尚未查明。",
    change="补齐开班备案或参保登记后再次核定。",
    details=lambda ask: {"paying_region": f"{int(ask.once(steps.paying_region)[0]):06d}"},
)
def office_known(ask: Ask) -> np.ndarray:
    region = ask.once(steps.paying_region)
    return yes_if(region > NO_REGION, region >= NO_REGION)


@rule(
    title="评价机构有资格",
    article=ARTICLE_14,
    words="证书由核发时有资格的评价机构评价核发",
    quoted=False,
    reads=("assessor_titled",),
    yes="评价机构在核发时有这个职业和等级的资格。",
    no="评价机构在核发时没有这个职业和等级的资格。",
    unknown="评价机构在核发时的资格尚未查明。",
    change="评价机构的资格记录如有错，更正后再次核定。",
    turned_by="assessor_titled",
    since=OPINION_SINCE,
)
def assessor_titled(ask: Ask) -> np.ndarray:
    return ask.facts.assessor_titled


@rule(
    title="课时学满",
    article="本项目办事规程（培训课时要有考勤依据）",
    words="出勤课时达到规定比例的，算学满",
    quoted=False,
    reads=("planned_hours", "attended_hours"),
    yes="这个班 {planned_hours} 课时，您出勤 {attended_hours} 课时，达到 {attendance_share_percent}%。",
    no="这个班 {planned_hours} 课时，您出勤 {attended_hours} 课时，不到 {attendance_share_percent}%。",
    unknown="出勤课时，或当时规定的比例，尚未查明。",
    settled_by="算学满的出勤比例（由有权的人社部门登记）",
    change="考勤有误的，由县里核对更正后再次核定。",
    turned_by="attended_hours",
    not_applicable="这个班的考勤不在本平台，按机构报送的培训记录办理。",
)
def hours_complied(ask: Ask) -> np.ndarray:
    """Whether the hours were attended, apart from whether the person is eligible (issue 4, section 4)."""
    facts = ask.facts
    if not facts.evidence_here.any():
        return spread(NOT_APPLICABLE, ask.rows)
    share = ask.number("attendance_share_percent", steps.paying_region, steps.issued)
    known = share.known & (facts.planned_hours != UNKNOWN_COUNT) & (facts.attended_hours != UNKNOWN_COUNT)
    enough = facts.attended_hours * 100 >= facts.planned_hours * share.ints()
    return np.where(facts.evidence_here, yes_if(enough, known), NOT_APPLICABLE)


@rule(
    title="有可用的资金渠道",
    article=ARTICLE_19,
    words="统筹就业补助资金、失业保险基金、职业技能提升行动专账结余资金以及地方人才经费、行业产业发展经费等，支持职业技能培训工作",
    quoted=True,
    reads=(),
    yes="从{fund}支付。",
    unknown="支付地还没有登记可用的资金使用顺序，登记后继续办理。",
    settled_by="可用的资金使用顺序（由支付地财政部门登记）",
    details=lambda ask: {"fund": steps.said_fund(ask.once(steps.fund))},
)
def fund_named(ask: Ask) -> np.ndarray:
    """P19: chosen before looking at balances; no order filed is unknown."""
    chosen = ask.once(steps.fund) >= 0
    return yes_if(chosen, chosen)
