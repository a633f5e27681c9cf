from __future__ import annotations

import pytest

from tests.assurance.kept import ANNA, House
from tests.cli.running import acts, run


def test_the_master_key_is_rotated_on_the_record(house: House) -> None:
    before = run("master-key", "status").stdout
    assert before.endswith("is in charge; 1 tenants have a key, 0 were erased\n")
    after = run("master-key", "rotate").stdout
    assert after.endswith("is in charge; 1 tenants' keys were wrapped anew\n")
    assert before.split()[0] != after.split()[0]
    assert house.content("call_1").originals["<PERSON_1>"] == ANNA
    (act,) = acts(house)
    assert (act.action, act.target) == ("master_key.rotate", before.split()[0])


def test_a_rotation_that_was_cut_short_shows(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("gateway.keys.rotation._rewrapped", stopped)
        assert run("master-key", "rotate").exit_code != 0
    assert "1 keys are wrapped under an older one" in run("master-key", "status").stderr
    assert run("master-key", "rotate").exit_code == 0
    assert run("master-key", "status").stderr == ""
    assert [act.outcome for act in acts(house)] == ["failed", "done"]
