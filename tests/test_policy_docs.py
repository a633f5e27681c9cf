"""docs/policy.md says all that the policy's language has, and nothing else; its examples are policies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.detection.recognizers.registry import built_in_entities
from gateway.exchange import Decision, Principal
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.decide import decide, visible_models
from gateway.policy.language.condition import FINDINGS, TOTAL, names
from gateway.policy.language.schema import json_schema_text
from gateway.policy.reading.load import load_policy
from gateway.policy.strength import STRENGTH
from gateway.protocol.facts import Facts
from gateway.protocol.wire import Surface
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from gateway.rules.detection import PluginOffer

PAGE = (Path(__file__).parent.parent / "docs" / "policy.md").read_text(encoding="utf-8")
SCHEMA: Mapping[str, Any] = json.loads(json_schema_text())
LEVELS = ("Scope", "Tenant", "Team", "Member")

Node = Mapping[str, Any]
Field = tuple[str, str]
"""A definition of the schema and the name of a field in it: the same at every place where the definition is used."""


@dataclass(frozen=True, slots=True)
class Place:
    """One way to a field, as the page writes it."""

    path: str
    field: Field
    node: Node
    required: bool


def _definition(node: Node) -> tuple[str, Node]:
    """What a node of the schema refers to, through lists, mappings and what may be null: `<id>` stands for a mapping's key.
    Of a short form and a long one it is the long one, which is written last."""
    *_, option = (one for one in node.get("anyOf", [node]) if one.get("type") != "null")
    if "$ref" in option:
        name = option["$ref"].rpartition("/")[2]
        return name, SCHEMA["$defs"][name]
    return "", option


def _parts(node: Node, path: str) -> Iterator[tuple[str, str, Node]]:
    """The definitions with fields that lie in a node, and the way to them."""
    name, found = _definition(node)
    if "properties" in found:
        yield path, name, found
    inner = [(f"{path}.<id>", one) for one in _members(found)] + [(path, found[key]) for key in ("items",) if key in found]
    for way, one in inner:
        yield from _parts(one, way)


def _members(node: Node) -> list[Node]:
    found = [node.get("additionalProperties"), *node.get("patternProperties", {}).values()]
    return [one for one in found if isinstance(one, Mapping)]


def _places(path: str, name: str, node: Node) -> Iterator[Place]:
    """Every field on every way. All levels are one place: what each of them may say stands under `<level>`."""
    common = SCHEMA["$defs"]["Scope"]["properties"] if name in LEVELS else {}
    for field, child in node["properties"].items():
        own = f"<level>.{field}" if field in common else f"{path}.{field}".lstrip(".")
        yield Place(own, ("Scope" if field in common else name, field), child, field in node.get("required", ()))
        for way, part, found in _parts(child, own):
            yield from _places(way, part, found)


PLACES = {place.path: place for place in _places("", "Policy", SCHEMA)}
FIELD_TABLES = re.findall(r"^\| field \| default \| meaning \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
DOCUMENTED = [
    match for table in FIELD_TABLES for match in re.findall(r"^\| `([^`]+)` \| (.+?) \| (.+) \|$", table, re.MULTILINE)
]
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def _merged(base: Any, part: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(part, dict):
        return part
    return {**base, **{key: _merged(base.get(key), value) for key, value in part.items()}}


def _offer(_: str) -> PluginOffer:
    return PluginOffer(entities=frozenset({"ACME_BADGE"}))


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    return built_in_entities()


@pytest.fixture
def compiled(tmp_path: Path, known: frozenset[str]) -> Any:
    def compiled(example: str) -> CompiledPolicy:
        """The example as a part of the page's first one, which is a whole policy."""
        whole, part = (yaml.safe_load(text) for text in (EXAMPLES[0], example))
        path = tmp_path / "policy.yaml"
        path.write_text(yaml.safe_dump(_merged(whole, part), allow_unicode=True, sort_keys=False), encoding="utf-8")
        return compile_policy(
            load_policy(path, known_entities=known, surrogate_entities=SURROGATE_ENTITIES, plugins=_offer), {}
        )

    return compiled


def test_every_field_is_documented() -> None:
    documented = {PLACES[path].field for path, _, _ in DOCUMENTED if path in PLACES}
    assert {place.field for place in PLACES.values()} - documented == set()


def test_every_documented_field_is_one_and_is_said_once() -> None:
    paths = [path for path, _, _ in DOCUMENTED]
    assert [path for path in paths if path not in PLACES] == []
    assert len(set(paths)) == len(paths) >= 90


