"""Promise 4, at a model server that tenants share: what it computed of one tenant's prompts is not used for another's, so that
no time and no count tells what another one sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway

OTHER = f"""
  globex:
    models: [{MODEL}]
    entities: {{default: placeholder}}
    principals: {{app: {{}}}}
"""


@pytest.fixture(scope="module", params=["vllm", "sglang"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningGateway, Any]]:
    with backend_in_thread() as backend:
        policy = policy_text(backend.url).replace("{base_url:", f"{{server: {request.param}, base_url:")
        with running_gateway(tmp_path_factory.mktemp("shared"), policy + OTHER) as gateway:
            yield gateway, backend


def sent(shared: tuple[RunningGateway, ScriptedBackend], tenant: str, surface: str = "/chat/completions", **fields: Any) -> Any:
    """The salt under which the backend got a request of this tenant."""
    gateway, backend = shared
    said: dict[str, Any] = {
        "/chat/completions": {"messages": [{"role": "user", "content": "hi"}]},
        "/completions": {"prompt": "hi"},
    }
    body = {"model": MODEL, **said.get(surface, {"input": "hi"}), **fields}
    headers = {"authorization": f"Bearer {gateway.issue('app', tenant)}"}
    assert gateway.http.post(surface, json=body, headers=headers).status_code == 200
    return backend.received[-1].json.get("cache_salt")


def test_each_tenant_has_a_salt_that_stays(shared: tuple[RunningGateway, ScriptedBackend]) -> None:
    acme, globex = sent(shared, "acme"), sent(shared, "globex")
    assert acme == sent(shared, "acme", temperature=0.1)
    assert len({acme, globex}) == 2
    assert all(isinstance(salt, str) and len(salt) == 64 for salt in (acme, globex))


@pytest.mark.parametrize("surface", ["/completions", "/embeddings", "/responses"])
def test_wherever_a_prompt_goes(shared: tuple[RunningGateway, ScriptedBackend], surface: str) -> None:
    assert sent(shared, "acme", surface) == sent(shared, "acme")


def test_one_tenant_cannot_take_anothers(shared: tuple[RunningGateway, ScriptedBackend]) -> None:
    theirs = sent(shared, "acme")
    assert sent(shared, "globex", cache_salt=theirs) not in (theirs, sent(shared, "globex"))


def test_who_keeps_users_apart_still_does(shared: tuple[RunningGateway, ScriptedBackend]) -> None:
    """Also where what is told apart is personal data, which the backend must not see."""
    first, second = (sent(shared, "acme", cache_salt=f"{who}@corp-example.org") for who in ("alice", "bob"))
    assert len({first, second, sent(shared, "acme")}) == 3
