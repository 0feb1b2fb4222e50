"""The journal: who did what to which thing, when, for whom and why; never changed, never deleted (A1–A3, A8)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import models

from jiangxin.ground.actor import Actor
from jiangxin.ground.free_text import FreeText, hide_numbers
from jiangxin.ground.table import Row


class JournalEntry(Row):
    """One deed. `subject` is the thing it was done to; `detail` holds ids, states and sums, never personal numbers."""

    personal = "谁在何时对谁的记录做了什么"

    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    region_id = models.IntegerField(null=True)
    account_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=60)
    on_behalf_of = models.UUIDField(null=True)
    purpose = FreeText(max_length=120)
    request_id = models.UUIDField()
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "at"], name="journal_by_subject"),
            models.Index(fields=["person_id", "at"], name="journal_by_person"),
        ]


def entry(
    actor: Actor,
    at: datetime,
    verb: str,
    subject: models.Model | None = None,
    *,
    person_id: UUID | None = None,
    region_id: int | None = None,
    subject_id: UUID | None = None,
    kind: str = "",
    **detail: object,
) -> JournalEntry:
    """A journal entry not yet written; a number that slipped into its words is masked."""
    return JournalEntry(
        at=at,
        verb=verb,
        subject_kind=kind or (type(subject).__name__ if subject else ""),
        subject_id=subject_id or (subject.pk if subject else None),
        person_id=person_id or getattr(subject, "person_id", None),
        region_id=region_id or getattr(subject, "region_id", None) or actor.region_id,
        account_id=actor.account_id,
        actor_name=actor.name,
        on_behalf_of=actor.on_behalf_of,
        purpose=hide_numbers(actor.purpose),
        request_id=actor.request_id,
        detail=hide_numbers(detail),
    )


def note(actor: Actor, at: datetime, verb: str, subject: models.Model | None = None, **more: object) -> None:
    """Write one deed into the journal, in the transaction of the deed."""
    JournalEntry.objects.bulk_create([entry(actor, at, verb, subject, **more)])  # type: ignore[arg-type]


def note_all(entries: Iterable[JournalEntry]) -> None:
    """Write the deeds of a batch."""
    JournalEntry.objects.bulk_create(entries, batch_size=5000)