@pytest.mark.parametrize(("path", "told"), [(path, told) for path, told, _ in DOCUMENTED], ids=lambda text: text)
def test_defaults_are_the_real_ones(path: str, told: str) -> None:
    place = PLACES[path]
    default = place.node.get("default")
    assert (told == "required") is place.required
    if isinstance(default, str | int | float):
        assert told == f"`{default if isinstance(default, str) else json.dumps(default)}`"
    else:
        assert "`" not in told.replace("`sub`", "")


def _used(data: Any, node: Node) -> Iterator[Field]:
    """The fields that an example writes."""
    name, found = _definition(node)
    if isinstance(data, list):
        for item in data:
            yield from _used(item, found.get("items", {}))
    elif isinstance(data, dict) and "properties" in found:
        common = SCHEMA["$defs"]["Scope"]["properties"] if name in LEVELS else {}
        for key, value in data.items():
            yield "Scope" if key in common else name or "Policy", key
            yield from _used(value, found["properties"][key])
    elif isinstance(data, dict):
        for value, inner in ((value, inner) for value in data.values() for inner in _members(found)):
            yield from _used(value, inner)


def test_every_field_has_an_example() -> None:
    used = {field for example in EXAMPLES for field in _used(yaml.safe_load(example), SCHEMA)}
    assert {place.field for place in PLACES.values()} - used == set()


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_are_policies(compiled: Any, example: str) -> None:
    policy = compiled(example)
    answers = [answer for principal in policy.principals for answer in _answers(policy, principal)]
    assert any(answer.allow for answer in answers)
    assert all(answer.rule != "default-deny" for answer in answers)


def _answers(policy: CompiledPolicy, principal: Principal) -> Iterator[Decision]:
    purpose = next(iter(policy.purposes), None)
    for model in visible_models(policy, principal):
        yield decide(policy, principal, Facts(model=model, surface=Surface.CHAT, purpose=purpose, consent="c-1"))


def _section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _asked() -> list[tuple[str, ...]]:
    rows = re.findall(r"^\| `(\w+/\w+)` \| (.+) \| (.+) \| (.+) \| `(.+)` \|$", _section("Rules and conditions"), re.MULTILINE)
    assert len(rows) >= 8
    return rows


@pytest.mark.parametrize(("caller", "request_", "found", "answer", "rule"), _asked())
def test_the_table_of_decisions(compiled: Any, caller: str, request_: str, found: str, answer: str, rule: str) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", _section("Rules and conditions"), re.DOTALL)
    tenant, _, principal = caller.partition("/")
    said = dict(re.findall(r"(\w+)=([\w-]+)", request_))
    facts = Facts(
        model="assistant",
        surface=Surface.CHAT,
        purpose=said.get("purpose"),
        consent=said.get("consent"),
        tools=int(said.get("tools", 0)),
    )
    decision = decide(compiled(example), Principal(tenant=tenant, id=principal), facts)
    if decision.review is not None:
        decision = decision.review({entity: int(count) for entity, count in re.findall(r"(\w+)=(\d+)", found)})
    assert decision.allow is answer.startswith("allow")
    assert decision.rule == rule
    if decision.allow:
        assert list(decision.rules) == re.findall(r"`(.+?)`", answer)


def test_the_names_of_conditions_and_their_examples(compiled: Any) -> None:
    rows = re.findall(r"^\| `([a-z]+\.\w+)` \| (.+?) \| `(.+)` \|$", _section("Rules and conditions"), re.MULTILINE)
    assert [name for name, _, _ in rows] == [*names(), f"{FINDINGS}PERSON", f"{FINDINGS}{TOTAL}"]
    rules = {f"r{at}": {"when": condition, "deny": "no"} for at, (_, _, condition) in enumerate(rows)}
    assert all(name.partition("findings.")[0] in condition for name, _, condition in rows)
    named = {
        "purposes": {"support": {"basis": "contract"}, "research": {"basis": "consent"}},
        "tenants": {"bank": {"teams": {"training": {}}}},
    }
    assert compiled(yaml.safe_dump({**named, "organisation": {"rules": rules}})).version


def test_the_order_of_operators_is_the_real_one() -> None:
    by_strength = [
        ", ".join(str(operator) for operator, own in STRENGTH.items() if own == strength)
        for strength in sorted(set(STRENGTH.values()))
    ]
    assert f"**{' < '.join(by_strength)}**" in PAGE


def test_every_value_that_can_be_chosen_is_named() -> None:
    values = {value for name, node in SCHEMA["$defs"].items() if name != "Checksum" for value in node.get("enum", ())}
    assert "hr_management" in values
    assert {value for value in values if f"`{value}`" not in PAGE} == set()
