from pathlib import Path

import pytest

from tests.factories.world import World


@pytest.fixture(autouse=True)
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of its own for each test: what lies in an outbox is never taken out again."""
    monkeypatch.setenv("JIANGXIN_BANK", str(tmp_path))
    return tmp_path


@pytest.fixture
def world(db: None) -> World:
    return World()
