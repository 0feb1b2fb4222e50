"""The embedded server: made whole or not at all, started again after any death, set up once."""

import json
import os
import signal

import pytest

from jiangxin.ground import postgres, processes
from tests.commands.clones import jiangxin, state_of_a_clone


@pytest.fixture(scope="module")
def folder():
    with state_of_a_clone() as folder:
        yield folder


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.setenv("JIANGXIN_STATE", str(folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return folder


def test_a_first_start_that_was_cut_off_is_begun_again(here):
    (here / "data.new").mkdir()
    (here / "data.new" / "PG_VERSION").write_text("half")
    assert jiangxin(here, "db", "start").returncode == 0
    assert postgres.answers()
    assert not (here / "data.new").exists()


def test_the_server_listens_to_no_port(here):
    with postgres.admin() as admin:
        assert admin.execute("SHOW listen_addresses").fetchone() == ("",)
        assert admin.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_the_server_is_not_root(here):
    owner = (here / "data" / "postmaster.pid").stat().st_uid
    assert owner != 0


def test_starting_twice_starts_once(here):
    before = postgres.running()
    postgres.start()
    assert postgres.running() == before


def test_killed_it_starts_again_with_its_data(here):
    with postgres.admin() as admin:
        admin.execute("CREATE TABLE kept AS SELECT 1 AS n")
    os.kill(postgres.running().pid, signal.SIGKILL)
    postgres.start()
    with postgres.admin() as admin:
        assert admin.execute("SELECT n FROM kept").fetchone() == (1,)


def test_a_number_used_again_by_another_process_is_not_our_server(here):
    postgres.stop()
    file = here / "data" / "postmaster.pid"
    file.write_text(f"{os.getpid()}\n")
    assert postgres.running() is None
    postgres.start()
    assert postgres.running() == processes.find(int(file.read_text().split()[0]))


def test_roles_can_be_made_again(here):
    postgres.ensure_roles()
    postgres.ensure_roles()
    with postgres.admin() as admin:
        powers = dict(
            admin.execute(
                "SELECT rolname, concat(rolsuper, rolcreatedb, rolbypassrls, rolcreaterole) FROM pg_roles"
                " WHERE rolname LIKE 'jiangxin%'"
            ).fetchall()
        )
    assert powers == {
        "jiangxin_owner": "ffft",
        **dict.fromkeys(("jiangxin_web", "jiangxin_worker", "jiangxin_releaser", "jiangxin_verifier"), "ffff"),
    }


def test_stopped_it_says_so_and_exits_one(here):
    assert jiangxin(here, "db", "stop").returncode == 0
    status = jiangxin(here, "db", "status", "--json")
    assert status.returncode == 1
    assert json.loads(status.stdout)["answers"] is False


def test_a_folder_the_server_cannot_enter_is_said(here, tmp_path, monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("only root runs the server as somebody else")
    tmp_path.chmod(0o700)
    refused = jiangxin(tmp_path, "db", "start")
    assert refused.returncode == 1
    assert "JIANGXIN_STATE" in refused.stderr
