"""What each scope sees of the rows about people, which belong to no region: the truth that policies are held to."""

SEEN_BY_REGION = (
    "EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.person_id = t.person_id AND l.region_id = %(region)s)"
    " OR EXISTS (SELECT FROM assessment_certificate c WHERE c.person_id = t.person_id AND c.region_id = %(region)s)"
    " OR EXISTS (SELECT FROM subsidy_heir_payee h WHERE h.person_id = t.person_id AND h.region_id = %(region)s)"
)
SEEN_BY_BODY = (
    "EXISTS (SELECT FROM assessment_certificate c WHERE c.person_id = t.person_id"
    " AND %(body)s IN (c.assessor_id, c.provider_id))"
)
LINE = "EXISTS (SELECT FROM subsidy_subsidy_line l WHERE l.id = t.subject_id AND {})"
OWN = "t.person_id = %(person)s"

# By table: seen by a county, by a body, by the person, by the counter the person stands at, by who did it.
_KNOWN = {"region": SEEN_BY_REGION, "person": OWN, "visited": "t.person_id = %(visited)s"}
ABOUT_PEOPLE: dict[str, dict[str, str]] = {
    "parties_person_document": _KNOWN | {"body": SEEN_BY_BODY},
    # The account of a body: the body's own, and known to its county and to whoever sees a line that is paid to it.
    "parties_payee_account": _KNOWN
    | {
        "region": f"{SEEN_BY_REGION} OR EXISTS (SELECT FROM parties_organisation o WHERE o.id = t.body_id"
        " AND o.region_id = %(region)s) OR EXISTS (SELECT FROM subsidy_subsidy_line l"
        " WHERE l.payee_body_id = t.body_id AND l.region_id = %(region)s)",
        "body": "t.body_id = %(body)s",
    },
    "subsidy_earlier_subsidy": _KNOWN,
    "subsidy_level_lock": _KNOWN,
    "parties_spell": {"person": OWN},
    # Whoever knows the person kept knows that another record was found to be the same.
    "parties_person_merge": {
        "actor": "t.merged_by_id = %(actor)s",
        "person": "t.kept_id = %(person)s",
        "visited": "t.kept_id = %(visited)s",
        "region": SEEN_BY_REGION.replace("t.person_id", "t.kept_id"),
        "body": SEEN_BY_BODY.replace("t.person_id", "t.kept_id"),
    },
    "ground_journal_entry": {
        "region": f"t.region_id = %(region)s OR {LINE.format('l.region_id = %(region)s')}",
        "person": f"{OWN} OR {LINE.format('l.person_id = %(person)s')}",
        "visited": "t.person_id = %(visited)s",
        "actor": "t.account_id = %(actor)s",
        "body": "EXISTS (SELECT FROM training_training_class c WHERE c.id = t.subject_id AND c.body_id = %(body)s)",
    },
}
