"""What is wrong in a whole file against the registers, asked in sets: the rows are staged in `result_row` before.

`result_known` then holds what the registers say of each row, `result_problem` every problem, by line and column.
"""

from collections.abc import Iterable
from uuid import UUID

from jiangxin.assessment.columns import KINDS_WITH_LEVEL
from jiangxin.assessment.reading import Problem
from jiangxin.ground.staging import rows_of, run
from jiangxin.parties.queries.persons import OTHER_NAMES, fold_name
from jiangxin.recognition.queries import title_answers

SUBJECT_PREFIX = {"special_skill": "item:", "training_pass": "project:"}

KNOWN = """
CREATE TEMP TABLE result_known ON COMMIT DROP AS
SELECT r.line, d.person_id, s.edition, s.title, g.id AS provider_id, g.name AS provider_name,
       t.edition AS training_edition, t.subject AS training_subject, t.title AS training_title
  FROM result_row r
  LEFT JOIN parties_person_document d ON d.kind = r.document_kind AND d.number_index = r.number_index
  LEFT JOIN parties_organisation g ON g.credit_code = r.provider_code
  LEFT JOIN LATERAL ({subject}) s ON true
  LEFT JOIN LATERAL ({taught}) t ON true
"""
OCCUPATION = """
SELECT o.edition, o.name AS title FROM catalogue_occupation o
 WHERE o.code = r.code AND r.issued_on BETWEEN coalesce(o.from_on, '-infinity') AND coalesce(o.until_on, 'infinity')
 ORDER BY o.edition DESC LIMIT 1
"""
ITEM = """
SELECT '' AS edition, t.name AS title FROM catalogue_training_item t
 WHERE t.kind = '{kind}' AND t.code = r.code AND r.issued_on BETWEEN t.from_on AND coalesce(t.until_on, 'infinity')
"""
# A class may have taught something else: every subject is looked for, whatever the kind of certificate.
TAUGHT = """
SELECT o.edition, o.code AS subject, o.name AS title FROM catalogue_occupation o
 WHERE o.code = r.training_code
   AND r.issued_on BETWEEN coalesce(o.from_on, '-infinity') AND coalesce(o.until_on, 'infinity')
 UNION ALL
SELECT '', CASE i.kind {prefixes} END || i.code, i.name FROM catalogue_training_item i
 WHERE i.code = r.training_code AND r.issued_on BETWEEN i.from_on AND coalesce(i.until_on, 'infinity')
 ORDER BY edition DESC LIMIT 1
""".format(prefixes=" ".join(f"WHEN '{kind}' THEN '{prefix}'" for kind, prefix in SUBJECT_PREFIX.items()))
FOUND_IN_ROWS = """
INSERT INTO result_problem (line, key, problem, remedy, given)
SELECT r.line, p ->> 0, p ->> 1, p ->> 2, p ->> 3 FROM result_row r, jsonb_array_elements(r.problems) p
"""
# Each check selects line, key, problem, remedy, given. Of rows that contradict each other all are named.
CHECKS = (
    """
    SELECT line, 'certificate', '证书编号和第 ' || other || ' 行相同', '请改正其中一行', certificate
      FROM (SELECT line, certificate, coalesce(lag(line) OVER w, lead(line) OVER w) AS other FROM result_row
             WHERE certificate IS NOT NULL WINDOW w AS (PARTITION BY certificate ORDER BY line)) t
     WHERE other IS NOT NULL
    """,
    """
    SELECT r.line, 'certificate', '这个证书编号已经入库', '不用再传这一行；号写错了请更正', r.certificate
      FROM result_row r JOIN assessment_certificate c ON c.number = r.certificate
    """,
    """
    SELECT line, 'name', '同一个证件号码，本文件里有不同的姓名', '请核对这个人的各行', name
      FROM (SELECT line, name, min(name) OVER w <> max(name) OVER w AS differ FROM result_row
             WHERE number_index IS NOT NULL WINDOW w AS (PARTITION BY document_kind, number_index)) t
     WHERE differ
    """,
    """
    SELECT r.line, 'code', '编码在发证日不存在', '请核对编码和发证日期；只收 2022 年版职业编码和已公布的项目', r.code
      FROM result_row r JOIN result_known k USING (line)
     WHERE r.code IS NOT NULL AND r.issued_on IS NOT NULL AND k.title IS NULL
    """,
    """
    SELECT r.line, 'training_code', '培训职业编码在发证日不存在',
           '请核对编码和发证日期；只收 2022 年版职业编码和已公布的项目', r.training_code
      FROM result_row r JOIN result_known k USING (line)
     WHERE r.training_code IS NOT NULL AND r.issued_on IS NOT NULL AND k.training_title IS NULL
    """,
    """
    SELECT r.line, 'occupation', '名称和编码不符，这个编码是' || k.title, '请核对名称和编码', r.occupation
      FROM result_row r JOIN result_known k USING (line)
     WHERE translate(r.occupation, '() ', '（）') <> translate(k.title, '() ', '（）')
    """,
    """
    SELECT r.line, 'level', '这个等级不在等级目录里', '请从下拉里选', r.level
      FROM result_row r WHERE r.level IS NOT NULL
       AND NOT EXISTS (SELECT FROM catalogue_skill_level s WHERE s.code = r.level AND s.public_digit IS NOT NULL)
    """,
    """
    SELECT line, 'number', '和第 ' || other || ' 行是同一人、同一职业（项目）、同一等级', '请删去重复的一行',
           number_shown
      FROM (SELECT line, number_shown, coalesce(lag(line) OVER w, lead(line) OVER w) AS other FROM result_row
             WHERE number_index IS NOT NULL AND code IS NOT NULL
            WINDOW w AS (PARTITION BY document_kind, number_index, code, level ORDER BY line)) t
     WHERE other IS NOT NULL
    """,
    """
    SELECT r.line, 'number', '这个人的这个职业（项目）等级已有有效证书', '不用再传；换发新证请先办撤销', r.number_shown
      FROM result_row r JOIN result_known k USING (line)
      JOIN assessment_certificate c ON c.person_id = k.person_id AND c.assessor_id = %(body)s AND c.revoked_on IS NULL
       AND c.edition = k.edition AND r.code IN (c.occupation, c.item) AND c.level = coalesce(r.level, '')
       AND c.number <> coalesce(r.certificate, '')
    """,
    """
    SELECT r.line, 'provider_code', '没有登记过这家培训机构', '请核对信用代码；新机构请先登记', r.provider_code
      FROM result_row r JOIN result_known k USING (line) WHERE r.provider_code IS NOT NULL AND k.provider_id IS NULL
    """,
    """
    SELECT r.line, 'provider', '培训机构名称和信用代码不符，应是' || k.provider_name, '请核对名称和代码', r.provider
      FROM result_row r JOIN result_known k USING (line)
     WHERE translate(r.provider, '() ', '（）') <> translate(k.provider_name, '() ', '（）')
    """,
)
MISNAMED = f"""
SELECT r.line, r.name, p.name, {OTHER_NAMES}
  FROM result_row r JOIN result_known k USING (line) JOIN parties_person p ON p.id = k.person_id
 WHERE r.name <> p.name
"""
ASSESSED = """
SELECT r.code, coalesce(r.level, ''), coalesce(r.exam_on, r.issued_on), array_agg(r.line)
  FROM result_row r JOIN result_known k USING (line) WHERE k.title IS NOT NULL GROUP BY 1, 2, 3
"""
INSERT = "INSERT INTO result_problem (line, key, problem, remedy, given) "
UNNEST = "SELECT * FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[])"


