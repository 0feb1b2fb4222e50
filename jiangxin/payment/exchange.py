"""The folders shared with the bank: outbox, inbox. A file appears in the outbox whole, once, with one content (M11).

Nothing is ever taken out of the outbox, by us or by the bank: what lies there may have been paid.
"""

import logging
import os
import secrets
from pathlib import Path

from jiangxin.ground.refusal import Refusal
from jiangxin.ground.state import state_folder

logger = logging.getLogger(__name__)


class OutboxFileDiffers(Refusal):
    sentence = "发件夹里的 {name} 与封存的付款文件不一样，没有发送。"
    remedy = "请立即联系系统管理员核查；核查清楚之前不要付款。"


def exchange_folder() -> Path:
    """Where the folders shared with the bank lie: JIANGXIN_BANK, else the state folder."""
    return Path(os.environ.get("JIANGXIN_BANK") or state_folder())


def folder(name: str) -> Path:
    """One of them, made when absent: outbox, inbox, inbox/done, inbox/quarantine, inbox/by-hand."""
    path = exchange_folder() / name
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def published(name: str) -> bool:
    """Whether the bank may have seen a file of this name."""
    return (folder("outbox") / name).exists()


def publish(name: str, content: bytes, into: str = "outbox") -> None:
    """Lay a file into a folder: whole or not at all, and durable; the same content again changes nothing.

    Raises OutboxFileDiffers, and sounds the alarm in the log, when another content lies there under the name.
    """
    place = folder(into)
    target, part = place / name, place / f".{name}.{secrets.token_hex(4)}"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, target)
    except FileExistsError:
        if target.read_bytes() != content:
            logger.critical("%s in the %s differs from what is sealed: nothing was laid down", name, into)
            raise OutboxFileDiffers(name=name) from None
    finally:
        part.unlink()
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
