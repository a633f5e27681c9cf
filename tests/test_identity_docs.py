"""docs/identity.md says what identity does: its examples are policies and tokens, its tables are those of the code."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from gateway.api.admin.access import ALLOWED
from gateway.cli.keys.commands import app as keys_app
from gateway.detection.recognizers.registry import built_in_entities
from gateway.errors import Unauthenticated
from gateway.exchange import Principal
from gateway.exchange.peer import Peer
from gateway.identity import fetch_keys, key_set, key_source, token
from gateway.identity.authenticator import NO_KEY
from gateway.identity.key_store import KeyStore
from gateway.identity.proxy import principal_of
from gateway.identity.virtual_keys import KeyKind, KeyRecord
from gateway.policy.compile import CompiledPolicy, compile_policy
from gateway.policy.language.schema import json_schema_text
from gateway.policy.reading.load import load_policy
from gateway.redaction.surrogates import SURROGATE_ENTITIES
from gateway.rules.identity import Role
from tests.identity.signing import Idp, issuers, published, rsa, signed

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "identity.md").read_text(encoding="utf-8")
DEFINITIONS: Mapping[str, Any] = json.loads(json_schema_text())["$defs"]

Node = Mapping[str, Any]
Compile = Callable[[str], CompiledPolicy]


def _blocks(language: str, text: str = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def _rows(columns: int, text: str = PAGE) -> list[tuple[str, ...]]:
    """The rows of tables with so many columns, the first of them as code."""
    more = r" \| ".join(["(.+?)"] * (columns - 1))
    return re.findall(rf"^\| `([^`]+)` \| {more} \|$", text, re.MULTILINE)


def _section(title: str) -> str:
    return re.split(r"\n##+ ", PAGE.partition(f" {title}\n")[2])[0]


EXAMPLES = _blocks("yaml")
"""The first is a whole policy, the others are parts that are added to it. `yml` marks what is not for us."""


def _merged(base: Any, part: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(part, dict):
        return part
    return {**base, **{key: _merged(base.get(key), value) for key, value in part.items()}}


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    return built_in_entities()


@pytest.fixture
def compiled(tmp_path: Path, known: frozenset[str]) -> Compile:
    def compiled(example: str) -> CompiledPolicy:
        path = tmp_path / "policy.yaml"
        whole = _merged(yaml.safe_load(EXAMPLES[0]), yaml.safe_load(example))
        path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
        return compile_policy(load_policy(path, known_entities=known, surrogate_entities=SURROGATE_ENTITIES), {})

    return compiled


# Fields


def _found(node: Node) -> Node:
    """What a node refers to, through what may be null and what maps ids."""
    (option,) = [one for one in node.get("anyOf", [node]) if one.get("type") != "null"]
    found: Node = DEFINITIONS[option["$ref"].rpartition("/")[2]] if "$ref" in option else option
    return found


def _fields(path: str, node: Node) -> Iterator[tuple[str, Node, bool]]:
    """Every field below a node; `<id>` stands for a mapping's key."""
    found = _found(node)
    for members in found.get("patternProperties", {}).values():
        yield from _fields(f"{path}.<id>", members)
    for name, child in found.get("properties", {}).items():
        yield f"{path}.{name}", child, name in found.get("required", ())
        yield from _fields(f"{path}.{name}", child)


FIELDS = {path: (node, required) for path, node, required in _fields("identity", DEFINITIONS["Identity"])}
DOCUMENTED = _rows(3, _section("All fields"))


def test_the_fields_of_the_page_are_those_of_the_language() -> None:
    """What the four claims have in common stands once, under the first."""
    every = [path for path in FIELDS if not re.search(r"claims\.(tenant|team|roles)\.", path)]
    assert [path for path, _, _ in DOCUMENTED] == every
    assert len(every) == 28


@pytest.mark.parametrize(("path", "told"), [(path, told) for path, told, _ in DOCUMENTED], ids=lambda text: text)
def test_defaults_are_the_real_ones(path: str, told: str) -> None:
    node, required = FIELDS[path]
    default = node.get("default")
    assert (told == "required") is required
    if default and not isinstance(default, dict):
        assert told == f"`{json.dumps(default)}`"
    else:
        assert "`" not in told.replace("`sub`", "")


def test_bounds_are_the_real_ones() -> None:
    bounded = {path: node for path, (node, _) in FIELDS.items() if "maximum" in node}
    said = {path: re.findall(r"(\d+) to (\d+)", meaning) for path, _, meaning in DOCUMENTED if path in bounded}
    assert said == {path: [(str(node["minimum"]), str(node["maximum"]))] for path, node in bounded.items()}
    assert len(said) == 2