def find_problems(kind: str, body_id: UUID) -> int:
    """Fill `result_known` and `result_problem` for the staged rows of a body; returns how many rows have a problem."""
    subject = OCCUPATION if kind in KINDS_WITH_LEVEL else ITEM.format(kind=kind)
    run("DROP TABLE IF EXISTS pg_temp.result_known, pg_temp.result_problem")
    run("CREATE TEMP TABLE result_problem (line int, key text, problem text, remedy text, given text) ON COMMIT DROP")
    run(KNOWN.format(subject=subject, taught=TAUGHT))
    run("ANALYZE result_known")
    run(FOUND_IN_ROWS)
    for check in CHECKS:
        run(INSERT + check, {"body": body_id})
    _add(_misnamed())
    _add(_not_titled(kind, body_id))
    run("CREATE INDEX ON result_problem (line)")
    run("ANALYZE result_problem")
    return int(rows_of("SELECT count(DISTINCT line) FROM result_problem")[0][0])


def _add(problems: Iterable[tuple[int, Problem]]) -> None:
    found = list(problems)
    if found:
        columns = zip(*((line, *problem) for line, problem in found), strict=True)
        run(INSERT + UNNEST, [list(column) for column in columns])


def _misnamed() -> Iterable[tuple[int, Problem]]:
    """Rows whose name is none that the person bears or bore; the register's name is not told."""
    for line, name, now, earlier in rows_of(MISNAMED):
        if name not in {fold_name(known) for known in (now, *earlier)}:
            yield line, Problem("name", "姓名和这个证件登记的不一致", "请对照证件核对同音字；改过名的请先办更名", name)


def _not_titled(kind: str, body_id: UUID) -> Iterable[tuple[int, Problem]]:
    """Rows that the assessor was not recognised to assess on the day of the exam; where titles are unknown, none."""
    groups = rows_of(ASSESSED)
    prefix = SUBJECT_PREFIX.get(kind, "")
    asked = [(body_id, "assessor", prefix + code, level, on) for code, level, on, _ in groups]
    answers = title_answers(asked)
    for (code, _, _, lines), question in zip(groups, asked, strict=True):
        if answers[question] is False:
            problem = Problem("code", "本机构当天没有这个职业（项目）等级的备案", "请删去这一行，或先办备案增项", code)
            yield from ((line, problem) for line in lines)
