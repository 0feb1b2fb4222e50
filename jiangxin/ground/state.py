"""Where one clone keeps what must outlive a process: data, secrets, logs, and how each database role connects."""

import fcntl
import hashlib
import json
import os
import secrets as random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from jiangxin.ground.refusal import Refusal

CLONE = Path(__file__).resolve().parents[2]
DATABASE = "jiangxin"
ROLES = ("owner", "web", "worker", "releaser", "verifier")
PORT = 5432
SOCKET_PATH_LIMIT = 107


class FolderBelongsToSomeoneElse(Refusal):
    sentence = "文件夹 {folder} 属于别的用户，不能用来存数据。"
    remedy = "请用环境变量 JIANGXIN_STATE 指定一个自己的文件夹。"


class FolderCannotBeMade(Refusal):
    sentence = "不能建立文件夹 {folder}。"
    remedy = "请用环境变量 JIANGXIN_STATE 指定一个可以写的文件夹。"


class DatabaseUrlNotUnderstood(Refusal):
    sentence = "DATABASE_URL 的写法不对。"
    remedy = "请写成 postgresql://用户:密码@主机:端口/库名。"


def _mark(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:10]


def own_folder(folder: Path, mode: int, *others: int) -> Path:
    """The folder, made if absent; refused when a user who is not us, root or one of `others` laid it there first."""
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError:
        raise FolderCannotBeMade(folder=folder) from None
    if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), 0, *others):
        raise FolderBelongsToSomeoneElse(folder=folder)
    return folder


def state_folder() -> Path:
    """The folder of this clone: JIANGXIN_STATE, else for root one that the database's user can reach, else .state."""
    if named := os.environ.get("JIANGXIN_STATE"):
        return own_folder(Path(named).resolve(), 0o755)
    if os.geteuid() == 0:
        return own_folder(Path("/var/tmp") / f"jiangxin-{_mark(CLONE)}", 0o755)
    return own_folder(CLONE / ".state", 0o700)


def socket_folder() -> Path:
    """The folder of the embedded server's socket; a short one elsewhere when the state path is too long for one."""
    folder = state_folder() / "socket"
    if len(f"{folder}/.s.PGSQL.{PORT}.lock".encode()) <= SOCKET_PATH_LIMIT:
        return folder
    return Path(tempfile.gettempdir()) / f"jx-{os.geteuid()}-{_mark(folder)}"


@contextmanager
def locked(name: str, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock of this clone across processes; BlockingIOError when taken and not to be waited for."""
    with (state_folder() / f"{name}.lock").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a small file whole: a reader sees the old or the new, also after a power cut."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    os.replace(name, path)


def _read_secrets(path: Path) -> dict[str, str]:
    return json.loads(path.read_text()) if path.exists() else {}


@cache
def _secret(path: Path, name: str) -> str:
    if name not in _read_secrets(path):
        with locked("secrets"):
            known = _read_secrets(path)
            if name not in known:
                write_atomically(path, json.dumps(known | {name: random.token_hex(32)}, indent=1))
    return _read_secrets(path)[name]


def secret(name: str) -> str:
    """Thirty-two random bytes as hexadecimal, made on first use and kept in secrets.json (0600)."""
    return _secret(state_folder() / "secrets.json", name)


def embedded() -> bool:
    """Whether the database server is our own child (no DATABASE_URL is set)."""
    return not os.environ.get("DATABASE_URL")


def _owner_of_real_server() -> dict[str, str | int]:
    url = urlsplit(os.environ["DATABASE_URL"])
    dbname, query = unquote(url.path.lstrip("/")), dict(parse_qsl(url.query))
    try:
        port = url.port or int(query.get("port", PORT))
    except ValueError:
        raise DatabaseUrlNotUnderstood() from None
    if url.scheme not in ("postgresql", "postgres") or not url.username or not dbname:
        raise DatabaseUrlNotUnderstood()
    return {
        "host": query.get("host") or unquote(url.hostname or ""),
        "port": port,
        "dbname": dbname,
        "user": unquote(url.username),
        "password": unquote(url.password or ""),
    }


def role_name(role: str) -> str:
    """The database's name of a role; it carries the database's name, so that two on one server do not clash."""
    if embedded():
        return f"{DATABASE}_{role}"
    owner = _owner_of_real_server()
    return str(owner["user"]) if role == "owner" else f"{owner['dbname']}_{role}"


def connection(role: str) -> dict[str, str | int]:
    """host, port, dbname, user and password with which a role reaches the database."""
    if embedded():
        server: dict[str, str | int] = {"host": str(socket_folder()), "port": PORT, "dbname": DATABASE}
    else:
        server = _owner_of_real_server()
        if role == "owner":
            return server
    return server | {"user": role_name(role), "password": secret(f"role-{role}")}
