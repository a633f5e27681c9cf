"""Promise 4: nothing of one caller reaches another, and a placeholder that this exchange did not mint is plain text."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway
from tests.support.script import text

MAIL, OTHER = "alice@corp-example.org", "bob@corp-example.org"


def test_a_placeholder_of_another_exchange_is_plain_text(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    assert gateway.say(f"I am {MAIL}") == f"I am {MAIL}"
    backend.reply_with(lambda request: text(request, "<EMAIL_ADDRESS_1> and <PERSON_9>"))
    assert gateway.say("who am I?") == "<EMAIL_ADDRESS_1> and <PERSON_9>"
    assert gateway.say(f"I am {OTHER}") == f"{OTHER} and <PERSON_9>"


def test_exchanges_at_the_same_time_keep_their_own_values(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    def ask(number: int) -> tuple[str, str]:
        said = f"I am user{number}@corp-example.org, tel 138{number:04}5678."
        return said, gateway.say(said)

    with ThreadPoolExecutor(8) as pool:
        for said, answer in pool.map(ask, range(24)):
            assert answer == said


@pytest.fixture(scope="module")
def two_tenants(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningGateway, ScriptedBackend]]:
    other = f"""
      globex:
        models: [{MODEL}]
        entities: {{default: hash, PERSON: surrogate}}
        principals: {{app: {{}}}}
    """
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant="entities: {default: hash, PERSON: surrogate}")
        folder = tmp_path_factory.mktemp("two")
        with running_gateway(folder, policy + "\n".join(line[4:] for line in other.splitlines())) as gateway:
            yield gateway, backend


def test_hashes_and_surrogates_of_tenants_cannot_be_joined(two_tenants: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, backend = two_tenants

    def sent(tenant: str) -> str:
        body = {"model": MODEL, "messages": [{"role": "user", "content": f"I am Alice Johnson, {MAIL}"}]}
        headers = {"authorization": f"Bearer {gateway.issue('app', tenant)}"}
        assert gateway.http.post("/chat/completions", json=body, headers=headers).status_code == 200
        content: str = backend.received[-1].json["messages"][0]["content"]
        return content

    acme, globex = sent("acme"), sent("globex")
    assert "Alice" not in acme + globex
    assert MAIL not in acme + globex
    assert acme == sent("acme")
    assert acme != globex
    assert acme.split(", ")[1] != globex.split(", ")[1]


def test_a_key_opens_its_own_tenant_only(two_tenants: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, _ = two_tenants
    key = gateway.issue("nobody", "globex")
    body = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}]}
    answer = gateway.http.post("/chat/completions", json=body, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 401


def test_headers_of_one_client_do_not_reach_the_next(gateway: RunningGateway, backend: ScriptedBackend) -> None:
    backend.reply_with(lambda request: text(request, "hi").with_header("set-cookie", "who=alice"))
    first = gateway.chat("hi")
    gateway.chat("hi")
    assert "cookie" not in backend.received[-1].headers
    assert "set-cookie" not in first.headers
