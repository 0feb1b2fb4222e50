"""Reasons to look before paying (P23): each query names lines among the staged `asked` and says the evidence in words.

`asked(line_id, region_id, today, account_days, new_body_batches, phone_persons, pleas_percent)` holds the lines
with the numbers of their region. A detector never refuses: it holds, and two people look.
"""

from jiangxin.subsidy.heirs import PAYEE

# A body titled since this database began, while none or few of its batches have gone to the bank.
NEW_BODY = """
SELECT a.line_id, o.name || '：' || CASE WHEN o.id = c.assessor_id THEN '评价机构' ELSE '培训机构' END
       || to_char(t.from_on, 'YYYY-MM-DD') || '起才有资格，这是第一批'
  FROM asked a JOIN subsidy_subsidy_line l ON l.id = a.line_id
  JOIN assessment_certificate c ON c.id = l.certificate_id
  JOIN parties_organisation o ON o.id IN (c.assessor_id, c.provider_id)
  JOIN LATERAL (SELECT min(from_on) AS from_on, bool_or(before_start) AS known
                  FROM recognition_title WHERE organisation_id = o.id) t ON NOT t.known
 WHERE a.new_body_batches > (
    SELECT count(DISTINCT p.batch_id) FROM payment_payment p JOIN subsidy_subsidy_line x ON x.id = p.line_id
      JOIN assessment_certificate y ON y.id = x.certificate_id
     WHERE o.id IN (y.assessor_id, y.provider_id) AND p.state IN ('sent', 'paid', 'failed', 'bounced'))
"""

# An account that is not the person's first, entered fewer days ago than the region waits.
ACCOUNT_CHANGED = """
SELECT a.line_id, '收款账户（尾号' || p.tail || '）'
       || to_char(p.since AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') || '才登记，未满' || a.account_days || '天'
  FROM asked a JOIN subsidy_subsidy_line l ON l.id = a.line_id
  JOIN parties_payee_account p ON p.id = l.account_id
 WHERE NOT p.first AND (p.since AT TIME ZONE 'Asia/Shanghai')::date > a.today - a.account_days
"""

# One telephone for several people, or an account that was paid for somebody else before.
SHARED_CONTACT = """
SELECT a.line_id, '同一手机号登记了' || s.persons || '个人'
  FROM asked a JOIN subsidy_subsidy_line l ON l.id = a.line_id JOIN parties_person p ON p.id = l.person_id
  JOIN LATERAL (SELECT count(*) AS persons FROM parties_person q
                 WHERE q.phone_index = p.phone_index AND q.merged_into_id IS NULL) s ON s.persons > a.phone_persons
UNION ALL
SELECT a.line_id, '收款账户曾为他人领过补贴'
  FROM asked a JOIN subsidy_subsidy_line l ON l.id = a.line_id
  JOIN parties_payee_account p ON p.id = l.account_id
 WHERE EXISTS (SELECT FROM subsidy_earlier_subsidy e
                WHERE e.account_index = p.number_index AND e.person_id NOT IN (l.person_id, p.person_id))
"""

# In two places on the training days: insured in another county, or in a class that overlaps.
ELSEWHERE = """
SELECT a.line_id, '培训期间在' || r.name || '参保'
  FROM asked a JOIN subsidy_subsidy_line l ON l.id = a.line_id
  JOIN assessment_certificate c ON c.id = l.certificate_id
  JOIN parties_spell s ON s.person_id = c.person_id AND s.kind_id = 'insured' AND s.region_id <> c.training_region_id
   AND s.from_on <= c.training_last_on AND coalesce(s.until_on, 'infinity') >= c.training_first_on
  JOIN ground_region r ON r.id = s.region_id
  LEFT JOIN parties_register_load d ON d.id = s.load_id
 WHERE d.state IS DISTINCT FROM 'withdrawn'
UNION ALL
SELECT a.line_id, '培训期间还在另一个班：' || o.class_number
  FROM asked a JOIN subsidy_subsidy_line l ON l.id = a.line_id
  JOIN assessment_certificate c ON c.id = l.certificate_id
  JOIN assessment_certificate o ON o.person_id = c.person_id AND o.class_number <> c.class_number
   AND daterange(o.training_first_on, o.training_last_on, '[]')
       && daterange(c.training_first_on, c.training_last_on, '[]')
"""

# A school of which more hours were pleaded for than a class may have: its learners are asked before money goes (P36).
MANY_PLEAS = """
WITH schools AS (SELECT DISTINCT c.provider_id FROM asked a JOIN subsidy_subsidy_line l ON l.id = a.line_id
                   JOIN assessment_certificate c ON c.id = l.certificate_id WHERE c.provider_id IS NOT NULL),
shares AS (SELECT s.provider_id, 100 * sum(t.counted) FILTER (WHERE t.by_exception) / sum(t.counted) AS share
             FROM schools s JOIN training_attendance t ON t.body_id = s.provider_id AND t.active
            GROUP BY 1 HAVING sum(t.counted) > 0)
SELECT a.line_id, o.name || '：补记的课时占' || s.share || '%%，超过' || a.pleas_percent || '%%'
  FROM asked a JOIN subsidy_subsidy_line l ON l.id = a.line_id
  JOIN assessment_certificate c ON c.id = l.certificate_id
  JOIN shares s ON s.provider_id = c.provider_id AND s.share > a.pleas_percent
  JOIN parties_organisation o ON o.id = c.provider_id
  JOIN training_training_class k ON k.number = c.class_number AND k.body_id = c.provider_id
"""

# The certificate was revoked after the decision.
REVOKED = """
SELECT a.line_id, '证书' || to_char(c.revoked_on, 'YYYY-MM-DD') || '已被撤销：' || c.revoked_reason
  FROM asked a JOIN subsidy_subsidy_line l ON l.id = a.line_id
  JOIN assessment_certificate c ON c.id = l.certificate_id
 WHERE c.revoked_on IS NOT NULL
"""

# A register says that whoever is paid died, learnt after the decision or not barring it: who is paid now (P12)?
DEATHS = f"""
SELECT l.id AS line_id, l.state, s.from_on,
       '死亡登记：' || CASE WHEN s.person_id = l.person_id THEN '本人' ELSE '继承人' END || '于'
       || to_char(s.from_on, 'YYYY-MM-DD') || '去世' AS said
  FROM subsidy_subsidy_line l
  JOIN parties_spell s ON s.person_id = {PAYEE} AND s.kind_id = 'dead'
  LEFT JOIN parties_register_load d ON d.id = s.load_id
 WHERE d.state IS DISTINCT FROM 'withdrawn'
"""
DIED = f"SELECT a.line_id, e.said FROM asked a JOIN ({DEATHS}) e ON e.line_id = a.line_id AND e.from_on <= a.today"

DETECTORS = {
    "new_body": NEW_BODY,
    "account_changed": ACCOUNT_CHANGED,
    "shared_contact": SHARED_CONTACT,
    "elsewhere": ELSEWHERE,
    "many_pleas": MANY_PLEAS,
    "revoked": REVOKED,
    "died": DIED,
}
