"""Certificates: written from a checked file in sets, revoked once."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from jiangxin.assessment.columns import KINDS_WITH_LEVEL
from jiangxin.assessment.models import Certificate, ResultFile
from jiangxin.ground.actor import Actor, see_region
from jiangxin.ground.clock import day_of
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.ground.staging import rows_of, run, stage
from jiangxin.parties.operations.persons import PersonRow, register_persons
from jiangxin.rules.parameters import Law


class CertificateRevokedAlready(Refusal):
    sentence = "这张证书 {revoked_on} 已经撤销。"
    remedy = "不需要再办。"


class RevocationNeedsReason(Refusal):
    sentence = "撤销证书要写明原因。"
    remedy = "请填写原因，200 字以内。"


class RevocationDayWrong(Refusal):
    sentence = "撤销日期早于发证日期，或在今天之后。"
    remedy = "请核对撤销日期。"


INSERT_CERTIFICATES = """
INSERT INTO assessment_certificate (
    id, person_id, region_id, kind, number, name_then, edition, occupation, trade, item, title, level, issued_on,
    exam_on, theory_score, practice_score, review_score, assessor_id, provider_id, class_number, class_region_id,
    training_region_id, training_first_on, training_last_on, training_hours, training_edition, training_subject,
    training_title, received_at, late, file_id, file_row, revoked_reason)
SELECT r.certificate_id, p.person_id, %(region)s, %(kind)s, r.certificate, r.name, k.edition,
       CASE WHEN %(levelled)s THEN r.code ELSE '' END, coalesce(r.trade, ''),
       CASE WHEN %(levelled)s THEN '' ELSE r.code END, k.title, coalesce(r.level, ''), r.issued_on, r.exam_on,
       r.theory, r.practice, r.review, %(body)s, k.provider_id, coalesce(r.class_number, ''), r.class_region,
       r.training_region, r.first_on, r.last_on, r.hours, coalesce(k.training_edition, ''),
       coalesce(k.training_subject, ''), coalesce(k.training_title, ''), %(received)s, r.issued_on = ANY(%(late)s),
       %(file)s, r.line, ''
  FROM result_row r JOIN result_known k USING (line) JOIN result_person p USING (line)
 WHERE NOT EXISTS (SELECT FROM result_problem w WHERE w.line = r.line)
 ORDER BY r.line
"""
GOOD_LINES = "SELECT line FROM result_row r WHERE NOT EXISTS (SELECT FROM result_problem w WHERE w.line = r.line)"


def import_results(actor: Actor, at: datetime, file: ResultFile, law: Law, persons: Mapping[int, PersonRow]) -> int:
    """Write the certificates of the rows just examined without a problem, with their persons; returns how many.

    `persons` are those of the good rows by line. A certificate keeps the day its file came and whether that was late.
    """
    lines = [line for (line,) in rows_of(GOOD_LINES + " ORDER BY line")]
    found = register_persons(actor, at, [persons[line] for line in lines])
    stage("result_person", "line int, person_id uuid", zip(lines, found.ids, strict=True))
    days = [day for (day,) in rows_of("SELECT DISTINCT issued_on FROM result_row WHERE issued_on IS NOT NULL")]
    return run(
        INSERT_CERTIFICATES,
        {
            "region": file.region_id,
            "kind": file.kind,
            "levelled": file.kind in KINDS_WITH_LEVEL,
            "body": file.body_id,
            "received": file.received_at,
            "late": [day for day in days if is_late(law, file.region_id, day, day_of(file.received_at))],
            "file": file.pk,
        },
    )


def is_late(law: Law, region_id: int, issued_on: date, received_on: date) -> bool:
    """Whether a result came later than the days allowed after issue (P6); where no such rule is known, it did not."""
    term = law.find(f"{region_id:06d}", "common", "late_upload_days", issued_on)
    return term.known and received_on > issued_on + timedelta(days=term.value)


def may_revoke(actor: Actor, certificate: Certificate) -> bool:
    """Whether the actor may revoke this certificate: the assessor that issued it, or a keeper of data in scope."""
    own = actor.has("clerk") and actor.body_id == certificate.assessor_id
    return own or (actor.has("register", "machine") and certificate.region_id in actor.regions)


def revoke_certificate(actor: Actor, at: datetime, certificate: Certificate, on: date, reason: str) -> Certificate:
    """Revoke a certificate from a day on; it is never un-revoked (C4); what was paid on it, the main line finds."""
    found = Certificate.objects.select_for_update().filter(pk=certificate.pk).first()
    if found is None:
        raise NotFound()
    if not may_revoke(actor, found):
        raise NotYourDuty()
    if found.revoked_on:
        raise CertificateRevokedAlready(revoked_on=found.revoked_on)
    if not 1 <= len(reason.strip()) <= 200:
        raise RevocationNeedsReason()
    if not found.issued_on <= on <= day_of(at):
        raise RevocationDayWrong()
    see_region(actor, found.region_id)
    Certificate.objects.filter(pk=found.pk).update(revoked_on=on, revoked_reason=reason.strip())
    found.refresh_from_db()
    note(actor, at, "revoked_certificate", found, on=on.isoformat(), reason=reason.strip())
    return found
