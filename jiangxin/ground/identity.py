"""Identity and account numbers: checked, normalised, encrypted, searched by a keyed index, masked (I1–I5)."""

import hashlib
import hmac
import os
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from jiangxin.ground import state
from jiangxin.ground.refusal import Refusal

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
VERSION, AES_256_GCM, KEY_ID = 1, 1, 1


class IdentityNumberWrong(Refusal):
    sentence = "身份证号不对：{why}。"
    remedy = "请对照身份证重新填写 18 位号码。"


@dataclass(frozen=True)
class Identity:
    """A checked resident identity number (GB 11643) and what it says."""

    number: str
    born_on: date
    sex: str


def check_digit(first17: str) -> str:
    """The eighteenth character of a resident identity number (GB 11643, ISO 7064 MOD 11-2)."""
    return CHECKS[sum(int(d) * w for d, w in zip(first17, WEIGHTS, strict=True)) % 11]


def normalise_number(text: str) -> str:
    """Full-width characters folded, blanks removed, letters upper case."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def check_identity(text: str) -> Identity:
    """A resident identity number of 18 digits (15-digit ones are raised to 18); refuses what cannot be one."""
    number = normalise_number(text)
    if re.fullmatch(r"\d{15}", number):
        number = number[:6] + "19" + number[6:]
        number += check_digit(number)
    if not re.fullmatch(r"\d{17}[\dX]", number):
        raise IdentityNumberWrong(why=f"应为 18 位，现在 {len(number)} 位" if len(number) != 18 else "有不该有的字符")
    if check_digit(number[:17]) != number[17]:
        raise IdentityNumberWrong(why="校验位不符，可能有一位输错")
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentityNumberWrong(why="其中的出生日期不存在") from None
    if born_on.year < 1900:
        raise IdentityNumberWrong(why="其中的出生年份太早")
    return Identity(number, born_on, "male" if int(number[16]) % 2 else "female")


def mask_number(number: str) -> str:
    """The one pattern in which a document or account number is ever shown: first and last character kept."""
    return number[:1] + "*" * max(len(number) - 2, 0) + number[-1:] if number else ""


def mask_name(name: str) -> str:
    """A person's name as others may see it (P16): 叶*, 陈*明, 阿*提; one star whatever is hidden, the length too."""
    name = name.strip()
    return f"{name[:1]}*{name[-1] if len(name) > 2 else ''}"


def tail(number: str) -> str:
    """The last four characters of an account number: how a holder recognises an own account."""
    return number[-4:]


@cache
def _cipher() -> AESGCM:
    return AESGCM(bytes.fromhex(str(state.secret("field"))))


@cache
def _index_key(purpose: str) -> bytes:
    return bytes.fromhex(str(state.secret(f"index-{purpose}")))


def seal(clear: str | bytes, place: str) -> bytes:
    """Encrypt a value bound to its place `table|column|key`: moved elsewhere it does not open (I4)."""
    nonce = os.urandom(12)
    data = clear.encode() if isinstance(clear, str) else clear
    return bytes((VERSION, AES_256_GCM, KEY_ID)) + nonce + _cipher().encrypt(nonce, data, f"{place}|{KEY_ID}".encode())


def unseal(sealed: bytes | memoryview, place: str) -> bytes:
    """The clear value; raises InvalidTag where the bytes were changed or moved."""
    data = bytes(sealed)
    return _cipher().decrypt(data[3:15], data[15:], f"{place}|{data[2]}".encode())


def authentic_digest(sealed: bytes | memoryview, place: str) -> str | None:
    """SHA-256 of what is sealed, None where it does not open in its place: for checking (I4, M10), not for reading.

    Nothing clear leaves this function, nobody learns anything of anybody: so it takes no entry of access (I6).
    """
    try:
        return hashlib.sha256(unseal(sealed, place)).hexdigest()
    except (InvalidTag, ValueError, IndexError):
        return None


def blind_index(value: str, purpose: str) -> bytes:
    """The 32 bytes by which a number is found: HMAC-SHA-256 under a key of its purpose, kept outside the database."""
    return hmac.digest(_index_key(purpose), value.encode(), hashlib.sha256)


class SealedField(models.BinaryField):
    """A column that only ever holds `seal`ed bytes."""
