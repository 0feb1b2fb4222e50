"""Statements as platforms send them (xAPI): kept whole and once, all of a batch or none; never changed (11.2)."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from jiangxin.ground.actor import Actor
from jiangxin.ground.identity import seal, unseal
from jiangxin.ground.keys import new_id
from jiangxin.ground.refusal import Refusal
from jiangxin.ground.staging import in_bulk, rows_of, run, stage
from jiangxin.recognition.queries import ANYTHING, may_act
from jiangxin.training.operations.platforms import PlatformClosed
from jiangxin.training.statements import CONTENT, OnlinePlatform
from jiangxin.training.xapi_form import check_statement
from jiangxin.training.xapi_formats import comparable
from jiangxin.training.xapi_reading import Reading, marks_of, put_in_arrays, read_statement
from jiangxin.training.xapi_values import said_at

# What a statement of an edition says of its version where it says nothing (1.0.3 Data 2.4.10; 2.0.0 4.2.4.3).
VERSIONS = {"1.0": "1.0.0", "2.0": "2.0.0"}


class StatementTwice(Refusal):
    sentence = "这一批里有两条学习记录的编号相同：{number}。"
    remedy = "每条记录一个编号；请改好整批重发，这一批一条也没有存。"


class StatementChanged(Refusal):
    sentence = "编号 {number} 的学习记录已经存过，内容不同。"
    remedy = "存过的记录不能改：要更正，先作废，再用新编号发；这一批一条也没有存。"


class PlatformMayNotSend(Refusal):
    sentence = "贵机构现在不在线上平台目录里，或被暂停，学习记录不收。"
    remedy = "请联系发给您密钥的人力社保部门。"


@dataclass(frozen=True)
class _Ready:
    """A statement ready to be kept: its key, its number, its text, and what was read from it."""

    key: UUID
    number: UUID
    given: dict[str, Any]
    text: str
    read: Reading


COLUMNS = (
    "place int, id uuid, number uuid, seat uuid, lesson uuid, at timestamptz, kind text, claimed_ms bigint,"
    " position_ms bigint, speed_percent int, session text, device text, refers_to uuid, voids bool, marks text[],"
    " content bytea"
)
KEEP = """
INSERT INTO training_statement (id, platform_id, sender_id, number, stored_at, enrolment_id, lesson_id, person_id,
       class_id, region_id, body_id, at, kind, claimed_ms, position_ms, speed_percent, session, device, refers_to,
       voids, marks, content)
SELECT s.id, %(platform)s, %(sender)s, s.number, %(at)s, o.enrolment_id, o.lesson_id, o.person_id, o.class_id,
       o.region_id, o.body_id, s.at, s.kind, s.claimed_ms, s.position_ms, s.speed_percent, s.session, s.device,
       s.refers_to, s.voids, s.marks, s.content
  FROM statement_sent s
  LEFT JOIN training_online_seats(%(seats)s, %(lessons)s) o ON o.enrolment_id = s.seat AND o.lesson_id = s.lesson
 ORDER BY s.place
ON CONFLICT (platform_id, number) DO NOTHING
"""
# Those of the batch that were there before, under another key.
THERE = """
SELECT t.id, t.number, t.content FROM statement_sent s JOIN training_statement t ON t.number = s.number
 WHERE t.platform_id = %s AND t.id <> s.id
"""
# Either may come first: the statement, or the one that voids it. What was counted is counted again.
VOID_OLD = """
UPDATE training_statement t SET voided_at = %(at)s, counted_at = NULL FROM statement_sent s
 WHERE s.voids AND t.platform_id = %(platform)s AND t.number = s.refers_to AND NOT t.voids AND t.voided_at IS NULL
"""
VOID_NEW = """
UPDATE training_statement t SET voided_at = %(at)s, counted_at = NULL
  FROM statement_sent s JOIN training_statement v
    ON v.platform_id = %(platform)s AND v.refers_to = s.number AND v.voids
 WHERE t.platform_id = %(platform)s AND t.number = s.number AND NOT t.voids AND t.voided_at IS NULL
