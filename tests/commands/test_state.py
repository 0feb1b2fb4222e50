"""The state folder: secrets are made once, whoever asks first; connections follow DATABASE_URL."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from jiangxin.ground import state

ASK = "from jiangxin.ground import state; print(state.secret('race'))"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("JIANGXIN_STATE", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def test_eight_processes_asking_at_once_get_one_secret(folder):
    def ask(_turn: int) -> str:
        return subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


def test_secrets_are_ours_alone_and_not_lost_by_a_new_one(folder):
    first = state.secret("first")
    state.secret("second")
    file = folder / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["first"] == first
    assert len(bytes.fromhex(first)) == 32


def test_a_folder_laid_by_someone_else_is_refused(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(state.FolderBelongsToSomeoneElse):
        state.own_folder(tmp_path, 0o755)


def test_a_link_is_refused(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(state.FolderBelongsToSomeoneElse):
        state.own_folder(tmp_path / "link", 0o755)


def test_the_lock_holds_between_processes(folder):
    other = "from jiangxin.ground import state\nwith state.locked('x', wait=False): pass"
    with state.locked("x"):
        assert subprocess.run([sys.executable, "-c", other], capture_output=True).returncode == 1
    assert subprocess.run([sys.executable, "-c", other], capture_output=True).returncode == 0


def test_a_long_path_gets_a_short_socket(folder, monkeypatch):
    long = folder / ("x" * 100)
    long.mkdir()
    assert state.socket_folder() == folder / "socket"
    monkeypatch.setenv("JIANGXIN_STATE", str(long))
    assert len(str(state.socket_folder())) < 60


def test_a_real_server_lends_its_name_to_the_roles(folder, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://chief:p%40ss@db.example:6543/talents")
    assert state.connection("owner") == {
        "host": "db.example",
        "port": 6543,
        "dbname": "talents",
        "user": "chief",
        "password": "p@ss",
    }
    web = state.connection("web")
    assert (web["user"], web["dbname"], web["host"]) == ("talents_web", "talents", "db.example")
    assert web["password"] not in ("", "p@ss")


def test_a_real_server_may_be_reached_by_socket(folder, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://chief@/talents?host=/run/postgresql")
    assert state.connection("owner")["host"] == "/run/postgresql"


def test_a_folder_that_cannot_be_made_is_refused(monkeypatch):
    monkeypatch.setenv("JIANGXIN_STATE", "/dev/null/state")
    with pytest.raises(state.FolderCannotBeMade):
        state.state_folder()


@pytest.mark.parametrize(
    "url", ["mysql://a@b/c", "postgresql://localhost/c", "postgresql://a@b/", "postgresql://a@b:c/d"]
)
def test_an_address_that_names_no_owner_or_database_is_refused(folder, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(state.DatabaseUrlNotUnderstood):
        state.connection("owner")
