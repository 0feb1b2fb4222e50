"""The queries by which facts are gathered: each answers for a whole batch, staged in `due(id uuid)`, at once."""

# What is the same for a whole class is asked once for each class that a certificate of the batch names: asked beside
# the certificates it was asked for each of them, or for every class and every seat there is.
CASES = """
CREATE TEMP TABLE cases ON COMMIT DROP AS
WITH named AS MATERIALIZED (
  SELECT k.id, k.number, k.body_id, k.pays, k.hours, k.fee_fen, i.published, i.project_fen,
         (SELECT count(DISTINCT (o.starts_at AT TIME ZONE 'Asia/Shanghai')::date)
            FROM training_lesson o WHERE o.class_id = k.id) AS course_days
    FROM training_training_class k CROSS JOIN LATERAL (
      SELECT coalesce(bool_or(j.published_at IS NOT NULL), false) AS published,
             max(j.amount_fen) FILTER (WHERE j.published_at IS NOT NULL) AS project_fen
        FROM catalogue_training_item j
       WHERE k.subject = 'project:' || j.code AND j.from_on <= k.first_on
         AND coalesce(j.until_on, 'infinity') >= k.first_on) i
   WHERE k.number IN (SELECT c.class_number FROM due d JOIN assessment_certificate c ON c.id = d.id))
SELECT c.id, c.person_id, c.number, c.kind, c.region_id,
       CASE c.kind WHEN 'special_skill' THEN 'item:' || c.item WHEN 'training_pass' THEN 'project:' || c.item
            ELSE CASE WHEN c.edition = %(edition)s THEN c.occupation END END AS subject,
       c.edition, c.occupation, c.level, l.rank, c.issued_on, c.exam_on,
       (c.received_at AT TIME ZONE 'Asia/Shanghai')::date AS received_on, s.requested_on,
       c.late AND NOT coalesce(s.late_accepted, false) AS late, c.training_first_on, c.training_last_on,
       CASE WHEN c.training_edition IN ('', %(edition)s) THEN nullif(c.training_subject, '') END AS training_subject,
       c.training_hours, c.training_region_id, c.class_region_id, c.provider_id, c.assessor_id, c.revoked_on,
       p.born_on, p.sex, p.able_and_willing, m.answer AS major_related, y.listed, c.received_at,
       k.pays, CASE k.pays WHEN 'project' THEN k.body_id WHEN 'employer' THEN e.employer_id END AS payee_id,
       k.hours AS planned_hours, CASE WHEN e.state IN ('completed', 'failed') THEN (
         SELECT coalesce(sum(a.counted), 0) FROM training_attendance a WHERE a.enrolment_id = e.id AND a.active)
       END AS attended_hours, k.course_days, k.fee_fen, k.published, k.project_fen
  FROM due d JOIN assessment_certificate c ON c.id = d.id JOIN parties_person p ON p.id = c.person_id
  LEFT JOIN catalogue_skill_level l ON l.code = c.level
  LEFT JOIN named k ON k.number = c.class_number AND k.body_id = c.provider_id
  LEFT JOIN training_enrolment e ON e.class_id = k.id AND e.person_id = c.person_id
        AND e.state IN ('seated', 'completed', 'failed')
  LEFT JOIN LATERAL (SELECT min(requested_on) AS requested_on, bool_or(late_accepted) AS late_accepted
                       FROM subsidy_subsidy_line WHERE certificate_id = c.id) s ON true
  LEFT JOIN (SELECT DISTINCT ON (l.certificate_id) l.certificate_id, a.answer
               FROM subsidy_officer_answer a JOIN subsidy_subsidy_line l ON l.id = a.line_id
              WHERE a.question = 'major_related' AND a.state = 'confirmed'
              ORDER BY l.certificate_id, a.closed_at DESC, a.id DESC) m ON m.certificate_id = c.id
  LEFT JOIN LATERAL (
    SELECT bool_or(q.name = c.name_then AND q.level = c.level AND q.issued_on = c.issued_on AND q.subject = c.title)
           AS listed
      FROM assessment_listing q
     WHERE q.number = c.number
       AND q.load_id = ANY (ARRAY(SELECT r.id FROM parties_register_load r WHERE r.state = 'active'))) y ON true
"""
IN_TURN = "SELECT * FROM cases ORDER BY person_id, received_at, issued_on, rank NULLS FIRST, number"

