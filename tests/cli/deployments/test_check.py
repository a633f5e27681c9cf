"""Backends are asked what they serve, in the shapes in which each kind of server tells it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.commands import cli
from gateway.cli.common.policy import opened
from gateway.cli.deployments.check import answers_of
from tests.accounting.conftest import write_tokenizer
from tests.support.backend import ScriptedBackend, backend_in_thread
from tests.support.certificates import authority
from tests.support.script import Request, Script, html, plain
from tests.upstream.test_tls import serving

DIGEST = "0a1b" * 16
ANSWERS: dict[str, dict[str, Any]] = {
    "ollama": {
        "/v1/models": {"object": "list", "data": [{"id": "qwen3:latest", "object": "model", "owned_by": "library"}]},
        "/api/tags": {"models": [{"name": "qwen3:latest", "model": "qwen3:latest", "digest": DIGEST, "size": 1}]},
        "/api/version": {"version": "0.12.3"},
    },
    "tgi": {
        "/v1/models": {"object": "list", "data": [{"id": "qwen3", "object": "model"}]},
        "/info": {"model_id": "qwen3", "model_sha": "abc123", "version": "3.3.4"},
    },
    "sglang": {
        "/v1/models": {"object": "list", "data": [{"id": "qwen3", "object": "model"}]},
        "/get_model_info": {"model_path": "qwen3", "weight_version": "abc123"},
    },
    "vllm": {
        "/v1/models": {"object": "list", "data": [{"id": "qwen3", "object": "model", "root": "qwen3"}]},
        "/version": {"version": "0.11.0"},
    },
}


def policy_file(folder: Path, url: str, fields: str) -> Path:
    policy = folder / "policy.yaml"
    policy.write_text(
        f'version: 1\ndeployments:\n  gpu: {{base_url: "{url}", {fields}}}\nmodels:\n  m: {{deployments: [gpu]}}\n'
        "tenants: {acme: {models: [m], principals: {app: {}}}}\n"
    )
    return policy


def check(folder: Path, url: str, fields: str, *options: str, key: str = "") -> Result:
    command = ["deployments", "check", "--policy", str(policy_file(folder, url, fields)), *options]
    return CliRunner().invoke(cli, command, env={"KEY": key} if key else {})


def serve(backend: ScriptedBackend, answers: dict[str, Any]) -> None:
    def answer(request: Request) -> Script:
        found = answers.get(request.path)
        return html(404) if found is None else plain(found)

    backend.reply_with(answer)


@pytest.mark.parametrize(
    ("server", "fields", "results"),
    [
        ("ollama", f"digest: 'sha256:{DIGEST}'", {"model": "same", "digest": "same"}),
        ("ollama", f"digest: 'sha256:{'ff' * 32}'", {"model": "same", "digest": "differs"}),
        ("tgi", "version: abc123", {"model": "same", "version": "same"}),
        ("tgi", "version: abc124", {"model": "same", "version": "differs"}),
        ("sglang", "version: abc123", {"model": "same", "version": "same"}),
        ("vllm", f"version: '1', digest: 'sha256:{DIGEST}'", {"model": "same", "version": "untold", "digest": "untold"}),
    ],
)
def test_each_server_tells_what_it_can(tmp_path: Path, server: str, fields: str, results: dict[str, str]) -> None:
    with backend_in_thread() as backend:
        serve(backend, ANSWERS[server])
        wanted = f"server: {server}, model: qwen3, {fields}"
        done = check(tmp_path, backend.url, wanted, "--json")
        strict = check(tmp_path, backend.url, wanted, "--strict")
    found = [json.loads(line) for line in done.output.splitlines()]
    assert {one["what"]: one["result"] for one in found} == results
    assert done.exit_code == (1 if "differs" in results.values() else 0)
    assert strict.exit_code == (0 if set(results.values()) == {"same"} else 1)


def test_another_model_is_a_difference_and_is_named(tmp_path: Path) -> None:
    with backend_in_thread() as backend:
        serve(backend, ANSWERS["vllm"])
        done = check(tmp_path, backend.url, "server: vllm")
    assert done.exit_code == 1
    assert done.output.split() == ["differs", "gpu", "model", "policy:", "m", "backend:", "qwen3"]


def test_where_nothing_is_pinned_it_says_so(tmp_path: Path) -> None:
    with backend_in_thread() as backend:
        serve(backend, {})
        done = check(tmp_path, backend.url, "server: llama.cpp")
        as_json = check(tmp_path, backend.url, "server: llama.cpp", "--json")
    assert (done.exit_code, done.stdout) == (0, "gpu: nothing is pinned\n")
    assert as_json.stdout == ""


def test_the_backends_key_is_sent_and_not_shown(tmp_path: Path) -> None:
    with backend_in_thread() as backend:
        serve(backend, ANSWERS["vllm"])
        done = check(tmp_path, backend.url, "model: qwen3, api_key: {env: KEY}", key="sk-secret")
        assert {request.headers["authorization"] for request in backend.received} == {"Bearer sk-secret"}
    assert (done.exit_code, "sk-secret" in done.output) == (0, False)


def test_one_that_does_not_answer_is_unreachable(tmp_path: Path) -> None:
    done = check(tmp_path, "http://127.0.0.1:9/v1", "server: vllm")
    assert (done.exit_code, done.output.split()) == (1, ["unreachable", "gpu", "backend"])


@pytest.mark.parametrize("body", ["[]", "nonsense", '{"data": "x"}', '{"data": [{"id": 7}, 7]}'])
def test_what_it_says_is_not_trusted(tmp_path: Path, body: str) -> None:
    with backend_in_thread() as backend:
        backend.reply_with(lambda _: Script(body=body.encode()))
        done = check(tmp_path, backend.url, "server: ollama, model: qwen3", "--json")
    assert [json.loads(line)["result"] for line in done.output.splitlines()] == ["untold"]


def test_a_tokenizer_is_read(tmp_path: Path) -> None:
    with backend_in_thread() as backend:
        serve(backend, ANSWERS["vllm"])
        write_tokenizer(tmp_path / "good.json")
        good = check(tmp_path, backend.url, "model: qwen3, tokenizer: good.json")
        bad = check(tmp_path, backend.url, "model: qwen3, tokenizer: none.json")
    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "unreadable   gpu  tokenizer  policy: none.json  backend: there is no such file" in bad.output


def test_a_deployment_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert check(tmp_path, "http://127.0.0.1:9/v1", "server: vllm", "no-such").exit_code == 2


async def test_a_backend_is_reached_with_the_certificates_that_policy_names(tmp_path: Path) -> None:
    """It asks who calls, and its own certificate is of an authority that the system does not know."""
    ca = authority(tmp_path)
    cert_file, key_file = ca.issue("gateway")
    tls = f'tls: {{ca_file: "{ca.file}", cert_file: "{cert_file}", key_file: "{key_file}"}}'
    async with serving(ca.issue("backend"), clients_of=ca.file) as url:
        policy_file(tmp_path, url, tls)
        gpu = opened(tmp_path / "policy.yaml").compiled.deployments["gpu"]
        assert set((await answers_of(gpu))["/v1/models"]) == {"choices"}
        cert_file.unlink()
        assert await answers_of(gpu) == {}
