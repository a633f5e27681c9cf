"""`gateway dp dataset` over the traffic of a real gateway: what is in it, what is not, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.commands import cli
from gateway.dp.dataset.files import card_of, read_data_set
from gateway.errors import InvalidRequest
from gateway.moments import written
from tests.support.backend import backend_in_thread
from tests.support.gateway import RunningGateway, policy_text, running_gateway

TENANT = "entities: {default: placeholder}\nreply: {restore: true}\nrecord: {content: redacted}"
PURPOSES = "purposes:\n  better: {basis: consent}\n  support: {basis: contract}\n"
ANNA, BOB = "anna.meier@example.com", "bob.stone@example.org"
CONSENTED = {"x-gateway-purpose": "better", "x-gateway-consent": "c-17"}


@dataclass(frozen=True)
class House:
    gateway: RunningGateway
    folder: Path
    until: str

    def run(self, command: str, *options: str) -> Result:
        state = ["--policy", str(self.gateway.settings.policy), "--state-dir", str(self.gateway.settings.state_dir)]
        return CliRunner().invoke(cli, ["dp", command, *options, *state], env={"GATEWAY_MASTER_KEY": None})

    def dataset(self, name: str, *options: str) -> Result:
        given = ["--tenant", "acme", "--data-set", "today", "--purpose", "better", *options]
        return self.run("dataset", str(self.folder / name), *given)

    def examples(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / name).read_text(encoding="utf-8").splitlines()]


def say(gateway: RunningGateway, key: str, content: str, headers: dict[str, str] = CONSENTED) -> str:
    body = {"model": "test-model", "messages": [{"role": "user", "content": content}]}
    answer = gateway.http.post("/chat/completions", json=body, headers={"authorization": f"Bearer {key}", **headers})
    assert answer.status_code == 200, answer.text
    return answer.headers["x-request-id"]


def rate(gateway: RunningGateway, key: str, **said: str) -> None:
    given = gateway.http.post("/feedback", json=said, headers={"authorization": f"Bearer {key}"})
    assert given.status_code == 201, given.text


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("dataset")
    since = written(datetime.now(UTC) - timedelta(seconds=1))
    principals = "{app: {}, ben: {}, lean: {record: {content: none}}}"
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=TENANT, principals=principals, extra=PURPOSES)
        with running_gateway(folder, policy) as gateway:
            traffic(gateway)
            until = written(datetime.now(UTC))
            sleep(0.002)
            made = House(gateway, folder, until)
            times = ["--since", since, "--until", until, "--contributions", "3", "--epsilon", "8", "--delta", "1e-5"]
            declared = made.run("declare", "--tenant", "acme", "--data-set", "today", *times)
            assert declared.exit_code == 0, declared.output
            yield made


def traffic(gateway: RunningGateway) -> None:
    app, ben, lean = gateway.key, gateway.issue("ben"), gateway.issue("lean")
    say(gateway, app, f"Write to {ANNA} about the lighthouse")
    for number in range(5):
        say(gateway, ben, f"Of lighthouses, number {number}")
    bad = say(gateway, app, "When does it open?")
    mended = say(gateway, app, "When does it close?")
    named = say(gateway, app, "Who keeps it?")
    say(gateway, app, "For support only", {"x-gateway-purpose": "support"})
    say(gateway, lean, "Of which nothing is kept")
    gateway.records(11)
    rate(gateway, app, call_id=bad, thumb="down")
    rate(gateway, app, call_id=mended, thumb="down", correction="At nine in the evening.")
    rate(gateway, app, call_id=named, thumb="down", correction=f"Ask {BOB}.")


def test_consented_redacted_capped_and_corrected(house: House) -> None:
    done = house.dataset("all.jsonl", "--per-subject", "2")
    assert done.exit_code == 0, done.output
    examples = house.examples("all.jsonl")
    assert len(examples) == 4
    assert len({one["unit"] for one in examples}) == 2
    text = json.dumps(examples)
    assert "Write to <EMAIL_ADDRESS_1> about the lighthouse" in text
    assert "At nine in the evening." in text
    for absent in (ANNA, BOB, '"app"', "When does it open", "Who keeps it", "support", "nothing is kept"):
        assert absent not in text
    card = read_data_set(house.folder / "all.jsonl").card
    assert (card.tenant, card.data_set, card.purposes, card.unit) == ("acme", "today", ("better",), "subject")
    assert (card.examples, card.units, card.per_unit, card.corrected) == (4, 2, 2, 1)
    assert {reason: count for reason, count in card.left_out.items() if count} == {
        "other_purpose": 1,
        "not_kept": 1,
        "disapproved": 2,
        "over_the_cap": 3,
    }
    assert card.exchanges == card.examples + sum(card.left_out.values())
    assert "2 got a thumb down" in done.output
    assert house.dataset("all.jsonl").exit_code == 1, "what is there is not written over"


def test_whoever_is_erased_is_in_no_later_set(house: House) -> None:
    state = str(house.gateway.settings.state_dir)
    options = ["--tenant", "acme", "--certificate", str(house.folder / "c.txt"), "--yes", "--state-dir", state]
    assert CliRunner().invoke(cli, ["subject", "erase", *options, ANNA], env={"GATEWAY_MASTER_KEY": None}).exit_code == 0
    assert house.dataset("later.jsonl", "--per-subject", "3").exit_code == 0
    assert "lighthouse" not in json.dumps([one for one in house.examples("later.jsonl") if "EMAIL" in json.dumps(one)])
    assert read_data_set(house.folder / "later.jsonl").card.left_out["erased"] == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--purpose", "support"], "asks for no consent"),
        (["--purpose", "unheard"], "no such purpose"),
        (["--per-subject", "0"], "1 to 3 examples"),
        (["--per-subject", "4"], "1 to 3 examples"),
        (["--data-set", "never"], "No budget was declared"),
    ],
)
def test_what_cannot_be_made_is_refused(house: House, options: list[str], words: str) -> None:
    refused = house.dataset("refused.jsonl", *options)
    assert refused.exit_code == 1
    assert words in refused.output
    assert not (house.folder / "refused.jsonl").exists()


def test_a_file_that_was_changed_is_no_data_set(house: House, tmp_path: Path) -> None:
    house.dataset("whole.jsonl", "--per-subject", "1")
    path, source = tmp_path / "x.jsonl", house.folder / "whole.jsonl"
    card = json.loads(card_of(source).read_bytes())
    lines = source.read_bytes()

    def put(raw: bytes, **changes: Any) -> None:
        from hashlib import sha256

        path.write_bytes(raw)
        card_of(path).write_text(json.dumps({**card, "sha256": sha256(raw).hexdigest(), **changes}))
        path.chmod(0o600)
        card_of(path).chmod(0o600)

    for raw, changes, words in (
        (lines, {"sha256": "0" * 64}, "its card describes"),
        (lines.replace(b'"acme"', b'"bank"', 1), {}, "more than one tenant"),
        (lines.splitlines(keepends=True)[0], {}, "fewer than 2 units"),
        (b"", {}, "fewer than 2 units"),
        (lines + lines, {}, "more examples than the card says"),
        (lines, {"format": "another/1"}, "none that this version can read"),
        (lines, {"unit": "household"}, "none that this version can read"),
    ):
        put(raw, **changes)
        with pytest.raises(InvalidRequest, match=words):
            read_data_set(path)
    put(lines)
    path.chmod(0o644)
    with pytest.raises(InvalidRequest, match="can be read by others"):
        read_data_set(path)
    assert len(read_data_set(source).units) == 2
