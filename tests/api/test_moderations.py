"""`/v1/moderations`: routed by policy, redacted on the way, and the answer as the backend gave it. With the openai package."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI, PermissionDeniedError

from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.gateway import RunningGateway, policy_text, running_gateway
from tests.support.script import Request, Script, plain

ALICE, MAIL = "Alice Johnson", "alice@corp-example.org"
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
TENANT = """
entities: {default: placeholder, SECRET: block}
reply: {restore: true}
cache: tenant
"""
MODELS = """  guard: {deployments: [backend], surfaces: [moderations]}
  speaker: {deployments: [backend], surfaces: [chat/completions]}
  vllm: {deployments: [vllm]}
"""


@dataclass(frozen=True)
class House:
    gateway: RunningGateway
    backend: ScriptedBackend
    client: OpenAI


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with backend_in_thread() as backend:
        principals = "{app: {}, seeing: {}}"
        policy = policy_text(backend.url, tenant=TENANT, principals=principals).replace("tenants:\n", f"{MODELS}tenants:\n", 1)
        policy = policy.replace("models:\n", f'  vllm: {{base_url: "{backend.url}", server: vllm}}\nmodels:\n', 1)
        policy = policy.replace("models: [test-model]", "models: [guard, speaker, vllm]\n    allow_uninspected: [image]")
        policy = policy.replace("{app: {}, seeing", "{app: {allow_uninspected: []}, seeing")
        with (
            running_gateway(tmp_path_factory.mktemp("moderations"), policy) as gateway,
            OpenAI(base_url=gateway.base_url, api_key=gateway.key, max_retries=0) as client,
        ):
            yield House(gateway, backend, client)


@pytest.fixture
def house(running: House) -> House:
    running.backend.received.clear()
    running.backend.reply_with(judged)
    return running


def judged(request: Request) -> Script:
    said = request.json["input"]
    one = {
        "flagged": True,
        "categories": {"harassment": False, "self-harm/intent": True},
        "category_scores": {"harassment": 0.0123456789, "self-harm/intent": 0.75},
        "category_applied_input_types": {"harassment": ["text"], "self-harm/intent": ["text"]},
    }
    count = len(said) if isinstance(said, list) and isinstance(said[0], str) else 1
    return plain({"id": "modr-1", "model": request.json["model"], "results": [one] * count})


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (f"Write to {ALICE} ({MAIL}).", "Write to <PERSON_1> (<EMAIL_ADDRESS_1>)."),
        ([f"I am {ALICE}.", f"Mail {MAIL}, {ALICE}!"], ["I am <PERSON_1>.", "Mail <EMAIL_ADDRESS_1>, <PERSON_1>!"]),
        ([{"type": "text", "text": f"I am {ALICE}."}], [{"type": "text", "text": "I am <PERSON_1>."}]),
    ],
    ids=["a text", "texts", "parts"],
)
def test_texts_are_redacted_and_judged(house: House, said: Any, heard: Any) -> None:
    answer = house.client.moderations.create(model="guard", input=said)
    assert house.backend.received[-1].path == "/v1/moderations"
    assert house.backend.received[-1].json == {"model": "guard", "input": heard}
    assert (answer.id, answer.model, answer.results[0].flagged) == ("modr-1", "guard", True)
    assert answer.results[0].to_dict()["category_scores"] == {"harassment": 0.0123456789, "self-harm/intent": 0.75}
    assert len(answer.results) == (len(said) if isinstance(said, list) else 1)


def test_it_is_on_the_record_and_may_be_cached(house: House) -> None:
    before = len(house.gateway.records())
    for _ in range(2):
        house.client.moderations.create(model="guard", input=f"{ALICE} was here once.")
    assert len(house.backend.received) == 1
    first, second = house.gateway.records(before + 2)[before:]
    assert (first.surface, first.outcome, first.cache, second.cache) == ("moderations", "completed", "miss", "hit")
    assert [found.entity for found in first.findings] == ["PERSON"]


def test_images_go_by_policy(house: House) -> None:
    parts: list[Any] = [{"type": "text", "text": f"{ALICE} in a picture"}, IMAGE]
    with pytest.raises(BadRequestError) as refused:
        house.client.moderations.create(model="guard", input=parts)
    assert refused.value.code == "uninspectable_content"
    assert house.backend.received == []
    seeing = house.client.with_options(api_key=house.gateway.issue("seeing"))
    seeing.moderations.create(model="guard", input=parts)
    assert house.backend.received[-1].json["input"] == [{"type": "text", "text": "<PERSON_1> in a picture"}, IMAGE]


def test_what_policy_blocks_is_not_sent(house: House) -> None:
    with pytest.raises(PermissionDeniedError) as refused:
        house.client.moderations.create(model="guard", input="my key is ghp_abcdefghijklmnopqrstuvwxyz0123456789")
    assert refused.value.code == "entity_blocked"
    assert house.backend.received == []


@pytest.mark.parametrize(("model", "status"), [("speaker", 403), ("unknown", 404), ("vllm", 404)])
def test_a_model_that_does_not_serve_it_is_not_asked(house: House, model: str, status: int) -> None:
    with pytest.raises((NotFoundError, PermissionDeniedError)) as refused:
        house.client.moderations.create(model=model, input="hello")
    assert refused.value.status_code == status
    assert house.backend.received == []


@pytest.mark.parametrize("said", [None, 5, [], [1, 2], ["a", {"type": "text", "text": "b"}], {"type": "text", "text": "a"}])
def test_other_inputs_are_refused(house: House, said: Any) -> None:
    refused = house.gateway.http.post("/moderations", json={"model": "guard", "input": said})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "input")


def test_a_model_is_named(house: House) -> None:
    with pytest.raises(BadRequestError) as refused:
        house.client.moderations.create(input="hello")
    assert refused.value.param == "model"


def test_it_is_described(house: House) -> None:
    root = house.gateway.base_url.removesuffix("/v1")
    described = house.gateway.http.get(f"{root}/openapi.json").json()["paths"]
    assert described["/v1/moderations"]["post"]["operationId"] == "moderations"
