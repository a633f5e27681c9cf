"""Promise 5 over all that the OpenAI SDK can write: a request that says nothing of anybody arrives as it was sent.

Under a policy that keeps nothing: not even a day in the name of a model is somebody's. Which fields are refused is written
down here, so that no field of a newer SDK is refused, or changed, and nobody notices.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import pytest

from gateway.protocol.tools import helpers_of
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway
from tests.support.script import plain
from tests.support.sdk_requests import REQUESTS, Json, changes, packed, sendable, smallest_bodies, together

TENANT = """
entities: {default: placeholder}
reply: {restore: true}
allow_uninspected: [image, audio, file, tokens, stored]
"""
STATEFUL = {"background", "conversation", "previous_response_id", "prompt"}
"""Text that a backend keeps: see `protocol.request`."""
COMPARED = ("prompt_cache_options", "comparison_response_id")
ANYTHING = plain({"id": "a1", "object": "response", "model": MODEL, "choices": [], "output": [], "data": []})
SETTINGS: dict[Any, Any] = {str: "hello there", object: {"deep": ["hello there"]}, int: 1, float: 0.5, bool: True}


HELPERS = sorted(
    {
        model
        for surface in ("chat/completions", "responses")
        for body in smallest_bodies(REQUESTS[surface], lambda tp, names: SETTINGS[tp], words=True)
        for model in helpers_of(body)
        if model != SETTINGS[str]
    }
)
"""Models beside the one that answers, by the names that the SDK has for them: policy has to grant these too."""


@pytest.fixture(scope="module")
def open_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningGateway, ScriptedBackend]]:
    with backend_in_thread() as backend:
        backend.reply_with(ANYTHING)
        policy = knowing(HELPERS, policy_text(backend.url, tenant=TENANT))
        with running_gateway(tmp_path_factory.mktemp("words"), policy) as gateway:
            yield gateway, backend


def knowing(models: Collection[str], policy: str) -> str:
    """The policy, with these models too."""
    listed = ", ".join([MODEL, *models])
    made = "".join(f"  {model}: {{deployments: [backend]}}\n" for model in models)
    return policy.replace(f"models: [{MODEL}]", f"models: [{listed}]").replace("tenants:\n", f"{made}tenants:\n", 1)


def is_refused(body: Json) -> bool:
    options, said = body.get(COMPARED[0]), body.get("input")
    refers = isinstance(said, list) and any(
        item.get("type", item.get("role", "item_reference")) == "item_reference" for item in said
    )
    return not STATEFUL.isdisjoint(body) or refers or (isinstance(options, dict) and COMPARED[1] in options)


@pytest.mark.parametrize("surface", REQUESTS)
def test_what_is_nobodys_arrives_as_it_was_sent(surface: str, open_gateway: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, backend = open_gateway
    bodies = smallest_bodies(REQUESTS[surface], lambda tp, names: SETTINGS[tp], words=True)
    for pack in packed(body for body in bodies if surface != "responses" or not is_refused(body)):
        sent = sendable(surface, together(pack), HELPERS)
        answer = gateway.http.post(f"/{surface}", json=sent)
        assert answer.status_code == 200, (answer.text, sent)
        assert list(changes(sent, backend.received[-1].json)) == []


def test_what_a_backend_keeps_is_refused(open_gateway: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, _ = open_gateway
    bodies = smallest_bodies(REQUESTS["responses"], lambda tp, names: SETTINGS[tp])
    stateful = [body for body in bodies if is_refused(body)]
    answers = [gateway.http.post("/responses", json=sendable("responses", body)) for body in stateful]
    assert {answer.json()["error"]["code"] for answer in answers} == {"stateful_request"}
    assert {*(answer.json()["error"]["param"] for answer in answers)} == {*STATEFUL, COMPARED[0], "input"}
