"""Finding persons by document, in sets."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from jiangxin.ground.identity import blind_index, check_identity, normalise_number
from jiangxin.ground.staging import rows_of, rows_of_prepared, stage
from jiangxin.parties.models import Person, PersonDocument, PersonName

DOCUMENT = "parties_person_document|number|{}"


def fold_name(name: str) -> str:
    """A name in one written form: no blanks around or between Chinese characters, one kind of middle dot."""
    folded = unicodedata.normalize("NFKC", name).strip()
    folded = re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", folded)
    return re.sub(r"[•‧∙・]|(?<=[^\x00-\x7f])\.(?=[^\x00-\x7f])", "·", folded)


def document_index(number: str) -> bytes:
    """The index under which a normalised document number is kept."""
    return blind_index(number, "document")


COLUMNS = [column.attname for column in Person._meta.concrete_fields]
HOLDER = (
    f"SELECT {', '.join(f'p.{column}' for column in COLUMNS)} FROM parties_person_document d"
    " JOIN parties_person p ON p.id = d.person_id WHERE d.kind = %s AND d.number_index = %s"
)


def find_person(number: str, kind: str = "resident") -> Person | None:
    """The person who holds a document, or None; raises IdentityNumberWrong for what cannot be a resident number."""
    normal = check_identity(number).number if kind == "resident" else normalise_number(number)
    found = rows_of_prepared(HOLDER, [kind, document_index(normal)])
    return Person.from_db("default", COLUMNS, found[0]) if found else None


def is_known_here(person_id: UUID) -> bool:
    """Whether the scope shows this person's rows: the own ones, a line or certificate of this desk, a visit to it."""
    return PersonDocument.objects.filter(person_id=person_id).exists()


def stage_keys(keys: Iterable[tuple[str, str]]) -> int:
    """Stage (document kind, normalised number) in the given order as `person_key(place, kind, number_index)`."""
    return stage(
        "person_key", "place int, kind text, number_index bytea",
        ((place, kind, document_index(number)) for place, (kind, number) in enumerate(keys)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """A person already in the register: today's name and every name borne."""

    person_id: UUID
    name: str
    names: frozenset[str]

    def bears(self, name: str) -> bool:
        """Whether the person bears or bore this name."""
        return fold_name(name) in self.names


# Every other name by which the person `p` goes or went, those of records merged into this one too.
OTHER_NAMES = """
array(SELECT n.name FROM parties_person_name n WHERE n.person_id = p.id
      UNION SELECT m.name FROM parties_person m WHERE m.merged_into_id = p.id)
"""
KNOWN = f"""
SELECT k.place, p.id, p.name, {OTHER_NAMES}
  FROM person_key k
  JOIN parties_person_document d ON d.kind = k.kind AND d.number_index = k.number_index
  JOIN parties_person p ON p.id = d.person_id
"""


def known_persons(keys: Sequence[tuple[str, str]]) -> list[Known | None]:
    """For each (document kind, normalised number) the person in the register, or None: two statements in all."""
    found: list[Known | None] = [None] * stage_keys(keys)
    for place, person_id, name, earlier in rows_of(KNOWN):
        found[place] = Known(person_id, name, frozenset(map(fold_name, [name, *earlier])))
    return found


def name_on(person: Person, day: date) -> str:
    """The name a person bore on a day."""
    borne = PersonName.objects.filter(person=person).order_by("from_on")
    for row in borne:
        if (row.from_on is None or row.from_on <= day) and (row.until_on is None or day <= row.until_on):
            return row.name
    return person.name
