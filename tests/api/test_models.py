"""What a client may know of models, and the names that it knows them by: a whole gateway, with the openai package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import httpx
import pytest
from openai import NotFoundError, OpenAI
from openai.types.chat import ChatCompletionMessageParam

from gateway.audit.act_reader import read_acts
from tests.accounting.conftest import write_tokenizer
from tests.store.databases import sqlite_at
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import RunningGateway, running_gateway
from tests.support.script import Request, Script, deltas, plain

POLICY = """\
version: 1
deployments:
  gpu:
    base_url: "{url}"
    model: org/model-7b
    version: 2026-10
    digest: sha256:{digest}
    tokenizer: tokenizer.json
models:
  assistant: {{deployments: [gpu], price: {{input: 1, output: 2}}}}
  hidden: {{deployments: [gpu]}}
  gpt-4o: {{alias: assistant}}
  o1: {{alias: hidden}}
tenants:
  acme:
    models: [assistant]
    principals: {{app: {{}}}}
"""
DIGEST = "ab" * 32


@dataclass(frozen=True)
class House:
    gateway: RunningGateway
    backend: ScriptedBackend
    client: OpenAI


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("models")
    write_tokenizer(folder / "tokenizer.json")
    with backend_in_thread() as backend:
        policy = POLICY.format(url=backend.url, digest=DIGEST)
        with running_gateway(folder, policy) as gateway, OpenAI(base_url=gateway.base_url, api_key=gateway.key) as client:
            yield House(gateway, backend, client)


def silent(request: Request) -> Script:
    """Answers under the backend's own name for the model, and tells no usage."""
    assert request.json["model"] == "org/model-7b"
    choice = {"index": 0, "message": {"role": "assistant", "content": "one two three"}, "finish_reason": "stop"}
    whole = {"id": "r", "object": "chat.completion", "created": 1, "model": "org/model-7b"}
    if not request.stream:
        return plain({**whole, "choices": [choice]})
    parts: list[tuple[dict[str, str], str | None]] = [({"content": text}, None) for text in ("one ", "two ", "three")] + [
        ({}, "stop")
    ]
    return deltas(
        [
            {**whole, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
            for delta, reason in parts
        ]
    )


def test_models_and_aliases_that_may_be_used_are_listed(house: House) -> None:
    listed = list(house.client.models.list())
    assert [model.id for model in listed] == ["assistant", "gpt-4o"]
    assert {(model.object, model.owned_by, model.created) for model in listed} == {("model", "gateway", 0)}
    assert house.client.models.retrieve("gpt-4o").id == "gpt-4o"


def test_a_forbidden_model_looks_like_one_that_is_not_there(house: House) -> None:
    told = []
    for name in ("hidden", "o1", "org/model-7b", "gpu", "no-such"):
        with pytest.raises(NotFoundError) as refused:
            house.client.models.retrieve(name)
        told.append(refused.value.body)
    assert all(body == told[0] for body in told)


@pytest.mark.parametrize("name", ["gpt-4o", "assistant"])
def test_the_answer_bears_the_name_that_was_asked_for(house: House, name: str) -> None:
    house.backend.reply_with(silent)
    said: list[ChatCompletionMessageParam] = [{"role": "user", "content": "one two"}]
    whole = house.client.chat.completions.create(model=name, messages=said)
    assert (whole.model, whole.choices[0].message.content) == (name, "one two three")
    stream = house.client.chat.completions.create(model=name, messages=said, stream=True)
    assert {chunk.model for chunk in stream} == {name}


def test_the_record_has_both_names_what_was_served_and_who_counted(house: House) -> None:
    house.backend.reply_with(silent)
    before = len(house.gateway.records())
    for stream in (False, True):
        answer = house.gateway.chat("one two", model="gpt-4o", stream=stream)
        assert answer.status_code == 200
    for record in house.gateway.records(before + 2)[-2:]:
        assert record.asked is not None
        assert (record.asked.model, record.model, record.usage.response_model) == ("gpt-4o", "assistant", "org/model-7b")
        assert record.served is not None
        assert (record.served.version, record.served.digest) == ("2026-10", f"sha256:{DIGEST}")
        assert (record.usage.input_tokens, record.usage.output_tokens, record.usage.source) == (2 + 8, 3, "counted")
        assert record.cost == 10 + 2 * 3


def test_a_forbidden_alias_is_refused_as_an_unknown_model_is(house: House) -> None:
    answers = [house.gateway.chat("hi", model=name) for name in ("o1", "hidden", "no-such")]
    assert {(one.status_code, one.text) for one in answers} == {(404, answers[0].text)}


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("GET", "/models", "models.list"),
        ("GET", "/models/assistant", "models.list"),
        ("POST", "/feedback", "feedback.give"),
    ],
)
@pytest.mark.parametrize("credential", ["pgw_wrong000_key", None])
def test_whoever_tries_a_key_here_is_on_record_as_at_a_model(
    house: House, method: str, path: str, action: str, credential: str | None
) -> None:
    headers = {} if credential is None else {"authorization": f"Bearer {credential}"}
    with closing(sqlite_at(house.gateway.settings.audit_path)) as database:
        before = len(read_acts(database, limit=100))
        answer = httpx.request(method, f"{house.gateway.base_url}{path}", headers=headers)
        newest, *older = read_acts(database, limit=100)
    assert (answer.status_code, len(older)) == (401, before)
    tried = newest.act
    assert (tried.action, tried.outcome, tried.error_code) == (action, "denied", "invalid_api_key")
    assert (tried.actor, tried.tenant, tried.principal, tried.target) == (None, None, None, None)
