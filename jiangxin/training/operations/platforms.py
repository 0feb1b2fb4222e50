"""Platforms for online learning: a body on the platforms' list is given a key and a secret, shown once (11.2)."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiangxin.ground.actor import Actor
from jiangxin.ground.free_text import refuse_numbers
from jiangxin.ground.identity import blind_index
from jiangxin.ground.journal import note
from jiangxin.ground.refusal import NotFound, NotYourDuty, Refusal
from jiangxin.parties.models import Organisation
from jiangxin.recognition.queries import ANYTHING, may_act
from jiangxin.training.statements import OnlinePlatform


class PlatformNeedsName(Refusal):
    sentence = "平台要写名称。"
    remedy = "写这家机构自己叫它的名称，60 个字以内。"


class PlatformNameTaken(Refusal):
    sentence = "这家机构已经有一个叫“{name}”的平台在用。"
    remedy = "请换一个名称，或先停用原来的。"


class BodyIsNoPlatform(Refusal):
    sentence = "这家机构现在不在线上平台目录里。"
    remedy = "请先办线上平台认定；被暂停的，等暂停期满。"


class PlatformClosed(Refusal):
    sentence = "这个平台已经停用。"
    remedy = "要再用，请另开一个。"


@dataclass(frozen=True)
class Issued:
    """A platform with the secret that was made for it; nobody can show it again."""

    platform: OnlinePlatform
    secret: str


def may_run_platforms(actor: Actor, body_region: int | None = None) -> bool:
    """Whether the actor opens and closes platforms: a training desk, for bodies of its own regions."""
    return actor.has("training") and (body_region is None or body_region in actor.regions)


def secret_hash(secret: str) -> bytes:
    """What is kept of a secret: its keyed hash."""
    return blind_index(secret, "xapi-secret")


def fits_secret(platform: OnlinePlatform, secret: str) -> bool:
    """Whether a secret is the platform's, compared in constant time."""
    return hmac.compare_digest(bytes(platform.secret), secret_hash(secret))


def open_platform(actor: Actor, at: datetime, body_id: UUID, name: str) -> Issued:
    """Let a body's platform send statements; the secret is in the answer and nowhere else."""
    refuse_numbers(name)
    body = Organisation.objects.filter(id=body_id).first()
    if body is None:
        raise NotFound()
    if not may_run_platforms(actor, body.region_id):
        raise NotYourDuty()
    name = name.strip()
    if not name or len(name) > 60:
        raise PlatformNeedsName()
    if not may_act(body.id, "platform", ANYTHING, "", at):
        raise BodyIsNoPlatform()
    if OnlinePlatform.objects.filter(body=body, name=name, closed_at=None).exists():
        raise PlatformNameTaken(name=name)
    secret = secrets.token_urlsafe(32)
    platform = OnlinePlatform.objects.create(
        body=body, name=name, key=f"p-{secrets.token_hex(8)}", secret=secret_hash(secret),
        opened_by_id=actor.the_account, opened_at=at, renewed_at=at,
    )  # fmt: skip
    note(actor, at, "opened_platform", platform, region_id=body.region_id, body=str(body.id), platform_key=platform.key)
    return Issued(platform, secret)


def renew_platform(actor: Actor, at: datetime, platform_id: UUID) -> Issued:
    """Give a platform a new secret; from this instant the old one opens nothing."""
    platform = _own(actor, platform_id)
    secret = secrets.token_urlsafe(32)
    OnlinePlatform.objects.filter(id=platform.id).update(secret=secret_hash(secret), renewed_at=at)
    note(actor, at, "renewed_platform", platform, region_id=platform.body.region_id)
    platform.refresh_from_db()
    return Issued(platform, secret)


def close_platform(actor: Actor, at: datetime, platform_id: UUID) -> OnlinePlatform:
    """Take nothing more from a platform; what it sent stays and counts as it did."""
    platform = _own(actor, platform_id)
    OnlinePlatform.objects.filter(id=platform.id).update(closed_at=at)
    note(actor, at, "closed_platform", platform, region_id=platform.body.region_id)
    platform.refresh_from_db()
    return platform


def _own(actor: Actor, platform_id: UUID) -> OnlinePlatform:
    found = OnlinePlatform.objects.select_for_update(of=("self",)).select_related("body").filter(id=platform_id).first()
    if found is None:
        raise NotFound()
    if not may_run_platforms(actor, found.body.region_id):
        raise NotYourDuty()
    if found.closed_at:
        raise PlatformClosed()
    return found
