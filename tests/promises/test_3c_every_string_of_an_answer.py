"""Promises 3 and 4 over all that the OpenAI SDK can read: answers made of its own types, with a placeholder in every string.

Two tenants ask at once and get the same answer, in which each reads its own people and nobody else's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from typing import Any

import pytest

from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway
from tests.support.planted import planters, seen_in
from tests.support.script import plain
from tests.support.sdk_requests import ANSWERS, Json, changes, mapped, packed, sendable, smallest_bodies, together

TENANT = "entities: {default: placeholder}\nreply: {restore: true}"
PLACEHOLDERS = ("<PERSON_1>", "<EMAIL_ADDRESS_1>", "<EMAIL_ADDRESS_2>")
PEOPLE: Mapping[str, tuple[str, str, str]] = {
    "acme": ('Robert "Bob" Miller', "bob@acme-corp.example", "sales@acme-corp.example"),
    "globex": ("Margaret Thompson", "margaret@globex-corp.example", "help@globex-corp.example"),
}
OTHERS = f"""\
  globex:
    models: [{MODEL}]
    principals: {{app: {{}}}}
    entities: {{default: placeholder}}
    reply: {{restore: true}}
  initech:
    models: [{MODEL}]
    principals: {{app: {{}}}}
    entities: {{default: placeholder}}
    reply: {{restore: true, entities: {{default: mask}}}}
"""
EXAMPLES = int(os.environ.get("SDK_EXAMPLES", "150"))
"""Answers that are screened."""
UNSCREENED = {"id", "call_id", "name", "model", "type", "system_fingerprint"}
"""Ids and fingerprints that a server makes, the names of tools and models, and types: they are said by no model."""
SETTINGS: dict[Any, Any] = {int: 1, float: 0.5, bool: True}


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningGateway, ScriptedBackend]]:
    with backend_in_thread() as backend:
        policy = policy_text(backend.url, tenant=TENANT) + OTHERS
        with running_gateway(tmp_path_factory.mktemp("answers"), policy) as gateway:
            yield gateway, backend


def question(surface: str, said: str) -> Json:
    field = {"chat/completions": "messages", "completions": "prompt", "responses": "input"}[surface]
    return sendable(surface, {field: [{"role": "user", "content": said}] if field == "messages" else said})


def with_placeholder(tp: Any, names: tuple[str, ...]) -> Any:
    """One for each field, always the same; of arguments, in a document."""
    placeholder = PLACEHOLDERS[sum(map(len, names)) % len(PLACEHOLDERS)]
    if tp is str and names[-1] == "arguments":
        return json.dumps({"to": placeholder, "all": [f"write to {placeholder}"]})
    return f"to {placeholder}" if tp is str else SETTINGS.get(tp, {"deep": [placeholder]})


def original(people: tuple[str, str, str], text: str) -> str:
    for placeholder, own in zip(PLACEHOLDERS, people, strict=True):
        text = text.replace(placeholder, json.dumps(own)[1:-1] if text.startswith("{") else own)
    return text


@pytest.mark.parametrize("surface", ANSWERS)
def test_each_reads_its_own_people_everywhere(surface: str, answering: tuple[RunningGateway, ScriptedBackend]) -> None:
    gateway, backend = answering
    keys = {"acme": gateway.key, "globex": gateway.issue("app", "globex")}

    def asked(tenant: str) -> Any:
        name, first, second = PEOPLE[tenant]
        body = question(surface, f"My name is {name}, write to {first} or {second}.")
        answer = gateway.http.post(f"/{surface}", json=body, headers={"authorization": f"Bearer {keys[tenant]}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    with ThreadPoolExecutor(len(PEOPLE)) as pool:
        for pack in packed(smallest_bodies(ANSWERS[surface], with_placeholder)):
            said = together(pack)
            backend.reply_with(plain(said))
            backend.received.clear()
            read = dict(zip(PEOPLE, pool.map(asked, PEOPLE), strict=True))
            assert all(placeholder.encode() in one.body for one in backend.received for placeholder in PLACEHOLDERS)
            for tenant, people in PEOPLE.items():
                assert list(changes(mapped(said, partial(original, people)), read[tenant])) == []


@pytest.mark.parametrize("surface", ANSWERS)
def test_what_a_model_says_of_others_is_screened_everywhere(
    surface: str, answering: tuple[RunningGateway, ScriptedBackend]
) -> None:
    gateway, backend = answering
    planter, key = next(planters(6)), gateway.issue("app", "initech")
    unseen = {str: "hello", **SETTINGS}

    def fill(tp: Any, names: tuple[str, ...]) -> Any:
        return unseen[tp] if names[-1] in UNSCREENED and tp in unseen else planter.plain(tp, names)

    bodies = list(smallest_bodies(ANSWERS[surface], fill))
    for pack in packed(Random(6).sample(bodies, min(len(bodies), EXAMPLES))):
        backend.reply_with(plain(together(pack)))
        answer = gateway.http.post(f"/{surface}", json=question(surface, "hello"), headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == 200, answer.text
        assert seen_in(answer.content, planter.planted) == []