"""
# Of one platform, batches run side by side, but one that voids runs alone: else a statement and the one that voids it
# would not see each other.
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('xapi', 0) # hashtextextended(%s, 0))"
BESIDE = "SELECT pg_advisory_xact_lock_shared(hashtextextended('xapi', 0) # hashtextextended(%s, 0))"


def take_statements(
    actor: Actor, at: datetime, platform: OnlinePlatform, sent: Sequence[Any], edition: str, home: str
) -> list[str]:
    """Keep the statements of one request, all or none, and return their numbers in order.

    `sent` are the objects as they were parsed, `edition` "1.0" or "2.0", `home` the address by which we call ourselves.
    The same statement again is no news. Raises StatementWrong, StatementTwice, StatementChanged.
    """
    if platform.closed_at:
        raise PlatformClosed()
    if not may_act(platform.body_id, "platform", ANYTHING, "", at):
        raise PlatformMayNotSend()
    with in_bulk():
        ready = list(_ready(at, platform, sent, edition, home))
        if not ready:
            return []
        _refuse_twice(ready)
        key = {"platform": platform.id, "sender": platform.body_id, "at": at}
        voiding = any(one.read.voids for one in ready)
        rows_of(ALONE if voiding else BESIDE, [str(platform.id)])
        stage("statement_sent", COLUMNS, _rows(ready))
        pairs = {(one.read.seat, one.read.lesson) for one in ready if one.read.seat and one.read.lesson}
        seats = {"seats": [seat for seat, _ in pairs], "lessons": [lesson for _, lesson in pairs]}
        with transaction.atomic():
            run(KEEP, key | seats)
            _refuse_changed(platform, ready)
        if voiding:
            run(VOID_OLD, key)
        run(VOID_NEW, key)
    return [str(one.given["id"]) for one in ready]


def _ready(at: datetime, platform: OnlinePlatform, sent: Sequence[Any], edition: str, home: str) -> Iterator[_Ready]:
    """Each statement checked, with what we set ourselves: number, time, version, who sent it."""
    authority = {"objectType": "Agent", "account": {"homePage": home, "name": platform.key}}
    stored = said_at(at)
    for place, given in enumerate(sent):
        check_statement(given, edition, f"[{place}]" if len(sent) > 1 else "")
        put_in_arrays(given)
        number = UUID(given["id"]) if "id" in given else uuid4()
        made = given | {"id": given.get("id", str(number)), "stored": stored, "authority": authority}
        made.setdefault("timestamp", stored)
        made.setdefault("version", VERSIONS[edition])
        text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
        yield _Ready(new_id(), number, made, text, read_statement(made, at, platform.key))


def _rows(ready: Sequence[_Ready]) -> Iterator[Sequence[object]]:
    for place, one in enumerate(ready):
        read = one.read
        yield (
            place, one.key, one.number, read.seat, read.lesson, read.at, read.kind, read.claimed_ms, read.position_ms,
            read.speed_percent, read.session, read.device, read.refers_to, read.voids, marks_of(one.given),
            seal(one.text, CONTENT.format(one.key)),
        )  # fmt: skip


def _refuse_twice(ready: Sequence[_Ready]) -> None:
    seen: set[UUID] = set()
    for one in ready:
        if one.number in seen:
            raise StatementTwice(number=one.number)
        seen.add(one.number)


def _refuse_changed(platform: OnlinePlatform, ready: Sequence[_Ready]) -> None:
    """A number that was kept before must say the same again (1.0.3 Data 2.3.1)."""
    given = {one.number: one.given for one in ready}
    for key, number, content in rows_of(THERE, [platform.id]):
        kept = json.loads(unseal(content, CONTENT.format(key)))
        if comparable(kept, given[number]) != comparable(given[number], kept):
            raise StatementChanged(number=number)
