"""One-time codes of an authenticator (RFC 6238): six digits, thirty seconds, one step of tolerance either way."""

import base64
import hmac
import os
import time
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from jiangxin.ground.identity import seal, unseal
from jiangxin.parties.models import Account

SECONDS, DIGITS, WINDOW, SECRET_BYTES = 30, 6, 1, 20


def step_now() -> int:
    """The number of the present thirty seconds. An authenticator knows only real time, in a demo too."""
    return int(time.time()) // SECONDS


def seconds_until(step: int) -> int:
    """Seconds until a step begins; 0 when it has begun."""
    return max(0, step * SECONDS - int(time.time()))


def _place(account: Account) -> str:
    return f"parties_account|code_secret|{account.pk}"


def new_sealed_secret(account: Account) -> bytes:
    """A fresh secret for the account's authenticator, sealed to its row."""
    return seal(os.urandom(SECRET_BYTES), _place(account))


def _secret(account: Account) -> bytes:
    return unseal(bytes(account.code_secret or b""), _place(account))


def code_at(account: Account, step: int) -> str:
    """The code of one step."""
    return TOTP(_secret(account), DIGITS, SHA1(), SECONDS).generate(step * SECONDS).decode()


def matching_step(account: Account, code: str) -> int | None:
    """The step near now whose code this is, if any."""
    if account.code_secret is None:
        return None
    now = step_now()
    steps = range(now - WINDOW, now + WINDOW + 1)
    return next((s for s in steps if hmac.compare_digest(code_at(account, s).encode(), code.encode())), None)


def authenticator_address(account: Account) -> str:
    """The otpauth address that an authenticator takes in, usually as a QR picture; shown once, never logged."""
    secret = base64.b32encode(_secret(account)).decode().rstrip("=")
    return f"otpauth://totp/{quote(f'匠心:{account.username}')}?{urlencode({'secret': secret, 'issuer': '匠心'})}"
