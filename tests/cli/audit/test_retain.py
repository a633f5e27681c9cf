from __future__ import annotations

import pytest

from gateway.errors import ProtectionUnavailable
from tests.assurance.kept import House
from tests.cli.running import acts, run


def test_retain_erases_what_is_due(house: House) -> None:
    assert run("audit", "retain").stdout == "erased: 1 exchanges, 3 data keys\n"
    assert run("audit", "retain").stdout == "nothing is due\n"
    (act,) = acts(house)
    assert (act.action, act.note, act.outcome) == ("retention.run", "1 exchanges are due", "done")


def test_retain_cleans_up_also_where_nothing_is_due(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("audit", "retain").exit_code == 0

    def unclean(_: object) -> None:
        raise ProtectionUnavailable("The journal is in use: run the same again.")

    monkeypatch.setattr("gateway.cli.audit.retain.scrub", unclean)
    refused = run("audit", "retain")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "run the same again" in refused.stderr
