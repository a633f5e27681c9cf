"""Promise 1 over all that the OpenAI SDK can write: requests made of its own types, with a value planted in every string.

A request is sent on without any of the values, or it is refused in OpenAI's shape, and quotes none of them. What may be in a
request unread is written down here: the model's name, which is policy's own word, and which fields are refused.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.disk import files_of
from tests.support.gateway import MODEL, RunningGateway, policy_text, running_gateway
from tests.support.otlp import Collector, collecting
from tests.support.planted import Planter, planters, seen_in, traces_in
from tests.support.script import plain
from tests.support.sdk_requests import REQUESTS, Json, packed, sendable, smallest_bodies, together
from tests.support.sdk_types import by_chance, smallest, ways

EXAMPLES = int(os.environ.get("SDK_EXAMPLES", "120"))
"""Requests by chance. `SDK_EXAMPLES=5000 pytest tests/promises/test_1c*` looks further."""
TENANT = """
entities: {default: placeholder, CREDIT_CARD: mask}
reply: {restore: true}
record: {content: redacted}
allow_uninspected: [image, audio, file, tokens, stored]
"""
PRINCIPALS = "{app: {}, strict: {allow_uninspected: []}}"
ANYTHING = plain({"id": "a1", "object": "response", "model": MODEL, "choices": [], "output": [], "data": []})
REFUSED = {"stateful_request", "uninspectable_content", "malformed_body"}


@dataclass(frozen=True)
class Scene:
    gateway: RunningGateway
    backend: ScriptedBackend
    collector: Collector
    folder: Path
    planters: Iterator[Planter]
    strict: str
    planted: set[str] = field(default_factory=set)

    def send(self, surface: str, body: Json, values: Collection[str], key: str | None = None) -> httpx.Response:
        """Checks the property, whatever becomes of the request."""
        self.backend.received.clear()
        self.backend.forget_wire()
        self.planted.update(values)
        headers = {"authorization": f"Bearer {key or self.gateway.key}"}
        answer = self.gateway.http.post(f"/{surface}", json=sendable(surface, body), headers=headers)
        assert seen_in(self.backend.wire_bytes, values) == [], body
        assert answer.status_code == 200 or refused(answer, values), answer.text
        return answer


def refused(answer: httpx.Response, values: Collection[str]) -> bool:
    error = answer.json()["error"]
    typed = error.keys() == {"message", "type", "param", "code"} and error["code"] in REFUSED
    return answer.status_code == 400 and typed and seen_in(answer.content, values) == []


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("planted")
    with collecting() as collector, backend_in_thread() as backend:
        backend.reply_with(ANYTHING)
        environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        policy = policy_text(backend.url, tenant=TENANT, principals=PRINCIPALS)
        with running_gateway(folder, policy, environ=environ) as gateway:
            yield Scene(gateway, backend, collector, folder, planters(1), gateway.issue("strict"))


@pytest.mark.parametrize("surface", REQUESTS)
def test_every_leaf_of_a_request_is_read(surface: str, scene: Scene) -> None:
    """Where policy lets images and the like through, the texts beside them are still read."""
    planter = next(scene.planters)

    def passes(body: Json) -> bool:
        values = traces_in(json.dumps(body).encode(), planter.planted)
        return scene.send(surface, body, values).status_code == 200

    sent = 0
    for pack in packed(smallest_bodies(REQUESTS[surface], planter.plain)):
        sent += len(pack) if passes(together(pack)) else sum(map(passes, pack))
    assert sent > 0.9 * len(list(ways(REQUESTS[surface])))


@pytest.mark.parametrize("surface", REQUESTS)
def test_where_nothing_goes_uninspected(surface: str, scene: Scene) -> None:
    chosen = list(ways(REQUESTS[surface]))
    for way, planter in zip(Random(2).sample(chosen, min(len(chosen), EXAMPLES)), scene.planters, strict=False):
        scene.send(surface, smallest(REQUESTS[surface], way, planter.dressed), planter.planted, scene.strict)


def test_requests_by_chance(scene: Scene) -> None:
    rng, sent = Random(3), 0
    for planter in islice(scene.planters, EXAMPLES):
        surface = rng.choice([*REQUESTS, "chat/completions", "responses"])
        body = by_chance(REQUESTS[surface], rng, planter.dressed)
        planter.add_unknown(body)
        sent += scene.send(surface, body, planter.planted, rng.choice([scene.strict, None])).status_code == 200
    assert sent > EXAMPLES / 3


def test_nothing_planted_rests_anywhere(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for surface, tp in REQUESTS.items():
        planter = next(scene.planters)
        scene.send(surface, by_chance(tp, Random(4), planter.dressed), planter.planted)
    last = scene.gateway.records(1)[-1]
    exported = scene.collector.wait_for(last.call_id.encode())
    files = [raw for file, raw in files_of(scene.folder).items() if file.name != "policy.yaml"]
    logged = [line.getMessage().encode() for line in caplog.records if not line.name.startswith(("httpx", "httpcore"))]
    assert [traces_in(raw, scene.planted) for raw in (exported, *files, *logged) if traces_in(raw, scene.planted)] == []
