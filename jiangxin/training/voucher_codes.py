"""A voucher's code and the short-lived token shown for it: neither is stored, both are found by what is (V3).

The code is an HMAC of the voucher's key under a server key, 128 bits; the database holds only the keyed index of the
code, so that reading it gives no code. The token is bound to the voucher and to thirty seconds of real time.
"""

import base64
import hmac
from collections.abc import Iterable
from uuid import UUID

from jiangxin.ground.identity import blind_index
from jiangxin.parties.codes import SECONDS, step_now

CODE_BYTES, TOKEN_BYTES, MARK = 16, 10, "JXQ"
LETTERS = 26
# A token of the step before is still good: it was on the screen when the code was scanned.
OLDEST = 1
__all__ = ["SECONDS", "code_of", "index_of", "key_in_token", "read_code", "step_now", "token_of"]


def _secret(voucher_id: UUID) -> bytes:
    return blind_index(voucher_id.hex, "voucher-code")[:CODE_BYTES]


def _letters(voucher_id: UUID) -> str:
    """The code as it is compared."""
    return base64.b32encode(_secret(voucher_id))[:LETTERS].decode()


def code_of(voucher_id: UUID) -> str:
    """The code as a person reads it out: 26 letters and digits in groups of four (base 32, 128 bits)."""
    text = _letters(voucher_id)
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def read_code(text: str) -> str:
    """What somebody typed, as it is compared: without blanks and hyphens, letters upper case, 0 and 1 as O and I."""
    return "".join(text.split()).replace("-", "").upper().translate(str.maketrans("018", "OIB"))


def index_of(code: str) -> bytes:
    """The 32 bytes by which a code is found. A look-up by key compares in constant time: equal bytes or no row."""
    return blind_index(read_code(code), "voucher-index")


def indexes_of(voucher_ids: Iterable[UUID]) -> list[tuple[UUID, bytes]]:
    """Each voucher with the index of its code, for a batch."""
    return [(key, blind_index(_letters(key), "voucher-index")) for key in voucher_ids]


def _mac(voucher_id: UUID, step: int) -> bytes:
    return blind_index(f"{voucher_id.hex}|{step}", "voucher-token")[:TOKEN_BYTES]


def token_of(voucher_id: UUID, step: int) -> str:
    """What the picture says during one step of thirty seconds; 80 bits that nobody guesses."""
    return f"{MARK}{base64.b32encode(voucher_id.bytes + _mac(voucher_id, step)).decode().rstrip('=')}"


def key_in_token(text: str, step: int) -> UUID | None:
    """The voucher of a token that is fresh at this step; None for a stale, foreign or made-up one."""
    body = text.strip().upper().removeprefix(MARK)
    try:
        said = base64.b32decode(body + "=" * (-len(body) % 8))
    except ValueError:
        return None
    if not text.strip().upper().startswith(MARK) or len(said) != 16 + TOKEN_BYTES:
        return None
    voucher_id = UUID(bytes=said[:16])
    fresh = [hmac.compare_digest(_mac(voucher_id, old), said[16:]) for old in range(step - OLDEST, step + 1)]
    return voucher_id if any(fresh) else None
