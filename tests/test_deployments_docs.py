"""docs/deployments.md: its examples are policies, and its table of servers is the one that is in force."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.detection.recognizers.registry import built_in_entities
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.reading.load import load_policy
from gateway.protocol.wire import Surface
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from gateway.upstream.litellm.providers import Provider
from gateway.upstream.servers import SERVERS, Preset, Server

PAGE = (Path(__file__).parent.parent / "docs" / "deployments.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
ROWS = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", PAGE, re.MULTILINE))


def compiled(folder: Path, example: str) -> CompiledPolicy:
    """The example as a part of a whole policy, with the page's first deployment."""
    first, part = yaml.safe_load(EXAMPLES[0]), yaml.safe_load(example)
    tenants = {"bank": {"models": ["assistant"], "principals": {"app": {}}}}
    whole: dict[str, Any] = {"version": 1, "tenants": tenants, **part}
    whole["deployments"] = {**first["deployments"], **part["deployments"]}
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(whole), encoding="utf-8")
    loaded = load_policy(path, known_entities=built_in_entities(), surrogate_entities=SURROGATE_ENTITIES)
    return compile_policy(loaded, {})


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_policies(tmp_path: Path, example: str) -> None:
    assert compiled(tmp_path, example).places


def test_what_the_examples_mean(tmp_path: Path) -> None:
    deployments = compiled(tmp_path, next(example for example in EXAMPLES if "bedrock-eu" in example)).deployments
    assert {name for name, one in deployments.items() if one.external} == {"claude", "bedrock-eu"}
    assert deployments["gpu-1"].concurrent == 64


@pytest.mark.parametrize("preset", Preset)
def test_the_table_of_servers(preset: Preset) -> None:
    server = SERVERS[preset]
    health, usage, endpoints, put_right = ROWS[preset].split(" | ")
    assert health.strip("`") == (server.health or "GET <base_url>/models")
    assert usage == usage_of(server)
    assert endpoints == ("all" if server.surfaces == frozenset(Surface) else ", ".join(_names(server)))
    assert ("tool calls" in put_right) is server.loose_tool_calls
    assert ("cache_salt" in put_right) is server.salts_prefixes
    assert (put_right == "nothing") is not (server.loose_tool_calls or server.usage_below_zero or server.salts_prefixes)
    assert ("`-1`" in put_right) is server.usage_below_zero


def usage_of(server: Server) -> str:
    if not server.tells_usage_if_asked:
        return "as the client asks"
    return "asked for in chats" if server.tells_usage_if_asked == {Surface.CHAT} else "asked for"


def _names(server: Server) -> list[str]:
    return [surface.partition("/")[0] for surface in Surface if surface in server.surfaces]


@pytest.mark.parametrize("provider", Provider)
def test_the_table_of_providers(provider: Provider) -> None:
    assert provider in ROWS
