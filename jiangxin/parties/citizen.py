"""Citizens sign in elsewhere: the port to the province's identity service (浙里办), and its simulator for a demo."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing

from jiangxin.ground.actor import Actor
from jiangxin.ground.clock import is_demo
from jiangxin.ground.refusal import Refusal
from jiangxin.parties.models import PersonDocument
from jiangxin.parties.operations.persons import reveal_document

TICKET_SECONDS = 120
TICKET_SALT = "jiangxin.citizen-ticket"


class CitizenSignInNotConnected(Refusal):
    sentence = "浙里办登录还没有接通。"
    remedy = "请到当地人社窗口办理，或打 12333。"


class TicketNotValid(Refusal):
    sentence = "这次登录没有完成，或等得太久。"
    remedy = "请重新从浙里办登录。"


@dataclass(frozen=True)
class VerifiedIdentity:
    """Who came, as the service answers: `level` is "verified" or "basic", `kind` is "person" or "body".

    `raw_sha256` is the digest of the service's raw answer. The number goes straight to encryption and index (I3).
    """

    number: str
    name: str
    level: str
    kind: str
    raw_sha256: str


class CitizenIdP(Protocol):
    """What an adapter to an identity service does."""

    def sign_in_address(self, state: str) -> str:
        """Where to send the browser; it comes back to our registered callback with a ticket and this state."""

    def exchange(self, ticket: str) -> VerifiedIdentity:
        """Who is behind a ticket; raises TicketNotValid for one that is forged or too old."""


@dataclass(frozen=True)
class Simulator:
    """The service as a demo plays it: a page lets one choose a synthetic person and gives a signed, short ticket."""

    actor: Actor
    at: datetime
    address: str = "/demo/zhelab"

    def sign_in_address(self, state: str) -> str:
        return f"{self.address}?{urlencode({'state': state})}"

    def exchange(self, ticket: str) -> VerifiedIdentity:
        try:
            held = signing.loads(ticket, salt=TICKET_SALT, max_age=TICKET_SECONDS)
        except signing.BadSignature:
            raise TicketNotValid() from None
        document = PersonDocument.objects.select_related("person").get(pk=held["document"])
        number = reveal_document(self.actor, self.at, document, "演示：模拟浙里办登录")
        told = {"number": number, "name": document.person.name, "level": held["level"], "kind": "person"}
        return VerifiedIdentity(**told, raw_sha256=hashlib.sha256(json.dumps(told).encode()).hexdigest())


def issue_ticket(document_id: UUID, level: str = "verified") -> str:
    """A ticket of the simulator for the holder of a document, good once and for two minutes."""
    claim = {"document": str(document_id), "level": level, "nonce": secrets.token_hex(8)}
    return signing.dumps(claim, salt=TICKET_SALT)


def citizen_service(actor: Actor, at: datetime) -> CitizenIdP:
    """The identity service that this installation is connected to."""
    if not is_demo():
        raise CitizenSignInNotConnected()
    return Simulator(actor, at)
