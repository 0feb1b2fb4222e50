"""Rules on what was taken before: times in the year and in life, the same or a higher level, another channel."""

import numpy as np

from jiangxin.rules.facts import UNKNOWN_COUNT
from jiangxin.rules.rule import NO, NOT_APPLICABLE, UNKNOWN, YES, Ask, opposite, rule, spread, yes_if
from jiangxin.rules.schemes import steps
from jiangxin.rules.schemes.certificate_rules import ARTICLE_13, CLAIM_NOTICE, CLAIM_NOTICE_SINCE, OPINION_SINCE
from jiangxin.rules.vocabulary import KINDS_WITH_LEVELS


@rule(
    title="年度次数未满",
    article=ARTICLE_13,
    words="原则上每人每年可享受不超过3次",
    quoted=True,
    reads=("count_issued_year", "count_received_year", "count_decided_year"),
    yes="您{count_year}年已享受 {taken} 次，未满 {yearly_cap}。",
    no="您{count_year}年已享受 {taken} 次，满 {yearly_cap}。",
    unknown="计入年度的享受次数尚未查全。",
    change="当年已享受的某一次被撤销并退回后，可再次核定。付给单位或机构的也算您的次数。",
    not_applicable="这项补贴在本地不计次数。",
    details=lambda ask: {"count_year": str(ask.once(steps.count_year)[0]), "taken": _taken(ask)},
)
def yearly_cap(ask: Ask) -> np.ndarray:
    """At most the cap in the counted year over all schemes, also counting what was paid to a body for the person."""
    taken = ask.once(steps.taken_in_year)
    cap = ask.number("yearly_cap", steps.paying_region, steps.issued)
    takes = ask.once(steps.takes_count)
    free = yes_if(taken < cap.ints(), cap.known & (taken != UNKNOWN_COUNT))
    return np.where(takes == NO, NOT_APPLICABLE, np.where((takes == UNKNOWN) & (free == NO), UNKNOWN, free))


def _taken(ask: Ask) -> str:
    taken = int(ask.once(steps.taken_in_year)[0])
    return "？" if taken == UNKNOWN_COUNT else str(taken)


@rule(
    title="累计次数未满",
    article="本地规定",
    words="每人累计享受次数不超过本地规定",
    quoted=False,
    reads=("lifetime_count",),
    yes="您累计享受 {lifetime_count} 次，未满 {lifetime_cap}。",
    no="您累计享受 {lifetime_count} 次，满 {lifetime_cap}。",
    unknown="累计享受次数，或本地有无此项规定，尚未查明。",
    change="已享受的某一次被撤销并退回后，可再次核定。",
    turned_by="lifetime_count",
    not_applicable="本地没有累计次数的限制。",
)
def lifetime_cap(ask: Ask) -> np.ndarray:
    cap = ask.number("lifetime_cap", steps.paying_region, steps.issued)
    taken = ask.facts.lifetime_count
    filed = cap.each(steps.filed, bool)
    return np.where(filed, yes_if(taken < cap.ints(), cap.known & (taken != UNKNOWN_COUNT)), NOT_APPLICABLE)


@rule(
    title="同一职业同一等级只享受一次",
    article=ARTICLE_13,
    words="同一职业同一等级不可重复享受",
    quoted=True,
    reads=("same_level_taken", "occupation_key"),
    yes="您没有就这个职业和等级享受过补贴。",
    no="您已就这个职业和等级享受过补贴。",
    unknown="是否享受过同一职业同一等级的补贴尚未查全。",
    change="原来那一次被撤销并退回后，可再次核定。",
    turned_by="same_level_taken",
    since=OPINION_SINCE,
)
def not_taken_before(ask: Ask) -> np.ndarray:
    """P9: over both schemes and the history; 专项 by item, 培训合格 by project. An unknown occupation is unknown."""
    answer = opposite(ask.facts.same_level_taken)
    return np.where((ask.facts.occupation_key < 0) & (answer == YES), UNKNOWN, answer)


@rule(
    title="没有享受过更高等级",
    article=CLAIM_NOTICE,
    words="同一职业（工种）已享受较高等级补贴的，不再享受较低等级补贴",
    quoted=False,
    reads=("higher_level_taken", "cert_kind"),
    yes="您没有就这个职业享受过更高等级的补贴。",
    no="您已就这个职业享受过更高等级的补贴。",
    unknown="是否享受过更高等级的补贴尚未查全。",
    change="更高等级的那一次被撤销并退回后，可再次核定。",
    turned_by="higher_level_taken",
    since=CLAIM_NOTICE_SINCE,
    not_applicable="专项职业能力和培训合格证书不分等级，这一条不适用。",
)
def no_higher_level_taken(ask: Ask) -> np.ndarray:
    return np.where(ask.facts.cert_kind < KINDS_WITH_LEVELS, opposite(ask.facts.higher_level_taken), NOT_APPLICABLE)


@rule(
    title="其他渠道没有重复支付",
    article="同一证书不重复补贴（本地规定可付差额）",
    words="同一证书已由其他渠道补贴的，不再享受；本地规定付差额的，付差额",
    quoted=False,
    reads=("other_channel_paid_fen",),
    yes="其他渠道没有付过，或付得少、还有差额可付。",
    yes_of=lambda ask: (
        "其他渠道已付 {other_channel_paid_fen} 元，这里付差额。"
        if ask.facts.other_channel_paid_fen[0] > 0
        else "其他渠道没有为这本证书付过钱。"
    ),
    no="其他渠道已付 {other_channel_paid_fen} 元，没有余额可付。",
    unknown="其他渠道是否已付尚未查明。",
    settled_by="这一类别和等级的标准（由有权的人社、财政部门登记）",
    change="其他渠道的补贴退回后，可再次核定。",
    turned_by="other_channel_paid_fen",
)
def other_channel_leaves_something(ask: Ask) -> np.ndarray:
    """P4: excluded, or the difference; a difference of 0 or less is a no that takes no count."""
    paid = ask.facts.other_channel_paid_fen
    if not paid.any():
        return spread(YES, ask.rows)
    mode, standard = ask.once(steps.channel_mode), ask.once(steps.standard_fen)
    difference = np.where(standard < 0, UNKNOWN, standard > paid)
    answer = np.where(mode == UNKNOWN, UNKNOWN, np.where(mode == 0, NO, difference))
    return np.where(paid == UNKNOWN_COUNT, UNKNOWN, np.where(paid == 0, YES, answer))