def _used(data: Any, node: Node, path: str) -> Iterator[str]:
    found = _found(node)
    for key, value in data.items() if isinstance(data, dict) else ():
        for members in found.get("patternProperties", {}).values():
            yield from _used(value, members, f"{path}.<id>")
        if key in found.get("properties", {}):
            yield f"{path}.{key}"
            yield from _used(value, found["properties"][key], f"{path}.{key}")


def test_every_field_has_an_example() -> None:
    parts = [yaml.safe_load(example).get("identity", {}) for example in EXAMPLES]
    used = {path for part in parts for path in _used(part, DEFINITIONS["Identity"], "identity")}
    common = {re.sub(r"claims\.\w+\.", "claims.principal.", path) for path in used}
    assert {path for path, _, _ in DOCUMENTED} - used - common == set()


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_are_policies(compiled: Compile, example: str) -> None:
    policy = compiled(example)
    assert all(policy.standing(principal) for principal in policy.principals)
    assert policy.anonymous is None or policy.place(policy.anonymous)


def test_every_value_that_can_be_chosen_is_named() -> None:
    algorithms = DEFINITIONS["Issuer"]["properties"]["algorithms"]["items"]["enum"]
    assert [name for name in (*algorithms, *Role) if f"`{name}`" not in PAGE] == []


# Tokens

PROVIDERS = [title for title in re.findall(r"^### (.+)$", PAGE, re.MULTILINE) if _blocks("json", _section(title))]


@pytest.mark.parametrize("title", PROVIDERS)
async def test_tokens_name_whom_the_page_says(compiled: Compile, title: str) -> None:
    """The token, signed by a provider that also publishes a key for encryption, as Keycloak does."""
    (claims,), (example,) = _blocks("json", _section(title)), _blocks("yaml", _section(title))
    (told,) = re.findall(r"^That is `(.+?)/(.+?)`(?:, in the team `(.+?)`)?(?:, as `(.+?)`)?\.$", _section(title), re.MULTILINE)
    policy, said = compiled(example), json.loads(claims)
    keys = json.loads(published(rsa(), rsa("enc")))
    keys["keys"][1] |= {"use": "enc", "alg": "RSA-OAEP"}
    verifier = issuers(Idp(json.dumps(keys).encode()), *policy.identity.issuers)

    found = await verifier.verify(signed(said), said["iat"] + 60)
    caller = policy.place(Principal(tenant=found.tenant, id=found.id, team=found.team, roles=frozenset(found.roles)))

    tenant, principal, team, role = told
    assert caller == Principal(tenant=tenant, id=principal, team=team or None, roles=frozenset({Role(role)} if role else ()))
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.verify(signed(said), said["exp"] + 31)


def test_three_providers_are_shown() -> None:
    assert PROVIDERS == ["Keycloak", "Microsoft Entra ID", "Okta"]


PLACES = {
    "listed": (Principal(tenant="bank", id="li.wei@bank.example", team="letters"), "audit"),
    "open team": (Principal(tenant="bank", id="new", team="letters"), "letters"),
    "closed team": (Principal(tenant="bank", id="new", team="audit"), ...),
    "open tenant": (Principal(tenant="bank", id="new", team="nowhere"), None),
    "other tenant": (Principal(tenant="clinic", id="new"), ...),
    "a key for nobody": (Principal(tenant="bank", id="new", key_id="pgw_3f9k2m1x"), ...),
}


@pytest.mark.parametrize(("caller", "team"), PLACES.values(), ids=PLACES)
def test_the_table_of_places(compiled: Compile, caller: Principal, team: object) -> None:
    """The five rows of "Whom a token names", in a tenant that is open; `...` stands for no place."""
    placed = compiled("tenants: {bank: {open: true}}").place(caller)
    assert (placed.team if placed else ...) == team


def test_numbers_are_the_real_ones() -> None:
    told = dict(re.findall(r"^\| (.+?) \| (.+?) \|$", _section("How keys are fetched"), re.MULTILINE))
    assert told["fetched again, while requests go on with those at hand"].startswith(
        f"after {key_source.REFRESH_S / 60:g} minutes"
    )
    assert told["keys are used no more, because the issuer cannot be reached"].startswith(
        f"after {key_source.STALE_S / 60:g} minutes"
    )
    pauses = f"at most every {key_source.PAUSE_S:g} seconds; every {key_source._FIRST_PAUSE_S:g} seconds while"
    assert told["fetched at once because a token's `kid` is not there"].startswith(pauses)
    assert told["a request waits for that"] == f"at most {key_source._WAIT_S:g} seconds"
    size = f"{key_set.MAX_BYTES // 1024} KiB; {key_set._MAX_KEYS} keys"
    assert told["one fetch takes"] == f"at most {fetch_keys.TIMEOUT_S:g} seconds and {size}"


def test_refused_headers_are_the_real_ones() -> None:
    (sentence,) = re.findall(r"A header with ([^.]+?) is refused", PAGE)
    assert set(re.findall(r"`(\w+)`", sentence)) == token._REFUSED_HEADERS


