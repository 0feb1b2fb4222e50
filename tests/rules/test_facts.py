"""Facts: every field given, nothing undeclared, unknown said; the same row comes back as it went in."""

import json

import numpy as np
import pytest

from jiangxin.rules.facts import FactsMalformed, canonical, facts_digest
from jiangxin.rules.schemes.certificate_facts import CertificateFacts, occupation_class
from tests.rules import law_cases, plain_numpy

WORKER = law_cases.bases()["worker"]


def malformed(**over):
    with pytest.raises(FactsMalformed) as refused:
        CertificateFacts.from_rows([{**WORKER, **over}])
    return refused.value.sentence


@pytest.mark.parametrize("field", CertificateFacts.columns())
def test_a_missing_field_is_refused_by_name(field):
    with pytest.raises(FactsMalformed) as refused:
        CertificateFacts.from_rows([{key: value for key, value in WORKER.items() if key != field}])
    assert field in refused.value.sentence


def test_an_undeclared_field_is_refused():
    assert "surprise" in malformed(surprise=1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issued_on", None),
        ("issued_on", "today"),
        ("issued_on", "2026-02-30"),
        ("issued_on", 20260210),
        ("sex", None),
        ("sex", "x"),
        ("level", "6"),
        ("level", 3),
        ("cert_kind", "diploma"),
        ("listed", "yes"),
        ("listed", 1),
        ("late_upload", None),
        ("insured_months", -1),
        ("insured_months", 1.5),
        ("insured_months", 10**30),
        ("insured_months", True),
        ("hukou_region", 330421),
        ("hukou_region", "33042"),
        ("hukou_region", "33042１"),
        ("occupation_key", 6),
        ("ref", None),
    ],
)
def test_a_wrong_value_is_refused_by_name(field, value):
    assert field in malformed(**{field: value})


def test_columns_of_different_length_are_refused():
    columns = {name: [value, value] for name, value in WORKER.items()}
    with pytest.raises(FactsMalformed):
        CertificateFacts.from_columns({**columns, "ref": ["a"]})


def test_a_row_comes_back_as_it_went_in():
    rows = [case.facts for case in law_cases.cases()]
    facts = CertificateFacts.from_rows(rows)
    assert [facts.row(i) for i in range(len(facts))] == rows
    assert json.loads(json.dumps(facts.row(0))) == rows[0]


def test_the_digest_is_of_the_row_alone():
    one, other = {**WORKER, "ref": "one"}, {**WORKER, "ref": "other", "occupation_key": "6-18-02-04"}
    together, alone = CertificateFacts.from_rows([other, one]), CertificateFacts.from_rows([one])
    assert facts_digest(together, 1) == facts_digest(alone, 0)
    assert facts_digest(together, 0) != facts_digest(together, 1)


def test_the_schema_declares_what_the_record_takes():
    schema = CertificateFacts.schema()
    assert schema["required"] == list(WORKER)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["level"]["enum"] == ["5", "4", "3", "2", "1", None]
    assert schema["properties"]["listed"]["type"] == ["boolean", "null"]
    assert "财政供养人员库" in schema["properties"]["public_staff"]["description"]


def test_arrays_are_taken_as_they_are_and_checked():
    facts = plain_numpy.population(50)
    columns = {name: getattr(facts, name) for name in CertificateFacts.columns()}
    with pytest.raises(FactsMalformed):
        CertificateFacts.from_columns({**columns, "level": np.full(50, 5, dtype=np.int8)})
    with pytest.raises(FactsMalformed):
        CertificateFacts.from_columns({**columns, "listed": np.full(50, 3, dtype=np.int8)})
    with pytest.raises(FactsMalformed):
        CertificateFacts.from_columns({**columns, "listed": np.zeros(50)})
    with pytest.raises(FactsMalformed):
        CertificateFacts.from_columns({**columns, "issued_on": np.full(50, "NaT", dtype="datetime64[D]")})


def test_the_class_of_an_occupation_is_that_of_its_longest_listed_beginning():
    listed = {"4": "social", "4-10": "agriculture_life", "4-10-01-05": "manufacturing"}
    asked = ("4-10-01-05", "4-10-01-06", "4-01-06-01", "3-01-01-01")
    assert [occupation_class(listed, code) for code in asked] == ["manufacturing", "agriculture_life", "social", None]


def test_all_rows_written_at_once_are_the_rows_written_one_by_one() -> None:
    facts = plain_numpy.population(300)
    assert facts.canonical_rows() == [canonical(facts.row(i)) for i in range(300)]
