"""A person's archive as one dated list, the latest first, each entry with the source it is known from (16.1)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from jiangxin.assessment.queries import OwnCertificate
from jiangxin.ground.clock import day_of
from jiangxin.ground.money import yuan
from jiangxin.parties.models import Spell
from jiangxin.rules.rule import in_chinese
from jiangxin.subsidy.queries.person import Earlier, OwnLine


@dataclass(frozen=True)
class Entry:
    """What is on record of one day, and where it comes from."""

    on: date
    title: str
    note: str
    source: str


def archive(
    certificates: Iterable[OwnCertificate],
    lines: Iterable[OwnLine],
    earlier: Iterable[Earlier],
    spells: Iterable[Spell],
) -> list[Entry]:
    """Training, certificates, money and statuses of one person."""
    entries = [*_learnt(certificates), *_paid(lines, earlier), *map(_status, spells)]
    return sorted(entries, key=lambda entry: entry.on, reverse=True)


def _learnt(certificates: Iterable[OwnCertificate]) -> Iterator[Entry]:
    for own in certificates:
        reported = f"{own.assessor}{in_chinese(day_of(own.received_at))}报送"
        if own.training_first_on and own.training_last_on:
            hours = f"，{own.training_hours} 课时" if own.training_hours else ""
            taught, provider = own.training_title or "培训职业未报", own.provider or "培训机构未报"
            yield Entry(own.training_last_on, f"培训结束：{taught}", f"{provider}{hours}", reported)
        yield Entry(own.issued_on, f"取得{own.title}", f"{own.level_name}，{own.number}", reported)
        if own.revoked_on:
            yield Entry(own.revoked_on, f"{own.title}证书被撤销", own.revoked_reason, own.assessor)


def _paid(lines: Iterable[OwnLine], earlier: Iterable[Earlier]) -> Iterator[Entry]:
    for line in lines:
        if line.state == "paid":
            note = f"{line.scheme_name}，{line.title} {line.level_name}"
            got = f"付给{line.payee}" if line.payee else "到账"
            yield Entry(
                day_of(line.state_since), f"{got} {yuan(line.amount_fen)} 元", note, f"{line.office}，银行回单"
            )
    for row in earlier:
        got = "到账" if row.to_person else f"付给{row.payee}"
        note = "，".join(word for word in (row.scheme, f"{row.title} {row.level}".strip()) if word)
        yield Entry(row.paid_on, f"{got} {yuan(row.amount_fen)} 元", note, row.source)


def _status(spell: Spell) -> Entry:
    until = f"至 {in_chinese(spell.until_on)}" if spell.until_on else "至今"
    months = f"，累计 {spell.months} 个月" if spell.months else ""
    return Entry(spell.from_on, spell.kind.name, f"{until}{months}", source_of(spell))


def source_of(spell: Spell) -> str:
    """Where a status is known from: its register and the day of the extract, or that it was only declared."""
    if spell.load:
        return f"{spell.kind.register.name}，{in_chinese(spell.load.extracted_on)}取得"
    return f"{spell.source or '本人申报'}，未经登记认证"