# Keys, certificates, anonymous callers


def test_commands_are_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (policy := tmp_path / "policy.yaml").write_text(EXAMPLES[0], encoding="utf-8")
    for name, value in {"GATEWAY_POLICY": str(policy), "GATEWAY_STATE_DIR": str(tmp_path), "GATEWAY_SECRET": "s" * 32}.items():
        monkeypatch.setenv(name, value)
    store, now = KeyStore(tmp_path / "keys.sqlite"), datetime.now(UTC)
    store.add(KeyRecord(key_id="pgw_3f9k2m1x", tenant="bank", principal="mailroom", digest="0", created=now))

    lines = [shlex.split(line) for block in _blocks("sh") for line in block.splitlines()]
    results = [CliRunner().invoke(keys_app, line[2:]) for line in lines if line[:2] == ["gateway", "keys"]]

    assert [(result.exit_code, "warning" in result.output) for result in results] == [(0, False)] * len(lines)
    assert {line[2] for line in lines} == {
        command.callback.__name__.removesuffix("_keys") for command in keys_app.registered_commands if command.callback
    }
    made = [record for record in store.list() if record.key_id != "pgw_3f9k2m1x"]
    assert [record.kind for record in made] == [KeyKind.ORDINARY, KeyKind.PERSON, KeyKind.ORDINARY]


def test_prefixes_and_fillers_are_the_real_ones() -> None:
    assert all(f"`{kind.value}`" in _section("Virtual keys") for kind in KeyKind)
    (sentence,) = re.findall(
        r"an empty one and the fillers (.+?) count as none", _section("Anonymous callers").replace("\n", " ")
    )
    assert {"", *re.findall(r"`(\w+)`", sentence)} == NO_KEY


def test_both_proxies_set_the_header_of_the_example() -> None:
    section = _section("Client certificates")
    header = yaml.safe_load(_blocks("yaml", section)[0])["identity"]["proxy"]["header"]
    envoy = yaml.safe_load(_blocks("yml", section)[0])
    assert f"proxy_set_header   {header} $ssl_client_s_dn;" in _blocks("nginx", section)[0]
    assert envoy["request_headers_to_remove"] == [header.lower()]
    assert [one["header"]["key"] for one in envoy["request_headers_to_add"]] == [header.lower()]
    assert envoy["require_client_certificate"] is True


def test_the_certificate_of_the_example_is_the_callers(compiled: Compile) -> None:
    rules = compiled(_blocks("yaml", _section("Client certificates"))[0]).identity.proxy
    sent = {"x-client-subject": ["CN=mailroom,OU=Operations,O=Bank"], "x-forwarded-for": ["10.1.4.7"]}
    assert principal_of(Peer(address="10.1.4.7", header=lambda name: sent.get(name, [])), rules) == Principal(
        tenant="bank", id="mailroom"
    )
    assert principal_of(Peer(address="10.1.4.8", header=lambda name: sent.get(name, [])), rules) is None


# People and errors


def test_the_table_of_roles_is_that_of_the_admin_api() -> None:
    section = _section("People and roles")
    (head,) = re.findall(r"^\| action \| what it is \| (.+) \|$", section, re.MULTILINE)
    roles = [Role(name) for name in head.split(" | ")]
    assert set(roles) == set(Role)
    told = {row[0]: {role for role, cell in zip(roles, row[2:], strict=True) if cell == "yes"} for row in _rows(6, section)}
    assert told == {str(action): set(allowed) for action, allowed in ALLOWED.items()}


def _messages() -> Iterator[str]:
    """Every sentence in the code of identity that is no docstring, as a pattern: they are what it refuses with."""
    for module in (ROOT / "gateway" / "identity").glob("*.py"):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in docstrings | parts:
                text = _text(node)
                if re.match(r"[A-Z].* .*\.$", text):
                    yield text


def _text(node: ast.expr) -> str:
    """With a tab for what is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "\t"


def test_every_message_is_explained() -> None:
    section = _section("What an identity error looks like")
    told, real = [message for message, _ in _rows(2, section)], set(_messages())
    patterns = [re.escape(message).replace(re.escape("\t"), r"[a-z0-9]+") for message in real]
    assert len(real) > 30
    assert [one for one in told if not any(re.fullmatch(pattern, one) for pattern in patterns)] == []
    assert [pattern for pattern in patterns if not any(re.fullmatch(pattern, one) for one in told)] == []
    assert len(set(told)) == len(told)
    assert f"at most {token.MAX_CHARACTERS} characters" in PAGE


def test_the_body_of_an_error_is_the_real_one() -> None:
    (body,) = _blocks("json", _section("What an identity error looks like"))
    assert json.loads(body) == Unauthenticated("The API key has expired.").body()
