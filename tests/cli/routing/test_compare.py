"""`gateway routing compare`, on the record of a real gateway."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from gateway.cli.routing.commands import app
from tests.routing.test_shadow import TENANT, Pair, policy
from tests.support.backend import backend_in_thread
from tests.support.gateway import MODEL, running_gateway


def test_a_shadow_is_compared_with_the_calls_that_it_copied(tmp_path: Path) -> None:
    with backend_in_thread() as real, backend_in_thread() as shadow:
        written = policy(real, shadow, TENANT + "record: {content: redacted}\n")
        with running_gateway(tmp_path, written) as gateway:
            for _ in range(3):
                gateway.say("Hello there")
            assert len(Pair(gateway, real, shadow).copies(3)) == 3
    arguments = ["compare", "--model", MODEL, "--state-dir", str(tmp_path / "state")]
    told = CliRunner().invoke(app, [*arguments, "--json"])
    assert told.exit_code == 0, told.output
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(line["deployment"], line["role"], line["calls"]) for line in lines] == [
        ("backend", "answered", 3),
        ("copy", "originals", 3),
        ("copy", "shadow", 3),
    ]
    assert (lines[2]["equal"], lines[2]["overlap"], lines[2]["finish_reasons"]) == (1.0, 1.0, {"stop": 3})
    table = CliRunner().invoke(app, arguments).stdout
    assert "copy (shadow)" in table
    assert "Hello" not in table
    nothing = CliRunner().invoke(app, ["compare", "--model", "unheard-of", "--state-dir", str(tmp_path / "state")])
    assert nothing.exit_code == 1
