"""Files named on the command line: read or written whole, or refused in one sentence."""

import os
from pathlib import Path

from jiangxin.ground.refusal import Refusal
from jiangxin.ground.sheets import FileNotThere


class FileNotWritable(Refusal):
    sentence = "写不了文件 {path}。"
    remedy = "请核对文件夹在不在、有没有写的权限、磁盘满没满。"


def read_file(path: Path) -> bytes:
    """What a file holds. Raises FileNotThere."""
    try:
        return path.read_bytes()
    except OSError:
        raise FileNotThere(path=path) from None


def place_to_write(given: str) -> Path:
    """The type of an argument that names a file to be written: refused before the work, not after it."""
    path = Path(given)
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise FileNotWritable(path=path)
    return path


def write_file(path: Path, data: bytes) -> None:
    """Write a whole file. Raises FileNotWritable."""
    try:
        path.write_bytes(data)
    except OSError:
        raise FileNotWritable(path=path) from None
