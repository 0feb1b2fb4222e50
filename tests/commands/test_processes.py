"""A process is itself only while its start time agrees; a group is ended whole, and no other one."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from jiangxin.ground import processes

FAMILY = "import os, time; os.fork(); print(flush=True); time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


@pytest.fixture
def family():
    child = subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, start_new_session=True)
    child.stdout.readline(), child.stdout.readline()
    yield child
    processes.end_groups([processes.Process(child.pid, child.pid, "")], 0)
    if processes.find(child.pid):
        os.killpg(child.pid, signal.SIGKILL)
    child.stdout.close()
    child.wait()


def test_orphans_of_a_killed_leader_are_found_and_ended(family):
    leader = processes.find(family.pid)
    family.kill()
    family.wait()
    assert processes.find(family.pid) is None
    assert len(processes.members(leader)) == 1
    processes.end_groups([leader], grace=1)
    assert not processes.members(leader)


def test_another_process_under_the_old_number_is_left_alone(family):
    earlier = replace(processes.find(family.pid), started="another time")
    processes.end_groups([earlier], grace=0)
    assert processes.find(family.pid)


def test_one_that_ended_and_was_not_collected_does_not_live(family):
    os.killpg(family.pid, signal.SIGKILL)
    assert processes.wait_until(lambda: processes.find(family.pid) is None, 5)


def test_who_does_not_listen_is_killed():
    child = subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, start_new_session=True)
    child.stdout.readline()
    processes.end_groups([processes.find(child.pid)], grace=0.2)
    assert child.wait(5) == -signal.SIGKILL
    child.stdout.close()