# What somebody declared stands only where no register says anything (P2).
STATUSES = """
SELECT c.id,
       (array_agg(s.region_id ORDER BY s.certified DESC, s.from_on DESC) FILTER (WHERE s.kind_id = 'hukou'))[1],
       (array_agg(s.region_id ORDER BY s.certified DESC, s.from_on DESC) FILTER (WHERE s.kind_id = 'residence'))[1],
       (array_agg(s.region_id ORDER BY s.certified DESC, s.from_on DESC) FILTER (
          WHERE s.kind_id IN ('employed', 'unemployed', 'self_employed', 'platform_worker')))[1],
       (array_agg(s.region_id ORDER BY s.certified DESC, s.from_on DESC) FILTER (WHERE s.kind_id = 'insured'))[1],
       max(s.months) FILTER (WHERE s.kind_id = 'unemployment_insured'),
       bool_or(s.kind_id = 'public_staff'), bool_or(s.kind_id = 'full_time_student'),
       bool_or(s.kind_id = 'pension_employee'), min(s.from_on) FILTER (WHERE s.kind_id = 'dead')
  FROM cases c JOIN parties_spell s ON s.person_id = c.person_id AND (s.kind_id = 'dead'
       OR s.from_on <= coalesce(c.training_last_on, c.issued_on)
      AND coalesce(s.until_on, 'infinity') >= coalesce(c.training_first_on, c.issued_on))
  LEFT JOIN parties_register_load r ON r.id = s.load_id
 WHERE r.state IS DISTINCT FROM 'withdrawn'
 GROUP BY c.id
"""

# What was promised here or paid before, elsewhere too. Paid by the other scheme elsewhere is another channel (P4).
PASTS = """
SELECT c.id, count(*) FILTER (WHERE p.count_year = extract(year FROM c.issued_on)),
       count(*) FILTER (WHERE p.count_year = extract(year FROM c.received_on)),
       count(*) FILTER (WHERE p.count_year = %(year)s), count(*),
       bool_or(p.alike AND p.same AND (p.here OR p.scheme <> 'skill_uplift')),
       bool_or(p.alike AND p.same AND (p.here OR p.scheme = 'skill_uplift')),
       bool_or(p.alike AND p.level_rank > c.rank),
       coalesce(sum(p.amount_fen) FILTER (WHERE p.alike AND p.same AND p.scheme <> 'certificate_subsidy'), 0),
       coalesce(sum(p.amount_fen) FILTER (WHERE p.alike AND p.same AND p.scheme <> 'skill_uplift'), 0)
  FROM cases c CROSS JOIN LATERAL (
    SELECT l.count_year, l.amount_fen, l.scheme, l.level_rank, true AS here, l.subject = c.subject AS alike,
           l.level_rank IS NOT DISTINCT FROM c.rank AS same
      FROM subsidy_subsidy_line l
     WHERE l.person_id = c.person_id AND l.state = ANY(%(live)s) AND l.certificate_id <> c.id
    UNION ALL
    SELECT e.count_year, e.amount_fen, e.scheme, e.level_rank, false, e.subject = c.subject,
           e.level_rank IS NOT DISTINCT FROM c.rank
      FROM subsidy_earlier_subsidy e JOIN parties_register_load r ON r.id = e.load_id AND r.state = 'active'
     WHERE e.person_id = c.person_id) p
 GROUP BY c.id
"""

COVERAGES = """
SELECT register_id, from_on, until_on FROM parties_register_load
 WHERE state = 'active' AND region_id = %(province)s ORDER BY register_id, from_on
"""

CLASSES = """
SELECT DISTINCT ON (c.id) c.id, g.occupation_class
  FROM cases c JOIN catalogue_guidance_class g ON g.edition = c.edition AND g.code = c.occupation
   AND g.region_id IN (c.region_id, c.region_id / 100 * 100, %(province)s)
   AND g.from_on <= c.issued_on AND coalesce(g.until_on, 'infinity') >= c.issued_on
 ORDER BY c.id, g.region_id DESC
"""
