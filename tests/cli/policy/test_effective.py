from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from gateway.cli.common.entity_types import entity_types
from gateway.cli.policy.commands import app

EXAMPLE = Path(__file__).parents[3] / "policies" / "example.yaml"
TYPES = functools.cache(entity_types)


@pytest.fixture(autouse=True)
def _types_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.common.policy.entity_types", TYPES)


def run(*arguments: object, policy: Path = EXAMPLE) -> Result:
    return CliRunner().invoke(app, ["effective", *map(str, arguments), "--policy", str(policy)])


def sources(output: str) -> dict[str, str]:
    """By what a line says, the level in its comment."""
    lines = (line.partition("  # ") for line in output.splitlines()[1:])
    return {text.strip(): source for text, _, source in lines if source}


def test_a_caller_has_the_policy_of_all_its_levels() -> None:
    result = run("bank/service-desk")
    assert result.exit_code == 0, result.output
    said = yaml.safe_load(result.stdout)
    assert list(said["models"]) == ["assistant"]
    assert said["models"]["assistant"]["deployments"] == ["gpu-eu", "gpu-cn"]
    assert said["purposes"] == {"support": {"basis": "contract", "consent": "none"}}
    assert (said["entities"]["PERSON"], said["entities"]["SECRET"], said["entities"]["default"]) == (
        "surrogate",
        "block",
        "placeholder",
    )
    assert said["reply"]["restore"] is True
    kept = {"content": "redacted", "originals": "none", "entities": {"PERSON": "drop"}, "retention_days": 90}
    assert said["record"] == kept
    assert said["route"] == {"regions": ["cn", "eu"]}
    assert said["limits"]["tenants.bank"] == {"requests": "600/minute", "spend": "50/day"}
    assert said["limits"]["tenants.bank.teams.desk"] == {"concurrent": 40}
    assert said["rules"]["tenants.bank.rules.cn-cards-stay"]["demand"]["route"] == {"regions": ["cn"]}


def test_each_line_says_where_it_comes_from() -> None:
    told = sources(run("bank/service-desk").stdout)
    assert told["purposes:"] == "tenants.bank.teams.desk"
    assert told["PERSON: surrogate"] == "tenants.bank"
    assert told["default: placeholder"] == "built-in default"
    assert told["requests: 6000/minute"] == "organisation"
    assert told["retention_days: 90"] == "tenants.bank"
    assert told["concurrent: 200"] == "models.assistant"
    assert sources(run("bank/training-team").stdout)["restore: false"] == "tenants.bank.principals.training-team"
    assert sources(run("analytics/notebook").stdout)["SECRET: drop"] == "organisation"


def test_what_a_route_rules_out_is_said() -> None:
    said = yaml.safe_load(run("analytics/notebook").stdout)
    assert said["models"]["assistant"] == {
        "deployments": ["gpu-eu"],
        "ruled_out": ["gpu-cn"],
        "price": {"input": 0.4, "output": 1.2},
        "concurrent": 200,
    }


def test_an_unlisted_caller_of_an_open_team_and_a_whole_tenant() -> None:
    campaign = yaml.safe_load(run("bank/anna", "--team", "campaigns").stdout)
    assert campaign["purposes"]["marketing"]["consent"] == "required"
    assert campaign["guide"]["tenants.bank.teams.campaigns"] == {"prefixes": ["Write a letter", "写一封信"]}
    tenant = run("bank").stdout
    assert tenant.startswith(f"# bank under {EXAMPLE} (version ")
    assert tenant.splitlines()[0].endswith("): organisation > tenants.bank")
    assert set(yaml.safe_load(tenant)["purposes"]) == {"support", "training", "marketing"}
    assert yaml.safe_load(run("bank", "--team", "campaigns").stdout)["limits"]["tenants.bank.teams.campaigns"] == {
        "tokens": "200000/hour"
    }


def test_for_programs_each_value_has_its_source() -> None:
    told = json.loads(run("bank/training-team", "--json").stdout)
    assert told["for"] == "bank/training-team"
    assert told["reply"]["restore"] == {"value": False, "from": "tenants.bank.principals.training-team"}
    assert told["models"]["from"] == "tenants.bank"
    assert told["limits"]["organisation"]["requests"] == {"value": "6000/minute", "from": "organisation"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bank/ghost"], f"{EXAMPLE} has no place for bank/ghost; fix: name one of its principals service-desk, training-team, or --team campaigns"),
        (["nobody"], f"{EXAMPLE} has no place for nobody; fix: name one of the tenants bank, analytics, or another file with --policy\n"),
        (["bank", "--team", "board"], f"{EXAMPLE} has no place for bank"),
        (["bank/service-desk", "--team", "campaigns"], "is not in team campaigns: the policy puts it into team desk"),
    ],
)  # fmt: skip
def test_who_has_no_place_is_told_who_has(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""


def test_a_broken_policy_is_told_as_by_check(tmp_path: Path) -> None:
    broken = tmp_path / "p.yaml"
    broken.write_text(EXAMPLE.read_text(encoding="utf-8").replace("version: 1", "version: 2"), encoding="utf-8")
    result = run("bank", policy=broken)
    assert result.exit_code == 1
    assert f"{broken}:11:" in result.stderr
